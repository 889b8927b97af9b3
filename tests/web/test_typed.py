"""What the staff types: what cannot be seen is nothing, and limits count as the typist does."""

import pytest
import sqlalchemy as sa

from portal import letters
from portal.extensions import db
from portal.letters import Letter
from portal.models import Application, Candidate, Locale
from tests.web.candidates import whole_database
from tests.web.staff import Person, errors_of

UNSEEN = ["\u200b \u2060", "\u3164", "\U000e0041\U000e007f", "\u0301"]  # more: tests/test_signs.py
NEW = "/e/acme/applications/new"
LETTER = "/e/acme/settings/letters/rejected/en"
READING = "/e/acme/settings/reading"
EMPLOYERS = "/operator/employers"
CANDIDATE = {"name": "Ann Bee", "email": "ann@example.net", "role": "Nurse", "locale": "en"}


@pytest.fixture
def people(cast, app):
    return {name: Person(app).sign_in(getattr(cast, name)) for name in ("ada", "remy", "otto")}


@pytest.mark.parametrize("text", UNSEEN, ids=ascii)
def test_what_cannot_be_seen_fills_in_nothing(people, cast, text):
    before = whole_database()
    for name, path, typed, said in (
        ("remy", NEW, CANDIDATE | {"name": text}, "Enter the candidate’s name."),
        ("remy", NEW, CANDIDATE | {"role": text}, "Enter the role they applied for."),
        ("ada", LETTER, {"subject": text}, "The email needs a subject."),
        ("ada", LETTER, {"body": text}, "The email needs a text."),
        ("ada", READING, {"name": text}, "Name: Enter the employer’s name."),
        ("otto", f"{EMPLOYERS}/new", {"name": text}, "Enter the employer’s name."),
        ("otto", f"{EMPLOYERS}/{cast.acme.id}/pause", {"reason": text}, "Enter the reason:"),
    ):
        person = people[name]
        page = person.submit(person.get(path), typed, status=200, path=path)
        assert errors_of(page)[0].startswith(said), path
    assert whole_database() == before


def test_what_cannot_be_seen_is_left_out_where_nothing_need_be_said(people):
    remy = people["remy"]
    typed = CANDIDATE | {"department": "\u200b", "stage": "\u2060"}
    remy.submit(remy.get(NEW), typed)
    db.session.rollback()
    application = db.session.scalars(sa.select(Application)).one()
    assert (application.stage, application.requisition.department) == ("", None)


@pytest.mark.parametrize("end", ["\r\n", "\n", "\r"], ids=ascii)
def test_a_line_end_is_one_character_however_it_is_sent(people, cast, end):
    ada, otto = people["ada"], people["otto"]
    body = "ab\n" * 3333 + "z"
    ada.submit(ada.get(LETTER), {"body": f"\n{body}\n".replace("\n", end)})
    db.session.expire_all()
    assert letters.current(cast.acme, Letter.REJECTED, Locale.ENGLISH).body == body
    page = ada.submit(ada.get(LETTER), {"body": (body + "z").replace("\n", end)}, status=200)
    assert errors_of(page) == ["Use at most 10,000 characters."]
    assert page.find(id="body").text.removeprefix("\n") == body + "z"

    address = "abc\n" * 124 + "abcd"
    ada.submit(ada.get(READING), {"postal_address": address.replace("\n", end)})
    db.session.refresh(cast.acme)
    assert cast.acme.postal_address == address

    domains = "\n".join(f"a{number:03}.example" for number in range(1000))[:5000].rsplit("\n", 1)[0]
    path = f"{EMPLOYERS}/{cast.acme.id}/domains"
    otto.submit(otto.get(path), {"domains": domains.replace("\n", end)})
    db.session.refresh(cast.acme)
    assert cast.acme.confirmed_domains == domains.split("\n")


def test_what_is_no_character_is_left_out_of_a_page(people):
    remy = people["remy"]
    remy.get(remy.submit(remy.get(NEW), CANDIDATE | {"name": "A\U0001fffen\x00n"}))
    db.session.rollback()
    assert db.session.scalars(sa.select(Candidate.name)).one() == "Ann"
