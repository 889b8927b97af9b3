"""Long runs that a worker carries out, what each did line by line, and files on their way in."""

from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Model
from portal.models.base import UtcDateTime, choice, employer_key, utcnow


class RunKind(StrEnum):
    IMPORT = "import"
    ACTION = "action"  # on applications that somebody selected


class RunState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    FINISHED = "finished"
    FAILED = "failed"  # what was done before stays, and can be undone
    UNDOING = "undoing"
    UNDONE = "undone"


class LineResult(StrEnum):
    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    LEFT = "left"  # it says something else than is held, which stays
    FAILED = "failed"
    WAITING = "waiting"  # nothing was done about it yet
    DONE = "done"


class Run(Model):
    """Something done to many rows in many transactions: asked for by a person, done by a worker.

    `done` counts the rows that are committed, in the order of the work: who takes over goes on
    there. `beat_at` is the last sign of life of who carries it out.
    """

    __tablename__ = "run"
    __table_args__ = (
        sa.Index(None, "employer_id", "id"),
        sa.Index(None, "employer_id", "digest"),
        sa.Index(None, "state", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    employer_id: Mapped[int] = employer_key()
    kind: Mapped[RunKind] = mapped_column(choice(RunKind, "kind"))
    state: Mapped[RunState] = mapped_column(choice(RunState, "state"), default=RunState.QUEUED)
    name: Mapped[str] = mapped_column(sa.String(200), default="")  # of the file, or of the action
    digest: Mapped[str | None] = mapped_column(sa.String(64))
    plan: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    counts: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    total: Mapped[int] = mapped_column(default=0)
    done: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str | None] = mapped_column(sa.Text)
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    beat_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))


class RunLine(Model):
    """What a run did with one of its rows.

    `number` is the row's in the file. `application_id` is no foreign key: an application may be
    deleted, and lines are many. `before` is what an undo needs to know.
    """

    __tablename__ = "run_line"
    __table_args__ = (sa.Index(None, "application_id"),)

    run_id: Mapped[int] = mapped_column(sa.ForeignKey("run.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    application_id: Mapped[int | None]
    result: Mapped[LineResult] = mapped_column(choice(LineResult, "result"))
    note: Mapped[str] = mapped_column(sa.Text, default="")
    before: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))


class FileState(StrEnum):
    OPEN = "open"
    CHECKING = "checking"
    CHECKED = "checked"


class IntakeFile(Model):
    """A file of candidates on its way in; gone when its run is over, or nobody went on with it."""

    __tablename__ = "intake_file"
    __table_args__ = (
        sa.Index(None, "employer_id", "touched_at"),
        sa.Index(None, "run_id"),
        sa.Index(None, "state", "touched_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    employer_id: Mapped[int] = employer_key()
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    name: Mapped[str] = mapped_column(sa.String(200))
    digest: Mapped[str] = mapped_column(sa.String(64))
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)  # compressed by zlib
    plan: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    checked: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    state: Mapped[FileState] = mapped_column(choice(FileState, "state"), default=FileState.OPEN)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    touched_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    run_id: Mapped[int | None] = mapped_column(sa.ForeignKey("run.id"))


class IntakeMapping(Model):
    """What an employer answered about files of one kind, offered again with the next of it."""

    __tablename__ = "intake_mapping"

    employer_id: Mapped[int] = mapped_column(sa.ForeignKey("employer.id"), primary_key=True)
    key: Mapped[str] = mapped_column(sa.String(200), primary_key=True)
    learnt: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    used_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
