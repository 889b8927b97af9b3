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
from portal.candidate_files.faults import (
    FORMULA,
    ROWS_NAMED,
    SPOILED,
    FileRefused,
    cut_listing,
    listing,
    show,
)
from portal.language import gettext, lazy_gettext

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
TOO_LARGE = lazy_gettext(
    "The workbook is too large to be read: open it and save it as CSV (UTF-8), then import that "
    "file."
)
REFUSALS = {
    "large": TOO_LARGE,
    "slow": lazy_gettext(
        "The workbook took longer than %(most)s seconds to read: open it and save it as CSV "
        "(UTF-8), then import that file.",
        most=SECONDS,
    ),
    "bomb": lazy_gettext(
        "The workbook unpacks to far more than it should: open it and save it as CSV (UTF-8), "
        "then import that file."
    ),
    "damaged": lazy_gettext(
        "The workbook is damaged or cut off: open it in a spreadsheet program and save it again, "
        "or save it as CSV (UTF-8)."
    ),
    "doctype": lazy_gettext(
        "The workbook has parts that no spreadsheet program writes (DTD): open it and save it as "
        "CSV (UTF-8), then import that file."
    ),
    "password": lazy_gettext(
        "The workbook is protected by a password: save it without one, then import it."
    ),
    "word": lazy_gettext("This is a text document, not a workbook."),
    "slides": lazy_gettext("This is a presentation, not a workbook."),
    "numbers": lazy_gettext(
        "This is a document of Apple's Numbers: export it as CSV or Excel, then import it."
    ),
    "zip": lazy_gettext(
        "This is a zip file, not a workbook: unpack it and import the file that is in it."
    ),
    "mail": lazy_gettext("This is a message of Outlook, not a workbook."),
    "charts": lazy_gettext("The workbook has no sheet with cells, only charts or macros."),
    "formulas": lazy_gettext(
        "The workbook has formulas without values throughout: open it, let it calculate and save "
        "it again."
    ),
    "cell": lazy_gettext("a cell is longer than %(most)s characters", most=f"{MAX_CELL:,}"),
    "row": lazy_gettext("the row is longer than %(most)s characters", most=f"{MAX_LINE:,}"),
    "extent": lazy_gettext(
        "The sheet has more than %(rows)s rows or %(cells)s cells, counted to its last filled one: "
        "open it and save it as CSV (UTF-8), then import that file.",
        rows=f"{LIMITS['rows']:,}",
        cells=f"{LIMITS['cells']:,}",
    ),
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
            raise FileRefused(str(TOO_LARGE)) from error
        if why := head.get("refused"):
            raise FileRefused(str(REFUSALS[why]), head.get("row"))
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
        raise FileRefused(str(REFUSALS["slow"])) from error
    if done.returncode:  # killed: by its limits, or by who has none to spare
        raise FileRefused(str(TOO_LARGE))


def _nothing_chosen(sheets: tuple[SheetInfo, ...], told: str | None) -> FileRefused:
    names = listing([sheet.name for sheet in sheets])
    if told is not None:
        words = gettext(
            "The workbook has no sheet %(told)s. It has %(sheets)s.", told=show(told), sheets=names
        )
        return SheetUnclear(words, sheets)
    if filled := [sheet.name for sheet in sheets if sheet.rows]:
        words = gettext(
            "All sheets with rows are hidden: say which to read, of %(sheets)s.",
            sheets=listing(filled),
        )
        return SheetUnclear(words, sheets)
    return FileRefused(gettext("The file has no rows."))


def _notices(
    head: dict[str, Any], sheets: tuple[SheetInfo, ...], told: str | None
) -> tuple[str, ...]:
    notices = []
    others = [sheet.name for sheet in sheets if sheet.rows and sheet.name != head["chosen"]]
    if told is None and others:
        notices.append(
            gettext(
                "Only the sheet %(sheet)s was read, not %(others)s",
                sheet=show(head["chosen"]),
                others=listing(others),
            )
        )
    count, rows = head["hidden"]
    if count:
        which = cut_listing([str(row) for row in rows[:ROWS_NAMED]], count)
        notices.append(gettext("Hidden rows are read as well: %(rows)s", rows=which))
    return tuple(notices)
