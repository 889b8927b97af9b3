"""Codes of an app beside the password (TOTP, RFC 6238), and recovery codes for when it is lost.

The key is sealed at rest; of recovery codes only keyed hashes are kept. libpass does the codes.
"""

import hmac
import logging
import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

import sqlalchemy as sa
from passlib.pwd import genword
from passlib.totp import TOTP, TokenError

from portal import accounts, audit
from portal.credentials.changes import tell
from portal.extensions import db
from portal.models import RecoveryCode, User
from portal.seals import SealBroken, Sealer, keys_for

log = logging.getLogger(__name__)

KEY_BYTES = 20
SEALED_BYTES = 64
CODE_SECONDS = 30  # a code's time; one step to either side is taken, for clocks that differ
CODES, CODE_DIGITS = 8, 12
NO_DIGIT = re.compile(r"\D")
Codes: Any = TOTP.using(issuer=accounts.PRODUCT)


class Proof(Enum):
    """By what a sign-in was proved."""

    CODE = "code"
    RECOVERY = "recovery"


@dataclass(frozen=True)
class Setup:
    """What an app needs to know: an address to be shown as a QR code, and the key as text."""

    uri: str
    key: str


def _app(key: str) -> Any:
    return Codes(key=key, format="base32")


def _new_app(user: User, secret: str) -> Any:
    """The app that is set up by the sign-in of SECRET: the same each time it is shown, so that
    looking keeps nothing, and another once a code was used."""
    words = f"{user.id} {user.totp_counter} {secret}".encode()
    key = hmac.digest(keys_for("totp-setup")[0], words, "sha256")[:KEY_BYTES]
    return Codes(key=key, format="raw")


def prepare(user: User, secret: str) -> Setup:
    """What is shown to USER, signed in by SECRET, to set an app up; nothing is kept."""
    app = _new_app(user, secret)
    return Setup(app.to_uri(user.email), app.pretty_key(sep=" "))


def switch_on(user: User, secret: str, typed: str, now: datetime) -> list[str] | None:
    """Ask for codes from now on, if TYPED is one of the app that prepare() set up; ends all other
    sign-ins. The recovery codes, which can be read only now; None if TYPED is wrong."""
    app = _new_app(user, secret)
    step = _find_step(app, typed, now)
    if step is None or user.totp_sealed:
        return None
    sealer = Sealer("totp")
    user.totp_sealed = sealer.seal(app.base32_key.encode(), _place(user), SEALED_BYTES)
    user.totp_counter = step
    accounts.end_sign_ins(user, secret)
    tell(user, "second_factor")
    audit.record("second_factor.on", None, user.id)
    return make_codes(user)


def switch_off(user: User, keep: str = "") -> None:
    """Ask for codes no more; ends every sign-in but that of the secret KEEP."""
    user.totp_sealed = None
    _forget_codes(user)
    accounts.end_sign_ins(user, keep)
    tell(user, "second_factor")
    audit.record("second_factor.off", None, user.id)


def make_codes(user: User) -> list[str]:
    """New recovery codes, which can be read only now; those made before are worth nothing."""
    _forget_codes(user)
    codes = genword(length=CODE_DIGITS, chars="0123456789", returns=CODES)
    db.session.add_all(
        RecoveryCode(user_id=user.id, code_hash=_hashes(user, code)[0]) for code in codes
    )
    audit.record("second_factor.codes_made", None, user.id)
    return [" ".join((code[:4], code[4:8], code[8:])) for code in codes]


def count_codes(user: User) -> int:
    """How many recovery codes are left."""
    counted = sa.select(sa.func.count(RecoveryCode.id)).where(RecoveryCode.user_id == user.id)
    return db.session.scalar(counted) or 0


def prove(user: User, typed: str, now: datetime) -> Proof | None:
    """Whether TYPED is a code of USER's app or a recovery code, which is used up by that.

    A failure is counted. Two who type the same code at once: the row lets one in.
    """
    if _use_code(user, typed, now):
        return Proof.CODE
    if _use_recovery_code(user, typed):
        audit.record("second_factor.recovery_code_used", None, user.id)
        return Proof.RECOVERY
    audit.count("second_factor.failed", user.id, now)
    return None


def _use_code(user: User, typed: str, now: datetime) -> bool:
    try:
        key = Sealer("totp").open(user.totp_sealed or b"", _place(user)).decode()
    except SealBroken:
        log.error("a second factor cannot be opened: its seal is broken")
        return False
    step = _find_step(_app(key), typed, now)
    if step is None:
        return False
    is_later = sa.or_(User.totp_counter.is_(None), User.totp_counter < step)
    used = sa.update(User).where(User.id == user.id, is_later).values(totp_counter=step)
    return bool(db.session.execute(used.returning(User.id)).first())


def _find_step(app: Any, typed: str, now: datetime) -> int | None:
    """The time step of the code TYPED, if it is one of just now."""
    try:
        match = app.match(typed.replace(" ", ""), now, CODE_SECONDS)
    except (TokenError, ValueError):
        return None
    return int(match.counter)


def _use_recovery_code(user: User, typed: str) -> bool:
    code = NO_DIGIT.sub("", typed)
    if len(code) != CODE_DIGITS:
        return False
    used = sa.delete(RecoveryCode).where(
        RecoveryCode.user_id == user.id, RecoveryCode.code_hash.in_(_hashes(user, code))
    )
    return bool(db.session.execute(used.returning(RecoveryCode.id)).first())


def _forget_codes(user: User) -> None:
    db.session.execute(sa.delete(RecoveryCode).where(RecoveryCode.user_id == user.id))


def _hashes(user: User, code: str) -> list[str]:
    words = f"{user.id} {code}".encode()
    return [hmac.digest(key, words, "sha256").hex() for key in keys_for("recovery-code")]


def _place(user: User) -> str:
    return f"user {user.id}"
