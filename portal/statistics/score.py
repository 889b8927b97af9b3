"""The reputation score: the recency-weighted average of everyone who was asked, with its interval.

It must never know sentiment, comments, or any answer but the stars, save for the companions
that are shown beside the score and never enter it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from portal.statistics.counts import Real, Whole, whole_numbers
from portal.statistics.survival import Z95, Share, wilson_interval

STARS: Real = np.arange(1.0, 6.0)
CELLS = 6
_OUTCOME, _TOLD = np.divmod(np.arange(CELLS), 3)
CELL_DISTANCE: Whole = np.abs(_TOLD[:, None] - _TOLD) + CELLS * (_OUTCOME[:, None] != _OUTCOME)
TINY = float(np.finfo(float).tiny)  # where nobody answered, nothing is divided by nothing
SOON_DAYS = 7
HALF_LIFE_DAYS = 180.0
MAX_AGE_DAYS = 1095
CELL_WEIGHT_LIMITS = (1 / 3, 3.0)
PRIOR_WEIGHT_LIMITS = (4.0, 50.0)
MIN_EMPLOYERS_FOR_PRIOR = 10
MIN_ANSWERS = 5
MIN_ANSWERS_PER_SIDE = 30
FEW_ANSWERS = 10
WIDER_AT_FIVE = 0.35
EARLY_BELOW_ANSWERS = 30
EARLY_HALF_WIDTH_STARS = 0.5

Outcome = Literal["hired", "offer_declined", "rejected", "withdrawn"]
Label = Literal["not_enough", "early"]


@dataclass(frozen=True)
class WeightedCounts:
    """Answers per class after discount and post-stratification, and the answers they are worth."""

    counts: tuple[float, ...]
    evidence: float


@dataclass(frozen=True)
class Prior:
    """What is believed of an employer nobody has rated: mean stars, worth in answers, shares."""

    stars: float
    weight: float
    shares: tuple[float, ...]
    source: Literal["default", "fitted"]
    employers_used: int


DEFAULT_PRIOR = Prior(3.5, 7.0, (0.10, 0.125, 0.20, 0.325, 0.25), "default", 0)


@dataclass(frozen=True)
class Posterior:
    """What is believed of stars (1..5) and score (0..100), with 95 % limits; `sd` is in stars."""

    stars: float
    stars_low: float
    stars_high: float
    score: float
    score_low: float
    score_high: float
    sd: float


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % limits, in the figure's own unit."""

    value: float
    low: float
    high: float


def cell_of(outcome: Outcome | None, days_to_told: int | None) -> int:
    """Cell 0..5 of an invited candidate, 3·offer + told; fixed when the invitation is sent.

    outcome None: not decided. days_to_told: whole days from decision to notice, None: not told.
    """
    if outcome == "withdrawn":
        return 0  # they ended it themselves: nothing was owed
    if outcome is None:
        return 2
    told = 2 if days_to_told is None else 0 if days_to_told <= SOON_DAYS else 1
    return 3 * (outcome in ("hired", "offer_declined")) + told


def collapse_cells(answered: ArrayLike, least: int) -> Whole:
    """For each of the six cells the one it is weighted with -> (…, 6) (collapsed post-strata).

    answered (…, 6): raw answers per cell. A cell with `least` answers stands for itself; any other
    goes with the nearest that does, one of the same outcome before one of the other. Without
    such a cell all go together, which is no weighting. So no group of fewer than `least` answers
    has a weight of its own, that a change in the numbers invited could be solved for.
    """
    counts = whole_numbers(answered, (None,) * (np.ndim(answered) - 1) + (CELLS,), "answered")
    distance = np.where(counts[..., None, :] >= least, CELL_DISTANCE, CELL_DISTANCE.max() + 1)
    nearest: Whole = distance.argmin(-1)
    return nearest


