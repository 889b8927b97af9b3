"""All that somebody sees who has the database: every table with its system columns, and the files.

Rows are read past our own code, by connections of the attacker's own.
"""

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import sqlalchemy as sa

from portal.extensions import db
from portal.models import SealedAnswer
from portal.seals import STAMP_BYTES

Row = dict[str, Any]
Key = tuple[Any, ...]
Tables = Mapping[str, Mapping[Key, Row]]

SYSTEM = ("ctid", "xmin", "xmax", "cmin")
PIECES = ("piece", "piece_ctid", "piece_xmin")
HIDDEN = (*SYSTEM, *PIECES, "rowid")


@dataclass(frozen=True)
class Change:
    """What became of one table between two snapshots; `columns`: of changed rows, by their key."""

    added: set[Key]
    gone: set[Key]
    columns: dict[Key, set[str]]


class Camera:
    """Takes snapshots of the database of the application; rows that stay are kept once."""

    def __init__(self) -> None:
        self.is_sqlite = db.engine.dialect.name == "sqlite"
        self.path = Path(db.engine.url.database or "") if self.is_sqlite else None
        db.session.commit()
        inspector = sa.inspect(db.session.connection())
        self.keys = {
            name: tuple(inspector.get_pk_constraint(name)["constrained_columns"])
            for name in inspector.get_table_names()
            if name != "alembic_version"
        }
        db.session.rollback()
        self.selects = {name: self._select(name) for name in self.keys}
        self.last: Tables = {}
        self.raw: dict[str, dict[Key, tuple[Any, ...]]] = {name: {} for name in self.keys}

    def _select(self, name: str) -> str:
        if not self.is_sqlite:
            return f'SELECT {", ".join(f"{one}::text" for one in SYSTEM)}, * FROM "{name}"'
        has_rowid = name != SealedAnswer.__tablename__
        return f'SELECT {"rowid AS rowid, " if has_rowid else ""}* FROM "{name}"'

    def take(self) -> Tables:
        """Every row of every table, by table and primary key."""
        db.session.commit()
        self.last = dict(self._read())
        return self.last

    def _read(self) -> Iterator[tuple[str, dict[Key, Row]]]:
        if self.is_sqlite:
            with closing(sqlite3.connect(f"file:{self.path}?mode=ro", uri=True)) as connection:
                for name, select in self.selects.items():
                    yield name, self._by_key(name, connection.execute(select))
            return
        url = db.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        with psycopg.connect(url) as connection:
            for name, select in self.selects.items():
                found = self._by_key(name, connection.execute(select.encode(), binary=True))
                if name == SealedAnswer.__tablename__:
                    self._add_pieces(connection, found)
                yield name, found

    def _by_key(self, name: str, cursor: Any) -> dict[Key, Row]:
        """What CURSOR gives; a row that is as it was is not made anew."""
        columns = [column[0] for column in cursor.description]
        places = [columns.index(column) for column in self.keys[name]]
        before, found, raw = self.last.get(name, {}), {}, {}
        for values in cursor:
            key = tuple(values[place] for place in places)
            raw[key] = values
            if self.raw[name].get(key) == values:
                found[key] = before[key]
            else:
                found[key] = dict(zip(columns, map(_plain, values), strict=True))
        self.raw[name] = raw
        return found

    @staticmethod
    def _add_pieces(connection: Any, rows: dict[Key, Row]) -> None:
        """Where PostgreSQL keeps what is too long for a page, found by the seal's first bytes."""
        (toast,) = connection.execute(
            "SELECT reltoastrelid::regclass::text FROM pg_class WHERE relname = %s",
            (SealedAnswer.__tablename__,),
        ).fetchone()
        pieces = {
            stamp: where
            for stamp, *where in connection.execute(
                f"SELECT substring(chunk_data FROM 1 FOR {STAMP_BYTES}), chunk_id::bigint, "
                f"ctid::text, xmin::text FROM {toast} WHERE chunk_seq = 0"
            )
        }
        for row in rows.values():
            where = pieces.get(row["sealed"][:STAMP_BYTES], (None, None, None))
            row.update(zip(PIECES, where, strict=True))

    def files(self) -> list[bytes]:
        """SQLite's file and its log, as they lie on the disk now."""
        if self.path is None:
            return []
        names = (self.path, self.path.with_name(f"{self.path.name}-wal"))
        return [name.read_bytes() for name in names if name.exists()]


def _plain(value: Any) -> Any:
    if isinstance(value, memoryview | bytearray):
        return bytes(value)
    return json.dumps(value, sort_keys=True) if isinstance(value, dict | list) else value


def compare(before: Tables, after: Tables) -> dict[str, Change]:
    """What differs, by table; tables in which nothing does are left out."""
    found = {}
    for name, rows in after.items():
        old = before[name]
        columns = {
            key: {column for column in row if row[column] != old[key].get(column)}
            for key, row in rows.items()
            if key in old and row is not old[key] and row != old[key]
        }
        change = Change(rows.keys() - old.keys(), old.keys() - rows.keys(), columns)
        if change.added or change.gone or columns:
            found[name] = change
    return found


# -- what can be ranked ---------------------------------------------------------------------------

PLACE = re.compile(r"\((\d+),(\d+)\)")


def number(value: Any) -> float:
    """VALUE as something to be ranked; texts by their first letters, places by their parts."""
    if value is None:
        return -1.0
    if isinstance(value, bool | int | float):
        return float(value)
    if isinstance(value, datetime):
        return value.timestamp()
    if isinstance(value, date):
        return float(value.toordinal())
    if isinstance(value, str):
        if place := PLACE.fullmatch(value):
            return float(place[1]) * 10_000 + float(place[2])
        if value.isdigit():
            return float(value)
        return float(int.from_bytes(value.encode()[:7].ljust(7, b"\0")))
    return float(len(value))


def ranks(values: Any) -> np.ndarray:
    """Average ranks: equal values tell nothing apart."""
    _, where, counts = np.unique(
        np.array([number(value) for value in values]), return_inverse=True, return_counts=True
    )
    ends = counts.cumsum()
    return (ends - (counts + 1) / 2)[where]


def correlation(one: np.ndarray, other: np.ndarray) -> float:
    if len(one) < 3 or one.std() == 0 or other.std() == 0:
        return 0.0
    return abs(float(np.corrcoef(one, other)[0, 1]))
