"""Decisions, notices and what the standing facts make of them."""

import itertools
from datetime import date, datetime, timedelta

import pytest
import sqlalchemy as sa

from portal import closure, hiring, intake, jobs, outbox
from portal.extensions import db
from portal.hiring import DecisionChanged, DecisionRefused
from portal.letters import (
    LETTERS_FOR,
    Letter,
    LetterRefused,
    Placeholders,
    Text,
    check_letter,
    template,
    write_letter,
)
from portal.mail_kinds import KINDS
from portal.models import (
    AuditEvent,
    Channel,
    Decision,
    Email,
    EmailState,
    Feedback,
    Locale,
    Outcome,
    utcnow,
)
from portal.scorecard import WaitingNow

WORDS = Placeholders("Cam", "Engineer", "Acme", "Remy", "1 May 2027")


def letter():
    return write_letter(Letter.REJECTED, Locale.ENGLISH, WORDS)


def notice_mail(application):
    return db.session.scalars(
        sa.select(Email)
        .where(Email.kind == "notice", Email.employer_id == application.employer_id)
        .order_by(Email.id)
    ).all()


def look(email: Email) -> str | datetime | None:
    """The last look before EMAIL leaves."""
    return KINDS[email.kind].last_look(email, utcnow())


def test_telling_by_email_begins_when_the_relay_has_taken_it(app, make, smtp):
    application = make.decided(make.employer(survey_delay_days=2))
    decision = hiring.standing_decision(application)
    hiring.tell_now(application, decision, letter(), utcnow(), feedback=Feedback.GENERAL)
    db.session.commit()
    assert application.told_at is None
    jobs.run_until_idle()
    db.session.refresh(application)
    assert application.told_at == notice_mail(application)[0].sent_at
    assert (application.channel, application.feedback) == (Channel.EMAIL, Feedback.GENERAL)
    assert [mail["Subject"] for mail in smtp] == [
        "Your application for the role of Engineer at Acme"
    ]


def test_a_notice_that_cannot_be_delivered_is_not_told(app, make):
    application = make.decided(make.employer(), email="permfail@simulator.invalid")
    decision = hiring.standing_decision(application)
    notice = hiring.tell_now(application, decision, letter(), utcnow())
    db.session.commit()
    jobs.deliver()
    jobs.settle(utcnow())
    db.session.refresh(application)
    db.session.refresh(notice)
    assert notice.is_undelivered
    assert application.told_at is None


def test_an_unknown_notice_is_not_told_until_it_is_settled(app, make):
    application = make.decided(make.employer(), email="unknown@simulator.invalid")
    hiring.tell_now(application, hiring.standing_decision(application), letter(), utcnow())
    db.session.commit()
    jobs.deliver()
    db.session.refresh(application)
    assert notice_mail(application)[0].state is EmailState.UNKNOWN
    assert application.told_at is None


def test_a_retraction_takes_back_the_mail_that_has_not_left(app, make, smtp):
    application = make.decided(make.employer())
    decision = hiring.standing_decision(application)
    later = utcnow() + timedelta(hours=3)
    hiring.tell_now(application, decision, letter(), utcnow(), send_at=later)
    hiring.retract_decision(application, utcnow(), seen=decision.id)
    db.session.commit()
    jobs.deliver()
    assert not smtp
    assert notice_mail(application)[0].reason == "retracted"
    assert (application.outcome, application.decided_on) == (None, None)
    with pytest.raises(DecisionChanged):
        hiring.retract_decision(application, utcnow())


def test_a_new_decision_supersedes_and_never_overwrites(app, make):
    application = make.told(make.employer(), Outcome.REJECTED)
    hiring.record_decision(application, Outcome.HIRED, utcnow(), utcnow(), reason="mind changed")
    db.session.commit()
    rows = db.session.scalars(sa.select(Decision).order_by(Decision.id)).all()
    assert [(row.outcome, row.ended_at is None) for row in rows] == [
        (Outcome.REJECTED, False),
        (Outcome.HIRED, True),
    ]
    assert (application.outcome, application.told_on) == (Outcome.HIRED, None)


def test_the_second_of_two_people_sees_that_the_first_has_decided(app, make):
    application = make.application(make.employer())
    hiring.record_decision(application, Outcome.REJECTED, utcnow(), utcnow(), seen=0)
    with pytest.raises(DecisionChanged):
        hiring.record_decision(application, Outcome.HIRED, utcnow(), utcnow(), seen=0)


def test_two_people_who_tell_at_once_write_one_email(app, make):
    application = make.decided(make.employer())
    decision = hiring.standing_decision(application)
    hiring.tell_now(application, decision, letter(), utcnow(), seen_notice=0)
    with pytest.raises(DecisionChanged):
        hiring.tell_now(application, decision, letter(), utcnow(), seen_notice=0)


