"""Runs the migrations on the application's own engine, online only."""

from contextlib import contextmanager
from pathlib import Path

from alembic import context
from flask import current_app

database = current_app.extensions["migrate"].db


def forget_empty(_context, _revision, directives) -> None:
    """Write no migration when models and database agree."""
    is_autogenerate = getattr(context.config.cmd_opts, "autogenerate", False)
    if is_autogenerate and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def render_plainly(kind, item, _autogen_context):
    """Our column types by what they are in the database: a migration imports nothing of ours."""
    if kind == "type" and type(item).__module__.startswith("portal."):
        return f"sa.{item.impl!r}"
    return False


@contextmanager
def foreign_keys_unwatched(connection):
    """SQLite alters a table by dropping it for a copy, which its keys would forbid or cascade.

    Checked at the end instead. The pragma is only heard outside transactions.
    """
    if connection.dialect.name != "sqlite":
        yield
        return
    raw = connection.connection.dbapi_connection
    raw.execute("PRAGMA foreign_keys=OFF")
    try:
        yield
        if broken := raw.execute("PRAGMA foreign_key_check").fetchall():
            raise RuntimeError(f"rows that refer to nothing after migrating: {broken[:5]}")
    finally:
        raw.execute("PRAGMA foreign_keys=ON")


def run() -> None:
    options = current_app.extensions["migrate"].configure_args
    engine = database.engine
    if engine.dialect.name == "sqlite":  # its folder is not there in a new installation
        Path(engine.url.database).parent.mkdir(parents=True, exist_ok=True)
    with engine.connect() as connection:
        context.configure(
            connection=connection,
            target_metadata=database.metadata,
            process_revision_directives=forget_empty,
            transaction_per_migration=True,
            render_item=render_plainly,
            **options,
        )
        with foreign_keys_unwatched(connection):
            with context.begin_transaction():
                context.run_migrations()
            connection.commit()
        if connection.dialect.name == "sqlite":
            tidy(connection.connection.dbapi_connection)


def tidy(raw) -> None:
    """Leave nothing in SQLite's file of what a migration has dropped.

    A migration that asks for it sets `user_version`, in its own transaction: an upgrade that was
    cut off before this is made good by the next.
    """
    if raw.execute("PRAGMA user_version").fetchone() != (0,):
        raw.execute("VACUUM")
        raw.execute("PRAGMA user_version=0")
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")


run()
