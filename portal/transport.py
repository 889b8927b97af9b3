"""Flask-Mail made safe: what one message is on the wire, and one connection to our relay.

Knows nothing of rows, kinds or candidates. Flask-Mail 0.10 accepts any certificate, waits for
ever, sends over-long lines and lets a header value start a new line; its wire code and its MIME
builder are therefore replaced, and its settings and classes kept.
"""

import binascii
import re
import smtplib
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.header import Header
from email.utils import format_datetime, quote
from enum import StrEnum
from typing import Any, NoReturn, cast

import flask_mail
import idna
from flask import current_app

from portal.config import DOMAIN, is_loopback, settings
from portal.models import utcnow

# "=_" cannot occur in quoted-printable text, so no body can end a part early. It never changes:
# a random one would tell two otherwise equal messages apart.
BOUNDARY = "=_heardback"
FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
LOCAL_PART = re.compile(rf'{ATOM}(?:\.{ATOM})*|"(?:[ !#-\[\]-~]|\\[ -~])+"')
MAX_ENCODED_LINE = 76
MAX_ASCII_LINE = 900  # the limit is 998 octets; longer values are folded as encoded words
# Before the words, or as qmail and some appliances write it: "#5.1.1 …" or "… (#5.1.1)".
ENHANCED = re.compile(r"(?:#?|.*\(#)([245]\.\d{1,3}\.\d{1,3})\b")
# Anybody's in a reply, however it is written there: spelled for the wire, in brackets, in a link.
ANY_ADDRESS = re.compile(
    r"""<?(?:"[^"]{1,64}"|[^\s<>()\[\]",;:/?&]{1,254}?)(?:@|%40)[^\s<>()\[\]",;:/?&=]{1,254}>?"""
)
MAX_TEXT = 200
MAX_MESSAGES = 100
MAX_AGE = 300.0
IDLE = 30.0
# Many relays look through a text before they take it. To wait costs less than a letter in doubt,
# but it must end before the lease does.
PATIENCE, MAX_PATIENCE = 4, 60.0


class BadHeader(ValueError):
    """A header value that would start a new line, or cannot be written at all."""


class AddressRefused(ValueError):
    """No relay of ours can deliver to this address; the message says why."""


def wire_address(address: str) -> str:
    """ADDRESS as the relay gets it, international domains as xn--. Raises AddressRefused.

    Says what can be written to, not what may be: reserved domains are for the entrance to refuse.
    """
    local, at, domain = address.rpartition("@")
    if not at or len(address) > 254:
        raise AddressRefused("An address has one @ and at most 254 characters.")
    if not local.isascii():  # would need an extension that few relays have
        raise AddressRefused("This mail server cannot write to letters outside ASCII before the @.")
    if not LOCAL_PART.fullmatch(local):
        raise AddressRefused("The part before the @ is not valid.")
    try:
        domain = domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
    except idna.IDNAError:
        domain = ""
    if not DOMAIN.fullmatch(domain) or len(domain) > 253:
        raise AddressRefused("The part after the @ is not a domain.")
    return f"{local}@{domain.lower()}"


def has_relay() -> bool:
    """Whether messages can leave at all; without a relay they become files (development)."""
    return bool(settings().MAIL_SERVER)


def _is_plain(value: str) -> bool:
    """Whether VALUE can stand in a header as it is; raises BadHeader if it must not at all."""
    if FORBIDDEN.search(value):
        raise BadHeader("a header must be one line of text")
    return value.isascii() and len(value) <= MAX_ASCII_LINE and "=?" not in value


def _header(name: str, value: str) -> str:
    """One header. EmailMessage would fold a link longer than 77 characters into encoded words."""
    if _is_plain(value):
        return f"{name}: {value}"
    return f"{name}: {_encoded(name, value)}"


def _phrase(text: str) -> str:
    """TEXT as it may stand in From before the address."""
    return f'"{quote(text)}"' if _is_plain(text) else _encoded("From", text)


def _encoded(name: str, text: str) -> str:
    """TEXT in encoded words (RFC 2047): none over 75 characters, no line over 76."""
    # Two less: Header leaves the "?=" out when it counts.
    return Header(text, "utf-8", MAX_ENCODED_LINE - 2, name).encode(linesep="\n")


def _body_part(text: str, subtype: str) -> str:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace")
    return (
        f"--{BOUNDARY}\n"
        f"Content-Type: text/{subtype}; charset=utf-8\n"
        "Content-Transfer-Encoding: quoted-printable\n\n"
        f"{binascii.b2a_qp(lines, istext=True).decode('ascii')}\n"
    )


