"""The five levers of one employer, from its moments and the platform's fit."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import numpy as np

from portal.models import PlatformFit, RollupMonth
from portal.reputation.lever_sums import POPULATION, add_up
from portal.reputation.sums import LEAST_BYTES, PURPOSE, Sums
from portal.scorecard import Levers, PlatformLever, read_lever
from portal.seals import Sealer, round_size
from portal.statistics.lever_model import LeverModel, fit_model
from portal.statistics.levers import LeverEstimate, estimate_levers
from portal.statistics.moments import EmployerMoments, employer_moments, unpack_triangle

# Fewer would let one employer subtract itself and read another's.
MIN_PLATFORM_EMPLOYERS = 5
# An exact number would tell how many of a release were not turned down: that may be one.
ANSWERS_IN_STEPS_OF = 10
CHANCES_IN = 20


def moments_of(
    batches: Iterable[Sums], months: Sequence[RollupMonth], invited: int
) -> EmployerMoments:
    """One employer's moments, from all its public BATCHES; INVITED: rejected or not."""
    population = np.zeros((POPULATION, POPULATION), np.int64)
    for row in months:
        population += unpack_triangle(row.population)
    return employer_moments(add_up(one.moments for one in batches), population, invited)


def describe_levers(own: EmployerMoments, fit: PlatformFit | None) -> tuple[Levers, date | None]:
    """One employer's levers, and the day of the fit they come from.

    Without a fit that can be read, or with one employer on the platform, the own answers are
    fitted on the spot, so that a withdrawn one leaves at once.
    """
    opened = open_fit(fit) if fit and fit.employers >= 2 else None
    if opened is None:
        fit, opened = None, (fit_model([own]), [])
    model, shared = opened
    estimate = estimate_levers(model, [own])[0][0]
    ranking = estimate.ranking()
    levers = Levers(
        all=tuple(
            replace(
                read_lever(plain_lever(one)),
                chance_largest=_chance(ranking.chances.get(one.lever)),
                platform=_platform(fit, shared, i),
            )
            for i, one in enumerate(estimate.levers)
        ),
        largest=tuple(ranking.largest),
        not_told_apart=tuple(sorted(tuple(sorted(names)) for names in ranking.not_told_apart)),
    )
    return levers, fit.day if fit else None


def count_in_steps(answers: int) -> int:
    return answers - answers % ANSWERS_IN_STEPS_OF


def seal_fit(fit: PlatformFit, model: LeverModel, levers: Sequence[LeverEstimate]) -> None:
    """Put MODEL and the LEVERS of all employers together, sealed, into FIT."""
    plain = {"model": model.as_plain(), "levers": [plain_lever(lever) for lever in levers]}
    text = json.dumps(plain, separators=(",", ":")).encode()
    size = round_size(text, LEAST_BYTES)
    fit.sealed = Sealer(PURPOSE).seal(text, _place_of(fit), size)


def open_fit(fit: PlatformFit) -> tuple[LeverModel, list[dict[str, Any]]] | None:
    """What seal_fit() put into FIT; None if an earlier version did. Raises SealBroken."""
    plain = json.loads(Sealer(PURPOSE).open(fit.sealed or b"", _place_of(fit)))
    model = LeverModel.from_plain(plain["model"])
    return (model, plain["levers"]) if model else None


def _place_of(fit: PlatformFit) -> str:
    return f"fit {fit.day.isoformat()}"


def _chance(exact: float | None) -> float | None:
    """In twentieths: in full it would tell single answers from one release to the next."""
    return None if exact is None else round(exact * CHANCES_IN) / CHANCES_IN


def plain_lever(lever: LeverEstimate) -> dict[str, Any]:
    """LEVER as it is shown: to a tenth of a star, and without its numbers where they may not be."""
    numbers = {
        name: round(getattr(lever, name), 1) + 0.0 if lever.shown else None
        for name in ("effect_stars", "low", "high")
    }
    return {"lever": lever.lever, **numbers, "reason_hidden": lever.reason_hidden}


def _platform(
    fit: PlatformFit | None, shared: Sequence[dict[str, Any]], place: int
) -> PlatformLever | None:
    if fit is None or fit.employers < MIN_PLATFORM_EMPLOYERS:
        return None
    all_together = read_lever(shared[place]).own
    if all_together is None:
        return None
    return PlatformLever(**vars(all_together), employers=fit.employers, answers=fit.answers)
