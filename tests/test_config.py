"""Settings: read, refused, and what production will not start without."""

import os
import shutil
import subprocess
import sys

import pytest

from portal import jobs
from portal.config import DEVELOPMENT_KEY, ROOT, Config, ConfigError, is_loopback
from portal.extensions import db
from tests.conftest import make_app
from tests.support.answers import store_answers
from tests.support.factory import PASSWORD, Make

KEY, SHORT, REPEATING = "the key of every test in here 01", "short", "abc" * 20
GOOD = {
    "SECRET_KEY": KEY,
    "BASE_URL": "https://hearback.example.org",
    "MAIL_SERVER": "relay.example.org",
    "DATABASE_URL": "sqlite:////tmp/nowhere.sqlite",
}
OTHER_KEY = "another key, for whoever has lost the first"


def read(monkeypatch, **values) -> Config:
    for name in list(os.environ):
        if name in Config.__dataclass_fields__ or name in ("DATABASE_URL", "FLASK_DEBUG"):
            monkeypatch.delenv(name)
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return Config.from_env()


def test_production_starts_with_what_it_needs(monkeypatch):
    config = read(monkeypatch, **GOOD)
    assert config.is_production
    assert config.sender_address == "hello@hearback.example.org"
    assert config.bounce_domain == "hearback.example.org"


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"SECRET_KEY": DEVELOPMENT_KEY}, "SECRET_KEY"),
        ({"SECRET_KEY": SHORT}, "SECRET_KEY"),
        ({"SECRET_KEY": REPEATING}, "SECRET_KEY repeats"),
        ({"FLASK_DEBUG": "1"}, "FLASK_DEBUG opens"),
        ({"DEMO": "1"}, "DEMO opens"),
        ({"BASE_URL": "http://hearback.example.org"}, "BASE_URL"),
        ({"BASE_URL": "hearback.example.org"}, "BASE_URL"),
        ({"MAIL_SERVER": ""}, "MAIL_SERVER"),
        ({"MAIL_PORT": "abc"}, "MAIL_PORT"),
        ({"MAIL_PORT": "70000"}, "MAIL_PORT"),
        ({"MAIL_PORT": "２５"}, "MAIL_PORT"),
        ({"MAIL_USE_TLS": "perhaps"}, "MAIL_USE_TLS"),
        ({"MAIL_USE_TLS": "1", "MAIL_USE_SSL": "1"}, "MAIL_USE_TLS"),
        ({"MAIL_PASSWORD": PASSWORD}, "MAIL_PASSWORD"),
        ({"MAIL_PASSWORD": f"{PASSWORD}é", "MAIL_USE_TLS": "1"}, "MAIL_PASSWORD has"),
        ({"MAIL_USERNAME": "jörg"}, "MAIL_USERNAME has"),
        ({"MAIL_SERVER": "smtp://relay.example.org"}, "MAIL_SERVER names"),
        ({"MAIL_SERVER": "relay.example.org:587"}, "MAIL_SERVER names"),
        ({"MAIL_SERVER": "relay..example.org"}, "MAIL_SERVER names"),
        ({"MAIL_HELO": "relay example"}, "MAIL_HELO names"),
        ({"BOUNCE_DOMAIN": "@example.org"}, "BOUNCE_DOMAIN names"),
        ({"BOUNCE_DOMAIN": "[192.0.2.1]"}, "BOUNCE_DOMAIN"),
        ({"MAIL_SENDER": "Acme <hello@example.org>"}, "MAIL_SENDER must"),
        ({"MAIL_SENDER": "<hello@example.org>"}, "MAIL_SENDER must"),
        ({"MAIL_SENDER": "hello"}, "MAIL_SENDER must"),
        ({"MAIL_SENDER": "zoë@example.org"}, "MAIL_SENDER must"),
        ({"MAIL_SENDER": "a@example.org,b@example.org"}, "MAIL_SENDER must"),
        ({"MAIL_SENDER": "hello@exa mple.org"}, "MAIL_SENDER names"),
        ({"BASE_URL": "https://exa mple.org"}, "BASE_URL names"),
        ({"BASE_URL": "https://[nowhere"}, "BASE_URL"),
        ({"BASE_URL": "https://☃.example"}, "BASE_URL names"),
        ({"BASE_URL": "https://[2001:db8::1]"}, "mail cannot come from .*MAIL_SENDER"),
        ({"BASE_URL": "https://a_b.example"}, "mail cannot come from .*MAIL_SENDER"),
        ({"MIN_ANSWERS": "4"}, "MIN_ANSWERS"),
        ({"MIN_COMMENTS": "9"}, "MIN_COMMENTS"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL"),
        ({"DATABASE_URL": "mysql://x"}, "DATABASE_URL"),
        ({"SECRET_KEY_FILE": "/nowhere/at/all"}, "SECRET_KEY_FILE"),
    ],
)
def test_an_odd_setting_is_refused_by_name(monkeypatch, change, named):
    with pytest.raises(ConfigError, match=named):
        read(monkeypatch, **GOOD | change)


