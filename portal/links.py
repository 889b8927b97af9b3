"""Every link and address of ours that goes into an email: made here, and read back here.

A survey token is 128 random bits and is stored nowhere. The invitation keeps one keyed hash of
it, the answer another: without the token neither leads to the other.
"""

import base64
import hmac
import html
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote, urlencode

from portal.config import settings
from portal.models import mailbox_of
from portal.seals import keys_for

TOKEN_BYTES = 16
TOKEN = re.compile(r"[a-z2-7]{26}")
MAC_BYTES = 10
UNSUBSCRIBE = re.compile(r"[a-z2-7]{48}")  # 30 bytes: employer 4, address key 16, mac 10
MARK_BYTES = 5
OWN_DATA = re.compile(r"[a-z2-7]{40}")  # 25 bytes: employer 4, candidate 6, address mark 5, mac 10
DATA_REQUEST = re.compile(r"[a-z2-7]{48}")  # 30 bytes: request 6, made 4, address mark 5, mac 15
DATA_REQUEST_MAC_BYTES = 15
ACCOUNT = re.compile(r"[a-z2-7]{48}")  # 30 bytes: user 6, made 4, state mark 5, mac 15
ACCOUNT_MAC_BYTES = 15
TEAM_INVITATION = re.compile(r"[a-z2-7]{40}")  # 25 bytes: invitation 6, its end 4, mac 15
TEAM_INVITATION_MAC_BYTES = 15
STATUS = re.compile(r"[a-z2-7]{48}")  # 30 bytes: application 6, address mark 5, mac 19
STATUS_MAC_BYTES = 19
# How long the token is in each kind of link, by the path before it.
LENGTHS = {"s": 26, "u": 48, "d/confirm": 48, "d": 40, "status": 48} | {
    "password": 48,
    "address": 48,
    "invitation": 40,
}
SIGNS = "[^a-z0-9/]*+"  # no letter, digit or slash, whatever it is in whichever script
LINKS = [
    re.compile(
        rf"/+({path})/+{SIGNS}((?:[a-z2-7]{SIGNS}){{{length - 1}}}[a-z2-7])(?![a-z0-9])"
        # a page of the link; not the "</a>" that may follow it
        r"(?:[^a-z0-9/<]*+/+([a-z0-9]+))?",
        re.ASCII | re.IGNORECASE,
    )
    for path, length in LENGTHS.items()
]
# What the pages of a link are told by their address; an equals sign is "=3D" in a mail's source.
ARGUMENT = re.compile(
    r"[?&;](s|lang|again|back|done)=(?:=|3d)*([1-5]|[a-z]{2})"
    r"(?:=[0-9a-f]{2}|[^a-z0-9?&;])*+(?=[?&;]|$)",
    re.ASCII | re.IGNORECASE,
)
MOST_READ = 2000  # characters of an address
FULL_WIDTH = {0xFF01 + n: 0x21 + n for n in range(94)}  # as East Asian keyboards type letters


def _b32(raw: bytes) -> str:
    return base64.b32encode(raw).decode().rstrip("=").lower()


def _unb32(text: str) -> bytes:
    return base64.b32decode(text.upper() + "=" * (-len(text) % 8))


def _hashes(purpose: str, text: str) -> list[str]:
    return [hmac.digest(key, text.encode(), "sha256").hex() for key in keys_for(purpose)]


def clean_address(path: str, query: str) -> tuple[str, str]:
    """PATH and QUERY of a link of ours without what mail programs and people do to it.

    Programs take the end of a sentence, a closing bracket or markup for a part of the link,
    encode it once more, break it into lines or put it in capitals. So only letters and digits
    count: the token is as many of them as its kind of link has, in one piece of the path and with
    no other letter or digit after them. Signs around and within it are left out, and so is
    everything after the next sign, but for a page of the link and the arguments that we know.
    Whatever has no such token stays as it is. Letters are never guessed: 0 is not o.
    """
    text = _plain(path)
    found = next(filter(None, (link.match(text) for link in LINKS)), None)
    if found is None:
        return path, query
    kind, token, page = found.groups()
    cleaned = [kind, re.sub(SIGNS, "", token, flags=re.IGNORECASE), *filter(None, [page])]
    arguments: dict[str, str] = {}
    for name, value in ARGUMENT.findall(f"{text[found.end() :]}?{_plain(query)}"):
        arguments.setdefault(name.lower(), value.lower())
    return "/" + "/".join(cleaned).lower(), urlencode(arguments)


def _plain(text: str) -> str:
    """The beginning of TEXT, decoded as often as programs are known to have encoded it."""
    return html.unescape(unquote(unquote(text[:MOST_READ]))).translate(FULL_WIDTH)


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


