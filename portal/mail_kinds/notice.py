"""A decision or a dated "not yet", in the words a person chose; told begins when it is sent."""

from datetime import datetime

from sqlalchemy.orm import joinedload

from portal import emails, hiring, letters, links
from portal.emails import MailKind, one_line
from portal.extensions import db
from portal.language import lazy_gettext
from portal.mail_kinds.asking import own_data
from portal.models import Application, Email, Notice

WITH_PEOPLE = joinedload(Notice.application).options(
    joinedload(Application.candidate), joinedload(Application.employer)
)


def write(email: Email) -> bytes:
    """The letter as it was looked at, and where the candidate finds their own page and data."""
    # Mostly loaded already, by the last look before sending: then this costs no query.
    notice = db.session.get_one(Notice, email.notice_id, options=[WITH_PEOPLE])
    candidate, employer = notice.application.candidate, notice.application.employer
    body = notice.body.replace("\r\n", "\n").strip()
    values = {
        "notice_subject": one_line(notice.subject, len(notice.subject)),
        "body": body,
        "blocks": letters.blocks(body),
        "own_data": own_data(email, candidate),
        "status": f"{links.status_url(notice.application_id, email.to_address or '')}"
        f"?lang={candidate.locale}",
    }
    sender = emails.from_employer(employer, candidate.locale)
    return emails.build(email, sender, candidate.locale, values)


def last_look(email: Email, _now: datetime) -> str | None:
    """Its decision stands.

    A "not decided yet" that was claimed while the decision was being recorded stays behind too.
    """
    notice = db.session.get_one(
        Notice,
        email.notice_id,
        options=[joinedload(Notice.decision), WITH_PEOPLE],
        populate_existing=True,
    )
    if notice.decision is None:
        return "decided" if notice.application.outcome else None
    return "retracted" if notice.decision.ended_at else None


KIND = MailKind(
    key="notice",
    label=lazy_gettext("Email about the decision"),
    write=write,
    last_look=last_look,
    settle=hiring.settle_notices,
    waits_for_employer=True,
)
