"""One application on a real database and a real SMTP server, for every test."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import psycopg
import pytest
from flask import Flask
from flask_migrate import upgrade

from portal import create_app
from portal.config import Config
from portal.extensions import db
from portal.models import Role
from tests.support.factory import PASSWORD, Make
from tests.support.pages import check_page
from tests.support.postgres import HOW_TO_INSTALL, find_initdb, running_postgres
from tests.support.smtp import Inbox, start_smtp


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="storms and long property runs too")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--long") or os.environ.get("CI"):
        return
    for item in items:
        if item.get_closest_marker("long"):
            item.add_marker(pytest.mark.skip(reason="long: run with --long"))


def missing(what: str) -> None:
    """Skip naming what to install; in CI a missing part is a failure."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    """The URL of a PostgreSQL server, to which a database name is added."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url.rsplit("/", 1)[0] + "/"
    elif find_initdb():
        with running_postgres() as url:
            yield url
    else:
        missing(HOW_TO_INSTALL)


def make_app(url: str, **options) -> Flask:
    values = {
        "SQLALCHEMY_DATABASE_URI": url.replace("postgresql://", "postgresql+psycopg://"),
        "TESTING": True,
        "MAIL_TIMEOUT": 3,
    } | options
    return create_app(Config(**values))


def _migrate(url: str) -> None:
    app = make_app(url)
    with app.app_context():
        upgrade()
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("template") / "template.sqlite"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgres_template(postgres: str) -> str:
    name = f"template_{uuid4().hex}"
    with psycopg.connect(postgres + "postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    _migrate(postgres + name)
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request, tmp_path) -> Iterator[str]:
    """A fresh, migrated, empty database of each kind."""
    if request.param == "sqlite":
        path = tmp_path / "heardback.sqlite"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite:///{path}"
        return
    server = request.getfixturevalue("postgres")
    template = request.getfixturevalue("postgres_template")
    name = f"test_{uuid4().hex}"
    with psycopg.connect(server + "postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield server + name
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def _smtp() -> Iterator[Inbox]:
    inbox, controller = start_smtp()
    yield inbox
    controller.stop()


@pytest.fixture
def smtp(_smtp: Inbox) -> Inbox:
    """The messages a real server on 127.0.0.1 has received in this test."""
    _smtp.forget()
    return _smtp


@pytest.fixture
def app(database_url: str, smtp: Inbox, tmp_path) -> Iterator[Flask]:
    app = make_app(
        database_url,
        MAIL_SERVER="127.0.0.1",
        MAIL_PORT=smtp.port,
        INSTANCE_PATH=tmp_path,
    )
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def make(app: Flask) -> Make:
    return Make()


@pytest.fixture
def cast(make: Make) -> SimpleNamespace:
    """Ada, Remy and Vera work for Acme, Olga owns Globex, Otto runs the site."""
    acme, globex = make.employer("acme"), make.employer("globex")
    return SimpleNamespace(
        acme=acme,
        globex=globex,
        ada=make.user("ada", acme, Role.OWNER),
        remy=make.user("remy", acme, Role.RECRUITER),
        vera=make.user("vera", acme, Role.VIEWER),
        olga=make.user("olga", globex, Role.OWNER),
        otto=make.user("otto"),
    )


class Browser:
    """A test client that signs in, keeps CSRF tokens, and checks every page it fetches."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()

    def get(self, path: str, status: int = 200):
        response = self.client.get(path)
        assert response.status_code == status, (path, response.status_code)
        return check_page(response)

    def post(self, path: str, data: dict | None = None, status: int = 200, token_from: str = ""):
        """POST as a person would: with the CSRF token of the page the form stands on."""
        form = dict(data or {})
        page = self.client.get(token_from or path).get_data(as_text=True)
        if 'name="csrf_token"' in page:
            form["csrf_token"] = (
                page.split('name="csrf_token"')[1].split('value="')[1].split('"')[0]
            )
        response = self.client.post(path, data=form)
        assert response.status_code == status, (path, response.status_code)
        if response.status_code // 100 == 3:
            return response
        return check_page(response)

    def sign_in(self, user) -> "Browser":
        response = self.post("/sign-in", {"email": user.email, "password": PASSWORD}, status=302)
        assert response.status_code == 302
        return self


@pytest.fixture
def browser(app: Flask) -> Browser:
    return Browser(app)


@pytest.fixture
def browse(app: Flask):
    """Browser for another person: browse(user)."""

    def start(user=None) -> Browser:
        person = Browser(app)
        return person.sign_in(user) if user else person

    return start
