"""Addresses that may not be written to: by whom, for what, until when."""

from datetime import timedelta

import sqlalchemy as sa

from portal import links, outbox
from portal.extensions import db
from portal.mail_kinds import KINDS
from portal.models import (
    AuditEvent,
    EmailState,
    Suppression,
    SuppressionReason,
    utcnow,
)
from portal.outbox import suppression
from tests.mail.conftest import configure, fresh, go, queue
from tests.support.factory import ANOTHER_KEY

OPT_OUT, DO_NOT_EMAIL = SuppressionReason.OPT_OUT, SuppressionReason.DO_NOT_EMAIL
HARD_BOUNCE, COMPLAINT = SuppressionReason.HARD_BOUNCE, SuppressionReason.COMPLAINT


def test_suppression_scopes_and_kinds(app, owe):
    acme, globex = owe.employer(), owe.employer()

    def find(address, employer_id, kind):
        is_survey = KINDS[kind].is_survey
        return outbox.find_suppression(address, employer_id, is_survey=is_survey)

    invite, reminder, notice, fresh_link = "invite", "reminder", "notice", "fresh_link"
    outbox.suppress("cam@example.net", OPT_OUT, acme.id, "link")
    outbox.suppress("CAM@example.net", OPT_OUT, acme.id, "link")
    assert find("Cam@Example.net", acme.id, invite) is OPT_OUT
    assert find("cam@example.net", acme.id, reminder) is OPT_OUT
    assert find("cam@example.net", acme.id, notice) is None
    assert find("cam@example.net", acme.id, fresh_link) is None, "asked for"
    assert find("cam@example.net", globex.id, invite) is None
    outbox.suppress("cam@example.net", HARD_BOUNCE, None, "dsn")
    assert find("cam@example.net", globex.id, notice) is HARD_BOUNCE
    assert find("cam@example.net", acme.id, invite) is HARD_BOUNCE
    assert outbox.reopen_mailbox("Cam@example.net")
    assert not outbox.reopen_mailbox("cam@example.net"), "there is nothing left to take back"
    assert find("cam@example.net", acme.id, invite) is OPT_OUT, "the opt-out outlives the bounce"
    outbox.suppress("bob@example.net", COMPLAINT, None, "event")
    assert find("bob@example.net", globex.id, invite) is COMPLAINT
    assert find("bob@example.net", globex.id, notice) is None
    rows = db.session.scalars(sa.select(Suppression)).all()
    assert len(rows) == 2
    assert not any("@" in row.address_key for row in rows)


def test_an_opt_out_by_link_stops_queued_survey_mail_and_can_be_taken_back(app, owe, relay):
    acme, globex = owe.employer(), owe.employer()
    invite = owe.email(acme, address="Cam@example.net")
    reminder = owe.email(acme, kind="reminder", address="Cam@example.net")
    asked_for = owe.email(acme, kind="fresh_link", address="Cam@example.net")
    other = owe.email(globex, address="Cam@example.net")
    token = links.unsubscribe_url(acme.id, "cam@example.net").rpartition("/")[2]
    wish = links.read_unsubscribe(token)
    for _ in range(2):
        outbox.suppress_key(wish.address_key, OPT_OUT, wish.employer_id, "link")
        db.session.commit()
    assert outbox.is_suppressed_key(wish.address_key, acme.id, OPT_OUT)
    db.session.rollback()
    outbox.deliver_due(go)
    assert (fresh(invite).state, invite.reason) == (EmailState.CANCELLED, "opted_out")
    assert fresh(reminder).state is EmailState.CANCELLED
    assert fresh(asked_for).state is EmailState.SENT
    assert fresh(other).state is EmailState.SENT
    outbox.unsuppress_key(wish.address_key, OPT_OUT, acme.id)
    assert not outbox.is_suppressed_key(wish.address_key, acme.id, OPT_OUT)
    again = queue(invite.dedup_key, to="cam@example.net", employer_id=acme.id)
    assert again.state is EmailState.QUEUED


def test_an_opt_out_holds_after_the_secret_key_was_changed(app, owe, relay):
    acme = owe.employer()
    outbox.suppress("cam@example.net", DO_NOT_EMAIL, acme.id, "ats")
    db.session.commit()
    old = app.config["HEARDBACK"].SECRET_KEY
    configure(app, SECRET_KEY=ANOTHER_KEY, SECRET_KEY_FALLBACKS=(old,))
    email = owe.email(acme, address="cam@example.net")
    outbox.deliver_next(go)
    assert (fresh(email).state, email.reason) == (EmailState.CANCELLED, "do_not_email")


def test_one_spelling_that_bounces_says_nothing_of_the_others(app):
    outbox.suppress("cam+jobs@example.net", HARD_BOUNCE, None, "relay")
    outbox.suppress("bob+jobs@example.net", OPT_OUT, None, "link")
    find = outbox.find_suppression
    assert find("Cam+jobs@example.net", None, is_survey=False) is HARD_BOUNCE
    assert find("cam@example.net", None, is_survey=True) is None
    assert find("bob@example.net", None, is_survey=True) is OPT_OUT


def test_a_mailbox_that_works_after_all_is_written_to_again(app, owe, relay):
    """Full for a week, or refused by mistake: by command, and no wish of its person is lost."""
    acme = owe.employer()
    outbox.suppress("cam@example.net", OPT_OUT, acme.id, "link")
    outbox.suppress("Cam@example.net", HARD_BOUNCE, None, "relay")
    for day in (0, 4, 8):
        suppression.add_strike("bob@example.net", utcnow() + timedelta(days=day))
    db.session.commit()
    run = app.test_cli_runner().invoke
    for address in ("Cam@Example.net", "bob@example.net"):
        assert run(args=["person", "reachable", address]).exit_code == 0
        again = run(args=["person", "reachable", address])
        assert (again.exit_code, len(again.stderr.splitlines())) == (1, 1)
    assert outbox.find_suppression("cam@example.net", acme.id, is_survey=False) is None
    assert outbox.find_suppression("cam@example.net", acme.id, is_survey=True) is OPT_OUT
    suppression.add_strike("bob@example.net", utcnow() + timedelta(days=9))
    assert outbox.find_suppression("bob@example.net", acme.id, is_survey=False) is None
    noted = db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "mail.reopened"))
    assert [event.detail for event in noted] == [{}, {}]
