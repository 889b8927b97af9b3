"""The features of one text, in one place for training and for scoring.

It must never know weights, files or languages. Two runs on the same words give the same list.
"""

from __future__ import annotations

from collections.abc import Sequence

from portal.sentiment.polarity import Surroundings, is_unreal
from portal.sentiment.rules import Hit
from portal.sentiment.tokens import CLAUSE, SENTENCE

PAIR = "~"  # no word contains it
_SILENT_FAMILIES = frozenset(("neutral", "blank"))


def features_of(
    words: Sequence[str], hits: Sequence[Hit], around: Surroundings
) -> dict[str, float]:
    """How much of each feature: words, pairs of neighbours, negated words (`not_x`), families.

    An occurrence counts as much as its clause (`around.emphasis`); pairs never cross a mark.
    A family whose hit is itself negated is another feature (`xnot_`), as it says the opposite; so
    is praise of what was only promised or wished for (`xif_`).
    The order is that of first appearance.
    """
    found: dict[str, float] = {}
    get = found.get
    before = ""
    for word, is_negated, emphasis in zip(words, around.negated, around.emphasis, strict=True):
        if word in (SENTENCE, CLAUSE):
            before = ""
            continue
        found[word] = get(word, 0.0) + emphasis
        if before:
            pair = before + PAIR + word
            found[pair] = get(pair, 0.0) + emphasis
        if is_negated:
            denied = "not_" + word
            found[denied] = get(denied, 0.0) + emphasis
        before = word
    for hit in hits:
        family = hit.rule.family
        if family not in _SILENT_FAMILIES:
            is_opposite = around.negated[hit.first] and family != "negated_negative"
            kind = "xnot_" if is_opposite else "xif_" if is_unreal(hit, around) else "xrule_"
            name = kind + family
            found[name] = get(name, 0.0) + around.emphasis[hit.last - 1]
    return found
