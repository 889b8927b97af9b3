"""A chart as a file of its own: one width, no style sheet, no script; it looks alike anywhere."""

import re
from collections.abc import Sequence

from markupsafe import Markup

from portal import language
from portal.figures.figure import counted
from portal.figures.svg import NOTHING, Chart, lines, node
from portal.formatting import LEVEL
from portal.language import gettext

WIDTH, MARGIN = 720, 24
# What the style sheet pads a page's drawing with, left and right; COLUMN: with names beside it.
GUTTERS = {
    "": (0, 0),
    "chart-svg--inset": (12, 12),
    "chart-svg--names": (72, 0),
    "chart-svg--axis": (52, 12),
    "chart-svg--column": (216, 12),
}
NAMES_MOVE = "translate(-222 30)"
# Units of `lines` that fit the width in the widest of usual typefaces, at 18, 13 and 12 pixels.
TITLE_UNITS, TEXT_UNITS, NOTE_UNITS = 66 * 3, 96 * 3, 102 * 3
_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def picture(chart: Chart, notes: Sequence[str], style: str) -> str:
    """CHART as the text of a file. NOTES: of when it is, and where from; STYLE: of its classes."""
    title, y = _words(chart.title, MARGIN + 18, "p-title", TITLE_UNITS, 24)
    finding, y = _words(chart.finding, y + 4, "p-words", TEXT_UNITS, 19)
    left, right = GUTTERS[chart.gutter]
    # Names stand in the column, where a style sheet would have put them.
    moved = str(chart.drawn).replace('class="c-name', f'transform="{NAMES_MOVE}" class="c-name')
    drawing = node(
        "svg",
        Markup(moved),  # noqa: S704 (escaped when it was drawn)
        x=MARGIN + left,
        y=y,
        width=WIDTH - 2 * MARGIN - left - right,
        height=chart.height,
        overflow="visible",
        class_="chart-svg",
    )
    y += chart.height + 24
    below = []
    for note in (rests_on(chart), *notes):
        drawn, y = _words(note, y, "p-note", NOTE_UNITS, 17)
        below.append(drawn)
    whole = node(
        "svg",
        node("title", chart.title),
        node("desc", chart.finding),
        node("style", style),
        node("rect", width="100%", height="100%", class_="p-paper"),
        title,
        finding,
        drawing,
        *below,
        xmlns="http://www.w3.org/2000/svg",
        xml_lang=language.code(),
        width=WIDTH,
        height=y,
        viewBox=f"0 0 {WIDTH} {y:g}",
    )
    return _NOT_IN_XML.sub("", whole.replace("xml-lang", "xml:lang", 1))


def rests_on(chart: Chart) -> str:
    """What CHART was counted from, and how its ranges are drawn."""
    ranged = gettext("Lines and bands about a figure are its %(level)s range.", level=LEVEL)
    certainty = ranged if chart.has_range else f"{_begun(counted())}."
    return f"{_begun(chart.n)}. {certainty}" if chart.n else certainty


def _begun(words: str) -> str:
    return words[:1].upper() + words[1:]


def _words(text: str, y: float, look: str, units: int, step: float) -> tuple[Markup, float]:
    """TEXT in lines, the first at height Y; and where what comes next begins."""
    drawn = [
        node("text", line, x=MARGIN, y=y + step * at, class_=look)
        for at, line in enumerate(lines(text, units, most=12))
    ]
    return NOTHING.join(drawn), y + step * len(drawn)
