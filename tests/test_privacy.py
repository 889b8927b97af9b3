"""One person's data: what is handed out, and what is left after an erasure (faults 28)."""

import contextvars
import json
import os
import signal
import stat
import subprocess
import sys
import threading
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine

from portal import hiring, invitations, jobs, links, outbox, privacy, reputation, schema
from portal.config import ROOT
from portal.extensions import db
from portal.letters import LETTERS_FOR, Placeholders, write_letter
from portal.mail_kinds import KINDS
from portal.models import (
    Application,
    AuditEvent,
    Email,
    EmailState,
    Invitation,
    InvitationState,
    Locale,
    Outcome,
    ReasonCode,
    Role,
    SealedAnswer,
    SkipReason,
    StageChange,
    Suppression,
    SuppressionReason,
    utcnow,
)
from portal.privacy.persons import rows_about
from tests.conftest import Browser
from tests.mail.conftest import configure
from tests.support.answers import answer
from tests.support.statements import noting_statements
from tests.web.candidates import Visitor, whole_database, words_of

NAME, ADDRESS = "Zelda Quartz", "zelda.quartz@example.net"
SPELT = "Zelda.Quartz@Example.NET"
TRACES = ("zelda", "quartz", "ats-9731", "zq@old", "555 0188")


@pytest.fixture
def run(app):
    """Run a command; what it printed on standard output and on standard error."""

    def call(*words, given=None, code=0):
        db.session.commit()
        result = contextvars.Context().run(
            app.test_cli_runner().invoke, args=list(words), input=given
        )
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result.stdout, result.stderr

    return call


def letter(name=NAME):
    words = Placeholders(name, "Engineer", "Acme", "Remy", "1 May 2027")
    return write_letter(LETTERS_FOR[Outcome.REJECTED][0], Locale.ENGLISH, words)


def live(make, employer, address=ADDRESS, name=NAME, external_id="ats-9731"):
    """An application with everything that can hang on one: told, asked, reminded, moved on."""
    application = make.decided(
        employer,
        days_ago=5,
        name=name,
        email=address,
        phone="+1 613 555 0188" if name == NAME else None,
        external_id=external_id,
        stage=f"Talk with {name}",
    )
    now = utcnow()
    hiring.record_decision(
        application,
        Outcome.REJECTED,
        now,
        now,
        reason=f"{name} was not the one",
        next_step=f"{name} may ask again",
        reason_code=ReasonCode.OTHER,
    )
    db.session.add(
        StageChange(
            employer_id=employer.id,
            application_id=application.id,
            stage=f"Call {name}",
            entered_on=now.date(),
        )
    )
    hiring.tell_now(application, hiring.standing_decision(application), letter(name), now)
    db.session.commit()
    return application


def told_and_asked(make, employer, smtp, **person):
    """The same, after the worker: the token in the survey email is returned too."""
    application = live(make, employer, **person)
    before = len(smtp)
    jobs.run_until_idle()
    tokens = [
        text.split("/s/")[1][:26]
        for message in smtp[before:]
        if "/s/" in (text := message.get_body(("plain",)).get_content())
    ]
    return application, tokens[0]


def erase(address=ADDRESS, employer=None):
    held = privacy.erase_person(address, employer)
    db.session.commit()
    return held


def traces(*words):
    """The tables in which one of WORDS stands, in any spelling of case."""
    rows = whole_database()
    return sorted(
        {
            name
            for name, found in rows.items()
            for word in words
            if any(word.lower() in row.lower() for row in found)
        }
    )


def standing(emails=None):
    db.session.rollback()
    return {
        (email.kind, email.state.value, email.reason)
        for email in db.session.scalars(sa.select(Email))
    }


