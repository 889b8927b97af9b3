"""Telling a candidate of a decision: by email now, told already, or not yet."""

from datetime import datetime

from flask import render_template, request
from markupsafe import Markup
from werkzeug.wrappers import Response

from portal import closure, formatting, hiring, outbox
from portal.extensions import db
from portal.letters import LETTERS_FOR, Letter
from portal.models import (
    Application,
    Channel,
    Decision,
    Employer,
    Feedback,
    Outcome,
    Role,
    utcnow,
)
from portal.web.access import member
from portal.web.forms import ALREADY, NOT_YET, NOW, TellForm, refuse_future, reject
from portal.web.recruiter import composing, words
from portal.web.recruiter.changes import changes_since
from portal.web.recruiter.closure_status import closure_status
from portal.web.recruiter.composing import Draft
from portal.web.recruiter.desk import (
    PATH,
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

FIELD_OF = {"tell": "how"}
Answer = Response | str | tuple[str, int]
CARRIED = ("subject", "body", "letter", "looked_at", "feedback", "leaves", "leaves_on", "leaves_at")
CHOSEN = ("how", "seen", "letter", "looked_at")


def may_tell(form: TellForm, application: Application, outcome: Outcome) -> bool:
    """Whether FORM's way of telling can be gone; says why not at the field."""
    if form.how.data == ALREADY:
        refuse_future(closure.local_day(application.employer, utcnow()), form.told_on)
    if form.how.data == NOW and not form.how.errors:
        why_not = composing.why_no_email(application)
        if not LETTERS_FOR[outcome]:
            none = f"There is no email for “{words.OUTCOMES[outcome]}”."
            reject(form.how, f"{none} Choose another way.")
        elif why_not:
            reject(form.how, f"{why_not} Choose another way.")
    return form.is_chosen()


def compose(form: TellForm, application: Application, outcome: Outcome, now: datetime) -> Draft:
    """FORM's email, begun from a template the first time or when one is asked for."""
    options = LETTERS_FOR[outcome]
    asked = request.form.get("use")
    if asked in options or form.letter.data not in options:
        letter = Letter(asked) if asked in options else options[0]
        form.letter.data = letter.value
        composing.use_template(form, letter, application.candidate.locale)
    draft = composing.look_over(form, application)
    composing.leaves_at(form, application.employer, now)
    return draft


def carry_out(
    form: TellForm, application: Application, decision: Decision, draft: Draft | None, now: datetime
) -> Markup:
    """Tell, or note how it was told; returns what follows.

    Raises hiring.DecisionRefused, and hiring.DecisionChanged if somebody told meanwhile.
    """
    name = name_of(application)
    if draft and draft.text:
        send_at = composing.leaves_at(form, application.employer, now)
        hiring.tell_now(
            application,
            decision,
            draft.text,
            now,
            feedback=Feedback(form.feedback.data),
            send_at=send_at,
            seen_notice=read_mark(form.seen.data)[1],
        )
        return leaves(name, application.employer, send_at, now)
    if form.how.data == ALREADY:
        return _note_told(form, application, decision, now)
    return _still_owed(application, name, now)


def _note_told(
    form: TellForm, application: Application, decision: Decision, now: datetime
) -> Markup:
    day, channel = form.told_on.data, Channel(form.channel.data)
    hiring.record_told(
        application,
        decision,
        channel,
        closure.noon_of(application.employer, day, now),
        now,
        feedback=Feedback(form.told_feedback.data),
        seen_notice=read_mark(form.seen.data)[1],
    )
    return Markup("Noted: you told {} on {} {}.").format(
        name_of(application), formatting.day_tag(day), words.CHANNELS[channel]
    )


def leaves(name: Markup, employer: Employer, send_at: datetime | None, now: datetime) -> Markup:
    """When the email to NAME goes, as things stand."""
    if send_at:
        when = formatting.time_tag(send_at, zone=employer.zone)
        return Markup("The email to {} leaves on {}.").format(name, when)
    if outbox.mail_condition(now).is_healthy:
        return Markup("The email to {} leaves now.").format(name)
    return Markup("The email to {} waits: sending rests at the moment.").format(name)


def whom_next(application: Application, now: datetime) -> Markup:
    """The way to whoever is owed an answer first now; empty if nobody else is."""
    found = hiring.next_to_tell(application)
    if found is None:
        return Markup()
    status = closure_status(found, closure.local_day(found.employer, now))
    how_late = status.text[0].lower() + status.text[1:]
    return Markup('Next: <a href="{}">{}</a>, {}.').format(page_of(found), name_of(found), how_late)


def _still_owed(application: Application, name: Markup, now: datetime) -> Markup:
    owed_by = application.owed_on
    if owed_by is None:
        return Markup("Nothing is owed to {} for now.").format(name)
    left = (owed_by - closure.local_day(application.employer, now)).days
    return Markup("{} is owed an answer by {} ({}).").format(
        name, formatting.day_tag(owed_by), formatting.days_from_today(left)
    )


def refuse(form: TellForm, error: hiring.DecisionRefused) -> None:
    """Say at its field why nothing was recorded, and keep nothing of it."""
    start_over()
    reject(form[FIELD_OF.get(error.field, error.field)], str(error))


def ways(application: Application) -> dict[str, str]:
    """Words under each way of telling."""
    locale = "French" if application.candidate.locale.value == "fr" else "English"
    return {
        NOW: composing.why_no_email(application)
        or f"From a template in {locale}, which you look over before it leaves.",
        ALREADY: "You note when and how.",
    }


@recruiter.route(f"{PATH}/tell", methods=["GET", "POST"])
@member(Role.RECRUITER)
def tell(employer: Employer, application_id: int) -> Answer:
    """Tell of the decision that stands."""
    application = find(employer, application_id)
    seen, now = look_at(application), utcnow()
    if seen.decision is None:
        return back_to(application, "There is no decision to tell of yet.", kind="warning")
    form = TellForm()
    if request.method != "POST":
        form.seen.data, form.told_on.data = seen.mark, closure.local_day(employer, now)
        return _choose(form, application)
    if form.seen.data != seen.mark:
        return _changed(form, application)
    form.validate()
    if not may_tell(form, application, seen.decision.outcome):
        return _choose(form, application)
    if step() == "choose":
        form.forgive()
        return _choose(form, application)
    return _tell(form, application, seen.decision, now)


def _tell(form: TellForm, application: Application, decision: Decision, now: datetime) -> Answer:
    if form.how.data == NOT_YET:
        still = _still_owed(application, name_of(application), now)
        return back_to(application, "Nothing was changed.", still, kind="info")
    draft = None
    if form.how.data == NOW:
        draft = compose(form, application, decision.outcome, now)
        if not draft.may_leave(form):
            return _write(form, application, draft)
    try:
        follows = carry_out(form, application, decision, draft, now)
    except hiring.DecisionChanged:
        start_over()
        return _changed(form, application)
    except hiring.DecisionRefused as error:
        refuse(form, error)
        return _choose(form, application)
    db.session.commit()
    return back_to(application, follows, whom_next(application, now))


def _changed(form: TellForm, application: Application) -> tuple[str, int]:
    changes = changes_since(application, form.seen.data)
    form.seen.data = look_at(application).mark
    return _choose(form, application, changes), 409


def _choose(form: TellForm, application: Application, changes: tuple[str, ...] = ()) -> str:
    today = closure.local_day(application.employer, utcnow())
    return render_template(
        "recruiter/tell.html",
        form=form,
        application=application,
        outcomes=words.OUTCOMES,
        ways=ways(application) | {NOT_YET: "Nothing is sent or changed."},
        status=closure_status(application, today),
        carried=form.carried(*CARRIED),
        changes=changes,
        page_has_errors=bool(form.errors),
    )


def _write(form: TellForm, application: Application, draft: Draft) -> str:
    outcome = application.outcome
    return composing.show(
        form,
        application,
        draft,
        LETTERS_FOR[outcome] if outcome else (),
        outcome=outcome,
        earlier=composing.told_before(application, outcome) if outcome else None,
        carried=form.carried(*CHOSEN),
        send_label="Send this email",
    )
