"""What would change an employer's rating most: five changes of habit, their effects and limits.

It must never know a candidate, only moments; and it must never say that one thing causes another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from portal.statistics.counts import Real, Whole
from portal.statistics.lever_model import LeverModel, lever_effects
from portal.statistics.moments import COLUMNS, DELAYS, EmployerMoments
from portal.statistics.survival import Z95

LEVERS = ("inform_3d", "end_ghosting", "phone_all", "feedback_all", "realistic_promises")
MIN_REJECTED_ANSWERS = 30
MIN_ANSWERS_EACH_SIDE = 10
MAX_HALF_WIDTH_STARS = 0.35

ReasonHidden = Literal[
    "too_few_answers", "nothing_to_change", "not_enough_variation", "too_uncertain"
]
AT = {name: i for i, name in enumerate(COLUMNS)}


@dataclass(frozen=True)
class Lever:
    """One lever's association with the mean stars of all invited, with 95 % limits.

    `reason_hidden`: the first rule that forbids showing it, None when it may be shown.
    """

    lever: str
    effect_stars: float
    low: float
    high: float
    reason_hidden: ReasonHidden | None

    @property
    def shown(self) -> bool:
        """Whether a page may show it."""
        return self.reason_hidden is None

    @property
    def is_clear(self) -> bool:
        """Whether the limits leave out 0; otherwise a page says "no clear difference"."""
        return self.low > 0 or self.high < 0


def lever_contrasts(population: Whole) -> Real:
    """Mean change of each column per rejected candidate under each lever -> (5, 20).

    population (21, 21): X'X of one employer's invited rejected candidates. No candidates: zeros.
    """
    changes = np.zeros((len(LEVERS), len(COLUMNS)))
    n = int(population[0, 0])
    if n == 0:
        return changes[:, 1:]
    never = population[AT["never_told"]]
    told = population[0] - never  # per column: how many of the told have it
    inform, ghosting, phone, feedback, promises = changes
    for delay in DELAYS:
        inform[AT[delay]] = -population[0, AT[delay]]
    inform[AT["promise_broken"]] = -population[0, AT["promise_broken"]]
    inform[AT["promise_kept"]] = population[0, AT["promise_broken"]]
    ghosting[AT["never_told"]] = -never[0]
    ghosting[AT["delay_8_14"]] = never[0]
    phone[AT["phone"]] = told[0] - population[0, AT["phone"]]
    phone[AT["portal"]] = -population[0, AT["portal"]]
    feedback[AT["feedback"]] = told[0] - population[0, AT["feedback"]]
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
) -> tuple[list[tuple[Lever, ...]], tuple[Lever, ...]]:
    """The five levers of each employer, and of all of them together.

    The model may have been fitted to other or older moments. Effects are stars on the mean rating
    of all invited; levers overlap and must not be added up.
    """
    contrasts = np.array([lever_contrasts(e.population) for e in employers])
    contrasts = contrasts.reshape(-1, len(LEVERS), len(COLUMNS) - 1)
    rejected = np.array([e.population[0, 0] for e in employers], float)
    invited = np.array([e.invited for e in employers], float)
    everyone = max(float(invited.sum()), 1.0)
    effects = lever_effects(model, employers, contrasts, rejected / everyone)
    share = (rejected / np.maximum(invited, 1))[:, None]
    own, own_sd = effects.own * share, effects.own_sd * share
    each = [
        _levers(own[e], own_sd[e], contrasts[e], employer.answered)
        for e, employer in enumerate(employers)
    ]
    answered = sum((e.answered for e in employers), np.zeros([len(COLUMNS) + 1] * 2, np.int64))
    any_change = np.abs(contrasts).sum(0)
    return each, _levers(effects.together, effects.together_sd, any_change, answered)


def rank_levers(levers: Sequence[Lever]) -> list[tuple[Lever, bool]]:
    """Levers by estimate, largest first, each with whether it is "about equal" to the one before.

    About equal: the two intervals overlap.
    """
    ranked = sorted(levers, key=lambda lever: -lever.effect_stars)
    above = [None, *ranked]
    return [
        (lever, before is not None and lever.high >= before.low)
        for lever, before in zip(ranked, above, strict=False)
    ]


def _levers(effect: Real, sd: Real, contrasts: Real, answered: Whole) -> tuple[Lever, ...]:
    sides = answers_each_side(answered)
    half = Z95 * sd
    return tuple(
        Lever(
            lever=name,
            effect_stars=float(effect[i]),
            low=float(effect[i] - half[i]),
            high=float(effect[i] + half[i]),
            reason_hidden=_reason_hidden(
                int(answered[0, 0]), contrasts[i], min(sides[i]), float(half[i])
            ),
        )
        for i, name in enumerate(LEVERS)
    )


def _reason_hidden(
    answers: int, contrast: Real, fewer_side: int, half_width: float
) -> ReasonHidden | None:
    if answers < MIN_REJECTED_ANSWERS:
        return "too_few_answers"
    if not contrast.any():
        return "nothing_to_change"
    if fewer_side < MIN_ANSWERS_EACH_SIDE:
        return "not_enough_variation"
    return "too_uncertain" if half_width > MAX_HALF_WIDTH_STARS else None
