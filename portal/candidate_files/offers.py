"""Options of the command line that a message offers, so that they can be pasted. Pure."""

from collections.abc import Collection, Sequence

from portal.candidate_files.faults import option
from portal.candidate_files.headings import LIKELY_HEADERS, heading
from portal.candidate_files.words import plain
from portal.language import gettext

MAX_NAME = 200
MOST_OFFERED = 4


def call_in_option(headers: Sequence[str], place: int) -> str:
    """What a column is called in an option: by its place where its name is not its alone."""
    alike = [header for header in headers if plain(header) == plain(headers[place])]
    is_plain = bool(plain(headers[place])) and len(headers[place]) <= MAX_NAME
    return headers[place] if is_plain and len(alike) == 1 else f"#{place + 1}"


def likely_places(headers: Sequence[str], field: str, taken: Collection[int]) -> list[int]:
    """Where among HEADERS FIELD may well be, though not surely enough to be read unasked."""
    free = (place for place in range(len(headers)) if place not in taken)
    return [place for place in free if LIKELY_HEADERS.get(heading(headers[place])) == field]


def offer(headers: Sequence[str], places: Sequence[int], field: str) -> str:
    """The options by which one of PLACES, or else some column, is said to hold FIELD."""
    named = [call_in_option(headers, place) for place in places[:MOST_OFFERED]] or ["COLUMN"]
    return gettext(" or ").join(option("--map", f"{name}={field}") for name in named)


def hint_to_leave_out(headers: Sequence[str], place: int) -> str:
    """How to say that the column in PLACE holds something else than was guessed."""
    return gettext(
        "if the column holds something else, %(option)s",
        option=option("--map", f"{call_in_option(headers, place)}=ignore"),
    )
