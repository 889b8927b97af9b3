"""Stars by release."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from portal import formatting
from portal.figures import svg
from portal.figures.figure import from_answers
from portal.figures.score import ranges_overlap, star_place
from portal.figures.svg import Chart, Table
from portal.language import gettext
from portal.scorecard import Release


def trend_said(first: TrendPoint, last: TrendPoint) -> str:
    """From the first release to the last."""
    moved = gettext(
        "From %(from_stars)s stars (%(from_label)s) to %(to_stars)s (%(to_label)s).",
        from_stars=formatting.stars(first.stars),
        from_label=first.label,
        to_stars=formatting.stars(last.stars),
        to_label=last.label,
    )
    return _said(moved, _compared(first, last))


def _compared(first: TrendPoint, last: TrendPoint) -> str:
    if first.low is None or first.high is None or last.low is None or last.high is None:
        return ""
    return ranges_overlap(last.low > first.high or last.high < first.low)


def _said(*sentences: str) -> str:
    return " ".join(filter(None, sentences))


@dataclass(frozen=True)
class TrendPoint:
    """One release: its name ("Mar 2025"), mean rating and 95 % limits; None where hidden."""

    label: str
    stars: float | None = None
    low: float | None = None
    high: float | None = None
    answers: int | None = None


_TREND_TOP, _TREND_HEIGHT = 14, 180
# What three names below the drawing may have together, so that they stand apart at 320 px.
_MOST_LETTERS = 27
# From here on there is room for a figure between a dot and the axis.
_LOWEST_BELOW = 1.7


def trend(chart_id: str, points: Sequence[TrendPoint]) -> Chart:
    """Mean rating by release, the interval as a band with drawn edges; gaps stay gaps."""
    shown = [point for point in points if point.stars is not None]
    if len(shown) < 2:
        return svg.nothing(gettext("A trend needs at least two releases of feedback."))
    compared, hidden = _compared(shown[0], shown[-1]), ""
    if len(shown) < len(points):
        hidden = gettext("× marks releases with too few answers to show.")
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
        *_first_and_last(runs),
        *_trend_names(points, places, bottom + 20),
    ]
    title = gettext("Stars by release")
    return svg.chart(
        chart_id,
        title,
        _said(trend_said(shown[0], shown[-1]), hidden),
        bottom + 28,
        parts,
        _trend_table(points),
        gutter="chart-svg--axis",
        says=_said(compared, hidden),
        n=from_answers(sum(point.answers or 0 for point in shown)),
    )


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
        y = _TREND_TOP + _TREND_HEIGHT * (1 - star_place(stars))
        parts.append(svg.rule(0, y, 1, y, "c-axis" if stars == 1 else "c-grid"))
        parts.append(svg.text(f"{stars} ★", "-8", y + 5, look="c-quiet", anchor="end"))
    return parts


def _trend_run(run: Run) -> list[Markup]:
    """Band, edges and line through one run (a run of one is drawn as a whisker by its mark)."""
    if len(run) < 2:
        return []
    low = [(at, star_place(point.low or 1)) for at, point in run]
    high = [(at, star_place(point.high or 5)) for at, point in run]
    line = [(at, star_place(point.stars or 1)) for at, point in run]
    return [
        svg.path([*high, *reversed(low)], "c-band", closed=True),
        svg.path(high, "c-edge"),
        svg.path(low, "c-edge"),
        svg.path(line, "c-line"),
    ]


def _first_and_last(runs: Sequence[Run]) -> list[Markup]:
    """The stars at both ends: above their dots, below where the line comes from above."""
    parts = []
    for (at, point), *beside in (runs[0][:2], runs[-1][:-3:-1]):
        stars = point.stars or 1
        is_below = any((other.stars or 1) > stars for _, other in beside) and stars > _LOWEST_BELOW
        y = _TREND_TOP + _TREND_HEIGHT * (1 - star_place(stars)) + (22 if is_below else -10)
        parts.append(svg.above(formatting.stars(stars), at, y, look="c-strong c-halo"))
    return parts


def _trend_mark(at: float, point: TrendPoint, run_length: int) -> list[Markup]:
    def height(stars: float) -> float:
        return _TREND_TOP + _TREND_HEIGHT * (1 - star_place(stars))

    parts = [svg.dot(at, height(point.stars or 1), radius=5)]
    if run_length == 1 and point.low is not None and point.high is not None:
        parts.insert(0, svg.rule(at, height(point.low), at, height(point.high), "c-whisker"))
    return parts


def _trend_names(points: Sequence[TrendPoint], places: Sequence[float], y: float) -> list[Markup]:
    """First and last release, and the middle one if there is surely room for it at 320 px."""
    last = len(points) - 1
    parts = [
        svg.text(points[0].label, 0, y, look="c-quiet"),
        svg.text(points[last].label, 1, y, look="c-quiet", anchor="end"),
    ]
    middle = last // 2
    letters = sum(len(points[at].label) for at in (0, middle, last))
    if last >= 4 and last % 2 == 0 and letters <= _MOST_LETTERS:
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


def trend_chart(releases: Sequence[Release]) -> Chart | None:
    """Stars by release; None while there is nothing to compare."""
    if len(releases) < 2:
        return None
    days = [one.released_on for one in releases]
    names = [formatting.month_short(day) for day in days]
    if len(set(names)) < len(names):  # weekly or daily releases
        names = [formatting.day(day, style="medium") for day in days]
    points = [
        TrendPoint(name, one.stars, one.low, one.high, one.answers)
        for name, one in zip(names, releases, strict=True)
    ]
    return trend("trend", points)
