"""The small grammar phrase rules are written in, turned into regular expressions over words.

It must never know what a rule means, nor which language it is in. How a pattern is written:
portal/sentiment/data/README.md.

Every word the rules name gets one character of its own, any other word gets "\\x01", so that a
text becomes a short string with one character per word and a pattern a regular expression of
character classes over it: a gap is `[^...]{0,6}`, never a repeat inside a repeat.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from portal.sentiment.tokens import CLAUSE, NUMBER, SENTENCE

UNKNOWN = "\x01"
# From here on no character is special to `re`.
_FIRST_CODE = 0x100
_RARE = 0.1  # times in a thousand words, for words not listed as common
_MARKS = (SENTENCE, CLAUSE, NUMBER)
_FIXED = {
    "^": "(?:^|(?<=[.]))",
    "$": "(?=[.]|$)",
    "^^": "^",
    "$$": "[.]*$",
    "/": "[.]{1,5}",
    ",": ",",
}
_GAPS = ("..", ",,")


class Pattern(NamedTuple):
    """One compiled pattern.

    `triggers` are the characters of which one must be there, the rarest of its parts; `needs`
    holds the possible characters of each other required part, as bits of one number. No match
    is longer than `reach` words, so only that much around a trigger is searched.
    `crosses`: it may run over the end of a sentence.
    """

    regex: re.Pattern[str]
    triggers: frozenset[str]
    needs: tuple[int, ...]
    reach: int
    crosses: bool


class Grammar:
    """The words of one language's rules, and the lists they share; compiles patterns.

    SHARED holds `slots` (name → words), `contrast` and `denials` (what a gap never runs over) and
    `common` (word → times in a thousand).
    """

    def __init__(self, shared: Mapping[str, Any]) -> None:
        self._codes: dict[str, str] = {mark: mark for mark in _MARKS}
        self._bits: dict[str, int] = {mark: 1 << n for n, mark in enumerate(_MARKS)}
        self._slots: Mapping[str, list[str]] = shared["slots"]
        self._common: Mapping[str, float] = shared["common"]
        self._stops = "." + self._class_of(shared["contrast"])
        self._denials = self._class_of(shared["denials"])

    @property
    def words(self) -> frozenset[str]:
        """Every word some rule names."""
        return frozenset(self._codes)

    @property
    def bits(self) -> Mapping[str, int]:
        """Each character's bit in `Pattern.needs`."""
        return self._bits

    def encode(self, words: Iterable[str]) -> str:
        """One character per word."""
        code = self._codes.get
        return "".join([code(word, UNKNOWN) for word in words])

    def compile(self, source: str, praises: bool) -> Pattern:
        """SOURCE as a pattern; one that PRAISES never runs over a denial ("not").

        Raises ValueError or KeyError for a pattern that cannot be read.
        """
        parts: list[str] = []
        reach = 1
        needs: list[tuple[float, frozenset[str]]] = []
        for part in source.split():
            expression, need = self._part(part, praises)
            parts.append(expression)
            reach += self._length(part)
            if need is not None:
                needs.append(need)
        if not needs:
            raise ValueError("no word is required")
        needs.sort(key=lambda need: need[0])
        bits = tuple(sum(self._bits[char] for char in chars) for _, chars in needs[1:])
        crosses = any(name in ("/", "$$") for part in source.split() for name in part.split("|"))
        try:
            return Pattern(re.compile("".join(parts)), needs[0][1], bits, reach, crosses)
        except re.error as error:
            raise ValueError(str(error)) from error

    def _part(self, part: str, praises: bool) -> tuple[str, tuple[float, frozenset[str]] | None]:
        """The expression of one part and, when it must be there, (how common, characters).

        Of several words the rarest stands for all.
        """
        if part in _FIXED:
            return _FIXED[part], None
        if part[:2] in _GAPS:
            return self._gap(part, praises), None
        if part.startswith("<!"):
            return f"(?<!{self._class(part[2:])})", None
        if part.startswith("!"):
            return f"(?!{self._alternatives(part[1:])})", None
        if part.endswith("?"):
            return f"(?:{self._alternatives(part[:-1])})?", None
        entries = self._entries(part)
        if "$" in entries:  # the end of the sentence will do as well: nothing is required
            return self._alternatives(part), None
        rarest = [min(entry.split(), key=self._times) for entry in entries]
        return self._alternatives(part), (
            sum(map(self._times, rarest)),
            frozenset(map(self._code, rarest)),
        )

    def _times(self, word: str) -> float:
        """How often WORD stands in a thousand words."""
        return self._common.get(word, _RARE)

    def _length(self, part: str) -> int:
        """The most words a part can take; a run of sentence marks counts as a few."""
        if part[:2] in _GAPS:
            return int(part[2:].partition("-")[0])
        if part in _FIXED:
            return 5
        return max(entry.count(" ") + 1 for entry in self._entries(part.strip("<!?")))

    def _gap(self, part: str, praises: bool) -> str:
        size, _, barred = part[2:].partition("-")
        closed = self._stops + ("," if part[0] == "." else "")
        if praises:
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
        code = self._codes.get(word)
        if code is None:
            code = self._codes[word] = chr(_FIRST_CODE + len(self._codes))
            self._bits[code] = 1 << len(self._codes)
        return code
