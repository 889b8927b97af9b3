"""Leases, and what a look at everything costs when nothing is to be done."""

import threading
import time
from datetime import timedelta

import sqlalchemy as sa
import time_machine

from portal import jobs
from portal.extensions import db
from portal.jobs.loops import LOOPS
from portal.models import Employer, JobLease, Scorecard, utcnow
from tests.support.statements import noting_statements

DAY = timedelta(days=1)
SHORT = timedelta(seconds=0.6)
HABITS = next(job for job in jobs.JOBS if job.name == "habits")


def add_idle_employers(number: int) -> None:
    """Employers whose turn was taken and whose habits have been counted."""
    now = utcnow()
    for n in range(number):
        employer = Employer(slug=f"idle-{n}", name="Idle", approved_at=now)
        employer.release_turn_on = (now + DAY).date()
        db.session.add(employer)
        db.session.flush()
        db.session.add(Scorecard(employer_id=employer.id, as_of=now))
    db.session.commit()


def count_statements(work) -> int:
    with noting_statements() as said:
        work()
    db.session.rollback()
    return len(said)


def test_a_look_at_employers_with_nothing_due_costs_the_same_for_10_and_100(app):
    def count() -> list[int]:
        passes = (jobs.release, jobs.habits, jobs.forget)
        return [count_statements(lambda work=work: work(utcnow())) for work in passes]

    add_idle_employers(10)
    at_10 = count()
    db.session.execute(sa.delete(Scorecard))
    db.session.execute(sa.delete(Employer))
    add_idle_employers(100)
    assert count() == at_10 == [1, 1, 2]


def test_a_look_of_both_loops_costs_few_statements_when_nothing_is_due(app):
    jobs.start()
    worker = jobs.Worker()
    jobs.run_due(worker, jobs.JOBS)
    look = [
        count_statements(lambda name=name: LOOPS[name](worker, lambda: False)) for name in LOOPS
    ]
    assert max(look) <= 7
    assert sum(look) <= 8


def list_counted_at(moment) -> list[int]:
    rows = db.session.scalars(sa.select(Scorecard).order_by(Scorecard.employer_id))
    return [row.employer_id for row in rows if row.as_of == moment]


def test_an_employer_is_counted_anew_when_something_happens_or_a_day_begins(app, make):
    idle, acme = make.employer("idle"), make.employer("acme")
    day = utcnow().replace(hour=12) + 30 * DAY
    for moment in (day - DAY, day):
        jobs.habits(moment)
        assert list_counted_at(moment) == [idle.id, acme.id], "a day has begun"
    with time_machine.travel(day + timedelta(hours=1)):
        make.decided(acme)
        now = utcnow()
    jobs.habits(now)
    assert list_counted_at(now) == [acme.id]


def holder(job: jobs.Job) -> str | None:
    db.session.rollback()
    found = db.session.scalar(sa.select(JobLease.held_by).where(JobLease.name == job.name))
    db.session.rollback()
    return found


def test_a_lease_is_renewed_while_its_job_runs_and_given_back(app):
    jobs.start()
    one, other = jobs.Worker(SHORT), jobs.Worker(SHORT)
    assert one.take(HABITS, utcnow())
    with one.holding(HABITS):
        for _ in range(8):
            time.sleep(0.2)
            assert not other.take(HABITS, utcnow())
    assert holder(HABITS) is None
    assert not other.take(HABITS, utcnow()), "it was done, and is not due"


def test_a_worker_that_had_to_wait_for_the_row_takes_nothing_from_who_was_first(app):
    jobs.start()
    one, other, now = jobs.Worker(), jobs.Worker(), utcnow()
    second = timedelta(seconds=1)
    assert one.take(HABITS, now + second)
    assert not other.take(HABITS, now), "held for longer than NOW and a lease"
    with one.holding(HABITS):
        pass
    assert not other.take(HABITS, now), "done, and due later than NOW and a period"


def test_nobody_renews_the_lease_of_a_job_whose_thread_has_died(app):
    jobs.start()
    one, other = jobs.Worker(SHORT), jobs.Worker(SHORT)
    assert one.take(HABITS, utcnow())
    held = one.holding(HABITS)  # referred to, or Python would end it in good order

    def die() -> None:
        with app.app_context():
            held.__enter__()

    died = threading.Thread(target=die)
    died.start()
    died.join()
    time.sleep(SHORT.total_seconds() * 1.5)
    assert other.take(HABITS, utcnow())
    held.__exit__(None, None, None)


def test_a_worker_whose_lease_was_lost_does_not_end_that_of_the_other(app):
    jobs.add_rows([HABITS], utcnow() - DAY)
    one, other = jobs.Worker(), jobs.Worker()
    assert one.take(HABITS, utcnow() - timedelta(minutes=2))
    with one.holding(HABITS):
        assert other.take(HABITS, utcnow())
    assert holder(HABITS) == other.name


def test_what_fails_in_one_job_keeps_no_other_from_being_done(app, caplog):
    def broken(_now):
        raise RuntimeError("not today")

    def sound(_now):
        done.append(1)
        return 1

    done: list[int] = []
    both = [jobs.Job(broken, DAY), jobs.Job(sound, DAY)]
    jobs.add_rows(both, utcnow())
    db.session.commit()
    jobs.run_due(jobs.Worker(), both)
    assert done == [1]
    assert "broken failed" in caplog.text
    assert holder(both[0]) is None
