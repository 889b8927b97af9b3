"""A test client as the world has it: each request in a context of its own."""

import contextvars
from typing import Any

from flask.testing import FlaskClient

from portal.extensions import db


class FreshClient(FlaskClient):
    """Shares neither `g` nor the database session with the test, nor with other requests."""

    def open(self, *args: Any, **options: Any) -> Any:
        db.session.rollback()  # the test's own transaction must not hold SQLite's write lock
        return contextvars.Context().run(super().open, *args, **options)
