"""Adding applications: many of them in few statements, with what has been decided already."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa

from portal import audit, closure, invitations
from portal.extensions import db
from portal.applicants import NewApplication
from portal.hiring.evidence import PastDecision
from portal.models import Application, Candidate, Employer, Requisition, RoleFamily, utcnow


def add_application(
    employer: Employer, new: NewApplication, now: datetime | None = None
) -> Application:
    """A new application, its candidate and requisition found or added, its invitation planned."""
    additions = Additions(employer, [new], now or utcnow())
    additions.add(new)
    return additions.finish()[0]


class Additions:
    """As many new applications as NEWS has, each as add_application adds it.

    Nobody else can hold what is made here, so that nothing of it is locked or read again; and it
    is written all at once, by `finish`.
    """

    def __init__(self, employer: Employer, news: Sequence[NewApplication], now: datetime) -> None:
        self._employer, self._now = employer, now
        self._candidates = _find_candidates(employer, news)
        self._requisitions = _find_requisitions(employer, news)
        self._added: list[tuple[Application, PastDecision | None]] = []

    def add(self, new: NewApplication, past: PastDecision | None = None) -> None:
        """One of them, with what is decided. Raises DecisionRefused for days that cannot be."""
        employer = self._employer
        if past:
            past.check(employer, self._now)
        application = Application(
            employer=employer,
            candidate=self._find_or_add_candidate(new),
            requisition=self._find_or_add_requisition(new),
            external_id=new.external_id,
            stage=new.stage,
            stage_group=new.stage_group,
            stage_entered_on=new.stage_entered_on
            or new.last_interview_on
            or closure.local_day(employer, self._now),
            last_interview_on=new.last_interview_on,
            promised_on=new.promised_on,
        )
        with db.session.no_autoflush:
            db.session.add(application)
            if past:
                past.write(application)
            invitations.plan_invitation(application, self._now)
        self._added.append((application, past))

    def finish(self) -> list[Application]:
        """Write them; returns them in the order in which they were added."""
        db.session.flush()
        if self._added:
            audit.record_many(self._employer.id, self._events())
        return [application for application, _ in self._added]

    def _events(self) -> Iterator[audit.Event]:
        for application, past in self._added:
            yield audit.Event("application.added", application.id, {})
            if past:
                yield from past.events(application)

    def _find_or_add_candidate(self, new: NewApplication) -> Candidate:
        address = new.email.lower() if new.email else None
        candidate = self._candidates.get(address) if address else None
        if candidate:
            candidate.locale = new.locale or candidate.locale
            return candidate
        candidate = self._candidates[address] = Candidate(
            employer_id=self._employer.id,
            name=new.name,
            email=new.email,
            locale=new.locale or self._employer.locale,
            is_contactable=True,
        )
        return candidate

    def _find_or_add_requisition(self, new: NewApplication) -> Requisition:
        requisition = self._requisitions.get(new.role)
        if requisition is None:
            requisition = self._requisitions[new.role] = Requisition(
                employer_id=self._employer.id, title=new.role, role_family=new.role_family
            )
        if new.role_family is not RoleFamily.OTHER:
            requisition.role_family = new.role_family
        requisition.department = new.department or requisition.department
        return requisition


def _find_candidates(
    employer: Employer, news: Sequence[NewApplication]
) -> dict[str | None, Candidate]:
    """By address in lower case: Cam@x and cam@x are one person, who is asked once."""
    emails = {new.email.lower() for new in news if new.email}
    found = db.session.scalars(
        sa.select(Candidate)
        .where(Candidate.employer_id == employer.id, sa.func.lower(Candidate.email).in_(emails))
        .with_for_update(read=True)  # who is being erased meanwhile is found no more
    )
    return {candidate.email.lower(): candidate for candidate in found if candidate.email}


def _find_requisitions(
    employer: Employer, news: Sequence[NewApplication]
) -> dict[str, Requisition]:
    found = db.session.scalars(
        sa.select(Requisition).where(
            Requisition.employer_id == employer.id,
            Requisition.title.in_({new.role for new in news}),
        )
    )
    return {requisition.title: requisition for requisition in found}
