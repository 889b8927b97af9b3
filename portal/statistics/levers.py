"""What would change an employer's rating most: five changes of habit, their effects and limits.

It must never know a candidate, only moments; and it must never say that one thing causes another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from portal.statistics import lever_ranks
from portal.statistics.counts import Real, Whole
from portal.statistics.lever_model import LeverModel, lever_effects
from portal.statistics.lever_scale import DESIGN
from portal.statistics.moments import COLUMNS, DELAYS, EmployerMoments
from portal.statistics.survival import Z95

LEVERS = ("inform_3d", "end_ghosting", "phone_all", "feedback_all", "realistic_promises")
MIN_REJECTED_ANSWERS = 30
MIN_ANSWERS_EACH_SIDE = 10
MAX_HALF_WIDTH_STARS = 0.35

ReasonHidden = Literal[
    "too_few_answers",
    "nothing_to_change",
    "answers_alike",
    "not_enough_variation",
    "too_uncertain",
]
AT = {name: i for i, name in enumerate(DESIGN)}


@dataclass(frozen=True)
class LeverEstimate:
    """One lever's association with the mean stars of all invited, with 95 % limits.

    `reason_hidden`: the first rule that forbids showing it, None when it may be shown.
    `chance_largest`: that it is the largest of all five.
    """

    lever: str
    effect_stars: float
    low: float
    high: float
    reason_hidden: ReasonHidden | None
    chance_largest: float

    @property
    def shown(self) -> bool:
        return self.reason_hidden is None


@dataclass(frozen=True)
class Ranking:
    """How the levers that may be shown stand to each other. A hidden one has no part in it.

    Its chance would else tell of the few answers for which it is hidden. chances: of each to be
    the largest of them; largest: the one that is so for certain, or else those that may be;
    not_told_apart: sets in which no two are apart.
    """

    chances: dict[str, float]
    largest: tuple[str, ...]
    not_told_apart: tuple[frozenset[str], ...]


@dataclass(frozen=True, eq=False)
class Estimate:
    """The five levers of an employer, or of all together, and the covariance (5, 5) of them."""

    levers: tuple[LeverEstimate, ...]
    covariance: Real

    def ranking(self) -> Ranking:
        at = [place for place, lever in enumerate(self.levers) if lever.shown]
        names = [self.levers[place].lever for place in at]
        mean = np.array([self.levers[place].effect_stars for place in at])
        covariance = self.covariance[np.ix_(at, at)]
        chances = lever_ranks.chances_largest(mean, covariance) if at else mean
        return Ranking(
            dict(zip(names, chances.tolist(), strict=True)),
            tuple(names[place] for place in lever_ranks.may_be_largest(chances)),
            tuple(
                frozenset(names[place] for place in places)
                for places in lever_ranks.not_told_apart(mean, covariance)
            ),
        )


def lever_contrasts(population: Whole) -> Real:
    """Mean change of each column per rejected candidate under each lever -> (5, 22).

    population (21, 21): X'X of one employer's invited rejected candidates. No candidates: zeros.
    """
    changes = np.zeros((len(LEVERS), len(DESIGN)))
    n = int(population[0, 0])
    if n == 0:
        return changes[:, 1:]
    never = population[AT["never_told"]]
    told = population[0] - never  # per column: how many of the told have it
    broken = population[0, AT["promise_broken"]]
    inform, ghosting, phone, feedback, promises = changes
    for delay in DELAYS:
        inform[AT[delay]] = -population[0, AT[delay]]
    inform[AT["promise_broken"]] = -broken
    inform[AT["promise_kept"]] = broken
    ghosting[AT["never_told"]] = -never[0]
    ghosting[AT["delay_8_14"]] = never[0]
    inform[AT["never_broken"]] = ghosting[AT["never_broken"]] = -never[AT["promise_broken"]]
    phone[AT["phone"]] = told[0] - population[0, AT["phone"]]
    phone[AT["portal"]] = -population[0, AT["portal"]]
    feedback[AT["feedback"]] = told[0] - population[0, AT["feedback"]]
    both = population[AT["phone"], AT["feedback"]]
    phone[AT["phone_feedback"]] = told[AT["feedback"]] - both
    feedback[AT["phone_feedback"]] = told[AT["phone"]] - both
    promises[AT["promise_broken"]] = -told[AT["promise_broken"]]
    promises[AT["promise_kept"]] = told[AT["promise_broken"]]
    return changes[:, 1:] / n


def answers_each_side(answered: Whole) -> list[tuple[int, int]]:
    """Answered rejected candidates with and without each habit, in the order of LEVERS.

    answered (22, 22): [X|y]'[X|y] of the released answers.
    """
    every = answered[0]
    told = every - answered[AT["never_told"]]
    late = sum(int(every[AT[delay]]) for delay in DELAYS)
    soon = int(every[0]) - late
    phone, feedback = told[AT["phone"]], told[AT["feedback"]]
    return [
        (soon, late),
        (int(told[0]), int(answered[0, AT["never_told"]])),
        (int(phone), int(told[0] - phone)),
        (int(feedback), int(told[0] - feedback)),
        (int(told[AT["promise_kept"]]), int(told[AT["promise_broken"]])),
    ]


def estimate_levers(
    model: LeverModel, employers: Sequence[EmployerMoments]
) -> tuple[list[Estimate], Estimate]:
    """The five levers of each employer, and of all of them together.

    The model may have been fitted to other or older moments. Effects are stars on the mean rating
    of all invited; levers overlap and must not be added up.
    """
    contrasts = np.array([lever_contrasts(e.population) for e in employers])
    contrasts = contrasts.reshape(-1, len(LEVERS), len(DESIGN) - 1)
    rejected = np.array([e.population[0, 0] for e in employers], float)
    invited = np.maximum([e.invited for e in employers], 1)
    on_all_invited = contrasts * (rejected / invited)[:, None, None]
    effects = lever_effects(model, employers, on_all_invited, invited / invited.sum())
    each = [
        _estimate(effects.own[e], effects.own_cov[e], contrasts[e], employer.answered)
        for e, employer in enumerate(employers)
    ]
    answered = sum((e.answered for e in employers), np.zeros([len(COLUMNS) + 1] * 2, np.int64))
    any_change = np.abs(contrasts).sum(0)
    return each, _estimate(effects.together, effects.together_cov, any_change, answered)


def _estimate(effect: Real, covariance: Real, contrasts: Real, answered: Whole) -> Estimate:
    sides = answers_each_side(answered)
    half = Z95 * np.sqrt(np.diag(covariance))
    chances = lever_ranks.chances_largest(effect, covariance)
    levers = tuple(
        LeverEstimate(
            lever=name,
            effect_stars=float(effect[i]),
            low=float(effect[i] - half[i]),
            high=float(effect[i] + half[i]),
            reason_hidden=_reason_hidden(answered, contrasts[i], min(sides[i]), float(half[i])),
            chance_largest=float(chances[i]),
        )
        for i, name in enumerate(LEVERS)
    )
    return Estimate(levers, covariance)


def _reason_hidden(
    answered: Whole, contrast: Real, fewer_side: int, half_width: float
) -> ReasonHidden | None:
    answers, stars, squares = (int(answered[at]) for at in ((0, 0), (0, -1), (-1, -1)))
    if answers < MIN_REJECTED_ANSWERS:
        return "too_few_answers"
    if not contrast.any():
        return "nothing_to_change"
    if answers * squares == stars**2:
        return "answers_alike"
    if fewer_side < MIN_ANSWERS_EACH_SIDE:
        return "not_enough_variation"
    return "too_uncertain" if half_width > MAX_HALF_WIDTH_STARS else None
