"""The floors of anonymity, which an installation may raise and never lower (promise 2)."""

from portal.config import ConfigError, settings
from portal.extensions import db
from portal.models import Floor


def hold_floors() -> None:
    """Remember the floors in force, before anything is released under them; no commit.

    Raises ConfigError if one was higher before: what was kept back then would come to light.
    """
    config, held = settings(), db.session.get(Floor, 1)
    if held is None:
        held = Floor(min_answers=config.MIN_ANSWERS, min_comments=config.MIN_COMMENTS)
        db.session.add(held)
    for name, before, now in (
        ("MIN_ANSWERS", held.min_answers, config.MIN_ANSWERS),
        ("MIN_COMMENTS", held.min_comments, config.MIN_COMMENTS),
    ):
        if now < before:
            raise ConfigError(f"{name} is {now}, but has been {before} here: it can only be raised")
    held.min_answers, held.min_comments = config.MIN_ANSWERS, config.MIN_COMMENTS
    db.session.flush()
