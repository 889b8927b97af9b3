"""Tells somebody that codes beside their password are asked for, or no longer are."""

from typing import Any

from portal.emails import MailKind
from portal.language import lazy_gettext
from portal.mail_kinds.of_account import writer
from portal.models import Email, User


def _facts(_email: Email, user: User) -> dict[str, Any]:
    return {"is_on": user.totp_sealed is not None}


KIND = MailKind(
    key="second_factor",
    label=lazy_gettext("Notice: two-step sign-in was switched on or off"),
    write=writer(_facts),
)
