"""Typing errors and the short forms of telephones: which word was meant.

It must never know rules, weights or texts.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

_DATA = Path(__file__).parent / "data"


@cache
def meant_words(language: str) -> Mapping[str, str]:
    """Typed word to the one word meant by it, both as tokens; empty without a table."""
    path = _DATA / language / "words.toml"
    if not language.isalpha() or not path.is_file():
        return {}
    table = tomllib.loads(path.read_text(encoding="utf-8"))["spellings"]
    return {typed: meant for meant, many in table.items() for typed in many.split()}
