"""What the worker does and when: one table of schedules, each job one call into the modules below.

Jobs carry no data; the rows are the truth. A worker that dies costs at most one period: its lease
runs out and the next one looks at the same rows. Nobody has to wake a worker: it looks every
TICK_SECONDS.
"""

import logging
import os
import socket
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache, partial

import sqlalchemy as sa

from portal import audit, hiring, invitations, outbox, privacy, reputation, schema, surveys
from portal.chunks import Chunks
from portal.extensions import db, reading
from portal.models import Email, EmailKind, Employer, JobLease, utcnow
from portal.seals import SealBroken
from portal.sentiment.resources import version as analyzer_version
from portal.sentiment.results import Calibration

log = logging.getLogger(__name__)

TICK_SECONDS = 2.0
LEASE = timedelta(minutes=10)
TRIES = 3
PLATFORM_SECONDS = 300  # then other jobs have their turn; what is left goes on from there
MOST_PEOPLE = 500  # retired at once
RETIRE_SECONDS = 300  # the first time on a large database; the rest another day
WORKER = f"{socket.gethostname()[:20]}-{os.getpid()}-{uuid.uuid4().hex[:6]}"


def may_send(email: Email) -> str | datetime | None:
    """The last look before EMAIL leaves, in the transaction that marks it `sending`.

    None to go, a reason to cancel it, or a time to wait for.
    """
    if email.kind is EmailKind.NOTICE:
        return hiring.clear_to_send(email)
    if email.kind in (EmailKind.ACCOUNT, EmailKind.DATA_REQUEST):
        return None
    return invitations.clear_to_send(email, utcnow(), surveys.newest_survey().version)


@cache
def load_analyzer() -> surveys.Analyzer:
    """What loads TextBlob with the first text it is given, and so never in the web process."""

    class Reader:
        version = analyzer_version()

        def __call__(
            self, text: str, language: str | None, calibration: Calibration | None = None
        ) -> surveys.Read:
            from portal.sentiment.analyzer import analyze

            return analyze(text, language, calibration)

    return Reader()


def _drain(step: Callable[[], int]) -> int:
    """STEP, committed chunk by chunk, until it finds nothing more to do."""
    chunks, total = Chunks(), 0
    while done := chunks.run(step):
        total += done
    return total


def settle(now: datetime) -> int:
    """Take note of what became of emails: told begins, invitations are skipped or stand."""
    return _drain(lambda: hiring.settle_notices(now)) + _drain(
        lambda: invitations.settle_invites(now)
    )


def invite(now: datetime) -> int:
    """Queue invitations and reminders that are due."""
    return _drain(lambda: invitations.send_due(now)) + _drain(lambda: invitations.remind_due(now))


def deliver(is_stopping: Callable[[], bool] = lambda: False) -> int:
    """Send what is owed, over parallel connections."""
    return outbox.deliver_due(may_send, is_stopping)


def sweep(now: datetime) -> int:
    """Free or settle what a dead worker held; cancel what has gone stale."""
    return outbox.sweep(now)


