"""Recalibration on an installation's own stars."""

from __future__ import annotations

import math
import random

import pytest

from portal.sentiment.calibration import TooFewLabels, fit_calibration, label_of_stars


def answers(n: int, slope: float, intercept: float, seed: int = 3) -> list[tuple[float, bool]]:
    """Shipped p's whose truth follows another curve."""
    chance = random.Random(seed)
    found = []
    for _ in range(n):
        x = chance.gauss(0.5, 2.0)
        truth = 1 / (1 + math.exp(-(slope * x + intercept)))
        found.append((1 / (1 + math.exp(-x)), chance.random() < truth))
    return found


def test_finds_the_curve_it_was_made_with() -> None:
    fit = fit_calibration(answers(8000, 0.6, -1.0))
    assert fit.calibration.slope == pytest.approx(0.6, abs=0.05)
    assert fit.calibration.intercept == pytest.approx(-1.0, abs=0.1)
    assert fit.kept
    assert fit.log_loss_after < fit.log_loss_before


def test_stays_near_the_shipped_numbers_with_few_answers() -> None:
    fit = fit_calibration(answers(60, 1.0, 0.0))
    assert 0.6 < fit.calibration.slope < 1.5
    assert abs(fit.calibration.intercept) < 0.8


def test_is_not_kept_when_nothing_needs_correcting() -> None:
    kept = [fit_calibration(answers(150, 1.0, 0.0, seed)).kept for seed in range(20)]
    assert sum(kept) < 15
    wrong = [fit_calibration(answers(150, 0.5, -1.5, seed)).kept for seed in range(20)]
    assert sum(wrong) >= 18


def test_order_of_the_answers_does_not_matter() -> None:
    found = answers(120, 0.8, 0.5)
    shuffled = found[::-1]
    assert fit_calibration(found) == fit_calibration(shuffled)


def test_pivot_finds_the_few_dissatisfied() -> None:
    chance = random.Random(5)
    mostly_happy = [(chance.uniform(0.75, 0.99), True) for _ in range(300)]
    mostly_happy += [(chance.uniform(0.55, 0.8), False) for _ in range(60)]
    assert fit_calibration(mostly_happy).calibration.pivot > 0.3


@pytest.mark.parametrize(
    "samples",
    [[(0.6, True)] * 49, [(0.6, True)] * 100, [(0.6, True)] * 60 + [(0.2, False)] * 9],
)
def test_refuses_too_few(samples: list[tuple[float, bool]]) -> None:
    with pytest.raises(TooFewLabels, match="50 scored answers"):
        fit_calibration(samples)


def test_survives_certain_and_separated_answers() -> None:
    fit = fit_calibration([(1.0, True)] * 40 + [(0.0, False)] * 40)
    assert math.isfinite(fit.calibration.slope)
    assert 0.0 < fit.calibration.pivot < 1.0


def test_stars_to_labels() -> None:
    assert [label_of_stars(n) for n in (1, 2, 3, 4, 5)] == [False, False, None, True, True]
