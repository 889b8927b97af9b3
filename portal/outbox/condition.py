"""Whether sending rests: paused by a bad reply, or waiting for a relay that is away.

One row, `mail_state`, which every claim locks: so there is one probe at a time, and workers that
fail together count as one failure. Commits nothing.
"""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal import audit
from portal.extensions import db
from portal.models import MailState, utcnow
from portal.outbox.rows import insert_once, keep_fresh
from portal.transport import has_relay

FIRST_BACKOFF = timedelta(seconds=30)
MAX_BACKOFF = timedelta(minutes=10)
MAX_REFUSED_IN_A_ROW = 5
ID = 1


def jitter(wait: timedelta) -> timedelta:
    """WAIT, give or take a fifth, so that workers do not return together."""
    return wait * random.uniform(0.8, 1.2)  # noqa: S311


@dataclass(frozen=True)
class MailCondition:
    """What pages and `flask status` say of sending; mail cannot report that mail is broken."""

    has_relay: bool
    paused_at: datetime | None = None
    reason: str | None = None
    relay_text: str | None = None
    delayed_until: datetime | None = None

    @property
    def is_healthy(self) -> bool:
        return self.has_relay and self.paused_at is None and self.delayed_until is None


def mail_condition(now: datetime) -> MailCondition:
    """How sending is doing, in one query."""
    state = db.session.get(MailState, ID)
    if state is None:
        return MailCondition(has_relay())
    is_delayed = state.session_failures and state.backoff_until and state.backoff_until > now
    return MailCondition(
        has_relay(),
        state.paused_at,
        state.reason,
        state.relay_text,
        state.backoff_until if is_delayed else None,
    )


def lock_state() -> MailState:
    """The row, locked until the transaction ends."""
    found = db.session.get(MailState, ID, with_for_update=True, populate_existing=True)
    if found is None:
        insert_once(MailState, id=ID)
        return lock_state()
    return found


def pause(reason: str, now: datetime, relay_text: str | None = None) -> None:
    """Send nothing until a person resumes. The queue is kept."""
    state = lock_state()
    if state.paused_at is None:
        state.paused_at, state.reason, state.relay_text = now, reason, relay_text
        state.is_probing, state.backoff_until = False, None
        audit.record("mail.paused", None, reason=reason)


def resume() -> None:
    """Send again, one message first: its reply decides about the rest."""
    state = lock_state()
    if state.paused_at is not None:
        state.paused_at = state.reason = state.relay_text = state.backoff_until = None
        state.session_failures = state.refused_in_a_row = 0
        state.is_probing = True
        keep_fresh(utcnow())
        audit.record("mail.resumed", None)


def back_off(now: datetime) -> None:
    """Leave an absent relay alone for a while: 30 s, doubled each time, at most 10 minutes."""
    state = lock_state()
    if state.session_failures and state.backoff_until and state.backoff_until > now:
        return  # another worker's failure, met at the same time, counts already
    wait = min(FIRST_BACKOFF * 2 ** min(state.session_failures, 5), MAX_BACKOFF)
    state.session_failures += 1
    state.backoff_until = now + jitter(wait)


def note_answer(*, is_accepted: bool) -> None:
    """The relay has answered a message: it is there, and a probe has succeeded."""
    state = lock_state()
    state.session_failures, state.backoff_until, state.is_probing = 0, None, False
    if is_accepted:
        state.refused_in_a_row = 0


def repeat_probe() -> None:
    """The probe was not answered, as it was not sent: the next message is the probe at once."""
    state = lock_state()
    if state.is_probing and not state.session_failures:
        state.backoff_until = None


def note_refusal(now: datetime, relay_text: str) -> bool:
    """One more message was refused for no reason, or for one of ours; five in a row are about us.

    True if that has paused sending.
    """
    state = lock_state()
    state.refused_in_a_row += 1
    if state.refused_in_a_row < MAX_REFUSED_IN_A_ROW:
        return False
    pause("refused_in_a_row", now, relay_text)
    return True
