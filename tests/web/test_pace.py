"""Letters in bulk by hand, and two notes to one person on one day: refused, with nothing lost."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from portal.extensions import db
from portal.models import Notice, Role, utcnow
from tests.mail.conftest import configure
from tests.web.staff import Person, errors_of

SEND = ("step", "send")
LOOK = ("step", "look")


def count_notices() -> int:
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).select_from(Notice))


def tell(person: Person, application, status: int = 303, **typed):
    """What becomes of the letter that PERSON writes about APPLICATION."""
    where = f"/e/acme/applications/{application.id}/tell"
    page = person.submit(person.get(where), {"how": "now"}, status=200)
    if typed:  # what is written anew is looked at before it leaves
        page = person.submit(page, typed, LOOK, status=200)
    return person.submit(page, {}, SEND, status=status)


@pytest.fixture
def remy(cast, app):
    configure(app, LETTERS_PER_HOUR=2)
    return Person(app).sign_in(cast.remy)


def test_one_person_writes_so_many_letters_an_hour_and_keeps_the_words(cast, make, app, remy):
    ada = Person(app).sign_in(cast.ada)
    people = [make.decided(cast.acme) for _ in range(5)]
    began = utcnow()
    with time_machine.travel(began, tick=False):
        tell(remy, people[0])
    with time_machine.travel(began + timedelta(minutes=20), tick=False):
        tell(remy, people[1])
        page = tell(remy, people[2], status=200, body="My own words for her.")
        (said,) = errors_of(page)
        assert "You have sent 2 letters within an hour" in said
        assert "send it again in 40 minutes" in said
        assert "My own words for her." in str(page)
        tell(ada, people[3])
    assert count_notices() == 3
    with time_machine.travel(began + timedelta(minutes=61), tick=False):
        tell(remy, people[2])


@pytest.mark.both
def test_all_of_an_employer_write_three_times_as_many(cast, make, app, remy):
    others = [make.user(f"more{number}", cast.acme, Role.RECRUITER) for number in range(3)]
    writers = [remy, *(Person(app).sign_in(user) for user in others)]
    for writer in writers[:3]:
        for _ in range(2):
            tell(writer, make.decided(cast.acme))
    (said,) = errors_of(tell(writers[3], make.decided(cast.acme), status=200))
    assert "Your colleagues and you have sent 6 letters within an hour" in said
    assert count_notices() == 6
    olga = Person(app).sign_in(cast.olga)
    theirs = make.decided(cast.globex)
    where = f"/e/globex/applications/{theirs.id}/tell"
    olga.submit(olga.submit(olga.get(where), {"how": "now"}, status=200), {}, SEND)


def test_nobody_gets_two_notes_of_not_decided_yet_on_a_day(cast, make, app, remy):
    first = make.application(cast.acme, email="cam@example.net")
    second = make.application(cast.acme, email="cam@example.net", role="Nurse")
    assert first.candidate_id == second.candidate_id
    day = {"next_on": (utcnow() + timedelta(days=9)).date().isoformat()}

    def note(application, status: int):
        where = f"/e/acme/applications/{application.id}/delay"
        return remy.submit(remy.submit(remy.get(where), day, status=200), {}, SEND, status=status)

    note(first, 303)
    (said,) = errors_of(note(second, 200))
    assert "today already" in said
    assert count_notices() == 1
    with time_machine.travel(utcnow() + timedelta(hours=25)):
        remy = Person(app).sign_in(cast.remy)
        note(second, 303)
