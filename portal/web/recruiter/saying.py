"""Sentences with names, days and links in them."""

from markupsafe import Markup


def say(sentence: str, **values: object) -> Markup:
    """SENTENCE, looked up already, with VALUES for its `%(name)s`, each escaped."""
    return Markup(sentence) % values  # noqa: S704 (our own sentence; what is filled in is escaped)
