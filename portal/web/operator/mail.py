"""Whether mail flows, and what of it needs a person."""

from typing import Any

from flask import abort, render_template, request, url_for
from werkzeug.wrappers import Response

from portal import formatting, invitations, operating, outbox
from portal.extensions import db
from portal.language import gettext, lazy_gettext, ngettext
from portal.mail_kinds import KINDS, label
from portal.models import Email, EmailState, Employer, utcnow
from portal.web import limits
from portal.web.access import operator as operators_only
from portal.web.operator.desk import ID, back_to, check_button, fill, find_employer, operator
from portal.web.recruiter import words

MASK = "•••"
IN_QUEUE = (
    (EmailState.QUEUED, lazy_gettext("Waiting")),
    (EmailState.SENDING, lazy_gettext("Being sent")),
    (EmailState.SENT, lazy_gettext("Sent")),
    (EmailState.UNKNOWN, lazy_gettext("In doubt")),
    (EmailState.FAILED, lazy_gettext("Failed")),
    (EmailState.CANCELLED, lazy_gettext("Cancelled")),
    (EmailState.CAPTURED, lazy_gettext("Kept in files")),
)


def mask(address: str | None) -> str:
    """ADDRESS so that it can be told from others, and nobody can be written to."""
    local, _, domain = (address or "").rpartition("@")
    return f"{local[:1]}{MASK}@{domain}" if domain else MASK


def _trouble(email: Email, employers: dict[int, Employer]) -> dict[str, Any]:
    """An EMAIL that only a person can settle, without the address of whom it is for."""
    return {
        "email": email,
        "kind": label(email.kind),
        "employer": employers.get(email.employer_id or 0),
        "address": mask(email.to_address),
        "reason": str(words.REASONS.get(email.reason or "", email.reason or "")),
        "can_resend": email.state is EmailState.UNKNOWN,
    }


@operator.route("/operator")
@operators_only
def mail() -> str:
    """How sending is doing, and what needs a person."""
    now = utcnow()
    depth, doubtful = outbox.queue_depth(KINDS, now), invitations.count_in_doubt()
    needing = outbox.list_needing_person(KINDS)
    ids = {email.employer_id for email in needing if email.employer_id} | doubtful.keys()
    by_id = operating.find_employers(ids)
    in_doubt = sorted((by_id[key].name, key, count) for key, count in doubtful.items())
    return render_template(
        "operator/mail.html",
        condition=outbox.mail_condition(now),
        is_proxy_unbelieved=limits.is_proxy_unbelieved(),
        depth=[(label, formatting.count(depth.by_state[state])) for state, label in IN_QUEUE],
        held=depth.held,
        oldest_due_at=depth.oldest_due_at,
        next_due_at=depth.next_due_at,
        trouble=[_trouble(email, by_id) for email in needing],
        all_trouble=outbox.count_needing_person(KINDS),
        in_doubt=in_doubt,
    )


def _back(sentence: str, kind: str = "success") -> Response:
    return back_to(url_for("operator.mail"), sentence, kind)


@operator.route("/operator/resume", methods=["POST"])
@operators_only
def resume() -> Response:
    """Send again: one message first, whose reply decides about the rest."""
    check_button()
    was_paused = outbox.mail_condition(utcnow()).paused_at is not None
    outbox.resume()
    db.session.commit()
    if not was_paused:
        return _back(gettext("Sending was not paused."), "info")
    return _back(
        gettext("Sending resumes. One message goes first; its reply decides about the rest.")
    )


@operator.route(f"/operator/emails/<{ID}:email_id>/resend", methods=["POST"])
@operators_only
def resend(email_id: int) -> Response:
    """Send an email again whose fate nobody knows."""
    check_button()
    email = outbox.find_email(email_id)
    if email is None or not KINDS[email.kind].is_repeatable:
        abort(404)
    if email.state is not EmailState.UNKNOWN:
        return _back(gettext("That email is no longer in doubt."), "info")
    try:
        outbox.resend(KINDS, email, utcnow())
    except outbox.CannotResend:
        db.session.rollback()
        return _back(gettext("That email cannot be sent again."), "info")
    db.session.commit()
    return _back(
        gettext("The email is sent again, as the same message: most mailboxes show it once.")
    )


@operator.route(f"/operator/employers/<{ID}:employer_id>/invitations", methods=["GET", "POST"])
@operators_only
def resend_invitations(employer_id: int) -> Response | str:
    """Send all of an employer's invitations in doubt again, once it was said what that means."""
    found = find_employer(employer_id)
    if request.method != "POST":
        count = invitations.count_in_doubt().get(found.id, 0)
        return render_template("operator/invitations.html", found=found, count=count)
    check_button()
    sent = invitations.resend_in_doubt(found.id, utcnow())
    db.session.commit()
    if not sent:
        return _back(gettext("No invitation is in doubt any more."), "info")
    said = ngettext(
        "%(num)s invitation of %(name)s is sent again, as the same message, when the employer’s "
        "hours allow.",
        "%(num)s invitations of %(name)s are sent again, as the same messages, when the "
        "employer’s hours allow.",
        sent,
        name="%(name)s",
    )
    return _back(fill(said, name=found.name))
