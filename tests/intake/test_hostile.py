"""Hostile and odd files through `flask import` on a real database; ids are rows of the table in
the specification of the import."""

import csv
import io
import json
import re
import signal
import subprocess
import time
from datetime import date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa

from portal.candidate_files import sheet, workbook
from portal.extensions import db, reading
from portal.models import Application, Invitation, InvitationState, Role
from tests.intake.test_applying import day, rejected, sizes
from tests.support import commands, workbooks
from tests.support.import_files import ANN, BOB, HEADER, table, write

HEAD = ",".join(HEADER)
KAY = "Ida Kay,ida@x.test,Nurse"
NOTHING = b"name,email,role\n"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504


def lines(*rows: str, end: str = "\n", encoding: str = "utf-8") -> bytes:
    return end.join([*rows, ""]).encode(encoding)


def names() -> list[str]:
    db.session.rollback()
    held = db.session.scalars(sa.select(Application).order_by(Application.id))
    return [one.candidate.name for one in held]


def case(row: int, what: str, *values) -> pytest.param:
    return pytest.param(*values, id=f"{row}-{what}")


REFUSED = [
    # what to say, and the row it is said of
    case(1, "empty", b"", "The file has no rows.", None),
    case(1, "header only", NOTHING, "no rows below its header", None),
    case(1, "mark only", b"\xef\xbb\xbf", "The file has no rows.", None),
    case(1, "blank lines only", b"\n\n , ,\n", "The file has no rows.", None),
    case(1, "UTF-16 mark only", b"\xff\xfe", "The file has no rows.", None),
    case(6, "NUL", lines(HEAD, KAY, "A\0b,a@x.test,Cook"), "a NUL byte", 3),
    case(6, "NUL in an address", lines(HEAD, "Bo,a\0@x.test,Cook"), "a NUL byte", 2),
    case(6, "control in a name", lines(HEAD, KAY, "A\x1bb,a@x.test,Cook"), "control characters", 3),
    case(6, "half a character", workbooks.package(
        workbooks.parts(workbooks.row(*HEADER) + workbooks.row("&#xD800;", *ANN[1:]))
    ), "damaged or cut off", None),
    case(7, "unclosed quote", lines(HEAD, KAY, 'Max,"m@x.test,Cook', *["a,b@x.test,c"] * 9),
         "never closed", 3),
    case(7, "text behind a quote", lines(HEAD, KAY, '"Max" Ito,m@x.test,Cook'),
         "closing quotation", 3),
    case(7, "unclosed in the last row", lines(HEAD, KAY, '"Max'), "never closed", 3),
    case(8, "a long name", lines(HEAD, f"{'n' * 100_000},a@x.test,Cook"), "longer than 200", 2),
    case(8, "a long address", lines(HEAD, f"Bo,{'a' * 100_000}@x.test,Cook"), "longer than", 2),
    case(8, "longer than csv reads", lines(HEAD, KAY, f"{'n' * 200_000},a@x.test,Cook"),
         "a cell is longer than 131,072", 3),
    case(9, "two identical headers", lines(f"{HEAD},email", f"{KAY},b@x.test"), "'#2=email'", None),
    case(10, "more cells", lines(HEAD, KAY, f"{KAY},more"), "to the right of the last", 3),
    case(10, "an address missing", lines(HEAD, KAY, "Max"), "is missing", 3),
    case(13, "a header in an address", lines(HEAD, 'Bo,"b@x.test\r\nBcc: y@z.test",Cook'), "", 2),
    case(13, "letters beyond ASCII", lines(HEAD, "Bo,zoë@x.test,Cook"), "", 2),
    case(13, "no domain", lines(HEAD, "Bo,a@b,Cook"), "“a@b”", 2),
    case(13, "two signs", lines(HEAD, "Bo,a@b@x.test,Cook"), "", 2),
    case(15, "a formula without value", workbooks.package(
        workbooks.parts(
            workbooks.row(*HEADER)
            + workbooks.row(*ANN)
            + workbooks.row("<c><f>A2</f><v></v></c>", *BOB[1:])
        )
    ), "a formula without a value", 3),
    case(15, "an error of the spreadsheet", workbooks.package(
        workbooks.parts(
            workbooks.row(*HEADER)
            + workbooks.row("Max", "<c t='e'><f>X()</f><v>#N/A</v></c>", "Cook")
        )
    ), "#N/A", 2),
    case(15, "password", OLE + "EncryptedPackage".encode("utf-16-le"), "password", None),
    case(16, "bomb", workbooks.package(dict.fromkeys(map(str, range(6000)), "")),
         "unpacks to", None),
    case(16, "external entity", workbooks.package(
        workbooks.parts(
            workbooks.row(*HEADER) + workbooks.row("&e;", *ANN[1:]),
            head='<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        )
    ), "DTD", None),
    case(16, "docx", workbooks.package({"[Content_Types].xml": "", "word/document.xml": "x"}),
         "text document", None),
    case(16, "HTML named xls", b"<html><table><tr><td>name</td></tr></table>",
         "save it as CSV", None),
    case(16, "mail page", b"MIME-Version: 1.0\r\nContent-Type: text/html\r\n",
         "save it as CSV", None),
    case(16, "PDF", b"%PDF-1.7 ...", "This is a PDF", None),
    case(16, "zip of a file", workbooks.package({"a.csv": HEAD}), "unpack it", None),
    case(19, "a workbook cut off", workbooks.table(HEADER, ANN, BOB)[:-200],
         "damaged or cut off", None),
    case(19, "a file cut in a quote", lines(HEAD, KAY, '"Max Ito","m@x')[:-1], "never closed", 3),
    case(19, "a file cut in a row", lines(HEAD, KAY, "Max Ito,m")[:-1], "", 3),
]  # fmt: skip


@pytest.mark.parametrize(("data", "words", "row"), REFUSED)
def test_what_is_refused_says_why_and_applies_nothing(counts, data, words, row):
    found = counts(data, code=1)
    assert not found["applied"]
    assert sizes()["application"] == 0
    first = found["errors"][0]
    assert words in first["message"]
    assert first["row"] == row
    assert first["message"].isprintable()


LOW = ["Zoë Low,z@x.test,Cook", KAY]
READ = [
    # and the names that come of it, and words of a notice
    case(2, "mark before the header", lines(f"\ufeff{HEAD}", KAY), ["Ida Kay"], ""),
    case(3, "semicolons", lines(HEAD, KAY).replace(b",", b";"), ["Ida Kay"], ""),
    case(3, "tabs", lines(HEAD, KAY).replace(b",", b"\t"), ["Ida Kay"], ""),
    case(3, "strokes", lines(HEAD, KAY).replace(b",", b"|"), ["Ida Kay"], ""),
    case(3, "sep= first", b"sep=;\r\n" + lines(HEAD, KAY).replace(b",", b";"), ["Ida Kay"], ""),
    case(3, "commas in quotes", lines(HEAD.replace(",", ";"), '"Kay, Ida";i@x.test;"a, b, c"'),
         ["Ida Kay"], ""),
    case(4, "CR only", lines(HEAD, KAY, "Max,m@x.test,Cook", end="\r"), ["Ida Kay", "Max"], ""),
    case(4, "mixed ends", (HEAD + "\r\n" + KAY + "\nMax,m@x.test,Cook\r").encode(),
         ["Ida Kay", "Max"], ""),
    case(4, "breaks in quotes", lines(f"{HEAD},stage", f'{KAY},"a\nb"', "Max,m@x.test,Cook,c"),
         ["Ida Kay", "Max"], "row 2"),
    case(5, "UTF-16 LE", lines("\ufeff" + HEAD, *LOW, encoding="utf-16-le"), ["Zoë Low", "Ida Kay"],
         ""),
    case(5, "UTF-16 BE", lines("\ufeff" + HEAD, *LOW, encoding="utf-16-be"), ["Zoë Low", "Ida Kay"],
         ""),
    case(5, "cp1252", lines(HEAD, *LOW, encoding="cp1252"), ["Zoë Low", "Ida Kay"],
         "was read as Windows-1252"),
    case(5, "one bad byte", lines(HEAD, LOW[0]) + b"Ren\xe9 Fox,r@x.test,Cook\n",
         ["Zoë Low", "René Fox"], "“René Fox” (row 3)"),
    case(8, "a long note", lines(f"{HEAD},stage", f"{KAY},{'s' * 120_000}"), ["Ida Kay"],
         "shortened to 100"),
    case(9, "titles above", lines("Candidates 2026", "", "made by,us", HEAD, KAY), ["Ida Kay"], ""),
    case(9, "300 columns", lines(HEAD + "".join(f",c{n}" for n in range(297)), KAY + ",x" * 297),
         ["Ida Kay"], "Columns not read: “c0”"),
    case(9, "header in row 2", workbooks.table(["Our people"], HEADER, ANN), ["Ann"], ""),
    case(10, "fewer cells", lines(f"{HEAD},stage,department", KAY), ["Ida Kay"], ""),
    case(12, "formulas", lines(HEAD, '"=HYPERLINK(""x"",1)",a@x.test,Cook',
                               "@SUM(A1),b@x.test,Cook", "+1 (555) 0100,c@x.test,Cook"),
         ['=HYPERLINK("x",1)', "@SUM(A1)", "+1 (555) 0100"], ""),
    case(13, "a quoted local part", lines(HEAD, 'Bo,"""a b""@x.test",Cook'), ["Bo"], ""),
    case(13, "three addresses", lines(HEAD, 'Bo,"a@x.test, b@x.test; c@x.test",Cook'), ["Bo"],
         "Several addresses"),
    case(15, "a formula with its value", workbooks.package(
        workbooks.parts(
            workbooks.row(*HEADER)
            + workbooks.row("<c t='str'><f>A9</f><v>Max Ito</v></c>", *BOB[1:])
        )
    ), ["Max Ito"], ""),
    case(15, "hidden rows", workbooks.package(
        workbooks.parts(workbooks.row(*HEADER) + workbooks.row(*ANN, hidden=1))
    ), ["Ann"], "Hidden rows are read as well: 2"),
    case(16, "a link outwards", workbooks.package(
        workbooks.parts(workbooks.row(*HEADER) + workbooks.row(*ANN))
        | {"xl/externalLinks/externalLink1.xml": "<externalLink/>"}
    ), ["Ann"], ""),
    case(20, "turned round", lines(HEAD, "Ida\u202eyaK,i@x.test,Cook"), ["Ida\u202eyaK"], ""),
    case(20, "zero width", lines(HEAD, "Ida\u200bKay,i@x.test,Cook"), ["Ida\u200bKay"], ""),
    case(20, "200 marks", lines(HEAD, "e" + "\u0301" * 190 + ",i@x.test,Cook"),
         ["e" + "\u0301" * 190], ""),
]  # fmt: skip


@pytest.mark.parametrize(("data", "people", "words"), READ)
def test_what_is_odd_is_read(counts, data, people, words):
    found = counts(data)
    assert names() == people
    assert words in " ".join(found["notices"])
    assert counts(data)["new"] == 0, "the same file twice adds nothing"


def test_4_rows_keep_their_numbers_whatever_the_ends(counts):
    rows = [f"{HEAD},stage", f'{KAY},"one\ntwo\nthree"', "", "Max,m@x.test,Cook,x", "Bo,b,Cook,x"]
    for end in ("\n", "\r\n"):
        [error] = counts(lines(*rows, end=end), code=1)["errors"]
        assert error["row"] == 7


def test_5_invalid_utf_8_in_row_900(counts):
    rows = [f"Zoë {n},z{n}@x.test,Cook" for n in range(898)]
    data = lines(HEAD, *rows) + b"Ren\xe9,r@x.test,Cook\n"
    assert "check “René” (row 900)." in " ".join(counts(data)["notices"])
    assert names()[-1] == "René"
    assert names()[0] == "Zoë 0"


def test_11_the_same_person_twice_and_for_two_roles(app, counts, smtp):
    twice = counts(table(rejected(), rejected()))
    assert (twice["rows"], twice["new"], twice["same"]) == (2, 1, 1)
    roles = {"email": "b@x.test", "last_interview_on": day(30)}
    found = counts(table(rejected(**roles, role="Cook"), rejected(**roles, role="Nurse")))
    assert found["new"] == 2
    assert app.test_cli_runner().invoke(args=["worker", "--until-idle"]).exit_code == 0
    assert [message["To"] for message in smtp].count("b@x.test") == 1, "then they are left alone"


def test_12_formulas_leave_as_text(app, counts, tmp_path):
    counts(lines(HEAD, "=1+1,a@x.test,@SUM(A1)"))
    path = tmp_path / "out.csv"
    command = ["export", "closure", "--employer", "acme", "--output", str(path)]
    assert app.test_cli_runner().invoke(args=command).exit_code == 0
    [row] = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    assert (row["name"], row["role"]) == ("'=1+1", "'@SUM(A1)")


def test_14_days_that_may_be_two_are_asked_about_unless_one_row_decides(counts, run):
    def days(*texts: str) -> bytes:
        rows = [f"I{n},i{n}@x.test,Cook,{text}" for n, text in enumerate(texts)]
        return lines(f"{HEAD},last_interview_on", *rows)

    asked = run(days(*["03/04/2024"] * 700), code=1).stderr
    assert "row 2, column “last_interview_on”: “03/04/2024” could be 3 April 2024 (dmy)" in asked
    assert counts(days(*["03/04/2024"] * 698, "13/04/2024"))["new"] == 699
    first = db.session.scalars(sa.select(Application).order_by(Application.id)).first()
    assert first.last_interview_on == date(2024, 4, 3)
    both = counts(days("13/04/2024", "04/13/2024"), code=1)["errors"][0]["message"]
    assert "are written in different orders" in both


@pytest.mark.parametrize("is_1904", [False, True], ids=["15-1900", "15-1904"])
def test_days_of_workbooks_are_right_in_both_calendars(counts, is_1904):
    def fill(book):
        page = book.add_worksheet()
        page.write_row(0, 0, [*HEADER, "last_interview_on"])
        page.write_row(1, 0, ANN)
        page.write_datetime(1, 3, date(2024, 4, 3), book.add_format({"num_format": "d/m/yy"}))

    counts(workbooks.xlsx(fill, date_1904=is_1904))
    assert db.session.scalars(sa.select(Application)).one().last_interview_on == date(2024, 4, 3)


def test_15_of_merged_cells_the_first_has_the_value(counts):
    def fill(book):
        page = book.add_worksheet()
        page.write_row(0, 0, [*HEADER, "department"])
        page.write_row(1, 0, ANN)
        page.write_row(2, 0, BOB)
        page.merge_range(1, 3, 2, 3, "Ward 5")

    counts(workbooks.xlsx(fill))
    first = db.session.scalars(sa.select(Application).order_by(Application.id)).first()
    assert first.requisition.department == "Ward 5"


def test_17_a_sheet_over_its_cap_is_refused_with_what_to_do(counts, monkeypatch):
    monkeypatch.setitem(workbook.LIMITS, "rows", 50)
    [error] = counts(workbooks.table(HEADER, *[ANN] * 60), code=1)["errors"]
    assert "save it as CSV (UTF-8), then import that file" in error["message"]


def test_17_a_file_over_its_cap_is_refused_with_what_to_do(counts, monkeypatch):
    data = lines(HEAD, *[KAY] * 50_000)
    monkeypatch.setitem(sheet.open_sheet.__wrapped__.__kwdefaults__, "most", 1024 * 1024)
    [error] = counts(data, code=1)["errors"]
    assert error["message"] == "The file is larger than 1 MB: import it in parts."


@pytest.mark.long
def test_17_many_rows_are_streamed(app, make, database_url, tmp_path):
    """All of them are checked, for the last one is wrong."""
    make.employer()
    peaks = []
    for count in (1_000, 60_000):
        path = tmp_path / f"{count}.csv"
        with path.open("w", encoding="utf-8") as file:
            file.write(f"id,{HEAD},stage\n")
            file.writelines(f"{n},Kim {n},k{n}@x.test,Cook,round {n % 9}\n" for n in range(count))
            file.write("0,Kim,nobody,Cook,x\n")
        process = commands.start(
            commands.environment(database_url, tmp_path), "import", str(path), "--employer", "acme"
        )
        peaks.append(watch_memory(process))
        assert f"row {count + 2}, column “email”" in process.communicate()[1]
    assert peaks[1] - peaks[0] <= 64 * 1024


def watch_memory(process: subprocess.Popen) -> int:
    """The most KiB that PROCESS had resident."""
    most = 0
    while process.poll() is None:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
        except OSError:
            break
        found = re.search(r"VmHWM:\s+(\d+)", status)
        most = max(most, int(found[1]) if found else 0)
        time.sleep(0.05)
    return most


def test_18_nobody_rejected_is_warned_about(counts):
    found = counts(table({}, {"email": "b@x.test"}, outcome=""))
    assert (
        "Nobody is decided: exports often leave decided candidates out by default."
        in found["notices"]
    )


def test_18_everybody_decided_today_is_warned_about(counts):
    here = datetime.now(ZoneInfo("America/Toronto")).date().isoformat()
    today = rejected(0, 0) | {"decided_on": here, "told_on": here}
    found = counts(table(today, today | {"email": "b@x.test"}))
    assert "Everybody was decided today: make sure" in " ".join(found["notices"])


def test_18_decided_three_years_ago_brings_no_mail(counts):
    found = counts(table(rejected(3 * 365, 1, last_interview_on=day(3 * 365 + 20))))
    assert (found["new"], found["invitations_planned"]) == (1, 0)
    planned = sa.select(Invitation).where(Invitation.state == InvitationState.PLANNED)
    assert db.session.scalars(planned).all() == []


@pytest.mark.long
def test_19_an_import_killed_while_applying_goes_on_and_adds_nothing_twice(
    app, make, database_url, tmp_path
):
    make.employer()
    environ = commands.environment(database_url, tmp_path)
    file = commands.write_candidates(tmp_path / "candidates.csv", 400)
    process = commands.start(environ, "import", str(file), "--employer", "acme")
    while process.poll() is None and count_held() < 20:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    kept = count_held()
    assert 20 <= kept <= 400
    again = json.loads(commands.run(environ, "import", str(file), "--employer", "acme", "--json"))
    assert (again["new"], again["same"], count_held()) == (400 - kept, kept, 400)


def count_held() -> int:
    with reading():
        found = db.session.scalar(sa.select(sa.func.count(Application.id)))
    db.session.rollback()
    return found or 0


@pytest.mark.parametrize("name", ["Ida\u202eyaK", "Ida\u200bKay", "e" + "\u0301" * 190])
def test_20_names_that_turn_text_round_are_isolated_and_encoded(
    app, counts, make, browse, smtp, name
):
    counts(lines(f"{HEAD},last_interview_on", f"{name},i@x.test,Cook,{day(30)}"))
    db.session.rollback()
    held = db.session.scalars(sa.select(Application)).one()
    owner = make.user("olga", held.employer, Role.OWNER)
    page = browse(owner).get("/e/acme/applications")
    assert name in [one.get_text(strip=True) for one in page.find_all("bdi")]
    assert app.test_cli_runner().invoke(args=["worker", "--until-idle"]).exit_code == 0
    head, _, body = smtp.raw[0].partition(b"\r\n\r\n")
    assert head.isascii()
    assert body.isascii()


def test_the_same_bytes_as_text_and_as_a_workbook_say_the_same(counts):
    rows = [HEADER, ANN, BOB]
    assert counts(workbooks.table(*rows))["new"] == 2
    assert counts(write(*rows))["same"] == 2
