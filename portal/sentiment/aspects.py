"""Which matters a comment speaks of, and by which of its words; evidence, never a sign.

It must never know weights or probabilities.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from portal.sentiment.rules import Hit

ASPECTS = (
    "clarity",
    "fairness",
    "feedback",
    "informed",
    "preparedness",
    "process_length",
    "respect",
    "timeliness",
)


class Found(NamedTuple):
    """The words `first`..`last` (last not included) speak of `aspect`."""

    first: int
    last: int
    aspect: str


def find_aspects(sentiment_hits: Sequence[Hit], aspect_hits: Sequence[Hit]) -> list[Found]:
    """What keywords tell, and what phrase rules tell beside them; in text order.

    Of one aspect no two share a word: the keyword says more plainly why than the phrase around it.
    """
    found = [Found(hit.first, hit.last, hit.rule.family) for hit in aspect_hits]
    taken = {(word, one.aspect) for one in found for word in range(one.first, one.last)}
    found += [
        Found(hit.first, hit.last, aspect)
        for hit in sentiment_hits
        for aspect in hit.rule.aspects
        if not any((word, aspect) in taken for word in range(hit.first, hit.last))
    ]
    return sorted(found)
