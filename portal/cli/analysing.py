"""flask analyse: the whole statistics on a file, without a database."""

import json
import sys

import click

from portal.cli.analysis_text import report_text
from portal.statistics.analyse import AnalysisRefused, analyse_file


def _show_progress(step: str) -> None:
    if sys.stderr.isatty():
        click.echo(step, err=True)


@click.command("analyse")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@click.option("--as-of", type=int, metavar="DAY", help="What was known at the end of that day.")
@click.option("--half-life", type=click.FloatRange(min=1), metavar="DAYS", help="Let answers fade.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def analyse_command(file: str, as_of: int | None, half_life: float | None, as_json: bool) -> None:
    """Score, habits and levers of a CSV file of candidates (columns: statistics.md section 7)."""
    try:
        result = analyse_file(file, as_of, half_life, _show_progress)
    except AnalysisRefused as refusal:
        click.echo(f"Error: {refusal}", err=True)
        raise SystemExit(2) from refusal
    click.echo(json.dumps(result) if as_json else report_text(result))
