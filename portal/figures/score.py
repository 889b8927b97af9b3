"""The score: stars with their range, in words and on the line from 1 to 5 stars."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from markupsafe import Markup

from portal import formatting
from portal.figures import svg
from portal.figures.figure import (
    Figure,
    from_answers,
    missing,
    shown,
)
from portal.figures.svg import Chart, Table
from portal.language import gettext
from portal.scorecard import (
    Reputation,
)


def score(reputation: Reputation | None, floor: int) -> Figure:
    """Stars with range, count and label; REPUTATION is None below FLOOR answers."""
    if reputation is None:
        return missing(gettext("Stars"), not_enough(floor))
    found = reputation.score
    plain = stars(found.stars, found.low, found.high, reputation.answers)
    points = gettext(
        "%(score)s of 100 points, %(range)s.",
        score=formatting.score(found.points),
        range=formatting.score_interval(found.points_low, found.points_high),
    )
    label_text = early() if reputation.label == "early" else None
    return replace(
        plain,
        sentence=f"{plain.sentence} {label_text}." if label_text else plain.sentence,
        verdict=label_text,
        caveat=f"{points} {score_means()}",
    )


def stars(
    value: float,
    low: float,
    high: float,
    answers: int | None,
    label: str | None = None,
) -> Figure:
    """A mean rating with its range, and the answers behind it where they are known.

    label: whose it is; None: everybody's.
    """
    return shown(
        label or gettext("Stars"),
        formatting.stars(value),
        unit=gettext("of 5"),
        interval=formatting.stars_interval(low, high),
        n=None if answers is None else from_answers(answers),
        key="stars",
        scope=label or "",
    )


def no_score() -> str:
    """Stands where a score would stand."""
    return gettext("Not enough feedback yet")


def not_enough(floor: int) -> str:
    """Why there is no score."""
    return gettext("Not enough feedback yet: a score needs %(floor)s released answers", floor=floor)


def early() -> str:
    """The label of a score from few answers."""
    return gettext("Early: few answers so far")


def score_means(*, fades: bool = True) -> str:
    """What the score is, and what it is not. fades: whether older answers count less."""
    if not fades:
        return gettext(
            "An average of everyone who was asked, old and recent answers alike, drawn towards the "
            "middle while answers are few. It is not today’s level."
        )
    return gettext(
        "A recency-weighted average of everyone who was asked, drawn towards the middle while "
        "answers are few. It is not today’s level."
    )


def against(label: str, stars: float, low: float, high: float) -> str:
    """On which side of another figure a range of stars lies."""
    words = {"label": label, "stars": formatting.stars(stars)}
    if stars < low:
        return gettext("Above %(label)s (%(stars)s).", **words)
    if stars > high:
        return gettext("Below %(label)s (%(stars)s).", **words)
    return gettext("Cannot be told apart from %(label)s (%(stars)s).", **words)


@dataclass(frozen=True)
class Benchmark:
    """A line to compare with, in stars; the label says whose figure it is."""

    label: str
    stars: float


@dataclass(frozen=True)
class ScoreLine:
    """A mean rating in stars (1–5), its 95 % limits, the answers behind it, and benchmarks."""

    stars: float | None
    low: float | None = None
    high: float | None = None
    answers: int | None = None
    benchmarks: Sequence[Benchmark] = field(default_factory=tuple)


def star_place(stars: float) -> float:
    """Where STARS stand on a line: 1 star at the left edge, 5 at the right."""
    return (min(max(stars, 1.0), 5.0) - 1) / 4


def ranges_overlap(is_apart: bool) -> str:
    """Whether two ranges, drawn below each other, overlap."""
    if is_apart:
        return gettext("The two ranges do not overlap.")
    return gettext("The two ranges overlap: this may be chance.")


def score_line(chart_id: str, data: ScoreLine) -> Chart:
    """The score with its interval on the line from 1 to 5 stars, benchmarks in rows beneath."""
    if data.stars is None or data.low is None or data.high is None:
        return svg.nothing(gettext("There is not enough feedback yet to show a score."))
    said = stars(data.stars, data.low, data.high, data.answers).sentence
    compared = [against(line.label, line.stars, data.low, data.high) for line in data.benchmarks]
    axis = 64 + 28 * len(data.benchmarks)
    at = star_place(data.stars)
    parts = [
        *star_axis(axis),
        *(
            part
            for row, benchmark in enumerate(data.benchmarks)
            for part in _benchmark(benchmark, 76 + 28 * row)
        ),
        svg.whisker(star_place(data.low), star_place(data.high), 40),
        svg.dot(at, 40, radius=8),
        svg.above(formatting.stars(data.stars), at, 22, look="c-strong c-halo c-large c-said"),
    ]
    title = gettext("Score on the line from 1 to 5 stars")
    return svg.chart(
        chart_id,
        title,
        " ".join([said, *compared]),
        axis + 26,
        parts,
        _score_table(data),
        says=" ".join(compared),
        n="" if data.answers is None else from_answers(data.answers),
    )


def star_axis(bottom: float) -> list[Markup]:
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
    at = star_place(benchmark.stars)
    words = f"{benchmark.label} {formatting.stars(benchmark.stars)}"
    return [
        svg.rule(at, 28, at, y, "c-reference"),
        svg.diamond(at, y),
        svg.beside(words, at, y + 5, look="c-reference-text c-halo"),
    ]


def _score_table(data: ScoreLine) -> Table:
    interval = formatting.interval_short(formatting.stars(data.low), formatting.stars(data.high))
    rows = [[gettext("Score"), formatting.stars(data.stars), interval]]
    rows += [[line.label, formatting.stars(line.stars), ""] for line in data.benchmarks]
    heads = [gettext("Figure"), gettext("Stars"), formatting.range_heading()]
    return Table(gettext("Score and comparisons"), heads, rows)


def score_chart(reputation: Reputation) -> Chart:
    """The score of REPUTATION on its line."""
    found = reputation.score
    return score_line("score", ScoreLine(found.stars, found.low, found.high, reputation.answers))
