"""The settings in groups, by what they change for candidates; and the blueprint of their pages."""

from dataclasses import dataclass
from typing import Final

from babel.support import LazyProxy
from flask import Blueprint
from flask_wtf.csrf import CSRFError

from portal.language import lazy_gettext
from portal.web.account import show_form_again
from portal.web.settings import forms
from portal.web.settings.forms import SettingsForm

settings_pages = Blueprint("settings", __name__)
settings_pages.register_error_handler(CSRFError, show_form_again)

PATH: Final = "/e/<slug>/settings"


@dataclass(frozen=True)
class Section:
    """Some settings on one form. `preview` is the view that shows what they look like."""

    title: LazyProxy
    form: type[SettingsForm]
    preview: str | None = None
    preview_title: LazyProxy | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        return self.form.KEYS


SECTIONS: Final[dict[str, Section]] = {
    "asking": Section(
        lazy_gettext("When people are asked"),
        forms.AskingForm,
        "survey",
        lazy_gettext("The survey"),
    ),
    "reading": Section(
        lazy_gettext("What they read"),
        forms.ReadingForm,
        "invitation",
        lazy_gettext("The invitation"),
    ),
    "hearing": Section(lazy_gettext("How soon they hear"), forms.HearingForm),
    "publishing": Section(
        lazy_gettext("What is public"),
        forms.PublishingForm,
        "page",
        lazy_gettext("The public page"),
    ),
    "employer": Section(lazy_gettext("About the employer"), forms.EmployerForm),
}
