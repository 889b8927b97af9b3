"""What a candidate can be told in writing: fixed templates in English and French.

Only the placeholders below are filled in; nothing in a text is ever an expression.
"""

import re
from dataclasses import asdict, dataclass
from enum import StrEnum
from functools import lru_cache

from portal.config import ROOT
from portal.language import gettext
from portal.models import Locale, Outcome

TEMPLATES = ROOT / "templates" / "letters"
PLACEHOLDER = re.compile(r"( ?)\{([^{}\n]{0,40})\}")
# How a letter begins to somebody whose name nobody gave us.
NAMELESS = {"Dear {candidate},": "Hello,", "Bonjour {candidate},": "Bonjour,"}
MAX_SUBJECT, MAX_FILLED_SUBJECT = 200, 300
MAX_BODY = 10_000


class Letter(StrEnum):
    REJECTED = "rejected"
    HIRED = "hired"
    OFFER = "offer"
    DELAY = "delay"


class LetterRefused(ValueError):
    """A text that cannot be sent as it is; the message says what to change."""


@dataclass(frozen=True)
class Text:
    subject: str
    body: str


@dataclass(frozen=True)
class Placeholders:
    """What a text may name in braces. date: None in a letter that promises none."""

    candidate: str
    role: str
    employer: str
    sender: str
    date: str | None = None


LETTERS_FOR = {
    Outcome.REJECTED: (Letter.REJECTED,),
    Outcome.HIRED: (Letter.HIRED, Letter.OFFER),
    Outcome.OFFER_DECLINED: (),
    Outcome.WITHDRAWN: (),
}


@lru_cache(maxsize=32)
def template(letter: Letter, locale: Locale) -> Text:
    """LETTER as it is shipped in LOCALE, its placeholders in braces: templates/letters."""
    written = (TEMPLATES / locale / f"{letter}.txt").read_text(encoding="utf-8")
    subject, _, body = written.partition("\n\n")
    return Text(subject, body.rstrip("\n"))


def _fill(text: str, values: Placeholders) -> str:
    known = {name: value for name, value in asdict(values).items() if value is not None}

    def value(match: re.Match[str]) -> str:
        if match[2] not in known:
            names = ", ".join(f"{{{name}}}" for name in known)
            raise LetterRefused(
                gettext(
                    "%(name)s cannot be filled in here. Known are %(names)s.",
                    name=match[0].strip(),
                    names=names,
                )
            )
        return f"{match[1]}{known[match[2]]}" if known[match[2]] else ""

    return PLACEHOLDER.sub(value, text)


def write_letter(letter: Letter, locale: Locale, values: Placeholders) -> Text:
    """The template LETTER in LOCALE with VALUES filled in, for a person to look over."""
    text = template(letter, locale)
    if not values.candidate:
        for named, nameless in NAMELESS.items():
            text = Text(text.subject, text.body.replace(named, nameless))
    # One line for the subject, whatever a role is called.
    return Text(" ".join(_fill(text.subject, values).split()), _fill(text.body, values))


def check_letter(subject: str, body: str, values: Placeholders) -> Text:
    """What a person made of a letter, filled in; raises LetterRefused with what to change."""
    subject, body = subject.strip(), body.strip().replace("\r\n", "\n")
    if not subject or not body:
        raise LetterRefused(gettext("The email needs a subject and a text."))
    if len(subject) > MAX_SUBJECT or len(body) > MAX_BODY:
        raise LetterRefused(
            gettext(
                "The subject may have %(subject)s characters and the text %(text)s.",
                subject=MAX_SUBJECT,
                text=MAX_BODY,
            )
        )
    if any(ord(sign) < 32 for sign in subject) or "\0" in body:
        raise LetterRefused(
            gettext("The subject must be one line, and control characters cannot be sent.")
        )
    filled = Text(_fill(subject, values), _fill(body, values))
    if len(filled.subject) > MAX_FILLED_SUBJECT:
        raise LetterRefused(
            gettext(
                "With the names filled in, the subject has %(has)s characters. Shorten it to "
                "%(most)s.",
                has=len(filled.subject),
                most=MAX_FILLED_SUBJECT,
            )
        )
    return filled
