"""The closure desk: who waits, in the order in which they are owed an answer."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from portal.extensions import db
from portal.hiring.applications import with_people
from portal.models import (
    Application,
    Candidate,
    ClockPreset,
    Decision,
    Email,
    EmailState,
    Employer,
    Notice,
    Outcome,
    Requisition,
)
from portal.scorecard import WaitingNow

PAGE_SIZE = 50


class Waiting(StrEnum):
    """What the applications list can be narrowed to."""

    ALL = "all"
    OPEN = "open"
    NOT_TOLD = "not_told"
    TOLD = "told"


# Who is blank cannot be told any more: not a task, though who was erased untold still counts so.
IS_REACHABLE = Application.candidate.has(Candidate.blanked_on.is_(None))
IS_NOT_TOLD = (
    IS_REACHABLE,
    Application.outcome.is_not(None),
    Application.outcome != Outcome.WITHDRAWN,
    Application.told_on.is_(None),
)
NARROWED: dict[Waiting, tuple[sa.ColumnElement[bool], ...]] = {
    Waiting.ALL: (),
    Waiting.OPEN: (IS_REACHABLE, Application.outcome.is_(None)),
    Waiting.NOT_TOLD: IS_NOT_TOLD,
    Waiting.TOLD: (Application.told_on.is_not(None),),
}


def _found_by(search: str) -> tuple[sa.ColumnElement[bool], ...]:
    if not search:
        return ()
    escaped = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    columns = (Candidate.name, Candidate.email, Requisition.title)
    return (sa.or_(*(column.ilike(f"%{escaped}%", escape="\\") for column in columns)),)


def _order(employer: Employer, waiting: Waiting) -> tuple[sa.ColumnElement[Any], ...]:
    """Who has waited longest first where people wait; elsewhere the newest first.

    `closure.owed_by` rises with the day its preset counts from, so that day is the order.
    """
    interviewed_on = Application.last_interview_on
    if waiting is Waiting.OPEN:
        since = sa.func.coalesce(interviewed_on, Application.stage_entered_on)
        return since.asc(), Application.id.asc()
    if waiting is not Waiting.NOT_TOLD:
        return (Application.id.desc(),)
    oldest = Application.decided_on.asc(), Application.id.asc()
    if employer.clock_preset is ClockPreset.ONTARIO:
        return interviewed_on.asc().nulls_last(), *oldest
    return oldest


@dataclass(frozen=True)
class Page:
    """One page of applications; `total` counts all that match."""

    applications: list[Application]
    number: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE_SIZE))


def list_applications(
    employer: Employer, search: str = "", waiting: Waiting = Waiting.ALL, number: int = 1
) -> Page:
    """Page NUMBER (from 1; beyond the end is the last) of EMPLOYER's applications, in _order."""
    clauses = (
        Application.employer_id == employer.id,
        *_found_by(search.strip()),
        *NARROWED[waiting],
    )
    return list_page(clauses, _order(employer, waiting), number)


def list_page(
    clauses: tuple[sa.ColumnElement[bool], ...],
    order: tuple[sa.ColumnElement[Any], ...],
    number: int,
) -> Page:
    """Page NUMBER of the applications that meet CLAUSES, which may name candidate and role too."""
    found = sa.select(Application.id).join(Application.candidate).join(Application.requisition)
    found = found.where(*clauses)
    total = db.session.scalar(sa.select(sa.func.count()).select_from(found.subquery()))
    page = Page([], 1, total or 0)
    number = min(max(1, number), page.pages)
    # The page's ids first: sorting whole joined rows is what costs at 10,000.
    ids = found.order_by(*order).limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)
    rows = db.session.scalars(with_people().where(Application.id.in_(ids)).order_by(*order))
    return Page(list(rows), number, page.total)


def count_waiting(employer: Employer, today: date) -> WaitingNow:
    """Who of EMPLOYER's candidates waits at this moment; TODAY is the employer's day."""
    untold = sa.and_(*IS_NOT_TOLD)
    counted = sa.select(
        sa.func.count().filter(untold),
        sa.func.min(Application.decided_on).filter(untold),
        sa.func.count().filter(*NARROWED[Waiting.OPEN]),
    ).where(Application.employer_id == employer.id, Application.told_on.is_(None))
    people, oldest, undecided = db.session.execute(counted).one()
    return WaitingNow(people, (today - oldest).days if oldest else None, undecided)


def next_to_tell(application: Application) -> Application | None:
    """Whom the employer of APPLICATION owes an answer first, apart from that person.

    Whose email is on its way already, or has left and is not taken note of yet, is passed over.
    """
    on_its_way = (
        sa.exists()
        .where(
            Notice.employer_id == Application.employer_id,
            Notice.application_id == Application.id,
            Notice.decision_id == Decision.id,
            Decision.ended_at.is_(None),
            Email.notice_id == Notice.id,
            Email.state.in_((EmailState.QUEUED, EmailState.SENDING, EmailState.SENT)),
        )
        .correlate(Application)
    )
    return db.session.scalar(
        with_people()
        .where(
            Application.employer_id == application.employer_id,
            Application.id != application.id,
            *IS_NOT_TOLD,
            ~on_its_way,
        )
        .order_by(*_order(application.employer, Waiting.NOT_TOLD))
        .limit(1)
    )
