"""What employers write to candidates in their own words."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.extensions import Model
from portal.models.accounts import User
from portal.models.base import UtcDateTime, choice, employer_key, utcnow
from portal.terms import Letter, Locale


class EmployerLetter(Model):
    """A version of an employer's letter in a language; the newest is in force. Without words it
    stands for the letter that is shipped."""

    __tablename__ = "employer_letter"
    __table_args__ = (
        sa.Index("ix_employer_letter_newest", "employer_id", "letter", "locale", "id"),
        sa.CheckConstraint("(subject IS NULL) = (body IS NULL)", name="whole"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    employer_id: Mapped[int] = employer_key()
    letter: Mapped[Letter] = mapped_column(choice(Letter, "letter"))
    locale: Mapped[Locale] = mapped_column(choice(Locale, "locale"))
    subject: Mapped[str | None] = mapped_column(sa.String(200))
    body: Mapped[str | None] = mapped_column(sa.Text)
    written_by_id: Mapped[int | None] = mapped_column(sa.ForeignKey("user.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    written_by: Mapped[User | None] = relationship()
