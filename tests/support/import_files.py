"""Files for tests, written and read without a database."""

import csv
import io
from contextlib import contextmanager
from datetime import UTC, datetime

from portal import candidate_files, intake
from portal.models import Employer

NOW = datetime(2026, 5, 20, 15, tzinfo=UTC)
TORONTO = Employer(timezone="America/Toronto")
HEADER = ["name", "email", "role"]
ANN = ["Ann", "ann@x.test", "Engineer"]
BOB = ["Bob", "bob@x.test", "Engineer"]


def write(*rows, separator=",", end="\r\n", encoding="utf-8", before="") -> bytes:
    """The bytes of a file with ROWS, the first of them the header."""
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator=end).writerows(rows)
    return (before + text.getvalue()).encode(encoding)


def table(*rows: dict, **facts) -> bytes:
    """A file with a column for every field that any of ROWS has; FACTS stand in all of them."""
    rows = [dict(zip(HEADER, ANN, strict=True)) | facts | row for row in rows]
    fields = list(dict.fromkeys(field for row in rows for field in row))
    return write(fields, *([row.get(field, "") for field in fields] for row in rows))


@contextmanager
def opened(data: bytes, **choice):
    source, told = io.BytesIO(data), candidate_files.SheetChoice(**choice)
    with candidate_files.open_sheet(source, candidate_files.is_column_name, told) as sheet:
        yield sheet


def read(data: bytes, **choice) -> tuple[candidate_files.Sheet, list]:
    """The sheet in DATA and its numbered rows."""
    with opened(data, **choice) as sheet:
        return sheet, list(sheet.rows())


def check(data: bytes, told=None, maps=(), employer=TORONTO, now=NOW, **said) -> intake.CheckedFile:
    """DATA checked; `distinct` holds what would be applied. SAID: more of the plan."""
    plan = candidate_files.Plan(columns=tuple(maps), told=told, **said)
    with opened(data) as sheet:
        checked = intake.check_file(sheet, plan, employer, now)
        checked.distinct = [row for chunk in checked.chunks() for row in chunk]
        return checked


def attempt(call, *args, **options):
    """What CALL returns, or the words in which it refuses; anything else fails the test."""
    try:
        return call(*args, **options)
    except candidate_files.FileRefused as refused:
        return str(refused)


def faults(data: bytes, **options) -> list[tuple]:
    return [(fault.row, fault.column, fault.message) for fault in check(data, **options).faults]
