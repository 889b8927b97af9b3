"""Addresses of the employer itself or of this site: no candidate's, so nobody is asked at them."""

from portal.config import settings
from portal.models import Employer, mailbox_of


def is_own(address: str, employer: Employer) -> bool:
    """Whether ADDRESS is a member's, where replies go, or ours, or in a domain that the operator
    has confirmed as EMPLOYER's.

    Members are read once for an employer and transaction, however many are looked at.
    """
    mailbox = mailbox_of(address)
    _, _, domain = mailbox.rpartition("@")
    if any(f".{domain}".endswith(f".{confirmed}") for confirmed in employer.confirmed_domains):
        return True
    # Where no Reply-To is set, replies go to one of the members.
    ours = (settings().sender_address, employer.reply_to, *(one.email for one in employer.members))
    return mailbox in {mailbox_of(one) for one in ours if one}
