"""Which row names the columns, and which rows below it only say how to fill them in."""

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from babel.support import LazyProxy

from portal.candidate_files.delimited import Record
from portal.candidate_files.faults import FileRefused, show
from portal.candidate_files.texts import trim
from portal.language import gettext, lazy_gettext

IsKnown = Callable[[str], bool]

MIN_COLUMNS, MIN_KNOWN = 3, 2
INSTRUCTION_ROWS = 3
EMAIL_LIKE = re.compile(r"[^\s@]@[^\s@]")
# A last column that only says that the row ends here: `**EndOfHeader**`.
END_MARK = re.compile(r"\s*\*\*\s*end\s*of\s*\w+\s*\*\*\s*", re.IGNORECASE)
# What stands below a column's name to say what belongs there, never about a person.
INSTRUCTION = re.compile(
    r"""\W*(?:
        [dmyjatg]{1,4}([-/. ])[dmyjatg]{1,4}\1[dmyjatg]{2,4}(?:[ t]h.*)?  # dd/mm/yyyy, jj.mm.aaaa
      | (?:required|mandatory|optional|obligatoire|facultatif|facultative|optionnel|optionnelle
          |pflichtfeld|pflicht|erforderlich|freiwillig|obligatorio|obligatoria|opcional)\b.*
      | (?:e\.\s?g\.|for\ example|example|exemple|par\ exemple|p\.\s?ex\.|beispiel|z\.\s?b\.|ejemplo
          |por\ ejemplo|p\.\s?ej\.|format|type)(?:\s*:.*|\ .*|$)
      | (?:free\ |plain\ |short\ )?(?:text|string|date|number|integer|boolean|texte|zahl|datum
          |texto|fecha|varchar|dropdown|list|yes\s?/\s?no|oui\s?/\s?non|ja\s?/\s?nein
          )(?:\s*\(.*\)|\s*\d+)?
      | (?:max(?:imum)?\.?|up\ to|at\ most|jusqu.à|bis\ zu|hasta)\ .*\d.*
      | (?:please\ |veuillez\ |bitte\ )?(?:enter|fill|choose|select|leave|use|saisir|choisir
          |indiquer|eingeben|eintragen|ausfüllen|introducir|elegir)\b.*
    )\W*""",
    re.IGNORECASE | re.VERBOSE,
)
UNNAMED = lazy_gettext(
    "No header row was found: a row with the names of at least three columns "
    "(email, name and role among them) and email addresses below it."
)
ABOUT_ADDRESSES = re.compile(r"e-?mail|ad{1,2}ress|courriel|correo", re.IGNORECASE)


class HeaderUnknown(FileRefused):
    """There are rows, and which of them names the columns must be said."""


@dataclass(frozen=True)
class Header:
    """The row that names the columns; `instructions` are the numbers of rows to leave out."""

    row: int
    names: tuple[str, ...]
    instructions: tuple[int, ...] = ()
    notices: tuple[str, ...] = ()


def find_header(records: Sequence[Record], is_known: IsKnown) -> Header | None:
    """The header among the first rows: by names we know, else by email addresses below it."""
    # The most names, not the first two: a title may hold some ("Candidates", "Position").
    known = [0 if email_places(cells) else sum(map(is_known, cells)) for _, cells in records]
    best = max(range(len(records)), key=known.__getitem__, default=None)
    if best is not None and known[best] >= MIN_KNOWN:
        return header_at(records, best)
    likely = [at for at, (_, cells) in enumerate(records) if _could_be_header(cells)]
    for at in likely:
        named = {place for place, cell in enumerate(records[at][1]) if cell.strip()}
        if _is_mostly_instructions(records[at][1]):
            continue
        if any(named & email_places(cells) for _, cells in records[at + 1 :]):
            return header_at(records, at)
    return None


def header_at(records: Sequence[Record], at: int) -> Header:
    """The header in RECORDS[AT], with what the rows below it show."""
    number, cells = records[at]
    names = [cell.strip() for cell in cells]
    if END_MARK.fullmatch(names[-1]):
        names.pop()
    below = records[at + 1 :]
    instructions = _find_instructions(below)
    notices = tuple(
        gettext(
            "Row %(number)s was left out: it says how to fill in the columns (%(words)s)",
            number=number,
            words=show(words),
        )
        for number, words in instructions
    )
    return Header(number, tuple(names), tuple(number for number, _ in instructions), notices)


def fit(cells: list[str], width: int) -> list[str]:
    """CELLS for a header of WIDTH columns: what programs leave out or add at the end of a row."""
    missing = width - len(cells)
    if missing >= 0:
        return cells + [""] * missing
    beyond = [cell for cell in cells[width:] if trim(cell) and not END_MARK.fullmatch(cell)]
    return cells if beyond else cells[:width]


def email_places(cells: Sequence[str]) -> set[int]:
    """Where among CELLS something like an address stands."""
    return {place for place, cell in enumerate(cells) if EMAIL_LIKE.search(cell)}


def _could_be_header(cells: list[str]) -> bool:
    texts = {cell.strip() for cell in cells if any(sign.isalpha() for sign in cell)}
    return len(texts) >= MIN_COLUMNS and not email_places(cells)


def _find_instructions(below: Sequence[Record]) -> list[tuple[int, str]]:
    """Numbers of the rows right below a header that are about no person, with a cell of each."""
    counts = Counter(place for _, cells in below for place in email_places(cells))
    if not counts:
        return []
    place = counts.most_common(1)[0][0]
    found = []
    for number, cells in below[:INSTRUCTION_ROWS]:
        address = cells[place].strip() if place < len(cells) else ""
        words = [cell.strip() for cell in cells if INSTRUCTION.fullmatch(cell.strip())]
        # "no email" alone may be what is known of a candidate: such a row is kept, and refused.
        told = address in words or (words and ABOUT_ADDRESSES.search(address))
        if email_places(cells) or not (told or _is_mostly_instructions(cells)):
            break
        found.append((number, words[0]))
    return found


def _is_mostly_instructions(cells: Sequence[str]) -> bool:
    filled = [cell.strip() for cell in cells if cell.strip()]
    return 2 * sum(bool(INSTRUCTION.fullmatch(cell)) for cell in filled) >= len(filled) > 0


def no_header(records: Sequence[Record], unnamed: str | LazyProxy) -> FileRefused:
    """Why there is no header; UNNAMED, where no row names the columns."""
    if len(records) <= 1:
        return FileRefused(gettext("The file has no rows."))
    return HeaderUnknown(str(unnamed))
