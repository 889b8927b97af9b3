"""Which releases are public, and which of them leave in files together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import undefer

from portal.config import settings
from portal.extensions import db
from portal.models import NEVER_POOLED, Batch, Employer, Opinion, SealedAnswer, Words
from portal.reputation.figures import Released
from portal.reputation.sums import Sums, open_sums, sealer


def live_batches(
    employer: Employer, *where: sa.ColumnElement[bool], with_sums: bool = False
) -> list[Batch]:
    """EMPLOYER's batches that are public, oldest first, as far as they are WHERE."""
    wanted = (
        sa.select(Batch)
        .where(Batch.employer_id == employer.id, Batch.withdrawn_on.is_(None), *where)
        .order_by(Batch.number)
    )
    return list(db.session.scalars(wanted.options(undefer(Batch.sums)) if with_sums else wanted))


def open_batches(batches: Sequence[Batch]) -> list[Released]:
    """What BATCHES add up to; raises SealBroken."""
    by = sealer()
    return [Released(one.released_on, one.answers, open_sums(one, by)) for one in batches]


def is_pure(batch: Batch) -> bool:
    """Whether no answer of BATCH had been public before: only such lines go into files.

    What is left of a withdrawn release comes back into figures, and as words, never as lines:
    laid beside an older copy they would show which single one is missing.
    """
    return batch.fresh == batch.answers


@dataclass(frozen=True)
class Pool:
    """Batches that leave together; `number` is that of the last one, which dates them all."""

    number: int
    released_on: date
    batches: tuple[Batch, ...]

    @property
    def answers(self) -> int:
        """Lines of the pool."""
        return sum(batch.answers for batch in self.batches if is_pure(batch))

    @property
    def month(self) -> str:
        return f"{self.released_on:%Y-%m}"


def pools_of(batches: Sequence[Batch]) -> list[Pool]:
    """The pools among live BATCHES, oldest first; none that is smaller than the floor.

    A pool is shown whole and never in another mixture, so that no two copies of a file, nor of the
    histogram, differ by less than a pool.
    """
    together: dict[int, list[Batch]] = {}
    for batch in batches:
        if batch.pool not in (None, NEVER_POOLED):
            together.setdefault(batch.pool or 0, []).append(batch)
    pools = [
        Pool(number, max(batch.released_on for batch in members), tuple(members))
        for number, members in sorted(together.items())
    ]
    return [pool for pool in pools if pool.answers >= settings().MIN_COMMENTS]


def find_pools(employer: Employer) -> list[Pool]:
    """EMPLOYER's pools, oldest first."""
    return pools_of(live_batches(employer))


def pool_sums(pool: Pool) -> list[Sums]:
    """What the batches of POOL whose lines are in it add up to; raises SealBroken."""
    by = sealer()
    return [open_sums(batch, by) for batch in pool.batches if is_pure(batch)]


def withdraw_batch(employer: Employer, batch: Batch, today: date) -> None:
    """Take BATCH out of every figure, and its pool out of files for good.

    In another mixture the lines could be laid beside an older copy. Words come back with the next
    pool; the answers wait.
    """
    if pool := batch.pool:  # which closing it takes off the batch
        close_pool(employer, pool)
        returning = sa.update(Words).where(Words.employer_id == employer.id, Words.pool == pool)
        _run(returning.values(pool=None))
    batch.pool, batch.withdrawn_on = NEVER_POOLED, today
    batch.trend, batch.sums = {}, None  # nothing made with the answer is left
    waiting = sa.update(SealedAnswer).where(
        SealedAnswer.employer_id == employer.id, SealedAnswer.batch_id == batch.id
    )
    _run(waiting.values(batch_id=None))
    db.session.flush()


def close_pool(employer: Employer, number: int) -> None:
    """Take the lines of a pool out of files for good."""
    for one in live_batches(employer, Batch.pool == number):
        one.pool = NEVER_POOLED
    _run(sa.delete(Opinion).where(Opinion.employer_id == employer.id, Opinion.pool == number))


def delete_words(*where: sa.ColumnElement[bool]) -> None:
    """Delete published words, and what was read in them."""
    _run(sa.delete(Words).where(*where))


def _run(statement: Any) -> None:
    db.session.execute(statement, execution_options={"synchronize_session": False})
