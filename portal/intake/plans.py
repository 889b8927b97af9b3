"""What a file is read by: the one place that knows what a stored plan means.

A plan is JSON: {"columns": [[header, field], …], "told": "yes" | "no" | "column" | null}; both may
be missing. "only_good": true lets the good rows be applied alone, though others are refused.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO, Any

from portal.candidate_files import ToldAnswer, is_column_name, map_columns, open_sheet
from portal.intake.checking import CheckedFile, Watch, check_file
from portal.models import Employer

Plan = dict[str, Any]


@contextmanager
def read_plan(
    spool: IO[bytes],
    plan: Plan,
    employer: Employer,
    now: datetime,
    watch: Watch = lambda rows, count: rows,
) -> Iterator[CheckedFile]:
    """The file in SPOOL checked as PLAN says, for as long as this lasts. Raises FileRefused."""
    told = ToldAnswer(plan["told"]) if plan.get("told") else None
    pairs = [(column, field) for column, field in plan.get("columns", ())]
    with open_sheet(spool, is_column_name) as sheet:
        columns = map_columns(sheet.headers, pairs)
        yield check_file(sheet, columns, told, employer, now, watch)
