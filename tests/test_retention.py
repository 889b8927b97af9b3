"""Who is let go of, when, and what stays: after a year without the name, after three the number."""

import threading
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask_migrate import downgrade, upgrade

from portal import hiring, invitations, jobs, outbox, privacy, reputation, surveys
from portal.config import Config, ConfigError
from portal.extensions import db
from portal.jobs import chunks
from portal.letters import Text
from portal.models import (
    RETIRED,
    Application,
    AuditEvent,
    Candidate,
    Channel,
    DataRequest,
    DataWish,
    Email,
    EmailState,
    InvitationState,
    Locale,
    Outcome,
    StageChange,
    utcnow,
)
from portal.privacy.retention import months_before
from tests.mail.conftest import configure
from tests.support.answers import read
from tests.support.statements import noting_statements
from tests.web.candidates import Visitor, whole_database, words_of

NAME, ADDRESS = "Zelda Quartz", "zelda.quartz@example.net"
TRACES = ("zelda", "quartz", "555 0188")
NUMBER = "ats-9731"
LONG_AGO = datetime.fromisoformat("2025-03-10T12:00:00+00:00")
AFTER_12 = datetime.fromisoformat("2026-03-10T00:30:00+00:00")
AFTER_36 = datetime.fromisoformat("2028-03-10T00:30:00+00:00")
REMOVED = RETIRED.format("12 months")


def told_long_ago(make, employer, **facts):
    """Decided, told by email, asked, answered by nobody; all on the day LONG_AGO."""
    values = {"name": NAME, "email": ADDRESS, "external_id": NUMBER, "stage": f"Talk with {NAME}"}
    with time_machine.travel(LONG_AGO, tick=False):
        values |= {"phone": "+1 613 555 0188", "last_interview_on": date(2025, 3, 3)}
        made = values | facts
        application = make.application(employer, **made)
        db.session.add(
            StageChange(
                employer_id=employer.id,
                application_id=application.id,
                stage=f"Call {NAME}",
                entered_on=date(2025, 3, 4),
            )
        )
        now = utcnow()
        hiring.record_decision(application, Outcome.REJECTED, now, now, reason=f"{NAME} was late")
        decision = hiring.standing_decision(application)
        hiring.tell_now(application, decision, Text("News", f"Dear {NAME}"), now)
        db.session.commit()
        jobs.settle(now)
        jobs.deliver()
        jobs.settle(now)
        jobs.invite(now)
        jobs.deliver()
        jobs.settle(now)
        db.session.commit()
    assert application.told_on == LONG_AGO.date()
    return application


def retire_at(moment):
    with time_machine.travel(moment, tick=False):
        return jobs.retire(utcnow())


def traces(*words):
    return sorted(
        name
        for name, rows in whole_database().items()
        if any(word in row.lower() for row in rows for word in words)
    )


def fresh(application):
    db.session.rollback()
    return db.session.get(Application, application.id, populate_existing=True)


@pytest.mark.parametrize(
    ("day", "months", "earlier"),
    [
        ("2026-03-10", 12, "2025-03-10"),
        ("2026-01-31", 1, "2025-12-31"),
        ("2026-03-31", 1, "2026-02-28"),
        ("2028-02-29", 12, "2027-02-28"),
        ("2026-12-15", 36, "2023-12-15"),
        ("2026-12-15", 12, "2025-12-15"),
    ],
)
def test_months_are_months_of_the_calendar(day, months, earlier):
    assert months_before(date.fromisoformat(day), months) == date.fromisoformat(earlier)


