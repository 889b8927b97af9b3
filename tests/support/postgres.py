"""Throw-away PostgreSQL servers on 127.0.0.1, run by an unprivileged user."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

HOW_TO_INSTALL = (
    "PostgreSQL not found: install Debian's package postgresql, or set TEST_DATABASE_URL"
)


def find_initdb() -> Path | None:
    found = shutil.which("initdb")
    places = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return Path(found).resolve() if found else (places[-1] if places else None)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def _as_unprivileged() -> dict[str, object]:
    """PostgreSQL refuses to run as root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            person = pwd.getpwnam(name)
        except KeyError:
            continue
        return {"user": person.pw_uid, "group": person.pw_gid, "extra_groups": []}
    raise RuntimeError("no unprivileged user to run PostgreSQL as")


# Durability is the product's business, not a throw-away server's; and a table that is looked at
# while a test has emptied it is planned for as empty when the next has filled it.
QUICK = dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), "off") | {
    "autovacuum": "off",
    "jit": "off",
    "max_connections": "200",
    "max_wal_senders": "0",
    "wal_level": "minimal",
}


class Server:
    """A server in FOLDER, which can be killed and started again."""

    def __init__(self, folder: Path, settings: Mapping[str, str]) -> None:
        initdb = find_initdb()
        assert initdb, HOW_TO_INSTALL
        who = _as_unprivileged()
        if who:
            os.chown(folder, who["user"], who["group"])
        self._quiet: dict[str, Any] = {
            "stdout": subprocess.DEVNULL,
            "stderr": subprocess.DEVNULL,
            "cwd": folder,
            **who,
        }
        self._data, port = folder / "data", free_port()
        create = [initdb, "-D", self._data, "-U", "app", "-A", "trust", "-E", "UTF8"]
        subprocess.run([*create, "--locale=C", "-N"], check=True, **self._quiet)
        named = {"listen_addresses": "127.0.0.1"} | dict(settings)
        self._options = " ".join(
            [f"-p {port} -k {folder}", *(f"-c {name}={value}" for name, value in named.items())]
        )
        self._control = [initdb.with_name("pg_ctl"), "-D", self._data, "-w", "-t", "60"]
        self.url = f"postgresql://app@127.0.0.1:{port}/"

    def start(self) -> None:
        subprocess.run([*self._control, "-o", self._options, "start"], check=True, **self._quiet)

    def stop(self) -> None:
        command = [*self._control, "-m", "immediate", "stop"]
        subprocess.run(command, check=False, **self._quiet)

    def kill(self) -> None:
        """By signal 9, with every process it has started."""
        first = int((self._data / "postmaster.pid").read_text().split()[0])
        for pid in (first, *_children(first)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(one) for one in found.split()]


@contextmanager
def postgres_server(
    place: Path | None = None, settings: Mapping[str, str] = QUICK
) -> Iterator[Server]:
    """A fresh server that runs in PLACE (default: a folder that is gone afterwards)."""
    folder = place or Path(tempfile.mkdtemp(prefix="heardback-pg-", dir="/tmp"))
    server = Server(folder, settings)
    server.start()
    try:
        yield server
    finally:
        server.stop()
        if not place:
            shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def running_postgres() -> Iterator[str]:
    """The URL of a fresh server, without a database name; gone afterwards."""
    with postgres_server() as server:
        yield server.url
