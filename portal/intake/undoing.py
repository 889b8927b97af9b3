"""Undoing an import, while none of its mail has left.

What an import added is deleted; what it changed gets back what it said before. Whatever somebody
has worked on since is kept, and its line says why. Commits nothing.

Each line of a run holds what that needs (`before`): a mark by which it is seen whether anything
happened since, and what was made and changed.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from portal import audit, hiring, runs
from portal.extensions import db
from portal.language import marked
from portal.models import (
    Application,
    AuditEvent,
    Candidate,
    Email,
    EmailState,
    LineResult,
    Requisition,
    Run,
    RunLine,
    RunState,
)

HAS_LEFT = (EmailState.SENDING, EmailState.SENT, EmailState.UNKNOWN, EmailState.CAPTURED)
WORKED_ON = ("application.", "decision.", "notice.")
TO_UNDO = (LineResult.NEW, LineResult.CHANGED)
UNDONE = marked("Undone")
KEPT_MAIL = marked("Kept: mail about it has left")
KEPT_GONE = marked("Kept: the person was erased or let go since, or nothing is left to undo")
KEPT_WORKED_ON = marked("Kept: somebody has decided, told or changed something here since")
KEPT_LATER = marked("Kept: a later import has changed it")
Facts = dict[str, Any]


@dataclass(frozen=True)
class UndoState:
    """Whether a run can be undone. `mail`: emails of it that have left; if there are any it cannot.

    `rows`: how many would be undone; `worked_on`: on how many of them somebody has worked since,
    which are kept.
    """

    is_over: bool
    rows: int
    mail: int
    worked_on: int

    @property
    def may(self) -> bool:
        return self.is_over and self.rows > 0 and not self.mail


@dataclass
class Change:
    """What was changed of an application that was held: what it `was`, and what was recorded."""

    application: Application
    was: Facts
    decision_id: int | None = None
    notice_id: int | None = None


def of_new(added: hiring.Added) -> Facts:
    """What an undo needs to know of a new application."""
    number = added.decision_id or 0
    mark = [number, number, added.notice_id or 0, 0]
    found: Facts = {"mark": mark, "facts": _sum(added.facts)}
    if added.made:
        found["made"] = added.made
    if added.changes:
        found["changes"] = added.changes
    return found


def of_changed(changes: Mapping[int, Change], now: datetime) -> dict[int, Facts]:
    """What an undo needs to know of what was changed at NOW, by the same numbers as CHANGES."""
    if not changes:
        return {}
    db.session.flush()
    last = hiring.last_ids([change.application.id for change in changes.values()], now)
    return {number: _of_change(one, last[one.application.id]) for number, one in changes.items()}


def _of_change(change: Change, last: dict[str, int]) -> Facts:
    is_moved = change.was["stage"] != change.application.stage
    return {
        "mark": [last[name] for name in ("stands", "decision", "notice", "stage")],
        "facts": _sum(hiring.progress_of(change.application)),
        "was": change.was,
        "decision": change.decision_id,
        "ended": last["ended"] if change.decision_id else 0,
        "notice": change.notice_id,
        "stage": last["stage"] if is_moved else 0,
    }


def _sum(facts: Facts) -> int:
    words = ("" if facts[name] is None else str(facts[name]) for name in hiring.PROGRESS)
    return zlib.crc32("\0".join(words).encode())


def check_undo(run: Run) -> UndoState:
    """Whether RUN can be undone now, and what stands against it."""
    ours = _lines_of(run).with_only_columns(RunLine.application_id)
    since = run.started_at or run.created_at
    left = sa.select(sa.func.count(Email.id)).where(
        hiring.about_applications(ours), *_has_left(since)
    )
    worked_on = sa.select(sa.func.count(AuditEvent.about_id.distinct())).where(
        AuditEvent.employer_id == run.employer_id,
        AuditEvent.at > (run.finished_at or since),
        AuditEvent.about_id.in_(ours),
        sa.or_(*(AuditEvent.action.startswith(start) for start in WORKED_ON)),
    )
    rows = sa.select(sa.func.count()).select_from(_lines_of(run).subquery())
    is_over = run.state in runs.OVER
    return UndoState(is_over, *(db.session.scalar(one) or 0 for one in (rows, left, worked_on)))


def _lines_of(run: Run) -> sa.Select[RunLine]:
    return sa.select(RunLine).where(
        RunLine.run_id == run.id,
        RunLine.result.in_(TO_UNDO),
        RunLine.application_id.is_not(None),
    )


def _has_left(since: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    moment = sa.func.coalesce(Email.sending_at, Email.sent_at, Email.created_at)
    return Email.state.in_(HAS_LEFT), moment >= since


def undo_import(run: Run) -> bool:
    """Let a worker undo RUN; False if it cannot be undone (see `check_undo`)."""
    state = check_undo(run)
    if not state.may:
        return False
    try:
        runs.ask_undo(run, state.rows)
    except runs.Overtaken:
        return False
    return True


def undo_chunk(run: Run, most: int, now: datetime) -> int:
    """Undo the next MOST rows of RUN, the last ones first; 0 when there are none left.

    Backwards, so that a person or role goes with the last application that was added for it.
    """
    below, done = run.counts.get("below"), run.done
    lines = _lines_of(run).order_by(RunLine.application_id.desc()).limit(most)
    if below is not None:
        lines = lines.where(RunLine.application_id < below)
    found = db.session.scalars(lines).all()
    if not found:
        return 0
    numbers = [line.application_id for line in found if line.application_id is not None]
    held = hiring.lock_applications(numbers)
    kept = _why_kept(run, found, held)
    undone = [line for line in found if line.number not in kept]
    counts = run.counts | {
        "below": min(numbers),
        "undone": run.counts.get("undone", 0) + len(undone),
        "kept": run.counts.get("kept", 0) + len(kept),
    }
    runs.advance(run.id, done, len(found), counts, [], now)
    _undo(undone, held, now)
    for line in found:
        if line.number in kept:
            line.note = "\n".join(filter(None, (line.note, kept[line.number])))
        else:
            line.note, line.application_id, line.before = UNDONE, None, None
    db.session.flush()
    return len(found)


def _why_kept(
    run: Run, lines: Sequence[RunLine], held: Mapping[int, Application]
) -> dict[int, str]:
    """By row number, why what is held of it stays as it is."""
    written = _written_to(run, list(held))
    later = _changed_later(run, list(held))
    last = hiring.last_ids(list(held), run.created_at)
    kept: dict[int, str] = {}
    for line in lines:
        application = held.get(line.application_id or 0)
        if application is None or line.before is None:
            kept[line.number] = KEPT_GONE
        elif application.id in written:
            kept[line.number] = KEPT_MAIL
        elif application.id in later:
            kept[line.number] = KEPT_LATER
        elif _is_worked_on(application, line.before, last[application.id]):
            kept[line.number] = KEPT_WORKED_ON
    return kept


def _is_worked_on(application: Application, before: Facts, last: dict[str, int]) -> bool:
    mark = [last[name] for name in ("stands", "decision", "notice", "stage")]
    is_same = mark == before["mark"] and _sum(hiring.progress_of(application)) == before["facts"]
    return not is_same


def _written_to(run: Run, ids: Sequence[int]) -> set[int]:
    """Those of IDS about which mail has left since RUN began, or is just leaving."""
    return hiring.find_written_to(ids, *_has_left(run.started_at or run.created_at))


def _changed_later(run: Run, ids: Sequence[int]) -> set[int]:
    later = (
        sa.select(RunLine.application_id)
        .join(Run, Run.id == RunLine.run_id)
        .where(
            RunLine.application_id.in_(ids),
            RunLine.run_id > run.id,
            RunLine.result == LineResult.CHANGED,
            Run.state != RunState.UNDONE,
        )
    )
    return {number for number in db.session.scalars(later) if number is not None}


def _undo(lines: Sequence[RunLine], held: Mapping[int, Application], now: datetime) -> None:
    new = [line for line in lines if line.result is LineResult.NEW]
    of = {line.number: held[line.application_id or 0] for line in lines}
    people = {of[line.number].candidate_id for line in new if _made(line, Candidate)}
    roles = {of[line.number].requisition_id for line in new if _made(line, Requisition)}
    for line in lines:
        before = line.before or {}
        if line.result is LineResult.CHANGED:
            hiring.put_back(
                of[line.number],
                before["was"],
                now,
                decision_id=before["decision"],
                ended_id=before["ended"],
                notice_id=before["notice"],
                stage_id=before["stage"],
            )
        for change in reversed(before.get("changes", [])):
            hiring.change_back(*change)
    db.session.flush()
    hiring.remove_applications([line.application_id for line in new if line.application_id])
    hiring.remove_unused(Candidate, people)
    hiring.remove_unused(Requisition, roles)


def _made(line: RunLine, table: type[Candidate] | type[Requisition]) -> bool:
    return table.__tablename__ in (line.before or {}).get("made", ())


def finish_undo(run: Run, now: datetime) -> None:
    """All of RUN that could be undone is."""
    runs.finish(run, now)
    told = {name: run.counts.get(name, 0) for name in ("undone", "kept")}
    audit.record("import.undone", run.employer_id, run.id, **told)
