"""What a person chooses for everybody selected."""

from typing import Any

from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField
from wtforms.validators import Length
from wtforms.validators import Optional as MayBeEmpty

from portal.bulk import Action
from portal.language import lazy_gettext
from portal.models import Channel, Feedback, Outcome
from portal.web import forms
from portal.web.forms import A_YEAR, Form, choices, day_field
from portal.web.recruiter.forms import AT_ONCE, LATER, DecidedForm, TellForm

LETTER, NOT_YET = "letter", "not_yet"
OUTCOMES = [one for one in forms.OUTCOMES if one.value != Outcome.WITHDRAWN]


class ManyForm(Form):
    """One form for all actions; each looks at its own fields only."""

    outcome = RadioField(
        lazy_gettext("What was decided?"), choices=OUTCOMES, validators=[MayBeEmpty()]
    )
    reason_code = DecidedForm.reason_code
    reason = DecidedForm.reason
    next_step = DecidedForm.next_step
    then = RadioField(
        lazy_gettext("How do they learn it?"),
        choices=choices(
            {
                LETTER: lazy_gettext("By letter, which you look over next"),
                NOT_YET: lazy_gettext("Later: they stay on the desk"),
            }
        ),
        default=LETTER,
    )
    channel = SelectField(
        lazy_gettext("How were they told?"), choices=forms.CHANNELS, default=Channel.PHONE.value
    )
    told_on = day_field(lazy_gettext("When were they told?"), MayBeEmpty())
    feedback = RadioField(
        lazy_gettext("Did you tell them why?"),
        choices=forms.FEEDBACK,
        default=Feedback.NONE.value,
        validators=[MayBeEmpty()],
    )
    next_on = day_field(lazy_gettext("They hear from you by"), MayBeEmpty(), days_ahead=A_YEAR)
    leaves = RadioField(
        lazy_gettext("When do the letters leave?"),
        choices=choices(
            {
                AT_ONCE: lazy_gettext("In five minutes: until then you can undo"),
                LATER: lazy_gettext("At a set time"),
            }
        ),
        default=AT_ONCE,
        validators=[MayBeEmpty()],
    )
    leaves_on = TellForm.leaves_on
    leaves_at = TellForm.leaves_at
    typed = StringField(validators=[Length(max=10)])
    every = BooleanField()
    once = HiddenField()
    seen = HiddenField()

    def demand(self, action: Action, today: Any) -> None:
        """Ask for what ACTION needs, at its field."""
        if action is Action.DECIDE and not self.outcome.data:
            forms.reject(self.outcome, lazy_gettext("Choose what was decided."))
        if action is Action.DELAY and not self.next_on.data and not self.next_on.errors:
            forms.reject(self.next_on, lazy_gettext("Enter the day by which they hear from you."))
        if action is Action.DELAY and self.next_on.data and self.next_on.data <= today:
            forms.reject(self.next_on, lazy_gettext("Choose a day after today."))
        if action is Action.TOLD and self.told_on.data and self.told_on.data > today:
            forms.reject(self.told_on, lazy_gettext("Enter a day that is not in the future."))
