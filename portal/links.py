"""Every link and address of ours that goes into an email: made here, and read back here.

A survey token is 128 random bits and is stored nowhere. The invitation keeps one keyed hash of
it, the answer another: without the token neither leads to the other.
"""

import base64
import hmac
import re
import secrets
from dataclasses import dataclass

from portal.config import settings
from portal.models import mailbox_of
from portal.seals import keys_for

TOKEN_BYTES = 16
TOKEN = re.compile(r"[a-z2-7]{26}")
MAC_BYTES = 10
UNSUBSCRIBE = re.compile(r"[a-z2-7]{48}")  # 30 bytes: employer 4, address key 16, mac 10
# What mail clients and people leave at the end of a pasted link.
TRAILING = ".,;:!?)>]}'\"»”’"


def _b32(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=").lower()


def _unb32(text: str) -> bytes:
    return base64.b32decode(text.upper() + "=" * (-len(text) % 8))


def _hashes(purpose: str, text: str) -> list[str]:
    return [hmac.digest(key, text.encode(), "sha256").hex() for key in keys_for(purpose)]


def clean_token(text: str) -> str:
    """TEXT without what a mail client glued to the end of the link."""
    return text.rstrip(TRAILING)


def new_survey_token() -> str:
    """A fresh secret for one email; 26 characters of base32, so no client breaks the link."""
    return _b32(secrets.token_bytes(TOKEN_BYTES))


def invitation_hashes(token: str) -> list[str]:
    """What an invitation keeps of TOKEN; the first is current. Empty if it cannot be ours."""
    return _hashes("survey-invitation", token) if TOKEN.fullmatch(token) else []


def answer_keys(token: str, turn: int = 0) -> list[str]:
    """What an answer keeps of TOKEN; the first is current. Unrelated to invitation_hashes.

    TURN counts the answers given by one link: each but the first follows one taken back.
    """
    purpose = f"survey-response-{turn}" if turn else "survey-response"
    return _hashes(purpose, token) if TOKEN.fullmatch(token) else []


def survey_url(token: str, stars: int | None = None) -> str:
    """Where TOKEN is answered; STARS pre-selects question 2 and stores nothing."""
    return f"{settings().BASE_URL}/s/{token}" + (f"?s={stars}" if stars else "")


def address_keys(address: str) -> list[str]:
    """Keyed hashes by which ADDRESS can be suppressed without being held; the first is current.

    The last are spelled_keys(): what is known of this spelling only, or was formerly.
    """
    whole = _suppression_keys(mailbox_of(address))
    return list(dict.fromkeys((*whole, *spelled_keys(address))))


def spelled_keys(address: str) -> list[str]:
    """The same of ADDRESS as it is spelled, its `+tag` too: not every server knows tags, so one
    spelling that bounces says nothing of the others."""
    return _suppression_keys(address.casefold())


def _suppression_keys(text: str) -> list[str]:
    return [digest[:32] for digest in _hashes("suppression", text)]


@dataclass(frozen=True)
class Unsubscribe:
    """What an opt-out link says: who no longer wants mail on behalf of which employer."""

    employer_id: int
    address_key: str


def _unsubscribe_mac(key: bytes, payload: bytes) -> bytes:
    return hmac.digest(key, payload, "sha256")[:MAC_BYTES]


def unsubscribe_url(employer_id: int, address: str) -> str:
    """The opt-out page and one-click address; valid for ever, needs no row to exist."""
    payload = employer_id.to_bytes(4) + bytes.fromhex(address_keys(address)[0])
    token = _b32(payload + _unsubscribe_mac(keys_for("unsubscribe")[0], payload))
    return f"{settings().BASE_URL}/u/{token}"


def read_unsubscribe(token: str) -> Unsubscribe | None:
    """What TOKEN says, or None if we did not make it."""
    if not UNSUBSCRIBE.fullmatch(token):
        return None
    raw = _unb32(token)
    payload, mac = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
    if not any(
        hmac.compare_digest(mac, _unsubscribe_mac(key, payload)) for key in keys_for("unsubscribe")
    ):
        return None
    return Unsubscribe(int.from_bytes(payload[:4]), payload[4:].hex())


def bounce_address(tag: str) -> str:
    """The envelope sender of one email (VERP); a forged bounce fails the mac."""
    mac = _b32(hmac.digest(keys_for("bounce")[0], tag.encode(), "sha256"))[:10]
    return f"b+{tag}.{mac}@{settings().bounce_domain}"
