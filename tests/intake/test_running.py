"""An import as a run: queued once, carried out by a worker, gone on with after a kill -9."""

import io
import os
import signal
import subprocess
import sys
import time
from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal import audit, candidate_files, intake, jobs, privacy, runs
from portal.extensions import db, reading
from portal.jobs import carrying, chunks
from portal.models import (
    Application,
    AuditEvent,
    Candidate,
    Employer,
    IntakeFile,
    LineResult,
    Run,
    RunLine,
    utcnow,
)
from tests.intake.test_applying import day, held, rejected, sizes
from tests.support import commands
from tests.support.import_files import table
from tests.support.statements import noting_statements


def upload(employer: Employer, data: bytes, **plan) -> IntakeFile:
    file = intake.keep_file(employer.id, "candidates.csv", io.BytesIO(data))
    intake.change_file(file, utcnow(), plan=plan)
    db.session.commit()
    return file


def start(employer: Employer, data: bytes, **plan) -> Run:
    run = intake.start_import(upload(employer, data, **plan), utcnow())
    db.session.commit()
    return run


def many(count: int, first: int = 0, **facts) -> bytes:
    return table(
        *(
            rejected(email=f"kim{n}@x.test", external_id=f"A{n}", **facts)
            for n in range(first, first + count)
        )
    )


def fresh(run: Run) -> Run:
    db.session.rollback()
    return db.session.get_one(Run, run.id, populate_existing=True)


def results(run: Run) -> dict[str, int]:
    counted = sa.select(RunLine.result, sa.func.count()).where(RunLine.run_id == run.id)
    return dict(db.session.execute(counted.group_by(RunLine.result)).all())


def test_a_worker_carries_out_what_a_page_has_started(make):
    acme = make.employer()
    run = start(acme, table(rejected(), {"email": "b@x.test"}))
    assert (run.state, run.done, sizes()["application"]) == ("queued", 0, 0)
    assert jobs.work_runs() == 2
    run = fresh(run)
    assert (run.state, run.done, run.total) == ("finished", 2, 2)
    counts = {"rows": 2, "new": 2, "changed": 0, "same": 0, "invitations_planned": 2}
    assert run.counts == counts | {"notices": [run.counts["notices"][0]]}
    assert "told_on" in run.counts["notices"][0]
    assert results(run) == {"new": 2}
    assert sizes()["application"] == 2
    assert db.session.scalars(sa.select(IntakeFile)).all() == []
    assert jobs.work_runs() == 0


def test_the_mapping_and_the_answer_of_the_plan_hold(make):
    acme = make.employer()
    data = b"Who,Where,What,How,When\r\nAnn,ann@x.test,Lead,rejected," + day(3).encode()
    fields = ["name", "email", "role", "outcome", "decided_on"]
    pairs = list(zip(["Who", "Where", "What", "How", "When"], fields, strict=True))
    start(acme, data, columns=pairs, told="yes")
    jobs.work_runs()
    assert (held().requisition.title, str(held().told_on)) == ("Lead", day(3))


def test_two_clicks_make_one_run(make):
    acme = make.employer()
    file = upload(acme, many(3))
    first = intake.start_import(file, utcnow())
    assert intake.start_import(file, utcnow()) is first
    db.session.commit()
    again = upload(acme, many(3))
    with pytest.raises(intake.AlreadyQueued) as refused:
        intake.start_import(again, utcnow())
    assert refused.value.run.id == first.id
    db.session.rollback()
    intake.start_import(upload(make.employer("globex"), many(3)), utcnow())
    db.session.commit()
    jobs.work_runs()
    assert intake.start_import(again, utcnow()).id != first.id, "the first is over"


def test_a_file_that_fits_no_more_fails_in_words_and_is_a_draft_again(make):
    acme = make.employer()
    run = start(acme, table({}, {"email": "x"}))
    jobs.work_runs()
    run = fresh(run)
    assert (run.state, run.done, sizes()["application"]) == ("failed", 0, 0)
    assert "row 3" in run.problem
    file = db.session.scalars(sa.select(IntakeFile)).one()
    assert file.run_id is None
    intake.change_file(file, utcnow(), plan={"only_good": True})
    run = intake.start_import(file, utcnow())
    db.session.commit()
    jobs.work_runs()
    assert (fresh(run).state, sizes()["application"]) == ("finished", 1)
    page = runs.list_lines(run)
    assert [(line.number, line.result) for line in page.lines] == [(3, "failed"), (2, "new")]
    assert "email" in page.lines[0].note or "@" in page.lines[0].note


