"""Which mail is due and whose turn it is: rows are leased to one worker at a time.

Commits each claim, so that a lease is real before its mail is offered to anybody.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import product

import sqlalchemy as sa

from portal import links
from portal.config import settings
from portal.emails import MailKind, MailKinds
from portal.extensions import db
from portal.models import Email, EmailState, Employer, MailState
from portal.outbox import condition
from portal.outbox.rows import (
    STALE_AFTER,
    change,
    hold_mail,
    is_free,
    is_held,
    is_resting,
    survey_keys,
)
from portal.outbox.suppression import suppressions

BATCH = 20
# Until its text may leave: so long mail waits for nothing if its worker dies. One that is alive but
# slower than this loses the mail to another, which is safe: it can no longer mark it `sending`.
CLAIM = timedelta(seconds=50)
# From `sending` on: more than two steps of SMTP and the longest wait for the relay's last word.
LEASE = timedelta(seconds=120)
LIMIT_PERIOD = timedelta(hours=1)
HOLD = timedelta(minutes=10)


@dataclass(frozen=True)
class Claim:
    """What has to be known of a row before the relay has accepted its recipient."""

    id: int
    kind: str
    employer_id: int | None
    to_address: str
    message_id: str
    verp_tag: str
    attempts: int
    first_attempt_at: datetime | None
    next_attempt_at: datetime
    relay_code: int | None

    @property
    def domain(self) -> str:
        return self.to_address.rpartition("@")[2]


@dataclass(frozen=True)
class Claims:
    """Rows leased together. `is_watched`: the relay's next answer is news to mail_state."""

    claims: list[Claim]
    is_watched: bool = False
    is_probe: bool = False


def is_due(kinds: MailKinds, now: datetime) -> sa.ColumnElement[bool]:
    """Queued, its time come and not over, in no worker's hands, and not held for its employer."""
    return sa.and_(
        Email.state == EmailState.QUEUED,
        Email.to_address.is_not(None),  # an erased person's
        Email.next_attempt_at <= now,
        sa.or_(Email.expires_at.is_(None), Email.expires_at > now),
        is_free(now),
        ~is_held(kinds),
    )


def count_due(kinds: MailKinds, now: datetime, at_most: int) -> int:
    """How many rows could be claimed now, as far as AT_MOST; none while mail rests."""
    is_paused = sa.exists().where(
        sa.or_(MailState.paused_at.is_not(None), MailState.backoff_until > now)
    )
    due = sa.select(Email.id).where(is_due(kinds, now), ~is_paused).limit(at_most).subquery()
    return db.session.scalar(sa.select(sa.func.count()).select_from(due)) or 0


def claim_batch(kinds: MailKinds, worker: str, now: datetime) -> Claims:
    """Lease up to 20 due rows to WORKER, employers taking turns; commits. Empty while mail rests.

    Locking mail_state makes claims follow one another, also on PostgreSQL: the hourly limit is
    kept exactly, and after a resume exactly one message goes ahead.
    """
    state = condition.lock_state()
    if state.paused_at or (state.backoff_until and state.backoff_until > now):
        db.session.rollback()
        return Claims([])
    is_probe = state.is_probing
    is_watched = bool(is_probe or state.session_failures or state.refused_in_a_row)
    surveys = survey_keys(kinds)
    limits = _hourly_limits(surveys, now)
    claims = _lease(kinds, worker, now, 1 if is_probe else BATCH, limits)
    if is_probe and claims:
        state.backoff_until = now + LEASE  # the others wait for the probe's answer
    db.session.commit()
    return Claims(claims, is_watched, is_probe)


def _hourly_limits(surveys: list[str], now: datetime) -> dict[int | None, int]:
    """How much survey mail is left this hour to employers near their limit; holds back the rest."""
    limit = settings().SURVEYS_PER_HOUR
    # Two selects, so that each has its index: with OR, SQLite reads the whole table.
    sent = sa.select(Email.employer_id).where(
        Email.kind.in_(surveys), Email.sending_at > now - LIMIT_PERIOD
    )
    leased = sa.select(Email.employer_id).where(
        Email.kind.in_(surveys),
        Email.state == EmailState.QUEUED,
        Email.next_attempt_at <= now,
        Email.lease_until >= now,
    )
    counted = sent.union_all(leased).subquery()
    spent = (
        sa.select(counted.c.employer_id, sa.func.count())
        .group_by(counted.c.employer_id)
        .having(sa.func.count() > limit - BATCH)
    )
    left = {row[0]: max(0, limit - row[1]) for row in db.session.execute(spent)}
    for employer_id, remaining in left.items():
        if not remaining and employer_id is not None:
            until = now + HOLD
            hold_mail(surveys, employer_id, until, expires_at=until + STALE_AFTER)
    return left


