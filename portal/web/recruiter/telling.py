"""Telling a candidate of a decision: by email now, told already, or not yet."""

from datetime import datetime
from typing import Any

from markupsafe import Markup
from wtforms import Field

from portal import closure, formatting, hiring
from portal.language import gettext
from portal.letters import LETTERS_FOR, Letter, Text, Why, why_of
from portal.models import (
    Application,
    Channel,
    Decision,
    Employer,
    Feedback,
    Locale,
    Outcome,
    Role,
    utcnow,
)
from portal.web.access import member
from portal.web.forms import refuse_future, reject
from portal.web.recruiter import composing, words
from portal.web.recruiter.closure_status import closure_status
from portal.web.recruiter.composing import Draft
from portal.web.recruiter.desk import (
    PATH,
    back_to,
    find,
    name_of,
    page_of,
    read_mark,
    recruiter,
)
from portal.web.recruiter.flow import Answer, Task, run
from portal.web.recruiter.forms import ALREADY, NOT_YET, NOW, TellForm
from portal.web.recruiter.saying import say


class Telling(Task):
    """Of the decision that stands."""

    template = "recruiter/tell.html"
    form: TellForm

    def __init__(
        self,
        application: Application,
        form: TellForm,
        now: datetime,
        decision: Decision | None = None,
    ) -> None:
        super().__init__(application, form, now)
        self.decision = decision

    @property
    def outcome(self) -> Outcome | None:
        """What they are told."""
        return self.decision.outcome if self.decision else None

    @property
    def is_written(self) -> bool:
        return bool(self.form.how.data == NOW)

    def why(self) -> Why:
        return why_of(self.decision)

    def begin(self) -> None:
        self.form.told_on.data = self.today

    def check(self) -> None:
        form = self.form
        if form.how.data == ALREADY:
            refuse_future(self.today, form.told_on)
        if self.is_written and not form.how.errors:
            composing.leaves_at(form, self.employer, self.now)
            if why_not := self._why_no_letter():
                reject(form.how, gettext("%(why)s Choose another way.", why=why_not))

    def _why_no_letter(self) -> str | None:
        if self.outcome and not LETTERS_FOR[self.outcome]:
            outcome = words.OUTCOMES[self.outcome]
            return gettext("There is no email for “%(outcome)s”.", outcome=outcome)
        return composing.why_no_email(self.application)

    def letters(self) -> tuple[Letter, ...]:
        if self.outcome is None or self._why_no_letter():
            return ()
        return LETTERS_FOR[self.outcome]

    def start_letter(self, letter: Letter) -> None:
        super().start_letter(letter)
        self.form.feedback.data = self._feedback_of(letter).value

    def _feedback_of(self, letter: Letter) -> Feedback:
        """How far the letter says why, before anybody has changed it."""
        says_why = letter is Letter.REJECTED and "{reason}" in self.form.body.data
        if not says_why or self.why().code is None:
            return Feedback.NONE
        return Feedback.SPECIFIC if self.why().details else Feedback.GENERAL

    def facts(self) -> dict[str, Any]:
        application, outcome = self.application, self.outcome
        composing.offer_time(self.form, self.today)
        return {
            "ways": {NOW: self._by_email(), ALREADY: gettext("You note when and how.")}
            | {NOT_YET: self.not_yet()},
            "outcome": outcome,
            "earlier": composing.told_before(application, outcome) if outcome else None,
            "status": closure_status(application, self.today),
        }

    def _by_email(self) -> str:
        if why_not := self._why_no_letter():
            return why_not
        if self.application.candidate.locale is Locale.FRENCH:
            return gettext("A letter in French, which you look over before it leaves.")
        return gettext("A letter in English, which you look over before it leaves.")

    def not_yet(self) -> str:
        """What not telling them yet would mean."""
        return gettext("Nothing is sent or changed.")

    def carry_out(self, draft: Draft | None) -> tuple[str, ...]:
        assert self.decision is not None  # noqa: S101 (there is one to tell of)
        if self.form.how.data == NOT_YET:
            self.kind = "info"
            return gettext("Nothing was changed."), self._still_owed()
        return self.tell(self.decision, draft), whom_next(self.application, self.now)

    def field_of(self, error: hiring.DecisionRefused) -> Field:
        field: Field = self.form["how" if error.field == "tell" else error.field]
        return field

    def tell(self, decision: Decision, draft: Draft | None) -> Markup:
        """Tell of DECISION, or note how it was told; returns what follows."""
        if draft and draft.text:
            return self._send(decision, draft.text)
        if self.form.how.data == ALREADY:
            return self._note_told(decision)
        return self._still_owed()

    def _send(self, decision: Decision, text: Text) -> Markup:
        send_at = composing.leaves_at(self.form, self.employer, self.now)
        hiring.tell_now(
            self.application,
            decision,
            text,
            self.now,
            feedback=Feedback(self.form.feedback.data),
            send_at=send_at,
            seen_notice=read_mark(self.form.seen.data)[1],
        )
        return composing.leaves(name_of(self.application), self.employer, send_at, self.now)

    def _note_told(self, decision: Decision) -> Markup:
        day, channel = self.form.told_on.data, Channel(self.form.channel.data)
        hiring.record_told(
            self.application,
            decision,
            channel,
            closure.noon_of(self.employer, day, self.now),
            self.now,
            feedback=Feedback(self.form.told_feedback.data),
            seen_notice=read_mark(self.form.seen.data)[1],
        )
        return say(
            gettext("Noted: you told %(name)s on %(day)s %(how)s."),
            name=name_of(self.application),
            day=formatting.day_tag(day),
            how=words.CHANNELS[channel],
        )

    def _still_owed(self) -> Markup:
        name, owed_by = name_of(self.application), self.application.owed_on
        if owed_by is None:
            return say(gettext("Nothing is owed to %(name)s for now."), name=name)
        return say(
            gettext("%(name)s is owed an answer by %(day)s (%(in_days)s)."),
            name=name,
            day=formatting.day_tag(owed_by),
            in_days=formatting.days_from_today((owed_by - self.today).days),
        )


def whom_next(application: Application, now: datetime) -> Markup:
    """The way to whoever is owed an answer first now; empty if nobody else is."""
    found = hiring.next_to_tell(application)
    if found is None:
        return Markup()
    status = closure_status(found, closure.local_day(found.employer, now))
    return say(
        gettext('Next: <a href="%(page)s">%(name)s</a> (%(status)s).'),
        page=page_of(found),
        name=name_of(found),
        status=status.text,
    )


@recruiter.route(f"{PATH}/tell", methods=["GET", "POST"])
@member(Role.RECRUITER)
def tell(employer: Employer, application_id: int) -> Answer:
    """Tell of the decision that stands."""
    application = find(employer, application_id)
    decision = hiring.standing_decision(application)
    if decision is None:
        none = gettext("There is no decision to tell of yet.")
        return back_to(application, none, kind="warning")
    return run(Telling(application, TellForm(), utcnow(), decision))
