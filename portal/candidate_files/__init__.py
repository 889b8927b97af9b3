"""Files of candidates, read: bytes -> sheet -> columns -> values -> rows, each with its faults.

    with open_sheet(source, is_column_name, plan.choice) as sheet:
        reading = look_through(sheet, plan)      # what must be asked is in its `questions`
        reader = reading.reader(local_day, today)
        for number, cells in sheet.rows():
            reader.read(number, cells)

Knows no database; what becomes of the rows is for `intake` and `analysis`.
"""

from portal.candidate_files.columns import FIELDS, FOR_ALL, Columns, is_column_name, map_columns
from portal.candidate_files.day_forms import Order
from portal.candidate_files.delimited import refuse_unlikely
from portal.candidate_files.faults import Fault, FileRefused, Notes
from portal.candidate_files.file_row import FileRow, ToldAnswer
from portal.candidate_files.guesses import ColumnGuess, guess_columns
from portal.candidate_files.outcomes import Meaning, Value
from portal.candidate_files.reading import Plan, Reading, find_addresses, look_through
from portal.candidate_files.sheet import Sheet, SheetChoice, open_sheet
from portal.candidate_files.workbook import SheetInfo, SheetUnclear
