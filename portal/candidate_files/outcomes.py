"""What was decided, from the words and days of a file. What is not sure is asked, not guessed.

The outcome may stand in one column or in several, in a column of stages ("Rejected", "Hired"), in
a Yes or No, or follow from which day is filled in.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from portal.candidate_files.columns import OUTCOME_DAYS, Columns, call
from portal.candidate_files.faults import MOST_SHOWN, show, tame
from portal.candidate_files.nothing import is_nothing
from portal.candidate_files.words import NO_WORDS, OUTCOMES, YES, YES_MEANS, likely_outcome, plain
from portal.language import gettext, ngettext

MOST_VALUES = 500  # different ones in a column; more are no outcomes
MOST_LENGTH = 200


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
    counts: Counter[str] = field(default_factory=Counter)
    first: dict[str, int] = field(default_factory=dict)
    left_open: set[str] = field(default_factory=set)

    def see(self, number: int, text: str) -> None:
        if text not in self.first:
            if len(self.first) >= MOST_VALUES:
                return
            self.first[text] = number
        self.counts[text] += 1


class Outcomes:
    """Reads what was decided; `see` every row first, then `values` says what is to be asked."""

    def __init__(self, columns: Columns, told: Told) -> None:
        self._columns, self._told = columns, told
        self._sources = [_Seen(place) for place in columns.outcomes]
        stage = columns.places.get("stage")
        if stage is not None and stage not in columns.outcomes:
            self._sources.append(_Seen(stage, is_stage=True))
        self._days = [
            (columns.places[name], Meaning(outcome))
            for name, outcome in OUTCOME_DAYS.items()
            if name in columns.places
        ]
        used = {*columns.places.values(), *columns.outcomes, *columns.left_out}
        self._others = [
            _Seen(place, is_read=False)
            for place in range(len(columns.headers))
            if place not in used
        ]
        self._known: dict[tuple[int, str], Meaning | None] = {}

    @property
    def is_said(self) -> bool:
        """Whether any column says what was decided."""
        return bool(self._columns.outcomes or self._days) or any(
            source.is_stage and self._means_something(source) for source in self._sources
        )

    def see(self, number: int, cells: Sequence[str]) -> None:
        """Take note of one row."""
        is_open = not any(_filled(cells, place) for place, _ in self._days)
        for source in self._sources:
            text = _cell(cells, source.place)
            source.see(number, text)
            if is_open and source.is_stage:
                source.left_open.add(text)
            is_open = is_open and self._meaning(source, text) in (None, Meaning.OPEN)
        if is_open:
            for other in self._others:
                if (text := _cell(cells, other.place)) and self._seems_decided(other, text):
                    other.see(number, text)

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
            if not source.is_stage and _cell(cells, source.place)
        ]
        if said:
            if all((place, plain(_cell(cells, place))) in self._told for place in said):
                return meaning, said[0]
            raise ValueError(self._two(cells, said[0], days[0][0]))
        if len(days) > 1:
            raise ValueError(self._two(cells, days[0][0], days[1][0]))
        return days[0][1], days[0][0]

    def decides(self, cells: Sequence[str]) -> bool:
        """Whether CELLS say that somebody was decided on, however contradictory."""
        try:
            return self.read(cells)[0] not in (Meaning.OPEN, Meaning.IGNORE, None)
        except ValueError:
            return True

    def is_told(self, cells: Sequence[str]) -> bool:
        """Whether somebody has said what the row's words mean, and so that it is still open."""
        return any(
            (source.place, plain(_cell(cells, source.place))) in self._told
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
        word = plain(text)
        told = self._told.get((source.place, word))
        if told or source.is_stage:
            return told or Meaning.OPEN
        if not text or (is_nothing(text) and word not in NO_WORDS):
            return Meaning.OPEN
        known = OUTCOMES.get(word)
        return Meaning(known) if known else None

    def _means_something(self, source: _Seen) -> bool:
        """Whether a column of stages holds outcomes in rows that nothing else decides."""
        return any(
            OUTCOMES.get(plain(text), "open") != "open" or (source.place, plain(text)) in self._told
            for text in source.left_open
        )

    def _seems_decided(self, other: _Seen, text: str) -> bool:
        if len(text) > MOST_LENGTH:
            return False
        key = other.place, text
        if key not in self._known:
            word = plain(text)
            seems = OUTCOMES.get(word, "open") != "open" or (
                word in YES and plain(self._columns.headers[other.place]) in YES_MEANS
            )
            self._known[key] = Meaning.REJECTED if seems else None
        return self._known[key] is not None

    def _value(self, source: _Seen, text: str) -> Value:
        header = self._columns.headers[source.place]
        word = plain(text)
        told = self._told.get((source.place, word))
        is_sure = source.is_read and not source.is_stage
        meaning = self._meaning(source, text) if is_sure else told
        is_asked = meaning is None
        if source.is_stage:
            is_asked = (
                told is None and OUTCOMES.get(word, "open") != "open" and text in source.left_open
            )
        return Value(
            source.place,
            call(self._columns.headers, source.place),
            text[:MOST_LENGTH],
            source.counts[text],
            source.first[text],
            meaning or "",
            meaning or likely_outcome(header, text) or ("open" if source.is_stage else ""),
            is_asked,
        )


def _cell(cells: Sequence[str], place: int) -> str:
    return cells[place].strip() if place < len(cells) else ""


def _filled(cells: Sequence[str], place: int) -> bool:
    text = _cell(cells, place)
    return bool(text) and not is_nothing(text)


def ask(values: Sequence[Value]) -> str:
    """How the command line is told what VALUES mean, in one sentence for all of a column."""
    column = values[0].column
    said = ", ".join(
        ngettext(
            "%(text)s (%(num)s row)", "%(text)s (%(num)s rows)", one.count, text=show(one.text)
        )
        for one in values[:12]
    )
    options = " ".join(
        tame(f'--map-value "{column}:{one.text[:MOST_SHOWN]}={one.likely or "OUTCOME"}"')
        for one in values[:12]
    )
    return gettext(
        "%(values)s: say what each means, one of %(known)s: %(options)s",
        values=said,
        known=", ".join(Meaning),
        options=options,
    )
