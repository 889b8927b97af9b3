"""Which lane an application is in, when its invitation is due, and why it is not sent."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import sqlalchemy as sa

from portal import closure, outbox
from portal.extensions import db
from portal.invitations.own import OwnAddresses, is_own
from portal.models import (
    Application,
    Candidate,
    Decision,
    Email,
    EmailState,
    Employer,
    Invitation,
    InvitationState,
    Lane,
    Notice,
    NoticeKind,
    Outcome,
    SkipReason,
    SuppressionReason,
)

COOL_DOWN = timedelta(days=180)
TOO_OLD = timedelta(days=60)
LONGEST_DELAY = timedelta(days=30)


def invite_key(invitation: Invitation) -> str:
    """What makes the invitation's email the only one of its kind."""
    return f"invite:{invitation.id}"


@dataclass(frozen=True, slots=True)
class Known:
    """What decides when somebody is asked: of an application that is held, or just being added."""

    email: str | None
    is_contactable: bool
    outcome: Outcome | None
    decided_at: datetime | None
    told_at: datetime | None
    since: date  # the last interview, or when the stage was entered
    retracted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """When and why somebody is asked, or why not."""

    lane: Lane
    due_at: datetime
    skip_reason: SkipReason | None

    @property
    def state(self) -> InvitationState:
        return InvitationState.SKIPPED if self.skip_reason else InvitationState.PLANNED


class Planner:
    """Plans the invitations of one EMPLOYER at NOW: one rule for one application and for many."""

    def __init__(self, employer: Employer, now: datetime) -> None:
        self._employer = employer
        self._delay = timedelta(days=employer.survey_delay_days)
        self._wait = timedelta(days=employer.check_in_after_days)
        self._too_old = now - TOO_OLD
        self._own = OwnAddresses(employer)

    def plan(self, known: Known) -> Plan:
        """What can be known when planning; the rest is looked at when it is due."""
        lane, due_at = self._lane_and_due(known)
        return Plan(lane, due_at, self._skip_reason(known, due_at))

    def _lane_and_due(self, known: Known) -> tuple[Lane, datetime]:
        if known.told_at:
            return Lane.OUTCOME, known.told_at + self._delay
        if known.outcome is Outcome.WITHDRAWN and known.decided_at:
            return Lane.OUTCOME, known.decided_at + self._delay
        due_at = closure.start_of(self._employer, known.since + self._wait)
        # A process taken up again gets its time again: nobody is asked right after a retraction.
        again = known.retracted_at
        return Lane.CHECK_IN, max(due_at, again + self._wait) if again else due_at

    def _skip_reason(self, known: Known, due_at: datetime) -> SkipReason | None:
        if known.email is None:
            return SkipReason.NO_EMAIL
        # Before what the employer or the person has said: this holds whatever they say.
        if known.email in self._own:
            return SkipReason.OWN_ADDRESS
        if not known.is_contactable:
            return SkipReason.DO_NOT_EMAIL
        if (known.decided_at or due_at) < self._too_old:
            return SkipReason.TOO_OLD
        return None


def _known_of(application: Application) -> Known:
    return Known(
        application.candidate.email,
        application.candidate.is_contactable,
        application.outcome,
        application.decided_at,
        application.told_at,
        application.last_interview_on or application.stage_entered_on,
        None if application.told_at else _last_retraction(application),
    )


def _last_retraction(application: Application) -> datetime | None:
    return db.session.scalar(
        sa.select(Decision.ended_at)
        .where(Decision.application_id == application.id, Decision.is_retracted.is_(True))
        .order_by(Decision.id.desc())
        .limit(1)
    )


def is_too_late(invitation: Invitation, now: datetime) -> bool:
    """Whether INVITATION waited for so long that its candidate is not asked any more."""
    about = invitation.application.decided_at or invitation.due_at
    return about is not None and about < now - TOO_OLD - LONGEST_DELAY


def plan_invitation(application: Application, now: datetime) -> Invitation:
    """Plan APPLICATION's one invitation afresh: lane, due time or skip reason.

    Called after every change of what is known. Once mail has left it stays as it is: the same
    link remains good. A queued email that no longer fits is taken back.
    """
    invitation = db.session.scalar(
        sa.select(Invitation).where(Invitation.application_id == application.id)
    )
    plan = Planner(application.employer, now).plan(_known_of(application))
    if invitation is None:
        invitation = Invitation(employer_id=application.employer.id, application=application)
        db.session.add(invitation)
    elif invitation.state is InvitationState.INVITED or not _take_back(invitation):
        return invitation
    invitation.lane, invitation.due_at = plan.lane, plan.due_at
    set_skip(invitation, plan.skip_reason)
    return invitation


