"""Back into an account, for whoever is not signed in: a forgotten password, and a code.

Answer and time are the same whether or not an account has the address that is typed.
"""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_limiter import RateLimitExceeded
from flask_security import login_user
from werkzeug.wrappers import Response

from portal import accounts, credentials
from portal.config import settings
from portal.extensions import db, limiter, network
from portal.language import gettext, ngettext
from portal.models import utcnow
from portal.web import cookies, second_step
from portal.web.access import anyone, link_holder
from portal.web.account_forms import CodeForm, ForgottenForm, NewPasswordForm
from portal.web.errors import show_http_error
from portal.web.forms import reject
from portal.web.languages import set_language_of
from portal.web.limits import limit_guesses, limit_sends

Page = Response | str | tuple[str, int]
# As for sign-in: what one browser or network may ask for, and what strangers may for one account.
ASKED_BY_ONE = "5 per minute; 10 per hour"
ASKED_BY_STRANGERS = "10 per hour"
# With three codes right at a time, a guess succeeds once in 333,333.
CODES_TRIED = "10 per hour"

blueprint = Blueprint("coming_back", __name__)

_limit_one = limiter.limit(ASKED_BY_ONE, key_func=cookies.who_tries, methods=["POST"])
_limit_strangers = limiter.limit(
    ASKED_BY_STRANGERS,
    key_func=cookies.whose_account,
    methods=["POST"],
    exempt_when=cookies.is_no_stranger,
)


def show(template: str, status: int = 200, **values: Any) -> tuple[str, int]:
    """A page of the account."""
    page = render_template(
        f"account/{template}.html", operator_email=settings().OPERATOR_EMAIL, **values
    )
    return page, status


@blueprint.route("/password", methods=["GET", "POST"])
@anyone
@_limit_strangers
@_limit_one
def forgotten() -> Page:
    """Ask for a link by which a new password is chosen."""
    form = ForgottenForm()
    if not form.validate_on_submit():
        return show("forgotten", 422 if form.errors else 200, form=form)
    credentials.ask_for_password(form.email.data or "", utcnow())
    db.session.commit()
    return redirect(url_for("coming_back.asked"), 303)


@blueprint.get("/password/asked")
@anyone
def asked() -> Page:
    """The same for everybody."""
    return show("asked")


@blueprint.errorhandler(credentials.LinkUnknown)
def say_unknown(_error: credentials.LinkUnknown) -> Page:
    """A link that we did not make."""
    db.session.rollback()
    try:
        with limit_guesses:
            return show("link", 404, state="unknown")
    except RateLimitExceeded as error:
        return show_http_error(error)


@blueprint.errorhandler(credentials.LinkStale)
def say_stale(error: credentials.LinkStale) -> Page:
    """A link that was good once."""
    db.session.rollback()
    return show("link", 410, state="expired" if error.is_expired else "used")


@blueprint.route("/password/<token>", methods=["GET", "POST"], strict_slashes=False)
@link_holder
@limit_sends
def choose(token: str) -> Page:
    """Choose a new password. Opening the link spends nothing: mail scanners do that."""
    now = utcnow()
    user = credentials.open_link(credentials.PASSWORD, token, now)
    set_language_of(user)
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            credentials.choose_password(token, form.new_password.data or "", now)
        except accounts.AccountRefused as refusal:
            reject(form.new_password, str(refusal))
        else:
            db.session.commit()
            flash(
                gettext("Your password is changed, and you are signed out everywhere. Sign in."),
                "success",
            )
            return redirect(url_for("security.login"), 303)
    address, action = user.email, request.path
    return show("choose", 422 if form.errors else 200, form=form, address=address, action=action)


def _who_proves() -> str:
    user = second_step.who()
    return cookies.who_proves(user.email) if user else network()


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
@anyone
@limiter.limit(CODES_TRIED, key_func=_who_proves, methods=["POST"])
def code() -> Page:
    """The second step of signing in."""
    user = second_step.who()
    if user is None:
        session.pop(second_step.FIRST_STEP, None)
        flash(gettext("Start again with your address and password."), "info")
        return redirect(url_for("security.login"), 303)
    set_language_of(user)
    form = CodeForm()
    if form.validate_on_submit():
        proof = credentials.prove(user, form.code.data or "", utcnow())
        if proof:
            where, left = second_step.where_to(), credentials.count_codes(user)
            login_user(user, authn_via=["password", "authenticator"])
            if proof is credentials.Proof.RECOVERY:
                _say_left(left)
            return redirect(where, 303)
        db.session.commit()
        reject(form.code, gettext("That code is not right, or was used already. Enter the next."))
    return show("code", 422 if form.errors else 200, form=form)


def _say_left(left: int) -> None:
    said = ngettext(
        "You have %(num)s recovery code left. Make new ones in your account.",
        "You have %(num)s recovery codes left. Make new ones in your account.",
        left,
    )
    flash(said, "warning" if left < 3 else "info")
