"""How long candidates wait to be told: shares, median and the curve (Kaplan–Meier)."""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from portal import formatting
from portal.figures import svg
from portal.figures.figure import Figure, decisions, labelled, missing, share_of
from portal.figures.svg import Chart, Table
from portal.language import gettext
from portal.scorecard import Habits
from portal.statistics.survival import GHOST_LINE, Share

MARKED_DAYS = (3, 7, 14, 30)
HORIZON_DAYS = 30
PLOT = svg.Plot(top=12, height=190)


def told_within(told: Share, days: int, decided: int, *, is_followed: bool = True) -> Figure:
    """The share TOLD within DAYS of DECIDED decisions (Kaplan–Meier), if the curve goes so far."""
    label = gettext("Told within %(days)s", days=formatting.days(days))
    if not is_followed:
        return missing(label, gettext("Too few decisions are that old yet"))
    return share_of(label, told, decisions(decided), key=f"told_in_{days}")


def told_stat(habits: Habits, days: int) -> Figure:
    """The share told within DAYS."""
    is_followed = habits.curve.is_followed(days)
    return told_within(habits.told_by[days], days, habits.decided, is_followed=is_followed)


def median_stat(habits: Habits) -> str:
    """When half of the candidates have been told."""
    return _median(habits.median_days, habits.curve.followed_days)


def _median(days: int | None, followed: int) -> str:
    if days is None:
        return gettext(
            "More than half of the candidates are not told by day %(day)s.", day=followed
        )
    if days == 0:
        return gettext("Half of the candidates are told on the day of the decision.")
    return gettext(
        "Half of the candidates are told within %(days)s of the decision.",
        days=formatting.days(days),
    )


def no_curve(habits: Habits) -> str:
    """Why the curve is not drawn yet."""
    return gettext(
        "The curve is drawn to day %(horizon)s; decisions have been followed to day %(followed)s "
        "so far.",
        horizon=HORIZON_DAYS,
        followed=habits.curve.followed_days,
    )


def told_chart(habits: Habits) -> Chart | None:
    """The share told by day as steps with a band; None while nobody was followed long enough."""
    curve = habits.curve
    if not curve.is_followed(HORIZON_DAYS):
        return None
    half_said = _median(habits.median_days, HORIZON_DAYS)  # not from the curve, which is rounded
    shares = gettext("; ").join(
        labelled(formatting.days(day), formatting.share(curve.told[day])) for day in MARKED_DAYS
    )
    told = gettext("Told within %(shares)s.", shares=shares)
    article = PLOT.y(1 - GHOST_LINE)
    parts = [
        *PLOT.grid({share: formatting.share(share) for share in (0.0, 0.25, 0.5, 0.75, 1.0)}),
        PLOT.curve(*map(_steps, (curve.told, curve.low, curve.high))),
        svg.rule(0, article, 1, article, "c-reference"),
        *_marked_days(curve.told),
        _article_label(curve.told[HORIZON_DAYS]),
        svg.text(gettext("day"), "-8", PLOT.bottom + 24, look="c-quiet", anchor="end"),
        svg.text("%", "-8", PLOT.bottom + 44, look="c-quiet c-said", anchor="end"),
    ]
    return svg.chart(
        "told",
        gettext("Share of candidates told, by day after the decision"),
        f"{told} {half_said}",
        PLOT.bottom + 50,
        parts,
        _table(habits),
        gutter="chart-svg--axis",
        says=half_said,
        n=decisions(habits.decided),
        is_record=True,
    )


def _steps(shares: Sequence[float]) -> list[tuple[float, float]]:
    """A share holds from its day until the next: two points per step, none after the horizon."""
    points = [(0.0, shares[0])]
    for day, share in enumerate(shares[1 : HORIZON_DAYS + 1], 1):
        if share != points[-1][1]:
            points += [(day / HORIZON_DAYS, points[-1][1]), (day / HORIZON_DAYS, share)]
    return [*points, (1.0, points[-1][1])]


def _marked_days(told: Sequence[float]) -> Iterator[Markup]:
    """Dots on the curve, dropped to the axis, where day and share stand below each other."""
    before, bottom = "", PLOT.bottom
    for day in MARKED_DAYS:
        at, y = day / HORIZON_DAYS, PLOT.y(told[day])
        # Without the sign, and "100" only once: at 320 px those of day 3 and day 7 would touch.
        figure = f"{100 * told[day]:.0f}"
        shown = "" if before == figure == "100" else figure
        before = figure
        yield svg.rule(at, y, at, bottom + 6, "c-drop")
        yield svg.dot(at, y)
        yield svg.text(str(day), at, bottom + 24, look="c-quiet", anchor="middle")
        yield svg.text(shown, at, bottom + 44, look="c-strong c-said", anchor="middle")


def _article_label(told_at_end: float) -> Markup:
    """Names the article's share on the side of its line where the curve is not."""
    told = 1 - GHOST_LINE
    words = gettext("an article: %(share)s told", share=formatting.share(told))
    y = PLOT.y(told) + (17 if told_at_end > told else -8)
    return svg.text(words, 1, y, look="c-reference-text c-halo", anchor="end")


def _table(habits: Habits) -> Table:
    told, low, high = (
        list(map(formatting.share, shares))
        for shares in (habits.curve.told, habits.curve.low, habits.curve.high)
    )
    rows = [
        [formatting.days(day), told[day], formatting.interval_short(low[day], high[day])]
        for day in (0, 1, 2, 3, 5, 7, 10, 14, 21, 30)
    ]
    caption = gettext(
        "Share told, by days after the decision; %(decisions)s",
        decisions=decisions(habits.decided),
    )
    return Table(caption, [gettext("Within"), gettext("Told"), formatting.range_heading()], rows)
