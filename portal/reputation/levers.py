"""The five levers of one employer, from its moments and the platform's fit."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from portal.models import PlatformFit, RollupMonth
from portal.reputation import lever_sums
from portal.reputation.lever_sums import ANSWERED, POPULATION, quarter_of
from portal.statistics.counts import Whole
from portal.statistics.lever_model import LeverModel, fit_model
from portal.statistics.levers import LEVERS, Lever, estimate_levers, rank_levers
from portal.statistics.moments import EmployerMoments, employer_moments

# Fewer would let one employer subtract itself and read another's.
MIN_PLATFORM_EMPLOYERS = 5
# An exact number would tell how many of a release were not turned down: that may be one.
ANSWERS_IN_STEPS_OF = 10


def moments_of(months: Sequence[RollupMonth], invited: int) -> EmployerMoments:
    """One employer's moments, its strata the calendar quarters; INVITED: rejected or not."""
    strata: dict[tuple[int, int], Whole] = {}
    population = np.zeros((POPULATION, POPULATION), np.int64)
    for row in months:
        nothing = np.zeros((ANSWERED, ANSWERED), np.int64)
        quarter = quarter_of(row.month)
        strata[quarter] = strata.get(quarter, nothing) + lever_sums.square(row.answered)
        population += lever_sums.square(row.population)
    return employer_moments(
        np.array(list(strata.values()), np.int64).reshape(-1, ANSWERED, ANSWERED),
        population,
        invited,
    )


def describe_levers(own: EmployerMoments, fit: PlatformFit | None) -> dict[str, Any]:
    """Keys levers, lever_answers (in steps of ten, rounded down), levers_fitted_on.

    A platform of one employer is fitted on the spot, so that a withdrawn answer leaves at once.
    """
    if fit is None or fit.employers < 2:
        fit, model = None, fit_model([own])
    else:
        model = LeverModel.from_plain(fit.model)
    levers = estimate_levers(model, [own])[0][0]
    answers = int(own.answered[0, 0])
    return {
        "levers": [
            plain_lever(lever) | {"about_equal_to_next": is_equal, "platform": _platform(fit, i)}
            for i, (lever, is_equal) in enumerate(zip(levers, _equals(levers), strict=True))
        ],
        "lever_answers": answers - answers % ANSWERS_IN_STEPS_OF,
        "levers_fitted_on": fit.day.isoformat() if fit else None,
    }


def plain_lever(lever: Lever) -> dict[str, Any]:
    """LEVER as it is stored: without its numbers where they may not be shown."""
    return {
        "lever": lever.lever,
        "effect_stars": lever.effect_stars if lever.shown else None,
        "low": lever.low if lever.shown else None,
        "high": lever.high if lever.shown else None,
        "reason_hidden": lever.reason_hidden,
    }


def _equals(levers: Sequence[Lever]) -> list[bool]:
    """Whether each of LEVERS is about equal to the next smaller one that is shown."""
    ranked = rank_levers([lever for lever in levers if lever.shown])
    equal_to_next = {lever.lever: is_equal for (lever, _), (_, is_equal) in pairwise(ranked)}
    return [equal_to_next.get(name, False) for name in LEVERS]


def _platform(fit: PlatformFit | None, place: int) -> dict[str, Any] | None:
    if fit is None or fit.employers < MIN_PLATFORM_EMPLOYERS:
        return None
    lever = fit.levers[place]
    if lever["reason_hidden"]:
        return None
    return {name: lever[name] for name in ("effect_stars", "low", "high")} | {
        "employers": fit.employers,
        "answers": fit.answers - fit.answers % ANSWERS_IN_STEPS_OF,
    }
