"""Pages for everything that goes wrong. They need neither database nor session to be shown.

It must never show or log what a person typed, a link's token or an exception's message, which
may quote either: the log gets a number, the error's type and where in the code it happened.
"""

import logging
import secrets
import traceback
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from babel.support import LazyProxy
from flask import Flask, Response, current_app, g, render_template, request
from flask.globals import request_ctx
from flask_limiter import RateLimitExceeded
from flask_wtf.csrf import CSRFError
from markupsafe import Markup
from werkzeug.exceptions import (
    BadRequest,
    HTTPException,
    InternalServerError,
    ServiceUnavailable,
    UnsupportedMediaType,
)

from portal import language
from portal.config import settings
from portal.extensions import db
from portal.language import lazy_gettext

log = logging.getLogger(__name__)

FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
CANDIDATE_PATHS = ("/s/", "/u/", "/d/", "/status/")
RETRY_AFTER_SECONDS = 60
# SQLite's codes for "not just now": BUSY, LOCKED, IOERR, FULL, CANTOPEN. The rest is our mistake.
SQLITE_FOR_NOW = {5, 6, 10, 13, 14}


@dataclass(frozen=True)
class ErrorPage:
    """One error page: its heading, what happened, what to do."""

    title: LazyProxy
    happened: LazyProxy
    next_step: LazyProxy


PAGES = {
    400: ErrorPage(
        lazy_gettext("We could not read that"),
        lazy_gettext("Something in the request was missing or damaged. Nothing was changed."),
        lazy_gettext(
            "Go back and try again. If you followed a link from an email, copy the whole of it: "
            "some programs cut long links in two."
        ),
    ),
    403: ErrorPage(
        lazy_gettext("This page is not open to you"),
        lazy_gettext("You are signed in, but not for this. Nothing was changed."),
        lazy_gettext("If you need it for your work, ask an owner of your employer’s account."),
    ),
    404: ErrorPage(
        lazy_gettext("There is no page here"),
        lazy_gettext(
            "The address may be mistyped or cut off, or the page may have been taken down."
        ),
        lazy_gettext("Check the address, or start from one of these pages."),
    ),
    405: ErrorPage(
        lazy_gettext("This page cannot be used like that"),
        lazy_gettext("The address exists, but not for this kind of request. Nothing was changed."),
        lazy_gettext("Go back and use the buttons of the page you came from."),
    ),
    410: ErrorPage(
        lazy_gettext("This page is gone"),
        lazy_gettext("It was here, and it has been removed for good."),
        lazy_gettext("There is nothing you have to do."),
    ),
    413: ErrorPage(
        lazy_gettext("That is too much at once"),
        lazy_gettext("What you sent is larger than we take. Nothing was saved."),
        lazy_gettext("Send a smaller file or a shorter text."),
    ),
    429: ErrorPage(
        lazy_gettext("Too many tries in a short time"),
        lazy_gettext(
            "To protect the people who use this site, we take only so many requests a minute."
        ),
        lazy_gettext("Wait a minute, then try again. Nothing is lost."),
    ),
    500: ErrorPage(
        lazy_gettext("Something broke on our side"),
        lazy_gettext("This is our fault, not yours. It has been noted under the number below."),
        lazy_gettext("Go back and look whether what you sent is there before you send it again."),
    ),
    503: ErrorPage(
        lazy_gettext("We cannot reach our records just now"),
        lazy_gettext(
            "What you have just sent, if anything, was not saved. What was saved before is safe."
        ),
        lazy_gettext(
            "Try again in a minute. If you were sending a form, go back in your browser first: "
            "your text is most likely still there. Should the page then say that it has your "
            "answer already, it was saved after all."
        ),
    ),
}
SIGN_IN_LIMITED = ErrorPage(
    lazy_gettext("Too many tries to sign in"),
    lazy_gettext(
        "To keep guessers out, an account and a network take only so many tries an hour. Passwords "
        "were not looked at any more."
    ),
    lazy_gettext(
        "In a browser that you have signed in with before you can still sign in. In any other one, "
        "try again within the hour."
    ),
)
ACCOUNT_LIMITED = ErrorPage(
    lazy_gettext("Too many tries within the hour"),
    lazy_gettext(
        "To keep guessers out, passwords, codes and links are tried, or asked for, only so often. "
        "Nothing was changed."
    ),
    lazy_gettext("Try again within the hour. Nothing is lost."),
)
TOO_LARGE_TO_IMPORT = ErrorPage(
    lazy_gettext("That is too much at once"),
    lazy_gettext("A file may have 50 MB, a pasted table 5 MB. Nothing was saved."),
    lazy_gettext("Go back: hand in what you pasted as a file, or the file in parts."),
)
NOT_WAITING = ErrorPage(
    lazy_gettext("This file is not here any more"),
    lazy_gettext("It was imported, or discarded, or nobody went on with it for a day."),
    lazy_gettext("The page “Import candidates” lists what was imported."),
)
OTHER = ErrorPage(
    lazy_gettext("That did not work"),
    lazy_gettext("The request could not be answered. Nothing was changed."),
    lazy_gettext("Go back and try again."),
)
CSRF = ErrorPage(
    lazy_gettext("This form is out of date"),
    lazy_gettext(
        "Forms carry a mark that shows they come from your own sign-in. On this one it was missing "
        "or did not fit any more: you may have signed out or in again in another tab, or your "
        "browser may be refusing cookies. Nothing was changed."
    ),
    lazy_gettext("Go back, reload the page, and send the form again."),
)


