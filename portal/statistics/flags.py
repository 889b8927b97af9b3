"""Reasons to look twice at an employer's figures; shown with them, never used to change them."""

from math import sqrt

import numpy as np
from numpy.typing import ArrayLike

from portal.statistics.counts import whole_numbers
from portal.statistics.score import CELLS, Estimate
from portal.statistics.survival import Z95, AgreementTable

WAVE_LIMIT_STARS = 0.2
PICKED_Z, PICKED_GAP = 4.0, 0.10
DENIED_SHARE, DENIED_LOW = 0.10, 0.06


def wave_check(before: ArrayLike, after: ArrayLike) -> Estimate | None:
    """Stars of those who answered after the reminder minus before it, within cells.

    Each wave in whole numbers per cell: answers, Σy and Σy² (6, 3).

    D = Σ n_c (mean after − mean before) / Σ n_c over the cells with answers in both waves, n_c the
    cell's answers; variance from the spread of the stars within cells and waves. None: no such
    cell, or too few answers to know that spread.
    """
    waves = np.stack([whole_numbers(w, (CELLS, 3), "wave") for w in (before, after)])
    waves = waves[:, (waves[:, :, 0] > 0).all(0)].astype(float)
    n, sums, squares = waves[..., 0], waves[..., 1], waves[..., 2]
    freedom = n.sum() - n.size
    if freedom < 1:
        return None
    within = (squares - sums**2 / n).sum() / freedom
    share = n.sum(0) / n.sum()
    difference = float(share @ (sums[1] / n[1] - sums[0] / n[0]))
    half = Z95 * sqrt(within * (share**2 @ (1 / n).sum(0)))
    return Estimate(difference, difference - half, difference + half)


def others_may_differ(wave: Estimate) -> bool:
    """Whether the badge "those who did not answer may differ" is due."""
    return abs(wave.value) > WAVE_LIMIT_STARS and not wave.low <= 0 <= wave.high


def picks_candidates(invited: tuple[int, int], decided: tuple[int, int]) -> bool:
    """Whether two groups of decided candidates are invited at clearly different rates.

    (group, other group), cut by outcome or by told and not told. Two-proportion |z| > 4 and a gap
    of more than 10 points. Raises ValueError when more are invited than decided.
    """
    if min(invited) < 0 or any(i > d for i, d in zip(invited, decided, strict=True)):
        raise ValueError(f"{invited} invited of {decided} decided")
    if 0 in decided:
        return False
    gap = invited[0] / decided[0] - invited[1] / decided[1]
    pooled = sum(invited) / sum(decided)
    sd = sqrt(pooled * (1 - pooled) * (1 / decided[0] + 1 / decided[1]))
    return abs(gap) > PICKED_GAP and abs(gap) > PICKED_Z * sd


def log_is_denied(agreement: AgreementTable) -> bool:
    """Whether candidates deny having been told more often than innocent error explains."""
    denied = agreement.denied
    return denied.share is not None and denied.share > DENIED_SHARE and denied.low > DENIED_LOW
