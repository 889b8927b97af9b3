"""Reading the comments: the worker hands in an analyzer, each answer gets one score per version."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import sqlalchemy as sa

from portal.extensions import db
from portal.models import Response, Score, ScoreStatus

CHUNK = 500


class Reading(Protocol):
    """What an analyzer says of one text (sentiment.md section 3)."""

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
    def language(self) -> str | None: ...


class Analyzer(Protocol):
    """A pure reader of texts; its version names everything a result depends on."""

    version: str

    def __call__(self, text: str, language: str | None) -> Reading: ...


def score_pending(analyzer: Analyzer) -> int:
    """Score up to one chunk of answers that ANALYZER's version has not read; idempotent.

    Returns how many; call again, committing between, until 0.
    """
    read_already = sa.exists().where(
        Score.response_id == Response.id, Score.version == analyzer.version
    )
    # Shuffled by the random key: the order of scores must not repeat the order of answers.
    pending = sa.select(Response).where(~read_already).order_by(Response.key).limit(CHUNK)
    responses = db.session.scalars(pending).all()
    db.session.add_all(_score(response, analyzer) for response in responses)
    db.session.flush()
    return len(responses)


def _score(response: Response, analyzer: Analyzer) -> Score:
    reading = analyzer(response.comment, response.locale.value)
    return Score(
        response_id=response.id,
        version=analyzer.version,
        language=reading.language,
        status=ScoreStatus(reading.status),
        reason=reading.reason,
        label=reading.label,
        p=reading.p,
        q=reading.q,
        phrases=[dict(phrase) for phrase in reading.phrases],
        aspects=list(reading.aspects),
    )
