"""Taking a run back: letters that have not left stay, what was recorded goes.

Whoever has been worked on since stays as it is. Commits nothing.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from portal import audit, hiring, runs
from portal.bulk.plans import Action
from portal.extensions import db
from portal.language import marked
from portal.models import Email, EmailState, Employer, LineResult, Notice, Run, RunLine

LEFT_ALREADY = marked("The letter had left already.")
WORKED_ON = marked("Somebody has worked on this since.")


@dataclass(frozen=True)
class Undo:
    """Whether a run can be taken back, and how many of its letters have left already."""

    may: bool
    mail: int = 0
    worked_on: int = 0


def check_undo(run: Run) -> Undo:
    """Whether there is anything of RUN to take back. Changes nothing."""
    if run.state not in runs.OVER or run.name == Action.LINK:
        return Undo(False)  # a link tells nothing that could be taken back
    lines = sa.select(sa.func.count()).where(
        RunLine.run_id == run.id, RunLine.result == LineResult.DONE
    )
    done, written = db.session.scalar(lines) or 0, _count_letters(run)
    left = _count_letters(run, Email.state != EmailState.QUEUED)
    return Undo(done > 0 and (not written or left < written), left)


def _count_letters(run: Run, *is_so: sa.ColumnElement[bool]) -> int:
    """How many letters of RUN there are, apart from those that were taken back."""
    counted = sa.select(sa.func.count(Email.id)).join(Notice, Email.notice_id == Notice.id)
    counted = counted.where(Notice.run_id == run.id, Email.state != EmailState.CANCELLED, *is_so)
    return db.session.scalar(counted) or 0


def ask_undo(run: Run) -> bool:
    """Let a worker take RUN back; False if that cannot be. Raises runs.Overtaken."""
    if not check_undo(run).may:
        return False
    lines = sa.select(sa.func.count()).where(
        RunLine.run_id == run.id, RunLine.result == LineResult.DONE
    )
    runs.ask_undo(run, db.session.scalar(lines) or 0)
    audit.record("selection.undone", run.employer_id, run.id)
    return True


def take_done(run_id: int, most: int) -> list[int]:
    """The numbers of the next MOST lines that are to be taken back, the last first."""
    found = sa.select(RunLine.number).where(
        RunLine.run_id == run_id, RunLine.result == LineResult.DONE
    )
    return list(db.session.scalars(found.order_by(RunLine.number.desc()).limit(most)))


def undo(run_id: int, number: int, now: datetime) -> None:
    """Take back what the run did with the person of its line NUMBER, if nobody went on from it."""
    run = db.session.get_one(Run, run_id)
    line = db.session.get_one(RunLine, (run_id, number))
    if line.result is not LineResult.DONE:
        raise runs.Overtaken
    employer = db.session.get_one(Employer, run.employer_id)
    hiring.lock_applications([line.application_id or 0])
    application = hiring.find_application(employer, line.application_id or 0)
    before: dict[str, Any] = line.before or {}
    kept = WORKED_ON
    if application and _is_as_left(application.id, before, now):
        is_taken = hiring.take_back(
            application,
            now,
            decision_id=before.get("decision"),
            notice_id=before.get("notice"),
            promised_on=date.fromisoformat(before["promised"]) if before.get("promised") else None,
        )
        kept = "" if is_taken else LEFT_ALREADY
    counts = dict(run.counts)
    name = "kept" if kept else "undone"
    counts[name] = counts.get(name, 0) + 1
    runs.advance(run_id, run.done, 1, counts, (), now)
    line.result, line.note = (LineResult.LEFT if kept else LineResult.SAME), kept


def _is_as_left(application_id: int, before: dict[str, Any], now: datetime) -> bool:
    """Whether the newest notice and decision are still those of the run, and nothing hangs on a
    decision that it recorded."""
    last = hiring.last_ids([application_id], now)[application_id]
    notice, decision = before.get("notice"), before.get("decision")
    if last["stands"] != (before.get("stands") or 0):
        return False
    if notice is not None:
        return bool(last["notice"] == notice)
    told = sa.select(Notice.id).where(Notice.decision_id == decision).limit(1)
    return db.session.scalar(told) is None
