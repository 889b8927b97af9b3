"""Which language a comment is written in, by the evidence of its words.

It must never know rules or weights. Small words (articles, prepositions, pronouns) make up
a third to a half of running text in any language and hardly overlap; short comments are told by
the words that only one of the scored languages knows, and by letters and endings.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from portal.sentiment.tokens import plain_letters, with_plain_marks

_DATA: dict[str, Any] = json.loads(
    (Path(__file__).parent / "data" / "small-words.json").read_text(encoding="utf-8")
)
_ENDINGS: dict[str, str] = _DATA.pop("endings")
_BORROWED = frozenset(_DATA.pop("borrowed").split())
_SMALL: dict[str, str] = _DATA

_LETTERS = {
    "fr": "éèêëàâçîïôùûœæ",
    "de": "äöüß",
    "es": "ñáéíóú¿¡",
    "pt": "ãõáâçéêíóôú",
    "nl": "éëïö",
    "it": "àèéìòù",
    "pl": "ąćęłńóśźż",
    "sv": "åäö",
    "tr": "çğıöşü",
    "ro": "ăâîșțşţ",
}
_ELIDED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(("j", "n", "qu", "jusqu", "lorsqu", "puisqu", "quelqu"), ("fr",)),
    **dict.fromkeys(("l", "d", "m", "c", "s", "t"), ("fr", "it")),
    **dict.fromkeys(("un", "dell", "all", "nell", "sull", "quest", "dall"), ("it",)),
}

Evidence = tuple[tuple[str, float], ...]

# What one word says for a language, shared out among the languages that have the word
_SMALL_WORD, _KNOWN_WORD, _ELISION = 1.0, 0.6, 1.5
_ENDING, _LETTER = 0.4, 0.2
_IN_BOTH = 0.1
# Another language than the page's needs so much in all, and so many times what the page's has
_LEAST, _TIMES = 0.35, 1.5

_ENOUGH = 600  # characters; more would say the same, and takes time
ENOUGH_WORDS = 6  # a text with fewer is a short one

_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*")


class LanguageTeller:
    """Tells languages apart; made once, then pure and linear in the text.

    `known`: for each language that can be scored, the words something is known about there,
    without accents. A word that several languages have counts a part for each, one that all
    scored languages know, and a borrowed one, next to nothing.
    """

    def __init__(self, known: Mapping[str, Iterable[str]]) -> None:
        self._scored = tuple(known)
        self._evidence = _evidence_by_word(known)
        self._none = dict.fromkeys(_SMALL, 0.0)

    def settle(self, text: str, given: str | None) -> str | None:
        """The language to score `text` in; None when it cannot be told.

        The given language (the survey page's) holds until another has half as much evidence
        again. A text without words is in the given language, or the first.
        """
        if not is_mostly_latin(text):
            return None
        given = given.lower().replace("_", "-").split("-")[0] if given else None
        words = _WORD.findall(with_plain_marks(text[:_ENOUGH]).lower())
        if not words:
            return given or self._scored[0]
        found = self.weigh(words)
        best = max(found, key=found.__getitem__)
        if not found[best]:
            return given if len(words) < 3 else None
        if given is None:
            return best
        if found[best] >= max(_LEAST, _TIMES * found.get(given, 0.0)):
            return best
        return given

    def weigh(self, words: Iterable[str]) -> dict[str, float]:
        """The evidence for each language in lower-case words."""
        found = self._none.copy()
        get = self._evidence.get
        for word in words:
            evidence = get(word)
            if evidence is None:
                evidence = self._of_unknown(word)
            for language, amount in evidence:
                found[language] += amount
        return found

    def _of_unknown(self, word: str) -> Evidence:
        """Of a word no list has: its elision, itself without accents, its letters and ending."""
        start, mark, rest = word.partition("'")
        if mark:
            before = _shared(_ELIDED.get(start, ()), _ELISION)
            return before + (self._evidence.get(rest) or self._of_unknown(rest))
        evidence: Evidence = ()
        if not word.isascii():
            evidence = self._evidence.get(plain_letters(word), ())
            letters = [lang for lang, own in _LETTERS.items() if not set(own).isdisjoint(word)]
            evidence += _shared(letters, _LETTER)
        return evidence + (_BY_ENDING.get(word[-4:]) or _BY_ENDING.get(word[-3:]) or ())


def is_mostly_latin(text: str) -> bool:
    """Whether at least half of the letters are Latin ones; True for a text without letters."""
    if text.isascii() or max(text) < "\u0250":
        return True
    letters = [c for c in text if c.isalpha()]
    latin = sum(1 for c in letters if c < "\u0250" or "LATIN" in unicodedata.name(c, ""))
    return latin * 2 >= len(letters)


def _shared(languages: Iterable[str], amount: float) -> Evidence:
    owners = tuple(languages)
    return tuple((language, amount / len(owners)) for language in owners)


def _evidence_by_word(known: Mapping[str, Iterable[str]]) -> dict[str, Evidence]:
    in_all = dict.fromkeys(known, _IN_BOTH * len(known))
    amounts: dict[str, dict[str, float]] = {}
    for language, words in known.items():
        for word in words:
            amounts.setdefault(word, {})[language] = _KNOWN_WORD
    amounts = {w: in_all.copy() if len(own) == len(known) else own for w, own in amounts.items()}
    for language, small in _SMALL.items():
        for word in {*small.split(), *map(plain_letters, small.split())}:
            amounts.setdefault(word, {})[language] = _SMALL_WORD
    amounts.update(dict.fromkeys(_BORROWED, in_all))
    return {
        word: tuple((language, amount / len(found)) for language, amount in found.items())
        for word, found in amounts.items()
    }


def _evidence_by_ending() -> dict[str, Evidence]:
    owners: dict[str, list[str]] = {}
    for language, endings in _ENDINGS.items():
        for ending in endings.split():
            owners.setdefault(ending, []).append(language)
    return {ending: _shared(languages, _ENDING) for ending, languages in owners.items()}


_BY_ENDING = _evidence_by_ending()
