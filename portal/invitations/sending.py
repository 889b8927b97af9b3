"""From due to sent: queueing, reminders, what is noted when mail leaves, what became of it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, contains_eager, joinedload

from portal import audit, closure, emails, outbox
from portal.config import settings
from portal.extensions import db
from portal.invitations import planning
from portal.models import (
    COARSE_FACTS,
    Application,
    Candidate,
    Channel,
    ChannelFact,
    Email,
    EmailState,
    Employer,
    Feedback,
    Invitation,
    InvitationState,
    OutcomeFact,
    PromiseFact,
    SkipReason,
    ToldBucket,
)
from portal.statistics.score import cell_of

INVITE, REMINDER, FRESH_LINK = "invite", "reminder", "fresh_link"  # the kinds of its mail
REMIND_AFTER = timedelta(days=3)
LINK_LASTS = timedelta(days=14)
STALE_AFTER = timedelta(hours=48)
POSTPONE = timedelta(days=7)
TELLING_TAKES = timedelta(hours=1)
CHUNK = 500
ANSWERED = "answered"  # why mail about a survey does not leave any more
WITH_PEOPLE = (
    joinedload(Invitation.employer),
    joinedload(Invitation.application).options(
        joinedload(Application.candidate), joinedload(Application.requisition)
    ),
)
CHANNEL_FACTS = {
    Channel.PHONE: ChannelFact.PHONE,
    Channel.IN_PERSON: ChannelFact.PHONE,
    Channel.EMAIL: ChannelFact.WRITTEN,
    Channel.LETTER: ChannelFact.WRITTEN,
    Channel.PORTAL: ChannelFact.PORTAL,
}


def _due(now: datetime, most: int) -> sa.Select[Invitation]:
    return (
        sa.select(Invitation)
        .join(Invitation.employer)
        .join(Invitation.application)
        .join(Application.candidate)
        .options(
            contains_eager(Invitation.employer),
            contains_eager(Invitation.application).contains_eager(Application.candidate),
        )
        .where(Invitation.state == InvitationState.PLANNED, Invitation.due_at <= now)
        .order_by(Invitation.due_at, Invitation.id)
        .limit(most)
        # The candidate too: who is just being erased is looked at next time.
        .with_for_update(of=(Invitation, Candidate), skip_locked=True)
    )


def send_due(now: datetime, most: int = CHUNK) -> int:
    """Queue an email for every invitation that is due, or skip it with its reason.

    Returns how many rows it moved, MOST at most: call again, committing between, until 0.
    """
    moved = 0
    for invitation in db.session.scalars(_due(now, most)).all():
        _send_or_skip(invitation, now)
        db.session.flush()  # the next one's cool-down must see this one
        moved += 1
    return moved


def _send_or_skip(invitation: Invitation, now: datetime) -> None:
    employer, candidate = invitation.employer, invitation.application.candidate
    reason = _reason_employer_cannot_ask(employer) or planning.reason_not_to_ask(invitation, now)
    if reason or candidate.email is None:
        planning.set_skip(invitation, reason or SkipReason.NO_EMAIL)
    elif planning.is_about_to_be_told(invitation):
        invitation.due_at = now + TELLING_TAKES
    elif planning.is_active_elsewhere(invitation, now):
        invitation.due_at = now + POSTPONE
    else:
        leaves_at = closure.next_window(employer, now)
        invitation.state = InvitationState.QUEUED
        outbox.queue_email(
            INVITE,
            candidate.email,
            invitation_id=invitation.id,
            employer_id=employer.id,
            dedup_key=planning.invite_key(invitation),
            not_before=leaves_at,
            expires_at=leaves_at + STALE_AFTER,
        )


def _reason_employer_cannot_ask(employer: Employer) -> SkipReason | None:
    if settings().is_production and not employer.postal_address:
        return SkipReason.NO_SENDER
    return None if emails.find_reply_to(employer) else SkipReason.NO_SENDER


def _to_remind(now: datetime, most: int) -> sa.Select[Invitation]:
    reminder = aliased(Email)
    is_reminded_already = sa.exists().where(
        reminder.kind == REMINDER, reminder.invitation_id == Invitation.id
    )
    return (
        sa.select(Invitation)
        .join(Email, sa.and_(Email.kind == INVITE, Email.invitation_id == Invitation.id))
        .join(Invitation.employer)
        .join(Invitation.application)
        .join(Application.candidate)
        .options(
            contains_eager(Invitation.employer),
            contains_eager(Invitation.application).contains_eager(Application.candidate),
        )
        .where(
            Candidate.email.is_not(None),
            Email.state == EmailState.SENT,  # never after `unknown` or `failed`
            Email.sent_at <= now - REMIND_AFTER,
            Email.sent_at > now - LINK_LASTS,
            Email.delivery.is_(None) | Email.delivery.in_(("delayed", "delivered")),
            Invitation.state == InvitationState.INVITED,
            Invitation.is_answered.is_(False),
            ~is_reminded_already,
        )
        .limit(most)
        .with_for_update(of=Candidate, skip_locked=True)
    )


def remind_due(now: datetime, most: int = CHUNK) -> int:
    """Queue the one reminder of everybody who was reached three days ago and has not answered."""
    found = db.session.scalars(_to_remind(now, most)).all()
    for invitation in found:
        leaves_at = closure.next_window(invitation.employer, now)
        email = invitation.application.candidate.email
        outbox.queue_email(
            REMINDER,
            email or "",
            invitation_id=invitation.id,
            employer_id=invitation.employer_id,
            dedup_key=f"remind:{invitation.id}",
            not_before=leaves_at,
            expires_at=leaves_at + STALE_AFTER,
        )
    return len(found)


def lock(invitation_id: int | None) -> Invitation:
    """The invitation whose mail is about to leave, as it is now, until the caller's commit."""
    return db.session.scalars(
        sa.select(Invitation)
        .where(Invitation.id == invitation_id)
        .options(*WITH_PEOPLE)
        .with_for_update(of=Invitation)
        .execution_options(populate_existing=True)
    ).one()


