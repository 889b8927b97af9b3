"""How figures, durations and dates are written for people, in English and French: the only place.

Knows nothing of requests, users or tables: the locale and the time zone are arguments.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from typing import Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError
from babel.dates import format_date, format_time, format_timedelta
from babel.numbers import format_decimal
from babel.units import format_unit
from markupsafe import Markup

NBSP = "\u00a0"
"""Between a number and its unit, so that "43 %" never breaks across lines."""

DateStyle = Literal["short", "medium", "long"]

_WORDS = {
    "en": {
        "unknown": "not known",
        "range_heading": "95 % range",
        "range": "95 % range {low} to {high}",
        "with_range": "{value}, {range}",
        "to": "{low} to {high}",
        "star": "star",
        "stars": "stars",
        "of": "{part} of {whole}",
        "today": "today",
        "tomorrow": "tomorrow",
        "yesterday": "yesterday",
        "quarter": "Q{quarter} {year}",
        "and": "{first} and {last}",
    },
    "fr": {
        "unknown": "inconnu",
        "range_heading": "intervalle à 95 %",
        "range": "intervalle à 95 % : {low} à {high}",
        "with_range": "{value}, {range}",
        "to": "{low} à {high}",
        "star": "étoile",
        "stars": "étoiles",
        "of": "{part} sur {whole}",
        "today": "aujourd’hui",
        "tomorrow": "demain",
        "yesterday": "hier",
        "quarter": "T{quarter} {year}",
        "and": "{first} et {last}",
    },
}


@lru_cache(maxsize=64)
def _locale(name: str) -> Locale:
    """The Babel locale for "en", "fr", "fr-CA" or "fr_CA"; anything unreadable reads as English."""
    try:
        return Locale.parse(name.replace("-", "_"))
    except (ValueError, TypeError, UnknownLocaleError):
        return Locale.parse("en")


def _word(key: str, locale: str) -> str:
    language = _locale(locale).language
    text = _WORDS.get(language, _WORDS["en"])[key]
    return text.replace(" %", f"{NBSP}%").replace(" :", f"{NBSP}:")


def unknown(locale: str = "en") -> str:
    """What stands where a figure would stand that nobody knows."""
    return _word("unknown", locale)


# -- numbers --------------------------------------------------------------------------------------


@lru_cache(maxsize=4096)  # a page of charts formats the same few figures many times
def number(value: float | None, digits: int = 0, locale: str = "en") -> str:
    """`value` to exactly `digits` decimals, halves up (Babel alone rounds 62.5 to 62)."""
    if value is None:
        return unknown(locale)
    step = Decimal(1).scaleb(-digits)
    rounded = Decimal(str(value)).quantize(step, rounding=ROUND_HALF_UP)
    if rounded.is_zero():
        rounded = abs(rounded)  # never "-0.0"
    pattern = "#,##0" + ("." + "0" * digits if digits else "")
    return str(format_decimal(rounded, format=pattern, locale=_locale(locale)))


def count(value: int | None, locale: str = "en") -> str:
    """A whole number with the locale's grouping: 1,204 or 1 204."""
    return number(value, 0, locale)


def signed(value: float | None, digits: int = 1, locale: str = "en") -> str:
    """A change with its sign: +0.6, −0.2 (a real minus sign), 0.0."""
    if value is None:
        return unknown(locale)
    text = number(abs(value), digits, locale)
    if not any(figure in text for figure in "123456789"):
        return text
    return ("+" if value > 0 else "−") + text


def share(value: float | None, locale: str = "en", digits: int = 0) -> str:
    """A share 0–1 in per cent, with a space that does not break: 82 %."""
    if value is None:
        return unknown(locale)
    return f"{number(value * 100, digits, locale)}{_percent_space(locale)}%"


def _percent_space(locale: str) -> str:
    return "\u202f" if _locale(locale).language == "fr" else NBSP


def part_of(part: int, whole: int, locale: str = "en") -> str:
    """ "112 of 134"."""
    return _word("of", locale).format(part=count(part, locale), whole=count(whole, locale))


def stars(value: float | None, locale: str = "en") -> str:
    """A mean rating to a tenth of a star: 3.7."""
    return number(value, 1, locale)


