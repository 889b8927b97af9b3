"""Undoing an import: as if it had not been, but for what somebody has worked on since."""

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal import hiring, intake, jobs, privacy, runs
from portal.extensions import db
from portal.intake import undoing
from portal.letters import Text
from portal.models import (
    Application,
    AuditEvent,
    Channel,
    Email,
    EmailState,
    Employer,
    Outcome,
    Requisition,
    Run,
    RunLine,
    utcnow,
)
from tests.intake.test_applying import day, held, rejected
from tests.intake.test_running import fresh, many, results, start
from tests.support.import_files import table

NOT_COMPARED = {"run", "run_line", "audit_event", "intake_file", "job_lease"}


def everything() -> dict[str, list]:
    """The rows of every table, but for ids and moments of writing; what they lead to by its own."""
    db.session.rollback()
    found = {}
    for name, of in db.metadata.tables.items():
        if name in NOT_COMPARED:
            continue
        columns = [one for one in of.c if not one.primary_key and one.name != "created_at"]
        rows = db.session.execute(sa.select(*columns)).all() if columns else []
        found[name] = sorted(map(repr, rows))
    return found


def import_now(employer: Employer, data: bytes, **plan) -> Run:
    run = start(employer, data, **plan)
    jobs.work_runs()
    run = fresh(run)
    assert run.state == "finished", run.problem
    return run


def undo(run: Run) -> Run:
    assert intake.undo_import(fresh(run))
    db.session.commit()
    jobs.work_runs()
    run = fresh(run)
    assert run.state == "undone"
    return run


def notes(run: Run) -> dict[int, str]:
    lines = sa.select(RunLine.number, RunLine.note).where(RunLine.run_id == run.id)
    return dict(db.session.execute(lines).all())


def test_what_was_added_is_gone_and_once_more_adds_everything(make):
    acme = make.employer()
    data = table(
        rejected(),
        {"email": "b@x.test", "role": "Lead"},
        rejected(email="c@x.test", told_after=None),
    )
    before = everything()
    run = undo(import_now(acme, data))
    assert everything() == before
    assert {name: run.counts[name] for name in ("undone", "kept")} == {"undone": 3, "kept": 0}
    assert set(notes(run).values()) == {undoing.UNDONE}
    event = db.session.scalars(sa.select(AuditEvent).filter_by(action="import.undone")).one()
    assert (event.about_id, event.detail) == (run.id, {"undone": 3, "kept": 0})
    assert import_now(acme, data).counts["new"] == 3


def test_the_audit_trail_leads_to_nobody_elses_application(make):
    acme = make.employer()
    undo(import_now(acme, table(rejected())))
    mine = make.application(acme, email="new@x.test")
    about = sa.select(AuditEvent.action).where(AuditEvent.about_id == mine.id)
    found = db.session.scalars(about.where(~AuditEvent.action.startswith("import."))).all()
    assert found == ["application.added"]


def test_people_and_roles_that_were_there_before_stay_as_they_were(make):
    acme = make.employer()
    make.application(acme, email="ann@x.test", role="Engineer")
    before = everything()
    run = import_now(
        acme,
        table(
            {"email": "ann@x.test", "role": "Lead", "locale": "fr", "name": "Ann"},
            {"email": "b@x.test", "role_family": "engineering", "department": "Design"},
            {"email": "c@x.test", "role_family": "sales", "department": "Shop"},
        ),
    )
    assert everything() != before
    undo(run)
    assert everything() == before


def test_what_somebody_else_has_changed_of_a_role_since_stays(make):
    acme = make.employer()
    make.application(acme, email="z@x.test", role="Engineer")
    run = import_now(acme, table({"department": "Design"}))
    role = db.session.scalars(sa.select(Requisition)).one()
    role.department = "Research"
    db.session.commit()
    undo(run)
    assert db.session.scalars(sa.select(Requisition)).one().department == "Research"


