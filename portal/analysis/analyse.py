"""The whole statistics of one file of candidates, as plain data.

It must never know a database or apply the anonymity gate: the operator owns the file.
"""

from collections.abc import Sequence
from datetime import date
from math import inf
from pathlib import Path
from typing import Any, get_args

import numpy as np

from portal.analysis.candidates import (
    LARGEST,
    NOT_ASKED,
    OUTCOME_CODES,
    AnalysisRefused,
    Candidates,
    Progress,
    as_known_on,
)
from portal.analysis.reading import NOTHING_SAID, read_candidates
from portal.candidate_files import Plan
from portal.statistics.counts import Whole
from portal.statistics.lever_model import fit_model
from portal.statistics.levers import Estimate, estimate_levers
from portal.statistics.moments import (
    EmployerMoments,
    cross_moments,
    design_matrix,
    employer_moments,
    moments_by_cell,
)
from portal.statistics.score import (
    CELLS,
    Outcome,
    Prior,
    WeightedCounts,
    cell_of,
    display_rule,
    fit_prior,
    posterior_score,
    weighted_star_counts,
    widened,
)
from portal.statistics.survival import (
    HORIZON_DAYS,
    AgreementTable,
    ghost_rate,
    kaplan_meier,
)

FORMAT = 1
QUARTER_DAYS = 91
RECENT_DAYS = 365
GHOST_DAYS = (14, 30)
TOLD_BY_DAYS = (3, 7, 14, 30)
REJECTED, WITHDRAWN = OUTCOME_CODES["rejected"], OUTCOME_CODES["withdrawn"]
# Cell by outcome code and days to told, shifted by one and cut at 8: all later days share a cell.
CELL_TABLE = np.array(
    [
        [cell_of(outcome, None), *(cell_of(outcome, day) for day in range(9))]
        for outcome in get_args(Outcome)
    ]
)

Plain = dict[str, Any]


def analyse_file(
    path: str | Path,
    as_of: int | date | None = None,
    half_life: float | None = None,
    progress: Progress | None = None,
    *,
    plan: Plan = NOTHING_SAID,
    warn: Progress | None = None,
    today: date | None = None,
) -> Plain:
    """Every figure for the candidates of a file; as_printed() is what `--json` prints of it.

    as_of: a day as the file counts days, not after `today` if it has dates; None: last decision
    day + 60, of dates not after `today`.
    half_life: days; None: no discount. progress: told in a few words what has been done; warn: what
    contradicts itself, and how it is taken. plan: how a file with dates is read, by what the import
    reads by. Raises AnalysisRefused.
    """
    read = read_candidates(path, plan, progress, warn=warn, today=today)
    candidates, as_of = _known(read, as_of, half_life, today or date.max)
    each = _per_employer(candidates)
    prior, weighted = _weigh(each, as_of, half_life)
    if progress:
        progress(f"{len(each):,} employers scored")
    own, together = _levers(each)
    dates = {"as_of_on": date.fromordinal(as_of).isoformat()} if candidates.has_dates else {}
    return dates | {
        "format": FORMAT,
        "as_of_day": as_of,
        "half_life_days": half_life,
        "level": 0.95,
        "prior": _prior_plain(prior),
        "platform": _platform_plain(candidates, as_of, together),
        "employers": [
            {
                "employer": name,
                "candidates": len(one),
                **_score_plain(one, counts, prior),
                **_facts_plain(one, as_of),
                **_levers_plain(levers, _turned_down_answers(one)),
            }
            for name, one, counts, levers in zip(candidates.names, each, weighted, own, strict=True)
        ],
    }


def as_printed(result: Plain) -> Plain:
    """RESULT without the counts that only the readable report names: the stable format 1."""

    def bare(figures: Plain) -> Plain:
        kept = dict(figures)
        for days in TOLD_BY_DAYS:
            told = _without("n", figures[f"told_by_{days}"])
            kept[f"told_by_{days}"] = _without("is_followed", told)
        kept["levers"] = [_without("answers", lever) for lever in figures["levers"]]
        return _without("levers_largest", _without("stars_range", kept))

    return result | {
        "platform": bare(result["platform"]),
        "employers": [bare(employer) for employer in result["employers"]],
    }


