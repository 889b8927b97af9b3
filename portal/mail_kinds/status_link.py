"""The link to the page on which a candidate sees what they were told, and asks for news.

The same for everybody, whatever was decided.
"""

from sqlalchemy.orm import joinedload

from portal import emails, hiring, links
from portal.emails import MAX_NAME, MAX_ROLE, MailKind, one_line
from portal.extensions import db
from portal.language import lazy_gettext
from portal.mail_kinds.asking import own_data
from portal.models import Application, Email

WITH_PEOPLE = (
    joinedload(Application.candidate),
    joinedload(Application.employer),
    joinedload(Application.requisition),
)


def write(email: Email) -> bytes:
    """What the page is good for, and the link."""
    application = db.session.get_one(Application, email.application_id, options=WITH_PEOPLE)
    candidate = application.candidate
    link = links.status_url(application.id, email.to_address or "")
    values = {
        "candidate": one_line(candidate.name, MAX_NAME),
        "role": one_line(application.requisition.title, MAX_ROLE),
        "link": f"{link}?lang={candidate.locale}",
        "own_data": own_data(email, candidate),
    }
    sender = emails.from_employer(application.employer, candidate.locale)
    return emails.build(email, sender, candidate.locale, values)


KIND = MailKind(
    key=hiring.STATUS_LINK,
    label=lazy_gettext("Link to their own page"),
    write=write,
    waits_for_employer=True,
)