def note_mailed(invitation: Invitation, now: datetime, survey_version: int) -> None:
    """Note that mail of INVITATION leaves, in the transaction that marks it `sending`.

    Freezes the coarse facts at the first email, so that population and sample are cut alike, and
    what its links ask: SURVEY_VERSION.
    """
    if invitation.cell is None:
        freeze_facts(invitation, now, survey_version)
    invitation.invited_at = invitation.invited_at or now
    invitation.last_mailed_at = now
    invitation.state, invitation.skip_reason = InvitationState.INVITED, None


def outcome_fact(application: Application) -> OutcomeFact:
    """What is decided of APPLICATION by now, as it would be frozen."""
    outcome = application.outcome
    return OutcomeFact(outcome.value) if outcome else OutcomeFact.UNDECIDED


def freeze_facts(invitation: Invitation, now: datetime, survey_version: int) -> None:
    """Write what may ever stand beside the answer, and which survey is answered."""
    invitation.survey_version = survey_version
    application, employer = invitation.application, invitation.employer
    outcome = outcome_fact(application)
    decided_on = application.decided_on
    reference = decided_on or closure.local_day(employer, now)
    invitation.week = reference - timedelta(days=reference.weekday())
    days = _days_to_told(application)
    invitation.cell = cell_of(_decided(outcome), days)
    invitation.outcome = outcome
    invitation.stage_group = application.stage_group
    invitation.role_family = application.requisition.role_family
    invitation.department = application.requisition.department
    invitation.told_bucket = _told_bucket(days)
    channel = application.channel
    invitation.channel = CHANNEL_FACTS[channel] if channel else ChannelFact.NONE
    invitation.promise_fact = _promise_fact(application, closure.local_day(employer, now))
    invitation.was_given_feedback = application.feedback not in (None, Feedback.NONE)


