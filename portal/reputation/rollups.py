"""Integer sums of one employer by decision week and month: added to, taken from, made again.

Answers enter with their batch and leave with it; who was invited follows the records.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

import sqlalchemy as sa

from portal.extensions import db
from portal.models import (
    Batch,
    Chased,
    Employer,
    Invitation,
    InvitationState,
    OutcomeFact,
    Relationship,
    Response,
    RollupMonth,
    RollupWeek,
)
from portal.reputation import lever_sums
from portal.reputation.lever_sums import ANSWERED, POPULATION, Triangle
from portal.reputation.parts import Groups, Parts, count_parts, lever_answers, parts_of

STAR_COLUMNS = ("stars_1", "stars_2", "stars_3", "stars_4", "stars_5")
NPS_COLUMNS = ("detractors", "passives", "promoters")
SUMS = (*STAR_COLUMNS, *NPS_COLUMNS, "relationships", "resentful", "chase_answers", "chasers")
DETRACTOR_MOST, PROMOTER_LEAST = 6, 9
# Nobody is asked 60 days after the decision or later, and mail that failed comes back in days.
INVITED_CHANGES_WITHIN = timedelta(days=91)

Key = tuple[date, int]  # decision week, cell
Sums = dict[Key, dict[str, int]]
Moments = dict[date, Triangle]


def sum_answers(batch: Iterable[Response], questions: Sequence[str]) -> Sums:
    """The integers that one BATCH adds, by week and cell; of optional QUESTIONS only these."""
    sums: Sums = {}
    for response in batch:
        cell = sums.setdefault(_key(response.week, response.cell), dict.fromkeys(SUMS, 0))
        for column in _columns_of(response, questions):
            cell[column] += 1
    return sums


def count_groups(batch: Sequence[Response], parts: Parts) -> Groups:
    """The integers of BATCH by part, and under `cells` those of each cell: {cell: SUMS}."""
    cells: dict[str, list[int]] = {}
    for (_, cell), values in sum_answers(batch, parts.questions).items():
        before = cells.get(str(cell), [0] * len(SUMS))
        cells[str(cell)] = [held + values[name] for held, name in zip(before, SUMS, strict=True)]
    return count_parts(batch, parts) | {"cells": dict(sorted(cells.items()))}


def cells_of(groups: Groups) -> dict[int, dict[str, int]]:
    """The sums of each cell of a batch, stored by count_groups()."""
    held = groups.get("cells", {})
    return {int(cell): dict(zip(SUMS, values, strict=True)) for cell, values in held.items()}


def _key(week: date | None, cell: int | None) -> Key:
    """Both are there once an invitation was sent; a CHECK says so."""
    if week is None or cell is None:
        raise ValueError("an answer without its coarse facts")
    return week, cell


def _columns_of(response: Response, questions: Sequence[str]) -> list[str]:
    columns = [f"stars_{response.overall}"]
    if response.recommend >= PROMOTER_LEAST:
        columns.append("promoters")
    else:
        columns.append("detractors" if response.recommend <= DETRACTOR_MOST else "passives")
    if response.relationship_after and "relationship_after" in questions:
        columns.append("relationships")
        if response.relationship_after is Relationship.ELSEWHERE:
            columns.append("resentful")
    if response.chased and "chased" in questions:
        columns.append("chase_answers")
        if response.chased is not Chased.NO:
            columns.append("chasers")
    return columns


def read_weeks(employer: Employer) -> tuple[Sums, dict[Key, int]]:
    """EMPLOYER's sums of released answers, and how many were invited, by week and cell."""
    rows = db.session.scalars(
        sa.select(RollupWeek).where(RollupWeek.employer_id == employer.id)
    ).all()
    sums = {(row.week, row.cell): {name: getattr(row, name) for name in SUMS} for row in rows}
    return sums, {(row.week, row.cell): row.invited for row in rows}


def add_batch(employer: Employer, members: Sequence[Response], groups: Groups, sign: int) -> None:
    """Add the answers of a batch, SIGN 1, or take them away again exactly, SIGN -1."""
    parts = parts_of(groups)
    _add_weeks(employer, sum_answers(members, parts.questions), sign)
    _add_months(employer, lever_sums.answered_moments(lever_answers(members, parts)), sign)
    db.session.flush()


