"""Applications: what is known of them, and finding them."""

from collections.abc import Collection
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from portal import closure, invitations
from portal.applicants import NewApplication
from portal.extensions import db
from portal.hiring.owing import keep_owed
from portal.models import (
    Application,
    Employer,
    Notice,
    StageChange,
)


def update_progress(application: Application, new: NewApplication, now: datetime) -> bool:
    """Take over what NEW says more, and plan the invitation anew; True if anything changed."""
    changed = take_over(application, new, now)
    if changed:
        invitations.plan_invitation(application, now)
    return changed


def take_over(application: Application, new: NewApplication, now: datetime) -> bool:
    """Take over stage, interview and promise where NEW says more; True if anything changed.

    The caller plans the invitation.
    """
    before = (application.stage, application.last_interview_on, application.promised_on)
    if new.stage and new.stage != application.stage:
        application.stage, application.stage_group = new.stage, new.stage_group
        entered_on = new.stage_entered_on or closure.local_day(application.employer, now)
        application.stage_entered_on = entered_on
        db.session.add(
            StageChange(
                employer_id=application.employer_id,
                application_id=application.id,
                stage=new.stage,
                entered_on=entered_on,
            )
        )
    application.last_interview_on = new.last_interview_on or application.last_interview_on
    promise_date(application, new.promised_on, closure.local_day(application.employer, now))
    keep_owed(application)
    return before != (application.stage, application.last_interview_on, application.promised_on)


def promise_date(application: Application, promised_on: date | None, today: date) -> None:
    """Promise news by PROMISED_ON; an earlier promise counts on unless it has not passed yet."""
    held = application.promised_on
    if promised_on and (held is None or today <= held):
        application.promised_on = promised_on


def keep_promise_before(note: Notice) -> None:
    """A "not decided yet" that does not reach them promises nothing: what was promised before it
    holds. The newest first."""
    if note.application.promised_on == note.next_on:
        note.application.promised_on = note.promised_before


def with_people() -> sa.Select[Application]:
    """Applications, each with candidate, requisition and employer, in one statement."""
    return (
        sa.select(Application)
        .join(Application.candidate)
        .join(Application.requisition)
        .join(Application.employer)
        .options(
            contains_eager(Application.candidate),
            contains_eager(Application.requisition),
            contains_eager(Application.employer),
        )
    )


def find_applications(employer: Employer, ids: Collection[int]) -> dict[int, Application]:
    """Those of EMPLOYER's applications with IDS that are there, by id."""
    found = with_people().where(Application.employer_id == employer.id, Application.id.in_(ids))
    return {one.id: one for one in db.session.scalars(found)} if ids else {}


def find_application(employer: Employer, application_id: int) -> Application | None:
    """EMPLOYER's application with that id; None for another employer's, as if it did not exist."""
    return db.session.scalar(
        with_people().where(
            Application.employer_id == employer.id, Application.id == application_id
        )
    )
