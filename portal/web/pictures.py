"""Figures and charts on a page, marked with whose they are; and each chart as a file to take away.

A file is open to who may see the page, and only while the page shows the chart.
"""

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
from portal.figures import Chart, Figure
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


def placed(
    facts: Mapping[str, Any], scope: str, address: Callable[[str], str] | None = None
) -> dict[str, Any]:
    """FACTS of a page, each figure and chart in them marked with SCOPE: whose they are.

    address: of the file of a chart, by its name, where there is one.
    """
    return {name: _placed(value, scope, address) for name, value in facts.items()}


def _placed(value: Any, scope: str, address: Callable[[str], str] | None) -> Any:
    if isinstance(value, Chart):
        file = address(value.name) if address and value.name else ""
        return replace(value, scope=scope, file=file)
    if isinstance(value, Figure):
        return replace(value, scope=f"{scope}:{value.scope}" if value.scope else scope)
    if isinstance(value, list | tuple):
        made = (_placed(one, scope, address) for one in value)
        return type(value)(*made) if hasattr(value, "_fields") else type(value)(made)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{name: _placed(one, scope, address) for name, one in vars(value).items()}
        )
    return value


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
    source = ("Heardback", settings().BASE_URL, figures.isolated(employer.name))
    notes = [note for note in (_as_of(chart, board, zone), ", ".join(source)) if note]
    response = Response(figures.picture(chart, notes, style()), mimetype="image/svg+xml")
    response.headers["Content-Security-Policy"] = policy.of_picture(style())
    response.headers.set(
        "Content-Disposition", "attachment", filename=f"{employer.slug}-{name}.svg"
    )
    return response


def _as_of(chart: Chart, board: Dashboard, zone: str | tzinfo) -> str:
    if chart.as_of is not None:
        return chart.as_of
    if chart.is_record or not board.reputation:
        return figures.as_of(board.as_of, zone)
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
