"""Column types and the clock that all tables share."""

import struct
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import mapped_column


def utcnow() -> datetime:
    """Now, aware, in UTC: the only clock of the product."""
    return datetime.now(UTC)


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """Aware UTC in Python on both databases; SQLite, which has no zones, holds it naive."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone was about to be stored")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Integers(sa.types.TypeDecorator[tuple[int, ...]]):
    """A tuple of 64-bit integers, exact, eight bytes each."""

    impl = sa.LargeBinary
    cache_ok = True

    def process_bind_param(
        self, value: tuple[int, ...] | None, dialect: sa.Dialect
    ) -> bytes | None:
        return None if value is None else struct.pack(f"<{len(value)}q", *value)

    def process_result_value(
        self, value: bytes | None, dialect: sa.Dialect
    ) -> tuple[int, ...] | None:
        return None if value is None else struct.unpack(f"<{len(value) // 8}q", value)


def choice(kind: type[StrEnum], name: str) -> sa.Enum:
    """A text column that may hold KIND's values only, by a CHECK called NAME."""
    return sa.Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        name=name,
        length=32,
        values_callable=lambda members: [member.value for member in members],
    )


def employer_key(**options: Any) -> Any:
    """The employer a row belongs to; leads the indexes of its table."""
    return mapped_column(sa.ForeignKey("employer.id"), **options)
