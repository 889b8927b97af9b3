"""Which column of a file holds which fact: as told, else guessed from its name, else asked."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from dataclasses import field as field_of
from functools import cached_property

from portal.candidate_files.faults import FileRefused, listing, show
from portal.candidate_files.headings import HALF_NAMES, HEADERS, LIKELY_HEADERS, heading
from portal.candidate_files.nothing import is_sign_of_nothing
from portal.candidate_files.offers import likely_places, offer
from portal.candidate_files.words import plain
from portal.language import gettext

REQUIRED = ("email", "name", "role")
HALVES = ("first_name", "last_name")
FIELDS = (
    "external_id",
    "name",
    "email",
    "role",
    "role_family",
    "department",
    "stage",
    "last_interview_on",
    "outcome",
    "decided_on",
    "hired_on",
    "rejected_on",
    "withdrawn_on",
    "told_on",
    "channel",
    "feedback",
    "promised_on",
    "locale",
    "reason",
)
# Each gives the outcome and its day at once.
OUTCOME_DAYS = {"hired_on": "hired", "rejected_on": "rejected", "withdrawn_on": "withdrawn"}
DAYS = ("last_interview_on", "decided_on", *OUTCOME_DAYS, "told_on", "promised_on")
# What may be said once for every row that says nothing of it.
FOR_ALL = ("name", "role", "department", "decided_on", "locale")
# How the header of our own file of who was decided on and told begins, of every version; what was
# added since stands behind it. See `exports`.
OWN_EXPORT = (
    *("name", "email", "role", "department", "stage", "last_interview_on", "outcome"),
    *("decided_on", "told_on", "channel", "feedback", "promised_on"),
)
# And of our file of who was told what: a line for each telling, those taken back among them.
OWN_EVIDENCE = ("name", "email", "role", "number", "last_interview_on", "promised_on")
IGNORE = "ignore"
MAX_NAME = 200
KNOWN_FIELDS = (*FIELDS, *HALVES, IGNORE)


@dataclass(frozen=True)
class Columns:
    """Where each known field stands, counted from 0, and which columns nobody reads.

    The outcome may stand in several columns, in `outcomes`. `for_all`: what is said of every row
    whose cell is empty. `said`: the columns of which somebody has said what they hold, `left_out`
    those that are of no use.
    """

    headers: tuple[str, ...]
    places: dict[str, int]
    ignored: tuple[str, ...]
    outcomes: tuple[int, ...] = ()
    for_all: dict[str, str] = field_of(default_factory=dict)
    left_out: frozenset[int] = frozenset()
    said: frozenset[int] = frozenset()

    @cached_property
    def is_own_export(self) -> bool:
        """Whether the file is one that we wrote: what it says is what is held."""
        return self.headers[: len(OWN_EXPORT)] == OWN_EXPORT

    @cached_property
    def of_decisions(self) -> tuple[str, ...]:
        """The fields that are filled only for who was decided on; a column that by its name holds
        the day of the last change is everybody's."""
        return tuple(
            field
            for field in ("decided_on", "reason", "told_on")
            if field in self.places
            and LIKELY_HEADERS.get(heading(self.headers[self.places[field]])) != field
        )

    def name_of(self, field: str) -> str:
        """What the file calls FIELD; a name in two halves is called by its first."""
        place = self.places.get(field)
        if place is None and field == "name":
            place = self.places.get("first_name")
        return field if place is None else call(self.headers, place)

    def text(self, field: str, cells: Sequence[str]) -> str:
        """The cell of FIELD without spaces around it; empty where no column holds it."""
        if field == "name" and field not in self.places:
            halves = (self.text(half, cells) for half in HALVES)
            return " ".join(half for half in halves if half and not is_sign_of_nothing(half))
        place = self.places.get(field)
        found = cells[place].strip() if place is not None and place < len(cells) else ""
        return found or self.for_all.get(field, "")

    def has(self, field: str) -> bool:
        """Whether any column, or a word for all rows, says FIELD."""
        if field == "name" and set(HALVES) & self.places.keys():
            return True
        return field in self.places or field in self.for_all


def call(headers: Sequence[str], place: int) -> str:
    """What a column is called in words, though it may have no name."""
    return headers[place][:MAX_NAME] or gettext(
        "(column %(number)s, without a name)", number=place + 1
    )


