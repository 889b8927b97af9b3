"""One application on a real database and a real SMTP server, for every test."""

import atexit
import contextvars
import gc
import hashlib
import logging
import os
import re
import shutil
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa
from flask import Flask, has_app_context
from flask.testing import FlaskClient
from flask_migrate import upgrade
from hypothesis import settings
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import event

from portal import create_app
from portal.config import ROOT, Config
from portal.extensions import db, limiter
from portal.models import Employer, Role
from tests.support.factory import PASSWORD, Make
from tests.support.postgres import HOW_TO_INSTALL, find_initdb, running_postgres
from tests.support.smtp import Inbox, start_smtp

# Else every process that a test starts, and every run, compiles all of portal and tests anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# How long an example takes says something of the machine, and of nothing else.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

# Some tests make an application of their own; none needs to compile the templates anew.
COMPILED = FileSystemBytecodeCache(mkdtemp(prefix="heardback-templates-"))
atexit.register(shutil.rmtree, COMPILED.directory, ignore_errors=True)
LARGE = (
    "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace "
    "AND pg_relation_size(oid) > 500000"
)
PAGES, FAULTS = Path(__file__).parent / "web", Path(__file__).parent / "faults"
SEEN_FIRST = ("test_candidate_browser", "test_survey_screen", "test_first_screen")
OPENED: list[sqlite3.Connection] = []
PERSONAL = re.compile(
    r"/(?:[sud]|d/confirm|status|password|address|invitation)/[a-z2-7]{26}"
    r"|cam\d+@example|They called me",
    re.IGNORECASE,
)


def pytest_addoption(parser):
    parser.addoption("--long", action="store_true", help="what is marked long or storm too")
    parser.addoption("--postgresql", action="store_true", help="on PostgreSQL too, not just SQLite")


def pytest_collection_modifyitems(config, items):
    items.sort(key=lambda item: item.get_closest_marker("heavy") is None)
    for item in items:
        values = item.callspec.params.values() if hasattr(item, "callspec") else ()
        named = {value for value in values if isinstance(value, str)}
        if "postgresql" in named or "postgres" in item.fixturenames:
            item.add_marker("postgresql")
    _mark_long(items)
    if config.getoption("--long"):
        return
    for item in items:
        if item.get_closest_marker("long") or item.get_closest_marker("storm"):
            item.add_marker(pytest.mark.skip(reason="long: run with --long"))


def _mark_long(items) -> None:
    """Faults are long, for processes start and are killed; so is what a browser shows, but for the
    pages that candidates and employers see first, one case (language, size, name) of each test."""
    cases = defaultdict(list)
    for item in items:
        if item.get_closest_marker("long") or item.get_closest_marker("storm"):
            continue
        in_browser = "chromium" in item.fixturenames
        if FAULTS in item.path.parents or (in_browser and item.path.stem not in SEEN_FIRST):
            item.add_marker("long")
        elif in_browser:
            cases[item.nodeid.partition("[")[0]].append(item)
    for same in cases.values():  # by name: the order is another in each run
        for item in sorted(same, key=lambda item: item.nodeid)[1:]:
            item.add_marker("long")


def pytest_collection_finish(session) -> None:
    """What is loaded now stays; to search it for garbage again and again is a sixth of a run."""
    if "hypothesis" not in sys.modules:  # its summary would load it, for nothing and a second
        session.config.pluginmanager.unregister(name="hypothesispytest")
    gc.collect()
    gc.freeze()
    gc.enable()
    gc.set_threshold(20_000, 20, 50)


def pytest_generate_tests(metafunc) -> None:
    """On both databases, but tests of pages on SQLite: no database decides which words and forms
    stand on one. Those about statements, locks and types are marked `both`."""
    test = metafunc.definition
    named = [mark.args[0] for mark in test.iter_markers("parametrize")]
    is_own = hasattr(metafunc.module, "database_url") or any("database_url" in one for one in named)
    if is_own or "database_url" not in metafunc.fixturenames:
        return
    is_page = PAGES in test.path.parents and not test.get_closest_marker("both")
    kinds = ["sqlite"] if is_page else ["sqlite", "postgresql"]
    metafunc.parametrize("database_url", kinds, indirect=True)


def missing(what: str) -> None:
    """Skip naming what to install; in CI a missing part is a failure."""
    if os.environ.get("CI"):
        pytest.fail(what)
    pytest.skip(what)


@pytest.fixture(scope="session")
def postgres(pytestconfig) -> Iterator[str]:
    """The URL of a PostgreSQL server, to which a database name is added."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url.rsplit("/", 1)[0] + "/"
    elif not pytestconfig.getoption("--postgresql"):
        pytest.skip("on PostgreSQL: run with --postgresql")
    elif find_initdb():
        with running_postgres() as url:
            yield url
    else:
        missing(HOW_TO_INSTALL)


class FreshClient(FlaskClient):
    """Requests as a server sees them: none of the test's own context, session or transaction."""

    def open(self, *args, **kwargs):
        if has_app_context():
            db.session.commit()  # or SQLite's write lock would still be the test's
        return contextvars.Context().run(super().open, *args, **kwargs)


@event.listens_for(sa.Engine, "connect")
def _note_opened(connection: Any, _record: object) -> None:
    """After the application's own settings: no test cuts the power, which alone needs FULL."""
    if isinstance(connection, sqlite3.Connection):
        connection.execute("PRAGMA synchronous=OFF")
        OPENED.append(connection)


