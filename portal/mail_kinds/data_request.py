"""The link by which somebody carries out what they asked for about their own data."""

from sqlalchemy.orm import joinedload

from portal import emails, links
from portal.emails import MAX_NAME, MailKind, one_line
from portal.extensions import db
from portal.language import lazy_gettext
from portal.models import DataRequest, Email, utcnow

WITH_PEOPLE = (joinedload(DataRequest.employer), joinedload(DataRequest.candidate))


def write(email: Email) -> bytes:
    """The link to see it, or to have it erased."""
    request = db.session.get_one(DataRequest, email.data_request_id, options=WITH_PEOPLE)
    locale = request.candidate.locale
    link = links.data_request_url(request.id, utcnow(), email.to_address or "")
    values = {
        "candidate": one_line(request.candidate.name, MAX_NAME),
        "wish": request.wish.value,
        "link": f"{link}?lang={locale}",
    }
    return emails.build(email, emails.from_employer(request.employer, locale), locale, values)


KIND = MailKind(
    key="data_request", label=lazy_gettext("A link about somebody’s own data"), write=write
)
