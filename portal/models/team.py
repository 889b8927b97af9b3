"""Who was asked to join an employer's team."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.extensions import Model
from portal.models.accounts import Role, User
from portal.models.base import UtcDateTime, choice, employer_key, utcnow
from portal.models.employers import Employer


class TeamInvitation(Model):
    """A role offered to whoever reads mail at an address. Holds no token: the mail's is made of
    the row, and another one as soon as `ends_at` changes."""

    __tablename__ = "team_invitation"
    __table_args__ = (
        sa.Index(
            "uq_team_invitation_pending",
            "employer_id",
            "address",
            unique=True,
            sqlite_where=sa.text("accepted_at IS NULL AND revoked_at IS NULL"),
            postgresql_where=sa.text("accepted_at IS NULL AND revoked_at IS NULL"),
        ),
        # For letting go of addresses: those that are held are few.
        sa.Index(
            "ix_team_invitation_ends_at",
            "ends_at",
            sqlite_where=sa.text("address IS NOT NULL"),
            postgresql_where=sa.text("address IS NOT NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    employer_id: Mapped[int] = employer_key()
    # As an account has it; none once it is no longer needed.
    address: Mapped[str | None] = mapped_column(sa.String(254))
    role: Mapped[Role] = mapped_column(choice(Role, "role"))
    invited_by_id: Mapped[int] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    ends_at: Mapped[datetime] = mapped_column(UtcDateTime)
    accepted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    employer: Mapped[Employer] = relationship()
    invited_by: Mapped[User] = relationship()
