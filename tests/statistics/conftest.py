"""Worlds of rejected candidates with known habits."""

import numpy as np
import pytest

from portal.statistics.moments import (
    cross_moments,
    design_matrix,
    employer_moments,
    moments_by_cell,
)


class World:
    """Rejected candidates of several employers: design rows, stars, who answered, and when."""

    def __init__(self, seed, sizes):
        rng = np.random.default_rng(seed)
        self.employer = np.repeat(np.arange(len(sizes)), sizes)
        n = len(self.employer)
        days = np.where(rng.random(n) < 0.3, -1, rng.geometric(0.12, n) - 1)
        told = days >= 0
        promise = rng.integers(0, 3, n)
        self.quarter = rng.integers(0, 3, n)
        self.x = design_matrix(
            days,
            np.where(told, rng.integers(1, 4, n), 0),
            told & (promise == 1),
            (promise == 2) | (~told & (promise == 1)),
            told & (rng.random(n) < 0.4),
            rng.integers(0, 3, n),
            rng.integers(0, 10, n),
        )
        effects = np.array(
            [0, -0.2, -0.5, -0.8, -1.1, 0.4, -0.1, 0.2, -0.4, 0.5, 0.1, 0.2, *[0] * 9]
        )
        quality = rng.normal(0, 0.4, len(sizes))[self.employer] - 0.1 * self.quarter
        own = 1 + rng.normal(0, 0.3, len(sizes))[self.employer]
        latent = 3.4 + quality + own * (self.x @ effects) + rng.normal(0, 1, n)
        self.y = np.clip(np.rint(latent), 1, 5).astype(int)
        self.answered = rng.random(n) < 0.5

    @property
    def rows(self):
        return np.column_stack([self.x, self.y]).astype(np.int64)

    def moments(self):
        """The moments of each employer; a tenth more were invited than were rejected."""
        found = []
        for e in range(self.employer.max() + 1):
            here = self.employer == e
            strata = [
                moments_by_cell(self.rows[here & self.answered & (self.quarter == q)])
                for q in range(3)
            ]
            found.append(
                employer_moments(strata, cross_moments(self.x[here]), int(here.sum() * 1.1))
            )
        return found


@pytest.fixture
def make_world():
    return World
