"""What was decided and how the candidate was told. Evidence is added, never overwritten."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal import audit, closure, invitations, outbox
from portal.applicants import NewApplication
from portal.extensions import db
from portal.hiring.applications import promise_date, take_over
from portal.hiring.evidence import (
    PastDecision,
    check_told,
    set_standing,
    write_telling,
)
from portal.hiring.pace import check_one_note_a_day, check_pace
from portal.hiring.refusals import DecisionChanged, DecisionRefused
from portal.language import gettext
from portal.letters import Text
from portal.models import (
    ERASED,
    Application,
    Channel,
    Decision,
    Email,
    EmailState,
    Evidence,
    Feedback,
    Notice,
    NoticeKind,
    Outcome,
    ReasonCode,
)

NOTICE_EXPIRES = timedelta(hours=48)


def standing_decision(application: Application) -> Decision | None:
    """The decision that stands, if any."""
    return db.session.scalar(
        sa.select(Decision).where(
            Decision.application_id == application.id, Decision.ended_at.is_(None)
        )
    )


def _lock(application: Application) -> None:
    """Two people may click at once: the second waits here and then sees what the first did."""
    db.session.flush()  # a refresh drops what has been changed and not written
    db.session.refresh(application, with_for_update=True)


def _refuse_erased(field: str, application: Application) -> None:
    """Nothing is written any more about who was erased or retired; raises DecisionRefused."""
    db.session.refresh(application.candidate, with_for_update={"read": True})
    if application.candidate.name == ERASED:
        erased = gettext("This person was erased: nothing more is recorded of them.")
        raise DecisionRefused(field, erased)
    if application.candidate.is_blank:
        name = application.candidate.name
        blank = gettext("%(name)s: nothing more is recorded of them.", name=name)
        raise DecisionRefused(field, blank)


def _check_unnoticed(application: Application, seen_notice: int | None) -> None:
    """Raise DecisionChanged if a newer notice than SEEN_NOTICE was given."""
    if seen_notice is None:
        return
    _lock(application)
    newest = sa.select(sa.func.max(Notice.id)).where(Notice.application_id == application.id)
    if (db.session.scalar(newest) or 0) != seen_notice:
        raise DecisionChanged


def record_decision(
    application: Application,
    outcome: Outcome,
    decided_at: datetime,
    now: datetime,
    *,
    reason: str = "",
    reason_code: ReasonCode | None = None,
    next_step: str = "",
    seen: int | None = None,
) -> Decision:
    """Record what was decided; an earlier decision is superseded, its unsent notice taken back.

    SEEN is the id of the standing decision that the person saw (0: none); raises DecisionChanged
    if another stands by now. Raises DecisionRefused for a day that cannot be.
    """
    past = PastDecision(outcome, decided_at, reason, reason_code=reason_code, next_step=next_step)
    return record_past(application, past, now, seen=seen)


def record_past(
    application: Application,
    past: PastDecision,
    now: datetime,
    *,
    new: NewApplication | None = None,
    seen: int | None = None,
) -> Decision:
    """As record_decision; also how the candidate was told, and what NEW says more of progress."""
    past.check(application.employer, now)
    _lock(application)
    _refuse_erased("reason", application)
    standing = standing_decision(application)
    if seen is not None and seen != (standing.id if standing else 0):
        raise DecisionChanged
    if standing:
        _end(standing, now)
    _withdraw_delay_notes(application)
    if new:
        take_over(application, new, now)
    decision = past.write(application)
    invitations.plan_invitation(application, now)
    audit.record_many(application.employer_id, past.events(application.id))
    return decision


def retract_decision(application: Application, now: datetime, *, seen: int | None = None) -> None:
    """Take the standing decision back: unsent mail is cancelled, the check-in clock starts anew.

    Raises DecisionChanged when none stands, or another than SEEN.
    """
    _lock(application)
    standing = standing_decision(application)
    if standing is None or (seen is not None and seen != standing.id):
        raise DecisionChanged
    _end(standing, now)
    standing.is_retracted = True
    set_standing(application, None, None)
    invitations.plan_invitation(application, now)
    audit.record("decision.retracted", application.employer_id, application.id)


def _end(decision: Decision, now: datetime) -> None:
    decision.ended_at = now
    notices = sa.select(Notice).where(Notice.decision_id == decision.id)
    for notice in db.session.scalars(notices):
        outbox.cancel_email(_notice_key(notice), "retracted")
    db.session.flush()  # the unique index allows one standing decision


def _withdraw_delay_notes(application: Application) -> None:
    """Nobody is told "not decided yet" once it is."""
    notes = sa.select(Notice).where(
        Notice.application_id == application.id, Notice.kind == NoticeKind.DELAY
    )
    for note in db.session.scalars(notes):
        outbox.cancel_email(_notice_key(note), "decided")


def _notice_key(notice: Notice) -> str:
    return f"notice:{notice.id}"


def tell_now(
    application: Application,
    decision: Decision,
    letter: Text,
    now: datetime,
    *,
    feedback: Feedback = Feedback.NONE,
    send_at: datetime | None = None,
    seen_notice: int | None = None,
) -> Notice:
    """Queue the email that tells the candidate; told begins when it has been sent.

    SEEN_NOTICE is the id of the newest notice that the person saw (0: none), so that two who tell
    at once do not both write; raises DecisionChanged. Raises DecisionRefused where no email may
    go, or too many have gone within the hour.
    """
    _check_unnoticed(application, seen_notice)
    check_pace(application, now)
    address = _address_to_write_to(application)
    notice = _queue_notice(
        Notice(
            employer_id=application.employer_id,
            application_id=application.id,
            decision=decision,
            kind=NoticeKind.DECISION,
            channel=Channel.EMAIL,
            evidence=Evidence.VERIFIED,
            feedback=feedback,
            subject=letter.subject,
            body=letter.body,
            given_by=audit.acting_user_id(),
        ),
        address,
        send_at or now,
    )
    invitations.plan_invitation(application, now)  # a check-in must not overtake it
    return notice


def _address_to_write_to(application: Application) -> str:
    """Where the candidate reads mail; raises DecisionRefused if none may go there."""
    address = invitations.hold_address(application)
    if address is None:
        raise DecisionRefused("tell", gettext("There is no email address for this candidate."))
    return address


def _queue_notice(notice: Notice, address: str, send_at: datetime) -> Notice:
    db.session.add(notice)
    db.session.flush()
    outbox.queue_email(
        "notice",
        address,
        notice_id=notice.id,
        employer_id=notice.employer_id,
        dedup_key=_notice_key(notice),
        not_before=send_at,
        expires_at=send_at + NOTICE_EXPIRES,
    )
    audit.record("notice.queued", notice.employer_id, notice.application_id, kind=notice.kind)
    return notice


def record_told(
    application: Application,
    decision: Decision,
    channel: Channel,
    told_at: datetime,
    now: datetime,
    *,
    feedback: Feedback = Feedback.NONE,
    seen_notice: int | None = None,
) -> Notice:
    """Note that the employer has told the candidate itself.

    Raises DecisionRefused for the day, DecisionChanged as tell_now() does.
    """
    _check_unnoticed(application, seen_notice)
    check_told(application.employer, decision.decided_at, told_at, now)
    _refuse_erased("told_on", application)
    notice = write_telling(decision, channel, told_at, feedback)
    _settle_told(application, decision, notice, now)
    audit.record("notice.recorded", application.employer_id, application.id, channel=channel)
    return notice


def _settle_told(
    application: Application, decision: Decision, notice: Notice, now: datetime
) -> None:
    """The first notice of the standing decision counts; later ones are evidence only."""
    _lock(application)
    db.session.refresh(decision)  # it may have been replaced while the notice was on its way
    if decision.ended_at is None and application.told_at is None:
        set_standing(application, decision, notice)
        invitations.plan_invitation(application, now)


def send_delay_note(
    application: Application,
    next_on: date,
    letter: Text,
    now: datetime,
    *,
    seen_notice: int | None = None,
) -> Notice:
    """Queue a dated "no decision yet"; it never counts as told.

    Raises DecisionRefused, also for a second one on a day, and DecisionChanged as tell_now() does.
    """
    _check_unnoticed(application, seen_notice)
    check_pace(application, now)
    check_one_note_a_day(application, now)
    address = _address_to_write_to(application)
    today = closure.local_day(application.employer, now)
    if not today < next_on <= today + timedelta(days=365):
        within = gettext("The new date must be within the coming year.")
        raise DecisionRefused("next_on", within)
    notice = Notice(
        employer_id=application.employer_id,
        application_id=application.id,
        kind=NoticeKind.DELAY,
        channel=Channel.EMAIL,
        evidence=Evidence.VERIFIED,
        next_on=next_on,
        subject=letter.subject,
        body=letter.body,
        given_by=audit.acting_user_id(),
    )
    promise_date(application, next_on, today)
    return _queue_notice(notice, address, now)


def settle_notices(emails: Sequence[Email], now: datetime) -> None:
    """Follow up what became of notices' EMAILS: told begins with `sent`, ends with a bounce."""
    by_notice = {email.notice_id: email for email in emails}
    notices = (
        sa.select(Notice)
        .options(joinedload(Notice.decision), joinedload(Notice.application))
        .where(Notice.id.in_(by_notice))
        .order_by(Notice.application_id)
    )
    for notice in db.session.scalars(notices).all():
        email = by_notice[notice.id]
        notice.is_undelivered = email.state is EmailState.FAILED
        notice.told_at = email.sent_at if email.state is EmailState.SENT else None
        if notice.decision is None or notice.decision.ended_at:
            continue
        if notice.told_at:
            _settle_told(notice.application, notice.decision, notice, now)
        elif notice.application.told_at and not _other_told(notice):
            _lock(notice.application)
            set_standing(notice.application, notice.decision, None)
            invitations.plan_invitation(notice.application, now)


def _other_told(notice: Notice) -> bool:
    """Whether another notice of the same decision stands as told."""
    others = sa.select(Notice.id).where(
        Notice.decision_id == notice.decision_id,
        Notice.id != notice.id,
        Notice.told_at.is_not(None),
    )
    return db.session.scalar(others.limit(1)) is not None
