"""Who may sign in and for which employer. Knows no request and no page."""

import hashlib
import hmac
import secrets
import unicodedata
import uuid
from collections.abc import Collection, Iterable
from datetime import datetime, timedelta
from typing import Final

import email_validator
import sqlalchemy as sa
from flask_security import hash_password, verify_password

from portal import audit, passwords
from portal.config import SIGN_IN_LASTS
from portal.extensions import db
from portal.language import gettext
from portal.models import Employer, Membership, Role, SignIn, User, utcnow
from portal.seals import keys_for

MIN_PASSWORD, MAX_PASSWORD = 8, 128
MAX_ADDRESS = 254
PRODUCT = "Heardback"
# The form in which a sign-in compares it, or what has an accent could never be entered again.
STORED_FORM: Final = "NFKD"
# So far ahead of the clock a sign-in may have begun: a clock that is set back signs nobody out,
# and one that was years ahead by mistake leaves no sign-in that lasts for years.
CLOCK_MAY_GO_BACK = timedelta(hours=3)


class AccountRefused(Exception):
    """The account cannot be made as asked; the message says which part is wrong."""


class CredentialsChanged(Exception):
    """What somebody signs in with was changed while they did."""


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


def check_password(password: str, names: Iterable[str]) -> None:
    """Raise AccountRefused unless PASSWORD is long enough, little used, and none of NAMES.

    Any characters are welcome, except those that are none: half of a pair.
    """
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        raise AccountRefused(
            gettext(
                "The password must have %(least)d to %(most)d characters; this one has %(given)d.",
                least=MIN_PASSWORD,
                most=MAX_PASSWORD,
                given=len(password),
            )
        )
    if any("\ud800" <= sign <= "\udfff" for sign in password):
        raise AccountRefused(gettext("The password cannot be read as UTF-8."))
    if passwords.is_common(password):
        raise AccountRefused(
            gettext(
                "That password is among the first that a guesser tries. Choose one that is your "
                "own; three or four words that have nothing to do with each other are good."
            )
        )
    if passwords.is_just_a_name(password, (PRODUCT, *names)):
        raise AccountRefused(
            gettext(
                "The password must be more than the name of this product, of the employer or of "
                "the address, with digits and signs around it or without."
            )
        )


def _hashed(password: str) -> str:
    return hash_password(unicodedata.normalize(STORED_FORM, password))


def _names(email: str, employers: Iterable[Employer]) -> list[str]:
    """What somebody who knows EMAIL and EMPLOYERS would try first."""
    local = email.rpartition("@")[0]
    employers_names = (name for employer in employers for name in (employer.name, employer.slug))
    return [email, local, local.partition("+")[0], *employers_names]


def read_address(text: str) -> str:
    """The one spelling under which TEXT could have an account; "" if it is no address."""
    if len(text) > 2 * MAX_ADDRESS:  # read by patterns, which take their time over long texts
        return ""
    try:
        return _clean_address(text)
    except AccountRefused:
        return ""


def account_key(text: str) -> str:
    """What stands for the account of the address TEXT, there or not, where no address may lie.

    Each account has one, whichever way its address is spelled; "" if TEXT is no address.
    """
    address = read_address(text)
    key = keys_for("sign-in-account")[0]
    return hmac.digest(key, address.encode(), "sha256").hex()[:32] if address else ""


def find_user(address: str) -> User | None:
    return db.session.scalar(sa.select(User).where(User.email == read_address(address)))


def create_user(
    address: str, password: str, *, is_operator: bool = False, employers: Iterable[Employer] = ()
) -> User:
    """A new person who can sign in, to work for EMPLOYERS, whose names are no passwords.

    Raises AccountRefused if the address is taken or unfit, or the password is easy to guess.
    """
    email = _clean_address(address)
    if find_user(email):
        raise AccountRefused(f"There is already a user {email}.")
    check_password(password, _names(email, employers))
    user = User(
        email=email,
        password=_hashed(password),
        fs_uniquifier=uuid.uuid4().hex,
        is_operator=is_operator,
    )
    db.session.add(user)
    db.session.flush()
    audit.record("user.created", None, user.id, is_operator=is_operator)
    return user


