"""Releasing answers in batches.

Nothing beneath a batch is ever shown. A batch holds at least MIN_ANSWERS answers that were never
public before, so that no two publications differ by fewer; and never all of those that could have
come, so that agreement makes nobody's answer certain.
"""

import random
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from portal import audit, closure, surveys
from portal.config import settings
from portal.extensions import db
from portal.models import Batch, Employer, ReleaseCadence, SealedAnswer
from portal.reputation import asked, figures, parts, sums
from portal.reputation.batches import is_pure, live_batches, open_batches
from portal.reputation.pooling import Published, plan_pool, write_pool
from portal.reputation.scorecards import latest_fit, prior_of, refresh_scorecard
from portal.scorecard import to_plain
from portal.surveys import Analyzer, Answer, Opened, Reader

# Of those who could answer, at most so many fifths in a release.
MOST_FIFTHS = 4


class Overtaken(Exception):
    """What was planned has changed meanwhile: plan anew."""


class SealsBroken(Exception):
    """Some seals of the employer open with no key: nothing of it is released or counted anew."""


@dataclass(frozen=True)
class Release:
    """A release made ready without a lock: what to write, and the seals it was made from.

    seals: of those that come into `batch`; others: of earlier releases `loose`, pooled with it.
    """

    batch: Batch
    stamps: dict[str, bytes]
    seals: list[dict[str, Any]]
    others: list[dict[str, Any]]
    loose: tuple[int, ...]
    pool: Published | None
    reader: Reader


def list_due(now: datetime) -> list[int]:
    """Ids of the employers for which is_due(); one statement."""
    everybody = db.session.scalars(sa.select(Employer).order_by(Employer.id))
    return [employer.id for employer in everybody if is_due(employer, now)]


def is_due(employer: Employer, now: datetime) -> bool:
    """Whether EMPLOYER's day, week or month has come, or somebody has asked for a release."""
    return employer.release_asked_at is not None or _has_come(employer, now)


def _has_come(employer: Employer, now: datetime) -> bool:
    last = employer.release_turn_on or closure.local_day(employer, employer.created_at)
    today = closure.local_day(employer, now)
    starts = {
        ReleaseCadence.DAY: today,
        ReleaseCadence.WEEK: today - timedelta(days=today.weekday()),
        ReleaseCadence.MONTH: today.replace(day=1),
    }
    return last < starts[employer.release_every]


def end_turn(employer: Employer, asked_at: datetime | None, now: datetime) -> None:
    """EMPLOYER's turn is used up if it had come, and what was asked for at ASKED_AT is done.

    Also when too few answers wait: a release that followed the fifth answer would date it.
    """
    if _has_come(employer, now):
        employer.release_turn_on = closure.local_day(employer, now)
    if asked_at:  # by a statement of its own: somebody may have asked again meanwhile
        is_it = (Employer.id == employer.id, Employer.release_asked_at == asked_at)
        db.session.execute(sa.update(Employer).where(*is_it).values(release_asked_at=None))


def release_batch(employer: Employer, now: datetime, analyzer: Analyzer) -> Batch | None:
    """Plan and carry out in one go, for a caller with time: what waits as one batch, or None."""
    planned = plan_release(employer, now, analyzer)
    return carry_out(employer, planned, now) if planned else None


def plan_release(employer: Employer, now: datetime, analyzer: Analyzer) -> Release | None:
    """Make a release of EMPLOYER's waiting answers ready, if enough of them are fresh; else None.

    Reads only, and may take long: comments are read here, breakdowns audited, seals made. Raises
    SealsBroken.
    """
    if count_waiting(employer) < settings().MIN_ANSWERS:
        return None
    waiting = surveys.open_batch(employer, None)
    _require_whole(waiting)
    members, is_held_back = _draw(employer, waiting.answers)
    if not members:
        return None
    reader = Reader(analyzer, employer)
    members = [
        replace(one, was_public=True, label=one.label or reader.label(one.words)) for one in members
    ]
    fresh = {one.key for one in waiting.answers if not one.was_public}
    allowed = parts.plan_parts(
        [replace(one, was_public=one.key not in fresh) for one in members], settings().MIN_ANSWERS
    )
    batch = Batch(
        employer_id=employer.id,
        number=_next_number(employer),
        released_on=closure.local_day(employer, now),
        answers=len(members),
        fresh=sum(one.key in fresh for one in members),
        held_back=is_held_back,
    )
    counted = sums.count(members, allowed, _asked(employer, members))
    loose = live_batches(employer, Batch.pool.is_(None), with_sums=True)
    gone = [one for one in waiting.answers if one.is_withdrawn]
    taken = replace(waiting, answers=(*members, *gone))
    if sum(one.answers for one in (*loose, batch) if is_pure(one)) >= settings().MIN_COMMENTS:
        return _with_pool(employer, batch, taken, counted, loose, reader)
    _finish(batch, counted, None)
    seals = surveys.seal_all(taken.answers, waiting.sizes)
    return Release(batch, waiting.stamps, seals, [], (), None, reader)


def count_waiting(employer: Employer) -> int:
    """How many answers wait, taken back or once public ones too."""
    wanted = sa.select(sa.func.count(SealedAnswer.key)).where(
        SealedAnswer.employer_id == employer.id, SealedAnswer.batch_id.is_(None)
    )
    return db.session.scalar(wanted) or 0


