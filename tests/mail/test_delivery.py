"""What becomes of a row for each thing a relay can do."""

import time
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from portal import outbox
from portal.extensions import db
from portal.mail_kinds import KINDS
from portal.models import (
    Email,
    EmailState,
    InvitationToken,
    MailState,
    MailStrike,
    Suppression,
    SuppressionReason,
    utcnow,
)
from portal.outbox.outcomes import retry_wait
from tests.mail.conftest import configure, fresh, go, saying, states
from tests.mail.relay import CUT, SILENT

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def condition() -> outbox.MailCondition:
    db.session.rollback()
    found = outbox.mail_condition(utcnow())
    db.session.rollback()
    return found


def test_mail_is_sent_once_and_says_so(app, owe, relay):
    email = owe.email()
    assert outbox.deliver_next(go)
    assert not outbox.deliver_next(go)
    email = fresh(email)
    assert (email.state, email.attempts, email.is_settled) == (EmailState.SENT, 1, False)
    assert (email.relay_code, email.relay_text) == (250, "2.0.0 queued")
    assert email.sent_at >= email.sending_at
    assert email.lease_by is None
    assert relay.recipients == [email.to_address]
    assert email.message_id.encode() in relay.messages[0]


REFUSALS = [
    ("RCPT", "450 4.2.1 mailbox busy", EmailState.QUEUED, None),
    ("RCPT", "550 5.1.1 no such user", EmailState.FAILED, "address"),
    ("RCPT", "552 5.2.2 full", EmailState.FAILED, "mailbox"),
    ("RCPT", "550 no", EmailState.FAILED, "refused"),
    ("DATA", "451 4.3.0 later", EmailState.QUEUED, None),
    ("refuse", "451 4.3.0 try later", EmailState.QUEUED, None),
    ("refuse", "554 5.6.0 not like this", EmailState.FAILED, "ours"),
    ("MAIL", "552 5.3.4 too big", EmailState.FAILED, "ours"),
]


def test_a_refusal_ends_one_message_and_the_next_goes(app, owe, relay):
    acme = owe.employer()
    for step, reply, state, reason in REFUSALS:
        first, second = owe.emails(2, acme)
        relay.answers = {step: [reply]}
        before = relay.connections
        assert outbox.deliver_next(go)
        first, second = fresh(first), fresh(second)
        assert (first.state, first.reason, first.attempts) == (state, reason, 1), reply
        assert first.relay_code == int(reply[:3])
        assert first.is_settled is (state is EmailState.QUEUED)
        if state is EmailState.QUEUED:
            assert first.next_attempt_at > utcnow() + 3 * MINUTE
            assert first.lease_by is None
        assert second.state is EmailState.SENT
        assert relay.connections == before + 1
        assert condition().is_healthy


def test_a_refused_address_is_written_to_no_more(app, owe, relay):
    acme = owe.employer()
    owe.email(acme, address="Gone@example.net")
    relay.answers["RCPT"] = ["550 5.1.1 <Gone@example.net>: no such user"]
    outbox.deliver_next(go)
    again = owe.email(owe.employer("Globex"), address="gone@EXAMPLE.net")
    notice = owe.email(acme, address="gone@example.net", kind="fresh_link")
    while outbox.deliver_next(go):
        pass
    assert relay.messages == []
    assert (fresh(again).state, again.reason) == (EmailState.CANCELLED, "suppressed")
    assert (fresh(notice).state, notice.reason) == (EmailState.FAILED, "suppressed")
    row = db.session.scalars(sa.select(Suppression)).one()
    assert (row.reason, row.employer_id) == (SuppressionReason.HARD_BOUNCE, None)
    texts = db.session.scalars(sa.select(Email.relay_text)).all()
    assert not any("gone@" in (text or "").lower() for text in texts)


