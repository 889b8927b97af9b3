"""A throw-away PostgreSQL server on 127.0.0.1, run by an unprivileged user."""

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

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


@contextmanager
def running_postgres() -> Iterator[str]:
    """The URL of a fresh server, without a database name; gone afterwards."""
    initdb = find_initdb()
    assert initdb, HOW_TO_INSTALL
    who = _as_unprivileged()
    folder = Path(tempfile.mkdtemp(prefix="heardback-pg-", dir="/tmp"))
    if who:
        os.chown(folder, who["user"], who["group"])
    data, port = folder / "data", free_port()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder, **who}
    subprocess.run(
        [initdb, "-D", data, "-U", "app", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"],
        check=True,
        **quiet,
    )
    # Durability is the product's business, not this throw-away server's; and a table that is
    # looked at while a test has emptied it is planned for as empty when the next has filled it.
    settings = {
        "listen_addresses": "127.0.0.1",
        "fsync": "off",
        "max_connections": "200",
        "autovacuum": "off",
    }
    options = " ".join(
        [f"-p {port} -k {folder}", *(f"-c {name}={value}" for name, value in settings.items())]
    )
    control = [initdb.with_name("pg_ctl"), "-D", data, "-w", "-t", "60"]
    subprocess.run([*control, "-o", options, "start"], check=True, **quiet)
    try:
        yield f"postgresql://app@127.0.0.1:{port}/"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], check=False, **quiet)
        shutil.rmtree(folder, ignore_errors=True)
