"""Workbooks: every kind, their values, what is hidden in them, and what is refused."""

import gzip
import io
import json
import os
import random
import subprocess
import sys
import time
import zipfile
from datetime import date, datetime, timedelta

import pytest

from portal import candidate_files
from portal.candidate_files import workbook
from tests.support import workbooks
from tests.support.import_files import ANN, BOB, HEADER, attempt, check, opened, read, write
from tests.support.workbooks import XLS, ods, ods_row, package, parts, row, table, xlsx

NO = candidate_files.ToldAnswer.NO
BOOK = table(HEADER, ANN, BOB)
A_FORMULA = "<c><f>1+1</f><v></v></c>"
AN_ERROR = "<c t='e'><f>NA()</f><v>#N/A</v></c>"
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 504


def refused(data: bytes, **choice) -> str:
    with pytest.raises(candidate_files.FileRefused) as caught:
        read(data, **choice)
    return str(caught.value)


def by_hand(*rows: str) -> bytes:
    return package(parts("".join(rows)))


def test_a_workbook_is_read_like_text():
    sheet, rows = read(BOOK)
    assert (sheet.headers, sheet.header_row) == (tuple(HEADER), 1)
    assert rows == [(2, ANN), (3, BOB)]
    assert sheet.sheets == (candidate_files.SheetInfo("Sheet1", False, 3, 3),)
    assert sheet.chosen == "Sheet1"
    assert sheet.notices == ()


def test_rows_keep_the_numbers_that_the_spreadsheet_shows():
    sheet, rows = read(table(["Candidates"], [], HEADER, [], ANN, [" "], BOB, first=1, left=2))
    assert (sheet.headers, sheet.header_row) == (tuple(HEADER), 4)
    assert rows == [(6, ANN), (8, BOB)]


def test_rows_are_as_long_as_the_header():
    _, rows = read(table([*HEADER, "reason"], ANN, [*BOB, "", ""], [*BOB, "", "", "x"]))
    assert rows == [(2, [*ANN, ""]), (3, [*BOB, ""]), (4, [*BOB, "", "", "x"])]


@pytest.mark.parametrize("is_1904", [False, True])
def test_values_are_text_that_says_the_same_everywhere(is_1904):
    values = [
        (date(2026, 11, 1), "2026-11-01"),
        (datetime(2026, 11, 1, 14, 22, 5), "2026-11-01 14:22:05"),
        (datetime(2026, 11, 1, 23, 59, 59, 990_000), "2026-11-01 23:59:59"),
        (timedelta(hours=30, minutes=5), "30:05:00"),
        (3, "3"),
        (-2.0, "-2"),
        (0.1 + 0.2, "0.3"),
        (483210000000425000, "483210000000425000"),
        (1e21, "1000000000000000000000"),
        (True, "TRUE"),
        (False, "FALSE"),
        ("'ann", "'ann"),
        ("=1+1", "=1+1"),
        ("0012", "0012"),
        (" two\nlines ", " two\nlines "),
    ]

    def fill(book):
        formats = {
            date: book.add_format({"num_format": "d/m/yy"}),
            datetime: book.add_format({"num_format": "d/m/yy h:mm:ss"}),
            timedelta: book.add_format({"num_format": "[h]:mm:ss"}),
        }
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [*HEADER, *(f"c{place}" for place in range(len(values)))])
        sheet.write_row(1, 0, ANN)
        for column, (value, _) in enumerate(values, 3):
            if isinstance(value, str):
                sheet.write_string(1, column, value)
            else:
                sheet.write(1, column, value, formats.get(type(value)))

    _, rows = read(xlsx(fill, date_1904=is_1904))
    assert rows == [(2, [*ANN, *(text for _, text in values)])]


