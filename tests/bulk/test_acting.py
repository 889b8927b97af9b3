"""One action for everybody selected: who it is for, what became of each, and taking it back."""

import signal
import subprocess
import sys
import threading
import time
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal import bulk, hiring, jobs, letters, outbox, runs
from portal.bulk import Action, Plan
from portal.bulk import Why as Left
from portal.extensions import db
from portal.letters import Letter, Why
from portal.models import (
    Application,
    Channel,
    ClockPreset,
    Decision,
    Email,
    EmailState,
    Employer,
    LineResult,
    Locale,
    Notice,
    NoticeKind,
    Outcome,
    ReasonCode,
    Run,
    RunLine,
    RunState,
    SuppressionReason,
    utcnow,
)
from tests.support import commands

TEXTS = {
    bulk.key_of(letter, locale): letters.template(letter, locale)
    for letter in (Letter.REJECTED, Letter.HIRED, Letter.DELAY)
    for locale in Locale
}
TELL = Plan(Action.TELL, texts=TEXTS)
SOON = date.today() + timedelta(days=9)


def start(employer: Employer, ids, plan: Plan = TELL, once: str = "once") -> Run:
    run = bulk.start(employer, list(ids), plan, once, utcnow())
    db.session.commit()
    return run


def carried_out(employer: Employer, ids, plan: Plan = TELL, once: str = "once") -> Run:
    run = start(employer, ids, plan, once)
    jobs.work_runs()
    db.session.expire_all()
    assert run.state is RunState.FINISHED
    return run


def lines(run: Run) -> dict[int, tuple[str, str]]:
    """By application: what was done, and why not."""
    found = db.session.scalars(sa.select(RunLine).where(RunLine.run_id == run.id))
    return {line.application_id: (str(line.result), line.note) for line in found}


def notices(kind: NoticeKind | None = None) -> int:
    counted = sa.select(sa.func.count(Notice.id))
    return db.session.scalar(counted.where(Notice.kind == kind) if kind else counted)


def undone(run: Run) -> Run:
    assert bulk.ask_undo(run)
    db.session.commit()
    jobs.work_runs()
    db.session.expire_all()
    assert run.state is RunState.UNDONE
    return run


def ids_of(*applications: Application) -> list[int]:
    return [one.id for one in applications]


@pytest.mark.both
def test_who_is_left_out_and_why(app, make):
    acme = make.employer()
    offer = make.decided(acme, Outcome.HIRED, role="Cook", email="offer@x.test")
    active = make.application(acme, role="Cook", email="active@x.test")
    dead = make.decided(acme, email="dead@x.test")
    outbox.suppress("dead@x.test", SuppressionReason.HARD_BOUNCE, None, "relay")
    twice = make.decided(acme, email="twice@x.test")
    gone = make.decided(acme)
    gone.candidate.blanked_on = date.today()
    hiring.keep_owed(gone)
    leaving = make.decided(acme)
    start(acme, [leaving.id])
    expected = {
        make.told(acme).id: Left.TOLD,
        make.decided(acme, Outcome.WITHDRAWN).id: Left.WITHDREW,
        make.application(acme).id: Left.UNDECIDED,
        make.decided(acme, Outcome.OFFER_DECLINED).id: Left.NO_LETTER,
        make.decided(acme, email=None).id: Left.NO_ADDRESS,
        make.decided(acme, email=offer.candidate.email, role="Nurse").id: Left.OFFER,
        make.decided(acme, email=active.candidate.email, role="Nurse").id: Left.ACTIVE,
        make.decided(acme, email="twice@x.test", role="Nurse").id: Left.ANOTHER,
        dead.id: Left.DEAD_ADDRESS,
        gone.id: Left.GONE,
    }
    db.session.commit()
    others = make.decided(make.employer("globex"))
    found = bulk.select(acme, [twice.id, offer.id, others.id, *expected], TELL)
    assert dict(found.left) == expected
    assert found.go == [twice.id, offer.id]
    assert found.groups == {"rejected-en": 1, "hired-en": 1}