def _week_rows(employer: Employer, keys: Iterable[Key]) -> dict[Key, RollupWeek]:
    """Rows of KEYS, made where there are none."""
    wanted = set(keys)
    found = db.session.scalars(
        sa.select(RollupWeek).where(
            RollupWeek.employer_id == employer.id, RollupWeek.week.in_({week for week, _ in wanted})
        )
    )
    rows = {(row.week, row.cell): row for row in found}
    for week, cell in wanted - rows.keys():
        rows[week, cell] = RollupWeek(
            employer_id=employer.id, week=week, cell=cell, **dict.fromkeys((*SUMS, "invited"), 0)
        )
        db.session.add(rows[week, cell])
    return rows


def _add_weeks(employer: Employer, sums: Sums, sign: int) -> None:
    rows = _week_rows(employer, sums)
    for key, values in sums.items():
        for name, value in values.items():
            setattr(rows[key], name, getattr(rows[key], name) + sign * value)


def _month_rows(employer: Employer, months: Iterable[date]) -> dict[date, RollupMonth]:
    wanted = set(months)
    found = db.session.scalars(
        sa.select(RollupMonth).where(
            RollupMonth.employer_id == employer.id, RollupMonth.month.in_(wanted)
        )
    )
    rows = {row.month: row for row in found}
    for month in wanted - rows.keys():
        rows[month] = RollupMonth(
            employer_id=employer.id,
            month=month,
            answered=lever_sums.nothing(ANSWERED),
            population=lever_sums.nothing(POPULATION),
        )
        db.session.add(rows[month])
    return rows


def _add_months(employer: Employer, moments: Moments, sign: int) -> None:
    rows = _month_rows(employer, moments)
    for month, triangle in moments.items():
        rows[month].answered = lever_sums.add(rows[month].answered, triangle, sign)


def count_invited(employer: Employer, since: date | None) -> tuple[dict[Key, int], Moments]:
    """Invited by week and cell, and moments of the rejected by month, from the invitations.

    Of weeks from SINCE, the first of a month's weeks; None: of all.
    """
    facts = (
        Invitation.stage_group,
        Invitation.role_family,
        Invitation.told_bucket,
        Invitation.channel,
        Invitation.promise_fact,
        Invitation.was_given_feedback,
    )
    keys = (Invitation.week, Invitation.cell, Invitation.outcome, *facts)
    rows = db.session.execute(
        sa.select(*keys, sa.func.count().label("how_many"))
        .where(
            Invitation.employer_id == employer.id,
            Invitation.state == InvitationState.INVITED,
            Invitation.week >= since if since else Invitation.week.is_not(None),
        )
        .group_by(*keys)
    ).all()
    invited: dict[Key, int] = {}
    for row in rows:
        key = _key(row.week, row.cell)
        invited[key] = invited.get(key, 0) + row.how_many
    rejected: Any = (
        (row.week, row, row.how_many) for row in rows if row.outcome is OutcomeFact.REJECTED
    )
    return invited, lever_sums.population_moments(rejected)


def refresh_invited(employer: Employer, since: date | None) -> None:
    """Count anew who was invited, for the months of the weeks from SINCE; None: all."""
    first = lever_sums.first_week(since) if since else None
    invited, moments = count_invited(employer, first)
    weeks = sa.select(RollupWeek).where(RollupWeek.employer_id == employer.id)
    months = sa.select(RollupMonth).where(RollupMonth.employer_id == employer.id)
    if first:
        weeks = weeks.where(RollupWeek.week >= first)
        months = months.where(RollupMonth.month >= lever_sums.month_of(first))
    for week in db.session.scalars(weeks):
        week.invited = invited.get((week.week, week.cell), 0)
    for month in db.session.scalars(months):
        month.population = moments.get(month.month, lever_sums.nothing(POPULATION))
    for key, row in _week_rows(employer, invited).items():
        row.invited = invited.get(key, 0)
    for day, held in _month_rows(employer, moments).items():
        held.population = moments[day]
    db.session.flush()


def read_months(employer: Employer) -> list[RollupMonth]:
    """EMPLOYER's moments, month by month."""
    return list(
        db.session.scalars(
            sa.select(RollupMonth)
            .where(RollupMonth.employer_id == employer.id)
            .order_by(RollupMonth.month)
        )
    )