def form_token(token: str) -> str:
    """What every form on the pages of the link TOKEN carries: who sends it has opened one."""
    return _form_tokens(token)[0]


def is_form_token(token: str, sent: str) -> bool:
    """Whether what a form SENT comes from a page of the link TOKEN; as long as the link is ours."""
    return any(hmac.compare_digest(sent.encode(), ours.encode()) for ours in _form_tokens(token))


def _form_tokens(token: str) -> list[str]:
    return [digest[:32] for digest in _hashes("form", token)]


def survey_url(token: str) -> str:
    """Where TOKEN is answered; `?s=4` pre-selects four stars there and stores nothing."""
    return f"{settings().BASE_URL}/s/{token}"


def address_keys(address: str) -> list[str]:
    """Keyed hashes by which ADDRESS can be suppressed without being held; the first is current.

    The last are spelled_keys(): what is known of this spelling only, or was formerly.
    """
    whole, spelled = mailbox_of(address), address.casefold()
    keys = _suppression_keys(whole)
    return keys if whole == spelled else [*keys, *_suppression_keys(spelled)]


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


def unsubscribe_url(employer_id: int, address: str) -> str:
    """The opt-out page and one-click address; valid for ever, needs no row to exist."""
    payload = employer_id.to_bytes(4) + bytes.fromhex(address_keys(address)[0])
    return f"{settings().BASE_URL}/u/{_seal('unsubscribe', payload, MAC_BYTES)}"


def read_unsubscribe(token: str) -> Unsubscribe | None:
    """What TOKEN says, or None if we did not make it."""
    payload = _unseal("unsubscribe", token, MAC_BYTES) if UNSUBSCRIBE.fullmatch(token) else None
    if payload is None:
        return None
    return Unsubscribe(int.from_bytes(payload[:4]), payload[4:].hex())


@dataclass(frozen=True)
class OwnData:
    """What the link about one's own data says, which stands in every mail to a candidate."""

    employer_id: int
    candidate_id: int
    mark: bytes

    def fits(self, address: str | None) -> bool:
        """Whether the link was mailed to ADDRESS: else the row is another person's by now."""
        return _is_marked(self.mark, address)


@dataclass(frozen=True)
class RequestLink:
    """What the link says by which a wish about one's data is carried out, and when it was made."""

    request_id: int
    made_at: datetime
    mark: bytes

    def fits(self, address: str | None) -> bool:
        """Whether the link was mailed to ADDRESS."""
        return _is_marked(self.mark, address)


def _mark(address_key: str) -> bytes:
    return bytes.fromhex(address_key)[:MARK_BYTES]


def _is_marked(mark: bytes, address: str | None) -> bool:
    return address is not None and mark in map(_mark, address_keys(address))


def _seal(purpose: str, payload: bytes, mac_bytes: int) -> str:
    return _b32(payload + hmac.digest(keys_for(purpose)[0], payload, "sha256")[:mac_bytes])


def _unseal(purpose: str, token: str, mac_bytes: int) -> bytes | None:
    """The payload of TOKEN, or None if we did not make it."""
    raw = _unb32(token)
    payload, mac = raw[:-mac_bytes], raw[-mac_bytes:]
    macs = (hmac.digest(key, payload, "sha256")[:mac_bytes] for key in keys_for(purpose))
    return payload if any(hmac.compare_digest(mac, ours) for ours in macs) else None


def own_data_token(employer_id: int, candidate_id: int, address: str) -> str:
    """Valid for ever, needs no row of its own; good as long as ADDRESS is held of them."""
    mark = _mark(address_keys(address)[0])
    payload = employer_id.to_bytes(4) + candidate_id.to_bytes(6) + mark
    return _seal("own-data", payload, MAC_BYTES)


def own_data_url(employer_id: int, candidate_id: int, address: str) -> str:
    """Where a candidate asks for what is held of them, or for its erasure."""
    return f"{settings().BASE_URL}/d/{own_data_token(employer_id, candidate_id, address)}"


def read_own_data(token: str) -> OwnData | None:
    """What TOKEN says, or None if we did not make it."""
    payload = _unseal("own-data", token, MAC_BYTES) if OWN_DATA.fullmatch(token) else None
    if payload is None:
        return None
    return OwnData(int.from_bytes(payload[:4]), int.from_bytes(payload[4:10]), payload[10:])


@dataclass(frozen=True)
class StatusLink:
    """What the link to a candidate's own page says, which stands in every notice."""

    application_id: int
    mark: bytes

    def fits(self, address: str | None) -> bool:
        """Whether the link was mailed to ADDRESS: else the row is another person's by now."""
        return _is_marked(self.mark, address)