def _take_back(invitation: Invitation) -> bool:
    """Cancel INVITATION's email if one is queued; False if any has left, or is just leaving."""
    if invitation.state is InvitationState.QUEUED and not outbox.cancel_email(
        invite_key(invitation), "replanned"
    ):
        db.session.refresh(invitation)  # we waited for the worker that was sending it
    return not has_mailed(invitation)


def hold_address(application: Application) -> str | None:
    """Where the candidate reads mail. Until the caller's commit nobody can erase them."""
    return db.session.scalar(
        sa.select(Candidate.email)
        .where(Candidate.id == application.candidate_id)
        .with_for_update(read=True)
    )


def has_mailed(invitation: Invitation) -> bool:
    """Whether an email of INVITATION has left, or may have."""
    return invitation.last_mailed_at is not None


def set_skip(invitation: Invitation, reason: SkipReason | None) -> None:
    """Skip INVITATION for REASON, or plan it when there is none."""
    invitation.skip_reason = reason
    invitation.state = InvitationState.SKIPPED if reason else InvitationState.PLANNED


def reason_not_to_ask(invitation: Invitation, now: datetime) -> SkipReason | None:
    """Why INVITATION, now due, may not be sent after all."""
    application = invitation.application
    candidate = application.candidate
    if candidate.email is None:
        return SkipReason.NO_EMAIL
    if is_own(candidate.email, invitation.employer):
        return SkipReason.OWN_ADDRESS
    suppression = outbox.find_suppression(candidate.email, invitation.employer_id, is_survey=True)
    if suppression is SuppressionReason.OPT_OUT:
        return SkipReason.OPTED_OUT
    if suppression is SuppressionReason.DO_NOT_EMAIL or not candidate.is_contactable:
        return SkipReason.DO_NOT_EMAIL
    if suppression:
        return SkipReason.SUPPRESSED
    if _was_asked_lately(invitation, now):
        return SkipReason.RECENTLY_ASKED
    return None


def _was_asked_lately(invitation: Invitation, now: datetime) -> bool:
    """Whether the employer has asked at that mailbox, under whatever spelling of its address."""
    others = (
        sa.select(Invitation.id)
        .join(Invitation.application)
        .join(Application.candidate)
        .where(
            Candidate.employer_id == invitation.employer_id,
            Candidate.mailbox == invitation.application.candidate.mailbox,
            Application.employer_id == invitation.employer_id,
            Invitation.id != invitation.id,
            sa.or_(
                # Of the first mail only: whether somebody answered, and so got no reminder, must
                # not show in whether they are asked.
                Invitation.invited_at > now - COOL_DOWN,
                Invitation.state == InvitationState.QUEUED,
            ),
        )
    )
    return db.session.scalar(others.limit(1)) is not None


def is_about_to_be_told(invitation: Invitation) -> bool:
    """Whether a notice of the decision is on its way: nobody is asked before it has arrived."""
    on_its_way = (
        sa.select(Notice.id)
        .join(Email, Email.notice_id == Notice.id)
        .where(
            Notice.employer_id == invitation.employer_id,
            Notice.application_id == invitation.application_id,
            Notice.kind == NoticeKind.DECISION,
            Email.state.in_((EmailState.QUEUED, EmailState.SENDING)),
        )
    )
    return db.session.scalar(on_its_way.limit(1)) is not None


def is_active_elsewhere(invitation: Invitation, now: datetime) -> bool:
    """Whether the candidate is still in another process of the employer (outcome lane only).

    An application at which nothing has happened for as long as the check-in takes is not.
    """
    if invitation.lane is not Lane.OUTCOME:
        return False
    application, employer = invitation.application, invitation.employer
    since = closure.local_day(employer, now) - timedelta(days=employer.check_in_after_days)
    others = sa.select(Application.id).where(
        Application.employer_id == application.employer_id,
        Application.candidate_id == application.candidate_id,
        Application.id != application.id,
        Application.outcome.is_(None),
        sa.func.coalesce(Application.last_interview_on, Application.stage_entered_on) > since,
    )
    return db.session.scalar(others.limit(1)) is not None
