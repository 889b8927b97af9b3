"""The closure clock: when a candidate is owed news, and when survey mail may go out.

The only place, besides formatting, that knows time zones. Writes nothing.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

from portal.models import ClockPreset, Duty, Employer, Outcome

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


class Known(Protocol):
    """What an application says of itself that the clock reads."""

    @property
    def outcome(self) -> Outcome | None: ...
    @property
    def decided_on(self) -> date | None: ...
    @property
    def told_on(self) -> date | None: ...
    @property
    def last_interview_on(self) -> date | None: ...
    @property
    def promised_on(self) -> date | None: ...
    @property
    def delayed_on(self) -> date | None: ...
    @property
    def delayed_until(self) -> date | None: ...


@dataclass(frozen=True)
class Owed:
    """By when a candidate is owed news, and under which duty."""

    on: date
    under: Duty


def is_waiting(known: Known) -> bool:
    """Whether there is still something to tell: not to who withdrew, nor to who has been told."""
    return known.told_on is None and known.outcome is not Outcome.WITHDRAWN


def owed(employer: Employer, known: Known) -> Owed | None:
    """What EMPLOYER owes, or None while nothing is owed by a date.

    The first of two days: that of the employer's clock, and the one that the candidate was given.
    """
    if not is_waiting(known):
        return None
    days = (_by_clock(employer, known), _by_promise(known))
    return min((day for day in days if day), key=lambda day: day.on, default=None)


def _by_clock(employer: Employer, known: Known) -> Owed | None:
    if employer.clock_preset is ClockPreset.ONTARIO:
        interviewed = known.last_interview_on
        owed_on = owed_from_interview(employer, interviewed)
        # The law asks for word whether there is a decision; "not yet", with a date, is such word.
        is_met = known.delayed_on and interviewed and known.delayed_on >= interviewed
        return Owed(owed_on, Duty.ONTARIO) if owed_on and not is_met else None
    if known.decided_on is None:
        return None
    if employer.clock_preset is ClockPreset.OWN:
        days = employer.inform_within_business_days
        return Owed(add_business_days(known.decided_on, days), Duty.OWN)
    return Owed(add_business_days(known.decided_on, TEN_DAYS), Duty.TEN_DAYS)


def _by_promise(known: Known) -> Owed | None:
    """The newest date that the candidate was given: it may be later than one that was not kept."""
    promised = known.delayed_until or known.promised_on
    return Owed(promised, Duty.PROMISE) if promised else None


def owed_from_interview(employer: Employer, interviewed_on: date | None) -> date | None:
    """By when news is owed whether or not there is a decision, and whatever it is: what may be
    said to somebody who knows of none."""
    if employer.clock_preset is not ClockPreset.ONTARIO or not interviewed_on:
        return None
    return interviewed_on + timedelta(days=ONTARIO_DAYS)


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
    if window is None or _is_open(employer, window, now):
        return now
    # Clocks put back open it a second time, even on the evening before when it is past midnight;
    # an hour or a day that is left out does not open it.
    day = local_day(employer, now) - timedelta(days=1)
    while True:
        both = [local_moment(employer, day, window[0].replace(fold=fold)) for fold in (0, 1)]
        for opens in sorted(both):
            if opens >= now and _is_open(employer, window, opens):
                return opens
        day += timedelta(days=1)


def _is_open(employer: Employer, window: tuple[time, time], moment: datetime) -> bool:
    here = moment.astimezone(employer.zone)
    return here.weekday() < WEEKDAYS and window[0] <= here.time() < window[1]
