"""One row of cells -> what it says of one application, checked; or everything wrong with it.

Pure: knows nothing of what is held already.
"""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import partial
from typing import TypeVar

from portal import applicants
from portal.candidate_files import words
from portal.candidate_files.addresses import AddressRead, read_address
from portal.candidate_files.columns import OUTCOME_DAYS, Columns
from portal.candidate_files.day_order import Settled, read_day
from portal.candidate_files.faults import (
    MOST_MESSAGE,
    Fault,
    Notes,
    about,
    is_spoiled,
    show,
    tame,
    why_spoiled,
)
from portal.candidate_files.file_row import Decision, FileRow, Telling, ToldAnswer
from portal.candidate_files.ids import read_id
from portal.candidate_files.names import read_name
from portal.candidate_files.nothing import is_nothing, is_sign_of_nothing
from portal.candidate_files.offers import hint_to_leave_out
from portal.candidate_files.outcomes import Meaning, Outcomes
from portal.candidate_files.texts import decode_text, only_seen, protected, trim
from portal.language import gettext
from portal.terms import Channel, Feedback, Locale, Outcome, RoleFamily

EARLIEST = date(2000, 1, 1)
TOMORROW = timedelta(days=1)  # a file made further east may be a day ahead
FURTHEST_PROMISE = timedelta(days=365)
MAX_LINE, MAX_STAGE, MAX_DEPARTMENT = 200, 100, applicants.MAX_DEPARTMENT
LOST = "\ufffd"  # in place of a letter that some program could not write
Value = TypeVar("Value")
Choice = TypeVar("Choice", bound=StrEnum)
LocalDay = Callable[[datetime], date]


class RowReader:
    """Reads the rows of one file; `notes` gathers what it took upon itself.

    LOCAL_DAY: which day a moment is where the employer is; TODAY is that of now.
    """

    def __init__(
        self,
        columns: Columns,
        outcomes: Outcomes,
        days: Settled,
        told: ToldAnswer | None,
        local_day: LocalDay,
        today: date,
        *,
        is_person_read: bool,
        is_day_asked: bool,
    ) -> None:
        self.columns, self.outcomes, self.days, self.told = columns, outcomes, days, told
        self.local_day, self.today = local_day, today
        self.notes = Notes()
        self.width, self.is_person_read = len(columns.headers), is_person_read
        self.is_day_asked = is_day_asked
        self.used = {*columns.places.values(), *columns.outcomes}

    def read(self, number: int, cells: Sequence[str]) -> FileRow | list[Fault] | None:
        """What the row that starts on line NUMBER says, or every fault of it.

        None for a row that somebody has said to leave out.
        """
        if faults := self._misshapen(number, cells):
            return faults
        is_person_needed = self.is_person_read and self.columns.is_own_export
        if is_person_needed and not self.columns.text("email", cells):
            self.notes.add(
                gettext("Our own export, and nobody's address: held here already, and left out"),
                number,
            )
            return None
        return _Row(self, number, cells).read()

    def _misshapen(self, number: int, cells: Sequence[str]) -> list[Fault]:
        """Spreadsheets leave out empty cells at a row's end, and add some: neither is a fault."""
        more = next((cell for cell in cells[self.width :] if trim(cell)), None)
        if more is not None:
            return [
                Fault(
                    number,
                    None,
                    gettext(
                        "%(cell)s stands to the right of the last column: the header has "
                        "%(count)s cells, this row %(found)s",
                        cell=show(more),
                        count=self.width,
                        found=len(cells),
                    ),
                )
            ]
        # What a workbook holds in columns that nobody reads spoils nothing.
        return [
            Fault(number, self.columns.headers[place], why_spoiled(cell))
            for place, cell in enumerate(cells)
            if "\0" in cell and (place in self.used or not is_spoiled(cell))
        ]


