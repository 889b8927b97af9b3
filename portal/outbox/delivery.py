"""From a leased row to the relay's reply: the one place where mail leaves.

A row's `sending` is committed before its text may leave, and its end after the reply. A worker
killed at any moment leaves either an untouched row or one whose fate is honestly unknown.
"""

import logging
import secrets
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from math import ceil

from flask import current_app
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from portal import links
from portal.config import settings
from portal.emails import MailKind, MailKinds, Unwritable
from portal.extensions import db
from portal.models import Email, utcnow
from portal.outbox import outcomes
from portal.outbox.claims import (
    BATCH,
    CLAIM,
    Claim,
    claim_batch,
    count_due,
    mark_sending,
    release_claims,
)
from portal.outbox.condition import note_answer, repeat_probe
from portal.outbox.outcomes import BEFORE_THE_RECIPIENT
from portal.outbox.replies import Meaning, is_domain_wait, judge
from portal.outbox.rows import captured_file
from portal.outbox.suppression import find_suppression, skip_reason
from portal.transport import (
    AddressRefused,
    BadHeader,
    Connection,
    Phase,
    SmtpOutcome,
    connect,
    has_relay,
    wire_address,
)

log = logging.getLogger(__name__)

MAX_SESSIONS = 3  # for one message: the first and two reconnects
SIMULATED = {
    "deliver": SmtpOutcome(Phase.FINAL, 250, "2.0.0 simulated"),
    "tempfail": SmtpOutcome(Phase.RCPT, 451, "4.3.0 simulated"),
    "permfail": SmtpOutcome(Phase.RCPT, 550, "5.1.1 simulated"),
    "unknown": SmtpOutcome(Phase.FINAL, None, "simulated"),
}
NO_ANSWER = (*outcomes.ENDS_THE_RUN, Meaning.UNKNOWN)


def deliver_next(kinds: MailKinds) -> bool:
    """Send what is due, at most one batch of 20. True if there was any, so call again at once.

    The definition of each kind has the last word, in the transaction that marks an email
    `sending`. What it changes is kept only if the email goes.
    """
    with connect() as connection:
        return Courier(kinds, connection).deliver_batch() > 0


def deliver_due(kinds: MailKinds, is_stopping: Callable[[], bool] = lambda: False) -> int:
    """Send until nothing is due, over up to MAIL_CONNECTIONS connections; returns how many rows.

    KINDS as in deliver_next(), asked from several threads. When IS_STOPPING says so, the messages
    under way are finished and no more are begun. Commits; call with nothing pending.
    """
    most = settings().MAIL_CONNECTIONS
    wanted = ceil(count_due(kinds, utcnow(), most * BATCH) / BATCH)
    db.session.commit()  # or the threads would wait for this one's lock
    if not wanted:
        return 0
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def work() -> int:
        with app.app_context(), connect() as connection:
            courier = Courier(kinds, connection, is_stopping)
            handled = 0
            while not is_stopping() and (size := courier.deliver_batch()):
                handled += size
            return handled

    with ThreadPoolExecutor(wanted) as pool:
        return sum(future.result() for future in [pool.submit(work) for _ in range(wanted)])


