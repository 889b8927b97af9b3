"""What calamine does not say of a sheet, from its XML: cells without a value, hidden rows."""

from dataclasses import dataclass, field
from typing import Any
from xml.parsers import expat

HIDDEN_NAMED = 3

Told = dict[str, Any]
Attributes = dict[str, str]


class Refused(Exception):
    """Why the workbook is not read, by a word that the parent puts into a sentence."""

    def __init__(self, why: str, row: int | None = None) -> None:
        super().__init__(why)
        self.why, self.row = why, row


@dataclass
class Look:
    """What calamine does not say of a sheet: where formulas without values are, hidden rows."""

    rows: int = 0
    columns: int = 0
    last_row: int = 0
    last_column: int = 0
    marks: dict[tuple[int, int], str] = field(default_factory=dict)
    hidden: list[int] = field(default_factory=list)
    hidden_count: int = 0

    @property
    def extent(self) -> int:
        return self.last_row * self.last_column

    def mark(self, row: int, column: int, mark: str, told: Told) -> None:
        self.marks[row, column] = mark
        if len(self.marks) > told["limits"]["marked"]:
            raise Refused("formulas")

    def see_hidden(self, row: int) -> None:
        self.hidden_count += 1
        if self.hidden_count <= HIDDEN_NAMED:
            self.hidden.append(row)


def bare(name: str) -> str:
    """NAME without its prefix."""
    return name.rpartition(":")[2]


class XlsxLook:
    """Goes once through the XML of a sheet, keeping next to nothing of it.

    Hears where elements start, not where they end: a cell ends where the next one starts.
    """

    def __init__(self, told: Told) -> None:
        self.told, self.look = told, Look()
        self.row = self.column = 0
        self.is_hidden = self.is_row_filled = False
        self.kind, self.has_formula, self.has_value, self.text = "", False, False, ""
        self.columns: set[int] = set()
        self.numbers: dict[str, int] = {}  # of columns, by their letters
        self.starts = {"row": self.start_row, "c": self.start_cell, "v": self.start_value}
        self.starts |= {"is": self.start_value, "f": self.start_formula}
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self.start

    def found(self) -> Look:
        """All that was seen, when the parser has run."""
        self.start_row({})
        self.look.columns = len(self.columns)
        return self.look

    def start(self, tag: str, attributes: Attributes) -> None:
        if handler := self.starts.get(tag) or self.starts.get(bare(tag)):
            handler(attributes)

    def start_row(self, attributes: Attributes) -> None:
        self.end_cell()
        if self.is_row_filled:
            self.look.rows += 1
            self.look.last_row = max(self.look.last_row, self.row)
            if self.is_hidden:
                self.look.see_hidden(self.row)
        self.row = int(attributes.get("r", self.row + 1))
        self.column, self.is_row_filled = 0, False
        self.is_hidden = attributes.get("hidden") in ("1", "true")

    def start_cell(self, attributes: Attributes) -> None:
        self.end_cell()
        reference = attributes.get("r")  # need not be told if it is the next
        self.column = self.place(reference) if reference else self.column + 1
        self.kind = attributes.get("t", "")

    def start_value(self, _: Attributes) -> None:
        self.has_value = True
        if self.has_formula or self.kind == "e":
            self.text = ""
            self.parser.CharacterDataHandler = self.add_text

    def start_formula(self, _: Attributes) -> None:
        self.has_formula = True

    def add_text(self, text: str) -> None:
        self.text += text

    def place(self, reference: str) -> int:
        """The number of the column, from 1."""
        letters = reference.rstrip("0123456789")
        if letters not in self.numbers:
            number = 0
            for letter in letters:
                number = number * 26 + ord(letter) - ord("A") + 1
            self.numbers[letters] = number
        return self.numbers[letters]

    def end_cell(self) -> None:
        """Take note of the cell at hand, if it is not empty."""
        if not (self.has_value or self.has_formula):
            return
        self.is_row_filled = True
        self.columns.add(self.column)
        if self.column > self.look.last_column:
            self.look.last_column = self.column
        if self.has_formula or self.kind == "e":
            self.mark_cell()
        self.has_value = self.has_formula = False

    def mark_cell(self) -> None:
        """Mark the cell if it has no value; "" is one of a formula that makes text."""
        self.parser.CharacterDataHandler = None
        text, self.text = self.text.strip(), ""
        if self.kind == "e":
            mark = self.told["error"] + (text if text.startswith("#") else "#ERROR")
        elif text or (self.kind == "str" and self.has_value):
            return
        else:
            mark = self.told["formula"]
        self.look.mark(self.row, self.column - 1, mark, self.told)


class OdsLook:
    """Goes once through the content of an ODS: all sheets, by name. Sizes are for calamine."""

    def __init__(self, told: Told) -> None:
        self.told = told
        self.looks: dict[str, Look] = {}
        self.look = Look()
        self.row, self.rows, self.column, self.columns = 0, 1, 0, 1
        self.is_hidden, self.error = False, ""
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end

    def start(self, tag: str, attributes: Attributes) -> None:
        name = bare(tag)
        if name == "table":
            self.look = self.looks.setdefault(attributes.get(f"{tag[:-5]}name", ""), Look())
            self.row, self.rows = 0, 1
        elif name == "table-row":
            self.row += self.rows
            self.rows = _number(attributes, "number-rows-repeated")
            self.column, self.columns = 0, 1
            self.is_hidden = _of(attributes, "visibility") & {"collapse", "filter"} != set()
        elif name in ("table-cell", "covered-table-cell"):
            self.column += self.columns
            self.columns = _number(attributes, "number-columns-repeated")
            self.see_cell(attributes)

    def see_cell(self, attributes: Attributes) -> None:
        kinds = _of(attributes, "value-type")
        if self.is_hidden and kinds:
            self.is_hidden = False
            self.look.see_hidden(self.row)
        if "error" in kinds:
            self.error = " "
            self.parser.CharacterDataHandler = self.add_error
        elif not kinds and _of(attributes, "formula"):
            self.look.mark(self.row, self.column - 1, self.told["formula"], self.told)

    def add_error(self, text: str) -> None:
        self.error += text

    def end(self, tag: str) -> None:
        if self.error and bare(tag) == "table-cell":
            text, self.error = self.error.strip(), ""
            self.parser.CharacterDataHandler = None
            mark = self.told["error"] + (text if text.startswith("#") else f"#{text or 'ERROR'}")
            self.look.mark(self.row, self.column - 1, mark, self.told)


def _of(attributes: Attributes, name: str) -> set[str]:
    """What the attributes NAME say, whatever their prefixes."""
    return {value for key, value in attributes.items() if bare(key) == name}


def _number(attributes: Attributes, name: str) -> int:
    return max(map(int, _of(attributes, name)), default=1)
