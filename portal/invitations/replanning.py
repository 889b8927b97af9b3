"""Invitations that have not left, planned anew after a setting of the employer changed."""

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from portal.extensions import db
from portal.invitations.planning import plan_invitation
from portal.models import Application, Employer, Invitation, InvitationState, Lane

CHUNK = 50
WAITS = (InvitationState.PLANNED, InvitationState.QUEUED)


def count_waiting(employer: Employer, lanes: Iterable[Lane] = Lane) -> int:
    """How many invitations of EMPLOYER in LANES are planned and have not left."""
    counted = sa.select(sa.func.count(Invitation.id)).where(
        Invitation.employer_id == employer.id,
        Invitation.state.in_(WAITS),
        Invitation.lane.in_(list(lanes)),
        Invitation.last_mailed_at.is_(None),
    )
    return db.session.scalar(counted) or 0


def ask_to_plan_anew(employer: Employer) -> None:
    """Have the worker plan all that waits anew, before it sends any more of EMPLOYER's."""
    employer.plan_anew_after = 0


def is_to_be_planned_anew(invitation: Invitation) -> bool:
    """Whether a setting changed since INVITATION, which waits, was planned."""
    after = invitation.employer.plan_anew_after
    return after is not None and invitation.id > after and invitation.state in WAITS


def plan_anew(now: datetime, most: int = CHUNK) -> int:
    """Plan what waits of an employer that asked for it; how many rows it looked at, at most
    MOST and one.

    Call again, committing between, until 0.
    """
    employer = db.session.scalar(
        sa.select(Employer)
        .where(Employer.plan_anew_after.is_not(None))
        .order_by(Employer.id)
        .limit(1)
        # Applications may be added meanwhile: their rows only point at the employer's.
        .with_for_update(key_share=True, skip_locked=True)
    )
    if employer is None or employer.plan_anew_after is None:
        return 0
    found = db.session.scalars(
        sa.select(Invitation)
        .options(joinedload(Invitation.application).joinedload(Application.candidate))
        .where(
            Invitation.employer_id == employer.id,
            Invitation.state.in_(WAITS),
            Invitation.id > employer.plan_anew_after,
        )
        .order_by(Invitation.id)
        .limit(most)
        .with_for_update(of=Invitation)
    ).all()
    for invitation in found:
        plan_invitation(invitation.application, now)
    employer.plan_anew_after = found[-1].id if found else None
    return len(found) + 1
