"""The report of an employer on one sheet: for a meeting, on the web and in print.

It shows nothing that the overview does not show; it picks, and says what speaks against it.
"""

from dataclasses import dataclass

from portal import figures
from portal.figures import Figure, OneHabit
from portal.reputation import Dashboard
from portal.scorecard import Coverage, Month, Reputation, WaitingNow


@dataclass(frozen=True)
class Report:
    """All that stands on the sheet, from top to bottom."""

    score: Figure
    changes: list[Figure]
    waiting: Figure
    months: list[Figure]
    habit: OneHabit
    benchmark: Figure | None
    against: list[str]


def describe(board: Dashboard, waiting: WaitingNow, months: tuple[Month, Month]) -> Report:
    """BOARD's figures, with who is WAITING and the MONTHS as the records are now."""
    found, own = board.reputation, board.habits
    decided = own if own and own.decided else None
    return Report(
        score=figures.score(found, board.floor),
        changes=[
            figures.newest_release(found, board.trend),
            figures.change(found),
        ],
        waiting=figures.people_waiting(waiting),
        months=[figures.told_of_month(month) for month in months],
        habit=figures.one_habit(found, decided),
        benchmark=figures.ghost_stat(decided, 1) if decided else None,
        against=_against(found, board.coverage, board.floor),
    )


def _against(found: Reputation | None, coverage: Coverage | None, floor: int) -> list[str]:
    """What a careful reader would hold against the figures."""
    said = []
    if coverage and coverage.answered >= floor:
        said.append(figures.silent(coverage))
    if found:
        said.append(figures.what_if(found.what_if))
        said.append(figures.wave(found.wave).sentence if found.wave else "")
        if figures.one_habit(found, None).habits:
            said.append(figures.association())
            said.append(figures.doubtful() if found.records_are_denied else figures.unrecorded())
    return [one for one in said if one]
