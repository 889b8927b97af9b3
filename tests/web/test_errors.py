"""Error pages: plain words, every header, no stack, and no need of database or session."""

import logging

import psycopg
import pytest
import sqlalchemy as sa
from flask import abort
from flask_wtf.csrf import CSRFError

from portal.config import settings
from portal.extensions import db, limiter
from portal.models import Role
from portal.web import errors, policy
from portal.web.access import anyone
from tests.conftest import make_app
from tests.support.clients import FreshClient
from tests.support.pages import check_page

TYPED = "cam.secret@example.net"
HEADERS = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": policy.NOTHING,
    "Cache-Control": "no-store",
}


@pytest.fixture
def app(database_url):
    """Its requests share nothing, as those of different people do not; addresses can be added."""
    app = make_app(database_url)
    app.test_client_class = FreshClient
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def failing(app):
    """The application as in production, with addresses at which things go wrong."""

    def fail(code: int) -> None:
        if code == 500:
            raise ValueError(f"cannot read {TYPED}")
        if code == 599:
            raise CSRFError("The CSRF token is missing.")
        abort(code)

    def unreachable() -> None:
        raise sa.exc.OperationalError("SELECT", {"email": TYPED}, psycopg.OperationalError("gone"))

    def mistaken() -> None:
        db.session.execute(sa.text("SELECT nothing FROM nowhere"))

    app.config.update(PROPAGATE_EXCEPTIONS=False)
    rules = [("/fail/<int:code>", fail), ("/s/unreachable", unreachable), ("/mistaken", mistaken)]
    for rule, view in rules:
        app.add_url_rule(rule, view.__name__, anyone(view), methods=["GET", "POST"])
    return app.test_client()


def fetch(client, path, status, method="get"):
    """The page at PATH, which has STATUS, every header and nothing it should not show."""
    response = getattr(client, method)(path)
    assert response.status_code == status
    page = check_page(response)
    for name, value in HEADERS.items():
        assert response.headers[name] == value
    assert "Traceback" not in response.text
    assert TYPED not in response.text
    return page, response


def test_every_error_has_a_page_in_plain_words(failing):
    for code in (400, 401, 403, 404, 405, 409, 410, 413, 429, 500, 503, 599):
        page, response = fetch(failing, f"/fail/{code}", 400 if code == 599 else code, "get")
        expected = errors.CSRF if code == 599 else errors.PAGES.get(code, errors.OTHER)
        assert page.h1.text == str(expected.title)
        assert str(expected.next_step) in page.text
        assert page.title.text.startswith(str(expected.title))
        assert ("Retry-After" in response.headers) is (code == 429)


def test_an_unknown_address_is_a_404_with_a_way_on(failing):
    page, _ = fetch(failing, "/no/such/page", 404)
    assert page.find("a", href="/employers")
    page, _ = fetch(failing, "/s/", 404)
    assert not page.find("main").find("a"), "a candidate is not led away from the survey"


def test_a_wrong_method_says_what_is_allowed(failing):
    _, response = (
        fetch(failing, "/employers", 405, "post") if False else fetch(failing, "/sign-out", 405)
    )
    assert "POST" in response.headers["Allow"]


def test_an_error_of_ours_has_a_number_that_is_in_the_log(failing, caplog):
    object.__setattr__(settings(), "OPERATOR_EMAIL", "help@board.example")
    with caplog.at_level(logging.ERROR):
        page, _ = fetch(failing, "/fail/500?token=abc", 500)
    number = page.find("strong", class_="code").text
    [record] = caplog.records
    assert number in record.getMessage()
    assert "ValueError" in record.getMessage()
    assert "in fail" in record.getMessage(), "where it happened"
    assert "help@board.example" in page.text
    assert TYPED not in caplog.text, "an exception's message may quote what people typed"
    assert "token=abc" not in caplog.text


@pytest.mark.both
def test_an_unreachable_database_is_a_503(failing, caplog):
    page, response = fetch(failing, "/s/unreachable", 503)
    assert response.headers["Retry-After"] == "60"
    assert "was not saved" in page.text
    assert TYPED not in caplog.text


@pytest.mark.both
def test_a_mistake_in_our_own_statements_is_a_500(failing):
    fetch(failing, "/mistaken", 500)


@pytest.fixture
def without_database(tmp_path):
    """An installation whose database is away, asked by somebody who is signed in."""
    app = make_app(f"sqlite:///{tmp_path}/no/such/folder/x.sqlite")
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"], session["sign_in"] = "somebody", "secret"
    return client


def test_pages_without_a_database_say_so(without_database):
    for path in ("/", "/employers", "/employers/acme", "/e/acme/closure.csv"):
        page, _ = fetch(without_database, path, 503)
        assert page.h1.text == "We cannot reach our records just now"


def test_pages_that_need_no_database_work_without_it(without_database):
    assert without_database.get("/method").status_code == 200
    assert without_database.get("/robots.txt").status_code == 200
    health = without_database.get("/health")
    assert health.status_code == 503
    assert health.json == {"status": "degraded", "database": "unreachable", "mail": "unknown"}


def test_an_error_page_is_shown_even_when_templates_are_broken(failing, app, monkeypatch):
    def broken(*_args, **_facts):
        raise RuntimeError(TYPED)

    monkeypatch.setattr(errors, "render_template", broken)
    page, _ = fetch(failing, "/no/such/page", 404)
    assert page.h1.text == errors.PAGES[404].title


def test_an_error_on_a_members_page_leaves_the_session_alone(failing, make, browse):
    acme = make.employer()
    ada = browse(make.user("ada", acme, Role.OWNER)).client
    _, response = fetch(ada, "/e/acme/applications/999", 404)
    assert "Set-Cookie" not in response.headers
    assert ada.get("/e/acme/closure.csv").status_code == 200, "still signed in"


def test_too_many_tries_say_when_to_come_back(app):
    app.config["WTF_CSRF_ENABLED"] = False
    client = app.test_client()
    limiter.reset()
    for _ in range(10):
        client.post("/sign-in", data={})
    _, response = fetch(client, "/sign-in", 429, "post")
    assert 0 < int(response.headers["Retry-After"]) <= 60
    limiter.reset()


def test_too_large_a_form_is_refused(app):
    response = app.test_client().post("/sign-in", data={"email": "x" * 2_000_000})
    assert response.status_code == 413
    check_page(response)
