"""Logistic regressions read from JSON and evaluated in plain Python.

It must never know texts, languages or how the weights were found; training.py writes the file.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

NEVER = -700.0  # log-odds


class Voices(NamedTuple):
    """Three log-odds for one text.

    `general` and `own` that its writer is satisfied, learned from strangers' reviews and from our
    own comments on hiring; `hiring` that it speaks of being a candidate at all.
    """

    general: float
    own: float
    hiring: float


class Model:
    """Per voice bias + w·x with x the L2-normed damped(amount)·idf of the known features.

    The file groups features by their idf (steps of a quarter) to stay small: per group
    `{"idf": 4.25, "features": "a b~c ...", "general": [12, -7, ...], "own": ..., "hiring": ...}`,
    weights in hundredths; a voice that was not trained has no list and says 0.
    Raises ValueError when a group's lists differ in length.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        # A model that was never taught what hiring is says that nothing is about it
        bias = {"general": 0.0, "own": 0.0, "hiring": NEVER, **data["bias"]}
        self.bias = Voices(*(float(bias[voice]) for voice in Voices._fields))
        self.knows_hiring = bias["hiring"] != NEVER
        self.provenance: Mapping[str, Any] = data["provenance"]
        self._table: dict[str, tuple[float, float, float, float]] = {}
        for group in data["groups"]:
            idf = float(group["idf"])
            names = group["features"].split(" ")
            columns = [group.get(voice) or [0] * len(names) for voice in Voices._fields]
            for name, *weights in zip(names, *columns, strict=True):
                general, own, hiring = (weight / 100.0 for weight in weights)
                self._table[name] = (idf, general, own, hiring)

    @classmethod
    def load(cls, path: Path) -> Model:
        """The model in one JSON file."""
        return cls(json.loads(path.read_text(encoding="utf-8")))

    @property
    def words(self) -> frozenset[str]:
        """Single words the model knows."""
        return frozenset(n for n in self._table if "~" not in n and "_" not in n)

    def read(self, features: Mapping[str, float]) -> Voices:
        """What each voice says, on its training rows' scale; its bias when nothing is known.

        Sums run in the order of first appearance: the same text gives the same bits everywhere.
        """
        general = own = hiring = squares = 0.0
        known = self._table.get
        for feature, amount in features.items():
            entry = known(feature)
            if entry is None:
                continue
            value = entry[0] * damped(amount)
            general += value * entry[1]
            own += value * entry[2]
            hiring += value * entry[3]
            squares += value * value
        if not squares:
            return self.bias
        norm = math.sqrt(squares)
        bias = self.bias
        return Voices(bias[0] + general / norm, bias[1] + own / norm, bias[2] + hiring / norm)


def damped(amount: float) -> float:
    """Amounts up to 1 as they are, above it 1 + ln: the tenth time says little more."""
    return amount if amount <= 1.0 else 1.0 + math.log(amount)


def sigmoid(x: float) -> float:
    """1 / (1 + e^-x), for any finite x."""
    return 1.0 / (1.0 + math.exp(-max(-700.0, min(700.0, x))))
