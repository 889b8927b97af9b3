"""The five levers of one employer, from its moments and the platform's fit."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from typing import Any

import numpy as np

from portal.models import PlatformFit, RollupMonth
from portal.reputation import lever_sums
from portal.reputation.lever_sums import ANSWERED, POPULATION, quarter_of
from portal.reputation.sums import LEAST_BYTES, PURPOSE
from portal.seals import Sealer, round_size
from portal.statistics.counts import Whole
from portal.statistics.lever_model import LeverModel, fit_model
from portal.statistics.levers import LEVERS, Lever, estimate_levers, rank_levers
from portal.statistics.moments import EmployerMoments, employer_moments

# Fewer would let one employer subtract itself and read another's.
MIN_PLATFORM_EMPLOYERS = 5
# An exact number would tell how many of a release were not turned down: that may be one.
ANSWERS_IN_STEPS_OF = 10


def moments_of(
    answered: Mapping[date, Whole], months: Sequence[RollupMonth], invited: int
) -> EmployerMoments:
    """One employer's moments, its strata the calendar quarters; INVITED: rejected or not."""
    strata: dict[tuple[int, int], Whole] = {}
    for month, moments in answered.items():
        quarter = quarter_of(month)
        strata[quarter] = strata[quarter] + moments if quarter in strata else moments
    population = np.zeros((POPULATION, POPULATION), np.int64)
    for row in months:
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
        shared: list[dict[str, Any]] = []
    else:
        model, shared = open_fit(fit)
    levers = [_as_shown(lever) for lever in estimate_levers(model, [own])[0][0]]
    answers = int(own.answered[0, 0])
    return {
        "levers": tuple(
            plain_lever(lever)
            | {"about_equal_to_next": is_equal, "platform": _platform(fit, shared, i)}
            for i, (lever, is_equal) in enumerate(zip(levers, _equals(levers), strict=True))
        ),
        "lever_answers": answers - answers % ANSWERS_IN_STEPS_OF,
        "levers_fitted_on": fit.day if fit else None,
    }


def seal_fit(fit: PlatformFit, model: LeverModel, levers: Sequence[Lever]) -> None:
    """Put MODEL and the LEVERS of all employers together, sealed, into FIT."""
    plain = {"model": model.as_plain(), "levers": [plain_lever(lever) for lever in levers]}
    text = json.dumps(plain, separators=(",", ":")).encode()
    size = round_size(text, LEAST_BYTES)
    fit.sealed = Sealer(PURPOSE).seal(text, _place_of(fit), size)


def open_fit(fit: PlatformFit) -> tuple[LeverModel, list[dict[str, Any]]]:
    """What seal_fit() put into FIT; raises SealBroken."""
    plain = json.loads(Sealer(PURPOSE).open(fit.sealed or b"", _place_of(fit)))
    return LeverModel.from_plain(plain["model"]), plain["levers"]


def _place_of(fit: PlatformFit) -> str:
    return f"fit {fit.day.isoformat()}"


def _as_shown(lever: Lever) -> Lever:
    """LEVER to a tenth of a star: ranks and verdicts follow the figures that are read."""
    names = ("effect_stars", "low", "high")
    return replace(lever, **{name: round(getattr(lever, name), 1) + 0.0 for name in names})


def plain_lever(lever: Lever) -> dict[str, Any]:
    """LEVER as it is shown: without its numbers where they may not be."""
    read = _as_shown(lever)
    return {
        "lever": read.lever,
        "effect_stars": read.effect_stars if read.shown else None,
        "low": read.low if read.shown else None,
        "high": read.high if read.shown else None,
        "reason_hidden": read.reason_hidden,
    }


def _equals(levers: Sequence[Lever]) -> list[bool]:
    """Whether each of LEVERS is about equal to the next smaller one that is shown."""
    ranked = rank_levers([lever for lever in levers if lever.shown])
    equal_to_next = {lever.lever: is_equal for (lever, _), (_, is_equal) in pairwise(ranked)}
    return [equal_to_next.get(name, False) for name in LEVERS]


def _platform(
    fit: PlatformFit | None, shared: Sequence[dict[str, Any]], place: int
) -> dict[str, Any] | None:
    if fit is None or fit.employers < MIN_PLATFORM_EMPLOYERS:
        return None
    lever = shared[place]
    if lever["reason_hidden"]:
        return None
    return {name: lever[name] for name in ("effect_stars", "low", "high")} | {
        "employers": fit.employers,
        "answers": fit.answers,
    }
