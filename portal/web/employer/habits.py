"""The page of habits: how fast, how and whether candidates are told, and what they say of it.

The employer's own records are counted in full; what comes from answers keeps its floor.
"""

from collections.abc import Mapping
from typing import Any

from portal import figures, formatting
from portal.config import settings
from portal.figures import Chart
from portal.reputation import Dashboard
from portal.scorecard import Agreement, Feedback, Habits

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
    if not habits or not habits.decided:
        return {"decided": None, "flags": []}
    return {
        "decided": figures.decisions(habits.decided),
        "median": median_words(habits),
        "told": [figures.told_stat(habits, days) for days in TOLD_WITHIN_DAYS],
        "curve": figures.told_chart(habits),
        "no_curve": figures.no_curve(habits.curve.followed_days, figures.HORIZON_DAYS),
        "late": figures.ghost_stat(habits, 1, LATE_DAYS),
        "never": figures.ghost_stat(habits, 1),
        "ghost": figures.ghost_chart(habits, 1),
        "decision": figures.decision_time(habits.decision),
        "channels": _channels(habits.channels),
        "promises": figures.promises(habits.promises),
        "told_why": figures.told_why(habits.feedback),
        "feedback": _feedback(habits.feedback),
        "flags": [figures.flag(one.name) for one in habits.flags],
        **_agreement(board),
    }


def median_words(habits: Habits) -> str:
    """When half of the candidates have been told."""
    return figures.median(habits.median_days, habits.curve.followed_days)


def _channels(counts: Mapping[str, int]) -> Chart:
    """How candidates were told; every decision stands in one row."""
    parts = [(label, sum(counts.get(key, 0) for key in keys)) for label, keys in CHANNELS]
    untold, decided = parts[-1][1], sum(count for _, count in parts)
    said = f"Told by now: {figures.decisions_of(decided - untold, decided)}."
    heads = ("Channel", "Decisions")
    return figures.parts_of_all("channels", "How they were told", heads, parts, said)


def _feedback(found: Feedback | None) -> Chart | None:
    if not found or not found.told:
        return None
    counts = {"specific": found.specific, "general": found.general, "none": found.none}
    parts = [(name, counts[kind]) for kind, name in figures.feedback_names().items()]
    said = figures.told_why(found).sentence
    heads = ("Reason", "Decisions")
    return figures.parts_of_all("feedback", "Whether they were told why", heads, parts, said)


# -- the log and the candidates -------------------------------------------------------------------


def _agreement(board: Dashboard) -> dict[str, Any]:
    """The record against the candidates' word; the four counts only where a histogram may be."""
    reputation = board.reputation
    found = reputation.agreement if reputation else None
    denied = figures.agreement(found, board.floor)
    facts: dict[str, Any] = {"denied": denied, "table": [], "base": "", "kappa": ""}
    if not reputation or not found or denied.value is None:
        return facts
    if found.answers < settings().MIN_COMMENTS:
        return facts
    return facts | {
        "table": _agreement_table(found),
        "base": figures.agreement_base(found.answers, reputation.answers),
        "kappa": figures.kappa(found.kappa),
    }


def _agreement_table(found: Agreement) -> list[list[str]]:
    """By record; a side with too few answers, of which nothing was kept, is left out."""
    rows = {
        "Recorded as told": (found.both, found.recorded_only),
        "Not recorded as told": (found.reported_only, found.neither),
    }
    return [
        [label, *map(formatting.count, counts)] for label, counts in rows.items() if any(counts)
    ]