def test_what_a_relay_says_can_always_be_kept(app, owe, relay):
    taken, refused = owe.emails(2)
    relay.answers = {"final": ["250 2.0.0 \0\ud7ff queued"], "RCPT": [None, "550 5.1.1 \0 no"]}
    outbox.deliver_next(go)
    assert (fresh(taken).state, taken.relay_text) == (EmailState.SENT, "2.0.0 \ud7ff queued")
    assert (fresh(refused).state, refused.relay_text) == (EmailState.FAILED, "5.1.1 no")


def test_a_relay_that_is_away_costs_no_attempt_and_is_left_alone_longer_each_time(app, owe, relay):
    email = owe.email()
    relay.answers["connect"] = "421 4.3.2 service not available"
    waits = []
    with time_machine.travel(utcnow(), tick=False) as clock:
        for _ in range(7):
            outbox.deliver_next(go)
            assert not outbox.deliver_next(go)
            assert not condition().is_healthy
            waits.append(condition().delayed_until - utcnow())
            clock.move_to(condition().delayed_until + timedelta(seconds=1))
        assert (fresh(email).attempts, email.state) == (0, EmailState.QUEUED)
        for wait, seconds in zip(waits, (30, 60, 120, 240, 480, 600, 600), strict=True):
            assert 0.8 * seconds <= wait.total_seconds() <= 1.2 * seconds
        del relay.answers["connect"]
        assert outbox.deliver_next(go)
        assert condition().is_healthy
    assert fresh(email).state is EmailState.SENT


def test_no_relay_at_all_is_the_same_and_the_log_says_where(app, owe, caplog):
    from tests.support.postgres import free_port

    port = free_port()
    configure(app, MAIL_PORT=port)
    email = owe.email()
    assert outbox.deliver_due(go) == 1
    assert (fresh(email).state, email.attempts) == (EmailState.QUEUED, 0)
    assert condition().delayed_until
    (line,) = caplog.messages
    where = f"email {email.id}: back_off (connect None at 127.0.0.1:{port}: "
    assert line.startswith(where)
    assert "refused" in line


def test_a_silent_relay_is_given_up_after_the_time_out(app, owe, relay):
    configure(app, MAIL_TIMEOUT=0.5)
    acme = owe.employer()
    for step in ("MAIL", "RCPT", "DATA", "connect", "EHLO"):
        email = owe.email(acme)
        relay.answers = {step: [SILENT]}
        began = time.monotonic()
        outbox.deliver_next(go)
        assert time.monotonic() - began < 4, "in peace: 0.5 s and a little"
        expected = EmailState.QUEUED if step in ("connect", "EHLO") else EmailState.SENT
        assert fresh(email).state is expected, "a session lost before the text is begun anew"
        db.session.execute(sa.delete(MailState))
        db.session.execute(sa.delete(Email))
        db.session.commit()


def test_a_relay_may_look_through_a_text_for_longer_than_another_step_takes(app, owe, relay):
    configure(app, MAIL_TIMEOUT=0.5)
    first, second = owe.emails(2)
    relay.answers = {"final": [1.2]}
    outbox.deliver_next(go)
    assert (fresh(first).state, fresh(second).state) == (EmailState.SENT, EmailState.SENT)


def test_without_a_last_word_nobody_knows(app, owe, relay):
    configure(app, MAIL_TIMEOUT=0.5)
    for step, end, stored in (("final", CUT, 2), ("final", SILENT, 4), ("body", CUT, 4)):
        email, other = owe.emails(2)
        relay.answers[step] = end if step == "body" else [end]
        outbox.deliver_next(go)
        email = fresh(email)
        assert (email.state, email.reason) == (EmailState.UNKNOWN, "no_reply")
        assert email.is_settled is False
        assert len(relay.messages) == stored
        relay.answers.clear()
        assert not outbox.deliver_next(go), "never a second time by itself"
        expected = EmailState.UNKNOWN if step == "body" else EmailState.SENT
        assert fresh(other).state is expected


