"""People on the operator's pages: let in and out, and never nobody left."""

import threading

import pytest
import sqlalchemy as sa

from portal import accounts, operating
from portal.extensions import db
from portal.models import AuditEvent, Membership, Role, User
from tests.support.statements import noting_statements
from tests.web.staff import Person, flashes, words_of

LIST = "/operator/people"


@pytest.fixture
def otto(cast, app):
    return Person(app).sign_in(cast.otto)


def audited(*actions: str) -> list[tuple[str, int | None, int | None]]:
    db.session.rollback()
    events = db.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.id))
    return [(e.action, e.user_id, e.about_id) for e in events if e.action in actions]


def names(page) -> list[str]:
    return [a.text.partition("@")[0] for a in page.select("tbody th a")]


def press(person: Person, path: str) -> str:
    """Press the button of the page at PATH; what is said afterwards."""
    location = person.submit(person.get(path))
    return flashes(person.get(location))[0]


@pytest.mark.both
def test_people_are_listed_found_and_narrowed(cast, otto):
    cast.vera.active = False
    db.session.commit()
    page = otto.get(LIST)
    assert names(page) == ["ada", "olga", "otto", "remy", "vera"]
    assert "5 people, by address" in words_of(page)
    assert names(otto.get(f"{LIST}?q=OLG")) == ["olga"]
    assert names(otto.get(f"{LIST}?show=operators")) == ["otto"]
    assert names(otto.get(f"{LIST}?show=deactivated")) == ["vera"]
    assert "Nobody fits." in words_of(otto.get(f"{LIST}?q=_"))


@pytest.mark.both
def test_the_list_costs_the_same_with_many_people(cast, otto):
    def count() -> int:
        with noting_statements() as seen:
            otto.get(LIST)
        return len(seen)

    few = count()
    rows = [
        {"email": f"a{n}@example.com", "fs_uniquifier": str(n), "password": None}
        for n in range(500)
    ]
    db.session.execute(sa.insert(User), rows)
    db.session.execute(
        sa.insert(Membership),
        [
            {"employer_id": cast.acme.id, "user_id": key, "role": Role.VIEWER}
            for key in db.session.scalars(sa.select(User.id).where(User.password.is_(None)))
        ],
    )
    db.session.commit()
    assert count() == few <= 9


def test_somebody_is_made_an_operator_and_no_longer(cast, app, otto):
    here = f"{LIST}/{cast.ada.id}"
    ada = Person(app).sign_in(cast.ada)
    ada.get("/operator", status=404)
    assert press(otto, f"{here}/make-operator") == "Done: ada@example.com is an operator now."
    ada.get("/operator")
    assert press(otto, f"{here}/make-operator") == "Note: They were an operator already."
    late = ada.get(f"{here}/end-operator")
    assert press(otto, f"{here}/end-operator") == "Done: ada@example.com is no operator any more."
    ada.submit(late, status=404)
    assert press(otto, f"{here}/end-operator") == "Note: They were no operator any more."
    actions = ("user.operator_made", "user.operator_ended")
    assert audited(*actions) == [(action, cast.otto.id, cast.ada.id) for action in actions]


@pytest.mark.both
def test_the_last_operator_who_can_sign_in_stays(cast, make, otto):
    asleep = make.user("asleep")
    asleep.active = False
    db.session.commit()
    here = f"{LIST}/{cast.otto.id}"
    for path in ("end-operator", "deactivate"):
        assert "This is your own account." in words_of(otto.get(f"{here}/{path}"))
        assert "nobody else could operate this site" in press(otto, f"{here}/{path}")
    db.session.refresh(cast.otto)
    assert cast.otto.active
    assert cast.otto.is_operator


def test_an_operator_who_leaves_the_work_is_not_left_before_a_missing_page(cast, make, app, otto):
    make.user("oscar")
    location = otto.submit(otto.get(f"{LIST}/{cast.otto.id}/end-operator"))
    assert location == "/e"
    otto.get("/operator", status=404)


def test_somebody_is_deactivated_at_once_and_let_in_again(cast, app, otto):
    here = f"{LIST}/{cast.remy.id}"
    remy = Person(app).sign_in(cast.remy)
    assert press(otto, f"{here}/deactivate") == "Done: remy@example.com can no longer sign in."
    assert remy.send("GET", "/e/acme/").status_code == 302, "signed out"
    assert press(otto, f"{here}/deactivate") == "Note: They could not sign in any more."
    assert press(otto, f"{here}/activate") == "Done: remy@example.com may sign in again."
    assert press(otto, f"{here}/activate") == "Note: They could sign in already."
    Person(app).sign_in(cast.remy)
    actions = ("user.deactivated", "user.activated")
    assert audited(*actions) == [(action, cast.otto.id, cast.remy.id) for action in actions]


def test_somebody_is_removed_from_an_employer_but_not_its_last_owner(cast, otto):
    remy, ada = (f"{LIST}/{one.id}/employers/{cast.acme.id}/end" for one in (cast.remy, cast.ada))
    said = "Done: remy@example.com no longer works for Acme ."
    assert press(otto, remy) == said
    assert press(otto, remy) == "Note: They did not work for it any more."
    for path in (ada, f"{LIST}/{cast.ada.id}/deactivate"):
        assert "nobody else who can sign in owns Acme" in press(otto, path)
    accounts.add_membership(cast.vera, cast.acme, Role.OWNER)
    db.session.commit()
    assert press(otto, ada).startswith("Done:")
    assert len(audited("membership.removed")) == 2


@pytest.mark.both
def test_two_operators_who_end_each_others_work_leave_one(cast, make, app):
    oscar = make.user("oscar")
    ids, results = (cast.otto.id, oscar.id), []
    ready = threading.Barrier(2)

    def end(user_id: int) -> None:
        with app.app_context():
            user = operating.find_person(user_id)
            db.session.rollback()
            ready.wait()
            try:
                results.append(operating.end_operator(user))
                db.session.commit()
            except operating.LastOperator:
                db.session.rollback()
                results.append("last")
            db.session.remove()

    db.session.rollback()
    both = [threading.Thread(target=end, args=(key,)) for key in ids]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    assert sorted(map(str, results)) == ["True", "last"]


def test_nobody_sets_a_password_for_somebody_else(cast, otto):
    page = otto.get(f"{LIST}/{cast.ada.id}")
    assert page.find("input", type="password") is None
    assert "Nobody sets a password for somebody else" in words_of(page)


def test_who_does_not_exist_is_404(cast, otto):
    for path in ("", "/make-operator", "/end-operator", "/deactivate", "/activate"):
        otto.get(f"{LIST}/999{path}", status=404)
    otto.get(f"{LIST}/{cast.ada.id}/employers/999/end", status=404)
