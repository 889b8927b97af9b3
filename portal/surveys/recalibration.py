"""Fitting the text estimates to the stars that candidates gave here."""

from collections.abc import Callable, Sequence
from datetime import date, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from portal.extensions import db
from portal.models import Employer, Response, TextCalibration
from portal.sentiment.calibration import CalibrationResult, label_of_stars, raw_log_odds
from portal.surveys.editions import Edition
from portal.surveys.scoring import Analyzer

# Two numbers and a pivot are fitted: more answers than these would not move them visibly.
MOST = 20_000
PROGRESS_EVERY = 500


class StarredComment(NamedTuple):
    """Words and the stars their writer gave."""

    text: str
    language: str
    stars: int


def starred_comments() -> list[StarredComment]:
    """Released comments whose stars take a side, MOST at most, drawn by their random keys."""
    rows = db.session.execute(
        sa.select(Response.comment, Employer.locale, Response.overall)
        .join(Employer, Employer.id == Response.employer_id)
        .where(Response.batch_id.is_not(None), Response.comment != "", Response.overall != 3)
        .order_by(Response.key)
        .limit(MOST)
    )
    return [StarredComment(text, locale.value, stars) for text, locale, stars in rows]


def training_rows(
    analyzer: Analyzer,
    comments: Sequence[StarredComment],
    on_progress: Callable[[int, int], None],
) -> list[tuple[float, bool]]:
    """(shipped log-odds, whether the writer was satisfied) of every comment that can be scored.

    Reads them anew and no stored score, so that it works the same before and after a rescore.
    """
    rows = []
    for number, comment in enumerate(comments, start=1):
        reading = analyzer(comment.text, comment.language)
        is_satisfied = label_of_stars(comment.stars)
        if reading.p is not None and is_satisfied is not None:
            rows.append((raw_log_odds(reading), is_satisfied))
        if number % PROGRESS_EVERY == 0 or number == len(comments):
            on_progress(number, len(comments))
    return rows


def add_calibration(version: str, result: CalibrationResult, today: date) -> Edition:
    """Keep what was fitted; the edition it makes is read by `rescore` and shown once activated."""
    if result.calibration is None:
        raise ValueError("nothing was fitted")
    row = TextCalibration(
        version=version,
        week=today - timedelta(days=today.weekday()),
        answers=result.rows,
        log_loss_before=result.log_loss_before,
        log_loss_after=result.log_loss_after,
        **result.calibration._asdict(),
    )
    db.session.add(row)
    db.session.flush()
    return Edition(version, str(row.id))
