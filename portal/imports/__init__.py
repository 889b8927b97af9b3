"""Files of candidates: found out how to read, checked as a whole, applied through `hiring`.

    with open_sheet(source, is_column_name) as sheet:
        columns = map_columns(sheet.headers, told)
        checked = check_file(sheet, columns, answer, employer, now)
        for chunk in checked.chunks(size):
            apply_chunk(employer_id, chunk, now)     # one transaction each; the caller commits

CSV only so far.
"""

from portal.imports.applying import Applied, apply_chunk, find_earlier_run, record_run
from portal.imports.checking import MOST, CheckedFile, check_file
from portal.imports.columns import FIELDS, Columns, is_column_name, map_columns
from portal.imports.faults import Fault, ImportRefused, Notes
from portal.imports.rows import ImportedRow, ToldAnswer
from portal.imports.sheet import Sheet, open_sheet

__all__ = [
    "FIELDS",
    "MOST",
    "Applied",
    "CheckedFile",
    "Columns",
    "Fault",
    "ImportRefused",
    "ImportedRow",
    "Notes",
    "Sheet",
    "ToldAnswer",
    "apply_chunk",
    "check_file",
    "find_earlier_run",
    "is_column_name",
    "map_columns",
    "open_sheet",
    "record_run",
]