def test_what_was_changed_is_as_before_and_can_be_changed_again(make):
    acme = make.employer()
    import_now(acme, table({"stage": "Screen", "last_interview_on": day(30)}))
    was = everything()
    late = {"last_interview_on": day(20), "promised_on": day(1), "external_id": "A"}
    run = import_now(acme, table(rejected(stage="Final", **late)))
    assert held().outcome == "rejected"
    undo(run)
    assert everything() == was
    events = sa.select(AuditEvent).filter_by(action="decision.retracted")
    assert db.session.scalars(events).one().about_id == held().id
    assert results(import_now(acme, table(rejected(stage="Final")))) == {"changed": 1}


def test_the_decision_that_was_replaced_stands_again(make):
    acme = make.employer()
    import_now(acme, table(rejected(12, 2, channel="phone", external_id="A")))
    was = everything()
    hired = {"outcome": "hired", "decided_on": day(5), "told_on": "", "external_id": "A"}
    run = import_now(acme, table(hired))
    assert held().outcome == "hired"
    undo(run)
    assert everything() == was
    assert hiring.standing_decision(held()).outcome == "rejected"
    assert make.invitation(held()).lane == "outcome"


def test_a_telling_that_the_file_added_is_gone(make):
    acme = make.employer()
    import_now(acme, table(rejected(12, None)))
    was = everything()
    run = import_now(acme, table(rejected(12, 2)))
    assert held().told_on
    undo(run)
    assert everything() == was


WORK = {
    "decided": lambda one: hiring.record_decision(one, Outcome.HIRED, utcnow(), utcnow()),
    "retracted": lambda one: hiring.retract_decision(one, utcnow()),
    "told": lambda one: hiring.record_told(
        one, hiring.standing_decision(one), Channel.PHONE, utcnow(), utcnow()
    ),
    "written to": lambda one: hiring.tell_now(
        one, hiring.standing_decision(one), Text("News", "Sorry."), utcnow()
    ),
    "moved": lambda one: hiring.update_progress(
        one, hiring.NewApplication("", "", "", stage="Final"), utcnow()
    ),
    "promised": lambda one: hiring.update_progress(
        one, hiring.NewApplication("", "", "", promised_on=utcnow().date()), utcnow()
    ),
}


@pytest.mark.parametrize("work", WORK)
def test_what_somebody_has_worked_on_since_is_kept_and_says_so(make, work):
    acme = make.employer()
    run = import_now(acme, table(rejected(told_after=None), rejected(email="b@x.test")))
    [mine] = [one for one in applications() if one.candidate.email == "ann@x.test"]
    WORK[work](mine)
    db.session.commit()
    if work not in ("moved", "promised"):
        assert intake.check_undo(run).worked_on == 1
    assert intake.check_undo(run).may
    run = undo(run)
    assert (run.counts["undone"], run.counts["kept"]) == (1, 1)
    assert [one.candidate.email for one in applications()] == ["ann@x.test"]
    assert notes(run) == {2: undoing.KEPT_WORKED_ON, 3: undoing.UNDONE}
    assert runs.list_lines(run).lines[0].note == undoing.KEPT_WORKED_ON


def applications() -> list[Application]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Application).order_by(Application.id)))


def test_what_a_later_import_has_changed_is_kept(make):
    acme = make.employer()
    run = import_now(acme, table({}, {"email": "b@x.test"}))
    later = import_now(acme, table({"external_id": "A7"}))
    assert notes(undo(run)) == {2: undoing.KEPT_LATER, 3: undoing.UNDONE}
    undo(later)
    assert held().external_id is None


def test_an_erased_person_is_kept_and_the_lines_say_nothing_of_them(make):
    acme = make.employer()
    run = import_now(acme, table(rejected(), {"email": "b@x.test"}))
    privacy.erase_person("ann@x.test", acme)
    db.session.commit()
    line = db.session.get(RunLine, (run.id, 2), populate_existing=True)
    assert (line.before, line.note) == (None, "")
    assert notes(undo(run)) == {2: undoing.KEPT_GONE, 3: undoing.UNDONE}


