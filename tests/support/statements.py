"""What is said to the database, statement by statement."""

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa

from portal.extensions import db


@contextmanager
def noting_statements() -> Iterator[list[str]]:
    """The SQL of every statement sent while this lasts, from whatever thread."""
    db.session.rollback()
    engine, seen = db.engine, []

    def note(_connection, _cursor, statement, *_rest) -> None:
        seen.append(statement)

    sa.event.listen(engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        sa.event.remove(engine, "before_cursor_execute", note)