def test_the_name_goes_after_12_months_to_the_day_and_the_number_after_36(
    app, make, acme, smtp, database_url
):
    application = told_long_ago(make, acme)
    told = (application.decided_on, application.told_on, application.channel)
    assert len(traces(*TRACES)) == 6  # application, candidate, decision, email, notice, stages
    assert retire_at(AFTER_12 - timedelta(hours=1)) == 0  # still the ninth of March
    assert retire_at(AFTER_12) == 1
    assert traces(*TRACES) == []
    held = fresh(application)
    assert (held.candidate.name, held.candidate.email) == (REMOVED, None)
    assert held.candidate.blanked_on == AFTER_12.date()
    assert held.candidate.quiet_since == LONG_AGO.date()
    assert (held.decided_on, held.told_on, held.channel) == told
    assert held.external_id == NUMBER
    states = db.session.execute(sa.select(Email.kind, Email.state).order_by(Email.id)).all()
    assert [tuple(row) for row in states] == [("notice", "sent"), ("invite", "sent")]
    assert retire_at(AFTER_12) == 0
    assert retire_at(AFTER_36 - timedelta(hours=1)) == 0
    assert fresh(application).external_id == NUMBER
    assert retire_at(AFTER_36) == 1
    assert traces(NUMBER) == []
    held = fresh(application)
    assert (held.candidate.quiet_since, held.candidate.name) == (None, REMOVED)
    assert (held.decided_on, held.told_on, held.channel) == told
    assert retire_at(AFTER_36) == 0
    db.session.rollback()
    if database_url.startswith("sqlite"):
        path = Path(database_url.removeprefix("sqlite:///"))
        logged = path.with_name(path.name + "-wal")
        content = path.read_bytes() + (logged.read_bytes() if logged.exists() else b"")
        assert [word for word in TRACES if word.encode() in content.lower()] == []


def test_both_go_at_once_of_what_was_over_before_the_upgrade(app, make, acme, smtp):
    application = told_long_ago(make, acme)
    assert retire_at(AFTER_36) == 2
    assert fresh(application).external_id is None
    assert traces(*TRACES, NUMBER) == []


def test_the_settings_say_how_long(app, make, acme, smtp):
    application = told_long_ago(make, acme)
    configure(app, KEEP_PERSONAL_MONTHS=24, KEEP_RECORD_MONTHS=24)
    assert retire_at(AFTER_12 + timedelta(days=300)) == 0
    assert retire_at(AFTER_12 + timedelta(days=365)) == 2
    held = fresh(application)
    assert (held.candidate.name, held.external_id) == ("Name removed after 24 months", None)


def test_settings_that_contradict_each_other_are_refused(monkeypatch):
    monkeypatch.setenv("KEEP_PERSONAL_MONTHS", "24")
    monkeypatch.setenv("KEEP_RECORD_MONTHS", "23")
    with pytest.raises(ConfigError, match="KEEP_RECORD_MONTHS"):
        Config.from_env()
    monkeypatch.setenv("KEEP_RECORD_MONTHS", "24")
    assert Config.from_env().KEEP_PERSONAL_MONTHS == 24
    monkeypatch.setenv("KEEP_PERSONAL_MONTHS", "37")
    with pytest.raises(ConfigError, match="KEEP_PERSONAL_MONTHS"):
        Config.from_env()


def test_one_month_is_said_as_one(app, make, acme, smtp):
    application = told_long_ago(make, acme)
    configure(app, KEEP_PERSONAL_MONTHS=1)
    # Asked on the tenth of March: for 180 days they must be known, or they were asked again.
    assert retire_at(LONG_AGO + timedelta(days=179)) == 0
    assert retire_at(LONG_AGO + timedelta(days=181)) == 1
    assert fresh(application).candidate.name == "Name removed after 1 month"


def leave_open(make, acme, application):
    make.application(acme, name=NAME, email=ADDRESS, role="Chef")


def leave_untold(make, acme, application):
    make.decided(acme, name=NAME, email=ADDRESS, role="Chef")


def retract(make, acme, application):
    hiring.retract_decision(application, utcnow())


def in_state(state, kind="notice"):
    def change(make, acme, application):
        db.session.execute(sa.update(Email).where(Email.kind == kind).values(state=state))

    return change