class Courier:
    """One thread's way out: a name for its leases and a connection of its own."""

    def __init__(
        self,
        kinds: MailKinds,
        connection: Connection,
        is_stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self.name = secrets.token_hex(8)
        self._kinds = kinds
        self._connection = connection
        self._is_stopping = is_stopping
        self._is_watched = False
        self._slowed: Counter[str] = Counter()
        self._cut_off: set[str] = set()

    def deliver_batch(self) -> int:
        """Lease and work through one batch; returns its size, 0 when nothing may be sent now."""
        batch = claim_batch(self._kinds, self.name, utcnow())
        # Well before the leases run out: what is left is leased anew, by whoever is free.
        ends_at = time.monotonic() + CLAIM.total_seconds() / 2
        self._is_watched = batch.is_watched
        self._slowed.clear()
        left = len(batch.claims)
        for claim in batch.claims:
            if self._is_stopping() or time.monotonic() > ends_at:
                break
            if self._slowed[claim.domain] >= outcomes.DOMAIN_WAITS_AFTER:
                continue
            left -= 1
            if not self._deliver(claim):
                break
        if batch.is_probe and self._is_watched:
            repeat_probe()
        if left or batch.is_probe:
            release_claims(self.name)
        return len(batch.claims)

    def _deliver(self, claim: Claim) -> bool:
        """Offer CLAIM and record what came of it. False if no more can be offered now."""
        try:
            outcome = self._offer(claim)
        except AddressRefused:
            outcomes.fail(claim, self.name, "address")
            return True
        if outcome is None:
            return True
        meaning = self._judge(claim, outcome)
        self._slowed[claim.domain] = (
            self._slowed[claim.domain] + 1 if is_domain_wait(outcome) else 0
        )
        if self._is_watched and meaning not in NO_ANSWER:
            note_answer(is_accepted=meaning is Meaning.SENT)
            self._is_watched = meaning is not Meaning.SENT
        self._is_watched |= meaning in outcomes.COUNTED_IN_A_ROW
        return outcomes.record_outcome(claim, self.name, outcome, meaning, utcnow())

    def _judge(self, claim: Claim, outcome: SmtpOutcome) -> Meaning:
        """As judge_claim(): but a relay that ends each session over one domain's mail only speaks
        of that domain. A second domain, with nothing taken in between, says that it is about us."""
        meaning = outcomes.judge_claim(claim, outcome)
        if meaning is Meaning.SENT:
            self._cut_off.clear()
        is_of_domain = is_domain_wait(outcome) and outcome.phase not in BEFORE_THE_RECIPIENT
        if meaning is Meaning.RECONNECT and is_of_domain:
            self._cut_off.add(claim.domain)
            return Meaning.LATER if len(self._cut_off) == 1 else meaning
        return meaning

    def _offer(self, claim: Claim) -> SmtpOutcome | None:
        """The last word on CLAIM, or None if it was not to be sent (and has been settled)."""
        address = wire_address(claim.to_address)
        if claim.to_address.endswith(outcomes.SIMULATOR):
            return self._simulate(claim)
        if not has_relay():
            self._capture(claim)
            return None
        outcome = None
        for _ in range(MAX_SESSIONS):
            outcome = self._connection.send(
                address, links.bounce_address(claim.verp_tag), lambda: self._prepare(claim)
            )
            if outcome is None or judge(outcome) is not Meaning.RECONNECT:
                break
            # The text did not get through: the row may go out on the next connection.
            outcomes.unmark(claim, self.name)
        return outcome

    def _simulate(self, claim: Claim) -> SmtpOutcome | None:
        outcome = SIMULATED.get(claim.to_address.partition("@")[0], SIMULATED["permfail"])
        is_offered = outcome.phase is Phase.FINAL
        return outcome if not is_offered or self._prepare(claim) else None

    def _capture(self, claim: Claim) -> None:
        """Development without a relay: a file to look at, which never counts as sent."""
        if (message := self._prepare(claim)) is None:
            return
        file = captured_file(claim.message_id)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(message)
        outcomes.record_captured(claim, self.name)

    def _prepare(self, claim: Claim) -> bytes | None:
        """Mark CLAIM `sending`, durably, and return its text; None if it may not leave.

        Whatever speaks against it is looked at in the transaction that marks it. The relay has
        accepted the recipient by now, but not a byte of the text.
        """
        try:
            kind = self._kinds[claim.kind]
            if (email := mark_sending(claim, kind, self.name, utcnow())) is None:
                db.session.rollback()
                self._settle_unsendable(claim, kind)
                return None
            if (objection := kind.last_look(email, utcnow())) is not None:
                db.session.rollback()
                outcomes.withhold(claim, self.name, objection, utcnow())
                return None
            message = kind.write(email)
            db.session.commit()
        except Unwritable as error:
            db.session.rollback()
            outcomes.stop(claim, kind, self.name, error.reason)
            return None
        except (BadHeader, AddressRefused):
            db.session.rollback()
            outcomes.fail(claim, self.name, "ours")
            log.exception("email %s cannot be written", claim.id)
            return None
        except Exception as error:
            db.session.rollback()
            if isinstance(error, SQLAlchemyError) and not isinstance(error, IntegrityError):
                raise  # the database is away: every other row would fare the same
            # One row that breaks our code must not keep all the others from leaving.
            outcomes.postpone_after_error(claim, self.name, utcnow())
            log.exception("email %s: an error of ours", claim.id)
            return None
        return message

    def _settle_unsendable(self, claim: Claim, kind: MailKind) -> None:
        reason = find_suppression(claim.to_address, claim.employer_id, is_survey=kind.is_survey)
        if reason:
            outcomes.stop(claim, kind, self.name, skip_reason(reason))
        else:  # cancelled, changed, paused or leased by another: whoever did that has settled it
            release_claims(self.name, Email.id == claim.id)
