"""Reads a file of decided and invited candidates into checked whole-number columns.

It must never know what is computed from them. Whatever it cannot take literally it refuses, naming
row and column: a figure from a misread file is worse than none.
"""

import csv
import gzip
import re
import zlib
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from itertools import chain, count, islice
from pathlib import Path
from typing import Any, TextIO, get_args

import numpy as np
from numpy.typing import NDArray

from portal.statistics.counts import Whole
from portal.statistics.history_csv import COLUMNS as HISTORY_COLUMNS
from portal.statistics.history_csv import LONGEST, NEEDED, analysed_rows, is_history, quoted
from portal.statistics.moments import CHANNEL_CODES, ROLE_FAMILY_CODES, STAGE_CODES
from portal.statistics.score import Outcome

OUTCOME_CODES: dict[str, int] = {name: code for code, name in enumerate(get_args(Outcome))}
NOT_TOLD = -1
NO_PROMISE = -1
NOT_ASKED = -1
SEPARATORS = ",;\t|"
CHUNK_ROWS = 50_000
LARGEST = 10**9
LONGEST_LINE = 1_000_000
WHOLE_NUMBER = re.compile(r"[+-]?[0-9]+")

Progress = Callable[[str], None]


class AnalysisRefused(Exception):
    """The file cannot be analysed; the text says why in one line and names row and column if any.

    `row` counts from 1, the header being row 1, as a spreadsheet shows it.
    """

    def __init__(self, why: str, row: int | None = None, column: str | None = None) -> None:
        self.row, self.column = row, column
        place = [f"row {row}"] if row is not None else []
        place += [f"column {column}"] if column is not None else []
        super().__init__(f"{', '.join(place)}: {why}" if place else why)


@dataclass(frozen=True, eq=False)
class Candidates:
    """Decided and invited candidates, one entry each in every column; `names` are the employers.

    employer: index into names; outcome, channel, stage, role_family: codes; days_to_told: −1 = not
    told; promise_days: −1 = no promise; stars: only where answered; reported_told: −1 = not asked;
    the rest 0 or 1. has_dates: the file held dates, and days are their ordinals.
    """

    names: tuple[str, ...]
    employer: Whole
    decision_day: Whole
    role_family: Whole
    stage: Whole
    outcome: Whole
    days_to_told: Whole
    channel: Whole
    promise_days: Whole
    promise_kept: Whole
    promise_broken: Whole
    feedback: Whole
    recorded_told: Whole
    answered: Whole
    stars: Whole
    reported_told: Whole
    has_dates: bool = False

    def __len__(self) -> int:
        return len(self.employer)

    def pick(self, rows: NDArray[Any]) -> "Candidates":
        """The candidates at `rows` (indices or a mask), under the same names."""
        columns = {f.name: getattr(self, f.name)[rows] for f in fields(self)[1:-1]}
        return replace(self, **columns)


def read_candidates(
    path: str | Path,
    progress: Progress | None = None,
    *,
    warn: Progress | None = None,
    today: date | None = None,
) -> Candidates:
    """The candidates of a CSV file (also .csv.gz), columns in any order, more are ignored.

    Employers are ordered whole numbers first, by value. What contradicts itself is taken as WARN
    is told; dates after TODAY are refused. Raises AnalysisRefused.
    """
    file = Path(path)
    try:
        with _open(file) as stream:
            columns = _read_columns(_rows(stream), progress, today, warn or _ignore)
    except (OSError, EOFError, zlib.error) as error:
        why = getattr(error, "strerror", None) or error
        raise AnalysisRefused(f"cannot read {file}: {why}") from error
    except UnicodeDecodeError as error:
        raise AnalysisRefused(f"{file} is not UTF-8 text") from error
    except csv.Error as error:
        raise AnalysisRefused(f"{file} is not a CSV file: {error}") from error
    return columns


