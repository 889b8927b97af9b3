"""Ranges hold the truth, and what is called the largest is it: over simulated worlds.

`python -m tests.benchmarks.levers` prints the table.
"""

import time

import numpy as np
import pytest

from portal.statistics.lever_model import fit_model
from portal.statistics.levers import estimate_levers
from tests.support.lever_worlds import (
    GRID,
    SELECTED,
    TWO_KINDS,
    World,
    draw,
    judge,
    judge_all,
)

SEEDS, EMPLOYERS = range(5), 60


def named(worlds):
    return pytest.mark.parametrize("world", worlds, ids=str)


def test_ranges_hold_the_truth_in_a_small_world():
    found = judge_all(World(), 40, range(2))
    assert found.coverage.min() >= 0.89
    assert (found.half_width < 3.5 * found.error).all(), "no coverage bought with width"
    assert found.claims > 0.2 * found.employers
    assert found.right_share >= 0.95


def test_truth_is_what_a_change_would_bring():
    """Without effects there is nothing to find; and twice as strong ones bring more."""
    (_, none), (_, weak), (_, strong) = (
        draw(World(strength=strength), 8, 3) for strength in (0, 0.5, 1)
    )
    assert np.abs(none).max() < 1e-12
    assert (strong.mean(0) > weak.mean(0)).all()
    assert (weak.mean(0) > 0).all()


@pytest.mark.long
@named(GRID)
def test_each_levers_ranges_hold_the_truth_in_every_world(world):
    found = judge_all(world, EMPLOYERS, SEEDS)
    assert found.coverage.min() >= 0.89
    assert found.right_share >= 0.95 or found.claims < 20


@pytest.mark.long
@named(SELECTED)
def test_ranges_hold_the_truth_where_content_people_answer_more_often(world):
    assert judge_all(world, EMPLOYERS, SEEDS).coverage.min() >= 0.89


@pytest.mark.long
@named(TWO_KINDS)
def test_ranges_hold_the_truth_where_employers_are_of_two_kinds(world):
    assert judge_all(world, EMPLOYERS, SEEDS).coverage.min() >= 0.88


@pytest.mark.long
def test_over_all_worlds_together():
    every = [judge_all(world, EMPLOYERS, SEEDS) for world in GRID]
    assert np.mean([found.coverage for found in every]) >= 0.93
    claims = sum(found.claims for found in every)
    assert claims >= 0.2 * sum(found.employers for found in every)
    assert sum(found.right for found in every) >= 0.95 * claims


@pytest.mark.long
@named([World(), World(25), World(200), World(strength=1.5, together=0.8)])
def test_ranges_hold_the_truth_for_five_hundred_employers(world):
    found = judge(world, 500, 1)
    assert found.coverage.min() >= 0.92
    assert found.right_share >= 0.95


@pytest.mark.long
def test_five_hundred_employers_are_fitted_within_seconds():
    moments, _ = draw(World(150), 500, 1)
    began = time.process_time()
    estimate_levers(fit_model(moments), moments)
    assert time.process_time() - began < 15