def _decided(outcome: OutcomeFact) -> Any:
    """OUTCOME as the statistics know it: undecided is None."""
    return None if outcome is OutcomeFact.UNDECIDED else outcome.value


def _days_to_told(application: Application) -> int | None:
    if application.told_on is None or application.decided_on is None:
        return None
    return max(0, (application.told_on - application.decided_on).days)


def _told_bucket(days: int | None) -> ToldBucket:
    if days is None:
        return ToldBucket.NEVER
    limits = ((3, ToldBucket.WITHIN_3), (7, ToldBucket.WITHIN_7), (14, ToldBucket.WITHIN_14))
    return next((bucket for limit, bucket in limits if days <= limit), ToldBucket.LATER)


def _promise_fact(application: Application, today: date) -> PromiseFact:
    promised, told = application.promised_on, application.told_on
    if promised is None or (told is None and promised >= today):
        return PromiseFact.NONE
    return PromiseFact.KEPT if told and told <= promised else PromiseFact.BROKEN


def settle_invites(emails: Sequence[Email], now: datetime) -> None:
    """Follow up what became of invitations' EMAILS: who could not be asked is skipped."""
    by_invitation = {email.invitation_id: email for email in emails}
    unanswered = (
        sa.select(Invitation)
        .options(joinedload(Invitation.application))
        .where(Invitation.id.in_(by_invitation), Invitation.is_answered.is_(False))
        .order_by(Invitation.id)
    )
    for invitation in db.session.scalars(unanswered).all():
        email = by_invitation[invitation.id]
        if email.state is EmailState.FAILED:
            planning.set_skip(invitation, SkipReason.UNDELIVERED)
        elif email.state is EmailState.CANCELLED:
            _settle_cancelled(invitation, email.reason or "", now)


def _settle_cancelled(invitation: Invitation, reason: str, now: datetime) -> None:
    if invitation.state is InvitationState.INVITED and not _has_other_mail(invitation):
        _was_not_asked(invitation)
    if invitation.state is not InvitationState.QUEUED:
        return  # planned anew already
    if reason == "replanned":
        planning.plan_invitation(invitation.application, now)
        return
    known = {member.value: member for member in SkipReason} | {
        "gave_up": SkipReason.UNDELIVERED,
        "gone": SkipReason.NO_EMAIL,
    }
    planning.set_skip(invitation, known.get(reason, SkipReason.STALE))


def _has_other_mail(invitation: Invitation) -> bool:
    """Whether a reminder or fresh link of INVITATION has left, or may have."""
    left = (EmailState.SENDING, EmailState.SENT, EmailState.UNKNOWN)
    others = sa.select(Email.id).where(
        Email.invitation_id == invitation.id,
        Email.kind.in_((REMINDER, FRESH_LINK)),
        Email.state.in_(left),
    )
    return db.session.scalar(others.limit(1)) is not None


def _was_not_asked(invitation: Invitation) -> None:
    """The relay put its email off until it was too late: nothing left, so nothing was frozen."""
    invitation.state = InvitationState.QUEUED
    invitation.invited_at = invitation.last_mailed_at = None
    for fact in (*COARSE_FACTS, "survey_version"):
        setattr(invitation, fact, None)


IN_DOUBT = (
    Email.kind == INVITE,
    Email.state == EmailState.UNKNOWN,
    Email.to_address.is_not(None),
)


def count_in_doubt() -> dict[int, int]:
    """How many invitations may or may not have arrived, by employer id; only where any may."""
    counted = (
        sa.select(Email.employer_id, sa.func.count()).where(*IN_DOUBT).group_by(Email.employer_id)
    )
    return {employer_id: n for employer_id, n in db.session.execute(counted) if employer_id}


def resend_in_doubt(employer_id: int, now: datetime) -> int:
    """Queue all of the employer's invitations in doubt again, under their Message-IDs; how many."""
    requeued = outbox.requeue(*IN_DOUBT, Email.employer_id == employer_id, now=now)
    if requeued:
        audit.record("invitations.resent", employer_id, None, count=requeued)
    return requeued