def _membership(user: User, employer: Employer) -> Membership | None:
    return db.session.scalar(
        sa.select(Membership).where(
            Membership.employer_id == employer.id, Membership.user_id == user.id
        )
    )


def add_membership(
    user: User, employer: Employer, role: Role, *, even_last_owner: bool = False
) -> Membership:
    """Let USER work for EMPLOYER as ROLE; a second call changes the role.

    Raises AccountRefused if that leaves no owner, unless EVEN_LAST_OWNER.
    """
    found = _membership(user, employer)
    if found and role is not Role.OWNER and not even_last_owner:
        _need_another_owner(user, [found])
    membership = found or Membership(employer_id=employer.id, user_id=user.id, role=role)
    before = found.role.value if found else None
    membership.role = role
    db.session.add(membership)
    audit.record("membership.set", employer.id, user.id, role=role.value, before=before)
    return membership


def change_role(user: User, employer: Employer, role: Role, *, even_last_owner: bool) -> None:
    """Give USER another role with EMPLOYER; it counts from the next request."""
    _need_membership(user, employer)
    add_membership(user, employer, role, even_last_owner=even_last_owner)


def remove_membership(user: User, employer: Employer, *, even_last_owner: bool) -> None:
    """USER no longer works for EMPLOYER, from their next request on.

    What they are signed in to stays, for other employers: each request asks for the membership.
    """
    membership = _need_membership(user, employer)
    if not even_last_owner:
        _need_another_owner(user, [membership])
    db.session.delete(membership)
    audit.record("membership.removed", employer.id, user.id, role=membership.role.value)


def _need_membership(user: User, employer: Employer) -> Membership:
    if found := _membership(user, employer):
        return found
    raise AccountRefused(f"{user.email} does not work for {employer.slug}.")


def hold_team(employer_id: int) -> None:
    """Let nobody else change who works for the employer until the caller commits.

    Rows may refer to the employer meanwhile; SQLite lets one at a time write anyway.
    """
    held = sa.select(Employer.id).where(Employer.id == employer_id)
    db.session.execute(held.with_for_update(key_share=True))


def has_other_owner(user: User, employer_id: int) -> bool:
    """Whether somebody else who can sign in owns the employer."""
    others = (
        sa.select(Membership.id)
        .join(Membership.user)
        .where(
            Membership.employer_id == employer_id,
            Membership.role == Role.OWNER,
            Membership.user_id != user.id,
            User.active.is_(True),
        )
        .limit(1)
    )
    return db.session.scalar(others) is not None


def _need_another_owner(user: User, memberships: Iterable[Membership]) -> None:
    """Raise AccountRefused if USER is the only one who can sign in as owner by MEMBERSHIPS."""
    for membership in memberships:
        hold_team(membership.employer_id)
        if membership.role is Role.OWNER and not has_other_owner(user, membership.employer_id):
            raise AccountRefused(
                f"{user.email} is the last owner of {membership.employer.slug}. Make somebody "
                "else an owner first, or say --even-last-owner."
            )


def deactivate(user: User, *, even_last_owner: bool) -> None:
    """Let USER sign in no more, and end what stands; nothing else of theirs changes."""
    if not even_last_owner:
        _need_another_owner(user, user.memberships)
    user.active = False
    end_sign_ins(user)
    audit.record("user.deactivated", None, user.id)


def activate(user: User) -> None:
    """Let USER sign in again, with the password they had."""
    user.active = True
    audit.record("user.activated", None, user.id)


def set_password(user: User, password: str, keep: str = "") -> None:
    """Change the password and end every sign-in made with the old one, but that of the secret KEEP.

    A new address that waits for its confirmation was asked for with the old one, too.
    """
    employers = (membership.employer for membership in user.memberships)
    check_password(password, _names(user.email, employers))
    user.password = _hashed(password)
    user.new_email = None
    end_sign_ins(user, keep)
    audit.record("user.password_changed", None, user.id)


