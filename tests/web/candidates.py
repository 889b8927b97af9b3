"""A candidate with a link, and an employer with answers, for the tests of the candidate pages."""

import contextvars
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import sqlalchemy as sa
from bs4 import BeautifulSoup
from flask import Flask

from portal import links, reputation
from portal.extensions import db
from portal.models import Batch, Invitation, Locale, SealedAnswer, utcnow
from portal.surveys import Answer
from portal.surveys.sealing import open_answer, sealer
from tests.support import answers
from tests.support.factory import Make
from tests.support.forms import filled
from tests.support.pages import check_page

LEAST = {"recommend": "8", "overall": "4"}
FULL = LEAST | {
    "told": "not_chosen",
    "heard_how": "automatic",
    "chased": "once",
    "promise": "missed",
    "feedback": "general",
    "relationship": "unchanged",
    "comment": "They were kind on the phone.\r\nBut it took five weeks.",
    "words": "employer",
}


class Visitor:
    """A browser that is given no cookie, each of its requests in a context of its own."""

    def __init__(self, app: Flask, **options) -> None:
        self.client = app.test_client(**options)

    def send(self, method: str, path: str, **options):
        db.session.rollback()  # the test's own transaction must not hold SQLite's write lock
        call = contextvars.Context().run
        if method == "POST" and isinstance(options.get("data") or {}, dict):
            options["data"] = filled(path, options.get("data"))
        response = call(self.client.open, path, method=method, **options)
        assert "Set-Cookie" not in response.headers
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert response.headers["X-Robots-Tag"] == "noindex"
        is_page = method != "HEAD" and response.status_code != 303
        response.page = check_page(response) if is_page else None
        return response

    def get(self, path: str, status: int = 200, **options) -> BeautifulSoup:
        response = self.send("GET", path, **options)
        assert response.status_code == status, (path, response.status_code)
        return response.page

    def post(self, path: str, data: dict | None = None, status: int = 303, **options):
        """POST DATA: the address it leads to, or the page it brings."""
        response = self.send("POST", path, data=data, **options)
        assert response.status_code == status, (path, response.status_code)
        return response.location if status == 303 else response.page


def words_of(page: BeautifulSoup) -> str:
    """What a person reads in the main part of PAGE, in single spaces."""
    return " ".join(page.main.get_text(" ").split())


def chosen(page: BeautifulSoup) -> dict[str, str]:
    """What is filled in on the survey's PAGE."""
    values = {tag["name"]: tag["value"] for tag in page.select("input[type=radio][checked]")}
    return values | {"comment": page.textarea.get_text().removeprefix("\n")}


def invited(make: Make, employer, locale: Locale = Locale.ENGLISH, **facts):
    """An application told of its outcome, and a survey link for it."""
    application = make.told(employer, **facts)
    application.candidate.locale = locale
    db.session.commit()
    return application, make.link(application)


def age(make: Make, application, days: int) -> None:
    """Let the last mail to the candidate be DAYS old."""
    make.invitation(application).last_mailed_at = utcnow() - timedelta(days=days)
    db.session.commit()


def release(make: Make, employer, others: int = 5) -> Batch:
    """Let OTHERS answer too, and release what is there."""
    answers.give_answers(make, employer, others, lambda _: {"recommend": 7, "overall": 3})
    batch = answers.release(employer)
    assert batch
    return batch


def forget(employer) -> None:
    """Let all that EMPLOYER's candidates were asked and answered be over a year old."""
    long_ago = timedelta(days=400)
    for batch in db.session.scalars(sa.select(Batch).where(Batch.employer_id == employer.id)):
        batch.released_on -= long_ago
    asked = sa.select(Invitation).where(Invitation.employer_id == employer.id)
    for invitation in db.session.scalars(asked.where(Invitation.week.is_not(None))):
        invitation.last_mailed_at -= long_ago
        invitation.week -= long_ago
    db.session.commit()
    while reputation.forget_answers(utcnow()):
        db.session.commit()


def break_seal(token: str) -> bytes:
    """Spoil the seal around what was answered by TOKEN; how it was."""
    return put_seal(token, b"\x01" + b"spoilt" * 400)


def put_seal(token: str, sealed: bytes) -> bytes:
    """Put SEALED where the answer by TOKEN is; what was there."""
    db.session.rollback()
    row = db.session.get_one(SealedAnswer, links.answer_keys(token)[0])
    before, row.sealed = row.sealed, sealed
    db.session.commit()
    return before


def stored() -> list[Answer]:
    """The answers as they stand now, withdrawn ones left out; reading them keeps no lock."""
    return [one for one in all_stored() if not one.is_withdrawn]


def all_stored() -> list[Answer]:
    """Every sealed answer, opened."""
    db.session.rollback()
    rows = db.session.execute(
        sa.select(SealedAnswer.key, SealedAnswer.employer_id, SealedAnswer.sealed).order_by(
            SealedAnswer.key
        )
    ).all()
    db.session.rollback()
    by = sealer()
    return [open_answer(row.key, row.employer_id, row.sealed, by) for row in rows]


@contextmanager
def failing(beginning: str, error: type[sa.exc.DBAPIError], times: int) -> Iterator[None]:
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


def whole_database() -> dict[str, list]:
    """Every row of every table, to see that nothing changed."""
    db.session.rollback()
    rows = {
        name: sorted(map(repr, db.session.execute(sa.select(table))))
        for name, table in db.metadata.tables.items()
    }
    db.session.rollback()
    return rows
