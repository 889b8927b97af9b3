"""Recording what was decided, and taking it back."""

from datetime import datetime

from flask import render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from portal import closure, formatting, hiring
from portal.extensions import db
from portal.letters import LETTERS_FOR
from portal.models import Application, Employer, Outcome, Role, utcnow
from portal.web.access import member
from portal.web.forms import NOT_YET, NOW, ConfirmForm, DecisionForm, refuse_future
from portal.web.recruiter import composing, telling, words
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
    step,
)

Answer = Response | str | tuple[str, int]
CHOSEN = (*telling.CHOSEN, "outcome", "decided_on", "reason")


@recruiter.route(f"{PATH}/decision", methods=["GET", "POST"])
@member(Role.RECRUITER)
def decide(employer: Employer, application_id: int) -> Answer:
    """Record a decision and, in the same step, how the candidate learns it."""
    application = find(employer, application_id)
    now, form = utcnow(), DecisionForm()
    mark = look_at(application).mark
    if request.method != "POST":
        form.seen.data = mark
        form.decided_on.data = form.told_on.data = closure.local_day(employer, now)
        return _choose(form, application)
    if form.seen.data != mark:
        return _changed(form, application)
    form.validate()
    refuse_future(closure.local_day(employer, now), form.decided_on)
    if not form.is_chosen() or not _may_tell(form, application):
        return _choose(form, application)
    if step() == "choose":
        form.forgive()
        return _choose(form, application)
    draft = None
    if form.how.data == NOW:
        draft = telling.compose(form, application, Outcome(form.outcome.data), now)
        if not draft.may_leave(form):
            return _write(form, application, draft)
    return _record(form, application, draft, now)


def _may_tell(form: DecisionForm, application: Application) -> bool:
    return telling.may_tell(form, application, Outcome(form.outcome.data))


def _record(
    form: DecisionForm, application: Application, draft: Draft | None, now: datetime
) -> Answer:
    outcome = Outcome(form.outcome.data)
    try:
        decision = hiring.record_decision(
            application,
            outcome,
            closure.noon_of(application.employer, form.decided_on.data, now),
            now,
            reason=form.reason.data,
            seen=read_mark(form.seen.data)[0],
        )
        follows = telling.carry_out(form, application, decision, draft, now)
    except hiring.DecisionChanged:
        start_over()
        return _changed(form, application)
    except hiring.DecisionRefused as error:
        telling.refuse(form, error)
        return _choose(form, application)
    db.session.commit()
    recorded = f"Decision recorded: {words.OUTCOMES[outcome].lower()}."
    next_one = Markup() if form.how.data == NOT_YET else telling.whom_next(application, now)
    return back_to(application, recorded, follows, next_one)


def _changed(form: DecisionForm, application: Application) -> tuple[str, int]:
    """Nothing was kept: the page says what others did, with all that was typed."""
    changes = changes_since(application, form.seen.data)
    form.seen.data = look_at(application).mark
    return _choose(form, application, changes), 409


def _choose(form: DecisionForm, application: Application, changes: tuple[str, ...] = ()) -> str:
    employer = application.employer
    today = closure.local_day(employer, utcnow())
    owed_by = owed_if_decided(application, today)
    not_yet = f"They are owed an answer: {rule_of(employer)}."
    if owed_by:
        not_yet = f"They are owed an answer by {formatting.day(owed_by)} if you decide today."
    return render_template(
        "recruiter/decide.html",
        form=form,
        application=application,
        outcomes=words.OUTCOMES,
        ways=telling.ways(application) | {NOT_YET: not_yet},
        carried=form.carried(*telling.CARRIED),
        changes=changes,
        page_has_errors=bool(form.errors),
    )


def _write(form: DecisionForm, application: Application, draft: Draft) -> str:
    outcome = Outcome(form.outcome.data)
    return composing.show(
        form,
        application,
        draft,
        LETTERS_FOR[outcome],
        outcome=outcome,
        earlier=composing.told_before(application, outcome),
        decided_on=form.decided_on.data,
        carried=form.carried(*CHOSEN),
        send_label="Record the decision and send",
    )


@recruiter.route(f"{PATH}/retract", methods=["GET", "POST"])
@member(Role.RECRUITER)
def retract(employer: Employer, application_id: int) -> Answer:
    """Take the standing decision back."""
    application = find(employer, application_id)
    seen, form = look_at(application), ConfirmForm()
    if seen.decision is None:
        return back_to(application, "There is no decision to take back.", kind="warning")
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
    waits = Markup("{} waits for a decision again. Mail that had not left is cancelled.")
    return back_to(application, "Decision taken back.", waits.format(name_of(application)))


def _retraction_changed(form: ConfirmForm, application: Application) -> Answer:
    changes = changes_since(application, form.seen.data)
    if look_at(application).decision is None:
        return back_to(application, "The decision was taken back already.", kind="info")
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
