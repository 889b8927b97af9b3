"""The site as `flask serve` starts it: a process of its own, and the strangers who attack it."""

import http.client
import os
import selectors
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from portal.cli.running import web_command
from tests.support.postgres import free_port

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Answer:
    """What came back for one request, and after how many seconds."""

    status: int
    headers: dict[str, str]
    body: bytes
    seconds: float


@dataclass
class Served:
    """A running web server."""

    process: subprocess.Popen[str]
    port: int
    log: Path

    def ask(self, path: str, method: str = "GET", timeout: float = 30, **options) -> Answer:
        begun = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request(method, path, **options)
            found = connection.getresponse()
            body = found.read()
        finally:
            connection.close()
        headers = {name.lower(): value for name, value in found.getheaders()}
        return Answer(found.status, headers, body, time.monotonic() - begun)

    def stop(self) -> int:
        self.process.terminate()
        return self.process.wait(40)


@contextmanager
def served(
    folder: Path, command: Sequence[str] = (), port: int | None = None, **settings: str
) -> Iterator[Served]:
    """The site with SETTINGS of the environment, by COMMAND (default: as `flask serve` does it)."""
    port = port or free_port()
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAIL_", "COV_"))
    } | {"INSTANCE_PATH": str(folder), "BASE_URL": f"http://127.0.0.1:{port}"}
    log = folder / f"web-{port}.log"
    with log.open("w") as out:
        process = subprocess.Popen(
            list(command) or web_command("127.0.0.1", port),
            env=environment | settings,
            cwd=ROOT,
            stdout=out,
            stderr=out,
            text=True,
        )
    site = Served(process, port, log)
    try:
        _wait_for(site)
        yield site
    finally:
        process.kill()
        process.wait()


def _wait_for(site: Served) -> None:
    for _ in range(300):
        with suppress(OSError):
            socket.create_connection(("127.0.0.1", site.port), 1).close()
            return
        assert site.process.poll() is None, site.log.read_text()
        time.sleep(0.1)
    raise AssertionError(f"the web server did not start: {site.log.read_text()}")


HEADERS = b"POST /health HTTP/1.1\r\nHost: 127.0.0.1\r\n"
BODY = HEADERS + b"Content-Type: text/plain\r\nContent-Length: 100000\r\n\r\n"
# What each connection sends at first, and then every second
ATTACKS = {
    "idle": (b"", b""),
    "headers": (HEADERS, b"X-Drip: 1\r\n"),
    "blank lines": (b"\r\n\r\n", b"\r\n\r\n"),
    "body": (BODY, b"x"),
    "chunks": (HEADERS + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
}


@dataclass
class Attack:
    """Connections held open; `closed` says how many the server has ended."""

    sockets: list[socket.socket]
    drip: bytes
    closed: int = 0

    def run(self, stopping: threading.Event) -> None:
        with selectors.DefaultSelector() as selector:
            for one in self.sockets:
                selector.register(one, selectors.EVENT_READ)
            while not stopping.wait(1.0):
                for key, _ in selector.select(0):
                    self._drop_if_closed(selector, key.fileobj)
                for key in list(selector.get_map().values()) if self.drip else ():
                    with suppress(OSError):
                        key.fileobj.send(self.drip)

    def _drop_if_closed(self, selector: selectors.BaseSelector, one: socket.socket) -> None:
        try:
            if one.recv(4096):
                return
        except BlockingIOError:
            return
        except OSError:
            pass
        selector.unregister(one)
        self.closed += 1


@contextmanager
def attacked(site: Served, kind: str, connections: int) -> Iterator[Attack]:
    """SITE while one client holds so many CONNECTIONS to it."""
    first, drip = ATTACKS[kind]
    stopping = threading.Event()
    with ExitStack() as stack:
        attack = Attack([], drip)
        for _ in range(connections):
            one = stack.enter_context(socket.socket())
            one.settimeout(5)
            with suppress(OSError):
                one.connect(("127.0.0.1", site.port))
                one.sendall(first)
                one.setblocking(False)
                attack.sockets.append(one)
        thread = threading.Thread(target=attack.run, args=(stopping,))
        thread.start()
        try:
            yield attack
        finally:
            stopping.set()
            thread.join()
