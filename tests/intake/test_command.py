"""flask import, as an operator and as a script sees it."""

import json
import os
import threading
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from portal import intake
from portal.candidate_files.sheet import MAX_BYTES
from portal.extensions import db
from portal.jobs import chunks
from portal.models import (
    Application,
    Channel,
    Invitation,
    Lane,
    Requisition,
    Run,
    utcnow,
)
from tests.intake.conftest import KEYS
from tests.intake.test_applying import apply, day, held, long_ago, rejected, sizes
from tests.support.import_files import ANN, BOB, HEADER, check, table, write


@pytest.fixture
def chunks_of(monkeypatch):
    """chunks_of(number): so many rows in each transaction, however long it takes."""

    def chunks_of(number: int) -> None:
        monkeypatch.setattr(intake, "MOST", number)
        monkeypatch.setattr(chunks, "FIRST", number)
        monkeypatch.setattr(chunks, "AIM", 1e9)

    return chunks_of


def forty() -> bytes:
    """The acceptance file: 30 told, 6 decided but not told, 4 undecided; interviewed long ago."""
    interviewed = {"last_interview_on": day(30)}
    rows = [rejected(12, 2, channel="phone", email=f"told{n}@x.test") for n in range(30)]
    rows += [rejected(12, None, email=f"ghost{n}@x.test") for n in range(6)]
    rows += [{"email": f"open{n}@x.test"} for n in range(4)]
    return table(*rows, **interviewed)


def test_forty_candidates_are_imported_and_once_more_adds_nothing(counts):
    first = counts(forty())
    assert first | {"notices": []} == {
        "rows": 40,
        "new": 40,
        "changed": 0,
        "same": 0,
        "errors": [],
        "notices": [],
        "invitations_planned": 40,
        "told": 30,
        "decided": 36,
        "open": 4,
        "dry_run": False,
        "applied": True,
    }
    lanes = sa.select(Invitation.lane, sa.func.count()).group_by(Invitation.lane)
    assert dict(db.session.execute(lanes).all()) == {Lane.OUTCOME: 30, Lane.CHECK_IN: 10}
    before = sizes()
    assert before | {"audit_event": 0} == {
        "application": 40,
        "candidate": 40,
        "decision": 36,
        "notice": 30,
        "invitation": 40,
        "stage_change": 0,
        "audit_event": 0,
        "run": 1,
    }
    second = counts(forty())
    assert (second["new"], second["changed"], second["same"]) == (0, 0, 40)
    assert (second["invitations_planned"], second["applied"]) == (0, True)
    assert "This very file was applied on" in " ".join(second["notices"])
    assert sizes() == before


def test_a_dry_run_says_what_would_be_and_changes_nothing(counts):
    before = sizes()
    dry = counts(forty(), "--dry-run")
    assert sizes() == before
    assert (dry["dry_run"], dry["applied"], dry["new"]) == (True, False, 40)
    real = counts(forty())
    same = KEYS - {"dry_run", "applied"}
    assert {key: dry[key] for key in same} == {key: real[key] for key in same}
    assert db.session.scalars(sa.select(Run)).one().counts["new"] == 40


def test_people_read_what_was_done(run):
    assert run(forty(), "--dry-run").stdout.splitlines()[:3] == [
        "40 rows: 36 decided, 30 of them told; 4 still open.",
        "Would be added: 40, changed: 0, left the same: 0.",
        "Invitations planned: 40.",
    ]
    done = run(forty())
    assert "Were added: 40" in done.stdout
    assert "Note: Told or not is taken from the column “told_on”." in done.stdout
    assert done.stderr == ""  # no progress bar where nobody looks


def test_any_wrong_row_means_that_nothing_is_applied(run, counts):
    data = table({}, {"email": "x"}, {"email": "c@x.test", "outcome": "maybe"})
    found = counts(data, code=1)
    assert [(e["row"], e["column"]) for e in found["errors"]] == [(3, "email"), (4, "outcome")]
    assert (found["rows"], found["new"], found["applied"]) == (3, 0, False)
    assert sizes()["application"] == 0
    refused = run(data, code=1)
    assert refused.stdout == ""
    lines = refused.stderr.splitlines()
    assert lines[0] == "Error: Nothing was imported, 2 errors:"
    assert lines[1].startswith("  row 3, column “email”: ")
    assert lines[2].startswith(
        "  row 4, column “outcome”: “maybe” (1 row): say what each means, one of"
    )
    assert len(lines) == 3


def test_rows_that_repeat_others_are_counted_as_the_same(counts):
    found = counts(table(rejected(), {}, rejected(), {"email": "b@x.test"}))
    assert (found["rows"], found["new"], found["same"]) == (4, 2, 2)


