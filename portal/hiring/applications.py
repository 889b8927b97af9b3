"""Applications: what is known of them, and finding them."""

from dataclasses import dataclass
from datetime import date, datetime

import email_validator
import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from portal import closure, invitations
from portal.extensions import db
from portal.models import (
    Application,
    Candidate,
    Employer,
    Locale,
    Requisition,
    RoleFamily,
    StageChange,
    StageGroup,
)
from portal.signs import shows

MAX_NAME = 200
MAX_DEPARTMENT = 120


class ApplicationRefused(ValueError):
    """Something about the application cannot be kept; `field` names it."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True)
class NewApplication:
    """What is known when somebody applies, cleaned by clean_text and clean_address."""

    name: str
    email: str | None
    role: str
    role_family: RoleFamily = RoleFamily.OTHER
    department: str | None = None
    external_id: str | None = None
    stage: str = ""
    stage_group: StageGroup = StageGroup.SCREEN
    stage_entered_on: date | None = None
    last_interview_on: date | None = None
    promised_on: date | None = None
    locale: Locale | None = None


def clean_text(field: str, text: str, most: int = MAX_NAME, *, required: bool = True) -> str:
    """TEXT on one line without control characters; raises ApplicationRefused naming FIELD."""
    if any(ord(sign) < 32 or 127 <= ord(sign) < 160 for sign in text.strip()):
        raise ApplicationRefused(field, f"{field}: control characters and line breaks do not fit")
    if any(0xD800 <= ord(sign) <= 0xDFFF for sign in text):
        raise ApplicationRefused(field, f"{field}: half a character (a lone surrogate)")
    cleaned = " ".join(text.split()) if shows(text) else ""
    if required and not cleaned:
        raise ApplicationRefused(field, f"{field}: is missing")
    if len(cleaned) > most:
        raise ApplicationRefused(field, f"{field}: longer than {most} characters")
    return cleaned


def clean_address(text: str) -> str:
    """The address in TEXT, domain in lower case; raises ApplicationRefused."""
    if any(ord(sign) < 32 for sign in text.strip()):
        raise ApplicationRefused("email", "email: control characters and line breaks do not fit")
    try:
        found = email_validator.validate_email(
            text.strip(),
            check_deliverability=False,
            test_environment=True,
            allow_smtputf8=False,
            allow_quoted_local=True,
        )
    except email_validator.EmailNotValidError as error:
        raise ApplicationRefused("email", f"email: {error}") from error
    return found.normalized


def find_open_twin(employer: Employer, new: NewApplication) -> Application | None:
    """The same person's open application for the same role; a second click waits for the first."""
    db.session.execute(sa.select(Employer.id).where(Employer.id == employer.id).with_for_update())
    twins = (
        sa.select(Application)
        .join(Application.candidate)
        .join(Application.requisition)
        .where(
            Application.employer_id == employer.id,
            Application.outcome.is_(None),
            sa.func.lower(Candidate.email) == (new.email or "").lower(),
            Requisition.title == new.role,
        )
    )
    return db.session.scalar(twins.limit(1))


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
    return before != (application.stage, application.last_interview_on, application.promised_on)


def promise_date(application: Application, promised_on: date | None, today: date) -> None:
    """Promise news by PROMISED_ON; an earlier promise counts on unless it has not passed yet."""
    held = application.promised_on
    if promised_on and (held is None or today <= held):
        application.promised_on = promised_on


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


def find_application(employer: Employer, application_id: int) -> Application | None:
    """EMPLOYER's application with that id; None for another employer's, as if it did not exist."""
    return db.session.scalar(
        with_people().where(
            Application.employer_id == employer.id, Application.id == application_id
        )
    )
