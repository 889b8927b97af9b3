"""The rows that say what was decided and told, and the standing facts that follow from them.

Nothing is looked up or locked here: that is for who knows whether anybody else may act meanwhile.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from portal import audit, closure
from portal.extensions import db
from portal.hiring.owing import keep_owed
from portal.hiring.refusals import DecisionRefused
from portal.language import gettext
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
    ReasonCode,
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
    reason_code: ReasonCode | None = None
    next_step: str = ""

    def check(self, employer: Employer, now: datetime) -> None:
        """Raise DecisionRefused for days that cannot be."""
        _check_day("decided_on", employer, self.decided_at, now)
        if self.told_at:
            check_told(employer, self.decided_at, self.told_at, now)

    def write(self, application: Application) -> Decision:
        """Make it stand; the caller has checked it and plans the invitation."""
        decision = Decision(
            application=application,
            **self.decision_facts(application.employer.id, audit.acting_user_id()),
        )
        db.session.add(decision)
        told = self.told_at and write_telling(decision, self.channel, self.told_at, self.feedback)
        set_standing(application, decision, told or None)
        return decision

    def decision_facts(self, employer_id: int, user_id: int | None) -> dict[str, Any]:
        """The columns of its row of `decision`."""
        return {
            "employer_id": employer_id,
            "outcome": self.outcome,
            "reason_code": self.reason_code,
            "reason": self.reason,
            "next_step": self.next_step,
            "decided_at": self.decided_at,
            "recorded_by": user_id,
        }

    def telling_facts(self, employer_id: int, user_id: int | None) -> dict[str, Any]:
        """The columns of its row of `notice`, where the candidate has been told."""
        return _telling_facts(employer_id, self.channel, self.told_at, self.feedback, user_id)

    def events(self, application_id: int) -> Iterator[audit.Event]:
        """What the audit is to note of it."""
        yield audit.Event("decision.recorded", application_id, {"outcome": self.outcome})
        if self.told_at:
            yield audit.Event("notice.recorded", application_id, {"channel": self.channel})


def _check_day(field: str, employer: Employer, moment: datetime, now: datetime) -> None:
    day = closure.local_day(employer, moment)
    if day > closure.local_day(employer, now):
        raise DecisionRefused(field, gettext("The day must not be in the future."))
    if day < EARLIEST:
        raise DecisionRefused(field, gettext("The day must not be before 2000."))


def check_told(employer: Employer, decided_at: datetime, told_at: datetime, now: datetime) -> None:
    """Raise DecisionRefused unless who was turned down at DECIDED_AT can be told at TOLD_AT."""
    _check_day("told_on", employer, told_at, now)
    if closure.local_day(employer, told_at) < closure.local_day(employer, decided_at):
        too_early = gettext("Nobody can be told before the decision was made.")
        raise DecisionRefused("told_on", too_early)


def write_telling(
    decision: Decision, channel: Channel, told_at: datetime, feedback: Feedback
) -> Notice:
    """The notice that the employer has told the candidate of DECISION itself."""
    facts = _telling_facts(decision.employer_id, channel, told_at, feedback, audit.acting_user_id())
    notice = Notice(application=decision.application, decision=decision, **facts)
    db.session.add(notice)
    return notice


def _telling_facts(
    employer_id: int,
    channel: Channel,
    told_at: datetime | None,
    feedback: Feedback,
    user_id: int | None,
) -> dict[str, Any]:
    return {
        "employer_id": employer_id,
        "kind": NoticeKind.DECISION,
        "channel": channel,
        "evidence": Evidence.RECORDED,
        "feedback": feedback,
        "told_at": told_at,
        "given_by": user_id,
    }


def owed_now(application: Application) -> tuple[date | None, str | None]:
    """By which day news is owed, and under which duty; nothing, if none is."""
    return application.owed_on, application.owed_under


class Decided(Protocol):
    """A decision, whether it is a row already or not."""

    @property
    def outcome(self) -> Outcome: ...

    @property
    def decided_at(self) -> datetime: ...


class Told(Protocol):
    """How the candidate was told, whether that is a row already or not."""

    @property
    def told_at(self) -> datetime | None: ...

    @property
    def channel(self) -> Channel: ...

    @property
    def feedback(self) -> Feedback: ...


def standing_facts(
    employer: Employer, decided: Decided | None, told: Told | None
) -> dict[str, Any]:
    """What an application says itself of the decision that stands and of its telling."""
    told_at = told.told_at if told else None
    is_told = told is not None and told_at is not None
    return {
        "outcome": decided.outcome if decided else None,
        "decided_at": decided.decided_at if decided else None,
        "decided_on": closure.local_day(employer, decided.decided_at) if decided else None,
        "told_at": told_at,
        "told_on": closure.local_day(employer, told_at) if told_at else None,
        "channel": told.channel if told and is_told else None,
        "feedback": told.feedback if told and is_told else None,
    }


def set_standing(
    application: Application, decision: Decision | None, notice: Notice | None
) -> None:
    """Write the standing facts of an application that is held, and what is owed by them."""
    for name, value in standing_facts(application.employer, decision, notice).items():
        setattr(application, name, value)
    keep_owed(application)
