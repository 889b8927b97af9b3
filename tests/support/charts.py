"""Figures read back from where charts put them: none may be finer than what stands beside it."""

import re
from collections import Counter
from collections.abc import Callable, Iterable

import pytest
from bs4 import BeautifulSoup, Tag

SIDE = 1000.0  # of the drawing that lines and areas stand in
Scale = Callable[[float], float]


def check_charts(page: BeautifulSoup) -> Counter[str]:
    """Check every chart of answers on PAGE; how many of each there were, by id."""
    found: Counter[str] = Counter()
    for figure in page.select("figure.chart"):
        if drawing := figure.select_one("svg.chart-svg"):
            name = str(drawing.title["id"]).removesuffix("-title")
            {"spread": check_bars, "trend": check_trend}.get(name, check_places)(figure)
            found[name] += 1
    return found


def check_places(figure: Tag) -> None:
    """Dots and whiskers beside an axis; charts without one are the employer's own counts."""
    drawing = figure.select_one("svg.chart-svg")
    scale = scale_of(drawing)
    if scale is None:
        return
    dots = [scale(per_cent(dot["cx"])) for dot in drawing.select("circle")]
    dots += [scale(per_cent(mark["x"])) for mark in drawing.select("svg[overflow]")]
    ends = [
        scale(per_cent(line[end]))
        for line in drawing.select("line[class^=c-whisker]")
        for end in ("x1", "x2")
        if line["y1"] == line["y2"]
    ]
    stars, limits = columns(figure)
    check_tenths(dots, stars)
    check_tenths(ends, [limit for both in limits for limit in both])


def check_trend(figure: Tag) -> None:
    """Points, line and band on the scale from 1 to 5 stars."""
    drawing = figure.select_one("svg.chart-svg")
    plot = drawing.select_one("svg[viewbox], svg[viewBox]")
    top, height = float(plot["y"]), float(plot["height"])
    stars, limits = columns(figure)
    check_tenths([5 - 4 * (float(dot["cy"]) - top) / height for dot in drawing("circle")], stars)
    low, high = ([limit[end] for limit in limits] for end in (0, 1))
    for look, expected in (("c-line", [stars]), ("c-edge", [high, low])):
        for path, values in zip(plot.select(f"path.{look}"), expected, strict=True):
            check_tenths(along(path), values)
    check_tenths(along(plot.select_one("path.c-band")), [*high, *reversed(low)])


def check_bars(figure: Tag) -> None:
    """The spread of stars: lengths in the proportion of whole answers."""
    bars = [per_cent(bar["width"]) for bar in figure.select("rect.c-bar")]
    counts = [whole(row("td")[0].get_text()) for row in figure.select("tbody tr")]
    longest = max(bars)
    for bar, count in zip(bars, counts, strict=True):
        assert bar == pytest.approx(round(longest * count / max(counts), 2), abs=0.011)


def check_tenths(places: Iterable[float], figures: list[float]) -> None:
    """PLACES are those of FIGURES, which have one decimal, and carry nothing beyond."""
    found = list(places)
    assert [round(place, 1) for place in found] == [pytest.approx(one) for one in figures]
    assert [place - round(place, 1) for place in found] == [
        pytest.approx(0, abs=0.002) for _ in found
    ]


def scale_of(drawing: Tag) -> Scale | None:
    """From per cent of the width to the axis's unit, by the numbers written on the axis."""
    ticks = {}
    for text in drawing.select("text.c-quiet"):
        words = text.get_text().strip()
        if re.fullmatch(r"[+−]?\d+(\.\d)?", words) and text["x"].endswith("%"):
            ticks[per_cent(text["x"])] = number(words)
    if len(ticks) < 2:
        return None
    (left, low), *_, (right, high) = sorted(ticks.items())
    return lambda place: low + (high - low) * (place - left) / (right - left)


def along(path: Tag) -> list[float]:
    """Stars along a drawn line."""
    points = re.findall(r"[\d.]+,([\d.]+)", path["d"])
    return [5 - 4 * float(y) / SIDE for y in points]


def columns(figure: Tag) -> tuple[list[float], list[list[float]]]:
    """Figures and ranges of the table beside the picture."""
    rows = [[cell.get_text() for cell in row("td")] for row in figure.select("tbody tr")]
    stars = [number(row[0]) for row in rows]
    return stars, [[number(part) for part in row[1].split(" to ")] for row in rows]


def per_cent(length: str) -> float:
    assert length.endswith("%") or length == "0"
    return float(length.removesuffix("%"))


def number(text: str) -> float:
    return float(text.replace("−", "-").replace("+", "").strip())


def whole(text: str) -> int:
    return int(text.replace(",", ""))
