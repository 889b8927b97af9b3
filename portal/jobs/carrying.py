"""Long runs carried out by a worker: a chunk of one employer's, then of the next one's.

No lease holds them: each run is claimed by its row, and whoever was overtaken learns it there
(`runs`). So two workers may carry out two runs, and none is done twice.
"""

import logging
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import sqlalchemy as sa

from portal import audit, intake, runs
from portal.candidate_files import FileRefused, FileRow
from portal.extensions import db
from portal.jobs.acting import carry_action, undo_action
from portal.jobs.chunks import Chunks, tried
from portal.language import marked
from portal.models import Run, RunKind, RunState, utcnow

log = logging.getLogger(__name__)

AT_ONCE = 3  # employers who take turns; each holds its file's index in memory
BEAT = timedelta(seconds=10)
BEAT_ROWS = 500  # read between two looks at the clock
NOT_TAKEN = marked("The database refused some of the rows. What was done before that stays.")
BROKEN = marked("An error ended it, which is in the log. What was done before that stays.")
Steps = Generator[int, None, None]  # a chunk at a time: how many rows


class Turns:
    """The runs that this worker carries out at the moment, one of each employer's."""

    def __init__(self) -> None:
        self._steps: dict[int, tuple[int, Steps]] = {}
        self._beaten_at = utcnow()

    def take(self) -> bool:
        """Claim what waits, as far as there is room; whether there is anything to do."""
        while len(self._steps) < AT_ONCE:
            run = runs.claim(utcnow(), list(self._steps)) if runs.is_any_free(utcnow()) else None
            db.session.commit()
            if run is None:
                break
            self._steps[run.employer_id] = run.id, self._guarded(run.id, self._steps_of(run))
        db.session.commit()
        return bool(self._steps)

    def step(self) -> int:
        """A chunk of each; how many rows."""
        done = 0
        for employer_id, (_, steps) in list(self._steps.items()):
            rows = next(steps, None)
            if rows is None:
                del self._steps[employer_id]
            done += rows or 0
        return done

    def release(self) -> None:
        """Let other workers go on with what is not over."""
        for run_id, steps in self._steps.values():
            steps.close()
            with suppress(runs.Overtaken):
                runs.release(run_id)
            db.session.commit()
        self._steps.clear()

    def _guarded(self, run_id: int, steps: Steps) -> Steps:
        """STEPS; what ends them is said in the run, in words for who asked for it."""
        try:
            yield from steps
        except runs.Overtaken:
            db.session.rollback()
            log.warning("run %s: another worker goes on with it", run_id)
        except FileRefused as refused:
            _fail(run_id, str(refused))
        except sa.exc.IntegrityError:
            log.exception("run %s failed", run_id)
            _fail(run_id, NOT_TAKEN)
        except sa.exc.SQLAlchemyError:
            db.session.rollback()
            raise  # the database is away: gone on with when it is back
        except Exception:
            log.exception("run %s failed", run_id)
            _fail(run_id, BROKEN)

    def _steps_of(self, run: Run) -> Steps:
        if run.kind is RunKind.ACTION:
            return undo_action(run.id) if run.state is RunState.UNDOING else carry_action(run.id)
        return self._undo(run.id) if run.state is RunState.UNDOING else self._import(run.id)

    def _import(self, run_id: int) -> Steps:
        chunks = Chunks(intake.MOST, intake.LEAST)
        with intake.open_import(run_id, utcnow(), self._watch) as work:
            chunks.run(partial(intake.prepare, work))
            for rows in work.chunks(lambda: chunks.size):
                work.count(rows, tried(chunks, partial(_apply, work, rows)))
                yield len(rows)
            chunks.run(partial(_finish, work))

    def _undo(self, run_id: int) -> Steps:
        chunks = Chunks(intake.MOST)
        while rows := tried(chunks, partial(_undo, run_id, lambda: chunks.size)):
            yield rows
        chunks.run(partial(_finish_undo, run_id))

    def _watch(self, rows: Iterable[Any], _count: int) -> Iterator[Any]:
        """ROWS of a file that is being checked, with a sign of life now and then."""
        for number, row in enumerate(rows):
            if number % BEAT_ROWS == 0 and utcnow() - self._beaten_at > BEAT:
                self._beat()
            yield row

    def _beat(self) -> None:
        self._beaten_at = utcnow()
        for run_id, _ in self._steps.values():
            try:
                runs.beat(run_id, self._beaten_at)
            except runs.Overtaken:
                db.session.rollback()
            db.session.commit()


def work_runs(is_stopping: Callable[[], bool] = lambda: False) -> int:
    """Carry out and undo runs until none waits; how many rows."""
    turns, done = Turns(), 0
    try:
        while not is_stopping() and turns.take():
            done += turns.step()
    finally:
        db.session.rollback()
        turns.release()
    return done


def _apply(work: intake.Import, rows: Sequence[FileRow]) -> intake.Applied:
    with audit.acting_for(work.user_id):
        return work.apply(rows)


def _finish(work: intake.Import) -> None:
    with audit.acting_for(work.user_id):
        work.finish(utcnow())


def _undo(run_id: int, size: Callable[[], int]) -> int:
    run = db.session.get_one(Run, run_id)
    with audit.acting_for(run.undone_by):
        return intake.undo_chunk(run, size(), utcnow())


def _finish_undo(run_id: int) -> None:
    run = db.session.get_one(Run, run_id)
    with audit.acting_for(run.undone_by):
        intake.finish_undo(run, utcnow())


def _fail(run_id: int, problem: str) -> None:
    db.session.rollback()
    try:
        intake.fail_import(run_id, problem, utcnow())
    except runs.Overtaken:
        db.session.rollback()
    db.session.commit()


def tidy_runs(now: datetime) -> int:
    """Delete files that nobody went on with; end the runs of commands that died."""
    dropped = intake.drop_drafts(now)
    ended = intake.end_abandoned(now)
    db.session.commit()
    return dropped + ended
