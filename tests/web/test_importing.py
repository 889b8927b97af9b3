"""Importing on the pages: a file, its columns, what is asked, what will happen, the run."""

import csv
import io
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
import time_machine

from portal import exports, jobs
from portal.extensions import db
from portal.models import (
    Application,
    Candidate,
    IntakeFile,
    Locale,
    Outcome,
    Run,
    RunState,
    utcnow,
)
from tests.support import workbooks
from tests.support.import_files import ANN, BOB, HEADER, write
from tests.web.candidates import whole_database
from tests.web.staff import Person

START = "/e/acme/import"
FILE = '; filename="large.csv"'
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

    def press(self, rows="all") -> str:
        """Press the button that imports; where that leads."""
        mark = self.page.find("input", attrs={"name": "mark"})["value"]
        action = self.at.replace("/check", "/apply")
        return self.person.post(action, {"rows": rows, "mark": mark}, token_from=self.at)

    def apply(self, rows="all") -> Run:
        self.at = self.press(rows)
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
    assert "1 of 3 rows cannot be imported" in wizard.words()
    assert "Row 3, column “email”: “bob@”" in wizard.words()
    assert wizard.press("all") == wizard.at
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
    for _ in range(2):  # a second click finds what the first began
        wizard.person.post(f"{wizard.at}/undo", {}, token_from=START)
        assert "being undone" in wizard.words()
        assert "no longer" not in wizard.words()
    jobs.work_runs()
    assert held() == []
    assert "The import was undone" in wizard.words()


def facts(wizard) -> dict[str, str]:
    """What will happen, in numbers."""
    section = wizard.page.find(id="happens").find_parent("section")
    return {
        label.get_text(" ", strip=True): label.find_next("dd").get_text(" ", strip=True)
        for label in section.find_all("dt")
    }


@pytest.mark.parametrize("number", ["2", "-1", "99999999999999999999"])
def test_a_page_that_does_not_exist_is_the_nearest(wizard, number):
    wizard.upload(write(HEADER, ANN))
    wizard.send()
    run = wizard.apply()
    for path in (START, f"/e/acme/runs/{run.id}"):
        page = wizard.person.get(f"{path}?page={number}")
        assert page.main.select("tbody tr"), path


DECIDED_HEADER = ["External ID", "Name", "Email", "Job title", "Status", "Decision date"]


def test_only_rows_that_are_imported_are_counted(wizard, make, cast):
    make.application(cast.acme, name="Zed", email="zed@x.test", role="Cook", external_id="7")
    rows = [
        ["1", "Ann", "ann@x.test", "Nurse", "Rejected", day(5)],
        ["2", "Bob", "bob@", "Nurse", "Rejected", day(5)],
        ["3", "Cy", "cy@x.test", "Nurse", "Hired", "31/31/2025"],
        ["7", "Di", "di@x.test", "Nurse", "Rejected", day(5)],
        ["8", "Ed", "ed@x.test", "Nurse", "In review", ""],
    ]
    wizard.upload(write(DECIDED_HEADER, *rows))
    wizard.send()
    wizard.send(told="yes")
    assert "3 of 5 rows cannot be imported" in wizard.words()
    counted = {"New": "2", "With a decision": "1", "Of them told": "1", "No decision yet": "1"}
    assert facts(wizard) == counted


def test_looking_at_any_page_changes_nothing(wizard):
    wizard.upload(write(DECIDED_HEADER, ["1", "Ann", "ann@x.test", "Nurse", "Passed over", day(5)]))
    wizard.send()
    file = wizard.at.rpartition("/")[0]
    wizard.send(value_0="rejected", told="yes")
    pages = [START, *(f"{file}/{one}" for one in ("columns", "answers", "check", "errors.csv"))]
    before = whole_database()
    for path in pages:
        for method in ("GET", "HEAD"):
            assert wizard.person.send(method, path).status_code in (200, 303)
    assert whole_database() == before
    wizard.apply()
    before = whole_database()
    for path in (wizard.at, f"{wizard.at}?show=new&page=9", START):
        wizard.person.get(path)
    assert whole_database() == before


