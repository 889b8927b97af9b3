"""flask analyse: the whole statistics on a file, without a database."""

import json
import sys
from datetime import UTC, date, datetime
from typing import Any

import click

from portal.analysis import AnalysisRefused, analyse_file, as_printed, dated
from portal.candidate_files import FileRefused
from portal.candidate_files.faults import show
from portal.cli.analysis_text import report_text
from portal.cli.file_options import plan_options, read_plan
from portal.statistics.moments import ROLE_FAMILIES

COLUMNS = {
    "employer_id": "Whose candidate: any text.",
    "decision_day": "Day of the decision: a whole number, days from any origin.",
    "role_family": f"{', '.join(ROLE_FAMILIES)}; anything else counts as other.",
    "stage": "How far the person came: screen, interview or final.",
    "outcome": "hired, offer_declined, rejected or withdrawn.",
    "told_after_days": "Days from the decision to being told, 0 or more; blank: not told.",
    "channel": "none, phone, in_person, email, letter or portal; blank: none.",
    "promise_made": "0 or 1: an answer by some day was promised; blank: 0.",
    "promise_days": "Days after the decision by which it was promised; blank: no day.",
    "promise_kept": "0 or 1; a promise made and not kept counts as broken; blank: 0.",
    "feedback_given": "0 or 1: reasons were given; blank: 0.",
    "recorded_told": "0 or 1: the employer's records say that they were told; blank: 0.",
    "answered": "0 or 1: the person answered the survey; blank: 0.",
    "rating": "1 to 5 stars of who answered.",
    "reported_told": "0 or 1: the person says that they were told; blank: 0.",
}


def _show_progress(step: str) -> None:
    if sys.stderr.isatty():
        click.echo(step, err=True)


def _warn(what: str) -> None:
    click.echo(f"Warning: {what}", err=True)


def _print_dictionary(context: click.Context, _option: click.Parameter, is_asked: bool) -> None:
    if is_asked:
        width = max(map(len, COLUMNS))
        for title, columns in (
            ("Either, days counted from any origin:", COLUMNS),
            ("Or with dates, as `flask import` takes them:", dated.COLUMNS),
        ):
            click.echo(title)
            for name, meaning in columns.items():
                click.echo(f"  {name:<{width}}  {meaning}")
        context.exit()


class _Day(click.ParamType[int | date]):
    """A whole number, as the file counts days, or a date."""

    name = "day"

    def convert(
        self, value: str, param: click.Parameter | None, ctx: click.Context | None
    ) -> int | date:
        try:
            return int(value)
        except ValueError:
            pass
        try:
            return date.fromisoformat(value)
        except ValueError:
            return self.fail(f"{show(value)} is neither a whole number nor a date like 2026-11-23")


@click.command("analyse")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True))
@plan_options
@click.option("--as-of", type=_Day(), metavar="DAY", help="What was known at the end of that day.")
@click.option("--half-life", type=click.FloatRange(min=1), metavar="DAYS", help="Let answers fade.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.option(
    "--dictionary",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_dictionary,
    help="Print the columns that the file needs and what they mean, and end.",
)
def analyse_command(
    file: str, as_of: int | date | None, half_life: float | None, as_json: bool, **said: Any
) -> None:
    """Score, habits and levers of a file of candidates: whatever `flask import` reads (- is
    standard input).

    One row for each candidate who was decided upon and asked, columns in any order; --dictionary
    lists them. An export of past applications with dates will do: the fields of `flask import` and,
    if you have it, a `rating`.
    """
    try:
        today = datetime.now(UTC).astimezone().date()
        plan = read_plan(**said)
        result = analyse_file(
            file, as_of, half_life, _show_progress, plan=plan, warn=_warn, today=today
        )
    except (AnalysisRefused, FileRefused) as refusal:
        click.echo("\n  ".join([f"Error: {refusal}", *map(str, refusal.others)]), err=True)
        raise SystemExit(2) from refusal
    click.echo(json.dumps(as_printed(result)) if as_json else report_text(result))
