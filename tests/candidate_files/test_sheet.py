"""How files are written: every way that was met, and where each stops being a table."""

import codecs
import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import candidate_files
from portal.candidate_files import sheet as sheets
from tests.support.import_files import ANN, BOB, HEADER, attempt, opened, read, write

ROWS = [["Zoë", "zoe@x.test", "Ingénieure"], BOB]
FILE = write(HEADER, *ROWS)


def refused(data: bytes) -> candidate_files.Fault:
    with pytest.raises(candidate_files.FileRefused) as caught:
        read(data)
    assert "\n" not in str(caught.value)
    return caught.value.fault


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (FILE, "utf-8-sig"),
        (codecs.BOM_UTF8 + FILE, "utf-8-sig"),
        (write(HEADER, *ROWS, encoding="utf-16"), "utf-16"),
        (codecs.BOM_UTF16_LE + write(HEADER, *ROWS, encoding="utf-16-le"), "utf-16"),
        (codecs.BOM_UTF16_BE + write(HEADER, *ROWS, encoding="utf-16-be"), "utf-16"),
        (write(HEADER, *ROWS, encoding="cp1252"), "cp1252"),
    ],
)
def test_text_is_read_in_every_encoding(data, encoding):
    sheet, rows = read(data)
    assert sheet.headers == tuple(HEADER)
    assert rows == [(2, ROWS[0]), (3, ROWS[1])]
    assert sheet.encoding == encoding
    assert bool(sheet.notices) is (encoding == "cp1252")


def test_the_first_line_that_is_not_utf_8_is_named():
    rows = [["Ann", f"ann{number}@x.test", "Engineer"] for number in range(3000)]
    rows[898][0] = "Zoë"  # line 900, with the header
    sheet, read_rows = read(write(HEADER, *rows, encoding="cp1252"))
    assert read_rows[898] == (900, rows[898])
    assert "Line 900 is not UTF-8" in sheet.notices[0]


@pytest.mark.parametrize(
    "data",
    [
        FILE + b"\x81 is nothing in Windows-1252",
        codecs.BOM_UTF16_LE + write(HEADER, *ROWS, encoding="utf-16-le")[:-1],
        codecs.BOM_UTF16_LE + "a,b,c\r\n\ud800".encode("utf-16-le", "surrogatepass"),
    ],
)
def test_bytes_that_are_no_text_are_refused(data):
    assert "UTF" in refused(data).message


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("before", ["", "sep={}\r\n", '"sep={}"\n', "SEP={}\r"])
def test_separators_are_found(separator, before):
    data = write(HEADER, *ROWS, separator=separator, before=before.format(separator))
    sheet, rows = read(data)
    first = 2 if before else 1
    assert (sheet.separator, sheet.header_row) == (separator, first)
    assert rows == [(first + 1, ROWS[0]), (first + 2, ROWS[1])]


def test_other_separators_inside_cells_do_not_confuse():
    rows = [["Doe, Ann, Dr, PhD, MBA", "ann@x.test", "Engineer | Team, Lead, A, B"]] * 3
    sheet, found = read(write(HEADER, *rows, separator=";"))
    assert sheet.separator == ";"
    assert [cells for _, cells in found] == rows


@pytest.mark.parametrize(
    "text",
    [
        "Name, full;E-mail;Role, wanted;Id\nDoe, Ann;ann@x.test;Lead, senior;7\n",
        'E-mail;Name;"Role, a, b, c"\nann@x.test;Ann;"Lead, d, e, f"\n',
    ],
)
def test_of_two_separators_that_fit_the_more_frequent_outside_quotes_is_taken(text):
    sheet, _ = read(text.encode())
    assert sheet.separator == ";"
    assert "E-mail" in sheet.headers


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_line_ends_of_every_kind_keep_row_numbers_right(end):
    rows = [["Ann", "ann@x.test", f"two{end}lines"], BOB]
    data = write(HEADER, *rows, end=end)
    assert read(data)[1] == [(2, rows[0]), (4, rows[1])]


def test_mixed_line_ends_and_blank_rows_keep_row_numbers_right():
    text = 'name,email,role\rAnn,ann@x.test,"a\nb\r\nc"\r\n\n,,\r\nBob,bob@x.test,Engineer'
    rows = [(2, ["Ann", "ann@x.test", "a\nb\r\nc"]), (7, ["Bob", "bob@x.test", "Engineer"])]
    assert read(text.encode())[1] == rows


def test_title_rows_above_the_header_are_skipped():
    title = [["Candidates"], [], ["Acme Inc", "Export", "of May"], ["", "made by", "Ada"]]
    sheet, rows = read(write(*title, HEADER, ANN))
    assert sheet.header_row == 5
    assert rows == [(6, ANN)]


def test_a_header_in_a_language_we_do_not_know_is_found_by_the_addresses_below():
    sheet, rows = read(write(["Kandidaten 2026"], ["Imię", "Poczta", "Rola"], ANN))
    assert (sheet.header_row, sheet.headers) == (2, ("Imię", "Poczta", "Rola"))
    assert rows == [(3, ANN)]


