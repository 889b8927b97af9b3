"""Reading the comments: the caller hands in an analyzer; each edition reads each answer once.

Score rows are only ever added. They are the truth about what has been read, so any step here may
be cut off and begun again.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from portal.extensions import db
from portal.models import Batch, CurrentEdition, Employer, Response, Score, ScoreStatus
from portal.sentiment.results import Calibration
from portal.surveys.editions import (
    Edition,
    current_edition,
    edition_of_new_answers,
    find_calibration,
    has_read,
)

CHUNK = 500


class Reading(Protocol):
    """What an analyzer says of one text."""

    @property
    def status(self) -> str: ...
    @property
    def reason(self) -> str | None: ...
    @property
    def label(self) -> str | None: ...
    @property
    def p(self) -> float | None: ...
    @property
    def q(self) -> float | None: ...
    @property
    def phrases(self) -> Sequence[Mapping[str, Any]]: ...
    @property
    def aspects(self) -> Sequence[str]: ...
    @property
    def aspect_words(self) -> Sequence[Mapping[str, Any]]: ...
    @property
    def language(self) -> str | None: ...


class Analyzer(Protocol):
    """A pure reader of texts; its version names everything but the calibration it is given."""

    version: str

    def __call__(
        self, text: str, language: str | None, calibration: Calibration | None = None
    ) -> Reading: ...


def score_pending(analyzer: Analyzer) -> int:
    """Score up to one chunk of answers that have not been read; idempotent.

    Answers that are in no pool yet are read anew when ANALYZER's version is: so a pool, once it is
    formed, was read by one edition as a whole. Pooled ones wait for `rescore`.
    Returns how many; call again, committing between, until 0.
    """
    edition = edition_of_new_answers(analyzer.version)
    is_pooled = sa.exists().where(Batch.id == Response.batch_id, Batch.pool.is_not(None))
    is_read = sa.exists().where(Score.response_id == Response.id)
    done = _read_chunk(analyzer, edition, ~(is_pooled & is_read))
    if done and current_edition() is None:
        db.session.add(CurrentEdition(version=edition.version, calibration=edition.calibration))
        db.session.flush()
    return done


def rescore(analyzer: Analyzer, edition: Edition) -> int:
    """Let EDITION, one of ANALYZER's version, read up to one chunk of all that it has not read.

    Returns how many; call again, committing between, until 0.
    """
    return _read_chunk(analyzer, edition)


def count_unread(edition: Edition) -> int:
    """How many answers EDITION has still to read."""
    query = sa.select(sa.func.count(Response.id)).where(~has_read(edition))
    return db.session.scalar(query) or 0


def _read_chunk(analyzer: Analyzer, edition: Edition, *where: sa.ColumnElement[bool]) -> int:
    """Add EDITION's scores of up to CHUNK answers it has not read and for which WHERE holds."""
    responses = db.session.execute(
        # The employer's language, not the page's: what is read in equal words must not differ by
        # the language a candidate was written to in, which the employer knows.
        sa.select(Response.id, Response.comment, Employer.locale)
        .join(Employer, Employer.id == Response.employer_id)
        .where(~has_read(edition), *where)
        # Shuffled by the random key: the order of scores must not repeat the order of answers.
        .order_by(Response.key)
        .limit(CHUNK)
        # Nobody changes or rewrites an answer between its reading and its score.
        .with_for_update(read=True, of=Response)
    ).all()
    calibration = find_calibration(edition)
    rows = [
        _values(analyzer(text, locale.value, calibration), edition, response_id)
        for response_id, text, locale in responses
    ]
    if rows:
        db.session.execute(_insert_if_absent(), rows)
    return len(rows)


def _insert_if_absent() -> Any:
    """Two workers may read the same answer: the first row stands."""
    is_sqlite = db.engine.dialect.name == "sqlite"
    insert = sqlite.insert(Score) if is_sqlite else postgresql.insert(Score)
    return insert.on_conflict_do_nothing()


def _values(reading: Reading, edition: Edition, response_id: int) -> dict[str, Any]:
    return {
        "response_id": response_id,
        "version": edition.version,
        "calibration": edition.calibration,
        "language": reading.language,
        "status": ScoreStatus(reading.status),
        "reason": reading.reason,
        "label": reading.label,
        "p": reading.p,
        "q": reading.q,
        "phrases": [dict(phrase) for phrase in reading.phrases],
        "aspects": list(reading.aspects),
        "aspect_words": [dict(words) for words in reading.aspect_words],
    }
