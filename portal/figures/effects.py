"""The chart of levers: what-ifs in stars with their intervals, around the line of no difference.

Never says that one thing makes another: the words are those of `levers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from markupsafe import Markup

from portal import formatting
from portal.figures import levers, svg
from portal.figures.svg import Chart, Table
from portal.language import gettext

ROW = 76  # pixels of one lever
NEAR = 0.1  # of the width: a figure this near to the line of no difference stands on it


@dataclass(frozen=True)
class Effect:
    """One what-if: the difference in the mean rating in stars, with its 95 % limits."""

    label: str
    stars: float
    low: float
    high: float


def effects(chart_id: str, items: Sequence[Effect], *, is_own: bool = True) -> Chart:
    """Dots and whiskers on one common scale; the vertical line is no difference.

    A hollow dot: no clear difference. Diamonds: not the employer's own (`is_own` false).
    """
    if not items:
        return svg.nothing(gettext("No lever can be shown yet."))
    low, high = _scale(items)
    finding = " ".join(levers.brief(item.label, item) for item in items)
    parts: list[Markup] = []
    top = 0.0
    for item in items:
        parts += _effect(item, top, low, high, is_own=is_own)
        top += ROW
    parts.append(svg.rule(0, top, 1, top, "c-axis"))
    parts += [
        svg.above(_tick_words(stars), _place(stars, low, high), top + 17, look="c-quiet")
        for stars in _ticks(low, high)
    ]
    picture = svg.frame(chart_id, _title(), finding, top + 25, *parts, gutter="chart-svg--inset")
    return Chart(picture, svg.data_table(chart_id, _table(items)), finding)


def _title() -> str:
    return gettext("If the pattern held for everybody: difference in stars")


def _scale(items: Sequence[Effect]) -> tuple[float, float]:
    """From the lowest limit to the highest, zero always among them, with a little air."""
    low = min(0.0, *(item.low for item in items))
    high = max(0.0, *(item.high for item in items))
    air = max(high - low, 0.1) * 0.06
    return low - air, high + air


def _place(stars: float, low: float, high: float) -> float:
    return (stars - low) / (high - low)


def _ticks(low: float, high: float) -> list[float]:
    """Round differences on the scale, zero always among them; they keep apart at 320 px."""
    step = next(step for step in (0.1, 0.5, 1.0, 2.0) if high - low <= 5 * step)
    return [step * at for at in range(ceil(low / step), floor(high / step) + 1)]


def _tick_words(stars: float) -> str:
    return formatting.signed(stars, 1) if stars else "0"


def _effect(item: Effect, top: float, low: float, high: float, *, is_own: bool) -> list[Markup]:
    def place(stars: float) -> float:
        return _place(stars, low, high)

    middle, at = top + 58, place(item.stars)
    below_figure = top + 48
    is_near_zero = abs(at - place(0)) < NEAR
    dot = "c-dot" if levers.is_clear(item) else "c-dot-open"
    return [
        *(
            svg.rule(place(stars), below_figure, place(stars), top + ROW, "c-grid")
            for stars in _ticks(low, high)
            if stars
        ),
        # Piecewise, so that the line of no difference never runs through a label or a figure.
        svg.rule(
            place(0), below_figure if is_near_zero else top + 24, place(0), top + ROW, "c-axis"
        ),
        svg.text(item.label, 0, top + 16, look="c-halo"),
        svg.whisker(
            place(item.low), place(item.high), middle, "c-whisker" if is_own else "c-whisker-other"
        ),
        svg.dot(at, middle, dot) if is_own else svg.diamond(at, middle, size=7),
        svg.above(formatting.signed(item.stars, 1), at, middle - 14, look="c-strong c-halo"),
    ]


def _table(items: Sequence[Effect]) -> Table:
    rows = [
        [
            item.label,
            formatting.signed(item.stars, 1),
            formatting.interval_short(
                formatting.signed(item.low, 1),
                formatting.signed(item.high, 1),
            ),
            "" if levers.is_clear(item) else levers.no_clear_difference(),
        ]
        for item in items
    ]
    heads = [gettext("What if"), gettext("Stars"), formatting.range_heading()]
    return Table(_title(), [*heads, gettext("Note")], rows)
