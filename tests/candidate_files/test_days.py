"""Days as files write them; what could be two days is asked, never guessed."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.candidate_files import FileRefused
from portal.candidate_files.days import DayColumn, DayOrder, read_day

APRIL_13 = date(2026, 4, 13)


def local_day(moment):
    return moment.astimezone(ZoneInfo("America/Toronto")).date()


def settle(*texts):
    column = DayColumn("Decided")
    for row, text in enumerate(texts, 2):
        column.see(row, text)
    return column.settle()


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        ((), DayOrder.ISO),
        (("2026-04-13", "soon"), DayOrder.ISO),
        (("2026-04-13T10:00:00Z", "2026-04-13"), DayOrder.ISO),
        (("03/04/2026", "13/04/2026", "5.5.2026"), DayOrder.DAY_FIRST),
        (("03/04/2026", "04/13/2026"), DayOrder.MONTH_FIRST),
        (("13.04.2026",), DayOrder.DAY_FIRST),
        (("13-04-2026 09:30",), DayOrder.DAY_FIRST),
        (("4/13/2026 9:30 AM", "4/5/2026, 12:00:00"), DayOrder.MONTH_FIRST),
        (("05/05/2026", "6/6/2026"), DayOrder.BOTH),
        (("1776081600",), DayOrder.EPOCH),
        (("1776081600000", "946684800"), DayOrder.EPOCH),
    ],
)
def test_a_column_settles_on_the_only_order_that_fits(texts, order):
    assert settle(*texts) is order


def test_one_row_far_below_decides():
    assert settle(*["03/04/2026"] * 699, "13/04/2026") is DayOrder.DAY_FIRST


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (("03/04/2026", "05/06/2026"), "row 2, column “Decided”: “03/04/2026” could be day/month"),
        (("05/05/2026", "05/06/2026"), "row 3, column “Decided”: “05/06/2026” could be day/month"),
        (("13/04/2026", "04/13/2026"), "“13/04/2026” in row 2 and “04/13/2026” in row 3"),
        # A spreadsheet that took some days for dates may have turned those round.
        (("2026-04-03", "13/04/2026"), "more than one way"),
        (("2026-04-03", "03/03/2026"), "more than one way"),
        (("2026-04-03", "1776081600"), "more than one way"),
    ],
)
def test_a_column_that_could_mean_two_things_is_refused(texts, words):
    with pytest.raises(FileRefused) as caught:
        settle(*texts)
    assert words in str(caught.value)
    assert "year-month-day" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("2026-04-13", DayOrder.ISO),
        ("2026-04-13 23:59:59", DayOrder.ISO),
        ("2026-04-14T02:00:00Z", DayOrder.ISO),  # still the 13th in Toronto
        ("2026-04-14 02:00:00 UTC", DayOrder.ISO),
        ("2026-04-13T22:00:00-04:00", DayOrder.ISO),
        ("13/4/2026", DayOrder.DAY_FIRST),
        ("04/13/2026 9:30 AM", DayOrder.MONTH_FIRST),
        ("1776132000", DayOrder.EPOCH),  # 02:00 UTC on the 14th
        ("1776132000000", DayOrder.EPOCH),
    ],
)
def test_days_are_read(text, order):
    assert read_day(text, order, local_day) == APRIL_13


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("2026-13-45", DayOrder.ISO),
        ("2026-4-13", DayOrder.ISO),
        ("2026-04-13T", DayOrder.ISO),
        ("0001-01-01T00:00:00+14:00", DayOrder.ISO),
        ("２０２６-04-13", DayOrder.ISO),
        ("13/04/2026", DayOrder.ISO),
        ("2026-04-13", DayOrder.DAY_FIRST),
        ("31/02/2026", DayOrder.DAY_FIRST),
        ("13/04/26", DayOrder.DAY_FIRST),
        ("13/04-2026", DayOrder.DAY_FIRST),
        ("45000", DayOrder.EPOCH),
        ("1e9", DayOrder.EPOCH),
        ("2026-04-13", DayOrder.EPOCH),
    ],
)
def test_what_is_no_day_says_how_to_write_one(text, order):
    with pytest.raises(ValueError, match="2026-04-13"):
        read_day(text, order, local_day)


@given(st.text(max_size=30), st.sampled_from(DayOrder))
def test_any_text_is_a_day_or_refused_in_words(text, order):
    try:
        day = read_day(text, order, local_day)
    except ValueError as error:
        day = str(error)
    assert isinstance(day, date) or "year-month-day" in day


@given(st.dates(date(1000, 1, 1)), st.sampled_from(["%d/%m/%Y", "%m/%d/%Y", "%Y-%m-%d"]))
def test_a_settled_column_reads_back_what_was_written(day, pattern):
    text = day.strftime(pattern)
    decider = date(2026, 4, 13).strftime(pattern)
    assert read_day(text, settle(text, decider), local_day) == day


@given(st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1)))
def test_unix_times_are_told_apart_by_their_size(moment):
    seconds = int(moment.replace(tzinfo=UTC).timestamp())
    expected = local_day(datetime.fromtimestamp(seconds, UTC))
    for text in (str(seconds), str(seconds * 1000)):
        assert read_day(text, settle(text), local_day) == expected
