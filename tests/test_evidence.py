"""The evidence record: what was owed when somebody was told, in which words, how long it stays."""

import csv
import io
import json
import tracemalloc
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
import time_machine

from portal import exports, hiring, jobs, privacy
from portal.exports import Export, Format, dictionary
from portal.extensions import db
from portal.letters import Text
from portal.models import (
    Application,
    Candidate,
    Channel,
    ClockPreset,
    Decision,
    Delivery,
    Email,
    EmailState,
    Feedback,
    Notice,
    Outcome,
    Requisition,
    utcnow,
)
from tests.support.statements import noting_statements
from tests.test_exports import HOSTILE, parsed_csv, sheet, written
from tests.test_retention import AFTER_12, AFTER_36, retire_at, told_long_ago
from tests.web.candidates import Visitor, words_of
from tests.web.staff import Person
from tests.web.test_status import LETTER, delay, path_of, settle

NAMES = list(dictionary()[Export.EVIDENCE])


def lines(employer) -> list[dict]:
    rows = exports.read_rows(employer, Export.EVIDENCE)
    return [dict(zip(NAMES, row, strict=True)) for row in rows]


def test_every_telling_is_a_line_with_what_was_owed_then(make, acme, smtp):
    now = utcnow()
    application = make.application(acme, name="Zelda Quartz", external_id="ats-1")
    (empty,) = lines(acme)
    assert (empty["name"], empty["number"], empty["kind"]) == ("Zelda Quartz", "ats-1", None)
    assert (empty["owed_on"], empty["mail"], empty["told_on"]) == (None, None, None)
    note = delay(application, now, 9)
    settle(note, EmailState.SENT, now)
    hiring.record_decision(application, Outcome.REJECTED, now - timedelta(days=4), now)
    decision = hiring.standing_decision(application)
    owed_on, owed_under = hiring.owed_now(application)
    assert owed_under == "own"
    letter = hiring.tell_now(application, decision, LETTER, now, feedback=Feedback.GENERAL)
    db.session.commit()
    (_, waiting) = lines(acme)
    assert (waiting["told_on"], waiting["mail"]) == (None, "queued")
    assert waiting["owed_on"] == owed_on
    settle(letter, EmailState.SENT, now)
    acme.clock_preset = ClockPreset.ONTARIO  # afterwards: the record says what held then
    email = db.session.scalars(sa.select(Email).where(Email.notice_id == letter.id)).one()
    email.delivery, email.delivery_at = Delivery.DELIVERED, now
    db.session.commit()
    later = hiring.record_told(application, decision, Channel.PHONE, now, now)
    db.session.commit()
    first, second, third = lines(acme)
    assert (first["kind"], first["outcome"], first["decision"]) == ("delay", None, None)
    assert first["next_on"] == note.next_on
    assert second | {
        "kind": "decision", "outcome": "rejected", "decision": "stands", "channel": "email",
        "known_by": "verified", "feedback": "general", "owed_on": owed_on, "owed_under": "own",
        "subject": LETTER.subject, "words": LETTER.body, "mail": "sent", "delivery": "delivered",
        "accepted_at": now.isoformat(timespec="seconds"), "told_on": now.date(),
    } == second  # fmt: skip
    assert (third["known_by"], third["owed_on"], third["owed_under"]) == ("recorded", None, None)
    assert later.told_at


def test_a_telling_that_came_back_was_owed_nothing_and_a_new_one_is_owed_anew(make, acme):
    now = utcnow()
    application = make.decided(acme, days_ago=3)
    decision = hiring.standing_decision(application)
    owed = hiring.owed_now(application)
    letter = hiring.tell_now(application, decision, LETTER, now)
    settle(letter, EmailState.SENT, now)
    assert (letter.owed_on, letter.owed_under) == owed
    settle(letter, EmailState.FAILED, now)
    assert (letter.told_at, letter.owed_on, letter.owed_under) == (None, None, None)
    called = hiring.record_told(application, decision, Channel.PHONE, now, now)
    assert (called.owed_on, called.owed_under) == owed
    settle(letter, EmailState.SENT, now)
    assert letter.owed_on is None, "they had been told by then"


