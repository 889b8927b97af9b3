"""What was decided, from the words and days of a file. What is not sure is asked, not guessed.

The outcome may stand in one column or in several, in a column of stages ("Rejected", "Hired"), in
a Yes or No, or follow from which day is filled in.
"""

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from portal.candidate_files.columns import OUTCOME_DAYS, Columns, call
from portal.candidate_files.faults import option, show
from portal.candidate_files.headings import LIKELY_HEADERS, bare_name
from portal.candidate_files.nothing import is_nothing
from portal.candidate_files.words import (
    CHOSEN,
    LIKELY_OUTCOMES,
    NO_WORDS,
    OPEN,
    OUTCOMES,
    STILL_IN,
    YES_MEANS,
    likely_outcome,
    outcome_in,
    outcome_of_offer,
    plain,
    value_key,
)
from portal.language import gettext, ngettext

MOST_VALUES = 500  # different ones in a column; more are no outcomes
MOST_LENGTH = 200
MOST_ASKED = 40
# A cell longer than that is free text, which may speak of anything.
LONGEST_OUTCOME, MOST_WORDS = 60, 6
MOST_KNOWN = 20_000
LETTERS = re.compile(r"[^\W\d_]{4}")
# Columns that say where somebody comes from, and "Hired" is a job board.
ABOUT_SOURCES = re.compile(r"\b(source|origin|referr|recruiter|job board|herkunft|quelle|fuente)")
# A reason or a day of such a column is there because of it, whatever it is.
ARCHIVED = re.compile(r"\barchiv")


class Meaning(StrEnum):
    """What a value of the file says was decided."""

    HIRED = "hired"
    OFFER_DECLINED = "offer_declined"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    OPEN = "open"
    IGNORE = "ignore"  # the row is not imported


Told = Mapping[tuple[int, str], Meaning]


@dataclass(frozen=True)
class Value:
    """One distinct value of a column that says, or seems to say, what was decided.

    `meaning`: what it surely means or was said to mean, empty if that is to be asked; `likely`:
    what to offer. `is_asked`: nothing is imported before its meaning is said.
    """

    place: int
    column: str
    text: str
    count: int
    first_row: int
    meaning: str
    likely: str
    is_asked: bool


@dataclass
class _Seen:
    """A column that may say it: how often each of its values stands there, and where first."""

    place: int
    is_stage: bool = False
    is_read: bool = True
    name: str = ""  # of the column, in plain words
    is_named_so: bool = False  # by its name a cell of it says something of a decision
    counts: Counter[str] = field(default_factory=Counter)
    first: dict[str, int] = field(default_factory=dict)
    left_open: set[str] = field(default_factory=set)

    def see(self, number: int, text: str) -> None:
        if text not in self.first:
            if len(self.first) >= MOST_VALUES:
                return
            self.first[text] = number
        self.counts[text] += 1


def _unread(place: int, name: str) -> _Seen:
    is_named_so = name in YES_MEANS or name in STILL_IN or bool(outcome_in(name))
    is_named_so = is_named_so or bool(ARCHIVED.search(name))
    return _Seen(place, is_read=False, name=name, is_named_so=is_named_so)


