"""The audit trail, newest first, in pages that cost the same wherever in it they are."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple

import sqlalchemy as sa

from portal.accounts import find_users
from portal.extensions import db
from portal.models import AuditEvent, Employer, User
from portal.operating.employers import find_employers

PAGE_SIZE: Final = 50
CHUNK: Final = 500  # of a file
# Of these events `about_id` is a person who signs in.
ABOUT_PEOPLE: Final = ("user.", "membership.", "sign_in.", "trail.")


@dataclass(frozen=True)
class Trail:
    """What of the trail is wanted; days are of UTC, both included."""

    employer_id: int | None = None
    user_id: int | None = None
    action: str = ""
    first: date | None = None
    last: date | None = None

    @property
    def where(self) -> list[sa.ColumnElement[bool]]:
        conditions: list[sa.ColumnElement[bool]] = []
        if self.employer_id:
            conditions.append(AuditEvent.employer_id == self.employer_id)
        if self.user_id:
            conditions.append(AuditEvent.user_id == self.user_id)
        if self.action:
            conditions.append(AuditEvent.action == self.action)
        if self.first:
            conditions.append(AuditEvent.at >= _begin(self.first))
        if self.last and self.last < date.max:
            conditions.append(AuditEvent.at < _begin(self.last + timedelta(days=1)))
        return conditions


def _begin(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


class Edge(NamedTuple):
    """Where in the trail to go on: before this event."""

    at: datetime
    id: int


@dataclass(frozen=True)
class Entry:
    """One event, with those whom its numbers mean."""

    event: AuditEvent
    employer: Employer | None
    who: User | None
    about: User | None

    @property
    def edge(self) -> Edge:
        return Edge(self.event.at, self.event.id)


@dataclass(frozen=True)
class TrailPage:
    """Some entries; `older` is where the next page begins, None at the end."""

    entries: list[Entry]
    older: int | None


def read_trail(trail: Trail, before: int | None = None) -> TrailPage:
    """The newest entries of TRAIL, or those before the event numbered BEFORE."""
    found = db.session.get(AuditEvent, before) if before else None
    edge = Edge(found.at, found.id) if found else None
    events = _read(trail, edge, PAGE_SIZE + 1)
    older = events[PAGE_SIZE - 1].id if len(events) > PAGE_SIZE else None
    return TrailPage(_named(events[:PAGE_SIZE]), older)


def read_chunk(trail: Trail, edge: Edge | None) -> list[Entry]:
    """Some entries of TRAIL before EDGE, newest first; none at the end."""
    return _named(_read(trail, edge, CHUNK))


def _read(trail: Trail, edge: Edge | None, at_most: int) -> list[AuditEvent]:
    where = trail.where
    if edge is not None:
        # The first condition is what an index can begin at; the second parts those of one moment.
        where.append(AuditEvent.at <= edge.at)
        where.append(sa.or_(AuditEvent.at < edge.at, AuditEvent.id < edge.id))
    newest = (
        sa.select(AuditEvent).where(*where).order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
    )
    return list(db.session.scalars(newest.limit(at_most)))


def _is_about_person(event: AuditEvent) -> bool:
    return event.about_id is not None and event.action.startswith(ABOUT_PEOPLE)


def _named(events: list[AuditEvent]) -> list[Entry]:
    about = {event.about_id for event in events if _is_about_person(event)}
    users = find_users({key for key in about | {event.user_id for event in events} if key})
    employers = find_employers({event.employer_id for event in events if event.employer_id})
    return [
        Entry(
            event,
            employers.get(event.employer_id or 0),
            users.get(event.user_id or 0),
            users.get(event.about_id or 0) if _is_about_person(event) else None,
        )
        for event in events
    ]
