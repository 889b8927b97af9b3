"""Measure the analyzer on a labelled file: what each key means is said where it is made.

It must never know a database or what the file is. Predictions depend on text and language alone.
"""

from __future__ import annotations

import csv
import gzip
import json
import statistics
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple, TextIO

from textblob import TextBlob

from portal.sentiment import measures
from portal.sentiment.analyzer import analyze, version
from portal.sentiment.results import Sentiment

_LONGEST_FIELD = 10_000_000
_ROUNDS = 5
_SPEED_TEXTS = 400
_REASONS = ("empty", "language", "too_little_text")
_ROW_KEYS = (
    "status",
    "reason",
    "label",
    "p",
    "q",
    "score",
    "stars_estimate",
    "language",
    "aspects",
    "phrases",
)
_LABEL_OF_STARS = {1: "neg", 2: "neg", 4: "pos", 5: "pos"}


class BadInput(ValueError):
    """The file cannot be evaluated; the message is one line and names the row."""


class LabelledText(NamedTuple):
    """One row: `label` pos, neg, neu or None; `stars` 1..5 or None; `language` None = detect."""

    text: str
    label: str | None = None
    stars: int | None = None
    source: str = ""
    language: str | None = None
    kind: str = ""


class Evaluation(NamedTuple):
    """`report` is the JSON object of section 8, `rows` one JSON object per input row, in order."""

    report: dict[str, Any]
    rows: list[dict[str, Any]]


class _Judged(NamedTuple):
    row: LabelledText
    found: Sentiment


def read_rows(path: Path) -> list[LabelledText]:
    """The rows of a CSV or CSV.gz file; unknown columns are ignored.

    Raises BadInput for a missing `text` column, a bad label, bad stars, or text that is no CSV.
    """
    opener: Callable[..., TextIO] = gzip.open if path.suffix == ".gz" else open
    usual = csv.field_size_limit(_LONGEST_FIELD)  # the whole process's: put back below
    try:
        with opener(path, "rt", encoding="utf-8-sig", newline="") as file:
            return list(_rows_of(csv.DictReader(file)))
    except OSError as error:
        raise BadInput(f"{path}: {error.strerror or error}") from error
    except (EOFError, UnicodeDecodeError, csv.Error) as error:
        raise BadInput(f"{path}: {' '.join(str(error).split())}") from error
    finally:
        csv.field_size_limit(usual)


def evaluate(rows: Sequence[LabelledText], with_speed: bool = True) -> Evaluation:
    """Score every row and measure; `with_speed=False` leaves both speeds None (tests)."""
    judged = [_Judged(row, analyze(row.text, row.language)) for row in rows]
    polar = [j for j in judged if j.row.label in ("pos", "neg")]
    report = _figures(judged)
    report |= {
        "unclear": sum(j.found.status == "unclear" for j in judged),
        "not_scored": _not_scored(judged),
        "texts_per_second": None,
        "textblob_texts_per_second": None,
        "by_source": _by(judged, lambda row: row.source.split(":")[0]),
        "by_kind": _by(judged, lambda row: row.kind),
        "analyzer": dict(zip(("name", "version"), version().split(" "), strict=True)),
        "auc_interval": measures.auc_interval(*_values(polar)),
        "macro_f1_interval": measures.macro_f1_interval(*_predictions(polar)),
        "spearman_stars": _spearman(judged),
    }
    if with_speed and rows:
        report |= _speeds(rows[:_SPEED_TEXTS])
    return Evaluation(report, [_row(n, j.found) for n, j in enumerate(judged, 1)])


def as_json_lines(rows: Sequence[dict[str, Any]]) -> Iterator[str]:
    """One line per row, the same bytes for the same text and language."""
    for row in rows:
        yield json.dumps(row, ensure_ascii=False, sort_keys=True) + "\n"


def _rows_of(reader: csv.DictReader[str]) -> Iterator[LabelledText]:
    columns = reader.fieldnames or []
    if "text" not in columns:
        raise BadInput("row 0, the header: the column text is missing")
    for number, found in enumerate(reader, 1):
        stars = _stars(found.get("stars"), number)
        if "label" in columns:
            label = _label(found["label"], number)
        else:
            label = _LABEL_OF_STARS.get(stars) if stars else None
        yield LabelledText(
            found["text"] or "",
            label,
            stars,
            found.get("source") or "",
            (found.get("lang") or "").strip() or None,
            found.get("kind") or "",
        )


