"""Roles: found, changed, filled; and whoever applied for one is told that it is over."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier

import pytest
import sqlalchemy as sa

from portal import hiring, team
from portal.extensions import db
from portal.models import (
    Application,
    AuditEvent,
    Candidate,
    Membership,
    Outcome,
    Requisition,
    RequisitionState,
    utcnow,
)
from tests.support.statements import noting_statements
from tests.web.staff import Person, errors_of, flashes, words_of

ROLES, DESK = "/e/acme/roles", "/e/acme/applications"
LONG = "R" * 110 + " " + "מנהל " * 17 + "Wort"


@pytest.fixture
def remy(cast, app):
    return Person(app).sign_in(cast.remy)


@pytest.fixture
def ada(cast, app):
    return Person(app).sign_in(cast.ada)


def role_of(application: Application) -> Requisition:
    db.session.expire_all()
    return db.session.get_one(Requisition, application.requisition_id)


def page_of(application: Application) -> str:
    return f"{ROLES}/{application.requisition_id}"


def open_form(person: Person, application: Application):
    """The page of the role of APPLICATION, its main form that which changes it."""
    page = person.get(page_of(application))
    for form in page.select('form[action$="/state"]'):
        form.decompose()
    return page


def mark(person: Person, application: Application, state: str, status: int = 303):
    """Where marking the role of APPLICATION as STATE leads."""
    path = page_of(application)
    return person.post(f"{path}/state", {"state": state}, status=status, token_from=path)


def rows(page) -> list[str]:
    return [" ".join(tr.get_text(" ").split()) for tr in page.select("tbody tr")]


def set_state(application: Application, state: RequisitionState) -> None:
    hiring.set_state(role_of(application), state)
    db.session.commit()


def actions() -> list[str]:
    events = sa.select(AuditEvent.action).where(AuditEvent.action.startswith("requisition."))
    return list(db.session.scalars(events.order_by(AuditEvent.id)))


def hire(application: Application) -> None:
    hiring.record_decision(application, Outcome.HIRED, utcnow(), utcnow())
    db.session.commit()


# -- the list -------------------------------------------------------------------------------------


def test_no_roles_yet_says_how_they_come(cast, remy):
    page = remy.get(ROLES)
    assert "No roles yet" in words_of(page)
    assert page.main.find("a", href=f"{DESK}/new")


def test_each_row_says_who_waits_and_how_many_are_hired(cast, make, remy):
    nurse = make.application(cast.acme, role="Nurse", department="Ward B")
    make.decided(cast.acme, role="Nurse")
    make.told(cast.acme, role="Nurse")
    make.decided(cast.acme, Outcome.WITHDRAWN, role="Nurse")
    make.decided(cast.acme, Outcome.OFFER_DECLINED, role="Nurse")
    make.told(cast.acme, Outcome.HIRED, role="Nurse")
    make.application(cast.globex, role="Not Acme’s")
    role = role_of(nurse)
    role.places, role.owner_id = 2, cast.ada.id
    db.session.commit()
    (row,) = rows(remy.get(ROLES))
    assert row == "Nurse Ward B ada@example.com ○ Open 6 2 Not told: Nurse 1 of 2"


@pytest.mark.both
def test_roles_that_are_over_while_people_wait_come_first(cast, make, remy):
    over = make.decided(cast.acme, role="Zookeeper")
    done = make.told(cast.acme, role="Attendant")
    make.application(cast.acme, role="Nurse")
    for one in (over, done):
        set_state(one, RequisitionState.CLOSED)
    db.session.commit()
    assert [row.split()[0] for row in rows(remy.get(ROLES))] == ["Zookeeper", "Nurse", "Attendant"]
    shown = rows(remy.get(f"{ROLES}?show=closed"))
    assert [row.split()[0] for row in shown] == ["Zookeeper", "Attendant"]
    assert rows(remy.get(f"{ROLES}?show=filled")) == []


SEARCHES = [("urs", 1), ("WARD", 1), ("%", 0), ("_", 0), ("/", 0), ("zzz", 0), ("a%00b", 0)]


@pytest.mark.both
def test_the_search_looks_at_title_and_department_as_typed(cast, make, remy, subtests):
    make.application(cast.acme, role="Nurse", department="Ward B")
    make.application(cast.acme, role="Cook")
    for search, found in SEARCHES:
        with subtests.test(search=search):
            assert len(rows(remy.get(f"{ROLES}?q={search}"))) == found


def fill(employer, roles: int, each: int) -> None:
    """So many ROLES, each with EACH applications, in few statements."""
    titles = [{"employer_id": employer.id, "title": f"Role {n:04}"} for n in range(roles)]
    db.session.execute(sa.insert(Requisition), titles)
    person = Candidate(employer_id=employer.id, name="Cam", email="cam@example.net")
    db.session.add(person)
    db.session.flush()
    facts = {"employer_id": employer.id, "candidate_id": person.id}
    ids = db.session.scalars(sa.select(Requisition.id).filter_by(employer_id=employer.id))
    rows_of = [
        facts | {"requisition_id": role_id, "stage_entered_on": utcnow().date()}
        for role_id in ids
        for _ in range(each)
    ]
    if rows_of:
        db.session.execute(sa.insert(Application), rows_of)
    db.session.commit()


@pytest.mark.both
def test_two_thousand_roles_cost_no_more_statements_than_one(cast, make, app, remy):
    make.application(cast.acme)
    fill(cast.globex, 2_000, 3)
    olga = Person(app).sign_in(cast.olga)
    counted = []
    for person, path in ((remy, ROLES), (olga, "/e/globex/roles")):
        with noting_statements() as seen:
            assert person.send("GET", path).status_code == 200
        counted.append(len(seen))
    assert counted[0] == counted[1] <= 9
    assert len(rows(olga.page)) == 50
    assert "2,000 roles." in olga.page.caption.text


# -- one role -------------------------------------------------------------------------------------


def test_a_role_is_changed_and_the_trail_says_so(cast, make, remy):
    nurse = make.application(cast.acme, role="Nurse")
    typed = {"title": " Head  nurse ", "department": "Ward B", "places": "3"}
    typed |= {"owner": str(cast.ada.id)}
    assert remy.submit(open_form(remy, nurse), typed) == page_of(nurse)
    page = remy.get(page_of(nurse))
    assert flashes(page) == ["Done: Saved."]
    role = role_of(nurse)
    assert (role.title, role.department, role.places) == ("Head nurse", "Ward B", 3)
    assert role.owner_id == cast.ada.id
    assert page.find("option", selected=True).text == "ada@example.com"
    event = db.session.scalars(sa.select(AuditEvent).filter_by(action="requisition.changed")).one()
    assert event.detail == {"keys": ["department", "owner_id", "places", "title"]}
    assert (event.user_id, event.about_id) == (cast.remy.id, role.id)


UNFIT = [
    ({"title": " "}, "Enter the title of the role."),
    ({"title": "\u200b"}, "Enter the title of the role."),
    ({"title": "x" * 201}, "Use at most 200 characters."),
    ({"title": "Cook"}, "There is a role with this title already."),
    ({"department": "x" * 121}, "Use at most 120 characters."),
    ({"places": "0"}, "Enter how many people are to be hired, from 1 to 9999."),
    ({"places": "10000"}, "Enter how many people are to be hired, from 1 to 9999."),
    ({"places": ""}, "Enter how many people are to be hired, from 1 to 9999."),
    ({"places": "two"}, "Enter how many people are to be hired, from 1 to 9999."),
    (
        {"owner": "2147483647"},
        "The hiring owner is not on your team any more: choose somebody else, or nobody yet.",
    ),
]


def test_what_cannot_be_kept_is_said_at_its_field(cast, make, remy, subtests):
    nurse = make.application(cast.acme, role="Nurse")
    make.application(cast.acme, role="Cook")
    for typed, message in UNFIT:
        with subtests.test(typed=typed):
            again = remy.submit(open_form(remy, nurse), typed, status=200)
            assert errors_of(again) == [message]
            assert role_of(nurse).title == "Nurse"


def test_only_who_works_here_can_own_a_role(cast, make, remy):
    nurse = make.application(cast.acme, role="Nurse")
    offered = {option.text for option in remy.get(page_of(nurse)).select("#owner option")}
    assert offered == {"Nobody yet", "ada@example.com", "remy@example.com", "vera@example.com"}
    remy.submit(open_form(remy, nurse), {"owner": str(cast.olga.id)}, status=200)
    remy.submit(open_form(remy, nurse), {"owner": str(cast.vera.id)})
    db.session.execute(sa.delete(Membership).where(Membership.user_id == cast.vera.id))
    db.session.commit()
    assert "vera" not in words_of(remy.get(page_of(nurse)))
    assert [row for row in rows(remy.get(ROLES)) if "vera" in row] == []
    assert len(team.list_members(cast.acme)) == 2


def test_who_saves_over_somebody_else_is_asked_to_look(cast, make, remy, ada):
    nurse = make.application(cast.acme, role="Nurse")
    late = open_form(remy, nurse)
    ada.submit(open_form(ada, nurse), {"places": "4"})
    again = remy.submit(late, {"department": "Ward B"}, status=409)
    assert "Somebody else changed this role." in words_of(again)
    again.select_one('form[action$="/state"]').decompose()
    again.select_one('form[action$="/state"]').decompose()
    assert (role_of(nurse).places, role_of(nurse).department) == (4, None)
    remy.submit(again, {"places": "4"})
    assert (role_of(nurse).places, role_of(nurse).department) == (4, "Ward B")


@pytest.mark.parametrize("title", [LONG, "<script>alert(1)</script>", "{{7*7}} %(role)s", "%s"])
def test_whatever_a_title_says_stays_text(cast, make, remy, title):
    assert len(title) <= 200
    one = make.decided(cast.acme, role=title)
    for path in (ROLES, page_of(one)):
        assert title.strip() in words_of(remy.get(path))
    mark(remy, one, "open")
    assert title.strip() in flashes(remy.get(page_of(one)))[0]


def test_another_employers_role_is_not_found(cast, make, remy):
    theirs = make.application(cast.globex)
    remy.get(f"{ROLES}/{theirs.requisition_id}", status=404)
    path = f"{ROLES}/{theirs.requisition_id}/state"
    mine = page_of(make.application(cast.acme))
    remy.post(path, {"state": "filled"}, status=404, token_from=mine)
    assert role_of(theirs).state is RequisitionState.OPEN


# -- filled ---------------------------------------------------------------------------------------


@pytest.mark.both
def test_closing_a_role_leads_to_those_who_are_still_to_be_told(cast, make, remy, subtests):
    nurse = make.application(cast.acme, role="Nurse")
    make.decided(cast.acme, role="Nurse")
    make.told(cast.acme, role="Nurse")
    make.decided(cast.acme, Outcome.OFFER_DECLINED, role="Nurse")
    make.decided(cast.acme, Outcome.WITHDRAWN, role="Nurse")
    make.decided(cast.acme, role="Cook")
    for state, said in (("filled", "filled"), ("closed", "closed")):
        with subtests.test(state=state):
            page = remy.get(page_of(nurse))
            there = remy.post(
                f"{page_of(nurse)}/state", {"state": state}, token_from=page_of(nurse)
            )
            assert there == f"{DESK}?role={nurse.requisition_id}&show=waiting"
            assert flashes(remy.get(there)) == [
                f"Done: Nurse is {said}. 2 people who applied for it have not been told."
            ]
            assert role_of(nurse).state == state
            assert "2 people have not been told" in words_of(remy.get(page_of(nurse)))
    assert page.main.find("button", string=lambda text: "Open it again" in text)
    mark(remy, nurse, "open")
    assert role_of(nurse).state is RequisitionState.OPEN
    assert actions() == ["requisition.filled", "requisition.closed", "requisition.opened"]


def test_whose_letter_waits_for_its_time_is_not_counted_as_untold(cast, make, remy):
    nurse = make.decided(cast.acme, role="Nurse")
    nurse.news_leaves_at = datetime(2030, 1, 2, tzinfo=UTC)
    db.session.commit()
    assert "Nobody waits for news" in words_of(remy.get(page_of(nurse)))


def test_a_role_in_which_everybody_knows_closes_quietly(cast, make, remy):
    nurse = make.told(cast.acme, role="Nurse")
    for _ in range(2):  # a second click
        there = mark(remy, nurse, "closed")
        assert there == page_of(nurse)
    assert "Nobody in it is left to be told." in flashes(remy.get(there))[0]
    assert actions() == ["requisition.closed"]


def test_a_state_that_is_none_is_refused(cast, make, remy):
    nurse = make.told(cast.acme, role="Nurse")
    mark(remy, nurse, "x", status=400)


@pytest.mark.both
def test_hiring_for_the_last_place_offers_to_tell_the_nine_others(cast, make, remy):
    first, last = (make.application(cast.acme, role="Nurse", name=name) for name in ("Al", "Bo"))
    for _ in range(5):
        make.application(cast.acme, role="Nurse")
    for _ in range(4):
        make.decided(cast.acme, role="Nurse")
    make.told(cast.acme, role="Nurse")
    make.decided(cast.acme, Outcome.OFFER_DECLINED, role="Nurse")
    make.decided(cast.acme, Outcome.WITHDRAWN, role="Nurse")
    role_of(first).places = 2
    db.session.commit()
    choice = {"outcome": "hired", "how": "already", "channel": "phone"}
    for one, is_filled in ((first, False), (last, True)):
        page = remy.get(f"{DESK}/{one.id}/decision")
        page = remy.get(remy.submit(page, choice))
        there = f"{DESK}?role={one.requisition_id}&show=waiting"
        assert (page.main.find("a", href=there) is not None) is is_filled
        assert (role_of(one).state is RequisitionState.FILLED) is is_filled
    assert "9 people who applied for it have not been told. Tell these people" in words_of(page)
    assert hiring.untold_in_role(role_of(last)) == 9
    assert actions() == ["requisition.filled"]


def test_a_file_of_past_hires_closes_no_role(cast, make):
    make.told(cast.acme, Outcome.HIRED, role="Nurse")
    held = make.application(cast.acme, role="Nurse")
    now = utcnow()
    hiring.record_past(held, hiring.PastDecision(Outcome.HIRED, now), now)
    db.session.commit()
    assert role_of(held).state is RequisitionState.OPEN


def test_a_role_that_is_closed_stays_closed_and_one_with_places_open(cast, make):
    nurse, cook = (make.application(cast.acme, role=role) for role in ("Nurse", "Cook"))
    set_state(nurse, RequisitionState.CLOSED)
    role_of(cook).places = 2
    db.session.commit()
    for one in (nurse, cook):
        hire(one)
        assert not hiring.fill_if_last_place(one)
    assert role_of(nurse).state is RequisitionState.CLOSED
    assert role_of(cook).state is RequisitionState.OPEN


@pytest.mark.both
def test_two_hires_at_once_for_the_last_two_places_fill_the_role(cast, make, app):
    people = [make.application(cast.acme, role="Nurse") for _ in range(2)]
    role_of(people[0]).places = 2
    db.session.commit()
    ids, ready = [one.id for one in people], Barrier(2)
    db.session.rollback()

    def hire_one(number: int) -> None:
        with app.app_context():
            ready.wait()
            one = db.session.get_one(Application, number)
            hiring.record_decision(one, Outcome.HIRED, utcnow(), utcnow())
            db.session.commit()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(hire_one, ids))
    assert role_of(people[0]).state is RequisitionState.FILLED
    assert actions() == ["requisition.filled"]


@pytest.mark.both
def test_two_who_take_one_title_at_once_leave_one_with_it(cast, make, app, remy, ada):
    one, two = (make.application(cast.acme, role=role) for role in ("Nurse", "Cook"))
    typed = {"title": "Midwife"}
    sent = {
        person: (page_of(role), person.fill(open_form(person, role), typed))
        for person, role in ((remy, one), (ada, two))
    }
    db.session.rollback()
    ready = Barrier(2)

    def send(person: Person) -> int:
        path, data = sent[person]
        with app.app_context():
            ready.wait()
            return person.client.post(path, data=data).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(send, sent)) == [200, 303]


# -- suggested ------------------------------------------------------------------------------------


def test_what_is_known_is_suggested_where_one_is_added(cast, make, remy):
    closed = make.application(cast.acme, role="Cook", department="Kitchen")
    make.application(cast.acme, role="Nurse", department="Ward B")
    make.application(cast.globex, role="Spy", department="Cellar")
    set_state(closed, RequisitionState.CLOSED)
    db.session.commit()
    page = remy.get(f"{DESK}/new")
    for name, said in (("role", ["Nurse"]), ("department", ["Kitchen", "Ward B"])):
        options = page.find(id=page.find(id=name)["list"]).select("option")
        assert [option["value"] for option in options] == said


def test_hundreds_of_roles_are_suggested_and_thousands_do_not_fill_the_page(cast, app):
    fill(cast.globex, 2_000, 0)
    olga = Person(app).sign_in(cast.olga)
    page = olga.get("/e/globex/applications/new")
    assert len(page.select("#role-list option")) == 500
