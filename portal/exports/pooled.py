"""What may leave of the answers: opinions in rows, the rest in counts, words on their own.

Only pools of at least MIN_COMMENTS released answers, and a question only of the releases in which
at least MIN_ANSWERS answered it. Within a pool lines are put in an order made from nothing but
their own contents, so that no order repeats how they were stored, given, or written to another
file.
"""

import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

import sqlalchemy as sa

from portal.config import settings
from portal.exports.redaction import redact
from portal.extensions import db
from portal.models import (
    Chased,
    Employer,
    FeedbackGiven,
    HeardHow,
    PromiseKept,
    Response,
    TextLabel,
    Told,
    Words,
)
from portal.reputation import Pool, live_batches, pools_of

NO_ANSWER = "no_answer"
NOT_SHOWN = "not_shown"
COUNTED = (
    ("told", Response.told, Told),
    ("heard_how", Response.heard_how, HeardHow),
    ("chased", Response.chased, Chased),
    ("promise", Response.promise, PromiseKept),
    ("feedback", Response.feedback, FeedbackGiven),
)
MOST_OF_A_POOL = 200
READABLE = (Words.EMPLOYER, Words.PUBLIC)

Row = tuple[str | int, ...]
Line = TypeVar("Line", bound=tuple[Any, ...])


def find_pools(employer: Employer) -> list[Pool]:
    """EMPLOYER's pools, oldest first; none that is smaller than the floor."""
    return pools_of(live_batches(employer, with_groups=True))


def _answered(pool: Pool, question: str) -> list[int]:
    """The batches of POOL in which enough answered QUESTION: what the figures count too.

    Enough of a pool would not do: beside the figures it would show what the few of one batch said.
    """
    return [
        batch.id
        for batch in pool.batches
        if batch.groups and question in batch.groups.get("questions", ())
    ]


def in_own_order(rows: Sequence[Line], name: str, pool: Pool) -> list[Line]:
    """ROWS sorted, which forgets where they came from, then shuffled the same way every time."""
    ordered = sorted(rows)
    random.Random(f"{name} {pool.number}").shuffle(ordered)  # noqa: S311 (hides nothing: see above)
    return ordered


def feedback_rows(employer: Employer) -> Iterator[Row]:
    """(month, recommend, overall, relationship, sentiment), one per pooled answer."""
    for pool in find_pools(employer):
        answers = db.session.execute(
            sa.select(
                Response.batch_id,
                Response.recommend,
                Response.overall,
                Response.relationship_after,
                Response.sentiment,
            ).where(pool.members)
        ).all()
        labels = _large_enough([answer.sentiment or TextLabel.NOT_SCORED for answer in answers])
        asked = _answered(pool, "relationship_after")
        rows: list[Row] = [
            (
                pool.month,
                answer.recommend,
                answer.overall,
                _value(answer.relationship_after) if answer.batch_id in asked else "",
                label,
            )
            for answer, label in zip(answers, labels, strict=True)
        ]
        yield from in_own_order(rows, "rows", pool)


def _value(answer: object) -> str:
    return str(answer) if answer else ""


def _large_enough(labels: Sequence[TextLabel]) -> list[str]:
    """LABELS in which every word stands as often as the floor asks; the others are NOT_SHOWN.

    Anybody can have the comments of a pool read by the same software: a label that few have would
    lay a comment beside its row. The rarest go first, until together they are enough.
    """
    floor, hidden, left_out = settings().MIN_ANSWERS, set[TextLabel](), 0
    for label, count in sorted(Counter(labels).items(), key=lambda item: (item[1], item[0])):
        if count >= floor and not 0 < left_out < floor:
            break
        hidden.add(label)
        left_out += count
    return [NOT_SHOWN if label in hidden else label.value for label in labels]


def feedback_counts(employer: Employer) -> Iterator[Row]:
    """(month, answers, question, answer, count) per pool, in the order of the survey."""
    for pool in find_pools(employer):
        for question, column, kind in COUNTED:
            counts = Counter[object]()
            asked = _answered(pool, question)
            for answer, count in db.session.execute(
                sa.select(column, sa.func.count())
                .where(Response.batch_id.in_(asked), column.is_not(None))
                .group_by(column)
            ):
                counts[answer] = count
            about: Row = (pool.month, pool.answers, question)
            if counts.total() < settings().MIN_ANSWERS:
                yield (*about, NOT_SHOWN, "")
                continue
            for option in kind:
                yield (*about, option.value, counts[option])
            yield (*about, NO_ANSWER, pool.answers - counts.total())


def feedback_comments(employer: Employer) -> Iterator[Row]:
    """(month, comment) for every pooled comment that the employer may read."""
    for pool in find_pools(employer):
        yield from _comments(pool, READABLE)


def worded(pools: Sequence[Pool], words: Sequence[Words]) -> list[sa.ColumnElement[bool]]:
    """The clauses that find comments of POOLS whose writers chose one of WORDS."""
    batch_ids = [batch_id for pool in pools for batch_id in pool.batch_ids]
    return [Response.batch_id.in_(batch_ids), Response.words.in_(words), Response.comment != ""]


def _comments(pool: Pool, words: Sequence[Words], most: int | None = None) -> list[Row]:
    """The comments of POOL whose writers chose one of WORDS; of more than MOST, some."""
    texts = db.session.scalars(
        sa.select(Response.comment).where(*worded([pool], words)).order_by(Response.id).limit(most)
    )
    rows: list[Row] = [(pool.month, redact(text)) for text in texts]
    return in_own_order(rows, "comments", pool)


@dataclass(frozen=True)
class Comment:
    """Words that may be published, dated to the month."""

    month: date
    text: str


def public_comments(employer: Employer, most: int) -> tuple[list[Comment], int]:
    """What candidates allowed to be published, newest pool first, MOST at most; how many in all.

    Reads no more pools than it takes, and of a large pool only the MOST_OF_A_POOL stored first,
    which is by chance: so that a page costs the same after years.
    """
    pools = find_pools(employer)
    total = sum(
        (batch.groups or {}).get("published", 0) for pool in pools for batch in pool.batches
    )
    comments: list[Comment] = []
    for pool in reversed(pools):
        if len(comments) >= most:
            break
        month = pool.released_on.replace(day=1)
        texts = _comments(pool, (Words.PUBLIC,), MOST_OF_A_POOL)
        comments += [Comment(month, str(text)) for _, text in texts]
    return comments[:most], total


@dataclass(frozen=True)
class Availability:
    """What the exports page says: answers in the files, those that wait for a pool, the floor.

    Answers not released yet are not counted: the number would tell when somebody answered.
    """

    pooled: int
    waiting: int
    floor: int


def availability(employer: Employer) -> Availability:
    """How many of EMPLOYER's released answers are in the feedback files."""
    pooled = sum(pool.answers for pool in find_pools(employer))
    waiting = sum(batch.answers for batch in live_batches(employer) if batch.pool is None)
    return Availability(pooled, waiting, settings().MIN_COMMENTS)
