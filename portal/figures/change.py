"""Differences between answers: of now and before, after and before the reminder; and the silent."""

from __future__ import annotations

from portal import formatting
from portal.figures.figure import (
    Figure,
    missing,
    shown,
)
from portal.language import gettext
from portal.scorecard import (
    Reputation,
    Wave,
    WhatIf,
)
from portal.statistics.score import Estimate

MIN_CHANGE_ANSWERS = 30  # on each side


LOWER_BY = (0.25, 0.5)


def change(reputation: Reputation | None) -> Figure:
    """Answers released in the 90 days up to the newest figures against all before."""
    label = gettext("Last 90 days against before")
    found = reputation.change if reputation else None
    if reputation is None or not found:
        why = gettext(
            "It takes %(n)s answers in the last 90 days and %(n)s before", n=MIN_CHANGE_ANSWERS
        )
        return missing(label, why)
    return difference(
        label,
        found,
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


def difference(label: str, found: Estimate, **more: object) -> Figure:
    """Stars of now less those of before, and which of them is higher, if that can be said."""
    if found.low <= 0 <= found.high:
        verdict, tone = gettext("Cannot be told apart from before"), "neutral"
    elif found.value > 0:
        verdict, tone = gettext("Higher than before"), "good"
    else:
        verdict, tone = gettext("Lower than before"), "bad"
    return _difference(label, found.value, found, verdict=verdict, tone=tone, **more)


def _difference(label: str, value: float, limits: Estimate | Wave, **more: object) -> Figure:
    return shown(
        label,
        formatting.signed(value, 1),
        unit=formatting.star_word(value),
        interval=formatting.signed_interval(limits.low, limits.high, 1),
        **more,  # type: ignore[arg-type]
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
    return _difference(
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
    quarter, half = LOWER_BY
    return gettext(
        "Were those who did not answer %(quarter)s stars lower, the average would be "
        "%(at_quarter)s; were they %(half)s lower, it would be %(at_half)s.",
        quarter=formatting.number(quarter, 2),
        half=formatting.number(half, 1),
        at_quarter=formatting.stars(found.quarter),
        at_half=formatting.stars(found.half),
    )


def held_back() -> str:
    """Beside a release that left some answers for the next, by lot."""
    return gettext(
        "Nearly everybody has answered; some answers wait for the next release, so that no single "
        "answer is certain."
    )
