"""Which rows and applications are the same one. Used within a file and against what is held.

Rows with an application id are the same if the id is; others if the address, the role and the day
of the decision are. One still open is the same as one decided later.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol, TypeVar

import numpy as np

from portal.candidate_files.faults import Fault, Notes, show
from portal.candidate_files.file_row import FileRow
from portal.candidate_files.ids import id_key
from portal.candidate_files.texts import plain_line
from portal.candidate_files.words import plain
from portal.language import gettext, marked
from portal.terms import RoleFamily

NEVER = date.min
OTHER_NAME = marked("Another name at the same address for the same role: the first one is kept")


class Held(Protocol):
    """An application that a row could be about; the row's address and role fit already."""

    @property
    def external_id(self) -> str | None: ...

    @property
    def decided_on(self) -> date | None: ...

    def agrees_on_day(self, row: FileRow) -> bool:
        """Whether it was decided on the same day as ROW was."""

    def once_agreed(self, row: FileRow) -> bool:
        """Whether an earlier decision, which no longer stands, was made on ROW's day."""


Known = TypeVar("Known", bound=Held)


def why_another(row: FileRow, name: str, address: str, role: str) -> str | None:
    """Why ROW cannot be about the application with its id, which is NAME's for ROLE; None if it
    can: an address alone may have changed, and so may a name.
    """
    if plain_line(row.new.role) != plain_line(role):
        return gettext("this id was for another role here (%(role)s)", role=show(role))
    same_name = plain(row.new.name) == plain(name) or not (row.new.name and name)
    same_address = (row.new.email or "").lower() == address.lower()
    if same_name or same_address:
        return None
    return gettext("this id belongs to another person here: neither name nor address is the same")


def find_same(row: FileRow, known: Sequence[Known]) -> Known | None:
    """The one of KNOWN, oldest first, that ROW is about."""
    ours = row.new.external_id
    if ours:
        same = next((one for one in known if one.external_id == ours), None)
        if same or (same := _written_otherwise(ours, known)):
            return same
        known = [one for one in known if one.external_id is None]
    still_open = next((one for one in known if one.decided_on is None), None)
    if row.verdict:
        once = next((one for one in known if one.once_agreed(row)), still_open)
        return next((one for one in known if one.agrees_on_day(row)), once)
    if still_open or ours:
        return still_open
    # An open row without an id is an older view of what has been decided since.
    return known[-1] if known else None


def _written_otherwise(own_id: str, known: Sequence[Known]) -> Known | None:
    """The one of KNOWN with OWN_ID as another program writes it."""
    key = id_key(own_id)
    return next((one for one in known if one.external_id and id_key(one.external_id) == key), None)


class Repeats:
    """Finds keys that occur more than once in a file of any length, 8 bytes per key."""

    def __init__(self) -> None:
        self._hashes = array("q")
        self._repeated: frozenset[int] = frozenset()

    @staticmethod
    def _keys(row: FileRow) -> Iterator[int]:
        yield hash(row.pair)
        if row.new.external_id:
            yield hash(row.new.external_id)

    def see(self, row: FileRow) -> None:
        """Take note of one row."""
        self._hashes.extend(self._keys(row))

    def settle(self) -> None:
        """All rows have been seen."""
        ordered = np.array(self._hashes, dtype=np.int64)
        ordered.sort()
        self._repeated = frozenset(ordered[1:][ordered[1:] == ordered[:-1]].tolist())
        self._hashes = array("q")

    def __contains__(self, row: FileRow) -> bool:
        """Whether another row of the file may be about the same application (or not: a hint)."""
        return not self._repeated.isdisjoint(self._keys(row))

    def __bool__(self) -> bool:
        return bool(self._repeated)


@dataclass
class _Entry:
    """What all the rows seen of one application say together."""

    row: FileRow

    @property
    def external_id(self) -> str | None:
        return self.row.new.external_id

    @property
    def decided_on(self) -> date | None:
        return self.row.decided_on

    def agrees_on_day(self, row: FileRow) -> bool:
        return self.decided_on == row.decided_on

    def once_agreed(self, row: FileRow) -> bool:
        return False


class Merger:
    """Rows of one file that may be about the same application -> one row for each.

    `faults` names the rows that contradict an earlier one: which is right is not for us to say.
    `absorbed` counts those that only repeat one; `denied` are the rows that a later
    one contradicts, and which one does. REFUSE_ID: the fault of a row whose id is another's.
    """

    def __init__(self, refuse_id: Callable[[FileRow, str], Fault]) -> None:
        self._refuse_id = refuse_id
        self.faults: list[Fault] = []
        self.denied: dict[int, int] = {}
        self.notes = Notes()
        self.absorbed = 0
        self._entries: dict[tuple[str, str], list[_Entry]] = {}
        self._pairs: dict[str, FileRow] = {}

    def add(self, row: FileRow) -> None:
        """Take in the next row, in the order of the file."""
        if row.new.external_id:
            first = self._pairs.setdefault(row.new.external_id, row)
            if first.pair != row.pair:
                why = gettext(
                    "the same application id as row %(row)s, but another address or role",
                    row=first.number,
                )
                self._contradicts(first, self._refuse_id(row, why))
                return
        entries = self._entries.setdefault(row.pair, [])
        same = find_same(row, entries)
        if same is None:
            entries.append(_Entry(row))
            return
        self.absorbed += 1
        if row.new.name != same.row.new.name:
            self.notes.add(gettext(OTHER_NAME), row.number)
        if _contradict(same.row, row):
            why = gettext(
                "the same application as row %(row)s, but another decision or day of telling",
                row=same.row.number,
            )
            self._contradicts(same.row, Fault(row.number, None, why))
        else:
            same.row = _merge(same.row, row)

    def _contradicts(self, first: FileRow, fault: Fault) -> None:
        self.faults.append(fault)
        self.denied[first.number] = fault.row or 0

    def rows(self) -> Iterable[FileRow]:
        """One row for each application; those of one person and role one after the other."""
        return (entry.row for entries in self._entries.values() for entry in entries)


def _contradict(first: FileRow, second: FileRow) -> bool:
    if first.verdict is None or second.verdict is None:
        return False
    if (first.verdict.outcome, first.decided_on) != (second.verdict.outcome, second.decided_on):
        return True
    if first.telling is None or second.telling is None:
        return False
    return first.telling.told_on != second.telling.told_on


def _merge(first: FileRow, second: FileRow) -> FileRow:
    """One row that says all; stage, promise and language as of the later interview."""
    dated = (first.new.last_interview_on or NEVER, second.new.last_interview_on or NEVER)
    old, new = (second.new, first.new) if dated[0] > dated[1] else (first.new, second.new)
    staged = new if new.stage else old
    return replace(
        first,
        new=replace(
            first.new,
            external_id=first.new.external_id or second.new.external_id,
            role_family=old.role_family if new.role_family is RoleFamily.OTHER else new.role_family,
            department=new.department or old.department,
            stage=staged.stage,
            stage_group=staged.stage_group,
            stage_entered_on=staged.stage_entered_on or old.stage_entered_on,
            last_interview_on=new.last_interview_on or old.last_interview_on,
            promised_on=new.promised_on or old.promised_on,
            locale=new.locale or old.locale,
        ),
        verdict=first.verdict or second.verdict,
        telling=first.telling or second.telling,
    )
