"""Forms of the signed-in pages: what may be typed, and in which words it is refused.

Knows no table and no employer; what depends on them is checked by `hiring` and the views.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from flask_wtf import FlaskForm
from wtforms import (
    DateField,
    EmailField,
    Field,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, Length, Optional, StopValidation, ValidationError

from portal.letters import MAX_BODY, MAX_SUBJECT
from portal.models import Channel, Feedback, Locale, Outcome, StageGroup, utcnow

OUT_OF_DATE = (
    "Your sign-in changed while this page was open. Nothing was saved or sent: "
    "look it over and press the button again."
)
MAX_TEXT = 200
MAX_STAGE = 100
MAX_ADDRESS = 254
EARLIEST = date(2000, 1, 1)
NOW, ALREADY, NOT_YET = "now", "already", "not_yet"
AT_ONCE, LATER = "at_once", "later"

OUTCOMES = [
    (Outcome.REJECTED.value, "Not chosen"),
    (Outcome.HIRED.value, "Hired"),
    (Outcome.OFFER_DECLINED.value, "Offer declined"),
    (Outcome.WITHDRAWN.value, "Withdrew"),
]
CHANNELS = [
    (Channel.PHONE.value, "By phone or video"),
    (Channel.IN_PERSON.value, "In person"),
    (Channel.EMAIL.value, "By email"),
    (Channel.LETTER.value, "By letter"),
    (Channel.PORTAL.value, "In your application portal"),
]
FEEDBACK = [
    (Feedback.NONE.value, "No"),
    (Feedback.GENERAL.value, "In general"),
    (Feedback.SPECIFIC.value, "Specifically"),
]
STAGES = [
    (StageGroup.SCREEN.value, "Screening: not interviewed"),
    (StageGroup.INTERVIEW.value, "Interviewed"),
    (StageGroup.FINAL.value, "Final round"),
]
LANGUAGES = [(Locale.ENGLISH.value, "English"), (Locale.FRENCH.value, "French")]
HOW = {
    NOW: "Tell now, by email",
    ALREADY: "I have told them already",
    NOT_YET: "Not yet",
}


class Form(FlaskForm):
    """A form of ours; the CSRF token is rendered by the form macro."""

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


def reject(field: Field, message: str) -> None:
    """Say at FIELD why the form cannot be taken as it is."""
    field.errors = (message,)


def one_line(text: str | None) -> str | None:
    """TEXT without the space around it, as most typing mistakes leave it."""
    return text.strip() if text else text


def _between(days_ahead: int) -> Callable[[object, DateField], None]:
    """A day from 2000 until DAYS_AHEAD from today, wherever the employer is."""

    def check(_form: object, field: DateField) -> None:
        if field.data is None:
            return
        # A day of slack for zones ahead of UTC; `hiring` knows the employer's own day.
        latest = utcnow().date() + timedelta(days=days_ahead + 1)
        if field.data < EARLIEST:
            raise ValidationError("Enter a day after 1999.")
        if field.data > latest:
            raise ValidationError(
                "Enter a day within the coming year." if days_ahead else "Enter a day in the past."
            )

    return check


def _when(value: str, how: str, message: str) -> Callable[[Form, DateField], None]:
    """Required if the form's field HOW holds VALUE; otherwise whatever was typed is dropped."""

    def check(form: Form, field: DateField) -> None:
        if form[how].data != value:
            field.errors[:] = []  # type: ignore[index]
            raise StopValidation
        if not field.raw_data or not field.raw_data[0]:
            field.errors[:] = []  # type: ignore[index]
            raise StopValidation(message)

    return check


def day_field(
    label: str, validator: Callable[..., None], *, days_ahead: int = 0, hint: str = ""
) -> DateField:
    """A day; VALIDATOR says whether it may be missing."""
    return DateField(
        label,
        description=hint,
        validators=[validator, _between(days_ahead)],
        invalid_value_message="Enter the day as year-month-day, like 2025-03-01.",
    )


def _longest(most: int) -> Length:
    return Length(max=most, message=f"Use at most {most:,} characters.")


