"""Workers side by side, killed and told to stop, as real processes (rows 20 and 21)."""

import os
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from portal import hiring
from portal.extensions import db
from portal.letters import Text
from portal.models import Email, Employer, JobLease, PlatformFit, Scorecard, utcnow
from tests.mail.conftest import states

ROOT = Path(__file__).parents[2]
FLASK_WORKER = ("-m", "flask", "--app", "wsgi", "worker")
SHORT = ("-m", "tests.faults.worker", "2")
# An entry for each time that a worker takes a job; renewals leave `held_by` alone.
TAKES = "CREATE TABLE takes (name VARCHAR(40), worker VARCHAR(40))"
NOTE_SQLITE = """
    CREATE TRIGGER note_takes AFTER UPDATE OF held_by ON job_lease WHEN NEW.held_by IS NOT NULL
    BEGIN INSERT INTO takes VALUES (NEW.name, NEW.held_by); END
"""
NOTE_POSTGRES = """
    CREATE FUNCTION note_take() RETURNS trigger LANGUAGE plpgsql AS
    'BEGIN INSERT INTO takes VALUES (NEW.name, NEW.held_by); RETURN NEW; END';
    CREATE TRIGGER note_takes AFTER UPDATE OF held_by ON job_lease FOR EACH ROW
    WHEN (NEW.held_by IS NOT NULL) EXECUTE FUNCTION note_take()
"""


@pytest.fixture
def workers(app, database_url, tmp_path) -> Iterator[Callable[..., subprocess.Popen]]:
    """Starts worker processes; whoever is left at the end is killed."""
    started: list[subprocess.Popen] = []

    def start(*command: str, port: int = 9) -> subprocess.Popen:
        environment = os.environ | {
            "DATABASE_URL": database_url,
            "INSTANCE_PATH": str(tmp_path),
            "MAIL_SERVER": "127.0.0.1",
            "MAIL_PORT": str(port),
            "MAIL_CONNECTIONS": "2",
            "MAIL_TIMEOUT": "4",
        }
        started.append(
            subprocess.Popen(
                [sys.executable, *(command or FLASK_WORKER)],
                cwd=ROOT,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
            )
        )
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def takes(app, database_url) -> Iterator[Callable[[], Counter[str]]]:
    """How often which job has been taken, by whomever."""
    is_sqlite = database_url.startswith("sqlite")
    db.session.execute(sa.text(TAKES))
    db.session.execute(sa.text(NOTE_SQLITE if is_sqlite else NOTE_POSTGRES))
    db.session.commit()
    yield lambda: Counter(ask(sa.text("SELECT name FROM takes")))
    db.session.rollback()
    if not is_sqlite:
        db.session.execute(sa.text("DROP TABLE takes; DROP FUNCTION note_take CASCADE"))
        db.session.commit()


def ask(statement: sa.Executable) -> list:
    """What the database says now; no transaction is left open."""
    db.session.rollback()
    found = db.session.scalars(statement).all()
    db.session.rollback()
    return list(found)


def wait_for(what: Callable[[], object], seconds: float = 120) -> float:
    """Seconds until WHAT is true."""
    began = time.monotonic()
    while not what():
        assert time.monotonic() < began + seconds, "waited in vain"
        time.sleep(0.05)
    return time.monotonic() - began


def add_employers(number: int) -> None:
    """Employers of whom nothing has been counted yet: work for `habits`, and for the fit."""
    rows = [{"slug": f"work-{n}", "name": f"E{n}", "approved_at": utcnow()} for n in range(number)]
    db.session.execute(sa.insert(Employer), rows)
    db.session.commit()


def owe_notices(make, number: int) -> None:
    """Candidates to be told by mail now; their survey comes days later."""
    acme = make.employer(survey_delay_days=2)
    for _ in range(number):
        application = make.decided(acme, days_ago=0, last_interview_on=utcnow().date())
        decision = hiring.standing_decision(application)
        hiring.tell_now(application, decision, Text("News", "Dear Cam"), utcnow())
    db.session.commit()
    db.session.remove()


def count_cards() -> int:
    return len(ask(sa.select(Scorecard.employer_id)))


def holder(job: str) -> str:
    """The process id of the worker that holds JOB, as text; empty if nobody does."""
    held_by = ask(sa.select(JobLease.held_by).where(JobLease.name == job))
    return held_by[0].split("-")[-2] if held_by and held_by[0] else ""


# -- row 20: two groups, and a worker that dies ---------------------------------------------------


@pytest.mark.storm
def test_row_20_two_groups_of_workers_follow_the_schedules_once(workers, takes):
    """Also a job that takes longer than its lease, which is renewed."""
    add_employers(400)
    began = time.monotonic()
    for _ in range(2):
        workers(*SHORT)
    wait_for(lambda: ask(sa.select(PlatformFit.id).where(PlatformFit.fitted_at.is_not(None))))
    assert time.monotonic() > began + 2 * 2, "longer than a lease"
    wait_for(lambda: takes()["retire"])
    time.sleep(5)
    found = takes()
    once = ("invite", "release", "habits", "platform", "forget", "clear_log", "erase", "retire")
    # `invite` comes round again after 15 seconds.
    assert {name: found[name] for name in once if name != "invite"} == dict.fromkeys(
        set(once) - {"invite"}, 1
    )
    seconds = time.monotonic() - began
    assert found["invite"] <= seconds / 15 + 1
    assert found["settle"] <= seconds / 2 + 1
    assert count_cards() == 400


