"""Who works for an employer: inviting, joining, other roles, going. Its owners decide.

Every change holds the team first (`accounts.hold_team`) and only then asks who may do what, so
that of two at the same time the second sees what the first has done. Commits nothing.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import aliased, contains_eager, joinedload

from portal import accounts, audit, links, outbox
from portal.extensions import db
from portal.models import (
    Email,
    EmailState,
    Employer,
    Membership,
    Role,
    TeamInvitation,
    User,
)

KIND = "team_invitation"
LASTS = timedelta(days=7)
# Emails to strangers, in an employer's name: few as long as the operator has not looked at it.
PER_HOUR, PER_HOUR_UNAPPROVED = 20, 5
KEPT = timedelta(days=30)


class NotAllowed(Exception):
    """Who acts is no owner (any more), or there is no such member or invitation."""


class LastOwner(Exception):
    """The employer would be left without an owner who can sign in."""


class AlreadyMember(Exception):
    """Whoever has the address works for the employer already."""


class AlreadyInvited(Exception):
    """There is an open invitation for the address."""


class TooMany(Exception):
    """The employer has invited as many as it may within an hour."""


class NotYours(Exception):
    """The invitation is for another address than the one that is signed in."""


class TeamInvitationState(StrEnum):
    """What can be done with an invitation: only an open one can be accepted."""

    OPEN = "open"
    UNKNOWN = "unknown"
    USED = "used"
    REVOKED = "revoked"
    EXPIRED = "expired"
    MEMBER = "member"
    CLOSED = "closed"  # the account of its address is


class Unusable(Exception):
    """The invitation cannot be accepted; `state` says why."""

    def __init__(self, state: TeamInvitationState) -> None:
        super().__init__(state)
        self.state = state


@dataclass(frozen=True)
class Pending:
    """An invitation that nobody has accepted or revoked, and what became of its last email."""

    invitation: TeamInvitation
    state: TeamInvitationState
    mail: EmailState | None


def list_members(employer: Employer) -> list[Membership]:
    """Everybody who works for EMPLOYER, owners first."""
    ranks = {role: rank for rank, role in enumerate(Role)}
    found = db.session.scalars(
        sa.select(Membership)
        .join(Membership.user)
        .options(contains_eager(Membership.user))
        .where(Membership.employer_id == employer.id)
        .order_by(sa.case(ranks, value=Membership.role), User.email)
    )
    return list(found)


def find_member(employer: Employer, membership_id: int) -> Membership | None:
    """EMPLOYER's member by the id of the membership."""
    return db.session.scalar(
        sa.select(Membership)
        .options(joinedload(Membership.user))
        .where(Membership.employer_id == employer.id, Membership.id == membership_id)
        .execution_options(populate_existing=True)
    )


def is_last_owner(membership: Membership) -> bool:
    """Whether nobody else who can sign in owns the employer."""
    is_owner = membership.role is Role.OWNER
    return is_owner and not accounts.has_other_owner(membership.user, membership.employer_id)


def list_pending(employer: Employer, now: datetime) -> list[Pending]:
    """The invitations that wait for an answer or for an owner, newest first."""
    sent = aliased(Email)
    last = sa.select(sa.func.max(sent.id)).where(sent.team_invitation_id == TeamInvitation.id)
    rows = db.session.execute(
        sa.select(TeamInvitation, Email.state)
        .outerjoin(Email, Email.id == last.scalar_subquery())
        .options(joinedload(TeamInvitation.invited_by))
        .where(TeamInvitation.employer_id == employer.id, *_is_pending())
        .order_by(TeamInvitation.id.desc())
    )
    return [Pending(invitation, state_of(invitation, now), state) for invitation, state in rows]


def invite(employer: Employer, by: User, address: str, role: Role, now: datetime) -> TeamInvitation:
    """Ask whoever reads mail at ADDRESS, spelled as an account has it, to work for EMPLOYER.

    BY owns it, or runs the site and asks its first owner. Raises NotAllowed, AlreadyMember,
    AlreadyInvited and TooMany. An invitation that ran out is renewed.
    """
    accounts.hold_team(employer.id)
    if not _may_invite(employer.id, by.id):
        raise NotAllowed
    found = db.session.scalar(
        _fresh(employer).where(TeamInvitation.address == address, *_is_pending())
    )
    if found and state_of(found, now) is TeamInvitationState.OPEN:
        raise AlreadyInvited
    invitation = found or TeamInvitation(employer=employer, address=address, created_at=now)
    invitation.role = role
    _offer(invitation, by, now)
    audit.record("team.invited", employer.id, invitation.id, role=role.value)
    return invitation


