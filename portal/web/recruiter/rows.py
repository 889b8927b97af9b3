"""The rows of the desk: where each person stands, and the one thing that is next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from portal import hiring, outbox
from portal.language import gettext
from portal.letters import LETTERS_FOR
from portal.models import Application, EmailState, Employer
from portal.web.recruiter.closure_status import ClosureStatus, closure_status


@dataclass(frozen=True)
class Row:
    """`next`: decide, tell, call, ask (whether an email arrived), or empty for nothing; `trouble`:
    what stands in the way of an email, in words."""

    application: Application
    status: ClosureStatus
    next: str
    trouble: str = ""

    @property
    def can_be_chosen(self) -> bool:
        return self.status.is_waiting and self.status.state != "scheduled"


def list_rows(employer: Employer, found: Sequence[Application], today: date) -> list[Row]:
    """FOUND as rows; three statements, however many."""
    waiting = [one for one in found if one.is_waiting]
    addresses = {one.candidate.email for one in waiting if one.candidate.email}
    dead = outbox.find_dead(addresses, employer.id) if addresses else set()
    states = hiring.list_troubles([one.id for one in waiting])
    return [
        _row(one, closure_status(one, today), one.candidate.email in dead, states.get(one.id))
        for one in found
    ]


def _row(found: Application, status: ClosureStatus, is_dead: bool, state: EmailState | None) -> Row:
    if not status.is_waiting or status.state == "scheduled":
        return Row(found, status, "")
    if state is EmailState.UNKNOWN:
        return Row(found, status, "ask", gettext("The email may or may not have arrived."))
    trouble = ""
    if found.candidate.email is None:
        trouble = gettext("No email address is known.")
    elif is_dead or state is EmailState.FAILED:
        trouble = gettext("An email to them did not arrive.")
    if found.outcome is None:
        return Row(found, status, "decide", trouble)
    has_letter = bool(LETTERS_FOR[found.outcome])
    return Row(found, status, "call" if trouble or not has_letter else "tell", trouble)
