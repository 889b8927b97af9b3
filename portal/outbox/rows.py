"""Changes to email rows that are safe whoever else is changing them: the row's state decides.

Commits nothing but in sweep(): the caller's commit is what makes it real.
"""

import base64
import secrets
import string
from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from portal import audit
from portal.config import settings
from portal.extensions import Base, db
from portal.models import Email, EmailKind, EmailState, MailState, utcnow

BASE62 = string.digits + string.ascii_letters
SURVEY_KINDS = tuple(kind for kind in EmailKind if kind.is_survey)
STALE_AFTER = timedelta(hours=48)
RESTORE_MARGIN = timedelta(hours=1)
AGAIN: dict[str, Any] = {
    "state": EmailState.QUEUED,
    "reason": None,
    "attempts": 0,
    "first_attempt_at": None,
    "lease_by": None,
    "lease_until": None,
    "relay_code": None,
    "relay_text": None,
    "is_settled": True,
}
Row = TypeVar("Row", bound=Base)


class CannotResend(Exception):
    """Only mail that failed, or whose fate is unknown, can be sent again; and no reminder."""


def insert_once(table: type[Row], **values: Any) -> Row | None:
    """A new row of VALUES, or None if a unique constraint says that it is there already."""
    is_sqlite = db.engine.dialect.name == "sqlite"
    insert = sqlite.insert(table) if is_sqlite else postgresql.insert(table)
    return db.session.scalars(
        insert.values(**values).on_conflict_do_nothing().returning(table)
    ).one_or_none()


def change(*where: sa.ColumnElement[bool], **values: Any) -> int:
    """Update the email rows for which WHERE holds at this moment; returns how many."""
    changed = db.session.scalars(
        sa.update(Email).where(*where).values(**values).returning(Email.id),
        execution_options={"synchronize_session": "fetch"},
    )
    return len(changed.all())


def withdraw(*where: sa.ColumnElement[bool], reason: str) -> int:
    """Cancel the queued rows for which WHERE holds. What is being sent cannot be called back."""
    return change(
        Email.state == EmailState.QUEUED,
        *where,
        state=EmailState.CANCELLED,
        reason=reason,
        is_settled=False,
    )


def is_free(now: datetime) -> sa.ColumnElement[bool]:
    """Whether no worker holds the row; a lease that ran out holds nothing."""
    return sa.or_(Email.lease_until.is_(None), Email.lease_until < now)


def _new_message_id(now: datetime) -> str:
    """Fixed for the life of a row, so that receivers can drop a double; says nothing."""
    random = "".join(secrets.choice(BASE62) for _ in range(22))
    return f"<{now:%Y%m%d}.{random}@{settings().mail_domain}>"


def _new_verp_tag() -> str:
    return base64.b32encode(secrets.token_bytes(8)).decode().rstrip("=").lower()


def queue_email(
    kind: EmailKind,
    to: str,
    about: int,
    *,
    employer_id: int | None,
    dedup_key: str,
    not_before: datetime | None = None,
    expires_at: datetime | None = None,
) -> Email:
    """Owe TO one email of KIND about a row, from NOT_BEFORE until EXPIRES_AT.

    A row with the same DEDUP_KEY is returned as it is, unless it was cancelled: then it is queued
    again, under the same Message-ID.
    """
    now = utcnow()
    local, _, domain = to.rpartition("@")
    values = {
        "to_address": f"{local}@{domain.lower()}",
        "next_attempt_at": not_before or now,
        "expires_at": expires_at,
    }
    email = insert_once(
        Email,
        kind=kind,
        about=about,
        employer_id=employer_id,
        dedup_key=dedup_key,
        message_id=_new_message_id(now),
        verp_tag=_new_verp_tag(),
        **values,
    )
    if email is not None:
        return email
    is_it = Email.dedup_key == dedup_key
    change(is_it, Email.state == EmailState.CANCELLED, **AGAIN, **values)
    return db.session.scalars(sa.select(Email).where(is_it)).one()


def cancel_email(dedup_key: str, reason: str) -> bool:
    """Take back the email of DEDUP_KEY. False if it is not in the queue (any more)."""
    return withdraw(Email.dedup_key == dedup_key, reason=reason) == 1


def captured_file(message_id: str) -> Path:
    """Where the text of a message is written when there is no relay."""
    return settings().INSTANCE_PATH / "outbox" / f"{message_id.strip('<>')}.eml"


def forget(*where: sa.ColumnElement[bool]) -> None:
    """Keep nothing of whom the emails of WHERE went to: their person is erased.

    Queued ones are cancelled. One that is being sent goes its way, and its row stays blank. The
    rows are kept for the counts.
    """
    withdraw(*where, reason="gone")
    change(*where, to_address=None, relay_text=None)
    for message_id in db.session.scalars(sa.select(Email.message_id).where(*where)):
        captured_file(message_id).unlink(missing_ok=True)


def hold_survey_mail(employer_id: int, until: datetime, *, expires_at: datetime) -> None:
    """Let the employer's queued survey mail wait UNTIL; waiting does not make it stale."""
    change(
        Email.state == EmailState.QUEUED,
        Email.next_attempt_at < until,
        Email.employer_id == employer_id,
        Email.kind.in_(SURVEY_KINDS),
        is_free(utcnow()),
        next_attempt_at=until,
        expires_at=expires_at,
    )


