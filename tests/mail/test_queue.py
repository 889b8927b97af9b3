"""Rows and what may be done to them: owed once, taken back, held, resent, swept, suppressed."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from portal import links, outbox
from portal.extensions import db
from portal.mail_kinds import KINDS
from portal.models import (
    AuditEvent,
    Email,
    EmailState,
    Invitation,
    Suppression,
    SuppressionReason,
    utcnow,
)
from portal.outbox.claims import LEASE, claim_batch
from portal.outbox.rows import hold_mail
from tests.mail.conftest import configure, fresh, go, queue, saying

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
OPT_OUT = SuppressionReason.OPT_OUT


def test_one_key_is_one_email(app):
    first = queue("a")
    assert first.to_address == "Cam@example.net"
    assert first.message_id.startswith(f"<{utcnow():%Y%m%d}.")
    assert len(first.verp_tag) == 13
    assert queue("a", to="other@example.net") is first
    assert first.to_address == "Cam@example.net"
    other = queue("b")
    assert {first.message_id, first.verp_tag}.isdisjoint({other.message_id, other.verp_tag})


def test_a_cancelled_email_is_revived_under_its_message_id_and_no_other_is(app, owe, relay):
    email = queue("a")
    message_id = email.message_id
    assert outbox.cancel_email("a", "retracted")
    assert not outbox.cancel_email("a", "retracted")
    assert (email.state, email.reason, email.is_settled) == (
        EmailState.CANCELLED,
        "retracted",
        False,
    )
    later = utcnow() + HOUR
    again = queue("a", to="new@example.net", not_before=later, expires_at=later + DAY)
    assert again is email
    assert (again.state, again.reason, again.message_id) == (EmailState.QUEUED, None, message_id)
    assert (again.to_address, again.next_attempt_at) == ("new@example.net", later)
    db.session.rollback()
    sent = owe.email()
    outbox.deliver_next(go)
    again = queue(sent.dedup_key)
    assert again.state is EmailState.SENT
    assert not outbox.cancel_email(sent.dedup_key, "retracted")


def test_mail_waits_for_its_time_and_is_cancelled_after_it(app, owe, relay):
    now = utcnow()
    later = owe.email(not_before=now + HOUR, expires_at=now + 3 * HOUR)
    stale = owe.email(expires_at=now + HOUR)
    with time_machine.travel(now + HOUR + MINUTE):
        assert outbox.deliver_next(go)
        assert fresh(later).state is EmailState.SENT
        assert fresh(stale).state is EmailState.QUEUED, "stale mail is not sent"
        assert outbox.sweep(KINDS, utcnow()) == 1
    stale = fresh(stale)
    assert (stale.state, stale.reason, stale.is_settled) == (EmailState.CANCELLED, "stale", False)


def test_a_worker_that_died_leaves_free_or_unknown_rows(app, owe, relay):
    queued, sending = owe.emails(2)
    now = utcnow()
    assert len(claim_batch(KINDS, "dead", now).claims) == 2
    db.session.execute(
        sa.update(Email).where(Email.id == sending.id).values(state=EmailState.SENDING)
    )
    db.session.commit()
    assert not outbox.deliver_next(go), "both are leased"
    assert outbox.sweep(KINDS, now) == 0
    with time_machine.travel(now + LEASE + MINUTE):
        assert outbox.sweep(KINDS, utcnow()) == 1
        sending = fresh(sending)
        assert (sending.state, sending.reason) == (EmailState.UNKNOWN, "worker_died")
        assert sending.is_settled is False
        assert outbox.deliver_next(go)
    assert fresh(queued).state is EmailState.SENT
    assert fresh(sending).state is EmailState.UNKNOWN
    assert len(relay.messages) == 1


def test_a_late_answer_still_settles_a_row_that_was_swept(app, owe, relay):
    """The reply took longer than the lease: the row is `unknown` when it comes."""
    email = owe.email()

    def sweep(line):
        with app.app_context(), time_machine.travel(utcnow() + LEASE + MINUTE):
            assert outbox.sweep(KINDS, utcnow()) == 1

    relay.answers["final"] = sweep
    outbox.deliver_next(go)
    assert (fresh(email).state, email.reason) == (EmailState.SENT, None)


def test_what_is_decided_while_the_relay_is_asked_is_obeyed(app, owe, relay):
    """Cancelled, opted out, erased or paused between RCPT and the text: nothing leaves."""
    acme = owe.employer()
    acme_id = acme.id

    def pause(email):
        outbox.pause("test", utcnow())

    def erase(email):
        db.session.execute(sa.update(Email).where(Email.id == email.id).values(to_address=None))

    def opt_out(email):
        key = links.address_keys(email.to_address)[0]
        db.session.add(
            Suppression(address_key=key, employer_id=acme_id, reason=OPT_OUT, source="link")
        )

    for change, expected in (
        (lambda email: outbox.cancel_email(email.dedup_key, "retracted"), "retracted"),
        (opt_out, "opted_out"),
        (erase, None),
        (pause, None),
    ):
        email = owe.email(acme)
        key = email.dedup_key

        def act(line, change=change, key=key):
            with app.app_context():
                change(db.session.scalars(sa.select(Email).where(Email.dedup_key == key)).one())
                db.session.commit()

        relay.answers["RCPT"] = act
        outbox.deliver_next(go)
        assert relay.said["DATA"] == 0
        email = fresh(email)
        assert email.reason == expected
        state = EmailState.CANCELLED if expected else EmailState.QUEUED
        assert (email.state, email.sending_at) == (state, None)
    assert relay.said["RSET"] == 4


def test_the_last_word_cancels_postpones_or_lets_go(app, owe, relay):
    acme = owe.employer()
    cancelled, waiting, sent = owe.emails(3, acme, expires_at=utcnow() + DAY)
    monday = utcnow() + 3 * DAY

    def last_word(email):
        db.session.get(Invitation, email.invitation_id).is_reminded = True
        return {cancelled.id: "answered", waiting.id: monday}.get(email.id)

    ids = cancelled.invitation_id, waiting.invitation_id, sent.invitation_id
    db.session.rollback()
    while outbox.deliver_next(saying(last_word)):
        pass
    assert (fresh(cancelled).state, cancelled.reason) == (EmailState.CANCELLED, "answered")
    assert cancelled.is_settled is False
    assert (fresh(waiting).state, waiting.next_attempt_at) == (EmailState.QUEUED, monday)
    assert waiting.expires_at == monday + 2 * DAY, "waiting for the window makes nothing stale"
    assert (waiting.attempts, waiting.lease_by) == (0, None)
    assert fresh(sent).state is EmailState.SENT
    kept = [db.session.get(Invitation, id_).is_reminded for id_ in ids]
    assert kept == [False, False, True], "what it changed is kept only with what was sent"


def test_a_row_that_breaks_our_code_does_not_hold_up_the_others(app, owe, relay, caplog):
    broken, other = owe.emails(2)

    def last_word(email):
        return 1 / 0 if email.id == broken_id else None

    broken_id = broken.id
    outbox.deliver_next(saying(last_word))
    assert fresh(other).state is EmailState.SENT
    assert (fresh(broken).state, broken.attempts) == (EmailState.QUEUED, 1)
    assert broken.next_attempt_at > utcnow() + MINUTE
    assert relay.connections == 1
    assert "an error of ours" in caplog.text
    assert broken.to_address not in caplog.text


def test_without_a_database_nothing_is_sent_and_nothing_is_settled(app, owe, relay):
    email = owe.email()

    def last_word(email):
        db.session.execute(sa.text("SELECT * FROM no_such_table"))

    with pytest.raises(sa.exc.SQLAlchemyError):
        outbox.deliver_next(saying(last_word))
    assert (fresh(email).state, email.attempts) == (EmailState.QUEUED, 0)
    assert relay.said["DATA"] == 0
    with time_machine.travel(utcnow() + LEASE + MINUTE):
        outbox.deliver_next(go)
    assert fresh(email).state is EmailState.SENT


def test_what_cannot_be_written_says_why(app, owe, relay):
    orphan = owe.employer(reply_to=None)
    nobody = owe.email(orphan)
    nobodys_notice = owe.email(orphan, kind="notice")
    bad_address = owe.email(address="zoë@example.net")
    bad_reply = owe.email(owe.employer(reply_to="Ada <ada@acme.example>"))
    outbox.deliver_next(go)
    found = [(fresh(e).state, e.reason) for e in (nobody, nobodys_notice, bad_address, bad_reply)]
    assert found == [
        (EmailState.CANCELLED, "no_sender"),
        (EmailState.FAILED, "no_sender"),
        (EmailState.FAILED, "address"),
        (EmailState.FAILED, "ours"),
    ]
    assert relay.said["DATA"] == 0


def test_held_mail_waits_and_does_not_become_stale(app, owe, relay):
    acme, globex = owe.employer(), owe.employer()
    now = utcnow()
    held = owe.email(acme, expires_at=now + HOUR)
    notice_like = owe.email(acme, kind="fresh_link")
    other = owe.email(globex)
    hold_mail(["invite"], acme.id, now + 2 * HOUR, expires_at=now + 50 * HOUR)
    db.session.commit()
    outbox.deliver_due(go)
    assert fresh(notice_like).state is fresh(other).state is EmailState.SENT
    assert fresh(held).state is EmailState.QUEUED
    with time_machine.travel(now + 2 * HOUR + MINUTE):
        outbox.sweep(KINDS, utcnow())
        outbox.deliver_due(go)
    assert fresh(held).state is EmailState.SENT


def test_without_a_relay_mail_becomes_files_and_never_counts_as_sent(app, owe, tmp_path):
    configure(app, MAIL_SERVER="")
    email = owe.email()
    assert outbox.deliver_next(go)
    email = fresh(email)
    assert (email.state, email.sent_at, email.is_settled) == (EmailState.CAPTURED, None, True)
    (file,) = (tmp_path / "outbox").iterdir()
    assert file.name == email.message_id.strip("<>") + ".eml"
    assert f"To: {email.to_address}".encode() in file.read_bytes()
    assert not outbox.mail_condition(utcnow()).is_healthy
    withheld = owe.email()
    outbox.deliver_next(saying(lambda email: "answered"))
    assert fresh(withheld).state is EmailState.CANCELLED
    assert len(list((tmp_path / "outbox").iterdir())) == 1


def test_simulated_addresses_take_their_paths_without_a_relay(app, owe, relay):
    acme = owe.employer()
    found = {
        name: owe.email(acme, address=f"{name}@simulator.invalid")
        for name in ("deliver", "tempfail", "permfail", "unknown")
    }
    outbox.deliver_next(go)
    assert {name: fresh(email).state for name, email in found.items()} == {
        "deliver": EmailState.SENT,
        "tempfail": EmailState.QUEUED,
        "permfail": EmailState.FAILED,
        "unknown": EmailState.UNKNOWN,
    }
    assert relay.connections == 0
    assert db.session.scalars(sa.select(Suppression)).all() == [], "may be tried again"


def test_after_a_restore_nothing_that_may_have_been_sent_is_sent(app, owe, relay):
    now = utcnow()
    with time_machine.travel(now - DAY):
        old = owe.email()
    new = owe.email()
    assert outbox.after_restore(now - 12 * HOUR) == 1
    db.session.commit()
    outbox.deliver_due(go)
    assert (fresh(old).state, old.reason, old.is_settled) == (
        EmailState.UNKNOWN,
        "restored",
        False,
    )
    assert fresh(new).state is EmailState.SENT


def test_what_people_do_to_mail_is_in_the_audit_log(app, owe, relay):
    email = owe.email()
    relay.answers["refuse"] = ["554 5.6.0 no"]
    outbox.deliver_next(go)
    outbox.resend(KINDS, email, utcnow())
    outbox.pause("disk", utcnow())
    outbox.pause("again", utcnow())
    outbox.resume()
    outbox.resume()
    db.session.commit()
    rows = db.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.id)).all()
    assert [row.action for row in rows] == ["email.resent", "mail.paused", "mail.resumed"]
    assert rows[0].employer_id == email.employer_id
    assert "@" not in repr([row.detail for row in rows])


def test_a_person_finds_what_needs_one(app, owe, relay):
    failed, reminder, _sent = owe.email(), owe.email(kind="reminder"), owe.email()
    relay.answers["refuse"] = ["554 5.6.0 no", "554 5.6.0 no"]
    outbox.deliver_next(go)
    assert outbox.list_needing_person(KINDS) == [outbox.find_email(failed.id)]
    assert outbox.find_email(reminder.id).state is EmailState.FAILED
    assert outbox.find_email(0) is None


def test_the_queue_in_numbers(app, owe, relay):
    later = owe.email(not_before=utcnow() + HOUR)
    depth = outbox.queue_depth(KINDS, utcnow())
    assert (depth.oldest_due_at, depth.next_due_at) == (None, later.next_attempt_at)
    email = owe.email()
    depth = outbox.queue_depth(KINDS, utcnow())
    assert depth.by_state[EmailState.QUEUED] == 2
    assert depth.by_state[EmailState.FAILED] == 0
    assert (depth.oldest_due_at, depth.next_due_at) == (email.next_attempt_at, None)


def test_a_notice_that_could_not_leave_in_time_waits_for_a_person(app, owe):
    never, tried, survey = (
        owe.email(kind=kind, expires_at=utcnow() + HOUR) for kind in ("notice", "notice", "invite")
    )
    tried.attempts = 3
    db.session.commit()
    with time_machine.travel(utcnow() + 2 * HOUR):
        assert outbox.sweep(KINDS, utcnow()) == 3
    assert [(fresh(email).state, email.reason) for email in (never, tried, survey)] == [
        (EmailState.FAILED, "stale"),
        (EmailState.FAILED, "gave_up"),
        (EmailState.CANCELLED, "stale"),
    ]
    assert {email.id for email in outbox.list_needing_person(KINDS)} == {never.id, tried.id}


def test_nothing_goes_stale_while_mail_is_paused(app, owe, relay):
    emails = owe.emails(2, kind="fresh_link", expires_at=utcnow() + HOUR)
    outbox.pause("mail 535", utcnow(), "5.7.8 no")
    db.session.commit()
    with time_machine.travel(utcnow() + 3 * DAY):
        assert outbox.sweep(KINDS, utcnow()) == 0
        outbox.resume()
        db.session.commit()
        while outbox.deliver_next(go):
            pass
    assert {fresh(email).state for email in emails} == {EmailState.SENT}
