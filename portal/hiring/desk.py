"""The closure desk: who is to hear what next, the most urgent first."""

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from portal.extensions import db
from portal.hiring.applications import with_people
from portal.models import Application, Candidate, Employer, Notice, NoticeKind, Requisition
from portal.scorecard import WaitingNow

PAGE_SIZE = 50
SOON = timedelta(days=7)  # a date given to somebody not decided on counts as due this long before
MOST_CHOICES = 200  # roles or departments that a filter offers; more are found by searching


class Tab(StrEnum):
    """Part of the desk. Who waits stands in one of the first five, or has told or withdrawn."""

    OVERDUE = "overdue"
    DUE = "due"
    UNDATED = "undated"
    OPEN = "open"
    SCHEDULED = "scheduled"
    TOLD = "told"
    ALL = "all"
    # Not among the tabs, but where links lead: all who were decided on and wait, and all for whom
    # nothing is on its way.
    NOT_TOLD = "not_told"
    WAITING = "waiting"


IS_IDLE = sa.and_(Application.is_waiting, Application.news_leaves_at.is_(None))
IS_DECIDED = Application.outcome.is_not(None)
URGENT = (Application.owed_on.asc().nulls_last(), Application.id.asc())
ORDER: dict[Tab, tuple[sa.ColumnElement[Any], ...]] = {
    Tab.OVERDUE: (Application.owed_on.asc(), Application.id.asc()),
    Tab.DUE: (Application.owed_on.asc(), Application.id.asc()),
    Tab.SCHEDULED: (Application.news_leaves_at.asc(), Application.id.asc()),
    Tab.TOLD: (Application.told_on.desc(), Application.id.desc()),
    Tab.ALL: (Application.id.desc(),),
}


def _is_in(tab: Tab, today: date, of: Any = Application) -> sa.ColumnElement[bool]:
    """Whether what stands OF an application, or of many that are counted, belongs under TAB."""
    found: dict[Tab, sa.ColumnElement[bool]]
    leaves_at, owed_on = of.news_leaves_at, of.owed_on
    is_idle, is_decided = leaves_at.is_(None), of.outcome.is_not(None)
    is_soon = sa.or_(is_decided, owed_on <= today + SOON)
    is_far = sa.or_(owed_on.is_(None), owed_on > today + SOON)
    found = {
        Tab.OVERDUE: sa.and_(is_idle, owed_on < today),
        Tab.DUE: sa.and_(is_idle, owed_on >= today, is_soon),
        Tab.UNDATED: sa.and_(is_idle, is_decided, owed_on.is_(None)),
        Tab.OPEN: sa.and_(is_idle, ~is_decided, is_far),
        Tab.SCHEDULED: leaves_at.is_not(None),
        Tab.NOT_TOLD: is_decided,
        Tab.WAITING: is_idle,
    }
    return found[tab]


@dataclass(frozen=True)
class Filter:
    """What the desk is narrowed to; TODAY is the employer's day."""

    today: date
    tab: Tab = Tab.WAITING
    search: str = ""
    role_id: int | None = None
    department: str = ""

    @property
    def is_narrowed(self) -> bool:
        return bool(self.search or self.role_id or self.department)

    def clauses(self, employer: Employer) -> tuple[sa.ColumnElement[bool], ...]:
        """Which applications of EMPLOYER it finds; the tables of people and roles are looked into
        only where it names what stands there."""
        narrowed = self.narrowed(employer)
        if self.tab is Tab.ALL:
            return narrowed
        if self.tab is Tab.TOLD:
            return *narrowed, Application.told_on.is_not(None)
        return *narrowed, sa.and_(Application.is_waiting, _is_in(self.tab, self.today))

    def narrowed(self, employer: Employer) -> tuple[sa.ColumnElement[bool], ...]:
        clauses = [Application.employer_id == employer.id]
        if self.role_id:
            clauses.append(Application.requisition_id == self.role_id)
        if self.department:
            clauses.append(_has_role(employer, Requisition.department == self.department))
        if self.search:
            clauses.append(_found_by(employer, self.search))
        return tuple(clauses)


def _has_role(employer: Employer, is_it: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    found = sa.select(Requisition.id).where(Requisition.employer_id == employer.id, is_it)
    return Application.requisition_id.in_(found)


def _found_by(employer: Employer, search: str) -> sa.ColumnElement[bool]:
    name, email, title = (
        column.icontains(search, autoescape=True)
        for column in (Candidate.name, Candidate.email, Requisition.title)
    )
    people = sa.select(Candidate.id).where(
        Candidate.employer_id == employer.id, sa.or_(name, email)
    )
    return sa.or_(Application.candidate_id.in_(people), _has_role(employer, title))


@dataclass(frozen=True)
class Page:
    """One page of applications; `total` counts all that match."""

    applications: list[Application]
    number: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE_SIZE))


@dataclass(frozen=True)
class Desk:
    """A page of the desk, and how many stand under each tab as it is narrowed."""

    filter: Filter
    page: Page
    counts: dict[Tab, int] = field(default_factory=dict)


