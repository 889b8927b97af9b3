"""One comment cut once into words and marks with their places in the original text.

It must never know rules or weights; of languages only how they are cut and spelled. Places
always refer to the text as given: every change of characters before cutting is one to one,
everything else happens per word.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import NamedTuple

from portal.sentiment.spellings import meant_words

SENTENCE = "."
CLAUSE = ","
NUMBER = "#"

# Characters without a shape: inside a word they are no part of it, alone they are nothing.
_UNSEEN = "\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
_SOME_UNSEEN = re.compile(f"[{_UNSEEN}]+")
_BLANK = re.compile(rf"[\s\u115f\u1160\u2800\u3164\uffa0{_UNSEEN}]*")
# One to one only, so that places stay true.
_SAME_LENGTH = str.maketrans(
    dict.fromkeys("’‘ʼ´`′＇", "'") | dict.fromkeys("\u00a0\u115f\u1160\u2800\u3164\uffa0", " ")
)

# Every alternative starts with its own kind of character and repeats one class: linear.
# \u0300-\u036f are accents written apart from their letter (they are not \w on their own).
_INSIDE = rf"\w'\u0300-\u036f{_UNSEEN}"
_URL = r"(?P<url>https?://\S+|www\.\S+)"
_COUNTED = (
    r"\s?(?:questions?|rounds?|times|fois|candidat\w*|applica\w*|people|persons?|personnes?|stages?"
    r"|interview\w*|entretiens?|étapes?|etapes?|tours?|tests?|answers?|réponses?|recruiters?"
    r"|recruteurs?|compan\w+|entreprises?|employe\w+|jobs?|roles?|e?mails?|calls?|appels?|days?"
    r"|weeks?|months?|hours?|jours?|semaines?|mois|heures?|of|de|des|am|pm)\b"
)
_RATING = (
    r"|(?P<rating>(?<![\w/.,-])(?P<given>\d{1,3}(?:[.,]\d)?)(?:"
    r"\s?(?:/|(?:stars?\s)?out\sof\s|sur\s)\s?(?P<most>5|10|20|100)(?![\w/-]|[.,:]\d)(?!"
    + _COUNTED
    + r")|(?:\s|-)?(?:stars?\b|[ée]toiles?\b|[⭐★🌟]\ufe0f?)))"
)
_NUMBER = r"|(?P<number>\d+(?:[.,:]\d+)*(?![\w\u0300-\u036f]))"
_WORD = rf"|(?P<word>\w(?:[{_INSIDE}]*[\w\u0300-\u036f])?)"
_EMOJI = r"\U0001f300-\U0001faff\u2600-\u27bf\u2b50\u231b\u23f0-\u23f3"
_REST = (
    r"|(?P<stars>(?:[★☆⭐🌟✩✰]\ufe0f?){2,})"
    r"|(?P<face>[:;=]['-]?(?:\)+|\(+|[\[\]DPp/|])(?!\w)|</?3|\^\^"
    rf"|[{_EMOJI}](?:[\ufe0f\U0001f3fb-\U0001f3ff]|\u200d[{_EMOJI}])*)"
    r"|(?P<stop>\.{2,}|[.!?…\n])"
    r"|(?P<pause>[,;:()\[\]\u2013\u2014]|--?(?=\s)|&)"
)
_TOKEN = re.compile(_URL + _RATING + _NUMBER + _WORD + _REST)
# French: "l'entretien", "qu'ils", "n'ai" are two words each, "aujourd'hui" is one.
_ELIDED = r"|(?P<elided>\b(?:[cdjlmnst]|qu|jusqu|lorsqu|puisqu|quelqu|quoiqu)'(?=\w))"
_FRENCH_TOKEN = re.compile(_URL + _RATING + _NUMBER + _ELIDED + _WORD + _REST, re.IGNORECASE)

_ABBREVIATIONS = frozenset(("mr", "mrs", "ms", "dr", "prof", "vs", "approx", "mme", "mlle"))
# After these "5/10" is a day
_BEFORE_DAYS = frozenset(
    ("on", "by", "since", "until", "till", "before", "after", "from", "le", "du", "au", "depuis")
)
_STEPS = ((0.25, "1★"), (0.45, "2★"), (0.65, "3★"), (0.85, "4★"))  # what is more is "5★"


class Tokens(NamedTuple):
    """Words in order, marks among them, and where each was found.

    `words[i]` is the lower-case word as it was meant ("nvr" is "never"), "#" for a number, "." for
    the end of a sentence, "," for a shorter pause; `places[i].span()` is its place in the text.
    A rating ("2/10", "9 out of 10", "★★★★☆", "4 stars") is "1★" to "5★", or the word that the
    language's spellings have for that step.
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
    meant = meant_words(language).get
    for match in pattern.finditer(plain):
        kind = match.lastgroup
        if kind == "word" or kind == "elided":
            word = match.group().lower()
            if tidy is not None:
                word = tidy(word)
        elif kind == "number":
            word = NUMBER
        else:
            word = _other(kind, match, words, language)
            if not word:
                continue
        words.append(meant(word, word))
        places.append(match)
    return Tokens(words, places)


