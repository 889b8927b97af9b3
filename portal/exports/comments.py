"""Comments to be read on a page: those of the files, with what the software reads in them.

Nothing of the rest of an answer, dated to the month. Label, aspects and marks are read from the
published text itself: so they may be filtered by and counted over what is left, however little.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import NamedTuple

import sqlalchemy as sa

from portal import surveys
from portal.config import settings
from portal.exports.highlights import Part, mark_phrases, words_by_aspect
from portal.extensions import db
from portal.models import Employer, Reading, Scorecard, Words
from portal.reputation import Pool, find_pools
from portal.scorecard import read_reputation
from portal.surveys import Edition

PAGE_SIZE = 25


class ReadAs(StrEnum):
    """What a comment reads as; one that no version has read yet is not the same as unreadable."""

    POS = "pos"
    NEG = "neg"
    UNCLEAR = "unclear"
    NOT_SCORED = "not_scored"
    UNREAD = "unread"


@dataclass(frozen=True)
class ReadComment:
    """One comment as the page shows it; `estimate` is 0 to 100, None when not scored.

    `aspects`: the words by which it is held to speak of each; none where a version kept none.
    """

    month: date
    parts: list[Part]
    verdict: ReadAs
    reason: str | None
    estimate: int | None
    language: str | None
    aspects: dict[str, list[str]]


@dataclass(frozen=True)
class CommentsPage:
    """One page of comments, and what all that may be read comes to.

    `verdicts`, `reasons` (of not_scored) and `aspects` count over `total`, filters or not;
    `found` is what the filters leave, `verdicts_left` and `aspects_left` what each would leave in
    place of the one of its kind, beside the other. `edition` is the one in use; `other_edition`
    comments are shown as another one read them, which has read their pool while this one has not.
    `kept_out`: readable comments that stay out for the rare language they are in; 0 below the
    floor.
    """

    comments: list[ReadComment]
    number: int
    pages: int
    found: int
    total: int
    verdicts: Counter[ReadAs]
    reasons: Counter[str]
    aspects: Counter[str]
    verdicts_left: Counter[ReadAs]
    aspects_left: Counter[str]
    edition: Edition | None
    other_edition: int
    kept_out: int


class _Entry(NamedTuple):
    """What is known of a comment without its text."""

    id: int
    pool: int
    verdict: ReadAs
    reason: str | None
    aspects: list[str]


def read_comments(
    employer: Employer, verdict: ReadAs | None = None, aspect: str = "", number: int = 1
) -> CommentsPage:
    """Page NUMBER of EMPLOYER's comments that read as VERDICT and speak of ASPECT, newest first.

    Costs the same statements however many there are; texts are read only of those on the page.
    """
    pools = {pool.number: pool for pool in find_pools(employer)}
    current = surveys.current_edition()
    editions = _editions(employer, pools, current)
    entries = _entries(employer, pools, editions)
    of_verdict = [entry for entry in entries if verdict in (None, entry.verdict)]
    of_aspect = [entry for entry in entries if not aspect or aspect in entry.aspects]
    found = [entry for entry in of_verdict if not aspect or aspect in entry.aspects]
    pages = max(1, -(-len(found) // PAGE_SIZE))
    number = min(max(1, number), pages)
    return CommentsPage(
        comments=_page(found[(number - 1) * PAGE_SIZE : number * PAGE_SIZE], pools, editions),
        number=number,
        pages=pages,
        found=len(found),
        total=len(entries),
        verdicts=_count_verdicts(entries),
        reasons=Counter(entry.reason for entry in entries if entry.reason),
        aspects=_count_aspects(entries),
        verdicts_left=_count_verdicts(of_aspect),
        aspects_left=_count_aspects(of_verdict),
        edition=current,
        other_edition=sum(
            editions[entry.pool] != current
            for entry in entries
            if entry.verdict is not ReadAs.UNREAD
        ),
        kept_out=_kept_out(employer) if entries else 0,
    )


Pools = Mapping[int, Pool]
Editions = dict[int, Edition]


def _count_verdicts(entries: Sequence[_Entry]) -> Counter[ReadAs]:
    return Counter(entry.verdict for entry in entries)


def _count_aspects(entries: Sequence[_Entry]) -> Counter[str]:
    return Counter(name for entry in entries for name in entry.aspects)


def _kept_out(employer: Employer) -> int:
    card = db.session.get(Scorecard, employer.id)
    found = read_reputation(card.reputation) if card else None
    return found.kept_out if found and found.kept_out >= settings().MIN_ANSWERS else 0


def _is_in(employer: Employer, pools: Pools) -> sa.ColumnElement[bool]:
    return sa.and_(Words.employer_id == employer.id, Words.pool.in_(pools))


def _editions(employer: Employer, pools: Pools, current: Edition | None) -> Editions:
    """By which edition each pool is shown, by its number; a pool none has read is left out.

    The current one where it has read the whole pool, else the one that has read most of it. So a
    pool changes over as a whole, and new answers are not hidden until an edition is activated.
    """
    read: dict[int, Counter[Edition]] = {}
    for pool, version, calibration, count in db.session.execute(
        sa.select(Words.pool, Reading.version, Reading.calibration, sa.func.count())
        .join(Reading, Reading.words_id == Words.id)
        .where(_is_in(employer, pools))
        .group_by(Words.pool, Reading.version, Reading.calibration)
    ):
        read.setdefault(pool or 0, Counter())[Edition(version, calibration)] = count
    return {
        number: max(counts, key=lambda edition: (counts[edition], edition == current, edition))
        for number, counts in read.items()
    }


def _shown(editions: Editions) -> sa.ColumnElement[bool]:
    """Whether a reading of the words is of the edition by which their pool is shown."""
    by_edition: dict[Edition, list[int]] = {}
    for number, edition in editions.items():
        by_edition.setdefault(edition, []).append(number)
    return sa.and_(
        Reading.words_id == Words.id,
        sa.or_(
            sa.false(),
            *(edition.made() & Words.pool.in_(pools) for edition, pools in by_edition.items()),
        ),
    )


def _entries(employer: Employer, pools: Pools, editions: Editions) -> list[_Entry]:
    decoded = cache(json.loads)  # many comments, few different lists
    rows = db.session.execute(
        sa.select(
            Words.id,
            Words.pool,
            Reading.status,
            Reading.label,
            Reading.reason,
            sa.cast(Reading.aspects, sa.Text),
        )
        .outerjoin(Reading, _shown(editions))
        .where(_is_in(employer, pools))
        .order_by(Words.pool.desc(), Words.id)
    )
    return [
        _Entry(
            words_id,
            pool or 0,
            ReadAs(surveys.label_of(status, label)) if status else ReadAs.UNREAD,
            reason,
            decoded(aspects) if aspects else [],
        )
        for words_id, pool, status, label, reason, aspects in rows
    ]


def _page(found: Sequence[_Entry], pools: Pools, editions: Editions) -> list[ReadComment]:
    rows = db.session.execute(
        sa.select(Words.id, Words.text, Reading)
        .outerjoin(Reading, _shown(editions))
        .where(Words.id.in_([entry.id for entry in found]))
    )
    texts = {words_id: (text, reading) for words_id, text, reading in rows}
    comments = []
    for entry in found:
        text, reading = texts[entry.id]
        aspect_words = words_by_aspect(text, reading.aspect_words if reading else [])
        comments.append(
            ReadComment(
                month=pools[entry.pool].released_on.replace(day=1),
                parts=mark_phrases(text, reading.phrases if reading else []),
                verdict=entry.verdict,
                reason=entry.reason,
                estimate=reading.estimate if reading else None,
                language=reading.language if reading else None,
                aspects={aspect: [] for aspect in entry.aspects} | aspect_words,
            )
        )
    return comments