@pytest.mark.parametrize("who", ["olga", "vera"])
def test_no_other_employer_and_no_viewer_gets_any_page(wizard, cast, app, who):
    wizard.upload(write(HEADER, ANN))
    wizard.send()
    file = wizard.at.rpartition("/")[0]
    wizard.upload(write(HEADER, BOB))
    wizard.send()
    wizard.apply()
    stranger = Person(app).sign_in(getattr(cast, who))
    token = stranger.token("/account")
    slugs = ["acme"] if who == "vera" else ["acme", "globex"]
    for slug in slugs:
        for path in (file, wizard.at):
            for page, method in {
                "columns": "GET", "answers": "GET", "check": "GET", "errors.csv": "GET", "": "GET",
                "/sheet": "POST", "/apply": "POST", "/discard": "POST", "/undo": "POST",
            }.items():  # fmt: skip
                address = f"{path}/{page.strip('/')}".rstrip("/").replace("acme", slug)
                found = stranger.send(method, address, data={"csrf_token": token})
                assert found.status_code == 404, (method, address)
    assert len(held()) == 1


def test_two_clicks_make_one_run_and_going_back_finds_it(wizard):
    wizard.upload(write(HEADER, ANN))
    wizard.send()
    check = wizard.at
    token, mark = (wizard.page.find("input", {"name": n})["value"] for n in ("csrf_token", "mark"))
    sent = {"rows": "all", "mark": mark, "csrf_token": token}
    led = {
        wizard.person.send("POST", check.replace("/check", "/apply"), data=sent).location
        for _ in range(2)
    }
    assert len(led) == 1
    assert db.session.scalar(sa.select(sa.func.count(Run.id))) == 1
    assert wizard.person.send("GET", check).location == led.pop()
    jobs.work_runs()
    assert len(held()) == 1
    assert "This file is not here any more" in wizard.person.get(check, 404).get_text()


def test_who_comes_back_goes_on_where_they_were(wizard):
    wizard.upload(write(HEADER, ANN), "spring.csv")
    wizard.send()
    found = wizard.person.get(START).find("a", string="spring.csv")
    assert found["href"] == wizard.at


def test_a_file_that_another_tab_let_go_is_gone(wizard):
    wizard.upload(write(HEADER, ANN))
    page, at = wizard.page, wizard.at
    wizard.person.post(at.replace("/columns", "/discard"), {}, token_from=START)
    data = wizard.person.fill(page, {})
    assert wizard.person.post(at, data, 404, token_from=START) is not None
    assert held() == []


def test_an_answer_is_never_taken_for_another_question(wizard):
    header = ["Name", "Email", "Job title", "Verdict", "Mood"]
    wizard.upload(write(header, ["Ann", "ann@x.test", "Nurse", "A", "B"]))
    columns = wizard.at
    wizard.send(column_3="outcome")
    asked = wizard.at
    answers = wizard.person.fill(wizard.page, {"value-0": "hired", "told": "no"})
    wizard.at = columns
    wizard.send(column_3="", column_4="outcome")
    page = wizard.person.post(asked, answers | {"decided-on": day(3)}, 200)
    assert "read in another way meanwhile" in page.main.get_text()
    assert page.find("select", {"name": "value-0"}).find("option", selected=True) is None
    wizard.at = asked
    wizard.send(value_0="open")
    mark = wizard.page.find("input", {"name": "mark"})["value"]
    wizard.at = columns
    wizard.send(column_3="outcome", column_4="")
    wizard.at = asked
    wizard.send(value_0="rejected", told="no", decided_on=day(3))
    action = wizard.at.replace("/check", "/apply")
    sent = {"rows": "all", "mark": mark}
    assert wizard.person.post(action, sent, token_from=wizard.at) == wizard.at
    assert "read in another way meanwhile" in wizard.words()


def test_a_form_that_is_out_of_date_keeps_what_was_chosen(wizard):
    wizard.upload(write([*HEADER, "Verdict"], [*ANN, "Turned away"]))
    data = wizard.person.fill(wizard.page, {"column-3": "outcome", "csrf_token": "old"})
    response = wizard.person.send("POST", wizard.at, data=data)
    assert response.status_code == 400
    chosen = wizard.person.page.find("select", {"name": "column-3"})
    assert chosen.find("option", selected=True)["value"] == "outcome"
    assert "Your sign-in changed" in wizard.person.page.main.get_text()
    wizard.send(column_3="outcome")
    typed = {"value-0": "rejected", "told": "no", "decided-on": day(4), "csrf_token": "old"}
    data = wizard.person.fill(wizard.page, typed)
    assert wizard.person.send("POST", wizard.at, data=data).status_code == 400
    page = wizard.person.page
    assert page.find(id="decided-on")["value"] == day(4)
    assert page.find(id="told-no").has_attr("checked")
    assert wizard.step == "answers"
    response = wizard.person.send("POST", START, data={"pasted": "a\tb", "csrf_token": "old"})
    assert response.status_code == 400
    assert wizard.person.page.find("textarea").get_text(strip=True) == "a\tb"


