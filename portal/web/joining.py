"""The page of an invitation to a team: who holds its link joins, with a password or signed in."""

from enum import StrEnum

from flask import Blueprint, flash, redirect, render_template, url_for
from flask_security.utils import login_user
from werkzeug.wrappers import Response

from portal import accounts, audit, team
from portal.config import settings
from portal.extensions import db
from portal.language import gettext
from portal.models import TeamInvitation, User, utcnow
from portal.team import TeamInvitationState
from portal.web import languages
from portal.web.access import link_holder
from portal.web.account import first_page
from portal.web.account_forms import NewPasswordForm
from portal.web.forms import ConfirmForm, Form, reject
from portal.web.limits import limit_guesses, limit_sends

Answer = Response | str | tuple[str, int]

blueprint = Blueprint("joining", __name__)


class Reader(StrEnum):
    """Who has opened the link, as far as the invitation's address tells."""

    NEW = "new"  # nobody has an account with it, nobody is signed in
    KNOWN = "known"  # it has an account that is not signed in here
    RIGHT = "right"
    OTHER = "other"  # somebody else is signed in


def _reader(invitation: TeamInvitation, signed_in: User | None) -> Reader:
    user = accounts.find_user(invitation.address or "")
    if signed_in is None:
        return Reader.KNOWN if user else Reader.NEW
    return Reader.RIGHT if user and user.id == signed_in.id else Reader.OTHER


@blueprint.after_request
def keep_from_search(response: Response) -> Response:
    """No link that opens something belongs in an index."""
    response.headers["X-Robots-Tag"] = "noindex"
    return response


@blueprint.route("/invitation/<token>", methods=["GET", "POST"])
@link_holder
@limit_sends
def join(token: str) -> Answer:
    """Say who asks for what, and let the right person accept it."""
    signed_in = audit.signed_in_user()
    if signed_in:
        languages.set_language_of(signed_in)
    invitation, state = team.open_invitation(token, utcnow())
    if invitation is None or state is not TeamInvitationState.OPEN:
        if state is not TeamInvitationState.UNKNOWN:
            return _unusable(invitation, state, signed_in)
        with limit_guesses:
            return _unusable(invitation, state, signed_in)
    reader = _reader(invitation, signed_in)
    form = NewPasswordForm() if reader is Reader.NEW else ConfirmForm()
    is_asked = form.is_submitted()
    if is_asked and reader in (Reader.KNOWN, Reader.OTHER):
        return _page(token, invitation, reader, form, 403)
    if is_asked and form.validate():
        return _accept(token, invitation, reader, form)
    return _page(token, invitation, reader, form)


def _page(
    token: str, invitation: TeamInvitation, reader: Reader, form: Form, status: int = 200
) -> Answer:
    here = url_for("joining.join", token=token, lang=languages.chosen())
    page = render_template(
        "account/join.html", here=here, invitation=invitation, reader=reader.value, form=form
    )
    return page, 422 if form.errors else status


def _accept(token: str, invitation: TeamInvitation, reader: Reader, form: Form) -> Answer:
    password = str(form.new_password.data) if isinstance(form, NewPasswordForm) else ""
    signed_in = audit.signed_in_user()
    try:
        user = team.join(token, signed_in, password, utcnow())
    except accounts.AccountRefused as refusal:
        db.session.rollback()
        reject(form["new_password"], str(refusal))
        return _page(token, invitation, reader, form)
    except (team.Unusable, team.NotYours):  # what has just happened decides what is shown
        db.session.rollback()
        return redirect(url_for("joining.join", token=token), 303)
    membership = accounts.find_membership(user, invitation.employer.slug)
    db.session.commit()
    if signed_in is None:
        login_user(user, authn_via=["password"])
    flash(gettext("Welcome to the team."), "success")
    return redirect(first_page(membership) if membership else url_for("employer.index"), 303)


def _unusable(
    invitation: TeamInvitation | None, state: TeamInvitationState, signed_in: User | None
) -> Answer:
    """Why the link does not work, and what to do instead."""
    is_theirs = state in (TeamInvitationState.MEMBER, TeamInvitationState.USED)
    page = render_template(
        "account/join_unusable.html",
        state=state.value,
        invitation=invitation,
        home=url_for("employer.index") if is_theirs else None,
        signed_in=signed_in,
        operator_email=settings().OPERATOR_EMAIL,
    )
    return page, 403 if state in (TeamInvitationState.MEMBER, TeamInvitationState.CLOSED) else 404
