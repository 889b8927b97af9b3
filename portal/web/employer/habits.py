"""The page of habits: how fast, how and whether candidates are told, and what they say of it.

The employer's own records are counted in full; what comes from answers keeps its floor.
"""

from typing import Any

from portal import formatting, wording
from portal.config import settings
from portal.reputation import Dashboard
from portal.web import charts, public_figures
from portal.web.charts import Chart
from portal.wording import Figure

TOLD_WITHIN_DAYS = (3, 7, 14, 30)
LATE_DAYS = 14
CHANNELS = (
    ("By phone or in person", ("phone", "in_person")),
    ("By email or letter", ("email", "letter")),
    ("In your application portal", ("portal",)),
    ("Not told", ("none",)),
)


def habits_page(board: Dashboard) -> dict[str, Any]:
    """All that the page shows; `decided` is None before the first decision."""
    habits = board.habits
    if not habits.get("decided"):
        return {"decided": None, "flags": []}
    return {
        "decided": decided_words(board),
        "median": median_words(board),
        "told": [public_figures.told_stat(habits, days) for days in TOLD_WITHIN_DAYS],
        "curve": public_figures.told_chart(board),
        "no_curve": wording.no_curve(habits["curve"]["followed_days"], public_figures.CURVE_DAYS),
        "late": public_figures.ghost_stat(board, 1, LATE_DAYS),
        "never": public_figures.ghost_stat(board, 1),
        "ghost": public_figures.ghost_chart(board, 1),
        "decision": wording.decision_time(habits.get("decision")),
        "channels": _channels(habits["channels"]),
        "promises": wording.promises(habits.get("promises")),
        "told_why": wording.told_why(habits.get("feedback")),
        "feedback": _feedback(habits.get("feedback")),
        "flags": [wording.flag(one["flag"]) for one in habits.get("flags") or ()],
        **_agreement(board),
    }


def decided_words(board: Dashboard) -> str:
    """How many decisions the habits are counted from."""
    return wording.decisions(board.habits["decided"])


def median_words(board: Dashboard) -> str:
    """When half of the candidates have been told."""
    habits = board.habits
    followed = habits["curve"]["followed_days"]
    return wording.median(habits["median_days"], followed)


def _channels(counts: dict[str, int]) -> Chart:
    """How candidates were told; every decision stands in one row."""
    parts = [(label, sum(counts.get(key, 0) for key in keys)) for label, keys in CHANNELS]
    untold, decided = parts[-1][1], sum(count for _, count in parts)
    said = f"Told by now: {wording.decisions_of(decided - untold, decided)}."
    heads = ("Channel", "Decisions")
    return charts.parts_of_all("channels", "How they were told", heads, parts, said)


def _feedback(found: dict[str, int] | None) -> Chart | None:
    if not found or not sum(found.values()):
        return None
    parts = [(name, found[kind]) for kind, name in wording.feedback_names().items()]
    said = wording.told_why(found).sentence
    heads = ("Reason", "Decisions")
    return charts.parts_of_all("feedback", "Whether they were told why", heads, parts, said)


# -- the log and the candidates -------------------------------------------------------------------


def _agreement(board: Dashboard) -> dict[str, Any]:
    """The record against the candidates' word; the four counts only where a histogram may be."""
    found = board.reputation.get("agreement")
    denied: Figure = wording.agreement(found, board.floor)
    facts: dict[str, Any] = {"denied": denied, "table": [], "base": "", "kappa": ""}
    if not found or denied.value is None or _answers(found) < settings().MIN_COMMENTS:
        return facts
    rows = (
        ("Recorded as told", "both", "recorded_only"),
        ("Not recorded as told", "reported_only", "neither"),
    )
    facts["table"] = [
        [label, *(formatting.count(found[key]) for key in keys)]
        for label, *keys in rows
        if any(found[key] for key in keys)  # too few on that side: nothing of it was kept
    ]
    facts["base"] = wording.agreement_base(_answers(found), board.reputation["answers"])
    facts["kappa"] = wording.kappa(found["kappa"])
    return facts


def _answers(found: dict[str, Any]) -> int:
    return sum(int(found[key]) for key in ("both", "recorded_only", "reported_only", "neither"))