def test_a_person_resends_what_is_unknown_once_under_the_same_message_id(app, owe, relay):
    email = owe.email()
    relay.answers["final"] = [CUT]
    outbox.deliver_next(go)
    outbox.resend(KINDS, email, utcnow())
    with pytest.raises(outbox.CannotResend):
        outbox.resend(KINDS, email, utcnow())
    db.session.commit()
    outbox.deliver_next(go)
    assert fresh(email).state is EmailState.SENT
    ids = [line for raw in relay.messages for line in raw.split(b"\r\n") if b"Message-ID" in line]
    assert ids == [f"Message-ID: {email.message_id}".encode()] * 2
    with pytest.raises(outbox.CannotResend):
        outbox.resend(KINDS, email, utcnow())


def test_a_reminder_is_never_resent(app, owe, relay):
    email = owe.email(kind="reminder")
    relay.answers["final"] = [CUT]
    outbox.deliver_next(go)
    with pytest.raises(outbox.CannotResend):
        outbox.resend(KINDS, email, utcnow())


def test_421_in_mid_run_costs_one_reconnection_and_nothing_else(app, owe, relay):
    for step in ("MAIL", "RCPT", "DATA", "refuse"):
        relay.connections = 0
        relay.recipients.clear()
        emails = owe.emails(5)
        relay.answers = {step: [None, None, "421 4.3.2 closing"]}
        outbox.deliver_next(go)
        assert [fresh(email).state for email in emails] == [EmailState.SENT] * 5
        assert {email.attempts for email in emails} == {1}
        assert sorted(relay.recipients) == sorted(email.to_address for email in emails)
        assert relay.connections == 2


def test_a_message_that_ends_every_session_stops_neither_the_queue_nor_for_ever(app, owe, relay):
    poison, other = owe.emails(2)
    relay.answers["RCPT"] = lambda line: CUT if poison_address in line else None
    poison_address = poison.to_address
    outbox.deliver_next(go)
    assert relay.connections == 3, "the first and two reconnections"
    assert (fresh(poison).state, poison.attempts) == (EmailState.QUEUED, 0)
    assert condition().delayed_until
    with time_machine.travel(utcnow() + MINUTE):
        outbox.deliver_next(go)
    assert fresh(other).state is EmailState.SENT


def test_4xx_is_tried_for_48_hours_then_given_up(app, owe, relay):
    email = owe.email()
    relay.answers["RCPT"] = "450 4.2.1 busy"
    started = utcnow()
    with time_machine.travel(started, tick=False) as clock:
        for _ in range(60):
            outbox.deliver_next(go)
            if fresh(email).state is not EmailState.QUEUED:
                break
            assert email.next_attempt_at - utcnow() <= 1.2 * timedelta(hours=4)
            clock.move_to(email.next_attempt_at + timedelta(seconds=1))
        lasted = utcnow() - started
    assert (email.state, email.reason) == (EmailState.FAILED, "gave_up")
    assert 48 * HOUR <= lasted <= 53 * HOUR
    assert 18 <= email.attempts <= 32


def test_retries_wait_longer_each_time_and_a_reply_may_ask_for_more_but_not_for_days(
    app, owe, relay
):
    assert retry_wait(0) < 1.2 * 5 * MINUTE + MINUTE
    assert retry_wait(1000) <= 1.2 * 4 * HOUR
    asked = {"in 3600 seconds": HOUR, "in 90 minutes": 1.5 * HOUR, "in 99999 minutes": 4 * HOUR}
    for words, wait in asked.items():
        email = owe.email()
        relay.answers["RCPT"] = f"450 4.2.0 greylisted, please try again {words}"
        outbox.deliver_next(go)
        waits = fresh(email).next_attempt_at - utcnow()
        assert wait - MINUTE < waits <= wait, words


