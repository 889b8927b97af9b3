"""Who may sign in and for which employer. Knows no request and no page."""

import hashlib
import secrets
import uuid
from collections.abc import Collection
from datetime import datetime

import email_validator
import sqlalchemy as sa
from flask_security import hash_password

from portal import audit
from portal.config import SIGN_IN_LASTS
from portal.extensions import db
from portal.models import Employer, Membership, Role, SignIn, User, utcnow

MIN_PASSWORD, MAX_PASSWORD = 8, 128


class AccountRefused(Exception):
    """The account cannot be made as asked; the message says which part is wrong."""


def _clean_address(address: str) -> str:
    try:
        found = email_validator.validate_email(
            address.strip(),
            check_deliverability=False,
            test_environment=True,
            allow_smtputf8=False,  # mail of the employer may name it as where replies go
        )
    except email_validator.EmailNotValidError as error:
        raise AccountRefused(f"{address!r} is not an email address: {error}") from error
    return found.normalized.lower()


def check_password(password: str) -> None:
    """Raise AccountRefused unless PASSWORD is long enough; any characters are welcome."""
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise AccountRefused(
            f"The password must have {MIN_PASSWORD} to {MAX_PASSWORD} characters; "
            f"this one has {len(password)}."
        )


def find_user(address: str) -> User | None:
    return db.session.scalar(sa.select(User).where(User.email == address.strip().lower()))


def create_user(address: str, password: str, *, is_operator: bool = False) -> User:
    """A new person who can sign in; raises AccountRefused if the address is taken or unfit."""
    email = _clean_address(address)
    if find_user(email):
        raise AccountRefused(f"There is already a user {email}.")
    check_password(password)
    user = User(
        email=email,
        password=hash_password(password),
        fs_uniquifier=uuid.uuid4().hex,
        is_operator=is_operator,
    )
    db.session.add(user)
    db.session.flush()
    audit.record("user.created", None, user.id, is_operator=is_operator)
    return user


def add_membership(user: User, employer: Employer, role: Role) -> Membership:
    """Let USER work for EMPLOYER as ROLE; a second call changes the role."""
    found = db.session.scalar(
        sa.select(Membership).where(
            Membership.employer_id == employer.id, Membership.user_id == user.id
        )
    )
    membership = found or Membership(employer_id=employer.id, user_id=user.id, role=role)
    membership.role = role
    db.session.add(membership)
    audit.record("membership.set", employer.id, user.id, role=role.value)
    return membership


def set_password(user: User, password: str) -> None:
    """Change the password and end every sign-in made with the old one."""
    check_password(password)
    user.password = hash_password(password)
    db.session.execute(
        sa.update(SignIn)
        .where(SignIn.user_id == user.id, SignIn.ended_at.is_(None))
        .values(ended_at=utcnow())
    )
    audit.record("user.password_changed", None, user.id)


def find_membership(user: User, slug: str) -> Membership | None:
    """USER's membership with the employer called SLUG: the one place where tenancy is decided."""
    if "\0" in slug:  # PostgreSQL would refuse the question itself
        return None
    return db.session.scalar(
        sa.select(Membership)
        .join(Membership.employer)
        .options(sa.orm.contains_eager(Membership.employer))
        .where(Membership.user_id == user.id, Employer.slug == slug)
    )


def list_memberships(user: User) -> list[Membership]:
    """Every employer USER works for, by name."""
    return list(
        db.session.scalars(
            sa.select(Membership)
            .join(Membership.employer)
            .options(sa.orm.contains_eager(Membership.employer))
            .where(Membership.user_id == user.id)
            .order_by(Employer.name)
        )
    )


def list_employers() -> list[Employer]:
    """Every employer, by name."""
    return list(db.session.scalars(sa.select(Employer).order_by(Employer.name, Employer.id)))


def find_users(ids: Collection[int]) -> dict[int, User]:
    """The users with these ids, by id."""
    found = db.session.scalars(sa.select(User).where(User.id.in_(ids))) if ids else ()
    return {user.id: user for user in found}


def _secret_hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def start_sign_in(user: User) -> str:
    """A new sign-in of USER; returns the secret that the cookie must carry."""
    secret = secrets.token_urlsafe(32)
    db.session.add(SignIn(user_id=user.id, secret_hash=_secret_hash(secret)))
    return secret


def end_sign_in(secret: str) -> None:
    """End the sign-in at the server; the cookie is worthless from now on."""
    db.session.execute(
        sa.update(SignIn)
        .where(SignIn.secret_hash == _secret_hash(secret), SignIn.ended_at.is_(None))
        .values(ended_at=utcnow())
    )


def find_signed_in(uniquifier: str, secret: str, now: datetime) -> User | None:
    """The user of a sign-in that stands, or None."""
    return db.session.scalar(
        sa.select(User)
        .join(SignIn, SignIn.user_id == User.id)
        .where(
            SignIn.secret_hash == _secret_hash(secret),
            SignIn.ended_at.is_(None),
            SignIn.started_at > now - SIGN_IN_LASTS,
            User.fs_uniquifier == uniquifier,
            User.active.is_(True),
        )
    )
