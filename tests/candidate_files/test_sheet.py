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
    assert "NUL" in refused(write(["na\0me", *HEADER[1:]], ANN)).message


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (b"PK\x03\x04", "damaged"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "damaged"),
        (b"MIME-Version: 1.0\r\n", "web page"),
        (b"{\\rtf1", "RTF"),
        (b'{"name": "Ann", "email": "ann@x.test"}\n', "export it as CSV or XLSX"),
        (b'\xef\xbb\xbf [{"name": "Ann"}]', "export it as CSV or XLSX"),
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


GOOD = ["Zoë Roe", "José López", "Björn Löw"]


def people(*names: str | bytes, encoding="utf-8") -> bytes:
    """A file of people with NAMES; bytes stand in it as they are."""
    rows = [
        (name if isinstance(name, bytes) else name.encode(encoding))
        + b",p%d@x.test,Engineer" % number
        for number, name in enumerate(names)
    ]
    return b"\n".join([b"name,email,role", *rows])


def names(data: bytes, **choice) -> list[str]:
    return [cells[0] for _, cells in read(data, **choice)[1]]


def test_single_bytes_that_are_not_utf_8_spoil_no_good_name():
    data = people(*GOOD, b"Ren\xe9 Low", b"L\xe9o \xc3\x89tienne")
    sheet, rows = read(data)
    assert [cells[0] for _, cells in rows] == [*GOOD, "René Low", "Léo Étienne"]
    assert sheet.encoding == "utf-8-sig"
    assert "“René Low” (row 5), “Léo Étienne” (row 6)" in sheet.notices[0]
    assert sheet.doubtful == ("René", "Léo", "Étienne")
    assert names(people(*GOOD, b"Tr\xc3")) == [*GOOD, "TrÃ"]


def test_many_stray_bytes_are_counted_and_the_first_named():
    data = people(*GOOD * 20, *[b"Ren\xe9 %d" % number for number in range(9)])
    sheet, rows = read(data)
    assert [cells[0] for _, cells in rows][:60] == GOOD * 20
    assert sheet.notices[0].endswith("(row 64) and 6 more")


def test_where_most_bytes_are_not_utf_8_the_words_to_look_at_are_given():
    sheet, _ = read(people(*GOOD, "Ann", encoding="mac-roman"))
    assert sheet.encoding == "cp1252"
    foreign = " ".join(GOOD).replace(" Roe", "").encode("mac-roman").decode("cp1252")
    assert sheet.doubtful == tuple(foreign.split())
    assert len(read(people(*(f"é{n}" for n in range(30)), encoding="cp1252"))[0].doubtful) == 10
    assert read(people(*GOOD))[0].doubtful == ()


@pytest.mark.parametrize(
    "encoding",
    [
        "cp1252",
        "iso-8859-15",
        "mac-roman",
        "cp1250",
        "utf-8",
        "UTF-16",
        "utf_16_le",
        "windows-1252",
    ],
)
def test_an_encoding_that_is_told_is_used(encoding):
    sheet, rows = read(people(*GOOD, encoding="utf-8").decode().encode(encoding), encoding=encoding)
    assert [cells[0] for _, cells in rows] == GOOD
    assert sheet.notices == ()


def test_cyrillic_is_read_once_somebody_says_so():
    assert names(people("Жанна", "Пётр", encoding="cp1251"), encoding="cp1251") == ["Жанна", "Пётр"]


def test_single_stray_bytes_are_read_where_utf_8_is_told_too():
    assert names(people(*GOOD, b"Ren\xe9"), encoding="utf-8") == [*GOOD, "René"]


@pytest.mark.parametrize(
    "encoding",
    ["klingon", "base64", "rot13", "idna", "undefined", "unicode_escape", "a\0b", "x" * 999],
)
def test_an_unknown_encoding_is_refused(encoding):
    with pytest.raises(candidate_files.FileRefused, match="is not an encoding"):
        read(FILE, encoding=encoding)


def test_what_is_not_in_the_encoding_told_is_refused_with_its_line():
    with pytest.raises(candidate_files.FileRefused, match=r"row 3: .* as cp1252"):
        read(people("Ann", b"B\x81b"), encoding="cp1252")


