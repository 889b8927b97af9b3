"""An employer's own figures as its members see them on the overview: words, intervals, charts.

It must never decide what may be shown of answers: that is settled in `reputation`. The employer's
own records need no floor here: its members may see every one of them anyway.
"""

from collections.abc import Sequence
from typing import Any

from portal import formatting, wording
from portal.models import SkipReason
from portal.reputation import Dashboard, Trend
from portal.web import charts, public_figures
from portal.web.charts import Chart
from portal.web.employer import habits, levers

NOT_ASKED = {
    SkipReason.NO_EMAIL: "No email address known",
    SkipReason.OWN_ADDRESS: "An address of your own, or of this site",
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
    if described := board.reputation:
        facts |= {
            "score": public_figures.score_stat(board),
            "score_chart": public_figures.score_chart(described),
            "opinions": [
                wording.nps(described),
                wording.resentment(described, board.floor),
                wording.chased(described, board.floor),
            ],
            "change": wording.change(described.get("change")),
            "spread": public_figures.spread_chart(described),
            "trend": public_figures.trend_chart(board.trend),
            "groups": public_figures.group_charts(board, is_own=True),
            "wave": wording.wave(described.get("wave")),
            "what_if": wording.what_if(described.get("what_if")),
            "largest_lever": levers.largest(board),
            "association": wording.association(),
            "held_back": wording.held_back() if described.get("held_back") else None,
        }
    return facts


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
    """The three habits that say most; the page of habits has them all. Empty before any."""
    if not board.habits.get("decided"):
        return {"habits": []}
    return {
        "habits": [
            public_figures.told_stat(board.habits, 7),
            public_figures.ghost_stat(board, 1),
            wording.promises(board.habits.get("promises"))[1],
        ],
        "decided": habits.decided_words(board),
        "median": habits.median_words(board),
    }


# -- who was asked --------------------------------------------------------------------------------


def coverage_facts(board: Dashboard) -> dict[str, Any]:
    """From decision to answer, and why the rest was not asked."""
    coverage = board.coverage
    if not coverage or not (coverage["decided"] or coverage["invited"] or coverage["skipped"]):
        return {"coverage": [], "not_asked": [], "withdrew": None, "undecided": None}
    skipped = sorted(coverage["skipped"].items(), key=lambda pair: (-pair[1], pair[0]))
    rows = [
        [NOT_ASKED.get(SkipReason(reason), reason), formatting.count(count)]
        for reason, count in skipped
    ]
    if coverage["waiting"]:
        rows.insert(0, ["Asked once it is due", formatting.count(coverage["waiting"])])
    withdrew = coverage.get("withdrew")  # scorecards of an earlier version lack it
    return {
        "coverage": _coverage_charts(coverage, board.floor),
        "not_asked": rows,
        "withdrew": withdrew and f"{formatting.count(withdrew)} withdrew: nothing to tell.",
        "undecided": public_figures.asked_undecided(board),
    }


def _coverage_charts(coverage: dict[str, Any], floor: int) -> list[tuple[str, Chart]]:
    """Answers and who was asked only from the floor on; decisions are the employer's own."""

    def counted(label: str, key: str, of: int | None = None) -> charts.FunnelStep:
        count = int(coverage[key])
        return charts.FunnelStep(label, None if 0 < count < floor else count, of)

    invited = int(coverage["invited"])
    told = [
        charts.FunnelStep("Decided", coverage["decided"]),
        charts.FunnelStep("Told", coverage["told"], public_figures.to_be_told(coverage)),
    ]
    asked = [
        counted("Invited to the survey", "invited"),
        counted("Invitation delivered", "delivered", invited),
        counted("Answered and released", "answered", invited),
    ]
    titles = {"told": "Decided and told", "asked": "Asked and answered"}
    return [
        (titles[name], charts.coverage(f"coverage-{name}", titles[name], steps))
        for name, steps in (("told", told), ("asked", asked))
    ]