def test_a_late_settlement_of_an_old_notice_does_not_undo_the_new_decision(app, make):
    application = make.decided(make.employer())
    old = hiring.standing_decision(application)
    hiring.tell_now(application, old, letter(), utcnow())
    new = hiring.record_decision(application, Outcome.HIRED, utcnow(), utcnow())
    hiring.record_told(application, new, Channel.PHONE, utcnow(), utcnow())
    db.session.commit()
    jobs.deliver()
    db.session.refresh(application)
    assert (application.outcome, application.channel) == (Outcome.HIRED, Channel.PHONE)


@pytest.mark.parametrize(("days", "field"), [(-2, "decided_on"), (20_000, "decided_on")])
def test_a_day_that_cannot_be_is_refused(app, make, days, field):
    application = make.application(make.employer())
    moment = utcnow() - timedelta(days=days)
    with pytest.raises(DecisionRefused) as refusal:
        hiring.record_decision(application, Outcome.REJECTED, moment, utcnow())
    assert refusal.value.field == field


def test_nobody_can_be_told_before_the_decision(app, make):
    application = make.decided(make.employer(), days_ago=3)
    decision = hiring.standing_decision(application)
    before = utcnow() - timedelta(days=6)
    with pytest.raises(DecisionRefused):
        hiring.record_told(application, decision, Channel.PHONE, before, utcnow())


def test_a_decision_takes_back_the_delay_note_that_has_not_left(app, make, smtp):
    application = make.application(make.employer(survey_delay_days=2))
    text = write_letter(Letter.DELAY, Locale.ENGLISH, WORDS)
    hiring.send_delay_note(application, date.today() + timedelta(days=9), text, utcnow())
    hiring.record_decision(application, Outcome.REJECTED, utcnow(), utcnow())
    db.session.commit()
    jobs.deliver()
    (note,) = notice_mail(application)
    assert (note.state, note.reason) == (EmailState.CANCELLED, "decided")
    assert text.subject not in [mail["Subject"] for mail in smtp]


def test_a_delay_note_claimed_while_it_is_decided_stays_behind(app, make):
    application = make.application(make.employer())
    text = write_letter(Letter.DELAY, Locale.ENGLISH, WORDS)
    hiring.send_delay_note(application, date.today() + timedelta(days=9), text, utcnow())
    (note,) = notice_mail(application)
    assert look(note) is None
    application.outcome = Outcome.REJECTED
    assert look(note) == "decided"


def test_what_an_employer_writes_before_it_is_approved_waits(app, make, smtp):
    employer = make.employer(approved_at=None)
    application = make.decided(employer)
    decision = hiring.standing_decision(application)
    hiring.tell_now(application, decision, letter(), utcnow())
    db.session.commit()
    jobs.deliver()
    assert not smtp
    assert notice_mail(application)[0].state is EmailState.QUEUED


def test_a_delay_note_is_sent_and_never_counts_as_told(app, make, smtp):
    application = make.application(make.employer(), last_interview_on=utcnow().date())
    next_on = utcnow().date() + timedelta(days=9)
    text = write_letter(Letter.DELAY, Locale.ENGLISH, WORDS)
    hiring.send_delay_note(application, next_on, text, utcnow())
    db.session.commit()
    jobs.deliver()
    db.session.refresh(application)
    assert len(smtp) == 1
    assert (application.told_at, application.promised_on) == (None, next_on)
    with pytest.raises(DecisionRefused):
        hiring.send_delay_note(application, utcnow().date(), text, utcnow())


def test_without_an_address_there_is_nothing_to_send(app, make):
    application = make.decided(make.employer(), email=None)
    with pytest.raises(DecisionRefused):
        hiring.tell_now(application, hiring.standing_decision(application), letter(), utcnow())


def test_every_change_is_in_the_audit_trail(app, make):
    make.told(make.employer())
    actions = set(db.session.scalars(sa.select(AuditEvent.action)))
    assert {"application.added", "decision.recorded", "notice.recorded"} <= actions