def test_short_rows_are_filled_and_empty_cells_beyond_are_dropped():
    header = [*HEADER, "outcome", "reason"]
    _, rows = read(write(header, ANN, [*ANN, "", "", "", " "], [*ANN, "", "", "", "x"]))
    full = [*ANN, "", ""]
    assert rows == [(2, full), (3, full), (4, [*full, "", "x"])]


def test_cells_written_as_formulas_of_text_are_that_text():
    """As exports write what a spreadsheet must not take for a number or a day."""
    data = (
        b'"=""name""",="email",="role"\n="Ann",="ann@x.test","=""Chef """"de"""" partie"""\n'
        b'="a"&"b",=HYPERLINK("x@x.test"),\'="x"\n'
    )
    sheet, rows = read(data)
    assert sheet.headers == ("name", "email", "role")
    assert rows[0] == (2, ["Ann", "ann@x.test", 'Chef "de" partie'])
    assert rows[1] == (3, ['="a"&"b"', '=HYPERLINK("x@x.test")', '\'="x"'])


def test_a_column_that_only_ends_the_header_is_none():
    text = "name\temail\trole\t**EndOfHeader**\nAnn\tann@x.test\tEngineer\t\nBob\tb@x.test\tX"
    sheet, rows = read(f"{text}\nCy\tc@x.test\tY\t**EndOfRecord**".encode())
    assert sheet.headers == tuple(HEADER)
    assert [len(cells) for _, cells in rows] == [3, 3, 3]


@pytest.mark.parametrize(
    "instructions",
    [
        [["Required", "Required", "Optional"]],
        [["", "", "", "dd/mm/yyyy"]],
        [["Full name", "Valid email address", "Text", "JJ/MM/AAAA"]],
        [["Pflichtfeld", "Pflichtfeld", "optional"], ["Text", "Text", "Text", "TT.MM.JJJJ"]],
        [["(obligatoire)", "(obligatoire)", "", "(facultatif)"]],
        [["string", "string", "string", "date"], ["max 200 characters", "required", ""]],
        [["e.g. Ann Roe", "required", "e.g. Engineer", "e.g. 2026-11-01"]],
    ],
)
@pytest.mark.parametrize("header", [[*HEADER, "Decided on"], ["Imię", "Poczta", "Rola", "Dzień"]])
def test_rows_of_instructions_below_the_header_are_left_out(instructions, header):
    sheet, rows = read(write(["Candidates"], header, *instructions, ANN, BOB))
    first = 3 + len(instructions)
    assert (sheet.header_row, rows) == (2, [(first, [*ANN, ""]), (first + 1, [*BOB, ""])])
    assert [notice[:5] for notice in sheet.notices] == [
        f"Row {number}" for number in range(3, first)
    ]


@pytest.mark.parametrize(
    "person",
    [
        ["Cy", "", "Engineer", ""],
        ["Cy", "no email", "Engineer", ""],
        ["Cy", "cy at x.test", "Engineer", "2026-05-01"],
        ["Cy", "", "Text Editor", "date unknown"],
        ["", "", "Optional", "", "x", "y"],
    ],
)
def test_a_row_about_a_person_is_never_taken_for_instructions(person):
    header = [*HEADER, "reason", "a", "b"]
    sheet, rows = read(write(header, person, ANN))
    assert [number for number, _ in rows] == [2, 3]
    assert sheet.notices == ()


def test_instructions_further_down_are_rows_with_faults():
    _, rows = read(write(HEADER, ANN, ["Required", "Required", "Required"], BOB))
    assert [number for number, _ in rows] == [2, 3, 4]


def test_a_title_with_names_of_columns_is_not_the_header():
    title = ["Candidate", "Position", "Report of May 2026"]
    assert read(write(title, [*HEADER, "outcome"], ANN))[0].header_row == 2


def test_a_header_row_that_is_told_is_taken():
    data = write(["name", "email", "role"], ["Nom", "Courriel", "Poste"], ANN)
    assert read(data, header_row=2)[0].headers == ("Nom", "Courriel", "Poste")


CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0@="), max_size=20)


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
