"""When each periodic job runs next, and which worker holds it."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.extensions import Model
from portal.models.base import UtcDateTime


class JobLease(Model):
    """One periodic job: taken by one worker at a time, free again when its lease has run out."""

    __tablename__ = "job_lease"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    next_run_at: Mapped[datetime] = mapped_column(UtcDateTime)
    held_by: Mapped[str | None] = mapped_column(sa.String(40))
    held_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
