"""Row 16: a disk that is full: nothing typed or acknowledged is lost, and it goes on afterwards."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import pytest

from portal import schema
from tests.conftest import missing
from tests.support.serving import served
from tests.web.candidates import FULL

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
ROOM = schema.LEAST_FREE_BYTES + (8 << 20)


@pytest.fixture
def disk(tmp_path):
    """A small disk of its own."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={ROOM}", "tmpfs", str(place)]
    if os.geteuid() or subprocess.run(mount, capture_output=True, check=False).returncode:
        missing("a small disk can be made by root only")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)


@pytest.mark.long
def test_a_full_disk_loses_nothing_and_health_says_so(link, database_url, disk):
    path = disk / "heardback.sqlite"
    shutil.copy(database_url.removeprefix("sqlite:///"), path)
    with served(disk, DATABASE_URL=f"sqlite:///{path}") as site:
        assert site.ask("/health").status == 200
        filler = disk / "filler"
        with pytest.raises(OSError, match="No space"):
            _fill(filler)
        health = site.ask("/health")
        assert (health.status, b'"full"' in health.body) == (503, True)
        refused = site.ask(link, "POST", body=urlencode(FULL), headers=FORM)
        assert refused.status == 503
        assert "They were kind on the phone." in refused.body.decode()
        filler.unlink()
        assert site.ask("/health").status == 200
        assert site.ask(link, "POST", body=urlencode(FULL), headers=FORM).status == 303
        assert site.stop() == 0
    with closing(sqlite3.connect(path)) as there:
        assert there.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert there.execute("SELECT count(*) FROM sealed_answer").fetchone() == (1,)


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 65536)
