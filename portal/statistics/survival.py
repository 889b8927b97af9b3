"""How long candidates wait to be told, who never is, and whether log and candidates agree on it.

It must never know ratings: an employer's own records are a census, so nothing here needs an
anonymity floor, except the agreement table, which is made from answers.
"""

from dataclasses import dataclass
from math import sqrt
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from portal.statistics.counts import Real, Whole, whole_numbers

Z95 = 1.959963984540054
HORIZON_DAYS = 60
GHOST_LINE = 0.43

Verdict = Literal["below", "above", "unclear"]


@dataclass(frozen=True)
class Share:
    """A share of `n` with its 95 % limits, all 0..1; `share` is None when n is 0."""

    share: float | None
    low: float
    high: float
    n: float


@dataclass(frozen=True)
class GhostRate(Share):
    """Share of the candidates decided at least G days ago who were not told within G days."""

    not_told: int

    def against(self, line: float = GHOST_LINE) -> Verdict:
        """The side of `line` the whole interval lies on; `unclear` = cannot be told apart."""
        if self.high < line:
            return "below"
        return "above" if self.low > line else "unclear"


@dataclass(frozen=True, eq=False)
class WaitingCurve:
    """Share still not told t = 0..60 whole days after the decision, with 95 % limits (each (61,)).

    `decided`: candidates behind it; `watched`: how many of them for t days or more.
    `followed_days`: the last t at which any of them was still being watched; beyond it the curve
    only repeats its last value and a page should not show it. `last_at_risk`: who was still waiting
    and watched on that day. `all_told`: everybody was, so that no later day can change the curve.
    """

    not_told: Real
    low: Real
    high: Real
    decided: int
    followed_days: int
    watched: Whole
    last_at_risk: int
    all_told: bool

    def is_followed(self, days: int) -> bool:
        """Whether the curve says anything of DAYS: somebody was watched so long, or all told."""
        return self.followed_days >= days or self.all_told

    def told_by(self, days: int) -> Share:
        """Share told within `days` (0..60) days of the decision: 1 − S, its limits swapped.

        Where all are alike the curve has no spread of its own: then Wilson's limits, of everybody
        if all were told, of those watched for `days` if nobody was. A curve that ends at "all told"
        although some could not be watched so long rests on the few who were left at its end.
        """
        told = float(1 - self.not_told[days])
        low, high = float(1 - self.high[days]), float(1 - self.low[days])
        if told in (0, 1):
            ended_with = self.decided if self.all_told else self.last_at_risk
            alike = ended_with if told else int(self.watched[days])
            found = wilson_interval(told * alike, alike)
            low, high = (found.low, found.high) if alike else (low, high)
        return Share(told, low, high, self.decided)

    @property
    def median_days(self) -> int | None:
        """First day by which half were told; None: more than half not told by `followed_days`."""
        half_told = np.flatnonzero(self.not_told <= 0.5 + 1e-12)
        return int(half_told[0]) if len(half_told) else None


@dataclass(frozen=True)
class AgreementTable:
    """The employer's record of telling against the candidate's word, over those who answered."""

    both: int
    recorded_only: int
    reported_only: int
    neither: int

    @property
    def denied(self) -> Share:
        """Of those recorded as told, the share who say they were not."""
        return wilson_interval(self.recorded_only, self.both + self.recorded_only)

    @property
    def kappa(self) -> float | None:
        """Cohen's; None when there are no answers or chance alone would agree perfectly."""
        n = self.both + self.recorded_only + self.reported_only + self.neither
        if n == 0:
            return None
        recorded, reported = self.both + self.recorded_only, self.both + self.reported_only
        by_chance = recorded * reported + (n - recorded) * (n - reported)
        if by_chance == n * n:
            return None
        return (n * (self.both + self.neither) - by_chance) / (n * n - by_chance)


def wilson_interval(successes: float, n: float) -> Share:
    """Share of `successes` in `n` with its 95 % Wilson interval (Wilson 1927).

    `n` may be the evidence behind a weighted share and need not be whole. n = 0: no share, 0 to 1.
    Raises ValueError unless 0 <= successes <= n.
    """
    if not 0 <= successes <= n:
        raise ValueError(f"{successes} of {n} is not a share")
    if n == 0:
        return Share(None, 0.0, 1.0, n)
    p = successes / n
    z2 = Z95 * Z95 / n
    middle = p + z2 / 2
    half = sqrt(p * (1 - p) * z2 + z2 * z2 / 4)
    low, high = (middle - half) / (1 + z2), (middle + half) / (1 + z2)
    # Rounding must push no limit off the scale, nor the upper one below a share of 1.
    return Share(p, max(low, 0.0), min(1.0, max(high, p)), n)