def _lease(
    kinds: MailKinds, worker: str, now: datetime, at_most: int, limits: dict[int | None, int]
) -> list[Claim]:
    is_survey = Email.kind.in_(survey_keys(kinds))
    turn = sa.func.row_number().over(
        partition_by=Email.employer_id, order_by=(Email.next_attempt_at, Email.id)
    )
    ranked = sa.select(Email.id, turn.label("turn")).where(is_due(kinds, now)).subquery()
    within = [
        ranked.c.turn <= at_most,  # more of one employer cannot be needed, and need not be sorted
        sa.or_(~is_survey, ranked.c.turn <= settings().SURVEYS_PER_HOUR),
    ]
    within += [
        sa.or_(~is_survey, Email.employer_id != employer_id, ranked.c.turn <= left)
        for employer_id, left in limits.items()
    ]
    chosen = (
        sa.select(Email.id)
        .join(ranked, ranked.c.id == Email.id)
        # Due is asked again: PostgreSQL looks once more at rows it had to wait for.
        .where(is_due(kinds, now), *within)
        .order_by(ranked.c.turn, Email.next_attempt_at, Email.id)
        .limit(at_most)
        .with_for_update(skip_locked=True, of=Email)
        .cte("chosen")
    )
    columns = [getattr(Email, name) for name in Claim.__dataclass_fields__]
    leased = db.session.execute(
        sa.update(Email)
        .where(Email.id.in_(sa.select(chosen.c.id)))
        .values(lease_by=worker, lease_until=now + CLAIM)
        .returning(*columns),
        execution_options={"synchronize_session": False},
    )
    return sorted((Claim(*row) for row in leased), key=lambda claim: claim.id)


_ITS_EMPLOYER_RESTS = sa.exists().where(Employer.id == Email.employer_id, is_resting())
# Built once: making the statement anew for each message takes longer than running it.
_MARK_SENDING = {
    (is_survey, waits): (
        sa.update(Email)
        .where(
            Email.id == sa.bindparam("email"),
            Email.state == EmailState.QUEUED,
            Email.lease_by == sa.bindparam("worker"),
            Email.lease_until > sa.bindparam("now"),
            Email.to_address == sa.bindparam("address"),  # not erased or corrected meanwhile
            ~suppressions(is_survey).exists(),
            ~sa.exists().where(MailState.paused_at.is_not(None)),
            *([~_ITS_EMPLOYER_RESTS] if waits else []),
        )
        .values(
            state=EmailState.SENDING,
            sending_at=sa.bindparam("now"),
            lease_until=sa.bindparam("until"),
        )
        .returning(Email)
        .execution_options(synchronize_session=False, populate_existing=True)
    )
    for is_survey, waits in product((True, False), repeat=2)
}


def mark_sending(claim: Claim, kind: MailKind, worker: str, now: datetime) -> Email | None:
    """CLAIM's row, `sending` from the caller's commit on; None if anything speaks against it."""
    values = {
        "email": claim.id,
        "worker": worker,
        "now": now,
        "until": now + LEASE,
        "address": claim.to_address,
        "keys": links.address_keys(claim.to_address),
        "employer": claim.employer_id,
    }
    return db.session.scalars(
        _MARK_SENDING[kind.is_survey, kind.waits_for_employer], values
    ).one_or_none()


def release_claims(worker: str, *where: sa.ColumnElement[bool]) -> None:
    """Give back what WORKER leased and has not sent; commits."""
    change(
        Email.lease_by == worker,
        Email.state == EmailState.QUEUED,
        *where,
        lease_by=None,
        lease_until=None,
    )
    db.session.commit()
