"""Fitting the text estimates to the stars that candidates gave here."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import date, timedelta
from typing import NamedTuple

import sqlalchemy as sa

from portal.extensions import db
from portal.models import Employer, SealedAnswer, TextCalibration, Words
from portal.seals import SealBroken
from portal.sentiment.calibration import CalibrationResult, label_of_stars, raw_log_odds
from portal.sentiment.results import Calibration
from portal.surveys.editions import Edition
from portal.surveys.reading import Analyzer
from portal.surveys.sealing import CHUNK, open_answer, sealer

# Two numbers and a pivot are fitted: more answers than these would not move them visibly.
MOST = 20_000
PROGRESS_EVERY = 500


class StarredComment(NamedTuple):
    """Words and the stars their writer gave."""

    text: str
    language: str
    stars: int


def starred_comments() -> list[StarredComment]:
    """Published words whose writers' stars take a side, MOST at most, drawn by their random keys.

    Which stars stand beside which words only the seals know, and nothing keeps it.
    """
    stars: dict[int, int] = {}
    by = sealer()
    for row in db.session.execute(
        sa.select(SealedAnswer.key, SealedAnswer.employer_id, SealedAnswer.sealed)
        .where(SealedAnswer.batch_id.is_not(None))
        .order_by(SealedAnswer.key)
        .execution_options(yield_per=CHUNK)
    ):
        with suppress(SealBroken):
            answer = open_answer(row.key, row.employer_id, row.sealed, by)
            if answer.words_id and not answer.is_withdrawn and answer.stars != 3:
                stars[answer.words_id] = answer.stars
        if len(stars) == MOST:
            break
    ids, comments = list(stars), []
    for start in range(0, len(ids), CHUNK):
        rows = db.session.execute(
            sa.select(Words.id, Words.text, Employer.locale)
            .join(Employer, Employer.id == Words.employer_id)
            .where(Words.id.in_(ids[start : start + CHUNK]), Words.pool.is_not(None))
            .order_by(Words.id)
        )
        comments += [StarredComment(text, locale.value, stars[key]) for key, text, locale in rows]
    return comments


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


def round_fit(result: CalibrationResult) -> CalibrationResult:
    """RESULT as it is used, told and kept: two exact fits would tell the answers between them."""
    exact = result.calibration
    return result._replace(
        calibration=exact and Calibration(*(round(number, 2) for number in exact)),
        rows=result.rows - result.rows % 10,
        log_loss_before=round(result.log_loss_before, 2),
        log_loss_after=round(result.log_loss_after, 2),
    )


def add_calibration(version: str, result: CalibrationResult, today: date) -> Edition:
    """Keep what was fitted; the edition it makes is read by `rescore` and shown once activated."""
    result = round_fit(result)
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
