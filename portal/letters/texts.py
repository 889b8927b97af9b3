"""The letters that are shipped in English and French, and one of them written to a person."""

from functools import lru_cache

from portal.config import ROOT
from portal.letters.filling import MAX_BODY, MAX_SUBJECT, Placeholders, Text, check_letter
from portal.models import Locale, Outcome
from portal.terms import Letter

__all__ = ["LETTERS_FOR", "MAX_BODY", "MAX_SUBJECT", "template", "write_letter"]

TEMPLATES = ROOT / "templates" / "letters"
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


def write_letter(
    letter: Letter, locale: Locale, values: Placeholders, text: Text | None = None
) -> Text:
    """LETTER in LOCALE with VALUES filled in; TEXT: the employer's own, as current() has it.

    Raises LetterRefused at a placeholder that is unknown or has no value for this person.
    """
    text = text or template(letter, locale)
    return check_letter(text.subject, text.body, values)
