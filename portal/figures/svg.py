"""The few SVG pieces all charts are made of: escaped nodes, text, the frame with its words.

Charts are fluid in width and fixed in height: x is in per cent of the drawing, y and text in
pixels, and only curves are stretched. So text keeps its size from a 320 px telephone to paper.
Looks come from classes (the Content Security Policy forbids style attributes); margins for labels
are padding set by the frame's class.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from markupsafe import Markup

from portal.figures.figure import END_ISOLATE, ISOLATE
from portal.language import gettext

STRETCH = 1000
"""Side of the square that a curve is drawn in before it is stretched."""

# A line of a name in a picture: 28 usual letters, of three units each.
LINE_UNITS, MOST_LINES = 28 * 3, 3

NOTHING = Markup()

_ID = re.compile(r"[a-z][a-z0-9-]*")
# A word with the space before it; the no-break spaces are part of it ("12 %").
_WORD = re.compile(r"[^\S\u00a0\u202f]*[\S\u00a0\u202f]+")


@dataclass(frozen=True)
class Table:
    """The companion table of a chart: heads, and rows whose first cell names the row."""

    caption: str
    heads: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Chart:
    """One chart, ready for a page or a file: the drawing, the same figures as a table, the words.

    finding: all that it shows in words. says: what of that is left to say beside the picture. n:
    what it was counted from. is_record: from the employer's own records, not from answers. as_of:
    of when it is, where that is neither the day of its records nor of the newest release; blank:
    of no one day. file: its address, to take away. scope: whose it is. Without a name it is no
    drawing, only words in its place.
    """

    name: str
    title: str
    finding: str
    drawn: Markup
    height: float
    data: Table | None
    gutter: str = "chart-svg--inset"
    says: str = ""
    n: str = ""
    has_range: bool = True
    is_record: bool = False
    as_of: str | None = None
    file: str = ""
    scope: str = ""

    @property
    def svg(self) -> Markup:
        """The picture as it stands in a page, its ids unique by its name."""
        if not self.name:
            return self.drawn
        return node(
            "svg",
            node("title", self.title, id=f"{self.name}-title"),
            node("desc", self.finding, id=f"{self.name}-desc"),
            self.drawn,
            xmlns="http://www.w3.org/2000/svg",
            role="img",
            aria_labelledby=f"{self.name}-title {self.name}-desc",
            focusable="false",
            class_=f"chart-svg {self.gutter}".strip(),
            width="100%",
            height=self.height,
        )

    def figure(self, title: str, *, has_finding: bool = True, is_labelled: bool = True) -> Markup:
        """Picture, title, words, table and link as one `<figure>`: what pages show.

        HAS_FINDING, IS_LABELLED: false where the page has the words, or the figures, beside it.
        """
        says = Markup('<p class="chart__finding">{}</p>').format(self.says)
        return Markup(
            '<figure class="chart{}"><figcaption><p class="chart__title">{}</p>{}</figcaption>'
            "{}{}</figure>"
        ).format(
            "" if is_labelled else " chart--unlabelled",
            title,
            says if has_finding and self.says else "",
            self.svg,
            self.table,
        )

    @property
    def table(self) -> Markup:
        """The same figures as a table, and the link to the file, folded away."""
        if self.data is None:
            return NOTHING
        link = NOTHING
        if self.file:
            # The title goes along, so that links read one after another can be told apart.
            link = Markup(
                '<a class="chart-file" href="{}" download>{}'
                '<span class="visually-hidden"> ({})</span></a>'
            ).format(self.file, gettext("Download as SVG"), self.title)
        return Markup(
            '<details class="chart-data"><summary>{}</summary>'
            '<div class="table-scroll" role="group" aria-labelledby="{}-caption" tabindex="0">'
            "{}</div>{}</details>"
        ).format(
            gettext("Table and file") if self.file else gettext("Table"),
            self.name,
            data_table(self.name, self.data, self.scope),
            link,
        )


def node(tag: str, *children: str, **attributes: str | float | None) -> Markup:
    """One element, text and attributes escaped; `text_anchor` is text-anchor, `class_` class."""
    written = {name: _value(value) for name, value in attributes.items() if value is not None}
    return _pattern(tag, tuple(written)) % (*written.values(), NOTHING.join(children))


@cache
def _pattern(tag: str, names: tuple[str, ...]) -> Markup:
    """An element to be filled in, which escapes; kept, as a page of charts has a thousand nodes."""
    attributes = NOTHING.join(
        Markup(' {}="%s"').format(name.rstrip("_").replace("_", "-")) for name in names
    )
    return Markup("<{0}{1}>%s</{0}>").format(tag, attributes)


def _value(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.2f}".rstrip("0").rstrip(".")


def percent(fraction: float) -> str:
    """A position 0–1 as an SVG length."""
    return f"{_value(100 * fraction)}%"


def text(
    content: str,
    x: float | str,
    y: float,
    *more: Markup,
    look: str = "",
    anchor: str = "start",
    dx: float = 0,
) -> Markup:
    """A line of text, and MORE of it; `x` is a fraction of the width, or a length."""
    return node(
        "text",
        content,
        *more,
        x=x if isinstance(x, str) else percent(x),
        y=y,
        dx=dx or None,
        text_anchor=None if anchor == "start" else anchor,
        class_=look or None,
    )


def lines(name: str, units: int = LINE_UNITS, most: int = MOST_LINES) -> list[str]:
    """NAME in lines of UNITS, at most MOST; as they are, they fit the narrowest window.

    What does not fit is left to the table, which has all of it. Lines of a name that keeps its
    writing direction to itself keep theirs.
    """
    if is_isolated := name[:1] == ISOLATE:
        name = name.strip(ISOLATE + END_ISOLATE)
    found, room = [""], units
    for word in _pieces(name, units):
        taken = sum(map(_units, word))
        if taken > room and found[-1]:
            found.append("")
            room = units
            word = word.lstrip()
        found[-1] += word
        room -= taken
    kept = [line.rstrip() for line in found[:most]]
    if len(found) > most:
        kept[-1] += "…"
    return [f"{ISOLATE}{line}{END_ISOLATE}" if is_isolated else line for line in kept]


def _pieces(text: str, units: int) -> Iterator[str]:
    """TEXT word by word, each with the space before it, cut where longer than UNITS."""
    for word in _WORD.findall(text):
        piece, room = "", units
        for sign in word:
            if _units(sign) > room:
                yield piece
                piece, room = "", units
            piece += sign
            room -= _units(sign)
        yield piece


def _units(sign: str) -> int:
    """How wide SIGN may be, in thirds of a line's unit; a mark upon another takes no room."""
    if unicodedata.category(sign)[0] in "MC":
        return 0
    if sign in "WMm@%" or unicodedata.east_asian_width(sign) in "WF":
        return 6
    return 4 if sign.isupper() else 3


