"""flask import: a file of candidates, checked as a whole, then applied in short transactions.

What was applied before an end stays, and is found by the next import of the same file.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import IO, Any

import click
import sqlalchemy as sa

from portal import candidate_files, intake
from portal.cli.common import (
    employer_option,
    find_employer,
    json_option,
    needs_database,
    refuse,
    report,
)
from portal.cli.file_options import plan_options, read_plan
from portal.extensions import db, reading
from portal.jobs import Chunks
from portal.language import gettext
from portal.models import Employer, utcnow

TRIES = 3
MOST_LISTED = 100
KEPT = (
    "What was applied before that stays: {new:,} added, {changed:,} changed. Run the same command "
    "again: it finds them, doubles nothing and goes on from there."
)
Counts = dict[str, Any]


@click.command("import")
@click.argument("path", metavar="FILE")
@employer_option
@plan_options
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@json_option
@needs_database
def import_command(path: str, slug: str, dry_run: bool, as_json: bool, **said: Any) -> None:
    """Add and update the candidates in FILE: CSV, XLSX, XLS or ODS (- is standard input).

    Nothing is applied unless every row is right. The same file twice adds nothing. May be
    stopped at any time and begun again: it goes on where it was.
    """
    with reading():
        employer = find_employer(slug)
        place = Employer(timezone=employer.timezone)
        run = _Run(employer.id, place, utcnow(), _start_counts(dry_run), Path(path).name)
    db.session.rollback()
    try:
        plan = read_plan(**said)
        with click.open_file(path, "rb") as source:
            run.read(source, plan)
    except candidate_files.FileRefused as refused:
        run.refuse(refused.fault, *refused.others)
    except OSError as error:
        run.refuse(candidate_files.Fault(None, None, f"Cannot read {path!r}: {error.strerror}."))
    except KeyboardInterrupt:
        run.refuse(candidate_files.Fault(None, None, "Stopped from the keyboard."))
    _report(run.counts, as_json)


def _start_counts(dry_run: bool) -> Counts:
    """What is reported, by the names that scripts rely on."""
    names = ("rows", "new", "changed", "same", "invitations_planned", "told", "decided", "open")
    lists: Counts = {"errors": [], "error_count": 0, "notices": []}
    return dict.fromkeys(names, 0) | lists | {"dry_run": dry_run, "applied": False}


@dataclass
class _Run:
    """One call of the command. `place` is where the employer is, without the database."""

    employer_id: int
    place: Employer
    now: datetime
    counts: Counts
    name: str = ""
    chunks: Chunks = field(default_factory=lambda: Chunks(intake.MOST, intake.LEAST))
    work: intake.Import | None = None  # unless it is only tried

    def read(self, source: IO[bytes], plan: candidate_files.Plan) -> None:
        """Check what SOURCE holds, and apply it if all of it is right."""
        with candidate_files.open_sheet(
            source, candidate_files.is_column_name, plan.choice
        ) as sheet:
            if not plan.choice.encoding:
                candidate_files.refuse_unlikely(sheet.doubtful)
            checked = intake.check_file(sheet, plan, self.place, self.now, _watch)
            if not checked.faults:
                with reading():
                    intake.check_identities(checked, self.employer_id)
                db.session.rollback()
            self.counts |= {
                "rows": checked.rows,
                "told": checked.told,
                "decided": checked.decided,
                "open": checked.still_open,
                "errors": [asdict(fault) for fault in checked.first_faults(MOST_LISTED)],
                "error_count": checked.fault_count,
                "notices": checked.notes.sentences(),
            }
            if not checked.faults:
                self.apply(checked)

    def apply(self, checked: intake.CheckedFile) -> None:
        """Apply chunk by chunk; what was committed before a failure is found the next time."""
        total = intake.Applied(same=checked.absorbed)
        with reading():
            if earlier := intake.find_earlier_run(self.employer_id, checked.sheet.digest):
                day = f"{earlier.finished_at:%Y-%m-%d}"
                total.notes.add(gettext("This very file was applied on %(day)s already", day=day))
        db.session.rollback()
        is_tried = self.counts["dry_run"]
        if not is_tried:
            begin = partial(intake.begin_import, self.employer_id, checked, self.name, self.now)
            self.work = self.chunks.run(begin)
        try:
            with _bar(checked.rows, "Trying" if is_tried else "Applying") as bar:
                for rows in checked.chunks(lambda: self.chunks.size):
                    total.add(self._apply_chunk(rows))
                    bar.update(len(rows))
            if self.work:
                self.chunks.run(partial(self.work.finish, utcnow()))
                self.counts["applied"] = True
        finally:
            for name in ("new", "changed", "same", "invitations_planned"):
                self.counts[name] = getattr(total, name)
            self.counts["notices"] += total.notes.sentences()

    def _apply_chunk(self, rows: Sequence[candidate_files.FileRow]) -> intake.Applied:
        """One transaction, kept or, in a dry run, undone."""
        for _ in range(TRIES):
            try:
                applied = self.chunks.run(lambda: self._step(rows), is_tried=self.work is None)
            except (sa.exc.IntegrityError, sa.exc.OperationalError) as error:
                # Somebody typed in the same candidate just now, or kept the database: look again.
                db.session.rollback()
                reason = str(error.orig).strip().splitlines()[0]
                continue
            if self.work:
                self.work.count(rows, applied)
            return applied
        raise candidate_files.FileRefused(
            f"The database refused the rows from {rows[0].number} on ({reason})."
        )

    def _step(self, rows: Sequence[candidate_files.FileRow]) -> intake.Applied:
        applied = intake.apply_chunk(self.employer_id, rows, self.now)
        if self.work:
            self.work.keep(rows, applied)
        return applied

    def refuse(self, fault: candidate_files.Fault, *others: candidate_files.Fault) -> None:
        """Nothing, or nothing more, is applied because of FAULT; OTHERS are wrong as well."""
        db.session.rollback()
        if self.work:
            intake.fail_import(self.work.run_id, str(fault), utcnow())
            db.session.commit()
        errors = [asdict(one) for one in (fault, *others)]
        self.counts |= {"errors": errors, "error_count": len(errors)}


def _watch(rows: Iterable[Any], count: int) -> Iterator[Any]:
    """Pass ROWS on, with a progress bar for who sits at a terminal."""
    with _bar(count, "Checking", rows) as bar:
        yield from bar


def _bar(count: int, label: str, rows: Iterable[Any] | None = None) -> Any:
    hidden = not sys.stderr.isatty()
    return click.progressbar(rows, count, label, file=sys.stderr, hidden=hidden)


def _report(counts: Counts, as_json: bool) -> None:
    errors, total = counts["errors"], counts.pop("error_count")
    if total > len(errors):
        counts["notices"].append(f"{total:,} errors in all; the first {len(errors)} are listed.")
    if as_json or not errors:
        report(counts, as_json, _summary(counts))
    if not errors:
        return
    is_partial = not counts["dry_run"] and counts["new"] + counts["changed"] > 0
    ending = "The import stopped part-way" if is_partial else "Nothing was imported"
    lines = [str(candidate_files.Fault(**error)) for error in errors]
    more = [f"… and {total - len(errors):,} more"] if total > len(errors) else []
    told = "\n  ".join([f"{ending}, {total:,} error{'s' * (total > 1)}:", *lines, *more])
    refuse(told + "\n" + KEPT.format(**counts) if is_partial else told)


def _summary(counts: Counts) -> str:
    did = "Would be" if counts["dry_run"] else "Were"
    lines = [
        "{rows:,} rows: {decided:,} decided, {told:,} of them told; {open:,} still open.",
        did + " added: {new:,}, changed: {changed:,}, left the same: {same:,}.",
        "Invitations planned: {invitations_planned:,}.",
    ]
    notes = [f"Note: {notice}" for notice in counts["notices"]]
    return "\n".join([*(line.format(**counts) for line in lines), *notes])
