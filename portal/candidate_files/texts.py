"""Texts of a file without what nobody sees or a spreadsheet added. Pure."""

import html
import re
import unicodedata

from portal.language import lazy_gettext

SPACES = re.compile(r"[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
QUOTES = "\"'`“”„‘’«»"
# With its semicolon only: "R&D" and "AT&T" are no entities, nor is "&copy" in "A&copy".
ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
ENTITIES = lazy_gettext("HTML entities such as &amp; are read as the signs they stand for")
# What portal/exports/files.py and spreadsheets put an apostrophe before, to keep it text.
PROTECTED = re.compile(r"'(?=[=+\-@\t\r\n])")


def is_invisible(sign: str) -> bool:
    """Whether SIGN is one of Unicode's format signs: zero widths, marks of direction, U+FEFF."""
    return unicodedata.category(sign) == "Cf"


def trim(text: str) -> str:
    """TEXT without spaces and invisible signs at its ends."""
    if not text or ("!" <= text[0] <= "~" and "!" <= text[-1] <= "~"):
        return text
    start, end = 0, len(text)
    while start < end and (text[start].isspace() or is_invisible(text[start])):
        start += 1
    while start < end and (text[end - 1].isspace() or is_invisible(text[end - 1])):
        end -= 1
    return text[start:end]


def unaccented(text: str) -> str:
    """TEXT in lower case and without accents."""
    if text.isascii():
        return text.lower()
    bare = unicodedata.normalize("NFKD", text.casefold())
    return "".join(sign for sign in bare if not unicodedata.combining(sign))


def decode_entities(text: str) -> str:
    """TEXT with its HTML entities decoded, those encoded twice too."""
    for _ in range(2):
        if "&" in text:
            text = ENTITY.sub(lambda found: html.unescape(found[0]), text)
    return text


def decode_text(text: str) -> tuple[str, str | None]:
    """Free text as it was meant, and what to say about that.

    An apostrophe is dropped only before what a spreadsheet would take for a formula: the one in
    "'90s DJ" belongs to it.
    """
    trimmed = trim(text)
    plain = decode_entities(trimmed)
    notice = None if plain == trimmed else str(ENTITIES)
    return PROTECTED.sub("", trim(plain), count=1) if plain[:1] == "'" else trim(plain), notice
