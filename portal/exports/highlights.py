"""A comment in parts: what moved its estimate, what it speaks of, what was taken out of it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from portal.surveys import REMOVED

# Rules that only keep words from counting have no weight, and moved nothing.
LEAST_WEIGHT = 0.05


class Part(NamedTuple):
    """A stretch of a comment; `weight` -1..1 says how it moved the estimate, 0: not at all."""

    text: str
    weight: float = 0.0


def mark_phrases(comment: str, phrases: Sequence[Mapping[str, Any]]) -> list[Part]:
    """COMMENT, as it was published, cut into parts; together they read as it does.

    A phrase that touches something taken out is not marked: a mark on it would tell what kind of
    word stood there. Nor is one whose text does not stand where it says.
    """
    marks = {span: Part(REMOVED) for span in _removed(comment)}
    for phrase in phrases:
        start, end, weight = phrase["start"], phrase["end"], phrase["weight"]
        if abs(weight) >= LEAST_WEIGHT and _stands(comment, phrase, marks):
            marks[start, end] = Part(comment[start:end], weight)
    parts, place = [], 0
    for (start, end), part in sorted(marks.items()):
        parts += [Part(comment[place:start]), part]
        place = end
    return [part for part in (*parts, Part(comment[place:])) if part.text]


def _removed(comment: str) -> list[tuple[int, int]]:
    """Where something was taken out of COMMENT."""
    return [match.span() for match in re.finditer(re.escape(REMOVED), comment)]


def words_by_aspect(
    comment: str, aspect_words: Sequence[Mapping[str, Any]]
) -> dict[str, list[str]]:
    """The words of COMMENT by which it is held to speak of each aspect, each once, as they come.

    Words that touch something taken out, or do not stand where they should, are left out.
    """
    taken = _removed(comment)
    found: dict[str, dict[str, str]] = {}
    for words in aspect_words:
        if _stands(comment, words, taken):
            text = " ".join(words["text"].split())
            found.setdefault(words["aspect"], {}).setdefault(text.casefold(), text)
    return {aspect: list(texts.values()) for aspect, texts in found.items()}


def _stands(comment: str, words: Mapping[str, Any], taken: Iterable[tuple[int, int]]) -> bool:
    """Whether WORDS are where they say in COMMENT, and touch nothing TAKEN."""
    start, end = words["start"], words["end"]
    return (
        0 <= start < end <= len(comment)
        and comment[start:end] == words["text"]
        and all(end <= other or start >= other_end for other, other_end in taken)
    )