def test_nothing_of_an_erased_person_is_found_in_any_table_nor_in_the_file(
    app, make, acme, smtp, database_url
):
    globex = make.employer("globex")
    _, token = told_and_asked(make, acme, smtp)
    told_and_asked(make, globex, smtp, address=SPELT, external_id="ats-9731-b")
    cam = {"address": "cam@example.net", "name": "Cam", "external_id": None}
    others, _ = told_and_asked(make, acme, smtp, **cam)
    live(make, globex, address=SPELT, external_id=None)  # its mail is still queued
    is_cams = Email.to_address == cam["address"]
    db.session.execute(sa.update(Email).where(~is_cams).values(relay_text=f"250 for {NAME}"))
    db.session.commit()
    hashes = links.invitation_hashes(token)
    assert len(traces(*TRACES)) == 6  # application, candidate, decision, email, notice, stages
    assert traces(*hashes) == ["invitation_token"]
    held = erase(SPELT.upper())

    assert [(one.employer, one.applications, one.notices) for one in held] == [
        ("acme", 1, 1),
        ("globex", 2, 2),
    ]
    assert traces(*TRACES, *hashes, token) == []
    assert {"candidate", "email", "notice"} <= set(
        traces("cam@example.net", "dear cam", "hello cam")
    )
    db.session.rollback()
    assert db.session.get(Application, others.id).candidate.name == "Cam"
    db.session.rollback()
    if database_url.startswith("sqlite"):
        assert schema.clear_log()
        path = database_url.removeprefix("sqlite:///")
        for name in (path, path + "-wal"):
            content = Path(name).read_bytes().lower() if os.path.exists(name) else b""
            assert [word for word in TRACES if word.encode() in content] == [], name


def test_the_answer_stays_and_the_link_leads_nowhere(app, make, acme, smtp):
    _, token = told_and_asked(make, acme, smtp)
    answer(token)
    db.session.commit()
    before = db.session.execute(sa.select(SealedAnswer.key, SealedAnswer.sealed)).all()
    assert len(before) == 1
    visitor = Visitor(app)
    assert "change" in words_of(visitor.get(f"/s/{token}")).lower()
    erase()
    assert db.session.execute(sa.select(SealedAnswer.key, SealedAnswer.sealed)).all() == before
    db.session.rollback()
    unknown = words_of(visitor.get("/s/" + "a" * 26, 404))
    for method, path in (("GET", ""), ("POST", ""), ("GET", "/withdraw"), ("POST", "/fresh")):
        response = visitor.send(method, f"/s/{token}{path}")
        assert (response.status_code, words_of(response.page)) == (404, unknown)
    opt_out = links.unsubscribe_url(acme.id, ADDRESS).removeprefix("http://127.0.0.1:5000")
    assert "no more survey" in words_of(visitor.get(opt_out)).lower()


def test_counts_and_habits_are_the_same_after_an_erasure(app, make, acme, smtp):
    told_and_asked(make, acme, smtp)
    for _ in range(3):
        make.told(acme)
    jobs.run_until_idle()

    def counted():
        db.session.rollback()
        employer = db.session.merge(acme)
        reputation.rebuild(employer, utcnow(), check=False)
        columns = (Application.decided_on, Application.told_on, Application.stage_group)
        facts = db.session.execute(sa.select(*columns).order_by(Application.id)).all()
        states = db.session.execute(
            sa.select(Invitation.state, Invitation.cell, Invitation.week).order_by(Invitation.id)
        ).all()
        sent = db.session.execute(
            sa.select(Email.kind, Email.state, Email.sent_at).order_by(Email.id)
        ).all()
        rollups = whole_database()
        return facts, states, sent, rollups["rollup_week"], rollups["rollup_month"]

    with time_machine.travel(utcnow(), tick=False):
        before = counted()
        db.session.commit()
        erase()
        assert counted() == before


def test_queued_mail_is_cancelled_and_counted_and_nobody_is_asked_or_reminded(
    app, make, acme, smtp
):
    with time_machine.travel(utcnow()) as clock:
        told_and_asked(make, acme, smtp)  # asked: a reminder would be due in three days
        queued = live(make, acme, address="quartz@example.net", external_id=None)
        later = make.told(acme, days_ago=0, told_after=0, email="planned@example.net")
        invitation = make.invitation(later)
        invitation.state, invitation.due_at = InvitationState.PLANNED, utcnow() + timedelta(days=1)
        db.session.commit()
        waiting = make.told(acme, email="waiting@example.net")
        jobs.invite(utcnow())
        assert make.invitation(waiting).state is InvitationState.QUEUED
        smtp.forget()
        for address in (
            ADDRESS,
            "waiting@example.net",
            "quartz@example.net",
            "planned@example.net",
        ):
            assert erase(address)
        assert ("notice", "cancelled", "gone") in standing()
        jobs.run_until_idle()
        clock.shift(timedelta(days=4))
        jobs.run_until_idle()
        clock.shift(timedelta(days=30))
        jobs.run_until_idle()
    assert list(smtp) == []
    for application in (later, queued, waiting):
        assert make.invitation(application).skip_reason is SkipReason.NO_EMAIL
    assert traces("@example.net") == []
    assert {email.to_address for email in db.session.scalars(sa.select(Email))} == {None}
    with pytest.raises(hiring.DecisionRefused):
        hiring.tell_now(queued, hiring.standing_decision(queued), letter(), utcnow())


