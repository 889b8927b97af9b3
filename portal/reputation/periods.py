"""Figures of the last 90 days and of the last year: unions of whole standing releases.

Counted up to the day of a release or a withdrawal, as all of the scorecard, so that nothing changes
because time goes by. Periods of different days differ by whole releases, and so does a period from
all that is released. So each release in a period holds today's floor, which may have been raised
since; and those left out of every period hold it together, or there are none.
"""

from collections.abc import Sequence
from datetime import date, timedelta

from portal.config import settings
from portal.reputation import figures
from portal.reputation.figures import Released, is_enough_or_none
from portal.reputation.parts import BREAKDOWNS
from portal.scorecard import Opinion, Period, PeriodFigures, WhyOff
from portal.statistics import score

PERIOD_DAYS = (90, 365)

Releases = Sequence[Released]


def describe_periods(released: Releases, today: date, prior: score.Prior) -> tuple[Period, ...]:
    """Every period up to TODAY of all that is RELEASED, the shortest first."""
    return tuple(_describe(released, days, today, prior) for days in PERIOD_DAYS)


def _describe(released: Releases, days: int, today: date, prior: score.Prior) -> Period:
    since = today - timedelta(days=days)
    recent = [one for one in released if one.released_on > since]
    if why_off := _why_off(released, recent):
        return Period(days, None, why_off)
    return Period(days, _figures(released, since, prior))


def _why_off(released: Releases, recent: Releases) -> WhyOff | None:
    """Why the RECENT ones of all that is RELEASED are no period to show."""
    if not recent:
        return "none"
    if len(recent) == len(released):
        return "all"
    is_enough = any(one.answers >= settings().MIN_ANSWERS for one in recent)
    is_whole = is_enough_or_none(_small([one.answers for one in released]))
    return None if is_enough and is_whole else "few"


def _small(counts: Sequence[int]) -> int:
    """What those of COUNTS hold together that are below the floor one by one."""
    floor = settings().MIN_ANSWERS
    return sum(count for count in counts if count < floor)


def _figures(released: Releases, since: date, prior: score.Prior) -> PeriodFigures:
    floor = settings().MIN_ANSWERS
    whole = [one for one in released if one.answers >= floor]
    some = [one for one in whole if one.released_on > since]
    stars = figures.add_up(some, "overall", figures.STARS)
    nps = score.candidate_nps(figures.add_up(some, "recommend", figures.NPS))
    answers = sum(one.answers for one in some)
    return PeriodFigures(
        since=min(one.released_on for one in some),
        releases=len(some),
        answers=answers,
        rating=figures.rate_counts(stars, answers, prior),
        nps=figures.rounded_estimate(nps, 0),
        resentment=_share(released, some, "relationship", figures.RESENTFUL),
        chased=_share(released, some, "chased", figures.CHASERS),
        change=figures.change_since(whole, since),
        dimensions={name: figures.group_by(some, name, prior) for name in BREAKDOWNS},
    )


def _share(released: Releases, some: Releases, question: str, yes: Sequence[str]) -> Opinion | None:
    """The share of YES in those of SOME releases in which enough answered QUESTION.

    None: in no release; or so few answered in those left out that all but these would tell it.
    """
    floor = settings().MIN_ANSWERS
    asking = [one for one in some if one.sums.answered(question) >= floor]
    left_out = _small([one.sums.answered(question) for one in released])
    if not asking or not is_enough_or_none(left_out):
        return None
    classes = figures.no_and_yes([one.sums for one in asking], question, yes)
    found = score.weighted_share(figures.add_up(asking, question, classes))
    answers = sum(one.sums.answered(question) for one in asking)
    return Opinion(**vars(figures.rounded_share(found)), answers=answers, shown=True)
