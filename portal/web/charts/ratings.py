"""Charts of what candidates answered: the score on its line, the spread of stars, the trend.

Never knows where figures come from, and never decides whether they may be shown: that is the
anonymity floor's work, done before anything reaches this file.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field

from markupsafe import Markup

from portal import formatting, wording
from portal.language import gettext
from portal.web.charts import svg
from portal.web.charts.svg import Chart, Table


@dataclass(frozen=True)
class Benchmark:
    """A line to compare with, in stars; the label says whose figure it is."""

    label: str
    stars: float


@dataclass(frozen=True)
class Score:
    """A mean rating in stars (1–5), its 95 % limits, the answers behind it, and benchmarks."""

    stars: float | None
    low: float | None = None
    high: float | None = None
    answers: int | None = None
    benchmarks: Sequence[Benchmark] = field(default_factory=tuple)


def _star_place(stars: float) -> float:
    """1 star at the left edge, 5 at the right."""
    return (min(max(stars, 1.0), 5.0) - 1) / 4


def score_line(chart_id: str, data: Score) -> Chart:
    """The score with its interval on the line from 1 to 5 stars, benchmarks in rows beneath."""
    if data.stars is None or data.low is None or data.high is None:
        return svg.nothing(gettext("There is not enough feedback yet to show a score."))
    findings = [
        wording.stars(data.stars, data.low, data.high, data.answers).sentence,
        *(wording.against(line.label, line.stars, data.low, data.high) for line in data.benchmarks),
    ]
    finding = " ".join(findings)
    axis = 64 + 28 * len(data.benchmarks)
    at = _star_place(data.stars)
    parts = [
        *_star_axis(axis),
        *(
            part
            for row, benchmark in enumerate(data.benchmarks)
            for part in _benchmark(benchmark, 76 + 28 * row)
        ),
        svg.whisker(_star_place(data.low), _star_place(data.high), 40),
        svg.dot(at, 40, radius=8),
        svg.above(formatting.stars(data.stars), at, 22, look="c-strong c-halo c-large"),
    ]
    title = gettext("Score on the line from 1 to 5 stars")
    picture = svg.frame(chart_id, title, finding, axis + 26, *parts, gutter="chart-svg--inset")
    return Chart(picture, svg.data_table(chart_id, _score_table(data)), finding)


def _star_axis(bottom: float) -> list[Markup]:
    """Light verticals at whole stars, named at the bottom; the ends say the unit."""
    parts = []
    for stars in range(1, 6):
        parts.append(svg.rule((stars - 1) / 4, 8, (stars - 1) / 4, bottom, "c-grid"))
        parts.append(
            svg.text(str(stars), (stars - 1) / 4, bottom + 18, look="c-quiet", anchor="middle")
        )
    parts.append(svg.rule(0, bottom, 1, bottom, "c-axis"))
    return parts


def _benchmark(benchmark: Benchmark, y: float) -> list[Markup]:
    at = _star_place(benchmark.stars)
    words = f"{benchmark.label} {formatting.stars(benchmark.stars)}"
    return [
        svg.rule(at, 28, at, y, "c-reference"),
        svg.diamond(at, y),
        svg.beside(words, at, y + 5, look="c-reference-text c-halo"),
    ]


def _score_table(data: Score) -> Table:
    interval = formatting.interval_short(formatting.stars(data.low), formatting.stars(data.high))
    rows = [[gettext("Score"), formatting.stars(data.stars), interval]]
    rows += [[line.label, formatting.stars(line.stars), ""] for line in data.benchmarks]
    heads = [gettext("Figure"), gettext("Stars"), formatting.range_heading()]
    return Table(gettext("Score and comparisons"), heads, rows)


# -- spread of stars ------------------------------------------------------------------------------


def histogram(
    chart_id: str,
    counts: Sequence[int] | None,
    of: int | None = None,
    together: int = 0,
) -> Chart:
    """Five bars, five stars on top. `counts`: answers with 1, 2, 3, 4, 5 stars; None: not shown.

    of, together: as `wording.spread` takes them.
    """
    if counts is None or not sum(counts):
        return svg.nothing(
            gettext("The spread of stars is shown once enough answers are together.")
        )
    finding = wording.spread(counts, of, together)
    title = gettext("How the stars are spread")
    rows = [
        (formatting.stars_text(stars), counts[stars - 1], counts[stars - 1] / sum(counts))
        for stars in range(5, 0, -1)
    ]
    bars = _star_bars(rows)
    picture = svg.frame(chart_id, title, finding, 5 * 34, *bars, gutter="chart-svg--names")
    table = Table(
        title,
        [gettext("Rating"), gettext("Answers"), gettext("Share")],
        [[name, formatting.count(count), formatting.share(share)] for name, count, share in rows],
    )
    return Chart(picture, svg.data_table(chart_id, table), finding)


def _star_bars(rows: Sequence[tuple[str, int, float]]) -> list[Markup]:
    most = max(count for _, count, _ in rows)
    # Leaves room for the figures beside the longest bar at 320 px.
    longest = 0.62 if most < 10_000 else 0.35
    parts = [svg.rule(0, 2, 0, 5 * 34 - 4, "c-axis")]
    for at, (name, count, share) in enumerate(rows):
        middle = 34 * at + 16
        width = longest * count / most
        figures = f"{formatting.share(share)} · {formatting.count(count)}"
        parts += [
            svg.text(name, "-10", middle + 5, anchor="end"),
            svg.node(
                "rect", x="0", y=middle - 12, width=svg.percent(width), height=24, class_="c-bar"
            ),
            svg.text(figures, width, middle + 5, dx=8),
        ]
    return parts


# -- groups ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Group:
    """One published group of answers: its mean rating, 95 % limits and answers.

    is_rest: what could not be counted apart; it is neither the highest nor the lowest.
    """

    label: str
    stars: float
    low: float
    high: float
    answers: int
    is_rest: bool = False


def groups(
    chart_id: str,
    title: str,
    items: Sequence[Group],
    of: int | None = None,
) -> Chart:
    """Dots and whiskers of several groups on one line from 1 to 5 stars. OF: all answers."""
    if not items:
        return svg.nothing(gettext("No group has enough answers to stand alone yet."))
    finding = wording.groups([asdict(item) for item in items], of)
    rows, top = [], 0
    for item in items:
        drawn, height = _group(item, top)
        rows += drawn
        top += height
    bottom = top + 6
    parts = [*_star_axis(bottom), *rows]
    picture = svg.frame(chart_id, title, finding, bottom + 26, *parts, gutter="chart-svg--inset")
    return Chart(picture, svg.data_table(chart_id, _group_table(title, items)), finding)


def _group(item: Group, top: float) -> tuple[list[Markup], int]:
    """The row of ITEM from TOP downwards, and its height: a long name takes several lines."""
    name = svg.lines(item.label)
    middle = top + 20 + 20 * len(name)
    parts = [
        *(svg.text(line, 0, top + 20 + 20 * at, look="c-halo") for at, line in enumerate(name)),
        svg.text(formatting.stars(item.stars), 1, top + 20, look="c-strong c-halo", anchor="end"),
        svg.whisker(_star_place(item.low), _star_place(item.high), middle),
        svg.dot(_star_place(item.stars), middle),
    ]
    return parts, int(middle - top) + 16


def _group_table(title: str, items: Sequence[Group]) -> Table:
    heads = [
        gettext("Group"),
        gettext("Stars"),
        formatting.range_heading(),
        gettext("Answers"),
    ]
    rows = [
        [
            item.label,
            formatting.stars(item.stars),
            formatting.interval_short(formatting.stars(item.low), formatting.stars(item.high)),
            formatting.count(item.answers),
        ]
        for item in items
    ]
    return Table(title, heads, rows)


# -- trend ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class TrendPoint:
    """One release: its name ("Mar 2025"), mean rating and 95 % limits; None where hidden."""

    label: str
    stars: float | None = None
    low: float | None = None
    high: float | None = None
    answers: int | None = None


_TREND_TOP, _TREND_HEIGHT = 14, 180


def trend(chart_id: str, points: Sequence[TrendPoint]) -> Chart:
    """Mean rating by release, the interval as a band with drawn edges; gaps stay gaps."""
    shown = [point for point in points if point.stars is not None]
    if len(shown) < 2:
        return svg.nothing(gettext("A trend needs at least two releases of feedback."))
    finding = wording.trend(asdict(shown[0]), asdict(shown[-1]))
    if len(shown) < len(points):
        finding += " " + gettext("× marks releases with too few answers to show.")
    places = _trend_places(len(points))
    bottom = _TREND_TOP + _TREND_HEIGHT
    runs = _runs(points, places)
    parts = [
        *_trend_grid(),
        svg.plot(_TREND_TOP, _TREND_HEIGHT, *(part for run in runs for part in _trend_run(run))),
        *(part for run in runs for at, point in run for part in _trend_mark(at, point, len(run))),
        *(
            svg.text("×", at, bottom - 6, look="c-quiet", anchor="middle")
            for at, point in zip(places, points, strict=True)
            if point.stars is None
        ),
        *_trend_names(points, places, bottom + 20),
    ]
    title = gettext("Stars by release")
    picture = svg.frame(chart_id, title, finding, bottom + 28, *parts, gutter="chart-svg--axis")
    return Chart(picture, svg.data_table(chart_id, _trend_table(points)), finding)


def _trend_places(amount: int) -> list[float]:
    return [0.03 + 0.94 * at / max(amount - 1, 1) for at in range(amount)]


Run = list[tuple[float, TrendPoint]]


def _runs(points: Sequence[TrendPoint], places: Sequence[float]) -> list[Run]:
    """Neighbouring releases that all show a figure."""
    runs: list[Run] = [[]]
    for at, point in zip(places, points, strict=True):
        if point.stars is None:
            runs.append([])
        else:
            runs[-1].append((at, point))
    return [run for run in runs if run]


def _trend_grid() -> list[Markup]:
    parts = []
    for stars in range(1, 6):
        y = _TREND_TOP + _TREND_HEIGHT * (1 - _star_place(stars))
        parts.append(svg.rule(0, y, 1, y, "c-axis" if stars == 1 else "c-grid"))
        parts.append(svg.text(f"{stars} ★", "-8", y + 5, look="c-quiet", anchor="end"))
    return parts


def _trend_run(run: Run) -> list[Markup]:
    """Band, edges and line through one run (a run of one is drawn as a whisker by its mark)."""
    if len(run) < 2:
        return []
    low = [(at, _star_place(point.low or 1)) for at, point in run]
    high = [(at, _star_place(point.high or 5)) for at, point in run]
    line = [(at, _star_place(point.stars or 1)) for at, point in run]
    return [
        svg.path([*high, *reversed(low)], "c-band", closed=True),
        svg.path(high, "c-edge"),
        svg.path(low, "c-edge"),
        svg.path(line, "c-line"),
    ]


def _trend_mark(at: float, point: TrendPoint, run_length: int) -> list[Markup]:
    def height(stars: float) -> float:
        return _TREND_TOP + _TREND_HEIGHT * (1 - _star_place(stars))

    parts = [svg.dot(at, height(point.stars or 1), radius=5)]
    if run_length == 1 and point.low is not None and point.high is not None:
        parts.insert(0, svg.rule(at, height(point.low), at, height(point.high), "c-whisker"))
    return parts


def _trend_names(points: Sequence[TrendPoint], places: Sequence[float], y: float) -> list[Markup]:
    """First and last release, and the middle one when there is room for it at 320 px."""
    last = len(points) - 1
    parts = [
        svg.text(points[0].label, 0, y, look="c-quiet"),
        svg.text(points[last].label, 1, y, look="c-quiet", anchor="end"),
    ]
    if last >= 4 and last % 2 == 0:
        middle = last // 2
        parts.append(
            svg.text(points[middle].label, places[middle], y, look="c-quiet", anchor="middle")
        )
    return parts


def _trend_table(points: Sequence[TrendPoint]) -> Table:
    hidden = gettext("too few answers")
    rows = [
        [
            point.label,
            hidden if point.stars is None else formatting.stars(point.stars),
            ""
            if point.low is None or point.high is None
            else formatting.interval_short(
                formatting.stars(point.low), formatting.stars(point.high)
            ),
            "" if point.answers is None else formatting.count(point.answers),
        ]
        for point in points
    ]
    heads = [
        gettext("Release"),
        gettext("Stars"),
        formatting.range_heading(),
        gettext("Answers"),
    ]
    return Table(gettext("Stars by release"), heads, rows)
