"""Tells somebody of a sign-in from a browser that their account does not know."""

from portal.emails import MailKind
from portal.language import lazy_gettext
from portal.mail_kinds.of_account import nothing_more, writer

KIND = MailKind(
    key="new_sign_in",
    label=lazy_gettext("Notice: a sign-in from a new browser"),
    write=writer(nothing_more),
)
