"""Row 14: the database dies under candidates who answer; what was acknowledged is there afterwards.

SQLite lives in the web process, so that is what is killed there.
"""

import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest

from tests.conftest import missing
from tests.faults.conftest import ask, read_stored
from tests.support.forms import filled
from tests.support.postgres import HOW_TO_INSTALL, Server, find_initdb, free_port, postgres_server
from tests.support.proxy import before
from tests.support.serving import Served, served
from tests.web.candidates import FULL

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TYPED = "They were kind on the phone."
PEOPLE = 60
SAFE = {"max_connections": "100"}  # with fsync, as it comes


@contextmanager
def own_server() -> Iterator[Server]:
    if not find_initdb():
        missing(HOW_TO_INSTALL)
    with postgres_server(settings=SAFE) as server:
        yield server


class Crowd:
    """Candidates who answer one after the other, and try again until they are thanked."""

    def __init__(self, site: Served) -> None:
        self.site = site
        self.thanked: list[str] = []
        self.refused = self.lost = 0

    def answer(self, path: str, form: dict[str, str]) -> None:
        body = urlencode(form | {"comment": f"{TYPED} {path}"})
        for _ in range(200):
            try:
                found = self.site.ask(path, "POST", body=body, headers=FORM)
            except OSError:
                self.lost += 1  # there was no server at all
            else:
                if found.status == 303:
                    self.thanked.append(path)
                    return
                assert found.status == 503, found.status
                assert TYPED in found.body.decode(), "what was typed came back"
                self.refused += 1
            time.sleep(random.uniform(1.5, 2.5))  # a link takes 30 tries a minute
        raise AssertionError("never thanked")


@contextmanager
def killable(
    kind: str, folder: Path
) -> Iterator[tuple[str, dict[str, dict[str, str]], Served, Callable]]:
    """The URL of a database, its links and forms, its site, what kills it and starts it again."""
    with ExitStack() as stack:
        if kind == "postgresql":
            server = stack.enter_context(own_server())
            url = f"{server.url}postgres"
        else:
            url = f"sqlite:///{folder / 'killed.sqlite'}"
        links, port = ask(url, PEOPLE), free_port()
        site = stack.enter_context(served(folder, port=port, DATABASE_URL=url))

        def strike() -> None:
            if kind == "postgresql":
                server.kill()
                time.sleep(3)
                server.start()
            else:
                site.process.kill()
                site.process.wait()
                time.sleep(1)
                stack.enter_context(served(folder, port=port, DATABASE_URL=url))

        yield url, links, site, strike


@pytest.mark.storm
@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_row_14_what_was_acknowledged_outlives_a_kill(kind, tmp_path):
    with killable(kind, tmp_path) as (url, links, site, strike):
        crowd = Crowd(site)
        with ThreadPoolExecutor(8) as threads:
            answering: list[Future] = [threads.submit(crowd.answer, *one) for one in links.items()]
            while len(crowd.thanked) < 10:
                time.sleep(0.005)
            before_kill = len(crowd.thanked)
            strike()
            for one in answering:
                one.result()
        assert crowd.refused + crowd.lost > 0, "somebody was in the middle of it"
        print(f"{kind}: {before_kill} before the kill, {crowd.refused} 503, {crowd.lost} lost")
        assert sorted(read_stored(url)) == sorted(f"{TYPED} {path}" for path in links)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_row_14_a_connection_cut_in_mid_request_loses_nothing_typed(link, database_url, tmp_path):
    """PostgreSQL only: to SQLite there is no connection that could be cut."""
    port = urlsplit(database_url).port
    body = urlencode(filled(link, FULL))
    with before(port) as stretch, ThreadPoolExecutor(1) as candidate:
        url = database_url.replace(f":{port}/", f":{stretch.port}/")
        with served(tmp_path, DATABASE_URL=url) as site:
            assert site.ask(link).status == 200
            stretch.hang()
            sent = candidate.submit(site.ask, link, "POST", body=body, headers=FORM)
            time.sleep(0.5)
            assert not sent.done(), "it was under way"
            stretch.cut()
            refused = sent.result()
            assert (refused.status, TYPED in refused.body.decode()) == (503, True)
            stretch.flow()
            time.sleep(1.1)
            assert site.ask(link, "POST", body=body, headers=FORM).status == 303
