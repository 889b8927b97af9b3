"""Sealing: what only the holder of SECRET_KEY can read, of a size that tells nothing.

AES-256-GCM (NIST SP 800-38D) under a random nonce. It must never know what it seals.
"""

import hmac
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portal.config import settings

FORMAT = b"\x01"
NONCE_BYTES = 12
OVERHEAD = len(FORMAT) + NONCE_BYTES + 16  # and the tag
# What tells one seal from every other, at the start of its bytes.
STAMP_BYTES = len(FORMAT) + NONCE_BYTES


class SealBroken(Exception):
    """No key that is set opens the seal, or it belongs elsewhere."""


def keys_for(purpose: str) -> list[bytes]:
    """The key for PURPOSE from SECRET_KEY (HKDF-SHA256, RFC 5869), then from each fallback."""
    config = settings()
    return [
        hmac.digest(
            hmac.digest(b"heardback", secret.encode(), "sha256"), purpose.encode() + b"\1", "sha256"
        )
        for secret in (config.SECRET_KEY, *config.SECRET_KEY_FALLBACKS)
    ]


class Sealer:
    """Seals and opens for one PURPOSE; made once for many rows, so that keys are derived once."""

    def __init__(self, purpose: str) -> None:
        self._ciphers = [AESGCM(key) for key in keys_for(purpose)]

    def seal(self, text: bytes, place: str, size: int) -> bytes:
        """TEXT, which must not end in a space, in exactly SIZE bytes, to be opened at PLACE only.

        Raises ValueError for a TEXT that does not fit.
        """
        room = size - OVERHEAD
        if len(text) > room:
            raise ValueError(f"{len(text)} bytes do not fit into a seal of {size}")
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._ciphers[0].encrypt(nonce, text.ljust(room), place.encode())
        return FORMAT + nonce + sealed

    def open(self, sealed: bytes, place: str) -> bytes:
        """What was sealed at PLACE, by the current key or a fallback; raises SealBroken."""
        nonce, text = sealed[len(FORMAT) : STAMP_BYTES], sealed[STAMP_BYTES:]
        if sealed[: len(FORMAT)] == FORMAT:
            for cipher in self._ciphers:
                try:
                    return cipher.decrypt(nonce, text, place.encode()).rstrip(b" ")
                except InvalidTag:
                    continue
        raise SealBroken(place)


def round_size(text: bytes, least: int) -> int:
    """The size to seal TEXT in: a power of two from LEAST up, so that lengths tell little."""
    size = least
    while size < len(text) + OVERHEAD:
        size *= 2
    return size