def stars_text(value: float | None, locale: str = "en") -> str:
    """ "3.7 stars"; French counts everything under 2 as one."""
    if value is None:
        return unknown(locale)
    text = number(value, 0 if float(value).is_integer() else 1, locale)
    return f"{text}{NBSP}{star_word(value, locale)}"


def star_word(value: float, locale: str = "en") -> str:
    """ "star" or "stars", as VALUE asks for."""
    singular = abs(value) < 2 if _locale(locale).language == "fr" else value == 1
    return _word("star" if singular else "stars", locale)


def score(value: float | None, locale: str = "en") -> str:
    """The 0–100 score as a whole number."""
    return number(value, 0, locale)


# -- intervals ------------------------------------------------------------------------------------


def interval(low: str, high: str, locale: str = "en") -> str:
    """ "95 % range 3.3 to 4.0", of limits that are formatted already."""
    return _word("range", locale).format(low=low, high=high)


def range_heading(locale: str = "en") -> str:
    """ "95 % range", as the head of a column."""
    return _word("range_heading", locale)


def interval_short(low: str, high: str, locale: str = "en") -> str:
    """ "3.3 to 4.0", where a heading says already what it is."""
    return _word("to", locale).format(low=low, high=high)


def with_interval(value: str, low: str, high: str, locale: str = "en") -> str:
    """ "3.7 stars, 95 % range 3.3 to 4.0"."""
    return _word("with_range", locale).format(value=value, range=interval(low, high, locale))


def stars_interval(low: float | None, high: float | None, locale: str = "en") -> str:
    """The 95 % range of a mean rating, in stars."""
    return interval(stars(low, locale), stars(high, locale), locale)


def score_interval(low: float | None, high: float | None, locale: str = "en") -> str:
    """The 95 % range of a 0–100 score."""
    return interval(score(low, locale), score(high, locale), locale)


def share_interval(low: float | None, high: float | None, locale: str = "en") -> str:
    """The 95 % range of a share."""
    return interval(share(low, locale), share(high, locale), locale)


def signed_interval(
    low: float | None, high: float | None, digits: int = 1, locale: str = "en"
) -> str:
    """The 95 % range of a change: "95 % range +0.4 to +0.8"."""
    return interval(signed(low, digits, locale), signed(high, digits, locale), locale)


def stars_with_interval(
    value: float | None, low: float | None, high: float | None, locale: str = "en"
) -> str:
    """ "3.7 stars, 95 % range 3.3 to 4.0"."""
    if value is None:
        return unknown(locale)
    limits = stars(low, locale), stars(high, locale)
    # One decimal always: "4.0 stars" beside "3.7 to 4.2" says how fine the figure is.
    text = f"{stars(value, locale)}{NBSP}{_word('stars', locale)}"
    return with_interval(text, *limits, locale)


def share_with_interval(
    value: float | None, low: float | None, high: float | None, locale: str = "en"
) -> str:
    """ "82 %, 95 % range 75 % to 88 %"."""
    if value is None:
        return unknown(locale)
    return with_interval(share(value, locale), share(low, locale), share(high, locale), locale)


# -- durations ------------------------------------------------------------------------------------


def days(value: float | None, locale: str = "en") -> str:
    """A duration in days: "1 day", "4.5 days"; a fraction shows one decimal."""
    if value is None:
        return unknown(locale)
    digits = 0 if float(value).is_integer() else 1
    rounded = float(round(Decimal(str(value)), digits))
    text = format_unit(rounded, "day", length="long", locale=_locale(locale))
    return str(text).replace(" ", NBSP)


def days_from_today(offset: int, locale: str = "en") -> str:
    """A day as seen from today: "in 2 days", "today", "3 days ago"."""
    near = {0: "today", 1: "tomorrow", -1: "yesterday"}
    if offset in near:
        return _word(near[offset], locale)
    text = format_timedelta(
        timedelta(days=offset),
        granularity="day",
        threshold=10**6,
        add_direction=True,
        locale=_locale(locale),
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
    locale: str = "en",
    zone: str | tzinfo = UTC,
    style: DateStyle = "long",
) -> str:
    """The calendar day, as read in `zone` when `value` is a moment: "March 1, 2025"."""
    if value is None:
        return unknown(locale)
    if isinstance(value, datetime):
        value = _in_zone(value, zone).date()
    return str(format_date(value, format=style, locale=_locale(locale)))


