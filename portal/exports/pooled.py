"""What may leave of the answers: opinions in rows, the rest in counts, words on their own.

Lines and words are published copies, whole pools of them; counts come from the sums of the releases
in a pool, and of those in which enough answered the question. Ids of lines are random, and so is
their order.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from portal.config import settings
from portal.exports.files import Row
from portal.extensions import db
from portal.models import Employer, Opinion, Scorecard, Words
from portal.reputation import find_pools, is_pure, live_batches, pool_sums
from portal.scorecard import read_reputation
from portal.surveys import Leaves, all_questions

NO_ANSWER = "no_answer"
NOT_SHOWN = "not_shown"
CHUNK = 500


def feedback_rows(employer: Employer) -> Iterator[Row]:
    """(month, each question that may leave in rows, sentiment), one per pooled answer."""
    questions = all_questions(Leaves.OPINION)
    for pool in find_pools(employer):
        lines = db.session.execute(
            sa.select(Opinion.answers, Opinion.label)
            .where(Opinion.employer_id == employer.id, Opinion.pool == pool.number)
            .order_by(Opinion.id)
            .execution_options(yield_per=CHUNK)
        )
        for answers, label in lines:
            yield (pool.month, *(answers.get(key, "") for key in questions), label)


def feedback_counts(employer: Employer) -> Iterator[Row]:
    """(month, answers, question, answer, count) per pool, in the order of the survey."""
    for pool in find_pools(employer):
        sums = pool_sums(pool)
        for key, question in all_questions(Leaves.COUNTED).items():
            counts = sum((one.total(key) for one in sums), Counter[str]())
            about = (pool.month, pool.answers, key)
            if counts.total() < settings().MIN_ANSWERS:
                yield (*about, NOT_SHOWN, "")
                continue
            for option in question.options:
                yield (*about, option, counts[option])
            yield (*about, NO_ANSWER, pool.answers - counts.total())


def feedback_comments(employer: Employer) -> Iterator[Row]:
    """(month, comment) for every pooled comment that the employer may read."""
    for pool in find_pools(employer):
        texts = db.session.scalars(
            sa.select(Words.text)
            .where(Words.employer_id == employer.id, Words.pool == pool.number)
            .order_by(Words.id)
            .execution_options(yield_per=CHUNK)
        )
        yield from ((pool.month, text) for text in texts)


@dataclass(frozen=True)
class Comment:
    """Words that may be published, dated to the month."""

    month: date
    text: str


def public_comments(employer: Employer, most: int) -> tuple[list[Comment], int]:
    """What candidates allowed to be published, newest pool first, MOST at most; how many in all.

    Reads no more than it takes, so that a page costs the same after years.
    """
    months = {pool.number: pool.released_on.replace(day=1) for pool in find_pools(employer)}
    found = db.session.execute(
        sa.select(Words.pool, Words.text)
        .where(
            Words.employer_id == employer.id,
            Words.pool.in_(months),
            Words.may_publish.is_(True),
        )
        .order_by(Words.pool.desc(), Words.id.desc())  # as the index has it: nothing is sorted
        .limit(most)
    )
    card = db.session.get(Scorecard, employer.id)
    figures = read_reputation(card.reputation) if card and months else None
    total = figures.published if figures else 0
    return [Comment(months[pool], text) for pool, text in found if pool], total


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
    loose = (batch for batch in live_batches(employer) if batch.pool is None)
    waiting = sum(batch.answers for batch in loose if is_pure(batch))
    return Availability(pooled, waiting, settings().MIN_COMMENTS)
