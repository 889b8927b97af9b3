"""Each setting: its column, and how its text is read."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, Final
from zoneinfo import available_timezones

from portal import closure, hiring
from portal.employers.domains import read_domains
from portal.employers.places import NOT_ISO, REGION, countries
from portal.employers.unfit import Unfit
from portal.language import gettext
from portal.models import ClockPreset, Employer, Locale, ReleaseCadence

DELAY_DAYS: Final = (0, 30)
CHECK_IN_DAYS: Final = (7, 90)
INFORM_DAYS: Final = (1, 30)


class SettingsRefused(Exception):
    """Nothing was set; `faults` says of each setting what is wrong with it."""

    def __init__(self, faults: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{key}: {said}" for key, said in faults.items()))
        self.faults = dict(faults)


@dataclass(frozen=True)
class Setting:
    """`read` makes a value of a text, or raises Unfit."""

    column: str
    read: Callable[[str], Any]


def _line(most: int, missing: Callable[[], str] | None = None) -> Callable[[str], str | None]:
    """One line of at most MOST characters; MISSING says what to do if it is empty and may not."""

    def read(text: str) -> str | None:
        try:
            cleaned = hiring.clean_text("text", text, len(text), required=False)
        except hiring.ApplicationRefused as refusal:
            raise Unfit(gettext("Line breaks and control characters do not fit.")) from refusal
        if len(cleaned) > most:
            raise Unfit(gettext("Use at most %(most)s characters.", most=most))
        if not cleaned and missing:
            raise Unfit(missing())
        return cleaned or None

    return read


def _lines(most: int) -> Callable[[str], str | None]:
    """Some lines of at most MOST characters together; none if empty."""

    def read(text: str) -> str | None:
        cleaned = [_line(most)(line) for line in text.replace("\r\n", "\n").split("\n")]
        joined = "\n".join(line for line in cleaned if line)
        if len(joined) > most:
            raise Unfit(gettext("Use at most %(most)s characters.", most=most))
        return joined or None

    return read


def _address(text: str) -> str | None:
    if not text.strip():
        return None
    try:
        return hiring.clean_address(text)
    except hiring.ApplicationRefused as refusal:
        raise Unfit(gettext("Enter an email address, like people@acme.example.")) from refusal


def _whole(low: int, high: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        text = text.strip()
        if not (text.isascii() and text.isdigit() and len(text) < 9 and low <= int(text) <= high):
            raise Unfit(
                gettext("Enter a whole number from %(low)s to %(high)s.", low=low, high=high)
            )
        return int(text)

    return read


def _one_of(kind: type[StrEnum]) -> Callable[[str], StrEnum]:
    def read(text: str) -> StrEnum:
        values = [member.value for member in kind]
        if text not in values:
            raise Unfit(gettext("Choose one of these: %(values)s.", values=", ".join(values)))
        return kind(text)

    return read


def _truth(text: str) -> bool:
    if text not in ("true", "false"):
        raise Unfit(gettext("Choose one of these: %(values)s.", values="true, false"))
    return text == "true"


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())


def _timezone(text: str) -> str:
    if text.strip() not in _zones():
        raise Unfit(gettext("Enter a time zone, like Europe/Paris."))
    return text.strip()


def _window(text: str) -> str:
    try:
        window = closure.parse_window(text.strip())
        written = f"{window[0]:%H:%M}-{window[1]:%H:%M}" if window else "always"
        closure.parse_window(written)  # without the seconds there may be nothing left
    except closure.WindowRefused as refusal:
        raise Unfit(gettext("Enter “always”, or hours like 09:00-17:00.")) from refusal
    return written


def _country(text: str) -> str | None:
    code = text.strip().upper()
    if code and (code in NOT_ISO or code not in countries()):
        raise Unfit(gettext("Choose a country, by its code of two letters like CA."))
    return code or None


def _region(text: str) -> str | None:
    code = text.strip().upper()
    if code and not REGION.fullmatch(code):
        raise Unfit(gettext("Enter a code like CA-ON, or leave it empty."))
    return code or None


SETTINGS: Final[dict[str, Setting]] = {
    "survey_delay_days": Setting("survey_delay_days", _whole(*DELAY_DAYS)),
    "check_in_after_days": Setting("check_in_after_days", _whole(*CHECK_IN_DAYS)),
    "send_window": Setting("send_window", _window),
    "name": Setting("name", _line(200, lambda: gettext("Enter the employer’s name."))),
    "locale": Setting("locale", _one_of(Locale)),
    "reply_to": Setting("reply_to", _address),
    "postal_address": Setting("postal_address", _lines(500)),
    "clock_preset": Setting("clock_preset", _one_of(ClockPreset)),
    "inform_within_business_days": Setting("inform_within_business_days", _whole(*INFORM_DAYS)),
    "publish": Setting("is_published", _truth),
    "release_every": Setting("release_every", _one_of(ReleaseCadence)),
    "industry": Setting("industry", _line(100)),
    "country": Setting("country", _country),
    "region": Setting("region", _region),
    "timezone": Setting("timezone", _timezone),
    "confirmed_domains": Setting("confirmed_domains", read_domains),
}


def read_settings(texts: Mapping[str, str]) -> dict[str, Any]:
    """The value of each setting in TEXTS; raises SettingsRefused with all that is wrong."""
    values, faults = {}, {}
    for key, text in texts.items():
        try:
            values[key] = SETTINGS[key].read(text)
        except Unfit as unfit:
            faults[key] = str(unfit)
    if faults:
        raise SettingsRefused(faults)
    return values


def as_text(employer: Employer, key: str) -> str:
    """The setting KEY of EMPLOYER in the form in which it is read."""
    value = getattr(employer, SETTINGS[key].column)
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, list) else str(value)
