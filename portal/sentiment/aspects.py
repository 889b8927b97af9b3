"""Which matters a comment speaks of, told by keywords per sentence; evidence, never a sign.

It must never know weights or probabilities.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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


def find_aspects(
    sentiment_hits: Sequence[Hit], aspect_hits: Sequence[Hit], by_rule: Mapping[str, Sequence[str]]
) -> list[str]:
    """Sorted names out of ASPECTS: those of the phrase rules found and of the keyword rules."""
    names = {hit.rule.family for hit in aspect_hits if hit.rule.family in ASPECTS}
    for hit in sentiment_hits:
        names.update(by_rule.get(hit.rule.id, ()))
    return sorted(names)