def test_an_unexpected_error_ends_the_run_and_keeps_no_other_from_its_turn(make, monkeypatch):
    acme, globex = make.employer(), make.employer("globex")
    broken, sound = start(acme, many(3)), start(globex, many(3))
    apply = intake.Import.apply

    def fall_over(work, rows):
        if work.employer_id == acme.id:
            raise ZeroDivisionError
        return apply(work, rows)

    monkeypatch.setattr(intake.Import, "apply", fall_over)
    jobs.work_runs()
    assert (fresh(broken).state, fresh(broken).problem) == ("failed", carrying.BROKEN)
    assert fresh(sound).state == "finished"


def test_employers_take_turns(make, monkeypatch):
    monkeypatch.setattr(chunks, "FIRST", 2)
    monkeypatch.setattr(chunks, "AIM", 1e9)  # however slow the machine is
    monkeypatch.setattr(intake, "MOST", 2)
    one, other = make.employer(), make.employer("globex")
    for employer in (one, other):
        start(employer, many(6))
    turns, seen = carrying.Turns(), []
    while turns.take():
        turns.step()
        counted = sa.select(Run.done).order_by(Run.id)
        seen.append(tuple(db.session.scalars(counted)))
        db.session.commit()
    assert seen[:3] == [(2, 2), (4, 4), (6, 6)]


def test_who_stops_lets_another_worker_go_on_at_once(make, monkeypatch):
    monkeypatch.setattr(chunks, "FIRST", 2)
    monkeypatch.setattr(chunks, "AIM", 1e9)
    monkeypatch.setattr(intake, "MOST", 2)
    run = start(make.employer(), many(6))
    stops = iter([False, False, True])
    assert jobs.work_runs(lambda: next(stops)) == 4
    assert (fresh(run).state, fresh(run).done) == ("running", 4)
    assert jobs.work_runs() == 2
    assert (fresh(run).state, fresh(run).counts["new"]) == ("finished", 6)
    assert (sizes()["application"], results(run)) == (6, {"new": 6})


def test_the_run_of_a_dead_worker_is_taken_over_after_two_minutes(make):
    run = start(make.employer(), many(6))
    claimed = runs.claim(utcnow())
    db.session.commit()
    assert claimed.id == run.id
    assert jobs.work_runs() == 0
    run.beat_at = utcnow() - timedelta(minutes=2, seconds=1)
    db.session.commit()
    assert jobs.work_runs() == 6


def test_who_was_overtaken_writes_nothing(make, monkeypatch):
    monkeypatch.setattr(intake, "MOST", 2)
    acme = make.employer()
    run = start(acme, many(4))
    runs.claim(utcnow())
    db.session.commit()
    with intake.open_import(run.id, utcnow()) as slow:
        rows = next(slow.chunks(lambda: 2))
        fresh(run).beat_at = None
        db.session.commit()
        stops = iter([False, True])
        assert jobs.work_runs(lambda: next(stops)) == 2
        with pytest.raises(runs.Overtaken):
            slow.apply(rows)
        db.session.rollback()
    assert (sizes()["application"], fresh(run).done, results(run)) == (2, 2, {"new": 2})


def test_a_draft_goes_after_a_day_and_a_queued_file_does_not(make):
    acme = make.employer()
    old, new, queued = (upload(acme, many(n)) for n in (1, 2, 3))
    intake.start_import(queued, utcnow())
    for file in (old, queued):
        file.touched_at = utcnow() - timedelta(hours=24, minutes=1)
    db.session.commit()
    jobs.tidy_runs(utcnow())
    left = set(db.session.scalars(sa.select(IntakeFile.id)))
    assert left == {new.id, queued.id}


def test_the_run_of_a_command_that_died_is_ended(make):
    acme = make.employer()
    run = Run(employer_id=acme.id, kind="import", state="running", beat_at=utcnow())
    db.session.add(run)
    db.session.commit()
    jobs.tidy_runs(utcnow())
    assert fresh(run).state == "running"
    jobs.tidy_runs(utcnow() + timedelta(minutes=3))
    assert (fresh(run).state, fresh(run).problem) == ("failed", runs.ABANDONED)


def test_who_started_it_has_done_it(make, app):
    acme = make.employer()
    user = make.user("ada")
    with audit.acting_for(user.id):
        run = start(acme, table(rejected()))
    assert run.user_id == user.id
    jobs.work_runs()
    done = set(db.session.execute(sa.select(AuditEvent.action, AuditEvent.user_id)).all())
    assert {("import.started", user.id), ("import.applied", user.id)} <= done
    assert ("decision.recorded", user.id) in done


@pytest.mark.parametrize("facts", [{}, {"outcome": "", "decided_on": "", "told_on": ""}])
def test_who_was_erased_while_the_file_waits_does_not_come_back(make, facts):
    acme = make.employer()
    make.application(acme, email="ann@x.test")
    run = start(acme, table(rejected(days_ago=0, told_after=0) | facts, {"email": "bob@x.test"}))
    privacy.erase_person("ann@x.test", acme)
    db.session.commit()
    jobs.work_runs()
    emails = set(db.session.scalars(sa.select(Candidate.email)))
    assert emails == {None, "bob@x.test"}
    assert results(run) == {"left": 1, "new": 1}


