"""Releasing answers in batches, and taking one back (statistics.md section 5).

Nothing beneath a batch is ever shown. A batch holds at least MIN_ANSWERS answers that were never
public before, so that no two publications differ by fewer.
"""

import random
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from portal import audit, closure, invitations, surveys
from portal.config import settings
from portal.extensions import db
from portal.models import (
    Batch,
    Employer,
    ReleaseCadence,
    Response,
    RollupWeek,
    Score,
    TextLabel,
)
from portal.reputation import figures
from portal.reputation.scorecards import refresh_scorecard

CHUNK = 1000


def is_release_due(employer: Employer, now: datetime) -> bool:
    """Whether a day, week or month has begun since EMPLOYER's last release, or its creation."""
    last = db.session.scalar(
        sa.select(sa.func.max(Batch.released_on)).where(Batch.employer_id == employer.id)
    )
    last = last or closure.local_day(employer, employer.created_at)
    today = closure.local_day(employer, now)
    starts = {
        ReleaseCadence.DAY: today,
        ReleaseCadence.WEEK: today - timedelta(days=today.weekday()),
        ReleaseCadence.MONTH: today.replace(day=1),
    }
    return last < starts[employer.release_every]


def _lock(employer: Employer) -> None:
    """One release or withdrawal of an employer at a time."""
    db.session.execute(sa.select(Employer.id).where(Employer.id == employer.id).with_for_update())


def release_batch(employer: Employer, now: datetime) -> Batch | None:
    """Publish all waiting answers as one batch, if enough of them are fresh; else None.

    Rewrites them in shuffled order with new ids, so that nothing in a row tells when or by whom it
    was given. Refreshes the scorecard.
    """
    _lock(employer)
    waiting = db.session.scalars(
        sa.select(Response).where(Response.employer_id == employer.id, Response.batch_id.is_(None))
    ).all()
    fresh = sum(not response.is_released for response in waiting)
    if fresh < settings().MIN_ANSWERS:
        return None
    today = closure.local_day(employer, now)
    sums = figures.sum_answers(waiting)
    batch = Batch(
        employer_id=employer.id,
        number=_next_number(employer),
        released_on=today,
        answers=len(waiting),
        fresh=fresh,
        trend=_trend(employer, sums, today),
    )
    db.session.add(batch)
    db.session.flush()
    _rewrite(waiting, batch)
    _add_to_rollups(employer, sums, 1)
    _pool(employer)
    refresh_scorecard(employer, now)
    audit.record("batch.released", employer.id, batch.id)
    return batch


def last_releases() -> dict[int, Batch]:
    """The newest batch that stands, by employer's id; employers without one are left out."""
    newest = sa.select(sa.func.max(Batch.id)).where(Batch.withdrawn_on.is_(None))
    found = sa.select(Batch).where(Batch.id.in_(newest.group_by(Batch.employer_id)))
    return {batch.employer_id: batch for batch in db.session.scalars(found)}


def _next_number(employer: Employer) -> int:
    highest = db.session.scalar(
        sa.select(sa.func.max(Batch.number)).where(Batch.employer_id == employer.id)
    )
    return (highest or 0) + 1


def _trend(employer: Employer, sums: figures.Sums, today: date) -> dict[str, Any]:
    """The batch alone, as its point on the trend line."""
    invited = figures.count_invited(employer)
    described = figures.describe_answers(
        sums, {key: count for key, count in invited.items() if key in sums}, today
    )
    return {name: described["score"][name] for name in ("stars", "stars_low", "stars_high")}


def _rewrite(waiting: Sequence[Response], batch: Batch) -> None:
    """Delete the waiting rows and insert them anew, shuffled, with their scores."""
    ids = [response.id for response in waiting]
    scores: dict[str, list[dict[str, Any]]] = {}
    keys = {response.id: response.key for response in waiting}
    for chunk in _chunks(ids):
        for row in db.session.scalars(sa.select(Score).where(Score.response_id.in_(chunk))):
            scores.setdefault(keys[row.response_id], []).append(_values(row))
    labels = _labels(scores)
    rows = [
        _values(response)
        | {"batch_id": batch.id, "is_released": True, "sentiment": labels.get(response.key)}
        for response in waiting
    ]
    for chunk in _chunks(ids):
        db.session.execute(sa.delete(Score).where(Score.response_id.in_(chunk)))
        db.session.execute(sa.delete(Response).where(Response.id.in_(chunk)))
    db.session.expire_all()
    chance = random.SystemRandom()
    chance.shuffle(rows)
    db.session.execute(sa.insert(Response), rows)
    new_ids = db.session.execute(
        sa.select(Response.key, Response.id).where(Response.batch_id == batch.id)
    ).all()
    new_scores = [
        score | {"response_id": new_id} for key, new_id in new_ids for score in scores.get(key, [])
    ]
    chance.shuffle(new_scores)
    if new_scores:
        db.session.execute(sa.insert(Score), new_scores)


