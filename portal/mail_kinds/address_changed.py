"""Tells the old address of an account that it is no longer the account's."""

from portal.emails import MailKind
from portal.language import lazy_gettext
from portal.mail_kinds.of_account import nothing_more, writer

KIND = MailKind(
    key="address_changed",
    label=lazy_gettext("Notice: the address was changed"),
    write=writer(nothing_more),
)
