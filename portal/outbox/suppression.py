"""Addresses we may not write to, held as keyed hashes only.

Commits nothing: it takes part in its caller's transaction.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from portal import audit, links
from portal.extensions import db
from portal.models import (
    MailStrike,
    SkipReason,
    Suppression,
    SuppressionReason,
)
from portal.outbox.rows import insert_once

# These say that the mailbox does not work, so they stop every kind; the others, survey mail only.
DEAD_MAILBOX = (SuppressionReason.HARD_BOUNCE, SuppressionReason.STRIKES)
SKIPPED_FOR = {
    SuppressionReason.OPT_OUT: SkipReason.OPTED_OUT,
    SuppressionReason.DO_NOT_EMAIL: SkipReason.DO_NOT_EMAIL,
}
MAX_STRIKES = 3
STRIKES_OVER = timedelta(days=7)
ERASURE = "erasure"  # the source of an opt-out that stays of who was erased


def skip_reason(reason: SuppressionReason) -> SkipReason:
    """What is counted in public for mail that REASON stopped."""
    return SKIPPED_FOR.get(reason, SkipReason.SUPPRESSED)


def suppressions(is_survey: bool) -> sa.Select[SuppressionReason]:
    """Why mail may not go to the address of :keys for :employer; only survey mail asks leave."""
    found = sa.select(Suppression.reason).where(
        Suppression.address_key.in_(sa.bindparam("keys", expanding=True)),
        sa.or_(
            Suppression.employer_id.is_(None), Suppression.employer_id == sa.bindparam("employer")
        ),
    )
    return found if is_survey else found.where(Suppression.reason.in_(DEAD_MAILBOX))


def find_suppression(
    address: str, employer_id: int | None, *, is_survey: bool
) -> SuppressionReason | None:
    """Why mail may not go to ADDRESS for this employer, or None. A dead mailbox first."""
    values = {"keys": links.address_keys(address), "employer": employer_id}
    reasons = db.session.scalars(suppressions(is_survey), values).all()
    return min(reasons, key=lambda reason: reason not in DEAD_MAILBOX, default=None)


def find_dead(addresses: Collection[str], employer_id: int) -> set[str]:
    """Those of ADDRESSES whose mailbox does not work: no mail of the employer goes there."""
    keys = {key: address for address in addresses for key in links.address_keys(address)}
    dead = sa.select(Suppression.address_key).where(
        Suppression.address_key.in_(keys),
        sa.or_(Suppression.employer_id.is_(None), Suppression.employer_id == employer_id),
        Suppression.reason.in_(DEAD_MAILBOX),
    )
    return {keys[key] for key in db.session.scalars(dead)}


def is_suppressed_key(address_key: str, employer_id: int | None, reason: SuppressionReason) -> bool:
    """Whether REASON stands for the address behind ADDRESS_KEY."""
    values = {"keys": [address_key], "employer": employer_id}
    return reason in db.session.scalars(suppressions(is_survey=True), values).all()


def suppress(address: str, reason: SuppressionReason, employer_id: int | None, source: str) -> None:
    """Write no more to ADDRESS, for one employer or (None) for all. Idempotent.

    Holds from the commit on, also for what is queued: every email asks again before it leaves.
    """
    keys = links.spelled_keys if reason in DEAD_MAILBOX else links.address_keys
    suppress_key(keys(address)[0], reason, employer_id, source)


def suppress_key(
    address_key: str, reason: SuppressionReason, employer_id: int | None, source: str
) -> None:
    """As suppress(), for who knows the address only by its key: an opt-out link."""
    insert_once(
        Suppression,
        address_key=address_key,
        employer_id=employer_id,
        reason=reason,
        source=source,
    )


def find_erased(keys: Mapping[str, Sequence[str]], employer_id: int) -> dict[str, datetime]:
    """Those addresses whose person the employer has erased, and when; KEYS: what `address_keys`
    says of each."""
    erased = sa.select(Suppression.address_key, Suppression.since).where(
        Suppression.address_key.in_({key for held in keys.values() for key in held}),
        Suppression.employer_id == employer_id,
        Suppression.source == ERASURE,
    )
    since = dict(db.session.execute(erased).all())
    found = {address: [since[key] for key in keys[address] if key in since] for address in keys}
    return {address: max(moments) for address, moments in found.items() if moments}


def reopen_mailbox(address: str) -> bool:
    """Write to ADDRESS again, though a mail server had said that its mailbox does not work.

    False if none had. What the person wished stays; mail that was cancelled stays cancelled.
    """
    keys = links.address_keys(address)
    is_dead = Suppression.reason.in_(DEAD_MAILBOX)
    gone = (
        sa.delete(Suppression).where(Suppression.address_key.in_(keys), is_dead),
        sa.delete(MailStrike).where(MailStrike.address_key.in_(keys)),
    )
    found: list[Any] = [db.session.execute(one) for one in gone]
    if is_found := any(one.rowcount for one in found):
        audit.record("mail.reopened", None)
    return is_found


def unsuppress_key(address_key: str, reason: SuppressionReason, employer_id: int | None) -> None:
    """The person opts in again on the page of the opt-out link, which has the key alone."""
    db.session.execute(
        sa.delete(Suppression).where(
            Suppression.address_key == address_key,
            Suppression.reason == reason,
            Suppression.employer_id.is_(None)
            if employer_id is None
            else Suppression.employer_id == employer_id,
        )
    )


def add_strike(address: str, now: datetime) -> bool:
    """Note that ADDRESS was full or disabled today; three over a week suppress it.

    False if today's strike was noted before.
    """
    keys = links.spelled_keys(address)
    if insert_once(MailStrike, address_key=keys[0], struck_on=now.date()) is None:
        return False
    days = db.session.scalars(
        sa.select(MailStrike.struck_on).where(MailStrike.address_key.in_(keys))
    ).all()
    if len(days) >= MAX_STRIKES and max(days) - min(days) >= STRIKES_OVER:
        suppress(address, SuppressionReason.STRIKES, None, "relay")
    return True