def _without(name: str, figures: Plain) -> Plain:
    return {key: value for key, value in figures.items() if key != name}


def _platform_plain(candidates: Candidates, as_of: int, levers: Estimate) -> Plain:
    return {
        "employers": len(candidates.names),
        "candidates": len(candidates),
        "answers": int(candidates.answered.sum()),
        **_facts_plain(candidates, as_of),
        **_levers_plain(levers, _turned_down_answers(candidates)),
    }


def _known(
    candidates: Candidates, as_of: int | date | None, half_life: float | None, today: date
) -> tuple[Candidates, int]:
    if half_life is not None and not 0 < half_life < inf:
        raise AnalysisRefused("the half-life must be a number of days above 0")
    latest = today.toordinal() if candidates.has_dates else LARGEST
    if as_of is None:
        all_seen = int(candidates.decision_day.max()) + HORIZON_DAYS
        return candidates, min(all_seen, latest) if candidates.has_dates else all_seen
    if isinstance(as_of, date):
        if not candidates.has_dates:
            raise AnalysisRefused(f"the file counts days: {as_of} is none of them")
        as_of = as_of.toordinal()
    if as_of > latest:
        shown = today if candidates.has_dates else f"{LARGEST:,}"
        raise AnalysisRefused(f"the day must not be beyond {shown}")
    return as_known_on(candidates, as_of), as_of


def _per_employer(candidates: Candidates) -> list[Candidates]:
    order = np.argsort(candidates.employer, kind="stable")
    bounds = np.searchsorted(candidates.employer[order], np.arange(1, len(candidates.names)))
    return [candidates.pick(rows) for rows in np.split(order, bounds)]


def _weigh(
    each: Sequence[Candidates], as_of: int, half_life: float | None
) -> tuple[Prior, list[WeightedCounts]]:
    """The platform's prior and each employer's weighted counts."""
    raw, flat, weighted = [], [], []
    for candidates in each:
        ages, stars, invited = _by_age_and_cell(candidates, as_of)
        weighted.append(weighted_star_counts(stars, invited, ages, half_life))
        recent = slice(None) if half_life is None else ages <= RECENT_DAYS
        raw.append(stars[recent].sum((0, 1)))
        flat.append(weighted_star_counts(stars[recent], invited[recent], ages[recent], None).counts)
    return fit_prior(raw, flat), weighted


def _by_age_and_cell(candidates: Candidates, as_of: int) -> tuple[Whole, Whole, Whole]:
    """Ages (D,), stars (D, 6, 5) and invited (D, 6)."""
    ages, at = np.unique(as_of - candidates.decision_day, return_inverse=True)
    cell = CELL_TABLE[candidates.outcome, np.minimum(candidates.days_to_told, 8) + 1]
    invited = np.bincount(at * CELLS + cell, minlength=len(ages) * CELLS)
    rated = candidates.answered == 1
    place = (at[rated] * CELLS + cell[rated]) * 5 + candidates.stars[rated] - 1
    stars = np.bincount(place, minlength=len(ages) * CELLS * 5)
    return ages, stars.reshape(-1, CELLS, 5), invited.reshape(-1, CELLS)


def _levers(each: Sequence[Candidates]) -> tuple[list[Estimate], Estimate]:
    moments = [_moments(candidates) for candidates in each]
    return estimate_levers(fit_model(moments), moments)


def _moments(candidates: Candidates) -> EmployerMoments:
    turned_down = candidates.pick(candidates.outcome == REJECTED)
    design = design_matrix(
        turned_down.days_to_told,
        turned_down.channel,
        turned_down.promise_kept,
        turned_down.promise_broken,
        turned_down.feedback,
        turned_down.stage,
        turned_down.role_family,
    )
    rows = np.column_stack([design, turned_down.stars])
    quarter = turned_down.decision_day // QUARTER_DAYS
    rated = turned_down.answered == 1
    strata = [moments_by_cell(rows[rated & (quarter == q)]) for q in np.unique(quarter[rated])]
    return employer_moments(strata, cross_moments(design), len(candidates))


def _turned_down_answers(candidates: Candidates) -> int:
    return int(((candidates.outcome == REJECTED) & (candidates.answered == 1)).sum())


