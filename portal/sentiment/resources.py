"""Everything that decides a score in one language, read once from `data/`.

It must never know `textblob` (the analyzer hands its lexicon in) or any single text.
"""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from portal.sentiment.combination import Combination
from portal.sentiment.model import Model
from portal.sentiment.polarity import Turns, WordValue
from portal.sentiment.rules import RuleSet
from portal.sentiment.tokens import tokenise

DATA = Path(__file__).parent / "data"


class Scalars(NamedTuple):
    """The few numbers fitted or chosen by looking at development data.

    `topic_limit` is the share of words on what interviews ask above which a text is no longer on
    how one was treated; q (p moved so that `pivot` is the decision) is unclear between
    `unclear_from` and `unclear_to`, and between `unsure_from` and `unsure_to` where only the models
    know the text.
    """

    combination: Combination
    topic_limit: float
    pivot: float
    unclear_from: float
    unclear_to: float
    unsure_from: float
    unsure_to: float

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Scalars:
        """From the JSON of one language."""
        names = cls._fields[1:]
        return cls(Combination.of(data["combination"]), *(float(data[name]) for name in names))


class Resources(NamedTuple):
    """One language: its rules, word values, model and scalars."""

    language: str
    rules: RuleSet
    values: Mapping[str, WordValue]
    turns: Turns
    topics: frozenset[str]
    model: Model
    scalars: Scalars
    known: frozenset[str]


def load_resources(language: str, lexicon: Mapping[str, WordValue]) -> Resources:
    """The resources of "en" or "fr"; `lexicon` holds borrowed word values, ours stand before."""
    folder = DATA / language
    rules = RuleSet.load(folder)
    words = tomllib.loads((folder / "words.toml").read_text(encoding="utf-8"))
    model = Model.load(folder / "model.json")
    values = _word_values(words, lexicon)
    small = read_data("small-words.json")[language]
    plain_small = tokenise(small, language).words
    return Resources(
        language=language,
        rules=rules,
        values=values,
        turns=Turns.of(words),
        topics=frozenset(words["topics"].split()),
        model=model,
        scalars=Scalars.of(read_data(f"{language}/scalars.json")),
        known=frozenset(values) | frozenset(plain_small) | rules.words | model.words,
    )


def read_data(name: str) -> dict[str, Any]:
    """One JSON object out of `data/`."""
    data: dict[str, Any] = json.loads((DATA / name).read_text(encoding="utf-8"))
    return data


def checksum(path: Path) -> str:
    """What names the content of the file PATH, as package managers write it."""
    return f"sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}"


@cache
def version() -> str:
    """The version every score carries: number, and hash of all that decides a score.

    TextBlob's lexicon enters by the hash in `version.json`, without which nothing is scored.
    """
    total = hashlib.sha256()
    for path in sorted(p for p in DATA.rglob("*") if p.suffix in (".json", ".toml")):
        name = path.relative_to(DATA).as_posix()
        total.update(name.encode() + b"\0" + path.read_bytes() + b"\0")
    return f"heardback-en {read_data('version.json')['version']}+{total.hexdigest()[:12]}"


def _word_values(own: Mapping[str, Any], lexicon: Mapping[str, WordValue]) -> dict[str, WordValue]:
    values = dict(lexicon)
    nothing = WordValue(0.0, 0.0)
    for word in own["silent"].split():
        values[word] = values.get(word, nothing)._replace(polarity=0.0)
    for polarity, words in [*own["words"].items(), *own["faces"].items()]:
        for word in words.split():
            old = values.get(word, WordValue(0.0, min(1.0, abs(float(polarity)) + 0.2)))
            values[word] = old._replace(polarity=float(polarity))
    return values
