"""Run as a process of its own: the workbook on standard input, its rows on standard output.

Imports nothing of portal, and knows nothing of candidates. The first line says which sheets there
are, or why the workbook is refused; every other is a row as a JSON list: its number, its cells.
"""

import contextlib
import datetime
import errno
import json
import mmap
import os
import posixpath
import re
import resource
import sys
import zipfile
import zlib
from dataclasses import dataclass, field
from decimal import Decimal
from typing import IO, Any
from xml.parsers import expat

import python_calamine as calamine

BLOCK = 64 * 1024
ENCRYPTED, DEFLATED, STORED = 0x1, 8, 0
ODS = b"application/vnd.oasis.opendocument.spreadsheet"
OTHER_ZIPS = {"word/": "word", "ppt/": "slides", "index/": "numbers"}
OTHER_OPEN_DOCUMENTS = {b".text": "word", b".presentation": "slides"}
ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
BOOKS_IN_OLE = ("Workbook".encode("utf-16-le"), "Book".encode("utf-16-le"))
ERROR = re.compile(r"#(N/A|REF!|VALUE!|NAME\?|DIV/0!|NULL!|NUM!|SPILL!|CALC!)|Err:[0-9]{3}")
HALF_A_SECOND = datetime.timedelta(milliseconds=500)
HIDDEN_NAMED = 3

Told = dict[str, Any]
Cell = str | int | float | bool | datetime.date | datetime.time | datetime.timedelta


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


def main() -> None:
    told = json.loads(sys.argv[1])
    limits = told["limits"]
    for kind, most in (
        (resource.RLIMIT_AS, limits["memory"]),
        (resource.RLIMIT_CPU, limits["seconds"]),
        (resource.RLIMIT_FSIZE, limits["spool"]),
        (resource.RLIMIT_CORE, 0),
    ):
        with contextlib.suppress(ValueError):  # macOS knows no limit of addresses
            resource.setrlimit(kind, (most, most))
    try:
        read(sys.stdin.buffer, told)
        sys.stdout.flush()
    except Refused as refused:
        refuse(refused.why, refused.row)
    except MemoryError:
        refuse("large")
    except OSError as error:
        refuse("large" if error.errno == errno.EFBIG else "damaged")
    except calamine.PasswordError:
        refuse("password")
    except BaseException:  # a panic of calamine is no Exception
        refuse("damaged")


def refuse(why: str, row: int | None = None) -> None:
    """Say WHY in place of all rows, and end without writing those that wait in a buffer."""
    os.ftruncate(1, 0)
    os.lseek(1, 0, os.SEEK_SET)
    os.write(1, json.dumps({"refused": why, "row": row}).encode())
    os._exit(0)


def read(file: IO[bytes], told: Told) -> None:
    """Write the rows of one sheet, after what there is to say of all."""
    file.seek(0)
    is_zip = file.read(2) == b"PK"
    looks = look_into_zip(file, told) if is_zip else look_into_ole(file)
    file.seek(0)
    book = calamine.CalamineWorkbook.from_filelike(file)
    sheets = {}
    for sheet in book.sheets_metadata:
        if sheet.typ == calamine.SheetTypeEnum.WorkSheet:
            look = looks.get(sheet.name) or count(book.get_sheet_by_name(sheet.name), told)
            sheets[sheet.name] = sheet.visible != calamine.SheetVisibleEnum.Visible, look
    if not sheets:
        raise Refused("charts")
    chosen = choose(sheets, told["sheet"])
    look = sheets[chosen][1] if chosen else Look()
    if look.last_row > told["limits"]["rows"] or look.extent > told["limits"]["cells"]:
        raise Refused("extent")
    head = {
        "sheets": [[name, hidden, of.rows, of.columns] for name, (hidden, of) in sheets.items()],
        "chosen": chosen,
        "hidden": [look.hidden_count, look.hidden],
    }
    sys.stdout.write(json.dumps(head) + "\n")
    if chosen:
        write_rows(book.get_sheet_by_name(chosen), look, told["limits"])


