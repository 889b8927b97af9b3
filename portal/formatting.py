"""How figures, durations and dates are written for people, in English and French: the only place.

Knows nothing of requests, users or tables: `language` says for whom; the time zone is an argument.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import babel
from babel.dates import format_date, format_time, format_timedelta
from babel.numbers import format_decimal
from babel.units import format_unit
from markupsafe import Markup

from portal import language
from portal.language import gettext, ngettext

NBSP = "\u00a0"
"""Between a number and its unit, so that "43 %" never breaks across lines."""

LEVEL = f"95{NBSP}%"

_REORDERING = re.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")

DateStyle = Literal["short", "medium", "long"]


def unknown() -> str:
    """What stands where a figure would stand that nobody knows."""
    return gettext("not known")


def unbroken(text: str) -> str:
    """TEXT with no line's end where French puts a space beside a mark."""
    return re.sub("(?<=«) | (?=[?:;!»])", NBSP, text)


def unreordered(text: str) -> str:
    """TEXT without the characters that reorder their neighbours: names may move nothing else."""
    return _REORDERING.sub("", text)


# -- numbers --------------------------------------------------------------------------------------


def number(value: float | None, digits: int = 0) -> str:
    """`value` to exactly `digits` decimals, halves up (Babel alone rounds 62.5 to 62)."""
    return unknown() if value is None else _number(value, digits, language.conventions())


@lru_cache(maxsize=4096)  # a page of charts formats the same few figures many times
def _number(value: float, digits: int, locale: babel.Locale) -> str:
    step = Decimal(1).scaleb(-digits)
    rounded = Decimal(str(value)).quantize(step, rounding=ROUND_HALF_UP)
    if rounded.is_zero():
        rounded = abs(rounded)  # never "-0.0"
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return str(format_decimal(rounded, format=pattern, locale=locale))


def count(value: int | None) -> str:
    """A whole number with the locale's grouping: 1,204 or 1 204."""
    return number(value, 0)


def signed(value: float | None, digits: int = 1) -> str:
    """A change with its sign: +0.6, −0.2 (a real minus sign), 0.0."""
    if value is None:
        return unknown()
    text = number(abs(value), digits)
    if not any(figure in text for figure in "123456789"):
        return text
    return ("+" if value > 0 else "−") + text


def share(value: float | None, digits: int = 0) -> str:
    """A share 0–1 in per cent, with a space that does not break: 82 %."""
    if value is None:
        return unknown()
    return f"{number(value * 100, digits)}{_percent_space()}%"


def _percent_space() -> str:
    return "\u202f" if language.code() == "fr" else NBSP


def part_of(part: int, whole: int) -> str:
    """ "112 of 134"."""
    return gettext("%(part)s of %(whole)s", part=count(part), whole=count(whole))


def stars(value: float | None) -> str:
    """A mean rating to a tenth of a star: 3.7."""
    return number(value, 1)


def stars_text(value: float | None) -> str:
    """ "3.7 stars"; French counts everything under 2 as one."""
    if value is None:
        return unknown()
    text = number(value, 0 if float(value).is_integer() else 1)
    return f"{text}{NBSP}{star_word(value)}"


def star_word(value: float) -> str:
    """ "star" or "stars", as VALUE asks for."""
    singular = abs(value) < 2 if language.code() == "fr" else value == 1
    return ngettext("star", "stars", 1 if singular else 2)


def score(value: float | None) -> str:
    """The 0–100 score as a whole number."""
    return number(value, 0)


# -- intervals ------------------------------------------------------------------------------------


def interval(low: str, high: str) -> str:
    """ "95 % range 3.3 to 4.0", of limits that are formatted already."""
    return gettext("%(level)s range %(low)s to %(high)s", level=LEVEL, low=low, high=high)


def range_heading() -> str:
    """ "95 % range", as the head of a column."""
    return gettext("%(level)s range", level=LEVEL)


def interval_short(low: str, high: str) -> str:
    """ "3.3 to 4.0", where a heading says already what it is."""
    return gettext("%(low)s to %(high)s", low=low, high=high)


def with_interval(value: str, low: str, high: str) -> str:
    """ "3.7 stars, 95 % range 3.3 to 4.0"."""
    return gettext("%(value)s, %(range)s", value=value, range=interval(low, high))


def stars_interval(low: float | None, high: float | None) -> str:
    """The 95 % range of a mean rating, in stars."""
    return interval(stars(low), stars(high))


def score_interval(low: float | None, high: float | None) -> str:
    """The 95 % range of a 0–100 score."""
    return interval(score(low), score(high))


def share_interval(low: float | None, high: float | None) -> str:
    """The 95 % range of a share."""
    return interval(share(low), share(high))


def signed_interval(low: float | None, high: float | None, digits: int = 1) -> str:
    """The 95 % range of a change: "95 % range +0.4 to +0.8"."""
    return interval(signed(low, digits), signed(high, digits))


def stars_with_interval(value: float | None, low: float | None, high: float | None) -> str:
    """ "3.7 stars, 95 % range 3.3 to 4.0"."""
    if value is None:
        return unknown()
    limits = stars(low), stars(high)
    # One decimal always: "4.0 stars" beside "3.7 to 4.2" says how fine the figure is.
    text = f"{stars(value)}{NBSP}{star_word(2)}"
    return with_interval(text, *limits)


def share_with_interval(value: float | None, low: float | None, high: float | None) -> str:
    """ "82 %, 95 % range 75 % to 88 %"."""
    if value is None:
        return unknown()
    return with_interval(share(value), share(low), share(high))


