"""What is made of the answers: releases, the sums sealed with them, scorecards, fits."""

from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Model
from portal.models.base import Integers, UtcDateTime, employer_key


class TextCalibration(Model):
    """One fit of an analyzer version's estimates to the stars given here.

    Numbers and a week only: nothing of any answer it was fitted on. Readings name it by its id.
    """

    __tablename__ = "calibration"

    id: Mapped[int] = mapped_column(primary_key=True)
    version: Mapped[str] = mapped_column(sa.String(80))
    week: Mapped[date]  # Monday of the week of the fit
    slope: Mapped[float]
    intercept: Mapped[float]
    pivot: Mapped[float]
    answers: Mapped[int]
    log_loss_before: Mapped[float]
    log_loss_after: Mapped[float]


class CurrentEdition(Model):
    """One row: the analyzer version and calibration by which pages show comments."""

    __tablename__ = "current_edition"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    version: Mapped[str] = mapped_column(sa.String(80))
    calibration: Mapped[str] = mapped_column(sa.String(40), default="")


NEVER_POOLED = 0


class Floor(Model):
    """One row: the highest floors this installation has had (reputation.hold_floors)."""

    __tablename__ = "floor"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    min_answers: Mapped[int]
    min_comments: Mapped[int]


class Canary(Model):
    """One row: a seal that must open before anything else is tried with the key."""

    __tablename__ = "canary"
    __table_args__ = (sa.CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    sealed: Mapped[bytes]


class Batch(Model):
    """Answers released together; never fewer fresh ones than the floor."""

    __tablename__ = "batch"
    __table_args__ = (sa.UniqueConstraint("employer_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    employer_id: Mapped[int] = employer_key()
    number: Mapped[int]
    released_on: Mapped[date]
    withdrawn_on: Mapped[date | None]
    answers: Mapped[int]
    fresh: Mapped[int]
    # Whether some answers were left for the next release, by lot.
    held_back: Mapped[bool] = mapped_column(default=False)
    # The batch alone, as the trend shows it: stars, low and high to a tenth.
    trend: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    # Everything finer, sealed (reputation/sums.py); null once withdrawn.
    sums: Mapped[bytes | None] = mapped_column(deferred=True)
    # Lines and words leave only in pools of enough answers: the number of its last batch.
    # NEVER_POOLED: in no file again, or it could be laid beside an older copy.
    pool: Mapped[int | None]


class RollupWeek(Model):
    """How many were invited, by week of decision and cell."""

    __tablename__ = "rollup_week"

    employer_id: Mapped[int] = mapped_column(sa.ForeignKey("employer.id"), primary_key=True)
    week: Mapped[date] = mapped_column(primary_key=True)
    cell: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    invited: Mapped[int] = mapped_column(default=0)


class RollupMonth(Model):
    """Exact moments of one employer's invited rejected candidates: X'X as a packed triangle.

    A month is that of its weeks' Thursdays, so that none straddles a quarter.
    """

    __tablename__ = "rollup_month"

    employer_id: Mapped[int] = mapped_column(sa.ForeignKey("employer.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    population: Mapped[tuple[int, ...]] = mapped_column(Integers)  # 231


class PlatformFit(Model):
    """One night's prior and lever model over all employers; the newest whole one is used.

    Until `fitted_at` it is under way: employers up to `done_up_to` have been gone through.
    """

    __tablename__ = "platform_fit"

    id: Mapped[int] = mapped_column(primary_key=True)
    day: Mapped[date] = mapped_column(unique=True)
    done_up_to: Mapped[int] = mapped_column(default=0)
    fitted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    employers: Mapped[int] = mapped_column(default=0)  # with answers of rejected candidates
    answers: Mapped[int] = mapped_column(default=0)  # of rejected candidates, in steps of ten
    prior: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)  # rounded before its use
    # Model and levers: from two fits at full precision single answers could be solved for.
    sealed: Mapped[bytes | None]


class Scorecard(Model):
    """Everything the pages show of one employer; they read this row and nothing beneath it.

    `reputation` changes only when a batch is released or withdrawn; `habits` and `coverage` are
    the employer's own records and follow them.
    """

    __tablename__ = "scorecard"

    employer_id: Mapped[int] = mapped_column(sa.ForeignKey("employer.id"), primary_key=True)
    answers: Mapped[int] = mapped_column(default=0)
    stars: Mapped[float | None]  # for sorting the directory; null below the floor
    reputation: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    habits: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    coverage: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    as_of: Mapped[datetime | None] = mapped_column(UtcDateTime)
