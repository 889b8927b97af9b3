"""A relay that can misbehave at every step of SMTP, and keeps what it hears. Raw sockets, so that
the wire is really cut where a test says."""

import socket
import ssl
import threading
import time
from collections import Counter
from collections.abc import Callable

CUT, SILENT = "cut", "silent"
REPLIES = {
    "connect": "220 relay.test ESMTP",
    "EHLO": "250 ENHANCEDSTATUSCODES",
    "STARTTLS": "220 go ahead",
    "AUTH": "235 2.7.0 welcome",
    "MAIL": "250 2.1.0 ok",
    "RCPT": "250 2.1.5 ok",
    "DATA": "354 go",
    "refuse": "",
    "final": "250 2.0.0 queued",
    "NOOP": "250 2.0.0 ok",
    "RSET": "250 2.0.0 ok",
    "QUIT": "221 2.0.0 bye",
}
Answer = str | float | Callable[[str], str | None] | list[str | None]


class Relay:
    """`answers[step]` replaces a step's reply: a text, a list to be used up, seconds to wait
    before the usual reply, CUT, SILENT, or a function of the line. `body` comes in the middle of
    the text, `refuse` after its end, `final` after it has been stored."""

    def __init__(
        self,
        tls: ssl.SSLContext | None = None,
        offers: tuple[str, ...] = (),
        is_tls_at_once: bool = False,
    ) -> None:
        self.answers: dict[str, Answer] = {}
        self.tls = tls
        self.is_tls_at_once = is_tls_at_once
        self.offers = offers
        self.heard: list[str] = []
        self.messages: list[bytes] = []
        self.recipients: list[str] = []
        self.connections = 0
        self.delay = 0.0  # seconds before each reply, as a distant relay takes
        self._lock = threading.Lock()
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._socket.getsockname()[1]
        self._open = set()
        self._is_stopped = threading.Event()
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def said(self) -> Counter[str]:
        """How often each command was heard."""
        return Counter(line[:4].upper().strip() for line in self.heard)

    def stop(self) -> None:
        self._is_stopped.set()
        # close() alone would leave accept() waiting
        self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for client in list(self._open):
            client.close()
        self._thread.join(5)

    def _accept(self) -> None:
        while not self._is_stopped.is_set():
            try:
                client, _ = self._socket.accept()
            except OSError:
                return
            with self._lock:
                self.connections += 1
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        self._open.add(client)
        try:
            if self.tls and self.is_tls_at_once:
                client = self.tls.wrap_socket(client, server_side=True)
            session = _Session(self, client)
            try:
                session.run()
            finally:
                session.file.close()
                session.client.close()
        except (OSError, ValueError):
            pass
        finally:
            self._open.discard(client)
            client.close()

    def answer(self, step: str, line: str) -> str:
        """The reply to STEP."""
        time.sleep(self.delay)
        with self._lock:
            given = self.answers.get(step)
            if isinstance(given, list):
                given = given.pop(0) if given else None
        if callable(given):
            given = given(line)
        if isinstance(given, float | int):
            time.sleep(given)
            given = None
        return given or REPLIES.get(step, "250 ok")

    def wait_silently(self) -> None:
        self._is_stopped.wait(30)


class _Cut(OSError):
    pass


class _Session:
    def __init__(self, relay: Relay, client: socket.socket) -> None:
        self.relay, self.client = relay, client
        self.file = client.makefile("rb")
        self.recipient = ""

    def say(self, step: str, line: str = "") -> str:
        reply = self.relay.answer(step, line)
        if reply == SILENT:
            self.relay.wait_silently()
        if reply in (CUT, SILENT):
            self.client.shutdown(socket.SHUT_RDWR)
            raise _Cut
        self.client.sendall(reply.encode() + b"\r\n")
        return reply

    def run(self) -> None:
        if not self.say("connect").startswith("2"):
            return
        while line := self.file.readline().decode("utf-8", "replace").rstrip("\r\n"):
            self.relay.heard.append(line)
            self.obey(line)

    def obey(self, line: str) -> None:
        verb = line.split(" ")[0].split(":")[0].upper()
        if verb == "EHLO":
            for offer in ("relay.test", *self.relay.offers) if self.relay.offers else ():
                self.client.sendall(f"250-{offer}\r\n".encode())
            self.say("EHLO", line)
        elif verb == "STARTTLS":
            self.say("STARTTLS", line)
            self.file.close()
            self.client = self.relay.tls.wrap_socket(self.client, server_side=True)
            self.file = self.client.makefile("rb")
        elif verb == "DATA":
            if self.say("DATA", line).startswith("3"):
                self.take_message()
        else:
            reply = self.say(verb, line)
            if verb == "RCPT" and reply.startswith("2"):
                self.recipient = line.partition("<")[2].partition(">")[0]
            if verb == "QUIT" or reply.startswith("421"):
                raise _Cut

    def take_message(self) -> None:
        lines = []
        while (line := self.file.readline()) not in (b".\r\n", b""):
            lines.append(line[1:] if line.startswith(b"..") else line)
            if len(lines) == 3 and self.relay.answers.get("body") == CUT:
                self.say("body")
        if not line:
            raise _Cut
        # The end of the text may be refused; else it is stored, and `final` may still go wrong.
        refusal = self.relay.answer("refuse", "")
        if refusal != REPLIES["refuse"]:
            self.client.sendall(refusal.encode() + b"\r\n")
            if refusal.startswith("421"):
                raise _Cut
            return
        with self.relay._lock:
            self.relay.messages.append(b"".join(lines))
            self.relay.recipients.append(self.recipient)
        self.say("final")