def _require_whole(opened: Opened) -> None:
    if opened.broken:
        raise SealsBroken(f"{len(opened.broken)} answers")


def _draw(employer: Employer, waiting: Sequence[Answer]) -> tuple[list[Answer], bool]:
    """Who of WAITING comes into the batch, by lot, and whether anybody is left; nobody: too few.

    At most four fifths of those who could have: who waits, and whose link was alive at or since the
    last batch. When everybody answers and all agree, nobody's answer is certain all the same.
    """
    standing = [one for one in waiting if not one.is_withdrawn]
    fresh = [one for one in standing if not one.was_public]
    since = last_release(employer)
    most = at_most(asked.count_open_links(employer, since), len(fresh))
    taken = min(len(fresh), most)
    if taken < settings().MIN_ANSWERS:
        return [], False
    drawn = {one.key for one in random.SystemRandom().sample(fresh, taken)}
    members = [one for one in standing if one.was_public or one.key in drawn]
    return members, taken < len(fresh)


def at_most(open_links: int, fresh: int) -> int:
    """How many of FRESH answers may be released, when OPEN_LINKS more could still have come."""
    return (open_links + fresh) * MOST_FIFTHS // 5


def last_release(employer: Employer) -> date | None:
    """The day of EMPLOYER's newest release, taken back or not."""
    last = sa.select(sa.func.max(Batch.released_on)).where(Batch.employer_id == employer.id)
    return db.session.scalar(last)


def _next_number(employer: Employer) -> int:
    highest = db.session.scalar(
        sa.select(sa.func.max(Batch.number)).where(Batch.employer_id == employer.id)
    )
    return (highest or 0) + 1


def _asked(employer: Employer, members: Sequence[Answer]) -> dict[int, int]:
    """Who was invited in the weeks and cells of MEMBERS, by cell."""
    keys = {(one.facts.week, one.facts.cell) for one in members}
    found = dict.fromkeys(sorted({cell for _, cell in keys}), 0)
    for (week, cell), count in asked.read_invited(employer).items():
        if (week, cell) in keys:
            found[cell] += count
    return found


def _with_pool(
    employer: Employer,
    batch: Batch,
    taken: Opened,
    counted: sums.Sums,
    loose: Sequence[Batch],
    reader: Reader,
) -> Release:
    """BATCH with what is TAKEN into it, and the LOOSE ones before it, leave in files together."""
    together = [(batch, taken, counted)]
    for one, released in zip(loose, open_batches(loose), strict=True):
        opened = surveys.open_batch(employer, one.id)
        _require_whole(opened)
        together.append((one, opened, released.sums))
    stamps = {key: stamp for _, opened, _ in together for key, stamp in opened.stamps.items()}
    answers = [one for _, opened, _ in together for one in opened.answers]
    pure = [(opened, summed) for one, opened, summed in together if is_pure(one)]
    lines = {one.key for opened, _ in pure for one in opened.answers}
    # What one release counts and another does not would show from which of them a line is.
    questions = set.intersection(*(set(summed.counts) for _, summed in pure))
    pool = plan_pool(employer, batch.number, answers, lines, questions, reader)
    _finish(batch, replace(counted, kept_out=pool.kept_out), batch.number)
    seals = surveys.seal_all(pool.answers, surveys.WITHOUT_WORDS)
    here = len(taken.answers)
    ids = tuple(one.id for one in loose)
    return Release(batch, stamps, seals[:here], seals[here:], ids, pool, reader)


def _finish(batch: Batch, counted: sums.Sums, pool: int | None) -> None:
    prior = prior_of(latest_fit())
    batch.pool, batch.trend = pool, to_plain(figures.rate_batch(counted, prior))
    sums.seal(replace(counted, prior=asdict(prior)), batch)


def carry_out(employer: Employer, release: Release, now: datetime) -> Batch:
    """Write RELEASE in one transaction, and the scorecard with it.

    Raises Overtaken if an answer was changed or taken back, or something released, since.
    """
    surveys.lock_employer(employer.id)
    batch = release.batch
    found = surveys.read_stamps(employer, release.loose)
    written = [row["of"] for row in (*release.seals, *release.others)]
    is_as_planned = all(found.get(key) == release.stamps[key] for key in written)
    if not is_as_planned or _next_number(employer) != batch.number:
        raise Overtaken
    db.session.add(batch)
    db.session.flush()
    surveys.write_sealed(release.seals, batch.id)
    surveys.write_sealed(release.others)
    if release.pool:
        together = sa.update(Batch).where(Batch.id.in_(release.loose)).values(pool=batch.number)
        db.session.execute(together)
        write_pool(employer, release.pool, release.reader)
    refresh_scorecard(employer, now)
    audit.record("batch.released", employer.id, batch.id)
    return batch


def last_releases(employer_ids: Collection[int]) -> dict[int, Batch]:
    """The newest batch that stands of each of these employers that has one."""
    newest = sa.select(sa.func.max(Batch.id)).where(
        Batch.withdrawn_on.is_(None), Batch.employer_id.in_(employer_ids)
    )
    found = sa.select(Batch).where(Batch.id.in_(newest.group_by(Batch.employer_id)))
    return {batch.employer_id: batch for batch in db.session.scalars(found)}
