"""How the candidate was told, and what became of the emails that tell. Evidence is added, never
overwritten."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal import audit, closure, invitations, outbox
from portal.extensions import db
from portal.hiring.applications import keep_promise_before, promise_date
from portal.hiring.decisions import lock, notice_key, refuse_erased, standing_decision
from portal.hiring.evidence import (
    check_told,
    owed_now,
    set_standing,
    write_telling,
)
from portal.hiring.owing import keep_leaving, keep_owed
from portal.hiring.pace import check_one_note_a_day, check_pace
from portal.hiring.refusals import DecisionChanged, DecisionRefused
from portal.language import gettext
from portal.letters import Text
from portal.models import (
    Application,
    Channel,
    Decision,
    Email,
    EmailState,
    Evidence,
    Feedback,
    Notice,
    NoticeKind,
)

NOTICE_EXPIRES = timedelta(hours=48)


def _check_unnoticed(application: Application, seen_notice: int | None) -> None:
    """Raise DecisionChanged if a newer notice than SEEN_NOTICE was given."""
    if seen_notice is None:
        return
    lock(application)
    newest = sa.select(sa.func.max(Notice.id)).where(Notice.application_id == application.id)
    if (db.session.scalar(newest) or 0) != seen_notice:
        raise DecisionChanged


def tell_now(
    application: Application,
    decision: Decision,
    letter: Text,
    now: datetime,
    *,
    feedback: Feedback = Feedback.NONE,
    send_at: datetime | None = None,
    seen_notice: int | None = None,
    run_id: int | None = None,
) -> Notice:
    """Queue the email that tells the candidate; told begins when it has been sent.

    SEEN_NOTICE: the id of the newest notice that the person saw (0: none); raises DecisionChanged
    if somebody told meanwhile. RUN_ID: the run that writes it, which keeps to the letters of an
    hour itself. Raises DecisionRefused where no email may go, or too many have within the hour.
    """
    _check_unnoticed(application, seen_notice)
    if run_id is None:
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
            run_id=run_id,
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
        dedup_key=notice_key(notice),
        not_before=send_at,
        expires_at=send_at + NOTICE_EXPIRES,
    )
    keep_leaving([notice.application_id])
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
    refuse_erased("told_on", application)
    notice = write_telling(decision, channel, told_at, feedback)
    notice.owed_on, notice.owed_under = owed_now(application)
    _settle_told(application, decision, notice, now)
    audit.record("notice.recorded", application.employer_id, application.id, channel=channel)
    return notice


def record_attempt(
    application: Application, decision: Decision, now: datetime, *, seen_notice: int | None = None
) -> Notice:
    """Note a call that was to tell of DECISION and only left a message: nobody is told by it.

    Raises DecisionChanged as tell_now() does, or when DECISION stands no more.
    """
    _check_unnoticed(application, seen_notice)
    lock(application)
    refuse_erased("call", application)
    if standing_decision(application) is not decision:
        raise DecisionChanged
    notice = Notice(
        employer_id=application.employer_id,
        application=application,
        decision=decision,
        kind=NoticeKind.ATTEMPT,
        channel=Channel.PHONE,
        evidence=Evidence.RECORDED,
        given_by=audit.acting_user_id(),
        created_at=now,
    )
    db.session.add(notice)
    audit.record("notice.attempted", application.employer_id, application.id)
    return notice


def _settle_told(
    application: Application, decision: Decision, notice: Notice, now: datetime
) -> None:
    """The first notice of the standing decision counts; later ones are evidence only."""
    lock(application)
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
    send_at: datetime | None = None,
    seen_notice: int | None = None,
    run_id: int | None = None,
) -> Notice:
    """Queue a dated "no decision yet"; it never counts as told. RUN_ID as for tell_now().

    Raises DecisionRefused, also for a second one on a day, and DecisionChanged as tell_now() does.
    """
    _check_unnoticed(application, seen_notice)
    if run_id is None:
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
        promised_before=application.promised_on,
        subject=letter.subject,
        body=letter.body,
        given_by=audit.acting_user_id(),
        run_id=run_id,
    )
    promise_date(application, next_on, today)
    keep_owed(application)
    return _queue_notice(notice, address, send_at or now)


def settle_notices(emails: Sequence[Email], now: datetime) -> None:
    """Follow up what became of notices' EMAILS: told begins with `sent`, ends with a bounce."""
    by_notice = {email.notice_id: email for email in emails}
    notices = (
        sa.select(Notice)
        .options(
            joinedload(Notice.decision),
            # Not joined: the application is read again under a lock, which an outer join forbids.
            joinedload(Notice.application).selectinload(Application.candidate),
        )
        .where(Notice.id.in_(by_notice))
        .order_by(Notice.application_id)
    )
    found = db.session.scalars(notices).all()
    keep_leaving([notice.application_id for notice in found])
    for notice in found:
        email = by_notice[notice.id]
        notice.is_undelivered = email.state is EmailState.FAILED
        was_told = notice.told_at is not None
        notice.told_at = email.sent_at if email.state is EmailState.SENT else None
        if notice.told_at is None:
            notice.owed_on = notice.owed_under = None
        elif not was_told:  # before it stands as told: afterwards nothing is owed
            notice.owed_on, notice.owed_under = owed_now(notice.application)
        if notice.kind is NoticeKind.DELAY:
            _settle_delay(notice, email)
        if notice.decision is None or notice.decision.ended_at:
            continue
        if notice.told_at:
            _settle_told(notice.application, notice.decision, notice, now)
        elif notice.application.told_at and not _other_told(notice):
            lock(notice.application)
            set_standing(notice.application, notice.decision, None)
            invitations.plan_invitation(notice.application, now)


def _settle_delay(notice: Notice, email: Email) -> None:
    """The last "not decided yet" that was sent counts, and its date is owed."""
    application = notice.application
    lock(application)
    if email.state in (EmailState.FAILED, EmailState.CANCELLED):
        keep_promise_before(notice)
    sent = (
        sa.select(Notice)
        .where(
            Notice.application_id == application.id,
            Notice.kind == NoticeKind.DELAY,
            Notice.told_at.is_not(None),
        )
        .order_by(Notice.told_at.desc(), Notice.id.desc())
        .limit(1)
    )
    last = db.session.scalar(sent)
    told_at = last.told_at if last else None
    application.delayed_on = closure.local_day(application.employer, told_at) if told_at else None
    application.delayed_until = last.next_on if last else None
    keep_owed(application)


def _other_told(notice: Notice) -> bool:
    """Whether another notice of the same decision stands as told."""
    others = sa.select(Notice.id).where(
        Notice.decision_id == notice.decision_id,
        Notice.id != notice.id,
        Notice.told_at.is_not(None),
    )
    return db.session.scalar(others.limit(1)) is not None
