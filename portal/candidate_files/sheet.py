"""A delimited text file as rows of cells: what it is written in, where its header is, which line.

Knows nothing of candidates; which words are column names is handed in.
"""

import codecs
import csv
import hashlib
import io
import re
import tempfile
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import IO

from portal.candidate_files.faults import FileRefused

MAX_BYTES = 50 * 1024 * 1024
MAX_LINE = 1024 * 1024
MAX_CELL = 131_072  # the csv module's own limit
BLOCK = 64 * 1024
IN_MEMORY = 1024 * 1024
SEPARATORS = ",;\t|"
COUNTED_LINES, SAMPLED_ROWS = 20, 50
MIN_COLUMNS, MIN_KNOWN = 3, 2
EMAIL_LIKE = re.compile(r"[^\s@]@[^\s@]")
SEP_LINE = re.compile(r'"?sep=(.)"?[\r\n]*', re.IGNORECASE)
SAVE_AS_CSV = "open it and save it as CSV (UTF-8), then import that file"
NOT_TEXT = {
    b"PK\x03\x04": f"This is an Excel workbook (or another zip file): {SAVE_AS_CSV}.",
    b"PK\x05\x06": "This is an empty zip file.",
    b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1": f"This is an old Excel workbook (.xls): {SAVE_AS_CSV}.",
    b"%PDF": "This is a PDF, not a CSV file.",
    b"\x1f\x8b": "This file is compressed (gzip): unpack it first.",
    b"<": f"This is a web page or XML, whatever its name says: {SAVE_AS_CSV}.",
}
CSV_ERRORS = {
    "unexpected end of data": "a quotation mark is opened here and never closed",
    "field larger than field limit": f"a cell is longer than {MAX_CELL:,} characters; "
    "perhaps a quotation mark is never closed",
    "expected after": "text follows a closing quotation mark; a quotation mark inside a cell "
    "must be doubled, or one is never closed",
}

Record = tuple[int, list[str]]
Lines = Generator[str, None, None]
Spool = tempfile.SpooledTemporaryFile[bytes]
IsKnown = Callable[[str], bool]


@dataclass(frozen=True)
class SheetChoice:
    sheet: str | None = None
    header_row: int | None = None
    encoding: str | None = None


@dataclass(frozen=True)
class Sheet:
    """A file that has been looked through; `rows` reads it again from the start each time.

    `header_row` is the header's line; `digest` the SHA-256 of the bytes.
    """

    spool: Spool
    encoding: str
    separator: str
    skipped: int
    header_row: int
    headers: tuple[str, ...]
    digest: str
    notices: tuple[str, ...]

    def rows(self) -> Iterator[Record]:
        """Line number and cells of every row below the header that is not blank.

        Raises FileRefused, naming the row, where the file stops being CSV.
        """
        lines = _read_lines(self.spool, self.encoding, self.skipped)
        for number, cells in _read_records(lines, self.separator, self.skipped):
            if number > self.header_row:
                yield number, cells


@contextmanager
def open_sheet(
    source: IO[bytes],
    is_known: IsKnown,
    choice: SheetChoice = SheetChoice(),
    *,
    most: int = MAX_BYTES,
) -> Iterator[Sheet]:
    """Take the bytes of SOURCE, up to 50 MB, and find out how to read them.

    IS_KNOWN says whether a cell is the name of a column. Raises FileRefused.
    """
    # A private copy, gone at the end: the file is read several times and may be a pipe.
    with tempfile.SpooledTemporaryFile(IN_MEMORY) as spool:
        digest = _copy(source, spool)
        yield _look_through(spool, digest, is_known)


def _look_through(spool: Spool, digest: str, is_known: IsKnown) -> Sheet:
    encoding, notices = _find_encoding(spool)
    separators, skipped = _find_separators(spool, encoding)
    for separator in separators:
        found = _find_header(_sample(spool, encoding, separator, skipped), is_known)
        if found:
            break
    else:
        raise _no_header(spool, encoding, separators[0], skipped)
    number, cells = found
    headers = tuple(cell.strip() for cell in cells)
    if any("\0" in cell for cell in headers):
        raise FileRefused("a NUL byte: save the file as CSV in UTF-8", number)
    return Sheet(spool, encoding, separator, skipped, number, headers, digest, notices)


def _copy(source: IO[bytes], spool: Spool) -> str:
    """Copy SOURCE; returns its SHA-256."""
    digest, size = hashlib.sha256(), 0
    while block := source.read(BLOCK):
        if not size:
            _refuse_other_kinds(block)
        size += len(block)
        if size > MAX_BYTES:
            raise FileRefused(
                f"The file is larger than {MAX_BYTES // 1024 // 1024} MB: import it in parts."
            )
        digest.update(block)
        spool.write(block)
    return digest.hexdigest()


def _refuse_other_kinds(start: bytes) -> None:
    text = start.removeprefix(codecs.BOM_UTF8).lstrip()
    for magic, words in NOT_TEXT.items():
        if text.startswith(magic):
            raise FileRefused(words)


