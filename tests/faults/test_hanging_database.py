"""Row 15: a PostgreSQL that takes connections and says nothing, found by pages.

PostgreSQL only: nothing stands between us and SQLite that could hang.
"""

import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode, urlsplit

import pytest

from portal.serving import THREADS
from tests.support.forms import filled
from tests.support.proxy import before
from tests.support.serving import served
from tests.web.candidates import FULL

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
GOAL_SECONDS = 5.0
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def stretch(database_url):
    with before(urlsplit(database_url).port) as stretch:
        yield stretch


@pytest.fixture
def site(link, database_url, stretch, tmp_path):
    """With a connection in every thread's hands, as a site has that has been busy."""
    there = urlsplit(database_url)
    url = database_url.replace(f":{there.port}/", f":{stretch.port}/")
    with served(tmp_path, DATABASE_URL=url) as site, ThreadPoolExecutor(THREADS) as crowd:
        assert {found.status for found in crowd.map(site.ask, [link] * THREADS * 3)} == {200}
        yield site


def test_nothing_typed_is_lost_and_all_is_well_afterwards(site, stretch, link):
    stretch.hang()
    refused = site.ask(link, "POST", body=urlencode(filled(link, FULL)), headers=FORM)
    assert refused.status == 503
    assert "They were kind on the phone." in refused.body.decode()
    assert 0 < int(refused.headers["retry-after"]) <= 60
    assert site.ask("/health").status == 503
    stretch.flow()
    time.sleep(1.1)
    assert site.ask("/health").status == 200
    assert site.ask(link, "POST", body=urlencode(filled(link, FULL)), headers=FORM).status == 303


@pytest.mark.storm
def test_a_page_costs_seconds_and_no_thread(site, stretch, link):
    stretch.hang()
    asked = ["/health", link, "/", "/e/acme/"] * THREADS
    with ThreadPoolExecutor(len(asked)) as crowd:
        found = list(crowd.map(site.ask, asked))
    assert {answer.status for answer in found} <= {503, 302}
    assert max(answer.seconds for answer in found) < GOAL_SECONDS * 3
    found = [site.ask(where) for where in ("/health", link, "/")]
    assert {answer.status for answer in found} == {503}
    assert max(answer.seconds for answer in found) < GOAL_SECONDS * 3
    stretch.flow()
    time.sleep(1.1)
    with ThreadPoolExecutor(THREADS) as crowd:
        found = list(crowd.map(site.ask, [link] * THREADS * 2))
    assert {answer.status for answer in found} == {200}
