"""Making sums and scorecards again from the answers that are still held, and comparing them."""

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from portal import closure, surveys
from portal.extensions import db
from portal.models import Batch, Employer, SealedAnswer
from portal.reputation import asked, sums
from portal.reputation.batches import live_batches
from portal.reputation.parts import RECORDED, Parts
from portal.reputation.scorecards import refresh_scorecard
from portal.seals import SealBroken


def rebuild(employer: Employer, now: datetime, *, check: bool = False) -> list[str]:
    """Make the sums again from the answers held; with CHECK only say what differs.

    One line per difference; empty when all was right. Releases whose answers are forgotten are
    their own record. Raises SealBroken.
    """
    surveys.lock_employer(employer.id)
    by, differences = sums.sealer(), []
    for batch in _held(employer):
        stored = sums.open_sums(batch, by)
        anew = _count_again(employer, batch, stored)
        if sums.to_plain(stored) != sums.to_plain(anew):
            differences.append(f"sums of release {batch.number} differ")
            if not check:
                sums.seal(anew, batch, by)
    differences += asked.compare(employer, closure.local_day(employer, now))
    if not check:
        asked.refresh_invited(employer, None)
        refresh_scorecard(employer, now)
    return [f"{employer.slug}: {line}" for line in differences]


def _held(employer: Employer) -> list[Batch]:
    held = sa.select(SealedAnswer.batch_id).where(
        SealedAnswer.employer_id == employer.id, SealedAnswer.batch_id.is_not(None)
    )
    ids = set(db.session.scalars(held.distinct()))
    return [batch for batch in live_batches(employer, with_sums=True) if batch.id in ids]


def _count_again(employer: Employer, batch: Batch, stored: sums.Sums) -> sums.Sums:
    """With the parts, and who had been asked, of the release; both stay as they were."""
    opened = surveys.open_batch(employer, batch.id)
    if opened.broken:
        raise SealBroken(f"release {batch.number}")
    standing = [one for one in opened.answers if not one.is_withdrawn]
    levels = {name: tuple(found) for name, found in stored.parts.items()}
    if stored.reported:
        levels[RECORDED] = tuple(stored.reported)
    parts = Parts(levels, tuple(stored.counts), stored.rejected > 0)
    anew = sums.count(standing, parts, stored.asked)
    return replace(anew, prior=stored.prior, kept_out=stored.kept_out, words=stored.words)
