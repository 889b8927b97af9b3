"""The chart of levers: what-ifs in stars with their intervals, around the line of no difference.

Never says cause: the words are "would be", "about", "no clear difference".
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask_babel import gettext
from markupsafe import Markup

from portal import formatting
from portal.web.charts import svg
from portal.web.charts.svg import Chart, Table


@dataclass(frozen=True)
class Effect:
    """One what-if: the change of the mean rating in stars, with its 95 % limits."""

    label: str
    stars: float
    low: float
    high: float


def effects(chart_id: str, items: Sequence[Effect], locale: str | None = None) -> Chart:
    """Dots and whiskers on one common scale; the vertical line is no difference."""
    if not items:
        return svg.nothing(gettext("No lever can be shown yet."))
    locale = svg.reader_locale(locale)
    low, high = _scale(items)

    def place(stars: float) -> float:
        return (stars - low) / (high - low)

    finding = " ".join(_effect_words(item, locale) for item in items)
    bottom = 54 * len(items)
    parts: list[Markup] = [
        svg.above(gettext("no difference"), place(0), bottom + 20, look="c-quiet"),
    ]
    for row, item in enumerate(items):
        top = 54 * row
        parts += [
            # Piecewise, so that the line of no difference never runs through a label.
            svg.rule(place(0), top + 24, place(0), top + 52, "c-axis"),
            svg.text(item.label, 0, top + 16, look="c-halo"),
            svg.text(
                formatting.signed(item.stars, 1, locale),
                1,
                top + 16,
                look="c-strong c-halo",
                anchor="end",
            ),
            svg.whisker(place(item.low), place(item.high), top + 36),
            svg.dot(place(item.stars), top + 36),
        ]
    title = gettext("What would move the score, in stars")
    picture = svg.frame(chart_id, title, finding, bottom + 28, *parts, gutter="chart-svg--inset")
    return Chart(picture, svg.data_table(chart_id, _table(items, locale)), finding)


def _scale(items: Sequence[Effect]) -> tuple[float, float]:
    """From the lowest limit to the highest, zero always among them, with a little air."""
    low = min(0.0, *(item.low for item in items))
    high = max(0.0, *(item.high for item in items))
    air = max(high - low, 0.1) * 0.06
    return low - air, high + air


def _effect_words(item: Effect, locale: str) -> str:
    if item.low <= 0 <= item.high:
        return gettext("%(label)s: no clear difference.", label=item.label)
    return gettext(
        "%(label)s: about %(stars)s stars (%(range)s).",
        label=item.label,
        stars=formatting.signed(item.stars, 1, locale),
        range=_limits(item, locale),
    )


def _limits(item: Effect, locale: str) -> str:
    return formatting.interval_short(
        formatting.signed(item.low, 1, locale), formatting.signed(item.high, 1, locale), locale
    )


def _table(items: Sequence[Effect], locale: str) -> Table:
    rows = [
        [item.label, formatting.signed(item.stars, 1, locale), _limits(item, locale)]
        for item in items
    ]
    heads = [gettext("What if"), gettext("Stars"), formatting.range_heading(locale)]
    return Table(gettext("What would move the score, in stars"), heads, rows)
