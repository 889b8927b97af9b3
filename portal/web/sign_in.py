"""Signing in with Flask-Security; each sign-in is a row that its cookie names."""

import functools
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import (
    Flask,
    Response,
    abort,
    after_this_request,
    flash,
    g,
    redirect,
    request,
    session,
    url_for,
)
from flask_limiter import RequestLimit
from flask_login import user_logged_in, user_logged_out
from flask_security import LoginForm, Security, SQLAlchemyUserDatastore
from limits import RateLimitItemPerHour
from wtforms import EmailField, PasswordField
from wtforms.validators import InputRequired, Length

from portal import accounts, audit, credentials
from portal.config import SIGN_IN_IDLE, Config
from portal.extensions import db, limiter
from portal.language import gettext
from portal.models import NoRole, User, utcnow
from portal.web import access, browsers, cookies
from portal.web.second_step import FIRST_STEP, SecondStep

CHEAP_HASHES = {"argon2__rounds": 1, "argon2__memory_cost": 1024, "argon2__parallelism": 1}
# Of one address, or of one browser that the account knows. Less in an hour than an account takes
# from strangers, so that nobody alone can shut an account to its owner's new browser.
LIMIT_OF_ONE = "10 per minute; 30 per hour"
LIMIT_OF_STRANGERS = "50 per hour"

security = Security()


class SignInForm(LoginForm):
    """Address and password; no "remember me", which would outlive the sign-in's row.

    Whatever is wrong takes as long as a wrong password: Flask-Security hashes it for nobody, too.
    """

    remember = None  # type: ignore[assignment]
    email = EmailField()
    # what is longer is nobody's, and hashing refuses to try
    password = PasswordField(validators=[InputRequired(), Length(max=accounts.MAX_PASSWORD)])

    def validate(self, extra_validators: Any = None, **_: Any) -> bool:
        """Look the address up as it was kept, and count the failure if it is one."""
        self.ifield = self.email
        self.user = accounts.find_user(self.email.data or "")
        is_right: bool = super().validate(extra_validators=extra_validators)
        if not is_right:
            audit.count("sign_in.failed", self.user.id if self.user else None, utcnow())
            db.session.commit()
        return is_right


def _load_user(uniquifier: str) -> User | None:
    secret = session.get("sign_in")
    return accounts.find_signed_in(uniquifier, secret, utcnow()) if secret else None


def _start(_app: Flask, user: User, **_: Any) -> None:
    is_news = accounts.has_signed_in(user) and not cookies.is_known_to(user.email)
    session["sign_in"] = accounts.start_sign_in(user, *browsers.name(request.user_agent.string))
    session.permanent = True
    session.pop(FIRST_STEP, None)
    session.pop("csrf_token", None)  # whoever knew that of the page before does not know the next
    if is_news:
        credentials.note_new_browser(user)
    db.session.commit()
    address = user.email
    after_this_request(lambda response: cookies.remember_browser(response, address))


def _start_again(_error: accounts.CredentialsChanged) -> Any:
    db.session.rollback()
    session.clear()
    g.pop("_login_user", None)
    flash(gettext("Start again with your address and password."), "info")
    return redirect(url_for("security.login"), 303)


def _end(_app: Flask, **_: Any) -> None:
    if secret := session.pop("sign_in", None):
        accounts.end_sign_in(secret)
        db.session.commit()
    flash(gettext("You are signed out."), "success")
    after_this_request(_clear_browser)


