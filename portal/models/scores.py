"""What was made of the answers: text scores, release batches, rollups, scorecards."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.extensions import Model
from portal.models.base import Integers, UtcDateTime, choice, employer_key
from portal.models.surveys import Response


class ScoreStatus(StrEnum):
    SCORED = "scored"
    UNCLEAR = "unclear"
    NOT_SCORED = "not_scored"


class Score(Model):
    """One edition's reading of one comment; never overwritten.

    No time: it would date the answer. `calibration` is the id of a TextCalibration, or empty for
    the numbers shipped with the version.
    """

    __tablename__ = "score"
    __table_args__ = (
        sa.UniqueConstraint("response_id", "version", "calibration"),
        sa.CheckConstraint("(p IS NULL) = (status = 'not_scored')", name="not_scored_has_no_p"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    response_id: Mapped[int] = mapped_column(sa.ForeignKey("response.id", ondelete="CASCADE"))
    version: Mapped[str] = mapped_column(sa.String(80))
    calibration: Mapped[str] = mapped_column(sa.String(40), default="")
    language: Mapped[str | None] = mapped_column(sa.String(8))
    status: Mapped[ScoreStatus] = mapped_column(choice(ScoreStatus, "status"))
    reason: Mapped[str | None] = mapped_column(sa.String(40))
    label: Mapped[str | None] = mapped_column(sa.String(3))
    p: Mapped[float | None]
    q: Mapped[float | None]
    phrases: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON, default=list)
    aspects: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    aspect_words: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON, default=list)
    response: Mapped[Response] = relationship()


class TextCalibration(Model):
    """One fit of an analyzer version's estimates to the stars given here.

    Numbers and a week only: nothing of any answer it was fitted on. Scores name it by its id.
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
    # The batch alone, for the trend: stars, low, high; weighted counts and what they are worth.
    trend: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    # The integers of each part that may be counted apart (reputation/parts.py); null: not yet made.
    groups: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True), deferred=True)
    # Rows, counts and comments leave only in pools of enough answers: the number of its last batch.
    # NEVER_POOLED: in no file again, or it could be laid beside an older copy.
    pool: Mapped[int | None]


class RollupWeek(Model):
    """Integer sums over the released answers of one employer, decision week and cell."""

    __tablename__ = "rollup_week"

    employer_id: Mapped[int] = mapped_column(sa.ForeignKey("employer.id"), primary_key=True)
    week: Mapped[date] = mapped_column(primary_key=True)
    cell: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    stars_1: Mapped[int] = mapped_column(default=0)
    stars_2: Mapped[int] = mapped_column(default=0)
    stars_3: Mapped[int] = mapped_column(default=0)
    stars_4: Mapped[int] = mapped_column(default=0)
    stars_5: Mapped[int] = mapped_column(default=0)
    promoters: Mapped[int] = mapped_column(default=0)
    passives: Mapped[int] = mapped_column(default=0)
    detractors: Mapped[int] = mapped_column(default=0)
    relationships: Mapped[int] = mapped_column(default=0)
    resentful: Mapped[int] = mapped_column(default=0)
    chase_answers: Mapped[int] = mapped_column(default=0)
    chasers: Mapped[int] = mapped_column(default=0)
    invited: Mapped[int] = mapped_column(default=0)


class RollupMonth(Model):
    """Exact moments of one employer's rejected candidates, packed triangles.

    A month is that of its weeks' Thursdays, so that none straddles a quarter.
    """

    __tablename__ = "rollup_month"

    employer_id: Mapped[int] = mapped_column(sa.ForeignKey("employer.id"), primary_key=True)
    month: Mapped[date] = mapped_column(primary_key=True)
    answered: Mapped[tuple[int, ...]] = mapped_column(Integers)  # 253: [X|y]'[X|y], released
    population: Mapped[tuple[int, ...]] = mapped_column(Integers)  # 231: X'X, invited


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
    answers: Mapped[int] = mapped_column(default=0)  # of rejected candidates
    prior: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    model: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    levers: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON, default=list)


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
