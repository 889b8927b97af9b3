"""Mail owed to people: rows written with their cause, sent at most once, settled honestly.

queue_email, cancel_email, resend, suppress, pause … take part in the caller's transaction.
deliver_next, deliver_due and sweep are the worker's, and commit. Never looks upwards: the kinds of
mail are handed in, and asked whether an email may still leave and what it says.
"""

from portal.outbox.condition import MailCondition, mail_condition, pause, resume
from portal.outbox.delivery import deliver_due, deliver_next
from portal.outbox.depth import count_held, queue_depth
from portal.outbox.rows import (
    CannotResend,
    after_restore,
    cancel_email,
    count_needing_person,
    find_email,
    forget,
    free_held,
    list_needing_person,
    queue_email,
    requeue,
    resend,
    settle_next,
    sweep,
    withdraw,
)
from portal.outbox.suppression import (
    ERASURE,
    find_dead,
    find_erased,
    find_suppression,
    is_suppressed_key,
    reopen_mailbox,
    suppress,
    suppress_key,
    unsuppress_key,
)
