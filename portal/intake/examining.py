"""A file that waits to be imported, looked at for a person: what it holds, asks, and would do.

What was found is kept as JSON beside the file, so that pages show it without reading it again.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from itertools import islice
from typing import Any

import cattrs

from portal.candidate_files import (
    ColumnGuess,
    FileRefused,
    Plan,
    Sheet,
    find_addresses,
    guess_columns,
    is_column_name,
    open_sheet,
)
from portal.candidate_files.columns import call, find_column, refuse_evidence
from portal.candidate_files.faults import Fault
from portal.candidate_files.outcomes import Value
from portal.candidate_files.reading import Reading, Watch
from portal.candidate_files.sheet import Record, open_rows
from portal.intake.checking import CheckedFile, check_file, check_identities
from portal.intake.files import open_file
from portal.models import Employer, IntakeFile

SAMPLED, MOST_SHOWN = 100, 3
MOST_BAD_ROWS = 20
MOST_SHOWN_ROWS, MOST_SHOWN_CELLS = 8, 12
MOST_CELL = 200


@dataclass(frozen=True)
class Peek:
    """The beginning of a file: its columns with what stands in them, as a person is shown them."""

    sheet: Sheet
    guesses: list[ColumnGuess]
    samples: list[list[str]]


@dataclass(frozen=True)
class BadRow:
    """A row with faults: its number and cells, and what is wrong, by the place of its cell.

    Place −1: with the row as a whole.
    """

    number: int
    cells: list[str]
    faults: dict[int, list[str]]


@dataclass(frozen=True)
class Examined:
    """What a file holds and asks, as far as its plan says how to read it.

    `problem`: why it cannot be read at all; `values`: what says who was decided on, and what is
    not yet said of it; `order`: days that can be read in several orders; `undated`: decided on no
    day; `good` and `bad`: rows that can be imported, and those that cannot.
    """

    problem: Fault | None = None
    headers: list[str] = field(default_factory=list)
    rows: int = 0
    decided: int = 0
    told: int = 0
    still_open: int = 0
    left_out: int = 0
    values: list[Value] = field(default_factory=list)
    overlooked: list[Value] = field(default_factory=list)
    order: dict[str, str] = field(default_factory=dict)
    ambiguous: Fault | None = None
    ambiguous_text: str = ""
    undated: int = 0
    has_days: bool = False  # of decisions, in any column
    is_told_asked: bool = False
    is_told_said: bool = False  # by a column
    fault_count: int = 0
    bad: int = 0
    bad_rows: list[BadRow] = field(default_factory=list)
    first_fault: Fault | None = None
    counts: dict[str, Any] = field(default_factory=dict)
    notices: list[str] = field(default_factory=list)

    @property
    def asks(self) -> bool:
        """Whether anything must be answered before rows can be checked."""
        return bool(
            any(value.is_asked for value in self.values)
            or self.overlooked
            or self.order
            or self.undated
            or self.is_told_asked
        )

    @property
    def good(self) -> int:
        return self.rows - self.left_out - self.bad


def to_json(examined: Examined) -> dict[str, Any]:
    """For a column of JSON."""
    return asdict(examined)


def from_json(kept: dict[str, Any]) -> Examined:
    """What `to_json` wrote."""
    return cattrs.structure(kept, Examined)


@contextmanager
def open_planned(file: IntakeFile | int, plan: Plan) -> Iterator[Sheet]:
    """The sheet of FILE that PLAN chooses. Raises FileRefused."""
    number = file if isinstance(file, int) else file.id
    with open_file(number) as source, open_sheet(source, is_column_name, plan.choice) as sheet:
        yield sheet


@contextmanager
def peek(file: IntakeFile, plan: Plan) -> Iterator[Peek]:
    """The beginning of FILE, to choose columns by. Raises FileRefused."""
    with open_planned(file, plan) as sheet:
        refuse_evidence(sheet.headers)
        records = list(islice(sheet.rows(), SAMPLED))
        filled = [
            [cells[place] for _, cells in records if place < len(cells) and cells[place].strip()]
            for place in range(len(sheet.headers))
        ]
        columns = [_distinct(cells) for cells in filled]
        repeating = [at for at, cells in enumerate(filled) if len(set(cells)) < len(cells)]
        guesses = guess_columns(sheet.headers, find_addresses(records), columns, repeating)
        yield Peek(sheet, guesses, [cells[:MOST_SHOWN] for cells in columns])


def first_rows(file: IntakeFile, plan: Plan) -> list[Record]:
    """The first rows of FILE as they stand, for somebody to say which names the columns."""
    try:
        with open_file(file.id) as source, open_rows(source, plan.choice) as records:
            return [
                (number, [cell[:MOST_CELL] for cell in cells[:MOST_SHOWN_CELLS]])
                for number, cells in islice(records, MOST_SHOWN_ROWS)
            ]
    except FileRefused:
        return []


def _distinct(cells: list[str]) -> list[str]:
    found = dict.fromkeys(cell.strip()[:MOST_CELL] for cell in cells if cell.strip())
    return list(found)


def examine(
    file_id: int,
    plan: Plan,
    employer: Employer,
    now: datetime,
    watch: Watch = lambda rows, count: rows,
    try_out: Callable[[CheckedFile], dict[str, Any]] | None = None,
) -> Examined:
    """All that the file says and asks, read by PLAN for EMPLOYER; with TRY_OUT, which tries it and
    undoes that, also what importing it would do. Changes nothing itself.
    """
    try:
        with open_planned(file_id, plan) as sheet:
            checked = check_file(sheet, plan, employer, now, watch)
            examined = _describe(checked)
            if examined.asks:
                return examined
            check_identities(checked, employer.id)
            examined = _add_faults(examined, checked)
            return replace(examined, counts=try_out(checked)) if try_out else examined
    except FileRefused as refused:
        return Examined(problem=refused.fault)


def _describe(checked: CheckedFile) -> Examined:
    reading = checked.reading
    return Examined(
        headers=list(reading.columns.headers),
        rows=checked.rows,
        decided=reading.decided,
        told=checked.told,
        still_open=checked.still_open,
        left_out=checked.left_out,
        values=reading.outcomes.values(),
        overlooked=reading.outcomes.overlooked(),
        order=_readings(reading),
        ambiguous=reading.undecided.fault if reading.undecided else None,
        ambiguous_text=reading.undecided.cell.text if reading.undecided else "",
        undated=reading.undated if reading.is_day_asked else 0,
        has_days=reading.has_days,
        is_told_asked=reading.question_told is not None,
        is_told_said="told_on" in reading.columns.places,
        notices=checked.notes.sentences(),
    )


def _readings(reading: Reading) -> dict[str, str]:
    """The days that the first ambiguous cell could be, by order."""
    if not reading.undecided:
        return {}
    return {order: day.isoformat() for order, day in reading.undecided.readings.items()}


def _add_faults(examined: Examined, checked: CheckedFile) -> Examined:
    return replace(
        examined,
        decided=checked.decided,
        fault_count=checked.fault_count,
        bad=len(checked.bad),
        first_fault=checked.faults[0] if checked.faults else None,
        bad_rows=list(islice(list_bad_rows(checked, MOST_CELL), MOST_BAD_ROWS)),
        told=checked.told,
        still_open=checked.still_open,
        notices=checked.notes.sentences(),
    )


def list_bad_rows(checked: CheckedFile, most: int | None = None) -> Iterator[BadRow]:
    """Every row that cannot be imported, under the file's own number, with its cells.

    Of each cell the first MOST characters.
    """
    headers = checked.reading.columns.headers
    for number, cells, found in checked.read_bad():
        faults: dict[int, list[str]] = {}
        for fault in found:
            faults.setdefault(_place(headers, fault.column), []).append(fault.message)
        yield BadRow(number, [cell[:most] for cell in cells], faults)


def _place(headers: tuple[str, ...], column: str | None) -> int:
    if column is None:
        return -1
    named = [place for place in range(len(headers)) if call(headers, place) == column]
    if named:
        return named[0]
    try:
        return find_column(headers, column, "")
    except FileRefused:
        return -1
