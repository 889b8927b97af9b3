"""Between password and code: whose password was right, for some minutes, in the signed session.

Flask-Security asks its two-factor plug-in after every right password; here it is ours.
"""

from urllib.parse import urlsplit, urlunsplit

from flask import redirect, request, session, url_for
from flask_security import UserMixin
from flask_security.tf_plugin import TfPlugin
from werkzeug.wrappers import Response

from portal import accounts, links
from portal.models import User, utcnow

FIRST_STEP = "first_step"
LASTS_SECONDS = 600
HOME = "/e"


def _mark(user: User) -> str:
    return links.state_mark("first-step", accounts.credentials_of(user))


def _path(url: str) -> str:
    """URL, already found to be ours, without its host; HOME where it is sign-in itself."""
    parts = urlsplit(url)
    if parts.path == urlsplit(request.url).path:
        return HOME
    return urlunsplit(("", "", "/" + parts.path.lstrip("/\\"), parts.query, ""))


class SecondStep(TfPlugin):
    """Sends those who have switched it on to the page that asks for their code."""

    def tf_enter(
        self, user: UserMixin, _remember: bool | None, _by: str, next_loc: str | None
    ) -> Response | None:
        """None: the password is enough."""
        session.pop(FIRST_STEP, None)
        if not isinstance(user, User) or user.totp_sealed is None:
            return None
        now = int(utcnow().timestamp())
        session[FIRST_STEP] = [user.id, _mark(user), now, _path(next_loc or HOME)]
        return redirect(url_for("coming_back.code"), 303)


def who() -> User | None:
    """Who has given the right password just now, and is asked for a code."""
    if FIRST_STEP not in session:
        return None
    user_id, mark, at, _ = session[FIRST_STEP]
    user = accounts.find_users([user_id]).get(user_id)
    is_fresh = abs(int(utcnow().timestamp()) - at) <= LASTS_SECONDS
    if user is None or not user.active or user.totp_sealed is None:
        return None
    return user if is_fresh and mark == _mark(user) else None


def where_to() -> str:
    """Where they wanted to go."""
    return str(session[FIRST_STEP][3])
