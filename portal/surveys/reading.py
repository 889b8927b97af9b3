"""Reading the comments: the caller hands in an analyzer; each edition reads each text once.

What waits is read in memory, at the release; what is published is read from its published copy.
Readings are only ever added, so any step here may be cut off and begun again.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from portal.extensions import db
from portal.models import CurrentEdition, Employer, Reading, ScoreStatus, TextLabel, Words
from portal.sentiment.results import Calibration, Sentiment
from portal.surveys.editions import (
    Edition,
    current_edition,
    edition_of_new_answers,
    find_calibration,
    has_read,
    label_of,
)
from portal.surveys.redaction import redact

CHUNK = 500


class Analyzer(Protocol):
    """A pure reader of texts; its version names everything but the calibration it is given."""

    version: str

    def __call__(
        self, text: str, language: str | None, calibration: Calibration | None = None
    ) -> Sentiment: ...


class Reader:
    """ANALYZER by the edition that new answers of an employer get; reads each text once.

    By the employer's language, not the page's: what is read in equal words must not differ by the
    language a candidate was written to in, which the employer knows. Texts are read as they are
    published, without what leads to a person.
    """

    def __init__(self, analyzer: Analyzer, employer: Employer) -> None:
        self.edition = edition_of_new_answers(analyzer.version)
        language, calibration = employer.locale.value, find_calibration(self.edition)
        self._redacted = cache(redact)
        self._analyzed = cache(lambda text: analyzer(text, language, calibration))

    def text(self, words: str) -> str:
        """WORDS as they are published."""
        return self._redacted(words)

    def read(self, words: str) -> Sentiment:
        """What is read in WORDS."""
        return self._analyzed(self.text(words))

    def label(self, words: str) -> TextLabel:
        """WORDS in one word; none cannot be read."""
        if not words:
            return TextLabel.NOT_SCORED
        read = self.read(words)
        return label_of(ScoreStatus(read.status), read.label)


def add_readings(rows: Sequence[Mapping[str, Any]], edition: Edition) -> None:
    """Keep what EDITION read in published words, ROWS of reading_row(). The first one is shown.

    Two workers may read the same text: the first row stands.
    """
    if not rows:
        return
    table: Any = Reading.__table__
    insert = sqlite.insert if db.engine.dialect.name == "sqlite" else postgresql.insert
    db.session.execute(insert(table).on_conflict_do_nothing(), rows)
    if current_edition() is None:
        db.session.add(CurrentEdition(**edition._asdict()))
        db.session.flush()


def read_next(analyzer: Analyzer, edition: Edition) -> list[dict[str, Any]]:
    """Up to one chunk of what EDITION, one of ANALYZER's version, has not read, as keep_readings()
    takes it; empty when all is read. Changes nothing, and takes long."""
    found = db.session.execute(
        sa.select(Words.id, Words.text, Employer.locale)
        .join(Employer, Employer.id == Words.employer_id)
        .where(~has_read(edition))
        .order_by(Words.id)  # random ids: the order of readings repeats no other
        .limit(CHUNK)
    ).all()
    calibration = find_calibration(edition)
    return [
        reading_row(words_id, analyzer(text, locale.value, calibration), edition)
        for words_id, text, locale in found
    ]


def keep_readings(rows: Sequence[Mapping[str, Any]], edition: Edition) -> None:
    """Keep ROWS of read_next(), but for words that were taken away while they were read."""
    still = sa.select(Words.id).where(Words.id.in_([row["words_id"] for row in rows]))
    there = set(db.session.scalars(still.with_for_update(read=True)))
    add_readings([row for row in rows if row["words_id"] in there], edition)


def count_unread(edition: Edition) -> int:
    """How many published texts EDITION has still to read."""
    query = sa.select(sa.func.count(Words.id)).where(~has_read(edition))
    return db.session.scalar(query) or 0


def reading_row(words_id: int, read: Sentiment, edition: Edition) -> dict[str, Any]:
    """What EDITION READ in the published words of that id, as its row."""
    return {
        "words_id": words_id,
        **edition._asdict(),
        "language": read.language,
        "status": ScoreStatus(read.status),
        "reason": read.reason,
        "label": read.label,
        "estimate": None if read.q is None else round(100 * read.q),
        "phrases": [dict(phrase) for phrase in read.phrases],
        "aspects": list(read.aspects),
        "aspect_words": [dict(words) for words in read.aspect_words],
    }
