"""The last 90 days, the last 365, and all: each beside what was before it."""

from dataclasses import replace

from portal import formatting
from portal.figures.change import MIN_CHANGE_ANSWERS, difference
from portal.figures.figure import Figure, from_answers, missing
from portal.figures.groups import rated_chart
from portal.figures.opinions import chased, nps, resentment
from portal.figures.score import Rated, stars
from portal.figures.svg import Chart
from portal.language import gettext, ngettext
from portal.scorecard import Period, PeriodFigures, Reputation
from portal.statistics.score import Estimate


def period_name(days: int | None) -> str:
    """The releases of the last DAYS in words; None: all."""
    if days is None:
        return gettext("All time")
    return gettext("Last %(n)s days", n=formatting.count(days))


def period_held(found: PeriodFigures) -> str:
    """What stands in a period: "42 answers in 3 releases, the first of September 1, 2026"."""
    return ngettext(
        "%(answers)s answers in %(num)s release, of %(day)s.",
        "%(answers)s answers in %(num)s releases, the first of %(day)s.",
        found.releases,
        answers=formatting.count(found.answers),
        day=formatting.day(found.since),
    )


def why_no_period(period: Period, floor: int) -> str:
    """Why a period has no figures of its own."""
    return {
        None: gettext("Counted with the next release."),
        "none": gettext("Nothing was released in it."),
        "all": gettext("It holds all releases."),
        "few": gettext(
            "Shown once it holds %(floor)s answers in whole releases, and nothing can be worked "
            "out of the rest.",
            floor=floor,
        ),
    }[period.why_off]


def why_no_groups(floor: int) -> str:
    """Why answers are not shown by a dimension."""
    return gettext(
        "Shown once each group has %(floor)s answers in whole releases, and nothing can be worked "
        "out of the rest.",
        floor=floor,
    )


def period_stats(days: int, found: PeriodFigures, floor: int) -> list[Figure]:
    """Stars, also against all before; and opinions."""
    rated_now = stars(
        found.rating,
        found.answers,
        says=_change(days, found).sentence,
        caveat=gettext(
            "All answers of the period count alike, older or newer, weighted to everyone who was "
            "asked; drawn towards the middle while they are few. The candidates of then and now "
            "may differ in other ways."
        ),
    )
    stats = (rated_now, nps(found), resentment(found, floor), chased(found, floor))
    return [replace(one, scope=f"{days} days") for one in stats]  # another figure than of all


def _change(days: int, found: PeriodFigures) -> Figure:
    """Stars of a period less those of all releases before it."""
    label = gettext("%(period)s against before", period=period_name(days))
    if not found.change:
        why = gettext(
            "It takes %(n)s answers in the period and %(n)s before it", n=MIN_CHANGE_ANSWERS
        )
        return missing(label, why)
    sides = gettext("at least %(n)s answers on each side", n=MIN_CHANGE_ANSWERS)
    return difference(label, found.change, n=sides)


def periods_chart(reputation: Reputation) -> Chart | None:
    """Stars of each period below each other, all last; None where all is the only one."""
    shown = reputation.periods_shown
    if not shown:
        return None
    rows = [Rated(period_name(days), found.rating, found.answers) for days, found in shown]
    score = gettext("The score: newer answers count more")
    rows.append(Rated(score, reputation.score, reputation.answers))
    said = " ".join(_against_before(days, found.change) for days, found in shown)
    n = from_answers(reputation.answers)  # each period is part of the longer ones
    title, head = gettext("Stars by period"), gettext("Period")
    return rated_chart("periods", title, (said, said), head, rows, n)


def _against_before(days: int, change: Estimate | None) -> str:
    """Whether the stars of a period can be told apart from those before."""
    if not change:
        return gettext(
            "%(period)s: not held against before, as either has fewer than %(n)s answers.",
            period=period_name(days),
            n=MIN_CHANGE_ANSWERS,
        )
    verdict = gettext("cannot be told apart")
    if not change.low <= 0 <= change.high:
        verdict = gettext("higher") if change.value > 0 else gettext("lower")
    limits = (formatting.signed(one) for one in (change.low, change.high))
    return gettext(
        "%(period)s: %(stars)s %(unit)s against before (%(range)s), %(verdict)s.",
        period=period_name(days),
        stars=formatting.signed(change.value),
        unit=formatting.star_word(change.value),
        range=formatting.interval(*limits),
        verdict=verdict,
    )
