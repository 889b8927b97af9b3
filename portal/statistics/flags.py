"""Reasons to look twice at an employer's figures; shown with them, never used to change them.

It must never know who wrote what: texts come in as words and go out as positions.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import combinations
from math import sqrt

import numpy as np
from numpy.typing import ArrayLike

from portal.statistics.counts import Whole, whole_numbers
from portal.statistics.score import CELLS, Estimate
from portal.statistics.survival import Z95, AgreementTable

WAVE_LIMIT_STARS = 0.2
DISAGREES_SDS = 2.5
MIN_WORDS = 10
SHINGLE_WORDS = 3
HASHES, BANDS = 64, 16
SAME_TEXT_JACCARD = 0.7
PICKED_Z, PICKED_GAP = 4.0, 0.10
DENIED_SHARE, DENIED_LOW = 0.10, 0.06

WORD = re.compile(r"\w+")
MERSENNE = (1 << 31) - 1


@dataclass(frozen=True)
class WaveCheck:
    """Stars of those who answered after the reminder minus before it, within cells."""

    difference: Estimate

    @property
    def others_may_differ(self) -> bool:
        """Whether the badge "those who did not answer may differ" is due."""
        far = abs(self.difference.value) > WAVE_LIMIT_STARS
        return far and not self.difference.low <= 0 <= self.difference.high


@dataclass(frozen=True)
class SameText:
    """Two texts, by position, that share at least 70 % of their three-word runs."""

    first: int
    second: int
    jaccard: float


def wave_check(before: ArrayLike, after: ArrayLike) -> WaveCheck | None:
    """The wave check from whole numbers per cell: answers, Σy and Σy² (6, 3) of each wave.

    D = Σ n_c (mean after − mean before) / Σ n_c over the cells with answers in both waves, n_c the
    cell's answers; variance from the spread of the stars within cells and waves. None: no such
    cell, or too few answers to know that spread.
    """
    waves = np.stack([whole_numbers(w, (CELLS, 3), "wave") for w in (before, after)])
    waves = waves[:, (waves[:, :, 0] > 0).all(0)].astype(float)
    n, sums, squares = waves[..., 0], waves[..., 1], waves[..., 2]
    freedom = n.sum() - n.size
    if freedom < 1:
        return None
    within = (squares - sums**2 / n).sum() / freedom
    share = n.sum(0) / n.sum()
    difference = float(share @ (sums[1] / n[1] - sums[0] / n[0]))
    half = Z95 * sqrt(within * (share**2 @ (1 / n).sum(0)))
    return WaveCheck(Estimate(difference, difference - half, difference + half))


def text_disagrees(star_moments: ArrayLike, stars: int, sentiment: float, words: int) -> bool:
    """Whether a comment's sentiment is far from what its stars usually go with.

    star_moments (5, 3): n, Σp, Σp² of the sentiment p of the comments given with 1..5 stars.
    """
    n, total, squares = np.asarray(star_moments, float)[stars - 1]
    if n < 2 or words < MIN_WORDS:
        return False
    mean = total / n
    variance = (squares - n * mean**2) / (n - 1)
    return bool((sentiment - mean) ** 2 > DISAGREES_SDS**2 * max(variance, 0.0))


def picks_candidates(invited: tuple[int, int], decided: tuple[int, int]) -> bool:
    """Whether two groups of decided candidates are invited at clearly different rates.

    (group, other group), cut by outcome or by told and not told. Two-proportion |z| > 4 and a gap
    of more than 10 points. Raises ValueError when more are invited than decided.
    """
    if min(invited) < 0 or any(i > d for i, d in zip(invited, decided, strict=True)):
        raise ValueError(f"{invited} invited of {decided} decided")
    if 0 in decided:
        return False
    gap = invited[0] / decided[0] - invited[1] / decided[1]
    pooled = sum(invited) / sum(decided)
    sd = sqrt(pooled * (1 - pooled) * (1 / decided[0] + 1 / decided[1]))
    return abs(gap) > PICKED_GAP and abs(gap) > PICKED_Z * sd


def log_is_denied(agreement: AgreementTable) -> bool:
    """Whether candidates deny having been told more often than innocent error explains."""
    denied = agreement.denied
    return denied.share is not None and denied.share > DENIED_SHARE and denied.low > DENIED_LOW


def same_texts(texts: Sequence[str]) -> list[SameText]:
    """Pairs of texts that are nearly the same, in order of position.

    Lower-case words, runs of three; MinHash of 64 values in 16 bands finds candidates, their exact
    Jaccard similarity of at least .7 decides. Of texts with the very same runs only the first is
    compared with others. Texts of fewer than three words are never paired.
    """
    first_of: dict[frozenset[int], int] = {}
    found = []
    for i, text in enumerate(texts):
        runs = _shingles(text)
        if runs and (first := first_of.setdefault(runs, i)) != i:
            found.append(SameText(first, i, 1.0))
    shingles = {i: runs for runs, i in first_of.items()}
    pairs = {pair for bucket in _buckets(shingles) for pair in combinations(bucket, 2)}
    for first, second in pairs:
        a, b = shingles[first], shingles[second]
        jaccard = len(a & b) / len(a | b)
        if jaccard >= SAME_TEXT_JACCARD:
            found.append(SameText(first, second, jaccard))
    return sorted(found, key=lambda pair: (pair.first, pair.second))


def _shingles(text: str) -> frozenset[int]:
    words = WORD.findall(text.lower())
    runs = zip(*(words[i:] for i in range(SHINGLE_WORDS)), strict=False)
    return frozenset(
        int.from_bytes(blake2b(" ".join(run).encode(), digest_size=8).digest(), "big")
        for run in runs
    )


def _buckets(shingles: dict[int, frozenset[int]]) -> Iterator[list[int]]:
    """Groups of texts whose MinHash agrees in a whole band."""
    rng = np.random.default_rng(0)
    multiply, add = rng.integers(1, MERSENNE, (2, HASHES, 1), dtype=np.int64)
    rows = HASHES // BANDS
    buckets: dict[tuple[int, bytes], list[int]] = {}
    for i, runs in shingles.items():
        folded: Whole = np.array([run % MERSENNE for run in runs], np.int64)
        signature = ((multiply * folded + add) % MERSENNE).min(1)
        for band in range(BANDS):
            part = signature[band * rows : (band + 1) * rows]
            buckets.setdefault((band, part.tobytes()), []).append(i)
    return (bucket for bucket in buckets.values() if len(bucket) > 1)
