"""One sheet, written row by row; or one word that says why the workbook is not read."""

import contextlib
import errno
import json
import os
import resource
import sys
from typing import IO, Any

import python_calamine as calamine

from .looks import Look, Refused
from .opening import look_into
from .texts import text_of

Told = dict[str, Any]


def main() -> None:
    told = json.loads(sys.argv[2])
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
    looks = look_into(file, told)
    file.seek(0)
    book = calamine.CalamineWorkbook.from_filelike(file)
    sheets = {}
    for sheet in book.sheets_metadata:
        if sheet.typ == calamine.SheetTypeEnum.WorkSheet:
            look = looks.get(sheet.name, Look())
            if not look.rows:
                count(book.get_sheet_by_name(sheet.name), look, told)
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


def count(sheet: calamine.CalamineSheet, look: Look, told: Told) -> None:
    """Add to LOOK how much of SHEET is filled."""
    last_row, last_column = sheet.end or (-1, -1)  # counted from 0
    look.rows = look.last_row = last_row + 1
    look.columns = look.last_column = last_column + 1
    if look.last_row > told["limits"]["rows"] or look.extent > told["limits"]["cells"]:
        return
    look.rows, columns = 0, set[int]()
    for cells in sheet.iter_rows():
        filled = [place for place, cell in enumerate(cells) if cell != ""]
        look.rows += bool(filled)
        columns.update(filled)
    look.columns = len(columns)


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
    last = sheet.end[0] if sheet.end else -1
    for (top, left), (bottom, right) in sheet.merged_cell_ranges or []:
        for row in range(top, min(bottom, last) + 1):
            covered.setdefault(row + 1, []).append((left + (row == top), right))
    return covered
