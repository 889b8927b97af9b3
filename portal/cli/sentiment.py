"""flask sentiment: the text estimate on its own; what concerns this site's answers is rescoring's.

Everything that loads TextBlob is imported inside the commands: the web process must not have it.
"""

from typing import TYPE_CHECKING

import click
from flask.cli import AppGroup

from portal.cli.common import json_option, report
from portal.cli.rescoring import rescore, train

if TYPE_CHECKING:
    from portal.sentiment.results import Sentiment

sentiment_group = AppGroup("sentiment", help="What the software reads in comments.")
sentiment_group.add_command(rescore)
sentiment_group.add_command(train)


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


def _score_lines(found: "Sentiment") -> list[str]:
    if found.status == "not_scored":
        return [f"not scored: {found.reason}"]
    lines = [f"{found.status}, leaning {found.label}: text estimate {found.score} of 100"]
    lines += [f"  {phrase['weight']:+.2f}  {phrase['text']}" for phrase in found.phrases]
    lines += [f"speaks of {words['aspect']}: {words['text']}" for words in found.aspect_words]
    return lines