def collapse_by_release(answered: ArrayLike, least: int) -> Whole:
    """As `collapse_cells`, of answers per release and cell, (D, 6): stricter.

    No release has fewer than `least` answers, unless none, in what is weighted together: a release
    counts by its age, so that else a few of its answers would have a weight that no other has, and
    what they were could be solved for beside the release's own figures.
    """
    counts = whole_numbers(answered, (None, CELLS), "answered")
    large = counts
    while True:
        is_small = ((large > 0) & (large < least)).any(0)
        together = collapse_cells(np.where(is_small, 0, large.sum(0)), least)
        groups = counts @ np.eye(CELLS, dtype=np.int64)[together]
        if not ((groups > 0) & (groups < least)).any() or not together.any():
            return together
        # A small cell has made its neighbour's group small in some release: neither stands alone.
        large = np.where(((groups > 0) & (groups < least)).any(0), 0, large)


def weighted_star_counts(
    answers: ArrayLike,
    invited: ArrayLike,
    age_days: ArrayLike,
    half_life_days: float | None = HALF_LIFE_DAYS,
) -> WeightedCounts:
    """One employer's answers discounted by age and post-stratified to everyone invited.

    answers (D, 6, J): whole numbers per period, cell and class; J = 5 for the stars, and the same
    weighting serves every other answer (J = 3 for `candidate_nps`, 2 for `weighted_share`).
    invited (D, 6). age_days (D,): as-of day − middle of the period (a week's Monday + 3); a period
    still running counts as today. half_life_days None: no discount and no age limit.
    No answers: zeros, evidence 0. Raises ValueError for other shapes, fractions, negative counts,
    or answers where nobody was invited.
    """
    given = whole_numbers(answers, (None, CELLS, None), "answers")
    asked = whole_numbers(invited, (len(given), CELLS), "invited")
    age = np.asarray(age_days, float)
    if age.shape != (len(given),):
        raise ValueError(f"age_days: shape {age.shape} instead of {(len(given),)}")
    discount = _discount(age, half_life_days)
    return _post_stratify(np.tensordot(discount, given, 1)[None], (discount @ asked)[None])[0]


def weighted_one_by_one(answers: ArrayLike, invited: ArrayLike, least: int) -> list[WeightedCounts]:
    """Each period's answers post-stratified to who was invited in it, without discount.

    answers (D, 6, J) and invited (D, 6) as for `weighted_star_counts`, which this is D times. In
    each period cells of fewer than `least` answers are weighted as `collapse_cells` says.
    """
    given = whole_numbers(answers, (None, CELLS, None), "answers")
    asked = whole_numbers(invited, (len(given), CELLS), "invited")
    merge = np.eye(CELLS)[collapse_cells(given.sum(2), least)]
    by_cell = np.einsum("dct,dcj->dtj", merge, given)
    return _post_stratify(by_cell, np.einsum("dct,dc->dt", merge, asked))


def _post_stratify(by_cell: Real, invited: Real) -> list[WeightedCounts]:
    """Answers (D, 6, J) of D unions, each weighted to those INVITED (D, 6)."""
    answered = by_cell.sum(2)
    has = answered > 0
    n = answered.sum(1, keepdims=True)
    population = np.where(has, invited, 0)
    together = population.sum(1, keepdims=True)
    if (together[n > 0] == 0).any():
        raise ValueError("invited: answers in cells to which nobody was invited")
    in_sample = np.where(has, answered, 1) / np.maximum(n, TINY)
    weight = np.clip(population / np.maximum(together, TINY) / in_sample, *CELL_WEIGHT_LIMITS)
    weight *= n / np.maximum((weight * answered).sum(1, keepdims=True), TINY)
    # Kish on the cell weights only: old evidence must fade to the prior, not be deflated away.
    kish = n / np.maximum((weight**2 * answered).sum(1, keepdims=True), TINY)
    counts = np.einsum("dc,dcj->dj", weight, by_cell).tolist()
    evidence = (n * kish)[:, 0].tolist()
    return [WeightedCounts(tuple(one), worth) for one, worth in zip(counts, evidence, strict=True)]


