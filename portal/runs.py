"""Long runs: queued by a person, carried out by a worker chunk by chunk, looked at on a page.

    run = queue(employer_id, RunKind.IMPORT, name, digest=…, plan=…, total=…)   # a page or command
    run = claim(now)                                                     # a worker; None: nothing
    advance(run.id, done, by, counts, lines, now)     # in the transaction that does those rows
    finish(run, now), fail(run, words, now)

A run is claimed by one worker at a time. Whose last sign of life (`beat_at`) is older than two
minutes has died: another worker claims the run and goes on behind the rows that are committed.
Whoever was only slow learns from `advance` that it was overtaken, and takes its rows back.
Commits nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Self

import sqlalchemy as sa

from portal import audit
from portal.extensions import db, insert_rows
from portal.language import marked, translated
from portal.models import LineResult, Run, RunKind, RunLine, RunState

DEAD_AFTER = timedelta(minutes=2)
PAGE_SIZE = 50
WAITING = (RunState.QUEUED, RunState.RUNNING, RunState.UNDOING)  # a worker has to do with it
OVER = (RunState.FINISHED, RunState.FAILED)  # ended, and what it did stands
ABANDONED = marked("The command was cut off. What was done before that stays.")
_ORDER = {
    result: place
    for place, result in enumerate(
        (
            LineResult.FAILED,
            LineResult.LEFT,
            LineResult.WAITING,
            LineResult.DONE,
            LineResult.CHANGED,
            LineResult.NEW,
            LineResult.SAME,
        )
    )
}


def words(text: str | None) -> list[str]:
    """A line's note or a run's problem, sentence by sentence, in the reader's language."""
    return [translated(line) for line in (text or "").splitlines()]


class Overtaken(Exception):
    """Another worker carries the run out by now, or it is over."""


@dataclass(frozen=True)
class Line:
    """What was done with row NUMBER; `before` is what an undo needs to know."""

    number: int
    result: LineResult
    application_id: int | None = None
    note: str = ""
    before: dict[str, Any] | None = None


@dataclass(frozen=True)
class Page:
    """One page of runs or of lines; `total` counts all."""

    number: int = 1
    total: int = 0
    runs: Sequence[Run] = field(default_factory=list)
    lines: Sequence[RunLine] = field(default_factory=list)

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE_SIZE))

    def at(self, number: int) -> Self:
        """The page NUMBER of as many; one that does not exist is the nearest."""
        return replace(self, number=min(max(1, number), self.pages))


def queue(
    employer_id: int,
    kind: RunKind,
    name: str,
    *,
    digest: str | None = None,
    plan: dict[str, Any] | None = None,
    total: int = 0,
) -> Run:
    """A new run that waits for a worker, of who is signed in."""
    run = Run(
        employer_id=employer_id,
        kind=kind,
        name=name[:200],
        digest=digest,
        plan=plan or {},
        total=total,
        user_id=audit.acting_user_id(),
    )
    db.session.add(run)
    db.session.flush()
    return run


def find_waiting(employer_id: int, digest: str) -> Run | None:
    """The employer's run over the same bytes that waits or is carried out.

    The caller holds the employer's row, so that nobody queues one meanwhile.
    """
    same = (Run.employer_id == employer_id, Run.digest == digest, Run.state.in_(WAITING))
    return db.session.scalars(sa.select(Run).where(*same).order_by(Run.id).limit(1)).first()


def find_finished(employer_id: int, digest: str) -> Run | None:
    """The employer's last run over the same bytes whose work stands."""
    same = (Run.employer_id == employer_id, Run.digest == digest, Run.state == RunState.FINISHED)
    return db.session.scalars(sa.select(Run).where(*same).order_by(Run.id.desc()).limit(1)).first()


def start(run: Run, now: datetime) -> Run:
    """RUN is carried out from now on, by the caller."""
    if run.state is RunState.QUEUED:
        run.state, run.started_at = RunState.RUNNING, now
    run.beat_at = now
    db.session.flush()
    return run


def is_any_free(now: datetime) -> bool:
    """Whether there is a run to claim; a look that locks nothing."""
    return db.session.scalar(sa.select(Run.id).where(*_is_free(now)).limit(1)) is not None


def claim(now: datetime, without: Sequence[int] = ()) -> Run | None:
    """The next run for a worker to carry out or undo, now its own; None when there is none.

    The oldest first, of employers other than WITHOUT. The caller commits before it works.
    """
    found = sa.select(Run).where(*_is_free(now), Run.employer_id.not_in(list(without)))
    found = found.order_by(Run.id).limit(1).with_for_update(skip_locked=True)
    run = db.session.scalars(found, execution_options={"populate_existing": True}).first()
    return start(run, now) if run else None


def claim_this(run_id: int, now: datetime) -> Run | None:
    """The run of RUN_ID, now the caller's own; None where a worker was faster."""
    found = sa.select(Run).where(Run.id == run_id, *_is_free(now))
    run = db.session.scalars(
        found.with_for_update(skip_locked=True), execution_options={"populate_existing": True}
    ).first()
    return start(run, now) if run else None


