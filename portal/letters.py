"""What a candidate can be told in writing: fixed templates in English and French.

Only the placeholders below are filled in; nothing in a text is ever an expression.
"""

import re
from dataclasses import asdict, dataclass
from enum import StrEnum

from portal.models import Locale, Outcome

PLACEHOLDER = re.compile(r"\{([^{}\n]{0,40})\}")
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

TEXTS = {
    (Letter.REJECTED, Locale.ENGLISH): Text(
        "Your application for the role of {role} at {employer}",
        "Dear {candidate},\n\n"
        "Thank you for the time you gave to your application for the role of {role}. We are sorry "
        "to tell you that we will not be taking it further. We wanted you to hear it from us.\n\n"
        "If you would like to know how we came to this, reply to this message and we will tell "
        "you.\n\n"
        "We wish you well with what comes next.\n\n"
        "{sender}\n{employer}",
    ),
    (Letter.REJECTED, Locale.FRENCH): Text(
        "Votre candidature pour le poste «\u00a0{role}\u00a0» chez {employer}",
        "Bonjour {candidate},\n\n"
        "Merci du temps que vous avez consacré à votre candidature pour le poste "
        "«\u00a0{role}\u00a0». Nous avons le regret de vous annoncer que nous n’y donnerons pas "
        "suite. Nous tenions à vous le dire nous-mêmes.\n\n"
        "Si vous souhaitez savoir ce qui a guidé notre choix, répondez à ce message : nous vous "
        "l’expliquerons.\n\n"
        "Nous vous souhaitons une belle suite.\n\n"
        "{sender}\n{employer}",
    ),
    (Letter.HIRED, Locale.ENGLISH): Text(
        "Welcome to {employer}: {role}",
        "Dear {candidate},\n\n"
        "We are delighted to confirm that the role of {role} is yours.\n\n"
        "We will write to you shortly about your first day. Until then, reply to this message "
        "with anything you would like to know.\n\n"
        "{sender}\n{employer}",
    ),
    (Letter.HIRED, Locale.FRENCH): Text(
        "Bienvenue chez {employer} : {role}",
        "Bonjour {candidate},\n\n"
        "Nous avons le plaisir de vous confirmer que le poste «\u00a0{role}\u00a0» est à vous.\n\n"
        "Nous vous écrirons très bientôt au sujet de votre premier jour. D’ici là, répondez à ce "
        "message pour toute question.\n\n"
        "{sender}\n{employer}",
    ),
    (Letter.OFFER, Locale.ENGLISH): Text(
        "An offer from {employer}: {role}",
        "Dear {candidate},\n\n"
        "We would like to offer you the role of {role}. The details follow separately.\n\n"
        "Take the time you need, and reply to this message with any question.\n\n"
        "{sender}\n{employer}",
    ),
    (Letter.OFFER, Locale.FRENCH): Text(
        "Une proposition de {employer} : {role}",
        "Bonjour {candidate},\n\n"
        "Nous souhaitons vous proposer le poste «\u00a0{role}\u00a0». Les détails vous "
        "parviendront séparément.\n\n"
        "Prenez le temps qu’il vous faut, et répondez à ce message pour toute question.\n\n"
        "{sender}\n{employer}",
    ),
    (Letter.DELAY, Locale.ENGLISH): Text(
        "Your application for the role of {role} at {employer}: no decision yet",
        "Dear {candidate},\n\n"
        "We have not decided about the role of {role} yet, and we would rather say so than leave "
        "you waiting. You will hear from us by {date}.\n\n"
        "Thank you for your patience.\n\n"
        "{sender}\n{employer}",
    ),
    (Letter.DELAY, Locale.FRENCH): Text(
        "Votre candidature pour le poste «\u00a0{role}\u00a0» chez {employer} : "
        "pas encore de décision",
        "Bonjour {candidate},\n\n"
        "Nous n’avons pas encore pris de décision pour le poste «\u00a0{role}\u00a0», et nous "
        "préférons vous le dire plutôt que de vous laisser attendre. Vous aurez de nos nouvelles "
        "au plus tard le {date}.\n\n"
        "Merci de votre patience.\n\n"
        "{sender}\n{employer}",
    ),
}


def _fill(text: str, values: Placeholders) -> str:
    known = {name: value for name, value in asdict(values).items() if value is not None}

    def value(match: re.Match[str]) -> str:
        if match[1] not in known:
            names = ", ".join(f"{{{name}}}" for name in known)
            raise LetterRefused(f"{match[0]} cannot be filled in here. Known are {names}.")
        return str(known[match[1]])

    return PLACEHOLDER.sub(value, text)


def write_letter(letter: Letter, locale: Locale, values: Placeholders) -> Text:
    """The template LETTER in LOCALE with VALUES filled in, for a person to look over."""
    text = TEXTS[letter, locale]
    # One line for the subject, whatever a role is called.
    return Text(" ".join(_fill(text.subject, values).split()), _fill(text.body, values))


def check_letter(subject: str, body: str, values: Placeholders) -> Text:
    """What a person made of a letter, filled in; raises LetterRefused with what to change."""
    subject, body = subject.strip(), body.strip().replace("\r\n", "\n")
    if not subject or not body:
        raise LetterRefused("The email needs a subject and a text.")
    if len(subject) > MAX_SUBJECT or len(body) > MAX_BODY:
        raise LetterRefused(
            f"The subject may have {MAX_SUBJECT} characters and the text {MAX_BODY}."
        )
    if any(ord(sign) < 32 for sign in subject) or "\0" in body:
        raise LetterRefused("The subject must be one line, and control characters cannot be sent.")
    filled = Text(_fill(subject, values), _fill(body, values))
    if len(filled.subject) > MAX_FILLED_SUBJECT:
        raise LetterRefused(
            f"With the names filled in, the subject has {len(filled.subject)} characters. "
            f"Shorten it to {MAX_FILLED_SUBJECT}."
        )
    return filled
