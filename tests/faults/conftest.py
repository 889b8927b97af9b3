"""Fixtures that the mail tests have already."""

from tests.mail.conftest import owe, relay

__all__ = ["owe", "relay"]
