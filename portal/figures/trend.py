"""Stars by release."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from portal import formatting
from portal.figures import svg
from portal.figures.figure import from_answers
from portal.figures.score import Rated, ranges_overlap, rating_table, star_place
from portal.figures.svg import Chart
from portal.language import gettext
from portal.scorecard import Release

PLOT = svg.Plot(top=14, height=180)
# What three names below the drawing may have together, so that they stand apart at 320 px.
MOST_LETTERS = 27
# From here on there is room for a figure between a dot and the axis.
LOWEST_BELOW = 1.7


def trend_chart(releases: Sequence[Release]) -> Chart | None:
    """Stars of RELEASES in a band of their ranges; None while there is nothing to compare."""
    if len(releases) < 2:
        return None
    names = _names(releases)
    places = [0.03 + 0.94 * at / (len(releases) - 1) for at in range(len(releases))]
    points = list(zip(places, releases, strict=True))
    parts = [
        *PLOT.grid({star_place(stars): f"{stars} ★" for stars in range(1, 6)}),
        PLOT.curve(
            [(at, star_place(one.stars)) for at, one in points],
            [(at, star_place(one.low)) for at, one in points],
            [(at, star_place(one.high)) for at, one in points],
        ),
        *(svg.dot(at, PLOT.y(star_place(one.stars)), radius=5) for at, one in points),
        _end(places[0], releases[0], releases[1]),
        _end(places[-1], releases[-1], releases[-2]),
        *_names_below(names, places),
    ]
    title = gettext("Stars by release")
    first, last = releases[0], releases[-1]
    moved = gettext(
        "From %(from_stars)s stars (%(from_label)s) to %(to_stars)s (%(to_label)s).",
        from_stars=formatting.stars(first.stars),
        from_label=names[0],
        to_stars=formatting.stars(last.stars),
        to_label=names[-1],
    )
    rated = [Rated(name, one, one.answers) for name, one in zip(names, releases, strict=True)]
    compared = ranges_overlap(last.low > first.high or last.high < first.low)
    return svg.chart(
        "trend",
        title,
        f"{moved} {compared}",
        PLOT.bottom + 28,
        parts,
        rating_table(title, gettext("Release"), rated),
        gutter="chart-svg--axis",
        says=compared,
        n=from_answers(sum(one.answers for one in releases)),
    )


def _names(releases: Sequence[Release]) -> list[str]:
    """Their months; their days, where releases are weekly or daily."""
    days = [one.released_on for one in releases]
    months = [formatting.month_short(day) for day in days]
    if len(set(months)) == len(months):
        return months
    return [formatting.day(day, style="medium") for day in days]


def _end(at: float, one: Release, beside: Release) -> Markup:
    """The stars of the first or last: above their dot, below where the line comes from above."""
    is_below = beside.stars > one.stars > LOWEST_BELOW
    y = PLOT.y(star_place(one.stars)) + (22 if is_below else -10)
    return svg.above(formatting.stars(one.stars), at, y, look="c-strong c-halo")


def _names_below(names: Sequence[str], places: Sequence[float]) -> Iterator[Markup]:
    """First and last release, and the middle one if there is surely room for it at 320 px."""
    y, last = PLOT.bottom + 20, len(names) - 1
    yield svg.text(names[0], 0, y, look="c-quiet")
    yield svg.text(names[last], 1, y, look="c-quiet", anchor="end")
    middle = last // 2
    letters = sum(len(names[at]) for at in (0, middle, last))
    if last >= 4 and last % 2 == 0 and letters <= MOST_LETTERS:
        yield svg.text(names[middle], places[middle], y, look="c-quiet", anchor="middle")
