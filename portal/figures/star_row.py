"""Five stars in a row, filled as far as a mean goes: of 3.7 the fourth to seven tenths."""

from markupsafe import Markup

from portal import formatting
from portal.figures.svg import node
from portal.language import gettext

SIDE, STEP = 20, 23  # of one star; from one to the next
STAR = "10,1 12.7,7.1 19.3,7.7 14.3,12.1 15.8,18.6 10,15.2 4.2,18.6 5.7,12.1 0.7,7.7 7.3,7.1"


def star_row(stars: float, *, is_named: bool = True) -> Markup:
    """STARS as a picture; with its text, unless a page writes the figure beside it (`is_named`)."""
    shown = min(max(round(stars, 1), 0), 5)  # no finer than the figure in words
    whole = int(shown)
    filled = STEP * whole + SIDE * (shown - whole)
    named: dict[str, str] = {"aria_hidden": "true"}
    if is_named:
        label = gettext("%(stars)s of 5 stars", stars=formatting.stars(shown))
        named = {"role": "img", "aria_label": label}
    return node(
        "svg",
        _five("star-row__empty"),
        # What stands out of a nested drawing is cut off.
        node("svg", _five("star-row__full"), width=filled, height=SIDE),
        viewBox=f"0 0 {4 * STEP + SIDE} {SIDE}",
        class_="star-row",
        focusable="false",
        **named,
    )


def _five(look: str) -> Markup:
    points = [tuple(map(float, point.split(","))) for point in STAR.split()]
    drawn = " ".join(
        "M" + " L".join(f"{x + STEP * star:g},{y:g}" for x, y in points) + "Z" for star in range(5)
    )
    return node("path", d=drawn, class_=look)
