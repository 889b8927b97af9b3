"""What is known of somebody when they apply, and what of it can be kept."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

import email_validator

from portal.signs import shows
from portal.terms import Locale, RoleFamily, StageGroup

MAX_NAME = 200
MAX_DEPARTMENT = 120
MAX_PHONE = 40
LEAST_DIGITS = 3


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
    phone: str | None = None


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


def clean_phone(text: str) -> str:
    """The telephone number in TEXT as it was typed, "" for none; raises ApplicationRefused.

    Loosely: what people write beside a number is theirs to know, as long as there is one.
    """
    cleaned = clean_text("phone", text, MAX_PHONE, required=False)
    if cleaned and len(_digits(cleaned)) < LEAST_DIGITS:
        raise ApplicationRefused("phone", "phone: has no number")
    return cleaned


def dialled(phone: str) -> str:
    """What a telephone dials for PHONE: its digits, without the extension that words introduce.

    The (0) that is left out in calls from abroad goes where the number begins with a +.
    """
    abroad = "+" if phone.lstrip(" (").startswith("+") else ""
    number = phone.replace("(0)", "") if abroad else phone
    parts = (_digits(part) for part in re.split(r"[^\W\d_]+", number))
    return abroad + next((part for part in parts if len(part) >= LEAST_DIGITS), _digits(number))


def _digits(text: str) -> str:
    """The digits of TEXT, whichever script they are written in, as 0 to 9."""
    return "".join(str(unicodedata.decimal(sign)) for sign in text if sign.isdecimal())
