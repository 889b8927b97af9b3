"""The candidate's side of an invitation: opening the link, asking for a fresh one, opting out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from portal import links, outbox
from portal.extensions import db
from portal.invitations import planning
from portal.invitations.sending import FRESH_LINK, LINK_LASTS
from portal.models import (
    Application,
    Employer,
    Invitation,
    InvitationToken,
    SuppressionReason,
)

FRESH_LINK_EXPIRES = timedelta(hours=1)
MAX_FRESH_LINKS = 3


class LinkUnknown(Exception):
    """The link is not one of ours, or belongs to something that is gone."""


class NoFreshLink(Exception):
    """Three fresh links have been asked for; more would be a way to pester somebody."""


@dataclass(frozen=True)
class OpenedInvitation:
    """A link that is ours. `is_expired`: it can no longer be answered, only withdrawn by."""

    invitation: Invitation
    token: str
    is_expired: bool

    @property
    def is_answered(self) -> bool:
        return self.invitation.is_answered


def open_invitation(token: str, now: datetime) -> OpenedInvitation:
    """The invitation that TOKEN was mailed for; changes nothing. Raises LinkUnknown."""
    hashes = links.invitation_hashes(token)
    found = hashes and db.session.scalar(
        sa.select(InvitationToken)
        .join(InvitationToken.invitation)
        .join(Invitation.employer)
        .join(Invitation.application)
        .join(Application.candidate)
        .join(Application.requisition)
        .options(
            contains_eager(InvitationToken.invitation).options(
                contains_eager(Invitation.employer),
                contains_eager(Invitation.application).options(
                    contains_eager(Application.candidate), contains_eager(Application.requisition)
                ),
            )
        )
        .where(InvitationToken.token_hash.in_(hashes))
    )
    if not found:
        raise LinkUnknown
    invitation = found.invitation
    last = invitation.last_mailed_at
    return OpenedInvitation(invitation, token, last is None or now > last + LINK_LASTS)


def send_fresh_link(invitation: Invitation, now: datetime) -> None:
    """Mail a new link to the address we have, whoever asks; at most three times.

    Raises NoFreshLink. The page says the same in either case but the count.
    """
    if invitation.fresh_links >= MAX_FRESH_LINKS:
        raise NoFreshLink
    address = planning.hold_address(invitation.application)
    if address is None:
        raise NoFreshLink
    invitation.fresh_links += 1
    outbox.queue_email(
        FRESH_LINK,
        address,
        invitation_id=invitation.id,
        employer_id=invitation.employer_id,
        dedup_key=f"fresh:{invitation.id}:{invitation.fresh_links}",
        not_before=now,
        expires_at=now + FRESH_LINK_EXPIRES,
    )


def find_employer(unsubscribe: links.Unsubscribe) -> Employer | None:
    """The employer an opt-out link speaks of, if it still exists."""
    return db.session.get(Employer, unsubscribe.employer_id)


def is_opted_out(unsubscribe: links.Unsubscribe) -> bool:
    return outbox.is_suppressed_key(
        unsubscribe.address_key, unsubscribe.employer_id, SuppressionReason.OPT_OUT
    )


def opt_out(unsubscribe: links.Unsubscribe) -> None:
    """No survey mail of that employer to that address again, queued mail included. Idempotent."""
    outbox.suppress_key(
        unsubscribe.address_key, SuppressionReason.OPT_OUT, unsubscribe.employer_id, "link"
    )


def opt_in(unsubscribe: links.Unsubscribe) -> None:
    """Take the opt-out back, as only its person can."""
    outbox.unsuppress_key(
        unsubscribe.address_key, SuppressionReason.OPT_OUT, unsubscribe.employer_id
    )
