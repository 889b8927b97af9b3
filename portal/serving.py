"""The web server for a machine of its own: waitress, with a deadline for every request as a whole.

waitress gives a request to a thread only once all of it has arrived, so that slow senders hold no
thread. By itself it closes silent connections only: one that sends a byte now and then stays for
ever. Here every request has until a fixed time to arrive, whatever drips in, and when connections
run out, the one that has kept us waiting longest makes room. docs/serving.md has the measurements.
"""

import logging
import resource
import signal
import socket
import time
from collections.abc import Iterable
from html import escape
from typing import Any

from waitress import wasyncore
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask

THREADS = 8
HEADERS_SECONDS = 20  # from the connection, or the last answer on it, to the end of the headers
REQUEST_SECONDS = 60  # and to the end of the body: a megabyte at 17 kB/s
UNREAD_SECONDS = 60  # an answer of which nobody reads a byte
LINGER_SECONDS = 5  # what is still being sent when a request is refused is read so long
FINISH_SECONDS = 20  # for requests under way when we are told to stop
MOST_CONNECTIONS = 2000
SPARE_FILES = 200  # for the database, static files and what waits on disk
KIBIBYTE, GIBIBYTE = 1 << 10, 1 << 30

WORDS = {
    413: (
        "That is too much at once",
        "What you sent is larger than we take. Nothing was saved. Go back and send less.",
    ),
    431: ("That address is too long", "Nothing was changed. Start from the site’s first page."),
}
UNREADABLE = ("We could not read that", "The request was damaged. Nothing was changed. Try again.")


class ErrorPage(ErrorTask):
    """What is refused before the application sees it: a page without looks, but in plain words."""

    def execute(self) -> None:
        error = self.request.error
        title, words = WORDS.get(error.code, UNREADABLE)
        page = (
            f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
            f"<h1>{escape(title)}</h1><p>{escape(words)}</p></html>"
        ).encode()
        self.status = f"{error.code} {error.reason}"
        self.response_headers += [
            ("Content-Type", "text/html; charset=utf-8"),
            ("Content-Security-Policy", "default-src 'none'"),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
        ]
        self.set_close_on_finish()
        self.content_length = len(page)  # type: ignore[assignment]
        self.write(page)
        self.channel.is_refused = True


class Connection(HTTPChannel):
    """One client's connection, which knows since when it has kept us waiting."""

    error_task_class = ErrorPage
    is_refused = False
    lingers_until: float | None = None

    def __init__(self, *args: Any, **named: Any) -> None:
        self.waiting_since = time.monotonic()
        super().__init__(*args, **named)

    def service(self) -> None:
        super().service()
        self.waiting_since = time.monotonic()

    def is_overdue(self, now: float) -> bool:
        """Whether the request, or whoever should read the answer, has had all its time."""
        if self.requests:
            return False
        if self.lingers_until is not None:
            return now > self.lingers_until
        waited = now - self.waiting_since
        if self.total_outbufs_len:
            return time.time() - self.last_activity > UNREAD_SECONDS
        is_in_body = self.request is not None and self.request.headers_finished
        return waited > (REQUEST_SECONDS if is_in_body else HEADERS_SECONDS)

    def readable(self) -> bool:
        return self.lingers_until is not None or bool(super().readable())

    def handle_read(self) -> None:
        if self.lingers_until is None:
            super().handle_read()
            return
        try:
            self.recv(self.adj.recv_bytes)
        except OSError:
            super().handle_close()

    def handle_close(self) -> None:
        """Close; after a refusal only once the client has stopped sending.

        Closed with something unread, a connection is reset, and the client never sees the answer.
        """
        if self.is_refused and self.connected and not self.total_outbufs_len:
            self.is_refused = self.will_close = False
            try:
                stream: Any = self.socket
                stream.shutdown(socket.SHUT_WR)
                self.lingers_until = time.monotonic() + LINGER_SECONDS
                return
            except OSError:  # the client has gone
                pass
        super().handle_close()


class Server(TcpWSGIServer):
    """Takes every connection, closes overdue ones each second, and finishes what it has begun."""

    channel_class = Connection

    def __init__(self, *args: Any, most: int, **named: Any) -> None:
        self.most_connections = most
        super().__init__(*args, **named)

    def maintenance(self, _now: float) -> None:
        now = time.monotonic()
        self._drop(one for one in self._connections() if one.is_overdue(now))

    def handle_accept(self) -> None:
        if len(self.active_channels) >= self.most_connections:
            waiting = [one for one in self._connections() if not one.requests]
            self._drop([min(waiting, key=lambda one: one.waiting_since)] if waiting else [])
        super().handle_accept()

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT; then finish the requests under way, and return."""
        stopped: list[float] = []
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.append(time.monotonic()))
        while not stopped:
            self._turn()
        wasyncore.dispatcher.close(self)  # who comes now is refused at once, and tries elsewhere
        while self._is_busy() and time.monotonic() < stopped[0] + FINISH_SECONDS:
            self._turn()
        self.task_dispatcher.shutdown(timeout=1)

    def _turn(self) -> None:
        wasyncore.loop(timeout=0.5, use_poll=True, map=self._map, count=1)

    def _connections(self) -> list[Connection]:
        return list(self.active_channels.values())

    def _is_busy(self) -> bool:
        return any(one.requests or one.total_outbufs_len for one in self._connections())

    def _drop(self, connections: Iterable[Connection]) -> None:
        for connection in connections:
            connection.is_refused = False
            connection.handle_close()


def _allow_files() -> int:
    """Have the system allow a file for each connection; how many connections there may be."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + SPARE_FILES
    if soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return min(MOST_CONNECTIONS, max(soft - SPARE_FILES, 10))


class _WithoutPaths(logging.Filter):
    """waitress names paths and addresses in what it logs: the first may be keys, the second
    are nobody's business. What is left says that something happened, and where."""

    def filter(self, record: logging.LogRecord) -> bool:
        kind = f": {record.exc_info[0].__name__}" if record.exc_info and record.exc_info[0] else ""
        record.msg = f"web server trouble in {record.funcName}, line {record.lineno}{kind}"
        record.args, record.exc_info = (), None
        return record.levelno >= logging.WARNING


def serve(application: Any, host: str, port: int, most_bytes: int) -> None:
    """Serve APPLICATION until told to stop; requests have MOST_BYTES of body at most.

    There is no access log: the paths of candidates' pages are keys.
    """
    logging.getLogger("waitress").addFilter(_WithoutPaths())
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    adjustments = Adjustments(
        host=host,
        port=port,
        threads=THREADS,
        ident="",
        backlog=2048,
        cleanup_interval=1,
        connection_limit=1_000_000,  # we make room instead of accepting nobody
        asyncore_use_poll=True,
        max_request_body_size=most_bytes + KIBIBYTE,
        max_request_header_size=32 * KIBIBYTE,
        inbuf_overflow=64 * KIBIBYTE,
        outbuf_overflow=256 * KIBIBYTE,
        # A download waits on disk for its reader: at a lower mark its thread would wait with it.
        outbuf_high_watermark=GIBIBYTE,
        clear_untrusted_proxy_headers=False,  # ProxyFix believes as many as TRUSTED_PROXIES says
    )
    Server(application, adj=adjustments, sockinfo=adjustments.listen[0], most=_allow_files()).run()