def is_password(user: User, password: str) -> bool:
    """Whether PASSWORD is USER's; takes as long as any other try."""
    if not user.password or not 0 < len(password) <= MAX_PASSWORD:
        return False
    return bool(verify_password(unicodedata.normalize(STORED_FORM, password), user.password))


def credentials_of(user: User) -> str:
    """What USER signs in with, as one text; links made for it are worth nothing once it changes."""
    return f"{user.fs_uniquifier} {user.email} {user.password}"


def end_sign_ins(user: User, keep: str = "") -> None:
    """End whatever USER is signed in with, but the sign-in of the secret KEEP."""
    _end(SignIn.user_id == user.id, SignIn.secret_hash != _secret_hash(keep))


def _end(*which: sa.ColumnElement[bool]) -> None:
    db.session.execute(
        sa.update(SignIn).where(*which, SignIn.ended_at.is_(None)).values(ended_at=utcnow())
    )


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


def start_sign_in(user: User, browser: str | None = None, system: str | None = None) -> str:
    """A new sign-in of USER with BROWSER on SYSTEM; the secret that the cookie must carry.

    Raises CredentialsChanged if USER, as found before the password was looked at, has another one
    by now: whoever changed it has ended the sign-ins that they could see.
    """
    given = credentials_of(user), user.totp_sealed
    db.session.refresh(user, with_for_update={"key_share": True})
    if given != (credentials_of(user), user.totp_sealed):
        raise CredentialsChanged
    secret = secrets.token_urlsafe(32)
    hashed = _secret_hash(secret)
    db.session.add(SignIn(user_id=user.id, secret_hash=hashed, browser=browser, system=system))
    audit.record("sign_in.started", None, user.id)
    return secret


def end_sign_in(secret: str) -> None:
    """End the sign-in at the server; the cookie is worthless from now on."""
    _end(SignIn.secret_hash == _secret_hash(secret))


def end_one_sign_in(user: User, sign_in_id: int) -> None:
    """End that sign-in if it is USER's and stands; else nothing happens."""
    _end(SignIn.user_id == user.id, SignIn.id == sign_in_id)
    audit.record("sign_in.ended", None, user.id)


def is_of(sign_in: SignIn, secret: str) -> bool:
    """Whether SECRET is the one of SIGN_IN."""
    return sign_in.secret_hash == _secret_hash(secret)


def list_sign_ins(user: User, now: datetime) -> list[SignIn]:
    """What USER is signed in with, the newest first."""
    standing = sa.select(SignIn).where(SignIn.user_id == user.id, *_stands(now))
    return list(db.session.scalars(standing.order_by(SignIn.id.desc())))


def has_signed_in(user: User) -> bool:
    """Whether USER ever did."""
    one = sa.select(SignIn.id).where(SignIn.user_id == user.id).limit(1)
    return db.session.scalar(one) is not None


def last_sign_in(user: User, until: datetime) -> SignIn | None:
    """USER's last sign-in begun by UNTIL."""
    begun = sa.select(SignIn).where(SignIn.user_id == user.id, SignIn.started_at <= until)
    return db.session.scalar(begun.order_by(SignIn.id.desc()).limit(1))


def _stands(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    return (
        SignIn.ended_at.is_(None),
        SignIn.started_at > now - SIGN_IN_LASTS,
        SignIn.started_at < now + CLOCK_MAY_GO_BACK,
    )


def find_signed_in(uniquifier: str, secret: str, now: datetime) -> User | None:
    """The user of a sign-in that stands, or None."""
    return db.session.scalar(
        sa.select(User)
        .join(SignIn, SignIn.user_id == User.id)
        .where(
            SignIn.secret_hash == _secret_hash(secret),
            *_stands(now),
            User.fs_uniquifier == uniquifier,
            User.active.is_(True),
        )
    )
