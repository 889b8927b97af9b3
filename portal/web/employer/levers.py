"""The page of levers: what goes with better ratings, how surely, and what cannot be shown.

It shows what `reputation` lets it: a lever with a reason to hide it never shows a figure of its
own, only the platform's, and says whose that is.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from portal import figures, formatting
from portal.figures import Chart, Plain
from portal.reputation import Dashboard
from portal.scorecard import Reputation


def levers_page(board: Dashboard) -> dict[str, Any]:
    """All that the page shows; without `ranked` and `hidden` before any was computed."""
    card = board.reputation
    found = card.levers if card else ()
    ranked = _ranked(found)
    hidden = [one for one in found if one["reason_hidden"]]
    certain = list(figures.named_largest(_compared(card))) if card and len(ranked) > 1 else []
    return {
        "ranked": [(figures.lever(one), [one["lever"]] == certain) for one in ranked],
        "standing": _standing(card) if card and ranked else [],
        "ranked_chart": _chart("levers", ranked) if ranked else None,
        "hidden": [(figures.lever(one), _platform_words(one)) for one in hidden],
        "others_chart": _platform_chart(hidden),
        "answers": _answers(board) if ranked else "",
        "fitted_on": _day(card.levers_fitted_on if card else None),
        "released": _day(card.as_of if card else None),
        "not_your_own": figures.not_your_own(),
        "most_likely_largest": figures.most_likely_largest(is_own=True),
        "unrecorded": figures.unrecorded(),
        "association": figures.association(),
        "overlap": figures.overlap(),
    }


def largest(board: Dashboard) -> str:
    """The largest clear lever in a sentence, and how surely it is; "" where none is clear."""
    card = board.reputation
    clear = [one for one in _ranked(card.levers if card else ()) if figures.is_clear(one)]
    if not card or not clear:
        return ""
    standing = figures.largest_levers(_compared(card), is_own=True)
    return " ".join([figures.lever(clear[0]).sentence, *standing])


def _standing(card: Reputation) -> list[str]:
    """How the levers stand to each other."""
    found = _compared(card)
    return figures.largest_levers(found, is_own=True) + figures.equal_levers(found)


def _compared(card: Reputation) -> Plain:
    """The levers and what tells them apart, as `flask analyse` gives them too."""
    return {
        "levers": card.levers,
        "levers_largest": card.levers_largest,
        "not_told_apart": card.not_told_apart,
    }


def _ranked(levers: Iterable[Plain]) -> list[Plain]:
    """What may be shown, by estimate, the highest first."""
    shown = [one for one in levers if not one["reason_hidden"]]
    return sorted(shown, key=lambda one: -float(one["effect_stars"]))


def _chart(chart_id: str, ranked: list[Plain]) -> Chart:
    return figures.effects(
        chart_id,
        [
            figures.Effect(
                figures.lever_name(one["lever"]),
                one["effect_stars"],
                one["low"],
                one["high"],
            )
            for one in ranked
        ],
    )


def _platform_chart(hidden: list[Plain]) -> Chart | None:
    """All employers together, for the levers whose own figure is hidden."""
    items = [
        figures.Effect(
            figures.lever_name(one["lever"]),
            one["platform"]["effect_stars"],
            one["platform"]["low"],
            one["platform"]["high"],
        )
        for one in hidden
        if one["platform"]
    ]
    items.sort(key=lambda item: -item.stars)
    return figures.effects("all-employers", items, is_own=False) if items else None


def _platform_words(lever: Plain) -> str:
    platform = lever["platform"]
    return figures.platform_lever(platform) if platform else ""


def _answers(board: Dashboard) -> str:
    return figures.answers_or_more(board.reputation.lever_answers) if board.reputation else ""


def _day(day: date | None) -> str:
    """A day of the scorecard as people write it."""
    return formatting.day(day) if day else ""
