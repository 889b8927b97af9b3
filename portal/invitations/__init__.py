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
    Known,
    Planner,
    hold_address,
    is_too_late,
    plan_invitation,
    set_skip,
)
from portal.invitations.replanning import (
    ask_to_plan_anew,
    count_waiting,
    is_to_be_planned_anew,
    plan_anew,
)
from portal.invitations.sending import (
    ANSWERED,
    INVITE,
    LINK_LASTS,
    WITH_PEOPLE,
    count_in_doubt,
    freeze_facts,
    lock,
    note_mailed,
    outcome_fact,
    remind_due,
    resend_in_doubt,
    send_due,
    settle_invites,
)