class Outcomes:
    """Reads what was decided; `see` every row first, then `values` says what is to be asked."""

    def __init__(self, columns: Columns, told: Told) -> None:
        self._columns, self._told = columns, told
        self._sources = [_Seen(place) for place in columns.outcomes]
        stage = columns.places.get("stage")
        if stage is not None and stage not in columns.outcomes and not columns.is_own_export:
            self._sources.append(_Seen(stage, is_stage=True))
        self._days = [
            (columns.places[name], Meaning(outcome))
            for name, outcome in OUTCOME_DAYS.items()
            if name in columns.places
        ]
        used = {*columns.places.values(), *columns.outcomes, *columns.left_out}
        unused = [place for place in range(len(columns.headers)) if place not in used]
        self._others = [_unread(place, bare_name(columns.headers[place])) for place in unused]
        self._others = [one for one in self._others if not ABOUT_SOURCES.search(one.name)]
        # What is named like an outcome is asked about before a cell that happens to look like one.
        self._others.sort(key=lambda other: LIKELY_HEADERS.get(other.name) != "outcome")
        self._known: dict[tuple[int, str], Meaning | None] = {}
        self._stages_asked: dict[str, bool] = {}

    @property
    def is_said(self) -> bool:
        """Whether any column says what was decided."""
        return bool(self._columns.outcomes or self._days) or any(
            source.is_stage and self._means_something(source) for source in self._sources
        )

    def see(self, number: int, cells: Sequence[str]) -> bool:
        """Take note of one row; whether words that are still to be asked about seem to say that
        somebody was decided on."""
        is_dated = any(_filled(cells, place) for place, _ in self._days)
        is_open = not is_dated
        is_likely = is_asked = False
        for source in self._sources:
            text = _cell(cells, source.place)
            source.see(number, text)
            if is_open and source.is_stage:
                source.left_open.add(text)
            if not is_open and not is_dated:
                continue
            meaning = self._meaning(source, text)
            if is_dated:
                is_asked = is_asked or meaning is None
                continue
            is_open = meaning in (None, Meaning.OPEN)
            if meaning is None or (source.is_stage and self._is_asked(source, text)):
                is_asked = True
                is_likely = is_likely or self._likely(source, text) not in ("", Meaning.OPEN)
        if is_open and not is_asked:
            is_likely = self._see_others(number, cells)
        return is_asked if is_dated else is_open and is_likely

    def _see_others(self, number: int, cells: Sequence[str]) -> bool:
        """Take note of the first column that nobody reads and that seems to decide the row."""
        for other in self._others:
            if (text := _cell(cells, other.place)) and self._seems_decided(other, text):
                other.see(number, text)
                return True
        return False

    def values(self) -> list[Value]:
        """Every distinct value that says what was decided, in the order of columns and counts."""
        return [
            self._value(source, text)
            for source in self._sources
            if not source.is_stage or self._means_something(source)
            for text, _ in source.counts.most_common()
        ]

    def overlooked(self) -> list[Value]:
        """Values of columns that nobody reads, and yet seem to say what was decided."""
        return [
            self._value(other, text)
            for other in self._others
            for text, _ in other.counts.most_common()
        ]

    def read(self, cells: Sequence[str]) -> tuple[Meaning | None, int | None]:
        """What CELLS say was decided, None if that is still to be asked; and the column that says
        so, or None if nothing does.

        Raises ValueError where they say two things.
        """
        meaning, at = Meaning.OPEN, None
        for source in self._sources:
            found = self._meaning(source, _cell(cells, source.place))
            if found is None:
                return None, source.place
            if found is Meaning.IGNORE:
                return found, source.place
            if found is Meaning.OPEN or found is meaning:
                continue
            if at is not None and not source.is_stage:
                raise ValueError(self._two(cells, at, source.place))
            if at is None:
                meaning, at = found, source.place
        return self._by_day(cells, meaning, at)

    def _by_day(
        self, cells: Sequence[str], meaning: Meaning, at: int | None
    ) -> tuple[Meaning, int | None]:
        days = [(place, outcome) for place, outcome in self._days if _filled(cells, place)]
        if not days or any(outcome is meaning for _, outcome in days):
            return meaning, at
        if meaning is not Meaning.OPEN and at is not None:
            if meaning is Meaning.OFFER_DECLINED:
                return meaning, at
            raise ValueError(self._two(cells, at, days[0][0]))
        said = [
            source.place
            for source in self._sources
            if not source.is_stage and self._says(_cell(cells, source.place))
        ]
        if said:
            if all((place, value_key(_cell(cells, place))) in self._told for place in said):
                return meaning, said[0]
            raise ValueError(self._two(cells, said[0], days[0][0]))
        if len(days) > 1:
            raise ValueError(self._two(cells, days[0][0], days[1][0]))
        return days[0][1], days[0][0]

    def _says(self, text: str) -> bool:
        return bool(text) and (not is_nothing(text) or value_key(text) in NO_WORDS)

    def is_asked(self, cells: Sequence[str]) -> bool:
        """Whether CELLS, which leave it open, hold words that are still to be asked about."""
        stages = (source for source in self._sources if source.is_stage)
        return any(self._is_asked(stage, _cell(cells, stage.place)) for stage in stages) or any(
            _cell(cells, other.place) in other.first for other in self._others if other.first
        )

    def decides(self, cells: Sequence[str]) -> bool:
        """Whether CELLS say that somebody was decided on, however contradictory."""
        try:
            return self.read(cells)[0] not in (Meaning.OPEN, Meaning.IGNORE, None)
        except ValueError:
            return True

    def words_for_nothing(self, cells: Sequence[str]) -> list[tuple[str, str]]:
        """Columns of the outcome, and in them words that stand for an empty cell."""
        headers = self._columns.headers
        return [
            (call(headers, source.place), text)
            for source in self._sources
            if not source.is_stage
            and (text := _cell(cells, source.place))
            and self._meaning(source, text) is Meaning.OPEN
            and is_nothing(text)
            and (source.place, value_key(text)) not in self._told
        ]

    def is_told(self, cells: Sequence[str]) -> bool:
        """Whether somebody has said what the row's words mean, and so that it is still open."""
        return any(
            (source.place, value_key(_cell(cells, source.place))) in self._told
            for source in self._sources
        )

    def _two(self, cells: Sequence[str], first: int, second: int) -> str:
        headers = self._columns.headers
        return gettext(
            "%(one)s in column %(column)s, but %(other)s in column %(beside)s: which stands?",
            one=show(_cell(cells, first)),
            column=show(call(headers, first)),
            other=show(_cell(cells, second)),
            beside=show(call(headers, second)),
        )

    def _meaning(self, source: _Seen, text: str) -> Meaning | None:
        """What TEXT means there; None where that is to be asked."""
        key = source.place, text
        if key not in self._known:
            self._known[key] = self._work_out(source, text)
        return self._known[key]

    def _work_out(self, source: _Seen, text: str) -> Meaning | None:
        word = value_key(text)
        told = self._told.get((source.place, word))
        if told or source.is_stage:
            return told or Meaning.OPEN
        if not self._says(text):
            return Meaning.OPEN
        known = OUTCOMES.get(word)
        # "Rejected" in a column of offers: by whom?
        of_offer = outcome_of_offer(bare_name(self._columns.headers[source.place]), word)
        return Meaning(known) if known and of_offer in ("", known) else None

    def _means_something(self, source: _Seen) -> bool:
        """Whether a column of stages holds outcomes in rows that nothing else decides."""
        return any(
            self._is_asked(source, text) or (source.place, value_key(text)) in self._told
            for text in source.left_open
        )

    def _is_asked(self, stage: _Seen, text: str) -> bool:
        """Whether TEXT, as a stage of somebody who is open, says that somebody is not."""
        if text not in self._stages_asked:
            self._stages_asked[text] = self._sounds_decided(stage, text)
        return self._stages_asked[text]

    def _sounds_decided(self, stage: _Seen, text: str) -> bool:
        word = value_key(text)
        if (stage.place, word) in self._told or len(text) > MOST_LENGTH:
            return False
        known = OUTCOMES.get(word) or LIKELY_OUTCOMES.get(word) or outcome_in(word)
        return known not in (OPEN, "")

    def _seems_decided(self, other: _Seen, text: str) -> bool:
        key = other.place, text
        if key not in self._known:
            if len(self._known) >= MOST_KNOWN:
                self._known.clear()
            seems = self._seems(other, text)
            self._known[key] = Meaning.REJECTED if seems else None
        return self._known[key] is not None

    def _seems(self, other: _Seen, text: str) -> bool:
        if len(text) > MOST_LENGTH:
            return False
        if not other.is_named_so:
            word = plain(text)
            if other.name in CHOSEN and word in NO_WORDS:
                return True
            if len(text) > LONGEST_OUTCOME or not LETTERS.search(text):
                return False
            known = (
                OUTCOMES.get(word)
                or outcome_of_offer(other.name, word)
                or (len(word.split()) <= MOST_WORDS and outcome_in(word))
            )
            return bool(known) and known != OPEN
        word = value_key(text)
        if other.name in STILL_IN:
            return word in NO_WORDS
        return not (word in NO_WORDS or OUTCOMES.get(word) == OPEN or is_nothing(text))

    def _likely(self, source: _Seen, text: str) -> str:
        name = bare_name(self._columns.headers[source.place])
        likely = likely_outcome(name, text)
        return likely or (outcome_in(name) if not source.is_read else "")

    def _value(self, source: _Seen, text: str) -> Value:
        told = self._told.get((source.place, value_key(text)))
        is_sure = source.is_read and not source.is_stage
        meaning = self._meaning(source, text) if is_sure else told
        is_asked = meaning is None
        if source.is_stage:
            is_asked = text in source.left_open and self._is_asked(source, text)
        return Value(
            source.place,
            call(self._columns.headers, source.place),
            text[:MOST_LENGTH],
            source.counts[text],
            source.first[text],
            meaning or "",
            meaning or self._likely(source, text) or (OPEN if source.is_stage else ""),
            is_asked,
        )


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place].strip() if place < len(cells) else ""


def _filled(cells: Sequence[str], place: int) -> bool:
    text = _cell(cells, place)
    return bool(text) and not is_nothing(text)


def ask(values: Sequence[Value], column: str) -> str:
    """How the command line is told what VALUES mean, in one sentence for all of COLUMN."""
    said = ", ".join(
        ngettext(
            "%(text)s (%(num)s row)", "%(text)s (%(num)s rows)", one.count, text=show(one.text)
        )
        for one in _different(values)
    )
    return gettext(
        "%(values)s: say what each means, one of %(known)s: %(options)s",
        values=said,
        known=", ".join(Meaning),
        options=" ".join(map_values(values, column)),
    )


def map_values(values: Sequence[Value], column: str) -> list[str]:
    """The options that say what VALUES of COLUMN mean, with what they may well mean."""
    return [
        option("--map-value", f"{column}:{one.text}={one.likely or 'OUTCOME'}")
        for one in _different(values)
    ]


def _different(values: Sequence[Value]) -> list[Value]:
    """VALUES but for those written a little otherwise, up to as many as a message can hold."""
    different = {value_key(one.text): one for one in reversed(values)}
    return [one for one in values if different[value_key(one.text)] is one][:MOST_ASKED]
