"""What a reply makes of a row, of its address and of sending at large.

Every change is conditional on the row still being this worker's. Commits each outcome.
"""

import logging
from datetime import datetime, timedelta
from functools import cache
from typing import Any, cast

import sqlalchemy as sa

from portal.config import settings
from portal.emails import MailKind
from portal.extensions import db
from portal.models import Email, EmailState, SuppressionReason
from portal.outbox import condition
from portal.outbox.claims import Claim
from portal.outbox.replies import Meaning, is_domain_wait, judge, wait_asked
from portal.outbox.rows import STALE_AFTER, change
from portal.outbox.suppression import add_strike, suppress
from portal.transport import Phase, SmtpOutcome

log = logging.getLogger(__name__)

GIVE_UP_AFTER = timedelta(hours=48)
FIRST_RETRY = timedelta(minutes=5)
RETRY_GROWTH = 1.3
MAX_RETRY = timedelta(hours=4)
LET_OTHERS_FIRST = timedelta(minutes=5)
DOMAIN_WAIT = timedelta(minutes=15)
DOMAIN_WAITS_AFTER = 3
SIMULATOR = "@simulator.invalid"
ENDS_THE_RUN = (Meaning.PAUSE, Meaning.BACK_OFF, Meaning.RECONNECT)
COUNTED_IN_A_ROW = (Meaning.REFUSED, Meaning.OURS)
BEFORE_ANYBODY = (Phase.CONNECT, Phase.TLS, Phase.AUTH)
BEFORE_THE_RECIPIENT = (*BEFORE_ANYBODY, Phase.MAIL)
FREE: dict[str, Any] = {"lease_by": None, "lease_until": None}
QUEUED: dict[str, Any] = {"state": EmailState.QUEUED, **FREE}


@cache
def _settlement(columns: tuple[str, ...]) -> sa.Update:
    """Sets COLUMNS of a row that is still a worker's, though the sweeper may have been faster.

    Built once: making the statement anew for each message takes longer than running it.
    """
    email = cast(sa.Table, Email.__table__)
    values: dict[str, Any] = {
        name: sa.bindparam(name, type_=email.c[name].type) for name in columns
    }
    if "relay_text" in values:  # none of it is kept of who was erased meanwhile
        is_known = email.c.to_address.is_not(None)
        values["relay_text"] = sa.case((is_known, values["relay_text"]))
    return (
        sa.update(email)
        .where(
            email.c.id == sa.bindparam("claimed_id"),
            email.c.lease_by == sa.bindparam("worker"),
            email.c.state.in_((EmailState.QUEUED, EmailState.SENDING, EmailState.UNKNOWN)),
        )
        .values(values)
    )


def _settle(claim: Claim, worker: str, **values: Any) -> None:
    statement = _settlement(tuple(values))
    db.session.execute(statement, {"claimed_id": claim.id, "worker": worker, **values})


def record_outcome(
    claim: Claim, worker: str, outcome: SmtpOutcome, meaning: Meaning, now: datetime
) -> bool:
    """Settle CLAIM as the relay's OUTCOME demands; commits. False if sending rests from now on."""
    said = {"relay_code": outcome.code, "relay_text": outcome.text or None}
    if meaning is not Meaning.SENT:
        reply = f"{outcome.phase} {outcome.code}{_relay_reply(outcome)}"
        log.warning("email %s: %s (%s)", claim.id, meaning, reply)
    if meaning in (*ENDS_THE_RUN, *COUNTED_IN_A_ROW):
        condition.lock_state()  # always before rows, as claims do, or two workers could deadlock
    _settle(claim, worker, **said, **_row_after(claim, outcome, meaning, now))
    may_go_on = _tell_the_rest(claim, outcome, meaning, now)
    db.session.commit()
    return may_go_on


def judge_claim(claim: Claim, outcome: SmtpOutcome) -> Meaning:
    """As judge(): but who was refused for good before, while others were taken since, is refused
    for what it says itself. It must not pause all others' mail whenever its turn comes."""
    meaning = judge(outcome)
    is_about_us = meaning is not Meaning.PAUSE or outcome.phase in BEFORE_THE_RECIPIENT
    if is_about_us or (claim.relay_code or 0) < 500:
        return meaning
    refused_at = claim.next_attempt_at - LET_OTHERS_FIRST
    taken = sa.select(Email.id).where(Email.sending_at > refused_at, Email.state == EmailState.SENT)
    was_taken = db.session.scalar(taken.limit(1)) is not None
    return Meaning.OURS if was_taken else meaning


def _relay_reply(outcome: SmtpOutcome) -> str:
    """Which relay failed and how, for the log; empty once a person was named to it."""
    if outcome.phase not in BEFORE_ANYBODY:
        return ""
    relay = f"{settings().MAIL_SERVER}:{settings().MAIL_PORT}"
    return f" at {relay}: {outcome.text}"