def moment(
    value: datetime | None,
    locale: str = "en",
    zone: str | tzinfo = UTC,
    style: DateStyle = "medium",
) -> str:
    """Day and minute, with the zone's name: "Mar 1, 2025, 2:05 PM EST"."""
    if value is None:
        return unknown(locale)
    local = _in_zone(value, zone)
    clock = format_time(local, format="short", locale=_locale(locale)).replace("\u202f", NBSP)
    return f"{day(local.date(), locale, style=style)}, {clock}{NBSP}{_zone_name(local)}"


def _zone_name(local: datetime) -> str:
    """ "EST", "CET"; zones without letters read as "UTC+03"."""
    name = local.tzname() or ""
    return name if name.isalpha() else f"UTC{name}"


def month(value: date | None, locale: str = "en") -> str:
    """ "March 2025": as fine as anything that comes from answers is ever dated."""
    if value is None:
        return unknown(locale)
    return str(format_date(value, format="LLLL y", locale=_locale(locale)))


def month_short(value: date, locale: str = "en") -> str:
    """ "Mar 2025", for charts."""
    return str(format_date(value, format="LLL y", locale=_locale(locale)))


def quarter(value: date, locale: str = "en") -> str:
    """The calendar quarter of a day: "Q1 2025"."""
    return _word("quarter", locale).format(quarter=(value.month + 2) // 3, year=value.year)


def time_tag(
    value: date | datetime | None,
    locale: str = "en",
    zone: str | tzinfo = UTC,
    style: DateStyle = "medium",
) -> Markup:
    """A `<time>` element: machines get the exact value in UTC, people theirs."""
    if value is None:
        return Markup("{}").format(unknown(locale))
    if not isinstance(value, datetime):
        return _time(value.isoformat(), day(value, locale, style=style))
    exact = _in_zone(value, UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return _time(exact, moment(value, locale, zone, style))


def day_tag(
    value: date | datetime | None,
    locale: str = "en",
    zone: str | tzinfo = UTC,
    style: DateStyle = "long",
) -> Markup:
    """A `<time>` element that shows the calendar day only."""
    if value is None:
        return Markup("{}").format(unknown(locale))
    local = _in_zone(value, zone).date() if isinstance(value, datetime) else value
    return _time(local.isoformat(), day(local, locale, style=style))


def _time(machine: str, text: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(machine, text)


# -- lists and templates --------------------------------------------------------------------------


def listing(items: list[str], locale: str = "en") -> str:
    """ "a, b and c"."""
    if len(items) < 2:
        return "".join(items)
    return _word("and", locale).format(first=", ".join(items[:-1]), last=items[-1])


_BY_LOCALE = (
    number, count, signed, share, part_of, stars, stars_text, score, stars_interval,
    score_interval, share_interval, signed_interval, stars_with_interval, share_with_interval,
    days, days_from_today, month, month_short, quarter, listing,
)  # fmt: skip
_BY_ZONE = (day, moment, time_tag, day_tag)


def jinja_filters(
    locale: Callable[[], str], zone: Callable[[], str | tzinfo]
) -> dict[str, Callable[..., Any]]:
    """The functions above as Jinja filters, which ask for locale and zone at each call."""

    def by_locale(function: Callable[..., Any]) -> Callable[..., Any]:
        def filtered(*values: Any, **options: Any) -> Any:
            return function(*values, **{"locale": locale(), **options})

        return filtered

    def by_zone(function: Callable[..., Any]) -> Callable[..., Any]:
        def filtered(value: Any, **options: Any) -> Any:
            return function(value, **{"locale": locale(), "zone": zone(), **options})

        return filtered

    filters = {function.__name__: by_locale(function) for function in _BY_LOCALE}
    filters.update({function.__name__: by_zone(function) for function in _BY_ZONE})
    return filters