def _is_free(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """A worker can take it: nobody has it, or who had it gave no sign of life for long."""
    is_alone = sa.or_(Run.beat_at.is_(None), Run.beat_at < now - DEAD_AFTER)
    return Run.state.in_(WAITING), is_alone


def beat(run_id: int, now: datetime) -> None:
    """A sign of life while no rows are being done."""
    _change(run_id, Run.state.in_(WAITING), beat_at=now)


def advance(
    run_id: int,
    done: int,
    by: int,
    counts: dict[str, Any],
    lines: Sequence[Line],
    now: datetime,
) -> None:
    """In the transaction of the BY rows that follow the first DONE: they are done.

    COUNTS are those of the whole run so far. Raises Overtaken if somebody else did them; then the
    caller rolls back.
    """
    is_ours = sa.and_(Run.done == done, Run.state.in_((RunState.RUNNING, RunState.UNDOING)))
    _change(run_id, is_ours, done=done + by, counts=counts, beat_at=now)
    if lines:
        add_lines(run_id, lines)


def add_lines(run_id: int, lines: Sequence[Line]) -> None:
    """Note what was done with LINES, in one statement."""
    rows = [
        {
            "run_id": run_id,
            "number": line.number,
            "application_id": line.application_id,
            "result": line.result,
            "note": line.note,
            "before": line.before,
        }
        for line in lines
    ]
    insert_rows(RunLine, rows)


def _change(run_id: int, is_so: sa.ColumnElement[bool], **values: Any) -> None:
    """Set VALUES in the run if IS_SO; raises Overtaken if not."""
    changed = db.session.execute(
        sa.update(Run).where(Run.id == run_id, is_so).values(values).returning(Run.id),
        execution_options={"synchronize_session": False},
    ).first()
    if changed is None:
        raise Overtaken


def finish(run: Run, now: datetime) -> None:
    """RUN is over, all of it done."""
    db.session.refresh(run, with_for_update=True)
    if run.state is RunState.UNDOING:
        run.state, run.undone_at = RunState.UNDONE, now
    elif run.state is RunState.RUNNING:
        run.state, run.finished_at = RunState.FINISHED, now
    else:
        raise Overtaken
    db.session.flush()


def fail(run: Run, problem: str, now: datetime) -> None:
    """RUN is over because of PROBLEM, in words for who asked for it; what was done stays."""
    db.session.refresh(run, with_for_update=True)
    if run.state not in WAITING:
        raise Overtaken
    run.state, run.problem = RunState.FAILED, problem
    run.finished_at = run.finished_at or now
    db.session.flush()


def release(run_id: int) -> None:
    """Who carries the run out stops here: another may go on at once."""
    _change(run_id, Run.state.in_(WAITING), beat_at=None)


def ask_undo(run: Run, rows: int) -> None:
    """Let a worker undo the ROWS of RUN; raises Overtaken if it is not over (any more)."""
    db.session.refresh(run, with_for_update=True)
    if run.state not in OVER:
        raise Overtaken
    run.state, run.beat_at, run.undone_by = RunState.UNDOING, None, audit.acting_user_id()
    run.done, run.total, run.counts = 0, rows, {**run.counts, "undone": 0, "kept": 0}
    db.session.flush()


def find(employer_id: int, run_id: int) -> Run | None:
    """The employer's run of that id; None for another employer's, as if it did not exist."""
    found = sa.select(Run).where(Run.employer_id == employer_id, Run.id == run_id)
    return db.session.scalar(found)


def list_runs(employer_id: int, number: int = 1, kind: RunKind = RunKind.IMPORT) -> Page:
    """Page NUMBER (from 1; beyond the end is the last) of the employer's runs of KIND, the newest
    first."""
    ours = sa.select(Run).where(Run.employer_id == employer_id, Run.kind == kind)
    total = db.session.scalar(sa.select(sa.func.count()).select_from(ours.subquery())) or 0
    page = Page(1, total).at(number)
    found = ours.order_by(Run.id.desc()).limit(PAGE_SIZE).offset((page.number - 1) * PAGE_SIZE)
    return replace(page, runs=db.session.scalars(found).all())


def count_lines(run: Run) -> dict[LineResult, int]:
    """How many lines of RUN have each result, failures first; none are not named."""
    counted = (
        sa.select(RunLine.result, sa.func.count())
        .where(RunLine.run_id == run.id)
        .group_by(RunLine.result)
    )
    found = {row[0]: row[1] for row in db.session.execute(counted)}
    return {result: found[result] for result in _ORDER if result in found}


def list_lines(run: Run, number: int = 1, result: LineResult | None = None) -> Page:
    """Page NUMBER (from 1; beyond the end is the last) of what RUN did, line by line: failures
    first, then what was left."""
    ours = sa.select(RunLine).where(RunLine.run_id == run.id)
    ours = ours if result is None else ours.where(RunLine.result == result)
    total = db.session.scalar(sa.select(sa.func.count()).select_from(ours.subquery())) or 0
    page = Page(1, total).at(number)
    place = sa.case(_ORDER, value=RunLine.result)
    found = ours.order_by(place, RunLine.number).limit(PAGE_SIZE)
    lines = db.session.scalars(found.offset((page.number - 1) * PAGE_SIZE)).all()
    return replace(page, lines=lines)