def test_a_domain_that_asks_us_to_slow_down_waits_and_others_go_on(app, owe, relay):
    acme = owe.employer()
    slow = [owe.email(acme, address=f"c{n}@slow.example") for n in range(8)]
    other = owe.email(acme, address="ann@fast.example")
    relay.answers["RCPT"] = lambda line: "451 4.7.1 slow" if "slow.example" in line else None
    while outbox.deliver_next(go):
        pass
    assert fresh(other).state is EmailState.SENT
    assert relay.said["RCPT"] == 4
    soon = [fresh(email).next_attempt_at < utcnow() + 14 * MINUTE for email in slow]
    assert not any(soon)
    assert sum(email.attempts for email in slow) == 3


def test_a_domain_over_which_every_session_ends_holds_up_no_other(app, owe, relay):
    acme = owe.employer()
    slow = [owe.email(acme, address=f"c{n}@slow.example") for n in range(8)]
    others = [owe.email(acme, address=f"c{n}@fast{n}.example") for n in range(6)]
    relay.answers["RCPT"] = lambda line: "421 4.7.0 [TSS04] later" if "slow" in line else None
    while outbox.deliver_next(go):
        pass
    assert {fresh(email).state for email in others} == {EmailState.SENT}
    assert {fresh(email).state for email in slow} == {EmailState.QUEUED}
    assert min(email.next_attempt_at for email in slow) > utcnow() + 11 * MINUTE
    assert condition().is_healthy
    assert relay.said["RCPT"] == 6 + 3 * 3


def test_a_relay_that_ends_every_session_is_left_alone(app, owe, relay):
    acme = owe.employer()
    emails = [owe.email(acme, address=f"c{n}@fast{n}.example") for n in range(6)]
    relay.answers["RCPT"] = "421 4.7.0 too many connections from you"
    outbox.deliver_next(go)
    assert condition().delayed_until
    assert {fresh(email).state for email in emails} == {EmailState.QUEUED}
    assert relay.said["RCPT"] == 2 * 3, "a second domain tells that it is about us"


REFUSALS_OF_OURS = [
    ("MAIL", "550 5.7.1 sender refused"),
    ("RCPT", "550 5.7.1 blocked"),
    ("refuse", "550 5.7.26 unauthenticated"),
    ("connect", "554 5.7.1 you are listed"),
    ("EHLO", "550 no"),
]


def test_a_refusal_of_ours_pauses_keeps_the_queue_and_blames_nobody(app, owe, relay):
    acme = owe.employer()
    with time_machine.travel(utcnow(), tick=False) as clock:
        for step, reply in REFUSALS_OF_OURS:
            emails = owe.emails(3, acme)
            relay.heard.clear()
            relay.answers = {step: reply, "HELO": reply}
            outbox.deliver_next(go)
            assert states().get("queued") == 3
            assert condition().paused_at
            offered = relay.said["MAIL"]
            assert not outbox.deliver_next(go)
            assert outbox.deliver_due(go) == 0
            assert relay.said["MAIL"] == offered <= 1
            outbox.resume()
            db.session.commit()
            outbox.deliver_due(go)
            assert relay.said["MAIL"] <= offered + 1, "still refused: one message was risked"
            assert condition().paused_at
            relay.answers.clear()
            outbox.resume()
            db.session.commit()
            clock.shift(6 * MINUTE)
            outbox.deliver_due(go)
            assert {fresh(email).state for email in emails} == {EmailState.SENT}
            assert {email.attempts for email in emails} == {1}
            assert condition().is_healthy
    assert db.session.scalars(sa.select(Suppression)).all() == []


