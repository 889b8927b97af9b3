"""What was decided, and taking it back. Evidence is added, never overwritten."""

from datetime import date, datetime

import sqlalchemy as sa

from portal import audit, invitations, outbox
from portal.applicants import NewApplication
from portal.extensions import db
from portal.hiring.applications import keep_promise_before, take_over
from portal.hiring.evidence import (
    PastDecision,
    set_standing,
)
from portal.hiring.owing import keep_leaving, keep_owed
from portal.hiring.refusals import DecisionChanged, DecisionRefused
from portal.hiring.roles import fill_if_last_place
from portal.language import gettext
from portal.models import (
    ERASED,
    Application,
    Decision,
    Evidence,
    Notice,
    NoticeKind,
    Outcome,
    ReasonCode,
)


def standing_decision(application: Application) -> Decision | None:
    """The decision that stands, if any."""
    return db.session.scalar(
        sa.select(Decision).where(
            Decision.application_id == application.id, Decision.ended_at.is_(None)
        )
    )


def lock(application: Application) -> None:
    """Two people may click at once: the second waits here and then sees what the first did."""
    db.session.flush()  # a refresh drops what has been changed and not written
    db.session.refresh(application, with_for_update=True)
    # By whose clock is reckoned what is owed; it may have been set anew since the page was begun.
    db.session.refresh(application.employer, ["clock_preset", "inform_within_business_days"])


def refuse_erased(field: str, application: Application) -> None:
    """Nothing is written any more about who was erased or retired; raises DecisionRefused."""
    db.session.refresh(application.candidate, with_for_update={"read": True})
    if application.candidate.name == ERASED:
        erased = gettext("This person was erased: nothing more is recorded of them.")
        raise DecisionRefused(field, erased)
    if application.candidate.is_blank:
        name = application.candidate.name
        blank = gettext("%(name)s: nothing more is recorded of them.", name=name)
        raise DecisionRefused(field, blank)


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
    if another stands by now. Raises DecisionRefused for a day that cannot be. Whoever is hired for
    the last place fills the role.
    """
    past = PastDecision(outcome, decided_at, reason, reason_code=reason_code, next_step=next_step)
    decision = record_past(application, past, now, seen=seen)
    fill_if_last_place(application)
    return decision


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
    lock(application)
    refuse_erased("reason", application)
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
    lock(application)
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
    taken = [
        outbox.cancel_email(notice_key(notice), "retracted")
        for notice in db.session.scalars(notices)
    ]
    db.session.flush()  # the unique index allows one standing decision
    if any(taken):
        keep_leaving([decision.application_id])


def _withdraw_delay_notes(application: Application) -> None:
    """Nobody is told "not decided yet" once it is."""
    notes = sa.select(Notice).where(
        Notice.application_id == application.id, Notice.kind == NoticeKind.DELAY
    )
    for note in db.session.scalars(notes.order_by(Notice.id.desc())):
        if outbox.cancel_email(notice_key(note), "decided"):
            keep_promise_before(note)
            keep_leaving([application.id])


def notice_key(notice: Notice) -> str:
    return f"notice:{notice.id}"


def take_back(
    application: Application,
    now: datetime,
    *,
    decision_id: int | None,
    notice_id: int | None,
    promised_on: date | None,
) -> bool:
    """Take back what was just recorded: the decision, and the notice with its promise.

    False, with nothing changed, if its email has left. The caller holds the application and has
    seen that both are the newest.
    """
    notice = db.session.get(Notice, notice_id) if notice_id else None
    if notice and notice.evidence is Evidence.VERIFIED:
        if not outbox.cancel_email(notice_key(notice), "undone"):
            return False
        keep_leaving([application.id])
        if notice.kind is NoticeKind.DELAY:
            application.promised_on = promised_on
            keep_owed(application)
    elif notice:
        db.session.delete(notice)
        db.session.flush()
        set_standing(application, standing_decision(application), None)
    if decision_id:
        retract_decision(application, now, seen=decision_id)
    else:
        invitations.plan_invitation(application, now)
    return True
