"""The forms in which files write a day: one cell -> what it can stand for. Pure.

A cell that writes a day has that day, whatever time and zone stand behind it: exporting programs
write days as midnight in their own zone or in UTC, and moving such a day by the employer's zone
would put it a day off for half of the world. Only a bare count of seconds has no written day.
"""

import re
from collections.abc import Iterator, Mapping, Set
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from functools import lru_cache

from portal.candidate_files.month_names import MONTHS, WEEKDAYS
from portal.candidate_files.texts import (
    QUOTES,
    SPACES,
    decode_entities,
    is_invisible,
    unaccented,
)


class Order(StrEnum):
    """In which order days are written in numbers; the values are those of `--dates`."""

    DMY = "dmy"
    MDY = "mdy"
    YMD = "ymd"


# The day under each order that can read the cell; or the moment that it counts to.
Readings = Mapping[Order, date] | datetime

LONGEST = 100
CENTURY = 69  # two-digit years: as strptime and spreadsheets do, or nearly
STROKES = str.maketrans("\u2010\u2011\u2012\u2013\u2014\u2212\u2044\u2215", "------//")

_QUOTED = re.compile(r"=?\"([^\"]*)\"")  # ="2026-11-01" keeps a spreadsheet's hands off
_SEPARATOR = r" ?[-/._] ?| "
_YEAR_FIRST = re.compile(rf"([0-9]{{4}})({_SEPARATOR})([0-9]{{1,2}})\2([0-9]{{1,2}})\.?")
_NUMBERS = re.compile(rf"([0-9]{{1,2}})({_SEPARATOR})([0-9]{{1,2}})\2([0-9]{{4}}|[0-9]{{2}})\.?")
_COMPACT = re.compile(
    r"((?:19|20)[0-9]{2})([0-9]{2})([0-9]{2})"
    r"(?:t?[0-9]{4}(?:[0-9]{2}(?:\.[0-9]+)?)?(?:z|[+-][0-9]{4})?)?"
)
_WEEK = re.compile(r"([0-9]{4})-?w([0-9]{2})-?([1-7])")
_LINK = r"(?: ?[-/.,] ?| )"
_OF = r"(?: (?:of|de|del)(?= ))?"
_NAMED_YEAR = rf"(?:{_LINK}?,?|,? ?)(?: de| del| of)? ?'?([0-9]{{4}}|[0-9]{{2}})"
_DAY_MONTH = re.compile(
    rf"([0-9]{{1,2}})(?:st|nd|rd|th|er|o|\.|º)?{_OF}{_LINK}?"
    rf"([^\W\d_]{{3,12}})\.?{_NAMED_YEAR}"
)
_MONTH_DAY = re.compile(
    r"([^\W\d_]{3,12})\.?[ \-/,]{1,2}([0-9]{1,2})(?:st|nd|rd|th)?"
    r"(?:, ?| ?- ?|/| )'?([0-9]{4}|[0-9]{2})"
)
_YEAR_MONTH = re.compile(rf"([0-9]{{4}}){_LINK}([^\W\d_]{{3,12}})\.?{_LINK}([0-9]{{1,2}})")
_BEFORE = re.compile(r"(?:on|the|le|el|den|am|vom) (?=[0-9])")
_WEEKDAY = re.compile(r"([^\W\d_]{2,10})[.,]{0,2} ?")
_WEEKDAY_BEHIND = re.compile(r",? ?\(?([^\W\d_]{2,10})\.?\)?$")