@pytest.mark.parametrize("state", EmailState)
def test_mail_that_has_left_blocks_it_and_mail_that_has_not_goes_too(make, state):
    acme = make.employer(send_window="always")
    run = import_now(acme, table(rejected(days_ago=10), {"email": "b@x.test"}))
    jobs.invite(utcnow())
    [email] = db.session.scalars(sa.select(Email)).all()
    email.state = state
    db.session.commit()
    if state in undoing.HAS_LEFT:
        assert (intake.check_undo(run).mail, intake.check_undo(run).may) == (1, False)
        assert not intake.undo_import(run)
        assert fresh(run).state == "finished"
        return
    undo(run)
    assert (applications(), db.session.scalars(sa.select(Email)).all()) == ([], [])


def test_mail_that_leaves_while_it_is_undone_keeps_that_one(make):
    acme = make.employer(send_window="always")
    run = import_now(acme, table(rejected(days_ago=10), {"email": "b@x.test"}))
    assert intake.undo_import(run)
    db.session.commit()
    jobs.invite(utcnow())
    db.session.execute(sa.update(Email).values(state=EmailState.SENT, sending_at=utcnow()))
    db.session.commit()
    jobs.work_runs()
    assert notes(run) == {2: undoing.KEPT_MAIL, 3: undoing.UNDONE}


def test_a_run_that_failed_half_way_can_be_undone(make, monkeypatch):
    acme = make.employer()
    before = everything()
    run = start(acme, many(6))
    stops = iter([False, True])
    monkeypatch.setattr(intake, "MOST", 2)
    jobs.work_runs(lambda: next(stops))
    intake.fail_import(run.id, "The plug was pulled.", utcnow())
    db.session.commit()
    assert intake.check_undo(fresh(run)).rows == 2
    undo(run)
    assert everything() == before


def test_only_what_is_over_and_did_something_can_be_undone(make):
    acme = make.employer()
    run = start(acme, many(2))
    assert not intake.undo_import(run)
    jobs.work_runs()
    undo(run)
    assert not intake.undo_import(fresh(run))
    make.application(acme, email="ann@x.test")
    assert not intake.undo_import(import_now(acme, table({})))


FACTS = st.fixed_dictionaries(
    {
        "email": st.sampled_from(["ann@x.test", "Ann@x.test", "bob@x.test", "eve@x.test"]),
        "role": st.sampled_from(["Engineer", "Lead"]),
        "stage": st.sampled_from(["", "Screen", "Final"]),
        "locale": st.sampled_from(["", "en", "fr"]),
        "department": st.sampled_from(["", "Design"]),
        "outcome": st.sampled_from(["", "rejected", "hired", "withdrawn"]),
        "ago": st.integers(1, 80),
        "told": st.booleans(),
    }
)


def row_of(facts: dict) -> dict:
    facts = dict(facts)
    ago, told = facts.pop("ago"), facts.pop("told")
    decided_on = day(ago) if facts["outcome"] else ""
    told_on = day(ago - 1) if facts["outcome"] and told else ""
    return facts | {"decided_on": decided_on, "told_on": told_on, "last_interview_on": day(90)}


@pytest.mark.both
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.lists(FACTS, min_size=1, max_size=5), min_size=1, max_size=3))
def test_after_any_history_all_is_as_before(make, files):
    acme = make.employer(f"acme-{utcnow().timestamp()}".replace(".", "-"))
    histories, ran = [everything()], []
    for rows in files:
        run = start(acme, table(*map(row_of, rows)))
        jobs.work_runs()
        if fresh(run).state == "finished":
            ran.append(run)
            histories.append(everything())
    while ran:
        run, _ = ran.pop(), histories.pop()
        if intake.check_undo(fresh(run)).may:
            undo(run)
        assert everything() == histories[-1]
