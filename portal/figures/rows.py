"""Rows of figures with their ranges on one scale: a dot, a whisker, the figure at the dot.

Names stand in a column at the left where there is room for one, else above their row: text of a
class that the style sheet moves. So both are one drawing, of one height.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from portal.figures import svg

NAME_LINE, TO_FIGURE, TO_DOT, TO_END = 20, 20, 15, 17  # pixels downwards
GAP = 6  # pixels between a line and words beside it
# Of the width of the narrowest drawing: half a figure with its range, and the room at its sides.
HALF, PADDING = 0.26, 0.05
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
    y = 0.0
    for row in rows:
        y -= 2
        for line in svg.lines(row.name):
            y += NAME_LINE
            parts.append(svg.text(line, 0, y, look="c-name c-halo", dx=GAP))
        y += TO_FIGURE
        middle = y + TO_DOT
        parts += [
            svg.whisker(row.low, row.high, middle, row.whisker),
            row.mark(row.at, middle),
            _figure(row, y, zero),
        ]
        y = middle + TO_END
    return parts, y


def _figure(row: Row, y: float, zero: float | None) -> Markup:
    """Figure and range at the dot."""
    interval = svg.node("tspan", row.interval, dx=7, class_="c-quiet")
    anchor = _anchor(row.at, zero)
    is_at_zero = zero is not None and abs(row.at - zero) < 0.03
    gap = {"start": GAP, "end": -GAP}.get(anchor, 0) if is_at_zero else 0
    look = "c-strong c-halo"
    return svg.text(row.figure, row.at, y, interval, look=look, anchor=anchor, dx=gap)


def _anchor(at: float, zero: float | None) -> str:
    """Whether words at AT stand over it, begin or end there: inside, and off ZERO if they can."""
    lefts = {"middle": at - HALF, "start": at, "end": at - 2 * HALF}
    ends = {anchor: (left, left + 2 * HALF) for anchor, left in lefts.items()}
    inside = [one for one, (a, b) in ends.items() if a >= -PADDING and b <= 1 + PADDING]
    free = [one for one in inside if zero is None or not ends[one][0] < zero < ends[one][1]]
    return (free or inside)[0]