def still_to_ask(make, acme, application):
    invitation = make.invitation(application)
    invitation.state = InvitationState.PLANNED


def ask_for_data(make, acme, application):
    owner = {"employer_id": acme.id, "candidate_id": application.candidate_id}
    db.session.add(DataRequest(**owner, wish=DataWish.SEE, asked_at=AFTER_12 - timedelta(days=9)))


def plan_erasure(make, acme, application):
    application.candidate.erase_on = AFTER_12.date() + timedelta(days=3)


@pytest.mark.parametrize(
    "change",
    [
        leave_open,
        leave_untold,
        retract,
        in_state(EmailState.QUEUED),
        in_state(EmailState.SENDING),
        in_state(EmailState.UNKNOWN),
        in_state(EmailState.UNKNOWN, "invite"),
        still_to_ask,
        ask_for_data,
        plan_erasure,
    ],
)
def test_who_is_owed_anything_keeps_the_name(app, make, acme, smtp, change):
    application = told_long_ago(make, acme)
    with time_machine.travel(LONG_AGO, tick=False):
        change(make, acme, application)
    db.session.commit()
    assert retire_at(AFTER_12) == 0
    assert fresh(application).candidate.name == NAME


def test_never_told_is_never_done(app, make, acme, smtp):
    with time_machine.travel(LONG_AGO, tick=False):
        make.decided(acme, name=NAME, email=ADDRESS, days_ago=1)
        make.application(acme, name=NAME, email="other@example.net")
    assert retire_at(AFTER_36 + timedelta(days=3000)) == 0


def test_who_withdrew_is_owed_nothing(app, make, acme, smtp):
    with time_machine.travel(LONG_AGO, tick=False):
        gone = make.decided(acme, Outcome.WITHDRAWN, days_ago=0, name=NAME, email=ADDRESS)
        no_address = make.told(acme, days_ago=0, told_after=0, name=NAME, email=None)
        jobs.invite(utcnow())
        jobs.deliver()
        jobs.settle(utcnow())
    assert retire_at(AFTER_12) == 2
    assert {fresh(gone).candidate.name, fresh(no_address).candidate.name} == {REMOVED}


LATER = AFTER_12 - timedelta(days=30)


def tell_again(application):
    decision = hiring.standing_decision(application)
    hiring.record_told(application, decision, Channel.PHONE, utcnow(), utcnow())


def another_decision(application):
    hiring.record_decision(application, Outcome.WITHDRAWN, utcnow(), utcnow())


def bounced(application):
    db.session.execute(sa.update(Email).values(delivery_at=utcnow()))


def another_stage(application):
    new = hiring.NewApplication(NAME, ADDRESS, "Engineer", stage="Offer")
    hiring.update_progress(application, new, utcnow())


@pytest.mark.parametrize("happens", [tell_again, another_decision, bounced, another_stage])
def test_whatever_happens_lets_the_time_start_anew(app, make, acme, smtp, happens):
    application = told_long_ago(make, acme)
    with time_machine.travel(LATER, tick=False):
        happens(application)
        db.session.commit()
    assert retire_at(AFTER_12) == 0
    assert retire_at(AFTER_12 + timedelta(days=300)) == 0
    assert retire_at(AFTER_12 + timedelta(days=337)) == 1
    assert traces(*TRACES) == []


def test_one_employers_person_stays_known_to_another(app, make, acme, smtp):
    globex = make.employer("globex")
    told_long_ago(make, acme)
    with time_machine.travel(LATER, tick=False):
        theirs = make.told(globex, name=NAME, email=ADDRESS)
    assert retire_at(AFTER_12) == 1
    assert fresh(theirs).candidate.name == NAME


