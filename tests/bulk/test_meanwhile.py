"""What others do between looking at a selection, the run over it, and taking it back."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from portal import bulk, hiring, jobs, letters
from portal.bulk import Action, Plan
from portal.extensions import db
from portal.letters import Why
from portal.models import Channel, Email, EmailState, Notice, Outcome, ReasonCode, RunState, utcnow
from tests.bulk.test_acting import (
    SOON,
    TELL,
    TEXTS,
    carried_out,
    ids_of,
    lines,
    notices,
    start,
    undone,
)
from tests.mail.conftest import configure

pytestmark = pytest.mark.both
REJECT = Plan(Action.TELL, Outcome.REJECTED, Why(ReasonCode.SKILLS), TEXTS)


def test_who_is_decided_about_anew_gets_no_letter_that_nobody_looked_at(app, make):
    acme = make.employer()
    other, usual = make.decided(acme), make.decided(acme)
    looked_at = {key: text for key, text in TEXTS.items() if key == "rejected-en"}
    run = start(acme, ids_of(other, usual), Plan(Action.TELL, texts=looked_at))
    hiring.record_decision(other, Outcome.HIRED, utcnow(), utcnow())
    db.session.commit()
    jobs.work_runs()
    db.session.expire_all()
    assert run.state is RunState.FINISHED
    assert lines(run)[other.id][0] == "left"
    assert "meanwhile" in lines(run)[other.id][1]
    assert lines(run)[usual.id] == ("done", "")


def test_who_has_two_open_applications_in_the_selection_gets_the_one_letter(app, make):
    acme = make.employer()
    first = make.application(acme, email="two@x.test", role="Cook")
    second = make.application(acme, email="two@x.test", role="Nurse")
    assert bulk.select(acme, ids_of(first, second), REJECT).go == [first.id]
    run = carried_out(acme, ids_of(first, second), REJECT)
    assert lines(run)[first.id] == ("done", "")
    assert notices() == 1


def test_who_is_in_the_running_outside_of_the_selection_is_still_left_out(app, make):
    acme = make.employer()
    first = make.decided(acme, email="two@x.test", role="Cook")
    run = start(acme, [first.id])
    make.application(acme, email="two@x.test", role="Nurse")
    jobs.work_runs()
    db.session.expire_all()
    assert lines(run)[first.id][0] == "left"


def test_a_letter_that_is_not_written_takes_no_other_one_away(app, make):
    acme = make.employer()
    no = make.decided(acme, email="two@x.test", role="Cook")
    yes = make.decided(acme, Outcome.HIRED, email="two@x.test", role="Nurse")
    found = bulk.select(acme, ids_of(no, yes), TELL)
    assert found.go == [yes.id]
    assert found.left == [(no.id, bulk.Why.OFFER)]


def test_runs_that_wait_for_a_worker_take_their_room_in_the_hours(app, make):
    configure(app, LETTERS_PER_HOUR=2)
    acme = make.employer()
    people = [make.decided(acme) for _ in range(6)]
    for number in range(3):
        start(acme, ids_of(*people[2 * number : 2 * number + 2]), once=f"run {number}")
    jobs.work_runs()
    db.session.expire_all()
    leave = sorted(one.news_leaves_at for one in people)
    assert all(
        later - sooner > timedelta(minutes=59)
        for sooner, later in zip(leave, leave[2:], strict=False)
    )


def test_a_decision_of_which_somebody_was_told_since_is_not_taken_back(app, make):
    acme = make.employer()
    one = make.application(acme)
    run = carried_out(acme, [one.id], Plan(Action.DECIDE, outcome=Outcome.REJECTED))
    hiring.record_told(one, hiring.standing_decision(one), Channel.PHONE, utcnow(), utcnow())
    db.session.commit()
    assert undone(run).counts["kept"] == 1
    assert (one.outcome, one.channel) == (Outcome.REJECTED, Channel.PHONE)


def test_a_call_about_a_decision_since_replaced_stays_noted(app, make):
    acme = make.employer()
    one = make.decided(acme)
    run = carried_out(acme, [one.id], Plan(Action.TOLD))
    hiring.record_decision(one, Outcome.HIRED, utcnow(), utcnow())
    db.session.commit()
    assert undone(run).counts["kept"] == 1
    assert notices() == 1


def test_what_a_note_promised_that_never_left_is_not_promised(app, make):
    acme = make.employer()
    promised = date.today() + timedelta(days=1)
    one = make.application(acme, promised_on=promised)
    carried_out(acme, [one.id], Plan(Action.DELAY, next_on=SOON, texts=TEXTS))
    assert one.promised_on == SOON
    hiring.record_decision(one, Outcome.REJECTED, utcnow(), utcnow())
    db.session.commit()
    assert (one.promised_on, one.owed_on) == (promised, promised)
    assert db.session.scalar(sa.select(Notice.told_at)) is None


def test_the_words_of_a_run_that_is_over_are_kept_with_its_letters_only(app, make):
    acme = make.employer()
    one = make.application(acme)
    typed = {"rejected-en": letters.Text("No", "Dear Zebedee, no.")}
    plan = Plan(Action.TELL, Outcome.REJECTED, Why(ReasonCode.OTHER, "Zebedee was late"), typed)
    run = carried_out(acme, [one.id], plan)
    assert lines(run)[one.id] == ("done", "")
    assert "Zebedee" not in str(run.plan)
    assert bulk.leaves_at(bulk.from_json(run.plan), 1)


def test_however_runs_are_timed_no_more_leave_in_an_hour_than_may(app, make):
    configure(app, LETTERS_PER_HOUR=2)
    acme = make.employer()
    people = [make.decided(acme) for _ in range(12)]
    began = utcnow()
    for number, hours in enumerate((9, 8, 7)):  # each as if it were the only one
        plan = Plan(Action.TELL, texts=TEXTS, send_at=began + timedelta(hours=hours))
        carried_out(acme, ids_of(*people[2 * number : 2 * number + 2]), plan, f"{hours}")
    carried_out(acme, ids_of(*people[6:7]), once="short")
    assert people[6].news_leaves_at < began + timedelta(minutes=6), "nothing else leaves so soon"
    carried_out(acme, ids_of(*people[7:8]), once="fits beside it")
    assert people[7].news_leaves_at < began + timedelta(minutes=6)
    carried_out(acme, ids_of(*people[8:]), once="long")
    db.session.expire_all()
    leave = sorted(one.news_leaves_at for one in people)
    assert all(
        later - sooner > timedelta(minutes=59)
        for sooner, later in zip(leave, leave[2:], strict=False)
    )


def test_who_may_have_had_the_letter_already_is_not_sent_another(app, make):
    acme = make.employer()
    one = make.decided(acme)
    carried_out(acme, [one.id])
    db.session.execute(sa.update(Email).values(state=EmailState.UNKNOWN))
    hiring.keep_leaving([one.id])
    db.session.commit()
    assert bulk.select(acme, [one.id], TELL).left == [(one.id, bulk.Why.UNSURE)]
    plan = Plan(Action.TOLD, channel=Channel.PHONE)
    assert bulk.select(acme, [one.id], plan).go == [one.id], "they were asked"
