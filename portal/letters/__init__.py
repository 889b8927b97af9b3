"""What a candidate can be told in writing: an employer's own letters, or the shipped ones."""

from portal.letters.blocks import Block, blocks
from portal.letters.filling import (
    LetterRefused,
    Placeholders,
    Text,
    check_letter,
    names_of,
)
from portal.letters.own import (
    KEPT,
    LetterChanged,
    current,
    list_versions,
    reset_letter,
    restore_letter,
    save_letter,
)
from portal.letters.reasons import REASONS, Why, reason_in_words, why_of
from portal.letters.texts import (
    LETTERS_FOR,
    MAX_BODY,
    MAX_SUBJECT,
    template,
    write_letter,
)
from portal.letters.values import placeholders, sample_placeholders
from portal.terms import Letter

__all__ = [
    "KEPT",
    "LETTERS_FOR",
    "MAX_BODY",
    "MAX_SUBJECT",
    "REASONS",
    "Block",
    "Letter",
    "LetterChanged",
    "LetterRefused",
    "Placeholders",
    "Text",
    "Why",
    "blocks",
    "check_letter",
    "current",
    "list_versions",
    "names_of",
    "placeholders",
    "reason_in_words",
    "reset_letter",
    "restore_letter",
    "sample_placeholders",
    "save_letter",
    "template",
    "why_of",
    "write_letter",
]
