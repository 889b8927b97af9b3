"""What makes answers comparable between employers and between ways of being told.

Stars end at 1 and 5, so people treated well differ less, and a habit shows less at an employer
near either end. It must never know the model fitted to what it brings to one scale.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from portal.statistics.counts import Real
from portal.statistics.moments import COLUMNS, LEVER_CELLS, EmployerMoments

# Two strong habits met together do not add up on five stars.
PAIRS = ("phone_feedback", "never_broken")
DESIGN = (*COLUMNS, *PAIRS)
EFFECTS = len(DESIGN) - 1

RIDGE = 0.01
DEFAULT_STARS = 3.5
LEVEL_ANSWERS = 20  # of the platform's mean, added to each employer's own answers
LEVEL_POWER = 0.6
LEAST_ROOM = 0.05
CELL_ANSWERS = 20  # of the spread of all cells, added to each cell's own
CELL_BOUNDS = (0.1, 5.0)
CELL_ROUNDS = 3


def _with_pairs() -> Real:
    """Of each cell, what takes a row of design and stars (22) to one with the pairs (24)."""
    rows = np.zeros((len(LEVER_CELLS), len(DESIGN) + 1, len(COLUMNS) + 1))
    rows[:, : len(COLUMNS), : len(COLUMNS)] = np.eye(len(COLUMNS))
    rows[:, -1, -1] = 1
    both, untold = LEVER_CELLS.index("told_by_phone_and_why"), LEVER_CELLS.index("untold")
    rows[both, DESIGN.index("phone_feedback"), COLUMNS.index("one")] = 1
    rows[untold, DESIGN.index("never_broken"), COLUMNS.index("promise_broken")] = 1
    return rows


WITH_PAIRS = _with_pairs()


@dataclass(frozen=True, eq=False)
class Scale:
    """Of a platform: each cell's residual variance against their mean (5,), and the mean stars."""

    cell_variances: Real
    stars: float

    def rooms(self, employers: Sequence[EmployerMoments]) -> Real:
        """How large a habit's difference is at each employer, against one at the mean stars."""
        n, stars = _answers_and_stars(employers)
        level = (stars + LEVEL_ANSWERS * self.stars) / (n + LEVEL_ANSWERS)
        room: Real = (_room(level) / _room(np.array(self.stars))) ** LEVEL_POWER
        return room


def find_scale(employers: Sequence[EmployerMoments]) -> Scale:
    """The scale of a platform of these employers."""
    n, stars = (float(of.sum()) for of in _answers_and_stars(employers))
    return Scale(_cell_variances(Cells(employers)), stars / n if n else DEFAULT_STARS)


class Cells:
    """The moments of several employers by lever cell, with the pairs, stacked."""

    def __init__(self, employers: Sequence[EmployerMoments]) -> None:
        cells, square = len(LEVER_CELLS), len(COLUMNS) + 1
        moments = np.array([e.cells for e in employers], float).reshape(-1, cells, square, square)
        self.moments = WITH_PAIRS @ moments @ WITH_PAIRS.swapaxes(1, 2)
        sums = [np.zeros((0, cells, square)), *(e.quarters for e in employers)]
        self.sums = (WITH_PAIRS @ np.concatenate(sums)[..., None])[..., 0]
        self._ends = np.cumsum([len(e.quarters) for e in employers], dtype=int)

    def centred(self, weights: Real) -> Real:
        """Moments (E, 23, 23) without `one`, cells WEIGHTED (5,), less the mean of each quarter."""
        sums = weights @ self.sums
        scaled = sums[:, 1:] / np.sqrt(sums[:, :1])
        means = [rows.T @ rows for rows in np.split(scaled, self._ends)[:-1]]
        together: Real = np.einsum("c,ecij->eij", weights, self.moments)[:, 1:, 1:]
        return together - np.array(means).reshape(together.shape)


def _answers_and_stars(employers: Sequence[EmployerMoments]) -> tuple[Real, Real]:
    sums = np.array([e.cells.sum(0)[0] for e in employers], float).reshape(-1, len(COLUMNS) + 1)
    return sums[:, 0], sums[:, -1]


def _room(level: Real) -> Real:
    return np.maximum((level - 1) * (5 - level) / 4, LEAST_ROOM)


def _cell_variances(data: Cells) -> Real:
    """Residual variances (5,) of one straight line over all cells, each line's weights by them."""
    variances = np.ones(len(LEVER_CELLS))
    n = data.sums[..., 0]
    if not n.any():
        return variances
    for _ in range(CELL_ROUNDS):
        centred = data.centred(1 / variances).sum(0)
        b = np.linalg.solve(centred[:-1, :-1] + RIDGE * np.eye(EFFECTS), centred[:-1, -1])
        to_residual = np.array([*-b, 1.0])
        residuals = data.sums[..., 1:] @ to_residual
        weight = n @ (1 / variances)
        mean = (residuals @ (1 / variances) / weight)[:, None]
        squares = to_residual @ data.moments.sum(0)[:, 1:, 1:] @ to_residual
        squares += (mean**2 * n - 2 * mean * residuals).sum(0)
        df = (n * (1 - 1 / (weight[:, None] * variances))).sum(0)
        shared = squares.sum() / max(df.sum(), 1.0)
        variances = np.clip((squares + CELL_ANSWERS * shared) / (df + CELL_ANSWERS), *CELL_BOUNDS)
        variances /= np.exp((n.sum(0) * np.log(variances)).sum() / n.sum())
    return variances
