"""flask export: released feedback, the closure log, its evidence and the history of releases."""

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click

from portal import exports
from portal.cli.common import find_employer, find_target, needs_database, refuse
from portal.exports import Export, Format
from portal.extensions import db, reading
from portal.models import Employer

WHAT = ("feedback", "closure", "evidence", "scorecards")
PARTS = ("rows", "counts", "comments")


def _print_dictionary(export: Export) -> None:
    columns = exports.dictionary()[export]
    width = max(map(len, columns))
    for name, meaning in columns.items():
        click.echo(f"{name:<{width}}  {meaning}")


def _explain_nothing(employer: Employer, export: Export) -> None:
    """On standard error, so that the file on standard output stays a file."""
    if export in (Export.CLOSURE, Export.EVIDENCE, Export.SCORECARDS):
        click.echo(f"{employer.slug}: there is nothing to export yet.", err=True)
        return
    found = exports.availability(employer)
    if not found.pooled:
        click.echo(
            f"{employer.slug}: nothing to export yet: {found.waiting} answers are released, "
            f"{found.floor} are needed together.",
            err=True,
        )


def _read(employer: Employer, export: Export) -> Iterator[exports.Row]:
    """The lines to write; says so when there are none."""
    rows = exports.read_rows(employer, export)
    first = next(rows, None)
    if first is None:
        _explain_nothing(employer, export)
        return
    yield first
    yield from rows


def _write(employer: Employer, export: Export, format: Format, output: str) -> None:
    """Write all to a file beside OUTPUT, then put it in its place: whole, or not at all."""
    path = find_target(output) if output else None
    with tempfile.NamedTemporaryFile(
        dir=path and path.parent, prefix=".heardback-export-", delete=False
    ) as file:
        try:
            exports.write_file(file, export, _read(employer, export), format)
            file.flush()
            db.session.rollback()  # before anybody can make us wait: a reader keeps SQLite's log
            if path:
                os.replace(file.name, path)
            else:
                file.seek(0)
                shutil.copyfileobj(file, sys.stdout.buffer)
                sys.stdout.buffer.flush()
        finally:
            Path(file.name).unlink(missing_ok=True)


@click.command("export")
@click.argument("what", type=click.Choice(WHAT))
@click.option("--employer", "slug", metavar="SLUG", help="Whose; not needed for --dictionary.")
@click.option("--part", type=click.Choice(PARTS), help="Of feedback.  [default: rows]")
@click.option(
    "--format",
    "format_name",
    type=click.Choice([format.value for format in Format]),
    default=Format.CSV.value,
    show_default=True,
)
@click.option("--output", metavar="FILE", default="", help="Instead of standard output.")
@click.option("--dictionary", is_flag=True, help="Print what the columns mean, and end.")
@needs_database
def export_command(
    what: str, slug: str | None, part: str | None, format_name: str, output: str, dictionary: bool
) -> None:
    """Write WHAT to a file that programs and spreadsheets read.

    feedback: released answers, once enough are together; --part rows, counts or comments.
    closure: who was decided about and told when. evidence: what was owed, and said in which
    words. scorecards: the history of releases. A file made with --output is readable by you
    alone: the closure log and its evidence hold names.
    """
    if part and what != "feedback":
        refuse("--part belongs to feedback only.")
    export = Export(f"{what}-{part or PARTS[0]}" if what == "feedback" else what)
    if dictionary:
        _print_dictionary(export)
        return
    format = Format(format_name)
    if format is Format.XLSX and not output and sys.stdout.isatty():
        refuse("An XLSX file does not fit a terminal: give --output FILE.")
    try:
        with reading():
            employer = find_employer(slug) if slug else refuse("Say whose: --employer SLUG.")
            _write(employer, export, format, output)
    except OSError as error:
        refuse(f"{output or 'standard output'}: {error.strerror or error}")
