"""The forms in which files write days, each read back; a written day is never moved."""

import calendar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.candidate_files.day_forms import Order
from portal.candidate_files.day_order import read_day

FIRST = date(2026, 11, 1)
FAR_APART = [ZoneInfo("America/Toronto"), ZoneInfo("Pacific/Auckland"), UTC]
ENGLISH = [name.lower() for name in calendar.month_name[1:]]
FRENCH = "janvier février mars avril mai juin juillet août septembre octobre novembre décembre"
GERMAN = "Januar Februar März April Mai Juni Juli August September Oktober November Dezember"
SPANISH = "enero febrero marzo abril mayo junio julio agosto septiembre octubre noviembre diciembre"
# As ICU and Java abbreviate them.
SHORT_FRENCH = "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc."
SHORT_GERMAN = "Jan. Feb. Mrz Apr. Mai Juni Juli Aug. Sept. Okt. Nov. Dez."
SHORT_SPANISH = "ene feb mar abr may jun jul ago sept oct nov dic"
MONTH_NAMES = [
    ENGLISH,
    [name.upper() for name in calendar.month_abbr[1:]],
    *(
        names.split()
        for names in (FRENCH, GERMAN, SPANISH, SHORT_FRENCH, SHORT_GERMAN, SHORT_SPANISH)
    ),
]


FIRSTS = """
2026-11-01
2026/11/01
2026.11.01
2026-11-1
2026/11/1 9:05
2026. 11. 1.
20261101
20261101T142205Z
20261101142205
202611011422
2026-W44-7
2026W447
2026-11-01T00:00:00Z
2026-11-01T23:30:00+00:00
2026-11-01T23:30:00.000+0000
2026-11-01T14:22:05.123456789Z
2026-11-01T14
2026-11-01 23:59:59 UTC
2026-11-01 23:59:59 -0500
2026-11-01 23:59:59,123
2026-11-01 2:22 PM
2026-11-01 02:22:05 p.m.
2026-11-01 14:22:05 America/Toronto
2026-11-01T14:22:05-05:00[America/Toronto]
2026-11-01 14:22 GMT+1
2026-11-01 14:22 Eastern Standard Time
2026-11-01 14:22 EST
2026-11-01Z
2026-11-01-05:00
2026-11-01 UTC
2026-11-01 14h22
1er nov. 2026 à 14 h 22
1 novembre 2026 14 h 22 min
="2026-11-01"
"2026-11-01"
2026-11-01 14:22 Uhr
2026-Nov-01
Sun Nov 01 2026 14:22:05 GMT+0000 (Coordinated Universal Time)
Sun Nov 01 2026 14:22:05 GMT+0000
Sun Nov 01 2026 14:22:05 GMT-0500 (heure normale de l’Est nord-américain)
Sun Nov 01 2026
Sun Nov  1 14:22:05 2026
Sun Nov 01 14:22:05 UTC 2026
Sun, 01 Nov 2026 14:22:05 +0000
Sun, 1 Nov 2026 14:22:05 GMT
Sunday, November 1, 2026
Sunday, November 1, 2026 at 2:22:05 PM EST
dimanche 1 novembre 2026 à 14:22
dim. 1 nov. 2026
Sonntag, 1. November 2026 um 14:22
So., 1. Nov. 2026
domingo, 1 de noviembre de 2026
1-Nov-26
01-NOV-2026
01-NOV-26 02.22.05.000000 PM
01-Nov-2026 14:22
01/Nov/2026:14:22:05 +0000
01Nov2026
1 Nov '26
Nov 1, 2026
Nov. 1, 2026
Nov 1 2026
Nov-01-2026
November 1, 2026
NOVEMBER 1ST, 2026
November 1st 2026
1st November 2026
the 1st of November, 2026
1st of November 2026
Nov 1, 2026, 2:22 PM
Nov 1, 2026, 2:22\u202fPM
1\u00a0nov.\u00a02026
1 November 2026 14:22
1. November 2026
1er novembre 2026
le 1er novembre 2026
1 nov. 2026
1 de noviembre de 2026
1 de nov. de 2026
el 1 de noviembre del 2026
'2026-11-01
\ufeff2026-11-01\u200b
\u200e2026\u200e/\u200e11\u200e/\u200e01
2026\u201111\u201101
46327
46327.0
46327.599
46327,599
1793491200
1793491200000
1793491200000000
1793491200.0
/Date(1793491200000)/
/Date(1793491200000+0000)/
2026-11-01-14.22.05.123456
2026-11-01_14-22-05
20261101142205.000
20261101142205.0Z
20261101142205+0100
2026 11 01
2026_11_01
2026—11—01
'2026-11-01'
`2026-11-01`
“2026-11-01 10:00”
2026-11-01;
2026-11-01 (Sun)
2026-11-01, Sunday
1 Nov 2026 (dim.)
on 2026-11-01
den 1. November 2026
Sonntag, den 1. November 2026
"""
NO_DAYS = """
soon
2026-13-45
2026-02-29
31/02/2026
13/04-2026
2026-11
11/2026
Nov 2026
Nov-26
1-Nov
32 Nov 2026
1 Jui 2026
1 Foo 2026
0000-00-00
1e9
-46327
36525
99999
123456
0
2026-11-01T
2026-11-01T25:00
2026-11-01 and then
2026-11-01, 2026-11-02
2026-11-01 2026-11-02
2026-11-01 - 2026-11-02
01.11.2026 02.11.2026
2026-W54-1
２０２６-11-01
٠١/١١/٢٠٢٦
2026-11-0１
4.8321E+17
99999999999999999
/Date(x)/
"""