def test_nobody_waits_for_the_database_while_the_file_is_read(counts, monkeypatch):
    check_file, is_busy = intake.check_file, []

    def watched(*args):
        is_busy.append(db.session().in_transaction())
        return check_file(*args)

    monkeypatch.setattr(intake, "check_file", watched)
    counts(forty())
    assert is_busy == [False]


def test_of_many_errors_the_first_hundred_are_listed(run, counts):
    data = table(*[{"email": "x"}] * 250)
    found = counts(data, code=1)
    assert [error["row"] for error in found["errors"]] == list(range(2, 102))
    assert found["notices"][-1] == "250 errors in all; the first 100 are listed."
    lines = run(data, code=1).stderr.splitlines()
    assert len(lines) == 102
    assert lines[-1] == "  … and 150 more"


def test_a_mistake_in_the_last_row_of_many_applies_nothing(counts, chunks_of):
    chunks_of(5)
    rows = [{"email": f"{number}@x.test"} for number in range(30)]
    assert counts(table(*rows, {"email": "x"}), code=1)["errors"][0]["row"] == 32
    text = table(*rows) + b'"Cut off,half'
    error = counts(text, code=1)["errors"][0]
    assert (error["row"], "never closed" in error["message"]) == (32, True)
    assert sizes()["application"] == 0


def test_whether_they_were_told_must_be_answered(run, counts):
    data = table(
        *({"email": f"{n}@x.test", "outcome": "rejected"} for n in "ab"), decided_on=day(3)
    )
    refused = run(data, code=1)
    assert "Were these 2 candidates told? Say --told yes" in refused.stderr
    assert sizes()["application"] == 0
    assert counts(data, "--told", "no", "--dry-run")["told"] == 0
    assert counts(data, "--told", "yes")["told"] == 2
    assert set(db.session.scalars(sa.select(Application.channel))) == {Channel.EMAIL}
    assert set(db.session.scalars(sa.select(Application.told_on))) == {date.fromisoformat(day(3))}


def test_columns_are_mapped_as_told(counts):
    data = write(["Wer", "Wo=hin", "Was", "Wie"], ["Ann", "ann@x.test", "Lead", "hired"])
    pairs = ["Wer=name", "Wo=hin=email", "was=role", "Wie=ignore"]
    options = [option for pair in pairs for option in ("--map", pair)]
    assert counts(data, *options)["new"] == 1
    assert (held().candidate.name, held().requisition.title) == ("Ann", "Lead")


