"""What can be wrong with a file, and what its owner should know, in words that name the place."""

import shlex
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from portal.language import gettext, ngettext

MOST_SHOWN = 40
MOST_MESSAGE = 300
ROWS_NAMED = 3
UNBROKEN = "\u00a0\u202f"  # French writes them before a colon
# What a cell of a workbook begins with where the program that wrote it left no value; no text
# of a workbook can. A name of an error (`#N/A`) follows, or this:
SPOILED, FORMULA = "\0", "formula"


def show(text: str, most: int = MOST_SHOWN) -> str:
    """TEXT of a file in quotes: short, on one line, nothing that a terminal would obey."""
    short = text if len(text) <= most else text[: most - 1] + "…"
    return f"“{tame(short)}”"


def tame(text: str) -> str:
    """TEXT with unprintable signs written out; the spaces that do not break are shown."""
    return "".join(
        sign if sign.isprintable() or sign in UNBROKEN else f"\\u{ord(sign):04x}" for sign in text
    )


def listing(names: Sequence[str], most: int = 12) -> str:
    """NAMES quoted and separated by commas; of many only the first MOST."""
    return cut_listing([show(name) for name in names[:most]], len(names))


def cut_listing(shown: Sequence[str], count: int) -> str:
    """SHOWN separated by commas, and how many of COUNT are not among them."""
    words, left = ", ".join(shown), count - len(shown)
    if left <= 0:
        return words
    return gettext("%(shown)s and %(left)s more", shown=words, left=f"{left:,}")


def option(name: str, text: str) -> str:
    """Option NAME with TEXT as somebody can paste it into a shell, whatever is in TEXT.

    What cannot be pasted is left out; columns and values are found without it.
    """
    seen = (sign for sign in text if unicodedata.category(sign) != "Cf")
    line = "".join(sign if sign.isprintable() else " " for sign in seen)
    return f"{name} {shlex.quote(' '.join(line.split()))}"


def is_spoiled(cell: str) -> bool:
    """Whether CELL of a workbook has no value, by no fault of its text."""
    return cell.startswith((SPOILED + FORMULA, SPOILED + "#"))


def why_spoiled(cell: str) -> str:
    """What is wrong with CELL, which has a NUL byte in it."""
    if cell == SPOILED + FORMULA:
        return gettext(
            "a formula without a value: open the file, let it calculate and save it again"
        )
    if is_spoiled(cell):
        return gettext(
            "an error of the spreadsheet (%(error)s): mend the formula there",
            error=tame(cell[1:MOST_SHOWN]),
        )
    return gettext("a NUL byte: save the file as CSV in UTF-8")


def about(text: str, what: str) -> str:
    """WHAT is wrong with the cell TEXT."""
    return _pair(show(text), what)


def _pair(first: str, second: str) -> str:
    return gettext("%(first)s: %(second)s", first=first, second=second)


@dataclass(frozen=True)
class Fault:
    """One thing wrong: the line its row starts on, the column as the file calls it, and what."""

    row: int | None
    column: str | None
    message: str

    def __str__(self) -> str:
        place = []
        if self.row is not None:
            place.append(gettext("row %(number)s", number=self.row))
        if self.column is not None:
            place.append(gettext("column %(name)s", name=show(self.column)))
        return _pair(", ".join(place), self.message) if place else self.message


class FileRefused(Exception):
    """The file is not imported, nothing of it; `fault` says why and where.

    `others`: what else will have to be said, so that it can be said at once.
    """

    def __init__(
        self,
        message: str,
        row: int | None = None,
        column: str | None = None,
        others: Sequence[Fault] = (),
    ) -> None:
        self.fault, self.others = Fault(row, column, message), tuple(others)
        super().__init__(str(self.fault))


class Notes:
    """What was done that nobody asked for in words, each with the first rows it was done to."""

    def __init__(self) -> None:
        self._rows: dict[str, tuple[int, list[int]]] = {}

    def add(self, words: str, row: int | None = None) -> None:
        """Note WORDS, once for however many rows."""
        count, rows = self._rows.get(words, (0, []))
        if row is not None and len(rows) < ROWS_NAMED:
            rows = [*rows, row]
        self._rows[words] = (count + 1, rows)

    def update(self, other: "Notes") -> None:
        """Add what OTHER notes."""
        for words, (count, rows) in other._rows.items():
            ours, named = self._rows.get(words, (0, []))
            self._rows[words] = (ours + count, [*named, *rows][:ROWS_NAMED])

    def sentences(self) -> list[str]:
        """Every note as a sentence, with rows where there are any."""
        return [_sentence(words, *found) for words, found in self._rows.items()]


def _sentence(words: str, count: int, rows: list[int]) -> str:
    said = words[:1].upper() + words[1:].rstrip(".")
    if not rows:
        return f"{said}."
    numbers = cut_listing([f"{row}" for row in rows], count)
    place = ngettext("row %(rows)s", "rows %(rows)s", count, rows=numbers)
    return f"{said} ({place})."
