"""The desk's words for what tables hold in short."""

from portal.language import lazy_gettext
from portal.models import Channel, Delivery, EmailState, Feedback, Outcome

OUTCOMES = {
    Outcome.REJECTED: "Not chosen",
    Outcome.HIRED: "Hired",
    Outcome.OFFER_DECLINED: "Offer declined",
    Outcome.WITHDRAWN: "Withdrew",
}
CHANNELS = {
    Channel.PHONE: "by phone",
    Channel.IN_PERSON: "in person",
    Channel.EMAIL: "by email",
    Channel.LETTER: "by letter",
    Channel.PORTAL: "in your application portal",
}
FEEDBACK = {
    Feedback.NONE: "Without saying why.",
    Feedback.GENERAL: "With reasons in general.",
    Feedback.SPECIFIC: "With specific feedback.",
}
# What became of an email, as far as its own row says it.
STATES = {
    EmailState.QUEUED: "Waits to be sent",
    EmailState.SENDING: "Is being handed to the mail server",
    EmailState.SENT: "Handed to the mail server",
    EmailState.UNKNOWN: "The line broke at the last moment: it may have arrived",
    EmailState.FAILED: "Not sent",
    EmailState.CANCELLED: "Cancelled",
    EmailState.CAPTURED: "Kept in a file on the server: no mail server is set up",
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
    Delivery.DELAYED: "The receiving server is still trying",
    Delivery.DELIVERED: "Arrived in the mailbox",
    Delivery.BOUNCED_SOFT: "Came back for now",
    Delivery.BLOCKED: "Blocked by the receiving server",
    Delivery.BOUNCED_HARD: "Came back: there is no such address",
    Delivery.COMPLAINED: "Marked as spam by the candidate",
}
