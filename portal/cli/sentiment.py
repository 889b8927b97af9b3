"""flask sentiment: the text estimate on its own; what concerns this site's answers is rescoring's.

Everything that loads TextBlob is imported inside the commands: the web process must not have it.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click
from flask.cli import AppGroup

from portal.cli.common import json_option, refuse, report
from portal.cli.rescoring import recalibrate_site, rescore

if TYPE_CHECKING:
    from portal.sentiment.results import Sentiment

sentiment_group = AppGroup("sentiment", help="What the software reads in comments.")
sentiment_group.add_command(rescore)

file_argument = click.argument("file", type=click.Path(path_type=Path))
_FIGURES = (
    *("auc", "macro_f1", "negative_recall", "negative_precision", "ece"),
    *("coverage", "definite_accuracy"),
)


@sentiment_group.command("score", with_appcontext=False)
@click.argument("text")
@click.option("--language", metavar="CODE", help="Of the text; told from its words without it.")
@json_option
def score(text: str, language: str | None, as_json: bool) -> None:
    """The estimate for one TEXT, the phrases that moved it, and what it speaks of."""
    from portal.sentiment.analyzer import analyze

    # A byte the terminal's encoding does not know would stop the JSON half-way
    found = analyze(text.encode("utf-8", "replace").decode("utf-8"), language)
    report(found._asdict(), as_json, "\n".join(_score_lines(found)))


@sentiment_group.command("evaluate", with_appcontext=False)
@file_argument
@json_option
@click.option("--rows", "rows_file", type=click.Path(path_type=Path), help="A JSON line per row.")
def evaluate(file: Path, as_json: bool, rows_file: Path | None) -> None:
    """Measure the estimate on a labelled CSV or CSV.gz FILE (column: text; label, stars, ...)."""
    from portal.sentiment.evaluation import BadInput, as_json_lines, read_rows
    from portal.sentiment.evaluation import evaluate as measure

    try:
        found = measure(read_rows(file))
        if rows_file is not None:
            rows_file.write_text("".join(as_json_lines(found.rows)), encoding="utf-8")
    except BadInput as error:
        _stop(str(error))
    except OSError as error:
        _stop(f"{rows_file}: {error.strerror}")
    report(found.report, as_json, "\n".join(_report_lines(found.report)))


@sentiment_group.command("train", with_appcontext=False)
@click.option("--base", type=click.Path(path_type=Path), help="The licence-clean sentences.")
@click.option("--out", type=click.Path(path_type=Path), help="The file of weights to write.")
@click.option("--language", type=click.Choice(("en", "fr")), default="en", show_default=True)
@click.option("--dry-run", is_flag=True, help="Of this site's fit: report, and keep nothing.")
@json_option
def train(base: Path | None, out: Path | None, language: str, dry_run: bool, as_json: bool) -> None:
    """Fit the estimates to the stars given on this site; `rescore --activate` then uses the fit.

    With --base FILE --out MODEL.json: rebuild the shipped weights of one language instead.
    """
    if base is None and out is None:
        recalibrate_site(dry_run, as_json)
        return
    if out is None or (base is None and language == "en"):
        refuse("Give --base FILE and --out MODEL.json, or neither.")
    from portal.sentiment import training

    try:
        provenance = training.train(base, out, language)
    except (training.TrainingUnavailable, training.BadTrainingFile, OSError) as error:
        refuse(str(error))
    report(provenance, as_json, f"{out}: {json.dumps(provenance, ensure_ascii=False)}")


def _stop(message: str) -> NoReturn:
    click.echo(f"Error: {message}", err=True)
    raise SystemExit(2)


def _score_lines(found: "Sentiment") -> list[str]:
    if found.status == "not_scored":
        return [f"not scored: {found.reason}"]
    lines = [f"{found.status}, leaning {found.label}: text estimate {found.score} of 100"]
    lines += [f"  {phrase['weight']:+.2f}  {phrase['text']}" for phrase in found.phrases]
    lines += [f"speaks of {words['aspect']}: {words['text']}" for words in found.aspect_words]
    return lines


def _report_lines(found: dict[str, Any]) -> list[str]:
    lines = [
        f"{found['n']} rows, {found['n_polar']} of them positive or negative; "
        f"{found['unclear']} unclear, {sum(found['not_scored'].values())} not scored"
    ]
    lines += [f"  {name:18} {_number(found[name])}" for name in _FIGURES]
    for source, figures in found["by_source"].items():
        numbers = "  ".join(f"{name} {_number(figures[name])}" for name in _FIGURES)
        lines.append(f"{source or '(no source)'}, {figures['n']} rows: {numbers}")
    return lines


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
