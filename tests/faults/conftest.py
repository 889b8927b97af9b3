"""Fixtures that the mail tests have already, and a candidate whose link every process can open."""

import pytest
from flask_migrate import upgrade

from portal.extensions import db
from tests.conftest import make_app
from tests.mail.conftest import owe, relay
from tests.support.factory import Make
from tests.support.forms import filled
from tests.web.candidates import FULL, all_stored
from tests.web.conftest import site

__all__ = ["owe", "relay", "site"]


@pytest.fixture
def link(make, acme) -> str:
    """The path of a candidate's survey; nothing of the test's own holds the database."""
    path = f"/s/{make.link(make.told(acme))}"
    db.session.remove()
    db.engine.dispose()
    return path


def ask(url: str, count: int) -> dict[str, dict[str, str]]:
    """By path, what so many candidates answer, in the new database of URL."""
    with make_app(url).app_context():
        upgrade()
        make = Make()
        acme = make.employer()
        paths = [f"/s/{make.link(make.told(acme))}" for _ in range(count)]
        found = {path: filled(path, FULL) for path in paths}
        db.session.remove()
        db.engine.dispose()
    return found


def read_stored(url: str) -> list[str]:
    """The comments of all answers; each is opened, so half a row would be found."""
    with make_app(url).app_context():
        found = [one.words for one in all_stored()]
        db.session.remove()
        db.engine.dispose()
    return found
