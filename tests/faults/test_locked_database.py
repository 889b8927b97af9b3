"""Row 17: somebody else keeps what a candidate's answer needs; it waits, and then nothing is lost.

On SQLite the lock of the whole file, on PostgreSQL that of a table, for which a page waits 4
seconds where SQLite has 10.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from urllib.parse import urlencode

import psycopg
import pytest

from portal.extensions import BUSY_TIMEOUT_MS
from portal.postgres import PAGE_WAIT_SECONDS
from tests.support.forms import filled
from tests.support.serving import served
from tests.web.candidates import FULL

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PATIENCE = {"sqlite": BUSY_TIMEOUT_MS / 1000, "postgresql": PAGE_WAIT_SECONDS}
pytestmark = pytest.mark.storm


@contextmanager
def locked(url: str) -> Iterator[threading.Event]:
    """Keep the lock until the event is set, at most until the end."""
    is_free = threading.Event()
    taken = threading.Event()

    def keep() -> None:
        if url.startswith("sqlite"):
            path = url.removeprefix("sqlite:///")
            with closing(sqlite3.connect(path, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                taken.set()
                is_free.wait()
            return
        with psycopg.connect(url) as other:
            other.execute("LOCK TABLE sealed_answer IN EXCLUSIVE MODE")
            taken.set()
            is_free.wait()
            other.rollback()

    thread = threading.Thread(target=keep)
    thread.start()
    assert taken.wait(30)
    try:
        yield is_free
    finally:
        is_free.set()
        thread.join()


@pytest.fixture
def patience(database_url) -> float:
    """Seconds that a page waits."""
    return PATIENCE[database_url.partition(":")[0]]


@pytest.fixture
def site(link, database_url, tmp_path):
    with served(tmp_path, DATABASE_URL=database_url) as running:
        assert running.ask(link).status == 200
        yield running


def test_row_17_an_answer_waits_for_a_lock_that_comes_free(site, link, database_url, patience):
    body = urlencode(filled(link, FULL))
    with locked(database_url) as is_free, ThreadPoolExecutor(1) as candidate:
        sent = candidate.submit(site.ask, link, "POST", body=body, headers=FORM)
        time.sleep(patience / 3)
        assert not sent.done()
        assert site.ask(link).status == 200, "who only reads does not wait"
        is_free.set()
        assert sent.result().status == 303


def test_row_17_and_comes_back_as_typed_from_one_that_does_not(site, link, database_url, patience):
    body = urlencode(filled(link, FULL))
    with locked(database_url):
        refused = site.ask(link, "POST", body=body, headers=FORM, timeout=90)
    print(f"{database_url[:6]}: 503 after {refused.seconds:.1f} s")
    assert refused.status == 503
    assert patience / 2 < refused.seconds < patience * 3
    assert "They were kind on the phone." in refused.body.decode()
    time.sleep(1.1)  # for a second after a wait in vain nobody else is let wait
    assert site.ask(link, "POST", body=body, headers=FORM).status == 303