def rescore(
    analyzer: surveys.Analyzer,
    edition: surveys.Edition,
    on_progress: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Let EDITION, one of ANALYZER's version, read all that it has not read; how many that were.

    Calls ON_PROGRESS(done, of how many) after each chunk; what was done before an end stays.
    Texts are read without a lock, since that takes long.
    """
    chunks, done = Chunks(), 0
    with reading():
        total = surveys.count_unread(edition)
    while True:
        with reading():
            readings = surveys.read_next(analyzer, edition)
        db.session.rollback()
        if not readings:
            return done
        chunks.run(partial(surveys.keep_readings, readings, edition))
        done += len(readings)
        on_progress(done, max(total, done))


def release(now: datetime) -> int:
    """Release the batches whose day, week or month has come, or that somebody has asked for."""
    released = 0
    for employer in _employers():
        is_asked_for, employer.release_asked_at = employer.release_asked_at is not None, None
        is_due = reputation.take_turn(employer, now) or is_asked_for
        db.session.commit()
        if is_due:
            released += _release(employer, now) > 0
    return released


def ask_release(employer: Employer, now: datetime) -> None:
    """Have a worker release what EMPLOYER's waiting answers allow, at its next look; no commit.

    Not done here: comments are read before they are released, and only workers load TextBlob.
    """
    employer.release_asked_at = now
    audit.record("release.asked", employer.id)
    db.session.execute(
        sa.update(JobLease).where(JobLease.name == release.__name__).values(next_run_at=now)
    )


def _release(employer: Employer, now: datetime) -> int:
    """Release what may be of EMPLOYER's waiting answers, and commit; how many answers.

    Planned without a lock, since that takes long; planned anew if somebody changed an answer
    meanwhile.
    """
    slug = employer.slug
    reputation.refresh_habits(employer, now)
    db.session.commit()
    for _ in range(TRIES):
        try:
            with reading():
                planned = reputation.plan_release(employer, now, load_analyzer())
            db.session.rollback()
            batch = reputation.carry_out(employer, planned, now) if planned else None
            _note_trouble(employer, None)
        except reputation.Overtaken:
            db.session.rollback()
            continue
        except (SealBroken, reputation.SealsBroken) as error:
            db.session.rollback()
            log.error("%s: not released, a seal does not open: %s", slug, error)
            _note_trouble(employer, str(error))
            return 0
        released = batch.answers if batch else 0
        db.session.commit()
        if released:
            schema.clear_log()
        return released
    log.warning("%s: answers change faster than they are released; tried again later", slug)
    return 0


def _note_trouble(employer: Employer, words: str | None) -> None:
    """Keep in `flask status` what does not open; commits."""
    if employer.seal_trouble != words:
        employer.seal_trouble = words
        db.session.commit()


def release_now(employers: list[Employer], now: datetime) -> dict[str, int]:
    """Release what may be released at all; answers released, by slug."""
    reputation.hold_floors()
    db.session.commit()
    return {employer.slug: _release(employer, now) for employer in employers}


def forget(now: datetime) -> int:
    """Delete sealed answers that have been kept for as long as they may be."""
    forgotten = _drain(lambda: reputation.forget_answers(now))
    for employer in _employers():
        forgotten += reputation.forget_waiting(employer, now)
        db.session.commit()
    return forgotten


def clear_log(_now: datetime) -> int:
    """Empty SQLite's log, in which what was taken back or published anew still stands."""
    schema.clear_log()
    return 0


def habits(now: datetime) -> int:
    """Bring every employer's habits and coverage up to date."""
    for employer in _employers():
        reputation.refresh_habits(employer, now)
        db.session.commit()
    return 0


def platform(now: datetime) -> int:
    """Tonight's fit over all employers, one after the other, as far as this lease allows."""
    until = time.monotonic() + PLATFORM_SECONDS
    while time.monotonic() < until and reputation.refresh_platform(now):
        db.session.commit()
    db.session.commit()
    return 0


def erase(now: datetime) -> int:
    """Erase who asked for it and whose day has come."""
    erased = _drain(lambda: privacy.erase_due(now))
    if erased:
        schema.clear_log()
    return erased


def retire(now: datetime) -> int:
    """Let go of names and letters of who was told and done long ago, and of numbers after that."""
    until, after, changed = time.monotonic() + RETIRE_SECONDS, 0, 0
    people, records = Chunks(MOST_PEOPLE), Chunks(MOST_PEOPLE)
    while time.monotonic() < until and (
        step := people.run(partial(privacy.retire_people, now, after, people.size))
    ):
        after, changed = step.last_id, changed + step.retired
    while ended := records.run(partial(privacy.end_records, now, records.size)):
        changed += ended
    privacy.settle_requests()
    db.session.commit()
    if changed:
        schema.clear_log()
    return changed


def _employers() -> list[Employer]:
    return list(db.session.scalars(sa.select(Employer).order_by(Employer.id)))


@dataclass(frozen=True)
class Job:
    """Something done every so often by one worker at a time."""

    run: Callable[[datetime], int]
    every: timedelta

    @property
    def name(self) -> str:
        return self.run.__name__


# In the order in which one pass does them: what became of mail, new mail, answers, pages.
JOBS = (
    Job(sweep, timedelta(minutes=1)),
    Job(settle, timedelta(seconds=2)),
    Job(invite, timedelta(seconds=15)),
    Job(release, timedelta(minutes=15)),
    Job(habits, timedelta(hours=1)),
    Job(platform, timedelta(minutes=15)),
    Job(forget, timedelta(days=1)),
    Job(clear_log, timedelta(minutes=10)),
    Job(erase, timedelta(hours=1)),
    Job(retire, timedelta(days=1)),
)


def start() -> None:
    """What a worker makes sure of before it works; raises ConfigError. Commits."""
    reputation.hold_floors()
    reputation.hold_key()
    db.session.commit()


def run_until_idle() -> None:
    """Do everything that is due now, again and again until nothing is left to do."""
    now = utcnow()
    start()
    sweep(now)
    while settle(now) + invite(now) + deliver() + release(now):
        now = utcnow()
    erase(now)
    retire(now)
    habits(now)
    platform(now)
    forget(now)


def hold_after_restore(now: datetime) -> int:
    """After a backup was put back: all mail that may have left since then waits for a person.

    What had been due by NOW may have been sent after the backup was taken, so it is queued first
    and held with the rest.
    """
    held = outbox.after_restore(now)  # before the sweep would call stale what may have left
    sweep(now)
    invite(now)
    held += outbox.after_restore(now)
    db.session.commit()
    return held


def _take(job: Job, now: datetime) -> bool:
    """Whether this worker may run JOB now: it is due and nobody else holds it."""
    if db.session.get(JobLease, job.name) is None:
        db.session.add(JobLease(name=job.name, next_run_at=now))
        try:
            db.session.commit()
        except sa.exc.IntegrityError:  # another worker was first
            db.session.rollback()
    taken = db.session.scalar(
        sa.update(JobLease)
        .where(
            JobLease.name == job.name,
            # Later than can be: the clock was ahead once, and has been put right.
            sa.or_(JobLease.next_run_at <= now, JobLease.next_run_at > now + job.every),
            sa.or_(
                JobLease.held_until.is_(None),
                JobLease.held_until < now,
                JobLease.held_until > now + LEASE,
            ),
        )
        .values(held_by=WORKER, held_until=now + LEASE, next_run_at=now + job.every)
        .returning(JobLease.name)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
    return taken is not None


def _give_back(job: Job) -> None:
    db.session.execute(
        sa.update(JobLease)
        .where(JobLease.name == job.name, JobLease.held_by == WORKER)
        .values(held_by=None, held_until=None)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()


def run_pass(now: datetime, is_stopping: Callable[[], bool]) -> None:
    """One look at everything: the jobs that are due and free, then the mail."""
    for job in JOBS:
        if _take(job, now):
            try:
                job.run(now)
            finally:
                db.session.rollback()
                _give_back(job)
    deliver(is_stopping)


def run_forever(stopping: threading.Event) -> None:
    """Work until STOPPING is set; what fails is logged and tried again at the next tick."""
    while not stopping.is_set():
        try:
            run_pass(utcnow(), stopping.is_set)
        except Exception:
            # The database may be away for a while: the rows are safe, so keep looking.
            log.exception("a pass of the worker failed")
            db.session.rollback()
        finally:
            db.session.remove()
        stopping.wait(TICK_SECONDS)