def test_an_email_that_is_being_sent_goes_and_its_row_stays_blank(app, make, acme, smtp):
    live(make, acme)

    def note_sending(email, now):
        # The relay has the recipient; the row is `sending` from this transaction on.
        sender.append(email.id)
        return KINDS["notice"].last_look(email, now)

    sender = []
    configure(app, MAIL_CONNECTIONS=1)
    answer = smtp.handle_DATA

    async def erasing(server, session, envelope):
        """While the text is on its way, somebody erases its person."""
        thread = threading.Thread(target=elsewhere, args=(app, ADDRESS, held))
        thread.start()
        thread.join(20)
        envelope_text = await answer(server, session, envelope)
        return f"{envelope_text} for {ADDRESS} {NAME}"

    held = []
    smtp.handle_DATA = erasing
    try:
        outbox.deliver_due({"notice": replace(KINDS["notice"], last_look=note_sending)})
    finally:
        del smtp.handle_DATA
    assert len(sender) == len(smtp) == len(held) == 1
    assert standing() == {("notice", "sent", None)}
    assert traces(*TRACES) == []


def test_mail_that_the_relay_puts_back_after_the_erasure_is_cancelled(app, make, acme, smtp):
    live(make, acme)
    email = db.session.scalars(sa.select(Email)).one()
    email.state = EmailState.SENDING
    db.session.commit()
    erase()
    assert standing() == {("notice", "sending", None)}
    db.session.execute(sa.update(Email).values(state=EmailState.QUEUED))
    db.session.commit()
    jobs.run_until_idle()
    assert standing() == {("notice", "cancelled", "gone")}
    assert list(smtp) == []


def test_nobody_is_asked_to_settle_mail_of_who_is_erased(app, make, acme, smtp):
    application = live(make, acme)
    remy = make.user("remy", acme, Role.RECRUITER)
    email = db.session.scalars(sa.select(Email)).one()
    email.state = EmailState.UNKNOWN
    db.session.commit()
    page = f"/e/acme/applications/{application.id}"
    person = Browser(app).sign_in(remy)
    assert "Send it again" in words_of(person.get(page))
    assert len(outbox.list_needing_person(KINDS)) == 1
    erase()
    assert outbox.list_needing_person(KINDS) == []
    assert "Send it again" not in words_of(person.get(page))
    with pytest.raises(outbox.CannotResend):
        outbox.resend(KINDS, db.session.get(Email, email.id), utcnow())


def elsewhere(app, address, results):
    with app.app_context():
        try:
            results.append(erase(address))
        finally:
            db.session.remove()


def test_two_who_erase_at_once_erase_once(app, make, acme, smtp):
    live(make, acme)
    db.session.commit()
    results = []
    threads = [threading.Thread(target=elsewhere, args=(app, ADDRESS, results)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(len(held) for held in results) == [0, 0, 0, 1]
    events = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "person.erased"))
    assert len(events.all()) == 1
    assert traces(*TRACES) == []


def test_an_erasure_waits_for_who_is_writing(app, make, acme, smtp):
    application = live(make, acme)
    decision = hiring.standing_decision(application)
    db.session.execute(sa.select(Application.id).with_for_update())
    held = []
    erasing = threading.Thread(target=elsewhere, args=(app, ADDRESS, held))
    erasing.start()
    erasing.join(0.5)
    hiring.tell_now(application, decision, letter(), utcnow(), seen_notice=1)
    db.session.flush()
    erasing.join(0.5)
    assert erasing.is_alive()  # the letter is not committed yet
    db.session.commit()
    erasing.join()
    assert [one.notices for one in held[0]] == [2]
    assert standing() == {("notice", "cancelled", "gone")}
    assert traces(*TRACES) == []


