"""Which worker runs which job: one row for each job, held by one worker at a time."""

import os
import socket
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from portal.extensions import db
from portal.models import JobLease

LEASE = timedelta(minutes=10)
WORKER = f"{socket.gethostname()[:20]}-{os.getpid()}-{uuid.uuid4().hex[:6]}"


@dataclass(frozen=True)
class Job:
    """Something done every so often by one worker at a time."""

    run: Callable[[datetime], int]
    every: timedelta

    @property
    def name(self) -> str:
        return self.run.__name__


def take(job: Job, now: datetime) -> bool:
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


def give_back(job: Job) -> None:
    """Let others have JOB."""
    db.session.execute(
        sa.update(JobLease)
        .where(JobLease.name == job.name, JobLease.held_by == WORKER)
        .values(held_by=None, held_until=None)
        .execution_options(synchronize_session=False)
    )
    db.session.commit()