def _discount(age_days: Real, half_life_days: float | None) -> Real:
    if half_life_days is None:
        return np.ones(len(age_days))
    if half_life_days <= 0:
        raise ValueError(f"half-life of {half_life_days} days")
    fading: Real = 2.0 ** (-np.maximum(age_days, 0) / half_life_days)
    return np.where(age_days <= MAX_AGE_DAYS, fading, 0.0)


def fit_prior(raw_counts: ArrayLike, weighted_counts: Sequence[Sequence[float]]) -> Prior:
    """The platform's prior by the method of moments, unbalanced one-way ANOVA.

    raw_counts (E, 5): whole stars per employer, neither decayed nor weighted, because only they
    carry the variances. weighted_counts (E, 5): the same answers post-stratified, not decayed:
    mean and shares. Employers under 5 answers are left out; with fewer than 10 left, or when every
    answer is the same star, the default prior. Raises ValueError for decayed (fractional) counts.
    """
    raw = whole_numbers(raw_counts, (None, 5), "raw_counts")
    weighted = np.asarray(weighted_counts, float).reshape(-1, 5)
    if len(weighted) != len(raw):
        raise ValueError(f"weighted_counts: {len(weighted)} employers instead of {len(raw)}")
    enough = raw.sum(1) >= MIN_ANSWERS
    raw, weighted = raw[enough], weighted[enough]
    employers = len(raw)
    if employers < MIN_EMPLOYERS_FOR_PRIOR or (raw.sum(0) > 0).sum() < 2:
        return replace(DEFAULT_PRIOR, employers_used=employers)
    within, between = _variances(raw)
    precision = 1 / (within / raw.sum(1) + between)
    own_shares = weighted / weighted.sum(1, keepdims=True)
    shares = precision @ own_shares / precision.sum()
    weight = float(np.clip(within / between, *PRIOR_WEIGHT_LIMITS))
    return Prior(float(shares @ STARS), weight, tuple(shares.tolist()), "fitted", employers)


def _variances(raw: Whole) -> tuple[float, float]:
    """Variance of the stars within employers and between their means."""
    n = raw.sum(1)
    total, employers = n.sum(), len(raw)
    mean = raw @ STARS / n
    within = (raw @ STARS**2 - n * mean**2).sum() / (total - employers)
    grand = n @ mean / total
    n0 = (total - (n**2).sum() / total) / (employers - 1)
    between = (n @ (mean - grand) ** 2 / (employers - 1) - within) / n0
    return max(float(within), 0.0), max(float(between), 1e-9)


def posterior_score(weighted: WeightedCounts, prior: Prior) -> Posterior:
    """Dirichlet posterior mean of the stars; limits of the Beta with its mean and variance.

    weighted.counts: five, of which only the shares matter; weighted.evidence: what they are worth.
    """
    counts = np.asarray(weighted.counts)
    alpha = prior.weight * np.asarray(prior.shares)
    if counts.sum() > 0:
        alpha = alpha + weighted.evidence * counts / counts.sum()
    mass = alpha.sum()
    mean = alpha @ STARS / mass
    variance = (alpha @ STARS**2 / mass - mean**2) / (mass + 1)
    unit, unit_variance = (mean - 1) / 4, variance / 16
    size = unit * (1 - unit) / unit_variance - 1
    from scipy.special import betaincinv  # every command would wait for it, and few need it

    low, high = betaincinv(unit * size, (1 - unit) * size, [0.025, 0.975])
    return Posterior(
        stars=float(mean),
        stars_low=float(1 + 4 * low),
        stars_high=float(1 + 4 * high),
        score=float(25 * (mean - 1)),
        score_low=float(100 * low),
        score_high=float(100 * high),
        sd=float(sqrt(variance)),
    )