def tell(application):
    decision = hiring.standing_decision(application)
    hiring.tell_now(application, decision, letter(), utcnow(), seen_notice=1)


def ask_anew(application):
    opened = sa.select(Invitation).where(Invitation.application_id == application.id)
    invitations.send_fresh_link(db.session.scalars(opened).one(), utcnow())


@pytest.mark.parametrize("write", [tell, ask_anew])
def test_who_writes_during_an_erasure_leaves_nothing_behind(app, make, acme, smtp, write):
    application_id = live(make, acme).id
    db.session.commit()
    refused = []

    def write_elsewhere():
        with app.app_context():
            application = db.session.get(Application, application_id)
            shown = application.candidate  # as the page has it
            assert shown.name
            try:
                write(application)
                db.session.commit()
            except (hiring.DecisionRefused, invitations.NoFreshLink) as error:
                refused.append(error)
            db.session.remove()

    privacy.erase_person(ADDRESS)
    writing = threading.Thread(target=write_elsewhere)
    writing.start()
    writing.join(0.5)
    assert writing.is_alive()
    db.session.commit()
    writing.join()
    assert len(refused) == 1
    assert traces(*TRACES) == []


KILLED = """
import os, pathlib, signal, sys
import sqlalchemy as sa
from portal import privacy
from portal.extensions import db
from tests.conftest import make_app
app = make_app(sys.argv[1], INSTANCE_PATH=pathlib.Path(sys.argv[2]))
with app.app_context():
    @sa.event.listens_for(db.engine, "commit")
    def die(_connection):
        os.kill(os.getpid(), signal.SIGKILL)
    privacy.erase_person(sys.argv[3])
    db.session.commit()
"""


def test_it_is_one_transaction(app, make, acme, smtp):
    live(make, acme)
    before = whole_database()
    assert privacy.erase_person(ADDRESS)
    db.session.rollback()
    assert whole_database() == before


@pytest.mark.long
def test_killed_before_the_commit_nothing_is_erased(app, make, acme, smtp, database_url, tmp_path):
    live(make, acme)
    before = whole_database()
    words = [sys.executable, "-c", KILLED, database_url, str(tmp_path), ADDRESS]
    died = subprocess.run(words, cwd=ROOT, check=False, timeout=120)
    assert died.returncode == -signal.SIGKILL
    assert whole_database() == before
    assert erase()
    assert traces(*TRACES) == []


def test_an_import_says_whom_it_brings_back(run, make, acme, tmp_path):
    live(make, acme)
    erase()
    file = tmp_path / "candidates.csv"
    file.write_text(f"name,email,role\nCam,cam@example.net,Engineer\n{NAME},{SPELT},Engineer\n")
    out, _ = run("import", str(file), "--employer", "acme", "--dry-run")
    assert "Erased here before" in out
    assert "(row 3)" in out
    run("import", str(file), "--employer", "acme")
    again, _ = run("import", str(file), "--employer", "acme")
    assert "Erased here before" not in again  # they are held again: nothing is brought back


def test_an_import_counts_nobody_twice_who_was_erased(run, make, acme, tmp_path):
    today = utcnow().date()
    file = tmp_path / "candidates.csv"

    def bring(decided_on) -> str:
        row = f"{NAME},{SPELT},Engineer,rejected,{decided_on},{decided_on}\n"
        file.write_text("name,email,role,outcome,decided_on,told_on\n" + row)
        out, _ = run("import", str(file), "--employer", "acme")
        return out

    bring(today - timedelta(days=9))
    erase()
    assert "Erased here since that decision" in bring(today - timedelta(days=9))
    assert db.session.scalar(sa.select(sa.func.count(Application.id))) == 1
    assert traces("zelda") == []


