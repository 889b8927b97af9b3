"""What scoring one comment yields; plain values that can be pickled and written as JSON.

It must never know how a score comes about.
"""

from __future__ import annotations

from typing import NamedTuple, TypedDict


class Phrase(TypedDict):
    """A stretch of the comment that moved the score; `text == comment[start:end]`.

    `weight` is in -1..1; `rule` is the rule's id, or None for a single strong word.
    """

    text: str
    start: int
    end: int
    weight: float
    rule: str | None


class AspectWords(TypedDict):
    """Words of the comment for which it is held to speak of `aspect`; no sign, no weight.

    `text == comment[start:end]`, within one sentence.
    """

    aspect: str
    text: str
    start: int
    end: int


class Calibration(NamedTuple):
    """An installation's own correction of the shipped probabilities, fitted on its stars.

    p = sigmoid(slope * logit(shipped p) + intercept); `pivot` is the p at which the label turns.
    Calibration(1.0, 0.0, shipped pivot) changes nothing.
    """

    slope: float
    intercept: float
    pivot: float


class Sentiment(NamedTuple):
    """The estimate for one comment.

    `status` is "scored", "unclear" or "not_scored"; `reason` is "language", "too_little_text" or
    "empty" and only set with "not_scored", when label, p, q, score and stars_estimate are None.
    `aspects` are the names that stand in `aspect_words`, each once.
    """

    polarity: float
    subjectivity: float
    status: str
    reason: str | None
    label: str | None
    p: float | None
    q: float | None
    score: int | None
    stars_estimate: float | None
    phrases: list[Phrase]
    aspects: list[str]
    language: str | None
    version: str
    aspect_words: list[AspectWords]
