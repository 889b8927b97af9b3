"""An employer beside others: those that publish here, and figures published elsewhere."""

from dataclasses import dataclass

from portal import closure, figures
from portal.figures import Chart
from portal.models import utcnow
from portal.reputation import Dashboard


@dataclass(frozen=True)
class BesideOthers:
    """Both in one line each, with what stands behind it."""

    here: str
    here_chart: Chart | None
    published: str
    published_chart: Chart
    published_rows: list[list[str]]


def beside_others(board: Dashboard) -> BesideOthers | None:
    """BOARD beside others; None without a score."""
    found, employer = board.reputation, board.employer
    if found is None:
        return None
    stars, is_among = found.score.stars, bool(employer.is_published and employer.approved_at)
    today = closure.local_day(employer, utcnow())
    rows = figures.beside_published(found, board.habits, board.floor)
    return BesideOthers(
        here=figures.others_said(board.others, stars, is_among=is_among),
        here_chart=figures.others_chart(board.others, stars, today, is_among=is_among),
        published=figures.published_said(rows),
        published_chart=figures.published_chart(rows),
        published_rows=figures.published_rows(rows),
    )
