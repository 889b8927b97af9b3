"""The worker: one table of schedules, and the loop that looks at it.

A worker that dies costs at most one period: its lease runs out and the next one looks at the same
rows. Nobody has to wake a worker: it looks every TICK_SECONDS.
"""

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from portal import outbox, reputation
from portal.extensions import db
from portal.jobs.leases import Job, give_back, take
from portal.jobs.work import (
    clear_log,
    deliver,
    erase,
    forget,
    habits,
    invite,
    platform,
    release,
    retire,
    settle,
    sweep,
)
from portal.models import utcnow

log = logging.getLogger(__name__)

TICK_SECONDS = 2.0

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


def run_pass(now: datetime, is_stopping: Callable[[], bool]) -> None:
    """One look at everything: the jobs that are due and free, then the mail."""
    for job in JOBS:
        if take(job, now):
            try:
                job.run(now)
            finally:
                db.session.rollback()
                give_back(job)
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
