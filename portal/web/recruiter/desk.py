"""What every page of the desk needs: its blueprint, the application, what was seen of it."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask_wtf.csrf import CSRFError
from markupsafe import Markup
from werkzeug.wrappers import Response

from portal import accounts, hiring
from portal.extensions import db
from portal.models import Application, Decision, Employer, Notice
from portal.web.account import show_form_again

recruiter = Blueprint("recruiter", __name__)
recruiter.register_error_handler(CSRFError, show_form_again)

# Larger ids exist in no table, and SQLite's driver would choke on them.
PATH = "/e/<slug>/applications/<int(max=2147483647):application_id>"


def find(employer: Employer, application_id: int) -> Application:
    """EMPLOYER's application, or the same 404 as for one that does not exist."""
    application = hiring.find_application(employer, application_id)
    if application is None:
        abort(404)
    return application


def step() -> str:
    """The button that was pressed: choose, look, send, or empty for the first page's."""
    return request.form.get("step", "")


def start_over() -> None:
    """Forget what a refused form began, so that nothing of it is kept."""
    db.session.rollback()


def page_of(application: Application) -> str:
    return url_for(
        "recruiter.application", slug=application.employer.slug, application_id=application.id
    )


def back_to(application: Application, *sentences: str, kind: str = "success") -> Response:
    """To the candidate's page, saying what has just happened and what follows."""
    flash(Markup(" ").join(filter(None, sentences)), kind)
    return redirect(page_of(application), 303)


def name_of(application: Application) -> Markup:
    """The candidate's name as it stands in a sentence, whatever its writing direction."""
    return Markup("<bdi>{}</bdi>").format(application.candidate.shown_name)


def people(decisions: Iterable[Decision], notices: Iterable[Notice]) -> dict[int, str]:
    """The addresses of who recorded them, by user id; imports and the command line have none."""
    ids = {decision.recorded_by for decision in decisions} | {n.given_by for n in notices}
    found = accounts.find_users({user_id for user_id in ids if user_id})
    return {user.id: user.email for user in found.values()}


@dataclass(frozen=True)
class Seen:
    """What a person saw of an application when they opened a form."""

    decision: Decision | None
    notice: Notice | None

    @property
    def mark(self) -> str:
        """Goes into the form and comes back, so that a change in between is noticed."""
        return f"{self.decision.id if self.decision else 0}.{self.notice.id if self.notice else 0}"


def look_at(application: Application) -> Seen:
    """The standing decision and the newest notice, as they are now."""
    _, notices = hiring.list_history(application)
    return Seen(hiring.standing_decision(application), notices[-1] if notices else None)


def read_mark(mark: str | None) -> tuple[int, int]:
    """The ids of decision and notice in MARK; -1, which nothing matches, for what is not ours."""
    decision, _, notice = (mark or "").partition(".")
    return _number(decision), _number(notice)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else -1
