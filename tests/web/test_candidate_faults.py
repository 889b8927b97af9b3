"""The survey when its database is away, full, or busy with somebody else's change."""

import sqlite3
from contextlib import closing, contextmanager

import psycopg
import pytest
import sqlalchemy as sa

from portal.config import settings
from portal.extensions import db
from portal.models import Locale
from tests.web.candidates import (
    FULL,
    LEAST,
    all_stored,
    break_seal,
    chosen,
    failing,
    forget,
    invited,
    put_seal,
    release,
    stored,
    whole_database,
    words_of,
)

pytestmark = pytest.mark.both  # each breaks in its own way


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
    assert not stored()
    assert cam.post(f"/s/{token}", FULL) == f"/s/{token}/thanks"


@pytest.mark.parametrize(
    ("error", "times"), [(sa.exc.OperationalError, 1), (sa.exc.IntegrityError, 3)]
)
def test_nothing_typed_is_lost_when_saving_fails_half_way(make, acme, cam, caplog, error, times):
    _, token = invited(make, acme)
    with failing("INSERT INTO sealed_answer", error, times):
        page = cam.post(f"/s/{token}", FULL, status=503)
    assert "Acme" in words_of(page)
    assert chosen(page)["comment"].startswith("They were kind")
    assert error.__name__ in caplog.text
    assert "comment" not in caplog.text
    assert token not in caplog.text
    assert not stored()
    cam.post(f"/s/{token}", FULL)
    assert len(stored()) == 1


@pytest.mark.parametrize("error", [sa.exc.IntegrityError, sa.exc.OperationalError])
def test_answer_is_withdrawn_at_the_next_try(make, acme, cam, error):
    _, token = invited(make, acme)
    link = f"/s/{token}"
    cam.post(link, FULL)
    with failing("UPDATE sealed_answer", error, 1):
        if error is sa.exc.IntegrityError:  # somebody else was faster
            cam.post(f"{link}/withdraw")
        else:
            cam.post(f"{link}/withdraw", status=503)
            assert len(stored()) == 1
            cam.post(f"{link}/withdraw")
    assert not stored()


def written_to(page) -> list[str]:
    """Whom PAGE says to write to, but for being erased."""
    found = page.main.select("a[href^='mailto:']")
    return [link["href"] for link in found if not link.find_parent("details")]


@pytest.mark.parametrize("locale", list(Locale))
def test_nothing_typed_is_lost_when_the_seal_of_the_first_answer_is_broken(
    make, acme, cam, caplog, locale
):
    _, token = invited(make, acme, locale)
    link, title = f"/s/{token}", {"en": "cannot be opened", "fr": "ne peuvent pas être ouvertes"}
    cam.post(link, FULL)
    sound = break_seal(token)
    before = whole_database()
    for path in (link, f"{link}/withdraw", f"{link}/thanks"):
        page = cam.get(path, status=503)
        assert title[locale] in page.h1.text
        assert written_to(page) == [], "the employer would learn who has answered"
    assert title[locale] in cam.post(f"{link}/withdraw", status=503).h1.text
    object.__setattr__(settings(), "OPERATOR_EMAIL", "help@board.example")
    assert written_to(cam.get(link, status=503)) == ["mailto:help@board.example"]
    better = LEAST | {"comment": "Better words.", "words": "counted"}
    for sent in ({"change": "1"}, {}, {"switch": locale.value}):
        page = cam.post(link, better | sent, status=503)
        assert chosen(page) == better
        assert page.find(attrs={"role": "alert"})
        assert bool(page.find("input", attrs={"name": "change"})) is ("change" in sent)
    assert "seal is broken" in caplog.text
    assert "SealBroken" in caplog.text
    assert whole_database() == before
    put_seal(token, sound)
    cam.post(link, better | {"change": "1"})
    assert [one.words for one in stored()] == ["Better words."]


def test_a_broken_seal_does_not_keep_others_from_changing_theirs(make, acme, cam):
    (_, broken), (_, token) = invited(make, acme), invited(make, acme)
    for one in (broken, token):
        cam.post(f"/s/{one}", FULL)
    sound = break_seal(broken)
    cam.post(f"/s/{token}", LEAST | {"overall": "1", "change": "1"})
    cam.post(f"/s/{token}/withdraw")
    put_seal(broken, sound)
    assert [one.stars for one in stored()] == [4]
    assert len(all_stored()) == 2


def test_page_says_so_when_the_sums_of_a_forgotten_answer_do_not_open(make, acme, cam):
    _, token = invited(make, acme)
    cam.post(f"/s/{token}", FULL)
    batch = release(make, acme)
    forget(acme)
    sums = bytes(batch.sums)
    batch.sums = sums[:-1] + bytes([sums[-1] ^ 1])
    db.session.commit()
    page = cam.get(f"/s/{token}", status=503)
    assert "cannot be opened" in page.h1.text
    page = cam.post(f"/s/{token}", FULL, status=503)
    assert "five weeks" in chosen(page)["comment"]
    cam.post(f"/s/{token}/withdraw", status=503)
    batch.sums = sums
    db.session.commit()
    assert "forgotten" in cam.get(f"/s/{token}").h1.text
