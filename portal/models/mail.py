"""Mail owed, mail that may not be sent, and whether the relay is fit to be used."""

from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from itertools import chain

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Model
from portal.models.base import UtcDateTime, choice, employer_key, utcnow

# Which row an email is about, by its kind. A kind that is not named here is about a user.
ABOUT = {
    "notice_id": ("notice",),
    "invitation_id": ("invite", "reminder", "fresh_link"),
    "data_request_id": ("data_request",),
    "team_invitation_id": ("team_invitation",),
    "application_id": ("status_link",),
}


def _of(column: str, is_one_of: str, kinds: Iterable[str]) -> str:
    listed = ", ".join(f"'{kind}'" for kind in kinds)
    return f"(({column} IS NOT NULL) = (kind {is_one_of} ({listed})))"


# Of the columns that say what an email is about, exactly the one that belongs to its kind is set.
IS_ABOUT_ONE = " AND ".join(
    (
        *(_of(column, "IN", kinds) for column, kinds in ABOUT.items()),
        _of("user_id", "NOT IN", chain.from_iterable(ABOUT.values())),
    )
)


def _lookup(column: str) -> sa.Index:
    """The emails about a row; those about other tables' rows take no room in it."""
    is_set = sa.text(f"{column} IS NOT NULL")
    return sa.Index(f"ix_email_{column}", column, sqlite_where=is_set, postgresql_where=is_set)


class EmailState(StrEnum):
    """`sent` only ever means that the relay took it."""

    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    FAILED = "failed"
    CANCELLED = "cancelled"
    CAPTURED = "captured"  # no relay configured: written to a file, never counted as sent


class Delivery(StrEnum):
    """What came back later; only ever moves down this list.

    Not set yet: for the reader of bounces and complaints.
    """

    DELAYED = "delayed"
    DELIVERED = "delivered"
    BOUNCED_SOFT = "bounced_soft"
    BLOCKED = "blocked"
    BOUNCED_HARD = "bounced_hard"
    COMPLAINED = "complained"


class Email(Model):
    """A message owed, written in the transaction of its cause. Holds no text and no token."""

    __tablename__ = "email"
    __table_args__ = (
        sa.Index("ix_email_due", "state", "next_attempt_at"),
        sa.CheckConstraint(IS_ABOUT_ONE, name="about"),
        *(_lookup(column) for column in (*ABOUT, "user_id")),
        sa.Index(None, "employer_id", "kind"),
        sa.Index("ix_email_unsettled", "is_settled", "state"),
        sa.Index("ix_email_sending_at", "sending_at"),  # the last hour's, for the hourly limit
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    employer_id: Mapped[int | None] = employer_key()
    kind: Mapped[str] = mapped_column(sa.String(32))  # the key of a definition
    notice_id: Mapped[int | None] = mapped_column(sa.ForeignKey("notice.id"))
    invitation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("invitation.id"))
    data_request_id: Mapped[int | None] = mapped_column(sa.ForeignKey("data_request.id"))
    team_invitation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("team_invitation.id"))
    application_id: Mapped[int | None] = mapped_column(sa.ForeignKey("application.id"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    dedup_key: Mapped[str] = mapped_column(sa.String(80), unique=True)
    to_address: Mapped[str | None] = mapped_column(sa.String(254))
    message_id: Mapped[str] = mapped_column(sa.String(255), unique=True)
    verp_tag: Mapped[str] = mapped_column(sa.String(16), unique=True)
    state: Mapped[EmailState] = mapped_column(
        choice(EmailState, "state"), default=EmailState.QUEUED
    )
    reason: Mapped[str | None] = mapped_column(sa.String(40))
    next_attempt_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    first_attempt_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    lease_by: Mapped[str | None] = mapped_column(sa.String(40))
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sending_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    sent_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    relay_code: Mapped[int | None]
    relay_text: Mapped[str | None] = mapped_column(sa.String(200))
    delivery: Mapped[Delivery | None] = mapped_column(choice(Delivery, "delivery"))
    delivery_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # Whether the domain has taken note of the state; false again at each change of state.
    is_settled: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class MailState(Model):
    """One row: whether and why sending rests."""

    __tablename__ = "mail_state"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    reason: Mapped[str | None] = mapped_column(sa.String(200))
    relay_text: Mapped[str | None] = mapped_column(sa.String(200))
    # After a resume one message goes first; its reply decides about the rest.
    is_probing: Mapped[bool] = mapped_column(default=False)
    backoff_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    session_failures: Mapped[int] = mapped_column(default=0)
    refused_in_a_row: Mapped[int] = mapped_column(default=0)


class SuppressionReason(StrEnum):
    OPT_OUT = "opt_out"
    COMPLAINT = "complaint"
    HARD_BOUNCE = "hard_bounce"
    STRIKES = "strikes"
    DO_NOT_EMAIL = "do_not_email"  # not set yet: for feeds that know who must not be written to


class Suppression(Model):
    """An address we may not write to, held as a keyed hash so that it outlives erasure.

    `employer_id` null means the whole installation. One row per reason: a mailbox found to work
    again must not undo an opt-out.
    """

    __tablename__ = "suppression"
    __table_args__ = (
        sa.Index(
            "uq_suppression_employer",
            "address_key",
            "employer_id",
            "reason",
            unique=True,
            sqlite_where=sa.text("employer_id IS NOT NULL"),
            postgresql_where=sa.text("employer_id IS NOT NULL"),
        ),
        sa.Index(
            "uq_suppression_installation",
            "address_key",
            "reason",
            unique=True,
            sqlite_where=sa.text("employer_id IS NULL"),
            postgresql_where=sa.text("employer_id IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    address_key: Mapped[str] = mapped_column(sa.String(64))
    employer_id: Mapped[int | None] = employer_key()
    reason: Mapped[SuppressionReason] = mapped_column(choice(SuppressionReason, "reason"))
    since: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    source: Mapped[str] = mapped_column(sa.String(40))


class MailStrike(Model):
    """A full or disabled mailbox, one row per day it was met; three over a week suppress it."""

    __tablename__ = "mail_strike"
    __table_args__ = (sa.UniqueConstraint("address_key", "struck_on"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    address_key: Mapped[str] = mapped_column(sa.String(64))
    struck_on: Mapped[date]