def test_it_takes_as_many_statements_for_many_rows_as_for_few(app, make, acme, smtp):
    live(make, acme)
    with noting_statements() as few:
        exported = privacy.export_person(ADDRESS)
        erase()
    assert len(exported["records"][0]["applications"]) == 1
    for number in range(8):
        live(make, acme, external_id=f"ats-{number}")
        make.told(acme)
    with noting_statements() as many:
        exported = privacy.export_person(ADDRESS)
        erase()
    assert len(exported["records"][0]["applications"]) == 8
    assert len(many) == len(few)


def test_a_file_imported_again_brings_the_person_but_no_survey(app, make, acme, smtp):
    live(make, acme)
    erase()
    smtp.forget()
    again = make.told(acme, name=NAME, email=SPELT, external_id="ats-9731", days_ago=3)
    jobs.run_until_idle()
    assert make.invitation(again).skip_reason is SkipReason.OPTED_OUT
    assert list(smtp) == []
    hiring.tell_now(again, hiring.standing_decision(again), letter(), utcnow())
    db.session.commit()
    jobs.run_until_idle()  # what they are owed still reaches them
    assert [message["To"] for message in smtp] == [SPELT.replace("Example.NET", "example.net")]
    assert traces("zelda")
    erase()
    assert traces(*TRACES) == []


def test_one_employers_erasure_leaves_the_other_and_an_opt_out_outlives_both(app, make, acme, smtp):
    globex = make.employer("globex")
    live(make, acme)
    theirs = live(make, globex, address=SPELT)
    outbox.suppress(ADDRESS, SuppressionReason.COMPLAINT, None, "loop")
    assert [one.employer for one in erase(ADDRESS, acme)] == ["acme"]
    assert theirs.candidate.name == NAME
    rows = db.session.scalars(sa.select(Suppression).order_by(Suppression.id)).all()
    assert [(row.reason, row.employer_id, row.source) for row in rows] == [
        (SuppressionReason.COMPLAINT, None, "loop"),
        (SuppressionReason.OPT_OUT, acme.id, "erasure"),
    ]
    assert erase(ADDRESS, acme) == []
    assert len(erase(ADDRESS)) == 1
    assert outbox.find_suppression(ADDRESS, globex.id, is_survey=True)


def test_captured_files_go_with_their_person(app, make, acme, tmp_path):
    configure(app, MAIL_SERVER="")
    live(make, acme)
    live(make, acme, address="cam@example.net", name="Cam", external_id=None)
    jobs.run_until_idle()
    folder = tmp_path / "outbox"
    assert len(list(folder.iterdir())) == 2
    erase()
    (left,) = folder.iterdir()
    assert b"Cam" in left.read_bytes()


def test_the_desk_asks_nobody_to_tell_who_was_erased(make, acme):
    for tab, make_one in ((hiring.Tab.NOT_TOLD, make.decided), (hiring.Tab.OPEN, make.application)):
        make_one(acme, email=ADDRESS, role=tab.value)
        other = make_one(acme, role=tab.value)
        privacy.erase_person(ADDRESS)
        desk = hiring.open_desk(acme, hiring.Filter(date.today(), tab))
        assert desk.page.applications == [other]
    assert hiring.count_waiting(acme, date.today()).untold == 1
    assert desk.counts[hiring.Tab.ALL] == 4


def test_nothing_more_is_written_of_who_was_erased(make, acme):
    application = make.application(acme, email=ADDRESS)
    privacy.erase_person(ADDRESS)
    with pytest.raises(hiring.DecisionRefused, match="was erased"):
        hiring.record_decision(
            application, Outcome.REJECTED, utcnow(), utcnow(), reason="Zelda Quartz was rude"
        )


def test_every_email_is_found_by_whom_it_is_about():
    """Mail about a new kind of row must be found when that row's person is erased."""
    leads_to = {key.parent for key in Email.__table__.foreign_keys}
    of_staff = {
        Email.__table__.c[name] for name in ("employer_id", "user_id", "team_invitation_id")
    }
    asked = set(sa.sql.visitors.iterate(rows_about([])[Email]))
    assert leads_to - of_staff
    assert leads_to - of_staff - asked == set()


