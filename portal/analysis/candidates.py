"""Decided and invited candidates as whole-number columns, whatever file they were read from.

It must never know what is computed from them.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from portal.candidate_files.faults import Fault, show
from portal.statistics.counts import Whole
from portal.statistics.moments import CHANNEL_CODES
from portal.statistics.score import Outcome

OUTCOME_CODES: dict[str, int] = {name: code for code, name in enumerate(get_args(Outcome))}
NOT_TOLD = -1
NO_PROMISE = -1
NOT_ASKED = -1
LARGEST = 10**9

Progress = Callable[[str], None]


class AnalysisRefused(Exception):
    """The file cannot be analysed; the text says why in one line and names row and column if any.

    `row` counts from 1, the header being row 1, as a spreadsheet shows it. `others`: what will
    have to be said as well.
    """

    def __init__(
        self,
        why: str,
        row: int | None = None,
        column: str | None = None,
        others: Sequence[Fault] = (),
    ) -> None:
        self.row, self.column, self.others = row, column, tuple(others)
        place = [f"row {row}"] if row is not None else []
        place += [f"column {show(column)}"] if column is not None else []
        super().__init__(f"{', '.join(place)}: {why}" if place else why)


@dataclass(frozen=True, eq=False)
class Candidates:
    """Decided and invited candidates, one entry each in every column; `names` are the employers.

    employer: index into names; outcome, channel, stage, role_family: codes; days_to_told: −1 = not
    told; promise_days: −1 = no promise; stars: only where answered; reported_told: −1 = not asked;
    the rest 0 or 1. has_dates: the file held dates, and days are their ordinals.
    """

    names: tuple[str, ...]
    employer: Whole
    decision_day: Whole
    role_family: Whole
    stage: Whole
    outcome: Whole
    days_to_told: Whole
    channel: Whole
    promise_days: Whole
    promise_kept: Whole
    promise_broken: Whole
    feedback: Whole
    recorded_told: Whole
    answered: Whole
    stars: Whole
    reported_told: Whole
    has_dates: bool = False

    def __len__(self) -> int:
        return len(self.employer)

    def pick(self, rows: NDArray[Any]) -> "Candidates":
        """The candidates at `rows` (indices or a mask), under the same names."""
        columns = {f.name: getattr(self, f.name)[rows] for f in fields(self)[1:-1]}
        return replace(self, **columns)


def as_known_on(candidates: Candidates, day: int) -> Candidates:
    """The candidates as they stood at the end of `day`, later decisions and notices unknown.

    Employers left without candidates are dropped. Raises AnalysisRefused when nobody is left.
    """
    decided = candidates.decision_day <= day
    if not decided.any():
        is_date = candidates.has_dates and day > 0
        shown = date.fromordinal(day) if is_date else f"day {day}"
        raise AnalysisRefused(f"nothing decided by {shown}")
    seen = candidates.pick(decided)
    left, employer = np.unique(seen.employer, return_inverse=True)
    untold = (seen.days_to_told < 0) | (seen.decision_day + seen.days_to_told > day)
    promised = (seen.promise_kept | seen.promise_broken) & (seen.promise_days >= 0)
    overdue = promised & (seen.decision_day + seen.promise_days < day)
    return replace(
        seen,
        names=tuple(candidates.names[e] for e in left),
        employer=employer,
        days_to_told=np.where(untold, NOT_TOLD, seen.days_to_told),
        channel=np.where(untold, CHANNEL_CODES["none"], seen.channel),
        promise_kept=np.where(untold, 0, seen.promise_kept),
        promise_broken=np.where(untold, overdue, seen.promise_broken),
        feedback=np.where(untold, 0, seen.feedback),
    )


def gather(columns: dict[str, Whole], found: list[str], warn: Progress) -> Candidates:
    """COLUMNS, of whole numbers by name, as candidates of the employers FOUND, in whose order
    `employer_id` counts. What contradicts itself is taken the safer way, as WARN is told.
    """
    columns = _without_contradictions(columns, warn)
    names = sorted(found, key=_employer_order)
    rank = {name: i for i, name in enumerate(names)}
    made = columns["promise_made"]
    kept = made & columns["promise_kept"]
    return Candidates(
        names=tuple(names),
        employer=np.array([rank[name] for name in found])[columns["employer_id"]],
        decision_day=columns["decision_day"],
        role_family=columns["role_family"],
        stage=columns["stage"],
        outcome=columns["outcome"],
        days_to_told=columns["told_after_days"],
        channel=columns["channel"],
        promise_days=columns["promise_days"],
        promise_kept=kept,
        promise_broken=made & (1 - kept),
        feedback=columns["feedback_given"],
        recorded_told=columns["recorded_told"],
        answered=columns["answered"],
        stars=columns["rating"],
        reported_told=columns["reported_told"],
    )


def _without_contradictions(columns: dict[str, Whole], warn: Progress) -> dict[str, Whole]:
    """COLUMNS, what cannot be so taken the safer way; WARN hears of each kind, and how often."""
    untold, channel = columns["told_after_days"] == NOT_TOLD, columns["channel"]
    made, kept = columns["promise_made"], columns["promise_kept"]
    told_somehow = (channel != CHANNEL_CODES["none"]) | (
        (columns["feedback_given"] | (made & kept)) == 1
    )
    is_owed = columns["outcome"] != OUTCOME_CODES["withdrawn"]
    rated_only = (columns["answered"] == 0) & (columns["rating"] > 0)
    kinds = {
        "a rating without an answer: left out": rated_only,
        "no day of telling, yet a channel, a reason or a kept promise: taken as not told": is_owed
        & untold
        & told_somehow,
        "a promise kept that was never made: left out": (made < kept),
    }
    for what, rows in kinds.items():
        if found := int(rows.sum()):
            warn(f"{found:,} {'row has' if found == 1 else 'rows have'} {what}")
    return columns | {
        "rating": np.where(rated_only, 0, columns["rating"]),
        "channel": np.where(untold, CHANNEL_CODES["none"], channel),
        "feedback_given": np.where(untold, 0, columns["feedback_given"]),
        "promise_kept": np.where(untold, 0, kept),
    }


def _employer_order(name: str) -> tuple[bool, int, str, str]:
    """Whole numbers by value, however long, then everything else as text."""
    if name.isascii() and name.isdecimal():
        digits = name.lstrip("0")
        return False, len(digits), digits, name
    return True, 0, "", name