def kaplan_meier(told_by_day: ArrayLike, decided: ArrayLike, age_days: ArrayLike) -> WaitingCurve:
    """Curve of "still not told" from a cohort rollup of integers (Kaplan & Meier 1958).

    told_by_day (D, 61): of those decided on cohort day d, how many were told exactly t days
    later; decided (D,); age_days (D,) = as-of day − cohort day. The untold, and those told after
    the as-of day, are censored at min(age, 60). Limits: Greenwood variance on the log(−log S)
    scale; where S is 0 or 1 they equal S. Raises ValueError for other shapes, fractions, negative
    numbers, or more told than decided.
    """
    told, cohort, age = _cohorts(told_by_day, decided, age_days)
    age = np.minimum(age, HORIZON_DAYS)
    is_watched = age[:, None] >= np.arange(HORIZON_DAYS + 1)
    told = np.where(is_watched, told, 0)
    events = told.sum(0)
    censored = np.zeros(HORIZON_DAYS + 1, np.int64)
    np.add.at(censored, age, cohort - told.sum(1))
    left = np.cumsum(events + censored)
    at_risk = cohort.sum() - np.concatenate([[0], left[:-1]])
    survival = np.cumprod(1 - _ratio(events, at_risk), dtype=np.float64)
    variance = np.cumsum(_ratio(events, at_risk * (at_risk - events)), dtype=np.float64)
    low, high = _loglog_limits(survival, variance)
    followed = int(np.flatnonzero(at_risk > 0)[-1]) if at_risk[0] else 0
    return WaitingCurve(
        survival,
        low,
        high,
        int(cohort.sum()),
        followed,
        watched=cohort @ is_watched,
        last_at_risk=int(at_risk[followed]),
        all_told=bool(cohort.sum()) and not censored.any(),
    )


def ghost_rate(
    told_by_day: ArrayLike, decided: ArrayLike, age_days: ArrayLike, days: int
) -> GhostRate:
    """Share not told within `days` of those decided at least `days` before as-of; Wilson.

    Arrays as in `kaplan_meier`; `days` is 14 ("late or never") or 30 ("never"), at most 60.
    """
    told, cohort, age = _cohorts(told_by_day, decided, age_days)
    old = age >= days
    n = int(cohort[old].sum())
    not_told = n - int(told[old, : days + 1].sum())
    limits = wilson_interval(not_told, n)
    return GhostRate(limits.share, limits.low, limits.high, n, not_told)


def quantile_days(histogram: ArrayLike, share: float) -> int | None:
    """Smallest whole number of days that at least `share` (0..1] of the cases do not exceed.

    histogram (T,): cases that took exactly t days. None without cases. Median .5, p90 .9.
    """
    cases = np.cumsum(whole_numbers(histogram, (None,), "histogram"))
    if not len(cases) or cases[-1] == 0:
        return None
    # Shares such as .9 are not exact in binary: allow for that so that 9 of 10 reach 90 %.
    return int(np.searchsorted(cases, share * int(cases[-1]) * (1 - 1e-12)))


def _cohorts(
    told_by_day: ArrayLike, decided: ArrayLike, age_days: ArrayLike
) -> tuple[Whole, Whole, Whole]:
    told = whole_numbers(told_by_day, (None, HORIZON_DAYS + 1), "told_by_day")
    cohort = whole_numbers(decided, (len(told),), "decided")
    age = whole_numbers(age_days, (len(told),), "age_days")
    if (told.sum(1) > cohort).any():
        raise ValueError("told_by_day: more told than decided")
    return told, cohort, age


def _ratio(top: Whole, bottom: Whole) -> Real:
    return np.divide(top, bottom, out=np.zeros(len(top)), where=bottom > 0)


def _loglog_limits(survival: Real, variance: Real) -> tuple[Real, Real]:
    low, high = survival.copy(), survival.copy()
    inside = (survival > 0) & (survival < 1)
    log_s = np.log(survival[inside])
    reach = Z95 * np.sqrt(variance[inside]) / np.abs(log_s)
    low[inside] = np.exp(log_s * np.exp(reach))
    high[inside] = np.exp(log_s * np.exp(-reach))
    return low, high
