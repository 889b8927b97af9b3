"""What was answered: sealed, and the published copies that lead nowhere.

A sealed answer is the record, for a year. Rows of `opinion` and `words` are written for a whole
pool at once, under ids that are random: no column of theirs stands in another table in clear.
"""

import secrets
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Model
from portal.models.base import choice, employer_key

# SQLite's own row number is then the random id: no second, hidden one tells an order.
BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class TextLabel(StrEnum):
    """What is read in a comment, in one word."""

    POS = "pos"
    NEG = "neg"
    UNCLEAR = "unclear"
    NOT_SCORED = "not_scored"


class ScoreStatus(StrEnum):
    SCORED = "scored"
    UNCLEAR = "unclear"
    NOT_SCORED = "not_scored"


def random_id() -> int:
    """An id of 63 random bits: no order, no count, no time."""
    return secrets.randbits(63)


class SealedAnswer(Model):
    """One answered survey, sealed (surveys/answers.py). Its key is derived from the link.

    Never one row alone is rewritten: a change seals a whole group anew.
    """

    __tablename__ = "sealed_answer"
    __table_args__ = (sa.Index(None, "employer_id", "batch_id"), {"sqlite_with_rowid": False})

    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    employer_id: Mapped[int] = employer_key()
    batch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("batch.id"))
    sealed: Mapped[bytes]


class Opinion(Model):
    """One line of the feedback file: the answers that may leave in rows, and what was read."""

    __tablename__ = "opinion"
    __table_args__ = (sa.Index(None, "employer_id", "pool", "id"),)

    id: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False, default=random_id)
    employer_id: Mapped[int] = employer_key()
    pool: Mapped[int]
    answers: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    # As the file shows it: also "not_shown". It never changes, or an older copy would tell whose.
    label: Mapped[str] = mapped_column(sa.String(12))


class Words(Model):
    """One comment that may be read, without what leads to a person. No pool: waits for the next."""

    __tablename__ = "words"
    __table_args__ = (sa.Index(None, "employer_id", "pool", "id"),)

    id: Mapped[int] = mapped_column(BIG, primary_key=True, autoincrement=False, default=random_id)
    employer_id: Mapped[int] = employer_key()
    pool: Mapped[int | None]
    may_publish: Mapped[bool]
    text: Mapped[str] = mapped_column(sa.Text)


class Reading(Model):
    """What one edition reads in one comment; added, never overwritten.

    `calibration` is the id of a TextCalibration, or empty for the numbers shipped with the version.
    `estimate`: whole per cent.
    """

    __tablename__ = "reading"
    __table_args__ = (
        sa.CheckConstraint("(estimate IS NULL) = (status = 'not_scored')", name="not_scored"),
    )

    words_id: Mapped[int] = mapped_column(
        BIG, sa.ForeignKey("words.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    calibration: Mapped[str] = mapped_column(sa.String(40), primary_key=True, default="")
    language: Mapped[str | None] = mapped_column(sa.String(8))
    status: Mapped[ScoreStatus] = mapped_column(choice(ScoreStatus, "status"))
    reason: Mapped[str | None] = mapped_column(sa.String(40))
    label: Mapped[str | None] = mapped_column(sa.String(3))
    estimate: Mapped[int | None]
    phrases: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON, default=list)
    aspects: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    aspect_words: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON, default=list)
