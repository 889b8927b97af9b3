"""What it takes to write to many at once, and to take it back.

    python -m tests.benchmarks.letters --rows 10000 [--url postgresql+psycopg://…]

Each step beside as many inserts of one row, each in a transaction of its own, in the same run.
"""

import argparse
import itertools
import resource
import time
from collections.abc import Callable
from datetime import timedelta
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from flask_migrate import upgrade

from portal import bulk, hiring, jobs, letters
from portal.bulk import Action, Plan
from portal.extensions import db
from portal.letters import Letter
from portal.models import AuditEvent, Employer, Locale, Outcome, utcnow
from tests.conftest import make_app

TEXT = letters.template(Letter.REJECTED, Locale.ENGLISH)
PLAN = Plan(Action.TELL, texts={bulk.key_of(Letter.REJECTED, Locale.ENGLISH): TEXT})
CHUNK = 2000


def fill(rows: int) -> tuple[Employer, list[int]]:
    employer = Employer(slug="bench", name="Bench", approved_at=utcnow(), reply_to="hr@bench.test")
    db.session.add(employer)
    db.session.commit()
    now, ids = utcnow(), []
    for first in range(0, rows, CHUNK):
        news = [
            hiring.NewApplication(f"Cam {n}", f"c{n}@mail.test", f"Role {n % 50}")
            for n in range(first, min(first + CHUNK, rows))
        ]
        added = hiring.Additions(employer, news, now)
        for new in news:
            added.add(new, hiring.PastDecision(Outcome.REJECTED, now - timedelta(days=3)))
        ids += [one.application_id for one in added.finish()]
        db.session.commit()
    return employer, ids


def insert(rows: int) -> None:
    for _ in range(rows):
        db.session.execute(sa.insert(AuditEvent).values(action="bench", detail={}))
        db.session.commit()


def measured(name: str, step: Callable[[], object], rows: int) -> float:
    held, cpu, begun = peak(), time.process_time(), time.monotonic()
    step()
    cpu = time.process_time() - cpu
    took, more = time.monotonic() - begun, peak() - held
    print(
        f"{name:8} {took:7.1f} s, {cpu / rows * 1000:5.1f} ms CPU a row, {more:4} MiB more",
        flush=True,
    )
    return cpu


def peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--url")
    asked = parser.parse_args()
    rows = asked.rows
    with TemporaryDirectory() as folder:
        app = make_app(asked.url or f"sqlite:///{folder}/bench.sqlite")
        with app.app_context():
            upgrade()
            employer, ids = fill(rows)
            plain = measured("inserts", lambda: insert(rows), rows)
            measured("select", lambda: bulk.select(employer, ids, PLAN), rows)
            run = bulk.start(employer, ids, PLAN, "bench", utcnow())
            db.session.commit()
            # Counted, not kept: a list of them would be what grows
            seen = itertools.count()
            sa.event.listen(db.engine, "before_cursor_execute", lambda *_: next(seen))
            spent = measured("write", jobs.work_runs, rows)
            print(f"ratio    {spent / plain:.1f}, {next(seen) / rows:.1f} statements a letter")
            db.session.refresh(run)
            last = bulk.leaves_at(bulk.from_json(run.plan), rows)
            print(f"{run.counts['done']:,} written; the last leaves {last:%d.%m. %H:%M} UTC")
            bulk.ask_undo(run)
            db.session.commit()
            measured("undo", jobs.work_runs, rows)
            db.session.refresh(run)
            print(f"{run.counts['undone']:,} taken back")


if __name__ == "__main__":
    main()
