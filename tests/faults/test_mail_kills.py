"""Workers killed with signal 9 at any moment, and several at once: no mail twice, none lost."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine

from portal import outbox
from portal.extensions import db
from portal.mail_kinds import KINDS
from portal.models import Email, EmailState, utcnow
from portal.outbox.claims import LEASE
from tests.mail.conftest import configure, go, states

ROOT = Path(__file__).parents[2]


class Nursery:
    """Starts worker processes, and knows which are alive."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.mail.worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        assert self.process.stdout.readline() == "ready\n"
        self.alive: list[int] = []

    def start(self, url: str, port: int) -> int:
        print(url, port, file=self.process.stdin, flush=True)
        pid = int(self.process.stdout.readline())
        self.alive.append(pid)
        return pid

    def kill(self, pid: int) -> None:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)

    def count(self) -> int:
        self.alive = [pid for pid in self.alive if _is_alive(pid)]
        return len(self.alive)

    def wait(self, seconds: float = 60) -> None:
        ends_at = time.monotonic() + seconds
        while self.count():
            assert time.monotonic() < ends_at, "workers hang"
            time.sleep(0.02)

    def close(self) -> None:
        for pid in self.alive:
            self.kill(pid)
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(10)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


@pytest.fixture(scope="module")
def _nursery() -> Iterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest.fixture
def nursery(_nursery: Nursery) -> Iterator[Nursery]:
    yield _nursery
    for pid in _nursery.alive:
        _nursery.kill(pid)
    _nursery.wait()


def let_the_leases_run_out(port: int) -> None:
    """Two minutes later: the sweeper passes, and another worker takes what is free."""
    with time_machine.travel(utcnow() + LEASE + timedelta(seconds=1)):
        outbox.sweep(KINDS, utcnow())
        outbox.deliver_due(go)


@pytest.mark.parametrize(
    ("step", "state", "received"),
    [
        ("connect", EmailState.SENT, 1),
        ("MAIL", EmailState.SENT, 1),
        ("RCPT", EmailState.SENT, 1),
        ("DATA", EmailState.UNKNOWN, 0),
        ("final", EmailState.UNKNOWN, 1),  # it has been stored, and nobody heard so
    ],
)
def test_a_worker_killed_at_a_known_moment(
    app, database_url, owe, relay, nursery, step, state, received
):
    owe.email()
    killed = []

    def kill(line: str) -> None:
        if not killed:
            killed.append(nursery.alive[0])
            nursery.kill(nursery.alive[0])
            while _is_alive(killed[0]):
                time.sleep(0.005)

    relay.answers[step] = kill
    nursery.start(database_url, relay.port)
    nursery.wait()
    assert killed
    assert states() == {"sending" if state is EmailState.UNKNOWN else "queued": 1}
    let_the_leases_run_out(relay.port)
    assert states() == {state.value: 1}
    assert len(relay.messages) == received
    assert not outbox.deliver_next(go), "and never again by itself"


def storm(app, url, owe, relay, nursery, *, rows: int, workers: int, kills: int) -> Counter[str]:
    """ROWS sent by WORKERS, KILLS of which die at random moments; what the relay received."""
    configure(app, SURVEYS_PER_HOUR=1_000_000)
    owe.emails(rows)
    db.session.remove()
    dice = random.Random()
    relay.answers["final"] = lambda line: time.sleep(dice.uniform(0, 0.03))
    for _ in range(workers):
        nursery.start(url, relay.port)
    seen = 0
    while kills and nursery.count() and len(relay.messages) < rows:
        if len(relay.messages) < seen + 3:  # let them get to work between two kills
            time.sleep(0.002)
            continue
        seen = len(relay.messages)
        time.sleep(dice.uniform(0, 0.05))
        nursery.kill(dice.choice(nursery.alive))
        kills -= 1
        nursery.start(url, relay.port)
    nursery.wait(300)
    let_the_leases_run_out(relay.port)
    return Counter(relay.recipients)


def check(received: Counter[str], rows: int) -> int:
    """No mail is lost and none was sent twice; returns how many are unknown."""
    db.session.rollback()
    found = dict(db.session.execute(sa.select(Email.to_address, Email.state)).all())
    db.session.rollback()
    assert len(found) == rows
    assert set(found.values()) <= {EmailState.SENT, EmailState.UNKNOWN}
    sent = {address for address, state in found.items() if state is EmailState.SENT}
    unknown = found.keys() - sent
    assert max(received.values()) == 1, "nobody gets two"
    assert sent <= received.keys(), "sent means received"
    assert received.keys() | unknown == found.keys(), "nobody is lost"
    return len(unknown)


def test_workers_killed_at_random_send_nothing_twice_and_lose_nothing(
    app, database_url, owe, relay, nursery
):
    received = storm(app, database_url, owe, relay, nursery, rows=50, workers=3, kills=5)
    assert check(received, 50) <= 5 + 3


def test_four_workers_send_each_row_once(app, database_url, owe, relay, nursery):
    received = storm(app, database_url, owe, relay, nursery, rows=80, workers=4, kills=0)
    assert check(received, 80) == 0
    assert relay.said["RCPT"] == 80, "no row is claimed twice"


@pytest.mark.storm
@pytest.mark.parametrize("_round", range(3))
def test_20_kills_among_4_workers(app, database_url, owe, relay, nursery, _round):
    received = storm(app, database_url, owe, relay, nursery, rows=200, workers=4, kills=20)
    unknown = check(received, 200)
    print(f"{database_url[:6]}: 200 rows, 20 kills, {len(received)} received, {unknown} unknown")


@pytest.mark.storm
@pytest.mark.parametrize("kills", [0, 20])
def test_4_workers_and_500_rows(app, database_url, owe, relay, nursery, kills):
    received = storm(app, database_url, owe, relay, nursery, rows=500, workers=4, kills=kills)
    unknown = check(received, 500)
    if not kills:
        assert unknown == 0
        assert relay.said["RCPT"] == 500
    print(
        f"{database_url[:6]}: 500 rows, {kills} kills, {len(received)} received, {unknown} unknown"
    )