def test_lines_lead_to_applications_and_say_why_rows_were_left(make):
    acme = make.employer()
    start(acme, table(rejected(), {"email": "b@x.test", "stage": "Screen"}))
    jobs.work_runs()
    run = start(
        acme,
        table({}, {"email": "b@x.test", "stage": "Final"}, {"email": "c@x.test"}, {"name": "x"}),
    )
    jobs.work_runs()
    lines = runs.list_lines(run).lines
    assert [(line.number, line.result) for line in lines] == [
        (2, "left"),
        (3, "changed"),
        (4, "new"),
    ]
    assert "left as decided" in lines[0].note
    people = [db.session.get(Application, line.application_id).candidate.email for line in lines]
    assert people == ["ann@x.test", "b@x.test", "c@x.test"]
    assert runs.list_lines(run, result=LineResult.NEW).total == 1
    assert [one.id for one in runs.list_runs(acme.id).runs] == [run.id, run.id - 1]
    assert runs.find(acme.id + 1, run.id) is None


def test_what_was_learnt_of_a_kind_of_file_is_kept_for_the_employer(make):
    acme, globex = make.employer(), make.employer("globex")
    key = intake.heading_key(["Name", "E-Mail ", "Role"])
    assert key == intake.heading_key(["role", "e-mail", "name"])
    for learnt in ({"told": "no"}, {"told": "yes"}):
        intake.remember(acme.id, key, learnt, utcnow())
        db.session.commit()
    assert intake.recall(acme.id, key) == {"told": "yes"}
    assert intake.recall(globex.id, key) is None


def test_a_file_comes_out_as_it_went_in(make, monkeypatch):
    acme = make.employer()
    data = os.urandom(300_000) + b"x" * 3_000_000
    with intake.open_file(upload(acme, data).id) as spool:
        assert spool.read() == data
    monkeypatch.setattr("portal.intake.files.MAX_BYTES", 1000)
    for wrong in (b"x" * 1001, b""):
        with pytest.raises(candidate_files.FileRefused):
            intake.keep_file(acme.id, "a.csv", io.BytesIO(wrong))


def test_a_chunk_takes_as_many_statements_however_many_rows_it_has(make):
    acme = make.employer()
    counted = []
    for number, size in enumerate((2, 3, 150, 300)):
        data = many(size, 1000 * number)
        run = start(acme, data)
        runs.claim(utcnow())
        db.session.commit()
        with intake.open_import(run.id, utcnow()) as work:
            [rows] = work.chunks(lambda: 1000)
            with noting_statements() as seen:
                work.apply(rows)
                db.session.commit()
            counted.append(len(seen))
            work.count(rows, intake.Applied())
            work.finish(utcnow())
            db.session.commit()
    assert counted[1] == counted[2] == counted[3] <= 20


KILLED = """
from portal import create_app, jobs
with create_app().app_context():
    jobs.work_runs()
"""


def progress(run_id: int) -> tuple[str, int]:
    """State and rows done, without keeping others from the database."""
    with reading():
        found = db.session.execute(sa.select(Run.state, Run.done).where(Run.id == run_id)).one()
    db.session.rollback()
    return tuple(found)


@pytest.mark.both
@pytest.mark.long
def test_killed_while_applying_it_goes_on_and_adds_nothing_twice(make, database_url, tmp_path):
    """A process is killed again and again, each time somewhere else, until all is applied."""
    run_id, rows = start(make.employer(), many(1500)).id, 1500
    environ, kills = commands.environment(database_url, tmp_path), 0
    db.session.rollback()
    while progress(run_id)[0] != "finished":
        process = subprocess.Popen([sys.executable, "-c", KILLED], env=environ)
        before = progress(run_id)[1]
        while process.poll() is None and progress(run_id)[1] < before + 200:
            time.sleep(0.01)
        time.sleep(0.013 * (kills % 7))
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            kills += 1
        process.wait()
        db.session.execute(sa.update(Run).values(beat_at=None))  # two minutes later
        db.session.commit()
    assert kills >= 3
    run = db.session.get_one(Run, run_id)
    assert (run.done, run.counts["new"]) == (rows, rows)
    assert sizes() | {"audit_event": 0, "run": 0} == {
        **dict.fromkeys(("application", "candidate", "decision", "notice", "invitation"), rows),
        **dict.fromkeys(("stage_change", "audit_event", "run"), 0),
    }
    assert results(run) == {"new": rows}
    added = sa.select(sa.func.count()).where(AuditEvent.action == "application.added")
    assert db.session.scalar(added) == rows
