"""Tells somebody that their password was changed."""

from portal.emails import MailKind
from portal.language import lazy_gettext
from portal.mail_kinds.of_account import nothing_more, writer

KIND = MailKind(
    key="password_changed",
    label=lazy_gettext("Notice: the password was changed"),
    write=writer(nothing_more),
)
