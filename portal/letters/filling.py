"""Filling in a letter's placeholders. Nothing in a text is ever an expression."""

import re
from dataclasses import dataclass, fields

from portal.language import gettext
from portal.signs import shows

# A name in braces, and all that somebody may have meant as one. What else stands in braces, as
# {{7*7}} does, is text.
PLACEHOLDER = re.compile(r"( ?)(\{+)([\w ]{1,40})(\}+)")
# How a letter begins to somebody whose name nobody gave us.
NAMELESS = {"Dear {candidate},": "Hello,", "Bonjour {candidate},": "Bonjour,"}
# Where one of these is empty, its paragraph is left out.
OPTIONAL = ("reason", "next_step")
MAX_SUBJECT, MAX_FILLED_SUBJECT = 200, 300
MAX_BODY = 10_000


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
    reason: str = ""
    next_step: str = ""


_NAMES = "|".join(field.name for field in fields(Placeholders))
# What is left of one whose other brace is missing, or that says more than its name.
BROKEN = re.compile(rf"\{{ *(?:{_NAMES})\b|\b(?:{_NAMES}) *\}}")


def names_of(values: Placeholders) -> str:
    """The placeholders, in braces, that stand for something in VALUES."""
    known = _known(values)
    return ", ".join(f"{{{one}}}" for one in known if known[one] or one not in OPTIONAL)


def _known(values: Placeholders) -> dict[str, str]:
    found = {field.name: getattr(values, field.name) for field in fields(values)}
    return {name: value for name, value in found.items() if value is not None}


def _fill(text: str, known: dict[str, str], names: str) -> str:
    def value(match: re.Match[str]) -> str:
        space, opens, name, closes = match.groups()
        if opens != "{" or closes != "}" or name not in known:
            raise _cannot_fill(match[0], names)
        return f"{space}{known[name]}" if known[name] else ""

    if broken := BROKEN.search(PLACEHOLDER.sub("", text)):
        raise _cannot_fill(broken[0], names)
    return PLACEHOLDER.sub(value, text)


def _cannot_fill(said: str, names: str) -> LetterRefused:
    return LetterRefused(
        gettext(
            "%(name)s cannot be filled in here. Known are %(names)s.",
            name=said.strip(),
            names=names,
        )
    )


def fill_in(text: Text, values: Placeholders) -> Text:
    """TEXT with VALUES in it; raises LetterRefused at a placeholder that has none."""
    known, names = _known(values), names_of(values)
    unsaid = [f"{{{name}}}" for name in OPTIONAL if not known[name]]
    body = text.body
    if not values.candidate:
        for named, nameless in NAMELESS.items():
            body = body.replace(named, nameless)
    said = (part for part in body.split("\n\n") if not any(name in part for name in unsaid))
    in_subject = {name: value for name, value in known.items() if name not in OPTIONAL}
    # One line for the subject, whatever a role is called.
    subject = " ".join(_fill(text.subject, in_subject, names).split())
    return Text(subject, "\n\n".join(_fill(part, known, names) for part in said))


def check_letter(subject: str, body: str, values: Placeholders) -> Text:
    """What a person made of a letter, filled in; raises LetterRefused with what to change."""
    text = clean(subject, body)
    filled = fill_in(text, values)
    if not shows(filled.subject) or not shows(filled.body):
        raise LetterRefused(gettext("The email needs a subject and a text."))
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


def clean(subject: str, body: str) -> Text:
    """What was typed as a letter, placeholders and all; raises LetterRefused."""
    subject, body = subject.strip(), body.strip().replace("\r\n", "\n")
    if not shows(subject) or not shows(body):
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
    return Text(subject, body)
