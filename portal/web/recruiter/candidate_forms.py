"""What is known of a candidate, typed in by hand."""

from wtforms import EmailField, Field, RadioField, StringField, TelField
from wtforms.validators import DataRequired, InputRequired, Optional, ValidationError

from portal import hiring
from portal.language import gettext, lazy_gettext
from portal.models import Locale, StageGroup
from portal.web.forms import A_YEAR, Form, choices, clean, day_field, longest, trimmed

MAX_STAGE = 100
MAX_ADDRESS = 254
STAGES = {
    StageGroup.SCREEN: lazy_gettext("Screening: not interviewed"),
    StageGroup.INTERVIEW: lazy_gettext("Interviewed"),
    StageGroup.FINAL: lazy_gettext("Final round"),
}
LANGUAGES = {Locale.ENGLISH: lazy_gettext("English"), Locale.FRENCH: lazy_gettext("French")}
NO_ADDRESS = lazy_gettext("Enter an email address, like name@example.com.")


def _address(_form: object, field: Field) -> None:
    """An address that mail can be sent to."""
    try:
        field.data = hiring.clean_address(field.data)
    except hiring.ApplicationRefused as refusal:
        raise ValidationError(str(NO_ADDRESS)) from refusal


def _phone(_form: object, field: Field) -> None:
    """A telephone number, however it is written."""
    try:
        field.data = hiring.clean_phone(field.data or "")
    except hiring.ApplicationRefused as refusal:
        said = gettext("Enter a telephone number, like +1 613 555 0100.")
        raise ValidationError(said) from refusal


class PhoneForm(Form):
    """A candidate's telephone number, or none."""

    phone = TelField(
        lazy_gettext("Telephone"),
        description=lazy_gettext("For your team only. It is in no export."),
        filters=[trimmed],
        validators=[longest(hiring.MAX_PHONE), _phone],
    )


class ApplicationForm(PhoneForm):
    """One application, typed in by hand."""

    name = StringField(
        lazy_gettext("Full name"),
        filters=[trimmed],
        validators=[DataRequired(lazy_gettext("Enter the candidate’s name.")), clean()],
    )
    email = EmailField(
        lazy_gettext("Email address"),
        description=lazy_gettext(
            "Heardback writes to it about this application, and once to ask how it went."
        ),
        filters=[trimmed],
        validators=[DataRequired(NO_ADDRESS), longest(MAX_ADDRESS), _address],
    )
    role = StringField(
        lazy_gettext("Role they apply for"),
        description=lazy_gettext("The title as the candidate knows it. It stands in emails."),
        filters=[trimmed],
        validators=[DataRequired(lazy_gettext("Enter the role they applied for.")), clean()],
    )
    department = StringField(
        lazy_gettext("Department"),
        description=lazy_gettext("Your own name for it, for example “Radiology”."),
        filters=[trimmed],
        validators=[clean(hiring.MAX_DEPARTMENT)],
    )
    stage_group = RadioField(
        lazy_gettext("How far have they come?"),
        choices=choices(STAGES),
        default=StageGroup.SCREEN.value,
    )
    stage = StringField(
        lazy_gettext("Your name for the stage"),
        description=lazy_gettext("For example “second interview”. Only you see it."),
        filters=[trimmed],
        validators=[clean(MAX_STAGE)],
    )
    last_interview_on = day_field(lazy_gettext("Last interview"), Optional())
    promised_on = day_field(
        lazy_gettext("Answer promised by"),
        Optional(),
        days_ahead=A_YEAR,
        hint=lazy_gettext("If you gave the candidate a date."),
    )
    locale = RadioField(
        lazy_gettext("Language we write in"),
        choices=choices(LANGUAGES),
        validators=[InputRequired(lazy_gettext("Choose a language."))],
    )