def kill_over_habits(workers, takes, command: tuple[str, ...]) -> float:
    """Two workers, of which the one that counts habits is killed; seconds until the other does."""
    add_employers(300)
    started = {str(worker.pid): worker for worker in (workers(*command), workers(*command))}
    wait_for(lambda: 5 < count_cards() < 250)
    dead = holder("habits")
    started[dead].send_signal(signal.SIGKILL)
    started.pop(dead).wait()
    done = count_cards()
    assert done < 300, "it was under way"
    waited = wait_for(lambda: takes()["habits"] == 2, 200)
    wait_for(lambda: count_cards() == 300)
    return waited


@pytest.mark.storm
def test_a_job_of_a_killed_worker_is_taken_over_when_its_lease_has_run_out(workers, takes):
    waited = kill_over_habits(workers, takes, SHORT)
    print(f"taken over after {waited:.1f} s with leases of 2 s")


@pytest.mark.storm
def test_a_job_of_a_killed_worker_is_taken_over_within_a_minute(workers, takes, database_url):
    waited = kill_over_habits(workers, takes, FLASK_WORKER)
    print(f"{database_url[:6]}: taken over after {waited:.1f} s")
    assert waited < 3 * 60


@pytest.mark.storm
def test_mail_claimed_by_a_killed_worker_leaves_within_a_minute(workers, make, relay, database_url):
    owe_notices(make, 10)
    first: list[str] = []

    def hang(line: str) -> None:
        if not first:
            first.append(line)
            time.sleep(3)

    relay.answers["RCPT"] = hang
    killed = workers(port=relay.port)
    wait_for(lambda: first)
    killed.kill()
    killed.wait()
    assert states() == {"queued": 10}
    workers(port=relay.port)
    waited = wait_for(lambda: states() == {"sent": 10}, 200)
    assert len(set(relay.recipients)) == len(relay.recipients) == 10
    print(f"{database_url[:6]}: all sent {waited:.1f} s after the kill")
    assert waited < 3 * 60


# -- mail beside other work -----------------------------------------------------------------------


@pytest.mark.storm
def test_mail_leaves_while_another_job_runs(workers, make, relay, database_url):
    add_employers(500)
    workers(port=relay.port)
    wait_for(lambda: count_cards() > 5)
    owe_notices(make, 1)
    waited = wait_for(lambda: states() == {"sent": 1})
    busy = holder("habits") or holder("platform")
    print(f"{database_url[:6]}: sent after {waited:.1f} s beside a job that went on")
    assert busy, "the job was still running"
    assert count_cards() < 500
    assert waited < 3 * 5


# -- row 21: told to stop -------------------------------------------------------------------------


def stop(worker: subprocess.Popen) -> tuple[float, str]:
    """Seconds until WORKER has obeyed SIGTERM, and what it said."""
    began = time.monotonic()
    worker.send_signal(signal.SIGTERM)
    said, _ = worker.communicate(timeout=90)
    return time.monotonic() - began, said


@pytest.mark.storm
def test_row_21_a_worker_told_to_stop_finishes_its_mail_and_begins_no_more(workers, make, relay):
    owe_notices(make, 40)
    relay.answers["final"] = 0.3
    worker = workers(port=relay.port)
    wait_for(lambda: len(relay.messages) >= 5)
    seconds, said = stop(worker)
    assert worker.returncode == 0, said
    assert seconds < 30 * 3
    received = len(relay.messages)
    assert 5 <= received < 40
    assert states() == {"sent": received, "queued": 40 - received}
    held = sa.select(Email.id).where(Email.lease_until.is_not(None), Email.sent_at.is_(None))
    assert ask(held) == [], "what was claimed is free for others at once"
    print(f"{received} of 40 sent, stopped in {seconds:.1f} s")


@pytest.mark.storm
def test_row_21_mail_whose_fate_is_not_known_is_in_doubt(workers, make, relay):
    owe_notices(make, 3)
    relay.answers["final"] = 60.0
    worker = workers(port=relay.port)
    wait_for(lambda: relay.messages)
    seconds, said = stop(worker)
    assert worker.returncode == 0, said
    assert seconds < 30 * 3
    found = states()
    assert found.pop("unknown") == len(relay.messages)
    assert found.keys() <= {"queued"}


@pytest.mark.storm
def test_row_21_a_job_that_takes_too_long_is_left_to_the_next_worker(workers, database_url):
    """Its last step is taken back by the database; the next worker goes on from the one before."""
    add_employers(1500)
    worker = workers()
    wait_for(lambda: count_cards() > 5)
    seconds, said = stop(worker)
    assert worker.returncode == 0, said
    assert seconds < 30 * 3
    done = count_cards()
    print(f"{database_url[:6]}: stopped in {seconds:.1f} s, {done} of 1500 employers done: {said}")
    next_worker = workers()
    wait_for(lambda: count_cards() > done, 200)
    assert next_worker.poll() is None


# -- half a worker --------------------------------------------------------------------------------

FAILS = """
import threading
import sqlalchemy as sa
from flask.cli import ScriptInfo
from portal.cli.running import worker
from wsgi import app

@sa.event.listens_for(sa.Engine, "before_cursor_execute")
def fail(*_):
    if threading.current_thread().name == "mail":
        raise SystemExit("as a thread may end for whatever reason")

worker.main([], obj=ScriptInfo(create_app=lambda: app))
"""


def test_a_worker_whose_mail_loop_fails_ends_as_a_whole(workers):
    worker = workers("-c", FAILS)
    said, _ = worker.communicate(timeout=90)
    assert worker.returncode == 1
    assert re.search(r"^Error: the worker's loop for mail failed", said, re.MULTILINE), said
