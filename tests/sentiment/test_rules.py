"""Every rule of every language finds its examples and leaves its near misses alone."""

from __future__ import annotations

import pytest

from portal.sentiment.resources import DATA
from portal.sentiment.rules import ASPECT, Rule, RuleSet
from portal.sentiment.tokens import tokenise

SETS = {language: RuleSet.load(DATA / language) for language in ("en", "fr")}
RULES = [(language, rule) for language, rules in SETS.items() for rule in rules.rules]


def ids_found(language: str, text: str) -> set[str]:
    hits = SETS[language].find(tokenise(text, language).words)
    return {hit.rule.id for found in hits for hit in found}


@pytest.mark.parametrize(
    ("language", "rule"), RULES, ids=[f"{n}:{r.family}:{r.id}" for n, r in RULES]
)
def test_rule_finds_its_examples_and_not_its_near_misses(language: str, rule: Rule) -> None:
    assert len(rule.examples) >= 2
    assert len(rule.near_misses) >= 2
    for text in rule.examples:
        assert rule.id in ids_found(language, text), text
    for text in rule.near_misses:
        assert rule.id not in ids_found(language, text), text


@pytest.mark.parametrize("language", SETS)
def test_rules_have_one_name_each_and_weights_in_range(language: str) -> None:
    rules = SETS[language].rules
    assert len({rule.id for rule in rules}) == len(rules)
    assert all(-1.0 <= rule.weight <= 1.0 for rule in rules)
    assert all(rule.weight == 0 for rule in rules if rule.layer == ASPECT)


@pytest.mark.parametrize("language", SETS)
def test_rules_without_a_family_find_nothing_of_it(language: str) -> None:
    rules = SETS[language]
    left = rules.without("silence")
    for rule in rules.rules:
        for text in rule.examples if rule.family == "silence" else ():
            hits = left.find(tokenise(text, language).words)
            assert "silence" not in {hit.rule.family for hit in hits.sentiment}


def test_pattern_that_cannot_be_read_names_its_rule() -> None:
    rules = RuleSet({"contrast": [], "denials": [], "common": {}, "slots": {}})
    with pytest.raises(ValueError, match="rule odd"):
        rules.add("odd", "x", "sentiment", {"patterns": ["a @missing"]})