def _row_after(
    claim: Claim, outcome: SmtpOutcome, meaning: Meaning, now: datetime
) -> dict[str, Any]:
    if meaning in ENDS_THE_RUN:
        # Not an attempt. But what met a bad end of its own must not stand first in line again.
        is_about_it = outcome.phase not in BEFORE_THE_RECIPIENT
        return QUEUED | ({"next_attempt_at": now + LET_OTHERS_FIRST} if is_about_it else {})
    first = claim.first_attempt_at or now
    counted = {"attempts": claim.attempts + 1, "first_attempt_at": first}
    if meaning is Meaning.SENT:
        return _end(EmailState.SENT, None) | counted | {"sent_at": now}
    if meaning is Meaning.UNKNOWN:
        return _end(EmailState.UNKNOWN, "no_reply") | counted
    if meaning is not Meaning.LATER:
        return _end(EmailState.FAILED, str(meaning)) | counted
    if now - first >= GIVE_UP_AFTER:
        return _end(EmailState.FAILED, "gave_up") | counted
    wait = max(retry_wait(claim.attempts), min(wait_asked(outcome), MAX_RETRY))
    return QUEUED | counted | {"next_attempt_at": now + wait}


def _end(state: EmailState, reason: str | None) -> dict[str, Any]:
    return {"state": state, "reason": reason, "is_settled": False, **FREE}


def retry_wait(attempts: int) -> timedelta:
    """How long to wait after ATTEMPTS earlier tries: about 24 tries in 48 hours."""
    return condition.jitter(min(FIRST_RETRY * RETRY_GROWTH ** min(attempts, 30), MAX_RETRY))


def _tell_the_rest(claim: Claim, outcome: SmtpOutcome, meaning: Meaning, now: datetime) -> bool:
    """What the reply says beyond its own row; False if sending rests from now on."""
    if meaning is Meaning.PAUSE:
        condition.pause(f"{outcome.phase} {outcome.code or 'no reply'}", now, outcome.text)
    elif meaning in ENDS_THE_RUN:
        condition.back_off(now)
    elif meaning is Meaning.ADDRESS and not claim.to_address.endswith(SIMULATOR):
        suppress(claim.to_address, SuppressionReason.HARD_BOUNCE, None, "relay")
    elif meaning is Meaning.MAILBOX:
        add_strike(claim.to_address, now)
    # A second refusal of one address in a day says nothing more about us than the first.
    elif meaning is Meaning.OURS or (
        meaning is Meaning.REFUSED and add_strike(claim.to_address, now)
    ):
        return not condition.note_refusal(now, outcome.text)
    elif meaning is Meaning.LATER and is_domain_wait(outcome):
        _let_domain_wait(claim.domain, now)
    return meaning not in ENDS_THE_RUN


def _let_domain_wait(domain: str, now: datetime) -> None:
    """When three mails wait for a domain that asked us to slow down, all of its mail waits."""
    to_domain = Email.to_address.endswith(f"@{domain}", autoescape=True)
    asked = sa.select(sa.func.count()).where(
        Email.state == EmailState.QUEUED,
        to_domain,
        Email.relay_text.startswith("4.7."),
        Email.next_attempt_at > now,
    )
    if (db.session.scalar(asked) or 0) >= DOMAIN_WAITS_AFTER:
        until = now + DOMAIN_WAIT
        change(
            Email.state == EmailState.QUEUED,
            to_domain,
            Email.next_attempt_at < until,
            next_attempt_at=until,
        )


def fail(claim: Claim, worker: str, reason: str) -> None:
    """Settle CLAIM, which no relay could deliver, for REASON; commits."""
    _settle(claim, worker, **_end(EmailState.FAILED, reason))
    db.session.commit()


def stop(claim: Claim, kind: MailKind, worker: str, reason: str) -> None:
    """Settle CLAIM, which is of KIND and must not be sent, for REASON; commits.

    Survey mail is cancelled, so that its person is counted; other mail fails, so that somebody
    calls.
    """
    state = EmailState.CANCELLED if kind.is_survey else EmailState.FAILED
    _settle(claim, worker, **_end(state, reason))
    db.session.commit()


def withhold(claim: Claim, worker: str, objection: str | datetime, now: datetime) -> None:
    """Cancel CLAIM for a reason, or let it wait until a time; commits.

    Waiting is no attempt and makes nothing stale. What is cancelled keeps when it would have left.
    """
    if isinstance(objection, str):
        _settle(claim, worker, **_end(EmailState.CANCELLED, objection), next_attempt_at=now)
    else:
        expires_at = objection + STALE_AFTER
        change(Email.id == claim.id, Email.expires_at < expires_at, expires_at=expires_at)
        _settle(claim, worker, **QUEUED, next_attempt_at=objection)
    db.session.commit()


def unmark(claim: Claim, worker: str) -> None:
    """CLAIM's text is known not to have arrived: it is still to be sent; commits."""
    _settle(claim, worker, state=EmailState.QUEUED)
    db.session.commit()


def record_captured(claim: Claim, worker: str) -> None:
    """Note that CLAIM became a file and left for nobody; commits."""
    _settle(claim, worker, state=EmailState.CAPTURED, **FREE)
    db.session.commit()


def postpone_after_error(claim: Claim, worker: str, now: datetime) -> None:
    """Try CLAIM again later: something of ours broke while it was looked at; commits."""
    outcome = SmtpOutcome(Phase.RCPT, None, "an error of ours; see the log")
    _settle(claim, worker, **_row_after(claim, outcome, Meaning.LATER, now))
    db.session.commit()