def test_a_known_header_is_found_though_no_address_is_below():
    sheet, _ = read(write(["Made", "for", "Acme"], HEADER, ["Ann", "", "Engineer"]))
    assert sheet.header_row == 2


def test_a_hundred_columns_are_no_trouble():
    wide = [f"column {number}" for number in range(300)]
    sheet, rows = read(write([*HEADER, *wide], [*ANN, *wide]))
    assert len(sheet.headers) == 303
    assert rows == [(2, [*ANN, *wide])]


@pytest.mark.parametrize(
    "data",
    [b"", codecs.BOM_UTF8, codecs.BOM_UTF16_LE, b"\r\n\r\n", b" ,,\n", b"sep=;\r\n", b"just text"],
)
def test_nothing_is_called_no_rows(data):
    assert "no rows" in refused(data).message


@pytest.mark.parametrize("data", [write(HEADER), write(["Title"], [], HEADER)])
def test_a_header_alone_has_no_rows_below_it(data):
    assert read(data)[1] == []


@pytest.mark.parametrize(
    "rows", [[["a", "b"], ["ann@x.test", "c"]], [["1", "2", "3"], ["ann@x.test", "4", "5"]]]
)
def test_a_table_without_a_header_says_what_one_is(rows):
    assert "No header row" in refused(write(*rows)).message


@pytest.mark.parametrize(
    ("text", "row", "words"),
    [
        (
            'name,email,role\nAnn,ann@x.test,A\n"Bob,bob@x.test,B\nCy,cy@x.test,C\n',
            3,
            "never closed",
        ),
        ('name,email,role\nAnn,ann@x.test,A\n"Bob,bob@x.test,B\n"Cy",cy@x.test,C\n', 3, "doubled"),
        ('name,email,role\n"Ann" A.,ann@x.test,A\n', 2, "doubled"),
        (f"name,email,role\nAnn,ann@x.test,{'A' * 200_000}\n", 2, "131,072"),
        (f"name,email,role\nAnn,ann@x.test,A\nBob,{'A' * 1_100_000},B\n", 3, "the line is longer"),
    ],
)
def test_what_is_not_csv_is_refused_naming_its_row(text, row, words):
    fault = refused(text.encode())
    assert fault.row == row
    assert words in fault.message


def test_a_nul_byte_in_the_header_is_refused():
    assert "NUL" in refused(write(HEADER, ANN, encoding="utf-16-le")).message


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (b"PK\x03\x04", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "damaged"),
        (b"MIME-Version: 1.0\r\n", "web page"),
        (b"{\\rtf1", "RTF"),
        (codecs.BOM_UTF8 + b"\r\n<html><table>", "save it as CSV"),
        (b"<?xml version='1.0'?>", "save it as CSV"),
        (b"%PDF-1.7", "PDF"),
        (b"\x1f\x8b", "gzip"),
    ],
)
def test_other_kinds_of_file_are_refused_with_what_to_do(start, words):
    assert words in refused(start + FILE).message


class Endless(io.RawIOBase):
    """A file without end that knows how much of it was taken."""

    taken = 0

    def read(self, size=-1):
        self.taken += size
        return b"x" * size


def test_a_file_beyond_50_mb_is_refused_while_it_is_read():
    source = Endless()
    opening = candidate_files.open_sheet(source, candidate_files.is_column_name)
    with pytest.raises(candidate_files.FileRefused, match="larger than 50 MB"), opening:
        pass
    assert source.taken < sheets.MAX_BYTES + 2 * sheets.BLOCK


def test_a_sheet_can_be_read_again_and_left_half_way():
    with opened(FILE) as sheet:
        assert next(sheet.rows()) == (2, ROWS[0])
        assert list(sheet.rows()) == list(sheet.rows()) == [(2, ROWS[0]), (3, ROWS[1])]


def test_rows_left_half_way_are_let_go_after_the_sheet_is_closed():
    with opened(FILE) as sheet:
        rows = sheet.rows()
        next(rows)
    rows.close()


def test_a_broken_row_does_not_make_another_separator_look_right():
    header, rows = (
        "E-mail|a|b,Name,Role,Id\n",
        'ann@x.test,Ann|x|y,Lead,1\nb@x.test,"Bob"x|p|q,B,2\n',
    )
    assert refused((header + rows).encode()).row == 3


def test_the_digest_is_that_of_the_bytes():
    assert read(FILE)[0].digest == read(FILE)[0].digest != read(FILE + b"\n")[0].digest


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0@"), max_size=20)


@given(
    st.lists(st.tuples(CELL, CELL), max_size=5),
    st.sampled_from(",;\t|"),
    st.sampled_from(["\r", "\n", "\r\n"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_what_was_written_is_read(cells, separator, end, encoding):
    rows = [[name, "ann@x.test", role] for name, role in cells]
    text = io.StringIO()
    writer = csv.writer(text, delimiter=separator, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([HEADER, *rows])
    _, found = read(text.getvalue().encode(encoding))
    assert [row for _, row in found] == rows


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes_are_read_or_refused(data, is_below_a_header):
    assert attempt(read, (FILE if is_below_a_header else b"") + data)
