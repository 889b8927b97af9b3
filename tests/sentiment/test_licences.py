"""No sentence of the development data may enter the repository."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = (ROOT / "portal/sentiment", ROOT / "tests/sentiment", ROOT / "tests/tools")
SHARED = Path(__file__).resolve().parents[3] / "shared" / "data" / "sentiment"
RUN = 8  # words in a row that are no coincidence


def runs_of(text: str) -> Iterator[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    for start in range(len(words) - RUN + 1):
        yield tuple(words[start : start + RUN])


def our_files() -> Iterator[Path]:
    for folder in OURS:
        for path in folder.rglob("*"):
            if path.suffix in (".py", ".json", ".jsonl", ".csv", ".md"):
                yield path


def test_no_large_file() -> None:
    files = list(our_files())
    assert len(files) > 20
    assert all(path.stat().st_size < 2_000_000 for path in files)


@pytest.mark.skipif(not SHARED.exists(), reason="the development data are not on this computer")
def test_no_row_of_the_development_data_is_in_the_repository() -> None:
    ours = {run for path in our_files() for run in runs_of(path.read_text("utf-8"))}
    found = []
    for name in ("dev.csv", "fr_dev.csv", "train_clean.csv.gz"):
        opener = gzip.open if name.endswith(".gz") else open
        with opener(SHARED / name, "rt", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                first = next(runs_of(row["text"]), None)
                if first in ours:
                    found.append(" ".join(first))
    assert found == []