def test_answers_counts_and_links_stay(app, make, acme, smtp):
    told_long_ago(make, acme)
    token = smtp[-1].get_body(("plain",)).get_content().split("/s/")[1][:26]
    with time_machine.travel(LONG_AGO + timedelta(days=1), tick=False):
        opened = invitations.open_invitation(token, utcnow())
        surveys.submit_answer(opened, read(recommend=7), Locale.ENGLISH)
        db.session.commit()
    kept = [
        table
        for table in db.metadata.tables
        if table
        not in ("candidate", "audit_event", "application", "decision", "email", "job_lease")
        and table not in ("notice", "stage_change")
    ]
    before = whole_database()
    assert retire_at(AFTER_12) == 1
    after = whole_database()
    assert {table: after[table] for table in kept} == {table: before[table] for table in kept}
    with time_machine.travel(AFTER_12, tick=False):
        visitor = Visitor(app)
        assert "Your answers are saved" in words_of(visitor.get(f"/s/{token}"))
        visitor.post(f"/s/{token}/withdraw")
        page = visitor.get(f"/s/{token}/withdraw")
        assert "Your answers are deleted" in words_of(page)
        assert "Your answers are deleted" in words_of(visitor.get(f"/s/{token}"))


def test_habits_are_the_same_afterwards(app, make, acme, smtp):
    told_long_ago(make, acme)

    def counted():
        employer = db.session.merge(acme)
        reputation.rebuild(employer, AFTER_12, check=False)
        db.session.commit()
        rows = whole_database()
        return [rows[name] for name in ("rollup_week", "rollup_month")]

    with time_machine.travel(AFTER_12, tick=False):
        before = counted()
        assert jobs.retire(utcnow()) == 1
        assert counted() == before


def test_staff_see_that_the_name_went_and_can_record_nothing_more(app, make, cast, browse, smtp):
    application = told_long_ago(make, cast.acme)
    assert retire_at(AFTER_12) == 1
    remy = browse(cast.remy)
    desk = words_of(remy.get("/e/acme/applications?show=all"))
    assert REMOVED in desk
    assert "no email address" not in desk
    assert "Erased" not in desk
    page = words_of(remy.get(f"/e/acme/applications/{application.id}"))
    assert f"{REMOVED} Engineer" in page
    assert "Only the days are left" in page
    assert "went with the name on Mar 10, 2026" in page
    assert "Take it back" not in page
    assert remy.client.get("/e/acme/closure.csv").status_code == 200
    found = fresh(application)
    with pytest.raises(hiring.DecisionRefused, match="nothing more is recorded"):
        hiring.record_decision(found, Outcome.HIRED, utcnow(), utcnow(), reason=NAME)
    db.session.rollback()
    events = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "person.retired"))
    assert [(event.about_id, event.detail) for event in events] == [(None, {"count": 1})]


HEADER = "name,email,role,stage,external_id,outcome,decided_on,told_on\n"


@pytest.fixture
def bring(app, acme, tmp_path):
    """Import rows; what the command said."""

    def call(*rows):
        db.session.commit()
        file = tmp_path / "candidates.csv"
        file.write_text(HEADER + "".join(f"{row}\n" for row in rows))
        words = ("import", str(file), "--employer", "acme")
        done = app.test_cli_runner().invoke(args=list(words))
        assert done.exit_code == 0, done.output
        return done.output

    return call


def row(number=NUMBER, told="2025-03-10", outcome="rejected", address=ADDRESS, decided=None):
    decided = told if decided is None else decided
    return f"{NAME},{address},Engineer,Last talk,{number},{outcome},{decided},{told}"


@pytest.mark.parametrize(
    "line",
    [
        row(),
        row(address="Zelda.Quartz@Example.net"),
        row(address="other@example.net"),
        row(number=""),
        row(outcome="hired"),
        row(told="2026-02-01"),
        row(told="", outcome=""),
        row(number="", told="", outcome=""),
    ],
)
def test_a_file_brought_in_later_brings_nobody_back(app, make, acme, smtp, bring, line):
    told_long_ago(make, acme)
    retire_at(AFTER_12)
    before = whole_database()
    with time_machine.travel(AFTER_12 + timedelta(days=5), tick=False):
        said = bring(line)
    assert "name was removed here" in said
    after = whole_database()
    changed = {table for table in after if after[table] != before[table]}
    assert changed <= {"run", "run_line", "audit_event"}
    assert traces(*TRACES) == []


