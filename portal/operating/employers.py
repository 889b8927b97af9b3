"""Employers as the operator sees them: whether they may write, and what is theirs."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import sqlalchemy as sa

from portal import accounts, audit, outbox, team
from portal.employers import change_settings
from portal.extensions import db
from portal.models import Employer, Membership, Role, User
from portal.operating.paging import PAGE_SIZE, count, pages

SLUG: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
LONGEST_SUGGESTED = 50  # with room for a number


class SlugTaken(Exception):
    """There is an employer of that short name already."""


class Show(StrEnum):
    """What the list can be narrowed to."""

    ALL = "all"
    UNAPPROVED = "unapproved"
    APPROVED = "approved"
    PUBLISHED = "published"
    PAUSED = "paused"


NARROWED: dict[Show, tuple[sa.ColumnElement[bool], ...]] = {
    Show.ALL: (),
    Show.UNAPPROVED: (Employer.approved_at.is_(None),),
    Show.APPROVED: (Employer.approved_at.is_not(None),),
    Show.PUBLISHED: (Employer.is_published.is_(True), Employer.approved_at.is_not(None)),
    Show.PAUSED: (Employer.mail_paused_at.is_not(None),),
}


@dataclass(frozen=True)
class EmployersPage:
    """One page of employers by name; `total` counts all that were found."""

    employers: list[Employer]
    number: int
    total: int

    @property
    def pages(self) -> int:
        return pages(self.total)


def list_employers(search: str, show: Show, number: int) -> EmployersPage:
    """Page NUMBER of the employers that SHOW leaves and whose name holds SEARCH; two statements."""
    where = [*NARROWED[show]]
    if search:
        where.append(Employer.name.icontains(search, autoescape=True))
    total = count(Employer, *where)
    number = min(max(1, number), pages(total))
    found = (
        sa.select(Employer)
        .where(*where)
        .order_by(Employer.name, Employer.id)
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    )
    return EmployersPage(list(db.session.scalars(found)), number, total)


def count_unapproved() -> int:
    """How many employers wait for the operator."""
    return count(Employer, *NARROWED[Show.UNAPPROVED])


def find_employer(employer_id: int) -> Employer | None:
    """The employer with that id."""
    return db.session.get(Employer, employer_id)


def find_by_slug(slug: str) -> Employer | None:
    """The employer called SLUG."""
    return db.session.scalar(sa.select(Employer).where(Employer.slug == slug))


def find_employers(ids: Collection[int]) -> dict[int, Employer]:
    """The employers with these ids, by id."""
    found = db.session.scalars(sa.select(Employer).where(Employer.id.in_(ids))) if ids else ()
    return {employer.id: employer for employer in found}


def list_members(employer: Employer) -> list[Membership]:
    """Who works for EMPLOYER, owners first."""
    in_turn = sa.case({role: turn for turn, role in enumerate(Role)}, value=Membership.role)
    return list(
        db.session.scalars(
            sa.select(Membership)
            .join(Membership.user)
            .options(sa.orm.contains_eager(Membership.user))
            .where(Membership.employer_id == employer.id)
            .order_by(in_turn, User.email)
        )
    )


def suggest_slug(name: str) -> str:
    """A free short name for an employer called NAME."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    begin = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:LONGEST_SUGGESTED].strip("-")
    begin = begin or "employer"
    like = Employer.slug.startswith(begin, autoescape=True)
    taken = set(db.session.scalars(sa.select(Employer.slug).where(like)))
    number, slug = 1, begin
    while slug in taken:
        number += 1
        slug = f"{begin}-{number}"
    return slug


def create_employer(slug: str, name: str, approved_at: datetime | None) -> Employer:
    """A new employer; without APPROVED_AT its mail waits. Raises SlugTaken."""
    employer = Employer(slug=slug, name=name, approved_at=approved_at)
    try:
        with db.session.begin_nested():
            db.session.add(employer)
    except sa.exc.IntegrityError as error:
        raise SlugTaken(slug) from error
    audit.record("employer.created", employer.id, is_approved=approved_at is not None)
    return employer


def approve(employer: Employer, now: datetime) -> bool:
    """Let EMPLOYER's mail leave and its figures be public; False if that had been done already."""
    if not _change(employer, Employer.approved_at.is_(None), approved_at=now):
        return False
    outbox.free_held(employer.id, now)
    audit.record("employer.approved", employer.id)
    return True


def pause_mail(employer: Employer, reason: str, now: datetime) -> bool:
    """Let EMPLOYER's mail to candidates wait, its people reading REASON; False if it waits
    already, for whatever reason that was."""
    facts = {"mail_paused_at": now, "mail_pause_reason": reason}
    if not _change(employer, Employer.mail_paused_at.is_(None), **facts):
        return False
    audit.record("employer.mail_paused", employer.id, reason=reason)
    return True


def resume_mail(employer: Employer, now: datetime) -> bool:
    """Let what waited of EMPLOYER leave; False if it was not paused."""
    nothing = {"mail_paused_at": None, "mail_pause_reason": None}
    if not _change(employer, Employer.mail_paused_at.is_not(None), **nothing):
        return False
    outbox.free_held(employer.id, now)
    audit.record("employer.mail_resumed", employer.id)
    return True


def confirm_domains(employer: Employer, domains: list[str], seen: list[str]) -> bool:
    """Say which mail domains are EMPLOYER's own; False if they are not those SEEN any more."""
    db.session.refresh(employer, with_for_update={"key_share": True})
    if employer.confirmed_domains != seen:
        return False
    if domains != seen:
        change_settings(employer, {"confirmed_domains": ",".join(domains)})
    return True


def invite_first_owner(employer: Employer, by: User, address: str, now: datetime) -> None:
    """Make who has the account of ADDRESS the owner of a new EMPLOYER, or ask its reader to be."""
    if owner := accounts.find_user(address):
        accounts.add_membership(owner, employer, Role.OWNER)
    else:
        team.invite(employer, by, accounts.read_address(address), Role.OWNER, now)


def _change(employer: Employer, still: sa.ColumnElement[bool], **values: Any) -> bool:
    """Set VALUES of EMPLOYER if STILL holds at this moment: of two who click at once, one does."""
    changed = db.session.scalars(
        sa.update(Employer)
        .where(Employer.id == employer.id, still)
        .values(**values)
        .returning(Employer.id),
        execution_options={"synchronize_session": False},
    ).one_or_none()
    db.session.refresh(employer)
    return changed is not None
