"""What people ask for about their own data, by the link in every mail."""

from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from portal.extensions import Model
from portal.models.base import UtcDateTime, choice, employer_key, utcnow
from portal.models.employers import Employer
from portal.models.hiring import Candidate


class DataWish(StrEnum):
    SEE = "see"
    ERASE = "erase"


class DataRequest(Model):
    """One email asked for, by whose link the wish is carried out. Holds no token."""

    __tablename__ = "data_request"
    __table_args__ = (sa.Index(None, "employer_id", "candidate_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    employer_id: Mapped[int] = employer_key()
    candidate_id: Mapped[int] = mapped_column(sa.ForeignKey("candidate.id"))
    wish: Mapped[DataWish] = mapped_column(choice(DataWish, "wish"))
    asked_at: Mapped[datetime] = mapped_column(UtcDateTime, default=utcnow)
    employer: Mapped[Employer] = relationship()
    candidate: Mapped[Candidate] = relationship()
