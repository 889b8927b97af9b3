"""Reading the comments: the caller hands in an analyzer; each edition reads each text once.

What waits is read in memory, at the release; what is published is read from its published copy.
Readings are only ever added, so any step here may be cut off and begun again.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from portal.extensions import db
from portal.models import (
    CurrentEdition,
    Employer,
    Reading,
    ScoreStatus,
    TextLabel,
    Words,
)
from portal.sentiment.results import Calibration
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


class Read(Protocol):
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
    ) -> Read: ...


class Reader:
    """ANALYZER by the edition that new answers of an employer get; reads each text once.

    By the employer's language, not the page's: what is read in equal words must not differ by the
    language a candidate was written to in, which the employer knows. Texts are read as they are
    published, without what leads to a person.
    """

    def __init__(self, analyzer: Analyzer, employer: Employer) -> None:
        self.edition = edition_of_new_answers(analyzer.version)
        self._analyzer, self._language = analyzer, employer.locale.value
        self._calibration = find_calibration(self.edition)
        self._texts: dict[str, str] = {}
        self._read: dict[str, Read] = {}

    def text(self, words: str) -> str:
        """WORDS as they are published."""
        if words not in self._texts:
            self._texts[words] = redact(words)
        return self._texts[words]

    def read(self, words: str) -> Read:
        """What is read in WORDS."""
        text = self.text(words)
        if text not in self._read:
            self._read[text] = self._analyzer(text, self._language, self._calibration)
        return self._read[text]

    def label(self, words: str) -> TextLabel:
        """WORDS in one word; none cannot be read."""
        if not words:
            return TextLabel.NOT_SCORED
        read = self.read(words)
        return label_of(ScoreStatus(read.status), read.label)


def add_readings(rows: Sequence[Mapping[str, Any]], edition: Edition) -> None:
    """Keep what EDITION read in published words, ROWS of reading_row(). The first one is shown."""
    if rows:
        db.session.execute(_insert_if_absent(), rows)
    if rows and current_edition() is None:
        db.session.add(CurrentEdition(version=edition.version, calibration=edition.calibration))
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
    ids = [row["words_id"] for row in rows]
    still = sa.select(Words.id).where(Words.id.in_(ids))
    there = set(db.session.scalars(still.with_for_update(read=True)))
    add_readings([row for row in rows if row["words_id"] in there], edition)


def count_unread(edition: Edition) -> int:
    """How many published texts EDITION has still to read."""
    query = sa.select(sa.func.count(Words.id)).where(~has_read(edition))
    return db.session.scalar(query) or 0


def _insert_if_absent() -> Any:
    """Two workers may read the same text: the first row stands."""
    is_sqlite = db.engine.dialect.name == "sqlite"
    table: Any = Reading.__table__
    insert = sqlite.insert(table) if is_sqlite else postgresql.insert(table)
    return insert.on_conflict_do_nothing()


def reading_row(words_id: int, read: Read, edition: Edition) -> dict[str, Any]:
    """What EDITION READ in the published words of that id, as its row."""
    return {
        "words_id": words_id,
        "version": edition.version,
        "calibration": edition.calibration,
        "language": read.language,
        "status": ScoreStatus(read.status),
        "reason": read.reason,
        "label": read.label,
        "estimate": None if read.q is None else round(100 * read.q),
        "phrases": [dict(phrase) for phrase in read.phrases],
        "aspects": list(read.aspects),
        "aspect_words": [dict(words) for words in read.aspect_words],
    }
