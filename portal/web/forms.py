"""Forms of the signed-in pages: what may be typed, and in which words it is refused.

Knows no row and no employer; what depends on them is checked by `hiring` and the views.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any, ClassVar

from babel.support import LazyProxy
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import (
    DateField,
    Field,
    HiddenField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.i18n import get_translations
from wtforms.validators import (
    InputRequired,
    Optional,
    StopValidation,
    ValidationError,
)

from portal import formatting, hiring, language
from portal.language import gettext, lazy_gettext
from portal.letters import MAX_BODY, MAX_SUBJECT
from portal.models import Channel, Feedback, Outcome, utcnow

OUT_OF_DATE = lazy_gettext(
    "Your sign-in changed while this page was open. Nothing was saved or sent: "
    "look it over and press the button again."
)
# Control characters but tab and line breaks, lone surrogates, and what HTML calls no character.
UNTYPABLE = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
TOO_LATE = lazy_gettext("Enter a day that is not in the future.")
MAX_TEXT = 200
EARLIEST = date(2000, 1, 1)
NOW, ALREADY, NOT_YET = "now", "already", "not_yet"
AT_ONCE, LATER = "at_once", "later"

OUTCOMES = [
    SelectChoice(Outcome.REJECTED.value, "Not chosen"),
    SelectChoice(Outcome.HIRED.value, "Hired"),
    SelectChoice(Outcome.OFFER_DECLINED.value, "Offer declined"),
    SelectChoice(Outcome.WITHDRAWN.value, "Withdrew"),
]
CHANNELS = [
    SelectChoice(Channel.PHONE.value, "By phone or video"),
    SelectChoice(Channel.IN_PERSON.value, "In person"),
    SelectChoice(Channel.EMAIL.value, "By email"),
    SelectChoice(Channel.LETTER.value, "By letter"),
    SelectChoice(Channel.PORTAL.value, "In your application portal"),
]
FEEDBACK = [
    SelectChoice(Feedback.NONE.value, "No"),
    SelectChoice(Feedback.GENERAL.value, "In general"),
    SelectChoice(Feedback.SPECIFIC.value, "Specifically"),
]
HOW = [
    SelectChoice(NOW, "Tell now, by email"),
    SelectChoice(ALREADY, "I have told them already"),
    SelectChoice(NOT_YET, "Not yet"),
]


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
                (name, UNTYPABLE.sub("", said) if isinstance(said, str) else said)
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


def refuse_future(today: date, *fields: DateField) -> None:
    """Say at each of FIELDS that lies after TODAY, the employer's calendar day, that it does."""
    for field in fields:
        if field.data and field.data > today and not field.errors:
            reject(field, TOO_LATE)


def choices_of(words: Mapping[Any, LazyProxy]) -> Callable[[], list[SelectChoice]]:
    """The choices that WORDS names, in the language of who reads them."""
    return lambda: [SelectChoice(str(value), str(label)) for value, label in words.items()]


def one_line(text: str | None) -> str | None:
    """TEXT without the space around it, as most typing mistakes leave it."""
    return text.strip() if text else text


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
            within = gettext("Enter a day within the coming year.")
            raise ValidationError(within if days_ahead else str(TOO_LATE))

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


class DecidedForm(Form):
    """What was decided. Before the telling, as it stands on the page."""

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
        validators=[clean()],
    )


class LetterForm(Form):
    """An email about to be written: its words, and how it was last looked at."""

    seen = HiddenField()
    looked_at = HiddenField()
    subject = StringField(
        "Subject", validators=[Optional(), longest(MAX_SUBJECT)], filters=[one_line]
    )
    body = TextAreaField("Text", validators=[Optional(), longest(MAX_BODY)])

    # Shown on the page where the email is looked over; all others on the one before.
    ON_LETTER: ClassVar = ("subject", "body", "feedback", "leaves", "leaves_on", "leaves_at")

    def is_chosen(self) -> bool:
        """Whether nothing is wrong with what stands on the page before the letter's."""
        return all(name in self.ON_LETTER for name in self.errors)

    def forgive(self) -> None:
        """Take back what was said of the fields, for somebody who goes back a page."""
        for field in self:
            field.errors = ()

    def require_letter(self) -> None:
        """Say at its field what an email cannot do without."""
        for field, words in ((self.subject, "a subject"), (self.body, "a text")):
            if not (field.data or "").strip():
                reject(field, f"The email needs {words}.")


class TellForm(LetterForm):
    """How the candidate learns of a decision."""

    how = RadioField(
        "How do they learn it?",
        choices=HOW,
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
        choices=[SelectChoice(AT_ONCE, "At once"), SelectChoice(LATER, "At a set time")],
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


class DecisionForm(DecidedForm, TellForm):
    """What was decided, and how the candidate learns it."""

    def validate(self, extra_validators: Any = None) -> bool:
        if self.outcome.data == Outcome.WITHDRAWN and not self.how.data:
            # They ended it: nothing is owed, so nothing has to be chosen.
            self.how.data, self.how.raw_data = NOT_YET, [NOT_YET]
        return super().validate(extra_validators)


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