def test_a_new_application_of_theirs_is_a_new_one(app, make, acme, smtp, bring):
    old = told_long_ago(make, acme)
    retire_at(AFTER_12)
    with time_machine.travel(AFTER_12 + timedelta(days=5), tick=False):
        said = bring(row(number="ats-2", told="2026-03-14"), row())
    assert "name was removed here" in said
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count(Application.id))) == 2
    assert fresh(old).candidate.name == REMOVED
    assert retire_at(AFTER_12 + timedelta(days=300)) == 0
    assert db.session.scalars(sa.select(Candidate.email)).all().count(ADDRESS) == 1


def test_after_three_years_the_address_is_still_recognised(app, make, acme, smtp, bring):
    told_long_ago(make, acme)
    retire_at(AFTER_36)
    with time_machine.travel(AFTER_36 + timedelta(days=5), tick=False):
        assert "name was removed here" in bring(row(number=""))
    assert traces(*TRACES) == []


def test_who_was_retired_can_still_be_erased_by_the_command(app, make, acme, smtp):
    application = told_long_ago(make, acme)
    retire_at(AFTER_12)
    found = privacy.export_person(ADDRESS)
    assert found["records"][0]["applications"][0]["external_id"] == NUMBER
    assert [one.applications for one in privacy.erase_person(ADDRESS)] == [1]
    db.session.commit()
    held = fresh(application)
    assert (held.candidate.name, held.external_id) == ("Erased person", None)
    assert held.candidate.former_key is None
    assert outbox.find_suppression(ADDRESS, acme.id, is_survey=True)
    assert privacy.erase_person(ADDRESS) == []
    assert retire_at(AFTER_36) == 0
    assert fresh(application).candidate.name == "Erased person"


def test_who_decides_at_that_moment_is_not_lost(app, make, acme, smtp):
    """Somebody has the application open and decides anew while the job looks at it."""
    application = told_long_ago(make, acme)
    db.session.commit()
    results = []

    def retire_elsewhere():
        with app.app_context():
            try:
                results.append(retire_step())
            finally:
                db.session.remove()

    def retire_step():
        step = privacy.retire_people(AFTER_12, 0, 500)
        db.session.commit()
        return step.retired

    with time_machine.travel(LATER, tick=False):
        hiring.record_decision(application, Outcome.HIRED, utcnow(), utcnow())
    retiring = threading.Thread(target=retire_elsewhere)
    retiring.start()
    retiring.join(0.5)
    assert retiring.is_alive()
    db.session.commit()
    retiring.join()
    assert results == [0]
    assert fresh(application).candidate.name == NAME


def many(employer, count):
    """COUNT people told long ago, straight into the tables."""
    told_on = LONG_AGO.date()
    title = make_requisition(employer)
    candidates = [
        {"employer_id": employer.id, "name": f"Zelda {n}", "email": f"zelda{n}@example.net"}
        for n in range(count)
    ]
    db.session.execute(sa.insert(Candidate), candidates)
    ids = db.session.scalars(
        sa.select(Candidate.id)
        .where(Candidate.employer_id == employer.id, Candidate.name.startswith("Zelda "))
        .order_by(Candidate.id)
    )
    rows = [
        {
            "employer_id": employer.id,
            "candidate_id": candidate_id,
            "requisition_id": title,
            "external_id": f"ats-{candidate_id}",
            "stage_entered_on": told_on,
            "created_at": LONG_AGO,
            "outcome": Outcome.REJECTED,
            "decided_at": LONG_AGO,
            "decided_on": told_on,
            "told_at": LONG_AGO,
            "told_on": told_on,
            "channel": Channel.PHONE,
        }
        for candidate_id in ids
    ]
    db.session.execute(sa.insert(Application), rows)
    db.session.commit()


