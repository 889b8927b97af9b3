"""Addresses of the employer itself or of this site: no candidate's, so nobody is asked at them."""

from portal.config import settings
from portal.models import Employer, mailbox_of


class OwnAddresses:
    """Those that are a member's, where replies go, or ours, or in a domain that the operator has
    confirmed as EMPLOYER's.

    Members are read once for an employer and transaction, however many are looked at.
    """

    def __init__(self, employer: Employer) -> None:
        self._domains = tuple(f".{confirmed}" for confirmed in employer.confirmed_domains)
        # Where no Reply-To is set, replies go to one of the members.
        members = (one.email for one in employer.members)
        ours = (settings().sender_address, employer.reply_to, *members)
        self._mailboxes = {mailbox_of(one) for one in ours if one}

    def __contains__(self, address: str) -> bool:
        mailbox = mailbox_of(address)
        domain = mailbox.rpartition("@")[2]
        return mailbox in self._mailboxes or f".{domain}".endswith(self._domains)


def is_own(address: str, employer: Employer) -> bool:
    """Whether ADDRESS is one of EMPLOYER's own."""
    return address in OwnAddresses(employer)
