"""Which column of a file holds which fact: as told, else guessed from its name, else asked."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from portal.candidate_files.faults import FileRefused, listing, show
from portal.candidate_files.headings import HALF_NAMES, HEADERS, LIKELY_HEADERS, heading
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
IGNORE = "ignore"
MAX_NAME = 200
KNOWN_FIELDS = (*FIELDS, *HALVES, IGNORE)


@dataclass(frozen=True)
class Columns:
    """Where each known field stands, counted from 0, and which columns nobody reads.

    The outcome may stand in several columns, in `outcomes`. `for_all`: what is said of every row
    whose cell is empty. `left_out`: columns that somebody has said are of no use.
    """

    headers: tuple[str, ...]
    places: dict[str, int]
    ignored: tuple[str, ...]
    outcomes: tuple[int, ...] = ()
    for_all: dict[str, str] = field(default_factory=dict)
    left_out: frozenset[int] = frozenset()

    def name_of(self, field: str) -> str:
        """What the file calls FIELD; a name in two halves is called by its first."""
        place = self.places.get(field)
        if place is None and field == "name":
            place = self.places.get("first_name")
        return field if place is None else call(self.headers, place)

    def text(self, field: str, cells: Sequence[str]) -> str:
        """The cell of FIELD without spaces around it; empty where no column holds it."""
        if field == "name" and field not in self.places:
            return " ".join(filter(None, (self.text(half, cells) for half in HALVES)))
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


def map_columns(
    headers: Sequence[str],
    told: Sequence[tuple[str, str]] = (),
    for_all: Iterable[tuple[str, str]] = (),
    addresses: Sequence[int] = (),
    needs: Sequence[str] = REQUIRED,
) -> Columns:
    """The columns of HEADERS. TOLD, pairs of column and field, goes before any guess.

    A column is named as the file names it, or `#3` by its place. ADDRESSES: the places where email
    addresses stand; NEEDS: the fields that some column must hold. Raises FileRefused if a required field is missing, or two columns could be the
    same field; one message says all that is to be told.
    """
    places: dict[str, int] = {}
    outcomes: list[int] = []
    spoken_for: set[int] = set()
    left_out: set[int] = set()
    for column, name in told:
        place = _find_told(headers, column, name)
        spoken_for.add(place)
        if name == IGNORE:
            left_out.add(place)
        elif name == "outcome":
            outcomes.append(place)
        elif places.setdefault(name, place) != place:
            raise FileRefused(gettext("--map names two columns for %(field)s.", field=name))
    said_once = _read_for_all(for_all)
    problems = _guess_others(headers, places, outcomes, spoken_for, addresses)
    if "name" in places or not (
        set(HALVES) <= places.keys() or set(HALVES) & set(dict(told).values())
    ):
        for half in HALVES:
            places.pop(half, None)
    if outcomes:
        places["outcome"] = outcomes[0]
    problems += _missing(headers, places, said_once, needs)
    if problems:
        raise _refusal(problems)
    used = {*places.values(), *outcomes}
    ignored = tuple(call(headers, place) for place in range(len(headers)) if place not in used)
    return Columns(
        tuple(headers),
        places,
        ignored,
        tuple(dict.fromkeys(outcomes)),
        said_once,
        frozenset(left_out),
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
                "which with --map #%(number)s=%(field)s",
                numbers=numbers,
                number=found[0] + 1,
                field=field,
            ),
            column=headers[found[0]],
        )
    return FileRefused(
        gettext(
            "Both %(columns)s could be %(field)s: say which with --map COLUMN=%(field)s.",
            columns=listing([headers[place] for place in found]),
            field=field,
        )
    )


def _guess_others(
    headers: Sequence[str],
    places: dict[str, int],
    outcomes: list[int],
    spoken_for: set[int],
    addresses: Sequence[int],
) -> list[FileRefused]:
    """Add to PLACES what the names of the remaining columns say; what could be two is returned."""
    guessed: dict[str, list[int]] = {}
    for place, field in enumerate(_guesses(headers, addresses)):
        if field and place not in spoken_for:
            guessed.setdefault(field, []).append(place)
    problems = []
    for field, found in guessed.items():
        if field in places or (field == "outcome" and outcomes):
            continue
        if len(found) > 1:
            problems.append(_ambiguous(headers, found, field))
        elif field == "outcome":
            outcomes.append(found[0])
        else:
            places[field] = found[0]
    return problems


def _guesses(headers: Sequence[str], addresses: Sequence[int]) -> list[str | None]:
    """What each column surely is by its name, and by standing where the addresses are."""
    words = [heading(header) for header in headers]
    fields = [_guess(word, set(words)) for word in words]
    if "email" not in fields and len(addresses) == 1:
        fields[addresses[0]] = "email"
    return fields


def _guess(word: str, beside: set[str]) -> str | None:
    half, others = HALF_NAMES.get(word, ("", set()))
    return half if others & beside else HEADERS.get(word)


def _missing(
    headers: Sequence[str],
    places: dict[str, int],
    for_all: dict[str, str],
    needs: Sequence[str],
) -> list[FileRefused]:
    """What no column says and must be said; that there are no names is said too."""
    named = places.keys() | for_all.keys()
    if set(HALVES) & named:
        named |= {"name"}
    if set(OUTCOME_DAYS) & named:
        named |= {"outcome", "decided_on"}
    missing = [field for field in needs if field not in named]
    if not missing:
        return []
    more = gettext(" Is there no name in the file? --for-all name=") if "name" in missing else ""
    return [
        FileRefused(
            gettext(
                "No column for %(missing)s was found among %(columns)s: "
                "say which it is with --map COLUMN=%(first)s.",
                missing=gettext(" and ").join(missing),
                columns=listing(list(headers)),
                first=missing[0],
            )
            + more
        )
    ]


@dataclass(frozen=True)
class ColumnGuess:
    """What a column may be, for a person to look at: `field` is empty where nothing says so."""

    place: int
    name: str
    field: str


def guess_columns(headers: Sequence[str], addresses: Sequence[int] = ()) -> list[ColumnGuess]:
    """A guess for every column, likely ones too; where two could be one field, the likelier."""
    words = [heading(header) for header in headers]
    fields = _guesses(headers, addresses)
    taken = {field for field in fields if field}
    for place, word in enumerate(words):
        likely = LIKELY_HEADERS.get(word)
        if fields[place] is None and likely and (likely not in taken or likely == "outcome"):
            fields[place] = likely
            taken.add(likely)
    order = list(HEADERS)
    for field in taken - {"outcome"}:
        found = [place for place, one in enumerate(fields) if one == field]
        best = min(found, key=lambda at: order.index(words[at]) if words[at] in HEADERS else 0)
        for place in found:
            if place != best:
                fields[place] = None
    return [
        ColumnGuess(place, call(headers, place), field or "") for place, field in enumerate(fields)
    ]
