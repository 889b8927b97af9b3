"""The rows that say what was decided and told, and the standing facts that follow from them.

Nothing is looked up or locked here: that is for who knows whether anybody else may act meanwhile.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from portal import audit, closure
from portal.extensions import db
from portal.hiring.refusals import DecisionRefused
from portal.models import (
    Application,
    Channel,
    Decision,
    Employer,
    Evidence,
    Feedback,
    Notice,
    NoticeKind,
    Outcome,
)

EARLIEST = date(2000, 1, 1)


@dataclass(frozen=True)
class PastDecision:
    """What was decided; and how the employer itself told the candidate, if it has (`told_at`)."""

    outcome: Outcome
    decided_at: datetime
    reason: str = ""
    told_at: datetime | None = None
    channel: Channel = Channel.EMAIL
    feedback: Feedback = Feedback.NONE

    def check(self, employer: Employer, now: datetime) -> None:
        """Raise DecisionRefused for days that cannot be."""
        _check_day("decided_on", employer, self.decided_at, now)
        if self.told_at:
            check_told(employer, self.decided_at, self.told_at, now)

    def write(self, application: Application) -> Decision:
        """Make it stand; the caller has checked it and plans the invitation."""
        decision = Decision(
            employer_id=application.employer.id,
            application=application,
            outcome=self.outcome,
            reason=self.reason,
            decided_at=self.decided_at,
            recorded_by=audit.acting_user_id(),
        )
        db.session.add(decision)
        told = self.told_at and write_telling(decision, self.channel, self.told_at, self.feedback)
        set_standing(application, decision, told or None)
        return decision

    def events(self, application: Application) -> Iterator[audit.Event]:
        """What the audit is to note once APPLICATION has its number."""
        yield audit.Event("decision.recorded", application.id, {"outcome": self.outcome})
        if self.told_at:
            yield audit.Event("notice.recorded", application.id, {"channel": self.channel})


def _check_day(field: str, employer: Employer, moment: datetime, now: datetime) -> None:
    day = closure.local_day(employer, moment)
    if day > closure.local_day(employer, now):
        raise DecisionRefused(field, "The day must not be in the future.")
    if day < EARLIEST:
        raise DecisionRefused(field, "The day must not be before 2000.")


def check_told(employer: Employer, decided_at: datetime, told_at: datetime, now: datetime) -> None:
    """Raise DecisionRefused unless who was turned down at DECIDED_AT can be told at TOLD_AT."""
    _check_day("told_on", employer, told_at, now)
    if closure.local_day(employer, told_at) < closure.local_day(employer, decided_at):
        raise DecisionRefused("told_on", "Nobody can be told before the decision was made.")


def write_telling(
    decision: Decision, channel: Channel, told_at: datetime, feedback: Feedback
) -> Notice:
    """The notice that the employer has told the candidate of DECISION itself."""
    notice = Notice(
        employer_id=decision.employer_id,
        application=decision.application,
        decision=decision,
        kind=NoticeKind.DECISION,
        channel=channel,
        evidence=Evidence.RECORDED,
        feedback=feedback,
        told_at=told_at,
        given_by=audit.acting_user_id(),
    )
    db.session.add(notice)
    return notice


def set_standing(
    application: Application, decision: Decision | None, notice: Notice | None
) -> None:
    """Write the standing facts; the one place that does."""
    employer = application.employer
    application.outcome = decision.outcome if decision else None
    application.decided_at = decision.decided_at if decision else None
    application.decided_on = closure.local_day(employer, decision.decided_at) if decision else None
    told_at = notice.told_at if notice else None
    application.told_at = told_at
    application.told_on = closure.local_day(employer, told_at) if told_at else None
    application.channel = notice.channel if notice and told_at else None
    application.feedback = notice.feedback if notice and told_at else None
