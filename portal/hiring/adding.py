"""Adding applications: many of them in few statements, with what has been decided already."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any

import sqlalchemy as sa

from portal import audit, closure, invitations
from portal.applicants import NewApplication
from portal.extensions import Base, db, insert_rows, number_rows
from portal.hiring.evidence import PastDecision, standing_facts
from portal.hiring.owing import owed_facts
from portal.models import (
    Application,
    Candidate,
    Decision,
    Employer,
    Invitation,
    InvitationState,
    Notice,
    Requisition,
    RequisitionState,
    RoleFamily,
    mailbox_of,
    utcnow,
)

Facts = dict[str, Any]


def add_application(
    employer: Employer, new: NewApplication, now: datetime | None = None
) -> Application:
    """A new application, its candidate and requisition found or added, its invitation planned."""
    additions = Additions(employer, [new], now or utcnow())
    additions.add(new)
    return db.session.get_one(Application, additions.finish()[0].application_id)


@dataclass(slots=True)
class Added:
    """What was written for one new application; the ids are known once it is written.

    `made`: the tables in which a row was added for it; `changes`: by table, what of a row that was
    held has changed for it: the row's id, the column, what it was, what it became. `facts`: the
    columns of the application; `asked_at`: when the person is to be asked, None for not.
    """

    application_id: int = 0
    asked_at: datetime | None = None
    decision_id: int | None = None
    notice_id: int | None = None
    made: list[str] = field(default_factory=list)
    changes: list[tuple[str, int, str, Any, Any]] = field(default_factory=list)
    facts: Facts = field(default_factory=dict)


@dataclass(slots=True)
class _Entry:
    """One application on its way into the tables."""

    added: Added
    candidate: Facts
    requisition: Facts
    application: Facts
    invitation: Facts
    decision: Facts | None
    notice: Facts | None
    past: PastDecision | None


class Additions:
    """As many new applications as NEWS has, each as add_application adds it.

    Nobody else can hold what is made here, so that nothing of it is locked or read again; and it
    is written all at once, by `finish`: one statement for each table.
    """

    def __init__(self, employer: Employer, news: Sequence[NewApplication], now: datetime) -> None:
        self._employer, self._now = employer, now
        self._today, self._user_id = closure.local_day(employer, now), audit.acting_user_id()
        self._candidates = _find_candidates(employer, news)
        self._requisitions = _find_requisitions(employer, news)
        self._planner = invitations.Planner(employer, now)
        self._entries: list[_Entry] = []
        self._changed: dict[tuple[type[Base], int], Facts] = {}

    def add(self, new: NewApplication, past: PastDecision | None = None) -> None:
        """One of them, with what is decided. Raises DecisionRefused for days that cannot be."""
        employer, added = self._employer, Added()
        if past:
            past.check(employer, self._now)
        candidate = self._find_or_add_candidate(new, added)
        requisition = self._find_or_add_requisition(new, added)
        entered_on = new.stage_entered_on or new.last_interview_on or self._today
        application = {
            "employer_id": employer.id,
            "external_id": new.external_id,
            "stage": new.stage,
            "stage_group": new.stage_group,
            "stage_entered_on": entered_on,
            "last_interview_on": new.last_interview_on,
            "promised_on": new.promised_on,
            **standing_facts(employer, past, past),
        }
        known = SimpleNamespace(**application, delayed_on=None, delayed_until=None)
        application |= owed_facts(employer, known)
        added.facts = application
        invitation = self._plan_invitation(added, candidate, new.last_interview_on or entered_on)
        decision = past.decision_facts(employer.id, self._user_id) if past else None
        is_told = past is not None and past.told_at is not None
        notice = past.telling_facts(employer.id, self._user_id) if past and is_told else None
        rows = (candidate, requisition, application, invitation, decision, notice)
        self._entries.append(_Entry(added, *rows, past))

    def _plan_invitation(self, added: Added, candidate: Facts, since: date) -> Facts:
        """The row of ADDED's invitation; SINCE: the day from which silence is counted."""
        standing = added.facts
        plan = self._planner.plan(
            invitations.Known(
                candidate["email"],
                candidate["is_contactable"],
                standing["outcome"],
                standing["decided_at"],
                standing["told_at"],
                since,
            )
        )
        added.asked_at = plan.due_at if plan.state is InvitationState.PLANNED else None
        return {
            "employer_id": self._employer.id,
            "lane": plan.lane,
            "state": plan.state,
            "skip_reason": plan.skip_reason,
            "due_at": plan.due_at,
        }

    def finish(self) -> list[Added]:
        """Write them; returns what was written, in the order in which they were added."""
        db.session.flush()
        for (of, row_id), values in self._changed.items():
            changed = sa.update(of).where(of.__table__.c.id == row_id)
            db.session.execute(changed.values(values))
        batches: list[tuple[type[Base], list[Facts]]] = [
            (Candidate, [one.candidate for one in self._entries if "candidate" in one.added.made]),
            (
                Requisition,
                [one.requisition for one in self._entries if "requisition" in one.added.made],
            ),
            (Application, [one.application for one in self._entries]),
            (Decision, [one.decision for one in self._entries if one.decision]),
            (Notice, [one.notice for one in self._entries if one.notice]),
        ]
        number_rows(*batches)
        for entry in self._entries:
            _join(entry)
        batches.append((Invitation, [one.invitation for one in self._entries]))
        for table, rows in batches:
            insert_rows(table, rows)
        if self._entries:
            audit.record_many(self._employer.id, self._events())
        return [entry.added for entry in self._entries]

    def _events(self) -> Iterator[audit.Event]:
        for entry in self._entries:
            yield audit.Event("application.added", entry.added.application_id, {})
            if entry.past:
                yield from entry.past.events(entry.added.application_id)

    def _find_or_add_candidate(self, new: NewApplication, added: Added) -> Facts:
        address = new.email.lower() if new.email else None
        candidate = self._candidates.get(address) if address else None
        if candidate:
            locale, phone = new.locale or candidate["locale"], new.phone or candidate["phone"]
            self._change(Candidate, candidate, added, locale=locale, phone=phone)
            return candidate
        candidate = {
            "employer_id": self._employer.id,
            "name": new.name,
            "email": new.email,
            "mailbox": mailbox_of(new.email) if new.email else None,
            "phone": new.phone,
            "locale": new.locale or self._employer.locale,
            "is_contactable": True,
        }
        if address:
            self._candidates[address] = candidate
        added.made.append(Candidate.__tablename__)
        return candidate

    def _find_or_add_requisition(self, new: NewApplication, added: Added) -> Facts:
        requisition = self._requisitions.get(new.role)
        if requisition is None:
            requisition = self._requisitions[new.role] = {
                "employer_id": self._employer.id,
                "title": new.role,
                "role_family": new.role_family,
                "department": new.department,
                "state": RequisitionState.OPEN,
                "places": 1,
            }
            added.made.append(Requisition.__tablename__)
            return requisition
        family = (
            requisition["role_family"] if new.role_family is RoleFamily.OTHER else new.role_family
        )
        department = new.department or requisition["department"]
        self._change(Requisition, requisition, added, role_family=family, department=department)
        return requisition

    def _change(self, table: type[Base], row: Facts, added: Added, **values: Any) -> None:
        """Let ROW of TABLE say VALUES; noted, if it is held already."""
        for column, value in values.items():
            if row[column] == value:
                continue
            if "id" in row:
                added.changes.append((table.__tablename__, row["id"], column, row[column], value))
                self._changed.setdefault((table, row["id"]), {})[column] = value
            row[column] = value


