"""The link by which somebody shows that their account's new address is theirs."""

from typing import Any

from portal import credentials
from portal.emails import MailKind
from portal.language import lazy_gettext
from portal.mail_kinds.of_account import writer
from portal.models import Email, User, utcnow


def _facts(_email: Email, user: User) -> dict[str, Any]:
    link = credentials.url_of(credentials.ADDRESS, user, utcnow())
    return {"link": link, "is_unconfirmed": True}


KIND = MailKind(
    key="address_link",
    label=lazy_gettext("A link to confirm a new address"),
    write=writer(_facts),
    last_look=credentials.may_go(credentials.ADDRESS),
    is_repeatable=False,  # as of a password's link
)