def as_known_on(candidates: Candidates, day: int) -> Candidates:
    """The candidates as they stood at the end of `day`, later decisions and notices unknown.

    Employers left without candidates are dropped. Raises AnalysisRefused when nobody is left.
    """
    decided = candidates.decision_day <= day
    if not decided.any():
        raise AnalysisRefused(f"nothing decided by day {day}")
    seen = candidates.pick(decided)
    left, employer = np.unique(seen.employer, return_inverse=True)
    untold = (seen.days_to_told < 0) | (seen.decision_day + seen.days_to_told > day)
    promised = (seen.promise_kept | seen.promise_broken) & (seen.promise_days >= 0)
    overdue = promised & (seen.decision_day + seen.promise_days < day)
    return replace(
        seen,
        names=tuple(candidates.names[e] for e in left),
        employer=employer,
        days_to_told=np.where(untold, NOT_TOLD, seen.days_to_told),
        channel=np.where(untold, CHANNEL_CODES["none"], seen.channel),
        promise_kept=np.where(untold, 0, seen.promise_kept),
        promise_broken=np.where(untold, overdue, seen.promise_broken),
        feedback=np.where(untold, 0, seen.feedback),
    )


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
            raise ValueError(f"unknown value {quoted(text)}" if text else "blank")
        return codes[text]

    return read


def _whole(least: int, blank: int | None = None) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text and blank is not None:
            return blank
        if not WHOLE_NUMBER.fullmatch(text):
            raise ValueError(f"a whole number is needed, not {quoted(text)}")
        if len(text) > LONGEST or not least <= int(text) <= LARGEST:
            raise ValueError(f"{quoted(text)} is outside {least} to {LARGEST}")
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


def _open(file: Path) -> TextIO:
    if file.suffix == ".gz":
        return gzip.open(file, "rt", encoding="utf-8-sig", newline="")
    return file.open(encoding="utf-8-sig", newline="")


def _rows(stream: TextIO) -> Iterator[list[str]]:
    """The cells, parted as the header is: by comma, semicolon, tab or bar."""
    lines = _lines(stream)
    first = next(lines, "")
    parted_by = max(SEPARATORS, key=first.count)
    return csv.reader(chain([first] if first else [], lines), delimiter=parted_by)


def _lines(stream: TextIO) -> Iterator[str]:
    """One after another, none too long read whole: a small .gz can hold one of gigabytes."""
    for number in count(1):
        line = stream.readline(LONGEST_LINE + 1)
        if len(line) > LONGEST_LINE:
            raise AnalysisRefused(f"line {number} is longer than {LONGEST_LINE:,} characters")
        if not line:
            return
        yield line


def _ignore(_what: str) -> None:
    pass


def _read_columns(
    rows: Iterator[list[str]], progress: Progress | None, today: date | None, warn: Progress
) -> Candidates:
    header = [name.strip() for name in next(rows, [])]
    names = ["employer_id", *READERS]
    has_dates = is_history(header)
    _refuse_doubles(header, HISTORY_COLUMNS if has_dates else names)
    if has_dates:
        header, rows = names, analysed_rows(header, rows, names, _refusal(header), today)
    missing = [name for name in names if name not in header]
    if missing:
        raise AnalysisRefused(f"missing columns: {', '.join(missing)}")
    at = [header.index(name) for name in names]
    employers: dict[str, int] = {}
    parsers = [_Parser(_employer_reader(employers)), *map(_Parser, READERS.values())]
    chunks: list[list[Whole]] = []
    read = 0
    numbered = ((number, row) for number, row in enumerate(rows, 2) if row)
    while chunk := list(islice(numbered, CHUNK_ROWS)):
        chunks.append(_parse_chunk(chunk, names, at, parsers))
        read += len(chunk)
        if progress:
            progress(f"{read:,} rows read")
    if not chunks:
        raise AnalysisRefused("no rows")
    whole = (np.concatenate(column) for column in zip(*chunks, strict=True))
    columns = _without_contradictions(dict(zip(names, whole, strict=True)), warn)
    return replace(_candidates(columns, list(employers)), has_dates=has_dates)