_CLOCK = (
    r"(?:[01]?[0-9]|2[0-4])(?:(?:[:.][0-5][0-9](?:(?:[:.][0-5]?[0-9]|:60)(?:[.,][0-9]{1,9})?)?)"
    r" ?(?:[ap]\.? ?m\.?|uhr|h)?| ?h ?[0-5][0-9](?: ?min)?|[0-5][0-9](?:[0-5][0-9])?(?=z|[+-]|$)"
    r"| ?[ap]\.? ?m\.?| uhr| ?h|(?=z|[+-]|$))"
)
_ZONE = (
    r"(?: ?(?:z|(?:utc|gmt)?[+-][0-9]{1,2}(?::?[0-9]{2}){0,2}|[a-z]{2,5}"
    r"|(?:[a-z]+ ){1,4}time|[a-z]+(?:/[a-z_\-]+){1,2}|\[[a-z0-9/_+: \-]+\]|\([^()]{1,60}\)))"
)
_TIME_BEHIND = re.compile(
    rf"(?<=[0-9.])(?:t|_|-(?=[0-9]{{2}}[.:][0-9]{{2}}[.:])|(?<=20[0-9]{{2}}):"
    r"|,? |, ?| - | at | a | um | a las |,? a las | (?=\())"
    rf"(?:at |a |um |a las )?(?![0-9]{{4}}-[0-9]{{1,2}}-){_CLOCK}{_ZONE}{{0,3}}"
)
_ZONE_BEHIND = re.compile(r"(?<=[0-9])(?:z|[+-][0-9]{2}:[0-9]{2}| ?(?:utc|gmt))")
_TIME_BEFORE = re.compile(rf"{_CLOCK}(?:,? | - )")
# "Sun Nov 1 14:22:05 UTC 2026", as Unix and Java write it: the year stands behind the time.
_TIME_WITHIN = re.compile(rf"(?<=[0-9]) {_CLOCK}{_ZONE}? (?=[0-9]{{4}}$)")

_SERIAL = re.compile(r"([0-9]{5})(?:[.,][0-9]+)?")
SERIALS = range(36_526, 73_051)  # 2000 to 2099, as spreadsheets count days
SERIAL_ZERO = date(1899, 12, 30)
_COUNT = re.compile(r"([0-9]{9,10}|[0-9]{12,13}|[0-9]{15,16})(?:\.[0-9]+)?")
_NET_DATE = re.compile(r"\\?/date\((-?[0-9]{9,13})(?:[+-][0-9]{4})?\)\\?/")


# What most files hold, without a look at anything else; each moment of an export is another text.
_PLAIN = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]+)?)?"
    r"(?:Z| UTC|[+-][0-9]{2}:?[0-9]{2})?)?"
)


def read_plain(text: str) -> date | None:
    """The day of TEXT if it is year-month-day, perhaps with a time, as ISO 8601 writes them."""
    if not _PLAIN.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        return None


@lru_cache(maxsize=20_000)
def readings(text: str) -> Readings | None:
    """What the cell TEXT can stand for; None if that is no day."""
    if len(text) > LONGEST:
        return None
    plain = _normalize(text)
    return _read_count(plain) or _read_day(plain)


def _normalize(text: str) -> str:
    """Lower case without accents, with plain hyphens and single spaces; of other digits nothing."""
    text = decode_entities(text)
    if not text.isascii():
        text = "".join(sign for sign in text if not is_invisible(sign)).translate(STROKES)
        if any(sign.isdecimal() and not sign.isascii() for sign in text):
            return ""  # a reader that takes them for what they look like could be wrong
        text = unaccented(SPACES.sub(" ", text))
    plain = " ".join(text.lower().split())
    if quoted := _QUOTED.fullmatch(plain):
        plain = quoted[1]
    return plain.strip(f"{QUOTES} ").rstrip(",; ")


def _read_count(text: str) -> Readings | None:
    """Days or seconds, counted."""
    if (serial := _SERIAL.fullmatch(text)) and int(serial[1]) in SERIALS:
        return _sure(SERIAL_ZERO + timedelta(days=int(serial[1])))
    if found := _NET_DATE.fullmatch(text):
        return _moment(int(found[1]), 1_000)
    if (found := _COUNT.fullmatch(text)) and not _COMPACT.fullmatch(text):
        digits = len(found[1])
        return _moment(int(found[1]), 1 if digits < 12 else 1_000 if digits < 15 else 1_000_000)
    return None


