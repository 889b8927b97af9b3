"""A file between its upload and its import: what is said of it, and what was found in it.

Whatever is said makes it be looked at anew: at once if it is small, else by a worker. Commits
nothing.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import IO

import sqlalchemy as sa

from portal.candidate_files import FileRefused, Plan, SheetChoice
from portal.extensions import db
from portal.intake.applying import Applied, apply_chunk
from portal.intake.checking import CheckedFile
from portal.intake.examining import Examined, examine, from_json, open_planned, to_json
from portal.intake.files import change_file, keep_file
from portal.intake.learning import recall_plan
from portal.models import Employer, FileState, IntakeFile

SMALL = 64 * 1024  # bytes that a page may look at while somebody waits for it
DONE, TOTAL = "done", "total"
ONLY_GOOD = "only_good"


def take_in(employer: Employer, name: str, source: IO[bytes], now: datetime) -> IntakeFile:
    """A draft of the bytes of SOURCE, with what was answered about the last file of its kind.

    Raises FileRefused if it cannot be read at all.
    """
    file = keep_file(employer.id, name, source)
    plan = Plan()
    try:
        with open_planned(file, plan) as sheet:
            plan = recall_plan(employer.id, sheet.headers, plan)
    except FileRefused:
        if not is_table(file):
            raise
    say(employer, file, plan, now)
    return file


def is_table(file: IntakeFile) -> bool:
    """Whether FILE has rows at all, so that somebody may say which of them names the columns."""
    return False


def list_waiting(employer_id: int) -> Sequence[IntakeFile]:
    """The employer's files that were begun and not finished, the newest first."""
    found = sa.select(IntakeFile).where(
        IntakeFile.employer_id == employer_id, IntakeFile.run_id.is_(None)
    )
    return db.session.scalars(found.order_by(IntakeFile.id.desc()).limit(20)).all()


def say(employer: Employer, file: IntakeFile, plan: Plan, now: datetime) -> None:
    """FILE is read by PLAN from now on; what it holds is found out at once, or by a worker."""
    change_file(file, now, plan=plan.to_json(), checked=None, state=FileState.OPEN)
    if not plan.columns:
        return
    if file.size > SMALL:
        file.state, file.checked = FileState.CHECKING, {DONE: 0, TOTAL: 0}
        return
    found = examine(
        file, plan, employer, now, try_out=lambda checked: try_out(employer, checked, now)
    )
    change_file(file, now, checked=to_json(found), state=FileState.CHECKED)


def choose(employer: Employer, file: IntakeFile, choice: SheetChoice, now: datetime) -> None:
    """Read FILE by CHOICE; what was said of its columns holds for another sheet no more."""
    plan = Plan(choice)
    try:
        with open_planned(file, plan) as sheet:
            plan = recall_plan(employer.id, sheet.headers, plan)
    except FileRefused:
        pass  # the next page says why, and lets another be chosen
    say(employer, file, plan, now)


def found_in(file: IntakeFile) -> Examined | None:
    """What was found in FILE; None before anybody looked, and while a worker does."""
    if file.checked is None or file.state is not FileState.CHECKED:
        return None
    return from_json(file.checked)


def progress_of(file: IntakeFile) -> tuple[int, int]:
    """How many of its rows a worker has looked at, and how many there are; 0: not known yet."""
    kept = file.checked or {}
    return int(kept.get(DONE, 0)), int(kept.get(TOTAL, 0))


def try_out(employer: Employer, checked: CheckedFile, now: datetime) -> dict[str, int]:
    """What importing the good rows would do, tried in one transaction and undone."""
    total = Applied(same=checked.absorbed)
    with db.session.begin_nested() as tried:
        for rows in checked.chunks():
            total.add(apply_chunk(employer.id, rows, now))
        tried.rollback()
    db.session.expire_all()
    return counts_of(total)


def counts_of(total: Applied) -> dict[str, int]:
    """What is told of a try."""
    return {
        "new": total.new,
        "changed": total.changed,
        "same": total.same,
        "invitations_planned": total.invitations_planned,
    }
