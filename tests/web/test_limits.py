"""What is limited, for whom it is counted, and that those who are not meant are let through."""

import logging
import sys
import time

import pytest
import time_machine

from portal.extensions import limiter
from portal.models import utcnow
from portal.web import limits
from tests.support.postgres import free_port
from tests.support.serving import served
from tests.web.candidates import LEAST, Visitor, invited
from tests.web.staff import Person

PROXY = {"X-Forwarded-For": "203.0.113.7"}


@pytest.fixture
def cam(app) -> Visitor:
    return Visitor(app)


@pytest.fixture
def _in_one_second():
    with time_machine.travel(utcnow(), tick=False):
        yield


@pytest.mark.usefixtures("_in_one_second")
def test_links_that_are_not_ours_are_limited_and_good_ones_never(make, acme, cam):
    _, token = invited(make, acme)
    for _ in range(60):
        assert cam.send("HEAD", "/s/guess").status_code == 404
    for path in ("/s/guess", "/u/guess", "/d/guess", "/s/", "/s/a/b/c"):
        refused = cam.send("GET", path)
        assert refused.status_code == 429, path
        assert int(refused.headers["Retry-After"]) > 0
    for _ in range(70):
        assert cam.send("HEAD", f"/s/{token}").status_code == 200
    assert cam.post(f"/s/{token}", LEAST)


@pytest.mark.long
@pytest.mark.usefixtures("_in_one_second")
def test_a_job_fair_answers_from_one_address(make, acme, cam):
    links = [invited(make, acme)[1] for _ in range(130)]
    assert [cam.send("POST", f"/s/{link}", data=LEAST).status_code for link in links] == [303] * 130
    for _ in range(30):
        last = cam.send("POST", f"/s/{links[0]}", data=LEAST)
    assert last.status_code == 429, "one link is limited all the same"


@pytest.mark.usefixtures("_in_one_second")
def test_who_may_choose_addresses_is_one_caller(cam):
    for host in range(60):
        there = {"REMOTE_ADDR": f"2001:db8:1:2::{host:x}"}
        assert cam.send("HEAD", "/s/guess", environ_overrides=there).status_code == 404
    for address, code in (("2001:db8:1:2:ffff::9", 429), ("2001:db8:1:3::1", 404)):
        there = {"REMOTE_ADDR": address}
        assert cam.send("GET", "/s/guess", environ_overrides=there).status_code == code


def test_nothing_that_is_kept_names_address_or_link(make, acme, cam):
    _, token = invited(make, acme)
    cam.send("POST", f"/s/{token}", data=LEAST)
    cam.send("GET", "/s/guess", environ_overrides={"REMOTE_ADDR": "198.51.100.23"})
    kept = set(limiter.storage.storage)
    assert len(kept) >= 2
    assert not any(word in key for key in kept for word in (token, "198.51.100.23", "127.0.0.1"))
    with time_machine.travel(time.time() + 24 * 3600):
        cam.send("GET", "/s/guess", environ_overrides={"REMOTE_ADDR": "198.51.100.23"})
    assert set(limiter.storage.storage) - kept, "under another key the next day"


def test_a_proxy_that_is_not_believed_is_said_once_and_to_the_operator(cast, app, cam, caplog):
    app.extensions.pop(limits.UNBELIEVED, None)  # the application is other tests' as well
    otto = Person(app).sign_in(cast.otto)
    from_afar = {"REMOTE_ADDR": "9.9.9.9"}
    cam.send("GET", "/s/guess", headers=PROXY, environ_overrides=from_afar)
    assert "TRUSTED_PROXIES" not in otto.get("/operator").text, "anybody can send such a header"
    with caplog.at_level(logging.WARNING, "portal"):
        for _ in range(3):
            cam.send("GET", "/s/guess", headers=PROXY)
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "TRUSTED_PROXIES is 0" in caplog.text
    assert "203.0.113.7" not in caplog.text
    assert "TRUSTED_PROXIES is 0" in otto.get("/operator").text


@pytest.mark.long
def test_processes_that_would_count_apart_say_so(database_url, tmp_path):
    port = free_port()
    two = [
        *(sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{port}"),
        *("--workers", "2", "--log-level", "error"),
    ]
    warning = "each counts limits apart"
    with served(tmp_path, two, port, DATABASE_URL=database_url) as site:
        _wait_for(lambda: warning in site.log.read_text())
        assert site.stop() == 0
    with served(tmp_path, DATABASE_URL=database_url) as site:
        assert site.ask("/health").status == 200
        assert warning not in site.log.read_text(), "as `flask serve` starts it there is one"


def _wait_for(found) -> None:
    until = time.monotonic() + 20
    while not found():
        assert time.monotonic() < until
        time.sleep(0.1)
