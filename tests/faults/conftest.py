"""Fixtures that the tests of mail and of pages have already."""

from tests.mail.conftest import owe, relay
from tests.web.conftest import site

__all__ = ["owe", "relay", "site"]