@pytest.mark.both
def test_each_gets_their_own_letter_and_is_told_when_it_has_left(app, make, smtp):
    acme = make.employer()
    people = [make.decided(acme, name=name) for name in ("Ada", "ليلى " + "ح" * 190, "")]
    run = carried_out(acme, ids_of(*people))
    assert {result for result, _ in lines(run).values()} == {"done"}
    assert [one.told_on for one in people] == [None] * 3
    assert all(one.news_leaves_at for one in people)
    jobs.run_until_idle()
    assert smtp == [], "they can be undone for five minutes"
    db.session.execute(sa.update(Email).values(next_attempt_at=utcnow()))
    db.session.commit()
    jobs.run_until_idle()
    told = [one for one in smtp if "application" in one["Subject"].lower()]
    assert len(told) == 3
    bodies = [one.get_body(("plain",)).get_content() for one in told]
    assert sum("Dear Ada," in body for body in bodies) == 1
    assert sum(body.startswith("Hello,") for body in bodies) == 1
    db.session.expire_all()
    assert [one.channel for one in people] == [Channel.EMAIL] * 3
    assert not any(one.is_waiting or one.news_leaves_at for one in people)


@pytest.mark.both
def test_a_letter_that_cannot_be_filled_refuses_its_person_and_not_the_rest(app, make):
    acme = make.employer()
    role = "R" * 200
    long, short = make.decided(acme, role=role), make.decided(acme, role="Cook")
    text = letters.Text("{role} and {role}", "Dear {candidate}, no.")
    run = start(acme, ids_of(long, short), Plan(Action.TELL, texts={"rejected-en": text}))
    jobs.work_runs()
    db.session.expire_all()
    found = lines(run)
    assert found[long.id][0] == "failed"
    assert "Shorten" in found[long.id][1]
    assert found[short.id] == ("done", "")
    assert notices() == 1
    assert run.counts == {"done": 1, "left": 0, "failed": 1}


@pytest.mark.both
def test_the_other_actions_record_what_was_done(app, make):
    acme = make.employer()
    open_ones = [make.application(acme) for _ in range(4)]
    called = make.decided(acme)
    plan = Plan(Action.TOLD, channel=Channel.PHONE)
    carried_out(acme, [called.id, open_ones[0].id], plan, "call")
    assert (called.channel, called.told_on) == (Channel.PHONE, date.today())
    assert not open_ones[0].outcome
    plan = Plan(Action.WITHDRAW, outcome=Outcome.WITHDRAWN)
    carried_out(acme, [open_ones[1].id], plan, "withdraw")
    assert open_ones[1].outcome is Outcome.WITHDRAWN
    carried_out(acme, [open_ones[2].id], Plan(Action.DECIDE, outcome=Outcome.REJECTED), "decide")
    assert (open_ones[2].outcome, open_ones[2].told_on) == (Outcome.REJECTED, None)
    carried_out(acme, [open_ones[3].id], Plan(Action.DELAY, next_on=SOON, texts=TEXTS), "delay")
    assert open_ones[3].promised_on == SOON
    assert notices(NoticeKind.DELAY) == 1
    plan = Plan(Action.TELL, Outcome.REJECTED, Why(ReasonCode.SKILLS), TEXTS)
    carried_out(acme, [open_ones[0].id], plan, "both")
    assert open_ones[0].outcome is Outcome.REJECTED
    assert open_ones[0].news_leaves_at


@pytest.mark.both
def test_the_link_to_their_page_goes_to_each_once(app, make):
    acme = make.employer()
    one, nobody = make.application(acme), make.application(acme, email=None)
    run = carried_out(acme, ids_of(one, nobody), Plan(Action.LINK), "links")
    assert lines(run)[one.id] == ("done", "")
    assert lines(run)[nobody.id][0] == "left"
    carried_out(acme, [one.id], Plan(Action.LINK), "again")
    assert len(db.session.scalars(sa.select(Email).where(Email.kind == "status_link")).all()) == 1
    assert not bulk.check_undo(run).may


