"""The chart of levers: what-ifs in stars around the line of no difference, in words of `levers`."""

from collections.abc import Sequence
from functools import partial
from math import ceil, floor

from portal import formatting
from portal.figures import levers, rows, svg
from portal.figures.rows import Row
from portal.figures.svg import Chart, Table
from portal.language import gettext
from portal.scorecard import Difference

Effect = tuple[str, Difference]


def effects(
    chart_id: str, items: Sequence[Effect], n: str, *, is_own: bool = True, as_of: str | None = None
) -> Chart:
    """Dots and whiskers on one scale around no difference; a hollow dot: none that is clear.

    ITEMS: what-ifs and their difference, not empty; estimated from N. Not `is_own`: diamonds.
    """
    least, most = _scale([found for _, found in items])

    def place(stars: float) -> float:
        return (stars - least) / (most - least)

    def row(label: str, found: Difference) -> Row:
        values = (found.stars, found.low, found.high)
        if not is_own:
            mark, whisker = partial(svg.diamond, size=7), "c-whisker-other"
            return Row(label, values, formatting.signed, place, mark, whisker)
        dot = "c-dot" if levers.is_clear(found) else "c-dot-open"
        return Row(label, values, formatting.signed, place, partial(svg.dot, look=dot))

    zero = place(0)
    drawn, bottom = rows.draw([row(*item) for item in items], zero)
    ticks = {stars: place(stars) for stars in _ticks(least, most)}
    grid = [svg.rule(at, 0, at, bottom, "c-grid") for stars, at in ticks.items() if stars]
    names = [
        svg.above(formatting.signed(stars) if stars else "0", at, bottom + 17, look="c-quiet")
        for stars, at in ticks.items()
    ]
    title = gettext("If the pattern held for everybody: difference in stars")
    return svg.chart(
        chart_id,
        title,
        " ".join(levers.brief(*item) for item in items),
        bottom + 25,
        [*grid, svg.rule(zero, 0, zero, bottom, "c-zero"), *drawn, *names],
        _table(title, items),
        gutter="chart-svg--column",
        n=n,
        as_of=as_of,
    )


def _scale(found: Sequence[Difference]) -> tuple[float, float]:
    """From the lowest limit to the highest, with a little air; zero among them, if need be an end:
    so where all are above it, names that stand above their rows begin beside its line."""
    low = min(0.0, *(one.low for one in found))
    high = max(0.0, *(one.high for one in found))
    air = max(high - low, 0.1) * 0.06
    return low - air if low else 0.0, high + air if high or not low else 0.0


def _ticks(low: float, high: float) -> list[float]:
    """Round differences on the scale, zero always among them; they keep apart at 320 px."""
    step = next(step for step in (0.1, 0.5, 1.0, 2.0) if high - low <= 5 * step)
    return [step * at for at in range(ceil(low / step), floor(high / step) + 1)]


def _table(title: str, items: Sequence[Effect]) -> Table:
    unclear = levers.no_clear_difference()
    cells = [
        [
            label,
            formatting.signed(found.stars),
            levers.signed_range(found),
            "" if levers.is_clear(found) else unclear,
        ]
        for label, found in items
    ]
    heads = [gettext("What if"), gettext("Stars"), formatting.range_heading(), gettext("Note")]
    return Table(title, heads, cells)
