"""The chart of levers: what-ifs in stars with their intervals, around the line of no difference.

Never says that one thing makes another: the words are those of `levers`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import ceil, floor

from markupsafe import Markup

from portal import formatting
from portal.figures import levers, rows, svg
from portal.figures.rows import Row
from portal.figures.svg import Chart, Table
from portal.language import gettext


@dataclass(frozen=True)
class Effect:
    """One what-if: the difference in the mean rating in stars, with its 95 % limits."""

    label: str
    stars: float
    low: float
    high: float


def effects(
    chart_id: str,
    items: Sequence[Effect],
    *,
    is_own: bool = True,
    n: str = "",
    as_of: str | None = None,
) -> Chart:
    """Dots and whiskers on one common scale; the one vertical line is no difference.

    A hollow dot: no clear difference. Diamonds: not the employer's own (`is_own` false).
    n: what they were estimated from; as_of: of when it is, as in `Chart`.
    """
    if not items:
        return svg.nothing(gettext("No lever can be shown yet."))
    low, high = _scale(items)
    zero = _place(0, low, high)
    drawn, bottom = rows.draw([_row(item, low, high, is_own=is_own) for item in items], zero)
    parts = [
        *_grid(low, high, bottom),
        svg.rule(zero, 0, zero, bottom, "c-zero"),
        *drawn,
        *(
            svg.above(_tick_words(stars), _place(stars, low, high), bottom + 17, look="c-quiet")
            for stars in _ticks(low, high)
        ),
    ]
    return svg.chart(
        chart_id,
        _title(),
        " ".join(levers.brief(item.label, item) for item in items),
        bottom + 25,
        parts,
        _table(items),
        gutter="chart-svg--column",
        n=n,
        as_of=as_of,
    )


def _title() -> str:
    return gettext("If the pattern held for everybody: difference in stars")


def _scale(items: Sequence[Effect]) -> tuple[float, float]:
    """From the lowest limit to the highest, with a little air; zero among them, if need be an end.

    So where all are above it, names that stand above their rows begin beside its line.
    """
    low = min(0.0, *(item.low for item in items))
    high = max(0.0, *(item.high for item in items))
    air = max(high - low, 0.1) * 0.06
    return low - air if low else 0.0, high + air if high or not low else 0.0


def _place(stars: float, low: float, high: float) -> float:
    return (stars - low) / (high - low)


def _ticks(low: float, high: float) -> list[float]:
    """Round differences on the scale, zero always among them; they keep apart at 320 px."""
    step = next(step for step in (0.1, 0.5, 1.0, 2.0) if high - low <= 5 * step)
    return [step * at for at in range(ceil(low / step), floor(high / step) + 1)]


def _tick_words(stars: float) -> str:
    return formatting.signed(stars, 1) if stars else "0"


def _grid(low: float, high: float, bottom: float) -> list[Markup]:
    return [
        svg.rule(at, 0, at, bottom, "c-grid")
        for at in (_place(stars, low, high) for stars in _ticks(low, high) if stars)
    ]


def _row(item: Effect, low: float, high: float, *, is_own: bool) -> Row:
    dot = "c-dot" if levers.is_clear(item) else "c-dot-open"
    return Row(
        item.label,
        formatting.signed(item.stars, 1),
        formatting.interval_short(formatting.signed(item.low, 1), formatting.signed(item.high, 1)),
        at=_place(item.stars, low, high),
        low=_place(item.low, low, high),
        high=_place(item.high, low, high),
        mark=partial(svg.dot, look=dot) if is_own else partial(svg.diamond, size=7),
        whisker="c-whisker" if is_own else "c-whisker-other",
    )


def _table(items: Sequence[Effect]) -> Table:
    cells = [
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
    return Table(_title(), [*heads, gettext("Note")], cells)