def read(text, order=Order.DMY, zone=FAR_APART[0]):
    return read_day(text, order, lambda moment: moment.astimezone(zone).date())


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize(
    "text",
    FIRSTS.strip().splitlines(),
)
def test_the_first_of_november_in_every_order_and_wherever_the_employer_is(text, order):
    assert {read(text, order, zone) for zone in FAR_APART} == {FIRST}


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("10/30/26", Order.MDY, date(2026, 10, 30)),
        ("11/3/26", Order.MDY, date(2026, 11, 3)),
        ("3.11.26", Order.DMY, date(2026, 11, 3)),
        ("3. 11. 2026", Order.DMY, date(2026, 11, 3)),
        ("03-11-2026 09:30", Order.DMY, date(2026, 11, 3)),
        ("03/11/2026, 09:30:00", Order.DMY, date(2026, 11, 3)),
        ("03/11/2026 à 09h30", Order.DMY, date(2026, 11, 3)),
        ("5/25/2024 8:00 AM", Order.MDY, date(2024, 5, 25)),
        ("14:22 03/11/2026", Order.DMY, date(2026, 11, 3)),
        ("26-11-01", Order.YMD, FIRST),
        ("26/11/01 10:00", Order.YMD, FIRST),
        ("05/05/2026", Order.YMD, date(2026, 5, 5)),
        ("le 03/11/2026", Order.DMY, date(2026, 11, 3)),
        ("vom 3.11.2026", Order.DMY, date(2026, 11, 3)),
        ("03 11 2026", Order.DMY, date(2026, 11, 3)),
        ("03⁄11∕2026", Order.DMY, date(2026, 11, 3)),
        ("mar. 3 nov. 2026", Order.DMY, date(2026, 11, 3)),
        ("Mar 3, 2026", Order.DMY, date(2026, 3, 3)),
        ("mar 3 mar 2026", Order.DMY, date(2026, 3, 3)),
        ("Di., 3. März 2026", Order.DMY, date(2026, 3, 3)),
        ("3 mrz 99", Order.DMY, date(1999, 3, 3)),
        ("3 de setiembre de 2026", Order.MDY, date(2026, 9, 3)),
    ],
)
def test_days_that_need_an_order_and_words_that_look_alike(text, order, day):
    assert read(text, order) == day


@pytest.mark.parametrize("order", Order)
@pytest.mark.parametrize(
    "text",
    [
        *("Tue 11/3/2026", "Tue 3/11/2026 2:22 PM", "Tuesday, 11/03/26", "mar. 03/11/2026"),
        *(
            "mardi 3/11/2026",
            "Di 03.11.2026",
            "Di., 03.11.2026, 10:00 Uhr",
            "Dienstag, den 3.11.26",
        ),
        *("martes 03/11/2026", "03/11/2026 (mar.)", "3.11.2026, Di.", "11/3/2026 Tue"),
    ],
)
def test_a_weekday_shows_in_which_order_a_day_is_written(text, order):
    assert read(text, order) == date(2026, 11, 3)