class Message(flask_mail.Message):
    """A text with its HTML alternative, to one recipient, whose Message-ID the caller fixes.

    SENDER is (display name, address). Raises BadHeader and AddressRefused when it is built into
    bytes; nothing is ever cleaned silently here.
    """

    def __init__(
        self,
        *,
        subject: str,
        sender: tuple[str, str],
        to: str,
        reply_to: str,
        message_id: str,
        body: str,
        html: str,
        headers: Mapping[str, str],
    ) -> None:
        # Not the parent's: it asks the DNS for our name to make up a Message-ID, in every message.
        self.subject, self.body, self.alts = subject, body, {"html": html}
        self.recipients: list[str | tuple[str, str]] = [to]
        self.cc, self.bcc, self.attachments = [], [], []
        self.reply_to = reply_to
        self.sender = self._from = sender
        self.msgId = message_id
        self.extra_headers = dict(headers)

    def _headers(self) -> list[str]:
        name, address = self._from
        values = {
            "To": wire_address(str(self.recipients[0])),
            "Reply-To": wire_address(str(self.reply_to)),
            "Subject": self.subject,
            "Date": format_datetime(utcnow()),
            "Message-ID": self.msgId,
            **(self.extra_headers or {}),
            "MIME-Version": "1.0",
            "Content-Type": f'multipart/alternative; boundary="{BOUNDARY}"',
        }
        fold = " " if _is_plain(name) else "\n "
        sender = f"From: {_phrase(name)}{fold}<{wire_address(address)}>"
        return [sender, *(_header(*item) for item in values.items())]

    def as_bytes(self) -> bytes:
        """The message as the relay gets it: CRLF, seven bits, no line over 998 octets."""
        text = "\n".join(
            (
                *self._headers(),
                "",
                _body_part(self.body or "", "plain") + _body_part(self.html or "", "html"),
            )
        )
        return f"{text}--{BOUNDARY}--\n".replace("\n", "\r\n").encode("ascii")

    def as_string(self) -> str:
        return self.as_bytes().decode("ascii")


class Phase(StrEnum):
    """How far a message came."""

    CONNECT = "connect"  # no connection, no greeting, no EHLO
    TLS = "tls"
    AUTH = "auth"
    MAIL = "mail"
    RCPT = "rcpt"
    DATA = "data"
    BODY = "body"  # writing failed: the final dot never left
    FINAL = "final"


@dataclass(frozen=True)
class SmtpOutcome:
    """The relay's last word on a message, and in which phase; CODE None means no reply came."""

    phase: Phase
    code: int | None
    text: str = ""

    @property
    def enhanced(self) -> str | None:
        """The enhanced status code (RFC 3463) of a refusal."""
        found = ENHANCED.match(self.text)
        return found[1] if found and not found[1].startswith("2") else None

    @property
    def is_sent(self) -> bool:
        return self.phase is Phase.FINAL and self.code is not None and 200 <= self.code < 300


class _Ended(Exception):
    """The message goes no further on this connection."""

    def __init__(self, phase: Phase, code: int | None = None, text: str | bytes = "") -> None:
        words = text.decode("utf-8", "replace") if isinstance(text, bytes) else text
        self.outcome = SmtpOutcome(phase, code, _nameless(words))
        super().__init__(self.outcome)


def _nameless(text: str) -> str:
    """TEXT of a relay on one line, without the addresses that relays like to repeat.

    They are taken out before it is cut: nobody would know half an address for one.
    """
    line = " ".join(FORBIDDEN.sub(" ", text).split())
    return ANY_ADDRESS.sub("<address>", line)[:MAX_TEXT]


Prepare = Callable[[], bytes | None]


def connect() -> "Connection":
    """A connection to the relay of the running application, opened when it is first needed."""
    return Connection(current_app.extensions["mail"])


