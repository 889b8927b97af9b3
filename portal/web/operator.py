"""The operator's page: whether mail flows, what needs a person, and whose accounts there are."""

from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from markupsafe import Markup
from werkzeug.wrappers import Response

from portal import accounts, formatting, invitations, jobs, outbox, reputation
from portal.extensions import db
from portal.mail_kinds import KINDS, label
from portal.models import Email, EmailState, Employer, utcnow
from portal.web import limits
from portal.web.access import operator as operators_only
from portal.web.account import show_form_again
from portal.web.forms import ConfirmForm
from portal.web.recruiter import words

operator = Blueprint("operator", __name__)
operator.register_error_handler(CSRFError, show_form_again)

MASK = "•••"
# Ids of no table are larger, and SQLite's driver would choke on them.
ID = "int(max=2147483647)"
IN_QUEUE = (
    (EmailState.QUEUED, "Waiting"),
    (EmailState.SENDING, "Being sent"),
    (EmailState.SENT, "Sent"),
    (EmailState.UNKNOWN, "In doubt"),
    (EmailState.FAILED, "Failed"),
    (EmailState.CANCELLED, "Cancelled"),
    (EmailState.CAPTURED, "Kept in files"),
)


@dataclass(frozen=True)
class Trouble:
    """One email that only a person can settle, without the address of whom it is for."""

    email: Email
    kind: str
    employer: Employer | None
    address: str
    reason: str

    @property
    def can_resend(self) -> bool:
        return self.email.state is EmailState.UNKNOWN


def mask(address: str | None) -> str:
    """ADDRESS so that it can be told from others, and nobody can be written to."""
    local, _, domain = (address or "").rpartition("@")
    return f"{local[:1]}{MASK}@{domain}" if domain else MASK


def _trouble(email: Email, employers: dict[int, Employer]) -> Trouble:
    return Trouble(
        email=email,
        kind=label(email.kind),
        employer=employers.get(email.employer_id or 0),
        address=mask(email.to_address),
        reason=words.REASONS.get(email.reason or "", email.reason or ""),
    )


@operator.route("/operator")
@operators_only
def mail() -> str:
    """How sending is doing, what needs a person, and the employers."""
    now = utcnow()
    employers = accounts.list_employers()
    by_id = {employer.id: employer for employer in employers}
    depth, doubtful = outbox.queue_depth(now), invitations.count_in_doubt()
    return render_template(
        "operator/mail.html",
        condition=outbox.mail_condition(now),
        is_proxy_unbelieved=limits.is_proxy_unbelieved(),
        depth=[(label, formatting.count(depth.by_state[state])) for state, label in IN_QUEUE],
        oldest_due_at=depth.oldest_due_at,
        next_due_at=depth.next_due_at,
        trouble=[_trouble(email, by_id) for email in outbox.list_needing_person(KINDS)],
        all_trouble=outbox.count_needing_person(KINDS),
        in_doubt=[
            (employer, count) for employer in employers if (count := doubtful.get(employer.id))
        ],
        employers=employers,
        releases=reputation.last_releases(),
    )


def _back(sentence: str, kind: str = "success") -> Response:
    flash(sentence, kind)
    return redirect(url_for("operator.mail"), 303)


def _check_button() -> None:
    if not ConfirmForm().validate():
        abort(400)


@operator.route("/operator/resume", methods=["POST"])
@operators_only
def resume() -> Response:
    """Send again: one message first, whose reply decides about the rest."""
    _check_button()
    was_paused = outbox.mail_condition(utcnow()).paused_at is not None
    outbox.resume()
    db.session.commit()
    if not was_paused:
        return _back("Sending was not paused.", "info")
    return _back("Sending resumes. One message goes first; its reply decides about the rest.")


@operator.route(f"/operator/emails/<{ID}:email_id>/resend", methods=["POST"])
@operators_only
def resend(email_id: int) -> Response:
    """Send an email again whose fate nobody knows."""
    _check_button()
    email = outbox.find_email(email_id)
    if email is None or not KINDS[email.kind].is_repeatable:
        abort(404)
    if email.state is not EmailState.UNKNOWN:
        return _back("That email is no longer in doubt.", "info")
    try:
        outbox.resend(KINDS, email, utcnow())
    except outbox.CannotResend:
        db.session.rollback()
        return _back("That email cannot be sent again.", "info")
    db.session.commit()
    return _back("The email is sent again, as the same message: most mailboxes show it once.")


def _find_employer(employer_id: int) -> Employer:
    """The employer with that id, or 404."""
    found = [employer for employer in accounts.list_employers() if employer.id == employer_id]
    return found[0] if found else abort(404)


@operator.route(f"/operator/employers/<{ID}:employer_id>/invitations", methods=["GET", "POST"])
@operators_only
def resend_invitations(employer_id: int) -> Response | str:
    """Send all of an employer's invitations in doubt again, once it was said what that means."""
    found = _find_employer(employer_id)
    if request.method != "POST":
        count = invitations.count_in_doubt().get(found.id, 0)
        return render_template("operator/invitations.html", found=found, count=count)
    _check_button()
    sent = invitations.resend_in_doubt(found.id, utcnow())
    db.session.commit()
    if not sent:
        return _back("No invitation is in doubt any more.", "info")
    said = Markup("{} of {} {} sent again, as the same {}, when the employer’s hours allow.")
    mails = ("invitation", "is", "message") if sent == 1 else ("invitations", "are", "messages")
    name = Markup("<bdi>{}</bdi>").format(found.name)
    noun, verb, same = mails
    counted = f"{formatting.count(sent)} {noun}"
    return _back(said.format(counted, name, verb, same))


@operator.route(f"/operator/employers/<{ID}:employer_id>/release", methods=["POST"])
@operators_only
def release(employer_id: int) -> Response:
    """Ask for an employer's waiting answers to be released, if enough of them are together."""
    _check_button()
    found = _find_employer(employer_id)
    jobs.ask_release(found, utcnow())
    db.session.commit()
    name = Markup("<bdi>{}</bdi>").format(found.name)
    said = Markup("Asked for. Within a minute a worker releases what waits of {}, if it is enough.")
    return _back(said.format(name))