def make_requisition(employer):
    return hiring.add_application(
        employer, hiring.NewApplication("Open", "open@example.net", "Engineer")
    ).requisition_id


@pytest.mark.parametrize(
    ("people", "each"), [(1_000, 50), pytest.param(10_000, 500, marks=pytest.mark.long)]
)
def test_thousands_of_people_take_few_statements(app, acme, monkeypatch, people, each):
    monkeypatch.setattr(chunks, "FIRST", each)
    monkeypatch.setattr(chunks, "AIM", 1e9)  # EACH time as many
    many(acme, people)
    before = AFTER_12 - timedelta(days=1)
    with noting_statements() as looking:
        assert jobs.retire(before) == 0
    steps = -(-(people + 1) // each)
    assert len(looking) <= 2 * steps + 6  # the chunk, its applications
    with noting_statements() as retiring:
        assert jobs.retire(AFTER_12) == people
    assert len(retiring) <= 30 * steps
    assert traces("zelda") == []
    with noting_statements() as again:
        assert jobs.retire(AFTER_12) == 0
    assert len(again) <= 8
    assert db.session.scalar(sa.select(sa.func.count(Candidate.former_key))) == people
    with noting_statements() as ending:
        assert jobs.retire(AFTER_36) == people
    assert len(ending) <= 6 * steps + 10  # each table once


def test_looking_uses_indexes(app, acme):
    if db.engine.dialect.name != "sqlite":
        pytest.skip("the plan is read on SQLite")
    many(acme, 50)
    with noting_statements() as statements:
        jobs.retire(AFTER_12)
    reading = [one for one in statements if one.lstrip().startswith("SELECT")]
    for statement in reading:
        plan = db.session.execute(
            sa.text("EXPLAIN QUERY PLAN " + statement.replace("?", "1"))
        ).all()
        scans = [step[3] for step in plan if step[3].startswith("SCAN")]
        assert [scan for scan in scans if "USING" not in scan and "CONSTANT" not in scan] == [], (
            statement
        )


def test_the_worker_does_it_once_a_day(app):
    every = {job.name: job.every for job in jobs.JOBS}
    assert every["retire"] == timedelta(days=1)
    assert every["erase"] <= timedelta(hours=1)


def test_who_was_erased_before_is_blank_since_the_day_that_the_log_says(app, make):
    acme = make.employer()
    erased, unlogged, named = (make.application(acme, name=n).candidate_id for n in "abc")
    for candidate_id in (erased, unlogged):
        db.session.get(Candidate, candidate_id).name = "Erased person"
    erased_at = utcnow() - timedelta(days=40)
    db.session.add(
        AuditEvent(
            action="person.erased", employer_id=acme.id, about_id=erased, detail={}, at=erased_at
        )
    )
    request = DataRequest(employer_id=acme.id, candidate_id=named, wish=DataWish.SEE)
    db.session.add(request)
    db.session.flush()
    outbox.queue_email(
        "data_request",
        "cam@example.net",
        data_request_id=request.id,
        employer_id=acme.id,
        dedup_key="data:1",
    )
    db.session.commit()
    db.session.remove()
    downgrade(revision="0007")
    db.session.remove()
    assert db.session.scalar(sa.text("SELECT count(*) FROM email")) == 0
    db.session.remove()
    upgrade()
    db.session.remove()
    days = dict(db.session.execute(sa.select(Candidate.id, Candidate.blanked_on)).all())
    assert days[erased] == erased_at.date()
    assert abs(days[unlogged] - utcnow().date()) <= timedelta(days=1)
    assert days[named] is None
