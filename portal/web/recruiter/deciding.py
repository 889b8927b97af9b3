"""Recording what was decided, and taking it back."""

from flask import render_template, request
from markupsafe import Markup

from portal import closure, formatting, hiring
from portal.extensions import db
from portal.language import gettext, lazy_gettext
from portal.letters import Why
from portal.models import Application, Employer, Outcome, Role, utcnow
from portal.web.access import member
from portal.web.forms import ConfirmForm, chosen, refuse_future
from portal.web.recruiter import words
from portal.web.recruiter.changes import changes_since
from portal.web.recruiter.closure_status import owed_if_decided, rule_of
from portal.web.recruiter.composing import Draft
from portal.web.recruiter.desk import (
    PATH,
    back_to,
    find,
    look_at,
    name_of,
    read_mark,
    recruiter,
    start_over,
)
from portal.web.recruiter.flow import Answer, run
from portal.web.recruiter.forms import NOT_YET, DecisionForm
from portal.web.recruiter.saying import say
from portal.web.recruiter.telling import Telling, whom_next

RECORDED = {
    Outcome.REJECTED: lazy_gettext("Decision recorded: not chosen."),
    Outcome.HIRED: lazy_gettext("Decision recorded: hired."),
    Outcome.OFFER_DECLINED: lazy_gettext("Decision recorded: offer declined."),
    Outcome.WITHDRAWN: lazy_gettext("Decision recorded: withdrew."),
}


class Deciding(Telling):
    """A decision and, in the same step, how the candidate learns it."""

    template = "recruiter/decide.html"
    form: DecisionForm

    @property
    def outcome(self) -> Outcome | None:
        return chosen(Outcome, self.form.outcome)

    def why(self) -> Why:
        return self.form.why()

    def begin(self) -> None:
        super().begin()
        self.form.decided_on.data = self.today

    def check(self) -> None:
        refuse_future(self.today, self.form.decided_on)
        super().check()

    def not_yet(self) -> str:
        owed_by = owed_if_decided(self.application, self.today)
        if owed_by is None:
            return gettext("They are owed an answer: %(rule)s.", rule=rule_of(self.employer))
        day = formatting.day(owed_by)
        return gettext("They are owed an answer by %(day)s if you decide today.", day=day)

    def carry_out(self, draft: Draft | None) -> tuple[str, ...]:
        outcome, why = Outcome(self.form.outcome.data), self.form.why()
        decision = hiring.record_decision(
            self.application,
            outcome,
            closure.noon_of(self.employer, self.form.decided_on.data, self.now),
            self.now,
            reason=why.details,
            reason_code=why.code,
            next_step=why.next_step,
            seen=read_mark(self.form.seen.data)[0],
        )
        follows = self.tell(decision, draft)
        is_told = self.form.how.data != NOT_YET
        next_one = whom_next(self.application, self.now) if is_told else Markup()
        return str(RECORDED[outcome]), follows, next_one


@recruiter.route(f"{PATH}/decision", methods=["GET", "POST"])
@member(Role.RECRUITER)
def decide(employer: Employer, application_id: int) -> Answer:
    """Record a decision and, in the same step, how the candidate learns it."""
    return run(Deciding(find(employer, application_id), DecisionForm(), utcnow()))


@recruiter.route(f"{PATH}/retract", methods=["GET", "POST"])
@member(Role.RECRUITER)
def retract(employer: Employer, application_id: int) -> Answer:
    """Take the standing decision back."""
    application = find(employer, application_id)
    seen, form = look_at(application), ConfirmForm()
    if seen.decision is None:
        return back_to(application, gettext("There is no decision to take back."), kind="warning")
    if request.method != "POST":
        form.seen.data = seen.mark
        return _confirm(form, application)
    if not form.validate():
        return _confirm(form, application)
    if form.seen.data != seen.mark:
        return _retraction_changed(form, application)
    try:
        hiring.retract_decision(application, utcnow(), seen=seen.decision.id)
    except hiring.DecisionChanged:
        start_over()
        return _retraction_changed(form, application)
    db.session.commit()
    waits = gettext("%(name)s waits for a decision again. Mail that had not left is cancelled.")
    taken_back = gettext("Decision taken back.")
    return back_to(application, taken_back, say(waits, name=name_of(application)))


def _retraction_changed(form: ConfirmForm, application: Application) -> Answer:
    changes = changes_since(application, form.seen.data)
    if look_at(application).decision is None:
        already = gettext("The decision was taken back already.")
        return back_to(application, already, kind="info")
    form.seen.data = look_at(application).mark
    return _confirm(form, application, changes), 409


def _confirm(form: ConfirmForm, application: Application, changes: tuple[str, ...] = ()) -> str:
    return render_template(
        "recruiter/retract.html",
        form=form,
        application=application,
        outcomes=words.OUTCOMES,
        changes=changes,
        page_has_errors=bool(form.errors),
    )
