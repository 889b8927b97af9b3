"""flask backup: a copy of the database that is whole, and a look whether a copy can be used."""

import os
import sqlite3
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

import click
import sqlalchemy as sa
from flask.cli import with_appcontext

from portal import formatting, reputation, schema
from portal.cli.common import find_target, refuse
from portal.config import ConfigError, settings
from portal.extensions import db

PAGES = 2000  # copied between two looks at how far we are
NEEDED = (
    "Keep SECRET_KEY and SECRET_KEY_FALLBACKS in another place: without them the copy holds no "
    "answers, and with them it can be read. What is also not in it: settings, and email that was "
    "written to files."
)


@click.command("backup")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--check", is_flag=True, help="Make no copy, but open FILE and say what it is.")
@with_appcontext
def backup(file: Path, check: bool) -> None:
    """Copy the database to FILE while the site runs, and open the copy."""
    if schema.backend() != "sqlite":
        _say_how_postgres_does_it(file, check)
    target = find_target(str(file))
    if check and not target.is_file():
        refuse(f"There is no file {file}.")
    if not check:
        _copy(target)
    click.echo(_look_into(target))
    if not check:
        click.echo(NEEDED)


def _say_how_postgres_does_it(file: Path, check: bool) -> None:
    url = sa.engine.make_url(settings().SQLALCHEMY_DATABASE_URI)
    words = ["pg_restore", "--list", str(file)]
    if not check:
        words = ["pg_dump", "--format=custom", f"--file={file}"]
        named = {"host": url.host, "port": url.port, "username": url.username}
        words += [f"--{name}={value}" for name, value in named.items() if value]
        words.append(f"--dbname={url.database}")
    click.echo(" ".join(words))
    click.echo(NEEDED, err=True)
    refuse("nothing was done: PostgreSQL's own programs do it, by the line above")


def _copy(target: Path) -> None:
    """Copy the database as it is at this moment; nobody waits meanwhile, and others may write."""
    if target.exists():
        refuse(f"{target} is there already: nothing was copied. Choose another name.")
    part = target.with_name(f".{target.name}.part")
    part.unlink(missing_ok=True)
    try:
        os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with closing(sqlite3.connect(part)) as copy, _source() as source:
            source.backup(copy, pages=PAGES, progress=_show_progress)
        os.replace(part, target)
    except (OSError, sqlite3.Error) as error:
        part.unlink(missing_ok=True)
        refuse(f"{target} could not be written, and nothing is left of it: {error}")


@contextmanager
def _source() -> Iterator[Any]:
    """A connection that reads the database as it is now, whatever is written meanwhile."""
    lent = db.engine.raw_connection()
    try:
        raw: Any = lent.driver_connection
        raw.execute("BEGIN")
        raw.execute("SELECT count(*) FROM sqlite_master").fetchone()
        yield raw
    finally:
        lent.close()


def _show_progress(_status: int, remaining: int, total: int) -> None:
    if sys.stderr.isatty() and total:
        end = "\n" if not remaining else ""
        click.echo(f"\r{100 * (total - remaining) // total} %{end}", err=True, nl=False)


@contextmanager
def _instead(path: Path) -> Iterator[None]:
    """Have the session read PATH, of which nothing is changed."""

    def connect() -> sqlite3.Connection:
        place = f"file:{quote(str(path))}?mode=ro&immutable=1"
        return sqlite3.connect(place, uri=True, check_same_thread=False)

    db.session.remove()
    engines = cast(dict[str | None, sa.Engine], db.engines)
    before, engines[None] = db.engine, sa.create_engine("sqlite://", creator=connect)
    try:
        yield
    finally:
        db.session.remove()
        db.engine.dispose()
        engines[None] = before


def _look_into(path: Path) -> str:
    """What PATH is, or the end of the command where it cannot be used."""
    try:
        with _instead(path):
            found = db.session.scalar(sa.text("PRAGMA integrity_check(1)"))
            if found != "ok":
                refuse(f"{path} is damaged: {' '.join(str(found).split())}")
            revision = schema.current_revision()
            if revision is None:
                refuse(f"{path} is a database, but not one of Heardback's.")
            if schema.is_current():
                reputation.check_key()
                key = "opens with the SECRET_KEY that is set"
            else:
                key = "needs `flask db upgrade`, so the key was not tried"
    except sa.exc.DatabaseError as error:
        refuse(f"{path} is not a database that can be opened: {error.orig}")
    except ConfigError as error:
        refuse(f"{path}: {error}")
    size = formatting.count(max(1, path.stat().st_size // 1024))
    return f"{path}: whole, {size} KiB, migration {revision}, {key}."
