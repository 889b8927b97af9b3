"""The score: stars with their range, in words and on the line from 1 to 5 stars."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from markupsafe import Markup

from portal import formatting
from portal.figures import svg
from portal.figures.figure import Figure, from_answers, missing, shown
from portal.figures.svg import Chart, Table
from portal.language import gettext
from portal.scorecard import Rating, Reputation


def score(reputation: Reputation | None, floor: int) -> Figure:
    """Stars with range, count and label; REPUTATION is None below FLOOR answers."""
    if reputation is None:
        why = gettext(
            "Not enough feedback yet: a score needs %(floor)s released answers", floor=floor
        )
        return missing(gettext("Stars"), why)
    found = reputation.score
    points = gettext(
        "%(score)s of 100 points, %(range)s.",
        score=formatting.score(found.points),
        range=formatting.score_interval(found.points_low, found.points_high),
    )
    early = gettext("Early: few answers so far") if reputation.label == "early" else None
    caveat = f"{points} {score_means()}"
    return stars(found, reputation.answers, verdict=early, caveat=caveat)


def stars(found: Rating, answers: int, label: str = "", **more: Any) -> Figure:
    """A mean rating with its range, and the answers behind it. LABEL: whose; blank: everybody's."""
    return shown(
        label or gettext("Stars"),
        formatting.stars(found.stars),
        unit=gettext("of 5"),
        interval=formatting.stars_interval(found.low, found.high),
        n=from_answers(answers),
        key="stars",
        scope=label,
        **more,
    )


def no_score() -> str:
    """Stands where a score would stand."""
    return gettext("Not enough feedback yet")


def score_means(*, fades: bool = True) -> str:
    """What the score is, and what it is not. FADES: whether older answers count less."""
    if not fades:
        return gettext(
            "An average of everyone who was asked, old and recent answers alike, drawn towards the "
            "middle while answers are few. It is not today’s level."
        )
    return gettext(
        "A recency-weighted average of everyone who was asked, drawn towards the middle while "
        "answers are few. It is not today’s level."
    )


def star_place(stars: float) -> float:
    """Where STARS stand on a line: 1 star at the left edge, 5 at the right."""
    return (min(max(stars, 1.0), 5.0) - 1) / 4


def star_range(found: Rating) -> str:
    """ "3.3 to 4.0", where a heading says already what it is."""
    return formatting.interval_short(formatting.stars(found.low), formatting.stars(found.high))


class Rated(NamedTuple):
    """A rating, whose it is, and the answers behind it."""

    label: str
    rating: Rating
    answers: int


def rating_table(title: str, head: str, rated: Iterable[Rated]) -> Table:
    """Ratings below each other. HEAD: whose they are."""
    heads = [head, gettext("Stars"), formatting.range_heading(), gettext("Answers")]
    rows = [
        [label, formatting.stars(found.stars), star_range(found), formatting.count(answers)]
        for label, found, answers in rated
    ]
    return Table(title, heads, rows)


def ranges_overlap(is_apart: bool) -> str:
    """Whether two ranges, drawn below each other, overlap."""
    if is_apart:
        return gettext("The two ranges do not overlap.")
    return gettext("The two ranges overlap: this may be chance.")


def star_axis(bottom: float) -> Iterator[Markup]:
    """Light verticals at whole stars, named at the bottom; the ends say the unit."""
    for stars in range(1, 6):
        at = star_place(stars)
        yield svg.rule(at, 8, at, bottom, "c-grid")
        yield svg.text(str(stars), at, bottom + 18, look="c-quiet", anchor="middle")
    yield svg.rule(0, bottom, 1, bottom, "c-axis")


def score_chart(reputation: Reputation) -> Chart:
    """The score with its range on the line from 1 to 5 stars."""
    found, answers = reputation.score, reputation.answers
    value, at = formatting.stars(found.stars), star_place(found.stars)
    parts = [
        *star_axis(64),
        svg.whisker(star_place(found.low), star_place(found.high), 40),
        svg.dot(at, 40, radius=8),
        svg.above(value, at, 22, look="c-strong c-halo c-large c-said"),
    ]
    heads = [gettext("Figure"), gettext("Stars"), formatting.range_heading()]
    rows = [[gettext("Score"), value, star_range(found)]]
    return svg.chart(
        "score",
        gettext("Score on the line from 1 to 5 stars"),
        stars(found, answers).sentence,
        90,
        parts,
        Table(gettext("Score and comparisons"), heads, rows),
        n=from_answers(answers),
    )
