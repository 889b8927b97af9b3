"""The one way of translating: English goes in, the reader's language comes out.

Knows no request and no user. Whoever makes a page, a mail or a file says once for whom (`use`,
`choose`); every text, number and date made meanwhile follows. English is what stands in the code,
the other languages are gettext catalogues under portal/translations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from gettext import NullTranslations
from pathlib import Path
from typing import Final

import babel
from babel.numbers import format_decimal
from babel.support import LazyProxy, Translations

CATALOGUES: Final = Path(__file__).with_name("translations")
LANGUAGES: Final = {"en": "English", "fr": "Français"}
PSEUDO: Final = "en-XA"
"""The usual name of a language that marks what was translated; tests read pages in it."""
OPENS, CLOSES = "⟦", "⟧"

# Anything else is none of ours, of which Babel would make sure at length.
TAG: Final = re.compile(rf"({'|'.join(LANGUAGES)})([-_]([a-z]{{2}}|[0-9]{{3}}))?", re.IGNORECASE)

_reader: ContextVar[str] = ContextVar("reader's locale", default="en")


class _Pseudo(NullTranslations):
    """English between brackets: what stands outside of them was never looked up."""

    def gettext(self, message: str) -> str:
        return f"{OPENS}{message}{CLOSES}" if message else message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


@lru_cache(maxsize=16)
def _catalogue(language: str) -> NullTranslations:
    if language == PSEUDO:
        return _Pseudo()
    return Translations.load(CATALOGUES, [language])


@lru_cache(maxsize=64)
def find_locale(tag: str) -> babel.Locale | None:
    """The locale that TAG names ("fr", "en-GB", "fr_CA"), if we speak its language."""
    if not TAG.fullmatch(tag):
        return None
    try:
        found = babel.Locale.parse(tag.replace("-", "_"))
    except (ValueError, TypeError, babel.UnknownLocaleError):
        return None
    return found if found.language in LANGUAGES else None


def regional(language: str, territory: str | None) -> str:
    """LANGUAGE as TERRITORY writes it ("en-GB"), or at large if it has no ways of its own."""
    tag = f"{language}-{territory}"
    return tag if territory and find_locale(tag) else language


def current() -> str:
    """The reader's locale as it was chosen: "en", "fr-CA"."""
    return _reader.get()


def code() -> str:
    """The reader's language, as the `lang` of a page: "en", "fr"."""
    return current()[:2]


def conventions() -> babel.Locale:
    """How the reader writes dates, times and numbers; as in the language at large if unknown."""
    found = find_locale(current()) or find_locale(code())
    return found or babel.Locale("en")


def choose(tag: str) -> None:
    """Make everything from now on for a reader of TAG; a language we do not speak is English."""
    _reader.set(tag if tag == PSEUDO or find_locale(tag) else "en")


@contextmanager
def use(tag: str) -> Iterator[None]:
    """Make what is made inside for a reader of TAG."""
    before = _reader.get()
    choose(tag)
    try:
        yield
    finally:
        _reader.set(before)


def marked(text: str) -> str:
    """TEXT as it is, to be `translated` where it is shown: for what is stored, or said twice."""
    return text


def translated(text: str) -> str:
    """TEXT in the reader's language, its `%(name)s` not filled in: for Jinja, which fills them."""
    return _catalogue(_named()).gettext(text)


def translated_plural(one: str, many: str, number: int) -> str:
    """ONE or MANY, as the reader's language counts NUMBER, not filled in."""
    return _catalogue(_named()).ngettext(one, many, number)


def gettext(text: str, /, **values: object) -> str:
    """TEXT in the reader's language, with VALUES for its `%(name)s`."""
    said = translated(text)
    return said % values if values else said


def ngettext(one: str, many: str, number: int, /, **values: object) -> str:
    """ONE or MANY with VALUES; `%(num)s` is NUMBER, grouped as the reader does."""
    num = format_decimal(number, locale=conventions())
    return translated_plural(one, many, number) % {"num": num, **values}


def lazy_gettext(text: str, /, **values: object) -> LazyProxy:
    """As gettext, looked up each time it is shown: for texts that are written before the reader
    is known."""
    return LazyProxy(gettext, text, enable_cache=False, **values)


def _named() -> str:
    return PSEUDO if current() == PSEUDO else code()
