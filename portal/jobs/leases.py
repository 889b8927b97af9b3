"""Which worker runs which job: one row for each job, held by one worker at a time.

A lease is short and renewed while its job runs, so that a worker that dies is soon replaced. It
only saves work twice done: what must not happen twice is guarded by the rows themselves (locks,
turns, unique keys), for `worker --until-idle` asks for no lease. So a worker whose lease was lost,
because its database or its machine stood still, may finish its job beside the one that took over.
"""

import logging
import os
import socket
import threading
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import Flask, current_app

from portal.extensions import db, reading
from portal.models import JobLease, utcnow
from portal.outbox.rows import insert_once

log = logging.getLogger(__name__)

LEASE = timedelta(seconds=45)
RENEWALS = 3  # within one lease: on SQLite each may wait in vain for the lock
LEASES_AHEAD = 10  # many times the longest wait for a lock


@dataclass(frozen=True)
class Job:
    """Something done every so often by one worker at a time."""

    run: Callable[[datetime], int]
    every: timedelta

    @property
    def name(self) -> str:
        return self.run.__name__


def add_rows(jobs: Sequence[Job], now: datetime) -> None:
    """Make sure that each of JOBS has its row; a new one is due. Commits nothing."""
    for job in jobs:
        insert_once(JobLease, name=job.name, next_run_at=now)


def _new_name() -> str:
    return f"{socket.gethostname()[:20]}-{os.getpid()}-{uuid.uuid4().hex[:6]}"


@dataclass(frozen=True)
class Worker:
    """Who holds leases, and for how long without renewing them."""

    lease: timedelta = LEASE
    name: str = field(default_factory=_new_name)

    def list_due(self, jobs: Sequence[Job], now: datetime) -> list[Job]:
        """Those of JOBS that may be taken now; one statement, which locks nothing."""
        may_take = sa.or_(*(self._may_take(job, now) for job in jobs))
        with reading():
            due = set(db.session.scalars(sa.select(JobLease.name).where(may_take)))
        db.session.rollback()
        return [job for job in jobs if job.name in due]

    def _may_take(self, job: Job, now: datetime) -> sa.ColumnElement[bool]:
        """JOB is due, or its worker died over it; and nobody holds it.

        A row later than can be is taken too: the clock was ahead once, and has been put right. Not
        if it is only a little later: NOW is from before a wait for the row, which another worker
        may have written meanwhile.
        """
        ahead = now + LEASES_AHEAD * self.lease
        return sa.and_(
            JobLease.name == job.name,
            sa.or_(
                JobLease.next_run_at <= now,
                JobLease.next_run_at > ahead + job.every,
                JobLease.held_by.is_not(None),
            ),
            sa.or_(
                JobLease.held_until.is_(None),
                JobLease.held_until < now,
                JobLease.held_until > ahead,
            ),
        )

    def take(self, job: Job, now: datetime) -> bool:
        """Whether this worker may run JOB now; then it holds its lease. Commits."""
        taken = db.session.scalar(
            sa.update(JobLease)
            .where(self._may_take(job, now))
            .values(held_by=self.name, held_until=now + self.lease, next_run_at=now + job.every)
            .returning(JobLease.name)
            .execution_options(synchronize_session=False)
        )
        db.session.commit()
        return taken is not None

    @contextmanager
    def holding(self, job: Job) -> Iterator[None]:
        """Keep the lease of JOB, which was taken, while this lasts; then give it back. Commits."""
        app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
        ended = threading.Event()
        renewing = threading.Thread(
            target=self._keep_renewing,
            args=(app, job, ended, threading.current_thread()),
            daemon=True,
        )
        renewing.start()
        try:
            yield
        finally:
            ended.set()
            db.session.rollback()  # first of all: a renewal may be waiting for this lock
            renewing.join()
            self._change(job, held_by=None, held_until=None)

    def _keep_renewing(
        self, app: Flask, job: Job, ended: threading.Event, runner: threading.Thread
    ) -> None:
        """Renew the lease of JOB until ENDED, over a connection of this thread's own.

        Not for longer than RUNNER lives: a job that nobody runs any more must become free.
        """
        pause = self.lease.total_seconds() / RENEWALS
        while not ended.wait(pause) and runner.is_alive():
            with app.app_context():
                try:
                    if not self._change(job, held_until=utcnow() + self.lease):
                        log.warning("%s: its lease was lost, another worker has it", job.name)
                        return
                except Exception as error:
                    # Locked or away: the next renewal may be in time, and if none is, see above.
                    log.info("%s: its lease could not be renewed: %s", job.name, error)

    def _change(self, job: Job, **values: object) -> bool:
        """Set VALUES in the row of JOB, if this worker still holds it; commits."""
        changed = db.session.scalar(
            sa.update(JobLease)
            .where(JobLease.name == job.name, JobLease.held_by == self.name)
            .values(values)
            .returning(JobLease.name)
            .execution_options(synchronize_session=False)
        )
        db.session.commit()
        return changed is not None
