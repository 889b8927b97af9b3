"""The first page of an employer: how good, how sure, who waits, what to look at, what changed.

It must never decide what may be shown of answers: that is settled in `reputation`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

from portal import figures, formatting
from portal.config import settings
from portal.figures import Chart, Figure, OneHabit
from portal.reputation import Dashboard
from portal.scorecard import Coverage, Habits, Release, Reputation, WaitingNow
from portal.web.employer import unsaid


@dataclass(frozen=True)
class Opinions:
    """What released answers say below the first screen; charts are None where too few say it."""

    stats: list[Figure]
    spread: Chart | None
    trend: Chart | None
    wave: Figure | None
    what_if: str


@dataclass(frozen=True)
class Asked:
    """Who is behind the figures: from decision to answer, and why the rest was not asked."""

    charts: list[Chart] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)
    not_asked: list[tuple[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Overview:
    """All that the page shows, in the order in which it does; empty parts are left out."""

    waiting: Figure
    habit: OneHabit
    score: Figure | None
    stars: Markup | None
    score_chart: Chart | None
    against: list[Figure]
    opinions: Opinions | None
    habits: list[Figure]
    median: str
    asked: Asked
    releases: list[list[str]]
    held_back: str
    unsaid: list[tuple[str, str]]


def describe(board: Dashboard, waiting: WaitingNow) -> Overview:
    """BOARD in words and drawings; WAITING is counted as the page is made."""
    found, own = board.reputation, board.habits
    decided = own if own and own.decided else None
    against = [figures.newest_release(found, board.trend), figures.change(found)]
    if decided:
        against.append(figures.ghost_stat(decided, 1))
    return Overview(
        waiting=figures.people_waiting(waiting),
        habit=figures.one_habit(found, decided),
        score=figures.score(found, board.floor) if found else None,
        stars=figures.star_row(found.score.stars) if found else None,
        score_chart=figures.score_chart(found) if found else None,
        against=[one for one in against if one.value],
        opinions=_opinions(found, board) if found else None,
        habits=_habits(decided) if decided else [],
        median=figures.median_stat(decided) if decided else "",
        asked=_asked(board.coverage, board.floor) if board.coverage else Asked(),
        releases=_releases(board.trend),
        held_back=figures.held_back() if found and found.held_back else "",
        unsaid=unsaid.list_unsaid(board),
    )


def _opinions(found: Reputation, board: Dashboard) -> Opinions:
    wave = figures.wave(found.wave)
    detail = settings().MIN_COMMENTS
    return Opinions(
        stats=[
            figures.nps(found),
            figures.resentment(found, board.floor),
            figures.chased(found, board.floor),
        ],
        spread=figures.histogram(found.histogram, found.answers, detail)
        if found.histogram
        else None,
        trend=figures.trend_chart(board.trend),
        wave=wave if wave.value else None,
        what_if=figures.what_if(found.what_if),
    )


def _habits(own: Habits) -> list[Figure]:
    """Those that say most beside the share never told; the page of habits has them all."""
    return [figures.told_stat(own, 7), figures.promises(own.promises)[1], figures.by_phone(own)]


def _asked(found: Coverage, floor: int) -> Asked:
    if not (found.decided or found.invited or found.skipped):
        return Asked()
    return Asked(
        charts=figures.coverage_charts(found, floor, is_own=True),
        beside=figures.beside_coverage(found, floor, is_own=True),
        not_asked=figures.reasons_not_asked(found),
    )


def _releases(trend: Sequence[Release]) -> list[list[str]]:
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