# -- durations ------------------------------------------------------------------------------------


def days(value: float | None) -> str:
    """A duration in days: "1 day", "4.5 days"; a fraction shows one decimal."""
    if value is None:
        return unknown()
    digits = 0 if float(value).is_integer() else 1
    rounded = float(round(Decimal(str(value)), digits))
    text = format_unit(rounded, "day", length="long", locale=language.conventions())
    return str(text).replace(" ", NBSP)


def days_from_today(offset: int) -> str:
    """A day as seen from today: "in 2 days", "today", "3 days ago"."""
    near = {0: gettext("today"), 1: gettext("tomorrow"), -1: gettext("yesterday")}
    if offset in near:
        return near[offset]
    text = format_timedelta(
        timedelta(days=offset),
        granularity="day",
        threshold=10**6,
        add_direction=True,
        locale=language.conventions(),
    )
    return str(text)


# -- dates ----------------------------------------------------------------------------------------


def _zone(zone: str | tzinfo) -> tzinfo:
    return find_zone(zone) if isinstance(zone, str) else zone


def find_zone(name: str) -> ZoneInfo:
    """The time zone of that NAME; UTC if this machine does not know it (any more): nobody's page
    or mail may depend on that."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        return ZoneInfo("UTC")


def _in_zone(value: datetime, zone: str | tzinfo) -> datetime:
    if value.tzinfo is None:
        raise ValueError("a time without a zone cannot be shown: times are aware UTC everywhere")
    return value.astimezone(_zone(zone))


def day(
    value: date | datetime | None,
    zone: str | tzinfo = UTC,
    style: DateStyle = "long",
) -> str:
    """The calendar day, as read in `zone` when `value` is a moment: "March 1, 2025"."""
    if value is None:
        return unknown()
    if isinstance(value, datetime):
        value = _in_zone(value, zone).date()
    text = str(format_date(value, format=style, locale=language.conventions()))
    return re.sub("^1 ", "1er ", text) if language.code() == "fr" else text


def moment(
    value: datetime | None,
    zone: str | tzinfo = UTC,
    style: DateStyle = "medium",
) -> str:
    """Day and minute, with the zone's name: "Mar 1, 2025, 2:05 PM EST"."""
    if value is None:
        return unknown()
    local = _in_zone(value, zone)
    return f"{day(local.date(), style=style)}, {clock(local.time())}{NBSP}{_zone_name(local)}"


def clock(value: time) -> str:
    """An hour of the day: "2:05 PM"."""
    text = format_time(value, format="short", locale=language.conventions())
    return str(text).replace("\u202f", NBSP)


def _zone_name(local: datetime) -> str:
    """ "EST", "CET"; zones without letters read as "UTC+03"."""
    name = local.tzname() or ""
    return name if name.isalpha() else f"UTC{name}"


def month(value: date | None) -> str:
    """ "March 2025": as fine as anything that comes from answers is ever dated."""
    if value is None:
        return unknown()
    return str(format_date(value, format="LLLL y", locale=language.conventions()))


def month_short(value: date) -> str:
    """ "Mar 2025", for charts."""
    return str(format_date(value, format="LLL y", locale=language.conventions()))


def quarter(value: date) -> str:
    """The calendar quarter of a day: "Q1 2025"."""
    return gettext("Q%(quarter)s %(year)s", quarter=(value.month + 2) // 3, year=value.year)


def time_tag(
    value: date | datetime | None,
    zone: str | tzinfo = UTC,
    style: DateStyle = "medium",
) -> Markup:
    """A `<time>` element: machines get the exact value in UTC, people theirs."""
    if value is None:
        return Markup("{}").format(unknown())
    if not isinstance(value, datetime):
        return _time(value.isoformat(), day(value, style=style))
    exact = _in_zone(value, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return _time(exact, moment(value, zone, style))


def day_tag(
    value: date | datetime | None,
    zone: str | tzinfo = UTC,
    style: DateStyle = "long",
) -> Markup:
    """A `<time>` element that shows the calendar day only."""
    if value is None:
        return Markup("{}").format(unknown())
    local = _in_zone(value, zone).date() if isinstance(value, datetime) else value
    return _time(local.isoformat(), day(local, style=style))


def _time(machine: str, text: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(machine, text)


# -- lists and templates --------------------------------------------------------------------------


def browser(name: str | None, system: str | None) -> str:
    """A browser in words, by what is known of it."""
    if name and system:
        return gettext("%(browser)s on %(system)s", browser=name, system=system)
    return name or system or gettext("A browser that we cannot name")


def listing(items: list[str]) -> str:
    """ "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return gettext("%(first)s and %(last)s", first=", ".join(items[:-1]), last=items[-1])


_FILTERS = (
    number, count, signed, share, part_of, stars, stars_text, score, stars_interval,
    score_interval, share_interval, signed_interval, stars_with_interval, share_with_interval,
    days, days_from_today, month, month_short, quarter, listing,
)  # fmt: skip
_BY_ZONE = (day, moment, time_tag, day_tag)


def jinja_filters(zone: Callable[[], str | tzinfo]) -> dict[str, Callable[..., Any]]:
    """The functions above as Jinja filters; those of a moment ask for the zone at each call."""

    def in_zone(function: Callable[..., Any]) -> Callable[..., Any]:
        return lambda value, **options: function(value, **{"zone": zone(), **options})

    filters: dict[str, Callable[..., Any]] = {one.__name__: one for one in _FILTERS}
    return filters | {function.__name__: in_zone(function) for function in _BY_ZONE}
