"""Rows whose days are counted already, from any origin, as whole-number columns.

Whatever it cannot take literally it refuses, naming row and column: a figure from a misread file
is worse than none.
"""

import re
from collections.abc import Callable, Mapping
from itertools import islice, zip_longest

import numpy as np

from portal.analysis.candidates import (
    LARGEST,
    NO_PROMISE,
    NOT_ASKED,
    NOT_TOLD,
    OUTCOME_CODES,
    AnalysisRefused,
    Candidates,
    Progress,
    gather,
)
from portal.candidate_files.faults import show
from portal.candidate_files.sheet import Sheet
from portal.statistics.counts import Whole
from portal.statistics.moments import CHANNEL_CODES, ROLE_FAMILY_CODES, STAGE_CODES

CHUNK_ROWS = 50_000
LONGEST = 30
WHOLE_NUMBER = re.compile(r"[+-]?[0-9]+")


class _Parser(dict[str, int]):
    """Texts of one column and the whole numbers they mean, each worked out once."""

    def __init__(self, read: Callable[[str], int]) -> None:
        super().__init__()
        self.read = read

    def __missing__(self, text: str) -> int:
        self[text] = value = self.read(text)
        return value


def _one_of(codes: Mapping[str, int]) -> Callable[[str], int]:
    def read(text: str) -> int:
        if text not in codes:
            raise ValueError(f"unknown value {show(text, LONGEST)}" if text else "blank")
        return codes[text]

    return read


def _whole(least: int, blank: int | None = None) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text and blank is not None:
            return blank
        if not WHOLE_NUMBER.fullmatch(text):
            raise ValueError(f"a whole number is needed, not {show(text, LONGEST)}")
        if len(text) > LONGEST or not least <= int(text) <= LARGEST:
            raise ValueError(f"{show(text, LONGEST)} is outside {least} to {LARGEST}")
        return int(text)

    return read


FLAG = _one_of({"": 0, "0": 0, "1": 1})
READERS: dict[str, Callable[[str], int]] = {
    "decision_day": _whole(-LARGEST),
    "role_family": lambda text: ROLE_FAMILY_CODES.get(text, ROLE_FAMILY_CODES["other"]),
    "stage": _one_of(STAGE_CODES),
    "outcome": _one_of(OUTCOME_CODES),
    "told_after_days": _whole(0, NOT_TOLD),
    "channel": _one_of({"": CHANNEL_CODES["none"], **CHANNEL_CODES}),
    "promise_made": FLAG,
    "promise_days": _whole(0, NO_PROMISE),
    "promise_kept": FLAG,
    "feedback_given": FLAG,
    "recorded_told": FLAG,
    "answered": FLAG,
    "rating": _one_of({"": 0, "1": 1, "2": 2, "3": 3, "4": 4, "5": 5}),
    "reported_told": _one_of({"": 0, "0": 0, "1": 1, "?": NOT_ASKED}),
}


def is_counted(headers: tuple[str, ...]) -> bool:
    """Whether a file with these HEADERS counts days instead of naming them."""
    return "decision_day" in headers


def read_counted(sheet: Sheet, progress: Progress | None, warn: Progress) -> Candidates:
    """The candidates of SHEET, columns in any order, more are ignored. Raises AnalysisRefused."""
    names = ["employer_id", *READERS]
    for name in names:
        if sheet.headers.count(name) > 1:
            raise AnalysisRefused(f"column {name} stands {sheet.headers.count(name)} times")
    missing = [name for name in names if name not in sheet.headers]
    if missing:
        raise AnalysisRefused(f"missing columns: {', '.join(missing)}")
    at = [sheet.headers.index(name) for name in names]
    employers: dict[str, int] = {}
    parsers = [_Parser(_employer_reader(employers)), *map(_Parser, READERS.values())]
    chunks: list[list[Whole]] = []
    read, rows = 0, sheet.rows()
    while chunk := list(islice(rows, CHUNK_ROWS)):
        chunks.append(_parse_chunk(chunk, names, at, parsers))
        read += len(chunk)
        if progress:
            progress(f"{read:,} rows read")
    if not chunks:
        raise AnalysisRefused("no rows")
    whole = (np.concatenate(column) for column in zip(*chunks, strict=True))
    return gather(dict(zip(names, whole, strict=True)), list(employers), warn)


def _employer_reader(employers: dict[str, int]) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text:
            raise ValueError("blank")
        return employers.setdefault(text, len(employers))

    return read


def _parse_chunk(
    chunk: list[tuple[int, list[str]]], names: list[str], at: list[int], parsers: list[_Parser]
) -> list[Whole]:
    # Spreadsheets leave out empty cells at a row's end.
    texts = list(zip_longest([""] * (max(at) + 1), *(row for _, row in chunk), fillvalue=""))
    texts = [cells[1:] for cells in texts]
    parsed = []
    for name, place, parser in zip(names, at, parsers, strict=True):
        try:
            parsed.append(np.fromiter(map(parser.__getitem__, texts[place]), np.int64, len(chunk)))
        except ValueError as error:
            number = next(
                n for (n, _), cell in zip(chunk, texts[place], strict=True) if cell not in parser
            )
            raise AnalysisRefused(str(error), number, name) from error
    _check_answered_has_stars(chunk, dict(zip(names, parsed, strict=True)))
    return parsed


def _check_answered_has_stars(chunk: list[tuple[int, list[str]]], parsed: dict[str, Whole]) -> None:
    silent = np.flatnonzero((parsed["answered"] == 1) & (parsed["rating"] == 0))
    if len(silent):
        raise AnalysisRefused("blank although answered", chunk[silent[0]][0], "rating")
