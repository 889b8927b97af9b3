"""Importing on the pages: a file, its columns, what is asked, what will happen, the run."""

import io
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from portal import jobs
from portal.extensions import db
from portal.models import (
    Application,
    Candidate,
    IntakeFile,
    Outcome,
    Run,
    RunState,
)
from tests.support.import_files import ANN, BOB, HEADER, write
from tests.web.staff import Person

START = "/e/acme/import"
TODAY = date.today()


def day(days_ago: int) -> str:
    return (TODAY - timedelta(days=days_ago)).isoformat()


@pytest.fixture
def remy(cast, app):
    return Person(app).sign_in(cast.remy)


class Wizard:
    """One person's walk through the pages; `at` is where the last step led."""

    def __init__(self, person: Person) -> None:
        self.person, self.at = person, START

    def upload(self, data: bytes, name="candidates.csv", status=303):
        found = self.person.post(
            START, {"file": (io.BytesIO(data), name)}, status, content_type="multipart/form-data"
        )
        self.at = found if status == 303 else self.at
        return found

    @property
    def step(self) -> str:
        return self.at.rpartition("/")[2]

    @property
    def page(self):
        return self.person.get(self.at)

    def words(self) -> str:
        return " ".join(self.page.main.get_text(" ").split())

    def send(self, button=None, status=303, **typed):
        """The form of this page as it stands, with what is TYPED."""
        data = self.person.fill(self.page, {k.replace("_", "-"): v for k, v in typed.items()})
        found = self.person.post(self.at, data, status)
        self.at = found if status == 303 else self.at
        return found

    def apply(self, rows="all") -> Run:
        action = self.at.replace("/check", "/apply")
        self.at = self.person.post(action, {"rows": rows}, token_from=self.at)
        jobs.work_runs()
        db.session.rollback()
        return db.session.scalars(sa.select(Run).order_by(Run.id.desc())).first()


@pytest.fixture
def wizard(remy):
    return Wizard(remy)


def held() -> list[tuple]:
    found = sa.select(
        Candidate.name, Application.outcome, Application.decided_on, Application.told_on
    )
    return [
        tuple(row)
        for row in db.session.execute(found.join(Application.candidate).order_by(Application.id))
    ]


def test_a_file_of_open_applications_is_imported(wizard, cast):
    wizard.upload(write(HEADER, ANN, BOB))
    assert wizard.step == "columns"
    wizard.send()
    assert wizard.step == "check"
    assert "All 2 rows can be imported" in wizard.words()
    assert "2 people will be asked by email how they were informed" in wizard.words()
    assert held() == []
    run = wizard.apply()
    assert run.state is RunState.FINISHED
    assert held() == [("Ann", None, None, None), ("Bob", None, None, None)]
    assert "The import is done" in wizard.words()
    assert db.session.scalars(sa.select(IntakeFile)).all() == []


def test_what_words_mean_is_asked_once_and_kept_for_the_next_file(wizard):
    header = ["Candidate", "Mail", "Job", "Where are they?", "Last Update"]
    first = write(header, ["Ann", "ann@x.test", "Nurse", "Turned down", day(20)])
    wizard.upload(first)
    wizard.send(column_3="outcome")
    assert wizard.step == "answers"
    assert "Turned down" in wizard.words()
    wizard.send(value_0="rejected", told="no")
    assert wizard.step == "check"
    wizard.apply()
    assert held() == [("Ann", Outcome.REJECTED, date.fromisoformat(day(20)), None)]
    wizard.upload(write(header, ["Bob", "bob@x.test", "Nurse", "Turned down", day(10)]))
    assert wizard.step == "answers"
    words = wizard.words()
    assert "Were these people told?" in words
    wizard.send(told="yes")
    wizard.apply()
    assert held()[1] == ("Bob", Outcome.REJECTED, *[date.fromisoformat(day(10))] * 2)


def test_rows_with_faults_stay_out_if_one_says_so(wizard):
    wizard.upload(write(HEADER, ANN, ["Bob", "bob@", "Engineer"], ["Cy", "cy@x.test", "Lead"]))
    wizard.send()
    assert "1 row cannot be imported" in wizard.words()
    assert "Row 3, column “email”: “bob@”" in wizard.words()
    assert (
        wizard.person.post(
            wizard.at.replace("/check", "/apply"), {"rows": "all"}, token_from=wizard.at
        )
        == wizard.at
    )
    run = wizard.apply("good")
    assert [name for name, *_ in held()] == ["Ann", "Cy"]
    assert (run.counts["new"], run.counts["rows"]) == (2, 3)
    assert "Not imported" in wizard.words()
    errors = wizard.person.send("GET", "/e/acme/import/1/errors.csv")
    assert errors.status_code == 404


def test_an_import_is_undone(wizard):
    wizard.upload(write(HEADER, ANN))
    wizard.send()
    wizard.apply()
    assert "Undo this import" in wizard.words()
    wizard.person.post(f"{wizard.at}/undo", {}, token_from=wizard.at)
    jobs.work_runs()
    assert held() == []
    assert "The import was undone" in wizard.words()
