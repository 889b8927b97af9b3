"""A file between upload and import: when it is looked at, and what is kept of answers."""

import io

import pytest
import sqlalchemy as sa

from portal import intake, jobs
from portal.candidate_files import FileRefused, Plan, SheetChoice, ToldAnswer
from portal.extensions import db
from portal.models import Application, FileState, Invitation, utcnow
from tests.support.import_files import HEADER, write

pytestmark = pytest.mark.both
KNOWN = tuple((f"#{place}", name) for place, name in enumerate(HEADER, 1))


@pytest.fixture
def acme(make):
    return make.employer("acme")


def take_in(employer, data: bytes):
    file = intake.take_in(employer, "candidates.csv", io.BytesIO(data), utcnow())
    db.session.commit()
    return file


def people(count: int) -> bytes:
    return write(HEADER, *([f"P {n}", f"p{n}@x.test", "Engineer"] for n in range(count)))


def test_a_small_file_is_looked_at_at_once_and_nothing_is_added(app, acme):
    file = take_in(acme, people(3))
    assert (file.state, file.checked) == (FileState.OPEN, None)
    intake.say(acme, file, Plan(columns=KNOWN), utcnow())
    db.session.commit()
    found = intake.found_in(file)
    assert (found.rows, found.good, found.counts["new"], found.asks) == (3, 3, 3, False)
    for table in (Application, Invitation):
        assert db.session.scalar(sa.select(sa.func.count(table.id))) == 0


def test_a_large_file_is_looked_at_by_a_worker(app, acme):
    file = take_in(acme, people(2_000))
    intake.say(acme, file, Plan(columns=KNOWN), utcnow())
    db.session.commit()
    assert (file.state, intake.found_in(file)) == (FileState.CHECKING, None)
    assert jobs.check_files() == 1
    assert jobs.check_files() == 0
    db.session.refresh(file)
    assert intake.found_in(file).counts["new"] == 2_000
    assert db.session.scalar(sa.select(sa.func.count(Application.id))) == 0


@pytest.mark.long
def test_what_a_worker_found_by_an_older_plan_is_not_kept(app, acme, monkeypatch):
    file = take_in(acme, people(2_000))
    intake.say(acme, file, Plan(columns=KNOWN), utcnow())
    db.session.commit()
    examine = intake.examine

    def changed_meanwhile(*args):
        found = examine(*args)
        again = intake.find_file(acme.id, file.id)
        intake.say(acme, again, Plan(columns=KNOWN, told=ToldAnswer.NO), utcnow())
        db.session.commit()
        monkeypatch.setattr(intake, "examine", examine)
        return found

    monkeypatch.setattr(intake, "examine", changed_meanwhile)
    assert jobs.check_files() == 2, "looked at once more, by what is said now"
    db.session.refresh(file)
    assert Plan.from_json(file.plan).told is ToldAnswer.NO
    assert intake.found_in(file).rows == 2_000


def test_answers_are_kept_by_the_names_of_columns_in_any_order(app, acme):
    header = ["Person", "Mail", "Job", "Result", "Result"]
    plan = Plan(
        columns=(("#1", "name"), ("#2", "email"), ("#3", "role"), ("#5", "outcome")),
        values=(("#5", "Regret", "rejected"),),
        told=ToldAnswer.YES,
    )
    intake.remember_plan(acme.id, header, plan, utcnow())
    turned = ["Result", "Job", "Result", "Mail", "Person"]
    again = intake.recall_plan(acme.id, turned, Plan())
    assert set(again.columns) == {
        ("#5", "name"),
        ("#4", "email"),
        ("#2", "role"),
        ("#3", "outcome"),
    }
    assert again.values == (("#3", "Regret", "rejected"),)
    assert again.told is None, "asked of every file"
    assert intake.recall_plan(acme.id, [*header, "More"], Plan()) == Plan()


def test_a_file_without_a_row_of_names_is_kept_for_somebody_to_say_which_it_is(app, acme):
    rows = [
        ["a", "b", "c"],
        ["1", "2", "3"],
        ["Who", "Where", "What"],
        ["Ann", "ann@x.test", "Dev"],
    ]
    file = take_in(acme, write(*rows[:3]))
    assert [cells for _, cells in intake.first_rows(file, Plan())] == rows[:3]
    with pytest.raises(FileRefused, match="No header row"), intake.peek(file, Plan()):
        pass
    told = SheetChoice(header_row=3)
    file = take_in(acme, write(*rows))
    with intake.peek(file, Plan(told)) as seen:
        assert seen.sheet.headers == ("Who", "Where", "What")
        assert [guess.field for guess in seen.guesses] == ["", "email", ""]


@pytest.mark.parametrize("data", [b"", b"\n\n", "\ufeff".encode(), b"%PDF-1.4 ..."])
def test_what_is_no_table_is_refused_at_once(app, acme, data):
    with pytest.raises(FileRefused):
        take_in(acme, data)
