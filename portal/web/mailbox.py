"""/mailbox: what the demo's mail server received. Only the demo has these pages."""

from pathlib import Path

from flask import Blueprint, Response, abort, make_response, render_template
from flask.typing import ResponseReturnValue

from portal import demo
from portal.config import settings
from portal.web import mail_frame, policy
from portal.web.access import anyone

bp = Blueprint("mailbox", __name__)


@bp.get("/mailbox")
@anyone
def index() -> ResponseReturnValue:
    """The newest messages first."""
    return render_template(
        "mailbox/index.html", messages=demo.list_mail(_folder()), most=demo.MOST_MAIL
    )


@bp.get("/mailbox/<name>")
@anyone
def message(name: str) -> ResponseReturnValue:
    """One message as it looks and as plain text, its links to be clicked."""
    found = demo.read_mail(_folder(), name) or abort(404)
    response = make_response(render_template("mailbox/message.html", message=found))
    response.headers["Content-Security-Policy"] = policy.WITH_FRAME
    return response


@bp.get("/mailbox/<name>/html")
@anyone
def html(name: str) -> Response:
    """The message's own page, for the frame in ours."""
    found = demo.read_mail(_folder(), name)
    if not found or not found.html:
        abort(404)
    return mail_frame.framed(found.html)


def _folder() -> Path:
    return settings().INSTANCE_PATH / "mailbox"
