"""A whole file looked through once, before its rows are read: how it writes what it says, and what
its owner has to be asked.
"""

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from itertools import islice
from typing import Any

from portal.candidate_files.columns import (
    DAYS,
    OUTCOME_DAYS,
    REQUIRED,
    Columns,
    find_column,
    find_columns,
    refuse_evidence,
)
from portal.candidate_files.day_forms import Order, readings
from portal.candidate_files.day_order import DaysSeen, Settled, Undecided
from portal.candidate_files.faults import Fault, FileRefused, Notes, listing, option, show
from portal.candidate_files.file_row import ToldAnswer
from portal.candidate_files.headers import EMAIL_LIKE
from portal.candidate_files.nothing import is_nothing
from portal.candidate_files.offers import call_in_option, likely_places, offer
from portal.candidate_files.outcomes import Meaning, Outcomes, Value, ask, map_values
from portal.candidate_files.rows import LocalDay, RowReader
from portal.candidate_files.sheet import Record, Sheet, SheetChoice
from portal.candidate_files.words import plain, value_key
from portal.language import gettext, ngettext

SAMPLED = 100
MOSTLY = 0.6  # of the filled cells of a column are addresses: then it is the column of addresses

# Is handed the rows and how many there are; passes them on, showing how far it is.
Watch = Callable[[Iterable[Record], int], Iterable[Record]]
Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Plan:
    """How a file is to be read, as far as its owner has said it.

    `columns`: column and field; `values`: column, value, meaning; `for_all`: field and what holds
    for every row that does not say it. What is not said is guessed where it is sure, else asked.
    """

    choice: SheetChoice = field(default_factory=SheetChoice)
    columns: Pairs = ()
    values: tuple[tuple[str, str, str], ...] = ()
    for_all: Pairs = ()
    dates: Order | None = None
    told: ToldAnswer | None = None

    def to_json(self) -> dict[str, Any]:
        """For a column of JSON."""
        return asdict(self)

    @classmethod
    def from_json(cls, said: dict[str, Any]) -> "Plan":
        """What `to_json` wrote; what is missing has not been said."""
        dates, told = said.get("dates"), said.get("told")
        return cls(
            SheetChoice(**said.get("choice", {})),
            tuple((column, name) for column, name in said.get("columns", ())),
            tuple((column, value, meaning) for column, value, meaning in said.get("values", ())),
            tuple((name, text) for name, text in said.get("for_all", ())),
            Order(dates) if dates else None,
            ToldAnswer(told) if told else None,
        )


@dataclass
class Reading:
    """What looking a file through has found.

    `questions`: what must be answered before any row can be read; `decided`: how many rows say
    that somebody was decided on.
    """

    sheet: Sheet
    columns: Columns
    outcomes: Outcomes
    days: Settled
    told: ToldAnswer | None
    rows: int = 0
    decided: int = 0
    undated: int = 0
    undecided: Undecided | None = None
    leftovers: set[str] = field(default_factory=set)  # filled, though nobody is decided on
    questions: list[Fault] = field(default_factory=list)
    notes: Notes = field(default_factory=Notes)

    def reader(self, local_day: LocalDay, today: date, *, is_person_read: bool = True) -> RowReader:
        """Reads the rows. LOCAL_DAY: which day a moment is where the employer is; without
        IS_PERSON_READ nobody's name, address and role are looked at.
        """
        return RowReader(
            self.columns,
            self.outcomes,
            self.days,
            self.told,
            local_day,
            today,
            is_person_read=is_person_read,
            is_day_asked=self.is_day_asked,
        )

    @property
    def has_days(self) -> bool:
        """Whether any column says on which day somebody was decided on."""
        return any(name in self.columns.places for name in ("decided_on", *OUTCOME_DAYS))

    @property
    def is_day_asked(self) -> bool:
        """Whether it must still be asked on which day anybody was decided on."""
        if not self.undated or "decided_on" in self.columns.places:
            return False
        has_own = any(name in self.columns.places for name in OUTCOME_DAYS)
        return self.undated == self.decided or not has_own

    @property
    def question_told(self) -> Fault | None:
        """Whether it must still be asked if they were told."""
        if not self.decided or self.told is not None:
            return None
        return Fault(None, "told_on", _question_told(self))


def find_addresses(records: Sequence[Record]) -> list[int]:
    """The places of the columns that mostly hold email addresses."""
    filled: dict[int, int] = {}
    alike: dict[int, int] = {}
    for _, cells in records:
        for place, cell in enumerate(cells):
            if cell.strip():
                filled[place] = filled.get(place, 0) + 1
                alike[place] = alike.get(place, 0) + bool(EMAIL_LIKE.search(cell))
    return [place for place, count in sorted(filled.items()) if alike[place] >= MOSTLY * count > 0]