def _label(value: str | None, number: int) -> str | None:
    label = (value or "").strip()
    if label not in ("pos", "neg", "neu", ""):
        raise BadInput(f"row {number}: label must be pos, neg, neu or empty, not {label!r}")
    return label or None


def _stars(value: str | None, number: int) -> int | None:
    stars = (value or "").strip()
    if not stars:
        return None
    if stars not in ("1", "2", "3", "4", "5", "1.0", "2.0", "3.0", "4.0", "5.0"):
        raise BadInput(f"row {number}: stars must be 1 to 5 or empty, not {stars!r}")
    return int(stars[0])


def _figures(judged: Sequence[_Judged]) -> dict[str, Any]:
    polar = [j for j in judged if j.row.label in ("pos", "neg")]
    scored = [j for j in polar if j.found.p is not None]
    definite = [j for j in polar if j.found.status == "scored"]
    predictions = _predictions(polar)
    covered = sum(j.found.status == "scored" for j in judged)
    right = sum(j.found.label == j.row.label for j in definite)
    return {
        "n": len(judged),
        "n_polar": len(polar),
        "auc": measures.area_under_curve(*_values(polar)),
        "macro_f1": measures.macro_f1(*predictions),
        "negative_recall": measures.recall(*predictions, "neg"),
        "negative_precision": measures.precision(*predictions, "neg"),
        "ece": measures.calibration_error(
            [j.found.p for j in scored if j.found.p is not None],
            [j.row.label == "pos" for j in scored],
        ),
        "coverage": covered / len(judged) if judged else None,
        "definite_accuracy": right / len(definite) if definite else None,
    }


def _by(
    judged: Sequence[_Judged], name: Callable[[LabelledText], str]
) -> dict[str, dict[str, Any]]:
    """Figures per NAME of a row; rows without one belong to ""."""
    groups: dict[str, list[_Judged]] = {}
    for one in judged:
        groups.setdefault(name(one.row), []).append(one)
    return {source: _figures(group) for source, group in sorted(groups.items())}


def _not_scored(judged: Sequence[_Judged]) -> dict[str, int]:
    reasons = Counter(j.found.reason for j in judged)
    return {reason: reasons[reason] for reason in _REASONS}


def _values(polar: Sequence[_Judged]) -> tuple[list[float], list[bool]]:
    values = [0.5 if j.found.q is None else j.found.q for j in polar]
    return values, [j.row.label == "pos" for j in polar]


def _predictions(polar: Sequence[_Judged]) -> tuple[list[str | None], list[str]]:
    return [j.found.label for j in polar], [str(j.row.label) for j in polar]


def _spearman(judged: Sequence[_Judged]) -> float | None:
    rated = [(j.found.q, j.row.stars) for j in judged if j.row.stars is not None]
    return measures.rank_correlation(
        [0.5 if q is None else q for q, _ in rated], [float(stars) for _, stars in rated]
    )


def _speeds(rows: Sequence[LabelledText]) -> dict[str, float]:
    """Median texts per second of ours and of stock TextBlob, rounds taken in turn."""

    def ours() -> None:
        for row in rows:
            analyze(row.text, row.language)

    def stock() -> None:
        for row in rows:
            TextBlob(row.text).sentiment  # noqa: B018 (read, and so made)

    seconds: dict[str, list[float]] = {"texts_per_second": [], "textblob_texts_per_second": []}
    for number in range(_ROUNDS + 1):
        for name, run in zip(seconds, (ours, stock), strict=True):
            start = time.perf_counter()
            run()
            if number:  # the first round only warms up
                seconds[name].append(time.perf_counter() - start)
    return {name: len(rows) / statistics.median(took) for name, took in seconds.items()}


def _row(number: int, found: Sentiment) -> dict[str, Any]:
    return {"row": number} | {name: getattr(found, name) for name in _ROW_KEYS}