def resend(employer: Employer, by: User, invitation_id: int, now: datetime) -> TeamInvitation:
    """Send the invitation again, with another link, for another week, in BY's name.

    Raises NotAllowed, AlreadyMember and TooMany.
    """
    invitation = _find_pending(employer, by, invitation_id)
    _offer(invitation, by, now)
    audit.record("team.invited_again", employer.id, invitation.id)
    return invitation


def revoke(employer: Employer, by: User, invitation_id: int, now: datetime) -> TeamInvitation:
    """Let the invitation's link work no more. Raises NotAllowed."""
    invitation = _find_pending(employer, by, invitation_id)
    invitation.revoked_at = now
    outbox.withdraw(Email.team_invitation_id == invitation.id, reason="revoked")
    audit.record("team.invitation_revoked", employer.id, invitation.id)
    return invitation


def _is_pending() -> tuple[sa.ColumnElement[bool], ...]:
    return TeamInvitation.accepted_at.is_(None), TeamInvitation.revoked_at.is_(None)


def _fresh(employer: Employer) -> sa.Select[TeamInvitation]:
    return (
        sa.select(TeamInvitation)
        .where(TeamInvitation.employer_id == employer.id)
        .execution_options(populate_existing=True)
    )


def _find_pending(employer: Employer, by: User, invitation_id: int) -> TeamInvitation:
    _act_as_owner(employer, by)
    found = db.session.scalar(
        _fresh(employer).where(TeamInvitation.id == invitation_id, *_is_pending())
    )
    if found is None:
        raise NotAllowed
    return found


def _act_as_owner(employer: Employer, by: User) -> None:
    accounts.hold_team(employer.id)
    if not _is_owner(employer.id, by.id):
        raise NotAllowed


def _is_owner(employer_id: int, user_id: int) -> bool:
    """Whether the user owns the employer at this moment, whatever the session remembers."""
    found = db.session.scalar(
        sa.select(Membership.id)
        .join(Membership.user)
        .where(
            Membership.employer_id == employer_id,
            Membership.user_id == user_id,
            Membership.role == Role.OWNER,
            User.active.is_(True),
        )
    )
    return found is not None


def _may_invite(employer_id: int, user_id: int) -> bool:
    """Whether the user owns the employer, or runs the site, at this moment."""
    runs_the_site = sa.select(User.id).where(
        User.id == user_id, User.is_operator.is_(True), User.active.is_(True)
    )
    return _is_owner(employer_id, user_id) or db.session.scalar(runs_the_site) is not None


def _offer(invitation: TeamInvitation, by: User, now: datetime) -> None:
    """Owe the email, from BY; links mailed before work no more."""
    employer, address = invitation.employer, invitation.address or ""
    user = accounts.find_user(address)
    if user and accounts.find_membership(user, employer.slug):
        raise AlreadyMember
    _check_pace(employer, now)
    invitation.invited_by_id = by.id
    # To the second, as the link says it.
    invitation.ends_at = now.replace(microsecond=0) + LASTS
    db.session.add(invitation)
    db.session.flush()
    outbox.withdraw(Email.team_invitation_id == invitation.id, reason="changed")
    outbox.queue_email(
        KIND,
        address,
        employer_id=employer.id,
        team_invitation_id=invitation.id,
        dedup_key=f"{KIND}:{invitation.id}:{int(invitation.ends_at.timestamp())}",
        expires_at=invitation.ends_at,
    )


def _check_pace(employer: Employer, now: datetime) -> None:
    most = PER_HOUR if employer.approved_at else PER_HOUR_UNAPPROVED
    sent = db.session.scalar(
        sa.select(sa.func.count(Email.id)).where(
            Email.employer_id == employer.id,
            Email.kind == KIND,
            Email.created_at > now - timedelta(hours=1),
        )
    )
    if (sent or 0) >= most:
        raise TooMany


def state_of(invitation: TeamInvitation, now: datetime) -> TeamInvitationState:
    """What can be done with INVITATION now.

    What somebody offered who no longer owns the employer is void: else who is removed could come
    back through a friend.
    """
    if invitation.accepted_at or invitation.address is None:
        return TeamInvitationState.USED if invitation.accepted_at else TeamInvitationState.EXPIRED
    if invitation.revoked_at or not _may_invite(invitation.employer_id, invitation.invited_by_id):
        return TeamInvitationState.REVOKED
    if invitation.ends_at <= now:
        return TeamInvitationState.EXPIRED
    user = accounts.find_user(invitation.address)
    if user and not user.active:
        return TeamInvitationState.CLOSED
    if user and accounts.find_membership(user, invitation.employer.slug):
        return TeamInvitationState.MEMBER
    return TeamInvitationState.OPEN


