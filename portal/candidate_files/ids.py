"""Ids of applications as files write them, and those that are none. Pure.

An id is what two files are matched by. One that a spreadsheet has cut belongs to many people, and
so does a word for nothing: neither is taken, and rows are matched by address and role.
"""

import re
from dataclasses import dataclass

from portal.candidate_files.nothing import is_nothing
from portal.candidate_files.texts import (
    QUOTES,
    SPACES,
    decode_entities,
    is_invisible,
    trim,
    unaccented,
)
from portal.candidate_files.words import plain
from portal.language import lazy_gettext

CUT = lazy_gettext(
    "Ids that a spreadsheet has cut (as 4.8321E+17): not taken, matched by address and role"
)
NOBODYS = lazy_gettext(
    "Ids that stand for none (as N/A or 0): not taken, matched by address and role"
)
WHOLE = lazy_gettext("Ids that end in .0: read without")

# What nearly every cell holds: a number, a number with letters before it, a UUID.
PLAIN = re.compile(
    r"[1-9][0-9]{0,14}|[A-Za-z]{1,12}[-_]?[0-9]{1,15}"
    r"|(?=[0-]*[1-9a-f])[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}"
)
# 4.8321E+17, 4,8321E+17 and 4.8321×10^17; but 12E4 and 1e5 may be ids.
SCIENTIFIC = re.compile(
    r"[+-]?[0-9]+(?:[.,][0-9]*(?: ?e| ?[×x*] ?10\^?)[+-]?[0-9]+|e[+-][0-9]+)", re.IGNORECASE
)
# 12,345 and 12 345 are how spreadsheets of one country or another show the number 12345.
GROUPED = re.compile(r"[0-9]{1,3}([,.'’ ])[0-9]{3}(?:\1[0-9]{3})*")
NUMBER = re.compile(r"([+-]?[0-9]+)[.,]0+")
# Spreadsheets and JavaScript's printers keep fifteen digits and fill up with zeros.
KEPT = 15
TOO_NARROW = re.compile(r"#+")
FORMULA = re.compile(r"=\s*\"([^\"]*)\"")
ZEROS = re.compile(r"[0\-_./: ]*0[0\-_./: ]*")
ERRORS = re.compile(r"#¡?[a-z]+(?:/0)?[!?]|#(?:ref|value|name|num|calc)|err:[0-9]{3}")
NOBODY = frozenset(("test", "dummy", "sample", "example", "true", "false", "x", "xx", "xxx", "-1"))


@dataclass(frozen=True, slots=True)
class IdRead:
    """An id or none, and what to say about that."""

    id: str | None
    notice: str | None = None


def read_id(text: str) -> IdRead:
    """The id in TEXT, if it can be one application's alone."""
    if PLAIN.fullmatch(text):
        return IdRead(text)
    visible = (sign for sign in decode_entities(trim(text)) if not is_invisible(sign))
    own = SPACES.sub(" ", "".join(visible))
    if formula := FORMULA.fullmatch(own.removeprefix("'")):
        own = formula[1]  # ="00123" keeps a spreadsheet from taking the zeros
    own = trim(own.strip(QUOTES))
    if not own:
        return IdRead(None)
    if whole := NUMBER.fullmatch(own):
        own = whole[1]
    if _is_nobodys(own):
        return IdRead(None, str(NOBODYS))
    if _is_cut(own):
        return IdRead(None, str(CUT))
    return IdRead(own, str(WHOLE) if whole else None)


def id_key(own_id: str) -> str:
    """What OWN_ID is compared by, among applications of one person for one role.

    A spreadsheet takes the zeros before a number and parts its thousands; other programs change
    capitals, braces, hyphens and spaces. Of different people that alone would prove nothing.
    """
    whole = _ungroup(own_id)
    return plain(whole).lstrip("0") or whole


def _is_nobodys(text: str) -> bool:
    word = unaccented(text)
    known = word in NOBODY or ZEROS.fullmatch(word) or ERRORS.fullmatch(word)
    return bool(known) or is_nothing(text)


def _is_cut(text: str) -> bool:
    if TOO_NARROW.fullmatch(text) or SCIENTIFIC.fullmatch(text):
        return True
    digits = _ungroup(text).lstrip("+-0") if text.isascii() else ""
    return digits.isdigit() and len(digits) > KEPT and not digits[KEPT:].strip("0")


def _ungroup(text: str) -> str:
    grouped = GROUPED.fullmatch(text)
    return text.replace(grouped[1], "") if grouped else text
