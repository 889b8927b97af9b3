"""The page of levers: what goes with better ratings, how surely, and what cannot be shown.

It shows what `reputation` lets it: a lever with a reason to hide it never shows a figure of its
own, only the platform's, and says whose that is.
"""

from datetime import date
from typing import Any

from portal import formatting, wording
from portal.reputation import Dashboard
from portal.web import charts
from portal.web.charts import Chart


def levers_page(board: Dashboard) -> dict[str, Any]:
    """All that the page shows; without `ranked` and `hidden` before any was computed."""
    described = board.reputation
    found = described.get("levers") or []
    ranked = _ranked(found)
    hidden = [one for one in found if one["reason_hidden"]]
    certain = wording.named_largest(described) if len(ranked) > 1 else []
    return {
        "ranked": [(wording.lever(one), [one["lever"]] == certain) for one in ranked],
        "standing": _standing(described) if ranked else [],
        "ranked_chart": _chart("levers", ranked) if ranked else None,
        "hidden": [(wording.lever(one), _platform_words(one)) for one in hidden],
        "others_chart": _platform_chart(hidden),
        "answers": _answers(board) if ranked else "",
        "fitted_on": _day(board, "levers_fitted_on"),
        "released": _day(board, "as_of"),
        "not_your_own": wording.not_your_own(),
        "most_likely_largest": wording.most_likely_largest(is_own=True),
        "unrecorded": wording.unrecorded(),
        "association": wording.association(),
        "overlap": wording.overlap(),
    }


def largest(board: Dashboard) -> str:
    """The largest clear lever in a sentence, and how surely it is; "" where none is clear."""
    clear = [one for one in _ranked(board.reputation.get("levers") or []) if wording.is_clear(one)]
    if not clear:
        return ""
    standing = wording.largest_levers(board.reputation, is_own=True)
    return " ".join([wording.lever(clear[0]).sentence, *standing])


def _standing(described: dict[str, Any]) -> list[str]:
    """How the levers stand to each other."""
    return wording.largest_levers(described, is_own=True) + wording.equal_levers(described)


def _ranked(levers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What may be shown, by estimate, the highest first."""
    shown = [one for one in levers if not one["reason_hidden"]]
    return sorted(shown, key=lambda one: -float(one["effect_stars"]))


def _chart(chart_id: str, ranked: list[dict[str, Any]]) -> Chart:
    return charts.effects(
        chart_id,
        [
            charts.Effect(
                wording.lever_name(one["lever"]),
                one["effect_stars"],
                one["low"],
                one["high"],
            )
            for one in ranked
        ],
    )


def _platform_chart(hidden: list[dict[str, Any]]) -> Chart | None:
    """All employers together, for the levers whose own figure is hidden."""
    items = [
        charts.Effect(
            wording.lever_name(one["lever"]),
            one["platform"]["effect_stars"],
            one["platform"]["low"],
            one["platform"]["high"],
        )
        for one in hidden
        if one["platform"]
    ]
    items.sort(key=lambda item: -item.stars)
    return charts.effects("all-employers", items, is_own=False) if items else None


def _platform_words(lever: dict[str, Any]) -> str:
    platform = lever["platform"]
    return wording.platform_lever(platform) if platform else ""


def _answers(board: Dashboard) -> str:
    return wording.answers_or_more(board.reputation["lever_answers"])


def _day(board: Dashboard, name: str) -> str:
    """A day of the scorecard as people write it."""
    day = board.reputation.get(name)
    return formatting.day(date.fromisoformat(day)) if day else ""
