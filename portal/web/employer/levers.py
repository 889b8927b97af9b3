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


def levers_page(board: Dashboard) -> dict[str, Any]:
    """All that the page shows; without `ranked` and `hidden` before any was computed."""
    card = board.reputation
    found = card.levers if card else ()
    ranked = _ranked(found)
    hidden = [one for one in found if one["reason_hidden"]]
    return {
        "ranked": [(figures.lever(one), _is_equal(one, ranked)) for one in ranked],
        "ranked_chart": _chart("levers", ranked) if ranked else None,
        "hidden": [(figures.lever(one), _platform_words(one)) for one in hidden],
        "others_chart": _platform_chart(hidden),
        "answers": _answers(board) if ranked else "",
        "fitted_on": _day(card.levers_fitted_on if card else None),
        "released": _day(card.as_of if card else None),
        "not_your_own": figures.not_your_own(),
        "about_equal": figures.about_equal_to_next(),
        "association": figures.association(),
        "overlap": figures.overlap(),
    }


def largest(board: Dashboard) -> str:
    """The largest clear lever in a sentence; "" where none is."""
    found = board.reputation.levers if board.reputation else ()
    clear = [one for one in _ranked(found) if figures.is_clear(one)]
    return figures.lever(clear[0]).sentence if clear else ""


def _ranked(levers: Iterable[Plain]) -> list[Plain]:
    """What may be shown, by estimate, the highest first."""
    shown = [one for one in levers if not one["reason_hidden"]]
    return sorted(shown, key=lambda one: -float(one["effect_stars"]))


def _is_equal(lever: Plain, ranked: list[Plain]) -> bool:
    """Whether LEVER's range and that of the one below it overlap."""
    return bool(lever["about_equal_to_next"]) and lever is not ranked[-1]


def _chart(chart_id: str, ranked: list[Plain]) -> Chart:
    return figures.effects(
        chart_id,
        [
            figures.Effect(
                figures.lever_name(one["lever"]),
                one["effect_stars"],
                one["low"],
                one["high"],
                _is_equal(one, ranked),
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
