"""The rows of each export; those that are the employer's own records are read here.

No floor holds for these: an employer knows whom it decided about, and releases are public.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime

import sqlalchemy as sa

from portal import closure, hiring
from portal.exports.dictionary import Export
from portal.exports.files import Row
from portal.exports.pooled import feedback_comments, feedback_counts, feedback_rows
from portal.extensions import db
from portal.models import (
    Application,
    Candidate,
    Decision,
    Email,
    Employer,
    Notice,
    Requisition,
    User,
)
from portal.reputation import live_batches
from portal.scorecard import read_rating

CHUNK = 500
_STANDS = sa.and_(
    Decision.employer_id == Application.employer_id,
    Decision.application_id == Application.id,
    Decision.ended_at.is_(None),
)


def _closure(employer: Employer) -> Iterator[Row]:
    """One line per application, oldest first; rows are fetched as they are written."""
    return (
        (*row, _day(employer, asked_at))
        for asked_at, *row in db.session.execute(
            sa.select(
                Application.news_asked_at,
                Candidate.name,
                Candidate.email,
                Requisition.title,
                Requisition.department,
                Application.stage,
                Application.last_interview_on,
                Application.outcome,
                Application.decided_on,
                Application.told_on,
                Application.channel,
                Application.feedback,
                Application.promised_on,
                Decision.reason_code,
            )
            .join(Application.candidate)
            .join(Application.requisition)
            .outerjoin(Decision, _STANDS)
            .where(Application.employer_id == employer.id)
            .order_by(Application.id)
            .execution_options(yield_per=CHUNK)
        )
    )


def _day(employer: Employer, moment: datetime | None) -> date | None:
    return closure.local_day(employer, moment) if moment else None


def _evidence(employer: Employer) -> Iterator[Row]:
    """One line per telling, and one per application of which nothing was said; oldest first."""
    its = sa.and_(Notice.employer_id == employer.id, Notice.application_id == Application.id)
    rows = db.session.execute(
        sa.select(Application, Candidate, Requisition.title, Notice, Decision, Email, User.email)
        .join(Application.candidate)
        .join(Application.requisition)
        .outerjoin(Notice, its)
        .outerjoin(Decision, Decision.id == Notice.decision_id)
        .outerjoin(Email, Email.notice_id == Notice.id)
        .outerjoin(User, User.id == Notice.given_by)
        .where(Application.employer_id == employer.id)
        .order_by(Application.id, Notice.id)
        .execution_options(yield_per=CHUNK)
    )
    for application, candidate, role, notice, decision, email, by in rows:
        yield (
            candidate.name,
            candidate.email,
            role,
            application.external_id,
            application.last_interview_on,
            application.promised_on,
            _day(employer, application.news_asked_at),
            *_said(application, notice, decision, by),
            *_mailed(email),
        )


def _said(
    application: Application, notice: Notice | None, decision: Decision | None, by: str | None
) -> Row:
    employer = application.employer
    if notice is None:
        stands = "stands" if application.outcome else None
        decided = (application.outcome, application.decided_on, stands)
        return (None, *decided, *[None] * 5, *hiring.owed_now(application), *[None] * 3)
    is_told = notice.told_at is not None
    owed = (notice.owed_on, notice.owed_under) if is_told else hiring.owed_now(application)
    return (
        notice.kind,
        *_decided(employer, decision),
        _day(employer, notice.told_at),
        notice.channel,
        notice.evidence,
        notice.feedback,
        by,
        *owed,
        notice.next_on,
        notice.subject,
        notice.body,
    )


def _decided(employer: Employer, decision: Decision | None) -> Row:
    if decision is None:
        return None, None, None
    standing = "replaced" if decision.ended_at else "stands"
    if decision.is_retracted:
        standing = "taken_back"
    return decision.outcome, _day(employer, decision.decided_at), standing


def _mailed(email: Email | None) -> Row:
    if email is None:
        return (None,) * 4
    return email.state, _second(email.sent_at), email.delivery, _second(email.delivery_at)


def _second(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None


def _scorecards(employer: Employer) -> Iterator[Row]:
    """One line per live release, to the tenth of a star that pages show and no finer."""
    for batch in live_batches(employer):
        rating = read_rating(batch.trend)
        figures = (round(one, 1) for one in (rating.stars, rating.low, rating.high))
        yield batch.number, batch.released_on, batch.answers, *figures


_READERS: dict[Export, Callable[[Employer], Iterator[Row]]] = {
    Export.ROWS: feedback_rows,
    Export.COUNTS: feedback_counts,
    Export.COMMENTS: feedback_comments,
    Export.CLOSURE: _closure,
    Export.EVIDENCE: _evidence,
    Export.SCORECARDS: _scorecards,
}


def read_rows(employer: Employer, export: Export) -> Iterator[Row]:
    """EMPLOYER's lines of EXPORT, their cells in the order of its dictionary."""
    return _READERS[export](employer)
