"""A whole file checked before anything of it is applied, in as much memory as its errors take."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from portal.candidate_files.columns import DAYS, Columns
from portal.candidate_files.days import DayColumn, DayOrder
from portal.candidate_files.faults import Fault, FileRefused, Notes, listing
from portal.candidate_files.rows import FileRow, RowReader, ToldAnswer
from portal.candidate_files.sheet import Record, Sheet
from portal.intake.matching import Merger, Repeats
from portal.models import Employer

MAX_FAULTS = 100
LEAST, MOST = 25, 500  # rows in a chunk
MOST_TOGETHER = 2  # times as many, if they are of one person and role

# Is handed the rows and how many there are; passes them on, showing how far it is.
Watch = Callable[[Iterable[Record], int], Iterable[Record]]


@dataclass
class CheckedFile:
    """What a file says. Apply it, chunk by chunk, only if `faults` is empty.

    `rows` is how many it has, `absorbed` how many of those only repeat another one.
    """

    sheet: Sheet
    columns: Columns
    rows: int = 0
    decided: int = 0
    decided_today: int = 0
    told: int = 0
    absorbed: int = 0
    faults: list[Fault] = field(default_factory=list)
    fault_count: int = 0
    notes: Notes = field(default_factory=Notes)
    orders: dict[str, DayOrder] = field(default_factory=dict)
    repeats: Repeats = field(default_factory=Repeats)
    merged: list[FileRow] = field(default_factory=list)
    read: Callable[[], Iterator[FileRow]] = lambda: iter(())

    @property
    def still_open(self) -> int:
        return self.rows - self.decided

    def chunks(self, size: Callable[[], int] = lambda: MOST) -> Iterator[list[FileRow]]:
        """What to apply, one row for each application, about SIZE() at a time; it may change.

        Rows of one person and role stay together, so that a chunk can be tried on its own.
        """
        chunk: list[FileRow] = []
        for row in self._distinct():
            full = len(chunk) >= size() and row.pair != chunk[-1].pair
            if full or len(chunk) >= MOST_TOGETHER * size():
                yield chunk
                chunk = []
            chunk.append(row)
        if chunk:
            yield chunk

    def _distinct(self) -> Iterator[FileRow]:
        yield from (row for row in self.read() if row not in self.repeats)
        yield from self.merged

    def add_fault(self, fault: Fault) -> None:
        """Count FAULT and keep it if it is among the first."""
        self.fault_count += 1
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(fault)


def check_file(
    sheet: Sheet,
    columns: Columns,
    told: ToldAnswer | None,
    employer: Employer,
    now: datetime,
    watch: Watch = lambda rows, count: rows,
) -> CheckedFile:
    """Check every row of SHEET for EMPLOYER; TOLD answers "Were these candidates told?".

    Raises FileRefused where the file as a whole cannot be read; what is wrong with single rows
    is in the result's `faults`.
    """
    checked = CheckedFile(sheet, columns)
    _scan(checked)
    if not checked.rows:
        raise FileRefused(f"The file has no rows below its header in row {sheet.header_row}.")
    answer = _settle_answer(checked, told)
    reader = RowReader(columns, checked.orders, answer, employer, now)
    for number, cells in watch(sheet.rows(), checked.rows):
        _count(checked, reader.read(number, cells), reader.today)
    checked.repeats.settle()
    checked.read = lambda: _reread(sheet, reader)
    _merge_repeats(checked)
    if checked.decided and answer is None:
        checked.add_fault(Fault(None, "told_on", _question(checked.decided)))
    checked.notes.update(reader.notes)
    _note_oddities(checked)
    return checked


def _scan(checked: CheckedFile) -> None:
    """Count the rows, and find out how each column of days writes them."""
    places = {name: place for name, place in checked.columns.places.items() if name in DAYS}
    seen = {name: DayColumn(checked.columns.name_of(name)) for name in places}
    for number, cells in checked.sheet.rows():
        checked.rows += 1
        for name, place in places.items():
            if place < len(cells) and (text := cells[place].strip()):
                seen[name].see(number, text)
    checked.orders = {name: column.settle() for name, column in seen.items()}


def _settle_answer(checked: CheckedFile, told: ToldAnswer | None) -> ToldAnswer | None:
    """The answer to "were they told?"; a column with the day is one. Raises FileRefused."""
    column = checked.columns.name_of("told_on")
    has_column = "told_on" in checked.columns.places
    if told is ToldAnswer.COLUMN and not has_column:
        raise FileRefused(
            "--told column: which column has the day of telling? Say --map COLUMN=told_on."
        )
    if told is None and has_column:
        checked.notes.add(f"Told or not is taken from the column {listing([column])}")
        return ToldAnswer.COLUMN
    if told is not ToldAnswer.COLUMN and has_column:
        checked.notes.add(f"The column {listing([column])} is not read because of --told {told}")
    return told


def _question(decided: int) -> str:
    who = "Was this candidate" if decided == 1 else f"Were these {decided:,} candidates"
    return (
        f"{who} told? Say --told yes (each on the day of the decision), --told no, or name the "
        "column with the day: --map COLUMN=told_on. There is no default: who has not been told "
        "must not learn it from a survey."
    )


def _count(checked: CheckedFile, read: FileRow | list[Fault], today: date) -> None:
    if isinstance(read, list):
        for fault in read:
            checked.add_fault(fault)
        return
    checked.decided += read.verdict is not None
    checked.decided_today += read.decided_on == today
    checked.told += read.telling is not None
    checked.repeats.see(read)


def _reread(sheet: Sheet, reader: RowReader) -> Iterator[FileRow]:
    """The rows again; they are sound or the file would have been refused."""
    for number, cells in sheet.rows():
        read = reader.read(number, cells)
        if isinstance(read, FileRow):
            yield read


def _merge_repeats(checked: CheckedFile) -> None:
    if not checked.repeats:
        return
    merger = Merger()
    for row in checked.read():
        if row in checked.repeats:
            merger.add(row)
    for fault in merger.faults:
        checked.add_fault(fault)
    checked.merged, checked.absorbed = list(merger.rows()), merger.absorbed
    checked.notes.update(merger.notes)


def _note_oddities(checked: CheckedFile) -> None:
    """What the owner of the file may not have meant."""
    notes, columns = checked.notes, checked.columns
    for notice in checked.sheet.notices:
        notes.add(notice)
    if columns.ignored:
        notes.add(f"Columns not read: {listing(list(columns.ignored))}")
    if "outcome" not in columns.places:
        notes.add("No column for the outcome: every row is taken as still open")
    elif not checked.decided:
        notes.add("Nobody is decided: exports often leave decided candidates out by default")
    elif 1 < checked.decided == checked.decided_today:
        notes.add("Everybody was decided today: is that the day of the decision, or of the export?")