def has_address(addresses: Iterable[str | None]) -> sa.ColumnElement[bool]:
    """Whether a candidate's is one of ADDRESSES, in any spelling of case; found by the index of
    mailboxes."""
    emails = {address.lower() for address in addresses if address}
    return sa.and_(
        Candidate.mailbox.in_({mailbox_of(email) for email in emails}),
        sa.func.lower(Candidate.email).in_(emails),
    )


def _join(entry: _Entry) -> None:
    """Let the rows of ENTRY, which have their numbers, refer to each other."""
    number, decision, notice = entry.application["id"], entry.decision, entry.notice
    entry.added.application_id = entry.invitation["application_id"] = number
    entry.application["candidate_id"] = entry.candidate["id"]
    entry.application["requisition_id"] = entry.requisition["id"]
    if decision:
        decision["application_id"], entry.added.decision_id = number, decision["id"]
    if decision and notice:
        notice |= {"application_id": number, "decision_id": decision["id"]}
        entry.added.notice_id = notice["id"]


def _find_candidates(employer: Employer, news: Sequence[NewApplication]) -> dict[str, Facts]:
    """By address in lower case: Cam@x and cam@x are one person, who is asked once."""
    columns = (
        Candidate.id,
        Candidate.email,
        Candidate.phone,
        Candidate.locale,
        Candidate.is_contactable,
    )
    found = db.session.execute(
        sa.select(*columns)
        .where(Candidate.employer_id == employer.id, has_address(new.email for new in news))
        .with_for_update(read=True)  # who is being erased meanwhile is found no more
    )
    return {row["email"].lower(): dict(row) for row in found.mappings()}


def _find_requisitions(employer: Employer, news: Sequence[NewApplication]) -> dict[str, Facts]:
    columns = (Requisition.id, Requisition.title, Requisition.role_family, Requisition.department)
    found = db.session.execute(
        sa.select(*columns).where(
            Requisition.employer_id == employer.id,
            Requisition.title.in_({new.role for new in news}),
        )
    )
    return {row["title"]: dict(row) for row in found.mappings()}
