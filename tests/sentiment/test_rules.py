"""Every rule of every language finds its examples and leaves its near misses alone."""

from __future__ import annotations

import json

import pytest

from portal.sentiment.resources import DATA
from portal.sentiment.rules import Rule, RuleSet
from portal.sentiment.tokens import tokenise

FILES = sorted(p.name for p in DATA.glob("*.json") if "rules" in json.loads(p.read_text("utf-8")))
SETS = {name: RuleSet.load(DATA / name) for name in FILES}
RULES = [(name, rule) for name in FILES for rule in SETS[name].rules]


def ids_found(name: str, text: str) -> set[str]:
    rules, words = SETS[name], tokenise(text, name[:2]).words
    find = rules.find_by_family if name.endswith("aspects.json") else rules.find
    return {hit.rule.id for hit in find(words)}


@pytest.mark.parametrize(("name", "rule"), RULES, ids=[f"{n}:{r.id}" for n, r in RULES])
def test_rule_finds_its_examples_and_not_its_near_misses(name: str, rule: Rule) -> None:
    assert len(rule.examples) >= 2
    assert len(rule.near_misses) >= 2
    for text in rule.examples:
        assert rule.id in ids_found(name, text), text
    for text in rule.near_misses:
        assert rule.id not in ids_found(name, text), text


@pytest.mark.parametrize("name", FILES)
def test_rules_have_one_name_each_and_weights_in_range(name: str) -> None:
    rules = SETS[name].rules
    assert len({rule.id for rule in rules}) == len(rules)
    assert all(-1.0 <= rule.weight <= 1.0 for rule in rules)


def test_pattern_that_cannot_be_read_names_its_rule() -> None:
    data = {
        "version": "1",
        "contrast": [],
        "denials": [],
        "common": {},
        "slots": {},
        "rules": [
            {
                "id": "odd",
                "family": "x",
                "weight": 1,
                "patterns": ["a @missing"],
                "examples": [],
                "near_misses": [],
            }
        ],
    }
    with pytest.raises(ValueError, match="rule odd"):
        RuleSet(data)
