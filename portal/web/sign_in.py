"""Signing in with Flask-Security; each sign-in is a row that its cookie names."""

from datetime import timedelta
from typing import Any

from flask import Flask, Request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_login import user_logged_in, user_logged_out
from flask_security import LoginForm, Security, SQLAlchemyUserDatastore

from portal import accounts
from portal.config import SIGN_IN_IDLE, Config
from portal.extensions import db, limiter
from portal.models import NoRole, User, utcnow
from portal.web import access

CHEAP_HASHES = {"argon2__rounds": 1, "argon2__memory_cost": 1024, "argon2__parallelism": 1}
SIGN_IN_LIMIT = "10 per minute; 100 per hour"

security = Security()


class SignInForm(LoginForm):
    """Address and password; no "remember me", which would outlive the sign-in's row."""

    remember = None  # type: ignore[assignment]


class SessionCookie(SecureCookieSessionInterface):
    """Not read and not set on a candidate's page, where the link is the authority, or for a file
    that is the same for all."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        # None makes Flask use a session that cannot be written to.
        is_nobodys = request.path.startswith(("/s/", "/u/", "/d/", "/static/"))
        return None if is_nobodys else super().open_session(app, request)


def _load_user(uniquifier: str) -> User | None:
    secret = session.get("sign_in")
    return accounts.find_signed_in(uniquifier, secret, utcnow()) if secret else None


def _start(_app: Flask, user: User, **_: Any) -> None:
    session["sign_in"] = accounts.start_sign_in(user)
    session.permanent = True
    db.session.commit()


def _end(_app: Flask, **_: Any) -> None:
    if secret := session.pop("sign_in", None):
        accounts.end_sign_in(secret)
        db.session.commit()


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
        "SECURITY_POST_LOGOUT_VIEW": "/",
        "SECURITY_LOGIN_USER_TEMPLATE": "account/sign_in.html",
        "SECURITY_FLASH_MESSAGES": False,
        "SECURITY_RETURN_GENERIC_RESPONSES": True,
        "SECURITY_JOIN_USER_ROLES": False,
        # argon2 salts by itself; a site-wide salt would die with a rotated SECRET_KEY
        "SECURITY_PASSWORD_SINGLE_HASH": {"argon2"},
        "SECURITY_PASSWORD_NORMALIZE_FORM": "NFKD",
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


def init_app(app: Flask, config: Config) -> None:
    """Bind sign-in to APP."""
    app.config.update(_settings(config))
    app.session_interface = SessionCookie()
    security.init_app(
        app,
        SQLAlchemyUserDatastore(db, User, NoRole),
        login_form=SignInForm,
        register_blueprint=True,
    )
    app.login_manager.user_loader(_load_user)  # type: ignore[attr-defined]
    # Flask-Security would also take a token from a header, which no row of ours can end.
    app.login_manager.request_loader(lambda _request: None)  # type: ignore[attr-defined]
    user_logged_in.connect(_start, app)
    user_logged_out.connect(_end, app)
    views: dict[str, Any] = app.view_functions
    views["security.login"] = access.anyone(
        limiter.limit(SIGN_IN_LIMIT, methods=["POST"])(views["security.login"])
    )
    access.anyone(views["security.logout"])