def _facts_plain(candidates: Candidates, as_of: int) -> Plain:
    """Habits and the agreement of log and candidates, those who withdrew left out."""
    owed = candidates.pick(candidates.outcome != WITHDRAWN)
    ages, cohort = np.unique(as_of - owed.decision_day, return_inverse=True)
    within = (owed.days_to_told >= 0) & (owed.days_to_told <= HORIZON_DAYS)
    place = cohort[within] * (HORIZON_DAYS + 1) + owed.days_to_told[within]
    told = np.bincount(place, minlength=len(ages) * (HORIZON_DAYS + 1))
    told = told.reshape(len(ages), HORIZON_DAYS + 1)
    decided = np.bincount(cohort, minlength=len(ages))
    plain: Plain = {}
    for days in GHOST_DAYS:
        rate = ghost_rate(told, decided, ages, days)
        plain[f"ghost_rate_{days}"] = {
            "rate": _number(rate.share),
            "low": _number(rate.low),
            "high": _number(rate.high),
            "n": rate.n,
            "not_told": rate.not_told,
        }
    plain["ghost_rate_30"]["against_43"] = rate.against()
    curve = kaplan_meier(told, decided, ages)
    for days in TOLD_BY_DAYS:
        by = curve.told_by(days)
        limits = {"share": by.share, "low": by.low, "high": by.high}
        rounded = {name: _number(value) for name, value in limits.items()}
        plain[f"told_by_{days}"] = rounded | {"n": by.n, "is_followed": curve.is_followed(days)}
    plain["agreement"] = _agreement_plain(
        owed.pick((owed.answered == 1) & (owed.reported_told != NOT_ASKED))
    )
    return plain


def _agreement_plain(answered: Candidates) -> Plain:
    table = np.bincount(2 * answered.recorded_told + answered.reported_told, minlength=4)
    neither, reported_only, recorded_only, both = (int(n) for n in table)
    found = AgreementTable(both, recorded_only, reported_only, neither)
    return {
        "both": both,
        "recorded_only": recorded_only,
        "reported_only": reported_only,
        "neither": neither,
        "denied_share": _number(found.denied.share),
        "denied_low": _number(found.denied.low),
        "denied_high": _number(found.denied.high),
        "kappa": _number(found.kappa),
    }


def _score_plain(candidates: Candidates, weighted: WeightedCounts, prior: Prior) -> Plain:
    score = posterior_score(weighted, prior)
    answers = int(candidates.answered.sum())
    as_shown = widened(score, answers)
    label = display_rule(answers, score)
    return {
        "answers": answers,
        "evidence": _number(weighted.evidence),
        "stars": _number(score.stars),
        "stars_low": _number(score.stars_low),
        "stars_high": _number(score.stars_high),
        "score": _number(score.score),
        "score_low": _number(score.score_low),
        "score_high": _number(score.score_high),
        "stars_range": [_number(as_shown.stars_low), _number(as_shown.stars_high)],
        "shown": label != "not_enough",
        "label": label,
    }


def _prior_plain(prior: Prior) -> Plain:
    return {
        "stars": _number(prior.stars),
        "weight": _number(prior.weight),
        "shares": [_number(share) for share in prior.shares],
        "source": prior.source,
        "employers_used": prior.employers_used,
    }


def _levers_plain(estimate: Estimate, answers: int) -> Plain:
    """Levers with the ANSWERS of candidates who were turned down, which all of them compare.

    chance_largest: of all five, for this file has no floors; the rest is of those a page shows.
    """
    ranking = estimate.ranking()
    levers = [
        {
            "lever": lever.lever,
            "answers": answers,
            "effect_stars": _number(lever.effect_stars),
            "low": _number(lever.low),
            "high": _number(lever.high),
            "shown": lever.shown,
            "reason_hidden": lever.reason_hidden,
            "chance_largest": _number(lever.chance_largest),
        }
        for lever in estimate.levers
    ]
    return {
        "levers": levers,
        "levers_largest": list(ranking.largest),
        "not_told_apart": sorted(sorted(names) for names in ranking.not_told_apart),
    }


def _number(value: float | None) -> float | None:
    return None if value is None else round(float(value), 6) + 0.0
