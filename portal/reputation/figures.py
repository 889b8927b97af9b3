"""From an employer's released answers to its published figures: rollups in, plain values out."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from portal.config import settings
from portal.extensions import db
from portal.models import (
    Chased,
    Employer,
    Invitation,
    InvitationState,
    Relationship,
    Response,
    RollupWeek,
)
from portal.statistics import score, survival

STAR_COLUMNS = ("stars_1", "stars_2", "stars_3", "stars_4", "stars_5")
NPS_COLUMNS = ("detractors", "passives", "promoters")
OPTIONAL = (("relationships", "resentful"), ("chase_answers", "chasers"))
SUMS = (*STAR_COLUMNS, *NPS_COLUMNS, "relationships", "resentful", "chase_answers", "chasers")
MIDDLE_OF_WEEK = timedelta(days=3)
DETRACTOR_MOST, PROMOTER_LEAST = 6, 9

Key = tuple[date, int]  # decision week, cell
Sums = dict[Key, dict[str, int]]


def sum_answers(batch: Iterable[Response]) -> Sums:
    """The integers that one BATCH adds to the rollups, by week and cell.

    A question that fewer than the floor answered in it adds nothing: the difference between two
    releases would show what those few said.
    """
    sums: Sums = {}
    for response in batch:
        cell = sums.setdefault(_key(response.week, response.cell), dict.fromkeys(SUMS, 0))
        for column in _columns_of(response):
            cell[column] += 1
    for everybody, some in OPTIONAL:
        if sum(cell[everybody] for cell in sums.values()) < settings().MIN_ANSWERS:
            for cell in sums.values():
                cell[everybody] = cell[some] = 0
    return sums


def _key(week: date | None, cell: int | None) -> Key:
    """Both are there once an invitation was sent; a CHECK says so."""
    if week is None or cell is None:
        raise ValueError("an answer without its coarse facts")
    return week, cell


def add_sums(parts: Iterable[Sums]) -> Sums:
    """The sum of several batches' sums."""
    total: Sums = {}
    for part in parts:
        for key, values in part.items():
            held = total.setdefault(key, dict.fromkeys(SUMS, 0))
            for name, value in values.items():
                held[name] += value
    return total


def _columns_of(response: Response) -> list[str]:
    columns = [f"stars_{response.overall}"]
    if response.recommend >= PROMOTER_LEAST:
        columns.append("promoters")
    else:
        columns.append("detractors" if response.recommend <= DETRACTOR_MOST else "passives")
    if response.relationship_after:
        columns.append("relationships")
        if response.relationship_after is Relationship.ELSEWHERE:
            columns.append("resentful")
    if response.chased:
        columns.append("chase_answers")
        if response.chased is not Chased.NO:
            columns.append("chasers")
    return columns


def read_rollups(employer: Employer) -> Sums:
    """EMPLOYER's rollups as they stand."""
    rows = db.session.scalars(sa.select(RollupWeek).where(RollupWeek.employer_id == employer.id))
    return {(row.week, row.cell): {name: getattr(row, name) for name in SUMS} for row in rows}


def count_invited(employer: Employer) -> dict[Key, int]:
    """How many were invited, by decision week and cell."""
    rows = db.session.execute(
        sa.select(Invitation.week, Invitation.cell, sa.func.count())
        .where(
            Invitation.employer_id == employer.id,
            Invitation.state == InvitationState.INVITED,
            Invitation.week.is_not(None),
        )
        .group_by(Invitation.week, Invitation.cell)
    )
    return {_key(week, cell): count for week, cell, count in rows}


def _table(sums: Sums, weeks: Sequence[date], columns: Sequence[str]) -> NDArray[np.int64]:
    """(weeks, 6 cells, columns) integers."""
    table = np.zeros((len(weeks), score.CELLS, len(columns)), np.int64)
    place = {week: index for index, week in enumerate(weeks)}
    for (week, cell), values in sums.items():
        table[place[week], cell] = [values[column] for column in columns]
    return table


