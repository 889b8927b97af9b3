"""Charts to take away: those of a page, each as a file of its own, with the page's permission."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import is_dataclass, replace
from datetime import tzinfo
from functools import cache
from pathlib import Path
from typing import Any

from flask import Response, abort

from portal import figures, formatting
from portal.config import settings
from portal.figures import END_ISOLATE, ISOLATE, Chart
from portal.language import gettext
from portal.reputation import Dashboard
from portal.web import policy

STATIC = Path(__file__).parents[1] / "static"
PAPER = "#ffffff"
WORDS = """
svg {
  font-family: var(--sans);
}
.p-paper {
  fill: var(--halo);
}
.p-title,
.p-words {
  fill: var(--ink);
  font-size: 13px;
}
.p-title {
  font-size: 18px;
  font-weight: 600;
}
.p-note {
  fill: var(--muted);
  font-size: 12px;
}
"""


def with_files(facts: Mapping[str, Any], address: Callable[[str], str]) -> dict[str, Any]:
    """FACTS of a page, each chart in them with the ADDRESS of its file."""
    return {name: _with_file(value, address) for name, value in facts.items()}


def _with_file(value: Any, address: Callable[[str], str]) -> Any:
    if isinstance(value, Chart):
        return replace(value, file=address(value.name)) if value.name else value
    if not any(True for _ in _charts(value)):
        return value
    if isinstance(value, list | tuple):
        return type(value)(_with_file(one, address) for one in value)
    return replace(value, **{name: _with_file(one, address) for name, one in vars(value).items()})


def _charts(value: Any) -> Iterator[Chart]:
    """The charts in the facts of a page, alone, beside their titles or within larger facts."""
    if isinstance(value, Chart):
        yield value
    elif isinstance(value, list | tuple) or is_dataclass(value):
        for one in value if isinstance(value, list | tuple) else vars(value).values():
            yield from _charts(one)


def send(
    pages: Iterable[Mapping[str, Any]], name: str, board: Dashboard, zone: str | tzinfo
) -> Response:
    """The chart called NAME among the facts of PAGES as a file; 404 where none shows it."""
    shown = (chart for facts in pages for value in facts.values() for chart in _charts(value))
    chart = next((one for one in shown if one.name == name), None)
    if chart is None:
        abort(404)
    employer = board.employer
    source = ("Heardback", settings().BASE_URL, f"{ISOLATE}{employer.name}{END_ISOLATE}")
    notes = [_as_of(chart, board, zone), ", ".join(source)]
    response = Response(figures.picture(chart, notes, style()), mimetype="image/svg+xml")
    response.headers["Content-Security-Policy"] = policy.of_picture(style())
    response.headers.set(
        "Content-Disposition", "attachment", filename=f"{employer.slug}-{name}.svg"
    )
    return response


def _as_of(chart: Chart, board: Dashboard, zone: str | tzinfo) -> str:
    if chart.is_record or not board.reputation:
        return gettext("As of %(day)s", day=formatting.day(board.as_of, zone))
    day = formatting.day(board.reputation.as_of)
    return gettext("Answers released up to %(day)s", day=day)


@cache
def style() -> str:
    """The looks of charts as a file needs them: the pages' own, light, without variables."""
    tokens: dict[str, str] = dict(
        re.findall(r"--([\w-]+): ([^;]+);", (STATIC / "base.css").read_text().split("@media")[0])
    )
    tokens["halo"] = PAPER
    sheet = (STATIC / "pages.css").read_text()
    charts = sheet.partition("/* charts ---")[2].partition("/* forced colours")[0]
    rules = re.findall(r"^((?:\.c-|\.chart-svg)[^{}]* \{[^{}]*\})", charts, re.MULTILINE)
    said = WORDS + "\n".join(rule for rule in rules if "padding" not in rule)

    def value(found: re.Match[str]) -> str:
        return tokens.get(found[1]) or tokens[found[2]]

    return re.sub(r"var\(--([\w-]+)(?:, var\(--([\w-]+)\))?\)", value, said)
