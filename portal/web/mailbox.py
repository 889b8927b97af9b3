"""/mailbox: what the demo's mail server received. Only the demo has these pages."""

from pathlib import Path

from flask import Blueprint, abort, render_template
from flask.typing import ResponseReturnValue

from portal import demo
from portal.config import settings
from portal.web.access import anyone

bp = Blueprint("mailbox", __name__)


@bp.get("/mailbox")
@anyone
def index() -> ResponseReturnValue:
    """The newest messages first."""
    return render_template("mailbox/index.html", messages=demo.list_mail(_folder()))


@bp.get("/mailbox/<name>")
@anyone
def message(name: str) -> ResponseReturnValue:
    """One message as plain text, its links to be clicked."""
    found = demo.read_mail(_folder(), name) or abort(404)
    return render_template("mailbox/message.html", message=found)


def _folder() -> Path:
    return settings().INSTANCE_PATH / "mailbox"
