"""A dated "no decision yet", written to a candidate who waits."""

from datetime import date, timedelta
from typing import Any

from wtforms import Field

from portal import formatting, hiring
from portal.language import gettext
from portal.letters import Letter
from portal.models import Employer, Role, utcnow
from portal.web.access import member
from portal.web.forms import reject
from portal.web.recruiter import composing
from portal.web.recruiter.composing import Draft
from portal.web.recruiter.desk import PATH, back_to, find, name_of, read_mark, recruiter
from portal.web.recruiter.flow import Answer, Task, run
from portal.web.recruiter.forms import DelayForm
from portal.web.recruiter.saying import say

A_WEEK = timedelta(days=7)


class Delaying(Task):
    """By when there will be news."""

    template = "recruiter/delay.html"
    form: DelayForm

    @property
    def next_on(self) -> date | None:
        day: date | None = self.form.next_on.data
        return day

    def begin(self) -> None:
        self.form.next_on.data = self.today + A_WEEK

    def check(self) -> None:
        if why_not := composing.why_no_email(self.application):
            reject(self.form.next_on, gettext("%(why)s Call instead.", why=why_not))

    def letters(self) -> tuple[Letter, ...]:
        # Without a day there is nothing that the letter could promise.
        is_possible = self.next_on and not composing.why_no_email(self.application)
        return (Letter.DELAY,) if is_possible else ()

    def facts(self) -> dict[str, Any]:
        return {"why_not": composing.why_no_email(self.application), "outcome": None}

    def carry_out(self, draft: Draft | None) -> tuple[str, ...]:
        assert draft is not None  # noqa: S101 (looked at)
        assert draft.text is not None  # noqa: S101
        hiring.send_delay_note(
            self.application,
            self.form.next_on.data,
            draft.text,
            self.now,
            seen_notice=read_mark(self.form.seen.data)[1],
        )
        promised = gettext("You have promised news by %(day)s.")
        return (
            composing.leaves(name_of(self.application), self.employer, None, self.now),
            say(promised, day=formatting.day_tag(self.form.next_on.data)),
        )

    def field_of(self, error: hiring.DecisionRefused) -> Field:
        return self.form.next_on


@recruiter.route(f"{PATH}/delay", methods=["GET", "POST"])
@member(Role.RECRUITER)
def delay(employer: Employer, application_id: int) -> Answer:
    """Write that there is no decision yet, and by when there will be news."""
    application = find(employer, application_id)
    if hiring.standing_decision(application):
        decided = gettext("There is a decision already: tell the candidate about it instead.")
        return back_to(application, decided, kind="warning")
    return run(Delaying(application, DelayForm(), utcnow()))
