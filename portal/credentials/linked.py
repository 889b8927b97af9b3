"""The links mailed for an account: made when the mail is written, opened as long as they fit.

They are kept nowhere. Each says for which state of the account it was made, and using it changes
that state: so it works once, and a new password makes all others worthless.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import sqlalchemy as sa

from portal import links
from portal.accounts import credentials_of
from portal.extensions import db, is_read_only_request
from portal.models import Email, User

PASSWORD, ADDRESS = "password", "address"
LINK_LASTS = timedelta(hours=1)


class LinkUnknown(Exception):
    """We did not make the link, or not for this person."""


class LinkStale(Exception):
    """The link has been used, or is too old; `is_expired` says whether only that."""

    def __init__(self, is_expired: bool) -> None:
        super().__init__("expired" if is_expired else "used")
        self.is_expired = is_expired


def _state(purpose: str, user: User) -> str:
    state = credentials_of(user)
    return f"{state} {user.new_email}" if purpose == ADDRESS else state


def url_of(purpose: str, user: User, now: datetime) -> str:
    """A link for PURPOSE as USER's account is now."""
    return links.account_url(purpose, user.id, now, _state(purpose, user))


def open_link(purpose: str, token: str, now: datetime) -> User:
    """Whose account TOKEN leads to, locked where the transaction may write.

    Raises LinkUnknown or LinkStale.
    """
    link = links.read_account_link(purpose, token)
    user = _lock(link.user_id) if link else None
    if link is None or user is None or not user.active:
        raise LinkUnknown
    if not link.fits(_state(purpose, user)):
        raise LinkStale(is_expired=False)
    if not -LINK_LASTS <= now - link.made_at <= LINK_LASTS:
        raise LinkStale(is_expired=True)
    return user


def _lock(user_id: int) -> User | None:
    """The user as they are now; a GET, which may not write, locks nothing."""
    found = sa.select(User).where(User.id == user_id)
    if not is_read_only_request():
        found = found.with_for_update()
    return db.session.scalar(found, execution_options={"populate_existing": True})


def may_go(purpose: str) -> Callable[[Email, datetime], str | None]:
    """The last look at a mail with a link for PURPOSE: it goes to the address that the link is
    about, or whoever reads it there would confirm somebody else's."""

    def look(email: Email, _now: datetime) -> str | None:
        user = db.session.get_one(User, email.user_id, populate_existing=True)
        if not user.active:
            return "gone"
        wanted = user.new_email if purpose == ADDRESS else user.email
        return None if email.to_address == wanted else "changed"

    return look
