"""Who did what, when, for which employer: written by every function that changes something."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import has_request_context
from flask_login import current_user

from portal.extensions import db
from portal.models import AuditEvent, User


def signed_in_user() -> User | None:
    """The signed-in person; None for visitors, candidates, the worker and the command line."""
    user: Any = current_user
    return user._get_current_object() if has_request_context() and user.is_authenticated else None


_asked_by: ContextVar[int | None] = ContextVar("asked_by", default=None)


@contextmanager
def acting_for(user_id: int | None) -> Iterator[None]:
    """What is done meanwhile is done for the user who asked for it, by a worker."""
    token = _asked_by.set(user_id)
    try:
        yield
    finally:
        _asked_by.reset(token)


def acting_user_id() -> int | None:
    """The id of the signed-in person, or of who asked a worker for this, if there is one."""
    user = signed_in_user()
    return user.id if user else _asked_by.get()


def record(
    action: str, employer_id: int | None, about_id: int | None = None, /, **detail: Any
) -> None:
    """Note ACTION in the caller's transaction. DETAIL holds no answer, token or address."""
    db.session.add(
        AuditEvent(
            action=action,
            employer_id=employer_id,
            user_id=acting_user_id(),
            about_id=about_id,
            detail=detail,
        )
    )


class Event(NamedTuple):
    """One of several that record_many() notes."""

    action: str
    about_id: int
    detail: dict[str, Any]


def record_many(employer_id: int, events: Iterable[Event]) -> None:
    """Note each of EVENTS as record() does, all in one statement."""
    common = {"employer_id": employer_id, "user_id": acting_user_id()}
    db.session.execute(sa.insert(AuditEvent), [event._asdict() | common for event in events])


def count(action: str, about_id: int | None, now: datetime) -> None:
    """Note ACTION, which belongs to no employer, in one row an hour that counts how often.

    What anybody can set off as often as they like must not fill the table.
    """
    row = db.session.scalar(
        sa.select(AuditEvent)
        .where(
            AuditEvent.employer_id.is_(None),  # with `at`, the index
            AuditEvent.at > now - timedelta(hours=1),
            AuditEvent.action == action,
            AuditEvent.about_id.is_(None) if about_id is None else AuditEvent.about_id == about_id,
        )
        .order_by(AuditEvent.id.desc())
        .limit(1)
        .with_for_update()
    )
    if row is None:
        record(action, None, about_id, count=1)
    else:
        row.detail = {"count": row.detail["count"] + 1}
