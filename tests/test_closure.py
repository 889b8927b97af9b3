"""The closure clock: days, windows, what is owed by when."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import closure
from portal.models import Application, ClockPreset, Employer, Outcome
from tests.support.factory import at

PARIS = Employer(timezone="Europe/Paris", send_window="09:00-17:00")


def application(**facts) -> Application:
    employer = Employer(
        timezone="Europe/Paris",
        clock_preset=facts.pop("preset", ClockPreset.OWN),
        inform_within_business_days=5,
    )
    return Application(employer=employer, **facts)


@pytest.mark.parametrize(
    ("facts", "owed"),
    [
        ({}, None),
        ({"decided_on": date(2026, 11, 20), "outcome": Outcome.REJECTED}, date(2026, 11, 27)),
        (
            {
                "decided_on": date(2026, 11, 20),
                "outcome": Outcome.REJECTED,
                "preset": ClockPreset.TEN_DAYS,
            },
            date(2026, 12, 4),
        ),
        ({"decided_on": date(2026, 11, 20), "outcome": Outcome.WITHDRAWN}, None),
        (
            {
                "decided_on": date(2026, 11, 20),
                "outcome": Outcome.REJECTED,
                "told_on": date(2026, 11, 21),
            },
            None,
        ),
        (
            {"last_interview_on": date(2026, 1, 1), "preset": ClockPreset.ONTARIO},
            date(2026, 2, 15),
        ),
        ({"preset": ClockPreset.ONTARIO}, None),
    ],
)
def test_what_is_owed_by_when(facts, owed):
    given = application(**facts)
    found = closure.owed(given.employer, given)
    assert (found.on if found else None) == owed


@pytest.mark.parametrize(
    ("now", "opens"),
    [
        ("2026-11-23T08:00", "2026-11-23T08:00"),  # Monday 9:00 in Paris: open
        ("2026-11-23T07:59", "2026-11-23T08:00"),
        ("2026-11-23T16:00", "2026-11-24T08:00"),  # 17:00: closed for today
        ("2026-11-20T20:00", "2026-11-23T08:00"),  # Friday night
        ("2026-11-21T10:00", "2026-11-23T08:00"),  # Saturday
        ("2026-03-28T10:00", "2026-03-30T07:00"),  # the clocks go forward on Sunday
    ],
)
def test_the_window_in_the_employers_zone(now, opens):
    assert closure.next_window(PARIS, at(now)) == at(opens)


def test_always_is_always():
    employer = Employer(timezone="UTC", send_window="always")
    assert closure.next_window(employer, at("2026-11-21T03:00")) == at("2026-11-21T03:00")


@given(st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))
def test_a_window_is_never_in_the_past_nor_far_away_and_is_open(now):
    opens = closure.next_window(PARIS, now)
    assert now <= opens < now + timedelta(days=4)
    assert closure.next_window(PARIS, opens) == opens


@pytest.mark.parametrize(
    ("zone", "window", "now", "opens"),
    [
        # Clocks put back at midnight, so that 23:00 to 24:00 comes twice: in its second turn.
        ("Africa/Cairo", "23:30-23:59", "2026-10-29T21:15", "2026-10-29T21:30"),
        # Closed already in the first turn, and open again in the second.
        ("Asia/Amman", "00:00-00:30", "2008-10-30T21:40", "2008-10-30T22:00"),
        # Back over midnight, to the evening before.
        ("Antarctica/Casey", "23:30-23:59", "2010-03-04T13:03", "2010-03-04T15:30"),
        # The window's hour is left out on a Friday: on Monday.
        ("Asia/Jerusalem", "02:00-03:00", "2026-03-26T22:00", "2026-03-29T23:00"),
        ("Africa/Cairo", "00:00-00:30", "2026-04-23T20:00", "2026-04-26T21:00"),
        # A whole Friday is left out.
        ("Pacific/Apia", "09:00-17:00", "2011-12-30T09:00", "2012-01-01T19:00"),
        # Clocks put forward at midnight before a Saturday: 23:30 would be past it.
        ("Asia/Pyongyang", "23:30-23:59", "2018-05-04T12:00", "2018-05-07T14:30"),
    ],
)
def test_the_window_where_clocks_are_changed(zone, window, now, opens):
    employer = Employer(timezone=zone, send_window=window)
    assert closure.next_window(employer, at(now)) == at(opens)
    assert closure.next_window(employer, at(opens)) == at(opens)


@pytest.mark.parametrize("text", ["", "9-17", "17:00-09:00", "09:00-09:00", "always ", "a-b-c"])
def test_an_odd_window_is_refused(text):
    with pytest.raises(closure.WindowRefused):
        closure.parse_window(text)


def test_a_day_without_a_time_is_noon_but_never_in_the_future():
    now = at("2026-11-23T09:00")
    assert closure.noon_of(PARIS, date(2026, 11, 20), now) == at("2026-11-20T11:00")
    assert closure.noon_of(PARIS, date(2026, 11, 23), now) == now