@pytest.mark.parametrize("step", ["RCPT", "DATA", "refuse"])
def test_a_message_that_alone_is_refused_pauses_once_and_then_fails(app, owe, relay, step):
    acme = owe.employer()
    poison, *others = owe.emails(3, acme)
    said = relay.answers
    said[step] = ["554 5.7.1 Access denied"]
    with time_machine.travel(utcnow(), tick=False) as clock:
        outbox.deliver_next(go)
        for _ in range(2):  # nothing was put right: whose turn it is says nothing of that message
            assert condition().paused_at
            assert fresh(poison).state is EmailState.QUEUED
            outbox.resume()
            db.session.commit()
            clock.shift(6 * MINUTE)
            said[step] = "554 5.7.1 Access denied"
            outbox.deliver_due(go)
        assert states() == {"queued": 3}
        outbox.resume()
        db.session.commit()
        clock.shift(MINUTE)
        said.clear()
        outbox.deliver_next(go)
        said[step] = [None, "554 5.7.1 Access denied"]
        clock.shift(6 * MINUTE)
        outbox.deliver_due(go)
        assert condition().is_healthy
    assert sorted(fresh(email).state for email in [poison, *others]) == ["failed", "sent", "sent"]
    (failed,) = (email for email in [poison, *others] if email.state is EmailState.FAILED)
    assert failed.reason == "ours"
    assert db.session.scalars(sa.select(MailStrike)).all() == [], "nobody's mailbox is to blame"


def test_after_a_resume_one_message_goes_before_the_rest(app, owe, relay):
    owe.emails(5)
    outbox.pause("test", utcnow())
    db.session.commit()
    assert not outbox.deliver_next(go)
    outbox.resume()
    db.session.commit()
    assert outbox.deliver_next(go)
    assert states() == {"sent": 1, "queued": 4}
    outbox.deliver_next(go)
    assert states() == {"sent": 5}


def test_a_probe_that_was_not_to_be_sent_is_no_answer(app, owe, relay):
    answered = owe.email()
    owe.emails(3)
    outbox.pause("test", utcnow())
    outbox.resume()
    db.session.commit()
    answered_id = answered.id
    db.session.rollback()

    def last_word(email):
        return "answered" if email.id == answered_id else None

    outbox.deliver_next(saying(last_word))
    outbox.deliver_next(saying(last_word))
    assert states() == {"cancelled": 1, "sent": 1, "queued": 2}, "the next one is the probe"
    outbox.deliver_due(saying(last_word))
    assert states() == {"cancelled": 1, "sent": 3}


@pytest.mark.parametrize(
    ("step", "no"),
    [
        ("RCPT", "550 no"),
        ("RCPT", "503 sign in first"),
        ("RCPT", "504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname"),
        ("DATA", "502 5.5.1 not implemented"),
        ("refuse", "554 5.6.0 not like this"),
    ],
)
def test_five_refusals_for_no_reason_or_one_of_ours_are_about_us(app, owe, relay, step, no):
    acme = owe.employer()
    for _ in range(3):
        owe.email(acme)
    relay.answers[step] = [no] * 3
    outbox.deliver_next(go)
    owe.email(acme)
    outbox.deliver_next(go)
    assert db.session.get(MailState, 1).refused_in_a_row == 0, "an acceptance ends the row"
    relay.answers[step] = no
    owe.emails(8, acme)
    outbox.deliver_next(go)
    assert condition().paused_at
    assert states() == {"failed": 8, "sent": 1, "queued": 3}


def test_three_strikes_over_a_week_suppress_a_mailbox(app, owe, relay):
    relay.answers["RCPT"] = "552 5.2.2 full"
    acme = owe.employer()
    now = utcnow()
    for days in (0, 0, 1, 8):
        with time_machine.travel(now + timedelta(days=days)):
            owe.email(acme, address="full@example.net")
            outbox.deliver_next(go)
            found = outbox.find_suppression("full@example.net", acme.id, is_survey=False)
            db.session.rollback()
            assert (found is SuppressionReason.STRIKES) is (days == 8)
    assert len(db.session.scalars(sa.select(MailStrike)).all()) == 3


def test_each_attempt_has_its_own_token_and_none_is_stored(app, owe, relay):
    owe.email()
    relay.answers["DATA"] = ["451 4.3.0 later"]
    outbox.deliver_next(go)
    with time_machine.travel(utcnow() + 10 * MINUTE):
        outbox.deliver_next(go)
    assert len(relay.messages) == 1
    assert len(db.session.scalars(sa.select(InvitationToken)).all()) == 2
