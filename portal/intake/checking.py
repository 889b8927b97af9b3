"""A whole file checked before anything of it is applied, in as much memory as its errors take."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import partial
from itertools import islice

import sqlalchemy as sa

from portal import closure
from portal.candidate_files.columns import Columns
from portal.candidate_files.faults import Fault, Notes, about, listing
from portal.candidate_files.file_row import FileRow
from portal.candidate_files.offers import hint_to_leave_out
from portal.candidate_files.reading import Plan, Reading, Watch, look_through
from portal.candidate_files.rows import RowReader
from portal.candidate_files.sheet import Sheet
from portal.extensions import db
from portal.intake.matching import Merger, Repeats, why_another
from portal.language import gettext
from portal.models import Application, Candidate, Employer, Requisition

MAX_FAULTS = 500
LEAST, MOST = 25, 500  # rows in a chunk
MOST_TOGETHER = 2  # times as many, if they are of one person and role

# The number of a row with faults, its cells, and the faults.
BadCells = tuple[int, list[str], list[Fault]]


@dataclass
class CheckedFile:
    """What a file says. Apply it, chunk by chunk, only if `faults` is empty, or if somebody has
    chosen the good rows alone.

    `rows` is how many it has, `absorbed` how many of those only repeat another one, `left_out` how
    many somebody has said to leave out; `bad` are the numbers of those with faults,
    `later` the faults of rows that are sound alone. `read_bad` reads those with faults once more.
    """

    sheet: Sheet
    reading: Reading
    rows: int = 0
    left_out: int = 0
    decided: int = 0
    decided_today: int = 0
    told: int = 0
    absorbed: int = 0
    faults: list[Fault] = field(default_factory=list)
    fault_count: int = 0
    bad: set[int] = field(default_factory=set)
    notes: Notes = field(default_factory=Notes)
    repeats: Repeats = field(default_factory=Repeats)
    merged: list[FileRow] = field(default_factory=list)
    read: Callable[[], Iterator[FileRow]] = lambda: iter(())
    read_bad: Callable[[], Iterator[BadCells]] = lambda: iter(())
    later: list[Fault] = field(default_factory=list)

    @property
    def still_open(self) -> int:
        return max(0, self.rows - self.left_out - len(self.bad) - self.decided)

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
        found = (row for row in self.read() if row not in self.repeats)
        yield from (row for row in found if row.number not in self.bad)
        yield from (row for row in self.merged if row.number not in self.bad)

    def first_faults(self, most: int) -> list[Fault]:
        """The first MOST faults in the order of rows, and whatever must be asked of the file."""
        questions = [fault for fault in self.faults[most:] if fault in self.questions]
        return (
            [*self.faults[: most - len(questions)], *questions] if questions else self.faults[:most]
        )

    @property
    def questions(self) -> list[Fault]:
        told = self.reading.question_told
        return [*self.reading.questions, *([told] if told else [])]

    def refuse(self, row: FileRow, fault: Fault) -> None:
        """Add FAULT of ROW, which was sound until then."""
        if row.number not in self.bad:
            self.decided -= row.verdict is not None
            self.told -= row.telling is not None
        self.later.append(fault)
        self.add_fault(fault)

    def add_fault(self, fault: Fault) -> None:
        """Count FAULT and keep it if it is among the first."""
        self.fault_count += 1
        if fault.row is not None:
            self.bad.add(fault.row)
        if len(self.faults) < MAX_FAULTS:
            self.faults.append(fault)


def check_file(
    sheet: Sheet,
    plan: Plan,
    employer: Employer,
    now: datetime,
    watch: Watch = lambda rows, count: rows,
) -> CheckedFile:
    """Check every row of SHEET for EMPLOYER, read by PLAN.

    Raises FileRefused where the file as a whole cannot be read; what is wrong with single rows,
    and what must be asked, is in the result's `faults`.
    """
    reading = look_through(sheet, plan, closure.local_day(employer, now))
    checked = CheckedFile(sheet, reading, rows=reading.rows)
    checked.notes.update(reading.notes)
    for question in checked.questions:
        checked.add_fault(question)
    if not reading.undecided:
        _check_rows(checked, employer, now, watch)
    checked.faults.sort(key=lambda fault: (fault.row is None, fault.row or 0))
    _note_oddities(checked)
    return checked


def _check_rows(checked: CheckedFile, employer: Employer, now: datetime, watch: Watch) -> None:
    local_day = partial(closure.local_day, employer)
    reader = checked.reading.reader(local_day, local_day(now))
    for number, cells in watch(checked.sheet.rows(), checked.rows):
        _count(checked, reader.read(number, cells), reader.today)
    checked.repeats.settle()
    checked.read = lambda: _reread(checked.sheet, reader)
    checked.read_bad = lambda: _reread_bad(checked, reader)
    checked.notes.update(reader.notes)  # before rows that repeat are read again, and noted again
    _merge_repeats(checked)


def _count(checked: CheckedFile, read: FileRow | list[Fault] | None, today: date) -> None:
    if read is None:
        checked.left_out += 1
        return
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


def _reread_bad(checked: CheckedFile, reader: RowReader) -> Iterator[BadCells]:
    later: dict[int, list[Fault]] = {}
    for fault in checked.later:
        later.setdefault(fault.row or 0, []).append(fault)
    for number, cells in checked.sheet.rows():
        if number in checked.bad:
            read = reader.read(number, cells)
            own = read if isinstance(read, list) else []
            yield number, cells, [*own, *later.get(number, [])]


def _merge_repeats(checked: CheckedFile) -> None:
    if not checked.repeats:
        return
    merger = Merger(partial(_of_another, checked.reading.columns))
    for row in checked.read():
        if row in checked.repeats:
            merger.add(row)
    for fault in merger.faults:
        checked.add_fault(fault)
    checked.later += merger.faults
    for number, other in merger.denied.items():
        checked.bad.add(number)
        said = gettext("row %(row)s says something else of the same application", row=other)
        checked.later.append(Fault(number, None, said))
    checked.merged, checked.absorbed = list(merger.rows()), merger.absorbed
    checked.notes.update(merger.notes)


def _note_oddities(checked: CheckedFile) -> None:
    """What the owner of the file may not have meant."""
    notes, columns = checked.notes, checked.reading.columns
    for notice in checked.sheet.notices:
        notes.add(notice)
    if columns.ignored:
        notes.add(gettext("Columns not read: %(columns)s", columns=listing(columns.ignored)))
    if not checked.reading.outcomes.is_said:
        notes.add(gettext("No column for the outcome: every row is taken as still open"))
    elif not checked.decided:
        notes.add(
            gettext("Nobody is decided: exports often leave decided candidates out by default")
        )
    elif 1 < checked.decided == checked.decided_today:
        notes.add(
            gettext(
                "Everybody was decided today: make sure that it is the day of the decision, not of "
                "the export"
            )
        )


def check_identities(checked: CheckedFile, employer_id: int) -> None:
    """Add a fault for every row whose id belongs, at the employer, to another person or role.

    Ids are cut short by spreadsheets, and used again by other systems: nobody is to be decided on,
    or told, by a number alone.
    """
    with_id = (row for row in checked.read() if row.new.external_id)
    for rows in _batches(with_id, MOST):
        held = _find_held(employer_id, {row.new.external_id or "" for row in rows})
        for row in rows:
            person = held.get(row.new.external_id or "")
            if person and (why := why_another(row, *person)):
                checked.refuse(row, _of_another(checked.reading.columns, row, why))


def _of_another(columns: Columns, row: FileRow, why: str) -> Fault:
    """That the id of ROW is not its own, WHY, and what to say if none of the column's are."""
    said = about(row.new.external_id or "", why)
    hint = hint_to_leave_out(columns.headers, columns.places["external_id"])
    return Fault(row.number, columns.name_of("external_id"), f"{said}; {hint}")


def _batches(rows: Iterator[FileRow], size: int) -> Iterator[list[FileRow]]:
    while batch := list(islice(rows, size)):
        yield batch


def _find_held(employer_id: int, ids: set[str]) -> dict[str, tuple[str, str, str]]:
    """Name, address and role of the applications with IDS; whose name was removed is nobody."""
    found = db.session.execute(
        sa.select(Application.external_id, Candidate.name, Candidate.email, Requisition.title)
        .join(Application.candidate)
        .join(Application.requisition)
        .where(
            Application.employer_id == employer_id,
            Application.external_id.in_(ids),
            Candidate.blanked_on.is_(None),
        )
    )
    return {own_id or "": (name, email or "", role) for own_id, name, email, role in found}