def _labels(scores: dict[str, list[dict[str, Any]]]) -> dict[str, TextLabel]:
    """By key, what the edition that has read most of them makes of the comments."""
    by_edition: dict[surveys.Edition, dict[str, TextLabel]] = {}
    for key, readings in scores.items():
        for read in readings:
            edition = surveys.Edition(read["version"], read["calibration"])
            label = surveys.label_of(read["status"], read["label"])
            by_edition.setdefault(edition, {})[key] = label
    return max(by_edition.items(), key=lambda item: (len(item[1]), item[0]), default=(None, {}))[1]


def _values(row: Response | Score) -> dict[str, Any]:
    """Every column of ROW but its id, by attribute name."""
    return {
        attribute.key: getattr(row, attribute.key)
        for attribute in sa.orm.class_mapper(type(row)).column_attrs
        if attribute.key != "id"
    }


def _chunks(ids: list[int]) -> list[list[int]]:
    """IDS in pieces that both databases take as parameters."""
    return [ids[start : start + CHUNK] for start in range(0, len(ids), CHUNK)]


def _add_to_rollups(employer: Employer, sums: figures.Sums, sign: int) -> None:
    for (week, cell), values in sums.items():
        row = db.session.get(RollupWeek, (employer.id, week, cell))
        if row is None:
            row = RollupWeek(employer_id=employer.id, week=week, cell=cell)
            for name in figures.SUMS:
                setattr(row, name, 0)
            db.session.add(row)
        for name, value in values.items():
            setattr(row, name, getattr(row, name) + sign * value)
    db.session.flush()


def live_batches(employer: Employer) -> list[Batch]:
    """EMPLOYER's batches that are public, oldest first."""
    return list(
        db.session.scalars(
            sa.select(Batch)
            .where(Batch.employer_id == employer.id, Batch.withdrawn_on.is_(None))
            .order_by(Batch.number)
        )
    )


def _pool(employer: Employer) -> None:
    """Put batches not yet in a pool into one, once together they hold MIN_COMMENTS answers."""
    loose = [batch for batch in live_batches(employer) if batch.pool is None]
    if loose and sum(batch.answers for batch in loose) >= settings().MIN_COMMENTS:
        for batch in loose:
            batch.pool = loose[-1].number
    db.session.flush()


def withdraw_answer(opened: invitations.OpenedInvitation, now: datetime) -> bool:
    """Remove the answer given by this link, for good; False if there is none.

    If it was public, its whole batch leaves every page at once; the batch's other answers wait and
    come back together with enough fresh ones, so that nobody can see what is missing.
    """
    employer = opened.invitation.employer
    _lock(employer)
    response = surveys.find_response(opened)
    if response is None:
        return False
    batch = response.batch_id and db.session.get(Batch, response.batch_id)
    if batch:
        _withdraw_batch(employer, batch, closure.local_day(employer, now))
    surveys.delete_response(opened, response)
    if batch:
        refresh_scorecard(employer, now)
    return True


def _withdraw_batch(employer: Employer, batch: Batch, today: date) -> None:
    members = db.session.scalars(sa.select(Response).where(Response.batch_id == batch.id)).all()
    _add_to_rollups(employer, figures.sum_answers(members), -1)
    batch.withdrawn_on = today
    for member in members:
        member.batch_id = None
    if batch.pool is not None:  # its pool may hold too few now: the rest must pool anew
        for sibling in live_batches(employer):
            if sibling.pool == batch.pool:
                sibling.pool = None
        batch.pool = None
    db.session.flush()
    _pool(employer)


def rebuild(employer: Employer, now: datetime, *, check: bool = False) -> list[str]:
    """Make the rollups again from the released answers; with CHECK only say what differs.

    Returns one line per difference; empty when the rollups were right.
    """
    _lock(employer)
    truth = figures.add_sums(
        figures.sum_answers(
            db.session.scalars(sa.select(Response).where(Response.batch_id == batch.id))
        )
        for batch in live_batches(employer)
    )
    held = figures.read_rollups(employer)
    nothing = dict.fromkeys(figures.SUMS, 0)
    differences = [
        f"{employer.slug}: week {week}, cell {cell}: {name} is {was}, should be {is_now}"
        for week, cell in sorted(truth.keys() | held.keys())
        for name in figures.SUMS
        if (was := held.get((week, cell), nothing)[name])
        != (is_now := truth.get((week, cell), nothing)[name])
    ]
    if not check:
        db.session.execute(sa.delete(RollupWeek).where(RollupWeek.employer_id == employer.id))
        db.session.expire_all()
        _add_to_rollups(employer, truth, 1)
        refresh_scorecard(employer, now)
    return differences