class ApplicationForm(Form):
    """One application, typed in by hand."""

    name = StringField(
        "Full name",
        filters=[one_line],
        validators=[InputRequired("Enter the candidate’s name."), _longest(MAX_TEXT)],
    )
    email = EmailField(
        "Email address",
        description="Heardback writes to it about this application, and once to ask how it went.",
        filters=[one_line],
        validators=[
            InputRequired("Enter an email address, like name@example.com."),
            _longest(MAX_ADDRESS),
        ],
    )
    role = StringField(
        "Role",
        description="The title as the candidate knows it. It stands in emails.",
        filters=[one_line],
        validators=[InputRequired("Enter the role they applied for."), _longest(MAX_TEXT)],
    )
    stage_group = RadioField(
        "How far have they come?", choices=STAGES, default=StageGroup.SCREEN.value
    )
    stage = StringField(
        "Your name for the stage",
        description="For example “second interview”. Only you see it.",
        filters=[one_line],
        validators=[Optional(), _longest(MAX_STAGE)],
    )
    last_interview_on = day_field("Last interview", Optional())
    promised_on = day_field(
        "Answer promised by",
        Optional(),
        days_ahead=365,
        hint="If you gave the candidate a date.",
    )
    locale = RadioField(
        "Language we write in", choices=LANGUAGES, validators=[InputRequired("Choose a language.")]
    )


class LetterForm(Form):
    """An email about to be written: its words, and how it was last looked at."""

    seen = HiddenField()
    looked_at = HiddenField()
    subject = StringField(
        "Subject", validators=[Optional(), _longest(MAX_SUBJECT)], filters=[one_line]
    )
    body = TextAreaField("Text", validators=[Optional(), _longest(MAX_BODY)])

    def check_letter_is_there(self) -> bool:
        """Whether there is something to send; says so at the field."""
        for field, words in ((self.subject, "a subject"), (self.body, "a text")):
            if not (field.data or "").strip():
                reject(field, f"The email needs {words}.")
        return not (self.subject.errors or self.body.errors)


class TellForm(LetterForm):
    """How the candidate learns of a decision."""

    how = RadioField(
        "How do they learn it?",
        choices=list(HOW.items()),
        validators=[InputRequired("Choose how the candidate learns it.")],
    )
    channel = SelectField("How were they told?", choices=CHANNELS, default=Channel.PHONE.value)
    told_on = day_field(
        "When were they told?", _when(ALREADY, "how", "Enter the day on which you told them.")
    )
    told_feedback = RadioField(
        "Did you tell them why?", choices=FEEDBACK, default=Feedback.NONE.value
    )
    letter = HiddenField()
    feedback = RadioField("Does this email say why?", choices=FEEDBACK, default=Feedback.NONE.value)
    leaves = RadioField(
        "When does it leave?",
        choices=[(AT_ONCE, "At once"), (LATER, "At a set time")],
        default=AT_ONCE,
    )
    leaves_on = day_field(
        "Day",
        _when(LATER, "leaves", "Enter the day on which the email is to leave."),
        days_ahead=30,
    )
    leaves_at = TimeField(
        "Time",
        validators=[_when(LATER, "leaves", "Enter the time at which the email is to leave.")],
        invalid_value_message="Enter the time as hours and minutes, like 09:30.",
    )


class DecisionForm(TellForm):
    """What was decided, and how the candidate learns it."""

    outcome = RadioField(
        "What was decided?",
        choices=OUTCOMES,
        validators=[InputRequired("Choose what was decided.")],
    )
    decided_on = day_field("Decided on", InputRequired("Enter the day of the decision."))
    reason = StringField(
        "Reason",
        description="For your own records. Candidates never see it.",
        filters=[one_line],
        validators=[Optional(), _longest(MAX_TEXT)],
    )


class DelayForm(LetterForm):
    """A dated "no decision yet"."""

    next_on = day_field(
        "They hear from you by",
        InputRequired("Enter the day by which they hear from you."),
        days_ahead=365,
    )


class ConfirmForm(Form):
    """One button; `seen` says what the person saw when they pressed it."""

    seen = HiddenField()
