"""One row of cells -> what it says of one application, checked; or everything wrong with it.

Pure but for the rules of `hiring` for texts and addresses; knows nothing of what is held already.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import TypeVar

from portal import closure, hiring
from portal.candidate_files import words
from portal.candidate_files.columns import Columns
from portal.candidate_files.days import DayOrder, read_day
from portal.candidate_files.faults import (
    MOST_MESSAGE,
    Fault,
    Notes,
    is_spoiled,
    show,
    tame,
    why_spoiled,
)
from portal.models import Channel, Employer, Feedback, Locale, Outcome, RoleFamily

EARLIEST = date(2000, 1, 1)
TOMORROW = timedelta(days=1)  # a file made further east may be a day ahead
FURTHEST_PROMISE = timedelta(days=365)
MAX_LINE, MAX_STAGE, MAX_DEPARTMENT = 200, 100, hiring.MAX_DEPARTMENT
MAX_ADDRESSES = 1_000
MANY_ADDRESSES = "Several addresses in one cell: the first is taken"
NOT_TOLD = "A channel but no day of telling: taken as not told"
Value = TypeVar("Value")
Choice = TypeVar("Choice", bound=StrEnum)


class ToldAnswer(StrEnum):
    """The answer to "Were these candidates told?"."""

    YES = "yes"  # each on the day of the decision
    NO = "no"
    COLUMN = "column"  # each on the day in the column told_on, if there is one


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided."""

    outcome: Outcome
    decided_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class Telling:
    """How the candidate was told."""

    told_on: date
    channel: Channel
    feedback: Feedback


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row, checked. No verdict: still open; a telling only with a verdict."""

    number: int
    new: hiring.NewApplication
    verdict: Decision | None
    telling: Telling | None

    @property
    def pair(self) -> tuple[str, str]:
        """Who applied for what: the key of rows without an id of their own."""
        return (self.new.email or "").lower(), self.new.role

    @property
    def decided_on(self) -> date | None:
        return self.verdict.decided_on if self.verdict else None


class RowReader:
    """Reads the rows of one file for one employer; `notes` gathers what it took upon itself."""

    def __init__(
        self,
        columns: Columns,
        orders: Mapping[str, DayOrder],
        told: ToldAnswer | None,
        employer: Employer,
        now: datetime,
    ) -> None:
        self.columns = columns
        self.orders = orders
        self.told = told
        self.local_day = partial(closure.local_day, employer)
        self.today = closure.local_day(employer, now)
        self.notes = Notes()

    def read(self, number: int, cells: Sequence[str]) -> FileRow | list[Fault]:
        """What the row that starts on line NUMBER says, or every fault of it."""
        if len(cells) != len(self.columns.headers):
            what = f"{len(cells)} cells where the header has {len(self.columns.headers)}"
            return [Fault(number, None, what)]
        if spoiled := [place for place, cell in enumerate(cells) if "\0" in cell]:
            used = set(self.columns.places.values())
            # What a workbook holds in columns that nobody reads spoils nothing.
            faults = [
                Fault(number, self.columns.headers[place], why_spoiled(cells[place]))
                for place in spoiled
                if place in used or not is_spoiled(cells[place])
            ]
            if faults:
                return faults
        row = _Row(self, number, cells)
        read = row.read()
        return row.faults or read


class _Row:
    """The row at hand, and the faults found in it so far."""

    def __init__(self, reader: RowReader, number: int, cells: Sequence[str]) -> None:
        self.reader, self.number, self.cells = reader, number, cells
        self.faults: list[Fault] = []

    def read(self) -> FileRow:
        verdict = self._verdict()
        return FileRow(self.number, self._application(verdict), verdict, self._telling(verdict))

    def _text(self, field: str) -> str:
        return self.reader.columns.text(field, self.cells)

    def _fault(self, field: str, message: str) -> None:
        """Note what is wrong with FIELD, with the beginning of its cell unless MESSAGE has it."""
        text, what = self._text(field), message.removeprefix(f"{field}: ")
        told = f"{show(text)}: {what}" if text and not what.startswith("“") else what
        name = self.reader.columns.name_of(field)
        self.faults.append(Fault(self.number, name, tame(told)[:MOST_MESSAGE]))

    def _take(self, field: str, read: Callable[[str], Value], missing: Value) -> Value:
        """What READ makes of the cell; MISSING if that is wrong, which is noted."""
        try:
            return read(self._text(field))
        except ValueError as error:
            self._fault(field, str(error))
            return missing

    def _line(self, field: str, most: int = MAX_LINE) -> str:
        required = field in ("name", "role")
        read = partial(hiring.clean_text, field, most=most, required=required)
        return self._take(field, read, "")

    def _choice(self, field: str, table: Mapping[str, str], kind: type[Choice]) -> Choice | None:
        """The one of KIND that the word in the cell means; None for an empty cell."""
        text = self._text(field)
        word = table.get(words.plain(text))
        if text and word is None:
            known = ", ".join(dict.fromkeys(table.values()))
            self._fault(field, f"{show(text)} is not one of {known}")
        return kind(word) if word in list(kind) else None

    def _day(self, field: str, latest: date) -> date | None:
        text = self._text(field)
        if not text:
            return None
        order = self.reader.orders[field]
        day = self._take(field, lambda text: read_day(text, order, self.reader.local_day), None)
        if day and not EARLIEST <= day <= latest:
            what = "before 2000" if day < EARLIEST else "too far in the future"
            self._fault(field, f"{show(text)} is {what}")
            return None
        return day

    def _past_day(self, field: str) -> date | None:
        return self._day(field, self.reader.today + TOMORROW)

    def _verdict(self) -> Decision | None:
        outcome = self._choice("outcome", words.OUTCOMES, Outcome)
        decided_on = self._past_day("decided_on")
        reason = self._line("reason")
        if outcome is None:
            self._refuse_leftovers()
            return None
        if not self._text("decided_on"):
            self._fault("decided_on", "is missing: on which day was this decided?")
        return Decision(outcome, decided_on, reason) if decided_on else None

    def _refuse_leftovers(self) -> None:
        """A row that is open, and yet says what only a decided one can."""
        outcome = self._text("outcome")
        if outcome and words.plain(outcome) not in words.OUTCOMES:
            return  # refused already
        fields = ["decided_on", "reason"] + ["told_on"] * (self.reader.told is ToldAnswer.COLUMN)
        for field in fields:
            if text := self._text(field):
                self._fault(field, f"{show(text)} but no outcome: what was decided?")

    def _telling(self, verdict: Decision | None) -> Telling | None:
        channel = self._choice("channel", words.CHANNELS, Channel)
        feedback = self._choice("feedback", words.FEEDBACKS, Feedback)
        told_on = self._told_on(verdict)
        if told_on is None:
            if channel and verdict and self.reader.told is ToldAnswer.COLUMN:
                self.reader.notes.add(NOT_TOLD, self.number)
            return None
        return Telling(told_on, channel or Channel.EMAIL, feedback or Feedback.NONE)

    def _told_on(self, verdict: Decision | None) -> date | None:
        if self.reader.told is ToldAnswer.YES:
            # Who withdrew ended it: nobody had to tell them.
            owed = verdict is not None and verdict.outcome is not Outcome.WITHDRAWN
            return verdict.decided_on if verdict and owed else None
        if self.reader.told is not ToldAnswer.COLUMN:
            return None
        told_on = self._past_day("told_on")
        if told_on and verdict and told_on < verdict.decided_on:
            self._fault("told_on", f"before the decision was made ({verdict.decided_on})")
        return told_on if verdict else None

    def _address(self) -> str | None:
        text = self._text("email")
        if len(text) > MAX_ADDRESSES:
            self._fault("email", f"longer than {MAX_ADDRESSES} characters")
            return None
        first, *others = _split_addresses(text)
        if others:
            self.reader.notes.add(MANY_ADDRESSES, self.number)
        if not first:
            self._fault("email", "is missing")
            return None
        return self._take("email", lambda _: hiring.clean_address(first), None)

    def _application(self, verdict: Decision | None) -> hiring.NewApplication:
        stage = self._line("stage", MAX_STAGE)
        interviewed_on = self._past_day("last_interview_on")
        family = self._choice("role_family", words.ROLE_FAMILIES, RoleFamily)
        return hiring.NewApplication(
            name=self._line("name"),
            email=self._address(),
            role=self._line("role"),
            role_family=family or RoleFamily.OTHER,
            department=self._line("department", MAX_DEPARTMENT) or None,
            external_id=self._line("external_id") or None,
            stage=stage,
            stage_group=words.group_stage(stage, was_interviewed=interviewed_on is not None),
            stage_entered_on=interviewed_on or (verdict.decided_on if verdict else None),
            last_interview_on=interviewed_on,
            promised_on=self._day("promised_on", self.reader.today + FURTHEST_PROMISE),
            locale=self._choice("locale", words.LOCALES, Locale),
        )


def _split_addresses(text: str) -> list[str]:
    """The addresses of one cell; a comma in quotation marks belongs to an address."""
    parts, quoted = [""], False
    for sign in text:
        quoted ^= sign == '"'
        if sign in ",;" and not quoted:
            parts.append("")
        else:
            parts[-1] += sign
    return [part.strip() for part in parts if part.strip()] or [""]