def _without_contradictions(columns: dict[str, Whole], warn: Progress) -> dict[str, Whole]:
    """COLUMNS, what cannot be so taken the safer way; WARN hears of each kind, and how often."""
    untold, channel = columns["told_after_days"] == NOT_TOLD, columns["channel"]
    made, kept = columns["promise_made"], columns["promise_kept"]
    told_somehow = (channel != CHANNEL_CODES["none"]) | (
        (columns["feedback_given"] | (made & kept)) == 1
    )
    is_owed = columns["outcome"] != OUTCOME_CODES["withdrawn"]
    rated_only = (columns["answered"] == 0) & (columns["rating"] > 0)
    kinds = {
        "a rating without an answer: left out": rated_only,
        "no day of telling, yet a channel, a reason or a kept promise: taken as not told": is_owed
        & untold
        & told_somehow,
        "a promise kept that was never made: left out": (made < kept),
    }
    for what, rows in kinds.items():
        if found := int(rows.sum()):
            warn(f"{found:,} {'row has' if found == 1 else 'rows have'} {what}")
    return columns | {
        "rating": np.where(rated_only, 0, columns["rating"]),
        "channel": np.where(untold, CHANNEL_CODES["none"], channel),
        "feedback_given": np.where(untold, 0, columns["feedback_given"]),
        "promise_kept": np.where(untold, 0, kept),
    }


def _refuse_doubles(header: list[str], names: Collection[str]) -> None:
    """A column that stands twice may mean either."""
    for name in names:
        if header.count(name) > 1:
            raise AnalysisRefused(f"column {name} stands {header.count(name)} times")


def _refusal(header: list[str]) -> Callable[..., AnalysisRefused]:
    """How rows of a file with HEADER are refused; the file itself is, where a column lacks."""
    missing = [name for name in NEEDED if name not in header]
    if missing:
        raise AnalysisRefused(f"missing columns: {', '.join(missing)}")
    return AnalysisRefused


def _employer_reader(employers: dict[str, int]) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not text:
            raise ValueError("blank")
        return employers.setdefault(text, len(employers))

    return read


def _parse_chunk(
    chunk: list[tuple[int, list[str]]], names: list[str], at: list[int], parsers: list[_Parser]
) -> list[Whole]:
    needed = max(at) + 1
    for number, row in chunk:
        if len(row) < needed:
            raise AnalysisRefused(f"{len(row)} columns where {needed} are needed", number)
    texts = list(zip(*(row for _, row in chunk), strict=False))
    parsed = []
    for name, place, parser in zip(names, at, parsers, strict=True):
        try:
            parsed.append(np.fromiter(map(parser.__getitem__, texts[place]), np.int64, len(chunk)))
        except ValueError as error:
            number = next(n for n, row in chunk if row[place] not in parser)
            raise AnalysisRefused(str(error), number, name) from error
    _check_answered_has_stars(chunk, dict(zip(names, parsed, strict=True)))
    return parsed


def _check_answered_has_stars(chunk: list[tuple[int, list[str]]], parsed: dict[str, Whole]) -> None:
    silent = np.flatnonzero((parsed["answered"] == 1) & (parsed["rating"] == 0))
    if len(silent):
        raise AnalysisRefused("blank although answered", chunk[silent[0]][0], "rating")


def _candidates(columns: dict[str, Whole], found: list[str]) -> Candidates:
    names = sorted(found, key=_employer_order)
    rank = {name: i for i, name in enumerate(names)}
    made = columns["promise_made"]
    kept = made & columns["promise_kept"]
    return Candidates(
        names=tuple(names),
        employer=np.array([rank[name] for name in found])[columns["employer_id"]],
        decision_day=columns["decision_day"],
        role_family=columns["role_family"],
        stage=columns["stage"],
        outcome=columns["outcome"],
        days_to_told=columns["told_after_days"],
        channel=columns["channel"],
        promise_days=columns["promise_days"],
        promise_kept=kept,
        promise_broken=made & (1 - kept),
        feedback=columns["feedback_given"],
        recorded_told=columns["recorded_told"],
        answered=columns["answered"],
        stars=columns["rating"],
        reported_told=columns["reported_told"],
    )


def _employer_order(name: str) -> tuple[bool, int, str, str]:
    """Whole numbers by value, however long, then everything else as text."""
    if name.isascii() and name.isdecimal():
        digits = name.lstrip("0")
        return False, len(digits), digits, name
    return True, 0, "", name
