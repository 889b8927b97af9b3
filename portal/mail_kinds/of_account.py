"""What all mail about somebody's own account has in common."""

from collections.abc import Callable
from typing import Any

from portal import accounts, emails, formatting
from portal.config import settings
from portal.extensions import db
from portal.language import use
from portal.models import Email, Locale, User


def reads(user: User) -> Locale:
    """The language USER chose, else that of the employer they work for."""
    if user.locale:
        return user.locale
    memberships = accounts.list_memberships(user)
    return memberships[0].employer.locale if memberships else Locale.ENGLISH


def writer(facts: Callable[[Email, User], dict[str, Any]]) -> Callable[[Email], bytes]:
    """What writes a mail with FACTS, and what all of them say: to whom, and when it was asked."""

    def write(email: Email) -> bytes:
        user = db.session.get_one(User, email.user_id)
        locale = reads(user)
        with use(locale):
            values = {
                "at": formatting.moment(email.created_at, zone="UTC"),
                "account": user.email,
                "new_password": f"{settings().BASE_URL}/password",
                **facts(email, user),
            }
        return emails.build(email, emails.from_site(), locale, values)

    return write


def nothing_more(_email: Email, _user: User) -> dict[str, Any]:
    """No facts but those of every mail."""
    return {}
