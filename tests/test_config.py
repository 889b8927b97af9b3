"""Settings: read, refused, and what production will not start without."""

import os
import subprocess
import sys

import pytest

from portal.config import DEVELOPMENT_KEY, ROOT, Config, ConfigError, is_loopback

GOOD = {
    "SECRET_KEY": "k" * 32,
    "BASE_URL": "https://hearback.example.org",
    "MAIL_SERVER": "relay.example.org",
    "DATABASE_URL": "sqlite:////tmp/nowhere.sqlite",
}


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
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"BASE_URL": "http://hearback.example.org"}, "BASE_URL"),
        ({"BASE_URL": "hearback.example.org"}, "BASE_URL"),
        ({"MAIL_SERVER": ""}, "MAIL_SERVER"),
        ({"MAIL_PORT": "abc"}, "MAIL_PORT"),
        ({"MAIL_PORT": "70000"}, "MAIL_PORT"),
        ({"MAIL_PORT": "２５"}, "MAIL_PORT"),
        ({"MAIL_USE_TLS": "perhaps"}, "MAIL_USE_TLS"),
        ({"MAIL_USE_TLS": "1", "MAIL_USE_SSL": "1"}, "MAIL_USE_TLS"),
        ({"MAIL_PASSWORD": "secret"}, "MAIL_PASSWORD"),
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


def test_a_setting_can_come_from_a_file(monkeypatch, tmp_path):
    (tmp_path / "key").write_text("x" * 40 + "\n", encoding="utf-8")
    values = {name: value for name, value in GOOD.items() if name != "SECRET_KEY"}
    config = read(monkeypatch, **values, SECRET_KEY_FILE=str(tmp_path / "key"))
    assert config.SECRET_KEY == "x" * 40


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
    [(("-m", "flask", "status"), 1), (("-m", "flask", "db", "upgrade"), 1), (GUNICORN, 3)],
    ids=["status", "upgrade", "gunicorn"],
)
def test_a_wrong_setting_ends_in_one_line(command, code):
    done = start(*command, SECRET_KEY="short")
    assert done.stderr == "Error: SECRET_KEY must be your own, 32 characters or more\n"
    assert done.returncode == code


def test_production_does_not_serve_on_an_old_schema(tmp_path):
    done = start("-c", "import wsgi", DATABASE_URL=f"sqlite:///{tmp_path / 'old.sqlite'}")
    assert done.returncode == 3
    assert done.stderr == "Error: The database is at nothing: run `flask db upgrade` first.\n"
