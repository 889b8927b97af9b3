"""An employer and its policy."""

from datetime import date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal import language
from portal.extensions import Model
from portal.formatting import find_zone
from portal.models.base import UtcDateTime, choice, utcnow
from portal.terms import Locale

if TYPE_CHECKING:
    from portal.models.accounts import User


class ClockPreset(StrEnum):
    """Which duty the closure clock measures against."""

    OWN = "own"
    TEN_DAYS = "ten_days"
    ONTARIO = "ontario"


class ReleaseCadence(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Employer(Model):
    """Whose communication is measured. Mail leaves only once the operator has approved it."""

    __tablename__ = "employer"
    __table_args__ = (
        sa.CheckConstraint("survey_delay_days BETWEEN 0 AND 30", name="survey_delay_days"),
        sa.CheckConstraint("check_in_after_days BETWEEN 7 AND 90", name="check_in_after_days"),
        sa.CheckConstraint("inform_within_business_days BETWEEN 1 AND 30", name="inform_within"),
        sa.CheckConstraint("substr(region, 1, 3) = country || '-'", name="region_of_country"),
        sa.CheckConstraint("region IS NULL OR country IS NOT NULL", name="region_in_country"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(64), unique=True)
    name: Mapped[str] = mapped_column(sa.String(200), index=True)
    timezone: Mapped[str] = mapped_column(sa.String(64), default="UTC")
    locale: Mapped[Locale] = mapped_column(choice(Locale, "locale"), default=Locale.ENGLISH)
    industry: Mapped[str | None] = mapped_column(sa.String(100))
    # ISO 3166: "CA", and the part of it whose rules hold, "CA-ON".
    country: Mapped[str | None] = mapped_column(sa.String(2))
    region: Mapped[str | None] = mapped_column(sa.String(6))
    postal_address: Mapped[str | None] = mapped_column(sa.String(500))
    reply_to: Mapped[str | None] = mapped_column(sa.String(254))
    survey_delay_days: Mapped[int] = mapped_column(default=2)
    check_in_after_days: Mapped[int] = mapped_column(default=21)
    inform_within_business_days: Mapped[int] = mapped_column(default=5)
    clock_preset: Mapped[ClockPreset] = mapped_column(
        choice(ClockPreset, "clock_preset"), default=ClockPreset.OWN
    )
    is_published: Mapped[bool] = mapped_column(default=False)
    send_window: Mapped[str] = mapped_column(sa.String(11), default="09:00-17:00")
    release_every: Mapped[ReleaseCadence] = mapped_column(
        choice(ReleaseCadence, "release_every"), default=ReleaseCadence.MONTH
    )
    # A setting changed that says when people are asked: their invitations with a larger id are to
    # be planned anew. The worker moves it on, and clears it.
    plan_anew_after: Mapped[int | None]
    # The same for what is owed: the applications with a larger id are to be worked out anew.
    owe_anew_after: Mapped[int | None]
    # Set by a person who will not wait for the next day, week or month; the worker clears it.
    release_asked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # The day of the last scheduled release, whether or not enough answers waited.
    release_turn_on: Mapped[date | None]
    # What no key opens, in words; nothing is released until it opens again or is discarded.
    seal_trouble: Mapped[str | None] = mapped_column(sa.String(300))
    approved_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    # While the operator has paused it, mail to candidates waits; the employer's people read why.
    mail_paused_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    mail_pause_reason: Mapped[str | None] = mapped_column(sa.String(200))
    # Mail domains that the operator, never the employer, says are its own; lower case.
    confirmed_domains: Mapped[list[str]] = mapped_column(sa.JSON, default=list)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    members: Mapped[list["User"]] = relationship(secondary="membership", viewonly=True)

    def written_in(self, locale: Locale) -> str:
        """LOCALE with the dates and numbers of the employer's country: "en-GB"."""
        return language.regional(locale, self.country)

    @property
    def is_mail_resting(self) -> bool:
        """Whether its mail to candidates waits for the operator."""
        return self.approved_at is None or self.mail_paused_at is not None

    @property
    def zone(self) -> ZoneInfo:
        return find_zone(self.timezone)
