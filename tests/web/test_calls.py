"""Calls: the number, who was reached, who was left a message; and that a message tells nobody."""

import itertools
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa

from portal import hiring, privacy
from portal.extensions import db
from portal.hiring import ApplicationRefused
from portal.models import (
    Application,
    AuditEvent,
    Candidate,
    Channel,
    Evidence,
    Feedback,
    Notice,
    NoticeKind,
    Outcome,
    utcnow,
)
from tests.web.staff import Person, errors_of, flashes, words_of

DESK = "/e/acme/applications"
NUMBER = "+1 (613) 555-0100 ext. 12"
REACHED, MESSAGE = ("step", "reached"), ("step", "message")


@pytest.fixture
def remy(cast, app):
    return Person(app).sign_in(cast.remy)


@pytest.fixture
def ada(cast, app):
    return Person(app).sign_in(cast.ada)


@pytest.fixture
def cam(cast, make):
    """Cam was not chosen three days ago and waits to be told."""
    return make.decided(cast.acme, name="Cam Field", phone=NUMBER, days_ago=3)


def page_of(application: Application) -> str:
    return f"{DESK}/{application.id}"


def call(person: Person, application: Application, button, data=None, status: int = 303):
    page = person.get(f"{page_of(application)}/call")
    return person.submit(page, data, button, status=status)


def fresh(application: Application) -> Application:
    db.session.rollback()
    return db.session.get_one(Application, application.id, populate_existing=True)


def notices() -> list[Notice]:
    db.session.expire_all()
    return list(db.session.scalars(sa.select(Notice).order_by(Notice.id)))


def leave_message(application: Application) -> Notice:
    decision = hiring.standing_decision(application)
    notice = hiring.record_attempt(application, decision, utcnow())
    db.session.commit()
    return notice


# -- reached --------------------------------------------------------------------------------------


@pytest.mark.both
def test_reached_is_told_by_phone_now_in_two_taps(cast, cam, remy):
    page = remy.get(page_of(cam))
    page = remy.get(page.main.find("a", string="Call")["href"])
    assert page.main.find("a", string=NUMBER)["href"] == "tel:+16135550100"
    there = remy.submit(page, {}, REACHED)
    assert there == page_of(cam)
    assert flashes(remy.get(there)) == ["Done: Noted: you told Cam Field by phone."]
    told = fresh(cam)
    assert (told.channel, told.feedback) == (Channel.PHONE, Feedback.NONE)
    assert told.told_on == utcnow().date()
    (notice,) = notices()
    assert (notice.evidence, notice.given_by) == (Evidence.RECORDED, cast.remy.id)
    assert "Told by phone" in words_of(remy.page)


def test_reached_with_feedback_says_which(cam, remy):
    call(remy, cam, REACHED, {"feedback": "specific"})
    assert fresh(cam).feedback is Feedback.SPECIFIC


def test_a_feedback_that_is_none_is_refused(cam, remy):
    again = call(remy, cam, REACHED, {"feedback": "x"}, status=200)
    assert errors_of(again)
    assert notices() == []


@pytest.mark.both
def test_it_goes_on_to_the_next_who_was_not_called_in_vain_today(cast, make, cam, remy):
    tried = make.decided(cast.acme, name="Tri Ed", days_ago=30)
    dana = make.decided(cast.acme, name="Dana Due", days_ago=1)
    leave_message(tried)
    there = call(remy, cam, REACHED)
    assert there == page_of(dana)
    page = remy.get(there)
    assert "Noted: you told Cam Field by phone. Next: Dana Due" in flashes(page)[0]
    assert page.select_one(".notice a")["href"] == page_of(cam)
    yesterday = utcnow() - timedelta(days=1, minutes=1)
    db.session.execute(sa.update(Notice).values(created_at=yesterday))
    db.session.commit()
    assert call(remy, dana, MESSAGE) == page_of(tried)


# -- a message ------------------------------------------------------------------------------------


@pytest.mark.both
def test_a_message_stands_in_the_story_and_tells_nobody(cast, make, cam, remy):
    planned = make.invitation(cam)
    before = (planned.state, planned.due_at, planned.lane)
    page = remy.get(call(remy, cam, MESSAGE))
    assert "you left Cam Field a message. They still have to be told." in flashes(page)[0]
    story = words_of(page)
    assert "Called: left a message Recorded by remy@example.com." in story
    assert "Decided, not told" in story
    held = fresh(cam)
    assert (held.told_on, held.told_at, held.channel) == (None, None, None)
    planned = make.invitation(cam)
    assert (planned.state, planned.due_at, planned.lane) == before
    (notice,) = notices()
    assert (notice.kind, notice.told_at) == (NoticeKind.ATTEMPT, None)
    assert hiring.last_attempts(cast.acme.id, [cam.id, 999]) == {cam.id: notice}
    assert hiring.count_waiting(cast.acme, utcnow().date()).untold == 1
    assert hiring.find_telling(cam, Outcome.REJECTED) is None
    assert "The last call left a message on" in words_of(remy.get(f"{page_of(cam)}/call"))
    event = db.session.scalars(sa.select(AuditEvent).filter_by(action="notice.attempted")).one()
    assert (event.about_id, event.detail) == (cam.id, {})


