"""Row 45 of the faults: who guesses passwords is stopped, and the owner of the account is not."""

import re
from http.client import HTTPConnection, HTTPResponse
from types import SimpleNamespace
from urllib.parse import urlencode, urlsplit

import pytest
import sqlalchemy as sa

from portal import accounts
from portal.extensions import db
from portal.models import AuditEvent
from portal.web.sign_in import LIMIT_OF_STRANGERS
from tests.support.factory import PASSWORD

MOST = int(LIMIT_OF_STRANGERS.split()[0])


@pytest.fixture
def remy(cast) -> SimpleNamespace:
    """Remy, looked at once: a test that reads on would keep SQLite's lock from the site."""
    found = SimpleNamespace(id=cast.remy.id, email=cast.remy.email)
    db.session.rollback()
    return found


class Guesser:
    """A program with cookies, that comes from whichever address of this computer it likes."""

    def __init__(self, site: str) -> None:
        self.site = urlsplit(site)
        self.cookies: dict[str, str] = {}
        self.address = "127.0.0.1"
        page = self._send("GET", "", {})[1]
        self.token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]

    def _send(self, method: str, body: str, headers: dict) -> tuple[HTTPResponse, str]:
        source = (self.address, 0)
        line = HTTPConnection(self.site.hostname, self.site.port, 60, source)
        cookies = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        line.request(method, "/sign-in", body, {"Cookie": cookies} | headers)
        answer = line.getresponse()
        text = answer.read().decode()
        line.close()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _, rest = cookie.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        return answer, text

    def try_in(self, email: str, password: str, **headers: str) -> HTTPResponse:
        """Sign in, from no earlier session: what the answer says."""
        form = {"email": email, "password": password, "csrf_token": self.token}
        kind = {"Content-Type": "application/x-www-form-urlencoded"}
        return self._send("POST", urlencode(form), kind | headers)[0]


def from_many(site: str, email: str, count: int, addresses: int) -> list[HTTPResponse]:
    """COUNT guesses at EMAIL, in turn from so many ADDRESSES."""
    guesser, answers = Guesser(site), []
    for number in range(count):
        guesser.address = f"127.0.1.{1 + number % addresses}"
        answers.append(guesser.try_in(email, f"guess number {number}"))
    return answers


def sign_in(site: str, email: str, password: str = PASSWORD, address: str = "127.0.2.1") -> int:
    """The status that somebody in a new browser at ADDRESS gets."""
    browser = Guesser(site)
    browser.address = address
    return browser.try_in(email, password).status


def log(action: str) -> list[AuditEvent]:
    db.session.rollback()
    query = sa.select(AuditEvent).where(AuditEvent.action == action).order_by(AuditEvent.id)
    return list(db.session.scalars(query))


COUNTS = [200, pytest.param(10_000, marks=pytest.mark.storm)]


@pytest.mark.parametrize("count", COUNTS)
def test_45_one_guesser_is_stopped_whatever_addresses_it_claims(remy, site, count):
    email, guesser = remy.email, Guesser(site)
    answers = [
        guesser.try_in(email, f"guess number {number}", **{"X-Forwarded-For": f"10.9.8.{number}"})
        for number in range(count)
    ]
    refused = [answer for answer in answers if answer.status == 429]
    assert all(answer.status in (200, 429) for answer in answers)
    assert len(answers) - len(refused) <= 30, "that many in an hour"
    waits = [int(answer.headers["Retry-After"]) for answer in refused]
    assert min(waits) >= 0, "none for the last part of a second"
    assert max(waits) > 30
    assert sign_in(site, email) == 302, "the owner, in a new browser elsewhere"


@pytest.mark.parametrize("count", COUNTS)
def test_45_many_addresses_are_stopped_and_the_owner_at_his_browser_is_not(remy, site, count):
    email = remy.email
    owner = Guesser(site)
    assert owner.try_in(email, PASSWORD).status == 302
    owner.cookies.pop("session")
    owner.token = Guesser(site).token
    answers = from_many(site, email, count, addresses=100)
    let_through = [answer for answer in answers if answer.status != 429]
    assert len(let_through) == MOST - 1, "the owner's first sign-in was a stranger's, too"
    waits = [int(answer.headers["Retry-After"]) for answer in answers if answer.status == 429]
    assert 60 < max(waits) <= 3600, "the account's hour, where it is not the address's minute"
    assert sign_in(site, email) == 429, "the right password tells a stranger nothing"
    session = Guesser(site)
    owner.cookies["session"], owner.token = session.cookies["session"], session.token
    assert owner.try_in(email, PASSWORD).status == 302
    assert sign_in(site, "ada@example.com") == 302, "another account"


def test_45_accounts_that_do_not_exist_are_refused_alike(remy, site):
    for email in ("nobody@example.com", remy.email):
        codes = [answer.status for answer in from_many(site, email, MOST + 5, addresses=20)]
        assert codes == [200] * MOST + [429] * 5, email


def test_45_another_spelling_is_the_same_account(remy, site):
    guesser = Guesser(site)
    spellings = (
        remy.email,
        remy.email.upper(),
        f"  {remy.email}\t",
        "remy@ｅxample.com",
    )
    codes = []
    for number in range(MOST + 5):
        guesser.address = f"127.0.1.{1 + number % 20}"
        codes.append(guesser.try_in(spellings[number % 4], "guess").status)
    assert codes[MOST:] == [429] * 5


def test_45_a_stolen_browser_cookie_helps_no_guesser(remy, site):
    thief = Guesser(site)
    assert thief.try_in(remy.email, PASSWORD).status == 302
    anonymous = Guesser(site)
    thief.cookies["session"], thief.token = anonymous.cookies["session"], anonymous.token
    codes = []
    for number in range(40):
        thief.address = f"127.0.1.{1 + number}"
        codes.append(thief.try_in(remy.email, "guess").status)
    assert codes.count(200) <= 30
    assert codes[-1] == 429


@pytest.mark.parametrize("password", ["🦆" * 64, "p" * 64, "Zoë’s naïve café №1", "a\0b\0c\0d\0e"])
def test_45_long_and_strange_passwords_are_accepted(remy, site, password):
    accounts.set_password(accounts.find_user(remy.email), password)
    db.session.commit()
    assert sign_in(site, remy.email, password) == 302


def test_45_guessing_leaves_few_rows_and_no_address_in_the_log(remy, site):
    from_many(site, remy.email, MOST + 10, addresses=20)
    from_many(site, "typed@example.net", 20, addresses=20)
    failed, limited = log("sign_in.failed"), log("sign_in.limited")
    assert [(row.about_id, row.detail) for row in failed] == [
        (remy.id, {"count": MOST}),
        (None, {"count": 20}),
    ]
    assert [(row.about_id, row.detail) for row in limited] == [(remy.id, {"limit": "of strangers"})]
    everything = db.session.execute(sa.select(AuditEvent.__table__)).all()
    assert not re.search(r"127\.|@|typed", str(everything))
