"""A relay that is away for hours, and mail that must not burst when it returns."""

from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
import time_machine

from portal import outbox
from portal.extensions import db
from portal.mail_kinds import KINDS
from portal.models import Email, EmailState, utcnow
from tests.mail.conftest import configure, go, saying, states
from tests.support.postgres import free_port

MONDAY_1530 = datetime(2026, 11, 23, 15, 30, tzinfo=UTC)
STEP = timedelta(minutes=15)


def in_office_hours(email: Email) -> datetime | None:
    now = utcnow()
    if 9 <= now.hour < 17:
        return None
    return now.replace(hour=9, minute=0, second=0) + timedelta(days=now.hour >= 17)


def test_two_hours_without_a_relay_cost_nobody_an_attempt_or_a_mail_at_night(app, owe, relay):
    received_at = []
    relay.answers["final"] = lambda line: received_at.append(utcnow())
    up, down = relay.port, free_port()
    with time_machine.travel(MONDAY_1530, tick=False) as clock:
        emails = owe.emails(40, expires_at=MONDAY_1530 + timedelta(hours=48))
        total = len(emails)
        while utcnow() < MONDAY_1530 + timedelta(hours=19):
            is_down = utcnow() < MONDAY_1530 + timedelta(hours=2)
            configure(app, MAIL_PORT=down if is_down else up)
            outbox.sweep(KINDS, utcnow())
            outbox.deliver_due(saying(in_office_hours))
            clock.shift(STEP)
        assert states() == {"sent": total}
    assert len(relay.recipients) == len(set(relay.recipients)) == total
    assert {moment.hour for moment in received_at} == {9}
    attempts = db.session.scalars(sa.select(Email.attempts)).all()
    assert set(attempts) == {1}


def test_a_relay_that_comes_and_goes_gets_everything_once(app, owe, relay):
    answers = ["421 4.3.2 not now", None]
    relay.answers["connect"] = lambda line: answers[relay.connections % 2]
    relay.answers["RCPT"] = lambda line: "421 4.3.2 tired" if relay.said["RCPT"] % 7 == 0 else None
    emails = owe.emails(30)
    total = len(emails)
    with time_machine.travel(utcnow(), tick=False) as clock:
        for _ in range(40):
            outbox.deliver_due(go)
            clock.shift(timedelta(minutes=11))
    assert states() == {EmailState.SENT.value: total}
    assert len(relay.recipients) == len(set(relay.recipients)) == total
