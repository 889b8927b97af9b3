"""The desk's words for what tables hold in short."""

from portal.language import lazy_gettext
from portal.models import Channel, Delivery, EmailState, Feedback, Outcome

OUTCOMES = {
    Outcome.REJECTED: lazy_gettext("Not chosen"),
    Outcome.HIRED: lazy_gettext("Hired"),
    Outcome.OFFER_DECLINED: lazy_gettext("Offer declined"),
    Outcome.WITHDRAWN: lazy_gettext("Withdrew"),
}
CHANNELS = {
    Channel.PHONE: lazy_gettext("by phone"),
    Channel.IN_PERSON: lazy_gettext("in person"),
    Channel.EMAIL: lazy_gettext("by email"),
    Channel.LETTER: lazy_gettext("by letter"),
    Channel.PORTAL: lazy_gettext("in your application portal"),
}
TOLD = {
    Channel.PHONE: lazy_gettext("Told by phone"),
    Channel.IN_PERSON: lazy_gettext("Told in person"),
    Channel.EMAIL: lazy_gettext("Told by email"),
    Channel.LETTER: lazy_gettext("Told by letter"),
    Channel.PORTAL: lazy_gettext("Told in your application portal"),
}
FEEDBACK = {
    Feedback.NONE: lazy_gettext("Without saying why."),
    Feedback.GENERAL: lazy_gettext("With reasons in general."),
    Feedback.SPECIFIC: lazy_gettext("With specific feedback."),
}
# What became of an email, as far as its own row says it.
STATES = {
    EmailState.QUEUED: lazy_gettext("Waits to be sent"),
    EmailState.SENDING: lazy_gettext("Is being handed to the mail server"),
    EmailState.SENT: lazy_gettext("Handed to the mail server"),
    EmailState.UNKNOWN: lazy_gettext("The line broke at the last moment: it may have arrived"),
    EmailState.FAILED: lazy_gettext("Not sent"),
    EmailState.CANCELLED: lazy_gettext("Cancelled"),
    EmailState.CAPTURED: lazy_gettext("Kept in a file on the server: no mail server is set up"),
}
REASONS = {
    # failed
    "address": lazy_gettext("There is no such address. Call, or write by another way."),
    "mailbox": lazy_gettext(
        "The mailbox is full or switched off. Call, or try again in some days."
    ),
    "refused": lazy_gettext("The receiving server refused it without saying why. Call."),
    "ours": lazy_gettext("The fault is on our side; the operator can see it."),
    "gave_up": lazy_gettext("The receiving server kept putting us off for 48 hours. Call."),
    "suppressed": lazy_gettext("Earlier mail to this address did not arrive. Call."),
    "undelivered": lazy_gettext("It came back. Call."),
    "no_sender": lazy_gettext("There is no address that replies could go to."),
    # cancelled
    "retracted": lazy_gettext("The decision was taken back before it left."),
    "decided": lazy_gettext("A decision was recorded before it left."),
    "undone": lazy_gettext("It was taken back before it left."),
    "replanned": lazy_gettext("Something changed before it left; it is planned anew."),
    "changed": lazy_gettext("Something changed before it left."),
    "stale": lazy_gettext("It could not be sent in time."),
    "opted_out": lazy_gettext("The candidate wants no survey mail."),
    "opt_out": lazy_gettext("The candidate wants no survey mail."),
    "do_not_email": lazy_gettext("The candidate wants no survey mail."),
    "employer_off": lazy_gettext("The operator had not approved the account."),
    "gone": lazy_gettext("The person was erased."),
    # unknown
    "no_reply": lazy_gettext("The mail server took the text and then said nothing."),
    "worker_died": lazy_gettext("Our own process stopped in the middle."),
    "restored": lazy_gettext("The database was restored from a backup made before it."),
}
DELIVERIES = {
    Delivery.DELAYED: lazy_gettext("The receiving server is still trying"),
    Delivery.DELIVERED: lazy_gettext("Arrived in the mailbox"),
    Delivery.BOUNCED_SOFT: lazy_gettext("Came back for now"),
    Delivery.BLOCKED: lazy_gettext("Blocked by the receiving server"),
    Delivery.BOUNCED_HARD: lazy_gettext("Came back: there is no such address"),
    Delivery.COMPLAINED: lazy_gettext("Marked as spam by the candidate"),
}
