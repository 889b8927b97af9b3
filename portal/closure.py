"""The closure clock: when a candidate is owed news, and when survey mail may go out.

The only place, besides formatting, that knows time zones. Writes nothing.
"""

from datetime import UTC, date, datetime, time, timedelta

from portal.models import Application, ClockPreset, Employer, Outcome

TEN_DAYS = 10
ONTARIO_DAYS = 45
WEEKDAYS = 5
NOON = time(12)


class WindowRefused(ValueError):
    """A sending window that is neither `always` nor HH:MM-HH:MM."""


def local_day(employer: Employer, moment: datetime) -> date:
    """The calendar day of MOMENT where EMPLOYER is."""
    return moment.astimezone(employer.zone).date()


def noon_of(employer: Employer, day: date, now: datetime) -> datetime:
    """The time that stands for DAY when only the day is known; never later than NOW."""
    return min(local_moment(employer, day, NOON), now)


def local_moment(employer: Employer, day: date, at: time) -> datetime:
    """The moment at which it is AT o'clock on DAY where EMPLOYER is."""
    return datetime.combine(day, at, employer.zone).astimezone(UTC)


def start_of(employer: Employer, day: date) -> datetime:
    """When DAY begins where EMPLOYER is."""
    return local_moment(employer, day, time(0))


def add_business_days(day: date, count: int) -> date:
    """COUNT weekdays after DAY."""
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < WEEKDAYS
    return day


def owed_by(application: Application) -> date | None:
    """The day by which the candidate is to be told, or None while nothing is owed.

    Nothing is owed to who withdrew or has been told.
    """
    if application.told_on or application.outcome is Outcome.WITHDRAWN:
        return None
    employer = application.employer
    if employer.clock_preset is ClockPreset.ONTARIO:
        return owed_from_interview(application)
    if application.decided_on is None:
        return None
    own = employer.clock_preset is ClockPreset.OWN
    days = employer.inform_within_business_days if own else TEN_DAYS
    return add_business_days(application.decided_on, days)


def owed_from_interview(application: Application) -> date | None:
    """By when news is owed whether or not there is a decision, and whatever it is: what may be
    said to somebody who knows of none."""
    interviewed = application.last_interview_on
    if application.employer.clock_preset is not ClockPreset.ONTARIO or not interviewed:
        return None
    return interviewed + timedelta(days=ONTARIO_DAYS)


def parse_window(text: str) -> tuple[time, time] | None:
    """Start and end of a sending window like 09:00-17:00; None for `always`."""
    if text == "always":
        return None
    try:
        start, end = (time.fromisoformat(part) for part in text.split("-"))
    except ValueError as error:
        raise WindowRefused(text) from error
    if start.tzinfo or end.tzinfo or start >= end:
        raise WindowRefused(text)
    return start, end


def next_window(employer: Employer, now: datetime) -> datetime:
    """NOW if survey mail may leave now, else when the next weekday's window opens."""
    window = parse_window(employer.send_window)
    if window is None:
        return now
    start, end = window
    here = now.astimezone(employer.zone)
    if here.weekday() < WEEKDAYS and start <= here.time() < end:
        return now
    day = here.date()
    if here.time() >= start or here.weekday() >= WEEKDAYS:
        day = add_business_days(day, 1)
    return local_moment(employer, day, start)