def test_decisions_replaced_and_taken_back_are_said_so(make, acme):
    now = utcnow()
    replaced, taken_back = make.told(acme), make.told(acme)
    hiring.record_decision(replaced, Outcome.HIRED, now, now)
    hiring.retract_decision(taken_back, now)
    db.session.commit()
    assert [(one["decision"], one["outcome"]) for one in lines(acme)] == [
        ("replaced", "rejected"),
        ("taken_back", "rejected"),
    ]


def test_nothing_in_it_is_a_formula(make, acme):
    now = utcnow()
    for text in HOSTILE:
        application = make.decided(acme, name=text, role=text)
        decision = hiring.standing_decision(application)
        settle(hiring.tell_now(application, decision, Text(text, text), now), EmailState.SENT, now)
    header, *rows = parsed_csv(written(acme, Export.EVIDENCE))
    assert header == NAMES
    assert len(rows) == len(HOSTILE)
    assert not [cell for row in rows for cell in row if cell[:1] in "=+-@\t\r" and cell]
    header, *rows = sheet(written(acme, Export.EVIDENCE, Format.XLSX), 1)
    assert [row[0] for row in rows] == HOSTILE
    first = json.loads(written(acme, Export.EVIDENCE, Format.JSONL).splitlines()[0])
    assert first["words"] == HOSTILE[0]


def test_another_employers_record_is_not_in_it(make, acme):
    globex = make.employer("globex")
    make.told(globex)
    assert lines(acme) == []
    assert len(lines(globex)) == 1


def many(employer, number: int) -> None:
    """NUMBER applications, told by letters of 2,000 characters."""
    now = utcnow()
    role = Requisition(employer_id=employer.id, title="Engineer")
    db.session.add(role)
    db.session.flush()
    day = now.date()
    for table, row in (
        (Candidate, {"name": "W" * 200, "locale": "en", "is_contactable": True}),
        (
            Application,
            {
                "requisition_id": role.id, "stage": "", "stage_group": "screen",
                "stage_entered_on": day, "created_at": now, "outcome": "rejected",
                "decided_at": now, "decided_on": day, "told_at": now, "told_on": day,
                "channel": "email", "feedback": "none",
            },
        ),
        (Decision, {"outcome": "rejected", "reason": "", "decided_at": now, "is_retracted": False}),
        (
            Notice,
            {
                "kind": "decision", "channel": "email", "evidence": "recorded",
                "feedback": "none", "told_at": now, "is_undelivered": False, "subject": "News",
                "body": "x" * 2000, "created_at": now,
            },
        ),
    ):  # fmt: skip
        keys = {Application: ("candidate_id",), Decision: ("application_id",)}
        keys[Notice] = ("application_id", "decision_id")
        rows = [
            row | {"id": n, "employer_id": employer.id} | dict.fromkeys(keys.get(table, ()), n)
            for n in range(1, number + 1)
        ]
        db.session.execute(sa.insert(table), rows)
    db.session.commit()


@pytest.mark.long
def test_ten_thousand_lines_are_streamed_in_one_statement(acme):
    many(acme, 10_000)
    tracemalloc.start()
    with noting_statements() as statements:
        count = sum(1 for _ in exports.read_rows(acme, Export.EVIDENCE))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 10_000
    assert len(statements) <= 2, "the employer, and all lines"
    assert peak < 16_000_000, "not all letters, which are 20 MB, at once"


def test_the_files_are_for_who_works_with_candidates_and_the_command_writes_the_same(
    app, make, cast
):
    make.told(cast.acme, name="Cam Field")
    remy, vera = Person(app).sign_in(cast.remy), Person(app).sign_in(cast.vera)
    file = remy.send("GET", "/e/acme/evidence.csv")
    assert "Cam Field" in file.get_data(as_text=True)
    assert vera.send("GET", "/e/acme/evidence.csv").status_code == 404
    assert remy.send("GET", "/e/globex/evidence.csv").status_code == 404
    db.session.commit()
    result = app.test_cli_runner().invoke(args=["export", "evidence", "--employer", "acme"])
    assert result.exit_code == 0, result.output
    assert list(csv.reader(io.StringIO(result.stdout))) == parsed_csv(file.get_data())


# -- how long it stays ----------------------------------------------------------------------------