def _find_encoding(spool: Spool) -> tuple[str, tuple[str, ...]]:
    """How every byte of SPOOL can be read as text, and a notice if that had to be guessed."""
    spool.seek(0)
    if spool.read(2) in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        if _find_undecodable(spool, "utf-16"):
            raise FileRefused("The file says that it is UTF-16 but is damaged or cut off.")
        return "utf-16", ()
    line = _find_undecodable(spool, "utf-8-sig")
    if not line:
        return "utf-8-sig", ()
    if _find_undecodable(spool, "cp1252"):
        raise FileRefused("The file is neither UTF-8 nor Windows-1252: save it as CSV in UTF-8.")
    return "cp1252", (
        f"Line {line} is not UTF-8, so the file was read as Windows-1252: "
        "check names with accents, or save it as CSV in UTF-8.",
    )


def _find_undecodable(spool: Spool, encoding: str) -> int:
    """The line of the first byte that is not ENCODING; 0 if there is none."""
    decoder = codecs.getincrementaldecoder(encoding)()
    newlines = returns = 0
    spool.seek(0)
    while True:
        block = spool.read(BLOCK)
        try:
            decoder.decode(block, final=not block)
        except UnicodeDecodeError as error:
            before = error.object[: error.start]
            return 1 + max(newlines + before.count(b"\n"), returns + before.count(b"\r"))
        if not block:
            return 0
        newlines, returns = newlines + block.count(b"\n"), returns + block.count(b"\r")


def _read_lines(spool: Spool, encoding: str, skip: int = 0) -> Lines:
    spool.seek(0)
    text = io.TextIOWrapper(spool, encoding, newline="")
    number = 0
    try:
        while line := text.readline(MAX_LINE + 1):
            number += 1
            if len(line) > MAX_LINE:
                raise FileRefused(f"the line is longer than {MAX_LINE:,} characters", number)
            if number > skip:
                yield line
    finally:
        if not spool.closed:
            text.detach()  # else the wrapper would close the spool


def _read_records(lines: Lines, separator: str, skipped: int) -> Iterator[Record]:
    """Cells of every row that is not blank, with the line it starts on."""
    reader = csv.reader(lines, delimiter=separator, strict=True)
    number = skipped + 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                yield number, cells
            number = skipped + reader.line_num + 1
    except csv.Error as error:
        known = (words for sign, words in CSV_ERRORS.items() if sign in str(error))
        raise FileRefused(next(known, f"this is not CSV ({error})"), number) from error
    finally:
        lines.close()


def _find_separators(spool: Spool, encoding: str) -> tuple[list[str], int]:
    """What may separate cells, likeliest first, and how many lines say nothing else (0 or 1)."""
    lines = list(islice(_read_lines(spool, encoding), COUNTED_LINES))
    told = lines and SEP_LINE.fullmatch(lines[0])
    if told and told[1] in SEPARATORS:
        return [told[1]], 1
    text = re.sub(r'"[^"]*"', "", "".join(lines))
    return sorted(SEPARATORS, key=text.count, reverse=True), 0


def _sample(spool: Spool, encoding: str, separator: str, skipped: int) -> list[Record]:
    """The first rows as SEPARATOR cuts them, up to where it makes no CSV."""
    records: list[Record] = []
    try:
        lines = _read_lines(spool, encoding, skipped)
        records.extend(islice(_read_records(lines, separator, skipped), SAMPLED_ROWS))
    except FileRefused:
        pass
    return records


def _find_header(records: list[Record], is_known: IsKnown) -> Record | None:
    """The row that names the columns: by names we know, else by email addresses below it."""
    likely = [at for at, (_, cells) in enumerate(records) if _could_be_header(cells)]
    for at in likely:
        if sum(map(is_known, records[at][1])) >= MIN_KNOWN:
            return records[at]
    for at in likely:
        named = {place for place, cell in enumerate(records[at][1]) if cell.strip()}
        if any(named & _email_places(cells) for _, cells in records[at + 1 :]):
            return records[at]
    return None


def _could_be_header(cells: list[str]) -> bool:
    texts = {cell.strip() for cell in cells if any(sign.isalpha() for sign in cell)}
    return len(texts) >= MIN_COLUMNS and not _email_places(cells)


def _email_places(cells: list[str]) -> set[int]:
    return {place for place, cell in enumerate(cells) if EMAIL_LIKE.search(cell)}


def _no_header(spool: Spool, encoding: str, separator: str, skipped: int) -> FileRefused:
    """Why there is no header: nothing at all, not CSV, or no row that looks like one."""
    try:
        lines = _read_lines(spool, encoding, skipped)
        rows = list(islice(_read_records(lines, separator, skipped), SAMPLED_ROWS))
    except FileRefused as refused:
        return refused
    if len(rows) <= 1:
        return FileRefused("The file has no rows.")
    return FileRefused(
        "No header row was found: a row with the names of at least three columns "
        "(email, name and role among them) and email addresses below it."
    )
