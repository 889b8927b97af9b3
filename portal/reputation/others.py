"""The employers that publish, counted by their stars: what anybody can count in the directory."""

import sqlalchemy as sa

from portal.config import settings
from portal.models import Employer, Scorecard

# Half a star each; the last holds 5 as well.
BIN_STARTS = tuple(1 + number / 2 for number in range(8))
IS_PUBLIC: tuple[sa.ColumnElement[bool], ...] = (
    Employer.is_published.is_(True),
    Employer.approved_at.is_not(None),
)


def count_by_stars() -> sa.Subquery:
    """One row: how many employers that publish have a score, by bin.

    The stars are those of their public pages, rounded as there, and read as the page is made: who
    stops publishing is counted no more. A night's count would still tell of them.
    """
    ends = (*BIN_STARTS[1:], 6)
    counts = [
        sa.func.count(sa.case((sa.and_(Scorecard.stars >= start, Scorecard.stars < end), 1))).label(
            f"bin_{number}"
        )
        for number, (start, end) in enumerate(zip(BIN_STARTS, ends, strict=True))
    ]
    public = sa.select(*counts).join(Employer, Employer.id == Scorecard.employer_id)
    return public.where(*IS_PUBLIC, Scorecard.answers >= settings().MIN_ANSWERS).subquery()