def test_days_and_facts_outlive_the_name_for_three_years_and_then_go(app, make, acme, smtp):
    told_long_ago(make, acme)
    (before,) = lines(acme)
    assert before["owed_on"] == date(2025, 3, 17)
    retire_at(AFTER_12)
    (after,) = lines(acme)
    gone = {name for name in NAMES if before[name] != after[name]}
    assert gone == {"name", "email", "subject", "words"}
    assert (after["email"], after["subject"], after["words"]) == (None, "", "")
    retire_at(AFTER_36)
    db.session.expire_all()
    (end,) = lines(acme)
    assert (end["kind"], end["number"], end["owed_on"], end["by"]) == (None, None, None, None)
    assert db.session.scalars(sa.select(Notice)).all() == []
    assert db.session.scalars(sa.select(Decision)).all() == []
    assert db.session.scalars(sa.select(Email).where(Email.notice_id.is_not(None))).all() == []
    application = db.session.scalars(sa.select(Application)).one()
    assert application.told_on == date(2025, 3, 10), "the days stay for the counts"


def test_after_an_erasure_the_record_stays_without_the_person_as_long(app, make, cast, smtp):
    application = make.decided(cast.acme, name="Zelda Quartz", external_id="ats-1")
    now = utcnow()
    letter = Text("News for Zelda", "Dear Zelda Quartz")
    notice = hiring.tell_now(application, hiring.standing_decision(application), letter, now)
    settle(notice, EmailState.SENT, now)
    hiring.send_status_link(application, now)
    (before,) = lines(cast.acme)
    privacy.erase_person(application.candidate.email)
    db.session.commit()
    (after,) = lines(cast.acme)
    gone = {name for name in NAMES if before[name] != after[name]}
    assert gone == {"name", "email", "number", "subject", "words"}
    page = Person(app).sign_in(cast.remy).get(f"/e/acme/applications/{application.id}/record")
    assert "Not chosen · By email" in words_of(page)
    assert "Handed to the mail server" in words_of(page)
    assert "Zelda" not in str(page)
    with time_machine.travel(now + timedelta(days=365 * 3 - 5), tick=False):
        jobs.retire(utcnow())
        assert lines(cast.acme) == [after]
    with time_machine.travel(now + timedelta(days=365 * 3 + 3), tick=False):
        jobs.retire(utcnow())
    db.session.expire_all()
    (end,) = lines(cast.acme)
    assert (end["kind"], end["told_on"]) == (None, None)
    assert db.session.scalars(sa.select(Email).where(Email.kind == "status_link")).all() == []
    page = Person(app).sign_in(cast.remy).get(f"/e/acme/applications/{application.id}/record")
    assert "Nothing so far." in words_of(page)


def test_who_asked_lately_is_not_let_go_of_and_the_closure_log_says_when(app, make, acme, smtp):
    application = told_long_ago(make, acme)
    with time_machine.travel(AFTER_12 - timedelta(days=1), tick=False):
        application.news_asked_at = utcnow()
        db.session.commit()
    assert retire_at(AFTER_12) == 0
    (row,) = exports.read_rows(acme, Export.CLOSURE)
    names = list(dictionary()[Export.CLOSURE])
    assert dict(zip(names, row, strict=True))["news_asked_on"] == date(2026, 3, 9)


@pytest.mark.parametrize("name", ["", "W" * 200, "محمد", "<script>alert(1)</script>"])
def test_the_page_says_what_the_file_says(app, make, cast, smtp, name):
    application = make.decided(cast.acme, name=name, role=name or "Engineer", days_ago=3)
    now, remy = utcnow(), Person(app).sign_in(cast.remy)
    home = f"/e/acme/applications/{application.id}/record"
    assert "Nothing so far." in words_of(remy.get(home))
    Visitor(app).post(path_of(application))
    letter = Text(name or "News", f"Dear {name},\n=1+1")
    notice = hiring.tell_now(application, hiring.standing_decision(application), letter, now)
    settle(notice, EmailState.FAILED, now)
    page = words_of(remy.get(home))
    assert "Told not told" in page
    assert "Not sent" in page
    assert "Owed now by" in page
    assert "(your own promise after a decision)" in page
    assert "=1+1" in page
    settle(notice, EmailState.SENT, now)
    page = words_of(remy.get(home))
    assert "Owed then by" in page
    assert "Delivery not known" in page, "taken by the mail server is all that is known"
    assert "Owed now nothing" in page
    assert "Asked for news not on their page" not in page
