"""What is known of somebody when they apply, and what of it can be kept."""

from dataclasses import dataclass
from datetime import date

import email_validator

from portal.signs import shows
from portal.terms import Locale, RoleFamily, StageGroup

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
