"""The page of levers: what goes with better ratings, how surely, and what cannot be shown.

It shows what `reputation` lets it: a lever with a reason to hide it never shows a figure of its
own, only the platform's, and says whose that is.
"""

from datetime import date
from typing import Any

from portal import figures, formatting
from portal.figures import Chart
from portal.reputation import Dashboard
from portal.scorecard import Lever, Levers


def levers_page(board: Dashboard) -> dict[str, Any]:
    """All that the page shows; without `ranked` and `hidden` before any was computed."""
    card = board.reputation
    found = card.levers if card else Levers()
    answers = figures.answers_or_more(card.lever_answers) if card and found.shown else ""
    is_clear = all(figures.is_clear(own) for _, own in found.shown)
    return {
        "ranked": _chart(found, answers) if found.shown else None,
        "unclear": None if is_clear else figures.no_clear_difference(),
        "standing": figures.largest_levers(found, is_own=True) + figures.unranked_levers(found),
        "hidden": [figures.lever(one) for one in found.hidden],
        "others": _platform_chart(found.hidden, card.levers_fitted_on if card else None),
        "answers": answers,
        "fitted_on": _day(card.levers_fitted_on if card else None),
        "released": _day(card.as_of if card else None),
        "not_your_own": figures.not_your_own(),
        "unrecorded": figures.unrecorded(),
        "doubtful": figures.doubtful() if card and card.records_are_denied else None,
        "association": figures.association(),
        "overlap": figures.overlap(),
    }


def _chart(found: Levers, answers: str) -> Chart:
    items = [(figures.lever_name(one.name), own) for one, own in found.shown]
    return figures.effects("levers", items, answers)


def _platform_chart(hidden: list[Lever], fitted_on: date | None) -> Chart | None:
    """All employers together, for the levers whose own figure is hidden."""
    theirs = [(one.name, one.platform) for one in hidden if one.platform]
    if not theirs:
        return None
    items = [
        (figures.lever_name(name), they)
        for name, they in sorted(theirs, key=lambda one: -one[1].stars)
    ]
    whose = dict.fromkeys(figures.together(they) for _, they in theirs)
    as_of = figures.as_of(fitted_on) if fitted_on else ""
    return figures.effects("all-employers", items, "; ".join(whose), is_own=False, as_of=as_of)


def _day(day: date | None) -> str:
    """A day of the scorecard as people write it."""
    return formatting.day(day) if day else ""