@pytest.mark.both
def test_without_an_address_for_replies_nobody_is_written_to(app, make):
    acme = make.employer(reply_to=None)
    one = make.decided(acme)
    assert dict(bulk.select(acme, [one.id], TELL).left) == {one.id: Left.NO_REPLY}


@pytest.mark.both
def test_undone_before_it_leaves_it_is_as_it_was(app, make):
    acme = make.employer()
    told = make.decided(acme)
    both, delayed, noted = make.application(acme), make.application(acme), make.decided(acme)
    runs_ = [
        carried_out(acme, [told.id], once="a"),
        carried_out(acme, [both.id], Plan(Action.TELL, Outcome.REJECTED, texts=TEXTS), "b"),
        carried_out(acme, [delayed.id], Plan(Action.DELAY, next_on=SOON, texts=TEXTS), "c"),
        carried_out(acme, [noted.id], Plan(Action.TOLD), "d"),
    ]
    for run in runs_:
        assert undone(run).counts["undone"] == 1
        assert not bulk.check_undo(run).may
    assert (told.news_leaves_at, told.outcome) == (None, Outcome.REJECTED)
    assert both.outcome is None
    assert (delayed.promised_on, delayed.owed_on) == (None, None)
    assert noted.told_on is None
    assert all(one.is_waiting for one in (told, both, delayed, noted))
    states = set(db.session.scalars(sa.select(Email.state).where(Email.kind == "notice")))
    assert states == {EmailState.CANCELLED}


@pytest.mark.both
def test_what_has_left_or_was_worked_on_stays(app, make, smtp):
    acme = make.employer()
    left, worked_on = make.decided(acme), make.decided(acme)
    run = carried_out(acme, ids_of(left, worked_on))
    db.session.execute(
        sa.update(Email)
        .where(Email.notice_id.in_(sa.select(Notice.id).where(Notice.application_id == left.id)))
        .values(next_attempt_at=utcnow())
    )
    db.session.commit()
    jobs.run_until_idle()
    standing = hiring.standing_decision(worked_on)
    hiring.record_told(worked_on, standing, Channel.PHONE, utcnow(), utcnow())
    db.session.commit()
    assert undone(run).counts["kept"] == 2
    assert left.channel is Channel.EMAIL
    assert worked_on.channel is Channel.PHONE


@pytest.mark.both
def test_a_second_click_is_the_first(app, make):
    acme = make.employer()
    one = make.decided(acme)
    assert start(acme, [one.id]).id == start(acme, [one.id]).id
    jobs.work_runs()
    assert notices() == 1


@pytest.mark.both
def test_two_recruiters_select_the_same_people(app: Flask, make):
    acme = make.employer()
    people = ids_of(*(make.decided(acme) for _ in range(12)))
    first, second = (start(acme, people, once=once).id for once in ("mine", "yours"))
    db.session.rollback()

    def work() -> None:
        with app.app_context():
            for run_id in (first, second):
                jobs.carry_few(run_id)

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    jobs.work_runs()
    db.session.expire_all()
    assert notices() == 12
    both = [lines(db.session.get_one(Run, run_id)) for run_id in (first, second)]
    results = [result for found in both for result, _ in found.values()]
    assert sorted(results) == ["done"] * 12 + ["left"] * 12


@pytest.mark.both
def test_letters_are_spread_over_hours(app, make, monkeypatch):
    acme = make.employer()
    people = [make.decided(acme) for _ in range(5)]
    plan = bulk.spread(acme, TELL, 1000, utcnow())
    assert plan.per_hour == 100
    moments = [bulk.leaves_at(plan, number) for number in (1, 100, 101, 1000)]
    hours = [(moment - moments[0]).total_seconds() / 3600 for moment in moments]
    assert hours == [0, 0, 1, 9]
    assert moments[0] >= utcnow() + bulk.UNDO_TIME - timedelta(seconds=5)
    carried_out(acme, ids_of(*people))
    leaves = {one.news_leaves_at for one in people}
    assert len(leaves) == 1


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.integers(0, 5), min_size=1, max_size=12))
def test_nobody_is_written_twice_nor_forgotten(app, make, owners):
    """Whatever roles people share: one letter for each person, and a line for each application."""
    acme = make.employer(f"acme{time.time_ns()}")
    chosen = [
        make.decided(acme, email=f"p{owner}@x.test", role=f"Role {number}")
        for number, owner in enumerate(owners)
    ]
    run = carried_out(acme, ids_of(*chosen))
    found = lines(run)
    assert found.keys() == set(ids_of(*chosen))
    done = [one.candidate_id for one in chosen if found[one.id][0] == "done"]
    assert sorted(done) == sorted({one.candidate_id for one in chosen})


