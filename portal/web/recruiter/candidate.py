"""One candidate: facts, what is owed by when, what was decided and told, and every email."""

from datetime import datetime

from flask import abort, render_template
from markupsafe import escape
from werkzeug.wrappers import Response

from portal import closure, hiring, outbox
from portal.extensions import db
from portal.language import gettext
from portal.mail_kinds import KINDS
from portal.models import (
    Application,
    Decision,
    Email,
    EmailState,
    Employer,
    Notice,
    Outcome,
    RequisitionState,
    Role,
    utcnow,
)
from portal.web.access import member
from portal.web.forms import ConfirmForm, reject
from portal.web.recruiter import composing, words
from portal.web.recruiter.candidate_forms import LANGUAGES, PhoneForm
from portal.web.recruiter.closure_status import closure_status, rule_of
from portal.web.recruiter.desk import (
    PATH,
    back_to,
    find,
    name_of,
    people,
    recruiter,
    start_over,
)
from portal.web.recruiter.history import follow_mail, tell_story


@recruiter.route(PATH)
@member(Role.RECRUITER)
def application(employer: Employer, application_id: int) -> str:
    """The candidate's page."""
    found = find(employer, application_id)
    return _show(found, PhoneForm(phone=found.candidate.phone))


def _show(found: Application, form: PhoneForm) -> str:
    employer, now = found.employer, utcnow()
    decisions, notices = hiring.list_history(found)
    emails = hiring.list_deliveries(found)
    standing = hiring.standing_decision(found)
    return render_template(
        "recruiter/application.html",
        application=found,
        status=closure_status(found, closure.local_day(employer, now)),
        decision=standing,
        outcomes=words.OUTCOMES,
        told=words.TOLD,
        languages_written=LANGUAGES,
        rule=rule_of(employer, found.owed_under),
        why_no_email=composing.why_no_email(found),
        telling=last_email(standing, emails, notices),
        others=_others_of_filled_role(found),
        story=tell_story(found, decisions, notices, people(decisions, notices)),
        mail=follow_mail(found, emails, notices, now),
        form=form,
        dial=hiring.dialled,
        page_has_errors=bool(form.errors),
    )


def _others_of_filled_role(found: Application) -> int:
    """How many are still to be told that the role is filled for which FOUND was hired."""
    role = found.requisition
    is_last = found.outcome is Outcome.HIRED and role.state is RequisitionState.FILLED
    return hiring.untold_in_role(role) if is_last else 0


def last_email(
    decision: Decision | None, emails: list[Email], notices: list[Notice]
) -> EmailState | None:
    """What became of the last email that was to tell of the standing DECISION, if there was one."""
    if decision is None:
        return None
    telling = {notice.id for notice in notices if notice.decision_id == decision.id}
    states = [email.state for email in emails if email.notice_id in telling]
    return states[-1] if states else None


@recruiter.route(f"{PATH}/phone", methods=["POST"])
@member(Role.RECRUITER)
def phone(employer: Employer, application_id: int) -> Response | str:
    """Keep another telephone number, or none."""
    found, form = find(employer, application_id), PhoneForm()
    if not form.validate():
        return _show(found, form)
    try:
        hiring.set_phone(found, form.phone.data)
    except hiring.DecisionRefused as error:
        start_over()
        reject(form.phone, str(error))
        return _show(found, form)
    db.session.commit()
    said = gettext("The number is kept.") if form.phone.data else gettext("No number is kept now.")
    return back_to(found, said)


@recruiter.route(f"{PATH}/emails/<int(max=2147483647):email_id>/resend", methods=["POST"])
@member(Role.RECRUITER)
def resend(employer: Employer, application_id: int, email_id: int) -> Response:
    """Send an email again whose fate nobody knows: a person's decision, never ours."""
    found = find(employer, application_id)
    form = ConfirmForm()
    email = _find_resendable(found, email_id)
    if email is None:
        abort(404)
    if not form.validate():
        abort(400)
    return _send_again(found, email, utcnow())


def _find_resendable(found: Application, email_id: int) -> Email | None:
    """An email of FOUND's that an employer may send again. Never a survey: it would tell who
    has answered, since nothing is sent to who has."""
    return next(
        (
            email
            for email in hiring.list_deliveries(found)
            if email.id == email_id and email.notice_id is not None
        ),
        None,
    )


def _send_again(found: Application, email: Email, now: datetime) -> Response:
    settled = gettext("That email is no longer in doubt: see below what became of it.")
    if email.state is not EmailState.UNKNOWN:
        return back_to(found, settled, kind="info")
    try:
        outbox.resend(KINDS, email, now)
        hiring.keep_leaving([found.id])
    except outbox.CannotResend:
        db.session.rollback()
        return back_to(found, settled, kind="info")
    db.session.commit()
    again = gettext(
        "The email to %(name)s is sent again, as the same message: most mailboxes show it once."
    )
    return back_to(found, escape(again) % {"name": name_of(found)})
