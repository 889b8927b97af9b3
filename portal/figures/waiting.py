"""How long candidates wait to be told: shares, median and the curve (Kaplan–Meier)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from portal import formatting
from portal.figures import svg
from portal.figures.figure import (
    Figure,
    decisions,
    missing,
    share_of,
)
from portal.figures.ghosting import ARTICLE_SHARE
from portal.figures.svg import Chart, Table
from portal.language import gettext
from portal.scorecard import Habits
from portal.statistics.survival import Share


def told_within(told: Share, days: int, decided: int | None, *, is_followed: bool = True) -> Figure:
    """The share TOLD within DAYS (Kaplan–Meier).

    decided: the decisions behind it; None where the text says so already.
    is_followed: whether the curve reaches that far; a decision may be that old and told before.
    """
    label = gettext("Told within %(days)s", days=formatting.days(days))
    if not is_followed:
        return missing(label, gettext("Too few decisions are that old yet"))
    n = None if decided is None else decisions(decided)
    return share_of(label, told, n, key=f"told_in_{days}")


def waiting(told: Sequence[tuple[int, float]], half_by: int | None) -> str:
    """The curve in a sentence. TOLD: (day, share told by it); half_by: when half were told."""
    shares = gettext("; ").join(
        gettext(
            "%(label)s: %(figure)s",
            label=formatting.days(day),
            figure=formatting.share(share),
        )
        for day, share in told
    )
    said = gettext("Told within %(shares)s.", shares=shares)
    return f"{said} {median(half_by, told[-1][0])}"


def median(days: int | None, followed: int) -> str:
    """When half of the candidates have been told."""
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


def no_curve(followed: int, horizon: int) -> str:
    """Why the curve is not drawn yet."""
    return gettext(
        "The curve is drawn to day %(horizon)s; decisions have been followed to day %(followed)s "
        "so far.",
        horizon=horizon,
        followed=followed,
    )


MARKED_DAYS = (3, 7, 14, 30)


HORIZON_DAYS = 30


@dataclass(frozen=True)
class ToldByDay:
    """Share told by the end of day 0, 1, 2, … with 95 % limits, and the decisions behind it."""

    told: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]
    decisions: int | None = None

    def by(self, day: int) -> float:
        """The share told by the end of `day`; the curve is flat after its last day."""
        return self.told[min(day, len(self.told) - 1)]


_CURVE_TOP, _CURVE_HEIGHT = 12, 190


def told_curve(
    chart_id: str,
    data: ToldByDay | None,
    reference: float | None = ARTICLE_SHARE,
) -> Chart:
    """The share told by day as steps with a band, marked at 3, 7, 14 and 30 days.

    `reference` is a share *never* told; its line stands where the curve would end with it.
    """
    if data is None or not data.told:
        return svg.nothing(gettext("No decisions yet: nothing to time."))
    half = next((day for day, share in enumerate(data.told) if share >= 0.5), None)
    told = [(day, data.by(day)) for day in MARKED_DAYS]
    bottom = _CURVE_TOP + _CURVE_HEIGHT
    reference_line, reference_label = [], []
    if reference is not None:
        y = _curve_y(1 - reference)
        reference_line = [svg.rule(0, y, 1, y, "c-reference")]
        reference_label = [_never_told_label(reference, data)]
    parts = [
        *_share_grid(),
        _line_and_band(data),
        *reference_line,
        *_marked_days(data, bottom),
        *reference_label,
        svg.text(gettext("day"), "-8", bottom + 24, look="c-quiet", anchor="end"),
        svg.text("%", "-8", bottom + 44, look="c-quiet c-said", anchor="end"),
    ]
    return svg.chart(
        chart_id,
        gettext("Share of candidates told, by day after the decision"),
        waiting(told, half),
        bottom + 50,
        parts,
        _curve_table(data),
        gutter="chart-svg--axis",
        says=median(half, MARKED_DAYS[-1]),
        n="" if data.decisions is None else decisions(data.decisions),
        is_record=True,
    )


def _line_and_band(data: ToldByDay) -> Markup:
    told, low, high = map(_steps, (data.told, data.low, data.high))
    return svg.plot(
        _CURVE_TOP,
        _CURVE_HEIGHT,
        svg.path([*high, *reversed(low)], "c-band", closed=True),
        svg.path(high, "c-edge"),
        svg.path(low, "c-edge"),
        svg.path(told, "c-line"),
    )


def _steps(shares: Sequence[float]) -> list[tuple[float, float]]:
    """A share holds from its day until the next: two points per step, none after the horizon."""
    points = [(0.0, shares[0])]
    for day in range(1, HORIZON_DAYS + 1):
        share = shares[min(day, len(shares) - 1)]
        if share != points[-1][1]:
            points += [(day / HORIZON_DAYS, points[-1][1]), (day / HORIZON_DAYS, share)]
    return [*points, (1.0, points[-1][1])]


def _curve_y(share: float) -> float:
    return _CURVE_TOP + _CURVE_HEIGHT * (1 - share)


def _share_grid() -> list[Markup]:
    parts = []
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = _curve_y(share)
        parts.append(svg.rule(0, y, 1, y, "c-grid" if share else "c-axis"))
        parts.append(svg.text(formatting.share(share), "-8", y + 5, look="c-quiet", anchor="end"))
    return parts


def _marked_days(data: ToldByDay, bottom: float) -> list[Markup]:
    """Dots on the curve, dropped to the axis, where day and share stand below each other."""
    parts, before = [], ""
    for day in MARKED_DAYS:
        share, at = data.by(day), day / HORIZON_DAYS
        # Without the sign, and "100" only once: at 320 px those of day 3 and day 7 would touch.
        figure = f"{100 * share:.0f}"
        shown = "" if before == figure == "100" else figure
        before = figure
        parts += [
            svg.rule(at, _curve_y(share), at, bottom + 6, "c-drop"),
            svg.dot(at, _curve_y(share)),
            svg.text(str(day), at, bottom + 24, look="c-quiet", anchor="middle"),
            svg.text(shown, at, bottom + 44, look="c-strong c-said", anchor="middle"),
        ]
    return parts


def _never_told_label(never: float, data: ToldByDay) -> Markup:
    """Names the reference on the side of its line where the curve is not."""
    y = _curve_y(1 - never)
    words = gettext("the article: %(share)s told", share=formatting.share(1 - never))
    beyond = data.by(HORIZON_DAYS) > 1 - never
    at = y + 17 if beyond else y - 8
    return svg.text(words, 1, at, look="c-reference-text c-halo", anchor="end")


def _curve_table(data: ToldByDay) -> Table:
    def limits(day: int) -> str:
        low, high = data.low[min(day, len(data.low) - 1)], data.high[min(day, len(data.high) - 1)]
        return formatting.interval_short(formatting.share(low), formatting.share(high))

    rows = [
        [formatting.days(day), formatting.share(data.by(day)), limits(day)]
        for day in (0, 1, 2, 3, 5, 7, 10, 14, 21, 30)
    ]
    caption = gettext("Share told, by days after the decision")
    if data.decisions is not None:
        amount = formatting.count(data.decisions)
        caption = gettext("Share told, by days after the decision; %(n)s decisions", n=amount)
    return Table(caption, [gettext("Within"), gettext("Told"), formatting.range_heading()], rows)


def told_stat(habits: Habits, days: int) -> Figure:
    """The share told within DAYS."""
    is_followed = habits.curve.is_followed(days)
    return told_within(habits.told_by[days], days, habits.decided, is_followed=is_followed)


def median_stat(habits: Habits) -> str:
    """When half of the candidates have been told."""
    return median(habits.median_days, habits.curve.followed_days)


def told_chart(habits: Habits) -> Chart | None:
    """How fast candidates are told; None while nobody has been followed for long enough."""
    curve = habits.curve
    if not curve.is_followed(HORIZON_DAYS):
        return None
    return told_curve("told", ToldByDay(curve.told, curve.low, curve.high, habits.decided))
