"""Who did what with an employer's applications, newest first. Changes nothing."""

from dataclasses import dataclass

import sqlalchemy as sa

from portal import accounts
from portal.extensions import db
from portal.hiring.applications import find_applications
from portal.models import Application, AuditEvent, Employer, Requisition, User

PAGE_SIZE = 50
# What is about an application, about a run, about a role. The rest of the trail is the operator's.
ABOUT_APPLICATIONS = ("application.", "decision.", "notice.")
ABOUT_RUNS = ("selection.", "import.")
ABOUT_ROLES = ("requisition.",)
SHOWN = (*ABOUT_APPLICATIONS, *ABOUT_RUNS, *ABOUT_ROLES)


@dataclass(frozen=True)
class Activity:
    """One thing that was done: by whom (None: a file, the worker or the candidate), about what."""

    event: AuditEvent
    who: User | None
    application: Application | None = None
    role: Requisition | None = None

    @property
    def run_id(self) -> int | None:
        return self.event.about_id if self.event.action.startswith(ABOUT_RUNS) else None


def list_activity(employer: Employer, before: int | None = None) -> tuple[list[Activity], int]:
    """A page of what was done at EMPLOYER before the event of that id, the newest first; and the
    id before which the next page stands, 0 at the end."""
    wanted = sa.select(AuditEvent).where(
        AuditEvent.employer_id == employer.id,
        sa.or_(*(AuditEvent.action.startswith(start) for start in SHOWN)),
    )
    if edge := db.session.get(AuditEvent, before) if before else None:
        # The first condition is what the index begins at; the second parts those of one moment.
        earlier = sa.or_(AuditEvent.at < edge.at, AuditEvent.id < edge.id)
        wanted = wanted.where(AuditEvent.at <= edge.at, earlier)
    newest = wanted.order_by(AuditEvent.at.desc(), AuditEvent.id.desc()).limit(PAGE_SIZE + 1)
    found = list(db.session.scalars(newest))
    events = found[:PAGE_SIZE]
    users = accounts.find_users({event.user_id for event in events if event.user_id})
    applications = find_applications(employer, _about(events, ABOUT_APPLICATIONS))
    roles = _find_roles(employer, _about(events, ABOUT_ROLES))
    entries = [
        Activity(
            event,
            users.get(event.user_id or 0),
            applications.get(event.about_id or 0) if _is(event, ABOUT_APPLICATIONS) else None,
            roles.get(event.about_id or 0) if _is(event, ABOUT_ROLES) else None,
        )
        for event in events
    ]
    return entries, events[-1].id if len(found) > PAGE_SIZE else 0


def _is(event: AuditEvent, starts: tuple[str, ...]) -> bool:
    return event.action.startswith(starts)


def _about(events: list[AuditEvent], starts: tuple[str, ...]) -> set[int]:
    return {event.about_id for event in events if event.about_id and _is(event, starts)}


def _find_roles(employer: Employer, ids: set[int]) -> dict[int, Requisition]:
    wanted = sa.select(Requisition).where(
        Requisition.employer_id == employer.id, Requisition.id.in_(ids)
    )
    return {role.id: role for role in db.session.scalars(wanted)} if ids else {}