def compare(employer: Employer, batches: Sequence[Batch], today: date) -> list[str]:
    """Where the rollups of EMPLOYER and the parts of BATCHES are not what they should be.

    Of the invited only weeks in which nothing changes any more: the others follow the next job.
    """
    sums, months = _from_answers(batches)
    settled = lever_sums.first_week(today - INVITED_CHANGES_WITHIN)
    invited, population = count_invited(employer, None)
    held, held_invited = read_weeks(employer)
    rows = read_months(employer)
    held_population = {row.month: row.population for row in rows}
    nothing = dict.fromkeys(SUMS, 0)
    pairs: list[tuple[str, Mapping[Any, Any], Mapping[Any, Any], Any]] = [
        (f"{name} of", _column(held, name), _column(sums, name), 0) for name in nothing
    ]
    pairs += [
        ("invited of", _before(settled, held_invited), _before(settled, invited), 0),
        ("moments of answers in", {r.month: r.answered for r in rows}, months, ANSWERED),
        (
            "moments of invited in",
            _before(settled, held_population),
            _before(settled, population),
            POPULATION,
        ),
    ]
    return [f"{employer.slug}: {line}" for pair in pairs for line in _differences(*pair)] + [
        f"{employer.slug}: parts of release {batch.number} differ"
        for batch in batches
        if batch.groups != count_again(batch)
    ]


def _before(first: date, values: Mapping[Any, Any]) -> dict[Any, Any]:
    """VALUES of weeks before FIRST, the first of a month, or of months before its month."""
    month = lever_sums.month_of(first)
    return {
        key: value
        for key, value in values.items()
        if (key[0] < first if isinstance(key, tuple) else key < month)
    }


def _column(sums: Sums, name: str) -> dict[Key, int]:
    return {key: values[name] for key, values in sums.items()}


def _differences(
    what: str, held: Mapping[Any, Any], truth: Mapping[Any, Any], nothing: int
) -> list[str]:
    """One line per key; NOTHING is 0, or the size of moments of nobody."""
    empty: Any = lever_sums.nothing(nothing) if nothing else 0
    return [
        f"{what} {_name(key)} is {_value(held.get(key, empty))}, "
        f"should be {_value(truth.get(key, empty))}"
        for key in sorted(held.keys() | truth.keys())
        if held.get(key, empty) != truth.get(key, empty)
    ]


def _name(key: Any) -> str:
    return f"week {key[0]}, cell {key[1]}" if isinstance(key, tuple) else f"{key:%Y-%m}"


def _value(held: Any) -> str:
    return f"of {held[0]} candidates" if isinstance(held, tuple) else str(held)


def members_of(batch: Batch) -> Sequence[Response]:
    """The answers in BATCH."""
    return db.session.scalars(sa.select(Response).where(Response.batch_id == batch.id)).all()


def count_again(batch: Batch) -> Groups:
    """The parts of BATCH from its answers."""
    return count_groups(members_of(batch), parts_of(batch.groups or {}))


def _from_answers(batches: Sequence[Batch]) -> tuple[Sums, Moments]:
    sums: Sums = {}
    months: Moments = {}
    for batch in batches:
        members, parts = members_of(batch), parts_of(batch.groups or {})
        for key, values in sum_answers(members, parts.questions).items():
            held = sums.setdefault(key, dict.fromkeys(SUMS, 0))
            for name, value in values.items():
                held[name] += value
        moments = lever_sums.answered_moments(lever_answers(members, parts))
        for month, triangle in moments.items():
            before = months.get(month, lever_sums.nothing(ANSWERED))
            months[month] = lever_sums.add(before, triangle)
    return sums, months


def make_again(employer: Employer, batches: Sequence[Batch]) -> None:
    """Empty EMPLOYER's rollups and fill them from the answers of BATCHES and the invitations.

    A batch from before parts were counted gets none: which of its answers were fresh is unknown.
    """
    for table in (RollupWeek, RollupMonth):
        db.session.execute(sa.delete(table).where(table.employer_id == employer.id))
    db.session.expire_all()
    for batch in batches:
        members = members_of(batch)
        batch.groups = count_groups(members, parts_of(batch.groups or {}))
        add_batch(employer, members, batch.groups, 1)
    refresh_invited(employer, None)