class _Row:
    """The row at hand, and the faults found in it so far."""

    def __init__(self, reader: RowReader, number: int, cells: Sequence[str]) -> None:
        self.reader, self.number, self.cells = reader, number, cells
        self.faults: list[Fault] = []
        self.noted: set[tuple[str, str]] = set()

    def read(self) -> FileRow | list[Fault] | None:
        for column, text in self.reader.outcomes.words_for_nothing(self.cells):
            self._note_nothing(column, text)
        try:
            meaning, at = self.reader.outcomes.read(self.cells)
        except ValueError as error:
            self.faults.append(Fault(self.number, None, tame(str(error))[:MOST_MESSAGE]))
            meaning, at = None, None
        if meaning is Meaning.IGNORE:
            return None
        if meaning is Meaning.OPEN and self.reader.outcomes.is_asked(self.cells):
            meaning = None
        verdict = self._verdict(meaning) if meaning else None
        is_stage_said = at is not None and at == self.reader.columns.places.get("stage")
        application = self._application(verdict, is_stage_said=is_stage_said)
        row = FileRow(self.number, application, verdict, self._telling(verdict))
        return self.faults or row

    def _text(self, field: str) -> str:
        return self.reader.columns.text(field, self.cells)

    def _optional(self, field: str) -> str:
        """The cell of FIELD, empty too where it holds a word for nothing, which is noted."""
        text = self._text(field)
        if not text or not is_nothing(text):
            return text
        self._note_nothing(self.reader.columns.name_of(field), text)
        return ""

    def _note_nothing(self, column: str, text: str) -> None:
        """Note once that TEXT, in COLUMN of this row, is read as an empty cell."""
        if (column, text) not in self.noted:
            self.noted.add((column, text))
            self._note(
                gettext(
                    "Column %(column)s: %(text)s is read as an empty cell",
                    column=show(column),
                    text=show(text),
                )
            )

    def _note(self, words: str) -> None:
        self.reader.notes.add(words, self.number)

    def _fault(self, field: str, message: str) -> None:
        """Note what is wrong with FIELD, with the beginning of its cell unless MESSAGE has it."""
        text, what = self._text(field), message.removeprefix(f"{field}: ")
        told = about(text, what) if text and show(text) not in what else what
        name = self.reader.columns.name_of(field)
        self.faults.append(Fault(self.number, name, tame(told)[:MOST_MESSAGE]))

    def _take(self, field: str, read: Callable[[str], Value], missing: Value) -> Value:
        """What READ makes of the cell; MISSING if that is wrong, which is noted."""
        try:
            return read(self._text(field))
        except ValueError as error:
            self._fault(field, str(error))
            return missing

    def _line(self, field: str, *, required: bool = False) -> str:
        """The cell of FIELD on one line, decoded; a fault if it cannot be kept.

        What we wrote ourselves says what is held, letter by letter.
        """
        clean = partial(applicants.clean_text, field, most=MAX_LINE, required=required)

        def read_line(text: str) -> str:
            if self.reader.columns.is_own_export:
                return clean(protected(text))
            if field == "name":
                read = read_name(text)
                plain, notice = read.name, read.notice
            else:
                decoded, notice = decode_text(text)
                plain = only_seen(decoded)
            if notice:
                self._note(notice)
            if LOST in plain:
                raise ValueError(gettext("a letter is lost (�): write it as it should be"))
            return clean("" if required and is_sign_of_nothing(plain) else plain)

        return self._take(field, read_line, "")

    def _words(self, field: str, most: int) -> str:
        """Free text: put on one line and shortened, never refused."""
        text = self._optional(field)
        if not text:
            return ""
        is_own = self.reader.columns.is_own_export
        line, is_changed = words.one_line(protected(text) if is_own else decode_text(text)[0])
        column = show(self.reader.columns.name_of(field))
        if len(line) > most:
            line = line[: most - 1].rstrip() + "…"
            self._note(
                gettext(
                    "Column %(column)s: put on one line and shortened to %(most)s characters",
                    column=column,
                    most=most,
                )
            )
        elif is_changed:
            self._note(gettext("Column %(column)s: put on one line", column=column))
        return line

    def _choice(self, field: str, table: Mapping[str, str], kind: type[Choice]) -> Choice | None:
        """The one of KIND that the word in the cell means; None for an empty cell.

        What it does not mean is left out and said: the column may hold something else.
        """
        # "none" is an answer where the table has it, else nothing.
        word = table.get(words.plain(self._text(field)))
        text = self._text(field) if word else self._optional(field)
        if not text:
            return None
        if word is None:
            self._note(self._left_out(field, ", ".join(dict.fromkeys(table.values()))))
        return kind(word) if word in list(kind) else None

    def _left_out(self, field: str, known: str) -> str:
        """That a word of FIELD is none of those KNOWN; of a column that was only guessed, too, how
        to say that it holds something else."""
        said = gettext(
            "Column %(column)s: words that are not one of %(known)s are left out",
            column=show(self.reader.columns.name_of(field)),
            known=known,
        )
        return f"{said}; {hint}" if (hint := self._way_out(field)) else said

    def _way_out(self, field: str) -> str:
        """How to say that the column of FIELD holds something else, if it was only guessed."""
        columns = self.reader.columns
        place = columns.places.get(field)
        if place is None or place in columns.said:
            return ""
        return hint_to_leave_out(columns.headers, place)

    def _day(self, field: str, latest: date) -> date | None:
        text = self._optional(field)
        if not text:
            return None
        order = self.reader.days.of(self.reader.columns.name_of(field))
        day = self._take(field, lambda text: read_day(text, order, self.reader.local_day), None)
        if day and not EARLIEST <= day <= latest:
            early = gettext("%(text)s is before 2000", text=show(text))
            late = gettext("%(text)s is too far in the future", text=show(text))
            self._fault(field, early if day < EARLIEST else late)
            return None
        return day

    def _past_day(self, field: str) -> date | None:
        return self._day(field, self.reader.today + TOMORROW)

    def _verdict(self, meaning: Meaning) -> Decision | None:
        if meaning is Meaning.OPEN:
            self._refuse_leftovers()
            return None
        outcome = Outcome(meaning)
        own = next((name for name, said in OUTCOME_DAYS.items() if said == outcome), "")
        field = (
            own if own and self.reader.columns.has(own) and self._optional(own) else "decided_on"
        )
        decided_on = self._past_day(field)
        reason = self._words("reason", MAX_LINE)
        if not self._optional(field) and not self.reader.is_day_asked:
            self._fault(field, gettext("is missing: on which day was this decided?"))
        return Decision(outcome, decided_on, reason) if decided_on else None

    def _refuse_leftovers(self) -> None:
        """A row that is open, and yet says what only a decided one can, unless that was said."""
        if self.reader.outcomes.is_told(self.cells):
            return
        for field in self.reader.columns.of_decisions:
            is_read = field != "told_on" or self.reader.told is ToldAnswer.COLUMN
            if is_read and (text := self._optional(field)):
                asked = gettext("%(text)s but no outcome: what was decided?", text=show(text))
                hint = self._way_out(field)
                self._fault(field, f"{asked} ({hint})" if hint else asked)

    def _telling(self, verdict: Decision | None) -> Telling | None:
        channel = self._choice("channel", words.CHANNELS, Channel)
        feedback = self._choice("feedback", words.FEEDBACKS, Feedback)
        told_on = self._told_on(verdict)
        if told_on is None:
            if channel and verdict and self.reader.told is ToldAnswer.COLUMN:
                self._note(gettext("A channel but no day of telling: taken as not told"))
            return None
        return Telling(told_on, channel, feedback or Feedback.NONE)

    def _told_on(self, verdict: Decision | None) -> date | None:
        if self.reader.told is ToldAnswer.YES:
            # Who withdrew ended it: nobody had to tell them.
            owed = verdict is not None and verdict.outcome is not Outcome.WITHDRAWN
            return verdict.decided_on if verdict and owed else None
        if self.reader.told is not ToldAnswer.COLUMN:
            return None
        word = words.value_key(self._text("told_on"))
        if word in words.YES or word in words.NO_WORDS:
            return verdict.decided_on if verdict and word in words.YES else None
        told_on = self._past_day("told_on")
        if told_on and verdict and told_on < verdict.decided_on:
            self._fault(
                "told_on",
                gettext(
                    "%(text)s is before the decision was made (%(day)s)",
                    text=show(self._text("told_on")),
                    day=self._decided_cell(verdict),
                ),
            )
        return told_on if verdict else None

    def _decided_cell(self, verdict: Decision) -> str:
        """The cell with the day of the decision, and its column if it has a name of its own."""
        columns = self.reader.columns
        own = next((name for name, said in OUTCOME_DAYS.items() if said == verdict.outcome), "")
        field = own if own and self._optional(own) else "decided_on"
        text = show(self._text(field))
        if field not in columns.places or columns.name_of(field) == field:
            return text
        return gettext(
            "%(text)s in column %(column)s", text=text, column=show(columns.name_of(field))
        )

    def _address(self) -> str | None:
        text = self._text("email")
        if not text:
            self._fault("email", gettext("is missing"))
            return None
        try:
            found = self._read_address(text)
        except ValueError as error:
            self._fault("email", str(error))
            return None
        if found.notice:
            self._note(found.notice)
        return found.address

    def _read_address(self, text: str) -> AddressRead:
        if self.reader.columns.is_own_export:
            with suppress(applicants.ApplicationRefused):
                return AddressRead(applicants.clean_address(protected(text)))
        return read_address(text)

    def _external_id(self) -> str | None:
        text = self._text("external_id")
        if not text:
            return None
        found = read_id(text)
        if found.notice:
            self._note(found.notice)
        if found.id is None:
            return None
        clean = partial(applicants.clean_text, "external_id", found.id, MAX_LINE)
        return self._take("external_id", lambda _: clean(), "") or None

    def _application(
        self, verdict: Decision | None, *, is_stage_said: bool
    ) -> applicants.NewApplication:
        """IS_STAGE_SAID: the stage's words are the outcome's, and say nothing of how far."""
        stage = "" if is_stage_said else self._words("stage", MAX_STAGE)
        interviewed_on = self._past_day("last_interview_on")
        family, department = self._place()
        name, email, role = self._person() if self.reader.is_person_read else ("", None, "")
        return applicants.NewApplication(
            name=name,
            email=email,
            role=role,
            role_family=family,
            department=department or None,
            external_id=self._external_id() if self.reader.is_person_read else None,
            stage=stage,
            stage_group=words.group_stage(stage, was_interviewed=interviewed_on is not None),
            stage_entered_on=interviewed_on or (verdict.decided_on if verdict else None),
            last_interview_on=interviewed_on,
            promised_on=self._day("promised_on", self.reader.today + FURTHEST_PROMISE),
            locale=self._choice("locale", words.LOCALES, Locale),
        )

    def _person(self) -> tuple[str, str | None, str]:
        """Name, address and role."""
        columns = self.reader.columns
        is_named = columns.for_all.get("name") != "" and not columns.is_own_export
        name = self._line("name", required=is_named)
        return name, self._address(), self._line("role", required=True)

    def _place(self) -> tuple[RoleFamily, str]:
        """The coarse family, and the employer's own word for the department.

        A family we have no word for is a department if there is none.
        """
        own = self._words("department", MAX_DEPARTMENT)
        said = self._words("role_family", MAX_DEPARTMENT)
        family = words.find_family(said) or words.find_family(own)
        return family or RoleFamily.OTHER, own or (said if not words.find_family(said) else "")
