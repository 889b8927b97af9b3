"""A file between its upload and its import: what is said of it, and what was found in it.

Whatever is said makes it be looked at anew: at once if it is small, else by a worker. Commits
nothing.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import IO, Any

import sqlalchemy as sa

from portal import language
from portal.candidate_files import FileRefused, Plan, SheetChoice
from portal.candidate_files.headers import HeaderUnknown
from portal.extensions import db
from portal.intake.applying import Applied, apply_chunk
from portal.intake.checking import CheckedFile, check_identities
from portal.intake.examining import Examined, examine, from_json, open_planned, to_json
from portal.intake.files import change_file, keep_file, open_file
from portal.intake.learning import recall_plan, remember_plan
from portal.intake.plans import ONLY_GOOD, read_plan
from portal.intake.running import start_import
from portal.models import Employer, FileState, IntakeFile, Run

SMALL = 32 * 1024  # bytes that a page may look at while somebody waits for it
MOST_LISTED = 20
DONE, TOTAL, LANGUAGE = "done", "total", "language"


def take_in(employer: Employer, name: str, source: IO[bytes], now: datetime) -> IntakeFile:
    """A draft of the bytes of SOURCE, with what was answered about the last file of its kind.

    Raises FileRefused if there is no table in it.
    """
    file = keep_file(employer.id, name, source)
    say(employer, file, _recalled(employer, file, Plan(), must_read=True), now)
    return file


def choose(employer: Employer, file: IntakeFile, choice: SheetChoice, now: datetime) -> None:
    """Read FILE by CHOICE; what was said of its columns holds for another sheet no more."""
    say(employer, file, _recalled(employer, file, Plan(choice), must_read=False), now)


def _recalled(employer: Employer, file: IntakeFile, plan: Plan, *, must_read: bool) -> Plan:
    """PLAN with what the employer answered about such a file; as it is where no row is found that
    names columns. MUST_READ: raise FileRefused for any other reason.
    """
    try:
        with open_planned(file, plan) as sheet:
            return recall_plan(employer.id, sheet.headers, plan)
    except HeaderUnknown:
        return plan
    except FileRefused:
        if must_read:
            raise
        return plan  # the next page says why, and lets another sheet or row be chosen


def list_waiting(employer_id: int) -> Sequence[IntakeFile]:
    """The employer's files that were begun and not finished, the newest first."""
    found = sa.select(IntakeFile).where(
        IntakeFile.employer_id == employer_id, IntakeFile.run_id.is_(None)
    )
    return db.session.scalars(found.order_by(IntakeFile.id.desc()).limit(MOST_LISTED)).all()


def say(employer: Employer, file: IntakeFile, plan: Plan, now: datetime) -> None:
    """FILE is read by PLAN from now on; what it holds is found out at once, or by a worker."""
    change_file(file, now, plan=plan.to_json(), checked=None, state=FileState.OPEN)
    if not plan.columns:
        return
    if file.size > SMALL:
        file.state = FileState.CHECKING
        file.checked = {DONE: 0, TOTAL: 0, LANGUAGE: language.current()}
        return
    found = examine(file.id, plan, employer, now, try_out=_try_out(employer.id, now))
    keep_found(file, found, now)


def keep_found(file: IntakeFile, found: Examined, now: datetime) -> None:
    """FOUND is what FILE holds."""
    change_file(file, now, checked=to_json(found), state=FileState.CHECKED)


def found_in(file: IntakeFile) -> Examined | None:
    """What was found in FILE; None before anybody looked, and while a worker does."""
    if file.checked is None or file.state is not FileState.CHECKED:
        return None
    return from_json(file.checked)


def progress_of(file: IntakeFile) -> tuple[int, int]:
    """How many of its rows a worker has looked at, and how many there are; 0: not known yet."""
    kept = file.checked or {}
    return int(kept.get(DONE, 0)), int(kept.get(TOTAL, 0))


def find_to_check() -> IntakeFile | None:
    """The file that has waited longest for a worker to look at it."""
    found = sa.select(IntakeFile).where(IntakeFile.state == FileState.CHECKING)
    return db.session.scalars(found.order_by(IntakeFile.touched_at).limit(1)).first()


def show_progress(file_id: int, plan: dict[str, Any], done: int, total: int) -> bool:
    """Note how far looking at the file is; False if it is gone, or to be read by another plan."""
    file = db.session.get(IntakeFile, file_id, populate_existing=True)
    if file is None or file.state is not FileState.CHECKING or file.plan != plan:
        return False
    file.checked = {**(file.checked or {}), DONE: done, TOTAL: total}
    return True


def _try_out(employer_id: int, now: datetime) -> Any:
    def try_out(checked: CheckedFile) -> dict[str, Any]:
        """What importing the good rows would do, tried in one transaction and undone."""
        total = Applied(same=checked.absorbed)
        with db.session.begin_nested() as tried:
            for rows in checked.chunks():
                total.add(apply_chunk(employer_id, rows, now))
            tried.rollback()
        return total.counts()

    return try_out


def begin(employer: Employer, file: IntakeFile, now: datetime, *, is_only_good: bool) -> Run:
    """Queue the import of FILE, and keep what was answered for the next of its kind.

    Raises AlreadyQueued if another upload of the same bytes waits, or is being applied.
    """
    plan, found = Plan.from_json(file.plan), found_in(file)
    change_file(file, now, plan=plan.to_json() | {ONLY_GOOD: is_only_good})
    db.session.flush()
    run = start_import(file, now)
    if found:
        remember_plan(employer.id, found.headers, plan, now)
    return run


@contextmanager
def open_checked(employer: Employer, file: IntakeFile, now: datetime) -> Iterator[CheckedFile]:
    """FILE as it is to be read, checked once more. Raises FileRefused."""
    with open_file(file.id) as spool, read_plan(spool, file.plan, employer, now) as checked:
        check_identities(checked, employer.id)
        yield checked
