"""The survey when its database is away, full, or busy with somebody else's change."""

import sqlite3
from contextlib import closing, contextmanager

import psycopg
import pytest
import sqlalchemy as sa

from portal.extensions import db
from portal.models import Locale
from tests.web.candidates import FULL, chosen, invited, responses, words_of


def impatient(connection, _record) -> None:
    connection.execute("PRAGMA busy_timeout=20")


@contextmanager
def unreachable(url: str):
    """Let nobody write to the database of URL for a while."""
    if url.startswith("sqlite"):
        db.session.rollback()
        db.engine.dispose()
        path = url.removeprefix("sqlite:///")
        sa.event.listen(db.engine, "connect", impatient)
        try:
            with closing(sqlite3.connect(path, isolation_level=None)) as other:
                other.execute("BEGIN IMMEDIATE")
                yield
        finally:
            sa.event.remove(db.engine, "connect", impatient)
            db.engine.dispose()
        return
    server, _, name = url.rpartition("/")
    ours = db.session.scalar(sa.text("SELECT pg_backend_pid()"))
    db.session.rollback()
    with psycopg.connect(f"{server}/postgres", autocommit=True) as other:
        other.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        other.execute("SELECT pg_terminate_backend(%s)", [ours])
        yield
        other.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


def test_nothing_typed_is_lost_when_the_database_is_away(make, acme, cam, database_url):
    _, token = invited(make, acme, Locale.FRENCH)
    with unreachable(database_url):
        page = cam.post(f"/s/{token}", FULL | {"lang": "fr"}, status=503)
    assert page.html["lang"] == "fr"
    assert "Rien n’est perdu" in words_of(page)
    assert chosen(page) == FULL | {"comment": FULL["comment"].replace("\r\n", "\n")}
    assert page.form["action"] == f"/s/{token}?lang=fr"
    assert not responses()
    assert cam.post(f"/s/{token}", FULL) == f"/s/{token}/thanks"


@contextmanager
def failing(beginning: str, error: type[sa.exc.DBAPIError], times: int):
    """Let the database refuse statements with that BEGINNING, the first TIMES times."""
    seen = []

    def refuse(_connection, _cursor, statement, *_rest):
        if statement.startswith(beginning) and len(seen) < times:
            seen.append(statement)
            raise error("the comment", {}, sqlite3.Error("disk full"))

    sa.event.listen(db.engine, "before_cursor_execute", refuse)
    try:
        yield
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", refuse)
    assert len(seen) == times


@pytest.mark.parametrize(
    ("error", "times"), [(sa.exc.OperationalError, 1), (sa.exc.IntegrityError, 3)]
)
def test_nothing_typed_is_lost_when_saving_fails_half_way(make, acme, cam, caplog, error, times):
    _, token = invited(make, acme)
    with failing("INSERT INTO response", error, times):
        page = cam.post(f"/s/{token}", FULL, status=503)
    assert "Acme" in words_of(page)
    assert chosen(page)["comment"].startswith("They were kind")
    assert error.__name__ in caplog.text
    assert "comment" not in caplog.text
    assert token not in caplog.text
    assert not responses()
    cam.post(f"/s/{token}", FULL)
    assert len(responses()) == 1


@pytest.mark.parametrize("error", [sa.exc.IntegrityError, sa.exc.OperationalError])
def test_answer_is_withdrawn_at_the_next_try(make, acme, cam, error):
    _, token = invited(make, acme)
    link = f"/s/{token}"
    cam.post(link, FULL)
    with failing("DELETE FROM response", error, 1):
        if error is sa.exc.IntegrityError:  # the answer's score was just being written
            cam.post(f"{link}/withdraw")
        else:
            cam.post(f"{link}/withdraw", status=503)
            assert len(responses()) == 1
            cam.post(f"{link}/withdraw")
    assert not responses()