def test_a_formula_is_its_value_and_without_one_a_fault_where_it_is_read():
    data = by_hand(
        row(*HEADER, "department", "x"),
        row(*ANN, "<c t='str'><f>a</f><v>skills</v></c>", A_FORMULA),
        row("<c t='str'><f>a</f><v>Bob</v></c>", *BOB[1:], "<c t='str'><f>a</f><v></v></c>"),
        row(A_FORMULA, *BOB[1:]),
        row("Cy", "cy@x.test", AN_ERROR, "", AN_ERROR),
        row("<c r='E8'><f>1+1</f></c>", number=8),
    )
    _, rows = read(data)
    assert rows[0][1][3] == "skills"
    assert rows[1] == (3, [*BOB, "", ""])
    assert [number for number, _ in rows] == [2, 3, 4, 5, 8]
    faults = [(fault.row, fault.column, fault.message) for fault in check(data, told=NO).faults]
    assert faults[0][:2] == (4, "name")
    assert faults[0][2].startswith("a formula without a value: open the file, let it calculate")
    assert faults[1][:2] == (5, "role")
    assert "#N/A" in faults[1][2]


def test_what_is_marked_in_the_header_is_refused_with_its_row():
    assert "row 1: a formula without a value" in refused(
        by_hand(row(*HEADER, A_FORMULA), row(*ANN))
    )


def test_hidden_rows_are_read_and_named():
    rows = [row(*ANN, hidden=1) for _ in range(5)] + [row(hidden="true"), row(*BOB, hidden=0)]
    sheet, found = read(by_hand(row(*HEADER), *rows))
    assert len(found) == 6
    assert sheet.notices == ("Hidden rows are read as well: 2, 3, 4 and 2 more",)


def test_of_merged_cells_only_the_first_has_the_value():
    def fill(book):
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [*HEADER, "reason"])
        sheet.write_row(1, 0, [*ANN, "skills"])
        sheet.write_row(2, 0, [*BOB, "underneath"])
        sheet.merge_range(1, 3, 2, 3, "skills")
        sheet.write(2, 3, "underneath")

    assert read(xlsx(fill))[1] == [(2, [*ANN, "skills"]), (3, [*BOB, ""])]


def several(book):
    book.add_worksheet("Notes").write(0, 0, "Read this first")
    hidden = book.add_worksheet("Old")
    hidden.hide()
    deep = book.add_worksheet("Lists")
    deep.very_hidden()
    chart = book.add_chart({"type": "bar"})
    chart.add_series({"values": "=Notes!$A$1:$A$2"})
    book.add_chartsheet("Chart").set_chart(chart)
    sheet = book.add_worksheet("Candidates")
    for target in (hidden, deep, sheet):
        target.write_row(0, 0, HEADER)
        target.write_row(1, 0, BOB if target is hidden else ANN)
    sheet.activate()


def test_the_first_sheet_in_sight_with_columns_is_taken_and_the_others_are_named():
    sheet, rows = read(xlsx(several))
    assert (sheet.chosen, rows) == ("Candidates", [(2, ANN)])
    assert [(info.name, info.is_hidden, info.rows, info.columns) for info in sheet.sheets] == [
        ("Notes", False, 1, 1),
        ("Old", True, 2, 3),
        ("Lists", True, 2, 3),
        ("Candidates", False, 2, 3),
    ]
    assert sheet.notices == ("Only the sheet “Candidates” was read, not “Notes”, “Old”, “Lists”",)


def test_a_sheet_is_read_that_is_named():
    assert read(xlsx(several), sheet="Old")[1] == [(2, BOB)]
    assert "no sheet “Nope”. It has “Notes”" in refused(xlsx(several), sheet="Nope")


def test_a_sheet_out_of_sight_is_never_chosen():
    def fill(book):
        book.add_worksheet("Empty")
        sheet = book.add_worksheet("Old")
        sheet.write_row(0, 0, HEADER)
        sheet.hide()

    assert "hidden: say which to read, of “Old”" in refused(xlsx(fill))


def test_where_there_is_no_header_the_other_sheets_are_told():
    def fill(book):
        for name, cells in {"Read me": ["a", "b"], "Candidates": HEADER}.items():
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, cells)
            sheet.write_row(1, 0, cells)

    with pytest.raises(candidate_files.SheetUnclear, match=r"“Read me”; .* “Candidates”") as caught:
        read(xlsx(fill))
    assert [sheet.name for sheet in caught.value.sheets] == ["Read me", "Candidates"]


