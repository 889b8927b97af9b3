"""flask sentiment: the text estimate on its own; what concerns this site's answers is rescoring's.

Everything that loads TextBlob is imported inside the commands: the web process must not have it.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click
from flask.cli import AppGroup

from portal.cli.common import json_option, report
from portal.cli.rescoring import rescore, train

if TYPE_CHECKING:
    from portal.sentiment.results import Sentiment

sentiment_group = AppGroup("sentiment", help="What the software reads in comments.")
sentiment_group.add_command(rescore)
sentiment_group.add_command(train)


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
@click.argument("file", type=click.Path(path_type=Path))
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
