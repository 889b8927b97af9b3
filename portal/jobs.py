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
from functools import cache

import sqlalchemy as sa

from portal import hiring, invitations, outbox, reputation, surveys
from portal.extensions import db
from portal.models import Email, EmailKind, Employer, JobLease, utcnow

log = logging.getLogger(__name__)

TICK_SECONDS = 2.0
LEASE = timedelta(minutes=10)
PLATFORM_SECONDS = 300  # then other jobs have their turn; what is left goes on from there
WORKER = f"{socket.gethostname()[:20]}-{os.getpid()}-{uuid.uuid4().hex[:6]}"


def may_send(email: Email) -> str | datetime | None:
    """The last look before EMAIL leaves, in the transaction that marks it `sending`.

    None to go, a reason to cancel it, or a time to wait for.
    """
    if email.kind is EmailKind.NOTICE:
        return hiring.clear_to_send(email)
    if email.kind is EmailKind.ACCOUNT:
        return None
    return invitations.clear_to_send(email, utcnow())


@cache
def _analyzer() -> surveys.Analyzer:
    """Loaded here and not above: TextBlob is the worker's and never the web process's."""
    from portal.sentiment import analyzer

    class Reader:
        version = analyzer.version()

        def __call__(self, text: str, language: str | None) -> surveys.Reading:
            return analyzer.analyze(text, language)

    return Reader()


def _drain(step: Callable[[], int]) -> int:
    """STEP, committed chunk by chunk, until it finds nothing more to do."""
    total = 0
    while done := step():
        db.session.commit()
        total += done
    db.session.commit()
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


def score(_now: datetime) -> int:
    """Read the comments that the current analyzer has not read."""
    return _drain(lambda: surveys.score_pending(_analyzer()))


def release(now: datetime) -> int:
    """Release the batches whose day, week or month has come."""
    score(now)
    released = 0
    for employer in _employers():
        if reputation.is_release_due(employer, now) and reputation.is_enough_waiting(employer):
            reputation.refresh_habits(employer, now)
            released += reputation.release_batch(employer, now) is not None
        db.session.commit()
    return released


def release_now(employers: list[Employer], now: datetime) -> dict[str, int]:
    """Score, then release what may be released at all; answers released, by slug."""
    score(now)
    released = {}
    for employer in employers:
        reputation.refresh_habits(employer, now)
        batch = reputation.release_batch(employer, now)
        released[employer.slug] = batch.answers if batch else 0
        db.session.commit()
    return released


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
    Job(score, timedelta(minutes=1)),
    Job(release, timedelta(minutes=15)),
    Job(habits, timedelta(hours=1)),
    Job(platform, timedelta(minutes=15)),
)


def run_until_idle() -> None:
    """Do everything that is due now, again and again until nothing is left to do."""
    now = utcnow()
    sweep(now)
    while settle(now) + invite(now) + deliver() + score(now) + release(now):
        now = utcnow()
    habits(now)
    platform(now)


def hold_after_restore(now: datetime) -> int:
    """After a backup was put back: all mail that may have left since then waits for a person.

    What had been due by NOW may have been sent after the backup was taken, so it is queued first
    and held with the rest.
    """
    sweep(now)
    invite(now)
    held = outbox.after_restore(now)
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
            JobLease.next_run_at <= now,
            sa.or_(JobLease.held_until.is_(None), JobLease.held_until < now),
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