KILLED = "from wsgi import app; from portal import jobs; app.app_context().push(); jobs.work_runs()"


@pytest.mark.both
@pytest.mark.long
def test_killed_in_the_middle_nobody_is_told_twice_and_nobody_forgotten(
    make, database_url, tmp_path
):
    acme, count = make.employer(), 45
    people = make_decided(acme, make, count)
    run_id = start(acme, people).id
    environ, kills = commands.environment(database_url, tmp_path), 0
    db.session.rollback()

    def progress() -> tuple[str, int]:
        db.session.rollback()
        run = db.session.get_one(Run, run_id)
        return run.state, run.done

    while progress()[0] != RunState.FINISHED:
        process = subprocess.Popen([sys.executable, "-c", KILLED], env=environ)
        before = progress()[1]
        while process.poll() is None and progress()[1] < before + 10:
            time.sleep(0.01)
        time.sleep(0.007 * (kills % 7))
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            kills += 1
        process.wait()
        db.session.execute(sa.update(Run).values(beat_at=None))  # two minutes later
        db.session.commit()
    assert kills >= 3
    run = db.session.get_one(Run, run_id)
    assert (run.done, run.counts["done"]) == (count, count)
    assert [one[0] for one in lines(run).values()] == ["done"] * count
    written = sa.select(Notice.application_id).group_by(Notice.application_id)
    assert len(db.session.scalars(written).all()) == notices() == count
    assert db.session.scalar(sa.select(sa.func.count()).where(Email.kind == "notice")) == count


def make_decided(employer: Employer, make, count: int) -> list[int]:
    added = hiring.Additions(employer, [], utcnow())
    now = utcnow()
    news = [hiring.NewApplication(f"Cam {n}", f"c{n}@x.test", "Nurse") for n in range(count)]
    added = hiring.Additions(employer, news, now)
    for new in news:
        added.add(new, hiring.PastDecision(Outcome.REJECTED, now - timedelta(days=3)))
    found = [one.application_id for one in added.finish()]
    db.session.commit()
    return found


@pytest.mark.both
def test_a_change_of_the_clock_changes_what_is_owed(app, make):
    acme = make.employer()
    decided = make.decided(acme, days_ago=3)
    interviewed = make.application(acme, last_interview_on=date.today() - timedelta(days=40))
    assert decided.owed_on
    assert interviewed.owed_on is None
    acme.clock_preset = ClockPreset.ONTARIO
    hiring.ask_to_owe_anew(acme)
    db.session.commit()
    assert interviewed.owed_on == date.today() + timedelta(days=5)
    assert str(interviewed.owed_under) == "ontario"
    carried_out(acme, [interviewed.id], Plan(Action.DELAY, next_on=SOON, texts=TEXTS), "delay")
    assert interviewed.owed_under == "ontario", "it has not left yet"
    db.session.execute(sa.update(Email).values(next_attempt_at=utcnow()))
    db.session.commit()
    jobs.run_until_idle()
    db.session.expire_all()
    assert (interviewed.owed_on, str(interviewed.owed_under)) == (SOON, "promise")


def test_a_run_of_another_employer_is_not_found(app, make):
    run = start(make.employer(), [make.decided(make.employer("globex")).id])
    assert run.total == 0
    assert runs.find(run.employer_id + 1, run.id) is None
    assert db.session.scalar(sa.select(sa.func.count(Decision.id)))
    assert LineResult.WAITING not in {one[0] for one in lines(run).values()}