class Connection(flask_mail.Connection):
    """One session with the relay at a time, kept from message to message. Not for two threads."""

    host: smtplib.SMTP | smtplib.SMTP_SSL | None

    def __init__(self, mail: Any) -> None:
        super().__init__(mail)
        self._opened_at = self._used_at = 0.0

    def __enter__(self) -> "Connection":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the session, politely if the relay still listens."""
        host, self.host = self.host, None
        if host is not None:
            try:
                host.quit()
            except OSError:
                host.close()

    def send(  # type: ignore[override]
        self, to: str, envelope_from: str, prepare: Prepare
    ) -> SmtpOutcome | None:
        """Offer one message; PREPARE is called once the relay has accepted sender and recipient.

        PREPARE makes durable that the message may leave and returns its bytes, or returns None:
        then nothing is sent and neither is an outcome. What PREPARE raises is passed on.
        """
        try:
            self._open()
            self._command(Phase.MAIL, f"MAIL FROM:<{envelope_from}>")
            self._command(Phase.RCPT, f"RCPT TO:<{to}>")
            if (message := prepare()) is None:
                self._reset()
                return None
            return self._transmit(message)
        except _Ended as ended:
            self._clear_up(ended.outcome)
            return ended.outcome
        except BaseException:
            self.close()
            raise

    def _clear_up(self, outcome: SmtpOutcome) -> None:
        """Leave the session fit for the next message, or closed."""
        if outcome.code is None or outcome.code == 421:
            self.close()
        elif outcome.phase in (Phase.MAIL, Phase.RCPT, Phase.DATA):
            self._reset()

    def _reset(self) -> None:
        try:
            self._command(Phase.MAIL, "RSET")
        except _Ended:
            self.close()

    def _open(self) -> None:
        now = time.monotonic()
        if self.host and (self.num_emails >= MAX_MESSAGES or now - self._opened_at > MAX_AGE):
            self.close()
        if self.host and now - self._used_at > IDLE:
            try:
                self._command(Phase.CONNECT, "NOOP")
            except _Ended:
                self.close()
        if self.host is None:
            self.host = self.configure_host()
            self.num_emails, self._opened_at = 0, now
        self.num_emails += 1

    def _ask(self, phase: Phase, line: str) -> tuple[int, bytes]:
        """Say LINE and return the reply; ends the message when none comes."""
        host = cast(smtplib.SMTP, self.host)
        try:
            host.putcmd(line)
            code, text = host.getreply()
        except OSError as error:
            raise _Ended(phase, None, str(error)) from error
        if not 200 <= code < 600:  # not an SMTP reply at all
            raise _Ended(phase, None, text)
        self._used_at = time.monotonic()
        return code, text

    def _command(self, phase: Phase, line: str) -> None:
        code, text = self._ask(phase, line)
        if not 200 <= code < 300:
            raise _Ended(phase, code, text)

    def _transmit(self, message: bytes) -> SmtpOutcome:
        host: Any = self.host  # whose socket and time-out the types leave out
        code, text = self._ask(Phase.DATA, "DATA")
        if code != 354:
            raise _Ended(Phase.DATA, code, text)
        try:
            host.send(re.sub(rb"(?m)^\.", b"..", message) + b".\r\n")
        except OSError as error:
            raise _Ended(Phase.BODY, None, str(error)) from error
        # The dot has left. Whatever is lost from here on, nobody can know what the relay did.
        try:
            host.sock.settimeout(min(PATIENCE * host.timeout, MAX_PATIENCE))
            code, text = host.getreply()
            host.sock.settimeout(host.timeout)
        except OSError as error:
            raise _Ended(Phase.FINAL, None, str(error)) from error
        if code // 100 not in (2, 4, 5):  # no answer to this, so perhaps one to what came before
            raise _Ended(Phase.FINAL, None, text)
        self._used_at = time.monotonic()
        if not 200 <= code < 300:
            raise _Ended(Phase.FINAL, code, text)
        return SmtpOutcome(Phase.FINAL, code, _Ended(Phase.FINAL, code, text).outcome.text)

    def configure_host(self) -> smtplib.SMTP | smtplib.SMTP_SSL:
        """A session, encrypted as the settings ask and signed in; otherwise the message ends."""
        host = self._dial()
        try:
            self._greet(host)
            self._sign_in(host)
        except BaseException:
            host.close()
            raise
        return host

    def _dial(self) -> smtplib.SMTP | smtplib.SMTP_SSL:
        config = settings()
        name = config.MAIL_HELO or config.mail_domain
        address = (config.MAIL_SERVER, config.MAIL_PORT)
        try:
            if config.MAIL_USE_SSL:
                return smtplib.SMTP_SSL(
                    *address, name, timeout=config.MAIL_TIMEOUT, context=_tls_context()
                )
            return smtplib.SMTP(*address, name, timeout=config.MAIL_TIMEOUT)
        except OSError as error:
            _give_up(Phase.CONNECT, error)

    def _greet(self, host: smtplib.SMTP) -> None:
        try:
            host.ehlo_or_helo_if_needed()
            if not settings().MAIL_USE_TLS:
                return
            if not host.has_extn("starttls"):
                raise _Ended(Phase.TLS, None, "the relay does not offer STARTTLS")
            host.starttls(context=_tls_context())
            host.ehlo_or_helo_if_needed()
        except OSError as error:
            _give_up(Phase.CONNECT, error)

    def _sign_in(self, host: smtplib.SMTP) -> None:
        config = settings()
        if not config.MAIL_USERNAME:
            return
        is_encrypted = config.MAIL_USE_TLS or config.MAIL_USE_SSL
        if not is_encrypted and not is_loopback(config.MAIL_SERVER):
            raise _Ended(Phase.AUTH, 530, "the password would travel in clear text")
        try:
            host.login(config.MAIL_USERNAME, config.MAIL_PASSWORD)
        except (smtplib.SMTPResponseException, smtplib.SMTPServerDisconnected) as error:
            _give_up(Phase.AUTH, error)
        except smtplib.SMTPException as error:  # no AUTH offered, or no method in common
            raise _Ended(Phase.AUTH, 530, str(error)) from error


def _tls_context() -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=settings().MAIL_CAFILE or None)
    except OSError as error:
        raise _Ended(Phase.TLS, None, f"MAIL_CAFILE: {error}") from error


def _give_up(phase: Phase, error: OSError) -> NoReturn:  # smtplib's errors are OSErrors
    """End the message for ERROR, met before it was offered."""
    if isinstance(error, ssl.SSLCertVerificationError):
        raise _Ended(Phase.TLS, None, error.verify_message or str(error)) from error
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error
        code = error.smtp_code if error.smtp_code > 0 else None
        raise _Ended(phase, code, text) from error
    raise _Ended(phase, None, str(error)) from error