def test_international_names_are_as_the_wire_has_them(monkeypatch):
    config = read(
        monkeypatch,
        **GOOD
        | {"BASE_URL": "https://Bücher.example:8443/jobs", "MAIL_SERVER": "relais.bücher.example"},
    )
    assert config.BASE_URL == "https://xn--bcher-kva.example:8443/jobs"
    assert config.MAIL_SERVER == "relais.xn--bcher-kva.example"
    assert config.sender_address == "hello@xn--bcher-kva.example"
    config = read(
        monkeypatch,
        **GOOD | {"MAIL_SENDER": "hello@écoute.example", "MAIL_HELO": "écoute.example"},
    )
    assert (config.sender_address, config.MAIL_HELO) == (
        "hello@xn--coute-9ra.example",
        "xn--coute-9ra.example",
    )
    assert config.bounce_domain == "xn--coute-9ra.example"


@pytest.mark.parametrize("server", ["relay", "mail_box", "192.0.2.1", "2001:db8::1", "::1"])
def test_a_relay_is_named_or_numbered(monkeypatch, server):
    config = read(monkeypatch, **GOOD | {"MAIL_SERVER": server})
    assert server == config.MAIL_SERVER


def test_a_setting_can_come_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "key").write_text(OTHER_KEY + "\n", encoding="utf-8")
    values = {name: value for name, value in GOOD.items() if name != "SECRET_KEY"}
    config = read(monkeypatch, **values, SECRET_KEY_FILE=str(tmp_path / "key"))
    assert config.SECRET_KEY == OTHER_KEY


def test_this_computer_is_not_production(monkeypatch):
    config = read(monkeypatch)
    assert not config.is_production
    assert config.SQLALCHEMY_DATABASE_URI.endswith("instance/heardback.sqlite")
    url = read(monkeypatch, DATABASE_URL="postgres://u@h/d").SQLALCHEMY_DATABASE_URI
    assert url == "postgresql+psycopg://u@h/d"


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("localhost", True),
        ("app.localhost", True),
        ("127.0.0.1", True),
        ("::1", True),
        ("10.0.0.1", False),
        ("example.org", False),
    ],
)
def test_loopback(host, expected):
    assert is_loopback(host) is expected


def start(*command, **values):
    """What COMMAND says with VALUES set, as an operator would type it; it must end by itself."""
    return subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env=os.environ | GOOD | values,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


GUNICORN = ("-m", "gunicorn", "wsgi:app", "--bind", "127.0.0.1:0", "--log-level", "critical")


