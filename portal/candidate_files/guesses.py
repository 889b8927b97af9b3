"""What each column of a file may well hold, for a person to look at."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from portal.candidate_files.columns import call, guess_sure, is_column_name
from portal.candidate_files.headings import HEADERS, LIKELY_HEADERS, heading
from portal.candidate_files.words import CHANNELS, FEEDBACKS, LOCALES, OPEN, OUTCOMES, plain

# Fields of which only these words are read.
CHOICES = {"channel": CHANNELS, "feedback": FEEDBACKS, "locale": LOCALES}


@dataclass(frozen=True)
class ColumnGuess:
    """What a column may be, for a person to look at: `field` is empty where nothing says so."""

    place: int
    name: str
    field: str
    is_known: bool  # by its name


def guess_columns(
    headers: Sequence[str],
    addresses: Sequence[int] = (),
    samples: Sequence[Sequence[str]] = (),
    repeating: Collection[int] = (),
) -> list[ColumnGuess]:
    """A guess for every column, likely ones too; where two could be one field, the likelier.

    SAMPLES: what stands in each column; "Channel" with job boards in it is not how they were told.
    REPEATING: columns in which something stands twice; an id there is a person's.
    """
    words = [heading(header) for header in headers]
    fields = guess_sure(headers, addresses)
    for place, cells in enumerate(samples):
        if cells and (table := CHOICES.get(fields[place] or "")):
            known = any(plain(cell) in table for cell in cells)
            fields[place] = fields[place] if known else None
    decided = {place for place, cells in enumerate(samples) if _says_decided(cells)}
    _add_likely(words, fields, decided)
    for place in _places(fields, "external_id") & set(repeating):
        fields[place] = None if words[place] not in HEADERS else fields[place]
    if "outcome" not in fields and not decided & _places(fields, "stage"):
        for place in sorted(decided & _places(fields, None))[:1]:
            fields[place] = "outcome"
    order = list(HEADERS)
    for name in {name for name in fields if name} - {"outcome"}:
        found = _places(fields, name)
        best = min(found, key=lambda at: order.index(words[at]) if words[at] in HEADERS else 0)
        for place in found - {best}:
            fields[place] = None
    return [
        ColumnGuess(place, call(headers, place), name or "", is_column_name(headers[place]))
        for place, name in enumerate(fields)
    ]


def _add_likely(words: Sequence[str], fields: list[str | None], decided: set[int]) -> None:
    """Where no name is sure, the likeliest; DECIDED: columns with words like "rejected" in them.

    A second column may say the outcome as well, unless the first does so in words.
    """
    taken = {name for name in fields if name}
    if not decided & _places(fields, "outcome"):
        taken.discard("outcome")
    order = list(LIKELY_HEADERS)
    likely = [at for at, word in enumerate(words) if word in order and not fields[at]]
    for place in sorted(likely, key=lambda at: order.index(words[at])):
        name = LIKELY_HEADERS[words[place]]
        if name not in taken:
            fields[place] = name
            taken |= {name} - {"outcome"}


def _places(fields: Sequence[str | None], name: str | None) -> set[int]:
    return {place for place, one in enumerate(fields) if one == name}


def _says_decided(cells: Sequence[str]) -> bool:
    return any(OUTCOMES.get(plain(cell), OPEN) != OPEN for cell in cells)
