"""Password and address: forgotten, chosen anew, changed; and who is told of it."""

import secrets
from datetime import datetime

import sqlalchemy as sa

from portal import accounts, audit, outbox
from portal.credentials.linked import ADDRESS, LINK_LASTS, PASSWORD, open_link
from portal.extensions import db
from portal.models import PasswordRequest, User

AT_ONCE = 100  # requests answered in one transaction


class AddressTaken(Exception):
    """Another account has that address; whose is nobody's business."""


def tell(user: User, kind: str, to: str | None = None, until: datetime | None = None) -> None:
    """Owe USER a mail of KIND, at the address TO or the account's own."""
    outbox.queue_email(
        kind,
        to or user.email,
        user_id=user.id,
        employer_id=None,
        dedup_key=f"{kind}:{user.id}:{secrets.token_hex(8)}",
        expires_at=until,
    )


def ask_for_password(address: str, now: datetime) -> None:
    """Note that the password of ADDRESS is forgotten, whoever's it is, if anybody's.

    Nobody is looked up here, so that neither answer nor time can tell: answer_requests() does.
    """
    db.session.add(PasswordRequest(address=address))
    audit.count("password.asked", None, now)


def answer_requests(now: datetime) -> int:
    """Owe a link to those who have asked for one and may sign in; how many had asked."""
    some = sa.select(PasswordRequest.id).order_by(PasswordRequest.id).limit(AT_ONCE)
    taken = sa.delete(PasswordRequest).where(PasswordRequest.id.in_(some))
    asked = db.session.scalars(taken.returning(PasswordRequest.address)).all()
    for address in dict.fromkeys(asked):
        user = accounts.find_user(address)
        if user is not None and user.active:
            tell(user, "password_link", until=now + LINK_LASTS)
            audit.record("password.link_owed", None, user.id)
    return len(asked)


def choose_password(token: str, password: str, now: datetime) -> User:
    """Change the password by a mailed link, which ends every sign-in.

    Raises LinkUnknown, LinkStale, or AccountRefused for a password that is easy to guess. A
    second factor stays: the link replaces the password only.
    """
    user = open_link(PASSWORD, token, now)
    change_password(user, password)
    return user


def change_password(user: User, password: str, keep: str = "") -> None:
    """Change the password, end every sign-in but that of the secret KEEP, and tell USER."""
    accounts.set_password(user, password, keep)
    tell(user, "password_changed")


def ask_for_address(user: User, address: str, now: datetime) -> None:
    """Mail a link to ADDRESS that makes it USER's; one asked for before is worth nothing then.

    The same whether or not another account has it: only who reads its mail may learn that.
    """
    user.new_email = address
    tell(user, "address_link", address, until=now + LINK_LASTS)
    audit.record("address.asked", None, user.id)


def drop_address(user: User) -> None:
    """Keep the address; the link that was mailed to the new one is worth nothing."""
    user.new_email = None
    audit.record("address.dropped", None, user.id)


def confirm_address(token: str, now: datetime, keep: str = "") -> User:
    """Give the account its new address, end every sign-in but that of KEEP, and tell the old one.

    Raises LinkUnknown, LinkStale, or AddressTaken if another account has it by now.
    """
    user = open_link(ADDRESS, token, now)
    set_address(user, user.new_email or user.email, keep)
    return user


def set_address(user: User, address: str, keep: str = "") -> None:
    """Give USER the ADDRESS, end every sign-in but that of the secret KEEP, and tell the old one.

    Raises AddressTaken.
    """
    old = user.email
    try:
        with db.session.begin_nested():
            user.email, user.new_email = address, None
    except sa.exc.IntegrityError as error:
        raise AddressTaken from error
    accounts.end_sign_ins(user, keep)
    tell(user, "address_changed", old)
    audit.record("address.changed", None, user.id)


def note_new_browser(user: User) -> None:
    """Tell USER of a sign-in from a browser that the account does not know."""
    tell(user, "new_sign_in")
