"""Rows with dates, read as the import reads them, as whole-number columns.

It must never know what is computed from them, nor read the clock: days are counted from the first
of January of year 1.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from itertools import islice

import numpy as np

from portal.analysis.candidates import (
    NO_PROMISE,
    NOT_ASKED,
    NOT_TOLD,
    OUTCOME_CODES,
    AnalysisRefused,
    Candidates,
    Progress,
    gather,
)
from portal.candidate_files import Fault, FileRow, Plan, Reading, Sheet, look_through
from portal.candidate_files.columns import missing_columns
from portal.candidate_files.faults import listing, show
from portal.candidate_files.file_row import Decision
from portal.candidate_files.nothing import is_nothing
from portal.candidate_files.rows import RowReader
from portal.candidate_files.words import NO_WORDS, YES, plain, value_key
from portal.statistics.counts import Whole
from portal.statistics.moments import CHANNEL_CODES, ROLE_FAMILY_CODES, STAGE_CODES
from portal.terms import Feedback

ONE_EMPLOYER, NO_EMPLOYER = "all candidates", "no employer named"
# Besides what the import reads; names, addresses and the rest are not looked at.
MORE = {
    "employer_id": "Whose candidate; without this column all are one employer's.",
    "rating": "1 to 5 stars, of who answered a survey.",
    "reported_told": "0 or 1: the person says that they were told; blank: not asked.",
}
COLUMNS = {
    "outcome": "hired, offer_declined, rejected, withdrawn; blank or open: left out.",
    "decided_on": "Day of the decision, as in 2026-11-23.",
    "told_on": "Day the candidate was told; blank: not told.",
    "channel": "phone, in_person, email, letter or portal; blank: not known.",
    "feedback": "none, general or specific; blank: none.",
    "promised_on": "Day by which an answer was promised; blank: none was.",
    "stage": "How far the person came, in your own words.",
    "last_interview_on": "Day of the last interview; tells the stage where its words do not.",
    "role_family": f"{', '.join(ROLE_FAMILY_CODES)}; anything else counts as other.",
    **MORE,
}
NAMES = (
    *("employer_id", "decision_day", "role_family", "stage", "outcome", "told_after_days"),
    *("channel", "promise_made", "promise_days", "promise_kept", "feedback_given"),
    *("recorded_told", "answered", "rating", "reported_told"),
)
CHUNK_ROWS = 50_000
# As spreadsheets and surveys write them: 4, 4.0, 4,0, 4/5, "4 out of 5", "4 stars", ★★★★☆.
STARS = re.compile(
    r"(?P<count>[1-5])(?:[.,]0*)?(?: ?(?:/|(?:out )?of|sur|von|de) ?5(?:[.,]0*)?)?"
    r"(?: ?(?:[★⭐*]|stars?|[ée]toiles?|sterne?|estrellas?))?"
    r"|(?P<signs>[★⭐]{1,5})☆{0,4}",
    re.IGNORECASE,
)


def is_known(cell: str) -> bool:
    """Whether CELL is a name that only files to be analysed have."""
    return plain(cell).replace(" ", "_") in MORE


def read_dated(
    sheet: Sheet, plan: Plan, today: date, progress: Progress | None, warn: Progress
) -> Candidates:
    """The decided candidates of SHEET; who is still open is left out.

    Nothing can have happened after TODAY. Raises FileRefused, AnalysisRefused.
    """
    reading = look_through(sheet, plan, today, ())
    _refuse_what_is_missing(reading)
    question = reading.question_told
    if asked := [*reading.questions, *([question] if question else [])]:
        raise _refused(*asked)
    # The day is the one that is written, wherever this is run.
    reader = reading.reader(datetime.date, today, is_person_read=False)
    rows = _Rows(sheet, reader, today)
    chunks: list[Whole] = []
    found = rows.read()
    while chunk := list(islice(found, CHUNK_ROWS)):
        chunks.append(np.array(chunk, dtype=np.int64))
        if progress:
            progress(f"{rows.seen:,} rows read")
    if not chunks:
        raise AnalysisRefused("no rows of anybody who was decided on")
    for notice in [*sheet.notices, *reader.notes.sentences()]:
        warn(notice)
    if unread := [name for name in reading.columns.ignored if not is_known(name)]:
        warn(f"Columns not read: {listing(unread)}")
    columns = np.concatenate(chunks)
    _, first = np.unique(columns[:, -1], return_index=True)
    if repeated := len(columns) - len(first):
        warn(f"{repeated:,} {'row repeats' if repeated == 1 else 'rows repeat'} an earlier one")
    columns = columns[np.sort(first)].T[:-1]
    candidates = gather(dict(zip(NAMES, columns, strict=True)), rows.names(), warn)
    return replace(candidates, has_dates=True)


class _Rows:
    """The rows of a file as numbers, in the order of NAMES; last what tells applications apart."""

    def __init__(self, sheet: Sheet, reader: RowReader, today: date) -> None:
        self.sheet, self.reader, self.today = sheet, reader, today
        self.employers: dict[str, int] = {}
        self.seen = 0
        self._places = {name: self._find(name) for name in MORE}

    def _find(self, name: str) -> int | None:
        found = [
            place
            for place, header in enumerate(self.sheet.headers)
            if plain(header).replace(" ", "_") == name and place not in self.reader.columns.left_out
        ]
        if len(found) > 1:
            raise AnalysisRefused(f"column {name} stands {len(found)} times")
        return found[0] if found else None

    def read(self) -> Iterator[tuple[int, ...]]:
        for number, cells in self.sheet.rows():
            self.seen += 1
            row = self.reader.read(number, cells)
            if isinstance(row, list):
                raise _refused(*row)
            if row is not None and row.verdict:
                numbers = self._numbers(row, row.verdict, cells)
                yield (*numbers, self._identity(number, cells, numbers))

    def names(self) -> list[str]:
        """Of the employers; who has none stands beside others under a name that says so."""
        found = list(self.employers)
        return [NO_EMPLOYER if not name and found[1:] else name or ONE_EMPLOYER for name in found]

    def _identity(self, number: int, cells: Sequence[str], numbers: tuple[int, ...]) -> int:
        """The same for rows that say the same of one application, as far as the file names it."""
        text = self.reader.columns.text
        own, address = text("external_id", cells), text("email", cells)
        if own and not is_nothing(own):
            return hash((own, numbers))
        if "@" in address:
            return hash((address.casefold(), text("role", cells).casefold(), numbers))
        return number

    def _more(self, name: str, cells: Sequence[str]) -> str:
        place = self._places[name]
        return cells[place].strip() if place is not None and place < len(cells) else ""

    def _numbers(self, row: FileRow, verdict: Decision, cells: Sequence[str]) -> tuple[int, ...]:
        new, telling = row.new, row.telling
        told_on = telling.told_on if telling else None
        promised_on = new.promised_on
        for field, day in (("decided_on", verdict.decided_on), ("told_on", told_on)):
            if day and day > self.today:
                column = self.reader.columns.name_of(field)
                raise AnalysisRefused(f"{day} is still to come", row.number, column)
        is_kept = promised_on is not None and told_on is not None and told_on <= promised_on
        rating = self._rating(row.number, self._more("rating", cells))
        owner = self._more("employer_id", cells)
        channel = telling and telling.channel
        return (
            self.employers.setdefault(owner, len(self.employers)),
            verdict.decided_on.toordinal(),
            ROLE_FAMILY_CODES.get(new.role_family, ROLE_FAMILY_CODES["other"]),
            STAGE_CODES[new.stage_group],
            OUTCOME_CODES[verdict.outcome],
            (told_on - verdict.decided_on).days if told_on else NOT_TOLD,
            CHANNEL_CODES[channel or "none"],
            promised_on is not None,
            max(0, (promised_on - verdict.decided_on).days) if promised_on else NO_PROMISE,
            is_kept,
            telling is not None and telling.feedback is not Feedback.NONE,
            told_on is not None,
            rating > 0,
            rating,
            self._reported(row.number, self._more("reported_told", cells)),
        )

    def _rating(self, number: int, text: str) -> int:
        """Stars; 0 for none. Of another scale than five nothing is taken."""
        if not text or (is_nothing(text) and not text[0].isdigit()):
            return 0
        if found := STARS.fullmatch(text):
            return int(found["count"] or len(found["signs"]))
        raise AnalysisRefused(f"{show(text)} is not 1 to 5 stars", number, "rating")

    def _reported(self, number: int, text: str) -> int:
        word = value_key(text.removesuffix(".0"))
        if word in YES or word in NO_WORDS:
            return int(word in YES)
        if not text or is_nothing(text):
            return NOT_ASKED
        raise AnalysisRefused(f"{show(text)} is neither 0 nor 1", number, "reported_told")


def _refuse_what_is_missing(reading: Reading) -> None:
    """Nothing can be analysed of people who are all still open."""
    columns = reading.columns
    if reading.outcomes.is_said or reading.outcomes.overlooked():
        return
    missing = ["outcome"] + ["decided_on"] * (not columns.has("decided_on"))
    refused = missing_columns(columns.headers, missing, columns.places.values())
    raise AnalysisRefused(refused.fault.message)


def _refused(fault: Fault, *others: Fault) -> AnalysisRefused:
    return AnalysisRefused(fault.message, fault.row, fault.column, others)