def resend(email: Email, now: datetime) -> None:
    """Queue EMAIL again under its Message-ID, because a person says so. Raises CannotResend.

    Clicked twice it is queued once: the second click finds it queued and is refused.
    """
    requeued = change(
        Email.id == email.id,
        Email.state.in_((EmailState.UNKNOWN, EmailState.FAILED)),
        Email.kind != EmailKind.REMINDER,
        Email.to_address.is_not(None),
        **AGAIN,
        next_attempt_at=now,
        expires_at=now + STALE_AFTER,
    )
    if not requeued:
        raise CannotResend
    audit.record("email.resent", email.employer_id, email.id, kind=email.kind)


def _invitations_in_doubt() -> tuple[sa.ColumnElement[bool], ...]:
    return (
        Email.kind == EmailKind.INVITE,
        Email.state == EmailState.UNKNOWN,
        Email.to_address.is_not(None),
    )


def count_invitations_in_doubt() -> dict[int, int]:
    """How many invitations may or may not have arrived, by employer id; only where any may."""
    counted = (
        sa.select(Email.employer_id, sa.func.count())
        .where(*_invitations_in_doubt())
        .group_by(Email.employer_id)
    )
    return {employer_id: n for employer_id, n in db.session.execute(counted) if employer_id}


def resend_invitations(employer_id: int, now: datetime) -> int:
    """Queue all of the employer's invitations in doubt again, as resend() does one; how many."""
    requeued = change(
        *_invitations_in_doubt(),
        Email.employer_id == employer_id,
        **AGAIN,
        next_attempt_at=now,
        expires_at=now + STALE_AFTER,
    )
    if requeued:
        audit.record("invitations.resent", employer_id, None, count=requeued)
    return requeued


def find_email(email_id: int) -> Email | None:
    """The email with that id."""
    return db.session.get(Email, email_id)


NEEDS_PERSON = (
    Email.state.in_((EmailState.UNKNOWN, EmailState.FAILED)),
    Email.kind != EmailKind.REMINDER,
    Email.to_address.is_not(None),  # of who was erased nobody can settle anything
)


def list_needing_person(at_most: int = 100) -> list[Email]:
    """The newest emails that only a person can settle: `unknown` and `failed`, no reminders."""
    newest = sa.select(Email).where(*NEEDS_PERSON).order_by(Email.id.desc()).limit(at_most)
    return list(db.session.scalars(newest))


def count_needing_person() -> int:
    """How many there are of what list_needing_person() lists the newest of."""
    return db.session.scalar(sa.select(sa.func.count(Email.id)).where(*NEEDS_PERSON)) or 0


def sweep(now: datetime) -> int:
    """Settle what no worker will: commits. Returns how many rows it changed.

    Mail that was being sent when its worker died may or may not have arrived: `unknown`. Queued
    mail whose lease ran out needs nothing, the next claim takes it.
    """
    lost = change(
        Email.state == EmailState.SENDING,
        is_free(now),
        state=EmailState.UNKNOWN,
        reason="worker_died",
        is_settled=False,
    )
    db.session.commit()
    return lost + _end_stale(now)


def _end_stale(now: datetime) -> int:
    """What could not leave in its time. A notice fails, so that a person sees it; commits.

    Nothing goes stale while mail is paused: the queue is kept for whoever resumes.
    """
    is_paused = sa.exists().where(MailState.paused_at.is_not(None))
    is_stale = (Email.state == EmailState.QUEUED, Email.expires_at <= now, is_free(now), ~is_paused)
    failed: dict[str, Any] = {"state": EmailState.FAILED, "is_settled": False}
    # Put back into the queue by the relay after its person was erased.
    ended = withdraw(Email.to_address.is_(None), reason="gone")
    ended += change(*is_stale, Email.attempts > 0, reason="gave_up", **failed)
    ended += change(*is_stale, Email.kind.not_in(SURVEY_KINDS), reason="stale", **failed)
    ended += withdraw(*is_stale, reason="stale")
    db.session.commit()
    return ended


def keep_fresh(now: datetime) -> None:
    """What waited while mail was paused gets its whole time again."""
    change(
        Email.state == EmailState.QUEUED,
        Email.expires_at < now + STALE_AFTER,
        Email.created_at < now,
        expires_at=now + STALE_AFTER,
    )


def after_restore(backup_at: datetime) -> int:
    """Hold back all mail that the installation may have sent after the backup was taken.

    Returns how many rows now wait, as `unknown`, for a person.
    """
    return change(
        Email.state.in_((EmailState.QUEUED, EmailState.SENDING)),
        Email.created_at < backup_at + RESTORE_MARGIN,
        state=EmailState.UNKNOWN,
        reason="restored",
        is_settled=False,
    )


@dataclass(frozen=True)
class QueueDepth:
    """How much mail is in which state, since when the oldest has been due, or when the next is."""

    by_state: dict[EmailState, int]
    oldest_due_at: datetime | None
    next_due_at: datetime | None


def queue_depth(now: datetime) -> QueueDepth:
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
    first = db.session.scalar(
        sa.select(sa.func.min(Email.next_attempt_at)).where(Email.state == EmailState.QUEUED)
    )
    is_due = first is not None and first <= now
    return QueueDepth(
        {state: by_state[state] for state in EmailState},
        first if is_due else None,
        None if is_due else first,
    )
