"""Which estimate is the largest, and which cannot be told apart: from the joint distribution."""

import numpy as np
import pytest
from scipy.stats import norm

from portal.statistics.lever_ranks import are_apart, chances_largest, may_be_largest, not_told_apart


def test_the_chance_of_two_is_that_of_their_difference():
    mean, covariance = np.array([0.5, 0.3]), np.array([[0.04, 0.02], [0.02, 0.03]])
    expected = norm.cdf(0.2 / np.sqrt(0.04 + 0.03 - 2 * 0.02))
    assert chances_largest(mean, covariance) == pytest.approx([expected, 1 - expected], abs=0.02)


def test_chances_are_those_of_all_together_and_the_same_every_time():
    chances = chances_largest(np.zeros(5), np.eye(5))
    assert chances.sum() == 1
    assert chances == pytest.approx([0.2] * 5, abs=0.03)
    assert (chances_largest(np.zeros(5), np.eye(5)) == chances).all()
    assert chances_largest(np.array([0.1, 0.4]), np.zeros((2, 2))).tolist() == [0, 1]


def test_what_varies_together_can_be_told_apart():
    """Ranges from 0.1 to 0.9 and 0.0 to 0.8, and yet one is always above the other."""
    mean, together = np.array([0.5, 0.4]), 0.04 * np.array([[1, 0.99], [0.99, 1]])
    assert are_apart(mean, together, 0, 1)
    assert not are_apart(mean, 0.04 * np.eye(2), 0, 1)
    assert chances_largest(mean, together)[0] > 0.99


@pytest.mark.parametrize(
    ("chances", "named"),
    [
        ((0.96, 0.04, 0.0), (0,)),
        ((0.95, 0.05, 0.0), (0,)),
        ((0.945, 0.03, 0.025), (0, 1)),
        ((0.2, 0.75, 0.05), (1, 0)),
        ((0.4, 0.3, 0.3), (0, 1, 2)),
        ((0.5, 0.4, 0.1), (0, 1)),
        ((1.0,), (0,)),
        ((), ()),
    ],
)
def test_one_is_named_if_it_is_certain_or_else_the_fewest_that_hold_nine_tenths(chances, named):
    assert may_be_largest(np.array(chances)) == named


def test_sets_hold_all_their_members_and_are_no_chains():
    """0.6 and 0.4, 0.4 and 0.2, but not 0.6 and 0.2: two sets of two."""
    sd = 0.1 * np.eye(5)
    assert not_told_apart(np.array([0.6, 0.4, 0.2, 2.0, 3.0]), sd**2) == [(0, 1), (1, 2)]
    assert not_told_apart(np.array([0.6, 0.5, 0.4, 0.55, 3.0]), sd**2) == [(0, 1, 2, 3)]
    assert not_told_apart(np.array([0.0, 1.0, 2.0, 3.0, 4.0]), sd**2) == []
    assert not_told_apart(np.zeros(0), np.zeros((0, 0))) == []
