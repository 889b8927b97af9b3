"""When the letters of a run leave: no more in an hour than may. Changes nothing."""

from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta

import sqlalchemy as sa

from portal import hiring
from portal.bulk.plans import MAILS, Plan, from_json
from portal.config import settings
from portal.extensions import db
from portal.models import Email, EmailState, Employer, Notice, Run, RunKind, RunState

UNDO_TIME = timedelta(minutes=5)  # letters of a run wait so long, so that it can be taken back
HOUR = timedelta(hours=1)
AT_WORK = (RunState.QUEUED, RunState.RUNNING)


def spread(employer: Employer, plan: Plan, letters: int, now: datetime) -> Plan:
    """PLAN for so many LETTERS with the moment at which the first leaves, and how many may in an
    hour.

    They share an hour with those of other runs if all fit into it, else they come in hours of their
    own: the first after the asked time that are free.
    """
    most = settings().LETTERS_PER_HOUR
    at, taken = max(plan.send_at or now, now + UNDO_TIME), _leaving(employer, now)
    hours = -(-max(1, letters) // most)
    while True:
        near = {moment: n for moment, n in taken.items() if at - HOUR < moment < at + hours * HOUR}
        if not near or (hours == 1 and letters + sum(near.values()) <= most):
            return replace(plan, send_at=at, per_hour=most)
        at = max(near) + HOUR


def leaves_at(plan: Plan, number: int) -> datetime | None:
    """When the letter of line NUMBER (from 1) leaves; None for a plan without letters."""
    if plan.action not in MAILS or plan.send_at is None:
        return None
    return plan.send_at + HOUR * ((number - 1) // plan.per_hour)


def _leaving(employer: Employer, now: datetime) -> Counter[datetime]:
    """How many letters of EMPLOYER's runs leave when, those that left within the hour and those
    that are still to be written among them."""
    at_work = db.session.execute(
        sa.select(Run.id, Run.plan, Run.total).where(
            Run.employer_id == employer.id,
            Run.kind == RunKind.ACTION,
            Run.state.in_(AT_WORK),
            Run.name.in_(MAILS),
        )
    ).all()
    at = sa.case((Email.state == EmailState.SENT, Email.sent_at), else_=Email.next_attempt_at)
    written = (
        sa.select(at, sa.func.count())
        .outerjoin(Notice, Email.notice_id == Notice.id)
        .where(
            Email.employer_id == employer.id,
            sa.or_(
                Email.kind == hiring.STATUS_LINK,
                sa.and_(
                    Notice.run_id.is_not(None),
                    Notice.run_id.not_in([run_id for run_id, *_ in at_work]),
                ),
            ),
            sa.or_(
                Email.state.in_((EmailState.QUEUED, EmailState.SENDING)), Email.sent_at > now - HOUR
            ),
        )
        .group_by(at)
    )
    found: Counter[datetime] = Counter()
    for moment, n in db.session.execute(written):
        found[moment] += n
    for _, kept, total in at_work:
        plan = from_json(kept)
        for first in range(0, total, plan.per_hour):
            if moment := leaves_at(plan, first + 1):
                found[moment] += min(plan.per_hour, total - first)
    return found
