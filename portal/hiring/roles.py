"""Roles that people apply for: finding and changing them, and what follows when one is filled."""

import hashlib
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from portal import audit
from portal.extensions import db
from portal.hiring.desk import PAGE_SIZE
from portal.models import (
    Application,
    Candidate,
    Employer,
    Membership,
    Outcome,
    Requisition,
    RequisitionState,
    User,
)

MOST_PLACES: Final = 9999
SUGGESTED: Final = 500
# Who holds an offer knows it, who withdrew ended it, and who is blank cannot be told any more.
IS_UNTOLD = (
    Application.candidate.has(Candidate.blanked_on.is_(None)),
    Application.told_on.is_(None),
    Application.news_leaves_at.is_(None),  # no letter of theirs waits for its time
    sa.or_(Application.outcome.is_(None), Application.outcome == Outcome.REJECTED),
)


class RoleTaken(Exception):
    """The employer has another role of that title."""


class RoleChanged(Exception):
    """Somebody else changed the role meanwhile."""


@dataclass(frozen=True)
class RoleFacts:
    """What people say of a role; `owner_id` is a user who works for the employer, or nobody."""

    title: str
    department: str | None
    places: int
    owner_id: int | None


@dataclass(frozen=True)
class RoleLine:
    """A role and how far it is. `owner`: whose it is, while they work here."""

    role: Requisition
    owner: str | None
    applied: int
    untold: int
    hired: int


@dataclass(frozen=True)
class RolePage:
    """One page of roles; `total` counts all that match."""

    lines: list[RoleLine]
    number: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE_SIZE))