def _clear_browser(response: Response) -> Response:
    """Nothing seen while signed in stays on a computer that others use. The cookie that tells an
    account its browser stays: it opens nothing."""
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _settings(config: Config) -> dict[str, Any]:
    """What Flask-Security and the session read."""
    return {
        "SESSION_COOKIE_NAME": "__Host-session" if config.is_https else "session",
        "SESSION_COOKIE_SECURE": config.is_https,
        "SESSION_COOKIE_HTTPONLY": True,
        "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": SIGN_IN_IDLE,
        "SECURITY_LOGIN_URL": "/sign-in",
        "SECURITY_LOGOUT_URL": "/sign-out",
        "SECURITY_LOGOUT_METHODS": ["POST"],
        "SECURITY_POST_LOGIN_VIEW": "/e",
        "SECURITY_POST_LOGOUT_VIEW": "/sign-in",
        "SECURITY_LOGIN_USER_TEMPLATE": "account/sign_in.html",
        "SECURITY_FLASH_MESSAGES": False,
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_JOIN_USER_ROLES": False,
        # argon2 salts by itself; a site-wide salt would die with a rotated SECRET_KEY
        "SECURITY_PASSWORD_SINGLE_HASH": {"argon2"},
        "SECURITY_PASSWORD_NORMALIZE_FORM": accounts.STORED_FORM,
        # real hashing, but thousands of test sign-ins need not each take 64 MB
        "SECURITY_PASSWORD_HASH_PASSLIB_OPTIONS": CHEAP_HASHES if config.TESTING else {},
        "SECURITY_STATIC_FOLDER": None,
        "SECURITY_EMAIL_VALIDATOR_ARGS": {"test_environment": True},
        "SECURITY_CLI_USERS_NAME": None,
        "SECURITY_CLI_ROLES_NAME": None,
        "SECURITY_REDIRECT_VALIDATE_MODE": "regex",
        "SECURITY_FRESHNESS": timedelta(-1),  # no "enter your password again" pages
        "WTF_CSRF_TIME_LIMIT": None,  # as long as the session: a page left open must still post
    }


def _forms_only(view: Callable[[], Any]) -> Callable[[], Any]:
    """VIEW for browsers: its JSON would hand out tokens, which no row of ours can end."""

    @functools.wraps(view)
    def guarded() -> Any:
        return abort(415) if request.is_json else view()

    return guarded


def _note_limit(limit: str, whose: str) -> None:
    """Log once an hour that WHOSE limit was hit: what is refused must stay cheap."""
    if limiter.limiter.hit(RateLimitItemPerHour(1), "sign-in limit noted", whose):
        user = accounts.find_user(request.form.get("email", ""))
        audit.record("sign_in.limited", None, user.id if user else None, limit=limit)
        db.session.commit()


def _note_limit_of_one(_hit: RequestLimit) -> None:
    _note_limit("of one", cookies.who_tries())


def _note_limit_of_strangers(_hit: RequestLimit) -> None:
    _note_limit("of strangers", cookies.whose_account())


_limit_one = limiter.limit(
    LIMIT_OF_ONE,
    key_func=cookies.who_tries,
    methods=["POST"],
    on_breach=_note_limit_of_one,
)
_limit_strangers = limiter.limit(
    LIMIT_OF_STRANGERS,
    key_func=cookies.whose_account,
    methods=["POST"],
    exempt_when=cookies.is_no_stranger,
    on_breach=_note_limit_of_strangers,
)


def init_app(app: Flask, config: Config) -> None:
    """Bind sign-in to APP."""
    app.config.update(_settings(config))
    app.session_interface = cookies.SessionCookie()
    security.init_app(
        app,
        SQLAlchemyUserDatastore(db, User, NoRole),
        login_form=SignInForm,
        register_blueprint=True,
    )
    security.two_factor_plugins = SecondStep()
    app.login_manager.user_loader(_load_user)  # type: ignore[attr-defined]
    security.want_json(lambda _request: False)
    # Flask-Security would also take a token from a header, which no row of ours can end.
    app.login_manager.request_loader(lambda _request: None)  # type: ignore[attr-defined]
    user_logged_in.connect(_start, app)
    app.register_error_handler(accounts.CredentialsChanged, _start_again)
    user_logged_out.connect(_end, app)
    views: dict[str, Any] = app.view_functions
    # The inner one is asked first, and what it refuses no longer counts for the outer one.
    views["security.login"] = access.anyone(
        _limit_strangers(_limit_one(_forms_only(views["security.login"])))
    )
    access.anyone(views["security.logout"])
