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


def queue_depth(kinds: MailKinds, now: datetime) -> QueueDepth:
    """The queue in numbers, for `flask status` and the operator's page.

    What was stopped by an answer counts as sent: if one invitation in doubt is sent again, these
    numbers must not tell whether its person had answered.
    """
    counted = db.session.execute(sa.select(Email.state, sa.func.count()).group_by(Email.state))
    by_state = Counter(dict(counted.all()))
    is_stopped = (Email.state == EmailState.CANCELLED, Email.reason == "answered")
    stopped = db.session.scalar(sa.select(sa.func.count(Email.id)).where(*is_stopped)) or 0
    by_state[EmailState.CANCELLED] -= stopped
    by_state[EmailState.SENT] += stopped
    held = sa.select(sa.func.count(Email.id)).where(
        Email.state == EmailState.QUEUED, is_held(kinds)
    )
    could_leave = (
        sa.select(Email.next_attempt_at)
        .where(Email.state == EmailState.QUEUED, ~is_held(kinds))
        .order_by(Email.next_attempt_at)
    )
    first = db.session.scalar(could_leave.limit(1))
    is_due = first is not None and first <= now
    return QueueDepth(
        {state: by_state[state] for state in EmailState},
        db.session.scalar(held) or 0,
        first if is_due else None,
        None if is_due else first,
    )


def count_held(kinds: MailKinds, employer_id: int, now: datetime) -> int:
    """How many due emails wait only for the employer to be approved, or its pause to end.

    Without those whose number tells who has not answered.
    """
    counted = [k.key for k in kinds.values() if k.waits_for_employer and k.is_repeatable]
    wanted = sa.select(sa.func.count(Email.id)).where(
        Email.state == EmailState.QUEUED,
        Email.employer_id == employer_id,
        Email.kind.in_(counted),
        Email.next_attempt_at <= now,
    )
    return db.session.scalar(wanted) or 0
