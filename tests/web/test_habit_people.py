"""From a figure of the habits page to the people behind it: who may, how many, what comes next."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from portal import hiring, privacy, reputation
from portal.extensions import db
from portal.models import Application, Candidate, Channel, Feedback, Outcome, Requisition, utcnow
from portal.reputation import HabitGroup
from tests.support.statements import noting_statements
from tests.web.staff import Person, words_of

HABITS = "/e/acme/habits"


@pytest.fixture
def remy(cast, app):
    return Person(app).sign_in(cast.remy)


@pytest.fixture
def vera(cast, app):
    return Person(app).sign_in(cast.vera)


@pytest.fixture
def busy(cast, make):
    """Acme's people: told at once, told late, waiting, withdrawn, erased before they were told."""
    for told_after in (0, 2, 20):
        make.told(cast.acme, days_ago=60, told_after=told_after)
    make.decided(cast.acme, days_ago=60, name="Wanda Waits")
    make.decided(cast.acme, days_ago=45, name="Ada Also")
    make.decided(cast.acme, Outcome.WITHDRAWN, days_ago=60, name="Drew Out")
    gone = make.decided(cast.acme, days_ago=70, name="Gone Away")
    privacy.erase_person(gone.candidate.email)
    kept = {"promised_on": date.today() - timedelta(days=50)}
    db.session.execute(sa.update(Application).where(Application.told_on.is_not(None)).values(kept))
    count(cast.acme)
    return cast.acme


def count(employer) -> None:
    reputation.refresh_habits(employer, utcnow())
    db.session.commit()


def ways(page) -> dict[str, int]:
    """Where the page leads, and how many people it says are there."""
    links = page.select(".who a")
    return {link["href"]: int(link.get_text().split(":")[-1]) for link in links}


def rows(page) -> list[list[str]]:
    return [
        [" ".join(cell.get_text(" ").split()) for cell in row.select("th, td")]
        for row in page.select("tbody tr")
    ]


def test_every_way_leads_to_as_many_people_as_it_says(busy, remy):
    found = ways(remy.get(HABITS))
    assert found == {
        f"{HABITS}/told-within-3-days": 2,
        f"{HABITS}/told-within-7-days": 2,
        f"{HABITS}/told-within-14-days": 2,
        f"{HABITS}/told-within-30-days": 3,
        f"{HABITS}/not-told-within-14-days": 4,
        f"{HABITS}/not-told-within-30-days": 3,
        f"{HABITS}/told-in-person": 3,
        f"{HABITS}/not-told": 3,
        f"{HABITS}/told-no-reason": 3,
        f"{HABITS}/no-date-promised": 3,
        f"{HABITS}/promise-kept": 2,
        f"{HABITS}/promise-broken": 1,
    }
    for path, people in found.items():
        page = remy.get(path)
        assert len(rows(page)) == people
        assert not page.main.select(".notice"), "nothing has changed since the count"
        assert "Drew Out" not in words_of(page)


def test_who_can_be_told_stands_first_with_what_comes_next(busy, remy):
    page = remy.get(f"{HABITS}/not-told")
    assert [(row[0], row[3], row[4]) for row in rows(page)] == [
        ("Wanda Waits", "Waiting for 60 days", "Tell them , Wanda Waits"),
        ("Ada Also", "Waiting for 45 days", "Tell them , Ada Also"),
        ("Erased", "Never", "Can no longer be told"),
    ]
    assert "Gone Away" not in str(page)
    form = remy.get(page.select("tbody td a")[0]["href"])
    assert "Wanda Waits" in words_of(form)
    told = rows(remy.get(f"{HABITS}/told-within-3-days"))
    assert {row[4] for row in told} == {"Nothing to do"}
    assert all("after" in row[3] for row in told)


def test_viewers_see_figures_and_no_way_to_a_name(busy, vera):
    page = vera.get(HABITS)
    assert "Waiting for your answer 2 people" in words_of(page)
    assert not page.select(".who")
    assert not page.main.select("a[href*='applications'], a[href*='habits/']")
    for group in HabitGroup:
        vera.get(f"{HABITS}/{group}", status=404)


def test_another_employers_lists_and_lists_there_are_none_of_do_not_exist(busy, remy):
    remy.get("/e/globex/habits/not-told", status=404)
    remy.get(f"{HABITS}/secret", status=404)


def test_a_list_says_that_something_has_changed_since_the_count(busy, make, remy):
    waiting = db.session.scalars(
        sa.select(Application).join(Candidate).where(Candidate.name == "Wanda Waits")
    ).one()
    waiting.told_on, waiting.channel, waiting.feedback = (
        date.today(),
        Channel.PHONE,
        Feedback.GENERAL,
    )
    hiring.keep_owed(waiting)
    db.session.commit()
    page = remy.get(f"{HABITS}/not-told")
    assert len(rows(page)) == 2
    assert "The figure has 3, counted up to" in words_of(page)
    assert "Waiting for your answer 1 person" in words_of(remy.get(HABITS))
    count(busy)
    assert not remy.get(f"{HABITS}/not-told").main.select(".notice")


def test_an_empty_list_and_an_employer_without_a_count(cast, make, remy):
    page = remy.get(f"{HABITS}/not-told")
    assert "Nobody is on this list" in words_of(page)
    assert page.main.find("a", href=HABITS, string="Back to the habits")
    make.told(cast.acme)
    count(cast.acme)
    assert "Everybody you have decided on has been told." in words_of(remy.get(HABITS))


def test_they_are_in_french_too(busy, remy):
    remy.options = {"headers": {"Accept-Language": "fr"}}
    page = remy.get(HABITS)
    assert page.html["lang"] == "fr"
    assert page.select_one("#silence").get_text() == "Réponses tardives, ou jamais données"
    first = rows(remy.get(f"{HABITS}/not-told"))
    assert first[0][3].replace("\xa0", " ") == "Attend depuis 60 jours"
    assert first[2][0] == "Personne effacée"


@pytest.mark.long
def test_ten_thousand_are_paged_at_the_same_cost(busy, make, remy):
    costs = []
    for more in (60, 10_000):
        role = db.session.scalars(sa.select(Requisition)).first()
        people = [{"employer_id": busy.id, "name": f"Cam {n}"} for n in range(more)]
        ids = db.session.scalars(sa.insert(Candidate).returning(Candidate.id), people).all()
        decided_on = date.today() - timedelta(days=31)
        facts = {
            "employer_id": busy.id,
            "requisition_id": role.id,
            "stage": "",
            "stage_entered_on": decided_on,
            "outcome": Outcome.REJECTED,
            "decided_on": decided_on,
        }
        db.session.execute(sa.insert(Application), [facts | {"candidate_id": id_} for id_ in ids])
        count(busy)
        with noting_statements() as seen:
            page = remy.get(f"{HABITS}/not-told?page=2")
        costs.append(len(seen))
        assert rows(page)
    assert "10,063 candidates, 51 to 100 on this page" in words_of(page)
    assert costs[0] == costs[1]
    assert len(rows(remy.get(f"{HABITS}/not-told?page=9999"))) == 13
