"""Who did what, when, for which employer: written by every function that changes something."""

from typing import Any

from flask import has_request_context
from flask_login import current_user

from portal.extensions import db
from portal.models import AuditEvent, User


def signed_in_user() -> User | None:
    """The signed-in person; None for visitors, candidates, the worker and the command line."""
    user: Any = current_user
    return user._get_current_object() if has_request_context() and user.is_authenticated else None


def acting_user_id() -> int | None:
    """The id of the signed-in person, if there is one."""
    user = signed_in_user()
    return user.id if user else None


def record(
    action: str, employer_id: int | None, about_id: int | None = None, **detail: Any
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
