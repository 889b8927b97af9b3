"""A workbook (XLSX, XLSB, XLS, ODS) as rows: read by a process of its own, under limits.

What a workbook takes to be read is known only afterwards, and the reader is not ours: a child
(`workbook_child`) reads it, with so much memory and time and no more, and leaves the rows of one
sheet in a file without a name.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from portal.candidate_files.delimited import MAX_CELL, MAX_LINE, Record, Spool
from portal.candidate_files.faults import FORMULA, ROWS_NAMED, SPOILED, FileRefused, listing, show

# Isolated (-I), and no module of ours but these can stand in the place of another's.
START = "import sys; sys.path.append(sys.argv[1]); from workbook_child.reading import main; main()"
HOME = str(Path(__file__).parent)
SECONDS = 60
MEBIBYTE = 1024 * 1024
LIMITS = {
    "seconds": SECONDS,
    "memory": 384 * MEBIBYTE,  # of addresses; see the child's peak in the tests
    "spool": 512 * MEBIBYTE,
    "entries": 5_000,
    "inflated": 256 * MEBIBYTE,
    "ratio": 200,
    "ratio_from": 16 * MEBIBYTE,  # small ones are as they like
    "sheets": 300,
    "rows": 200_000,
    "cells": 2_500_000,
    "marked": 50_000,
    "cell": MAX_CELL,
    "row": MAX_LINE,
}
# What a program may need to start, and none of the secrets.
KEPT_OF_ENVIRONMENT = ("PATH", "LD_LIBRARY_PATH", "SYSTEMROOT")
SAVE_AS_CSV = "open it and save it as CSV (UTF-8), then import that file"
TOO_LARGE = f"The workbook is too large to be read: {SAVE_AS_CSV}."
REFUSALS = {
    "large": TOO_LARGE,
    "slow": f"The workbook took longer than {SECONDS} seconds to read: {SAVE_AS_CSV}.",
    "bomb": f"The workbook unpacks to far more than it should: {SAVE_AS_CSV}.",
    "damaged": "The workbook is damaged or cut off: open it in a spreadsheet program and save it "
    "again, or save it as CSV (UTF-8).",
    "doctype": f"The workbook has parts that no spreadsheet program writes (DTD): {SAVE_AS_CSV}.",
    "password": "The workbook is protected by a password: save it without one, then import it.",
    "word": "This is a text document, not a workbook.",
    "slides": "This is a presentation, not a workbook.",
    "numbers": "This is a document of Apple's Numbers: export it as CSV or Excel, then import it.",
    "zip": "This is a zip file, not a workbook: unpack it and import the file that is in it.",
    "mail": "This is a message of Outlook, not a workbook.",
    "charts": "The workbook has no sheet with cells, only charts or macros.",
    "formulas": "The workbook has formulas without values throughout: open it, let it calculate "
    "and save it again.",
    "cell": f"a cell is longer than {MAX_CELL:,} characters",
    "row": f"the row is longer than {MAX_LINE:,} characters",
    "extent": f"The sheet has more than {LIMITS['rows']:,} rows or {LIMITS['cells']:,} cells, "
    f"counted to its last filled one: {SAVE_AS_CSV}.",
}


@dataclass(frozen=True)
class SheetInfo:
    """One sheet of a workbook; how many rows and columns are filled."""

    name: str
    is_hidden: bool
    rows: int
    columns: int


class SheetUnclear(FileRefused):
    """Which of the SHEETS to read has to be asked."""

    def __init__(self, message: str, sheets: tuple[SheetInfo, ...]) -> None:
        super().__init__(message)
        self.sheets = sheets


@dataclass(frozen=True)
class Workbook:
    """The rows of the sheet that was CHOSEN, in SPOOL, and what sheets there are."""

    spool: IO[bytes]
    start: int
    sheets: tuple[SheetInfo, ...]
    chosen: str
    notices: tuple[str, ...]

    def records(self) -> Iterator[Record]:
        """Number, as the spreadsheet shows it, and cells of every row that is not blank."""
        self.spool.seek(self.start)
        while line := self.spool.readline():
            number, *cells = json.loads(line)
            yield number, cells


@contextmanager
def open_workbook(source: Spool, sheet: str | None) -> Iterator[Workbook]:
    """Read SHEET, else the first one in sight that has columns. Raises FileRefused."""
    with tempfile.TemporaryFile() as spool:
        _run_child(source, spool, sheet)
        spool.seek(0)
        try:
            head = json.loads(spool.readline())
        except ValueError as error:  # it died before it could say anything
            raise FileRefused(TOO_LARGE) from error
        if why := head.get("refused"):
            raise FileRefused(REFUSALS[why], head.get("row"))
        sheets = tuple(SheetInfo(*facts) for facts in head["sheets"])
        if head["chosen"] is None:
            raise _nothing_chosen(sheets, sheet)
        yield Workbook(spool, spool.tell(), sheets, head["chosen"], _notices(head, sheets, sheet))


def _run_child(source: Spool, spool: IO[bytes], sheet: str | None) -> None:
    told = {"sheet": sheet, "formula": SPOILED + FORMULA, "error": SPOILED, "limits": LIMITS}
    descriptor = source.fileno()  # from here on it is a file on disk
    source.flush()
    try:
        done = subprocess.run(  # noqa: S603 - our own file
            [sys.executable, "-I", "-c", START, HOME, json.dumps(told)],
            stdin=descriptor,
            stdout=spool,
            stderr=subprocess.DEVNULL,
            env={name: os.environ[name] for name in KEPT_OF_ENVIRONMENT if name in os.environ},
            timeout=SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise FileRefused(REFUSALS["slow"]) from error
    if done.returncode:  # killed: by its limits, or by who has none to spare
        raise FileRefused(TOO_LARGE)


def _nothing_chosen(sheets: tuple[SheetInfo, ...], told: str | None) -> FileRefused:
    names = listing([sheet.name for sheet in sheets])
    if told is not None:
        return SheetUnclear(f"The workbook has no sheet {show(told)}. It has {names}.", sheets)
    if filled := [sheet.name for sheet in sheets if sheet.rows]:
        words = f"All sheets with rows are hidden: say which to read, of {listing(filled)}."
        return SheetUnclear(words, sheets)
    return FileRefused("The file has no rows.")


def _notices(
    head: dict[str, Any], sheets: tuple[SheetInfo, ...], told: str | None
) -> tuple[str, ...]:
    notices = []
    others = [sheet.name for sheet in sheets if sheet.rows and sheet.name != head["chosen"]]
    if told is None and others:
        notices.append(f"Only the sheet {show(head['chosen'])} was read, not {listing(others)}")
    count, rows = head["hidden"]
    if count:
        more = f" and {count - len(rows):,} more" if count > len(rows) else ""
        which = ", ".join(map(str, rows[:ROWS_NAMED]))
        notices.append(f"Hidden rows are read as well: {which}{more}")
    return tuple(notices)
