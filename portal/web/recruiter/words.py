"""The desk's words for what tables hold in short."""

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
    "address": "There is no such address. Call, or write by another way.",
    "mailbox": "The mailbox is full or switched off. Call, or try again in some days.",
    "refused": "The receiving server refused it without saying why. Call.",
    "ours": "The fault is on our side; the operator can see it.",
    "gave_up": "The receiving server kept putting us off for 48 hours. Call.",
    "suppressed": "Earlier mail to this address did not arrive. Call.",
    "undelivered": "It came back. Call.",
    "no_sender": "There is no address that replies could go to.",
    # cancelled
    "retracted": "The decision was taken back before it left.",
    "decided": "A decision was recorded before it left.",
    "replanned": "Something changed before it left; it is planned anew.",
    "changed": "Something changed before it left.",
    "stale": "It could not be sent in time.",
    "opted_out": "The candidate wants no survey mail.",
    "opt_out": "The candidate wants no survey mail.",
    "do_not_email": "The candidate wants no survey mail.",
    "employer_off": "The operator has not approved your account yet.",
    "gone": "The person was erased.",
    # unknown
    "no_reply": "The mail server took the text and then said nothing.",
    "worker_died": "Our own process stopped in the middle.",
    "restored": "The database was restored from a backup made before it.",
}
DELIVERIES = {
    Delivery.DELAYED: "The receiving server is still trying",
    Delivery.DELIVERED: "Arrived in the mailbox",
    Delivery.BOUNCED_SOFT: "Came back for now",
    Delivery.BLOCKED: "Blocked by the receiving server",
    Delivery.BOUNCED_HARD: "Came back: there is no such address",
    Delivery.COMPLAINED: "Marked as spam by the candidate",
}
