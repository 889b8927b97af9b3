"""What one row of a file says of one application."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal import applicants
from portal.candidate_files.texts import plain_line
from portal.terms import Channel, Feedback, Outcome


class ToldAnswer(StrEnum):
    """The answer to "Were these candidates told?"."""

    YES = "yes"  # each on the day of the decision
    NO = "no"
    COLUMN = "column"  # each on the day in the column told_on, if there is one


@dataclass(frozen=True, slots=True)
class Decision:
    """What was decided."""

    outcome: Outcome
    decided_on: date
    reason: str


@dataclass(frozen=True, slots=True)
class Telling:
    """How the candidate was told."""

    told_on: date
    channel: Channel | None  # None: not known
    feedback: Feedback


@dataclass(frozen=True, slots=True)
class FileRow:
    """One row, checked. No verdict: still open; a telling only with a verdict."""

    number: int
    new: applicants.NewApplication
    verdict: Decision | None
    telling: Telling | None

    @property
    def pair(self) -> tuple[str, str]:
        """Who applied for what: the key of rows without an id of their own."""
        return (self.new.email or "").lower(), plain_line(self.new.role)

    @property
    def decided_on(self) -> date | None:
        return self.verdict.decided_on if self.verdict else None
