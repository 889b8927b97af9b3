"""A new link, for somebody who asked for one on the page of an expired link."""

from datetime import datetime

from portal import invitations
from portal.emails import MailKind
from portal.language import lazy_gettext
from portal.mail_kinds import asking
from portal.models import Email


def last_look(email: Email, now: datetime) -> None:
    """It was asked for: nothing speaks against it, at any hour."""
    asking.let_go(invitations.lock(email.invitation_id), now)


KIND = MailKind(
    key="fresh_link",
    label=lazy_gettext("A new survey link"),
    write=asking.write,
    last_look=last_look,
)
