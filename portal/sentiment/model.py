"""A logistic regression read from JSON and evaluated in plain Python.

It must never know texts, languages or how the weights were found; training.py writes the file.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class Model:
    """score(features) = bias + w·x with x the L2-normed damped(amount)·idf of the known features.

    The file groups features by their idf (steps of a quarter) to stay small: per group
    `{"idf": 4.25, "features": "a b~c ...", "weights": [12, -7, ...]}`, weights in hundredths.
    Raises ValueError when a group's lists differ in length.
    """

    def __init__(self, data: Mapping[str, Any]) -> None:
        self.bias: float = data["bias"]
        self.provenance: Mapping[str, Any] = data["provenance"]
        self._table: dict[str, tuple[float, float]] = {}
        for group in data["groups"]:
            idf = float(group["idf"])
            names = group["features"].split(" ")
            for name, weight in zip(names, group["weights"], strict=True):
                self._table[name] = (idf, weight / 100.0)

    @classmethod
    def load(cls, path: Path) -> Model:
        """The model in one JSON file."""
        return cls(json.loads(path.read_text(encoding="utf-8")))

    @property
    def words(self) -> frozenset[str]:
        """Single words the model knows."""
        return frozenset(n for n in self._table if "~" not in n and "_" not in n)

    def score(self, features: Mapping[str, float]) -> float:
        """The log-odds of "satisfied" on the training rows' scale; the bias when nothing is known.

        Sums run in the order of first appearance: the same text gives the same bits everywhere.
        """
        total = squares = 0.0
        known = self._table.get
        for feature, amount in features.items():
            entry = known(feature)
            if entry is None:
                continue
            value = entry[0] * damped(amount)
            total += value * entry[1]
            squares += value * value
        return self.bias + total / math.sqrt(squares) if squares else self.bias


def damped(amount: float) -> float:
    """Amounts up to 1 as they are, above it 1 + ln: the tenth time says little more."""
    return amount if amount <= 1.0 else 1.0 + math.log(amount)


def sigmoid(x: float) -> float:
    """1 / (1 + e^-x), for any finite x."""
    return 1.0 / (1.0 + math.exp(-max(-700.0, min(700.0, x))))
