"""An installation's own correction of the shipped probabilities, fitted on its star answers.

It must never know texts, surveys or a database: it takes pairs of (shipped p, satisfied?).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from portal.sentiment.measures import macro_f1
from portal.sentiment.results import Calibration

LEAST_LABELS = 50
LEAST_PER_SIDE = 10
_FOLDS = 5
# Ridge towards "no change": an installation's slope is expected within 1 ± .5, its
# intercept within ± 1.5; fifty answers then move both only as far as they agree.
_SLOPE_PULL = 1.0 / 0.5**2
_INTERCEPT_PULL = 1.0 / 1.5**2
_NEWTON_STEPS = 50


class TooFewLabels(ValueError):
    """Not enough star answers with a scored text; the message says what is needed."""


class CalibrationFit(NamedTuple):
    """`kept` is whether the correction beat the shipped numbers on answers it had not seen.

    Log-losses are means over the answers, five-fold for `log_loss_after`.
    """

    calibration: Calibration
    kept: bool
    n: int
    n_negative: int
    log_loss_before: float
    log_loss_after: float


def label_of_stars(stars: int) -> bool | None:
    """Whether 1–5 stars mean satisfied: 4–5 True, 1–2 False, 3 None (left out)."""
    return None if stars == 3 else stars > 3


def fit_calibration(samples: Sequence[tuple[float, bool]]) -> CalibrationFit:
    """Fit slope, intercept and pivot on pairs of (shipped p, satisfied?); order does not matter.

    Raises TooFewLabels below 50 pairs or 10 of a side.
    """
    ordered = sorted(samples)
    positive = sum(1 for _, satisfied in ordered if satisfied)
    negative = len(ordered) - positive
    if len(ordered) < LEAST_LABELS or min(positive, negative) < LEAST_PER_SIDE:
        raise TooFewLabels(
            f"{LEAST_LABELS} scored answers with stars are needed, {LEAST_PER_SIDE} of each side;"
            f" found {positive} satisfied and {negative} dissatisfied"
        )
    pairs = [(_logit(p), satisfied) for p, satisfied in ordered]
    slope, intercept = _fit(pairs)
    before = _log_loss(pairs, 1.0, 0.0)
    after = _unseen_log_loss(pairs)
    calibration = Calibration(slope, intercept, _best_pivot(pairs, slope, intercept))
    return CalibrationFit(calibration, after < before, len(pairs), negative, before, after)


def _fit(pairs: Sequence[tuple[float, bool]]) -> tuple[float, float]:
    """Newton's method for a ridge logistic regression of two parameters."""
    slope, intercept = 1.0, 0.0
    for _ in range(_NEWTON_STEPS):
        to_slope = _SLOPE_PULL * (slope - 1.0)
        to_intercept = _INTERCEPT_PULL * intercept
        ss, si, ii = _SLOPE_PULL, 0.0, _INTERCEPT_PULL
        for x, satisfied in pairs:
            p = _sigmoid(slope * x + intercept)
            to_slope += (p - satisfied) * x
            to_intercept += p - satisfied
            spread = p * (1.0 - p)
            ss += spread * x * x
            si += spread * x
            ii += spread
        scale = ss * ii - si * si
        step = (ii * to_slope - si * to_intercept) / scale
        lift = (ss * to_intercept - si * to_slope) / scale
        slope, intercept = slope - step, intercept - lift
        if abs(step) + abs(lift) < 1e-10:
            break
    return slope, intercept


def _unseen_log_loss(pairs: Sequence[tuple[float, bool]]) -> float:
    """Mean log-loss of every pair under a fit on the other four fifths."""
    total = 0.0
    for fold in range(_FOLDS):
        # Pairs are sorted by p: every fifth one gives folds alike in p and, nearly, in sides
        seen = [pair for at, pair in enumerate(pairs) if at % _FOLDS != fold]
        held = pairs[fold::_FOLDS]
        total += _log_loss(held, *_fit(seen)) * len(held)
    return total / len(pairs)


def _log_loss(pairs: Sequence[tuple[float, bool]], slope: float, intercept: float) -> float:
    total = 0.0
    for x, satisfied in pairs:
        z = slope * x + intercept
        total += math.log1p(math.exp(-abs(z))) + max(0.0, -z if satisfied else z)
    return total / len(pairs)


def _best_pivot(pairs: Sequence[tuple[float, bool]], slope: float, intercept: float) -> float:
    """The p at which the label turns with the best macro F1: the middle of the best stretch."""
    labels = ["pos" if satisfied else "neg" for _, satisfied in pairs]
    chances = [_sigmoid(slope * x + intercept) for x, _ in pairs]
    grid = [step / 50.0 for step in range(5, 46)]
    scores = [
        macro_f1(["pos" if p >= pivot else "neg" for p in chances], labels) or 0.0 for pivot in grid
    ]
    best = [pivot for pivot, score in zip(grid, scores, strict=True) if score == max(scores)]
    return best[len(best) // 2]


def _sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-max(-700.0, min(700.0, x))))


def _logit(p: float) -> float:
    p = min(max(p, 1e-12), 1.0 - 1e-12)
    return math.log(p / (1.0 - p))
