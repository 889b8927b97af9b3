"""What can be wrong with a file, and what its owner should know, in words that name the place."""

from dataclasses import dataclass

MOST_SHOWN = 40
MOST_MESSAGE = 300
ROWS_NAMED = 3
# What a cell of a workbook begins with where the program that wrote it left no value; no text
# of a workbook can. A name of an error (`#N/A`) follows, or this:
SPOILED, FORMULA = "\0", "formula"


def show(text: str, most: int = MOST_SHOWN) -> str:
    """TEXT of a file in quotes: short, on one line, nothing that a terminal would obey."""
    short = text if len(text) <= most else text[: most - 1] + "…"
    return f"“{tame(short)}”"


def tame(text: str) -> str:
    """TEXT with unprintable signs written out."""
    return "".join(sign if sign.isprintable() else f"\\u{ord(sign):04x}" for sign in text)


def listing(names: list[str], most: int = 12) -> str:
    """NAMES quoted and separated by commas; of many only the first MOST."""
    shown = ", ".join(show(name) for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown


def is_spoiled(cell: str) -> bool:
    """Whether CELL of a workbook has no value, by no fault of its text."""
    return cell.startswith((SPOILED + FORMULA, SPOILED + "#"))


def why_spoiled(cell: str) -> str:
    """What is wrong with CELL, which has a NUL byte in it."""
    if cell == SPOILED + FORMULA:
        return "a formula without a value: open the file, let it calculate and save it again"
    if is_spoiled(cell):
        return f"an error of the spreadsheet ({tame(cell[1:MOST_SHOWN])}): mend the formula there"
    return "a NUL byte: save the file as CSV in UTF-8"


@dataclass(frozen=True)
class Fault:
    """One thing wrong: the line its row starts on, the column as the file calls it, and what."""

    row: int | None
    column: str | None
    message: str

    def __str__(self) -> str:
        place = [f"row {self.row}"] if self.row is not None else []
        place += [f"column {show(self.column)}"] if self.column is not None else []
        return f"{', '.join(place)}: {self.message}" if place else self.message


class FileRefused(Exception):
    """The file is not imported, nothing of it; `fault` says why and where."""

    def __init__(self, message: str, row: int | None = None, column: str | None = None) -> None:
        self.fault = Fault(row, column, message)
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
        """Every note, with rows where there are any."""
        return [_sentence(words, *found) for words, found in self._rows.items()]


def _sentence(words: str, count: int, rows: list[int]) -> str:
    if not rows:
        return words
    more = f" and {count - len(rows)} more" if count > len(rows) else ""
    return f"{words} (row {', '.join(map(str, rows))}{more})"
