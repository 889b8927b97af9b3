"""Who applied for what, what was decided, and how the person was told."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from portal.extensions import Model
from portal.models.base import UtcDateTime, choice, employer_key, utcnow
from portal.models.employers import Employer
from portal.terms import Channel, Feedback, Locale, Outcome, ReasonCode, RoleFamily, StageGroup


class NoticeKind(StrEnum):
    DECISION = "decision"
    DELAY = "delay"  # a dated "not decided yet": never counts as told
    ATTEMPT = "attempt"  # a call that only left a message: never counts as told


class Evidence(StrEnum):
    """How we know that a notice was given; the first is the strongest."""

    VERIFIED = "verified"  # Heardback sent it
    RECORDED = "recorded"  # the employer says so


class Duty(StrEnum):
    """Under which a candidate is owed news by a day: a preset of the clock, or a given date."""

    OWN = "own"
    TEN_DAYS = "ten_days"
    ONTARIO = "ontario"
    PROMISE = "promise"


class RequisitionState(StrEnum):
    OPEN = "open"
    FILLED = "filled"
    CLOSED = "closed"  # nobody is hired


class Requisition(Model):
    """A role people apply for."""

    __tablename__ = "requisition"
    __table_args__ = (
        sa.UniqueConstraint("employer_id", "title"),
        sa.CheckConstraint("places > 0", name="places"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    employer_id: Mapped[int] = employer_key()
    title: Mapped[str] = mapped_column(sa.String(200))
    role_family: Mapped[RoleFamily] = mapped_column(
        choice(RoleFamily, "role_family"), default=RoleFamily.OTHER
    )
    department: Mapped[str | None] = mapped_column(sa.String(120))  # the employer's own word
    state: Mapped[RequisitionState] = mapped_column(
        choice(RequisitionState, "state"), default=RequisitionState.OPEN
    )
    places: Mapped[int] = mapped_column(default=1)
    owner_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))


def mailbox_of(address: str) -> str:
    """The one form of all addresses that reach the mailbox of ADDRESS, as far as spelling tells.

    Case is folded and a `+tag` goes; it is for comparing, never for writing to.
    """
    local, at, domain = address.rpartition("@")
    local = local.casefold()
    untagged = local if local.startswith('"') else local.partition("+")[0]
    return f"{untagged or local}{at}{domain.lower()}"


ERASED = "Erased person"  # the name that is left of who was erased
RETIRED = "Name removed after {}"  # … and of who was told and done for that long


class Candidate(Model):
    """A person as one employer knows them. The address is kept with its domain in lower case."""

    __tablename__ = "candidate"
    __table_args__ = (
        sa.UniqueConstraint("employer_id", "email"),
        sa.Index(None, "employer_id", "name"),
        sa.Index(None, "employer_id", "mailbox"),
        sa.Index(None, "employer_id", "former_key"),
        sa.Index("ix_candidate_named", "blanked_on", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    employer_id: Mapped[int] = employer_key()
    name: Mapped[str] = mapped_column(sa.String(200))
    email: Mapped[str | None] = mapped_column(sa.String(254))
    mailbox: Mapped[str | None] = mapped_column(sa.String(254))  # follows the address
    phone: Mapped[str | None] = mapped_column(sa.String(40))  # as it was typed; never in an export
    locale: Mapped[Locale] = mapped_column(choice(Locale, "locale"), default=Locale.ENGLISH)
    is_contactable: Mapped[bool] = mapped_column(default=True)
    # The day of an erasure that the person asked for and may still take back.
    erase_on: Mapped[date | None] = mapped_column(index=True)
    # The day on which name, address and words went: by an erasure, or because all was long over.
    blanked_on: Mapped[date | None]
    # Of who is blank: the last day on which anything happened, as long as the record of how they
    # were told is kept; and where all was over, the keyed hash by which a file finds them again.
    quiet_since: Mapped[date | None] = mapped_column(index=True)
    former_key: Mapped[str | None] = mapped_column(sa.String(32))

    @property
    def shown_name(self) -> str:
        """What the employer's people see: the address where a file held no names.

        Never greet anybody by it.
        """
        return self.name or self.email or "–"

    @property
    def is_blank(self) -> bool:
        """Whether nothing is left by which the person could be named or written to."""
        return self.blanked_on is not None

    @validates("email")
    def _keep_mailbox(self, _column: str, email: str | None) -> str | None:
        self.mailbox = mailbox_of(email) if email else None
        return email


class Application(Model):
    """One person's application for one role.

    The standing facts (`outcome` to `delayed_until`) follow from the decision and notice rows,
    which are the evidence; `hiring` writes them in one place so that lists and habits need no
    joins.
    """

    __tablename__ = "application"
    __table_args__ = (
        sa.UniqueConstraint("employer_id", "external_id"),
        sa.Index(None, "employer_id", "decided_on"),
        sa.Index(None, "employer_id", "candidate_id"),
        sa.Index(None, "employer_id", "requisition_id"),
        sa.Index(
            "ix_application_waiting",
            "employer_id",
            "owed_on",
            "outcome",
            "news_leaves_at",
            "decided_on",
            "is_waiting",  # so that SQLite need not look into the table
            sqlite_where=sa.text("is_waiting = 1"),
            postgresql_where=sa.text("is_waiting"),
        ),
        sa.Index(None, "employer_id", "told_on"),
        sa.CheckConstraint("outcome IS NOT NULL OR decided_on IS NULL", name="decided"),
        sa.CheckConstraint("owed_on IS NULL OR is_waiting = true", name="owed_to_who_waits"),
        sa.CheckConstraint("(owed_on IS NULL) = (owed_under IS NULL)", name="owed_under_a_duty"),
        sa.CheckConstraint(
            "(delayed_on IS NULL) = (delayed_until IS NULL)", name="delayed_until_a_day"
        ),
        sa.CheckConstraint("(told_on IS NULL) = (channel IS NULL)", name="told_by_a_channel"),
        sa.CheckConstraint("told_on IS NULL OR decided_on IS NOT NULL", name="told_of_something"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    employer_id: Mapped[int] = employer_key()
    candidate_id: Mapped[int] = mapped_column(sa.ForeignKey("candidate.id"))
    requisition_id: Mapped[int] = mapped_column(sa.ForeignKey("requisition.id"))
    external_id: Mapped[str | None] = mapped_column(sa.String(200))
    stage: Mapped[str] = mapped_column(sa.String(100), default="")
    stage_group: Mapped[StageGroup] = mapped_column(
        choice(StageGroup, "stage_group"), default=StageGroup.SCREEN
    )
    stage_entered_on: Mapped[date]
    last_interview_on: Mapped[date | None]
    promised_on: Mapped[date | None]
    news_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # last, by the candidate
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)

    outcome: Mapped[Outcome | None] = mapped_column(choice(Outcome, "outcome"))
    decided_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    decided_on: Mapped[date | None]
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    told_on: Mapped[date | None]
    channel: Mapped[Channel | None] = mapped_column(choice(Channel, "channel"))
    feedback: Mapped[Feedback | None] = mapped_column(choice(Feedback, "feedback"))
    # The last "not decided yet" that was sent: its day, and the day by which it promises news.
    delayed_on: Mapped[date | None]
    delayed_until: Mapped[date | None]
    # What follows for the desk; `hiring.keep_owed` writes it with every fact that it follows from.
    is_waiting: Mapped[bool] = mapped_column(default=True)  # there is somebody, still to be told
    owed_on: Mapped[date | None]
    owed_under: Mapped[Duty | None] = mapped_column(choice(Duty, "owed_under"))
    # When an email with news leaves that is in the queue; empty while none is.
    news_leaves_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    employer: Mapped[Employer] = relationship()
    candidate: Mapped[Candidate] = relationship()
    requisition: Mapped[Requisition] = relationship()


class StageChange(Model):
    __tablename__ = "stage_change"
    __table_args__ = (sa.Index(None, "employer_id", "application_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    employer_id: Mapped[int] = employer_key()
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    stage: Mapped[str] = mapped_column(sa.String(100))
    entered_on: Mapped[date]


class Decision(Model):
    """What was decided. Superseded or retracted, never overwritten; at most one stands."""

    __tablename__ = "decision"
    __table_args__ = (
        sa.Index(
            "uq_decision_standing",
            "application_id",
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index(None, "employer_id", "application_id"),
        sa.CheckConstraint("is_retracted = false OR ended_at IS NOT NULL", name="retracted_ended"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    employer_id: Mapped[int] = employer_key()
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    outcome: Mapped[Outcome] = mapped_column(choice(Outcome, "outcome"))
    reason_code: Mapped[ReasonCode | None] = mapped_column(choice(ReasonCode, "reason_code"))
    reason: Mapped[str] = mapped_column(sa.String(200), default="")  # in words of their own
    next_step: Mapped[str] = mapped_column(sa.String(300), default="")
    decided_at: Mapped[datetime] = mapped_column(UtcDateTime)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_retracted: Mapped[bool] = mapped_column(default=False)
    recorded_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    application: Mapped[Application] = relationship()


class Notice(Model):
    """One telling: an email we send, a call somebody logged, a dated "not decided yet"; or a call
    that reached nobody.

    `told_at` is empty until it is known that the person was told; an email that turns out not to
    have arrived makes it `undelivered` again.
    """

    __tablename__ = "notice"
    __table_args__ = (
        sa.Index(None, "employer_id", "application_id"),
        sa.Index(None, "employer_id", "created_at"),
        sa.CheckConstraint("kind = 'delay' OR decision_id IS NOT NULL", name="about_a_decision"),
        sa.CheckConstraint("kind != 'delay' OR next_on IS NOT NULL", name="delay_is_dated"),
        sa.CheckConstraint("kind != 'attempt' OR told_at IS NULL", name="attempt_tells_nobody"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    employer_id: Mapped[int] = employer_key()
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"))
    decision_id: Mapped[int | None] = mapped_column(sa.ForeignKey("decision.id"), index=True)
    kind: Mapped[NoticeKind] = mapped_column(choice(NoticeKind, "kind"))
    channel: Mapped[Channel] = mapped_column(choice(Channel, "channel"))
    evidence: Mapped[Evidence] = mapped_column(choice(Evidence, "evidence"))
    feedback: Mapped[Feedback] = mapped_column(choice(Feedback, "feedback"), default=Feedback.NONE)
    told_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_undelivered: Mapped[bool] = mapped_column(default=False)
    next_on: Mapped[date | None]
    # Of a delay note: what was promised before it, which holds as long as the note is not sent.
    promised_before: Mapped[date | None]
    # When it was told: by which day news was owed, and under which of the employer's clocks, which
    # may be another since. Empty: nothing was owed (any more), or it came in with a file.
    owed_on: Mapped[date | None]
    owed_under: Mapped[str | None] = mapped_column(sa.String(20))
    subject: Mapped[str] = mapped_column(sa.String(300), default="")
    body: Mapped[str] = mapped_column(sa.Text, default="")
    given_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    run_id: Mapped[int | None] = mapped_column(sa.ForeignKey("run.id"))  # of many at once
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    application: Mapped[Application] = relationship()
    decision: Mapped[Decision | None] = relationship()
