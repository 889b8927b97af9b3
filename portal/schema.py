"""Whether the database is as the migrations make it."""

import os
from functools import cache
from pathlib import Path
from time import monotonic
from typing import Any

import psycopg
import sqlalchemy as sa
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app

from portal.config import ROOT
from portal.extensions import BUSY_TIMEOUT_MS, READ_ONLY, db, leave_gap

PATIENCE_MS = 60
TRIES = 60  # ten seconds in all

LEAST_FREE_BYTES = 16 * 1024 * 1024  # a release or an import writes that much at once
SPACE = "heardback_space"
TRIAL_EVERY = 15.0  # seconds: whoever asks for /health must not make us write each time
TRIAL = (
    "SET LOCAL temp_tablespaces = ''",  # where our own tables are
    "CREATE TEMPORARY TABLE trial_of_space (filling text)",
    # a mebibyte
    "INSERT INTO trial_of_space SELECT repeat('x', 2000) FROM generate_series(1, 512)",
)


class SchemaOutdated(RuntimeError):
    """The database lacks migrations; `flask db upgrade` applies them."""


def current_revision() -> str | None:
    """The migration the database is at; None for an empty database."""
    return MigrationContext.configure(db.session.connection()).get_current_revision()


@cache
def _newest() -> str | None:
    """The last of the migrations this process came with; to load them all takes 50 ms."""
    return ScriptDirectory(str(ROOT / "migrations")).get_current_head()


def is_current() -> bool:
    """Whether every migration has been applied."""
    return current_revision() == _newest()


def require_current() -> None:
    """Raise SchemaOutdated unless every migration has been applied."""
    revision = None if is_current() else current_revision() or "nothing"
    db.session.rollback()  # looking must not hold SQLite's write lock
    if revision:
        raise SchemaOutdated(f"The database is at {revision}: run `flask db upgrade` first.")


def clear_log() -> bool:
    """After a commit: empty SQLite's write-ahead log, in which what was erased still stands.

    False if somebody reads for so long that it could not be done now; workers try again.
    """
    if backend() != "sqlite":
        return True
    connection = db.engine.raw_connection()  # one that has begun no transaction
    try:
        cursor = connection.cursor()
        cursor.execute("PRAGMA wal_checkpoint(PASSIVE)")  # most of the work, without the lock
        # Emptying takes the write lock, and keeps it while it waits for readers.
        cursor.execute(f"PRAGMA busy_timeout={PATIENCE_MS}")
        try:
            return any(_empty_log(cursor) for _ in range(TRIES))
        finally:
            cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    finally:
        connection.close()


def _empty_log(cursor: Any) -> bool:
    cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    busy, *_ = cursor.fetchone() or (1,)
    if busy:
        leave_gap()
    return bool(busy == 0)


def why_not_writable() -> str | None:
    """`full` or `read-only` where the database could take nothing now; nothing stays written."""
    if backend() != "sqlite":
        setting = sa.cast(sa.func.current_setting("default_transaction_read_only"), sa.Boolean)
        is_copy = db.session.scalar(sa.select(sa.or_(sa.func.pg_is_in_recovery(), setting)))
        return "read-only" if is_copy else _look_for_space()
    path = Path(db.engine.url.database or "")
    disk = os.statvfs(path.parent)
    if disk.f_bavail * disk.f_frsize < LEAST_FREE_BYTES or (disk.f_files and not disk.f_favail):
        return "full"
    can_write = os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)
    return None if can_write else "read-only"


def _look_for_space() -> str | None:
    """`full` if PostgreSQL found no room at the last trial, which may be TRIAL_EVERY ago."""
    seen, now = current_app.extensions.setdefault(SPACE, {"next": 0.0, "full": False}), monotonic()
    if now >= seen["next"]:
        seen["next"] = now + TRIAL_EVERY  # first of all: who asks meanwhile does not try as well
        seen["full"] = _finds_no_space()
    return "full" if seen["full"] else None


def _finds_no_space() -> bool:
    """Whether PostgreSQL refuses a new table for want of space; it is taken back at once.

    Rows that fit into pages it has would tell nothing, and of its disk it tells nobody. A
    temporary table has files of its own and is not logged.
    """
    with db.engine.connect().execution_options(**{READ_ONLY: False}) as connection:
        try:
            for statement in TRIAL:
                connection.exec_driver_sql(statement)
        except sa.exc.DBAPIError as error:
            if isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
                return False  # it may make no temporary tables: so we cannot know
            if isinstance(error.orig, psycopg.errors.DiskFull):
                return True
            raise
    return False


def backend() -> str:
    """sqlite or postgresql."""
    return str(db.engine.dialect.name)
