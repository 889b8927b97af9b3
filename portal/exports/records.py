"""The rows of each export; those that are the employer's own records are read here.

No floor holds for these: an employer knows whom it decided about, and releases are public.
"""

from collections.abc import Callable, Iterator

import sqlalchemy as sa

from portal.exports.dictionary import Export
from portal.exports.files import Cell
from portal.exports.pooled import feedback_comments, feedback_counts, feedback_rows
from portal.extensions import db
from portal.models import Application, Candidate, Decision, Employer, Requisition
from portal.reputation import live_batches
from portal.scorecard import read_rating

CHUNK = 500
_STANDS = sa.and_(
    Decision.employer_id == Application.employer_id,
    Decision.application_id == Application.id,
    Decision.ended_at.is_(None),
)


def _closure(employer: Employer) -> Iterator[tuple[Cell, ...]]:
    """One line per application, oldest first; rows are fetched as they are written."""
    return (
        tuple(row)
        for row in db.session.execute(
            sa.select(
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


def _scorecards(employer: Employer) -> Iterator[tuple[Cell, ...]]:
    """One line per live release, to the tenth of a star that pages show and no finer."""
    for batch in live_batches(employer):
        rating = read_rating(batch.trend)
        figures = (round(one, 1) for one in (rating.stars, rating.low, rating.high))
        yield batch.number, batch.released_on, batch.answers, *figures


_READERS: dict[Export, Callable[[Employer], Iterator[tuple[Cell, ...]]]] = {
    Export.ROWS: feedback_rows,
    Export.COUNTS: feedback_counts,
    Export.COMMENTS: feedback_comments,
    Export.CLOSURE: _closure,
    Export.SCORECARDS: _scorecards,
}


def read_rows(employer: Employer, export: Export) -> Iterator[tuple[Cell, ...]]:
    """EMPLOYER's lines of EXPORT, their cells in the order of its dictionary."""
    return _READERS[export](employer)
