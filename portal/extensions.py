"""Unbound Flask extensions and the database's manners. Imports nothing of ours."""

import hashlib
import os
import sqlite3
import stat
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, Any, cast

import psycopg
import sqlalchemy as sa
from flask import current_app, has_request_context, request
from flask_compress import Compress
from flask_limiter import Limiter
from flask_mail import Mail
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import CSRFProtect
from sqlalchemy import event
from sqlalchemy.orm import DeclarativeBase

NAMING_CONVENTION = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """The declarative base, with names for every constraint so that migrations can alter them."""

    metadata = sa.MetaData(naming_convention=NAMING_CONVENTION)


def blur(text: str) -> str:
    """A key for TEXT that is the same in every process today, and leads nobody back to it."""
    key = hashlib.sha256(str(current_app.config["SECRET_KEY"]).encode()).digest()
    words = f"{datetime.now(UTC).date()} {text}".encode()
    return hashlib.blake2b(words, key=key, digest_size=16).hexdigest()


def network() -> str:
    """Who is calling: the address, or for IPv6 the /64 in which a caller may choose any."""
    text = request.remote_addr or ""
    try:
        address = ip_address(text)
    except ValueError:
        return blur(text)
    if isinstance(address, IPv6Address):
        return blur(str(int(address.ipv4_mapped or int(address) >> 64)))
    return blur(str(int(address)))


db = SQLAlchemy(
    model_class=Base,
    # parameters hold addresses, tokens' hashes and comments: they belong in no traceback
    engine_options={"pool_pre_ping": True, "hide_parameters": True},
)
if TYPE_CHECKING:
    Model = Base
else:
    Model = db.Model
migrate = Migrate(render_as_batch=True, compare_type=True, compare_server_default=False)
mail = Mail()
csrf = CSRFProtect()
limiter = Limiter(key_func=network, headers_enabled=True)
compress = Compress()


READ_ONLY = "heardback_read_only"
BUSY_TIMEOUT_MS = 10_000  # how long we wait for SQLite's lock


def is_read_only_request() -> bool:
    """Whether this transaction serves a GET or HEAD, which may change nothing."""
    return has_request_context() and request.method in ("GET", "HEAD", "OPTIONS")


@event.listens_for(sa.Engine, "connect")
def _prepare_connection(connection: Any, _record: object) -> None:
    """SQLite: durable, checked, patient, and ours to begin transactions on."""
    if not isinstance(connection, sqlite3.Connection):
        return
    # None hands BEGIN to us: Python's own is deferred and fails on upgrade under load.
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",  # NORMAL may lose `sending` at power loss, and then send twice
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        # Published lines and words that are gone must be gone. Not FAST: pages that a table gives
        # up keep what stood in them, and rows that had moved on from there: 33 of 79 comments.
        "secure_delete=ON",
    ):
        connection.execute(f"PRAGMA {pragma}")
    _keep_from_others(connection)


def _keep_from_others(connection: sqlite3.Connection) -> None:
    """The file, and the log that SQLite makes after its likeness, for their owner alone."""
    path = connection.execute("PRAGMA database_list").fetchone()[2]
    for name in (path, f"{path}-wal", f"{path}-shm") if path else ():
        try:
            if stat.S_IMODE(os.stat(name).st_mode) & 0o077:
                os.chmod(name, 0o600)
        except OSError:  # not there, or another's: whoever runs us has seen to it
            continue


@contextmanager
def leaving_remains() -> Iterator[None]:
    """What is replaced meanwhile is not overwritten in SQLite's file: for seals only, which tell
    nothing to whoever has not the key, and of which it would take half the time."""
    raw: Any = db.session.connection().connection.dbapi_connection
    is_sqlite = isinstance(raw, sqlite3.Connection)
    if is_sqlite:
        raw.execute("PRAGMA secure_delete=OFF")
    try:
        yield
    finally:
        if is_sqlite:
            raw.execute("PRAGMA secure_delete=ON")


@contextmanager
def reading() -> Iterator[None]:
    """Begin the session's transaction so that it only reads, and holds no lock meanwhile."""
    db.session.rollback()
    db.session.connection(execution_options={READ_ONLY: True})
    yield


def let_write() -> None:
    """Begin the session's transaction anew so that it may write, although a GET asked for it.

    For the log of who took which file, and nothing else: a GET changes nothing.
    """
    db.session.rollback()
    db.session.connection(execution_options={READ_ONLY: False})


@event.listens_for(sa.Engine, "begin")
def _begin(connection: sa.Connection) -> None:
    """Let the database refuse a write in a GET; elsewhere take SQLite's write lock at once."""
    raw: Any = connection.connection.dbapi_connection
    read_only = connection.get_execution_options().get(READ_ONLY, is_read_only_request())
    if isinstance(raw, sqlite3.Connection):
        begin = "BEGIN" if read_only else "BEGIN IMMEDIATE"
        try:
            raw.execute(f"PRAGMA query_only={'ON' if read_only else 'OFF'}")
            raw.execute(begin)
        except sqlite3.OperationalError as error:  # locked for longer than we wait
            raise sa.exc.OperationalError(begin, None, error) from error
    elif isinstance(raw, psycopg.Connection) and raw.read_only is not read_only:
        raw.read_only = read_only


GAP = 0.11  # seconds: everybody who waits for SQLite's lock asks once meanwhile


def leave_gap() -> None:
    """Keep away from SQLite's lock for so long that whoever waits for it gets it."""
    if db.engine.dialect.name == "sqlite":
        time.sleep(GAP)


Rows = Sequence[dict[str, Any]]


def number_rows(*batches: tuple[type[Base], Rows]) -> None:
    """Give rows that are to be inserted, by table, the ids that they will have; one statement.

    SQLite has one writer: who holds its lock knows the next ids. PostgreSQL hands them out.
    """
    wanted = [(table, rows) for table, rows in batches if rows]
    if not wanted:
        return
    if db.engine.dialect.name == "sqlite":
        last = (sa.select(sa.func.max(table.__table__.c.id)) for table, _ in wanted)
        firsts = db.session.execute(sa.select(*(one.scalar_subquery() for one in last))).one()
        for (_, rows), first in zip(wanted, firsts, strict=True):
            for number, row in enumerate(rows, (first or 0) + 1):
                row["id"] = number
        return
    found = db.session.execute(sa.union_all(*(_next_ids(*one) for one in enumerate(wanted))))
    ids: list[list[int]] = [[] for _ in wanted]
    for place, number in found:
        ids[place].append(number)
    for (_, rows), numbers in zip(wanted, ids, strict=True):
        for row, number in zip(rows, numbers, strict=True):
            row["id"] = number


def _next_ids(place: int, batch: tuple[type[Base], Rows]) -> sa.Select[Any]:
    table, rows = batch
    sequence = sa.func.pg_get_serial_sequence(f'"{table.__tablename__}"', "id")
    each = sa.func.generate_series(1, len(rows)).table_valued("value")
    return sa.select(sa.literal(place), sa.func.nextval(sequence)).select_from(each)


def insert_rows(table: type[Base], rows: Rows) -> None:
    """ROWS, all with the same columns, in one statement that returns nothing."""
    if rows:
        db.session.connection().execute(sa.insert(cast(sa.Table, table.__table__)), rows)
