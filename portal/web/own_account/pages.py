"""What the pages of one's own account share."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, session, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response

from portal import accounts, audit
from portal.extensions import db, limiter
from portal.language import gettext
from portal.models import User, utcnow
from portal.web import coming_back
from portal.web.account import show_form_again
from portal.web.account_forms import ChangePasswordForm, PresentForm
from portal.web.forms import reject

Page = Response | str | tuple[str, int]

own_account = Blueprint("own_account", __name__)
own_account.register_error_handler(CSRFError, show_form_again)

# Whoever sits down at somebody's desk is signed in, and does not know the password.
limit_present = limiter.shared_limit(
    "10 per hour",
    scope="present-password",
    key_func=lambda: str(audit.acting_user_id()),
    methods=["POST"],
)


def person() -> User:
    """Who is signed in."""
    return audit.signed_in_user() or abort(404)


def secret() -> str:
    """What names the sign-in that this page is looked at by."""
    return str(session["sign_in"])


def show(template: str, form: Any = None, **values: Any) -> tuple[str, int]:
    """A page of the account, under its own heading in the menu, beside the way back."""
    back = {"key": "index", "label": gettext("Back to work"), "url": url_for("employer.index")}
    own = {"key": "account", "label": gettext("Your account")}
    own["url"] = url_for("own_account.overview")
    status = 422 if form is not None and form.errors else 200
    return coming_back.show(template, status, form=form, nav_items=[back, own], **values)


def done(sentence: str, kind: str = "success") -> Response:
    """Back to the account, which says what has happened."""
    flash(sentence, kind)
    return redirect(url_for("own_account.overview"), 303)


def knows_password(form: PresentForm | ChangePasswordForm) -> bool:
    """Whether FORM was sent, is well filled in, and the present password is right."""
    if not form.validate_on_submit():
        return False
    if accounts.is_password(person(), form.present.data or ""):
        return True
    reject(form.present, gettext("That is not your present password."))
    audit.count("password.refused", person().id, utcnow())
    db.session.commit()
    return False