def test_a_header_row_can_be_told():
    data = table(["Name", "Email", "Role"], ["Nom", "Courriel", "Poste"], ANN)
    assert read(data)[0].header_row == 1
    sheet, rows = read(data, header_row=2)
    assert (sheet.headers, rows) == (("Nom", "Courriel", "Poste"), [(3, ANN)])
    assert "row 9" in refused(data, header_row=9)


def test_an_xls_is_read():
    sheet, rows = read(XLS)
    values = ["483210000000425000", "2026-11-01", "2026-11-01 14:22:05"]
    assert (sheet.chosen, sheet.header_row) == ("Candidates", 2)
    assert rows == [
        (3, ["Zoë Roe", "zoe@x.test", "Engineer", *values]),
        (5, ["Bob Low", "bob@x.test", "Engineer", "7", "", "TRUE"]),
    ]  # fmt: skip


def test_parts_may_stand_elsewhere():
    moved = {
        name.replace("xl/", ""): text for name, text in parts(row(*HEADER) + row(*ANN)).items()
    }
    moved["_rels/.rels"] = moved["_rels/.rels"].replace("/xl/", "")
    assert read(package(moved))[1] == [(2, ANN)]


def test_an_ods_is_read():
    value = (
        "<table:table-cell office:value-type='{}' {}><text:p>as shown</text:p></table:table-cell>"
    )
    cells = [
        value.format("float", "office:value='483210000000425000'"),
        value.format("date", "office:date-value='2026-11-01'"),
        value.format("date", "office:date-value='2026-11-01T14:22:05'"),
        value.format("boolean", "office:boolean-value='true'"),
        "<table:table-cell office:value-type='string' calcext:value-type='error'>"
        "<text:p>#REF!</text:p></table:table-cell>",
        "<table:table-cell table:formula='of:=1+1'/>",
    ]
    blank = "<table:table-cell table:number-columns-repeated='9000'/>"
    sheet, rows = read(
        ods(
            ods_row(*HEADER, *(f"c{place}" for place in range(6)), blank),
            ods_row(blank, told="table:number-rows-repeated='3'"),
            ods_row(*ANN, *cells, told="table:visibility='filter'"),
            ods_row(blank, told="table:number-rows-repeated='1048000'"),
        )
    )
    values = ["483210000000425000", "2026-11-01", "2026-11-01 14:22:05", "TRUE"]
    assert rows == [(5, [*ANN, *values, "\0#REF!", "\0formula"])]
    assert sheet.notices == ("Hidden rows are read as well: 5",)


def test_macros_and_links_are_not_followed():
    link = (
        f"<Relationships xmlns='{workbooks.PACKAGE}'><Relationship Id='rId1' TargetMode='External'"
    )
    macros = {
        "xl/vbaProject.bin": OLE,
        "xl/externalLinks/externalLink1.xml": "<externalLink/>",
        "xl/externalLinks/_rels/externalLink1.xml.rels": link
        + " Type='x' Target='http://127.0.0.1:9/x.xlsx'/></Relationships>",
    }
    assert read(package(parts(row(*HEADER) + row(*ANN)) | macros))[1] == [(2, ANN)]


ENTITY = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
SHARED = package(
    parts(row(*HEADER) + row(*ANN))
    | {
        "xl/sharedStrings.xml": f"{ENTITY}<sst xmlns='{workbooks.SPREADSHEET}'><si><t>&e;</t></si>"
        "</sst>"
    }
)


@pytest.mark.parametrize(
    "data",
    [
        package(parts(row(*HEADER) + row("&e;", *ANN[1:]), head=ENTITY)),
        package(parts(row(*HEADER)) | {"xl/workbook.xml": f"{ENTITY}<workbook>&e;</workbook>"}),
        ods(ods_row(*HEADER), ods_row("&e;", *ANN[1:]), head=ENTITY),
    ],
)
def test_entities_are_refused(data):
    assert "DTD" in refused(data)


def test_entities_in_shared_strings_are_not_followed():
    assert "root:" not in str(attempt(read, SHARED))


