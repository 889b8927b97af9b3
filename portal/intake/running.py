"""An import as a run: queued by a page, or begun by the command; carried out chunk by chunk.

    run = start_import(file, now)                 # a page; a worker carries it out:
    with open_import(run, now) as work:           # it reads and checks: outside of a transaction
        for rows in work.chunks(size):
            applied = work.apply(rows)            # one transaction, with its progress and lines
            work.count(rows, applied)             # once that is committed
        work.finish(now)                          # one more

The command checks its file itself, and begins with `begin_import`. Commits nothing.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime

import sqlalchemy as sa

from portal import audit, runs
from portal.candidate_files.faults import FileRefused
from portal.candidate_files.file_row import FileRow
from portal.candidate_files.reading import Watch
from portal.extensions import db, reading
from portal.intake.applying import Applied, apply_chunk
from portal.intake.checking import CheckedFile
from portal.intake.files import GONE, drop_file, open_file
from portal.intake.plans import read_plan
from portal.language import marked
from portal.models import Employer, IntakeFile, LineResult, Run, RunKind, RunLine, RunState, utcnow

COUNTED = ("new", "changed", "same", "invitations_planned")
NOT_SOUND = marked("The file can no longer be applied as it was checked. Upload it again.")


class AlreadyQueued(Exception):
    """The same bytes are being imported for the employer already, by `run`."""

    def __init__(self, run: Run) -> None:
        super().__init__("the same file is being imported already")
        self.run = run


def start_import(file: IntakeFile, now: datetime) -> Run:
    """The run of FILE by its plan: a new one, or the one that a first click has started.

    Raises AlreadyQueued if another upload of the same bytes waits, or is being applied.
    """
    db.session.execute(
        sa.select(Employer.id)
        .where(Employer.id == file.employer_id)
        .with_for_update(key_share=True)  # two clicks at once
    )
    db.session.refresh(file, ["run_id", "plan", "checked"])
    if file.run_id:
        return db.session.get_one(Run, file.run_id)
    if waiting := runs.find_waiting(file.employer_id, file.digest):
        raise AlreadyQueued(waiting)
    counts = (file.checked or {}).get("counts", {})
    run = runs.queue(
        file.employer_id,
        RunKind.IMPORT,
        file.name,
        digest=file.digest,
        plan=file.plan,
        total=counts.get("rows", 0),
    )
    file.run_id, file.touched_at = run.id, now
    db.session.flush()
    audit.record("import.started", run.employer_id, run.id)
    return run


def find_import_file(run: Run) -> IntakeFile | None:
    """The file that RUN applies; None once it is over."""
    return db.session.scalar(sa.select(IntakeFile).where(IntakeFile.run_id == run.id))


class Import:
    """One import that is being carried out by this process."""

    checked: CheckedFile

    def __init__(self, run: Run, now: datetime) -> None:
        self.run_id, self.employer_id, self.user_id = run.id, run.employer_id, run.user_id
        self.now, self.done, self.handed_in = now, run.done, run.created_at
        self.total = Applied(**{name: run.counts.get(name, 0) for name in COUNTED})

    def take(self, checked: CheckedFile) -> "Import":
        """CHECKED is what is to be applied."""
        self.checked = checked
        if not self.done:
            self.total.same += checked.absorbed
        return self

    def chunks(self, size: Callable[[], int]) -> Iterator[Sequence[FileRow]]:
        """What is left to apply, about SIZE() rows at a time."""
        done = self.done
        for rows in self.checked.chunks(size):
            if done < len(rows):
                yield rows[done:]
            done = max(0, done - len(rows))

    def apply(self, rows: Sequence[FileRow]) -> Applied:
        """ROWS, their lines and the progress, in the caller's transaction.

        Raises runs.Overtaken, or FileRefused; then the caller rolls back.
        """
        applied = apply_chunk(self.employer_id, rows, self.now, self.handed_in)
        self.keep(rows, applied)
        return applied

    def keep(self, rows: Sequence[FileRow], applied: Applied) -> None:
        """The progress and the lines of ROWS, which were APPLIED in the same transaction."""
        counts = {name: getattr(self.total, name) + getattr(applied, name) for name in COUNTED}
        counts |= {"rows": self.checked.rows}
        runs.advance(self.run_id, self.done, len(rows), counts, applied.lines, utcnow())

    def count(self, rows: Sequence[FileRow], applied: Applied) -> None:
        """What was done with ROWS is committed."""
        self.done += len(rows)
        self.total.add(applied)

    def finish(self, now: datetime) -> None:
        """All rows are applied: the run is over, its file goes.

        A command that did nothing, with a file that was applied before, leaves no second run.
        """
        run, total = db.session.get_one(Run, self.run_id), self.total
        file = find_import_file(run)
        did_nothing = not total.new and not total.changed
        if file is None and did_nothing and find_earlier_run(run.employer_id, run.digest or ""):
            db.session.execute(sa.delete(RunLine).where(RunLine.run_id == run.id))
            db.session.delete(run)
            return
        runs.finish(run, now)
        counts = {name: getattr(total, name) for name in COUNTED}
        notices = [*self.checked.notes.sentences(), *total.notes.sentences()]
        run.counts = {"rows": self.checked.rows, **counts, "notices": notices}
        told = {name: run.counts[name] for name in ("rows", "new", "changed", "same")}
        audit.record("import.applied", run.employer_id, run.id, **told)
        if file:
            drop_file(file)


def find_earlier_run(employer_id: int, digest: str) -> Run | None:
    """The last time the very same bytes were applied for the employer."""
    return runs.find_finished(employer_id, digest)


def begin_import(employer_id: int, checked: CheckedFile, name: str, now: datetime) -> Import:
    """The run of a file that the caller has checked and applies itself."""
    digest = checked.sheet.digest
    run = runs.queue(employer_id, RunKind.IMPORT, name, digest=digest, total=_rows(checked))
    runs.start(run, now)
    return Import(run, now).take(checked)


@contextmanager
def open_import(
    run_id: int, now: datetime, watch: Watch = lambda rows, count: rows
) -> Iterator[Import]:
    """The import that RUN_ID is, read and checked again; to be gone on with behind its `done`.

    Reads without a lock, since that takes long. Raises FileRefused.
    """
    with ExitStack() as stack:
        with reading():
            run = db.session.get_one(Run, run_id)
            employer = db.session.get_one(Employer, run.employer_id)
            place, file = Employer(timezone=employer.timezone), find_import_file(run)
            if file is None:
                raise FileRefused(GONE)
            spool = stack.enter_context(open_file(file.id))
            work, plan = Import(run, now), dict(run.plan)
        db.session.rollback()
        checked = stack.enter_context(read_plan(spool, plan, place, now, watch))
        if checked.faults and not plan.get("only_good"):
            raise FileRefused(f"{NOT_SOUND}\n{checked.faults[0]}")
        yield work.take(checked)


def prepare(work: Import) -> None:
    """Note, in the caller's transaction, how much there is to do, and the rows that are refused."""
    run = db.session.get_one(Run, work.run_id)
    run.total = _rows(work.checked)
    refused = [fault for fault in work.checked.faults if fault.row is not None]
    if refused and not work.done:
        db.session.execute(sa.delete(RunLine).where(RunLine.run_id == run.id))
        by_row = {fault.row: fault for fault in reversed(refused)}
        lines = [
            runs.Line(number, LineResult.FAILED, None, by_row[number].message)
            for number in sorted(filter(None, by_row))
        ]
        runs.add_lines(run.id, lines)


def _rows(checked: CheckedFile) -> int:
    """How many rows of it there are to apply."""
    return checked.rows - checked.absorbed


def fail_import(run_id: int, problem: str, now: datetime) -> None:
    """The run is over because of PROBLEM; its file is a draft again, to be gone on with."""
    run = db.session.get_one(Run, run_id)
    file = find_import_file(run)
    runs.fail(run, problem, now)
    audit.record("import.failed", run.employer_id, run.id, done=run.done)
    if file:
        file.run_id, file.touched_at = None, now


def end_abandoned(now: datetime) -> int:
    """The runs of commands that died fail: no worker can go on without the file. How many."""
    has_file = sa.exists().where(IntakeFile.run_id == Run.id)
    dead = sa.select(Run).where(
        Run.kind == RunKind.IMPORT,
        Run.state == RunState.RUNNING,
        Run.beat_at < now - runs.DEAD_AFTER,
        ~has_file,
    )
    found = db.session.scalars(dead.with_for_update(skip_locked=True)).all()
    for run in found:
        fail_import(run.id, runs.ABANDONED, now)
    return len(found)
