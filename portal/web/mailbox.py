"""/mailbox: what the demo's mail server received. Only the demo has these pages.

They import the demo's code when they are opened: this file is loaded by every web process.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, make_response, render_template
from flask.typing import ResponseReturnValue

from portal.config import settings
from portal.web import mail_frame, policy
from portal.web.access import anyone

if TYPE_CHECKING:
    from portal.demo.mailbox import Letterbox

bp = Blueprint("mailbox", __name__)


@bp.get("/mailbox")
@anyone
def index() -> ResponseReturnValue:
    """The newest messages first."""
    from portal.demo.mailbox import MOST_MAIL, list_mail

    return render_template("mailbox/index.html", messages=list_mail(_folder()), most=MOST_MAIL)


@bp.get("/mailbox/<name>")
@anyone
def message(name: str) -> ResponseReturnValue:
    """One message as it looks and as plain text, its links to be clicked."""
    found = _find(name)
    response = make_response(render_template("mailbox/message.html", message=found))
    response.headers["Content-Security-Policy"] = policy.WITH_FRAME
    return response


@bp.get("/mailbox/<name>/html")
@anyone
def html(name: str) -> Response:
    """The message's own page, for the frame in ours."""
    found = _find(name)
    if not found.html:
        abort(404)
    return mail_frame.framed(found.html)


def _find(name: str) -> "Letterbox":
    from portal.demo.mailbox import read_mail

    return read_mail(_folder(), name) or abort(404)


def _folder() -> Path:
    return settings().INSTANCE_PATH / "mailbox"
