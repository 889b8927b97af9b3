"""One candidate typed in by hand."""

import sqlalchemy as sa

from portal import hiring
from portal.applicants import NewApplication
from portal.extensions import db
from portal.models import Application, Candidate, Employer, Requisition


class AlreadyOpen(Exception):
    """The same address has an open application for the same role."""


def add_one(employer: Employer, new: NewApplication) -> Application:
    """NEW, added for EMPLOYER; a second click waits for the first. Raises AlreadyOpen."""
    # Read anew, for what is owed follows from its settings.
    db.session.refresh(employer, with_for_update=True)
    if new.email and _find_open_twin(employer, new):
        raise AlreadyOpen
    return hiring.add_application(employer, new)


def _find_open_twin(employer: Employer, new: NewApplication) -> int | None:
    twins = (
        sa.select(Application.id)
        .join(Application.candidate)
        .join(Application.requisition)
        .where(
            Application.employer_id == employer.id,
            Application.outcome.is_(None),
            sa.func.lower(Candidate.email) == (new.email or "").lower(),
            Requisition.title == new.role,
        )
    )
    return db.session.scalar(twins.limit(1))
