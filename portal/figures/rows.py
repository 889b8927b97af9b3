"""Rows of figures with their ranges on one scale: a dot, a whisker, the figure at the dot.

Names stand in a column at the left where there is room for one, else above their row: text of a
class that the style sheet moves. So both are one drawing, of one height.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from portal.figures import svg

NAME_LINE, TO_FIGURE, TO_DOT, TO_END = 20, 20, 15, 17  # pixels downwards
GAP = 6  # pixels between a line and words beside it
HALF = 0.3  # of the width at 320 px: as much as half a figure with its range takes
Mark = Callable[[float, float], Markup]


@dataclass(frozen=True)
class Row:
    """A name; a figure and its range in words, and where on the scale they lie, 0 to 1."""

    name: str
    figure: str
    interval: str
    at: float
    low: float
    high: float
    mark: Mark = svg.dot
    whisker: str = "c-whisker"


def draw(rows: Sequence[Row], zero: float | None = None) -> tuple[list[Markup], float]:
    """ROWS below each other, and where they end. No figure stands on the line at ZERO."""
    parts: list[Markup] = []
    top = 0.0
    for row in rows:
        names = svg.lines(row.name)
        words = top - 2 + NAME_LINE * len(names) + TO_FIGURE
        middle = words + TO_DOT
        parts += [
            *(
                svg.text(line, 0, top - 2 + NAME_LINE * (at + 1), look="c-name c-halo", dx=GAP)
                for at, line in enumerate(names)
            ),
            svg.whisker(row.low, row.high, middle, row.whisker),
            row.mark(row.at, middle),
            _figure(row, words, zero),
        ]
        top = middle + TO_END
    return parts, top


def _figure(row: Row, y: float, zero: float | None) -> Markup:
    """Figure and range above the dot, kept off the line at ZERO and inside the drawing."""
    x, anchor, dx = _beside_zero(row.at, zero)
    interval = svg.node("tspan", row.interval, dx=7, class_="c-quiet")
    return svg.text(row.figure, x, y, interval, look="c-strong c-halo", anchor=anchor, dx=dx)


def _beside_zero(at: float, zero: float | None) -> tuple[float, str, float]:
    """Where the words of a dot at AT begin, stand or end."""
    for anchor, left in (("middle", at - HALF), ("start", at), ("end", at - 2 * HALF)):
        right = left + 2 * HALF
        if left >= 0 and right <= 1 and (zero is None or not left < zero < right):
            gap = GAP if zero is not None and abs(at - zero) < 0.03 else 0
            return at, anchor, {"middle": 0, "start": gap, "end": -gap}[anchor]
    if zero is not None and zero + 2 * HALF <= 1:
        return zero, "start", GAP
    return (1, "end", 0) if zero is None or at >= zero else (0, "start", 0)
