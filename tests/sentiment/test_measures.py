"""The figures against values worked out by hand."""

from __future__ import annotations

import random

import pytest

from portal.sentiment import measures
from portal.sentiment.measures import f1, macro_f1


def test_area_counts_ties_half() -> None:
    assert measures.area_under_curve([0.1, 0.4, 0.4, 0.9], [False, False, True, True]) == 0.875


def test_area_needs_both_sides() -> None:
    assert measures.area_under_curve([0.1, 0.9], [True, True]) is None
    assert measures.area_under_curve([], []) is None


def test_f1_counts_a_row_without_prediction_as_missed() -> None:
    predicted = ["pos", None, "neg", "pos"]
    labels = ["pos", "pos", "neg", "neg"]
    assert f1(predicted, labels, "pos") == pytest.approx(0.5)
    assert f1(predicted, labels, "neg") == pytest.approx(2 / 3)
    assert macro_f1(predicted, labels) == pytest.approx((0.5 + 2 / 3) / 2)
    assert measures.recall(predicted, labels, "neg") == 0.5
    assert measures.precision(predicted, labels, "neg") == 1.0


def test_undefined_is_none_not_zero() -> None:
    assert macro_f1(["pos"], ["pos"]) is None
    assert measures.recall(["pos"], ["pos"], "neg") is None
    assert measures.precision(["pos"], ["pos"], "neg") is None
    assert measures.calibration_error([], []) is None
    assert measures.auc_interval([0.3], [True]) is None
    assert measures.macro_f1_interval([], []) is None
    assert measures.rank_correlation([1.0, 1.0], [1.0, 2.0]) is None


def test_calibration_error_by_hand() -> None:
    # bin .2: mean p .25, share 0; bin 1.0 falls into the last: mean p 1, share 1
    assert measures.calibration_error([0.2, 0.3, 1.0], [False, True, True]) == pytest.approx(
        (0.2 + 0.7 + 0.0) / 3
    )


def test_rank_correlation_with_ties() -> None:
    assert measures.rank_correlation([1, 2, 3], [10, 20, 30]) == pytest.approx(1.0)
    assert measures.rank_correlation([1, 2, 3], [30, 20, 10]) == pytest.approx(-1.0)
    assert measures.rank_correlation([1, 1, 2, 3], [1, 2, 3, 4]) == pytest.approx(
        0.9486832980505138
    )


def test_intervals_enclose_the_figure_and_are_the_same_each_time() -> None:
    chance = random.Random(7)
    labels = [chance.random() < 0.7 for _ in range(200)]
    values = [chance.random() * 0.6 + 0.4 * label for label in labels]
    area = measures.area_under_curve(values, labels)
    low, high = measures.auc_interval(values, labels) or (1.0, 0.0)
    assert area is not None
    assert low < area < high
    assert high - low < 0.2
    assert measures.auc_interval(values, labels) == (low, high)
    named = ["pos" if label else "neg" for label in labels]
    predicted = ["pos" if value > 0.5 else "neg" for value in values]
    score = macro_f1(predicted, named)
    low, high = measures.macro_f1_interval(predicted, named) or (1.0, 0.0)
    assert score is not None
    assert low < score < high