def count_tabs(employer: Employer, wanted: Filter) -> dict[Tab, int]:
    """How many of EMPLOYER's applications that WANTED is narrowed to stand under each tab."""
    narrowed = wanted.narrowed(employer)
    # First those that are alike, in the order of their index; then what each tab is made of.
    alike = (Application.owed_on, Application.outcome, Application.news_leaves_at)
    groups = (
        sa.select(*alike, sa.func.count().label("people"))
        .where(*narrowed, Application.is_waiting)
        .group_by(*alike)
        .subquery()
    )
    waiting: list[Tab] = [tab for tab in Tab if tab not in (Tab.TOLD, Tab.ALL)]
    sums = (
        sa.func.coalesce(
            sa.func.sum(groups.c.people).filter(_is_in(tab, wanted.today, groups.c)), 0
        )
        for tab in waiting
    )
    found = db.session.execute(sa.select(*sums)).one()
    counts: dict[Tab, int] = dict(zip(waiting, map(int, found), strict=True))
    both = sa.select(sa.func.count(Application.told_on), sa.func.count()).where(*narrowed)
    counts[Tab.TOLD], counts[Tab.ALL] = db.session.execute(both).one()
    return counts


def open_desk(employer: Employer, wanted: Filter, number: int = 1, *, choose: bool = False) -> Desk:
    """Page NUMBER (from 1; beyond the end is the last) of EMPLOYER's desk.

    CHOOSE: its tab is the first under which there is something to do.
    """
    counts = count_tabs(employer, wanted)
    if choose:
        todo = (Tab.OVERDUE, Tab.DUE, Tab.UNDATED, Tab.OPEN)
        wanted = replace(wanted, tab=next((tab for tab in todo if counts[tab]), Tab.OVERDUE))
    total = counts[wanted.tab]
    order = ORDER.get(wanted.tab, URGENT)
    return Desk(wanted, _page(wanted.clauses(employer), order, number, total), counts)


def list_page(
    clauses: tuple[sa.ColumnElement[bool], ...],
    order: tuple[sa.ColumnElement[Any], ...],
    number: int,
) -> Page:
    """Page NUMBER of the applications that meet CLAUSES."""
    counted = sa.select(sa.func.count()).select_from(Application).where(*clauses)
    return _page(clauses, order, number, db.session.scalar(counted) or 0)


def _page(
    clauses: tuple[sa.ColumnElement[bool], ...],
    order: tuple[sa.ColumnElement[Any], ...],
    number: int,
    total: int,
) -> Page:
    page = Page([], 1, total)
    number = min(max(1, number), page.pages)
    # The page's ids first: sorting whole joined rows is what costs at 10,000.
    ids = sa.select(Application.id).where(*clauses).order_by(*order)
    ids = ids.limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)
    rows = db.session.scalars(with_people().where(Application.id.in_(ids)).order_by(*order))
    return Page(list(rows), number, total)


def list_departments(employer: Employer) -> list[str]:
    """The departments of EMPLOYER's roles, for a filter; none where they are too many for one."""
    found = sa.select(Requisition.department).where(
        Requisition.employer_id == employer.id, Requisition.department.is_not(None)
    )
    found = found.distinct().order_by(Requisition.department).limit(MOST_CHOICES + 1)
    names = [name for name in db.session.scalars(found) if name]
    return names if len(names) <= MOST_CHOICES else []


def list_open_roles(employer: Employer, chosen: int | None) -> list[tuple[int, str]]:
    """EMPLOYER's roles with somebody who waits, and the CHOSEN one; none where they are too many
    for a filter."""
    waits = sa.select(Application.requisition_id).where(
        Application.employer_id == employer.id, Application.is_waiting
    )
    is_it = sa.or_(Requisition.id.in_(waits), Requisition.id == (chosen or 0))
    found = sa.select(Requisition.id, Requisition.title)
    found = found.where(Requisition.employer_id == employer.id, is_it)
    found = found.order_by(Requisition.title).limit(MOST_CHOICES + 1)
    roles = [(row[0], row[1]) for row in db.session.execute(found)]
    return roles if len(roles) <= MOST_CHOICES else [one for one in roles if one[0] == chosen]


def count_waiting(employer: Employer, today: date) -> WaitingNow:
    """Who of EMPLOYER's candidates waits at this moment; TODAY is the employer's day."""
    counted = sa.select(
        sa.func.count().filter(IS_DECIDED),
        sa.func.min(Application.decided_on),
        sa.func.count().filter(~IS_DECIDED),
    ).where(Application.employer_id == employer.id, Application.is_waiting)
    people, oldest, undecided = db.session.execute(counted).one()
    return WaitingNow(people, (today - oldest).days if oldest else None, undecided)


def next_to_tell(
    application: Application, *, tried_since: datetime | None = None
) -> Application | None:
    """Whom the employer of APPLICATION owes an answer first, apart from that person.

    Whose email is on its way already is passed over, and who was called in vain TRIED_SINCE.
    """
    return db.session.scalar(
        with_people()
        .where(
            Application.employer_id == application.employer_id,
            Application.id != application.id,
            Application.candidate_id != application.candidate_id,
            IS_IDLE,
            IS_DECIDED,
            *([~_was_tried(tried_since)] if tried_since else []),
        )
        .order_by(*URGENT)
        .limit(1)
    )


def _was_tried(since: datetime) -> sa.ColumnElement[bool]:
    """Whether a call SINCE then reached nobody."""
    return (
        sa.exists()
        .where(
            Notice.employer_id == Application.employer_id,
            Notice.application_id == Application.id,
            Notice.kind == NoticeKind.ATTEMPT,
            Notice.created_at > since,
        )
        .correlate(Application)
    )