def status_url(application_id: int, address: str) -> str:
    """Where a candidate sees what they were told; good as long as ADDRESS is held of them. Kept
    nowhere: it is the same each time."""
    payload = application_id.to_bytes(6) + _mark(address_keys(address)[0])
    return f"{settings().BASE_URL}/status/{_seal('status', payload, STATUS_MAC_BYTES)}"


def read_status(token: str) -> StatusLink | None:
    """What TOKEN says, or None if we did not make it."""
    payload = _unseal("status", token, STATUS_MAC_BYTES) if STATUS.fullmatch(token) else None
    if payload is None:
        return None
    return StatusLink(int.from_bytes(payload[:6]), payload[6:])


def data_request_url(request_id: int, made_at: datetime, address: str) -> str:
    """Where the wish of that request, mailed to ADDRESS, is carried out. Kept nowhere."""
    payload = request_id.to_bytes(6) + int(made_at.timestamp()).to_bytes(4)
    payload += _mark(address_keys(address)[0])
    token = _seal("data-request", payload, DATA_REQUEST_MAC_BYTES)
    return f"{settings().BASE_URL}/d/confirm/{token}"


def read_data_request(token: str) -> RequestLink | None:
    """What TOKEN says, or None if we did not make it. How old it may be is not asked here."""
    if not DATA_REQUEST.fullmatch(token):
        return None
    payload = _unseal("data-request", token, DATA_REQUEST_MAC_BYTES)
    if payload is None:
        return None
    made_at = datetime.fromtimestamp(int.from_bytes(payload[6:10]), UTC)
    return RequestLink(int.from_bytes(payload[:6]), made_at, payload[10:])


@dataclass(frozen=True)
class AccountLink:
    """What a link to the account of USER_ID says, and when it was made."""

    user_id: int
    made_at: datetime
    purpose: str
    mark: bytes

    def fits(self, state: str) -> bool:
        """Whether the account is still in the STATE for which the link was made."""
        return self.mark in _state_marks(self.purpose, state)


def _state_marks(purpose: str, state: str) -> list[bytes]:
    return [bytes.fromhex(digest)[:MARK_BYTES] for digest in _hashes(f"{purpose}-state", state)]


def account_url(purpose: str, user_id: int, made_at: datetime, state: str) -> str:
    """Where the PURPOSE, which is also the page's path, of that user is carried out, as long as
    the account's STATE is the same. Kept nowhere."""
    payload = user_id.to_bytes(6) + int(made_at.timestamp()).to_bytes(4)
    payload += _state_marks(purpose, state)[0]
    return f"{settings().BASE_URL}/{purpose}/{_seal(purpose, payload, ACCOUNT_MAC_BYTES)}"


def read_account_link(purpose: str, token: str) -> AccountLink | None:
    """What TOKEN says, or None if we did not make it for PURPOSE. How old it may be, and whether
    it fits the account, is not asked here."""
    payload = _unseal(purpose, token, ACCOUNT_MAC_BYTES) if ACCOUNT.fullmatch(token) else None
    if payload is None:
        return None
    made_at = datetime.fromtimestamp(int.from_bytes(payload[6:10]), UTC)
    return AccountLink(int.from_bytes(payload[:6]), made_at, purpose, payload[10:])


def state_mark(purpose: str, state: str) -> str:
    """What a signed cookie may say of STATE, so that it is worth nothing once that has changed."""
    return _state_marks(purpose, state)[0].hex()


@dataclass(frozen=True)
class TeamLink:
    """What the link says by which somebody joins a team, and when it ends."""

    invitation_id: int
    ends_at: datetime


def team_invitation_url(invitation_id: int, ends_at: datetime) -> str:
    """Where that invitation is accepted, as long as it ends then. Kept nowhere."""
    payload = invitation_id.to_bytes(6) + int(ends_at.timestamp()).to_bytes(4)
    token = _seal("team-invitation", payload, TEAM_INVITATION_MAC_BYTES)
    return f"{settings().BASE_URL}/invitation/{token}"


def read_team_invitation(token: str) -> TeamLink | None:
    """What TOKEN says, or None if we did not make it."""
    if not TEAM_INVITATION.fullmatch(token):
        return None
    payload = _unseal("team-invitation", token, TEAM_INVITATION_MAC_BYTES)
    if payload is None:
        return None
    ends_at = datetime.fromtimestamp(int.from_bytes(payload[6:]), UTC)
    return TeamLink(int.from_bytes(payload[:6]), ends_at)


def bounce_address(tag: str) -> str:
    """The envelope sender of one email (VERP); a forged bounce fails the mac."""
    mac = _b32(hmac.digest(keys_for("bounce")[0], tag.encode(), "sha256"))[:10]
    return f"b+{tag}.{mac}@{settings().bounce_domain}"