@pytest.mark.both
def test_the_database_refuses_a_message_that_tells(cam):
    leave_message(cam)
    with pytest.raises(sa.exc.IntegrityError, match="attempt_tells_nobody"):
        db.session.execute(sa.update(Notice).values(told_at=utcnow()))
    db.session.rollback()


def test_a_message_about_a_decision_that_was_taken_back_counts_no_more(cast, cam):
    leave_message(cam)
    hiring.retract_decision(cam, utcnow())
    hiring.record_decision(cam, Outcome.REJECTED, utcnow(), utcnow())
    assert hiring.last_attempts(cast.acme.id, [cam.id]) == {}
    assert hiring.last_attempts(cast.acme.id, []) == {}


def test_an_email_of_the_same_decision_still_settles_as_told(cam):
    leave_message(cam)
    now = utcnow()
    hiring.record_told(cam, hiring.standing_decision(cam), Channel.LETTER, now, now)
    db.session.commit()
    assert fresh(cam).channel is Channel.LETTER


# -- two at once ----------------------------------------------------------------------------------


def test_who_has_an_old_page_is_told_what_happened_meanwhile(cam, remy, ada):
    late = remy.get(f"{page_of(cam)}/call")
    call(ada, cam, MESSAGE)
    page = remy.submit(late, {}, REACHED, status=409)
    assert "ada@example.com noted a call that left a message" in words_of(page)
    assert len(notices()) == 1
    remy.submit(page, {}, REACHED)
    page = remy.submit(page, {}, REACHED, status=409)  # a second click
    assert "nothing is left to note" in words_of(page)
    assert [notice.kind for notice in notices()] == [NoticeKind.ATTEMPT, NoticeKind.DECISION]


@pytest.mark.both
@pytest.mark.parametrize("buttons", [*itertools.product((REACHED, MESSAGE), repeat=2)])
def test_two_who_note_a_call_in_the_same_instant_note_one(cam, app, remy, ada, buttons):
    path, ready = f"{page_of(cam)}/call", Barrier(2)
    sent = {
        person: person.fill(person.get(path), {}, button)
        for person, button in zip((remy, ada), buttons, strict=True)
    }
    db.session.rollback()

    def send(person: Person) -> int:
        with app.app_context():
            ready.wait()
            return person.client.post(path, data=sent[person]).status_code

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(send, sent))
    assert answers == [303, 409]
    assert len(notices()) == 1


# -- who cannot be called -------------------------------------------------------------------------


def test_without_a_decision_it_is_recorded_first(cast, make, remy):
    olu = make.application(cast.acme, name="Olu Open", phone="0800 123")
    page = remy.get(f"{page_of(olu)}/call")
    assert "There is no decision to tell of yet. Record it first." in words_of(page)
    assert page.main.find("a", href=f"{page_of(olu)}/decision")
    assert page.main.select("form") == []
    sent = {"seen": "0.0", "step": "reached", "feedback": "none"}
    remy.post(f"{page_of(olu)}/call", sent, status=200, token_from=page_of(olu))
    assert notices() == []


def test_without_a_number_the_call_is_noted_all_the_same(cast, make, remy):
    cam = make.decided(cast.acme, name="", email="cam@example.net")
    page = remy.get(f"{page_of(cam)}/call")
    assert "No telephone number is known." in words_of(page)
    remy.submit(page, {}, REACHED)
    assert fresh(cam).told_on


def test_who_knows_and_who_withdrew_are_not_called(cast, make, remy):
    for one in (make.told(cast.acme), make.decided(cast.acme, Outcome.WITHDRAWN)):
        page = remy.get(f"{page_of(one)}/call")
        assert page.main.select("form") == []
        assert page.main.find("a", string="Who is to be told")


LONG = "W" * 100 + " " + "מנהל " * 19


@pytest.mark.parametrize("name", [LONG.strip(), "<b>&amp;", "%(name)s {0}", ""])
def test_every_name_can_be_called(cast, make, remy, name):
    cam = make.decided(cast.acme, name=name, email=None if name else "x@example.net")
    make.decided(cast.acme, name=name or "Next", days_ago=1)
    page = remy.get(call(remy, cam, REACHED))
    assert (name or "x@example.net") in flashes(page)[0]


