"""Upgrades to a revision, and dies by signal 9 before the change of that number, or before its
last, which notes the revision."""

import os
import re
import signal
import sys

import sqlalchemy as sa
from flask_migrate import upgrade

from portal import create_app

CHANGES = re.compile(r"\s*(CREATE|ALTER|DROP|INSERT|UPDATE|DELETE)\b", re.IGNORECASE)
NOTES = re.compile(r"\s*(INSERT INTO|UPDATE|DELETE FROM) alembic_version\b")


def main(revision: str, number: str) -> None:
    seen = 0

    @sa.event.listens_for(sa.Engine, "before_cursor_execute")
    def count(_connection, _cursor, statement, *_rest) -> None:
        nonlocal seen
        seen += bool(CHANGES.match(statement)) and "TABLE alembic_version" not in statement
        if str(seen) == number or (number == "last" and NOTES.match(statement)):
            os.kill(os.getpid(), signal.SIGKILL)

    with create_app().app_context():
        upgrade(revision=revision)


if __name__ == "__main__":
    main(*sys.argv[1:])
