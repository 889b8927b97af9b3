"""What a candidate can be told in writing: an employer's own letters, or the shipped ones."""

from portal.letters.blocks import blocks
from portal.letters.filling import LetterRefused, Placeholders, Text, check_letter, names_of
from portal.letters.own import (
    KEPT,
    LetterChanged,
    current,
    list_versions,
    reset_letter,
    restore_letter,
    save_letter,
)
from portal.letters.reasons import REASONS, Why, why_of
from portal.letters.texts import LETTERS_FOR, MAX_BODY, MAX_SUBJECT, template, write_letter
from portal.letters.values import placeholders, sample_placeholders
from portal.terms import Letter
