"""The page of levers: what goes with better ratings, how surely, and what cannot be shown.

It shows what `reputation` lets it: a lever with a reason to hide it never shows a figure of its
own, only the platform's, and says whose that is.
"""

from datetime import date
from typing import Any

from portal import figures, formatting
from portal.figures import Chart
from portal.reputation import Dashboard
from portal.scorecard import Lever, Levers, Reputation


def levers_page(board: Dashboard) -> dict[str, Any]:
    """All that the page shows; without `ranked` and `hidden` before any was computed."""
    card = board.reputation
    found = card.levers if card else Levers()
    certain = figures.named_largest(found) if len(found.shown) > 1 else ()
    return {
        "ranked": [(figures.lever(one), (one.name,) == certain) for one, _ in found.shown],
        "standing": figures.largest_levers(found, is_own=True) + figures.equal_levers(found),
        "ranked_chart": _chart(found) if found.shown else None,
        "hidden": [(figures.lever(one), _platform_words(one)) for one in found.hidden],
        "others_chart": _platform_chart(found.hidden),
        "answers": figures.answers_or_more(card.lever_answers) if card and found.shown else "",
        "fitted_on": _day(card.levers_fitted_on if card else None),
        "released": _day(card.as_of if card else None),
        "not_your_own": figures.not_your_own(),
        "most_likely_largest": figures.most_likely_largest(is_own=True),
        "unrecorded": figures.unrecorded(),
        "doubtful": figures.doubtful() if card and _is_denied(card) else None,
        "association": figures.association(),
        "overlap": figures.overlap(),
    }


def _is_denied(card: Reputation) -> bool:
    """Whether what candidates say casts doubt on the records that levers are made of."""
    return card.agreement is not None and card.agreement.is_denied_flag


def _chart(found: Levers) -> Chart:
    items = [
        figures.Effect(figures.lever_name(one.name), own.stars, own.low, own.high)
        for one, own in found.shown
    ]
    return figures.effects("levers", items)


def _platform_chart(hidden: list[Lever]) -> Chart | None:
    """All employers together, for the levers whose own figure is hidden."""
    items = [
        figures.Effect(figures.lever_name(one.name), they.stars, they.low, they.high)
        for one in hidden
        if (they := one.platform)
    ]
    items.sort(key=lambda item: -item.stars)
    return figures.effects("all-employers", items, is_own=False) if items else None


def _platform_words(lever: Lever) -> str:
    return figures.platform_lever(lever.platform) if lever.platform else ""


def _day(day: date | None) -> str:
    """A day of the scorecard as people write it."""
    return formatting.day(day) if day else ""
