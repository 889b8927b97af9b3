"""The worker: what it does how often, in three loops.

Mail has a loop of its own, for it may not wait behind a release or the night's fit; and so have
long runs, for which people wait and which keep others waiting. Nobody has to wake a worker: each
loop looks at the rows every TICK_SECONDS.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import Flask, current_app

from portal import outbox, reputation
from portal.extensions import db
from portal.jobs.carrying import tidy_runs, work_runs
from portal.jobs.checking import check_files
from portal.jobs.leases import LEASE, Job, Worker, add_rows
from portal.jobs.work import (
    clear_log,
    deliver,
    erase,
    forget,
    habits,
    invite,
    mail_links,
    platform,
    release,
    retire,
    settle,
    sweep,
)
from portal.models import utcnow

log = logging.getLogger(__name__)

TICK_SECONDS = 2.0
DELIVER_SECONDS = 30  # then what became of the mail is settled, and more is sent
STOP_SECONDS = 25  # for what is under way when the worker is told to stop
IsStopping = Callable[[], bool]

MAIL_JOBS = (
    Job(sweep, timedelta(minutes=1)),
    Job(settle, timedelta(seconds=2)),
    Job(mail_links, timedelta(seconds=2)),
)
# In the order in which one pass does them: new mail, answers, pages.
OTHER_JOBS = (
    Job(invite, timedelta(seconds=15)),
    Job(release, timedelta(minutes=15)),
    Job(habits, timedelta(hours=1)),
    Job(platform, timedelta(minutes=15)),
    Job(forget, timedelta(days=1)),
    Job(clear_log, timedelta(minutes=10)),
    Job(erase, timedelta(hours=1)),
    Job(retire, timedelta(days=1)),
    Job(tidy_runs, timedelta(minutes=10)),
)
JOBS = (*MAIL_JOBS, *OTHER_JOBS)


def start() -> None:
    """What a worker makes sure of before it works; raises ConfigError. Commits."""
    reputation.hold_floors()
    reputation.hold_key()
    add_rows(JOBS, utcnow())
    db.session.commit()


def run_until_idle() -> None:
    """Do everything that is due now, again and again until nothing is left to do."""
    now = utcnow()
    start()
    sweep(now)
    while (
        check_files()
        + work_runs()
        + settle(now)
        + mail_links(now)
        + invite(now)
        + deliver()
        + release(now)
    ):
        now = utcnow()
    erase(now)
    retire(now)
    tidy_runs(now)
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


def run_due(worker: Worker, jobs: Sequence[Job], is_stopping: IsStopping = lambda: False) -> None:
    """Run those of JOBS that are due and free, one after the other.

    What fails is logged and tried again at its next time; it keeps no other job from being done.
    """
    for job in worker.list_due(jobs, utcnow()):
        now = utcnow()
        if is_stopping() or not worker.take(job, now):
            continue
        try:
            with worker.holding(job):
                job.run(now)
        except Exception:
            log.exception("%s failed", job.name)
            db.session.rollback()


def send_mail(worker: Worker, is_stopping: IsStopping) -> None:
    """One look at the mail: what became of it, and what is to be sent."""
    run_due(worker, MAIL_JOBS, is_stopping)
    ends_at = time.monotonic() + DELIVER_SECONDS
    deliver(lambda: is_stopping() or time.monotonic() > ends_at)


def do_the_rest(worker: Worker, is_stopping: IsStopping) -> None:
    """One look at everything but the mail."""
    run_due(worker, OTHER_JOBS, is_stopping)


def carry_runs(_worker: Worker, is_stopping: IsStopping) -> None:
    """One look at the long runs that wait."""
    check_files(is_stopping)
    work_runs(is_stopping)


LOOPS = {"mail": send_mail, "jobs": do_the_rest, "runs": carry_runs}


@dataclass(frozen=True)
class End:
    """How a worker ended: loops that failed, and those that were still busy when time was up."""

    failed: list[str]
    busy: list[str]


def run_forever(stopping: threading.Event, lease: timedelta = LEASE) -> End:
    """Work in all loops until STOPPING is set, or until one of them ends by itself.

    Then none goes on: a worker that does half of its work looks as if it did the whole. Each
    has STOP_SECONDS for what it is doing; what is still busy then can be cut off as by a kill.
    """
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    worker, failed = Worker(lease), []

    def run(name: str) -> None:
        try:
            with app.app_context():
                _loop(lambda: LOOPS[name](worker, stopping.is_set), stopping)
        except BaseException:
            log.exception("the loop for %s has failed", name)
            failed.append(name)
        finally:
            stopping.set()

    threads = [threading.Thread(target=run, args=(name,), name=name, daemon=True) for name in LOOPS]
    for thread in threads:
        thread.start()
    while not stopping.is_set():
        # Not stopping.wait(): a signal's handler that sets it meanwhile could wait for its lock.
        time.sleep(0.2)
    ends_at = time.monotonic() + STOP_SECONDS
    for thread in threads:
        thread.join(max(0, ends_at - time.monotonic()))
    return End(failed, [thread.name for thread in threads if thread.is_alive()])


def _loop(look: Callable[[], None], stopping: threading.Event) -> None:
    """LOOK every TICK_SECONDS until STOPPING is set."""
    while not stopping.is_set():
        try:
            look()
        except Exception:
            # The database may be away for a while: the rows are safe, so keep looking.
            log.exception("a pass of the worker failed")
        finally:
            db.session.remove()
        stopping.wait(TICK_SECONDS)