@dataclass(frozen=True)
class _Weighing:
    """Answers and invitations of one employer by week and cell, and how old each week is."""

    sums: Sums
    weeks: list[date]
    ages: list[int]
    population: NDArray[np.int64]

    def table(self, columns: Sequence[str]) -> NDArray[np.int64]:
        return _table(self.sums, self.weeks, columns)

    def weigh(self, table: NDArray[np.int64]) -> score.WeightedCounts:
        half_life = float(settings().HALF_LIFE_DAYS)
        return score.weighted_star_counts(table, self.population, self.ages, half_life)

    def share(self, everybody: str, some: str) -> dict[str, Any]:
        """The share of SOME among EVERYBODY who answered that question; hidden below the floor."""
        table = self.table((everybody, some))
        table[:, :, 0] -= table[:, :, 1]
        given = int(table.sum())
        return asdict(score.weighted_share(self.weigh(table))) | {
            "answers": given,
            "shown": given >= settings().MIN_ANSWERS,
        }


def _weighing(sums: Sums, invited: dict[Key, int], today: date) -> _Weighing:
    weeks = sorted({week for week, _ in sums} | {week for week, _ in invited})
    place = {week: index for index, week in enumerate(weeks)}
    population = np.zeros((len(weeks), score.CELLS), np.int64)
    for (week, cell), count in invited.items():
        population[place[week], cell] = count
    # Who answered was asked, even if the invitation's own state has changed since.
    population = np.maximum(population, _table(sums, weeks, STAR_COLUMNS).sum(2))
    ages = [max(0, (today - week - MIDDLE_OF_WEEK).days) for week in weeks]
    return _Weighing(sums, weeks, ages, population)


def describe_answers(sums: Sums, invited: dict[Key, int], today: date) -> dict[str, Any]:
    """Score, NPS, resentment and chasers of released answers, as the pages show them.

    Formulas: statistics.md sections 1 and 2. Keys: answers, shown, label, score, nps, resentment,
    chased, histogram (None below its floor).
    """
    weighing = _weighing(sums, invited, today)
    stars = weighing.table(STAR_COLUMNS)
    answers = int(stars.sum())
    posterior = score.posterior_score(weighing.weigh(stars), score.DEFAULT_PRIOR)
    config = settings()
    display = score.display_rule(answers, posterior, config.MIN_ANSWERS, config.MIN_COMMENTS)
    nps = score.candidate_nps(weighing.weigh(weighing.table(NPS_COLUMNS)))
    return {
        "answers": answers,
        "shown": display.shown,
        "label": display.label,
        "score": asdict(posterior),
        "nps": asdict(nps),
        "resentment": weighing.share("relationships", "resentful"),
        "chased": weighing.share("chase_answers", "chasers"),
        "histogram": stars.sum((0, 1)).tolist() if display.histogram_shown else None,
        "prior": score.DEFAULT_PRIOR.source,
    }


def describe_waiting(told: Iterable[tuple[date, date | None, int]], today: date) -> dict[str, Any]:
    """Habits from the employer's log: (decision day, told day or None, candidates) rows.

    Keys: decided, told_by {3,7,14,30}, median_days, curve, ghost {14, 30}, statistics.md section 2.
    """
    rows = list(told)
    days = sorted({decided for decided, _, _ in rows if decided <= today})
    place = {day: index for index, day in enumerate(days)}
    horizon = survival.HORIZON_DAYS
    told_by_day = np.zeros((len(days), horizon + 1), np.int64)
    decided_count = np.zeros(len(days), np.int64)
    for decided, told_on, count in rows:
        if decided not in place:
            continue
        decided_count[place[decided]] += count
        if told_on is not None and (wait := max(0, (told_on - decided).days)) <= horizon:
            told_by_day[place[decided], wait] += count
    ages = [(today - day).days for day in days]
    curve = survival.kaplan_meier(told_by_day, decided_count, ages)
    ghosts = {
        str(limit): survival.ghost_rate(told_by_day, decided_count, ages, limit)
        for limit in (14, 30)
    }
    return {
        "decided": int(decided_count.sum()),
        "told_by": {str(limit): asdict(curve.told_by(limit)) for limit in (3, 7, 14, 30)},
        "median_days": curve.median_days,
        "curve": {
            "told": [round(1 - value, 4) for value in curve.not_told],
            "low": [round(1 - value, 4) for value in curve.high],
            "high": [round(1 - value, 4) for value in curve.low],
            "followed_days": curve.followed_days,
        },
        "ghost": {
            limit: asdict(rate) | {"verdict": rate.against()} for limit, rate in ghosts.items()
        },
    }