def make_app(url: str, **options) -> Flask:
    values = {
        "SQLALCHEMY_DATABASE_URI": url.replace("postgresql://", "postgresql+psycopg://"),
        "TESTING": True,
        "MAIL_TIMEOUT": 3,
    } | options
    app = create_app(Config(**values))
    app.jinja_env.bytecode_cache = COMPILED
    app.test_client_class = FreshClient
    return app


def _migrate(url: str) -> None:
    app = make_app(url)
    with app.app_context():
        upgrade()
        db.session.remove()
        db.engine.dispose()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory, pytestconfig) -> Path:
    """An empty database, every migration applied; kept between runs until a migration changes."""
    path = tmp_path_factory.mktemp("template") / "template.sqlite"
    files = sorted((ROOT / "migrations").rglob("*.py"))
    state = hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()[:16]
    kept = pytestconfig.cache.mkdir("migrated") / f"{state}.sqlite"
    if not kept.exists():
        _migrate(f"sqlite:///{path}")
        shutil.copy(path, path.with_suffix(".copy"))
        shutil.move(path.with_suffix(".copy"), kept)
    return Path(shutil.copy(kept, path))


class EmptyAgain:
    """One migrated PostgreSQL database, emptied in milliseconds where a new one takes a second."""

    def __init__(self, server: str) -> None:
        self.url = f"{server}test_{uuid4().hex}"
        name = self.url.rpartition("/")[2]
        with psycopg.connect(server + "postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        _migrate(self.url)
        self._connection = psycopg.connect(self.url, autocommit=True)
        self._connection.execute("SET session_replication_role = replica")  # no key is in the way
        found = self._connection.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        self._tables = [name for (name,) in found if name != "alembic_version"]

    def empty(self) -> None:
        """No row, no other connection, ids from 1."""
        self._connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        self._connection.execute("; ".join(f'DELETE FROM "{name}"' for name in self._tables))
        for (name,) in self._connection.execute(LARGE).fetchall():
            self._connection.execute(f'VACUUM "{name}"')
        self._connection.execute(
            "SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, 1, false) "
            "FROM pg_sequences WHERE schemaname = 'public' AND last_value IS NOT NULL"
        )

    def close(self) -> None:
        self._connection.close()


@pytest.fixture(scope="session")
def postgres_database(postgres: str) -> Iterator[EmptyAgain]:
    database = EmptyAgain(postgres)
    yield database
    database.close()


@pytest.fixture
def database_url(request) -> str:
    """A fresh, migrated, empty database of each kind; always at the same address."""
    if request.param == "sqlite":
        template = request.getfixturevalue("sqlite_template")
        path = template.with_name("heardback.sqlite")
        # Whoever still has the last test's open would, on closing, remove this one's log.
        while OPENED:
            OPENED.pop().close()
        for old in template.parent.glob(f"{path.name}*"):
            old.unlink()
        shutil.copy(template, path)
        return f"sqlite:///{path}"
    database = request.getfixturevalue("postgres_database")
    database.empty()
    return str(database.url)


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


@pytest.fixture(autouse=True)
def _nothing_personal_in_the_log() -> Iterator[None]:
    """No token, address or comment may stand in any log line of any test."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(logging.Formatter().format(record))
    logging.getLogger().addHandler(handler)
    yield
    logging.getLogger().removeHandler(handler)
    assert [line for line in lines if PERSONAL.search(line)] == []


@pytest.fixture(scope="session")
def lent_app(_smtp: Inbox) -> Callable[[str], Flask]:
    """One application per database, for one test after the other: to make one, and to compile
    its SQL anew, would take a fifth of a run."""

    @cache
    def lend(url: str) -> Flask:
        return make_app(url, MAIL_SERVER="127.0.0.1", MAIL_PORT=_smtp.port)

    return lend


def count_listeners() -> int:
    """Of the engine, to what tests listen to."""
    of_pool, of_engine = db.engine.pool.dispatch, db.engine.dispatch
    return len(list(of_pool.connect)) + len(list(of_engine.before_cursor_execute))


@pytest.fixture
def app(database_url: str, smtp: Inbox, tmp_path, lent_app) -> Iterator[Flask]:
    """An application whose settings, database, mailbox and folder are this test's own."""
    app = lent_app(database_url)
    config, client = dict(app.config), app.test_client_class
    app.config["HEARDBACK"] = replace(app.config["HEARDBACK"], INSTANCE_PATH=tmp_path)
    limiter.reset()
    with app.app_context():
        listening = count_listeners()
        yield app
        left = count_listeners() - listening
        db.session.remove()
        db.engine.dispose()
    app.config.clear()
    app.config.update(config)
    app.test_client_class = client
    assert not left, "a test left a listener on the engine"


@pytest.fixture
def make(app: Flask) -> Make:
    return Make()


@pytest.fixture
def acme(make: Make) -> Employer:
    return make.employer("acme")


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


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """A real browser; its contexts are each test's own."""
    from playwright.sync_api import sync_playwright  # for whoever needs it: it takes its time

    path = shutil.which("chromium")
    if not path:
        missing("chromium not found: install Debian's package chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


class Browser:
    """A test client that signs in, keeps CSRF tokens, and checks every page it fetches."""

    def __init__(self, app: Flask) -> None:
        self.client = app.test_client()

    def get(self, path: str, status: int = 200):
        response = self.client.get(path)
        assert response.status_code == status, (path, response.status_code)
        return self._check(response)

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
        return self._check(response)

    @staticmethod
    def _check(response):
        from tests.support.pages import check_page  # two HTML parsers, for whoever fetches a page

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
