"""An employer's own figures as its members see them on the overview: words, intervals, figures.

It must never decide what may be shown of answers: that is settled in `reputation`. The employer's
own records need no floor here: its members may see every one of them anyway.
"""

from collections.abc import Sequence
from typing import Any

from portal import figures, formatting
from portal.config import settings
from portal.figures import Chart
from portal.models import SkipReason
from portal.reputation import Dashboard
from portal.scorecard import Coverage, Release
from portal.web import public_figures
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


def overview(board: Dashboard) -> dict[str, Any]:
    """All figures of the page."""
    return {**reputation_facts(board), **habit_facts(board), **coverage_facts(board)}


# -- from answers ---------------------------------------------------------------------------------


def reputation_facts(board: Dashboard) -> dict[str, Any]:
    """Score, opinions, spread and releases; without a score while the floor is not reached."""
    facts: dict[str, Any] = {"score": None, "releases": _releases(board.trend)}
    if described := board.reputation:
        facts |= {
            "score": figures.score(described, board.floor),
            "score_chart": figures.score_chart(described),
            "opinions": [
                figures.nps(described),
                figures.resentment(described, board.floor),
                figures.chased(described, board.floor),
            ],
            "change": figures.change(described.change),
            "spread": figures.histogram(
                "spread", described.histogram, described.answers, settings().MIN_COMMENTS
            ),
            "trend": figures.trend_chart(board.trend),
            "groups": figures.group_charts(described, is_own=True),
            "wave": figures.wave(described.wave),
            "what_if": figures.what_if(described.what_if),
            "largest_lever": levers.largest(described),
            "association": figures.association(),
            "held_back": figures.held_back() if described.held_back else None,
        }
    return facts


def _releases(trend: Sequence[Release]) -> Rows:
    """The history of releases, newest first."""
    return [
        [
            formatting.day(release.released_on),
            formatting.count(release.answers),
            formatting.stars(release.stars),
            formatting.interval_short(
                formatting.stars(release.low), formatting.stars(release.high)
            ),
        ]
        for release in reversed(trend)
    ]


# -- from the employer's own records --------------------------------------------------------------


def habit_facts(board: Dashboard) -> dict[str, Any]:
    """The three habits that say most; the page of habits has them all. Empty before any."""
    own = board.habits
    if not own or not own.decided:
        return {"habits": []}
    return {
        "habits": [
            figures.told_stat(own, 7),
            figures.ghost_stat(own, 1),
            figures.promises(own.promises)[1],
        ],
        "decided": figures.decisions(own.decided),
        "median": habits.median_words(own),
    }


# -- who was asked --------------------------------------------------------------------------------


def coverage_facts(board: Dashboard) -> dict[str, Any]:
    """From decision to answer, and why the rest was not asked."""
    coverage = board.coverage
    if not coverage or not (coverage.decided or coverage.invited or coverage.skipped):
        return {"coverage": [], "not_asked": [], "withdrew": None, "undecided": None}
    skipped = sorted(coverage.skipped.items(), key=lambda pair: (-pair[1], pair[0]))
    rows = [
        [NOT_ASKED.get(SkipReason(reason), reason), formatting.count(count)]
        for reason, count in skipped
    ]
    if coverage.waiting:
        rows.insert(0, ["Asked once it is due", formatting.count(coverage.waiting)])
    withdrew = coverage.withdrew
    return {
        "coverage": _coverage_charts(coverage, board.floor),
        "not_asked": rows,
        "withdrew": withdrew and f"{formatting.count(withdrew)} withdrew: nothing to tell.",
        "undecided": public_figures.asked_undecided(coverage, board.floor),
    }


def _coverage_charts(coverage: Coverage, floor: int) -> list[tuple[str, Chart]]:
    """Answers and who was asked only from the floor on; decisions are the employer's own."""

    def counted(label: str, count: int, of: int | None = None) -> figures.FunnelStep:
        return figures.FunnelStep(label, None if 0 < count < floor else count, of)

    told = [
        figures.FunnelStep("Decided", coverage.decided),
        figures.FunnelStep("Told", coverage.told, coverage.to_be_told),
    ]
    asked = [
        counted("Invited to the survey", coverage.invited),
        counted("Invitation delivered", coverage.delivered, coverage.invited),
        counted("Answered and released", coverage.answered, coverage.invited),
    ]
    titles = {"told": "Decided and told", "asked": "Asked and answered"}
    return [
        (titles[name], figures.coverage(f"coverage-{name}", titles[name], steps))
        for name, steps in (("told", told), ("asked", asked))
    ]