def look_through(sheet: Sheet, plan: Plan, today: date, needs: Sequence[str] = REQUIRED) -> Reading:
    """Read all of SHEET once, by PLAN; NEEDS: the fields that some column must hold.

    Raises FileRefused where the file cannot be read at all, or its columns are not known.
    """
    refuse_evidence(sheet.headers)
    sample = list(islice(sheet.rows(), SAMPLED))
    columns, problem = find_columns(
        sheet.headers, plan.columns, plan.for_all, find_addresses(sample), needs
    )
    outcomes = Outcomes(columns, _find_values(columns, plan))
    seen = DaysSeen(today)
    reading = Reading(sheet, columns, outcomes, Settled({}), plan.told)
    _scan(reading, seen)
    if not reading.rows:
        raise FileRefused(
            gettext("The file has no rows below its header in row %(row)s.", row=sheet.header_row)
        )
    reading.questions = _ask_values(reading)
    try:
        reading.days = seen.settle(plan.dates)
    except Undecided as undecided:
        reading.undecided = undecided
        reading.questions.append(undecided.fault)
    _settle_told(reading)
    reading.questions += _ask_outcome(reading) + _ask_decided_on(reading)
    if problem:
        raise _with_questions(problem, reading)
    return reading


def _with_questions(problem: FileRefused, reading: Reading) -> FileRefused:
    """PROBLEM, for want of a column, and what would be asked once that is said."""
    told = reading.question_told
    fault = problem.fault
    return FileRefused(
        fault.message, fault.row, fault.column, [*reading.questions, *([told] if told else [])]
    )


def _find_values(columns: Columns, plan: Plan) -> dict[tuple[int, str], Meaning]:
    """What is said of values, by column and plain word. Raises FileRefused."""
    found = {}
    for column, value, said in plan.values:
        meaning = plain(said).replace(" ", "_")
        if meaning not in list(Meaning):
            raise FileRefused(
                gettext(
                    "--map-value: %(meaning)s is not one of %(known)s.",
                    meaning=show(said),
                    known=", ".join(Meaning),
                )
            )
        place, rest = _find_valued(columns, column, value)
        found[place, value_key(rest)] = Meaning(meaning)
    return found


def _find_valued(columns: Columns, column: str, value: str) -> tuple[int, str]:
    """The column whose VALUE is meant, and the value: each may have colons of its own, and only
    the column's name shows which colon parts them. Raises FileRefused."""
    read = {*columns.outcomes, columns.places.get("stage")}
    pieces = f"{column}:{value}".split(":")
    known = []
    for at in range(len(pieces) - 1, 0, -1):  # the longest name first
        with suppress(FileRefused):
            name, rest = ":".join(pieces[:at]), ":".join(pieces[at:])
            known.append((find_column(columns.headers, name, "outcome"), rest))
    if not known:
        find_column(columns.headers, column, "outcome")  # raises
    for place, rest in known:
        if place in read:
            return place, rest
    name = call_in_option(columns.headers, known[-1][0])
    raise FileRefused(
        gettext(
            "--map-value: the column %(column)s is not read as outcome or stage: "
            "%(option)s says that it is.",
            column=show(columns.headers[known[-1][0]]),
            option=option("--map", f"{name}=outcome"),
        )
    )


def _scan(reading: Reading, seen: DaysSeen) -> None:
    columns, outcomes = reading.columns, reading.outcomes
    places = {columns.places[day]: columns.name_of(day) for day in DAYS if day in columns.places}
    dated = [name for name in ("decided_on", *OUTCOME_DAYS) if columns.has(name)]
    for number, cells in reading.sheet.rows():
        reading.rows += 1
        seems_decided = outcomes.see(number, cells)
        for place, name in places.items():
            if place < len(cells) and (text := cells[place].strip()):
                seen.see(name, number, text)
        if outcomes.decides(cells) or seems_decided:
            reading.decided += 1
            reading.undated += not any(columns.text(name, cells) for name in dated)
        else:
            reading.leftovers.update(
                name
                for name in columns.of_decisions
                if name not in reading.leftovers and not is_nothing(columns.text(name, cells))
            )


def _ask_values(reading: Reading) -> list[Fault]:
    """One question for each column with words that nobody has said the meaning of."""
    headers, outcomes = reading.columns.headers, reading.outcomes
    by_column: dict[int, list[Value]] = {}
    for value in outcomes.values():
        if value.is_asked:
            by_column.setdefault(value.place, []).append(value)
    questions = [
        Fault(v[0].first_row, v[0].column, ask(v, call_in_option(headers, v[0].place)))
        for v in by_column.values()
    ]
    overlooked: dict[int, list[Value]] = {}
    for value in outcomes.overlooked():
        overlooked.setdefault(value.place, []).append(value)
    return questions + [
        Fault(values[0].first_row, values[0].column, _ask_overlooked(reading, values))
        for values in overlooked.values()
    ]


