"""Which language a comment is written in, told by its small words; a guess with its strength.

It must never know rules or weights. Small words (articles, prepositions, pronouns) make up
a third to a half of running text in all eight languages and hardly overlap.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path

_WORDS: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in json.loads(
        (Path(__file__).parent / "data" / "small-words.json").read_text(encoding="utf-8")
    ).items()
}
LANGUAGES = tuple(_WORDS)
_OWNERS: dict[str, tuple[str, ...]] = {
    word: tuple(name for name in LANGUAGES if word in _WORDS[name])
    for word in frozenset().union(*_WORDS.values())
}

_FRENCH_ONLY = ("j", "n", "qu", "s", "t", "jusqu", "lorsqu", "puisqu", "quelqu")
_ELIDED: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(_FRENCH_ONLY, ("fr",)),
    **dict.fromkeys(("l", "d", "m", "c"), ("fr", "it")),
    **dict.fromkeys(("un", "dell", "all", "nell", "sull", "quest", "dall"), ("it",)),
}

ENOUGH_WORDS = 6


def guess_language(words: Sequence[str]) -> tuple[str | None, float]:
    """The likeliest language and its share of the evidence (0..1); (None, 0.0) without any.

    A word that several languages share is shared out among them.
    """
    found = dict.fromkeys(LANGUAGES, 0.0)
    for word in words:
        owners = _OWNERS.get(word)
        if owners is None and "'" in word:
            owners = _owners_of_elided(word)
        if owners:
            for name in owners:
                found[name] += 1.0 / len(owners)
    total = sum(found.values())
    if not total:
        return None, 0.0
    best = max(LANGUAGES, key=lambda name: found[name])
    return best, found[best] / total


def _owners_of_elided(word: str) -> tuple[str, ...] | None:
    """Of "n'avais" or "l'azienda": the languages that shorten words so."""
    return _ELIDED.get(word.partition("'")[0])


def is_mostly_latin(text: str) -> bool:
    """Whether at least half of the letters are Latin ones; True for a text without letters."""
    if text.isascii():
        return True
    letters = [c for c in text if c.isalpha()]
    latin = sum(1 for c in letters if c < "\u0250" or "LATIN" in unicodedata.name(c, ""))
    return latin * 2 >= len(letters)


def settle_language(
    text: str, words: Sequence[str], given: str | None, is_english_word: Callable[[str], bool]
) -> str | None:
    """The language to score `text` in; None when it cannot be told.

    `words` are the lower-case words of the text without marks. A given language is trusted
    unless the text clearly speaks another (the survey's page was English, the answer is not).
    """
    if not is_mostly_latin(text):
        return None
    given = given.lower().replace("_", "-").split("-")[0] if given else None
    if not words:
        return given
    guess, share = guess_language(words)
    if len(words) >= ENOUGH_WORDS:
        if given is None:
            return _told_apart(words, guess, share, is_english_word)
        return guess if guess and guess != given and share >= 0.7 else given
    if given is not None:
        return given
    return _told_short(words, guess, share, is_english_word)


def _told_apart(
    words: Sequence[str], guess: str | None, share: float, is_english_word: Callable[[str], bool]
) -> str | None:
    if guess is not None and share >= 0.5:
        return guess
    known = sum(1 for word in words if is_english_word(word))
    return "en" if known * 2 >= len(words) else guess


def _told_short(
    words: Sequence[str], guess: str | None, share: float, is_english_word: Callable[[str], bool]
) -> str | None:
    known = sum(1 for word in words if is_english_word(word) or word in _WORDS["en"])
    if guess in (None, "en") and (known >= 2 or known == len(words)):
        return "en"
    return guess if guess != "en" and share >= 0.6 else ("en" if known == len(words) else None)
