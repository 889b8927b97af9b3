"""Own texts whose estimates are written down to the last bit; `python -m` this file rewrites them.

A change here is a change of every score in every installation: it needs a new version number.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from portal.sentiment.analyzer import analyze, version

GOLDEN = Path(__file__).parents[1] / "data" / "sentiment_golden.jsonl"
KEYS = ("status", "reason", "label", "p", "q", "aspects", "aspect_words", "phrases")
ROWS: list[dict[str, Any]] = [
    json.loads(line) for line in GOLDEN.read_text(encoding="utf-8").splitlines()
]


def estimate(text: str, language: str | None) -> dict[str, Any]:
    found = analyze(text, language)._asdict()
    return {key: found[key] for key in KEYS}


def test_there_are_enough_and_of_every_kind() -> None:
    assert len({row["text"] for row in ROWS}) >= 200
    assert {row["status"] for row in ROWS} == {"scored", "unclear", "not_scored"}
    assert {row["language"] for row in ROWS} == {"en", "fr", None}


def test_they_were_written_by_this_version() -> None:
    assert {row["version"] for row in ROWS} == {version()}


@pytest.mark.parametrize("row", ROWS, ids=[str(n) for n in range(1, len(ROWS) + 1)])
def test_estimate_is_the_same_to_the_last_bit(row: dict[str, Any]) -> None:
    assert json.dumps(estimate(row["text"], row["language"])) == json.dumps(
        {key: row[key] for key in KEYS}
    )


def rewrite() -> None:
    """Write down what this version says of the same texts."""
    lines = [
        json.dumps(
            {
                "text": row["text"],
                "language": row["language"],
                "version": version(),
                **estimate(row["text"], row["language"]),
            },
            ensure_ascii=False,
        )
        for row in ROWS
    ]
    GOLDEN.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    rewrite()
