"""The numbers read from one text, and the one logistic regression that weighs them.

It must never know texts, rules or files; tests/tools/combining.py fits the coefficients.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


class Numbers(NamedTuple):
    """What one text says, in the order of the coefficients; more is always better.

    `general`, `own`: log-odds of the two models (model.Voices). `praise`, `blame`: ln(1 + sum of
    rule weights), `good_words`, `bad_words` the same of single words; blame and bad words as
    numbers below 0.
    """

    general: float
    own: float
    praise: float
    blame: float
    good_words: float
    bad_words: float


class About(NamedTuple):
    """What a text is about, each 0..1.

    `told`: how one was treated (1), not what an interview asked (0). `hiring`: by the third model
    (model.Voices.hiring), that it speaks of being a candidate at all. `length`: 1 from 40 words on.
    """

    told: float
    hiring: float
    length: float


class Combination(NamedTuple):
    """log-odds = intercept + Σ number · (alone + told · if_told + hiring · if_hiring)
    + told · t + hiring · h + length · l + told · length · tl

    `by_number` holds (alone, if_told, if_hiring) for each field of Numbers, `by_about` (t, h, l,
    tl). A language without one of the models has 0 for it.
    """

    by_number: tuple[tuple[float, float, float], ...]
    by_about: tuple[float, float, float, float]
    intercept: float

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Combination:
        """From {"numbers": {name: [alone, if_told, if_hiring]}, "about": [...], "intercept": b}."""
        by_number = tuple(tuple(data["numbers"][name]) for name in Numbers._fields)
        return cls(by_number, tuple(data["about"]), data["intercept"])

    def log_odds(self, numbers: Numbers, about: About) -> float:
        """That the writer is satisfied; sums run in the order of the fields."""
        told, hiring, length = about
        total = self.intercept
        for number, (alone, if_told, if_hiring) in zip(numbers, self.by_number, strict=True):
            total += number * (alone + told * if_told + hiring * if_hiring)
        by_told, by_hiring, by_length, by_both = self.by_about
        total += told * by_told + hiring * by_hiring
        return total + length * (by_length + told * by_both)


def terms(numbers: Numbers, about: About) -> list[float]:
    """What the coefficients multiply, in their order, for fitting: by number, then by about."""
    told, hiring, length = about
    found = [number * share for number in numbers for share in (1.0, told, hiring)]
    return [*found, told, hiring, length, told * length]