def test_the_role_of_all_rows_stays_typed_however_the_file_is_read_meanwhile(wizard):
    wizard.upload(write(["Name", "Email", "Town"], ["Ann", "ann@x.test", "Bath"]))
    data = wizard.person.fill(wizard.page, {"role-for-all": "Night nurse", "mark": "another"})
    page = wizard.person.post(wizard.at, data, 200)
    assert "read in another way meanwhile" in page.main.get_text()
    assert page.find("input", {"name": "role-for-all"})["value"] == "Night nurse"


def test_a_file_is_refused_in_the_readers_language(wizard, cast):
    cast.remy.locale = Locale.FRENCH
    db.session.commit()
    page = wizard.upload(b"", status=200)
    assert "Le fichier est vide." in page.main.get_text()


def test_a_pasted_table_and_all_that_is_no_table(wizard):
    for data, said in (
        (b"", "The file is empty."),
        (b"PK\x03\x04 rubbish", "The workbook is damaged or cut off"),
        (b"name\n", "The file has no rows."),
    ):
        page = wizard.upload(data, status=200)
        assert said in page.main.get_text(), page.main.get_text()
    assert "Choose a file, or paste rows below." in wizard.person.post(START, {}, 200).get_text()
    pasted = "Name\tEmail\tJob title\nZoë\tzoe@x.test\tNurse, night\n"
    wizard.at = wizard.person.post(START, {"pasted": pasted})
    wizard.send()
    assert "Pasted table" in wizard.words()
    wizard.apply()
    assert held() == [("Zoë", None, None, None)]


def test_our_evidence_record_is_refused_before_anything_is_asked_of_it(wizard):
    header = list(exports.dictionary()[exports.Export.EVIDENCE])
    wizard.upload(write(header, ["Ann", "ann@x.test", "Nurse", *[""] * (len(header) - 3)]))
    assert "The closure log has a line for each application" in wizard.words()
    assert "What each column holds" not in wizard.words()


def test_another_sheet_is_chosen(wizard):
    def fill(book):
        for name, people in (("Spring", [ANN]), ("Autumn", [BOB])):
            sheet = book.add_worksheet(name)
            for number, cells in enumerate([HEADER, *people]):
                sheet.write_row(number, 0, cells)
            if name == "Autumn":
                sheet.hide()

    wizard.upload(workbooks.xlsx(fill), "two.xlsx")
    assert "Autumn (hidden)" in wizard.words()
    wizard.at = wizard.person.post(
        wizard.at.replace("/columns", "/sheet"),
        {"sheet": "Autumn", "header-row": ""},
        token_from=wizard.at,
    )
    wizard.send()
    wizard.apply()
    assert [name for name, *_ in held()] == ["Bob"]


@pytest.mark.parametrize("encoding", ["mac-roman", "cp1252"])
def test_letters_that_are_not_utf_8_are_shown_and_the_encoding_chosen(wizard, encoding):
    wizard.upload(write(HEADER, ["Zoë Brontë", "zoe@x.test", "Käserin"], encoding=encoding))
    assert "Do these words look right?" in wizard.words()
    assert ("Zoë Brontë" in wizard.words()) == (encoding == "cp1252")
    wizard.at = wizard.person.post(
        wizard.at.replace("/columns", "/sheet"), {"encoding": encoding}, token_from=wizard.at
    )
    assert "Zoë Brontë" in wizard.words()
    wizard.send()
    wizard.apply()
    assert [name for name, *_ in held()] == ["Zoë Brontë"]


def test_one_bad_byte_changes_only_its_cell(wizard):
    rows = [["Zoë", "zoe@x.test", "Nurse"], ["Bob", "bob@x.test", "Cook"]]
    wizard.upload(write(HEADER, *rows).replace(b"Bob", b"B\xf6b"))
    wizard.send()
    wizard.apply()
    assert [name for name, *_ in held()] == ["Zoë", "Böb"]


@pytest.mark.long
def test_three_hundred_columns(wizard):
    extra = [f"Extra {number}" for number in range(297)]
    wizard.upload(write([*HEADER, *extra], [*ANN, *["x"] * 297]))
    wizard.send()
    wizard.apply()
    assert len(held()) == 1


