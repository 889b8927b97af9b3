"""Row 16: a disk that is full: nothing typed or acknowledged is lost, and it goes on afterwards."""

import json
import os
import sqlite3
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import urlencode

import pytest

from portal import schema
from tests.conftest import missing
from tests.faults.conftest import ask, read_stored
from tests.support.postgres import HOW_TO_INSTALL, find_initdb, postgres_server
from tests.support.serving import Served, served

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ROOM = schema.LEAST_FREE_BYTES + (8 << 20)
ROOM_OF_A_SERVER = 160 << 20
# Its own log has room; a small one is enough, and is there from the start.
SMALL = {"min_wal_size": "32MB", "max_wal_size": "48MB", "max_connections": "50", "fsync": "off"}


@contextmanager
def small_disk(place: Path, size: int) -> Iterator[Path]:
    """A disk of its own of SIZE bytes, at PLACE."""
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(place)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        missing("a small disk can be made by root only")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", str(place)], check=True)


def check_a_full_disk(site: Served, asked: dict[str, dict[str, str]], disk: Path) -> None:
    """Of two ASKED one answers before it is full, the other in vain until there is room."""
    (first, before), (second, later) = [(path, urlencode(asked[path])) for path in asked]
    assert site.ask("/health").status == 200
    assert site.ask(first, "POST", body=before, headers=FORM).status == 303
    filler = disk / "filler"
    with pytest.raises(OSError, match="No space"):
        _fill(filler)
    refused = site.ask(second, "POST", body=later, headers=FORM)
    assert refused.status == 503
    assert "They were kind on the phone." in refused.body.decode()
    assert "full" in _health_until(site, 503)
    filler.unlink()
    _health_until(site, 200)
    assert site.ask(second, "POST", body=later, headers=FORM).status == 303


def _health_until(site: Served, status: int) -> str:
    """What /health says of the database once its status is that: it looks every few seconds."""
    until = time.monotonic() + 3 * schema.TRIAL_EVERY
    while (found := site.ask("/health")).status != status:
        assert time.monotonic() < until, found.body
        time.sleep(0.5)
    return str(json.loads(found.body)["database"])


@pytest.mark.storm
def test_row_16_a_full_disk_under_sqlite_loses_nothing(tmp_path):
    with small_disk(tmp_path / "disk", ROOM) as disk:
        path = disk / "heardback.sqlite"
        asked = ask(f"sqlite:///{path}", 2)
        with served(disk, DATABASE_URL=f"sqlite:///{path}") as site:
            check_a_full_disk(site, asked, disk)
            assert site.stop() == 0
        with closing(sqlite3.connect(path)) as there:
            assert there.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert len(read_stored(f"sqlite:///{path}")) == 2


@pytest.mark.storm
def test_row_16_a_full_disk_under_postgresql_loses_nothing(tmp_path):
    """PostgreSQL says nothing of its disk: /health finds out by a write that is taken back."""
    if not find_initdb():
        missing(HOW_TO_INSTALL)
    with (
        tempfile.TemporaryDirectory(prefix="heardback-disk-") as folder,
        small_disk(Path(folder) / "disk", ROOM_OF_A_SERVER) as disk,
    ):
        Path(folder).chmod(0o755)
        with postgres_server(disk, SMALL) as server:
            url = f"{server.url}postgres"
            asked = ask(url, 2)
            with served(tmp_path, DATABASE_URL=url) as site:
                check_a_full_disk(site, asked, disk)
            assert len(read_stored(url)) == 2


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 65536)
