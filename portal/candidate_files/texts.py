"""Texts of a file without what nobody sees or a spreadsheet added. Pure."""

import html
import re
import unicodedata

from portal.language import lazy_gettext
from portal.signs import EMPTY

SPACES = re.compile(r"[ \u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
QUOTES = "\"'`“”„‘’«»"
# With its semicolon only: "R&D" and "AT&T" are no entities, nor is "&copy" in "A&copy".
ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
MOST_ENCODED = 4
ENTITIES = lazy_gettext("HTML entities such as &amp; are read as the signs they stand for")
# Zero widths, soft hyphens and lone marks of direction change neither a word nor how it looks, and
# would make two roles of one. Joiners stay: Persian and emoji need them.
HIDDEN = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u2060-\u2064\ufeff]")
# What portal/exports/files.py and spreadsheets put an apostrophe before, to keep it text.
PROTECTED = re.compile(r"\A'(?=[=+\-@\t\r\n])")

# UTF-8 that was read as Windows-1252 once and then kept: "ZoÃ«", "Oâ€™Shea". Only what stands for
# a Latin letter, a quotation mark or a dash; nobody writes these signs beside each other.
_LATER = "".join(
    bytes([byte]).decode("cp1252", "ignore") or chr(byte) for byte in range(0x80, 0xC0)
)
TWICE = re.compile(rf"[Ã-Å][{_LATER}]|Â\u00a0|â[{_LATER}]{{2}}|á[¸-»][{_LATER}]")
MEANT = re.compile("[\u00a0\u00c0-\u017f\u1e00-\u1eff\u2013-\u2026\u20ac]")
ENCODED_TWICE = lazy_gettext("Letters that were encoded twice (as Ã« for ë) are read as meant")


def is_invisible(sign: str) -> bool:
    """Whether SIGN is one of Unicode's format signs (zero widths, marks of direction, U+FEFF), or
    a filler drawn as nothing."""
    return sign in EMPTY or unicodedata.category(sign) == "Cf"


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


def plain_line(text: str) -> str:
    """TEXT without what a program may change of it: capitals, and how accents are encoded."""
    return text.lower() if text.isascii() else unicodedata.normalize("NFC", text).casefold()


def decode_entities(text: str) -> str:
    """TEXT with its HTML entities decoded, those too that several programs encoded in turn."""
    for _ in range(MOST_ENCODED):
        if "&" in text:
            text = ENTITY.sub(lambda found: html.unescape(found[0]), text)
    return text


def protected(text: str) -> str:
    """TEXT without the apostrophe that keeps it from being a formula; any other belongs to it."""
    return PROTECTED.sub("", text)


def undo_encoding(text: str) -> str:
    """TEXT with its letters that were encoded twice as they were meant."""
    return text if text.isascii() else TWICE.sub(_read_as_meant, text)


def _read_as_meant(found: re.Match[str]) -> str:
    packed = b"".join(
        bytes([ord(sign)]) if ord(sign) < 0x100 else sign.encode("cp1252") for sign in found[0]
    )
    meant = packed.decode("utf-8", "replace")
    return meant if MEANT.fullmatch(meant) else found[0]


def decode_text(text: str) -> tuple[str, str | None]:
    """Free text as it was meant, and what to say about that.

    An apostrophe is dropped only before what a spreadsheet would take for a formula: the one in
    "'90s DJ" belongs to it.
    """
    trimmed = trim(text)
    meant = undo_encoding(trimmed)
    plain = decode_entities(meant)
    notice = None if plain == meant else str(ENTITIES)
    notice = notice if meant == trimmed else str(ENCODED_TWICE)
    return protected(trim(plain)), notice


def only_seen(text: str) -> str:
    """TEXT, by which something is found again, as it looks: one sign for a letter and its accent,
    and none that nobody sees."""
    return text if text.isascii() else trim(unicodedata.normalize("NFC", HIDDEN.sub("", text)))
