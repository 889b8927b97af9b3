"""Which column of a file holds which fact: as told, else guessed from its name, else asked."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.candidate_files.faults import FileRefused, listing, show
from portal.candidate_files.words import HALF_NAMES, HEADERS, plain

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
    "told_on",
    "channel",
    "feedback",
    "promised_on",
    "locale",
    "reason",
)
DAYS = ("last_interview_on", "decided_on", "told_on", "promised_on")
IGNORE = "ignore"
MAX_NAME = 200
KNOWN_FIELDS = (*FIELDS, *HALVES, IGNORE)


@dataclass(frozen=True)
class Columns:
    """Where each known field stands, counted from 0, and which columns nobody reads."""

    headers: tuple[str, ...]
    places: dict[str, int]
    ignored: tuple[str, ...]

    def name_of(self, field: str) -> str:
        """What the file calls FIELD; a name in two halves is called by its first."""
        place = self.places.get(field)
        if place is None and field == "name":
            place = self.places.get("first_name")
        return field if place is None else _call(self.headers, place)

    def text(self, field: str, cells: Sequence[str]) -> str:
        """The cell of FIELD without spaces around it; empty where no column holds it."""
        if field == "name" and field not in self.places:
            return " ".join(filter(None, (self.text(half, cells) for half in HALVES)))
        place = self.places.get(field)
        return cells[place].strip() if place is not None else ""


def is_column_name(cell: str) -> bool:
    """Whether CELL is a name that some column may have."""
    return plain(cell) in HEADERS


def map_columns(headers: Sequence[str], told: Sequence[tuple[str, str]] = ()) -> Columns:
    """The columns of HEADERS. TOLD, pairs of column and field, goes before any guess.

    Raises FileRefused if a required field is missing, or two columns could be the same field.
    """
    places: dict[str, int] = {}
    spoken_for: set[int] = set()
    for column, field in told:
        place = _find_told(headers, column, field)
        spoken_for.add(place)
        if field in places and places[field] != place:
            raise FileRefused(f"--map names two columns for {field}.")
        if field != IGNORE:
            places[field] = place
    _guess_others(headers, places, spoken_for)
    if not set(HALVES) <= places.keys() or "name" in places:
        for half in HALVES:
            places.pop(half, None)
    _check_required(headers, places)
    used = set(places.values())
    ignored = [_call(headers, place) for place in range(len(headers)) if place not in used]
    return Columns(tuple(headers), places, tuple(ignored))


def _call(headers: Sequence[str], place: int) -> str:
    return headers[place][:MAX_NAME] or f"(column {place + 1}, without a name)"


def _find_told(headers: Sequence[str], column: str, field: str) -> int:
    if field not in KNOWN_FIELDS:
        raise FileRefused(
            f"--map: {show(field)} is not a field. Known are {', '.join(KNOWN_FIELDS)}."
        )
    exact = [place for place, header in enumerate(headers) if header == column.strip()]
    alike = [place for place, header in enumerate(headers) if plain(header) == plain(column)]
    found = exact or (alike if plain(column) else [])
    if not found:
        raise FileRefused(
            f"--map: there is no column {show(column)}. The file has {listing(list(headers))}."
        )
    if len(found) > 1:
        raise _ambiguous(headers, found, field)
    return found[0]


def _ambiguous(headers: Sequence[str], found: Sequence[int], field: str) -> FileRefused:
    names = {headers[place].casefold() for place in found}
    numbers = " and ".join(str(place + 1) for place in found)
    if len(names) == 1:
        return FileRefused(
            f"columns {numbers} have the same name: rename one of them in the file",
            column=headers[found[0]],
        )
    columns = listing([headers[place] for place in found])
    return FileRefused(f"Both {columns} could be {field}: say which with --map COLUMN={field}.")


def _guess_others(headers: Sequence[str], places: dict[str, int], spoken_for: set[int]) -> None:
    """Add to PLACES what the names of the remaining columns say."""
    words = [plain(header) for header in headers]
    guessed: dict[str, list[int]] = {}
    for place, word in enumerate(words):
        if place not in spoken_for and (field := _guess(word, set(words))):
            guessed.setdefault(field, []).append(place)
    for field, found in guessed.items():
        if field in places:
            continue
        if len(found) > 1:
            raise _ambiguous(headers, found, field)
        places[field] = found[0]


def _guess(word: str, beside: set[str]) -> str | None:
    half, others = HALF_NAMES.get(word, ("", set()))
    return half if others & beside else HEADERS.get(word)


def _check_required(headers: Sequence[str], places: dict[str, int]) -> None:
    named = places.keys() | ({"name"} if set(HALVES) <= places.keys() else set())
    missing = [field for field in REQUIRED if field not in named]
    if missing:
        raise FileRefused(
            f"No column for {' and '.join(missing)} was found among {listing(list(headers))}: "
            f"say which it is with --map COLUMN={missing[0]}."
        )