def is_untold(role_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    """Whether an application is for that role and its candidate is still to be told of the end:
    undecided, or not chosen, and no letter on its way."""
    return Application.requisition_id == role_id, *IS_UNTOLD


def untold_in_role(role: Requisition) -> int:
    """How many of those who applied for ROLE are still to be told."""
    wanted = sa.select(sa.func.count(Application.id))
    wanted = wanted.where(Application.employer_id == role.employer_id, *is_untold(role.id))
    return db.session.scalar(wanted) or 0


def _hired(role: Requisition) -> int:
    wanted = sa.select(sa.func.count(Application.id)).where(
        Application.employer_id == role.employer_id,
        Application.requisition_id == role.id,
        Application.outcome == Outcome.HIRED,
    )
    return db.session.scalar(wanted) or 0


def fill_if_last_place(application: Application) -> bool:
    """Mark the role of APPLICATION filled if that person is hired and its places are taken by now.

    Only for decisions that a person records at this moment: a file tells of hires of years.
    """
    if application.outcome is not Outcome.HIRED:
        return False
    role = application.requisition
    _lock(role)  # of two hires at once the second counts both
    if role.state is not RequisitionState.OPEN or _hired(role) < role.places:
        return False
    _set_state(role, RequisitionState.FILLED)
    return True


def _lock(role: Requisition) -> None:
    """Wait for whoever changes ROLE; who adds an application for it need not wait for us."""
    db.session.flush()
    db.session.refresh(role, with_for_update={"key_share": True})


def _hold(role: Requisition) -> None:
    """As _lock(), and wait for who adds or names a role of the employer by hand; in their order."""
    employer = sa.select(Employer.id).where(Employer.id == role.employer_id)
    db.session.execute(employer.with_for_update(key_share=True))
    _lock(role)


def set_state(role: Requisition, state: RequisitionState) -> bool:
    """Mark ROLE as open, filled or closed; whether it was not so before."""
    _hold(role)
    if role.state is state:
        return False
    _set_state(role, state)
    return True


def _set_state(role: Requisition, state: RequisitionState) -> None:
    role.state = state
    actions = {
        RequisitionState.OPEN: "requisition.opened",
        RequisitionState.FILLED: "requisition.filled",
        RequisitionState.CLOSED: "requisition.closed",
    }
    audit.record(actions[state], role.employer_id, role.id)


def mark_of(role: Requisition) -> str:
    """Goes into the form and comes back, so that a change in between is noticed."""
    said = repr((role.title, role.department, role.places, role.owner_id))
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def change_role(role: Requisition, facts: RoleFacts, seen: str) -> None:
    """Let ROLE say FACTS. SEEN is the mark of what the person saw of it.

    Raises RoleChanged if it says something else by now, RoleTaken for another role's title.
    """
    _hold(role)
    if mark_of(role) != seen:
        raise RoleChanged
    keys = [key for key, value in vars(facts).items() if getattr(role, key) != value]
    if "title" in keys and _is_taken(role, facts.title):
        raise RoleTaken
    for key in keys:
        setattr(role, key, getattr(facts, key))
    try:
        db.session.flush()
    except sa.exc.IntegrityError as error:  # a file that is being imported was faster
        raise RoleTaken from error
    if keys:
        audit.record("requisition.changed", role.employer_id, role.id, keys=sorted(keys))


def _is_taken(role: Requisition, title: str) -> bool:
    others = sa.select(Requisition.id).where(
        Requisition.employer_id == role.employer_id, Requisition.title == title
    )
    return db.session.scalar(others.limit(1)) is not None


def find_role(employer: Employer, role_id: int) -> Requisition | None:
    """EMPLOYER's role with that id; None for another employer's, as if it did not exist."""
    return db.session.scalar(
        sa.select(Requisition).where(
            Requisition.employer_id == employer.id, Requisition.id == role_id
        )
    )


def sum_up(role: Requisition) -> RoleLine:
    """How far ROLE is."""
    return _lines(role.employer_id, [role.id])[0]


def list_roles(
    employer: Employer, search: str = "", state: RequisitionState | None = None, number: int = 1
) -> RolePage:
    """Page NUMBER (from 1; beyond the end is the last) of EMPLOYER's roles: first those that
    are over while people still wait, then open ones, by title."""
    found = sa.select(Requisition.id).where(Requisition.employer_id == employer.id)
    if state:
        found = found.where(Requisition.state == state)
    if search:
        columns = (Requisition.title, Requisition.department)
        found = found.where(sa.or_(*(one.icontains(search, autoescape=True) for one in columns)))
    total = db.session.scalar(sa.select(sa.func.count()).select_from(found.subquery())) or 0
    page = RolePage([], 1, total)
    number = min(max(1, number), page.pages)
    order = (_urgency(employer), sa.func.lower(Requisition.title), Requisition.id)
    shown = found.order_by(*order).limit(PAGE_SIZE).offset((number - 1) * PAGE_SIZE)
    return RolePage(_lines(employer.id, db.session.scalars(shown).all()), number, total)


def _urgency(employer: Employer) -> sa.ColumnElement[int]:
    waits = sa.select(Application.requisition_id)
    waits = waits.where(Application.employer_id == employer.id, *IS_UNTOLD)
    is_open = Requisition.state == RequisitionState.OPEN
    return sa.case((is_open, 1), (Requisition.id.in_(waits), 0), else_=2)


def _lines(employer_id: int, ids: Any) -> list[RoleLine]:
    """Those of the employer's roles with IDS, in that order, in two statements."""
    counted = sa.select(
        Application.requisition_id,
        sa.func.count(),
        sa.func.count().filter(*IS_UNTOLD),
        sa.func.count().filter(Application.outcome == Outcome.HIRED),
    ).where(Application.employer_id == employer_id, Application.requisition_id.in_(ids))
    rows = db.session.execute(counted.group_by(Application.requisition_id))
    counts = {role_id: tuple(found) for role_id, *found in rows}
    with_owners = (
        sa.select(Requisition, User.email)
        .outerjoin(
            Membership,
            sa.and_(
                Membership.employer_id == Requisition.employer_id,
                Membership.user_id == Requisition.owner_id,
            ),
        )
        .outerjoin(User, User.id == Membership.user_id)
        .where(Requisition.id.in_(ids))
    )
    lines = {
        role.id: RoleLine(role, owner, *counts.get(role.id, (0, 0, 0)))
        for role, owner in db.session.execute(with_owners)
    }
    return [lines[role_id] for role_id in ids]


def suggest_roles(employer: Employer) -> list[str]:
    """Titles of EMPLOYER's open roles, the newest first: what is typed is one of them, mostly."""
    titles = sa.select(Requisition.title).where(
        Requisition.employer_id == employer.id, Requisition.state == RequisitionState.OPEN
    )
    return list(db.session.scalars(titles.order_by(Requisition.id.desc()).limit(SUGGESTED)))


def suggest_departments(employer: Employer) -> list[str]:
    """The employer's own words for its departments."""
    words = sa.select(Requisition.department).where(
        Requisition.employer_id == employer.id, Requisition.department.is_not(None)
    )
    found = db.session.scalars(words.distinct().order_by(Requisition.department).limit(SUGGESTED))
    return [word for word in found if word]
