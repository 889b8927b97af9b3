"""A file as rows of cells: what kind it is, which sheet and row its header is in.

Knows nothing of candidates; which words are column names is handed in.
"""

import codecs
import gzip
import hashlib
import tempfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import dropwhile, islice
from typing import IO

from babel.support import LazyProxy

from portal.candidate_files import delimited, headers, workbook
from portal.candidate_files.delimited import BLOCK, SAMPLED_ROWS, Spool, Text
from portal.candidate_files.faults import FileRefused, listing, show, why_spoiled
from portal.candidate_files.headers import Header, IsKnown
from portal.candidate_files.workbook import SheetInfo, SheetUnclear
from portal.language import gettext, lazy_gettext

Record = delimited.Record
MEBIBYTE = 1024 * 1024
MAX_BYTES = 50 * MEBIBYTE
IN_MEMORY = 1024 * 1024
ZIP, OLE, GZIP = b"PK\x03\x04", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"\x1f\x8b"
TAR, TAR_AT = b"ustar", 257
IS_JSON = lazy_gettext(
    "This is JSON, not a CSV file or a workbook: export it as CSV or XLSX, then import that file."
)
NOT_READ = {
    b'{"': IS_JSON,
    b"[{": IS_JSON,
    b"PK\x05\x06": lazy_gettext("This is an empty zip file."),
    b"%PDF": lazy_gettext("This is a PDF, not a CSV file or a workbook."),
    GZIP: lazy_gettext("This file is compressed twice: unpack it first."),
    b"MIME-Version:": lazy_gettext(
        "This is a saved web page, whatever its name says: open it and save it as CSV (UTF-8), "
        "then import that file."
    ),
    b"{\\rtf": lazy_gettext("This is a text document (RTF), not a CSV file or a workbook."),
    b"<": lazy_gettext(
        "This is a web page or XML, whatever its name says: open it and save it as CSV (UTF-8), "
        "then import that file."
    ),
}


@dataclass(frozen=True)
class SheetChoice:
    """What somebody who knows the file says of it; None is found out."""

    sheet: str | None = None
    header_row: int | None = None
    encoding: str | None = None


@dataclass(frozen=True)
class Sheet:
    """A file that has been looked through; `rows` reads it again from the start each time.

    `header_row` is the number of the header's row, `digest` the SHA-256 of the bytes (unpacked).
    Of text: `encoding`, `separator`, and `doubtful`: words by which a person sees whether a guessed
    encoding is right. Of a workbook: its `sheets`, and which of them was `chosen`.
    """

    records: Callable[[], Iterator[Record]]
    header_row: int
    headers: tuple[str, ...]
    digest: str
    notices: tuple[str, ...]
    instructions: tuple[int, ...] = ()
    encoding: str = ""
    separator: str = ""
    doubtful: tuple[str, ...] = ()
    sheets: tuple[SheetInfo, ...] = ()
    chosen: str | None = None

    def rows(self) -> Iterator[Record]:
        """Number and cells of every row below the header that is not blank.

        As many cells as there are columns; more only where more are filled. Raises FileRefused,
        naming the row, where the file stops being CSV.
        """
        width = len(self.headers)
        for number, cells in self.records():
            if number > self.header_row and number not in self.instructions:
                yield number, headers.fit(cells, width)


@contextmanager
def open_sheet(
    source: IO[bytes],
    is_known: IsKnown,
    choice: SheetChoice = SheetChoice(),
    *,
    most: int = MAX_BYTES,
    unnamed: str | LazyProxy = headers.UNNAMED,
) -> Iterator[Sheet]:
    """Take the bytes of SOURCE, up to MOST, and find out how to read them.

    IS_KNOWN says whether a cell is the name of a column; UNNAMED is said where no row names them.
    Raises FileRefused.
    """
    with ExitStack() as opened:
        spool, digest = _take(source, opened, most)
        if _begins(spool, ZIP, OLE):
            book = opened.enter_context(workbook.open_workbook(spool, choice.sheet))
            yield _in_workbook(book, digest, is_known, choice, unnamed)
        else:
            yield _in_text(spool, digest, is_known, choice, unnamed)


@contextmanager
def open_rows(source: IO[bytes], choice: SheetChoice) -> Iterator[Iterator[Record]]:
    """All rows of SOURCE, whether or not one of them names the columns. Raises FileRefused."""
    with ExitStack() as opened:
        spool, _ = _take(source, opened, MAX_BYTES)
        if _begins(spool, ZIP, OLE):
            yield opened.enter_context(workbook.open_workbook(spool, choice.sheet)).records()
        else:
            yield delimited.open_text(spool, choice.encoding)[0].records()


def _spool() -> Spool:
    return tempfile.SpooledTemporaryFile(IN_MEMORY)


def _take(source: IO[bytes], opened: ExitStack, most: int) -> tuple[Spool, str]:
    """A private copy of SOURCE, unpacked, and its SHA-256; gone when OPENED ends.

    For the file is read several times and may be a pipe.
    """
    spool = opened.enter_context(_spool())
    digest = _copy(source, spool, most)
    if _begins(spool, GZIP):
        unpacked = opened.enter_context(_spool())
        digest = _unpack(spool, unpacked, most)
        spool = unpacked
    _refuse_other_kinds(spool)
    return spool, digest


