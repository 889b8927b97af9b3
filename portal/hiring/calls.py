"""The telephone: a candidate's number, and calls that reached nobody."""

from collections.abc import Collection

import sqlalchemy as sa

from portal import audit
from portal.applicants import clean_phone
from portal.extensions import db
from portal.hiring.refusals import DecisionRefused
from portal.language import gettext
from portal.models import Application, Decision, Notice, NoticeKind


def set_phone(application: Application, text: str) -> None:
    """Keep the number in TEXT for the candidate of APPLICATION, none if it is empty.

    Raises ApplicationRefused for what is no number, DecisionRefused for who was erased.
    """
    phone = clean_phone(text) or None
    # In the order in which everybody locks them, so that nobody waits for ever.
    db.session.refresh(application, with_for_update=True)
    db.session.refresh(application.candidate, with_for_update=True)
    candidate = application.candidate
    if candidate.is_blank:
        said = gettext("%(name)s: nothing more is recorded of them.", name=candidate.name)
        raise DecisionRefused("phone", said)
    if phone != candidate.phone:
        candidate.phone = phone
        audit.record("application.phone_set", application.employer_id, application.id)


def last_attempts(employer_id: int, ids: Collection[int]) -> dict[int, Notice]:
    """Of those applications of IDS whose standing decision a call was to tell: the last such call
    that only left a message, by application. One statement, for a whole page of the desk."""
    newest = (
        sa.select(sa.func.max(Notice.id))
        .join(Notice.decision)
        .where(
            Notice.employer_id == employer_id,
            Notice.application_id.in_(ids),
            Notice.kind == NoticeKind.ATTEMPT,
            Decision.ended_at.is_(None),
        )
        .group_by(Notice.application_id)
    )
    found = db.session.scalars(sa.select(Notice).where(Notice.id.in_(newest))) if ids else ()
    return {notice.application_id: notice for notice in found}
