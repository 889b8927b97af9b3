"""The forms of the settings. They hold texts; `employers` says what is valid."""

import json
from collections.abc import Mapping
from typing import Any, ClassVar
from zoneinfo import available_timezones

from wtforms import (
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.widgets import TimeInput

from portal import employers
from portal.language import LANGUAGES, gettext, lazy_gettext
from portal.models import ClockPreset, Employer, ReleaseCadence
from portal.web.forms import Form, reject
from portal.web.settings.words import CADENCES, DUTIES, LABELS

ALWAYS, BETWEEN = "always", "between"
USUAL_HOURS = ("09:00", "17:00")


def _text(key: str, **options: Any) -> StringField:
    return StringField(LABELS[key], **options)


def _choices(named: Mapping[Any, Any]) -> list[SelectChoice]:
    return [SelectChoice(str(value), name) for value, name in named.items()]


def _radios(key: str, named: Mapping[Any, Any]) -> RadioField:
    """What else is sent is refused where all is: by `employers`."""
    return RadioField(LABELS[key], choices=_choices(named), validate_choice=False)


class SettingsForm(Form):
    """Some settings as texts. `seen` is what they were when the form was made."""

    KEYS: ClassVar[tuple[str, ...]] = ()

    seen = HiddenField()

    def texts(self) -> dict[str, str]:
        """What the form says, by setting."""
        return {key: self[key].data or "" for key in self.KEYS}

    def show(self, key: str, text: str) -> None:
        """Let the setting KEY stand in the form as TEXT."""
        self[key].data = text

    def say(self, key: str, message: str) -> None:
        """Say at the setting KEY why it cannot be taken."""
        reject(self[key], message)

    def look_at(self, employer: Employer) -> None:
        """Note what EMPLOYER's settings are now."""
        self.seen.data = json.dumps({key: employers.as_text(employer, key) for key in self.KEYS})

    def was_seen(self) -> dict[str, str]:
        """What look_at() noted; of a form that is not ours, nothing."""
        try:
            found = json.loads(self.seen.data or "")
        except ValueError:
            return {}
        if not isinstance(found, dict):
            return {}
        return {key: str(found[key]) for key in self.KEYS if key in found}


class AskingForm(SettingsForm):
    """The hours are a choice and two times here, one text everywhere else."""

    KEYS = ("survey_delay_days", "check_in_after_days", "send_window")

    survey_delay_days = _text("survey_delay_days")
    check_in_after_days = _text("check_in_after_days")
    hours = _radios(
        "send_window",
        {
            BETWEEN: lazy_gettext("On weekdays, between two hours"),
            ALWAYS: lazy_gettext("At any hour, at weekends too"),
        },
    )
    opens = StringField(lazy_gettext("From"), widget=TimeInput())
    closes = StringField(lazy_gettext("Until"), widget=TimeInput())

    def texts(self) -> dict[str, str]:
        said = {key: self[key].data or "" for key in self.KEYS[:2]}
        between = f"{(self.opens.data or '').strip()}-{(self.closes.data or '').strip()}"
        said["send_window"] = ALWAYS if self.hours.data == ALWAYS else between
        return said

    def show(self, key: str, text: str) -> None:
        if key != "send_window":
            super().show(key, text)
            return
        self.hours.data = ALWAYS if text == ALWAYS else BETWEEN
        opens, _, closes = text.partition("-")
        self.opens.data, self.closes.data = USUAL_HOURS if text == ALWAYS else (opens, closes)

    def say(self, key: str, message: str) -> None:
        reject(self.opens if key == "send_window" else self[key], message)


class ReadingForm(SettingsForm):
    KEYS = ("name", "locale", "reply_to", "postal_address")

    name = _text("name")
    locale = _radios("locale", LANGUAGES)
    reply_to = _text("reply_to")
    postal_address = TextAreaField(LABELS["postal_address"])


class HearingForm(SettingsForm):
    KEYS = ("clock_preset", "inform_within_business_days")

    clock_preset = _radios("clock_preset", {preset: DUTIES[preset] for preset in ClockPreset})
    inform_within_business_days = _text("inform_within_business_days")


class PublishingForm(SettingsForm):
    KEYS = ("publish", "release_every")

    publish = _radios(
        "publish",
        {"true": lazy_gettext("Everybody may read it"), "false": lazy_gettext("Nobody else may")},
    )
    release_every = _radios("release_every", {one: CADENCES[one] for one in ReleaseCadence})


class EmployerForm(SettingsForm):
    KEYS = ("industry", "country", "region", "timezone")

    industry = _text("industry")
    country = SelectField(LABELS["country"], validate_choice=False)
    region = _text("region")
    timezone = _text("timezone")

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.country.choices = _choices({"": gettext("Not said")} | employers.countries())

    def suggestions(self) -> dict[str, dict[str, str]]:
        """What is offered while somebody types, by field."""
        zones = sorted(zone for zone in available_timezones() if "/" in zone)
        return {
            "region": employers.regions(),
            "timezone": {zone: "" for zone in zones if not zone.startswith("Etc/")},
        }
