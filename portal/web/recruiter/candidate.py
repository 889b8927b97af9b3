"""One candidate: facts, what is owed by when, what was decided and told, and every email."""

from datetime import datetime

from flask import abort, render_template
from markupsafe import Markup
from werkzeug.wrappers import Response

from portal import closure, hiring, outbox
from portal.extensions import db
from portal.mail_kinds import KINDS
from portal.models import (
    Application,
    Decision,
    Email,
    EmailState,
    Employer,
    Notice,
    Role,
    utcnow,
)
from portal.web.access import member
from portal.web.forms import ConfirmForm
from portal.web.recruiter import composing, words
from portal.web.recruiter.closure_status import closure_status, rule_of
from portal.web.recruiter.desk import PATH, back_to, find, name_of, people, recruiter
from portal.web.recruiter.history import follow_mail, tell_story


@recruiter.route(PATH)
@member(Role.RECRUITER)
def application(employer: Employer, application_id: int) -> str:
    """The candidate's page."""
    found, now = find(employer, application_id), utcnow()
    decisions, notices = hiring.list_history(found)
    emails = hiring.list_deliveries(found)
    standing = hiring.standing_decision(found)
    return render_template(
        "recruiter/application.html",
        application=found,
        status=closure_status(found, closure.local_day(employer, now)),
        decision=standing,
        outcomes=words.OUTCOMES,
        channels=words.CHANNELS,
        rule=rule_of(employer),
        why_no_email=composing.why_no_email(found),
        telling=_telling(standing, emails, notices),
        story=tell_story(found, decisions, notices, people(decisions, notices)),
        mail=follow_mail(found, emails, notices, now),
    )


def _telling(
    decision: Decision | None, emails: list[Email], notices: list[Notice]
) -> EmailState | None:
    """What became of the last email that was to tell of the standing DECISION, if there was one."""
    if decision is None:
        return None
    telling = {notice.id for notice in notices if notice.decision_id == decision.id}
    states = [email.state for email in emails if email.notice_id in telling]
    return states[-1] if states else None


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
    settled = "That email is no longer in doubt: see below what became of it."
    if email.state is not EmailState.UNKNOWN:
        return back_to(found, settled, kind="info")
    try:
        outbox.resend(KINDS, email, now)
    except outbox.CannotResend:
        db.session.rollback()
        return back_to(found, settled, kind="info")
    db.session.commit()
    again = Markup(
        "The email to {} is sent again, as the same message: most mailboxes show it once."
    )
    return back_to(found, again.format(name_of(found)))