def _in_text(
    spool: Spool, digest: str, is_known: IsKnown, choice: SheetChoice, unnamed: str | LazyProxy
) -> Sheet:
    texts = delimited.open_text(spool, choice.encoding)
    for text in texts:
        if header := _find(text.records, text.sample(), is_known, choice):
            break
    else:
        raise _no_header(texts[0], unnamed)
    text = text.with_mended_named()
    return Sheet(
        records=text.records,
        header_row=header.row,
        headers=_sound(header),
        digest=digest,
        notices=text.notices + header.notices,
        instructions=header.instructions,
        encoding=text.encoding,
        separator=text.separator,
        doubtful=text.doubtful,
    )


def _in_workbook(
    book: workbook.Workbook,
    digest: str,
    is_known: IsKnown,
    choice: SheetChoice,
    unnamed: str | LazyProxy,
) -> Sheet:
    sample = list(islice(book.records(), SAMPLED_ROWS))
    header = _find(book.records, sample, is_known, choice)
    if header is None:
        raise _no_header_in(book, sample, unnamed)
    return Sheet(
        records=book.records,
        header_row=header.row,
        headers=_sound(header),
        digest=digest,
        notices=book.notices + header.notices,
        instructions=header.instructions,
        sheets=book.sheets,
        chosen=book.chosen,
    )


def _find(
    records: Callable[[], Iterator[Record]],
    sample: list[Record],
    is_known: IsKnown,
    choice: SheetChoice,
) -> Header | None:
    told = choice.header_row
    if told is None:
        return headers.find_header(sample, is_known)
    below = list(islice(dropwhile(lambda row: row[0] < told, records()), SAMPLED_ROWS))
    if not below or below[0][0] != told:
        raise FileRefused(
            gettext("the row is empty: the names of the columns cannot be in it"), told
        )
    return headers.header_at(below, 0)


def _sound(header: Header) -> tuple[str, ...]:
    for name in header.names:
        if "\0" in name:
            raise FileRefused(
                gettext("%(why)s; the names of the columns are here", why=why_spoiled(name)),
                header.row,
            )
    return header.names


def _no_header(text: Text, unnamed: str | LazyProxy) -> FileRefused:
    """Why there is no header: nothing at all, not CSV, or no row that looks like one."""
    try:
        return headers.no_header(list(islice(text.records(), SAMPLED_ROWS)), unnamed)
    except FileRefused as refused:
        return refused


def _no_header_in(
    book: workbook.Workbook, sample: list[Record], unnamed: str | LazyProxy
) -> FileRefused:
    refused = headers.no_header(sample, unnamed)
    others = [sheet.name for sheet in book.sheets if sheet.rows and sheet.name != book.chosen]
    if not others:
        return refused
    which = gettext(
        "Read was the sheet %(sheet)s; the workbook has %(others)s as well.",
        sheet=show(book.chosen),
        others=listing(others),
    )
    return SheetUnclear(f"{refused} {which}", book.sheets)


def _copy(
    source: IO[bytes] | gzip.GzipFile,
    spool: Spool,
    most: int,
    *,
    is_packed: bool = False,
) -> str:
    """Copy SOURCE, which IS_PACKED itself; returns the SHA-256 of what is copied."""
    digest, size = hashlib.sha256(), 0
    while block := source.read(BLOCK):
        size += len(block)
        if size > most:
            raise _too_large(most // MEBIBYTE, is_packed=is_packed)
        digest.update(block)
        spool.write(block)
    return digest.hexdigest()


def _too_large(most: int, *, is_packed: bool) -> FileRefused:
    if is_packed:
        return FileRefused(
            gettext("Unpacked, the file is larger than %(most)s MB: import it in parts.", most=most)
        )
    return FileRefused(
        gettext("The file is larger than %(most)s MB: import it in parts.", most=most)
    )


def _unpack(packed: Spool, spool: Spool, most: int) -> str:
    """Unpack gzip, block by block; returns the SHA-256 of what was in it."""
    packed.seek(0)
    try:
        with gzip.GzipFile(fileobj=packed, mode="rb") as source:
            return _copy(source, spool, most, is_packed=True)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise FileRefused(gettext("The compressed file (gzip) is damaged or cut off.")) from error


def _begins(spool: Spool, *magics: bytes) -> bool:
    spool.seek(0)
    return spool.read(max(map(len, magics))).startswith(magics)


def _refuse_other_kinds(spool: Spool) -> None:
    spool.seek(0)
    block = spool.read(BLOCK)
    if block.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        block = block[:1024].decode("utf-16", "ignore").encode("utf-8", "ignore")
    text = block.removeprefix(codecs.BOM_UTF8).lstrip()
    for magic, words in NOT_READ.items():
        if text.startswith(magic):
            raise FileRefused(str(words))
    if block[TAR_AT:].startswith(TAR):
        raise FileRefused(gettext("This is an archive of files (tar): unpack it first."))
