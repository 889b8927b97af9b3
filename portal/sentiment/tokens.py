"""One comment cut once into words and marks with their places in the original text.

It must never know languages, rules or weights. Places always refer to the text as given:
every change of characters before cutting is one to one, everything else happens per word.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

SENTENCE = "."
CLAUSE = ","

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
    """Words in order, marks among them.

    `words[i]` is the lower-case word, "." for the end of a sentence, "," for a shorter pause;
    it stands at `text[starts[i]:ends[i]]`.
    """

    words: list[str]
    starts: list[int]
    ends: list[int]


def tokenise(text: str, language: str = "en") -> Tokens:
    """Cut any text into words and marks, in time linear in its length; never raises.

    French words come without accents ("reponse"), as half of the comments are typed that way.
    """
    tokens = Tokens([], [], [])
    plain = text.translate(_SAME_LENGTH)
    pattern, tidy = _TOKEN, _same
    if language == "fr":
        pattern, tidy = _FRENCH_TOKEN, _without_accents
    elif not plain.isascii() and not unicodedata.is_normalized("NFC", plain):
        tidy = _composed
    before = ""
    for match in pattern.finditer(plain):
        kind = match.lastgroup
        if kind == "word" or kind == "elided":
            word = tidy(match.group().lower())
        elif kind == "number" or kind == "face":
            word = match.group()
        else:
            word = "" if kind == "url" else _mark(match.group(), before, language)
        if word:
            tokens.words.append(word)
            tokens.starts.append(match.start())
            tokens.ends.append(match.end())
            before = word
    return tokens


def _same(word: str) -> str:
    return word


def _composed(word: str) -> str:
    return unicodedata.normalize("NFC", word)


def _without_accents(word: str) -> str:
    if word.isascii():
        return word
    apart = unicodedata.normalize("NFD", word.replace("œ", "oe").replace("æ", "ae"))
    return "".join(c for c in apart if not unicodedata.combining(c))


def _mark(mark: str, before: str, language: str) -> str:
    """What a mark means after the word `before`: a sentence's end, a pause, "and", nothing."""
    if mark == "&":
        return "et" if language == "fr" else "and"
    if mark == "." and before in _ABBREVIATIONS:
        return ""
    return SENTENCE if mark in ".!?\n" else CLAUSE
