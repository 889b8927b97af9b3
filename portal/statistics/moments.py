"""Exact integer moments of rejected candidates: added to merge, subtracted to erase.

It must never know the model fitted to them, nor any weight of a single person: weights per person
would end exact erasure.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import isqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray

from portal.statistics.counts import Whole

CHANNEL_CODES = {"none": 0, "phone": 1, "in_person": 1, "email": 2, "letter": 2, "portal": 3}
STAGE_CODES = {"screen": 0, "interview": 1, "final": 2}
ROLE_FAMILIES = (
    *("engineering", "sales", "operations", "finance", "care", "education", "hospitality"),
    *("trades", "management", "other"),  # the last always; the first is what others are held to
)
ROLE_FAMILY_CODES = {family: code for code, family in enumerate(ROLE_FAMILIES)}

DELAYS = ("delay_4_7", "delay_8_14", "delay_15_up", "never_told")
HABITS = (*DELAYS, "phone", "portal", "promise_kept", "promise_broken", "feedback")
_ROLES_APART = range(1, len(ROLE_FAMILIES))
COLUMNS = ("one", *HABITS, "stage2", "stage3", *(f"role{code + 1}" for code in _ROLES_APART))


# Lever cells: answers of people treated alike, which spread alike.
LEVER_CELLS = ("untold", "told_plainly", "told_by_phone", "told_why", "told_by_phone_and_why")


@dataclass(frozen=True, eq=False)
class EmployerMoments:
    """What the levers need of one employer: integers over its rejected candidates.

    cells (5, 22, 22): [X|y]'[X|y] of the released answers in each lever cell; quarters (Q, 5, 22):
    of each calendar quarter and cell the first row alone, how many there are and what they sum to,
    for only that is needed to centre; population (21, 21): X'X of everyone invited; invited: all
    of the employer's invited, rejected or not.
    """

    cells: Whole
    quarters: Whole
    population: Whole
    invited: int

    @property
    def answered(self) -> Whole:
        """[X|y]'[X|y] (22, 22) of all released answers."""
        whole: Whole = self.cells.sum(0)
        return whole

    @property
    def df(self) -> int:
        """How many answers there are beyond one in each quarter."""
        return int(self.cells[:, 0, 0].sum()) - len(self.quarters)


def design_matrix(
    days_to_told: ArrayLike,
    channel: ArrayLike,
    promise_kept: ArrayLike,
    promise_broken: ArrayLike,
    feedback: ArrayLike,
    stage: ArrayLike,
    role_family: ArrayLike,
) -> NDArray[np.int8]:
    """Rows (n, 21) of 0 and 1 in the order of COLUMNS.

    All (n,) whole numbers or booleans: days from decision to notice, −1 = not told; channel, stage
    and role family by the codes above; the rest 0 or 1. All zero but `one`: told within 3 days, in
    writing, no promise, no feedback, screening stage, engineering. Raises ValueError for a promise
    both kept and broken.
    """
    days, by, at, role = (np.asarray(v) for v in (days_to_told, channel, stage, role_family))
    kept, broken = np.asarray(promise_kept, bool), np.asarray(promise_broken, bool)
    if (kept & broken).any():
        raise ValueError("a promise cannot be both kept and broken")
    columns = [
        np.ones(len(days), bool),
        (days >= 4) & (days <= 7),
        (days >= 8) & (days <= 14),
        days >= 15,
        days < 0,
        by == CHANNEL_CODES["phone"],
        by == CHANNEL_CODES["portal"],
        kept,
        broken,
        np.asarray(feedback, bool),
        *(at == code for code in (1, 2)),
        *(role == code for code in _ROLES_APART),
    ]
    return np.column_stack(columns).astype(np.int8)


def cross_moments(rows: ArrayLike) -> Whole:
    """Exact rows'rows of whole-number rows (n, p) -> (p, p) int64.

    rows: the design with the stars as last column (p = 22), or the design alone (p = 21). Moments
    of disjoint candidates add up; subtracting those of one row erases that candidate exactly.
    """
    exact = np.asarray(rows, np.float64)  # whole sums stay exact in floats below 2**53
    return np.rint(exact.T @ exact).astype(np.int64)


def pack_triangle(moments: ArrayLike) -> Whole:
    """Upper triangle of moments (p, p), row by row: 253 numbers for p = 22, 231 for 21."""
    square = np.asarray(moments, np.int64)
    return square[_triangle(len(square))]


# Finding these places, row by row, costs more than using them.
_triangle = lru_cache(maxsize=8)(np.triu_indices)


def unpack_triangle(values: Sequence[int] | Whole) -> Whole:
    """Symmetric moments (p, p) from their `pack_triangle`. Raises ValueError for another length."""
    p = (isqrt(8 * len(values) + 1) - 1) // 2
    if p * (p + 1) // 2 != len(values):
        raise ValueError(f"{len(values)} numbers are no triangle")
    square = np.zeros((p, p), np.int64)
    rows, columns = _triangle(p)
    square[rows, columns] = square[columns, rows] = values
    return square


def lever_cells(design: ArrayLike) -> Whole:
    """The lever cell of each row (n, 21) of a design, its place in LEVER_CELLS -> (n,)."""
    never, phone, feedback = (
        np.asarray(design, np.int64)[:, COLUMNS.index(name)]
        for name in ("never_told", "phone", "feedback")
    )
    return np.where(never == 1, 0, 1 + phone + 2 * feedback)


def moments_by_cell(rows: ArrayLike) -> Whole:
    """`cross_moments` of rows (n, 22), the design with the stars, in each cell -> (5, 22, 22)."""
    whole = np.asarray(rows, np.int64)
    cell = lever_cells(whole)
    return np.array([cross_moments(whole[cell == code]) for code in range(len(LEVER_CELLS))])


def employer_moments(strata: ArrayLike, population: ArrayLike, invited: int) -> EmployerMoments:
    """Moments of one employer from those of its strata.

    strata (Q, 5, 22, 22): `moments_by_cell` of the answered rejected candidates per calendar
    quarter; population (21, 21): X'X of its invited rejected candidates; invited: all its invited.
    """
    square = len(COLUMNS) + 1
    moments = np.asarray(strata, np.int64).reshape(-1, len(LEVER_CELLS), square, square)
    moments = moments[moments[:, :, 0, 0].any(1)]
    return EmployerMoments(
        cells=moments.sum(0),
        quarters=moments[:, :, 0],
        population=np.asarray(population, np.int64),
        invited=invited,
    )
