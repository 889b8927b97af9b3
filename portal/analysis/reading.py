"""A file of candidates as whole-number columns, by the one reader of files."""

import sys
from contextlib import nullcontext
from datetime import UTC, date, datetime
from pathlib import Path

from portal.analysis import counted, dated
from portal.analysis.candidates import AnalysisRefused, Candidates, Progress
from portal.candidate_files import FileRefused, Plan, is_column_name, open_sheet

MOST_BYTES = 4 * 1024**3
NOTHING_SAID = Plan()
UNNAMED = (
    "No header row was found: a row with the names of the columns, outcome and decided_on among "
    "them."
)


def read_candidates(
    path: str | Path,
    plan: Plan = NOTHING_SAID,
    progress: Progress | None = None,
    *,
    warn: Progress | None = None,
    today: date | None = None,
) -> Candidates:
    """The candidates of a file, or of standard input (-), columns in any order, more are ignored.

    Employers are ordered whole numbers first, by value. What contradicts itself is taken as WARN
    is told; dates after TODAY are refused. Raises AnalysisRefused.
    """
    try:
        with (
            nullcontext(sys.stdin.buffer) if path == "-" else Path(path).open("rb") as source,
            open_sheet(source, _is_known, plan.choice, most=MOST_BYTES, unnamed=UNNAMED) as sheet,
        ):
            if counted.is_counted(sheet.headers):
                return counted.read_counted(sheet, progress, warn or _ignore)
            today = today or datetime.now(UTC).astimezone().date()
            found = dated.read_dated(sheet, plan, today, progress, warn or _ignore)
    except OSError as error:
        why = getattr(error, "strerror", None) or error
        raise AnalysisRefused(f"cannot read {path}: {why}") from error
    except FileRefused as error:
        fault = error.fault
        raise AnalysisRefused(fault.message, fault.row, fault.column, error.others) from error
    return found


def _is_known(cell: str) -> bool:
    return is_column_name(cell) or dated.is_known(cell) or cell.strip() in counted.READERS


def _ignore(_what: str) -> None:
    pass
