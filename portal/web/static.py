"""Style sheet, script and pictures: their addresses name their content, so that they can be kept.

Nobody signs in here: no cookie is read or set.
"""

import hashlib
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, request
from werkzeug.security import safe_join

ENDPOINT = "static"
YEAR = 365 * 24 * 3600


@cache
def _digest(path: Path, _changed_at: int) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _version(filename: str) -> str | None:
    """A short name for what stands in FILENAME now; None if there is no such file."""
    found = safe_join(str(current_app.static_folder), filename)
    path = Path(found) if found else None
    return _digest(path, path.stat().st_mtime_ns) if path and path.is_file() else None


def _add_version(endpoint: str, values: dict[str, Any]) -> None:
    if endpoint == ENDPOINT and "filename" in values:
        values.setdefault("v", _version(values["filename"]))


def _let_it_be_kept(response: Response) -> Response:
    """For a year, but only under the address that names just this content."""
    if request.endpoint == ENDPOINT and response.status_code in (200, 304):
        response.direct_passthrough = False
        response.make_sequence()  # a file that is small and whole is compressed and closed simply
        asked, filename = request.args.get("v"), (request.view_args or {})["filename"]
        if asked and asked == _version(filename):
            response.headers["Cache-Control"] = f"public, max-age={YEAR}, immutable"
    return response


def init_app(app: Flask) -> None:
    """Bind it to APP's own static files."""
    app.url_defaults(_add_version)
    app.after_request(_let_it_be_kept)