def multipart(**fields: str) -> bytes:
    """The body of a form, without the temporary files of the test client."""
    parts = (
        f'--edge\r\nContent-Disposition: form-data; name="{name}"'
        f"{FILE if name == 'file' else ''}\r\n\r\n{text}\r\n"
        for name, text in fields.items()
    )
    return f"{''.join(parts)}--edge--\r\n".encode()


@pytest.mark.parametrize(
    ("field", "size", "status", "said"),
    [
        ("file", 52 * 1024 * 1024, 413, "A file may have 50 MB"),
        ("file", 50 * 1024 * 1024 + 1, 200, "larger than 50 MB"),
        ("pasted", 6 * 1024 * 1024, 413, "hand in what you pasted as a file"),
    ],
)
def test_what_is_too_large_is_refused_in_words(remy, field, size, status, said):
    fields = {"csrf_token": remy.token(START), field: "x" * size}
    kind = "multipart/form-data; boundary=edge"
    response = remy.send("POST", START, data=multipart(**fields), content_type=kind)
    assert response.status_code == status
    assert said in remy.page.get_text()


def test_where_no_row_is_good_the_columns_can_be_changed(wizard):
    wizard.upload(write(HEADER, ["", "ann@x.test", "Nurse"]))
    wizard.send()
    assert "1 of 1 rows cannot be imported" in wizard.words()
    assert wizard.page.main.find("a", string="Change the columns")
    assert "Import" not in [one.get_text() for one in wizard.page.main.find_all("button")]


def test_a_column_said_to_mean_something_else_is_not_asked_about_again(wizard):
    wizard.upload(write([*HEADER, "Remark"], [*ANN, "Withdrawn"]))
    columns = wizard.at
    wizard.send(column_3="")
    assert wizard.step == "answers"
    wizard.send(overlooked_3="no")
    assert wizard.step == "check"
    wizard.at = columns
    wizard.send()
    assert wizard.step == "check"


def test_who_has_no_name_is_greeted_without_one(wizard, smtp):
    rows = ["Role,Candidate,Interview Start Time,Interview Outcome,Offer Made?"]
    interviewed = (TODAY - timedelta(days=20)).strftime("%m/%d/%Y 9:30 AM")
    rows.append(f"Packer, xanthe.quill@x.test   ,{interviewed},Unsuccessful,No")
    wizard.upload("\n".join(rows).encode())
    wizard.send()
    answers = {"dates": "mdy"} if wizard.page.find(id="dates") else {}
    wizard.send(told="yes", decided_on=day(1), **answers)
    wizard.apply()
    with time_machine.travel(utcnow() + timedelta(days=3)):
        jobs.run_until_idle()
    (mail,) = [one for one in smtp if "xanthe.quill@x.test" in one["To"]]
    for kind in ("plain", "html"):
        text = mail.get_body((kind,)).get_content()
        assert "Hello," in text
        assert "xanthe" not in text.lower().replace("xanthe.quill@x.test", "")


def test_the_file_of_errors_holds_every_row_whole(wizard):
    """To be put right and uploaded again: nothing of a cell may be cut, no row left out."""
    long = "reason " * 30 + "end"
    header = [*HEADER, "outcome", "decided_on", "reason"]
    rows = [[f"P {n}", "nobody", "Nurse", "rejected", day(9), long] for n in range(700)]
    twice = ["Ann", "ann@x.test", "Nurse"]
    rows += [[*twice, "rejected", day(9), ""], [*twice, "hired", day(9), ""]]
    wizard.upload(write(header, *rows))
    wizard.send()
    jobs.check_files()
    db.session.rollback()
    file = db.session.scalars(sa.select(IntakeFile)).one()
    wizard.at = f"{START}/{file.id}/answers"
    wizard.send(told="no")
    jobs.check_files()
    answer = wizard.person.send("GET", f"{START}/{file.id}/errors.csv")
    found = list(csv.reader(io.StringIO(answer.get_data(as_text=True).lstrip("\ufeff"))))
    assert found[0] == [*header, "Row", "Error"]
    assert len(found) == 1 + 702
    assert found[1][5] == long
    assert found[1][-2:] == ["2", "email: “nobody”: an address has an @-sign"]
    assert [row[-1] for row in found[-2:]] == [
        "row 703 says something else of the same application",
        "the same application as row 702, but another decision or day of telling",
    ]
