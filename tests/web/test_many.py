"""One action for many at once, on its page: nothing is sent or noted that was not looked at."""

import pytest

from portal import hiring
from portal.extensions import db
from portal.models import Application, Channel, Locale, Notice, Outcome, ReasonCode, Run, utcnow
from tests.web.staff import Person, words_of

MANY, DESK = "/e/acme/applications/many", "/e/acme/applications"
SEND = ("step", "send")
CHANGED = "Not sent yet"


@pytest.fixture
def remy(cast, app):
    return Person(app).sign_in(cast.remy)


def look(person: Person, do: str, *chosen: Application, **said):
    picks = {"pick": [str(one.id) for one in chosen]} if chosen else {"every": "1"}
    data = {"do": do, **picks, **said}
    return person.post(MANY, data, status=200, token_from=DESK)


def count(table) -> int:
    db.session.rollback()
    return db.session.query(table).count()


def picks_of(person: Person, page, *chosen: Application, **said) -> dict:
    return person.fill(page, said, SEND) | {"pick": [str(one.id) for one in chosen]}


def test_a_reason_that_was_changed_is_looked_at_before_it_leaves(cast, make, remy):
    ada = make.application(cast.acme)
    said = {"outcome": "rejected", "then": "letter", "reason_code": "skills", "step": "look"}
    page = look(remy, "decide", ada, **said)
    chosen = {"outcome": "rejected", "then": "letter", "leaves": "at_once"}
    worse = chosen | {"reason_code": ReasonCode.OTHER.value, "reason": "You were late."}
    page = remy.submit(page, worse, SEND, status=200)
    assert CHANGED in words_of(page)
    assert "You were late." in words_of(page)
    assert count(Notice) == 0
    remy.submit(page, chosen, SEND)
    assert count(Notice) == 1


def test_who_was_left_out_and_why_is_read_in_the_readers_language(cast, make, remy, browse):
    make.decided(cast.acme, name="Reached", email="r@example.net")
    make.decided(cast.acme, name="Without", email=None)
    page = look(remy, "tell")
    remy.submit(page, {"leaves": "at_once"}, SEND)
    where = f"/e/acme/runs/{db.session.query(Run).one().id}"
    assert "No email address is known: call." in words_of(remy.get(where))
    cast.ada.locale = Locale.FRENCH
    db.session.commit()
    assert "Aucune adresse e-mail connue : appelez." in words_of(browse(cast.ada).get(where))


def test_a_reason_that_a_colleague_changed_is_looked_at_too(cast, make, remy):
    ada = make.decided(cast.acme)
    page = look(remy, "tell", ada)
    hiring.record_decision(ada, Outcome.REJECTED, utcnow(), utcnow(), reason_code=ReasonCode.TERMS)
    db.session.commit()
    page = remy.submit(page, {"leaves": "at_once"}, SEND, status=200)
    assert CHANGED in words_of(page)
    assert count(Notice) == 0


def test_who_came_to_a_filter_since_is_not_noted_unseen(cast, make, remy):
    make.application(cast.acme)
    page = look(remy, "withdraw", show="open")
    late = make.application(cast.acme)
    page = remy.submit(page, {}, SEND, status=200)
    assert CHANGED in words_of(page)
    db.session.refresh(late)
    assert late.outcome is None
    remy.submit(page, {}, SEND)
    db.session.refresh(late)
    assert late.outcome is Outcome.WITHDRAWN


def test_all_that_a_filter_finds_cannot_be_noted_without_a_look(cast, make, remy):
    ada = make.application(cast.acme)
    data = {"do": "withdraw", "every": "1", "show": "open", "step": "send"}
    remy.post(MANY, data, status=200, token_from=DESK)
    db.session.refresh(ada)
    assert ada.outcome is None


def test_a_decision_without_a_letter_says_nothing_of_changes(cast, make, remy):
    ada = make.application(cast.acme)
    page = look(remy, "decide", ada)
    page = remy.submit(page, {"outcome": "rejected", "then": "letter"}, SEND, status=200)
    assert CHANGED not in words_of(page)
    assert "Letter 1 of 1" in words_of(page)
    page = look(remy, "decide", ada)
    remy.submit(page, {"outcome": "rejected", "then": "not_yet"}, SEND)
    db.session.refresh(ada)
    assert (ada.outcome, ada.told_on) == (Outcome.REJECTED, None)


def test_a_second_click_leads_to_what_the_first_did(cast, make, remy):
    page = look(remy, "tell", make.decided(cast.acme))
    assert DESK in remy.submit(page, {"leaves": "at_once"}, SEND)
    assert "/e/acme/runs/" in remy.submit(page, {"leaves": "at_once"}, SEND)
    assert (count(Run), count(Notice)) == (1, 1)


def test_other_employers_people_and_lookers_on_are_left_alone(cast, make, remy, app):
    theirs = make.decided(cast.globex)
    page = look(remy, "told", theirs)
    assert "Nobody is left" in words_of(page)
    data = {"do": "told", "pick": str(theirs.id), "step": "send", "channel": "phone"}
    remy.post(MANY, data, status=200, token_from=DESK)
    db.session.refresh(theirs)
    assert theirs.told_on is None
    assert count(Run) == 0


def test_one_person_is_noted_on_the_desk_itself(cast, make, remy):
    ada = make.decided(cast.acme)
    data = {"do": "told", "pick": str(ada.id), "step": "send", "channel": "phone", "once": "x"}
    remy.post(MANY, data, token_from=DESK)
    db.session.refresh(ada)
    assert ada.channel is Channel.PHONE


def test_who_could_not_be_written_to_is_said_at_once(cast, make, remy):
    short, long = make.decided(cast.acme), make.decided(cast.acme, role="R" * 200)
    page = look(remy, "tell", short, long)
    words = {"subject-rejected-en": "{role} and {role}", "leaves": "at_once"}
    data = picks_of(remy, page, short, long, **words) | {"step": "look"}
    page = remy.post(MANY, data, status=200, token_from=DESK)
    where = remy.post(MANY, picks_of(remy, page, short, long, leaves="at_once"), token_from=DESK)
    assert "/e/acme/runs/" in where
    assert "Shorten it" in words_of(remy.get(where))


@pytest.mark.parametrize("field", ["feedback", "channel"])
@pytest.mark.parametrize("step", ["", "send"])
def test_what_is_no_choice_is_said_and_notes_nothing(cast, make, remy, field, step):
    ada = make.decided(cast.acme)
    look(remy, "told", ada, **{field: "by pigeon", "step": step})
    assert count(Notice) == 0


def test_a_second_click_on_undo_finds_what_the_first_did(cast, make, remy):
    remy.submit(look(remy, "told", make.decided(cast.acme)), {}, SEND)
    where = f"/e/acme/runs/{db.session.query(Run).one().id}"
    for _ in range(2):
        remy.post(f"{where}/undo", {}, token_from=DESK)
        assert "no longer" not in words_of(remy.get(where))
    assert count(Notice) == 0