def open_invitation(token: str, now: datetime) -> tuple[TeamInvitation | None, TeamInvitationState]:
    """The invitation that TOKEN was mailed for, and what can be done with it. Changes nothing."""
    if (link := links.read_team_invitation(token)) is None:
        return None, TeamInvitationState.UNKNOWN
    invitation = db.session.get(
        TeamInvitation,
        link.invitation_id,
        options=[joinedload(TeamInvitation.employer), joinedload(TeamInvitation.invited_by)],
        populate_existing=True,
    )
    if invitation is None:
        return None, TeamInvitationState.UNKNOWN
    if invitation.ends_at != link.ends_at and not invitation.accepted_at:
        return invitation, TeamInvitationState.REVOKED  # a newer email has taken its place
    return invitation, state_of(invitation, now)


def join(token: str, signed_in: User | None, password: str, now: datetime) -> User:
    """Accept the invitation of TOKEN as the person SIGNED_IN, or as a new one with PASSWORD.

    Raises Unusable; NotYours unless its address is that person's or nobody's; and AccountRefused
    for a password that is easy to guess.
    """
    invitation, _ = open_invitation(token, now)
    if invitation:
        accounts.hold_team(invitation.employer_id)
    invitation, found = open_invitation(token, now)
    if invitation is None or found is not TeamInvitationState.OPEN:
        raise Unusable(found)
    address, employer = invitation.address or "", invitation.employer
    user = accounts.find_user(address)
    if (user and user.id) != (signed_in and signed_in.id):
        raise NotYours
    user = user or _new_user(address, password, employer)
    accounts.add_membership(user, employer, invitation.role)
    invitation.accepted_at = now
    audit.record("team.joined", employer.id, invitation.id, role=invitation.role.value)
    return user


def _new_user(address: str, password: str, employer: Employer) -> User:
    try:
        with db.session.begin_nested():
            return accounts.create_user(address, password, employers=[employer])
    except sa.exc.IntegrityError as error:  # invited elsewhere too, and joined there just now
        raise NotYours from error


def change_role(employer: Employer, by: User, membership_id: int, role: Role) -> Membership:
    """Give a member another ROLE; it counts from their next request.

    Raises NotAllowed, and LastOwner.
    """
    membership = _find_to_change(employer, by, membership_id)
    if role is not Role.OWNER:
        _keep_an_owner(membership)
    if role is not membership.role:
        accounts.change_role(membership.user, employer, role, even_last_owner=True)
    return membership


def remove(employer: Employer, by: User, membership_id: int) -> User:
    """The member no longer works for EMPLOYER, from their next request on; for others they do.

    Raises NotAllowed, and LastOwner.
    """
    membership = _find_to_change(employer, by, membership_id)
    _keep_an_owner(membership)
    accounts.remove_membership(membership.user, employer, even_last_owner=True)
    return membership.user


def leave(employer: Employer, user: User) -> None:
    """USER no longer works for EMPLOYER. Raises NotAllowed, and LastOwner."""
    accounts.hold_team(employer.id)
    found = accounts.find_membership(user, employer.slug)
    membership = find_member(employer, found.id) if found else None
    if membership is None:
        raise NotAllowed
    _keep_an_owner(membership)
    accounts.remove_membership(user, employer, even_last_owner=True)


def _find_to_change(employer: Employer, by: User, membership_id: int) -> Membership:
    _act_as_owner(employer, by)
    membership = find_member(employer, membership_id)
    if membership is None:
        raise NotAllowed
    return membership


def _keep_an_owner(membership: Membership) -> None:
    if is_last_owner(membership):
        raise LastOwner


def forget_invitations(now: datetime) -> int:
    """Keep no address of whom nobody waits for any more; returns of how many it is forgotten."""
    is_over = (TeamInvitation.address.is_not(None), TeamInvitation.ends_at <= now - KEPT)
    due = db.session.scalars(sa.select(TeamInvitation).where(*is_over)).all()
    if due:
        outbox.forget(Email.team_invitation_id.in_([invitation.id for invitation in due]))
    for invitation in due:
        invitation.address = None
        if not invitation.accepted_at:
            invitation.revoked_at = invitation.revoked_at or invitation.ends_at
    return len(due)