def above(content: str, at: float, y: float, *, look: str = "") -> Markup:
    """Text centred over a mark, kept inside the drawing at both ends."""
    anchor = "start" if at < 0.06 else "end" if at > 0.94 else "middle"
    return text(content, at, y, look=look, anchor=anchor)


def rule(x1: float, y1: float, x2: float, y2: float, look: str) -> Markup:
    """A straight line; x in fractions, y in pixels."""
    return node("line", x1=percent(x1), y1=y1, x2=percent(x2), y2=y2, class_=look)


def dot(x: float, y: float, look: str = "c-dot", radius: float = 6) -> Markup:
    """A round mark."""
    return node("circle", cx=percent(x), cy=y, r=radius, class_=look)


def diamond(x: float, y: float, size: float = 5) -> Markup:
    """A mark of another shape than the dot, for references: a nested drawing carries its place."""
    points = f"0,{-size} {size},0 0,{size} {-size},0"
    mark = node("polygon", points=points, class_="c-reference-mark")
    return node("svg", mark, x=percent(x), y=y, overflow="visible")


def whisker(low: float, high: float, y: float, look: str = "c-whisker", cap: float = 6) -> Markup:
    """An interval with end caps, so that it reads without colour."""
    caps = (rule(at, y - cap, at, y + cap, look) for at in (low, high))
    return rule(low, y, high, y, look) + NOTHING.join(caps)


