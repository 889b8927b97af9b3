"""Forms of the signed-in pages: what may be typed, and in which words it is refused.

Knows no row and no employer; what depends on them is checked by `hiring` and the views.
"""

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, TypeVar

from babel.support import LazyProxy
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    DateField,
    Field,
    HiddenField,
    SelectChoice,
)
from wtforms.i18n import get_translations
from wtforms.validators import (
    StopValidation,
    ValidationError,
)

from portal import formatting, hiring, language
from portal.language import gettext, lazy_gettext
from portal.models import Channel, Feedback, Outcome, utcnow
from portal.signs import shows, writable

OUT_OF_DATE = lazy_gettext(
    "Your sign-in changed while this page was open. Nothing was saved or sent: "
    "look it over and press the button again."
)
TOO_LATE = lazy_gettext("Enter a day that is not in the future.")
MAX_TEXT = 200
EARLIEST = date(2000, 1, 1)
A_YEAR = 365
Choice = TypeVar("Choice", bound=StrEnum)


def choices(named: Mapping[Any, Any]) -> list[SelectChoice]:
    """What can be chosen, by value; the labels may be looked up as late as they are shown."""
    return [SelectChoice(str(value), label) for value, label in named.items()]


OUTCOMES = choices(
    {
        Outcome.REJECTED: lazy_gettext("Not chosen"),
        Outcome.HIRED: lazy_gettext("Hired"),
        Outcome.OFFER_DECLINED: lazy_gettext("Offer declined"),
        Outcome.WITHDRAWN: lazy_gettext("Withdrew"),
    }
)
CHANNELS = choices(
    {
        Channel.PHONE: lazy_gettext("By phone or video"),
        Channel.IN_PERSON: lazy_gettext("In person"),
        Channel.EMAIL: lazy_gettext("By email"),
        Channel.LETTER: lazy_gettext("By letter"),
        Channel.PORTAL: lazy_gettext("In your application portal"),
    }
)
FEEDBACK = choices(
    {
        Feedback.NONE: lazy_gettext("No"),
        Feedback.GENERAL: lazy_gettext("In general"),
        Feedback.SPECIFIC: lazy_gettext("Specifically"),
    }
)


def _typed(said: str) -> str:
    """SAID as it can be written; nothing, where what is left cannot be seen.

    Browsers count a line end as one character and send two, so limits are for what is left. Spaces
    stay: each field knows what they mean in it.
    """
    kept = writable(said)
    return kept if kept.isspace() or shows(kept) else ""


class Form(FlaskForm):
    """A form of ours; the CSRF token is rendered by the form macro."""

    class Meta(FlaskForm.Meta):
        def get_translations(self, form: Any) -> Any:
            """WTForms' own messages in the reader's language."""
            return get_translations([language.code()])

        def wrap_formdata(self, form: Any, formdata: Any) -> MultiDict[str, str] | None:
            """What was typed, without what no page may show and no database takes."""
            typed = super().wrap_formdata(form, formdata)
            if typed is None:
                return None
            pairs = (
                (name, _typed(said) if isinstance(said, str) else said)
                for name, said in typed.items(multi=True)
            )
            return MultiDict(pairs)

    def validate(self, extra_validators: Any = None) -> bool:
        is_valid = super().validate(extra_validators)
        if "csrf_token" in self.errors:
            reject(self["csrf_token"], OUT_OF_DATE)
        return bool(is_valid)

    def carried(self, *names: str) -> list[tuple[str, str]]:
        """Name and text of the fields NAMES: a page that does not show them keeps them hidden."""
        fields = [self[name] for name in names]
        texts = [
            field._value() if hasattr(field, "_value") else field.data or "" for field in fields
        ]
        return [(field.name, text) for field, text in zip(fields, texts, strict=True) if text]


def reject(field: Field, message: str | LazyProxy) -> None:
    """Say at FIELD why the form cannot be taken as it is."""
    field.errors = (str(message),)


def chosen(kind: type[Choice], field: Field) -> Choice | None:
    """What was chosen in FIELD; None for nothing, and for what is none of KIND."""
    return kind(field.data) if field.data in list(kind) else None


def refuse_future(today: date, *fields: DateField) -> None:
    """Say at each of FIELDS that lies after TODAY, the employer's calendar day, that it does."""
    for field in fields:
        if field.data and field.data > today and not field.errors:
            reject(field, TOO_LATE)


def trimmed(text: str | None) -> str:
    """TEXT without the space around it, as most typing mistakes leave it."""
    return (text or "").strip()


def within(days: int) -> str:
    """Which days fit where the latest is DAYS from today."""
    if not days:
        return str(TOO_LATE)
    if days >= A_YEAR:
        return gettext("Enter a day within the coming year.")
    return gettext("Choose a day within the next %(days)s days.", days=formatting.count(days))


def _between(days_ahead: int) -> Callable[[object, DateField], None]:
    """A day from 2000 until DAYS_AHEAD from today, wherever the employer is."""

    def check(_form: object, field: DateField) -> None:
        if field.data is None:
            return
        # A day of slack for zones ahead of UTC; refuse_future() knows the employer's own day.
        latest = utcnow().date() + timedelta(days=days_ahead + 1)
        if field.data < EARLIEST:
            raise ValidationError(gettext("Enter a day after 1999."))
        if field.data > latest:
            raise ValidationError(within(days_ahead))

    return check


def day_field(
    label: str | LazyProxy,
    validator: Callable[..., None],
    *,
    days_ahead: int = 0,
    hint: str | LazyProxy = "",
) -> DateField:
    """A day; VALIDATOR says whether it may be missing."""
    return DateField(
        label,
        description=hint,
        validators=[validator, _between(days_ahead)],
        invalid_value_message=lazy_gettext("Enter the day as year-month-day, like 2025-03-01."),
    )


def clean(most: int = MAX_TEXT) -> Callable[[object, Field], None]:
    """One line of at most MOST characters, without what no name or role has."""

    def check(_form: object, field: Field) -> None:
        if len(field.data or "") > most:
            raise ValidationError(_too_long(most))
        try:
            field.data = hiring.clean_text(field.name, field.data or "", most, required=False)
        except hiring.ApplicationRefused as refusal:
            said = gettext("Line breaks and control characters do not fit.")
            raise ValidationError(said) from refusal

    return check


def _too_long(most: int) -> str:
    return gettext("Use at most %(most)s characters.", most=formatting.count(most))


def longest(most: int) -> Callable[[object, Field], None]:
    """At most MOST characters; browsers are told so too."""

    def check(_form: object, field: Field) -> None:
        if len(field.data or "") > most:
            raise StopValidation(_too_long(most))

    check.field_flags = {"maxlength": most}  # type: ignore[attr-defined]
    return check


class ConfirmForm(Form):
    """One button; `seen` says what the person saw when they pressed it."""

    seen = HiddenField()
