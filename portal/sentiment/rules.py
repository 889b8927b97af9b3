"""The phrase rules: a small grammar of slots, read from JSON and found in one text's words.

It must never know weights of words, models or languages beyond the file it is given.

Every word the rules name gets one character of its own, any other word gets "\\x01", so that a
text becomes a short string with one character per word and a rule a regular expression of
character classes over it: a gap is `[^...]{0,6}`, never a repeat inside a repeat.

| pattern part | meaning |
|---|---|
| `word`, `a|b_c`, `@slot` | one word, one of several ("b c"), one entry of a slot |
| `part?` | may be missing |
| `..4`, `,,4` | up to 4 words; `,,` also over pauses; never over a sentence or a contrast ("but") |
| `..4-@slot` | the same, none of them from the slot (praise: nor a denial) |
| `!part`, `<!part` | not followed by, not preceded by |
| `^`, `$` | start, end of a sentence (`^^`, `$$`: of the whole text) |
| `/`, `,`, `#` | sentence mark, pause, number |
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from portal.sentiment.tokens import CLAUSE, NUMBER, SENTENCE

_UNKNOWN = "\x01"
# Small codes keep the bit sets short; from here on no character is special to `re`.
_FIRST_CODE = 0x100
_RARE = 0.1  # times in a thousand words, for words not listed as common
_NEGATED_NEGATIVE = "negated_negative"  # its praise lies in the negation
_MARKS = (SENTENCE, CLAUSE, NUMBER)
_FIXED = {
    "^": "(?:^|(?<=[.]))",
    "$": "(?=[.]|$)",
    "^^": "^",
    "$$": "[.]*$",
    "/": "[.]{1,5}",
    ",": ",",
}


class Rule(NamedTuple):
    """One rule: what it is called, which family it belongs to, how strongly it speaks."""

    id: str
    family: str
    weight: float
    examples: tuple[str, ...]
    near_misses: tuple[str, ...]


class Hit(NamedTuple):
    """`rule` matched the words `first`..`last` (last not included)."""

    first: int
    last: int
    rule: Rule


class _Pattern(NamedTuple):
    """`needs`: per required part the set of its possible words, as bits of one number.

    No match is longer than `reach` words, so only that much around a trigger is searched.
    """

    regex: re.Pattern[str]
    needs: tuple[int, ...]
    reach: int
    rule: Rule


_Match = tuple[int, int, Rule]  # a hit that may overlap others


class RuleSet:
    """All rules of one language, compiled once; `find` is pure and linear in the words.

    Raises ValueError with the rule's id when a pattern cannot be read.
    """

    def __init__(self, data: dict[str, Any]) -> None:
        self.version: str = data["version"]
        self._codes: dict[str, str] = {mark: mark for mark in _MARKS}
        self._slots: dict[str, list[str]] = data["slots"]
        self._common: dict[str, float] = data["common"]
        self._stops = "."
        self._stops += self._class_of(data["contrast"])
        self._denials = self._class_of(data["denials"])
        self.rules: list[Rule] = []
        self._by_trigger: dict[str, list[_Pattern]] = {}
        for entry in data["rules"]:
            self._add(entry)

    @classmethod
    def load(cls, path: Path) -> RuleSet:
        """The rules of one JSON file."""
        return cls(json.loads(path.read_text(encoding="utf-8")))

    @property
    def words(self) -> frozenset[str]:
        """Every word some rule names."""
        return frozenset(self._codes)

    def find(self, words: Sequence[str]) -> list[Hit]:
        """Hits in text order, none overlapping: the longest wins, ties go to the earlier."""
        return _longest(self._search_all(words), len(words))

    def find_by_family(self, words: Sequence[str]) -> list[Hit]:
        """As `find` for the rules of each family alone: words of one may be words of another."""
        by_family: dict[str, list[_Match]] = {}
        for match in self._search_all(words):
            by_family.setdefault(match[2].family, []).append(match)
        return [hit for found in by_family.values() for hit in _longest(found, len(words))]

    def _search_all(self, words: Sequence[str]) -> list[_Match]:
        text = self.encode(words)
        letters = set(text)
        present = 0
        for letter in letters:
            present |= 1 << ord(letter)
        found: list[_Match] = []
        for trigger in letters & self._by_trigger.keys():
            first, last = text.find(trigger), text.rfind(trigger)
            for pattern in self._by_trigger[trigger]:
                for need in pattern.needs:
                    if not need & present:
                        break
                else:
                    found += _search(pattern, text, first, last)
        return found

    def encode(self, words: Iterable[str]) -> str:
        """One character per word."""
        code = self._codes.get
        return "".join([code(word, _UNKNOWN) for word in words])

    def _add(self, entry: dict[str, Any]) -> None:
        rule = Rule(
            entry["id"],
            entry["family"],
            float(entry["weight"]),
            tuple(entry["examples"]),
            tuple(entry["near_misses"]),
        )
        self.rules.append(rule)
        for source in entry["patterns"]:
            try:
                self._compile(source, rule)
            except (KeyError, ValueError, re.error) as error:
                raise ValueError(f"rule {rule.id}: {source!r}: {error}") from error

    def _compile(self, source: str, rule: Rule) -> None:
        parts: list[str] = []
        reach = 1
        needs: list[tuple[float, frozenset[str]]] = []
        for part in source.split():
            expression, need = self._part(part, rule)
            parts.append(expression)
            reach += self._length(part)
            if need is not None:
                needs.append(need)
        if not needs:
            raise ValueError("no word is required")
        needs.sort(key=lambda need: need[0])
        bits = tuple(sum(1 << ord(char) for char in chars) for _, chars in needs[1:])
        pattern = _Pattern(re.compile("".join(parts)), bits, reach, rule)
        for char in needs[0][1]:
            self._by_trigger.setdefault(char, []).append(pattern)

    def _part(self, part: str, rule: Rule) -> tuple[str, tuple[float, frozenset[str]] | None]:
        """The expression of one part and, when it must be there, (how common, first characters)."""
        if part in _FIXED:
            return _FIXED[part], None
        if part[:2] in ("..", ",,"):
            return self._gap(part, rule), None
        if part.startswith("<!"):
            return f"(?<!{self._class(part[2:])})", None
        if part.startswith("!"):
            return f"(?!{self._alternatives(part[1:])})", None
        if part.endswith("?"):
            return f"(?:{self._alternatives(part[:-1])})?", None
        entries = self._entries(part)
        if "$" in entries:  # the end of the sentence will do as well: nothing is required
            return self._alternatives(part), None
        firsts = frozenset(self._code(entry.split()[0]) for entry in entries)
        cost = sum(self._common.get(entry.split()[0], _RARE) for entry in entries)
        return self._alternatives(part), (cost, firsts)

    def _length(self, part: str) -> int:
        """The most words a part can take; a run of sentence marks counts as a few."""
        if part[:2] in ("..", ",,"):
            return int(part[2:].partition("-")[0])
        if part in _FIXED:
            return 5
        return max(entry.count(" ") + 1 for entry in self._entries(part.strip("<!?")))

    def _gap(self, part: str, rule: Rule) -> str:
        size, _, barred = part[2:].partition("-")
        closed = self._stops + ("," if part[0] == "." else "")
        if rule.weight > 0 and rule.family != _NEGATED_NEGATIVE:
            closed += self._denials
        if barred:
            closed += self._class_of(word for e in self._entries(barred) for word in e.split())
        return f"[^{closed}]{{0,{int(size)}}}?"

    def _entries(self, part: str) -> list[str]:
        entries: list[str] = []
        for name in part.split("|"):
            entries += self._slots[name[1:]] if name[:1] == "@" else [name.replace("_", " ")]
        if not all(entries):
            raise ValueError(f"empty word in {part!r}")
        return entries

    def _alternatives(self, part: str) -> str:
        entries = self._entries(part)
        longer = sorted((e for e in entries if " " in e), key=lambda e: -e.count(" "))
        options = ["".join(self._code(word) for word in e.split()) for e in longer]
        single = [e for e in entries if " " not in e and e != "$"]
        if single:
            options.append(f"[{self._class_of(single)}]")
        if "$" in entries:
            options.append("(?=[.]|$)")
        if len(options) == 1:
            return options[0]
        # Looking at the first word before trying every alternative: twice as fast.
        look = "" if "$" in entries else f"(?=[{self._class_of(e.split()[0] for e in entries)}])"
        return f"{look}(?:{'|'.join(options)})"

    def _class(self, part: str) -> str:
        return f"[{self._class_of(self._entries(part))}]"

    def _class_of(self, words: Iterable[str]) -> str:
        return "".join(sorted({self._code(word) for word in words}))

    def _code(self, word: str) -> str:
        if word == "/":
            return SENTENCE
        return self._codes.setdefault(word, chr(_FIRST_CODE + len(self._codes)))


def _search(pattern: _Pattern, text: str, first: int, last: int) -> list[_Match]:
    """Matches of `pattern` around its trigger, which stands at `first`, at `last`, and between."""
    regex, _, reach, rule = pattern
    start = first - reach if first > reach else 0
    stop = last + 1 + reach
    if stop >= len(text):
        stop = len(text) + 1
    # A match that ends at `stop` took the end of the search for the end of the text
    return [(*m.span(), rule) for m in regex.finditer(text, start, stop) if m.end() < stop]


def _longest(found: list[_Match], length: int) -> list[Hit]:
    found.sort(key=lambda hit: (hit[0] - hit[1], hit[0], hit[2].id))
    taken = bytearray(length + 1)
    kept: list[Hit] = []
    for first, last, rule in found:
        if not any(taken[first:last]):
            taken[first:last] = b"\x01" * (last - first)
            kept.append(Hit(first, last, rule))
    kept.sort(key=lambda hit: hit.first)
    return kept
