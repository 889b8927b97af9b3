"""Where an application stands on the closure clock, in words. Changes nothing."""

from dataclasses import dataclass
from datetime import date

from portal import closure, formatting
from portal.language import gettext
from portal.models import Application, ClockPreset, Duty, Employer, Outcome

SOON_DAYS = 2


@dataclass(frozen=True)
class ClosureStatus:
    """Who waits since when, and by when they are owed an answer.

    `state` is one of told, withdrew, gone, scheduled, open, on_time, due_soon, due_today, overdue.
    """

    state: str
    text: str
    since: date | None = None
    owed_by: date | None = None

    @property
    def is_waiting(self) -> bool:
        return self.state not in ("told", "withdrew", "gone")


def closure_status(application: Application, today: date) -> ClosureStatus:
    """Where APPLICATION stands on TODAY, the employer's calendar day."""
    if application.told_on:
        day = formatting.day(application.told_on, style="medium")
        return ClosureStatus("told", gettext("Told %(day)s", day=day))
    if application.outcome is Outcome.WITHDRAWN:
        return ClosureStatus("withdrew", gettext("Nothing owed"))
    since = application.decided_on or application.last_interview_on or application.stage_entered_on
    owed_by = application.owed_on
    if not application.is_waiting:
        return ClosureStatus("gone", gettext("Not told"), since)
    if application.news_leaves_at:
        leaves_at = formatting.moment(application.news_leaves_at, zone=application.employer.zone)
        text = gettext("Leaves %(moment)s", moment=leaves_at)
        return ClosureStatus("scheduled", text, since, owed_by)
    if owed_by is None:
        text = gettext("Not told yet") if application.outcome else gettext("No decision yet")
        return ClosureStatus("open", text, since)
    return ClosureStatus(*_against(owed_by, today), since, owed_by)


def _against(owed_by: date, today: date) -> tuple[str, str]:
    left = (owed_by - today).days
    if left < 0:
        return "overdue", gettext("%(days)s overdue", days=formatting.days(-left))
    if left == 0:
        return "due_today", gettext("Due today")
    words = gettext("Due %(when)s", when=formatting.days_from_today(left))
    return ("due_soon" if left <= SOON_DAYS else "on_time"), words


def owed_if_decided(application: Application, decided_on: date) -> date | None:
    """By when the candidate would be owed an answer if the decision fell on DECIDED_ON."""
    # Never added to the session: only the clock looks at it.
    supposed = Application(
        decided_on=decided_on,
        last_interview_on=application.last_interview_on,
        promised_on=application.promised_on,
        delayed_on=application.delayed_on,
        delayed_until=application.delayed_until,
    )
    owed = closure.owed(application.employer, supposed)
    return owed.on if owed else None


def rule_of(employer: Employer, under: Duty | None = None) -> str:
    """The duty that EMPLOYER's clock measures against, or that something is owed UNDER, as half a
    sentence."""
    if under is Duty.PROMISE:
        return gettext("that day was promised")
    if employer.clock_preset is ClockPreset.TEN_DAYS:
        return gettext("candidates are told within 10 business days of the decision")
    if employer.clock_preset is ClockPreset.ONTARIO:
        return gettext("candidates are told within 45 days of their last interview")
    return gettext(
        "you tell candidates within %(days)s business days of the decision",
        days=employer.inform_within_business_days,
    )
