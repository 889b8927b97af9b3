"""flask backup: whole while others write, opened before it is called a copy, never over another."""

import shutil
import sqlite3
import stat
import threading
from contextlib import closing

import pytest

from portal import jobs
from portal.extensions import db
from portal.models import Employer
from tests.conftest import make_app
from tests.support.answers import store_answers
from tests.support.factory import Make

KEY = "the key with which all of this is sealed"


@pytest.fixture
def source(sqlite_template, tmp_path):
    """A database in which answers are sealed."""
    path = tmp_path / "site.sqlite"
    shutil.copy(sqlite_template, path)
    with make_app(f"sqlite:///{path}", SECRET_KEY=KEY).app_context():
        jobs.start()
        store_answers(Make().employer(), 3)
        db.session.remove()
        db.engine.dispose()
    return path


def run(source, *words, key=KEY):
    app = make_app(f"sqlite:///{source}", SECRET_KEY=key)
    result = app.test_cli_runner().invoke(args=["backup", *map(str, words)])
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    return result


def test_a_copy_made_while_others_write_is_whole(source, tmp_path):
    copy, stopping = tmp_path / "copy.sqlite", threading.Event()

    def write() -> None:
        with closing(sqlite3.connect(source, timeout=10)) as other:
            while not stopping.wait(0.001):
                with other:
                    other.execute("UPDATE employer SET name = name || 'x', industry = name || 'x'")

    writer = threading.Thread(target=write)
    writer.start()
    try:
        made = run(source, copy)
    finally:
        stopping.set()
        writer.join()
    assert made.exit_code == 0, made.output
    assert "whole" in made.output
    assert "Keep SECRET_KEY" in made.output
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with closing(sqlite3.connect(copy)) as there:
        name, industry = there.execute("SELECT name, industry FROM employer").fetchone()
        assert industry in (None, name), "of one moment"
        assert there.execute("SELECT count(*) FROM sealed_answer").fetchone() == (3,)
    assert [path.name for path in tmp_path.glob(".*")] == []


def test_a_copy_can_be_looked_at_and_stays_as_it_is(source, tmp_path):
    copy = tmp_path / "a copy?.sqlite"
    assert run(source, copy).exit_code == 0
    before = copy.read_bytes()
    found = run(source, copy, "--check")
    assert (found.exit_code, "opens with the SECRET_KEY" in found.output) == (0, True)
    assert copy.read_bytes() == before
    assert sorted(path.name for path in tmp_path.glob("a copy*")) == [copy.name]
    wrong = run(source, copy, "--check", key="another key, which opens nothing of it")
    assert wrong.exit_code == 1
    assert "SECRET_KEY" in wrong.output


def test_a_copy_put_back_is_the_site_as_it_was(source, tmp_path):
    copy = tmp_path / "copy.sqlite"
    run(source, copy)
    with make_app(f"sqlite:///{copy}", SECRET_KEY=KEY).app_context():
        assert db.session.query(Employer).count() == 1
        db.session.remove()
        db.engine.dispose()


@pytest.mark.parametrize("kind", ["damaged", "no database", "another's", "missing"])
def test_what_is_no_copy_is_said_to_be_none(source, tmp_path, kind):
    copy = tmp_path / "copy.sqlite"
    if kind == "damaged":
        run(source, copy)
        whole = bytearray(copy.read_bytes())
        whole[8192:65536] = b"\x00" * (65536 - 8192)
        copy.write_bytes(whole)
    elif kind == "no database":
        copy.write_text("just words " * 1000)
    elif kind == "another's":
        with closing(sqlite3.connect(copy)) as other:
            other.execute("CREATE TABLE things (id INTEGER)")
    found = run(source, copy, "--check")
    assert found.exit_code == 1
    assert found.output.startswith("Error: ")
    assert found.output.count("\n") == 1


def test_nothing_is_written_over_and_nothing_half_done_stays(source, tmp_path):
    copy = tmp_path / "copy.sqlite"
    copy.write_text("last night's")
    refused = run(source, copy)
    assert refused.exit_code == 1
    assert "Choose another name" in refused.output
    assert copy.read_text() == "last night's"
    assert run(source, tmp_path / "no" / "folder" / "copy").exit_code == 1


def test_postgresql_is_told_how_and_no_script_takes_that_for_a_copy(postgres_database, tmp_path):
    app = make_app(postgres_database.url)
    copy = tmp_path / "site.dump"
    told = app.test_cli_runner().invoke(args=["backup", str(copy)])
    assert told.exit_code == 1
    assert f"pg_dump --format=custom --file={copy}" in told.output
    assert not copy.exists()
