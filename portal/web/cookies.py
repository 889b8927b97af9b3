"""Our two signed cookies: of the session, and of a browser that an account was signed in with.

An account's limit counts strangers only. Whoever guesses from however many addresses shuts
strangers out, while its owner comes in from a browser that has been in before. That cookie opens
nothing by itself, and each browser has a limit of its own, so a stolen one helps no guesser.
"""

import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import Flask, Request, Response, request
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from itsdangerous import BadData, URLSafeTimedSerializer

from portal.accounts import CLOCK_MAY_GO_BACK, account_key
from portal.config import settings
from portal.extensions import network
from portal.models import utcnow
from portal.seals import keys_for

BROWSER_LASTS = timedelta(days=365)
MOST_ACCOUNTS = 5


def _read(serializer: URLSafeTimedSerializer, text: str, lasts: timedelta) -> Any:
    """What was signed into TEXT, or None if that was not us, or longer ago than LASTS.

    itsdangerous itself would refuse whatever is signed ahead of the clock, and a clock that is
    set back would sign everybody out.
    """
    try:
        signed, at = serializer.loads(text, return_timestamp=True)
    except BadData:
        return None
    return signed if -CLOCK_MAY_GO_BACK <= utcnow() - at <= lasts else None


class SessionCookie(SecureCookieSessionInterface):
    """Not read and not set on a candidate's page, where the link is the authority, or for a file
    that is the same for all."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        serializer = self.get_signing_serializer(app)
        is_nobodys = request.path.startswith(("/s/", "/u/", "/d/", "/status/", "/static/"))
        if is_nobodys or serializer is None:
            return None  # makes Flask use a session that cannot be written to
        text = request.cookies.get(self.get_cookie_name(app), "")
        return self.session_class(_read(serializer, text, app.permanent_session_lifetime))


@dataclass(frozen=True)
class Browser:
    """A browser by a name of its own, and the keys of the accounts that were signed in with it."""

    name: str
    accounts: list[str]


def _browser_cookie() -> str:
    return "__Host-browser" if settings().is_https else "browser"


def _browsers() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(keys_for("browser")[::-1])  # the last one signs


def _browser() -> Browser | None:
    text = request.cookies.get(_browser_cookie(), "")
    found = _read(_browsers(), text, BROWSER_LASTS)
    return Browser(*found) if found else None


def remember_browser(response: Response, address: str) -> Response:
    """Let RESPONSE tell the browser that the account of ADDRESS knows it from now on."""
    browser = _browser() or Browser(secrets.token_urlsafe(12), [])
    key = account_key(address)
    accounts = [key, *(other for other in browser.accounts if other != key)][:MOST_ACCOUNTS]
    response.set_cookie(
        _browser_cookie(),
        _browsers().dumps([browser.name, accounts]),  # the name stays: its limit goes on
        max_age=BROWSER_LASTS,
        secure=settings().is_https,
        httponly=True,
        samesite="Lax",
    )
    return response


def whose_account() -> str:
    """Stands for the account of the address in the form, there or not; "" if it is no address."""
    return account_key(request.form.get("email", ""))


def _known(key: str) -> Browser | None:
    """The browser, if the account of KEY knows it."""
    browser = _browser()
    return browser if browser and key in browser.accounts else None


def is_known_to(address: str) -> bool:
    """Whether the account of ADDRESS was signed in with this browser before."""
    return _known(account_key(address)) is not None


def is_no_stranger() -> bool:
    """Whether the account's limit does not count this: it knows the browser, or there is none."""
    return whose_account() == "" or _known(whose_account()) is not None


def who_tries() -> str:
    """The browser, if the account knows it, or else the address on the network."""
    browser = _known(whose_account())
    return f"browser {browser.name}" if browser else network()


def who_proves(address: str) -> str:
    """The browser, if the account of ADDRESS knows it, or else all strangers who try it."""
    browser = _known(account_key(address))
    return f"browser {browser.name}" if browser else account_key(address)