@pytest.mark.parametrize(
    ("command", "code"),
    [
        pytest.param(("-m", "flask", "status"), 1, id="status", marks=pytest.mark.long),
        pytest.param(("-m", "flask", "db", "upgrade"), 1, id="upgrade", marks=pytest.mark.long),
        pytest.param(GUNICORN, 3, id="gunicorn"),
    ],
)
def test_a_wrong_setting_ends_in_one_line(command, code):
    done = start(*command, SECRET_KEY="short")
    assert done.stderr == "Error: SECRET_KEY must be your own, 32 characters or more\n"
    assert done.returncode == code


def test_production_does_not_serve_on_an_old_schema(tmp_path):
    done = start("-c", "import wsgi", DATABASE_URL=f"sqlite:///{tmp_path / 'old.sqlite'}")
    assert done.returncode == 3
    assert done.stderr == "Error: The database is at nothing: run `flask db upgrade` first.\n"


@pytest.mark.long
def test_a_new_installation_makes_the_folder_for_its_database(tmp_path):
    url = f"sqlite:///{tmp_path / 'new' / 'instance' / 'heardback.sqlite'}"
    assert start("-m", "flask", "db", "upgrade", DATABASE_URL=url).returncode == 0
    assert start("-c", "import wsgi", DATABASE_URL=url).returncode == 0


def test_a_database_that_cannot_be_used_is_said_in_one_line(tmp_path):
    done = start("-c", "import wsgi", DATABASE_URL=f"sqlite:///{tmp_path / 'no' / 'such.sqlite'}")
    assert done.returncode == 3
    assert done.stderr == "Error: The database cannot be used: unable to open database file\n"


@pytest.fixture
def sealed_url(sqlite_template, tmp_path) -> str:
    """A database with an answer in it, sealed with the key of GOOD."""
    url = f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'sealed.sqlite')}"
    with make_app(url, SECRET_KEY=GOOD["SECRET_KEY"]).app_context():
        jobs.start()
        store_answers(Make().employer(), 1)
        db.session.remove()
        db.engine.dispose()
    return url


WRONG_KEY = (
    "Error: SECRET_KEY does not open what is sealed in this database. Set the key it was made "
    "with, or add that key to SECRET_KEY_FALLBACKS.\n"
)
FLASK = ("-m", "flask", "--app", "wsgi")


def run(url: str, key: str, *words: str):
    """What a command ends with, of an application made in this process."""
    return make_app(url, SECRET_KEY=key).test_cli_runner().invoke(args=list(words))


@pytest.mark.parametrize(
    ("command", "code"),
    [
        pytest.param(GUNICORN, 3, id="gunicorn", marks=pytest.mark.long),
        pytest.param((*FLASK, "worker"), 1, id="worker"),
    ],
)
def test_no_process_runs_with_a_key_that_opens_nothing(sealed_url, command, code):
    done = start(*command, SECRET_KEY=OTHER_KEY, DATABASE_URL=sealed_url)
    assert done.stderr == WRONG_KEY
    assert done.returncode == code


@pytest.mark.parametrize("words", [("worker", "--until-idle"), ("release",)])
def test_no_command_runs_with_a_key_that_opens_nothing(sealed_url, words):
    done = run(sealed_url, OTHER_KEY, *words)
    assert (done.exit_code, done.stderr) == (1, WRONG_KEY)


@pytest.mark.long
def test_a_former_key_among_the_fallbacks_opens(sealed_url):
    keys = {"SECRET_KEY": OTHER_KEY, "SECRET_KEY_FALLBACKS": GOOD["SECRET_KEY"]}
    done = start("-c", "import wsgi", DATABASE_URL=sealed_url, **keys)
    assert (done.returncode, done.stderr) == (0, "")
    done = start(*FLASK, "worker", "--until-idle", DATABASE_URL=sealed_url, **keys)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_key_is_as_good_as_another_where_nothing_is_sealed(sqlite_template, tmp_path):
    url = f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'empty.sqlite')}"
    for key in (OTHER_KEY, OTHER_KEY[::-1]):
        done = run(url, key, "worker", "--until-idle")
        assert (done.exit_code, done.stderr) == (0, "")