def is_column_name(cell: str) -> bool:
    """Whether CELL is a name that some column may have."""
    return _guess_alone(cell) is not None or heading(cell) in LIKELY_HEADERS


def _guess_alone(header: str) -> str | None:
    return HEADERS.get(heading(header))


def refuse_evidence(headers: Sequence[str]) -> None:
    """Raise FileRefused if HEADERS are those of our own evidence record."""
    if tuple(headers[: len(OWN_EVIDENCE)]) == OWN_EVIDENCE:
        raise FileRefused(
            gettext(
                "This is our own evidence record, with a line for each telling: it is not "
                "imported. The closure log has a line for each application, and can be."
            )
        )


def map_columns(
    headers: Sequence[str],
    told: Sequence[tuple[str, str]] = (),
    for_all: Iterable[tuple[str, str]] = (),
    addresses: Sequence[int] = (),
    needs: Sequence[str] = REQUIRED,
) -> Columns:
    """The columns of HEADERS. TOLD, pairs of column and field, goes before any guess.

    A column is named as the file names it, or `#3` by its place. ADDRESSES: the places where email
    addresses stand; NEEDS: the fields that some column must hold. Raises FileRefused if one of them
    is missing, or two columns could be the same field; one message says all that is to be told.
    """
    columns, problem = find_columns(headers, told, for_all, addresses, needs)
    if problem:
        raise problem
    return columns


def find_columns(
    headers: Sequence[str],
    told: Sequence[tuple[str, str]] = (),
    for_all: Iterable[tuple[str, str]] = (),
    addresses: Sequence[int] = (),
    needs: Sequence[str] = REQUIRED,
) -> tuple[Columns, FileRefused | None]:
    """As `map_columns`, but what it would raise for want of a column is handed back, with the
    columns as far as they are known: so that whatever else is to be asked can be asked at once."""
    found = _Found(headers)
    for column, name in told:
        found.take(column, name)
    said_once = _read_for_all(for_all)
    problems = found.guess(addresses)
    found.settle_halves({name for _, name in told})
    named = found.named | found.doubtful | said_once.keys()
    missing = [name for name in needs if name not in named]
    if missing:
        problems.append(
            missing_columns(headers, missing, found.spoken_for | {*found.places.values()})
        )
    return found.columns(said_once), _refusal(problems) if problems else None


class _Found:
    """The columns of one file as they are found out."""

    def __init__(self, headers: Sequence[str]) -> None:
        self.headers = headers
        self.places: dict[str, int] = {}
        self.outcomes: list[int] = []
        self.spoken_for: set[int] = set()
        self.left_out: set[int] = set()
        self.doubtful: set[str] = set()  # fields that several columns could hold

    def take(self, column: str, name: str) -> None:
        """COLUMN holds the field NAME, as somebody said."""
        place = _find_told(self.headers, column, name)
        self.spoken_for.add(place)
        if name == IGNORE:
            self.left_out.add(place)
        elif name == "outcome":
            self.outcomes.append(place)
        elif self.places.setdefault(name, place) != place:
            raise FileRefused(gettext("--map names two columns for %(field)s.", field=name))

    def guess(self, addresses: Sequence[int]) -> list[FileRefused]:
        """Add what the names of the remaining columns say; what could be two is returned."""
        guessed: dict[str, list[int]] = {}
        for place, name in enumerate(guess_sure(self.headers, addresses)):
            if name and place not in self.spoken_for:
                guessed.setdefault(name, []).append(place)
        problems = []
        for name, places in guessed.items():
            if name in self.places or (name == "outcome" and self.outcomes):
                continue
            if len(places) > 1:
                self.doubtful.add(name)
                if name == "outcome":  # so that what their words mean is asked in the same breath
                    self.outcomes += places
                problems.append(_ambiguous(self.headers, places, name))
            elif name == "outcome":
                self.outcomes.append(places[0])
            else:
                self.places[name] = places[0]
        return problems

    def settle_halves(self, told: set[str]) -> None:
        """Half a name is read beside its other half, or because somebody said so."""
        has_both = set(HALVES) <= self.places.keys()
        if "name" in self.places or not (has_both or told & set(HALVES)):
            for half in HALVES:
                self.places.pop(half, None)

    @property
    def named(self) -> set[str]:
        """The fields that some column says."""
        named = set(self.places)
        if self.outcomes:
            named.add("outcome")
        if named & set(HALVES):
            named.add("name")
        if named & OUTCOME_DAYS.keys():
            named |= {"outcome", "decided_on"}
        return named

    def columns(self, for_all: dict[str, str]) -> Columns:
        places = dict(self.places)
        if self.outcomes:
            places["outcome"] = self.outcomes[0]
        used = {*places.values(), *self.outcomes}
        unused = (place for place in range(len(self.headers)) if place not in used)
        return Columns(
            tuple(self.headers),
            places,
            tuple(call(self.headers, place) for place in unused),
            tuple(dict.fromkeys(self.outcomes)),
            for_all,
            frozenset(self.left_out),
            frozenset(self.spoken_for),
        )


