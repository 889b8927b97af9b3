"""Where an application stands on the closure clock, in words. Changes nothing."""

from dataclasses import dataclass
from datetime import date

from portal import closure, formatting
from portal.models import Application, Employer, Outcome

SOON_DAYS = 2


@dataclass(frozen=True)
class ClosureStatus:
    """Who waits since when, and by when they are owed an answer.

    `state` is one of told, withdrew, open, on_time, due_soon, due_today, overdue.
    """

    state: str
    text: str
    since: date | None = None
    owed_by: date | None = None

    @property
    def is_waiting(self) -> bool:
        return self.state not in ("told", "withdrew")


def closure_status(application: Application, today: date) -> ClosureStatus:
    """Where APPLICATION stands on TODAY, the employer's calendar day."""
    if application.told_on:
        return ClosureStatus("told", f"Told {formatting.day(application.told_on, style='medium')}")
    if application.outcome is Outcome.WITHDRAWN:
        return ClosureStatus("withdrew", "Nothing owed")
    since = application.decided_on or application.last_interview_on or application.stage_entered_on
    owed_by = closure.owed_by(application)
    if owed_by is None and application.outcome is None:
        owed_by = application.promised_on
    if owed_by is None:
        return ClosureStatus(
            "open", "Not told yet" if application.outcome else "No decision yet", since
        )
    state, text = _against(owed_by, today)
    return ClosureStatus(state, text, since, owed_by)


def _against(owed_by: date, today: date) -> tuple[str, str]:
    left = (owed_by - today).days
    if left < 0:
        return "overdue", f"{formatting.days(-left)} overdue"
    if left == 0:
        return "due_today", "Due today"
    words = f"Due {formatting.days_from_today(left)}"
    return ("due_soon" if left <= SOON_DAYS else "on_time"), words


def owed_if_decided(application: Application, decided_on: date) -> date | None:
    """By when the candidate would be owed an answer if the decision fell on DECIDED_ON."""
    # Never added to the session: only the clock looks at it.
    supposed = Application(
        employer=application.employer,
        decided_on=decided_on,
        last_interview_on=application.last_interview_on,
    )
    return closure.owed_by(supposed)


def rule_of(employer: Employer) -> str:
    """The duty that EMPLOYER's clock measures against, as half a sentence."""
    return {
        "own": "you tell candidates within "
        f"{employer.inform_within_business_days} business days of the decision",
        "ten_days": "candidates are told within 10 business days of the decision",
        "ontario": "candidates are told within 45 days of their last interview",
    }[employer.clock_preset.value]