def test_the_export_holds_everything_but_keys_and_answers(app, make, acme, smtp):
    _, token = told_and_asked(make, acme, smtp)
    words = "They called me back the same day"
    answer(token, comment=words)
    outbox.suppress(ADDRESS, SuppressionReason.DO_NOT_EMAIL, acme.id, "ats")
    db.session.commit()
    found = json.loads(json.dumps(privacy.export_person(SPELT)))
    (record,) = found["records"]
    (entry,) = record["applications"]
    assert (record["name"], record["email"]) == (NAME, ADDRESS)
    assert record["phone"] == "+1 613 555 0188"
    assert record["employer"] == {"slug": "acme", "name": "Acme"}
    assert (entry["title"], entry["external_id"]) == ("Engineer", "ats-9731")
    assert [row["reason"] for row in entry["decisions"]] == ["", f"{NAME} was not the one"]
    assert [row["reason_code"] for row in entry["decisions"]] == [None, "other"]
    assert entry["decisions"][1]["next_step"] == f"{NAME} may ask again"
    assert NAME in entry["notices"][0]["body"]
    assert entry["notices"][0]["told_at"]
    assert entry["stages"][0]["stage"] == f"Call {NAME}"
    assert entry["invitations"][0]["is_answered"] is True
    assert [(row["kind"], row["state"]) for row in entry["emails"]] == [
        ("notice", "sent"),
        ("invite", "sent"),
    ]
    assert {row["to_address"] for row in entry["emails"]} == {ADDRESS}
    assert {row["action"] for row in entry["log"]} >= {"application.added", "decision.recorded"}
    assert [(row["reason"], row["employer"]) for row in found["stopped_mail"]] == [
        ("do_not_email", "acme")
    ]
    text = json.dumps(found)
    secrets = (words, token, *links.invitation_hashes(token), *links.answer_keys(token))
    assert [secret for secret in secrets if secret in text] == []
    assert "Answers to surveys are not in this file" in found["read_first"][0]


def test_the_command_writes_a_file_for_its_owner_alone(run, make, acme, tmp_path):
    live(make, acme)
    target = tmp_path / "zelda.json"
    assert run("person", "export", ADDRESS, "--output", str(target)) == ("", "")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert json.loads(target.read_text(encoding="utf-8"))["records"][0]["name"] == NAME
    out, _ = run("person", "export", SPELT, "--employer", "acme", "--json")
    assert len(out.strip().splitlines()) == 1
    assert json.loads(out)["address"] == "Zelda.Quartz@example.net"


def test_the_command_asks_first_and_says_what_it_did(run, make, acme):
    live(make, acme)
    _, asked = run("person", "erase", ADDRESS, given="n\n", code=1)
    assert "acme: 1 application, 1 notice, 1 email." in asked
    assert "What they answered stays" in asked
    assert traces("zelda")
    out, _ = run("person", "erase", SPELT, given="y\n")
    assert "acme: 1 application, 1 notice, 1 email." in out
    assert traces(*TRACES) == []
    _, error = run("person", "erase", ADDRESS, "--yes", code=1)
    assert error.strip() == f"Error: Nobody here has the address {ADDRESS}."
    kept = json.loads(run("person", "export", ADDRESS)[0])
    assert kept["records"] == []
    assert kept["stopped_mail"][0]["source"] == "erasure"


def test_the_command_reports_as_json_and_refuses_in_one_line(run, make, acme):
    live(make, acme, address="remy@example.com")
    make.user("remy", acme, Role.RECRUITER)
    out, _ = run("person", "erase", "remy@example.com", "--employer", "acme", "--yes", "--json")
    assert json.loads(out) == {
        "erased": [{"employer": "acme", "applications": 1, "notices": 1, "emails": 1}],
        "log_cleared": True,
        "signs_in_as_user": True,
    }
    for words, named in (
        (("person", "erase", "nobody@example.net", "--yes"), "Nobody here"),
        (("person", "export", "nobody@example.net", "--employer", "acme"), "Nobody of acme"),
        (("person", "erase", "no address", "--yes"), "email"),
        (("person", "erase", ADDRESS, "--employer", "nowhere", "--yes"), "nowhere"),
    ):
        _, error = run(*words, code=1)
        assert named in error
        assert len(error.strip().splitlines()) == 1
