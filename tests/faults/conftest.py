"""Fixtures that the mail tests have already, and a candidate whose link every process can open."""

import pytest

from portal.extensions import db
from tests.mail.conftest import owe, relay
from tests.web.conftest import site

__all__ = ["owe", "relay", "site"]


@pytest.fixture
def link(make, acme) -> str:
    """The path of a candidate's survey; nothing of the test's own holds the database."""
    path = f"/s/{make.link(make.told(acme))}"
    db.session.remove()
    db.engine.dispose()
    return path
