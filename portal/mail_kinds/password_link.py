"""The link by which somebody who forgot their password chooses a new one."""

from typing import Any

from portal import credentials
from portal.emails import MailKind
from portal.language import lazy_gettext
from portal.mail_kinds.of_account import writer
from portal.models import Email, User, utcnow


def _facts(_email: Email, user: User) -> dict[str, Any]:
    return {"link": credentials.url_of(credentials.PASSWORD, user, utcnow())}


KIND = MailKind(
    key="password_link",
    label=lazy_gettext("A link to choose a new password"),
    write=writer(_facts),
    last_look=credentials.may_go(credentials.PASSWORD),
    is_repeatable=False,  # it would be too late: who still wants one asks for another
)