def choose(sheets: dict[str, tuple[bool, Look]], told: str | None) -> str | None:
    """The name of the sheet to read: the one TOLD, else the first in sight that is a table."""
    if told is not None:
        return told if told in sheets else None
    for columns in (2, 1):
        for name, (is_hidden, look) in sheets.items():
            if look.columns >= columns and not is_hidden:
                return name
    return None


def count(sheet: calamine.CalamineSheet, told: Told) -> Look:
    """How much of SHEET is filled."""
    look, columns = Look(), set()
    if sheet.total_height > told["limits"]["rows"]:
        return Look(sheet.total_height, sheet.width, sheet.total_height, sheet.total_width)
    for number, cells in enumerate(sheet.iter_rows(), 1):
        filled = [place for place, cell in enumerate(cells) if cell != ""]
        if filled:
            look.rows += 1
            look.last_row = number
            columns.update(filled)
    look.columns, look.last_column = len(columns), sheet.total_width
    return look


def write_rows(sheet: calamine.CalamineSheet, look: Look, limits: dict[str, int]) -> None:
    """Write the rows of SHEET that are not blank, without columns that are empty on the left."""
    left = min([sheet.start[1] if sheet.start else 0, *(column for _, column in look.marks)])
    marks: dict[int, dict[int, str]] = {}
    for (row, column), mark in look.marks.items():
        marks.setdefault(row, {})[column - left] = mark
    covered = cover(sheet)
    before = [""] * ((sheet.start[1] if sheet.start else 0) - left)
    last = 0
    for last, values in enumerate(sheet.iter_rows(), 1):
        cells = before + [text_of(value) for value in values]
        for first_column, last_column in covered.get(last, ()):
            for column in range(first_column - left, min(last_column - left + 1, len(cells))):
                cells[column] = ""
        write_row(last, cells, marks.pop(last, {}), limits)
    for number in sorted(marks):  # beyond the last value
        write_row(number, [], marks[number], limits)


def write_row(number: int, cells: list[str], marks: dict[int, str], limits: dict[str, int]) -> None:
    for column, mark in marks.items():
        cells += [""] * (column + 1 - len(cells))
        cells[column] = mark
    while cells and not cells[-1].strip():
        cells.pop()
    if not cells:
        return
    if any(len(cell) > limits["cell"] for cell in cells):
        raise Refused("cell", number)
    if sum(map(len, cells)) > limits["row"]:
        raise Refused("row", number)
    sys.stdout.write(json.dumps([number, *cells]) + "\n")


def cover(sheet: calamine.CalamineSheet) -> dict[int, list[tuple[int, int]]]:
    """By row, from which to which column cells are covered by one that is merged with them.

    Spreadsheet programs show the value at the top left only, whatever stands in the others.
    """
    covered: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or []:
        for row in range(top, min(bottom + 1, sheet.total_height)):
            covered.setdefault(row + 1, []).append((left + (row == top), right))
    return covered


