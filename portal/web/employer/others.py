"""An employer beside others: those that publish here, and figures published elsewhere."""

from typing import Any

from portal import closure, figures
from portal.models import utcnow
from portal.reputation import Dashboard


def beside_others(board: Dashboard) -> dict[str, Any] | None:
    """BOARD beside others: both in one line, and what stands behind it; None without a score."""
    found, employer = board.reputation, board.employer
    if found is None:
        return None
    stars, is_among = found.score.stars, bool(employer.is_published and employer.approved_at)
    today = closure.local_day(employer, utcnow())
    rows = figures.beside_published(found, board.habits, board.floor)
    return {
        "here": figures.others_said(board.others, stars, is_among=is_among),
        "here_chart": figures.others_chart(board.others, stars, today, is_among=is_among),
        "published": figures.published_said(rows),
        "published_chart": figures.published_chart(rows),
        "published_rows": figures.published_rows(rows),
    }
