"""Rows as CSV, JSON Lines or XLSX, written line by line. Knows neither database nor request."""

import csv
import io
import json
from collections.abc import Iterable
from datetime import date
from enum import StrEnum
from itertools import chain
from typing import IO

from portal.exports.dictionary import Columns, Export, dictionary

Cell = str | int | float | date | None
Row = tuple[Cell, ...]

# A cell that begins so is a formula to a spreadsheet (OWASP, CSV injection).
FORMULA_BEGINS = ("=", "+", "-", "@", "\t", "\r", "\n")
BOM = "\ufeff"
# Line ends to some readers, and allowed in JSON strings: written as escapes, one line stays one.
LINE_ENDS = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}
WIDTH = 18


class Format(StrEnum):
    CSV = "csv"
    JSONL = "jsonl"
    XLSX = "xlsx"


def write_file(
    file: IO[bytes],
    export: Export,
    rows: Iterable[Row],
    format: Format,
    *,
    with_bom: bool = False,
) -> None:
    """Write EXPORT's ROWS to FILE; a header comes first (CSV, XLSX), a dictionary last (XLSX).

    WITH_BOM: a CSV for people, whose Excel takes UTF-8 without the mark for something else;
    programs on the command line would trip over it. The other formats have none.
    """
    columns = dictionary()[export]
    if format is Format.XLSX:
        _write_xlsx(file, columns, rows)
        return
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    if format is Format.CSV:
        text.write(BOM if with_bom else "")
        lines = chain([tuple(columns)], rows)
        csv.writer(text).writerows([plain_cell(value) for value in line] for line in lines)
    else:
        for row in rows:
            line = json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False, default=str)
            text.write(line.translate(LINE_ENDS) + "\n")
    text.detach()


def plain_cell(value: Cell) -> Cell:
    """VALUE so that a spreadsheet reads text as text."""
    if isinstance(value, str) and value.startswith(FORMULA_BEGINS):
        return f"'{value}"
    return value


def _write_xlsx(file: IO[bytes], columns: Columns, rows: Iterable[Row]) -> None:
    """Text stays text: no formulas, links or numbers are made of strings. One row in memory."""
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "default_date_format": "yyyy-mm-dd",
    }
    import xlsxwriter  # every process would wait for it, and only this needs it

    with xlsxwriter.Workbook(file, options) as book:
        heading = book.add_format({"bold": True})
        sheet = book.add_worksheet("Data")
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(columns) - 1, WIDTH)
        sheet.write_row(0, 0, columns, heading)
        for number, row in enumerate(rows, start=1):
            sheet.write_row(number, 0, row)
        meanings = book.add_worksheet("What the columns mean")
        meanings.set_column(0, 0, WIDTH)
        meanings.set_column(1, 1, 5 * WIDTH)
        meanings.write_row(0, 0, ["column", "meaning"], heading)
        for number, column in enumerate(columns.items(), start=1):
            meanings.write_row(number, 0, column)
