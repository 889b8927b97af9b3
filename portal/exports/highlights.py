"""A comment in parts: what moved its estimate, and what was taken out of it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from portal.exports.redaction import REMOVED, find_personal

# Rules that only keep words from counting have no weight, and moved nothing.
LEAST_WEIGHT = 0.05


class Part(NamedTuple):
    """A stretch of a comment; `weight` -1..1 says how it moved the estimate, 0: not at all."""

    text: str
    weight: float = 0.0


def mark_phrases(comment: str, phrases: Sequence[Mapping[str, Any]]) -> list[Part]:
    """COMMENT cut into parts; together they read as `redact(comment)`.

    PHRASES are places in the comment as it was written. One that touches something taken out is not
    marked: a mark on it would tell what kind of word stood there. Nor is one whose text does not
    stand where it says.
    """
    taken = [(start, end, Part(REMOVED)) for start, end in find_personal(comment)]
    for phrase in phrases:
        start, end, weight = phrase["start"], phrase["end"], phrase["weight"]
        is_free = all(end <= other or start >= other_end for other, other_end, _ in taken)
        is_there = 0 <= start < end <= len(comment) and comment[start:end] == phrase["text"]
        if is_free and is_there and abs(weight) >= LEAST_WEIGHT:
            taken.append((start, end, Part(comment[start:end], weight)))
    parts, place = [], 0
    for start, end, part in sorted(taken):
        parts += [Part(comment[place:start])] if start > place else []
        parts.append(part)
        place = end
    return [*parts, Part(comment[place:])] if place < len(comment) else parts
