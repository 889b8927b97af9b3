"""Recalibration on an installation's own stars."""

from __future__ import annotations

import random

import pytest

from portal.sentiment.analyzer import analyze
from portal.sentiment.calibration import label_of_stars, raw_log_odds, recalibrate
from portal.sentiment.model import sigmoid
from portal.sentiment.results import Calibration


def answers(n: int, slope: float, intercept: float, seed: int = 3) -> list[tuple[float, bool]]:
    """Shipped log-odds whose truth follows another curve."""
    chance = random.Random(seed)
    found = []
    for _ in range(n):
        z = chance.gauss(0.5, 2.0)
        found.append((z, chance.random() < sigmoid(slope * z + intercept)))
    return found


def test_finds_the_curve_it_was_made_with() -> None:
    result = recalibrate(answers(8000, 0.6, -1.0))
    assert result.calibration is not None
    assert result.calibration.slope == pytest.approx(0.6, abs=0.05)
    assert result.calibration.intercept == pytest.approx(-1.0, abs=0.1)
    assert result.log_loss_after < result.log_loss_before


def test_stays_near_the_shipped_numbers_with_few_answers() -> None:
    found = recalibrate(answers(60, 0.7, -0.6)).calibration
    assert found is not None
    assert 0.4 < found.slope < 1.2
    assert -1.5 < found.intercept < 0.0


def test_is_seldom_kept_when_nothing_needs_correcting() -> None:
    right = [recalibrate(answers(150, 1.0, 0.0, seed)).calibration for seed in range(20)]
    assert sum(found is not None for found in right) < 15
    wrong = [recalibrate(answers(150, 0.5, -1.5, seed)).calibration for seed in range(20)]
    assert sum(found is not None for found in wrong) >= 18


def test_never_turns_the_order_round() -> None:
    result = recalibrate(answers(400, -1.5, 0.0))
    assert result.calibration is None
    assert "unseen" in result.reason


def test_order_of_the_answers_does_not_matter() -> None:
    found = answers(120, 0.8, 0.5)
    assert recalibrate(found) == recalibrate(found[::-1])


def test_pivot_finds_the_few_dissatisfied() -> None:
    chance = random.Random(5)
    rows = [(chance.uniform(1.0, 4.0), True) for _ in range(300)]
    rows += [(chance.uniform(0.2, 1.4), False) for _ in range(60)]
    found = recalibrate(rows).calibration
    assert found is not None
    assert found.pivot > 0.3


@pytest.mark.parametrize(
    "rows",
    [[], [(0.6, True)] * 49, [(0.6, True)] * 100, [(0.6, True)] * 60 + [(-1.2, False)] * 9],
)
def test_refuses_too_few(rows: list[tuple[float, bool]]) -> None:
    result = recalibrate(rows)
    assert result.calibration is None
    assert "50 scored answers" in result.reason
    assert result.rows == len(rows)
    assert result.log_loss_after == result.log_loss_before


@pytest.mark.parametrize("far", [5.0, 40.0, 700.0])
def test_survives_certain_and_separated_answers(far: float) -> None:
    result = recalibrate([(far, True)] * 40 + [(-far, False)] * 40 + [(far, False)] * 2)
    assert result.log_loss_before > 0.0
    if result.calibration is not None:
        assert 0.0 < result.calibration.slope < 10.0


@pytest.mark.parametrize("text", ["They kept me informed at every step.", "I was ghosted."])
def test_log_odds_come_back_from_a_score_made_with_or_without_calibration(text: str) -> None:
    plain = analyze(text, "en")
    calibration = Calibration(0.6, -0.8, 0.4)
    z = raw_log_odds(plain)
    assert sigmoid(z) == pytest.approx(plain.p)
    assert raw_log_odds(analyze(text, "en", calibration), calibration) == pytest.approx(z)


def test_what_was_not_scored_has_no_log_odds() -> None:
    with pytest.raises(ValueError, match="not scored"):
        raw_log_odds(analyze("n/a", "en"))


def test_stars_to_labels() -> None:
    assert [label_of_stars(n) for n in (1, 2, 3, 4, 5)] == [False, False, None, True, True]
