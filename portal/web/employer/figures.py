"""An employer's own figures as its members see them: words, intervals, charts.

It must never decide what may be shown of answers: that is settled in `reputation`. The employer's
own records need no floor here: its members may see every one of them anyway.
"""

from collections.abc import Sequence
from typing import Any

from portal import formatting
from portal.models import SkipReason
from portal.reputation import Dashboard, Trend
from portal.web import charts, public_figures
from portal.web.charts import Chart
from portal.web.public_figures import Stat

TOLD_WITHIN_DAYS = (3, 7, 14, 30)
NEVER_DAYS, LATE_DAYS = "30", "14"
HORIZON_DAYS = 60
CHANNELS = (
    ("By phone or in person", ("phone", "in_person")),
    ("By email or letter", ("email", "letter")),
    ("In your application portal", ("portal",)),
    ("Not told", ("none",)),
)
NOT_ASKED = {
    SkipReason.NO_EMAIL: "No email address known",
    SkipReason.DO_NOT_EMAIL: "Marked as not to be emailed",
    SkipReason.OPTED_OUT: "Opted out of survey mail",
    SkipReason.SUPPRESSED: "The address does not take mail",
    SkipReason.RECENTLY_ASKED: "Asked by you within the last 180 days",
    SkipReason.ACTIVE_ELSEWHERE: "Still in another process of yours",
    SkipReason.RETRACTED: "The decision was taken back",
    SkipReason.TOO_OLD: "Decided too long before it was recorded",
    SkipReason.EMPLOYER_OFF: "The operator had not approved your account",
    SkipReason.NO_SENDER: "No postal address or reply address was set up",
    SkipReason.UNDELIVERED: "The invitation did not arrive",
    SkipReason.STALE: "The invitation could not leave in time",
}

Rows = list[list[str]]


# -- from answers ---------------------------------------------------------------------------------


def reputation_facts(board: Dashboard) -> dict[str, Any]:
    """Score, opinions, spread and releases; without a score while the floor is not reached."""
    facts: dict[str, Any] = {"score": None, "releases": _releases(board.trend)}
    if board.reputation:
        described = board.reputation
        facts |= {
            "score": public_figures.score_stat(described),
            "score_chart": public_figures.score_chart(described),
            "opinions": _opinions(described, board.floor),
            "spread": public_figures.spread_chart(described),
            "trend": public_figures.trend_chart(board.trend),
        }
    return facts


def _opinions(described: dict[str, Any], floor: int) -> list[Stat]:
    nps, chased = public_figures.opinion_stats(described, floor)
    return [nps, _resentment(described["resentment"], floor), chased]


def _resentment(share: dict[str, Any], floor: int) -> Stat:
    stat: Stat = {
        "label": "Turn away after this",
        "caveat": "Say “I will go elsewhere” of their ties with you, weighted to everyone who was "
        "asked. What they say they will do is not what they do.",
    }
    if not share["shown"]:
        return stat | {"not_yet": f"Fewer than {floor} answered this question"}
    return stat | {
        "value": formatting.share(share["share"]),
        "interval": formatting.share_interval(share["low"], share["high"]),
        "n": f"from {formatting.count(share['answers'])} answers",
    }


def _releases(trend: Sequence[Trend]) -> Rows:
    """The history of releases, newest first."""
    return [
        [
            formatting.day(release.released_on),
            formatting.count(release.answers),
            formatting.stars(release.stars),
            formatting.interval_short(
                formatting.stars(release.stars_low), formatting.stars(release.stars_high)
            ),
        ]
        for release in reversed(trend)
    ]


# -- from the employer's own records --------------------------------------------------------------


def habit_facts(board: Dashboard) -> dict[str, Any]:
    """How fast and by what channel candidates are told; empty before the first decision."""
    habits = board.habits
    if not habits.get("decided"):
        return {"habits": []}
    return {
        "habits": [_told_within(habits, days) for days in TOLD_WITHIN_DAYS],
        "decided": formatting.count(habits["decided"]),
        "told": public_figures.told_chart(board),
        "followed": habits["curve"]["followed_days"],
        "median": _median(habits),
        "ghost": _ghost(habits["ghost"][NEVER_DAYS]),
        "late": _late(habits["ghost"][LATE_DAYS]),
        "channels": _channels(habits["channels"]),
    }


def _told_within(habits: dict[str, Any], days: int) -> Stat:
    told, curve = habits["told_by"][str(days)], habits["curve"]
    stat: Stat = {"label": f"Told within {formatting.days(days)}"}
    if curve["followed_days"] < days and curve["told"][curve["followed_days"]] < 1:
        return stat | {"not_yet": "No decision is that old yet"}
    return stat | {
        "value": formatting.share(told["share"]),
        "interval": formatting.share_interval(told["low"], told["high"]),
        "n": f"{formatting.count(habits['decided'])} decisions",
    }


def _median(habits: dict[str, Any]) -> str:
    days = habits["median_days"]
    if days is None:
        until = min(HORIZON_DAYS, habits["curve"]["followed_days"])
        return f"More than half of the candidates are not told by day {until}."
    if days == 0:
        return "Half of the candidates are told on the day of the decision."
    return f"Half of the candidates are told within {formatting.days(days)} of the decision."


def _ghost(rate: dict[str, Any]) -> Chart:
    return charts.ghost_bar(
        "ghost",
        charts.GhostRate(
            rate["share"], rate["low"], rate["high"], rate["not_told"], int(rate["n"])
        ),
    )


def _late(rate: dict[str, Any]) -> str:
    """Not told within two weeks: late or never."""
    if not rate["n"]:
        return "No decision is 14 days old yet."
    share = formatting.share_with_interval(rate["share"], rate["low"], rate["high"])
    counted = formatting.part_of(rate["not_told"], int(rate["n"]))
    return f"Late or never: {share} were not told within 14 days ({counted} decisions)."


def _channels(counts: dict[str, int]) -> Rows:
    """How candidates were told; every decision stands in one row."""
    total = sum(counts.values())
    groups = [(label, sum(counts.get(key, 0) for key in keys)) for label, keys in CHANNELS]
    return [
        [label, formatting.count(count), formatting.share(count / total if total else None)]
        for label, count in groups
    ]


# -- who was asked --------------------------------------------------------------------------------


def coverage_facts(board: Dashboard) -> dict[str, Any]:
    """From decision to answer, and why the rest was not asked."""
    coverage = board.coverage
    if not coverage or not (coverage["decided"] or coverage["invited"] or coverage["skipped"]):
        return {"coverage": None, "not_asked": []}
    skipped = sorted(coverage["skipped"].items(), key=lambda pair: (-pair[1], pair[0]))
    rows = [
        [NOT_ASKED.get(SkipReason(reason), reason), formatting.count(count)]
        for reason, count in skipped
    ]
    if coverage["waiting"]:
        rows.insert(0, ["Will be asked when it is due", formatting.count(coverage["waiting"])])
    return {"coverage": _funnel(coverage, board.floor), "not_asked": rows}


def _funnel(coverage: dict[str, Any], floor: int) -> Chart:
    """Answers and who was asked only from the floor on; decisions are the employer's own."""

    def counted(key: str) -> int | None:
        count = int(coverage[key])
        return None if 0 < count < floor else count

    steps = [
        charts.FunnelStep("Decided", coverage["decided"]),
        charts.FunnelStep("Told", coverage["told"]),
        charts.FunnelStep("Invited to the survey", counted("invited")),
        charts.FunnelStep("Invitation delivered", counted("delivered")),
        charts.FunnelStep("Answered and released", counted("answered")),
    ]
    return charts.coverage("coverage", steps)