def test_a_weekday_that_fits_no_order_or_several_shows_none():
    assert {read("Mon 03/11/2026", order) for order in (Order.DMY, Order.MDY)} == {
        date(2026, 11, 3),
        date(2026, 3, 11),
    }
    assert read("Sun 01/11/2026", Order.MDY) == date(2026, 1, 11)


@pytest.mark.parametrize(
    ("text", "zone", "day"),
    [
        ("1793494800", "America/Toronto", date(2026, 10, 31)),
        ("1793494800", "Pacific/Auckland", FIRST),
        ("1793494800000", "America/Toronto", date(2026, 10, 31)),
        ("/Date(1793494800000)/", "America/Toronto", date(2026, 10, 31)),
        ("1793530800", "Pacific/Auckland", date(2026, 11, 2)),
    ],
)
def test_a_bare_moment_is_the_day_that_it_was_where_the_employer_is(text, zone, day):
    assert read(text, zone=ZoneInfo(zone)) == day


@pytest.mark.parametrize(
    "text",
    NO_DAYS.strip().splitlines(),
)
def test_what_is_no_day_says_how_to_write_one(text):
    for order in Order:
        with pytest.raises(ValueError, match=r"is not a day.*2026-04-13"):
            read(text, order)


def test_a_day_of_another_order_is_told_so():
    with pytest.raises(ValueError, match="“10/30/2026” is not a day written day/month/year"):
        read("10/30/2026", Order.DMY)


@given(st.text(max_size=60) | st.text("0123456789-/. :TZAPMnovdec,'+()", max_size=30))
def test_any_text_is_a_day_or_refused_in_words(text):
    for order in Order:
        try:
            said = read(text, order)
        except ValueError as error:
            said = str(error)
        assert isinstance(said, date) or "year-month-day" in said


SEPARATORS = st.sampled_from("-/.")
TIMES = st.sampled_from(
    ["", " 9:05", " 23:59:59", "T00:00:00Z", " 12:00 AM", " 11:59 pm UTC", "T23:30:00.5+14:00"]
)
DAYS = st.dates(date(2000, 1, 1), date(2068, 12, 31))


@given(DAYS, SEPARATORS, TIMES, st.sampled_from(Order))
def test_numbers_in_their_order_read_back(day, separator, time, order):
    long, short = f"{day.year}", f"{day.year % 100:02}"
    for year, month, number in [
        (long, f"{day.month}", f"{day.day}"),
        (long, f"{day.month:02}", f"{day.day:02}"),
        (short, f"{day.month:02}", f"{day.day:02}"),
    ]:
        parts = {"d": number, "m": month, "y": year}
        text = separator.join(parts[letter] for letter in order) + time
        assert read(text, order) == day, text


@given(DAYS, st.sampled_from(MONTH_NAMES), TIMES, st.sampled_from(Order))
def test_months_by_name_read_back_in_every_order(day, names, time, order):
    name = names[day.month - 1]
    for text in (
        f"{day.day} {name} {day.year}",
        f"{day.day:02}-{name}-{day.year % 100:02}",
        f"{day.day}. {name} {day.year}",
        f"{day.day} de {name} de {day.year}",
        f"{name} {day.day}, {day.year}",
        f"{calendar.day_abbr[day.weekday()]}, {day.day} {name} {day.year}",
        f"{calendar.day_name[day.weekday()]} {name} {day.day} {day.year}",
    ):
        assert read(text + time, order) == day, text


@given(DAYS, st.sampled_from(Order), st.sampled_from(FAR_APART))
def test_counted_days_read_back(day, order, zone):
    seconds = int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
    iso = day.isocalendar()
    for text in (
        str((day - date(1899, 12, 30)).days),
        str(seconds),
        str(seconds * 1_000),
        str(seconds * 1_000_000),
        f"/Date({seconds * 1_000})/",
        f"{day:%Y%m%d}",
        f"{iso.year}-W{iso.week:02}-{iso.weekday}",
    ):
        assert read(text, order, zone) == day, text


@given(st.datetimes(datetime(2000, 1, 2), datetime(2068, 1, 1)))
def test_a_moment_is_the_employers_day(moment):
    moment = moment.replace(microsecond=0, tzinfo=UTC) + timedelta(seconds=1)
    if moment.time() == datetime.min.time():
        return
    expected = moment.astimezone(FAR_APART[0]).date()
    for factor in (1, 1_000, 1_000_000):
        assert read(str(int(moment.timestamp()) * factor)) == expected
