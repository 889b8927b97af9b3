"""What files do to what is held: added once, changed when there is news, left alone otherwise."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal import candidate_files, closure, hiring, intake
from portal.extensions import db
from portal.models import (
    Application,
    AuditEvent,
    Candidate,
    Channel,
    Decision,
    Employer,
    Feedback,
    Invitation,
    InvitationState,
    Notice,
    Outcome,
    ReasonCode,
    Run,
    SkipReason,
    StageChange,
    utcnow,
)
from tests.support.import_files import attempt, check, table
from tests.support.statements import noting_statements

CONTRADICTORY = "rows contradict each other"
TODAY = date.today()
TABLES = (Application, Candidate, Decision, Notice, Invitation, StageChange, AuditEvent, Run)


def day(days_ago: int) -> str:
    return str(TODAY - timedelta(days=days_ago))


def rejected(days_ago: int = 10, told_after: int | None = 1, **facts) -> dict:
    told_on = "" if told_after is None else day(days_ago - told_after)
    return {"outcome": "rejected", "decided_on": day(days_ago), "told_on": told_on} | facts


def apply(employer: Employer, data: bytes, told=None, end=None) -> intake.Applied:
    """DATA imported as the command does it; END ends each transaction, else it is committed."""
    total = intake.Applied()
    now, place = utcnow(), Employer(timezone=employer.timezone)
    with candidate_files.open_sheet(io.BytesIO(data), candidate_files.is_column_name) as sheet:
        checked = intake.check_file(sheet, candidate_files.Plan(told=told), place, now)
        if any("row" in fault.message for fault in checked.faults):
            raise candidate_files.FileRefused(CONTRADICTORY)
        assert checked.faults == []
        total.same += checked.absorbed
        work = None if end else intake.begin_import(employer.id, checked, "candidates.csv", now)
        end = end or db.session.commit
        for chunk in checked.chunks():
            applied = intake.apply_chunk(employer.id, chunk, now)
            if work:
                work.keep(chunk, applied)
                work.count(chunk, applied)
            total.add(applied)
            end()
        if work:
            work.finish(now)
        end()
    assert total.new + total.changed + total.same == checked.rows
    return total


def effect(total: intake.Applied) -> tuple[int, int, int]:
    return total.new, total.changed, total.same


def sizes() -> dict[str, int]:
    counts = {t.__tablename__: sa.select(sa.func.count()).select_from(t) for t in TABLES}
    return {name: db.session.scalar(count) for name, count in counts.items()}


def held(**facts) -> Application:
    """The only application, or the only one with those facts."""
    return db.session.scalars(sa.select(Application).filter_by(**facts)).one()


def test_a_told_row_becomes_an_application_a_decision_and_a_notice(make):
    acme = make.employer(timezone="America/Toronto")
    row = rejected(
        external_id="A1",
        stage="Final round",
        last_interview_on=day(20),
        channel="phone",
        feedback="specific",
        reason="other skills",
        locale="fr",
        promised_on=day(5),
        role_family="engineering",
        department="Design",
    )
    assert effect(apply(acme, table(row))) == (1, 0, 0)
    application = held(external_id="A1")
    decision = hiring.standing_decision(application)
    assert (application.candidate.email, application.candidate.locale) == ("ann@x.test", "fr")
    assert (application.requisition.title, application.requisition.role_family) == (
        "Engineer",
        "engineering",
    )
    assert application.requisition.department == "Design"
    assert (application.stage, application.stage_group) == ("Final round", "final")
    assert str(application.last_interview_on) == day(20)
    assert (decision.outcome, decision.reason) == (Outcome.REJECTED, "other skills")
    noon = closure.noon_of(acme, date.fromisoformat(day(10)), utcnow())
    assert decision.decided_at == application.decided_at == noon
    assert str(application.told_on) == day(9)
    assert (application.channel, application.feedback) == (Channel.PHONE, Feedback.SPECIFIC)
    assert make.invitation(application).lane == "outcome"


def test_a_reason_that_is_sure_becomes_a_code_and_others_stay_the_employers_own(make):
    acme = make.employer()
    rows = (
        rejected(email="a@x.test", reason="Position filled"),
        rejected(email="b@x.test", reason="Not our type"),
        rejected(email="c@x.test"),
    )
    assert effect(apply(acme, table(*rows))) == (3, 0, 0)
    decided = sa.select(Decision.reason_code, Decision.reason).order_by(Decision.id)
    assert [tuple(row) for row in db.session.execute(decided)] == [
        (ReasonCode.FILLED, ""),
        (None, "Not our type"),
        (None, ""),
    ]


FILES = {
    "without ids": table(
        rejected(), {"email": "b@x.test"}, rejected(email="c@x.test", told_after=None)
    ),
    "with ids": table(
        rejected(external_id="1"),
        rejected(external_id="2", decided_on=day(4), told_on=day(4)),
        {"external_id": "3", "stage": "Screen"},
    ),
    "repeated rows": table(rejected(), {}, rejected(), rejected(days_ago=200), {"stage": "Final"}),
    "stages as rows": table(
        {"stage": "Screen", "last_interview_on": day(40)},
        {"stage": "Onsite", "last_interview_on": day(20), "promised_on": day(3)},
        {"stage": "Phone", "last_interview_on": day(30), "promised_on": day(-9)},
    ),
    "decided today, told today": table(rejected(days_ago=0, told_after=0)),
}


@pytest.mark.parametrize("data", FILES.values(), ids=FILES)
def test_the_same_file_twice_adds_nothing(make, data):
    acme = make.employer()
    first = apply(acme, data)
    before = sizes()
    second = apply(acme, data)
    assert first.new > 0
    assert effect(second) == (0, 0, first.new + first.changed + first.same)
    assert second.invitations_planned == 0
    assert sizes() == before


def test_a_day_ahead_is_not_another_day_when_it_has_come(make):
    acme = make.employer(timezone="UTC")
    data = table({"outcome": "hired", "decided_on": "2026-05-21"})
    with time_machine.travel("2026-05-20T15:00:00Z", tick=False):
        assert effect(apply(acme, data, candidate_files.ToldAnswer.YES)) == (1, 0, 0)
        again = apply(acme, data, candidate_files.ToldAnswer.YES)
        assert (effect(again), note(again)) == ((0, 0, 1), "")
    with time_machine.travel("2026-05-23T15:00:00Z", tick=False):
        assert effect(apply(acme, data, candidate_files.ToldAnswer.YES)) == (0, 0, 1)
    assert str(held().decided_on) == "2026-05-20"


def test_decisions_of_two_days_running_are_two(make):
    acme = make.employer()
    apply(acme, table(rejected(10)))
    assert effect(apply(acme, table(rejected(9)))) == (1, 0, 0)


def test_a_known_person_keeps_the_name_and_takes_the_language(make):
    acme = make.employer()
    apply(acme, table({}))
    apply(acme, table({"role": "Lead", "name": "Anna", "locale": "fr"}))
    candidate = db.session.scalars(sa.select(Candidate)).one()
    assert (candidate.name, candidate.locale) == ("Ann", "fr")


def test_many_applications_are_added_as_one_by_one(make):
    """Without an address nobody is the same person."""
    acme = make.employer()
    news = [
        hiring.NewApplication(name="Ann", email=email, role=role)
        for email in (None, None, "a@x.test", "a@x.test")
        for role in ("Lead", "Dev")
    ]
    additions = hiring.Additions(acme, news, utcnow())
    for new in news:
        additions.add(new)
    added = [db.session.get(Application, one.application_id) for one in additions.finish()]
    assert [(a.candidate.email, a.requisition.title) for a in added] == [
        (new.email, new.role) for new in news
    ]
    assert len({application.candidate_id for application in added}) == 5
    assert len({application.requisition_id for application in added}) == 2
    assert sizes() | {"audit_event": 8} == sizes()
    assert sizes()["invitation"] == 8


PASTS = {
    "open": {},
    "not told": {"told_at": None},
    "told": {},
    "long ago": {"decided_at": timedelta(days=90), "told_at": timedelta(days=89)},
    "withdrawn": {"outcome": Outcome.WITHDRAWN, "told_at": None},
}


@pytest.mark.parametrize("manner", PASTS)
def test_all_at_once_leaves_the_same_rows_as_step_by_step(make, manner):
    now = utcnow()
    facts = {"decided_at": timedelta(days=9), "told_at": timedelta(days=8)} | PASTS[manner]
    moments = {name: now - ago for name, ago in facts.items() if isinstance(ago, timedelta)}
    told = {"channel": Channel.PHONE, "feedback": Feedback.GENERAL}
    past = hiring.PastDecision(**{"outcome": Outcome.REJECTED} | facts | moments | told)
    new = hiring.NewApplication("Ann", "ann@x.test", "Lead", last_interview_on=TODAY)
    steps, once, later = (make.employer(slug) for slug in ("steps", "once", "later"))
    by_steps = hiring.add_application(steps, new, now)
    additions = hiring.Additions(once, [new], now)
    additions.add(new, None if manner == "open" else past)
    additions.finish()
    changed = hiring.add_application(later, new, now)
    if manner != "open":
        hiring.record_past(changed, past, now)
        decision = hiring.record_decision(by_steps, past.outcome, past.decided_at, now)
        if past.told_at:
            hiring.record_told(by_steps, decision, now=now, told_at=past.told_at, **told)
    db.session.commit()
    assert rows_of(once) == rows_of(later) == rows_of(steps)


def rows_of(employer: Employer) -> list:
    """What is held for EMPLOYER, but for numbers and the moments of writing; and but for what was
    owed then, which is known only of a telling that is recorded as it happens."""
    left_out = ("id", "about_id", "created_at", "at", "owed_on", "owed_under")
    found = []
    for model in TABLES:
        columns = [
            column
            for column in model.__table__.c
            if column.name not in left_out and not column.foreign_keys
        ]
        rows = sa.select(*columns).where(model.employer_id == employer.id).order_by(model.id)
        found.append(db.session.execute(rows).all())
    return found


def test_other_employers_are_left_alone(cast):
    apply(cast.globex, table(rejected(external_id="1")))
    assert effect(apply(cast.acme, table(rejected(external_id="1")))) == (1, 0, 0)
    ours, theirs = held(employer_id=cast.acme.id), held(employer_id=cast.globex.id)
    assert ours.candidate_id != theirs.candidate_id
    assert ours.requisition_id != theirs.requisition_id


@pytest.mark.parametrize("ids", [{}, {"external_id": "1"}])
def test_an_open_application_that_is_decided_is_changed_not_added(make, ids):
    acme = make.employer()
    apply(acme, table({"last_interview_on": day(30)} | ids))
    total = apply(acme, table(rejected(3, last_interview_on=day(30), **ids)))
    assert effect(total) == (0, 1, 0)
    assert total.invitations_planned == 1
    assert (held().outcome, str(held().told_on)) == (Outcome.REJECTED, day(2))


def test_a_later_interview_and_stage_are_taken_over(make):
    acme = make.employer()
    apply(acme, table({"stage": "Screen", "last_interview_on": day(30)}))
    news = table({"stage": "Final", "last_interview_on": day(3), "promised_on": day(-5)})
    assert effect(apply(acme, news)) == (0, 1, 0)
    assert (held().stage, held().stage_group, str(held().last_interview_on)) == (
        "Final",
        "final",
        day(3),
    )
    assert str(db.session.scalars(sa.select(StageChange)).one().entered_on) == day(3)


def test_who_is_told_later_is_told(make):
    acme = make.employer()
    apply(acme, table(rejected(told_after=None)))
    assert held().told_on is None
    assert effect(apply(acme, table(rejected(told_after=4)))) == (0, 1, 0)
    assert str(held().told_on) == day(6)


def test_a_changed_outcome_supersedes_the_decision(make):
    acme = make.employer()
    apply(acme, table(rejected()))
    changed = table(rejected(outcome="withdrawn", told_after=None))
    assert effect(apply(acme, changed)) == (0, 1, 0)
    assert (held().outcome, held().told_on) == (Outcome.WITHDRAWN, None)
    first, second = db.session.scalars(sa.select(Decision).order_by(Decision.id))
    assert (first.ended_at is None, second.ended_at) == (False, None)
    assert effect(apply(acme, changed)) == (0, 0, 1)


def test_with_an_id_another_day_is_a_new_decision_on_the_same_application(make):
    acme = make.employer()
    apply(acme, table(rejected(10, external_id="1")))
    assert effect(apply(acme, table(rejected(4, outcome="hired", external_id="1")))) == (0, 1, 0)
    assert (held().outcome, str(held().told_on)) == (Outcome.HIRED, day(3))


def test_without_an_id_another_day_is_another_application(make):
    acme = make.employer()
    apply(acme, table(rejected(200)))
    assert effect(apply(acme, table(rejected(10)))) == (1, 0, 0)
    assert sizes()["candidate"] == 1


def note(total: intake.Applied) -> str:
    return " ".join(total.notes.sentences())


def test_an_older_file_overwrites_nothing(make):
    acme = make.employer()
    apply(acme, table(rejected(4, external_id="1")))
    total = apply(acme, table(rejected(10, outcome="hired", external_id="1", stage="Final")))
    assert effect(total) == (0, 0, 1)
    assert "Another decision was recorded here since: left as it is (row 2)" in note(total)
    total = apply(acme, table({"external_id": "1"}, {}))
    assert effect(total) == (0, 0, 2)
    assert "Open in the file but decided here" in note(total)
    assert (held().outcome, held().stage) == (Outcome.REJECTED, "")


@pytest.mark.parametrize("ids", [{}, {"external_id": "1"}])
def test_what_a_person_changed_since_is_not_changed_back(make, ids):
    acme = make.employer()
    data = table(rejected(10, **ids))
    apply(acme, data)
    hiring.retract_decision(held(), utcnow())
    db.session.commit()
    total = apply(acme, data)
    assert effect(total) == (0, 0, 1)
    assert "Another decision was recorded here since" in note(total)
    assert held().outcome is None
    moment = held().created_at - timedelta(days=3)
    hiring.record_decision(held(), Outcome.HIRED, moment, utcnow())
    db.session.commit()
    assert effect(apply(acme, data)) == (0, 0, 1)
    assert held().outcome is Outcome.HIRED


def test_the_first_day_of_telling_counts(make):
    acme = make.employer()
    apply(acme, table(rejected(told_after=1)))
    total = apply(acme, table(rejected(told_after=3)))
    assert effect(total) == (0, 0, 1)
    assert "Told on another day according to what is recorded here" in note(total)
    assert (str(held().told_on), sizes()["notice"]) == (day(9), 1)


def test_told_on_the_day_of_a_decision_made_in_the_afternoon(make):
    acme = make.employer(timezone="UTC")
    with time_machine.travel("2026-05-20T18:00:00Z", tick=False):
        application = make.application(acme, email="ann@x.test", name="Ann", role="Engineer")
        hiring.record_decision(application, Outcome.REJECTED, utcnow(), utcnow())
        db.session.commit()
    with time_machine.travel("2026-05-22T18:00:00Z", tick=False):
        data = table({"outcome": "rejected", "decided_on": "2026-05-20", "told_on": "2026-05-20"})
        assert effect(apply(acme, data)) == (0, 1, 0)
    assert held().told_at == held().decided_at


def test_an_id_is_given_to_what_was_imported_without(make):
    acme = make.employer()
    apply(acme, table({}))
    apply(acme, table(rejected(), {"email": "b@x.test"}))
    with_ids = table(rejected(external_id="1"), {"email": "b@x.test", "external_id": "2"})
    assert effect(apply(acme, with_ids)) == (0, 2, 0)
    assert held(external_id="2").candidate.email == "b@x.test"
    assert effect(apply(acme, with_ids)) == (0, 0, 2)


def test_an_id_is_given_together_with_the_decision(make):
    acme = make.employer()
    apply(acme, table({}))
    apply(acme, table(rejected(external_id="1")))
    assert held(external_id="1").outcome is Outcome.REJECTED


def test_an_id_is_given_even_where_another_decision_stands(make):
    acme = make.employer()
    apply(acme, table(rejected()))
    apply(acme, table(rejected(outcome="withdrawn")))
    total = apply(acme, table(rejected(external_id="1")))
    assert effect(total) == (0, 1, 0)
    assert "Another decision was recorded here since" in note(total)
    assert held(external_id="1").outcome is Outcome.WITHDRAWN


def test_an_open_row_with_a_new_id_is_a_new_application_of_the_same_person(make):
    acme = make.employer()
    apply(acme, table(rejected(200)))
    assert effect(apply(acme, table({"external_id": "9"}))) == (1, 0, 0)


def test_another_address_for_a_known_id_is_noted_and_left(make):
    acme = make.employer()
    apply(acme, table({"external_id": "1"}))
    total = apply(acme, table(rejected(external_id="1", email="new@x.test")))
    assert effect(total) == (0, 1, 0)
    assert "Another address than the application with this id has here" in note(total)
    assert held().candidate.email == "ann@x.test"
    assert sizes()["candidate"] == 1


def test_decisions_of_long_ago_trigger_no_mail(make):
    acme = make.employer()
    total = apply(acme, table(rejected(3 * 365), rejected(61, told_after=None, email="b@x.test")))
    assert effect(total) == (2, 0, 0)
    assert total.invitations_planned == 0
    reasons = set(db.session.scalars(sa.select(Invitation.skip_reason)))
    assert reasons == {SkipReason.TOO_OLD}


def test_an_applied_file_is_on_record_with_its_counts(make):
    acme = make.employer()
    data = table(rejected(), {"email": "b@x.test"})
    apply(acme, data)
    run = db.session.scalars(sa.select(Run)).one()
    counts = {"rows": 2, "new": 2, "changed": 0, "same": 0}
    assert {name: run.counts[name] for name in counts} == counts
    with candidate_files.open_sheet(io.BytesIO(data), candidate_files.is_column_name) as sheet:
        assert intake.find_earlier_run(acme.id, sheet.digest) == run
        assert intake.find_earlier_run(acme.id + 1, sheet.digest) is None
    event = db.session.scalars(sa.select(AuditEvent).filter_by(action="import.applied")).one()
    assert (event.employer_id, event.about_id, event.detail) == (acme.id, run.id, counts)


def test_a_file_that_did_something_again_is_on_record_again(make):
    acme = make.employer()
    data = table({"stage": "Screen"})
    apply(acme, data)
    hiring.update_progress(held(), hiring.NewApplication("", "", "", stage="Final"), utcnow())
    db.session.commit()
    assert effect(apply(acme, data)) == (0, 1, 0)
    assert sizes()["run"] == 2


def test_looking_up_costs_the_same_for_one_row_and_for_many(make, app):
    acme = make.employer()
    few, many = (
        table(*(rejected(email=f"{n}@x.test", external_id=f"{n}") for n in range(size)))
        for size in (2, 200)
    )
    for data in (many, few):
        apply(acme, data)
    assert count_statements(apply, acme, few) == count_statements(apply, acme, many)


def count_statements(call, *args) -> int:
    statements = []

    def note_it(_connection, _cursor, statement, *_):
        statements.append(statement)

    sa.event.listen(db.engine, "before_cursor_execute", note_it)
    try:
        call(*args)
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", note_it)
    return len(statements)


def long_ago(row: candidate_files.FileRow) -> candidate_files.FileRow:
    """ROW with a day that no file could have brought this far."""
    return replace(row, verdict=replace(row.verdict, decided_on=date(1999, 12, 31)))


def test_what_hiring_refuses_names_the_row(make):
    acme = make.employer()
    apply(acme, table({}))
    for email in ("ann@x.test", "new@x.test"):
        [row] = check(table(rejected(email=email)), now=utcnow()).distinct
        with pytest.raises(
            candidate_files.FileRefused, match="row 2: The day must not be before 2000"
        ):
            intake.apply_chunk(acme.id, [long_ago(row)], utcnow())
        db.session.rollback()


def test_a_row_costs_few_statements(make):
    """What is made in this very transaction is neither locked nor read again, and planned once."""
    acme = make.employer()

    def added(number: int) -> dict:
        return rejected(external_id=f"{number}", email=f"{number}@x.test")

    def opened(number: int) -> dict:
        return {"external_id": f"{number}", "email": f"{number}@x.test", "stage": "Screen"}

    def cost(row: Callable[[int], dict], first: int) -> float:
        """Of one row more, given that there are some."""
        counts = []
        for numbers in (range(first, first + 2), range(first + 2, first + 22)):
            with noting_statements() as seen:
                apply(acme, table(*(row(number) for number in numbers)))
            counts.append(len(seen))
        return (counts[1] - counts[0]) / 18

    apply(acme, table(added(0)))  # the role is known
    assert cost(added, 100) <= 5
    assert cost(opened, 200) <= 3
    # One of them asks which clock holds now: it may be changed while the file comes in.
    assert cost(lambda n: added(n) | {"stage": "Final"}, 200) <= 12
    assert sizes()["notice"] == sizes()["decision"] == 1 + 22 + 22


def test_invitations_planned_are_those_of_the_rows_touched(make):
    acme = make.employer()
    total = apply(acme, table(rejected(), rejected(90, email="b@x.test"), {"email": "c@x.test"}))
    planned = sa.select(sa.func.count()).where(Invitation.state == InvitationState.PLANNED)
    assert total.invitations_planned == db.session.scalar(planned) == 2


PEOPLE = st.fixed_dictionaries(
    {"email": st.sampled_from(["a@x.test", "b@x.test"]), "role": st.sampled_from(["Lead", "Dev"])},
    optional={
        "external_id": st.sampled_from(["", "1", "2", "3"]),
        "stage": st.sampled_from(["", "Screen", "Final"]),
        "last_interview_on": st.sampled_from(["", day(30), day(20)]),
        "promised_on": st.sampled_from(["", day(2), day(-2)]),
    },
)
VERDICTS = st.sampled_from(
    [
        {"outcome": "", "decided_on": "", "told_on": ""},
        rejected(10, None),
        rejected(10, 1),
        rejected(5, None),
        rejected(5, 1) | {"outcome": "hired"},
    ]
)
SHEETS = st.lists(st.tuples(PEOPLE, VERDICTS), min_size=1, max_size=6)


def identified(person: dict) -> dict:
    """PERSON with an id that nobody else has and that stands for one role."""
    number = person.get("external_id")
    return person | {"external_id": number and f"{person['email']} {person['role']} {number}"}


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(SHEETS, min_size=1, max_size=3))
def test_trying_foretells_applying_and_twice_adds_nothing(make, files):
    """Whatever was imported before."""
    make.count = getattr(make, "count", 0) + 1
    check_idempotence(make.employer(f"e{make.count}"), files)


@pytest.mark.storm
@settings(
    max_examples=500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(SHEETS, min_size=1, max_size=3))
def test_trying_foretells_applying_of_many_files(make, files):
    make.count = getattr(make, "count", 0) + 1
    check_idempotence(make.employer(f"e{make.count}"), files)


def check_idempotence(employer: Employer, files: list) -> None:
    for rows in files:
        data = table(*(identified(person) | verdict for person, verdict in rows))
        tried = attempt(apply, employer, data, end=db.session.rollback)
        done = attempt(apply, employer, data)
        if done == CONTRADICTORY:
            assert tried == CONTRADICTORY
            continue
        assert effect(tried) == effect(done)
        assert tried.invitations_planned == done.invitations_planned
        before = sizes()
        assert effect(apply(employer, data)) == (0, 0, len(rows))
        assert sizes() == before
