"""Comments to be read on a page: those of the files, with what the software reads in them.

The same pools, floor and permissions as the files, nothing of the rest of an answer, dated to the
month. Label, aspects and marks are read from the comment's own text, which the employer may read
anyway: so they may be filtered by and counted over what is left, however little that is. What
nobody may read is counted nowhere here: the difference would tell what is in it.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache
from typing import NamedTuple

import sqlalchemy as sa

from portal import surveys
from portal.exports.highlights import Part, mark_phrases, words_by_aspect
from portal.exports.pooled import READABLE, find_pools, in_own_order, worded
from portal.exports.redaction import redact
from portal.extensions import db
from portal.models import Employer, Response, Score
from portal.reputation import Pool
from portal.surveys import Edition

PAGE_SIZE = 25


class Verdict(StrEnum):
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
    verdict: Verdict
    reason: str | None
    estimate: int | None
    language: str | None
    aspects: dict[str, list[str]]


@dataclass(frozen=True)
class Reading:
    """One page of comments, and what all that may be read comes to.

    `verdicts`, `reasons` (of not_scored) and `aspects` count over `total`, filters or not;
    `found` is what the filters leave. `edition` is the one in use; `other_edition` comments are
    shown as another one read them, which has read their pool while this one has not.
    """

    comments: list[ReadComment]
    number: int
    pages: int
    found: int
    total: int
    verdicts: Counter[Verdict]
    reasons: Counter[str]
    aspects: Counter[str]
    edition: Edition | None
    other_edition: int


class _Entry(NamedTuple):
    """What is known of a comment without its text."""

    id: int
    pool: Pool
    verdict: Verdict
    reason: str | None
    aspects: list[str]


def read_comments(
    employer: Employer, verdict: Verdict | None = None, aspect: str = "", number: int = 1
) -> Reading:
    """Page NUMBER of EMPLOYER's comments that read as VERDICT and speak of ASPECT, newest first.

    Costs the same statements however many there are; texts are read only of pools on the page.
    """
    pools, current = find_pools(employer), surveys.current_edition()
    editions = _editions(employer, pools, current)
    entries = _entries(employer, pools, editions)
    found = [
        entry
        for entry in entries
        if verdict in (None, entry.verdict) and (not aspect or aspect in entry.aspects)
    ]
    pages = max(1, -(-len(found) // PAGE_SIZE))
    number = min(max(1, number), pages)
    return Reading(
        comments=_page(employer, found, editions, (number - 1) * PAGE_SIZE),
        number=number,
        pages=pages,
        found=len(found),
        total=len(entries),
        verdicts=Counter(entry.verdict for entry in entries),
        reasons=Counter(entry.reason for entry in entries if entry.reason),
        aspects=Counter(name for entry in entries for name in entry.aspects),
        edition=current,
        other_edition=sum(
            editions[entry.pool.number] != current
            for entry in entries
            if entry.verdict is not Verdict.UNREAD
        ),
    )


Editions = dict[int, Edition]


def _editions(employer: Employer, pools: Sequence[Pool], current: Edition | None) -> Editions:
    """By which edition each pool is shown, by its number; a pool none has read is left out.

    The current one where it has read the whole pool, else the one that has read most of it. So a
    pool changes over as a whole, and new answers are not hidden until an edition is activated.
    """
    pool_of = _pool_of(pools)
    read: dict[int, Counter[Edition]] = {}
    for batch_id, version, calibration, count in db.session.execute(
        sa.select(Response.batch_id, Score.version, Score.calibration, sa.func.count())
        .join(Score, Score.response_id == Response.id)
        .where(Response.employer_id == employer.id, Response.batch_id.in_(list(pool_of)))
        .group_by(Response.batch_id, Score.version, Score.calibration)
    ):
        counts = read.setdefault(pool_of[batch_id].number, Counter())
        counts[Edition(version, calibration)] += count
    answers = {pool.number: pool.answers for pool in pools}

    def rank(number: int, edition: Edition, count: int) -> tuple[bool, int, bool, Edition]:
        is_current = edition == current
        return is_current and count >= answers[number], count, is_current, edition

    return {
        number: max(counts, key=lambda edition: rank(number, edition, counts[edition]))
        for number, counts in read.items()
    }


def _pool_of(pools: Sequence[Pool]) -> dict[int | None, Pool]:
    return {batch_id: pool for pool in pools for batch_id in pool.batch_ids}


def _shown(pools: Sequence[Pool], editions: Editions) -> sa.ColumnElement[bool]:
    """Whether a score of the answer is of the edition by which its pool is shown."""
    by_edition: dict[Edition, list[int]] = {}
    for pool in pools:
        if pool.number in editions:
            by_edition.setdefault(editions[pool.number], []).extend(pool.batch_ids)
    return sa.and_(
        Score.response_id == Response.id,
        sa.or_(
            sa.false(),
            *(edition.made() & Response.batch_id.in_(ids) for edition, ids in by_edition.items()),
        ),
    )


def _entries(employer: Employer, pools: Sequence[Pool], editions: Editions) -> list[_Entry]:
    pool_of = _pool_of(pools)
    decoded = cache(json.loads)  # many comments, few different lists
    rows = db.session.execute(
        sa.select(
            Response.id,
            Response.batch_id,
            Score.status,
            Score.label,
            Score.reason,
            sa.cast(Score.aspects, sa.Text),
        )
        .outerjoin(Score, _shown(pools, editions))
        .where(Response.employer_id == employer.id, *worded(pools, READABLE))
    )
    return [
        _Entry(
            response_id,
            pool_of[batch_id],
            Verdict(surveys.label_of(status, label)) if status else Verdict.UNREAD,
            reason,
            decoded(aspects) if aspects else [],
        )
        for response_id, batch_id, status, label, reason, aspects in rows
    ]


def _page(
    employer: Employer, found: Sequence[_Entry], editions: Editions, start: int
) -> list[ReadComment]:
    """PAGE_SIZE of FOUND from the START-th, pools newest first, each in its own order."""
    by_pool: dict[Pool, dict[int, _Entry]] = {}
    for entry in sorted(found, key=lambda entry: -entry.pool.number):
        by_pool.setdefault(entry.pool, {})[entry.id] = entry
    pools: list[Pool] = []
    skipped = 0
    for pool, members in by_pool.items():
        if skipped + len(members) <= start and not pools:
            skipped += len(members)
        else:
            pools.append(pool)
        if skipped + sum(len(by_pool[pool]) for pool in pools) >= start + PAGE_SIZE:
            break
    texts = _texts(employer, pools)
    ordered = [
        (by_pool[pool][response_id], text)
        for pool in pools
        # By what is left of the words: an address taken out must not show in where they stand.
        for _, response_id, text in in_own_order(
            [(redact(text), answer, text) for text, answer in texts[pool]], "read", pool
        )
        if response_id in by_pool[pool]
    ]
    page = ordered[start - skipped : start - skipped + PAGE_SIZE]
    scores = _scores([entry.id for entry, _ in page], pools, editions)
    return [_comment(entry, text, scores.get(entry.id)) for entry, text in page]


def _texts(employer: Employer, pools: Sequence[Pool]) -> dict[Pool, list[tuple[str, int]]]:
    """Every text of POOLS that may be read; the place of one must not depend on the filters."""
    texts: dict[Pool, list[tuple[str, int]]] = {pool: [] for pool in pools}
    pool_of = _pool_of(pools)
    for response_id, batch_id, text in db.session.execute(
        sa.select(Response.id, Response.batch_id, Response.comment).where(
            Response.employer_id == employer.id, *worded(pools, READABLE)
        )
    ):
        texts[pool_of[batch_id]].append((text, response_id))
    return texts


def _scores(ids: Sequence[int], pools: Sequence[Pool], editions: Editions) -> dict[int, Score]:
    scores = db.session.scalars(
        sa.select(Score).join(Response, _shown(pools, editions)).where(Response.id.in_(ids))
    )
    return {score.response_id: score for score in scores}


def _comment(entry: _Entry, text: str, score: Score | None) -> ReadComment:
    return ReadComment(
        month=entry.pool.released_on.replace(day=1),
        parts=mark_phrases(text, score.phrases if score else []),
        verdict=entry.verdict,
        reason=entry.reason,
        estimate=None if score is None or score.q is None else round(100 * score.q),
        language=score.language if score else None,
        aspects={aspect: [] for aspect in entry.aspects}
        | words_by_aspect(text, score.aspect_words if score else []),
    )