def _moment(count: int, in_a_second: int) -> datetime | None:
    try:
        return datetime.fromtimestamp(count / in_a_second, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _read_day(text: str) -> Mapping[Order, date] | None:
    """A day written in TEXT, with a time or without, with its weekday or without."""
    for core in _without_time(text):
        if found := _read_core(_BEFORE.sub("", core, count=1)):
            return found
        # "mar. 3 nov. 2026" begins with a weekday, "Mar 3, 2026" with a month: that is tried first.
        for rest, weekdays in _without_weekday(core):
            if found := _read_core(_BEFORE.sub("", rest, count=1)):
                return _on(weekdays, found)
    return None


def _without_weekday(text: str) -> Iterator[tuple[str, Set[int]]]:
    """TEXT less the weekday before or behind it, and which day of the week that is."""
    if (before := _WEEKDAY.match(text)) and before[1] in WEEKDAYS:
        yield text[before.end() :], WEEKDAYS[before[1]]
    if (behind := _WEEKDAY_BEHIND.search(text)) and behind[1] in WEEKDAYS:
        yield text[: behind.start()], WEEKDAYS[behind[1]]


def _on(weekdays: Set[int], found: Mapping[Order, date]) -> Mapping[Order, date]:
    """FOUND, or the one day of it on one of WEEKDAYS: "Mon 02/11/2026" is not in February."""
    days = {day for day in found.values() if day.weekday() in weekdays}
    return _sure(days.pop()) if len(days) == 1 else found


def _without_time(text: str) -> list[str]:
    """TEXT, and TEXT less each time of day that could stand in it."""
    cores = [text]
    cores += [
        text[: found.start()]
        for pattern in (_TIME_BEHIND, _ZONE_BEHIND)
        for found in pattern.finditer(text)
        if pattern.fullmatch(text, found.start())
    ]
    if before := _TIME_BEFORE.match(text):
        cores.append(text[before.end() :])
    if within := _TIME_WITHIN.search(text):
        cores.append(f"{text[: within.start()]} {text[within.end() :]}")
    return cores


def _read_core(text: str) -> Mapping[Order, date] | None:
    for pattern, read in _FORMS:
        if found := pattern.fullmatch(text):
            try:
                return read(found)
            except (ValueError, KeyError):
                return None
    return None


def _sure(day: date) -> Mapping[Order, date]:
    return dict.fromkeys(Order, day)


def _year(text: str) -> int:
    year = int(text)
    if len(text) == 4:
        return year
    return year + (2000 if year < CENTURY else 1900)


def _read_numbers(found: re.Match[str]) -> Mapping[Order, date]:
    first, second, third = found[1], found[3], found[4]
    parts = {Order.DMY: (third, second, first), Order.MDY: (third, first, second)}
    if len(first) == len(second) == len(third) == 2:
        parts[Order.YMD] = (first, second, third)
    days = {}
    for order, (year, month, day) in parts.items():
        try:
            days[order] = date(_year(year), int(month), int(day))
        except ValueError:
            continue
    return days


def _read_week(found: re.Match[str]) -> Mapping[Order, date]:
    return _sure(date.fromisocalendar(int(found[1]), int(found[2]), int(found[3])))


def _read_compact(found: re.Match[str]) -> Mapping[Order, date]:
    return _sure(date(int(found[1]), int(found[2]), int(found[3])))


_FORMS = (
    (_YEAR_FIRST, lambda found: _sure(date(int(found[1]), int(found[3]), int(found[4])))),
    (_NUMBERS, _read_numbers),
    (_COMPACT, _read_compact),
    (_DAY_MONTH, lambda found: _sure(date(_year(found[3]), MONTHS[found[2]], int(found[1])))),
    (_MONTH_DAY, lambda found: _sure(date(_year(found[3]), MONTHS[found[1]], int(found[2])))),
    (_YEAR_MONTH, lambda found: _sure(date(int(found[1]), MONTHS[found[2]], int(found[3])))),
    (_WEEK, _read_week),
)