def _ask_overlooked(reading: Reading, values: Sequence[Value]) -> str:
    column = call_in_option(reading.columns.headers, values[0].place)
    field = _field_of(values)
    options = [option("--map", f"{column}={field}")]
    if field == "outcome":
        options += map_values(_as_outcomes(reading, values[0].place), column)
    return gettext(
        "%(values)s read as if these people were decided on, yet would come in as still open: say "
        "%(read)s, or %(ignore)s if that is something else",
        values=listing([one.text for one in values], 4),
        read=" ".join(options),
        ignore=option("--map", f"{column}=ignore"),
    )


def _as_outcomes(reading: Reading, place: int) -> list[Value]:
    """What will have to be said of the values in PLACE once it is read as the outcome."""
    outcomes = Outcomes(replace(reading.columns, outcomes=(place,)), {})
    for number, cells in reading.sheet.rows():
        outcomes.see(number, cells)
    return [one for one in outcomes.values() if one.place == place and one.is_asked]


def _field_of(values: Sequence[Value]) -> str:
    """What a column with VALUES probably holds: days of one outcome, or outcomes."""
    if values[0].likely and all(readings(one.text) for one in values):
        return next(
            (name for name, said in OUTCOME_DAYS.items() if said == values[0].likely), "outcome"
        )
    return "outcome"


def _ask_outcome(reading: Reading) -> list[Fault]:
    """Where cells say that somebody was decided on, and no column says what was decided."""
    left = reading.leftovers - ({"told_on"} if reading.told is not ToldAnswer.COLUMN else set())
    if reading.outcomes.is_said or reading.questions or not left:
        return []
    headers, taken = reading.columns.headers, reading.columns.places.values()
    likely = likely_places(headers, "outcome", taken)
    ignored = [
        option("--map", f"{call_in_option(headers, reading.columns.places[name])}=ignore")
        for name in sorted(left)
    ]
    return [
        Fault(
            None,
            "outcome",
            gettext(
                "What was decided? Days or reasons of decisions stand in %(columns)s, but no "
                "column says the outcome: name it with %(options)s, or leave them out with "
                "%(ignored)s",
                columns=listing([reading.columns.name_of(name) for name in sorted(left)]),
                options=offer(headers, likely, "outcome"),
                ignored=" ".join(ignored),
            ),
        )
    ]


def _ask_decided_on(reading: Reading) -> list[Fault]:
    """Where no column says on which day anybody was decided on."""
    offered = [_field_of([value]) for value in reading.outcomes.overlooked()]
    if not reading.is_day_asked or OUTCOME_DAYS.keys() & set(offered):
        return []
    columns = reading.columns
    likely = likely_places(columns.headers, "decided_on", columns.places.values())
    return [
        Fault(
            None,
            "decided_on",
            ngettext(
                "On which day was this candidate decided on? No column says it: name one with "
                "%(options)s, or say one day with --for-all decided_on=2026-04-13",
                "On which day were these %(num)s candidates decided on? No column says it: name "
                "one with %(options)s, or say one day for all of them with "
                "--for-all decided_on=2026-04-13",
                reading.undated,
                options=offer(columns.headers, likely, "decided_on"),
            ),
        )
    ]


def _settle_told(reading: Reading) -> None:
    """The answer to "were they told?"; a column with the day is one. Raises FileRefused."""
    columns, told = reading.columns, reading.told
    column = listing([columns.name_of("told_on")])
    has_column = "told_on" in columns.places
    if told is ToldAnswer.COLUMN and not has_column:
        raise FileRefused(
            gettext(
                "--told column: which column has the day of telling? Say %(options)s.",
                options=offer(
                    columns.headers,
                    likely_places(columns.headers, "told_on", columns.places.values()),
                    "told_on",
                ),
            )
        )
    if told is None and has_column:
        reading.notes.add(gettext("Told or not is taken from the column %(column)s", column=column))
        reading.told = ToldAnswer.COLUMN
    if told is not ToldAnswer.COLUMN and has_column and told is not None:
        reading.notes.add(
            gettext(
                "The column %(column)s is not read because of --told %(answer)s",
                column=column,
                answer=told,
            )
        )


def _question_told(reading: Reading) -> str:
    columns = reading.columns
    likely = likely_places(columns.headers, "told_on", columns.places.values())
    return ngettext(
        "Was this candidate told? Say --told yes (on the day of the decision), --told no, or name "
        "the column with the day: %(options)s. There is no default: who has not been told "
        "must not learn it from a survey.",
        "Were these %(num)s candidates told? Say --told yes (each on the day of the decision), "
        "--told no, or name the column with the day: %(options)s. There is no default: "
        "who has not been told must not learn it from a survey.",
        reading.decided,
        options=offer(columns.headers, likely, "told_on"),
    )
