"""The forms of deciding, telling and putting off: what may be typed, and why it is refused.

Know no row and no employer; what depends on them is checked by `hiring` and the flow.
"""

from collections.abc import Callable
from typing import Any, ClassVar

from babel.support import LazyProxy
from wtforms import (
    DateField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
    TimeField,
)
from wtforms.validators import InputRequired, Length, Optional, StopValidation

from portal import formatting
from portal.language import gettext, lazy_gettext
from portal.letters import MAX_BODY, MAX_SUBJECT, REASONS, Why
from portal.models import Channel, Feedback, Outcome, ReasonCode
from portal.web.forms import (
    A_YEAR,
    CHANNELS,
    FEEDBACK,
    MAX_TEXT,
    OUTCOMES,
    Form,
    choices,
    chosen,
    day_field,
    reject,
    trimmed,
)

MAX_NEXT_STEP = 300
NOW, ALREADY, NOT_YET = "now", "already", "not_yet"
AT_ONCE, LATER = "at_once", "later"
HOW = choices(
    {
        NOW: lazy_gettext("Tell now, by email"),
        ALREADY: lazy_gettext("I have told them already"),
        NOT_YET: lazy_gettext("Not yet"),
    }
)


def _joined(text: str | None) -> str:
    """TEXT on one line."""
    return " ".join((text or "").split())


def _longest(most: int) -> Length:
    counted = LazyProxy(formatting.count, most, enable_cache=False)
    message = lazy_gettext("Use at most %(most)s characters.", most=counted)
    return Length(max=most, message=message)


def _when(value: str, how: str, message: LazyProxy) -> Callable[[Form, DateField], None]:
    """Required if the form's field HOW holds VALUE; otherwise whatever was typed is dropped."""

    def check(form: Form, field: DateField) -> None:
        if form[how].data != value:
            field.errors[:] = []  # type: ignore[index]
            raise StopValidation
        if not field.raw_data or not field.raw_data[0]:
            field.errors[:] = []  # type: ignore[index]
            raise StopValidation(str(message))

    return check


class DecidedForm(Form):
    """What was decided. Before the telling, as it stands on the page."""

    outcome = RadioField(
        lazy_gettext("What was decided?"),
        choices=OUTCOMES,
        validators=[InputRequired(lazy_gettext("Choose what was decided."))],
    )
    decided_on = day_field(
        lazy_gettext("Decided on"), InputRequired(lazy_gettext("Enter the day of the decision."))
    )
    reason_code = SelectField(
        lazy_gettext("Reason"),
        choices=choices({"": lazy_gettext("Not said")} | REASONS),
        default="",
    )
    reason = StringField(
        lazy_gettext("In your words"),
        description=lazy_gettext(
            "Stands after the reason in the letter. Where no reason is chosen, it is for your own "
            "records, and candidates never see it."
        ),
        filters=[_joined],
        validators=[_longest(MAX_TEXT)],
    )
    next_step = StringField(
        lazy_gettext("What they could do next"),
        description=lazy_gettext(
            "For the letter, as a sentence: a skill to learn, another role, when to apply again."
        ),
        filters=[_joined],
        validators=[_longest(MAX_NEXT_STEP)],
    )


class LetterForm(Form):
    """An email about to be written: its words, and how it was last looked at."""

    seen = HiddenField()
    letter = HiddenField()
    looked_at = HiddenField()
    subject = StringField(
        lazy_gettext("Subject"),
        validators=[Optional(), _longest(MAX_SUBJECT)],
        filters=[trimmed],
    )
    body = TextAreaField(
        lazy_gettext("Text"),
        validators=[Optional(), _longest(MAX_BODY)],
        filters=[trimmed],
    )

    OF_LETTER: ClassVar = ("subject", "body", "feedback", "leaves", "leaves_on", "leaves_at")

    def forgive_letter(self) -> None:
        """Take back what was said of a letter that nobody wants to send."""
        for name in self.OF_LETTER:
            if name in self:
                self[name].errors = ()

    def require_letter(self) -> None:
        """Say at its field what an email cannot do without."""
        missing = (
            (self.subject, gettext("The email needs a subject.")),
            (self.body, gettext("The email needs a text.")),
        )
        for field, words in missing:
            if not field.data:
                reject(field, words)


class TellForm(LetterForm):
    """How the candidate learns of a decision."""

    how = RadioField(
        lazy_gettext("How do they learn it?"),
        choices=HOW,
        validators=[InputRequired(lazy_gettext("Choose how the candidate learns it."))],
    )
    channel = SelectField(
        lazy_gettext("How were they told?"), choices=CHANNELS, default=Channel.PHONE.value
    )
    told_on = day_field(
        lazy_gettext("When were they told?"),
        _when(ALREADY, "how", lazy_gettext("Enter the day on which you told them.")),
    )
    told_feedback = RadioField(
        lazy_gettext("Did you tell them why?"), choices=FEEDBACK, default=Feedback.NONE.value
    )
    feedback = RadioField(
        lazy_gettext("Does this email say why?"), choices=FEEDBACK, default=Feedback.NONE.value
    )
    leaves = RadioField(
        lazy_gettext("When does it leave?"),
        choices=choices({AT_ONCE: lazy_gettext("At once"), LATER: lazy_gettext("At a set time")}),
        default=AT_ONCE,
    )
    leaves_on = day_field(
        lazy_gettext("Day"),
        _when(LATER, "leaves", lazy_gettext("Enter the day on which the email is to leave.")),
        days_ahead=30,
    )
    leaves_at = TimeField(
        lazy_gettext("Time"),
        validators=[
            _when(LATER, "leaves", lazy_gettext("Enter the time at which the email is to leave."))
        ],
        invalid_value_message=lazy_gettext("Enter the time as hours and minutes, like 09:30."),
    )


class DecisionForm(DecidedForm, TellForm):
    """What was decided, and how the candidate learns it."""

    def validate(self, extra_validators: Any = None) -> bool:
        if self.outcome.data == Outcome.WITHDRAWN and not self.how.data:
            # They ended it: nothing is owed, so nothing has to be chosen.
            self.how.data, self.how.raw_data = NOT_YET, [NOT_YET]
        return super().validate(extra_validators)

    def why(self) -> Why:
        """The reason that was given."""
        code = chosen(ReasonCode, self.reason_code)
        return Why(code, self.reason.data or "", self.next_step.data or "")


class DelayForm(LetterForm):
    """A dated "no decision yet"."""

    next_on = day_field(
        lazy_gettext("They hear from you by"),
        InputRequired(lazy_gettext("Enter the day by which they hear from you.")),
        days_ahead=A_YEAR,
    )
