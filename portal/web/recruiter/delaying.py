"""A dated "no decision yet", written to a candidate who waits."""

from flask import render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from portal import closure, formatting, hiring
from portal.extensions import db
from portal.letters import Letter
from portal.models import Application, Employer, Role, utcnow
from portal.web.access import member
from portal.web.forms import DelayForm, reject
from portal.web.recruiter import composing, telling
from portal.web.recruiter.changes import changes_since
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
CARRIED = ("subject", "body", "looked_at")
CHOSEN = ("next_on", "seen", "looked_at")


@recruiter.route(f"{PATH}/delay", methods=["GET", "POST"])
@member(Role.RECRUITER)
def delay(employer: Employer, application_id: int) -> Answer:
    """Write that there is no decision yet, and by when there will be news."""
    application = find(employer, application_id)
    seen = look_at(application)
    if seen.decision:
        decided = "There is a decision already: tell the candidate about it instead."
        return back_to(application, decided, kind="warning")
    form = DelayForm()
    if request.method != "POST":
        form.seen.data = seen.mark
        return _choose(form, application)
    if form.seen.data != seen.mark:
        return _changed(form, application)
    if not _may_write(form, application):
        return _choose(form, application)
    if step() == "choose":
        form.forgive()
        return _choose(form, application)
    draft = _compose(form, application)
    if not draft.may_leave(form):
        return _write(form, application, draft)
    return _send(form, application, draft)


def _changed(form: DelayForm, application: Application) -> tuple[str, int]:
    changes = changes_since(application, form.seen.data)
    form.seen.data = look_at(application).mark
    return _choose(form, application, changes), 409


def _may_write(form: DelayForm, application: Application) -> bool:
    form.validate()
    if form.is_chosen() and (why_not := composing.why_no_email(application)):
        reject(form.next_on, f"{why_not} Call instead.")
    return form.is_chosen()


def _compose(form: DelayForm, application: Application) -> Draft:
    if request.form.get("use") or not (form.subject.data or form.body.data or step()):
        composing.use_template(form, Letter.DELAY, application.candidate.locale)
    return composing.look_over(form, application, form.next_on.data)


def _send(form: DelayForm, application: Application, draft: Draft) -> Answer:
    now = utcnow()
    assert draft.text is not None  # noqa: S101 (looked at)
    try:
        hiring.send_delay_note(
            application,
            form.next_on.data,
            draft.text,
            now,
            seen_notice=read_mark(form.seen.data)[1],
        )
    except hiring.DecisionChanged:
        start_over()
        return _changed(form, application)
    except hiring.DecisionRefused as error:
        start_over()
        reject(form.next_on, str(error))
        return _choose(form, application)
    db.session.commit()
    promise = Markup("You have promised news by {}.").format(formatting.day_tag(form.next_on.data))
    name = name_of(application)
    return back_to(application, telling.leaves(name, application.employer, None, now), promise)


def _choose(form: DelayForm, application: Application, changes: tuple[str, ...] = ()) -> str:
    return render_template(
        "recruiter/delay.html",
        form=form,
        application=application,
        why_not=composing.why_no_email(application),
        today=closure.local_day(application.employer, utcnow()),
        carried=form.carried(*CARRIED),
        changes=changes,
        page_has_errors=bool(form.errors),
    )


def _write(form: DelayForm, application: Application, draft: Draft) -> str:
    return composing.show(
        form,
        application,
        draft,
        (Letter.DELAY,),
        next_on=form.next_on.data,
        carried=form.carried(*CHOSEN),
        send_label="Send this note",
    )
