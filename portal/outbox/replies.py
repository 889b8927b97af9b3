"""What a relay's reply means. Pure: a table and the rules to read it."""

import re
from datetime import timedelta
from enum import StrEnum

from portal.transport import Phase, SmtpOutcome

WAIT_ASKED = re.compile(r"\bin (\d{1,5}) (second|minute)s?\b", re.IGNORECASE)


class Meaning(StrEnum):
    """What becomes of the row, and of sending at large."""

    SENT = "sent"
    LATER = "later"  # a 4xx reply to this message: tried again for 48 hours
    ADDRESS = "address"  # failed; the address does not exist and is suppressed
    MAILBOX = "mailbox"  # failed; full or disabled: a strike
    REFUSED = "refused"  # failed; no reason given: a strike, and five in a row pause
    OURS = "ours"  # failed; a bug of ours, or too big: five in a row pause
    PAUSE = "pause"  # the row waits; nothing more is sent until a person has looked
    BACK_OFF = "back_off"  # the row waits; there is no relay to talk to
    RECONNECT = "reconnect"  # the row was not taken; the session is over
    UNKNOWN = "unknown"  # it may have arrived


BY_ENHANCED = {
    "5.1.1": Meaning.ADDRESS,
    "5.1.2": Meaning.ADDRESS,
    "5.1.3": Meaning.ADDRESS,
    "5.1.6": Meaning.ADDRESS,
    "5.1.10": Meaning.ADDRESS,
    "5.3.4": Meaning.OURS,
    # About us, whoever the message is for. Many relays keep what they have against a sender until
    # they are told a recipient.
    "5.1.7": Meaning.PAUSE,
    "5.1.8": Meaning.PAUSE,
    "5.1.90": Meaning.PAUSE,  # Exchange Online: as many recipients as we may have in a day
    "5.2.252": Meaning.PAUSE,  # Exchange Online: this account may not send in that name
    "5.4.5": Meaning.PAUSE,  # Google: as much as we may send in a day
}
BY_SUBJECT = {
    "5.2": Meaning.MAILBOX,
    "5.4": Meaning.MAILBOX,
    "5.5": Meaning.OURS,
    "5.6": Meaning.OURS,
    "5.7": Meaning.PAUSE,
}
BY_CODE = {
    500: Meaning.OURS,
    501: Meaning.OURS,
    502: Meaning.OURS,
    503: Meaning.OURS,
    504: Meaning.OURS,
    552: Meaning.MAILBOX,
    555: Meaning.OURS,
    530: Meaning.PAUSE,
    534: Meaning.PAUSE,
    535: Meaning.PAUSE,
    538: Meaning.PAUSE,
}
BEFORE_THE_MESSAGE = (Phase.CONNECT, Phase.TLS, Phase.AUTH)


def judge(outcome: SmtpOutcome) -> Meaning:
    """What OUTCOME means; an enhanced status code wins over the three digits."""
    if outcome.is_sent:
        return Meaning.SENT
    if outcome.code is None:
        return _without_reply(outcome.phase)
    if outcome.phase in BEFORE_THE_MESSAGE:
        return Meaning.PAUSE if outcome.code >= 500 else Meaning.BACK_OFF
    if outcome.code == 421:
        return Meaning.RECONNECT
    if not _is_permanent(outcome):
        return Meaning.LATER
    if outcome.phase is Phase.MAIL and outcome.enhanced != "5.3.4":
        return Meaning.PAUSE
    return _permanent(outcome)


def _without_reply(phase: Phase) -> Meaning:
    if phase is Phase.FINAL:
        return Meaning.UNKNOWN
    if phase is Phase.TLS:  # never a fallback to clear text
        return Meaning.PAUSE
    return Meaning.BACK_OFF if phase in BEFORE_THE_MESSAGE else Meaning.RECONNECT


def _is_permanent(outcome: SmtpOutcome) -> bool:
    return (outcome.enhanced or str(outcome.code)).startswith("5")


def _permanent(outcome: SmtpOutcome) -> Meaning:
    if enhanced := outcome.enhanced:
        subject = enhanced.rpartition(".")[0]
        return BY_ENHANCED.get(enhanced) or BY_SUBJECT.get(subject, Meaning.REFUSED)
    return BY_CODE.get(outcome.code or 0, Meaning.REFUSED)


def is_domain_wait(outcome: SmtpOutcome) -> bool:
    """Whether a whole recipient domain asks us to slow down."""
    return (outcome.enhanced or "").startswith("4.7.")


def wait_asked(outcome: SmtpOutcome) -> timedelta:
    """The wait that the reply's text asks for; zero if none. May lengthen ours, never shorten."""
    found = WAIT_ASKED.search(outcome.text)
    if not found:
        return timedelta()
    return timedelta(**{f"{found[2].lower()}s": int(found[1])})
