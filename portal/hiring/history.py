"""What was decided, told and written so far. Changes nothing."""

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from portal.extensions import db
from portal.invitations import INVITE
from portal.models import (
    Application,
    Decision,
    Email,
    EmailState,
    Invitation,
    Notice,
    Outcome,
)

HAS_LEFT = (EmailState.SENDING, EmailState.SENT, EmailState.UNKNOWN)


def list_history(application: Application) -> tuple[list[Decision], list[Notice]]:
    """Every decision and notice of APPLICATION, oldest first."""
    decisions = sa.select(Decision).where(Decision.application_id == application.id)
    notices = sa.select(Notice).where(Notice.application_id == application.id)
    return (
        list(db.session.scalars(decisions.order_by(Decision.id))),
        list(db.session.scalars(notices.order_by(Notice.id))),
    )


def list_deliveries(application: Application) -> list[Email]:
    """The emails an employer may see per person: notices, links to the candidate's own page, and
    the first invitation.

    Reminders are left out: one exists only for who has not answered.
    """
    notices = sa.select(Notice.id).where(Notice.application_id == application.id)
    invitation = sa.select(Invitation.id).where(Invitation.application_id == application.id)
    emails = sa.select(Email).where(
        sa.or_(
            Email.notice_id.in_(notices),
            Email.application_id == application.id,
            sa.and_(Email.kind == INVITE, Email.invitation_id.in_(invitation)),
        ),
    )
    return list(db.session.scalars(emails.order_by(Email.id)))


def list_troubles(ids: Collection[int]) -> dict[int, EmailState]:
    """Of applications IDS: what became of the last email about the decision that stands, where it
    was not simply sent."""
    found = (
        sa.select(Notice.application_id, Email.state)
        .join(Notice.decision)
        .join(Email, Email.notice_id == Notice.id)
        .where(
            Notice.application_id.in_(ids),
            Decision.ended_at.is_(None),
            Email.state.in_((EmailState.FAILED, EmailState.UNKNOWN)),
        )
        .order_by(Email.id)
    )
    return {row[0]: row[1] for row in db.session.execute(found)} if ids else {}


@dataclass(frozen=True)
class Telling:
    """An earlier notice, and its email if it was one."""

    notice: Notice
    email: Email | None


def find_telling(application: Application, outcome: Outcome) -> Telling | None:
    """The newest notice by which the candidate has learnt, or may have learnt, of OUTCOME."""
    found = db.session.execute(
        sa.select(Notice, Email)
        .join(Notice.decision)
        .outerjoin(Email, Email.notice_id == Notice.id)
        .where(
            Notice.application_id == application.id,
            Decision.outcome == outcome,
            sa.or_(Notice.told_at.is_not(None), Email.state.in_(HAS_LEFT)),
        )
        .order_by(Notice.id.desc())
        .limit(1)
    ).first()
    return Telling(*found) if found else None
