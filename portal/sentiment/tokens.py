"""One comment cut once into words and marks with their places in the original text.

It must never know languages, rules or weights. Places always refer to the text as given:
every change of characters before cutting is one to one, everything else happens per word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple

SENTENCE = "."
CLAUSE = ","
NUMBER = "#"

# One to one only, so that places stay true.
_SAME_LENGTH = str.maketrans(
    {"’": "'", "‘": "'", "ʼ": "'", "´": "'", "`": "'", "′": "'", "＇": "'", "\u00a0": " "}
)

# Every alternative starts with its own kind of character and repeats one class: linear.
# \u0300-\u036f are accents written apart from their letter (they are not \w on their own).
_URL_OR_NUMBER = r"(?P<url>https?://\S+|www\.\S+)|(?P<number>\d+(?:[.,:]\d+)*(?![\w\u0300-\u036f]))"
_WORD = r"|(?P<word>\w(?:[\w'\u0300-\u036f]*[\w\u0300-\u036f])?)"
_REST = (
    r"|(?P<face>[:;=]['-]?[()\[\]DPp/](?!\w)|<3"
    r"|[\U0001f300-\U0001faff\u2600-\u27bf])"
    r"|(?P<stop>\.{2,}|[.!?…\n])"
    r"|(?P<pause>[,;:()\[\]\u2013\u2014]|--?(?=\s)|&)"
)
_TOKEN = re.compile(_URL_OR_NUMBER + _WORD + _REST)
# French: "l'entretien", "qu'ils", "n'ai" are two words each, "aujourd'hui" is one.
_ELIDED = r"|(?P<elided>\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quelqu|quoiqu)'(?=\w))"
_FRENCH_TOKEN = re.compile(_URL_OR_NUMBER + _ELIDED + _WORD + _REST, re.IGNORECASE)

_ABBREVIATIONS = frozenset(("mr", "mrs", "ms", "dr", "prof", "vs", "approx", "mme", "mlle"))


class Tokens(NamedTuple):
    """Words in order, marks among them, and where each was found.

    `words[i]` is the lower-case word, "#" for a number, "." for the end of a sentence, "," for
    a shorter pause; `places[i].span()` is its place in the text.
    """

    words: list[str]
    places: list[re.Match[str]]


def tokenise(text: str, language: str = "en") -> Tokens:
    """Cut any text into words and marks, in time linear in its length; never raises.

    French words come without accents ("reponse"), as half of the comments are typed that way.
    """
    words: list[str] = []
    places: list[re.Match[str]] = []
    plain = text.translate(_SAME_LENGTH)
    pattern = _FRENCH_TOKEN if language == "fr" else _TOKEN
    tidy = _tidier(plain, language)
    for match in pattern.finditer(plain):
        kind = match.lastgroup
        if kind == "word" or kind == "elided":
            word = match.group().lower()
            if tidy is not None:
                word = tidy(word)
        elif kind == "number":
            word = NUMBER
        elif kind == "face":
            word = match.group()
        else:
            word = _mark(match.group(), words, language)
            if not word:
                continue
        words.append(word)
        places.append(match)
    return Tokens(words, places)


def _tidier(plain: str, language: str) -> Callable[[str], str] | None:
    """What a lower-case word still needs; nothing in nearly every English text."""
    if plain.isascii():
        return None
    if language == "fr":
        return _without_accents
    return None if unicodedata.is_normalized("NFC", plain) else _composed


def _composed(word: str) -> str:
    return unicodedata.normalize("NFC", word)


def _without_accents(word: str) -> str:
    if word.isascii():
        return word
    apart = unicodedata.normalize("NFD", word.replace("œ", "oe").replace("æ", "ae"))
    return "".join(c for c in apart if not unicodedata.combining(c)) or word


def _mark(mark: str, words: Sequence[str], language: str) -> str:
    """What a mark means after `words`: a sentence's end, a pause, "and", or nothing."""
    if mark == "&":
        return "et" if language == "fr" else "and"
    if mark == "." and words and words[-1] in _ABBREVIATIONS:
        return ""
    if mark in ".!?\n":
        return SENTENCE
    return CLAUSE if len(mark) < 4 or mark[0] == "." else ""