@pytest.mark.parametrize(
    ("data", "options", "words"),
    [
        (b"", (), "The file has no rows."),
        (write(HEADER), (), "no rows below its header"),
        (write(["name", "email", "x"], ANN), (), "No column for role was found"),
        (write(HEADER, ANN), ("--map", "name"), "--map 'name' is not like COLUMN=FIELD"),
        (write(HEADER, ANN), ("--map", "name=nose"), "“nose” is not a field"),
        (write(HEADER, ANN), ("--told", "column"), "which column has the day of telling"),
        (b"PK\x03\x04", (), "save it as CSV"),
        (b"x" * (MAX_BYTES + 1), (), "larger than 50 MB"),
        ("/nowhere/candidates.csv", (), "Cannot read '/nowhere/candidates.csv': No such file"),
        (os.fsdecode(b"\xff"), (), "Cannot read '\\udcff': No such file"),
        ("/", (), "Cannot read '/': Is a directory"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_line(run, counts, data, options, words):
    refused = run(data, *options, code=1)
    assert refused.stderr.startswith("Error: Nothing was imported, 1 error:\n  ")
    assert words in refused.stderr
    assert len(refused.stderr.splitlines()) == 2
    found = counts(data, *options, code=1)
    assert words in found["errors"][0]["message"]
    assert not found["applied"]


def test_an_unknown_employer_is_refused(app, make):
    result = app.test_cli_runner().invoke(args=["import", "x.csv", "--employer", "nobody"])
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: There is no employer 'nobody'.")


def test_a_file_may_come_through_a_pipe(app, make):
    make.employer()
    command = ["import", "-", "--employer", "acme", "--json"]
    result = app.test_cli_runner().invoke(args=command, input=write(HEADER, ANN, BOB))
    assert json.loads(result.stdout)["new"] == 2


def test_nothing_a_file_says_reaches_the_terminal_raw(run):
    data = table({"email": "\x1b[2J\u202ex", "outcome": "\x1b]0;gone\x07"})
    assert run(data, code=1).stderr.replace("\n", "").isprintable()


def run_states() -> list[str]:
    return list(db.session.scalars(sa.select(Run.state).order_by(Run.id)))


def test_an_import_that_was_cut_off_goes_on_where_it_stopped(counts, chunks_of, monkeypatch):
    chunks_of(10)
    apply_chunk, applied = intake.apply_chunk, []

    def cut_off(*args):
        if len(applied) == 2:
            raise sa.exc.OperationalError("", {}, Exception("the plug was pulled"))
        applied.append(1)
        return apply_chunk(*args)

    monkeypatch.setattr(intake, "apply_chunk", cut_off)
    stopped = counts(forty(), code=1)
    assert (stopped["new"], stopped["applied"]) == (20, False)
    assert "the plug was pulled" in stopped["errors"][0]["message"]
    assert (sizes()["application"], run_states()) == (20, ["failed"])
    monkeypatch.setattr(intake, "apply_chunk", apply_chunk)
    rest = counts(forty())
    assert (rest["new"], rest["changed"], rest["same"], rest["applied"]) == (20, 0, 20, True)
    assert (sizes()["application"], run_states()) == (40, ["failed", "finished"])


def test_an_import_that_stops_part_way_says_what_stays(run, chunks_of, monkeypatch):
    chunks_of(10)
    apply_chunk = intake.apply_chunk

    def spoil(employer_id, rows, now):
        spoilt = [long_ago(row) if row.new.email == "told25@x.test" else row for row in rows]
        return apply_chunk(employer_id, spoilt, now)

    monkeypatch.setattr(intake, "apply_chunk", spoil)
    stopped = run(forty(), code=1).stderr.splitlines()
    assert stopped[:2] == [
        "Error: The import stopped part-way, 1 error:",
        "  row 27: The day must not be before 2000.",
    ]
    assert stopped[2].startswith("What was applied before that stays: 20 added, 0 changed. Run")
    assert len(stopped) == 3
    assert sizes()["application"] == 20


def test_a_candidate_typed_in_at_the_same_moment_is_found_the_second_time(
    counts, chunks_of, monkeypatch
):
    chunks_of(40)
    apply_chunk, tries = intake.apply_chunk, []

    def collide(*args):
        tries.append(1)
        applied = apply_chunk(*args)
        if len(tries) == 1:
            raise sa.exc.IntegrityError("", {}, Exception("duplicate key"))
        return applied

    monkeypatch.setattr(intake, "apply_chunk", collide)
    assert counts(forty())["new"] == 40
    assert len(tries) == 2


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_others_work_on_while_a_chunk_is_applied(app, make):
    """On PostgreSQL; SQLite has one writer at a time."""
    acme = make.employer()
    intake.apply_chunk(acme.id, check(table({}), now=utcnow()).distinct, utcnow())
    with db.engine.begin() as other:
        other.execute(sa.text("SET LOCAL lock_timeout = '2s'"))
        values = {"employer_id": acme.id, "title": "Lead", "role_family": "other"}
        other.execute(sa.insert(Requisition).values(values))
    db.session.commit()
    assert db.session.scalar(sa.select(sa.func.count(Requisition.id))) == 2


def test_two_imports_at_once_do_not_double(app, make, database_url):
    acme = make.employer()
    people = [{"email": f"{number}@x.test"} for number in range(60)]
    apply(acme, table(*people, role="Lead"))  # no unique constraint helps: everybody is known
    rows = check(table(*people, **rejected()), now=utcnow()).distinct
    employer_id, now, start, done = acme.id, utcnow(), threading.Barrier(2), []
    db.session.commit()

    def work():
        with app.app_context():
            for at in range(0, 60, 20):
                start.wait(20)
                done.append(intake.apply_chunk(employer_id, rows[at : at + 20], now))
                db.session.commit()
            db.session.remove()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [(total.new + total.same, total.changed) for total in done] == [(20, 0)] * 6
    assert sum(total.new for total in done) == 60
    assert (sizes()["application"], sizes()["decision"], sizes()["notice"]) == (120, 60, 60)


@pytest.mark.storm
def test_ten_thousand_rows_are_imported_within_minutes(counts, database_url):
    """One, and on SQLite two, of which more than half is left to others by gaps between chunks."""
    goal = timedelta(minutes=2 if database_url.startswith("sqlite") else 1)
    rows = [
        rejected(
            5 + n % 300, n % 4, external_id=f"A{n}", email=f"{n}@x.test", role=f"Role {n % 40}"
        )
        for n in range(10_000)
    ]
    started = utcnow()
    assert counts(table(*rows))["new"] == 10_000
    print(f"{database_url[:6]}: {(utcnow() - started).seconds} s")
    assert utcnow() - started < 3 * goal
