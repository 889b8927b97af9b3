"""From an employer's released answers to its published figures: rollups in, plain values out."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from portal.config import settings
from portal.reputation.parts import (
    AFTER,
    BEFORE,
    BREAKDOWNS,
    RECORDED,
    RECORDED_NOT,
    RECORDED_TOLD,
    WAVE,
    Groups,
)
from portal.reputation.rollups import NPS_COLUMNS, STAR_COLUMNS, Key, Sums, cells_of
from portal.statistics import flags, score, survival

MIDDLE_OF_WEEK = timedelta(days=3)
RECENT = timedelta(days=90)

Plain = dict[str, Any]


Row = dict[int, dict[str, int]]  # sums by cell


@dataclass(frozen=True)
class Weighing:
    """Answers and invitations of one employer in rows of one age each.

    A row is a release, whose answers all count alike, or a week of those who were asked.
    """

    rows: Sequence[Row]
    ages: Sequence[int]
    population: NDArray[np.int64]  # (rows, 6)

    def table(self, columns: Sequence[str]) -> NDArray[np.int64]:
        """(rows, 6 cells, COLUMNS) integers."""
        table = np.zeros((len(self.rows), score.CELLS, len(columns)), np.int64)
        for place, row in enumerate(self.rows):
            for cell, values in row.items():
                table[place, cell] = [values[column] for column in columns]
        return table

    def weigh(self, table: NDArray[np.int64], *, fades: bool = True) -> score.WeightedCounts:
        """TABLE after post-stratification, and unless told otherwise discount.

        Cells below the floor are weighted with their neighbours: the same answers, shown again
        when more people had been asked, would tell what the one answer in a cell was.
        """
        half_life = float(settings().HALF_LIFE_DAYS) if fades else None
        together = score.collapse_cells(table.sum((0, 2)), settings().MIN_ANSWERS)
        merge = np.eye(score.CELLS, dtype=np.int64)[together]
        given = np.einsum("ct,wcj->wtj", merge, table)
        asked = self.population @ merge
        return score.weighted_star_counts(given, asked, self.ages, half_life)

    def share(self, everybody: str, some: str) -> Plain:
        """The share of SOME among EVERYBODY who answered that question; hidden below the floor."""
        table = self.table((everybody, some))
        table[:, :, 0] -= table[:, :, 1]
        given = int(table.sum())
        return asdict(score.weighted_share(self.weigh(table))) | {
            "answers": given,
            "shown": given >= settings().MIN_ANSWERS,
        }


def weighing(sums: Sums, invited: dict[Key, int], today: date) -> Weighing:
    """SUMS and INVITED by week: for what is never shown, or shown without discount."""
    weeks = sorted({week for week, _ in sums} | {week for week, _ in invited})
    rows: list[Row] = [{} for _ in weeks]
    for (week, cell), values in sums.items():
        rows[weeks.index(week)][cell] = values
    return _laid_out(rows, [_age(week, today) for week in weeks], weeks, invited)


def weighing_of_releases(
    batches: Sequence["Released"], invited: dict[Key, int], today: date
) -> Weighing:
    """BATCHES, each as old as its release, and INVITED by week.

    Not by the week of each decision: answers would then count by weights that an employer knows
    one by one, and a rounded share of few answers could be solved for them.
    """
    weeks = sorted({week for week, _ in invited})
    rows: list[Row] = [cells_of(one.groups) for one in batches]
    # Who was asked fades too, but is never gone while an answer of theirs still counts.
    faded = [min(_age(week, today), score.MAX_AGE_DAYS) for week in weeks]
    ages = [max(0, (today - one.released_on).days) for one in batches]
    return _laid_out([*rows, *({} for _ in weeks)], [*ages, *faded], weeks, invited)


def _age(week: date, today: date) -> int:
    return max(0, (today - week - MIDDLE_OF_WEEK).days)


def _laid_out(
    rows: Sequence[Row], ages: Sequence[int], weeks: Sequence[date], invited: dict[Key, int]
) -> Weighing:
    """The last rows are WEEKS. Who answered was asked, even if their invitation has changed."""
    population = np.zeros((len(rows), score.CELLS), np.int64)
    first = len(rows) - len(weeks)
    for (week, cell), count in invited.items():
        population[first + weeks.index(week), cell] = count
    found = Weighing(rows, ages, population)
    if rows:
        lacking = found.table(STAR_COLUMNS).sum((0, 2)) - population.sum(0)
        population[-1] += np.maximum(lacking, 0)
    return found


def describe_answers(one: Weighing, prior: score.Prior) -> Plain:
    """Score, NPS, resentment and chasers of released answers, as the pages show them.

    Formulas: `statistics.score`. Keys: answers, shown, label, score, nps, resentment, chased,
    prior, what_if (the average if those who did not answer were lower).
    """
    stars = one.table(STAR_COLUMNS)
    answers = int(stars.sum())
    posterior = score.posterior_score(one.weigh(stars), prior)
    config = settings()
    display = score.display_rule(answers, posterior, config.MIN_ANSWERS, config.MIN_COMMENTS)
    return {
        "answers": answers,
        "shown": display.shown,
        "label": display.label,
        "score": asdict(posterior),
        "nps": asdict(score.candidate_nps(one.weigh(one.table(NPS_COLUMNS)))),
        "resentment": one.share("relationships", "resentful"),
        "chased": one.share("chase_answers", "chasers"),
        "prior": prior.source,
        "what_if": _what_if(posterior.stars, answers, int(one.population.sum())),
    }


def _what_if(stars: float, answers: int, invited: int) -> Plain | None:
    if not answers:
        return None
    rate = answers / invited
    lower = {"quarter": 0.25, "half": 0.5}
    return {"response_rate": rate} | {
        name: score.what_if(stars, rate, by) for name, by in lower.items()
    }


def describe_batch(one: Weighing, prior: score.Prior) -> Plain:
    """A batch alone: its point on the trend, and its weighted counts for the change."""
    weighted = one.weigh(one.table(STAR_COLUMNS), fades=False)
    posterior = asdict(score.posterior_score(weighted, prior))
    return {name: posterior[name] for name in ("stars", "stars_low", "stars_high")} | {
        "counts": list(weighted.counts),
        "evidence": weighted.evidence,
    }


@dataclass(frozen=True)
class Released:
    """What is kept of one live batch, whatever its size."""

    released_on: date
    answers: int
    trend: Plain
    groups: Groups


def describe_parts(batches: Sequence[Released], prior: score.Prior, today: date) -> Plain:
    """Figures that are sums over parts of batches: dimensions, agreement, wave, change."""
    return {
        "dimensions": {name: _breakdown(batches, name, prior) for name in BREAKDOWNS},
        "agreement": _agreement(
            [one.groups[RECORDED] for one in batches if RECORDED in one.groups]
        ),
        "wave": _wave([one.groups[WAVE] for one in batches if WAVE in one.groups]),
        "change": _change(batches, today),
    }


def _breakdown(batches: Sequence[Released], dimension: str, prior: score.Prior) -> Plain:
    totals: dict[str, NDArray[np.int64]] = {}
    for one in batches:
        for level, stars in one.groups.get(dimension, {}).items():
            totals[level] = totals.get(level, 0) + np.array(stars, np.int64)
    floor = settings().MIN_ANSWERS  # it may have been raised since
    return {level: _level(stars, prior) for level, stars in totals.items() if stars.sum() >= floor}


def _level(stars: NDArray[np.int64], prior: score.Prior) -> Plain:
    answers = int(stars.sum())
    counts = score.WeightedCounts(tuple(map(float, stars)), answers)
    found = score.posterior_score(counts, prior)
    return {
        "answers": answers,
        "stars": found.stars,
        "low": found.stars_low,
        "high": found.stars_high,
    }


def _agreement(tables: Sequence[dict[str, list[int]]]) -> Plain | None:
    """The log against what candidates say; kappa only from releases with both its rows."""
    told = [table[RECORDED_TOLD] for table in tables if RECORDED_TOLD in table]
    if sum(map(sum, told)) < settings().MIN_ANSWERS:
        return None
    whole = [table for table in tables if RECORDED_TOLD in table and RECORDED_NOT in table]
    both, denied = (sum(row[i] for row in told) for i in (0, 1))
    reported, neither = (sum(table[RECORDED_NOT][i] for table in whole) for i in (0, 1))
    found = survival.Agreement(both, denied, reported, neither)
    said, denied_there = (sum(table[RECORDED_TOLD][i] for table in whole) for i in (0, 1))
    there = survival.Agreement(said, denied_there, reported, neither)
    return {
        "both": both,
        "recorded_only": denied,
        "reported_only": reported,
        "neither": neither,
        "denied": asdict(found.denied),
        "kappa": there.kappa,
        "is_denied_flag": flags.log_is_denied(found),
    }


def _wave(waves: Sequence[dict[str, list[list[int]]]]) -> Plain | None:
    nothing = np.zeros((score.CELLS, 3), np.int64)
    before, after = (
        sum((np.array(wave[side]) for wave in waves if side in wave), nothing)
        for side in (BEFORE, AFTER)
    )
    check = flags.wave_check(before, after)
    if check is None:
        return None
    return {
        "difference": check.difference.value,
        "low": check.difference.low,
        "high": check.difference.high,
        "differs": check.others_may_differ,
    }


def _change(batches: Sequence[Released], today: date) -> Plain | None:
    """Releases of the last 90 days against all earlier ones."""
    known = [one for one in batches if "counts" in one.trend]
    recent = [one for one in known if one.released_on > today - RECENT]
    earlier = [one for one in known if one.released_on <= today - RECENT]
    found = score.rating_change(
        _together(recent),
        _together(earlier),
        sum(one.answers for one in recent),
        sum(one.answers for one in earlier),
    )
    return asdict(found) if found else None


def _together(batches: Sequence[Released]) -> score.WeightedCounts:
    counts, evidence = np.zeros(5), 0.0
    for one in batches:
        given, worth = np.array(one.trend["counts"]), one.trend["evidence"]
        if given.sum() > 0:
            counts, evidence = counts + worth * given / given.sum(), evidence + worth
    return score.WeightedCounts(tuple(counts.tolist()), evidence)
