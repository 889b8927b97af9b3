"""Rows of figures with their ranges on one scale: a dot, a whisker, the figure at the dot.

Names stand in a column where there is room, else above their row: the style sheet moves them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from portal import formatting
from portal.figures import svg

NAME_LINE, TO_FIGURE, TO_DOT, TO_END = 20, 20, 15, 17  # pixels downwards
GAP = 6  # pixels between a line and words beside it
# Of the width of the narrowest drawing: half a figure with its range, and the room at its sides.
HALF, PADDING = 0.26, 0.05
Mark = Callable[[float, float], Markup]


@dataclass(frozen=True)
class Row:
    """A name; a figure with its limits, how each is written and where it lies, 0 to 1."""

    name: str
    values: tuple[float, float, float]
    words: Callable[[float], str]
    place: Callable[[float], float]
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
        at, low, high = map(row.place, row.values)
        parts += [
            svg.whisker(low, high, middle, row.whisker),
            row.mark(at, middle),
            _figure(row, at, y, zero),
        ]
        y = middle + TO_END
    return parts, y


def _figure(row: Row, at: float, y: float, zero: float | None) -> Markup:
    figure, low, high = map(row.words, row.values)
    interval = svg.node("tspan", formatting.interval_short(low, high), dx=7, class_="c-quiet")
    anchor = _anchor(at, zero)
    is_at_zero = zero is not None and abs(at - zero) < 0.03
    gap = {"start": GAP, "end": -GAP}.get(anchor, 0) if is_at_zero else 0
    look = "c-strong c-halo"
    return svg.text(figure, at, y, interval, look=look, anchor=anchor, dx=gap)


def _anchor(at: float, zero: float | None) -> str:
    """Whether words at AT stand over it, begin or end there: inside, and off ZERO if they can."""
    lefts = {"middle": at - HALF, "start": at, "end": at - 2 * HALF}
    ends = {anchor: (left, left + 2 * HALF) for anchor, left in lefts.items()}
    inside = [one for one, (a, b) in ends.items() if a >= -PADDING and b <= 1 + PADDING]
    free = [one for one in inside if zero is None or not ends[one][0] < zero < ends[one][1]]
    return (free or inside)[0]
