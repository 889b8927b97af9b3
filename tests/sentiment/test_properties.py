"""Properties of the estimate: what "not", case, marks, emoji and length may and may not do."""

from __future__ import annotations

import re
import sys
import unicodedata
from collections.abc import Callable
from types import FrameType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.sentiment.analyzer import analyze
from portal.sentiment.resources import DATA
from portal.sentiment.rules import RuleSet

# Own sentences with and without a negation.
NEGATED = [
    ("en", "They were rude to me.", "They were not rude to me."),
    ("en", "They were friendly and helpful.", "They were not friendly and helpful."),
    ("en", "I had to chase them.", "I did not have to chase them."),
    ("en", "They kept me informed.", "They did not keep me informed."),
    ("en", "The feedback was useful.", "The feedback was not useful."),
    ("en", "I would recommend them.", "I would not recommend them."),
    ("en", "They ghosted me.", "They did not ghost me."),
    ("en", "The recruiter replied promptly.", "The recruiter did not reply promptly."),
    ("en", "They wasted my time.", "They did not waste my time."),
    ("en", "They kept their promise.", "They did not keep their promise."),
    ("en", "I felt welcome.", "I did not feel welcome."),
    ("en", "They explained the decision to me.", "They never explained the decision to me."),
    ("en", "They left me waiting.", "They never left me waiting."),
    ("en", "They gave me feedback.", "They gave me no feedback."),
    ("fr", "Ils ont été impolis.", "Ils n'ont pas été impolis."),
    ("fr", "J'ai dû les relancer.", "Je n'ai pas dû les relancer."),
    ("fr", "On m'a tenu au courant.", "On ne m'a pas tenu au courant."),
    ("fr", "Je recommande cette entreprise.", "Je ne recommande pas cette entreprise."),
    ("fr", "Le retour était utile.", "Le retour n'était pas utile."),
    ("fr", "Ils m'ont répondu.", "Ils ne m'ont jamais répondu."),
]
PLAIN = [(language, text) for language, *pair in NEGATED for text in pair]
DRESSINGS: list[Callable[[str], str]] = [
    str.upper,
    str.lower,
    lambda text: f"  {text}\n",
    lambda text: text.replace(" ", "  "),
    lambda text: text.replace("'", "’"),
    lambda text: unicodedata.normalize("NFD", text),
    lambda text: text.rstrip(".") + "!!!",
    lambda text: text.rstrip("."),
    lambda text: f"“{text}”",
    lambda text: f"- {text}",
    lambda text: f"{text} 🏢",
    lambda text: f"{text}\u200d\ufe0f",
]


@pytest.mark.parametrize(("language", "plain", "negated"), NEGATED)
def test_a_negation_flips_the_label_or_makes_it_unclear(
    language: str, plain: str, negated: str
) -> None:
    first, second = analyze(plain, language), analyze(negated, language)
    assert first.label != second.label or "scored" not in (first.status, second.status)


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(PLAIN), st.lists(st.sampled_from(DRESSINGS), max_size=3))
def test_case_marks_and_a_neutral_emoji_never_turn_a_decided_label(
    sentence: tuple[str, str], dressings: list[Callable[[str], str]]
) -> None:
    language, text = sentence
    dressed = text
    for dress in dressings:
        dressed = dress(dressed)
    before, after = analyze(text, language), analyze(dressed, language)
    if before.status == after.status == "scored":
        assert before.label == after.label
    else:
        assert "not_scored" not in (before.status, after.status)


@pytest.mark.parametrize(("language", "text"), PLAIN)
def test_capitals_change_nothing_at_all(language: str, text: str) -> None:
    assert analyze(text.upper(), language).q == analyze(text, language).q


def steps(text: str, language: str = "en") -> int:
    """How many calls, of Python's and of C's functions, one estimate takes."""
    taken = 0

    def count(_frame: FrameType, _event: str, _argument: Any) -> None:
        nonlocal taken
        taken += 1

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        analyze(text, language)
    finally:
        sys.setprofile(before)
    return taken


HOSTILE = [
    *("not ", "never heard ", "no . ", "they did not ", "''a ", ":( ", "but ", "promised ", "# "),
    *("\u0301", "\ud800 ", "\u202e", "İ", "👩‍👩‍👧 ", "\x00", "ﷺ "),
]


@pytest.mark.parametrize("piece", HOSTILE)
@pytest.mark.parametrize("language", ["en", "fr"])
def test_work_grows_with_the_text_not_with_its_square(piece: str, language: str) -> None:
    steps("They never wrote.", language)  # rules and weights are read at the first call
    short, long = steps(piece * 1_000, language), steps(piece * 2_000, language)
    assert long < 2.2 * short + 200


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_rule_can_look_further_than_it_says(language: str) -> None:
    """A gap without an end, or one inside another, is how a regular expression gets slow."""
    patterns = RuleSet.load(DATA / language).patterns
    assert len(patterns) > 50
    for pattern in patterns:
        source = pattern.regex.pattern.replace("[.]*$", "").replace("(?:[.]*)", "")
        assert not re.search(r"(?<!\\)[*+]|\{\d*,\}", re.sub(r"\[[^\]]*\]", "x", source)), source
        assert pattern.reach <= 60
