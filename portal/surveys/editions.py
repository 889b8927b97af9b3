"""Editions of the text estimates: which one pages show, which one reads, and the step between.

An edition is an analyzer version with a calibration. Old readings stay; pages change over to a new
edition only when it is activated, and the scorecard never does: no text enters it.
"""

from collections import Counter
from dataclasses import dataclass
from typing import NamedTuple

import sqlalchemy as sa

from portal import audit
from portal.extensions import db
from portal.models import CurrentEdition, Reading, ScoreStatus, TextCalibration, TextLabel, Words
from portal.sentiment.results import Calibration


class Edition(NamedTuple):
    """An analyzer version, and the id of its calibration: empty for the numbers it came with."""

    version: str
    calibration: str = ""

    def made(self, reading: type[Reading] = Reading) -> sa.ColumnElement[bool]:
        """Whether READING is this edition's; for queries."""
        return sa.and_(reading.version == self.version, reading.calibration == self.calibration)


class EditionIncomplete(Exception):
    """There are published words that the edition has not read: pages cannot show it yet."""


def current_edition() -> Edition | None:
    """The edition pages show; None before the first answer was read."""
    row = db.session.get(CurrentEdition, 1)
    return Edition(row.version, row.calibration) if row else None


def newest_edition(version: str) -> Edition:
    """VERSION with the last calibration that was fitted for it, activated or not."""
    latest = db.session.scalar(
        sa.select(sa.func.max(TextCalibration.id)).where(TextCalibration.version == version)
    )
    return Edition(version, str(latest or ""))


def edition_of_new_answers(version: str) -> Edition:
    """What VERSION reads new answers as: as pages show the others, if it still can."""
    current = current_edition()
    return current if current and current.version == version else newest_edition(version)


def find_calibration(edition: Edition) -> Calibration | None:
    """The numbers by which EDITION corrects the shipped estimates; None if it does not."""
    if not edition.calibration:
        return None
    row = db.session.get_one(TextCalibration, int(edition.calibration))
    return Calibration(row.slope, row.intercept, row.pivot)


def has_read(edition: Edition) -> sa.ColumnElement[bool]:
    """Whether EDITION has read the words; for queries of Words."""
    return sa.exists().where(Reading.words_id == Words.id, edition.made())


def label_of(status: ScoreStatus, label: str | None) -> TextLabel:
    """A reading in one word: the side only where it is decided."""
    return TextLabel(label if status is ScoreStatus.SCORED and label else status.value)


@dataclass(frozen=True)
class Change:
    """How many comments read one way by the edition shown now read another way by the next."""

    before: TextLabel
    after: TextLabel
    comments: int


def compare_editions(old: Edition, new: Edition) -> list[Change]:
    """Comments that both have read, counted by both labels; equal ones too."""
    one, other = sa.orm.aliased(Reading), sa.orm.aliased(Reading)
    counts = Counter[tuple[TextLabel, TextLabel]]()
    for old_status, old_label, new_status, new_label, comments in db.session.execute(
        sa.select(one.status, one.label, other.status, other.label, sa.func.count())
        .join(other, other.words_id == one.words_id)
        .where(old.made(one), new.made(other))
        .group_by(one.status, one.label, other.status, other.label)
    ):
        counts[label_of(old_status, old_label), label_of(new_status, new_label)] += comments
    return [Change(*labels, comments) for labels, comments in sorted(counts.items())]


def activate(edition: Edition) -> None:
    """Let pages show EDITION from now on, every published comment at once.

    Raises EditionIncomplete as long as it has not read them all.
    """
    if db.session.scalar(sa.select(Words.id).where(~has_read(edition)).limit(1)):
        raise EditionIncomplete
    before = current_edition()
    db.session.merge(CurrentEdition(id=1, **edition._asdict()))
    db.session.flush()
    audit.record("sentiment.activated", None, **edition._asdict(), before=list(before or ()))