def is_empty(text: str) -> bool:
    """Whether nothing in the text can be seen."""
    return _BLANK.fullmatch(text) is not None


def with_plain_marks(text: str) -> str:
    """The text with one kind of apostrophe, composed letters and nothing unseen."""
    if text.isascii():
        return text
    return unicodedata.normalize("NFC", _SOME_UNSEEN.sub("", text.translate(_SAME_LENGTH)))


def plain_letters(word: str) -> str:
    """WORD without accents, lower case assumed."""
    if word.isascii():
        return word
    apart = unicodedata.normalize("NFD", word.replace("œ", "oe").replace("æ", "ae"))
    return "".join(c for c in apart if not unicodedata.combining(c)) or word


def _tidier(plain: str, language: str) -> Callable[[str], str] | None:
    """What a lower-case word still needs; nothing in nearly every English text."""
    if plain.isascii():
        return None
    if language == "fr":
        return _seen_plain_letters if _SOME_UNSEEN.search(plain) else plain_letters
    if unicodedata.is_normalized("NFC", plain) and not _SOME_UNSEEN.search(plain):
        return None
    return _composed


def _composed(word: str) -> str:
    return unicodedata.normalize("NFC", _SOME_UNSEEN.sub("", word))


def _seen_plain_letters(word: str) -> str:
    return plain_letters(_SOME_UNSEEN.sub("", word))


def _other(kind: str | None, match: re.Match[str], words: Sequence[str], language: str) -> str:
    """The word for what is neither word nor number; "" if it says nothing."""
    if kind == "rating":
        return _rating(match, words)
    if kind == "stars":
        return _stars(match.group())
    if kind == "face":
        return _face(match.group())
    return _mark(match.group(), words, language)


def _rating(match: re.Match[str], words: Sequence[str]) -> str:
    given, most = float(match["given"].replace(",", ".")), int(match["most"] or 5)
    is_day = match["most"] is not None and words and words[-1] in _BEFORE_DAYS
    return NUMBER if given > most or is_day else _step(given / most)


def _stars(run: str) -> str:
    run = run.replace("\ufe0f", "")
    hollow = sum(map(run.count, "☆✩✰"))
    return _step((len(run) - hollow) / max(5, len(run)))


def _step(share: float) -> str:
    return next((word for most, word in _STEPS if share <= most), "5★")


def _face(face: str) -> str:
    """A picture without its colour, sex or what is joined to it; ":)))" is ":)"."""
    if face[0] > "\u2000":
        return face[0]
    return face.rstrip(face[-1]) + face[-1] if face[-1] in "()" else face


def _mark(mark: str, words: Sequence[str], language: str) -> str:
    """What a mark means after `words`: a sentence's end, a pause, "and", or nothing."""
    if mark == "&":
        return "et" if language == "fr" else "and"
    if mark == "." and words and words[-1] in _ABBREVIATIONS:
        return ""
    if mark in ".!?\n":
        return SENTENCE
    return CLAUSE if len(mark) < 4 or mark[0] == "." else ""
