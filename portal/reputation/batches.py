"""Which releases are public, and which of them leave in files together."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import undefer

from portal.config import settings
from portal.extensions import db
from portal.models import NEVER_POOLED, Batch, Employer, Response


def live_batches(employer: Employer, *, with_groups: bool = False) -> list[Batch]:
    """EMPLOYER's batches that are public, oldest first."""
    wanted = (
        sa.select(Batch)
        .where(Batch.employer_id == employer.id, Batch.withdrawn_on.is_(None))
        .order_by(Batch.number)
    )
    return list(
        db.session.scalars(wanted.options(undefer(Batch.groups)) if with_groups else wanted)
    )


@dataclass(frozen=True)
class Pool:
    """Batches that leave together; `number` is that of the last one, which dates them all."""

    number: int
    released_on: date
    batches: tuple[Batch, ...]

    @property
    def batch_ids(self) -> list[int]:
        return [batch.id for batch in self.batches]

    @property
    def members(self) -> sa.ColumnElement[bool]:
        """Whether an answer is in the pool; for queries."""
        return Response.batch_id.in_(self.batch_ids)

    @property
    def answers(self) -> int:
        return sum(batch.answers for batch in self.batches)

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


def fill_pool(employer: Employer) -> None:
    """Put batches not yet in a pool into one, once together they hold MIN_COMMENTS answers."""
    loose = [batch for batch in live_batches(employer) if batch.pool is None]
    if sum(batch.answers for batch in loose) >= settings().MIN_COMMENTS:
        for batch in loose:
            batch.pool = loose[-1].number
    db.session.flush()


def close_pool(employer: Employer, batch: Batch) -> None:
    """Take BATCH, about to be withdrawn, and whatever left together with it out of files for good.

    In another mixture the others could be laid beside an older copy.
    """
    number, batch.pool = batch.pool, NEVER_POOLED
    for sibling in live_batches(employer):
        if number is not None and sibling.pool == number:
            sibling.pool = NEVER_POOLED
