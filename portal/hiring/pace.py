"""How many letters leave, and to whom: for a stolen sign-in must not become a mail cannon, nor a
careful recruiter write to one person twice a day."""

import math
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from portal import audit, closure, formatting
from portal.config import settings
from portal.extensions import db
from portal.hiring.refusals import DecisionRefused
from portal.language import gettext, ngettext
from portal.models import Application, AuditEvent, Channel, Evidence, Notice, NoticeKind

HOUR = timedelta(hours=1)
LINK_SENT = "application.link_sent"  # in the audit trail: of a link no notice tells who sent it
COLLEAGUES = 3  # times what one person may send, all of an employer together may


def check_pace(application: Application, now: datetime) -> None:
    """Raise DecisionRefused if the signed-in person, or the employer's people together, have sent
    as many letters within the hour as they may. Workers and commands are not counted."""
    user_id = audit.acting_user_id()
    if user_id is None:
        return
    most = settings().LETTERS_PER_HOUR
    sent = _sent_since(application.employer_id, now - HOUR)
    alone = gettext(
        "You have sent %(most)s letters within an hour, which is the most that may leave.",
        most=formatting.count(most),
    )
    _refuse_above(most, sent.where(sent.selected_columns.by == user_id), alone, now)
    together = gettext(
        "Your colleagues and you have sent %(most)s letters within an hour, which is the most that "
        "may leave.",
        most=formatting.count(most * COLLEAGUES),
    )
    _refuse_above(most * COLLEAGUES, sent, together, now)


def _sent_since(employer_id: int, since: datetime) -> sa.Select[Any]:
    """When, and by whom, people of the employer sent letters and links to candidates."""
    letters = sa.select(Notice.created_at.label("at"), Notice.given_by.label("by")).where(
        Notice.employer_id == employer_id,
        Notice.created_at > since,
        Notice.channel == Channel.EMAIL,
        Notice.evidence == Evidence.VERIFIED,
        Notice.given_by.is_not(None),
        Notice.run_id.is_(None),  # those are spread over hours
    )
    links = sa.select(AuditEvent.at, AuditEvent.user_id).where(
        AuditEvent.employer_id == employer_id,
        AuditEvent.at > since,
        AuditEvent.action == LINK_SENT,
        AuditEvent.user_id.is_not(None),
    )
    both = letters.union_all(links).subquery()
    return sa.select(both.c.at, both.c.by)


def _refuse_above(most: int, sent: sa.Select[Any], why: str, now: datetime) -> None:
    """The letter that made it MOST opens the way again once it is an hour old."""
    newest = sent.order_by(sent.selected_columns.at.desc()).offset(most - 1).limit(1)
    at: datetime | None = db.session.scalar(newest)
    if at is None:
        return
    minutes = max(1, math.ceil((at + HOUR - now).total_seconds() / 60))
    what_now = ngettext(
        "This one was not sent, and its words are kept: send it again in %(num)s minute, or tell "
        "the person otherwise and note that here.",
        "This one was not sent, and its words are kept: send it again in %(num)s minutes, or tell "
        "the person otherwise and note that here.",
        minutes,
    )
    raise DecisionRefused("tell", f"{why} {what_now}")


def is_just_in(application: Application, now: datetime) -> bool:
    """Whether the person applied within the hour, as far as is known: a no that comes so soon
    reads as if nobody had looked."""
    is_new = application.created_at > now - HOUR and application.last_interview_on is None
    return is_new and application.stage_entered_on >= closure.local_day(application.employer, now)


def check_one_note_a_day(application: Application, now: datetime) -> None:
    """Raise DecisionRefused if this person was written "not decided yet" today, for any role."""
    employer = application.employer
    newest = (
        sa.select(Notice.created_at)
        .join(Application, Application.id == Notice.application_id)
        .where(
            Application.candidate_id == application.candidate_id,
            Application.employer_id == employer.id,
            Notice.kind == NoticeKind.DELAY,
            Notice.created_at > now - timedelta(days=1),
        )
        .order_by(Notice.created_at.desc())
        .limit(1)
    )
    at = db.session.scalar(newest)
    if at and closure.local_day(employer, at) == closure.local_day(employer, now):
        raise DecisionRefused(
            "next_on",
            gettext(
                "This person was written “not decided yet” today already. One such note a day is "
                "enough: nothing was sent."
            ),
        )