def forget_session() -> None:
    """Let this request neither read nor set the session cookie.

    Otherwise every rendered page would look up who is signed in, which asks the database and
    makes the page differ from person to person.
    """
    request_ctx._session = current_app.session_interface.make_null_session(current_app)
    g.pop("_login_user", None)


def init_app(app: Flask) -> None:
    """Show and log every error of APP our way."""
    app.log_exception = _log_exception  # type: ignore[method-assign]
    for code in PAGES:
        app.register_error_handler(code, show_http_error)
    app.register_error_handler(HTTPException, show_http_error)
    app.register_error_handler(CSRFError, _show_csrf_error)
    app.register_error_handler(sa.exc.OperationalError, _show_database_error)
    app.register_error_handler(sa.exc.TimeoutError, _show_database_error)


def show_http_error(error: HTTPException) -> Response:
    """ERROR in our words."""
    words = PAGES.get(error.code or 0, OTHER)
    if error.code == 429 and request.endpoint == "security.login":
        words = SIGN_IN_LIMITED
    elif error.code == 429 and request.blueprint in ("coming_back", "own_account"):
        words = ACCOUNT_LIMITED
    elif error.code == 404 and request.blueprint == "importing":
        words = NOT_WAITING
    elif error.code == 413 and request.endpoint == "importing.upload":
        words = TOO_LARGE_TO_IMPORT
    response = _page(error, words)
    if error.code == 429 and not isinstance(error, RateLimitExceeded):
        response.headers.setdefault("Retry-After", str(RETRY_AFTER_SECONDS))
    return response


def is_no_form() -> bool:
    """Whether the body says it is something else than a form: then none of it was read."""
    return bool(request.mimetype) and request.mimetype not in FORMS


def _show_csrf_error(error: BadRequest) -> Response:
    if is_no_form():
        return show_http_error(UnsupportedMediaType())
    return _page(error, CSRF)


def _show_database_error(error: sa.exc.SQLAlchemyError) -> Response:
    """503 if the database is away or busy; what is wrong with our own statements stays a 500."""
    if not _is_passing(error):
        raise error
    with suppress(sa.exc.SQLAlchemyError):
        db.session.rollback()
    _log_exception((type(error), error, error.__traceback__))
    response = _page(ServiceUnavailable(), PAGES[503])
    response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _is_passing(error: sa.exc.SQLAlchemyError) -> bool:
    code = getattr(getattr(error, "orig", None), "sqlite_errorcode", None)
    return code is None or code & 0xFF in SQLITE_FOR_NOW


def _page(error: HTTPException, words: ErrorPage) -> Response:
    """WORDS as a page with ERROR's status and headers."""
    forget_session()
    g.pop("membership", None)  # so that no menu is made, which asks the database
    code = error.code or InternalServerError.code
    facts = {
        "code": code,
        "words": words,
        "error_id": g.pop("error_id", None),
        "layout": "candidate" if request.path.startswith(CANDIDATE_PATHS) else "public",
        "operator_email": settings().OPERATOR_EMAIL,
        "languages": (),
        "employer": None,  # whatever the page was about: reading it could ask the database
    }
    html = _render(facts)
    response = Response(html, code, mimetype="text/html")
    for name, value in error.get_headers():  # 405 names what is allowed
        if name.lower() != "content-type":
            response.headers[name] = value
    response.headers["Cache-Control"] = "no-store"
    return response


def _render(facts: dict[str, Any]) -> str:
    """The page, or, should the templates themselves be what is broken, its bare words."""
    try:
        return render_template("errors/error.html", **facts)
    except Exception as error:
        _log_exception((type(error), error, error.__traceback__))
        words = facts["words"]
        return Markup(
            '<!doctype html><html lang="{3}"><meta charset="utf-8"><title>{0} – Heardback</title>'
            "<h1>{0}</h1><p>{1}</p><p>{2}</p></html>"
        ).format(*map(str, (words.title, words.happened, words.next_step, language.code())))


def _log_exception(exc_info: Any) -> None:
    """Note the error under a number that its page shows; the path may hold a token, so no path."""
    kind, error, trace = exc_info
    g.error_id = secrets.token_hex(4)
    cause = type(getattr(error, "orig", None) or error.__cause__ or error).__name__
    where = "".join(traceback.format_tb(trace)).rstrip()
    log.error(
        "error %s in %s: %s (%s)\n%s", g.error_id, request.endpoint, kind.__name__, cause, where
    )
