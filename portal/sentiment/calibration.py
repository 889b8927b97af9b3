"""An installation's own correction of the shipped probabilities, fitted on its star answers.

It must never know texts, surveys or a database: it takes pairs of (shipped log-odds, satisfied?).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from portal.sentiment.measures import macro_f1
from portal.sentiment.model import sigmoid
from portal.sentiment.results import Calibration

LEAST_ROWS = 50
LEAST_PER_SIDE = 10
_FOLDS = 5
# Ridge towards "no change": an installation's slope is expected within 1 ± .5, its
# intercept within ± 1.5; fifty answers then move both only as far as they agree.
_SLOPE_PULL = 1.0 / 0.5**2
_INTERCEPT_PULL = 1.0 / 1.5**2
_NEWTON_STEPS = 50
_PIVOTS = tuple(step / 50.0 for step in range(5, 46))

Row = tuple[float, bool]


class HasProbability(Protocol):
    """A Sentiment, or a stored score."""

    @property
    def p(self) -> float | None: ...


class CalibrationResult(NamedTuple):
    """What recalibrating came to; `calibration` is None when it is not kept, `reason` says why.

    Log-losses are means over the rows in nats, `log_loss_after` on rows the fit had not seen (five
    folds); the two are equal when there were too few rows to fit.
    """

    calibration: Calibration | None
    reason: str
    rows: int
    log_loss_before: float
    log_loss_after: float


def label_of_stars(stars: int) -> bool | None:
    """Whether 1–5 stars mean satisfied: 4–5 True, 1–2 False, 3 None (left out)."""
    return None if stars == 3 else stars > 3


def raw_log_odds(score: HasProbability, calibration: Calibration | None = None) -> float:
    """The shipped log-odds z behind `score`, which was made under `calibration` (None: none).

    Raises ValueError for a score without p (`not_scored`).
    """
    if score.p is None:
        raise ValueError("a text that was not scored has no log-odds")
    p = min(max(score.p, 1e-12), 1.0 - 1e-12)
    z = math.log(p / (1.0 - p))
    return z if calibration is None else (z - calibration.intercept) / calibration.slope


def recalibrate(rows: Sequence[Row]) -> CalibrationResult:
    """Fit slope, intercept and pivot on pairs of (shipped log-odds z, satisfied?).

    Kept only when it predicts answers it has not seen better than the shipped numbers do.
    Order does not matter; below 50 rows or 10 of a side nothing is fitted.
    """
    ordered = sorted(rows)
    satisfied = sum(is_satisfied for _, is_satisfied in ordered)
    dissatisfied = len(ordered) - satisfied
    before = _log_loss(ordered, 1.0, 0.0)
    if len(ordered) < LEAST_ROWS or min(satisfied, dissatisfied) < LEAST_PER_SIDE:
        reason = (
            f"{LEAST_ROWS} scored answers with stars are needed, {LEAST_PER_SIDE} of each side;"
            f" found {satisfied} satisfied and {dissatisfied} dissatisfied"
        )
        return CalibrationResult(None, reason, len(ordered), before, before)
    after = _unseen_log_loss(ordered)
    slope, intercept = _fit(ordered)
    if after >= before or slope <= 0.0:
        reason = "it would not predict unseen answers better than the shipped numbers"
        return CalibrationResult(None, reason, len(ordered), before, after)
    calibration = Calibration(slope, intercept, _best_pivot(ordered, slope, intercept))
    reason = "it predicts unseen answers better than the shipped numbers"
    return CalibrationResult(calibration, reason, len(ordered), before, after)


def _fit(rows: Sequence[Row]) -> tuple[float, float]:
    """Newton's method for a ridge logistic regression of two parameters.

    Starts at "no change"; a step that does not lessen the loss is halved, so it always ends.
    """
    slope, intercept = 1.0, 0.0
    loss = _penalised(rows, slope, intercept)
    for _ in range(_NEWTON_STEPS):
        step, lift = _newton_step(rows, slope, intercept)
        for _ in range(20):
            tried = _penalised(rows, slope - step, intercept - lift)
            if tried <= loss:
                break
            step, lift = step / 2.0, lift / 2.0
        slope, intercept, loss = slope - step, intercept - lift, tried
        if abs(step) + abs(lift) < 1e-9:
            break
    return slope, intercept


def _newton_step(rows: Sequence[Row], slope: float, intercept: float) -> tuple[float, float]:
    to_slope, to_intercept = _SLOPE_PULL * (slope - 1.0), _INTERCEPT_PULL * intercept
    ss, si, ii = _SLOPE_PULL, 0.0, _INTERCEPT_PULL
    for z, satisfied in rows:
        p = sigmoid(slope * z + intercept)
        to_slope += (p - satisfied) * z
        to_intercept += p - satisfied
        spread = p * (1.0 - p)
        ss += spread * z * z
        si += spread * z
        ii += spread
    scale = ss * ii - si * si
    return (ii * to_slope - si * to_intercept) / scale, (ss * to_intercept - si * to_slope) / scale


def _penalised(rows: Sequence[Row], slope: float, intercept: float) -> float:
    ridge = _SLOPE_PULL * (slope - 1.0) ** 2 + _INTERCEPT_PULL * intercept**2
    return _log_loss(rows, slope, intercept) * len(rows) + ridge / 2.0


def _unseen_log_loss(rows: Sequence[Row]) -> float:
    """Mean log-loss of every row under a fit on the other four fifths."""
    total = 0.0
    for fold in range(_FOLDS):
        # Rows are sorted by z: every fifth one gives folds alike in z and, nearly, in sides
        seen = [row for at, row in enumerate(rows) if at % _FOLDS != fold]
        held = rows[fold::_FOLDS]
        total += _log_loss(held, *_fit(seen)) * len(held)
    return total / len(rows)


def _log_loss(rows: Sequence[Row], slope: float, intercept: float) -> float:
    total = 0.0
    for z, satisfied in rows:
        odds = slope * z + intercept
        total += math.log1p(math.exp(-abs(odds))) + max(0.0, -odds if satisfied else odds)
    return total / len(rows) if rows else 0.0


def _best_pivot(rows: Sequence[Row], slope: float, intercept: float) -> float:
    """The p at which the label turns with the best macro-F1: the middle of the best stretch."""
    labels = ["pos" if satisfied else "neg" for _, satisfied in rows]
    chances = [sigmoid(slope * z + intercept) for z, _ in rows]
    scores = [
        macro_f1(["pos" if p >= pivot else "neg" for p in chances], labels) or 0.0
        for pivot in _PIVOTS
    ]
    best = [pivot for pivot, score in zip(_PIVOTS, scores, strict=True) if score == max(scores)]
    return best[len(best) // 2]