def test_the_list_finds_by_name_address_and_role_and_pages(app, make):
    acme = make.employer()
    for _ in range(3):
        make.application(acme)
    make.application(acme, name="Zoë 100%", email="zoe@else.example", role="Under_writer")
    make.decided(acme)
    make.told(acme)

    def found(employer, search="", tab=hiring.Tab.ALL, number=1):
        wanted = hiring.Filter(date.today(), tab, search)
        return hiring.open_desk(employer, wanted, number).page

    assert found(acme).total == 6
    assert found(acme, "100%").total == 1
    assert found(acme, "r_w").total == 1
    assert found(acme, "else.example").applications[0].candidate.name == "Zoë 100%"
    assert found(acme, tab=hiring.Tab.OPEN).total == 4
    assert found(acme, tab=hiring.Tab.NOT_TOLD).total == 1
    assert found(acme, tab=hiring.Tab.TOLD).total == 1
    assert found(acme, number=99).number == 1
    assert found(make.employer("globex")).total == 0


def test_another_employers_application_does_not_exist(app, make):
    application = make.application(make.employer())
    assert hiring.find_application(make.employer("globex"), application.id) is None


def test_every_outcome_has_its_letters_in_both_languages():
    for letters in LETTERS_FOR.values():
        for kind in letters:
            for locale in Locale:
                template(kind, locale)
    for kind, locale in itertools.product(Letter, Locale):
        text = write_letter(kind, locale, WORDS)
        assert "{" not in text.subject + text.body


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("", "text"),
        ("subject", " "),
        ("s" * 201, "text"),
        ("one\ntwo", "text"),
        ("subject", "nul \0 here"),
        ("subject", "Dear {candidat},"),
        ("subject", "Dear {{candidate}},"),
        ("subject", "Dear {first name},"),
        ("{date}" * 31, "text"),
    ],
)
def test_a_letter_that_cannot_be_sent_says_why(subject, body):
    with pytest.raises(LetterRefused):
        check_letter(subject, body, WORDS)


def test_only_a_letter_that_promises_a_date_may_name_it():
    assert check_letter("subject", "By {date}.", WORDS).body == "By 1 May 2027."
    undated = Placeholders("Cam", "Engineer", "Acme", "Remy")
    for subject, body in (("subject", "By {date}."), ("{date}", "text")):
        with pytest.raises(LetterRefused) as refused:
            check_letter(subject, body, undated)
        assert str(refused.value) == (
            "{date} cannot be filled in here. Known are {candidate}, {role}, {employer}, {sender}."
        )


def test_a_letter_is_text_and_never_an_expression():
    body = "{{7*7}} %s {0.__class__} {}"
    assert check_letter("{{7*7}}", body, WORDS) == Text("{{7*7}}", body)
    assert check_letter("{role}", "Hi {candidate} 7*7", WORDS).body == "Hi Cam 7*7"


def test_the_queue_can_be_read(app):
    assert outbox.queue_depth(KINDS, utcnow()).oldest_due_at is None


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_notice_of_a_decision_just_replaced_tells_of_no_other(app, make, smtp):
    """On PostgreSQL; SQLite has one writer at a time, so that nothing comes between."""
    application = make.decided(make.employer(survey_delay_days=2))
    decision = hiring.standing_decision(application)
    notice = hiring.tell_now(application, decision, letter(), utcnow())
    db.session.commit()
    jobs.deliver()
    assert decision.ended_at is None
    assert notice.decision is decision
    with db.engine.begin() as other:  # what is loaded above does not know of it
        other.execute(sa.update(Decision).values(ended_at=utcnow()))
        values = {"outcome": Outcome.HIRED, "decided_at": utcnow(), "reason": ""}
        values |= {name: getattr(decision, name) for name in ("employer_id", "application_id")}
        other.execute(sa.insert(Decision).values(is_retracted=False, **values))
    outbox.settle_next(KINDS, utcnow())
    assert application.told_at is None


def test_one_address_in_two_spellings_is_one_person(app, make):
    acme = make.employer()
    one = make.application(acme, email="Bob@example.net", role="Lead")
    two = make.application(acme, email="bob@example.net", role="Dev")
    assert one.candidate is two.candidate
    twin = hiring.NewApplication(name="Bob", email="BOB@example.net", role="Lead")
    with pytest.raises(intake.AlreadyOpen):
        intake.add_one(acme, twin)
    assert intake.add_one(make.employer("globex"), twin).candidate.name == "Bob"


@pytest.mark.both
def test_who_waits_at_this_moment_is_counted(app, make, acme):
    today = closure.local_day(acme, utcnow())
    assert hiring.count_waiting(acme, today) == WaitingNow(0, None, 0)
    make.decided(acme, days_ago=40)
    make.decided(acme, days_ago=9)
    make.decided(acme, Outcome.WITHDRAWN, days_ago=90)  # nothing is owed
    make.told(acme, days_ago=80)
    make.application(acme)
    make.decided(make.employer("globex"), days_ago=300)  # another's
    assert hiring.count_waiting(acme, today) == WaitingNow(2, 40, 1)
