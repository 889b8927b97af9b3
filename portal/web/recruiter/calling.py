"""A call to a candidate, noted in one tap afterwards: reached, or a message left."""

from datetime import datetime

from flask import render_template, request
from markupsafe import Markup, escape
from werkzeug.wrappers import Response
from wtforms import HiddenField, RadioField

from portal import closure, hiring
from portal.extensions import db
from portal.language import gettext, lazy_gettext
from portal.models import Application, Channel, Employer, Feedback, Role, utcnow
from portal.web.access import member
from portal.web.forms import FEEDBACK, Form
from portal.web.recruiter import words
from portal.web.recruiter.candidate import last_email
from portal.web.recruiter.changes import changes_since
from portal.web.recruiter.closure_status import closure_status
from portal.web.recruiter.desk import (
    PATH,
    Seen,
    back_to,
    find,
    look_at,
    name_of,
    page_of,
    read_mark,
    recruiter,
    start_over,
    step,
)

REACHED, MESSAGE = "reached", "message"
Answer = Response | str | tuple[str, int]


class CallForm(Form):
    """What came of a call; which, says the button."""

    seen = HiddenField()
    feedback = RadioField(
        lazy_gettext("Did you tell them why?"),
        choices=FEEDBACK,
        default=Feedback.NONE.value,
    )


@recruiter.route(f"{PATH}/call", methods=["GET", "POST"])
@member(Role.RECRUITER)
def call(employer: Employer, application_id: int) -> Answer:
    """Call to tell of the decision that stands, then note what came of it."""
    application, form = find(employer, application_id), CallForm()
    seen, now = look_at(application), utcnow()
    if request.method != "POST":
        form.seen.data = seen.mark
        return _show(form, application, seen, now)
    if form.seen.data != seen.mark:
        return _changed(form, application, now)
    if seen.decision is None or step() not in (REACHED, MESSAGE) or not form.validate():
        return _show(form, application, seen, now)
    try:
        said = _note(form, application, seen, now)
    except hiring.DecisionChanged:
        start_over()
        return _changed(form, application, now)
    except hiring.DecisionRefused as error:
        start_over()
        return back_to(application, str(error), kind="error")
    db.session.commit()
    return _go_on(application, said, now)


def _note(form: CallForm, application: Application, seen: Seen, now: datetime) -> Markup:
    """Record it; returns what was recorded, with the way back to the person."""
    decision, notice = seen.decision, read_mark(form.seen.data)[1]
    if decision is None:
        raise hiring.DecisionChanged
    if step() == REACHED:
        feedback = Feedback(form.feedback.data)
        hiring.record_told(
            application, decision, Channel.PHONE, now, now, feedback=feedback, seen_notice=notice
        )
        said = gettext("Noted: you told %(name)s by phone.")
    else:
        hiring.record_attempt(application, decision, now, seen_notice=notice)
        said = gettext("Noted: you left %(name)s a message. They still have to be told.")
    link = Markup('<a href="{}">{}</a>').format(page_of(application), name_of(application))
    return escape(said) % {"name": link}


def _go_on(application: Application, said: Markup, now: datetime) -> Response:
    """To the person who is to be told next, if there is one who was not called in vain today."""
    midnight = closure.start_of(application.employer, closure.local_day(application.employer, now))
    found = hiring.next_to_tell(application, tried_since=midnight)
    if found is None:
        return back_to(application, said)
    following = escape(gettext("Next: %(name)s.")) % {"name": name_of(found)}
    return back_to(found, said, following)


def _changed(form: CallForm, application: Application, now: datetime) -> Answer:
    """Nothing was noted: the page says what others did."""
    changes = changes_since(application, form.seen.data)
    seen = look_at(application)
    form.seen.data = seen.mark
    return _show(form, application, seen, now, changes), 409


def _show(
    form: CallForm,
    application: Application,
    seen: Seen,
    now: datetime,
    changes: tuple[str, ...] = (),
) -> str:
    _, notices = hiring.list_history(application)
    phone = application.candidate.phone
    tried = hiring.last_attempts(application.employer_id, [application.id])
    return render_template(
        "recruiter/call.html",
        form=form,
        application=application,
        decision=seen.decision,
        outcomes=words.OUTCOMES,
        told=words.TOLD,
        number=hiring.dialled(phone) if phone else None,
        tried=tried.get(application.id),
        status=closure_status(application, closure.local_day(application.employer, now)),
        telling=last_email(seen.decision, hiring.list_deliveries(application), notices),
        changes=changes,
        page_has_errors=bool(form.errors),
    )
