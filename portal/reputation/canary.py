"""Whether the key that is set opens what is sealed here: looked at before anything else is done."""

from contextlib import suppress

import sqlalchemy as sa

from portal import surveys
from portal.config import ConfigError
from portal.extensions import db
from portal.models import Batch, Canary, PlatformFit, SealedAnswer
from portal.seals import SealBroken, Sealer

PURPOSE, PLACE, SIZE = "canary", "here", 64
SOME = 20
SONG = b"opens"
WRONG_KEY = (
    "SECRET_KEY does not open what is sealed in this database. Set the key it was made with, or "
    "add that key to SECRET_KEY_FALLBACKS."
)


def check_key() -> None:
    """Raise ConfigError unless a key that is set opens the seal kept for this; changes nothing."""
    canary = db.session.get(Canary, 1)
    try:
        if canary:
            Sealer(PURPOSE).open(canary.sealed, PLACE)
        else:
            _open_any()  # answers came in before the first worker
    except SealBroken:
        if _holds_seals():
            raise ConfigError(WRONG_KEY) from None


def _open_any() -> None:
    """Raise SealBroken unless one of some answers opens: a single one may be spoilt."""
    by = surveys.sealer()
    some = db.session.scalars(sa.select(SealedAnswer).limit(SOME)).all()
    for one in some:
        with suppress(SealBroken):
            surveys.open_answer(one.key, one.employer_id, one.sealed, by)
            return
    if some:
        raise SealBroken("answers")


def hold_key() -> None:
    """check_key(), and keep a seal for it where there is none, or nothing was sealed; no commit."""
    check_key()
    canary = db.session.get(Canary, 1)
    if canary is None or not _holds_seals():
        db.session.merge(Canary(id=1, sealed=Sealer(PURPOSE).seal(SONG, PLACE, SIZE)))
        db.session.flush()


def _holds_seals() -> bool:
    found = [
        sa.select(SealedAnswer.key),
        sa.select(Batch.id).where(Batch.sums.is_not(None)),
        sa.select(PlatformFit.id).where(PlatformFit.employers > 0),  # one of nobody is never opened
    ]
    return any(db.session.execute(one.limit(1)).first() for one in found)
