"""Tells somebody of a sign-in from a browser that their account does not know."""

from typing import Any

from portal import accounts, formatting
from portal.emails import MailKind
from portal.language import lazy_gettext
from portal.mail_kinds.of_account import writer
from portal.models import Email, User


def _facts(email: Email, user: User) -> dict[str, Any]:
    found = accounts.last_sign_in(user, email.created_at)
    name, system = (found.browser, found.system) if found else (None, None)
    return {"browser": formatting.browser(name, system)}


KIND = MailKind(
    key="new_sign_in",
    label=lazy_gettext("Notice: a sign-in from a new browser"),
    write=writer(_facts),
)