def widened(found: Posterior, answers: int) -> Posterior:
    """FOUND as it is shown: of fewer than 10 raw ANSWERS its limits stand farther from its mean.

    With five answers the prior is most of the posterior, and where an employer is unlike it, 95 %
    ranges hold less: in simulated worlds .83 to .99 at five answers, with this .97 to 1.00
    (tests/statistics/test_score.py). By 35 % at five answers or fewer, 7 % at nine.
    """
    lacking = min(max(FEW_ANSWERS - answers, 0), 5) / 5
    if not lacking:
        return found
    by = 1 + WIDER_AT_FIVE * lacking
    low = max(found.stars - by * (found.stars - found.stars_low), 1.0)
    high = min(found.stars + by * (found.stars_high - found.stars), 5.0)
    return replace(
        found,
        stars_low=low,
        stars_high=high,
        score_low=25 * (low - 1),
        score_high=25 * (high - 1),
    )


def display_rule(answers: int, score: Posterior, least: int = MIN_ANSWERS) -> Label | None:
    """How a page labels a score with `answers` raw released answers; "not_enough": it shows none.

    least: the installation's floor, which may be raised, never lowered below 5.
    """
    if answers < least:
        return "not_enough"
    half_width = (score.stars_high - score.stars_low) / 2
    is_early = answers < EARLY_BELOW_ANSWERS and half_width > EARLY_HALF_WIDTH_STARS
    return "early" if is_early else None


def what_if(stars: float, response_rate: float, lower_by: float) -> float:
    """Stars, never below 1, if those who did not answer were `lower_by` lower: M − d(1 − rate)."""
    return max(stars - lower_by * (1 - response_rate), 1.0)


def candidate_nps(weighted: WeightedCounts) -> Estimate:
    """Candidate NPS, −100..100, with 95 % limits.

    weighted.counts: detractors (0–6), passives (7–8), promoters (9–10); a pseudo-answer joins each.
    """
    detractors, _, promoters = (np.asarray(weighted.counts) + 1) / (sum(weighted.counts) + 3)
    nps = promoters - detractors
    sd = sqrt((promoters + detractors - nps**2) / (weighted.evidence + 4))
    low, high = np.clip(100 * (nps + Z95 * sd * np.array([-1, 1])), -100, 100)
    return Estimate(float(100 * nps), float(low), float(high))


def weighted_share(weighted: WeightedCounts) -> Share:
    """Share of "yes", Wilson interval at n = evidence: resentment, chasers, closure.

    weighted.counts: no, yes.
    """
    no, yes = weighted.counts
    if no + yes == 0:
        return wilson_interval(0, 0)
    return wilson_interval(weighted.evidence * (yes / (no + yes)), weighted.evidence)


def rating_change(
    recent: WeightedCounts,
    earlier: WeightedCounts,
    recent_answers: int,
    earlier_answers: int,
    least: int = MIN_ANSWERS_PER_SIDE,
) -> Estimate | None:
    """Mean stars of RECENT batches minus those of EARLIER ones.

    Variance s²/evidence on each side, s² the variance of the stars within the two sides together,
    pooled with that of the default prior by its weight: answers that happen to be all alike still
    have a range. None while either side has fewer than LEAST raw answers.
    """
    if min(recent_answers, earlier_answers) < least:
        return None
    evidence = np.array([recent.evidence, earlier.evidence])
    counts = np.array([recent.counts, earlier.counts])
    shares = counts / counts.sum(1, keepdims=True)
    mean = shares @ STARS
    prior = DEFAULT_PRIOR
    usual = float(np.asarray(prior.shares) @ (STARS - prior.stars) ** 2)
    spread = evidence @ (shares @ STARS**2 - mean**2) + prior.weight * usual
    within = spread / (evidence.sum() + prior.weight)
    change = float(mean[0] - mean[1])
    half = Z95 * sqrt(max(within, 0.0) * (1 / evidence).sum())
    return Estimate(change, change - half, change + half)