def encrypted(data: bytes) -> bytes:
    """DATA with the bit that says that its first entry is encrypted."""
    at = data.index(b"PK\x01\x02")
    return data[: at + 8] + bytes([data[at + 8] | 1]) + data[at + 9 :]


def lying() -> bytes:
    """A zip whose part says that it unpacks to one byte."""
    data = bytearray(package(parts(row(*HEADER) + row(*ANN) * 500)))
    at = data.index(b"xl/worksheets/sheet1.xml", data.index(b"PK\x01\x02")) - 46
    data[at + 24 : at + 28] = (1).to_bytes(4, "little")
    return bytes(data)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
        (encrypted(BOOK), "password"),
        (ods(ods_row(*HEADER), manifest="<m:encryption-data/>"), "password"),
        (package({"[Content_Types].xml": "", "word/document.xml": "x"}), "text document"),
        (package({"[Content_Types].xml": "", "ppt/presentation.xml": "x"}), "presentation"),
        (ods(mimetype="text"), "text document"),
        (package({"Index/Document.iwa": "x"}), "Numbers"),
        (package({"candidates.csv": "name,email,role"}), "zip file, not a workbook"),
        (OLE + "WordDocument".encode("utf-16-le"), "text document"),
        (OLE + "Workbook".encode("utf-16-le"), "damaged or cut off"),
        (XLS[:3000], "damaged or cut off"),
        (BOOK[: len(BOOK) // 2], "damaged or cut off"),
        (BOOK[:-30], "damaged or cut off"),
        (package(parts("<row><c><v>1</c></row>")), "damaged or cut off"),
        (package(parts("") | {"xl/workbook.xml": "<workbook>"}), "damaged or cut off"),
        (package(dict.fromkeys(map(str, range(6000)), "")), "unpacks to far more"),
        (lying(), "unpacks to far more"),
        (xlsx(lambda book: book.add_worksheet()), "no rows"),
        (xlsx(lambda book: book.add_worksheet().write(0, 0, "Hello")), "no rows"),
        (b"<html><table><tr><td>name</td></tr></table>", "save it as CSV"),
        ("<?xml version='1.0'?><Workbook/>".encode("utf-16"), "save it as CSV"),
        (table(HEADER, ["a" * 32_000] * 40), "row 2: the row is longer"),
        (by_hand(row(*HEADER), row("a" * 140_000)), "row 2: a cell is longer"),
        (by_hand(row(*HEADER), row(*ANN, number=200_001)), "more than 200,000 rows"),
        (by_hand(row(*HEADER), row("<c r='XFD2000'><v>1</v></c>", number=2000)), "2,500,000 cells"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_in_words(data, words):
    assert words in refused(data)


def test_a_workbook_of_charts_alone_is_refused():
    sheet = parts("")
    sheet["xl/_rels/workbook.xml.rels"] = sheet["xl/_rels/workbook.xml.rels"].replace(
        "/worksheet'", "/chartsheet'"
    )
    assert "only charts" in refused(package(sheet))


def swollen(mebibytes: int) -> bytes:
    """A workbook with a part of nothing but zeros."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts("").items():
            archive.writestr(name, text)
        with archive.open("xl/sharedStrings.xml", "w") as part:
            for _ in range(mebibytes):
                part.write(bytes(1024 * 1024))
    return data.getvalue()


def heavy() -> bytes:
    """A workbook that says of a part that it is large, though not for the size of the file."""
    noise = {"xl/media/image1.png": random.Random(1).randbytes(2 * 1024 * 1024)}
    data = bytearray(package(parts(row(*HEADER) + row(*ANN)) | noise))
    at = data.index(b"xl/worksheets/sheet1.xml", data.index(b"PK\x01\x02")) - 46
    data[at + 24 : at + 28] = (300 * 1024 * 1024).to_bytes(4, "little")
    return bytes(data)


@pytest.mark.parametrize("data", [swollen(20), heavy()])
def test_a_bomb_is_refused_before_it_is_unpacked(data):
    began = time.monotonic()
    assert "unpacks to far more" in refused(data)
    assert time.monotonic() - began < 3


def test_what_grows_in_memory_alone_ends_with_the_child():
    cell = "<table:table-cell table:number-columns-repeated='16384' office:value-type='string'>"
    rows = ods_row(
        f"{cell}<text:p>x</text:p></table:table-cell>", told="table:number-rows-repeated='9000'"
    )
    assert "save it" in refused(ods(ods_row(*HEADER), ods_row(*ANN), rows))


def test_who_takes_too_long_is_stopped(monkeypatch):
    monkeypatch.setattr(workbook, "SECONDS", 0.01)
    assert "longer than 60 seconds" in refused(BOOK)


def test_strange_signs_are_refused_by_the_row_reader_and_crash_nothing():
    data = by_hand(
        row(*HEADER),
        row("A_xD800_", *ANN[1:]),
        row("A_x0001_B", *BOB[1:]),
        row("A_x0000_", *BOB[1:]),
    )
    faults = check(data, told=NO).faults
    assert [fault.row for fault in faults if fault.row in (3, 4)] == [3, 4]


def test_nothing_is_left_behind(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    before = set(os.listdir("/proc/self/fd"))
    with opened(BOOK) as sheet:
        next(sheet.rows())
    refused(BOOK[:-30])
    assert list(tmp_path.iterdir()) == []
    assert set(os.listdir("/proc/self/fd")) == before


def test_calamine_is_loaded_in_the_child_alone():
    code = "import sys, portal.candidate_files; sys.exit('python_calamine' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("data", [write(HEADER, ANN), BOOK])
def test_what_is_compressed_is_unpacked(data):
    assert read(gzip.compress(data))[1][0] == (2, ANN)
    assert read(gzip.compress(data))[0].digest == read(data)[0].digest


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (gzip.compress(write(HEADER, ANN))[:-9], "damaged or cut off"),
        (gzip.compress(gzip.compress(write(HEADER, ANN))), "compressed twice"),
        (gzip.compress(bytes(51 * 1024 * 1024)), "Unpacked, the file is larger than 50 MB"),
        (gzip.compress(b"a.csv".ljust(257, b"\0") + b"ustar\x0000", mtime=0), "archive"),
        (gzip.compress(b"", mtime=0), "no rows"),
    ],
    ids=["cut off", "twice", "bomb", "archive", "empty"],
)  # fmt: skip
def test_what_is_compressed_is_refused_in_words(data, words):
    assert words in refused(data)


@pytest.mark.long
@pytest.mark.parametrize("data", [BOOK, XLS, ods(ods_row(*HEADER), ods_row(*ANN))])
def test_damaged_bytes_are_read_or_refused(data):
    for seed in range(60):
        chance = random.Random(seed)
        broken = bytearray(data)
        for _ in range(chance.randrange(1, 30)):
            broken[chance.randrange(len(data))] = chance.randrange(256)
        assert attempt(read, bytes(broken[: chance.randrange(8, 2 * len(data))]))


MEASURE = """
import json, resource, sys
from portal.candidate_files import is_column_name, open_sheet
def peak(who): return resource.getrusage(who).ru_maxrss // 1024
before = peak(resource.RUSAGE_SELF)
with open(sys.argv[1], "rb") as source, open_sheet(source, is_column_name) as sheet:
    rows = sum(1 for _ in sheet.rows())
print(json.dumps([rows, peak(resource.RUSAGE_SELF) - before, peak(resource.RUSAGE_CHILDREN)]))
"""


@pytest.mark.long
def test_a_large_sheet_is_read_within_its_memory(tmp_path):
    def fill(book):
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [*HEADER, *(f"c{place}" for place in range(12))])
        for number in range(1, 100_001):
            cells = [f"Ann {number}", f"ann{number}@x.test", "Engineer", *range(number, number + 6)]
            sheet.write_row(number, 0, [*cells, *(f"note {number} {place}" for place in range(6))])

    path = tmp_path / "large.xlsx"
    path.write_bytes(xlsx(fill))
    command = [sys.executable, "-c", MEASURE, str(path)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    rows, ours, peak = json.loads(done.stdout)
    assert rows == 100_000
    assert ours <= 16
    assert peak <= 256
