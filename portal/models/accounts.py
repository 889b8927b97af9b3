"""Who may sign in, for whom, since when; and who did what."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

import sqlalchemy as sa
from flask_security import RoleMixin, UserMixin
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.extensions import Model
from portal.models.base import UtcDateTime, choice, employer_key, utcnow
from portal.models.employers import Employer
from portal.terms import Locale


class Role(StrEnum):
    """What a membership allows; each includes the ones after it."""

    OWNER = "owner"
    RECRUITER = "recruiter"
    VIEWER = "viewer"

    def includes(self, other: "Role") -> bool:
        order = list(Role)
        return order.index(self) <= order.index(other)


class NoRole(RoleMixin):
    """Flask-Security asks for a class of site-wide roles; ours hang on memberships instead."""


class User(Model, UserMixin):
    """A person who can sign in."""

    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(sa.String(254), unique=True)
    password: Mapped[str | None] = mapped_column(sa.String(255))
    active: Mapped[bool] = mapped_column(default=True)
    fs_uniquifier: Mapped[str] = mapped_column(sa.String(64), unique=True)
    is_operator: Mapped[bool] = mapped_column(default=False)
    # Chosen by the person; None: as the browser asks.
    locale: Mapped[Locale | None] = mapped_column(choice(Locale, "locale"))
    # Asked for, and not confirmed yet by the link that was mailed there.
    new_email: Mapped[str | None] = mapped_column(sa.String(254))
    # The key of the second factor, sealed, and the time step of the last code that was used.
    totp_sealed: Mapped[bytes | None]
    totp_counter: Mapped[int | None]
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    memberships: Mapped[list["Membership"]] = relationship(back_populates="user")

    # Flask-Security reads this; what somebody may do hangs on memberships.
    roles: ClassVar[list[RoleMixin]] = []  # type: ignore[misc]


class Membership(Model):
    __tablename__ = "membership"
    __table_args__ = (sa.UniqueConstraint("employer_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    employer_id: Mapped[int] = employer_key()
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    role: Mapped[Role] = mapped_column(choice(Role, "role"))
    employer: Mapped[Employer] = relationship()
    user: Mapped[User] = relationship(back_populates="memberships")


class SignIn(Model):
    """One sign-in; the cookie names it, every request checks it, ending it ends the session."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    secret_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    # As "Firefox" on "Linux": enough to know one's own by, too little to follow anybody.
    browser: Mapped[str | None] = mapped_column(sa.String(20))
    system: Mapped[str | None] = mapped_column(sa.String(20))
    started_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    ended_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    user: Mapped[User] = relationship()


class RecoveryCode(Model):
    """Signs in once instead of a code of the second factor; gone when it is used."""

    __tablename__ = "recovery_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"), index=True)
    code_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)


class PasswordRequest(Model):
    """Somebody typed this address as whose password is forgotten; gone once a worker has looked
    whether it is anybody's."""

    __tablename__ = "password_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    address: Mapped[str] = mapped_column(sa.String(254))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)


class AuditEvent(Model):
    """Who did what for which employer. Never an answer, never a token, never an address."""

    __tablename__ = "audit_event"
    # The trail is read newest first: all of it, or what one filter leaves.
    __table_args__ = (
        sa.Index(None, "employer_id", "at"),
        sa.Index(None, "at"),
        sa.Index(None, "user_id", "at"),
        sa.Index(None, "action", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    employer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("employer.id"))
    user_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    action: Mapped[str] = mapped_column(sa.String(64))
    about_id: Mapped[int | None]
    detail: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
