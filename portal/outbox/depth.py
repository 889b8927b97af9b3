"""The queue in numbers."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from portal.emails import MailKinds
from portal.extensions import db
from portal.models import Email, EmailState
from portal.outbox.rows import is_held


@dataclass(frozen=True)
class QueueDepth:
    """How much mail is in which state, since when the oldest has been due, or when the next is.

    `held`: queued, and waits for an employer that is not approved or whose mail is paused.
    """

    by_state: dict[EmailState, int]
    held: int
    oldest_due_at: datetime | None
    next_due_at: datetime | None


def _tells_nothing(kinds: MailKinds) -> sa.ColumnElement[bool]:
    """Not a reminder: there is one only for who has not answered, so that their number tells."""
    return Email.kind.not_in([k.key for k in kinds.values() if k.is_survey and not k.is_repeatable])


def queue_depth(kinds: MailKinds, now: datetime) -> QueueDepth:
    """The queue in numbers, for `flask status` and the operator's page; without reminders.

    What was stopped by an answer counts as sent: if one invitation in doubt is sent again, these
    numbers must not tell whether its person had answered.
    """
    counted = sa.select(Email.state, sa.func.count()).where(_tells_nothing(kinds))
    by_state = Counter(dict(db.session.execute(counted.group_by(Email.state)).all()))
    is_stopped = (Email.state == EmailState.CANCELLED, Email.reason == "answered")
    stopped = _count(*is_stopped, _tells_nothing(kinds))
    by_state[EmailState.CANCELLED] -= stopped
    by_state[EmailState.SENT] += stopped
    is_queued = (Email.state == EmailState.QUEUED, _tells_nothing(kinds))
    could_leave = (
        sa.select(Email.next_attempt_at)
        .where(*is_queued, ~is_held(kinds))
        .order_by(Email.next_attempt_at)
    )
    first = db.session.scalar(could_leave.limit(1))
    is_due = first is not None and first <= now
    return QueueDepth(
        {state: by_state[state] for state in EmailState},
        _count(*is_queued, is_held(kinds)),
        first if is_due else None,
        None if is_due else first,
    )


def _count(*where: sa.ColumnElement[bool]) -> int:
    return db.session.scalar(sa.select(sa.func.count(Email.id)).where(*where)) or 0


def count_held(kinds: MailKinds, employer_id: int, now: datetime) -> int:
    """How many due emails wait only for the employer to be approved, or its pause to end.

    Without those whose number tells who has not answered.
    """
    return _count(
        Email.state == EmailState.QUEUED,
        Email.employer_id == employer_id,
        Email.kind.in_([k.key for k in kinds.values() if k.waits_for_employer]),
        _tells_nothing(kinds),
        Email.next_attempt_at <= now,
    )
