"""The rows of the desk: where each person stands, and the one thing that is next."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from portal import formatting, hiring, outbox
from portal.language import gettext
from portal.letters import LETTERS_FOR
from portal.models import Application, EmailState, Employer, Notice
from portal.web.recruiter.closure_status import ClosureStatus, closure_status


@dataclass(frozen=True)
class Row:
    """`next`: decide, tell, call, ask (whether an email arrived), or empty for nothing; `said`:
    what else to know, in words."""

    application: Application
    status: ClosureStatus
    next: str
    said: tuple[str, ...] = ()

    @property
    def can_be_chosen(self) -> bool:
        return self.status.is_waiting and self.status.state != "scheduled"


def list_rows(employer: Employer, found: Sequence[Application], today: date) -> list[Row]:
    """FOUND as rows; three statements, however many."""
    ids = [one.id for one in found if one.is_waiting]
    tried = hiring.last_attempts(employer.id, ids)
    waiting = [one for one in found if one.is_waiting]
    addresses = {one.candidate.email for one in waiting if one.candidate.email}
    dead = outbox.find_dead(addresses, employer.id) if addresses else set()
    states = hiring.list_troubles(ids)
    rows = (
        _row(one, closure_status(one, today), one.candidate.email in dead, states.get(one.id))
        for one in found
    )
    return [replace(row, said=row.said + _noted(row, tried)) for row in rows]


def _noted(row: Row, tried: Mapping[int, Notice]) -> tuple[str, ...]:
    """What the row's person and the team have done about it already."""
    application, zone = row.application, row.application.employer.zone
    if not application.is_waiting:
        return ()
    said = []
    if application.news_asked_at:
        day = formatting.day(application.news_asked_at.astimezone(zone).date(), style="medium")
        said.append(gettext("Asked for news %(day)s", day=day))
    if last := tried.get(application.id):
        day = formatting.day(last.created_at.astimezone(zone).date(), style="medium")
        said.append(gettext("Message left %(day)s", day=day))
    return tuple(said)


def _row(found: Application, status: ClosureStatus, is_dead: bool, state: EmailState | None) -> Row:
    if not status.is_waiting or status.state == "scheduled":
        return Row(found, status, "")
    if state is EmailState.UNKNOWN:
        return Row(found, status, "ask", (gettext("The email may or may not have arrived"),))
    trouble: tuple[str, ...] = ()
    if found.candidate.email is None:
        trouble = (gettext("No email address"),)
    elif is_dead or state is EmailState.FAILED:
        trouble = (gettext("An email did not arrive"),)
    if found.outcome is None:
        return Row(found, status, "decide", trouble)
    has_letter = bool(LETTERS_FOR[found.outcome])
    return Row(found, status, "call" if trouble or not has_letter else "tell", trouble)