def _refusal(problems: Sequence[FileRefused]) -> FileRefused:
    if len(problems) == 1:
        return problems[0]
    return FileRefused(" ".join(str(problem).rstrip(".") + "." for problem in problems))


def _read_for_all(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    said = {name: text.strip() for name, text in pairs if text.strip() or name == "name"}
    for name in said:
        if name not in FOR_ALL:
            known = ", ".join(FOR_ALL)
            raise FileRefused(
                gettext(
                    "--for-all: %(field)s cannot be said for all rows at once; these can: "
                    "%(known)s.",
                    field=show(name),
                    known=known,
                )
            )
    return said


def _find_told(headers: Sequence[str], column: str, field: str) -> int:
    if field not in KNOWN_FIELDS:
        raise FileRefused(
            gettext(
                "--map: %(field)s is not a field. Known are %(known)s.",
                field=show(field),
                known=", ".join(KNOWN_FIELDS),
            )
        )
    return find_column(headers, column, field)


def find_column(headers: Sequence[str], column: str, field: str) -> int:
    """The place of what is named COLUMN, or `#3`; raises FileRefused for none and for several."""
    exact = [place for place, header in enumerate(headers) if header == column.strip()]
    alike = [place for place, header in enumerate(headers) if plain(header) == plain(column)]
    found = exact or (alike if plain(column) else [])
    if len(found) != 1 and column.startswith("#") and column[1:].isdecimal():
        found = [place for place in (int(column[1:6]) - 1,) if 0 <= place < len(headers)] or found
    if not found:
        raise FileRefused(
            gettext(
                "--map: there is no column %(column)s. The file has %(columns)s.",
                column=show(column),
                columns=listing(list(headers)),
            )
        )
    if len(found) > 1:
        raise _ambiguous(headers, found, field)
    return found[0]


def _ambiguous(headers: Sequence[str], found: Sequence[int], field: str) -> FileRefused:
    names = {headers[place].casefold() for place in found}
    if len(names) == 1:
        numbers = gettext(" and ").join(str(place + 1) for place in found)
        return FileRefused(
            gettext(
                "columns %(numbers)s have the same name: rename one of them in the file, or say "
                "which: %(options)s",
                numbers=numbers,
                options=offer(headers, found, field),
            ),
            column=headers[found[0]],
        )
    return FileRefused(
        gettext(
            "Both %(columns)s could be %(field)s: say which: %(options)s.",
            columns=listing([headers[place] for place in found]),
            field=field,
            options=offer(headers, found, field),
        )
    )


def guess_sure(headers: Sequence[str], addresses: Sequence[int]) -> list[str | None]:
    """What each column surely is by its name, and by standing where the addresses are."""
    words = [heading(header) for header in headers]
    fields = [_guess(word, set(words)) for word in words]
    if "email" not in fields and len(addresses) == 1:
        fields[addresses[0]] = "email"
    return fields


def _guess(word: str, beside: set[str]) -> str | None:
    half, others = HALF_NAMES.get(word, ("", set()))
    return half if others & beside else HEADERS.get(word)


def missing_columns(
    headers: Sequence[str], missing: Sequence[str], taken: Collection[int]
) -> FileRefused:
    """That no column says what must be said; perhaps there are no names at all."""
    offers = [offer(headers, likely_places(headers, name, taken), name) for name in missing]
    said = gettext(
        "No column for %(missing)s was found among %(columns)s: say which it is with %(options)s.",
        missing=gettext(" and ").join(missing),
        columns=listing(list(headers)),
        options=", ".join(offers),
    )
    more = gettext(" Is there no name in the file? --for-all name=") if "name" in missing else ""
    return FileRefused(said + more)
