"""Differences between answers: of now and before, after and before the reminder; and the silent."""

from collections.abc import Sequence
from typing import Any

from portal import formatting
from portal.figures.figure import Figure, missing, star_difference
from portal.language import gettext
from portal.scorecard import Release, Reputation, Wave, WhatIf
from portal.statistics.score import Estimate

MIN_CHANGE_ANSWERS = 30  # on each side


def change(reputation: Reputation | None) -> Figure:
    """Answers released in the 90 days up to the newest figures against all before."""
    label = gettext("Last 90 days against before")
    if reputation is None or not reputation.change:
        why = gettext(
            "It takes %(n)s answers in the last 90 days and %(n)s before", n=MIN_CHANGE_ANSWERS
        )
        return missing(label, why)
    return difference(
        label,
        reputation.change,
        n=gettext(
            "up to %(day)s, at least %(n)s answers on each side",
            day=formatting.day(reputation.as_of, style="medium"),
            n=MIN_CHANGE_ANSWERS,
        ),
        key="change_90_days",
        caveat=gettext(
            "Answers released in the last 90 days less all earlier ones. The candidates of then "
            "and now may differ in other ways."
        ),
    )


def difference(label: str, found: Estimate, **more: Any) -> Figure:
    """Stars of now less those of before, and which of them is higher, if that can be said."""
    if found.low <= 0 <= found.high:
        verdict, tone = gettext("Cannot be told apart from before"), "neutral"
    elif found.value > 0:
        verdict, tone = gettext("Higher than before"), "good"
    else:
        verdict, tone = gettext("Lower than before"), "bad"
    return star_difference(label, found.value, found, verdict=verdict, tone=tone, **more)


def newest_release(reputation: Reputation | None, releases: Sequence[Release]) -> Figure:
    """The newest of RELEASES, oldest first, less the one before; each by its own answers."""
    label = gettext("Newest release against the one before")
    if len(releases) < 2:
        return missing(label, gettext("It takes two releases of feedback"))
    if reputation is None or reputation.newest is None:
        return missing(label, gettext("It is compared with the next release"))
    before, newest = releases[-2:]
    return difference(
        label,
        reputation.newest,
        key="newest_release",
        n=gettext(
            "%(newest)s answers released on %(day)s, %(before)s the time before",
            newest=formatting.count(newest.answers),
            day=formatting.day(newest.released_on, style="medium"),
            before=formatting.count(before.answers),
        ),
        caveat=gettext(
            "The mean stars of the newest release alone, less those of the one before it, not "
            "drawn towards the middle. Other candidates answered; two releases are a small part of "
            "the score."
        ),
    )


def wave(found: Wave | None) -> Figure:
    """Those who answered after the reminder against before it; None: too few."""
    label = gettext("After the reminder against before")
    if not found:
        why = gettext("Too few answers came before or after a reminder")
        return missing(label, why)
    if found.differs:
        verdict, tone = gettext("Those who did not answer may differ"), "warn"
    elif found.low <= 0 <= found.high:
        verdict, tone = gettext("No clear difference"), "neutral"
    else:
        verdict, tone = gettext("A small difference"), "neutral"
    return star_difference(
        label,
        found.difference,
        found,
        key="after_reminder",
        verdict=verdict,
        tone=tone,
        caveat=gettext(
            "Stars of those who answered after the reminder less those who answered before it, "
            "among candidates with a like outcome and wait. They are the nearest to those who "
            "stayed silent."
        ),
    )


def what_if(found: WhatIf | None) -> str:
    """What the average would be, were those who did not answer less content; "" if not known."""
    if not found:
        return ""
    return gettext(
        "Were those who did not answer %(quarter)s stars lower, the average would be "
        "%(at_quarter)s; were they %(half)s lower, it would be %(at_half)s.",
        quarter=formatting.number(0.25, 2),
        half=formatting.number(0.5, 1),
        at_quarter=formatting.stars(found.quarter),
        at_half=formatting.stars(found.half),
    )


def held_back() -> str:
    """Beside a release that left some answers for the next, by lot."""
    return gettext(
        "Nearly everybody has answered; some answers wait for the next release, so that no single "
        "answer is certain."
    )
