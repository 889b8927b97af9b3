"""Flags: each fires beyond its rule and stays silent at it."""

from math import sqrt

import numpy as np
import pytest

from portal.statistics.flags import (
    log_is_denied,
    others_may_differ,
    picks_candidates,
    wave_check,
)
from portal.statistics.survival import AgreementTable


def wave(**cells):
    """Stars per cell -> answers, sum and sum of squares."""
    found = np.zeros((6, 3), int)
    for cell, stars in cells.items():
        y = np.array(stars)
        found[int(cell[1:])] = len(y), y.sum(), (y**2).sum()
    return found


def test_wave_check_by_hand():
    """Cell 0: 10 + 10 answers, one star lower after; cell 3: 20 + 20, the same: −1/3 overall."""
    before = wave(c0=[3, 5] * 5, c3=[2, 4] * 10)
    after = wave(c0=[2, 4] * 5, c3=[2, 4] * 10, c5=[1, 1, 1])
    got = wave_check(before, after)
    assert got.value == pytest.approx(-1 / 3)
    within = 60 / 56
    half = 1.959964 * sqrt(within * ((1 / 3) ** 2 * 2 / 10 + (2 / 3) ** 2 * 2 / 20))
    assert (got.low, got.high) == pytest.approx((-1 / 3 - half, -1 / 3 + half))


@pytest.mark.parametrize(
    ("stars_before", "stars_after", "due"),
    [
        ([3, 4] * 200, [4, 4] * 200, True),
        ([3, 4] * 200, [3, 3] * 200, True),
        ([3, 5] * 4, [4, 5] * 4, False),  # as far apart, but too few
        ([3, 4] * 2000, [3, 4, 3, 4, 4] * 800, False),  # clear, but only a tenth of a star
    ],
)
def test_wave_badge_needs_a_large_and_clear_difference(stars_before, stars_after, due):
    assert others_may_differ(wave_check(wave(c2=stars_before), wave(c2=stars_after))) is due


def test_waves_that_share_no_cell_cannot_be_compared():
    assert wave_check(wave(c0=[3, 4]), wave(c1=[3, 4])) is None
    assert wave_check(wave(c0=[3]), wave(c0=[4])) is None


@pytest.mark.parametrize(
    ("invited", "decided", "picks"),
    [
        ((900, 700), (1000, 1000), True),
        ((700, 900), (1000, 1000), True),
        ((9, 7), (10, 10), False),  # as wide a gap, but too few
        ((90_000, 81_000), (100_000, 100_000), False),  # clear, but nine points
        ((1000, 0), (1000, 0), False),
        ((50, 50), (50, 50), False),
    ],
)
def test_inviting_by_outcome_is_flagged(invited, decided, picks):
    assert picks_candidates(invited, decided) is picks


def test_gap_of_four_standard_errors_is_the_line():
    """Seven of ten of 2 · 300 invited: four standard errors are 14.97 points, 44.9 people."""
    assert not picks_candidates((232, 188), (300, 300))
    assert picks_candidates((233, 187), (300, 300))


def test_more_invited_than_decided_is_refused():
    with pytest.raises(ValueError, match="invited of"):
        picks_candidates((11, 5), (10, 10))


@pytest.mark.parametrize(
    ("both", "denied", "flagged"),
    [(850, 150, True), (905, 95, False), (17, 3, False), (0, 0, False)],
)
def test_denied_log_is_flagged_beyond_innocent_error(both, denied, flagged):
    assert log_is_denied(AgreementTable(both, denied, 5, 60)) is flagged