def text_of(value: Cell) -> str:
    """VALUE as text that says the same in every country."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return number_text(value)
    if isinstance(value, datetime.datetime):
        return moment_text(value)
    if isinstance(value, datetime.timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    if isinstance(value, datetime.time):
        return value.isoformat("seconds")
    return value.isoformat()


def number_text(value: float) -> str:
    """Whole numbers in full: most are identifiers."""
    if value == value // 1:
        return format(Decimal(repr(value)), "f").removesuffix(".0")
    return format(Decimal(f"{value:.15g}"), "f")  # as many digits as spreadsheets keep


def moment_text(value: datetime.datetime) -> str:
    """To the second, and never to another day."""
    rounded = value + HALF_A_SECOND
    whole = (rounded if rounded.date() == value.date() else value).replace(microsecond=0)
    return str(whole.date() if whole.time() == datetime.time() else whole)


def look_into_ole(file: IO[bytes]) -> dict[str, Look]:
    """Refuse what is not a workbook; calamine says all of what is."""
    with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        if data.find(ENCRYPTED_PACKAGE) >= 0:
            raise Refused("password")
        if all(data.find(name) < 0 for name in BOOKS_IN_OLE):
            raise Refused("ole")
    return {}


def look_into_zip(file: IO[bytes], told: Told) -> dict[str, Look]:
    """Refuse what is not a workbook, and look into one whose parts are XML of Excel."""
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError) as error:
        raise Refused("damaged") from error
    refuse_bombs(file, archive.infolist(), told["limits"])
    parts = {
        entry.filename.replace("\\", "/").lower().lstrip("/"): entry for entry in archive.infolist()
    }
    if "xl/workbook.xml" in parts:
        return look_into_sheets(Parts(archive, parts), told)
    kind = archive.read("mimetype")[:100] if "mimetype" in parts else b""
    if "xl/workbook.bin" in parts or kind.startswith(ODS):
        return {}
    words = [word for start, word in OTHER_ZIPS.items() if any(p.startswith(start) for p in parts)]
    words += [word for end, word in OTHER_OPEN_DOCUMENTS.items() if end in kind]
    raise Refused(words[0] if words else "zip")


def refuse_bombs(file: IO[bytes], entries: list[zipfile.ZipInfo], limits: dict[str, int]) -> None:
    """Nothing is unpacked, to be kept, that this has not passed."""
    size, inflated = file.seek(0, os.SEEK_END), sum(entry.file_size for entry in entries)
    if len(entries) > limits["entries"] or inflated > limits["inflated"]:
        raise Refused("bomb")
    if inflated > max(limits["ratio_from"], limits["ratio"] * size):
        raise Refused("bomb")
    if any(entry.flag_bits & ENCRYPTED for entry in entries):
        raise Refused("password")
    for entry in entries:
        check_size(file, entry)


def check_size(file: IO[bytes], entry: zipfile.ZipInfo) -> None:
    """Refuse an ENTRY that unpacks to more than it says: to it all the limits are blind."""
    if entry.compress_type not in (STORED, DEFLATED):
        raise Refused("zip")
    file.seek(entry.header_offset)
    start = file.read(30)
    file.seek(int.from_bytes(start[26:28], "little") + int.from_bytes(start[28:], "little"), 1)
    if entry.compress_type == STORED:
        made, left = entry.compress_size, 0
    else:
        made, left = 0, entry.compress_size
    inflate = zlib.decompressobj(-zlib.MAX_WBITS)
    while left and not inflate.eof:
        block = file.read(min(left, BLOCK))
        if not block:
            raise Refused("damaged")
        left -= len(block)
        while block and made <= entry.file_size:
            made += len(inflate.decompress(block, 16 * BLOCK))
            block = inflate.unconsumed_tail
    if made > entry.file_size:
        raise Refused("bomb")


class Parts:
    """The XML parts of an XLSX."""

    def __init__(self, archive: zipfile.ZipFile, names: dict[str, zipfile.ZipInfo]) -> None:
        self.archive, self.names = archive, names

    def parse(self, name: str, parser: expat.XMLParserType) -> None:
        """Run PARSER over the part; without entities, which it could be made to grow by."""
        entry = self.names.get(name.lower())
        if entry is None:
            raise Refused("damaged")

        def refuse_doctype(*_: object) -> None:
            raise Refused("doctype")

        parser.StartDoctypeDeclHandler = refuse_doctype
        with self.archive.open(entry) as part:
            parser.ParseFile(part)

    def elements(self, name: str, wanted: str) -> list[dict[str, str]]:
        """The attributes, without their prefixes, of every element WANTED."""
        found = []

        def start(tag: str, attributes: dict[str, str]) -> None:
            if bare(tag) == wanted:
                found.append({bare(key): value for key, value in attributes.items()})

        parser = expat.ParserCreate()
        parser.StartElementHandler = start
        self.parse(name, parser)
        return found


def bare(name: str) -> str:
    return name.rpartition(":")[2]


def look_into_sheets(parts: Parts, told: Told) -> dict[str, Look]:
    """A look at every worksheet of an XLSX, by its name."""
    targets = {
        link["Id"]: posixpath.normpath(posixpath.join("/xl", link["Target"])).lstrip("/")
        for link in parts.elements("xl/_rels/workbook.xml.rels", "Relationship")
        if link["Type"].endswith("/worksheet")
    }
    sheets = parts.elements("xl/workbook.xml", "sheet")
    if len(sheets) > told["limits"]["sheets"]:
        raise Refused("large")
    return {
        sheet["name"]: SheetLook(told).read(parts, targets[sheet["id"]])
        for sheet in sheets
        if sheet["id"] in targets
    }


class SheetLook:
    """Goes once through the XML of a sheet, keeping next to nothing of it."""

    def __init__(self, told: Told) -> None:
        self.told, self.look = told, Look()
        self.row = self.column = 0
        self.is_hidden = self.is_row_filled = False
        self.kind, self.has_formula, self.has_value, self.text = "", False, False, ""
        self.columns: set[int] = set()
        self.numbers: dict[str, int] = {}  # of columns, by their letters
        self.parser = expat.ParserCreate()
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end

    def read(self, parts: Parts, name: str) -> Look:
        self.parser.buffer_text = True
        parts.parse(name, self.parser)
        self.look.columns = len(self.columns)
        return self.look

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        tag = bare(tag)
        if tag == "c":
            self.column = self.place(attributes.get("r"))
            self.kind, self.text = attributes.get("t", ""), ""
            self.has_formula = self.has_value = False
        elif tag == "v":
            self.has_value = True
            if self.has_formula or self.kind == "e":
                self.parser.CharacterDataHandler = self.add_text
        elif tag == "is":
            self.has_value = True
        elif tag == "f":
            self.has_formula = True
        elif tag == "row":
            self.row = int(attributes.get("r", self.row + 1))
            self.column, self.is_row_filled = 0, False
            self.is_hidden = attributes.get("hidden") in ("1", "true")

    def end(self, tag: str) -> None:
        tag = bare(tag)
        if tag == "c":
            if self.has_value or self.has_formula:
                self.note_cell()
        elif tag == "v":
            self.parser.CharacterDataHandler = None
        elif tag == "row" and self.is_row_filled:
            self.look.rows += 1
            self.look.last_row = max(self.look.last_row, self.row)
            if self.is_hidden:
                self.look.hidden_count += 1
                self.look.hidden += [self.row] * (self.look.hidden_count <= HIDDEN_NAMED)

    def add_text(self, text: str) -> None:
        self.text += text

    def place(self, reference: str | None) -> int:
        """The number of the column, from 1; it need not be told if it is the next."""
        if not reference:
            return self.column + 1
        letters = reference.rstrip("0123456789")
        if letters not in self.numbers:
            number = 0
            for letter in letters:
                number = number * 26 + ord(letter) - ord("A") + 1
            self.numbers[letters] = number
        return self.numbers[letters]

    def note_cell(self) -> None:
        """Take note of the cell that ends here, which is not empty."""
        self.is_row_filled = True
        self.columns.add(self.column)
        self.look.last_column = max(self.look.last_column, self.column)
        if self.kind == "e":
            mark = self.told["error"] + (self.text if self.text.startswith("#") else "#ERROR")
        elif self.has_formula and not self.text and not (self.kind == "str" and self.has_value):
            mark = self.told["formula"]
        else:
            return
        self.look.marks[self.row, self.column - 1] = mark
        if len(self.look.marks) > self.told["limits"]["marked"]:
            raise Refused("formulas")


if __name__ == "__main__":
    main()
