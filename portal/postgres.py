"""A PostgreSQL that stops answering costs a page seconds, not its thread.

TCP does not notice: whatever stands between us and the server, or the server's own kernel, goes on
acknowledging. So every wait for an answer has an end of ours. Imports nothing of ours.
"""

import time
from collections.abc import Generator
from typing import Any, TypeVar

import psycopg
import sqlalchemy as sa
from flask import has_request_context
from sqlalchemy import event

Result = TypeVar("Result")

# A server that lives has cancelled a statement by then (statement_timeout).
WAIT_SECONDS = 40.0
# Somebody looks at an empty page: connecting (below) or one answer, never both (`_Silence`).
PAGE_WAIT_SECONDS = 4.0
SETTINGS = {
    "connect_args": {
        "connect_timeout": 3,
        # milliseconds
        "options": "-c statement_timeout=30000 -c lock_timeout=10000",
    },
    "pool_timeout": 4,
}


class _Silence:
    """Who has just waited in vain need not wait again, nor those who come in the next second."""

    seconds = 1.0
    ends_at = 0.0

    def begin(self) -> None:
        self.ends_at = time.monotonic() + self.seconds

    def check(self) -> None:
        if time.monotonic() < self.ends_at:
            raise psycopg.OperationalError("the database did not answer a moment ago")


_silence = _Silence()


class Connection(psycopg.Connection[Any]):
    """Waits for an answer so long and no longer; then it is closed and an OperationalError."""

    def wait(
        self,
        gen: Generator[Any, Any, Result],
        interval: float = 0.1,
        timeout: float | None = None,
    ) -> Result:
        seconds = timeout or (PAGE_WAIT_SECONDS if has_request_context() else WAIT_SECONDS)
        begun = time.monotonic()
        try:
            return super().wait(gen, interval, seconds)
        except psycopg.OperationalError:
            if time.monotonic() - begun >= seconds:
                _silence.begin()
                self.close()  # what it was asked may still be answered: nobody may read that
            raise


@event.listens_for(sa.Engine, "do_connect")
def _connect(dialect: sa.Dialect, _record: object, arguments: Any, named: Any) -> Any:
    if dialect.driver != "psycopg":
        return None  # as the dialect does it
    _silence.check()
    try:
        return Connection.connect(*arguments, **named)
    except psycopg.errors.ConnectionTimeout:
        _silence.begin()
        raise
