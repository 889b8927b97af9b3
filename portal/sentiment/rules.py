"""The rules of one language, read from their files and found in the words of one text.

It must never know weights of words, models, or languages beyond the folder it is given.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from portal.sentiment.grammar import Grammar, Pattern
from portal.sentiment.tokens import SENTENCE

NEGATED_NEGATIVE = "negated_negative"  # its praise lies in the negation
SENTIMENT, SCOPE, ASPECT = "sentiment", "scope", "aspect"


class Rule(NamedTuple):
    """One rule: what it is called, its family and that family's layer, how strongly it speaks.

    A layer's hits never overlap: "sentiment" says praise or blame, "scope" turns what follows,
    "aspect" names a matter (each of its families by itself).
    """

    id: str
    family: str
    layer: str
    weight: float
    aspects: tuple[str, ...]
    examples: tuple[str, ...]
    near_misses: tuple[str, ...]


class Hit(NamedTuple):
    """`rule` matched the words `first`..`last` (last not included)."""

    first: int
    last: int
    rule: Rule


class Hits(NamedTuple):
    """What the rules of each layer found, in text order; `aspects` by family, then text order."""

    sentiment: list[Hit]
    scope: list[Hit]
    aspects: list[Hit]


class _Match(NamedTuple):
    first: int
    last: int
    rule: Rule


class RuleSet:
    """All rules of one language, compiled once; `find` is pure and linear in the words.

    Reads `shared.toml`, `aspects.toml`, and a file for each family in `rules/` and `scope/`.
    Raises ValueError with the rule's id when a pattern cannot be read.
    """

    def __init__(self, shared: Mapping[str, Any]) -> None:
        self._grammar = Grammar(shared)
        self.rules: list[Rule] = []
        self._patterns: list[tuple[Pattern, Rule]] = []
        self._by_trigger: dict[str, list[tuple[Pattern, Rule]]] = {}

    @classmethod
    def load(cls, folder: Path) -> RuleSet:
        """The rules in one language's FOLDER."""
        rules = cls(_read(folder / "shared.toml"))
        for layer, name in ((SENTIMENT, "rules"), (SCOPE, "scope")):
            for path in sorted((folder / name).glob("*.toml")):
                entries = _read(path)
                del entries["says"]
                for name, entry in entries.items():
                    rules.add(name, path.stem, layer, entry)
        for name, entry in _read(folder / "aspects.toml").items():
            rules.add(f"a_{name}", name, ASPECT, entry)
        return rules

    def add(self, name: str, family: str, layer: str, entry: Mapping[str, Any]) -> None:
        """Compile the rule NAME; ENTRY as in the files."""
        weight = float(entry.get("weight", 0.0))
        lists = (tuple(entry.get(key, ())) for key in ("aspects", "examples", "near_misses"))
        rule = Rule(name, family, layer, weight, *lists)
        self.rules.append(rule)
        praises = weight > 0 and family != NEGATED_NEGATIVE
        for source in entry["patterns"]:
            try:
                pattern = self._grammar.compile(source, praises)
            except (KeyError, ValueError) as error:
                raise ValueError(f"rule {name}: {source!r}: {error}") from error
            self._patterns.append((pattern, rule))
            for char in pattern.triggers:
                self._by_trigger.setdefault(char, []).append((pattern, rule))

    @property
    def words(self) -> frozenset[str]:
        """Every word some rule names."""
        return self._grammar.words

    @property
    def patterns(self) -> list[Pattern]:
        """Every compiled pattern."""
        return [pattern for pattern, _ in self._patterns]

    def without(self, *families: str) -> RuleSet:
        """The same rules but those of FAMILIES, sharing what is compiled."""
        left = object.__new__(RuleSet)
        left._grammar = self._grammar
        left.rules = [rule for rule in self.rules if rule.family not in families]
        left._patterns = [one for one in self._patterns if one[1].family not in families]
        left._by_trigger = {}
        for one in left._patterns:
            for char in one[0].triggers:
                left._by_trigger.setdefault(char, []).append(one)
        return left

    def find(self, words: Sequence[str]) -> Hits:
        """Hits of each layer, none overlapping: the longest wins, ties go to the earlier."""
        sentiment: list[_Match] = []
        scope: list[_Match] = []
        aspects: dict[str, list[_Match]] = {}
        for match in self._search(self._grammar.encode(words)):
            layer = match.rule.layer
            if layer == SENTIMENT:
                sentiment.append(match)
            elif layer == SCOPE:
                scope.append(match)
            else:
                aspects.setdefault(match.rule.family, []).append(match)
        size = len(words)
        by_family = [hit for found in aspects.values() for hit in _longest(found, size)]
        return Hits(_longest(sentiment, size), _longest(scope, size), by_family)

    def _search(self, text: str) -> Iterator[_Match]:
        """Every match of every rule, sentence by sentence.

        A pattern is tried only where its rarest word stands and each word it needs is in the same
        sentence, or a neighbouring one if it runs over the end of a sentence.
        """
        sentences = _sentences(text)
        bits = self._grammar.bits.get
        masks = [0]
        for _, sentence in sentences:
            present = 0
            for letter in set(sentence):
                present |= bits(letter, 0)
            masks.append(present)
        masks.append(0)
        by_trigger = self._by_trigger
        for number, (start, sentence) in enumerate(sentences, 1):
            here = masks[number]
            around = masks[number - 1] | here | masks[number + 1]
            for trigger in by_trigger.keys() & set(sentence):
                for pattern, rule in by_trigger[trigger]:
                    present = around if pattern.crosses else here
                    for need in pattern.needs:
                        if not need & present:
                            break
                    else:
                        first = start + sentence.find(trigger)
                        last = start + sentence.rfind(trigger)
                        yield from _matches(pattern, rule, text, first, last)


def _read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _sentences(text: str) -> list[tuple[int, str]]:
    """Where each sentence of an encoded text begins, and its characters with a mark behind."""
    found: list[tuple[int, str]] = []
    start = 0
    for piece in text.split(SENTENCE):
        if piece:
            found.append((start, piece + SENTENCE))
        start += len(piece) + 1
    return found


def _matches(pattern: Pattern, rule: Rule, text: str, first: int, last: int) -> Iterator[_Match]:
    """Matches of PATTERN around its trigger, which stands at FIRST, at LAST, and between."""
    reach = pattern.reach
    start = first - reach if first > reach else 0
    stop = last + 1 + reach
    if stop >= len(text):
        stop = len(text) + 1
    for found in pattern.regex.finditer(text, start, stop):
        # A match that ends at `stop` took the end of the search for the end of the text
        if found.end() < stop:
            yield _Match(found.start(), found.end(), rule)


def _longest(found: list[_Match], length: int) -> list[Hit]:
    if not found:
        return []
    found.sort(key=lambda hit: (hit[0] - hit[1], hit[0], hit[2].id))
    taken = bytearray(length + 1)
    kept: list[Hit] = []
    for first, last, rule in found:
        if not any(taken[first:last]):
            taken[first:last] = b"\x01" * (last - first)
            kept.append(Hit(first, last, rule))
    kept.sort(key=lambda hit: hit.first)
    return kept
