"""Changes to email rows that are safe whoever else is changing them: the row's state decides.

Commits nothing but in sweep(): the caller's commit is what makes it real.
"""

import base64
import secrets
import string
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from portal import audit
from portal.config import settings
from portal.emails import MailKinds
from portal.extensions import Base, db
from portal.models import Email, EmailState, Employer, MailState, utcnow

BASE62 = string.digits + string.ascii_letters
STALE_AFTER = timedelta(hours=48)
CHUNK = 500  # settled at once
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
    """Only mail that failed, or whose fate is unknown, can be sent again; and not every kind."""


def survey_keys(kinds: MailKinds) -> list[str]:
    """The kinds that an opt-out stops and an hourly limit holds for."""
    return [kind.key for kind in kinds.values() if kind.is_survey]


def is_resting() -> sa.ColumnElement[bool]:
    """Whether an employer's mail to candidates waits for the operator."""
    return sa.or_(Employer.approved_at.is_(None), Employer.mail_paused_at.is_not(None))


def is_held(kinds: MailKinds) -> sa.ColumnElement[bool]:
    """Whether an email waits for its employer to be approved, or its pause to end."""
    waiting = [kind.key for kind in kinds.values() if kind.waits_for_employer]
    resting = sa.select(Employer.id).where(is_resting())
    return sa.and_(Email.kind.in_(waiting), Email.employer_id.in_(resting))


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
    kind: str,
    to: str,
    *,
    employer_id: int | None,
    dedup_key: str,
    not_before: datetime | None = None,
    expires_at: datetime | None = None,
    **about: int,
) -> Email:
    """Owe TO one email of KIND from NOT_BEFORE until EXPIRES_AT. ABOUT: the row it is about, by
    the column of that kind, as `notice_id`; the database refuses another.

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
        **about,
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


def hold_mail(
    kinds: Sequence[str], employer_id: int, until: datetime, *, expires_at: datetime
) -> None:
    """Let the employer's queued mail of KINDS wait UNTIL; waiting does not make it stale."""
    change(
        Email.state == EmailState.QUEUED,
        Email.next_attempt_at < until,
        Email.employer_id == employer_id,
        Email.kind.in_(kinds),
        is_free(utcnow()),
        next_attempt_at=until,
        expires_at=expires_at,
    )


def requeue(*where: sa.ColumnElement[bool], now: datetime) -> int:
    """Queue the emails for which WHERE holds again, each under its Message-ID; how many."""
    return change(
        *where,
        Email.to_address.is_not(None),  # of who was erased nobody can settle anything
        **AGAIN,
        next_attempt_at=now,
        expires_at=now + STALE_AFTER,
    )


def resend(kinds: MailKinds, email: Email, now: datetime) -> None:
    """Queue EMAIL again under its Message-ID, because a person says so. Raises CannotResend.

    Clicked twice it is queued once: the second click finds it queued and is refused.
    """
    is_it = (Email.id == email.id, *_needs_person(kinds))
    if not requeue(*is_it, now=now):
        raise CannotResend
    audit.record("email.resent", email.employer_id, email.id, kind=email.kind)


def _needs_person(kinds: MailKinds) -> tuple[sa.ColumnElement[bool], ...]:
    nobodys = [kind.key for kind in kinds.values() if not kind.is_repeatable]
    return (
        Email.state.in_((EmailState.UNKNOWN, EmailState.FAILED)),
        Email.kind.not_in(nobodys),
        Email.to_address.is_not(None),
    )


def find_email(email_id: int) -> Email | None:
    """The email with that id."""
    return db.session.get(Email, email_id)


def list_needing_person(kinds: MailKinds, at_most: int = 100) -> list[Email]:
    """The newest emails that only a person can settle: `unknown` and `failed`."""
    newest = sa.select(Email).where(*_needs_person(kinds)).order_by(Email.id.desc())
    return list(db.session.scalars(newest.limit(at_most)))


def count_needing_person(kinds: MailKinds) -> int:
    """How many there are of what list_needing_person() lists the newest of."""
    return db.session.scalar(sa.select(sa.func.count(Email.id)).where(*_needs_person(kinds))) or 0


def sweep(kinds: MailKinds, now: datetime) -> int:
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
    return lost + _end_stale(kinds, now)


def _end_stale(kinds: MailKinds, now: datetime) -> int:
    """What could not leave in its time. If not a survey it fails, so that it is seen; commits.

    Nothing goes stale while mail is paused, here or of its employer: it is kept for who resumes.
    """
    is_paused = sa.exists().where(MailState.paused_at.is_not(None))
    is_over = (Email.state == EmailState.QUEUED, Email.expires_at <= now, is_free(now))
    is_stale = (*is_over, ~is_paused, ~is_held(kinds))
    failed: dict[str, Any] = {"state": EmailState.FAILED, "is_settled": False}
    # Put back into the queue by the relay after its person was erased.
    ended = withdraw(Email.to_address.is_(None), reason="gone")
    ended += change(*is_stale, Email.attempts > 0, reason="gave_up", **failed)
    ended += change(*is_stale, Email.kind.not_in(survey_keys(kinds)), reason="stale", **failed)
    ended += withdraw(*is_stale, reason="stale")
    db.session.commit()
    return ended


def keep_fresh(now: datetime, *where: sa.ColumnElement[bool]) -> None:
    """What waited while mail was paused gets its whole time again."""
    change(
        *where,
        Email.state == EmailState.QUEUED,
        Email.expires_at < now + STALE_AFTER,
        Email.created_at < now,
        expires_at=now + STALE_AFTER,
    )


def settle_next(kinds: MailKinds, now: datetime, most: int = CHUNK) -> int:
    """Let what became of some emails of one kind be followed up; how many, MOST at most.

    Call again, committing between, until 0.
    """
    in_turn = sa.case({key: turn for turn, key in enumerate(kinds)}, value=Email.kind)
    unsettled = sa.select(Email).where(Email.is_settled.is_(False), Email.kind.in_(list(kinds)))
    found = db.session.scalars(unsettled.order_by(in_turn, Email.id).limit(most)).all()
    emails = [email for email in found if email.kind == found[0].kind]
    for email in emails:
        email.is_settled = True
    if emails:
        kinds[emails[0].kind].settle(emails, now)
    return len(emails)


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


def free_held(employer_id: int, now: datetime) -> None:
    """What waited for the employer gets its whole time again, now that it may leave."""
    keep_fresh(now, Email.employer_id == employer_id)
