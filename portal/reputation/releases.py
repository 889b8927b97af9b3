"""Releasing answers in batches, and taking one back.

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
    NEVER_POOLED,
    Batch,
    Employer,
    ReleaseCadence,
    Response,
    Score,
    TextLabel,
)
from portal.reputation import figures, parts, rollups
from portal.reputation.batches import close_pool, fill_pool, live_batches
from portal.reputation.scorecards import latest_fit, prior_of, refresh_scorecard

CHUNK = 1000


def take_turn(employer: Employer, now: datetime) -> bool:
    """Whether EMPLOYER's day, week or month has come; its turn is then used up.

    Also when too few answers wait: a release that followed the fifth answer would date it.
    """
    last = employer.release_turn_on or closure.local_day(employer, employer.created_at)
    today = closure.local_day(employer, now)
    starts = {
        ReleaseCadence.DAY: today,
        ReleaseCadence.WEEK: today - timedelta(days=today.weekday()),
        ReleaseCadence.MONTH: today.replace(day=1),
    }
    if last >= starts[employer.release_every]:
        return False
    employer.release_turn_on = today
    return True


def is_enough_waiting(employer: Employer) -> bool:
    """Whether so many answers wait that were never public that they may be released."""
    fresh = sa.select(sa.func.count(Response.id)).where(
        Response.employer_id == employer.id,
        Response.batch_id.is_(None),
        Response.is_released.is_(False),
    )
    return (db.session.scalar(fresh) or 0) >= settings().MIN_ANSWERS


def _lock(employer: Employer) -> None:
    db.session.execute(sa.select(Employer.id).where(Employer.id == employer.id).with_for_update())


def _begin(employer: Employer, now: datetime) -> None:
    """One release or withdrawal of an employer at a time; each starts from exact rollups."""
    _lock(employer)
    from_before_parts = sa.select(Batch.id).where(
        Batch.employer_id == employer.id, Batch.withdrawn_on.is_(None), Batch.groups.is_(None)
    )
    if db.session.scalar(from_before_parts.limit(1)):
        rebuild(employer, now)


def release_batch(employer: Employer, now: datetime) -> Batch | None:
    """Publish all waiting answers as one batch, if enough of them are fresh; else None.

    Rewrites them in shuffled order with new ids, so that nothing in a row tells when or by whom it
    was given. Refreshes the scorecard.
    """
    _begin(employer, now)
    waiting = db.session.scalars(
        sa.select(Response)
        .where(Response.employer_id == employer.id, Response.batch_id.is_(None))
        .with_for_update()  # a change of mind that comes now waits, and is told that it is too late
    ).all()
    floor = settings().MIN_ANSWERS
    fresh = sum(not response.is_released for response in waiting)
    if fresh < floor:
        return None
    today = closure.local_day(employer, now)
    groups = rollups.count_groups(waiting, parts.plan_parts(waiting, floor))
    batch = Batch(
        employer_id=employer.id,
        number=_next_number(employer),
        released_on=today,
        answers=len(waiting),
        fresh=fresh,
        trend=_trend(employer, waiting, today),
        groups=groups,
        # What is left of a withdrawn release comes back into figures, never into files: laid beside
        # an older copy they would show which single line is missing.
        pool=None if fresh == len(waiting) else NEVER_POOLED,
    )
    db.session.add(batch)
    db.session.flush()
    rollups.add_batch(employer, waiting, groups, 1)
    _rewrite(waiting, batch)
    fill_pool(employer)
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


def _trend(employer: Employer, waiting: Sequence[Response], today: date) -> dict[str, Any]:
    """The batch alone, as its point on the trend line."""
    sums = rollups.sum_answers(waiting, ())
    _, invited = rollups.read_weeks(employer)
    asked = {key: count for key, count in invited.items() if key in sums}
    return figures.describe_batch(figures.weighing(sums, asked, today), prior_of(latest_fit()))


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


def withdraw_answer(opened: invitations.OpenedInvitation, now: datetime) -> bool:
    """Remove the answer given by this link, for good; False if there is none.

    If it was public, its whole batch leaves every page at once; the batch's other answers wait and
    come back together with enough fresh ones, so that nobody can see what is missing.
    """
    employer = opened.invitation.employer
    _begin(employer, now)
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
    members = rollups.members_of(batch)
    rollups.add_batch(employer, members, batch.groups or {}, -1)
    close_pool(employer, batch)
    batch.withdrawn_on = today
    batch.trend, batch.groups = {}, {}  # nothing made with the answer is left
    for member in members:
        member.batch_id = None
    db.session.flush()


def rebuild(employer: Employer, now: datetime, *, check: bool = False) -> list[str]:
    """Make the rollups again from the released answers; with CHECK only say what differs.

    Returns one line per difference; empty when the rollups were right.
    """
    _lock(employer)
    batches = live_batches(employer, with_groups=True)
    differences = rollups.compare(employer, batches, closure.local_day(employer, now))
    if not check:
        rollups.make_again(employer, batches)
        refresh_scorecard(employer, now)
    return differences
