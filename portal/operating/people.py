"""People who can sign in, as the operator sees them.

Each change first locks whom the same rule protects, so that two operators at once cannot leave
the site without an operator, or an employer without an owner.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import sqlalchemy as sa

from portal import accounts, audit
from portal.extensions import db
from portal.models import Employer, Membership, Role, User
from portal.operating.paging import PAGE_SIZE, count, pages


class LastOperator(Exception):
    """Nobody else could operate the site."""


class LastOwner(Exception):
    """Nobody else who can sign in owns these employers."""

    def __init__(self, employers: list[Employer]) -> None:
        super().__init__(", ".join(employer.slug for employer in employers))
        self.employers = employers


class ShowPeople(StrEnum):
    """What the list can be narrowed to."""

    ALL = "all"
    OPERATORS = "operators"
    DEACTIVATED = "deactivated"


NARROWED: dict[ShowPeople, tuple[sa.ColumnElement[bool], ...]] = {
    ShowPeople.ALL: (),
    ShowPeople.OPERATORS: (User.is_operator.is_(True),),
    ShowPeople.DEACTIVATED: (User.active.is_(False),),
}


@dataclass(frozen=True)
class PeoplePage:
    """One page of people by address; `total` counts all that were found."""

    people: list[User]
    number: int
    total: int

    @property
    def pages(self) -> int:
        return pages(self.total)


def _with_employers() -> sa.orm.interfaces.LoaderOption:
    return sa.orm.selectinload(User.memberships).joinedload(Membership.employer)


def list_people(search: str, show: ShowPeople, number: int) -> PeoplePage:
    """Page NUMBER of the people that SHOW leaves and whose address holds SEARCH; 3 statements."""
    where = [*NARROWED[show]]
    if search:
        where.append(User.email.icontains(search, autoescape=True))
    total = count(User, *where)
    number = min(max(1, number), pages(total))
    found = (
        sa.select(User)
        .where(*where)
        .options(_with_employers())
        .order_by(User.email)
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    )
    return PeoplePage(list(db.session.scalars(found)), number, total)


def find_person(user_id: int) -> User | None:
    """The person with that id, with who they work for."""
    return db.session.get(User, user_id, options=[_with_employers()])


def make_operator(user: User) -> bool:
    """Let USER operate the site; False if they did already."""
    _lock(user)
    if user.is_operator:
        return False
    user.is_operator = True
    audit.record("user.operator_made", None, user.id)
    return True


def end_operator(user: User) -> bool:
    """USER operates the site no more; False if they did not. Raises LastOperator."""
    _lock(user)
    if not user.is_operator:
        return False
    _require_other_operator(user)
    user.is_operator = False
    audit.record("user.operator_ended", None, user.id)
    return True


def deactivate(user: User) -> bool:
    """Let USER sign in no more, and end what stands; False if that was so already.

    Raises LastOperator or LastOwner.
    """
    _lock(user)
    if not user.active:
        return False
    if user.is_operator:
        _require_other_operator(user)
    _require_other_owners(user, user.memberships)
    accounts.deactivate(user, even_last_owner=False)
    return True


def activate(user: User) -> bool:
    """Let USER sign in again, with the password they had; False if they could."""
    _lock(user)
    if user.active:
        return False
    accounts.activate(user)
    return True


def end_membership(user: User, employer: Employer) -> bool:
    """USER no longer works for EMPLOYER; False if they did not. Raises LastOwner."""
    _lock(user)
    found = [one for one in user.memberships if one.employer_id == employer.id]
    if not found:
        return False
    _require_other_owners(user, found)
    accounts.remove_membership(user, employer, even_last_owner=False)
    return True


def _lock(user: User) -> None:
    """Nobody else changes USER or an operator until the caller commits; USER as of now."""
    held = (
        sa.select(User)
        .where(sa.or_(User.id == user.id, User.is_operator.is_(True)))
        .order_by(User.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    db.session.scalars(held).all()
    db.session.expire(user, ["memberships"])


def _require_other_operator(user: User) -> None:
    if not count(User, User.is_operator.is_(True), User.active.is_(True), User.id != user.id):
        raise LastOperator


def _require_other_owners(user: User, memberships: Iterable[Membership]) -> None:
    """Raise LastOwner unless each employer that USER owns by MEMBERSHIPS has another owner."""
    owned = sorted(one.employer_id for one in memberships if one.role is Role.OWNER)
    held = sa.select(Employer).where(Employer.id.in_(owned)).order_by(Employer.id)
    employers = db.session.scalars(held.with_for_update(key_share=True)).all()
    others = (
        sa.select(Membership.employer_id)
        .join(Membership.user)
        .where(
            Membership.employer_id.in_(owned),
            Membership.role == Role.OWNER,
            Membership.user_id != user.id,
            User.active.is_(True),
        )
    )
    safe = set(db.session.scalars(others))
    if left := [employer for employer in employers if employer.id not in safe]:
        raise LastOwner(left)
