"""Which of several estimates is the largest, how surely, and which cannot be told apart.

All from one joint normal distribution: two ranges that overlap say little about a difference.
"""

from itertools import combinations

import numpy as np

from portal.statistics.counts import Real
from portal.statistics.survival import Z95

CERTAIN = 0.95  # the chance from which one is called the largest
NEARLY_CERTAIN = 0.9  # the chance that those named beside each other hold together
VECTORS = 1000

Places = tuple[int, ...]


def chances_largest(mean: Real, covariance: Real) -> Real:
    """The chance (L,) of each to be the largest, from mean (L,) and covariance (L, L)."""
    size = len(mean)
    variances, axes = np.linalg.eigh(covariance)
    normal = np.random.default_rng(1).standard_normal((VECTORS, size))
    away = normal @ (axes * np.sqrt(np.maximum(variances, 0))).T
    largest = (mean + np.vstack([away, -away])).argmax(1)
    chances: Real = np.bincount(largest, minlength=size) / (2 * VECTORS)
    return chances


def may_be_largest(chances: Real) -> Places:
    """The one that is the largest for certain; or else the fewest that hold it nearly so."""
    order = [int(place) for place in np.argsort(-chances, kind="stable")]
    if len(order) < 2 or chances[order[0]] >= CERTAIN:
        return tuple(order[:1])
    held = np.cumsum(chances[order])
    return tuple(order[: max(2, 1 + int(np.argmax(held >= NEARLY_CERTAIN - 1e-9)))])


def are_apart(mean: Real, covariance: Real, a: int, b: int) -> bool:
    """Whether the 95 % range of the difference of two leaves out zero."""
    variance = covariance[a, a] + covariance[b, b] - 2 * covariance[a, b]
    return bool(abs(mean[a] - mean[b]) > Z95 * np.sqrt(max(variance, 0.0)))


def not_told_apart(mean: Real, covariance: Real) -> list[Places]:
    """The largest sets in which no two are apart: one may stand in several, none in part of one."""
    found: list[Places] = []
    for size in range(len(mean), 1, -1):
        for places in combinations(range(len(mean)), size):
            if any(set(places) <= set(larger) for larger in found):
                continue
            if not any(are_apart(mean, covariance, *pair) for pair in combinations(places, 2)):
                found.append(places)
    return found
