"""Much mail, several connections, several employers: once each, in turn, at a known cost."""

from collections import Counter
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
    Lane,
    MailState,
    utcnow,
)
from portal.outbox import condition
from tests.mail.conftest import configure, fresh, go, states
from tests.support.statements import noting_statements

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def test_employers_take_turns_and_none_sends_more_than_its_hourly_share(app, owe, relay):
    configure(app, SURVEYS_PER_HOUR=15, MAIL_CONNECTIONS=4)
    big, small = owe.employer(), owe.employer()
    emails = owe.emails(40, big, expires_at=utcnow() + HOUR)
    notices = owe.emails(3, big, kind="fresh_link")
    others = owe.emails(5, small)
    now = utcnow()
    outbox.deliver_next(go)
    first = Counter(address in {e.to_address for e in others} for address in relay.recipients)
    assert first[True] == 5, "a small employer does not wait behind a big one's import"
    outbox.deliver_due(go)
    sent = [fresh(email).state for email in emails].count(EmailState.SENT)
    assert 10 <= sent <= 15
    with time_machine.travel(now + 11 * MINUTE):
        outbox.deliver_due(go)
        assert all(fresh(email).state is EmailState.SENT for email in notices)
        assert [fresh(email).state for email in emails].count(EmailState.SENT) <= 15
    for hours in (1.3, 2.7, 4):
        with time_machine.travel(now + hours * HOUR):
            outbox.sweep(KINDS, utcnow())
            outbox.deliver_due(go)
            sent, before = [fresh(e).state for e in emails].count(EmailState.SENT), sent
            assert sent - before <= 15
    assert [fresh(email).state for email in emails].count(EmailState.SENT) == 40, "none stale"


def test_several_connections_send_everything_once_and_are_few(app, owe, relay):
    configure(app, MAIL_CONNECTIONS=4)
    owe.emails(70)
    assert outbox.deliver_due(go) == 70
    assert outbox.deliver_due(go) == 0
    assert states() == {"sent": 70}
    assert len(set(relay.recipients)) == len(relay.recipients) == 70
    assert relay.said["RCPT"] == 70
    assert relay.connections <= 1 + 4


def test_a_message_costs_at_most_five_statements(app, owe, relay):
    """With the worker's real last look at the invitation; a claim of twenty costs four more."""
    owe.emails(40, lane=Lane.CHECK_IN)
    with noting_statements() as statements:
        while outbox.deliver_next(KINDS):
            pass
    assert states() == {"sent": 40}
    batches = 3  # 20, 20, and one that finds nothing
    said = Counter(statement.split(" FROM ")[0][:60] for statement in statements)
    assert len(statements) <= 5 * 40 + 4 * batches, said


def test_when_asked_to_stop_no_message_is_begun(app, owe, relay):
    owe.emails(10)
    outbox.deliver_due(go, is_stopping=lambda: len(relay.messages) >= 3)
    assert states() == {"sent": 3, "queued": 7}
    with time_machine.travel(utcnow()):
        outbox.deliver_due(go)
    assert states() == {"sent": 10}, "what was leased has been given back"


def test_workers_that_fail_together_count_as_one_failure(app, owe, relay):
    configure(app, MAIL_CONNECTIONS=4)
    relay.answers["connect"] = "421 4.3.2 away"
    owe.emails(80)
    assert outbox.mail_condition(utcnow()).is_healthy
    db.session.rollback()
    outbox.deliver_due(go)
    assert states() == {"queued": 80}
    assert db.session.get(MailState, 1).session_failures == 1
    condition.back_off(utcnow())
    assert db.session.get(MailState, 1).session_failures == 1


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_busy_row_is_passed_over_not_waited_for(app, owe, relay):
    locked, free = owe.emails(2)
    with db.engine.connect() as other:
        other.execute(sa.select(Email.id).where(Email.id == locked.id).with_for_update())
        assert outbox.deliver_next(go)
        other.rollback()
    assert fresh(locked).state is EmailState.QUEUED
    assert fresh(free).state is EmailState.SENT
