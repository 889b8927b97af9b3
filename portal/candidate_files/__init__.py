"""Files of candidates, read: bytes -> sheet -> columns -> rows, each row with its faults.

    with open_sheet(source, is_column_name) as sheet:
        columns = map_columns(sheet.headers, told)

What becomes of the rows is for `intake`.
"""

from portal.candidate_files.columns import FIELDS, Columns, is_column_name, map_columns
from portal.candidate_files.faults import Fault, FileRefused, Notes
from portal.candidate_files.rows import FileRow, ToldAnswer
from portal.candidate_files.sheet import Sheet, SheetChoice, open_sheet
from portal.candidate_files.workbook import SheetInfo, SheetUnclear

__all__ = [
    "FIELDS",
    "Columns",
    "Fault",
    "FileRefused",
    "FileRow",
    "Notes",
    "Sheet",
    "SheetChoice",
    "SheetInfo",
    "SheetUnclear",
    "ToldAnswer",
    "is_column_name",
    "map_columns",
    "open_sheet",
]