def test_who_was_erased_is_not_called_any_more(cast, cam, remy):
    page = remy.get(f"{page_of(cam)}/call")
    privacy.erase_person(cam.candidate.email, cast.acme)
    db.session.commit()
    for button in (REACHED, MESSAGE):
        there = remy.submit(page, {}, button)
        assert "nothing more is recorded of them" in flashes(remy.get(there))[0]
    assert notices() == []


# -- the number -----------------------------------------------------------------------------------


DIALLED = [
    (NUMBER, "+16135550100"),
    ("0613 555 0100", "06135550100"),
    ("Tel. 613-555-0100", "6135550100"),
    ("+44 (0)20 7946 0000", "+442079460000"),
    ("(020) 7946 0000", "02079460000"),
    ("٠٦١٢٣٤", "061234"),
    ("12 ext 345 6", "3456"),
    ("1 a 2 b 3", "123"),
]


@pytest.mark.parametrize(("typed", "number"), DIALLED)
def test_a_telephone_dials_the_digits(typed, number):
    assert hiring.dialled(hiring.clean_phone(typed)) == number


@pytest.mark.parametrize("typed", ["12", "none", "5" * 41, "555\n0100", "555\x000100"])
def test_what_is_no_number_is_refused(typed):
    with pytest.raises(ApplicationRefused):
        hiring.clean_phone(typed)


def test_the_number_is_typed_in_with_the_application(remy, cast):
    typed = {"name": "Cam", "email": "cam@example.net", "role": "Nurse", "locale": "en"}
    page = remy.get(f"{DESK}/new")
    again = remy.submit(page, typed | {"phone": "by pigeon"}, status=200)
    assert errors_of(again) == ["Enter a telephone number, like +1 613 555 0100."]
    remy.submit(again, {"phone": f" {NUMBER} "})
    assert db.session.scalars(sa.select(Candidate.phone)).one() == NUMBER
    for phone, kept in (("", NUMBER), ("613 555 0199", "613 555 0199")):
        more = typed | {"role": f"Cook {phone}", "phone": phone}
        remy.submit(remy.get(f"{DESK}/new"), more)
        assert db.session.scalars(sa.select(Candidate.phone)).one() == kept


@pytest.mark.both
def test_the_number_is_changed_on_the_candidates_page(cast, cam, remy):
    for typed, kept in (("613 555 0199", "613 555 0199"), ("", None)):
        there = remy.submit(remy.get(page_of(cam)), {"phone": typed})
        assert flashes(remy.get(there))[0].startswith("Done: ")
        assert fresh(cam).candidate.phone == kept
    again = remy.submit(remy.get(page_of(cam)), {"phone": "none"}, status=200)
    assert errors_of(again) == ["Enter a telephone number, like +1 613 555 0100."]
    assert again.find(id="phone").find_parent("details").has_attr("open")
    again = remy.submit(remy.get(page_of(cam)), {"phone": "1" * 41}, status=200)
    assert errors_of(again) == ["Use at most 40 characters."]
    events = db.session.scalars(sa.select(AuditEvent).filter_by(action="application.phone_set"))
    assert [(event.about_id, event.detail) for event in events] == [(cam.id, {})] * 2


def test_nobody_keeps_a_number_of_who_was_erased(cast, cam, remy):
    page = remy.get(page_of(cam))
    privacy.erase_person(cam.candidate.email, cast.acme)
    db.session.commit()
    remy.submit(page, {"phone": "613 555 0199"}, status=200)
    assert fresh(cam).candidate.phone is None


PARTS = ("rows", "counts", "comments", "closure", "scorecards")


def test_the_number_is_in_no_export_and_in_the_persons_own_data(cast, cam, remy):
    leave_message(cam)
    digits = NUMBER.split()[2][:8].encode()
    seen = 0
    for name, form in itertools.product(PARTS, ("csv", "jsonl")):
        folder = "" if name in ("closure", "scorecards") else "feedback/"
        response = remy.send("GET", f"/e/acme/{folder}{name}.{form}")
        seen += response.status_code == 200
        assert digits not in response.get_data()
    assert seen >= 4
    (record,) = privacy.export_person(cam.candidate.email)["records"]
    assert record["phone"] == NUMBER
    assert [one["kind"] for one in record["applications"][0]["notices"]] == ["attempt"]
    privacy.erase_person(cam.candidate.email, cast.acme)
    assert db.session.scalars(sa.select(Candidate.phone)).one() is None
