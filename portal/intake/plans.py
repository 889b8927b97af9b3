"""A file checked by the plan that is stored with it.

The plan is `candidate_files.Plan` as JSON; "only_good": true lets the good rows be applied alone,
though others are refused.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import IO, Any

from portal.candidate_files import Plan, is_column_name, open_sheet
from portal.candidate_files.reading import Watch
from portal.intake.checking import CheckedFile, check_file
from portal.models import Employer

ONLY_GOOD = "only_good"


@contextmanager
def read_plan(
    spool: IO[bytes],
    plan: dict[str, Any],
    employer: Employer,
    now: datetime,
    watch: Watch = lambda rows, count: rows,
) -> Iterator[CheckedFile]:
    """The file in SPOOL checked as PLAN says, for as long as this lasts. Raises FileRefused."""
    said = Plan.from_json(plan)
    with open_sheet(spool, is_column_name, said.choice) as sheet:
        yield check_file(sheet, said, employer, now, watch)