def bar(width: float, y: float, height: float, look: str) -> Markup:
    """A bar from the left edge; its width is a fraction, the rest pixels."""
    return node("rect", x="0", y=y, width=percent(width), height=height, class_=look)


def named_bar(
    name: str, width: float, said: str, middle: float, thickness: float, look: str, said_look: str
) -> list[Markup]:
    """A bar about MIDDLE with its name at the left, and what is SAID of it at its end."""
    return [
        text(name, "-10", middle + 5, anchor="end"),
        bar(width, middle - thickness / 2, thickness, look),
        text(said, width, middle + 5, dx=8, look=said_look),
    ]


Points = Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Plot:
    """The part of a drawing, in pixels, where heights are fractions: 0 at its bottom, 1 on top."""

    top: float
    height: float

    @property
    def bottom(self) -> float:
        return self.top + self.height

    def y(self, share: float) -> float:
        return self.top + self.height * (1 - share)

    def grid(self, names: Mapping[float, str]) -> Iterator[Markup]:
        """A line at each height with its name at the left; the lowest is the axis."""
        for share, name in names.items():
            y = self.y(share)
            yield rule(0, y, 1, y, "c-grid" if share else "c-axis")
            yield text(name, "-8", y + 5, look="c-quiet", anchor="end")

    def curve(self, line: Points, low: Points, high: Points) -> Markup:
        """A line and its band with drawn edges, through fractions; stretched to the width."""
        return node(
            "svg",
            _path([*high, *reversed(low)], "c-band", end=" Z"),
            _path(high, "c-edge"),
            _path(low, "c-edge"),
            _path(line, "c-line"),
            x="0",
            y=self.top,
            width="100%",
            height=self.height,
            viewBox=f"0 0 {STRETCH} {STRETCH}",
            preserveAspectRatio="none",
            overflow="visible",
        )


def _path(points: Points, look: str, end: str = "") -> Markup:
    places = [f"{_value(STRETCH * x)},{_value(STRETCH * (1 - y))}" for x, y in points]
    drawn = "M" + " L".join(places) + end
    return node("path", d=drawn, class_=look, vector_effect="non-scaling-stroke")


def chart(
    name: str,
    title: str,
    finding: str,
    height: float,
    parts: Sequence[str],
    data: Table,
    **more: Any,
) -> Chart:
    """A chart of PARTS, named by its title, described by its finding. MORE: fields of `Chart`."""
    if not _ID.fullmatch(name):
        raise ValueError(f"a chart's id is lower-case letters, digits and hyphens: {name!r}")
    return Chart(name, title, finding, NOTHING.join(parts), height, data, **more)


def nothing(words: str, title: str = "") -> Chart:
    """Stands where a chart would stand when there is nothing to draw: says so, and why."""
    said = Markup('<p class="chart-none">{}</p>').format(words)
    return Chart("", title, words, said, 0, None, gutter="")


def data_table(chart_id: str, table: Table, scope: str = "") -> Markup:
    """The figures behind the picture; each says which it is, in which row of whose chart."""
    heads = [
        node("th", head, scope="col", class_="number" if at else None)
        for at, head in enumerate(table.heads)
    ]
    rows = [node("tr", *_cells(chart_id, scope, table.heads, row)) for row in table.rows]
    return node(
        "table",
        node("caption", table.caption, id=f"{chart_id}-caption"),
        node("thead", node("tr", *heads)),
        node("tbody", *rows),
        class_="table--compact table--stack",
    )


def _cells(chart_id: str, scope: str, heads: Sequence[str], row: Sequence[str]) -> Iterator[Markup]:
    name, *figures = row
    yield node("th", node("bdi", name), scope="row")  # it may be the employer's own: a department
    for at, (head, figure) in enumerate(zip(heads[1:], figures, strict=True), 1):
        key, whose = f"{chart_id}-{at}", f"{scope}:{name}"
        marks = {"data_label": head, "data_figure": key, "data_scope": whose, "class_": "number"}
        yield node("td", figure, **marks)
