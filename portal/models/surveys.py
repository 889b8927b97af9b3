"""Who is asked. An invitation knows that it was answered, never what or whether still."""

from datetime import date, datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.extensions import Model
from portal.models.base import UtcDateTime, choice, employer_key, utcnow
from portal.models.employers import Employer
from portal.models.hiring import Application
from portal.terms import RoleFamily, StageGroup


class Lane(StrEnum):
    OUTCOME = "outcome"
    CHECK_IN = "check_in"


class InvitationState(StrEnum):
    PLANNED = "planned"  # due_at says when
    QUEUED = "queued"  # an email row exists
    INVITED = "invited"  # handed to the relay, or about to be
    SKIPPED = "skipped"  # skip_reason says why


class SkipReason(StrEnum):
    """Why somebody was not asked; every one is counted in public."""

    NO_EMAIL = "no_email"
    OWN_ADDRESS = "own_address"
    DO_NOT_EMAIL = "do_not_email"  # no page sets the mark yet: for feeds and the person's page
    OPTED_OUT = "opted_out"
    SUPPRESSED = "suppressed"
    RECENTLY_ASKED = "recently_asked"
    # Not set yet: for feeds of applicant tracking systems, which tell of both
    ACTIVE_ELSEWHERE = "active_elsewhere"
    RETRACTED = "retracted"
    TOO_OLD = "too_old"
    EMPLOYER_OFF = "employer_off"
    NO_SENDER = "no_sender"
    UNDELIVERED = "undelivered"
    STALE = "stale"


class ToldBucket(StrEnum):
    """Days from decision to telling, as the levers cut them."""

    WITHIN_3 = "0-3"
    WITHIN_7 = "4-7"
    WITHIN_14 = "8-14"
    LATER = "15+"
    NEVER = "never"


class OutcomeFact(StrEnum):
    HIRED = "hired"
    OFFER_DECLINED = "offer_declined"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    UNDECIDED = "undecided"


class ChannelFact(StrEnum):
    PHONE = "phone"
    WRITTEN = "written"
    PORTAL = "portal"
    NONE = "none"


class PromiseFact(StrEnum):
    NONE = "none"
    KEPT = "kept"
    BROKEN = "broken"


class CoarseFacts:
    """What may stand beside an answer: frozen when the invitation is sent, copied from there."""

    week: Mapped[date | None]  # Monday of the decision's week; undecided: of the invitation's
    cell: Mapped[int | None]  # 3 * offer + told
    outcome: Mapped[OutcomeFact | None] = mapped_column(choice(OutcomeFact, "outcome"))
    stage_group: Mapped[StageGroup | None] = mapped_column(choice(StageGroup, "stage_group"))
    role_family: Mapped[RoleFamily | None] = mapped_column(choice(RoleFamily, "role_family"))
    department: Mapped[str | None] = mapped_column(sa.String(120))
    told_bucket: Mapped[ToldBucket | None] = mapped_column(choice(ToldBucket, "told_bucket"))
    channel: Mapped[ChannelFact | None] = mapped_column(choice(ChannelFact, "channel"))
    promise_fact: Mapped[PromiseFact | None] = mapped_column(choice(PromiseFact, "promise_fact"))
    was_given_feedback: Mapped[bool | None]


COARSE_FACTS = (
    "week",
    "cell",
    "outcome",
    "stage_group",
    "role_family",
    "department",
    "told_bucket",
    "channel",
    "promise_fact",
    "was_given_feedback",
)


class Invitation(CoarseFacts, Model):
    """One application's one chance to be asked."""

    __tablename__ = "invitation"
    __table_args__ = (
        sa.Index("ix_invitation_due", "state", "due_at"),
        sa.Index(None, "employer_id", "state", "week"),
        sa.Index(None, "employer_id", "last_mailed_at"),  # whose links lived at a release
        sa.CheckConstraint(
            "(state = 'skipped') = (skip_reason IS NOT NULL)", name="reason_if_skipped"
        ),
        sa.CheckConstraint("state != 'invited' OR cell IS NOT NULL", name="invited_in_a_cell"),
        sa.CheckConstraint("cell BETWEEN 0 AND 5", name="cell_range"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    employer_id: Mapped[int] = employer_key()
    application_id: Mapped[int] = mapped_column(sa.ForeignKey("application.id"), unique=True)
    lane: Mapped[Lane] = mapped_column(choice(Lane, "lane"))
    state: Mapped[InvitationState] = mapped_column(
        choice(InvitationState, "state"), default=InvitationState.PLANNED
    )
    skip_reason: Mapped[SkipReason | None] = mapped_column(choice(SkipReason, "skip_reason"))
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    invited_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    last_mailed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_reminded: Mapped[bool] = mapped_column(default=False)
    fresh_links: Mapped[int] = mapped_column(default=0)
    # Once and for ever: no page touches it again, or it would tell who changed or took back.
    is_answered: Mapped[bool] = mapped_column(default=False)
    # Which survey its links ask; fixed with the facts, when the first one is sent.
    survey_version: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    employer: Mapped[Employer] = relationship()
    application: Mapped[Application] = relationship()


class InvitationToken(Model):
    """The keyed hash of one link that was mailed. The token itself is nowhere."""

    __tablename__ = "invitation_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    invitation_id: Mapped[int] = mapped_column(sa.ForeignKey("invitation.id"), index=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    invitation: Mapped[Invitation] = relationship()
