"""Who is asked how it was, in which lane and when; and the link they open.

Two lanes: `outcome` after the candidate was told, `check_in` for those who were not. An invitation
knows whether it was answered, never what.
"""

from portal.invitations.opening import (
    LinkUnknown,
    NoFreshLink,
    OpenedInvitation,
    find_employer,
    is_opted_out,
    open_invitation,
    opt_in,
    opt_out,
    send_fresh_link,
)
from portal.invitations.planning import (
    COOL_DOWN,
    hold_address,
    plan_invitation,
    set_skip,
)
from portal.invitations.replanning import ask_to_plan_anew, count_waiting, plan_anew
from portal.invitations.sending import (
    LINK_LASTS,
    clear_to_send,
    freeze_facts,
    remind_due,
    send_due,
    settle_invites,
)

__all__ = [
    "COOL_DOWN",
    "LINK_LASTS",
    "LinkUnknown",
    "NoFreshLink",
    "OpenedInvitation",
    "ask_to_plan_anew",
    "clear_to_send",
    "count_waiting",
    "find_employer",
    "freeze_facts",
    "hold_address",
    "is_opted_out",
    "open_invitation",
    "opt_in",
    "opt_out",
    "plan_anew",
    "plan_invitation",
    "remind_due",
    "send_due",
    "send_fresh_link",
    "set_skip",
    "settle_invites",
]
