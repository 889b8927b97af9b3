"""Reading a file of candidates: order, pieces, and refusals that name row and column."""

import gzip

import pytest
from click.testing import CliRunner

from portal.analysis import AnalysisRefused, analyse_file, dated
from portal.analysis.counted import READERS
from portal.cli.analysing import analyse_command
from tests.support.counted_files import HEADER, candidate, people, write


def test_employers_come_in_order_of_number_then_text(analyse):
    names = ["b", "10", "9", "A", "010", "-3", "8" * 5000, "0", "\u0663"]
    got = analyse([candidate(employer_id=name) for name in names])
    order = ["0", "9", "010", "10", "8" * 5000, "-3", "A", "b", "\u0663"]
    assert [e["employer"] for e in got["employers"]] == order


def test_many_rows_are_read_in_pieces(analyse, monkeypatch):
    rows = people(100, 6)
    expected = analyse(rows)
    monkeypatch.setattr("portal.analysis.counted.CHUNK_ROWS", 7)
    said = []
    assert analyse(rows, progress=said.append) == expected
    assert said[0] == "7 rows read"
    assert "100 rows read" in said
    assert said[-1] == "12 employers scored"


def test_byte_order_mark_and_blank_lines_are_no_matter(tmp_path):
    path = write(tmp_path / "plain.csv", [candidate(), candidate(rating=2)], HEADER[1:])
    text = path.read_text(encoding="utf-8")
    marked = ("\ufeff" + text.replace("\n", "\n\n")).encode()
    (tmp_path / "marked.csv").write_bytes(marked)
    (tmp_path / "marked.csv.gz").write_bytes(gzip.compress(marked))
    assert analyse_file(tmp_path / "marked.csv") == analyse_file(path)
    assert analyse_file(tmp_path / "marked.csv.gz") == analyse_file(path)


@pytest.mark.parametrize(
    ("facts", "says"),
    [
        ({"outcome": "ghosted"}, "row 3, column “outcome”: unknown value “ghosted”"),
        ({"outcome": ""}, "row 3, column “outcome”: blank"),
        ({"stage": "Final"}, "row 3, column “stage”: unknown value “Final”"),
        ({"channel": "pigeon"}, "row 3, column “channel”: unknown value “pigeon”"),
        ({"employer_id": ""}, "row 3, column “employer_id”: blank"),
        ({"decision_day": ""}, "row 3, column “decision_day”: a whole number is needed, not “”"),
        ({"decision_day": "3.5"}, "row 3, column “decision_day”: a whole number is needed"),
        ({"decision_day": "9" * 5000}, "row 3, column “decision_day”: .* is outside"),
        ({"decision_day": "0" * 30 + "5"}, "row 3, column “decision_day”: .* is outside"),
        ({"decision_day": "1_000"}, "row 3, column “decision_day”: a whole number is needed"),
        ({"told_after_days": "-1"}, "row 3, column “told_after_days”: “-1” is outside 0 to"),
        ({"promise_days": "soon"}, "row 3, column “promise_days”: a whole number is needed"),
        ({"answered": "yes"}, "row 3, column “answered”: unknown value “yes”"),
        ({"rating": "6"}, "row 3, column “rating”: unknown value “6”"),
        ({"rating": ""}, "row 3, column “rating”: blank although answered"),
    ],
)
def test_wrong_value_is_refused_by_row_and_column(analyse, facts, says):
    with pytest.raises(AnalysisRefused, match=says) as refused:
        analyse([candidate(), candidate(**facts)])
    assert refused.value.row == 3
    assert refused.value.column == next(iter(facts))
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 200


def test_spaces_around_the_names_of_columns_are_no_matter(tmp_path):
    path = write(tmp_path / "c.csv", [candidate()])
    spaced = tmp_path / "spaced.csv"
    spaced.write_text(path.read_text().replace(",rating,", ", rating ,", 1))
    assert analyse_file(spaced) == analyse_file(path)


@pytest.mark.parametrize("day", ["4000000", "3652060", "99999999999", "9" * 30, "-" + "9" * 30])
@pytest.mark.parametrize("header", [HEADER, ("outcome", "decided_on")])
def test_a_day_beyond_all_calendars_is_refused(tmp_path, header, day):
    dated = {"outcome": "rejected", "decided_on": "2026-03-02"}
    path = write(tmp_path / "c.csv", [candidate() | dated], header)
    done = CliRunner().invoke(analyse_command, ["--as-of", day, str(path)])
    is_a_day = header == HEADER and len(day) == 7  # of any origin
    assert done.exit_code == (0 if is_a_day else 2), done.output
    if not is_a_day:
        assert done.stderr.startswith("Error: ")
        assert done.stderr.count("\n") == 1


def test_row_is_the_one_a_spreadsheet_shows(tmp_path):
    path = write(tmp_path / "c.csv", [candidate(), candidate(stage="x")])
    path.write_text(path.read_text().replace("\n", "\n\n"))
    with pytest.raises(AnalysisRefused, match="row 5, column “stage”"):
        analyse_file(path)


def test_cells_left_out_at_a_rows_end_are_blank(tmp_path):
    path = write(tmp_path / "c.csv", [candidate(), candidate(answered=0, rating="", chased="")])
    whole = analyse_file(path)
    path.write_text(path.read_text()[: -len(",,1\n")] + "\n")
    assert analyse_file(path)["employers"][0]["answers"] == whole["employers"][0]["answers"] == 1


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no rows"),
        (",".join(HEADER[:-1]).encode(), "missing columns: reported_told$"),
        (",".join(HEADER).encode() + b"\n", "no rows"),
        ((",".join(HEADER) + ",rating\n").encode(), "column rating stands 2 times"),
        (
            b"outcome,decided_on,outcome\nrejected,2026-01-01,hired\n",
            "columns 1 and 3 have the same",
        ),
        (b"caf\xe9\n", "no rows"),
        (b"a" * 200_000, "row 1: a cell is longer than"),
        (b"a" * 2_000_000, "row 1: the line is longer than"),
        (",".join(HEADER).encode() + b"\n" + b"a" * 2_000_000, "row 2: the line is longer"),
        ((",".join(HEADER) + ", rating\n").encode(), "column rating stands 2 times"),
    ],
)
def test_unusable_file_is_refused(tmp_path, content, says):
    path = tmp_path / "bad.csv"
    path.write_bytes(content)
    with pytest.raises(AnalysisRefused, match=says) as refused:
        analyse_file(path)
    assert refused.value.row in (None, 1, 2)


def test_file_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(AnalysisRefused, match=r"cannot read .*nowhere\.csv"):
        analyse_file(tmp_path / "nowhere.csv")
    packed = tmp_path / "plain.csv.gz"
    packed.write_bytes(b"not gzip at all")
    with pytest.raises(AnalysisRefused, match="no rows"):
        analyse_file(packed)
    packed.write_bytes(gzip.compress(b"x" * 1000)[:20])
    with pytest.raises(AnalysisRefused, match="damaged or cut off"):
        analyse_file(packed)


def test_the_command_lists_every_column_that_a_file_needs():
    done = CliRunner().invoke(analyse_command, ["--dictionary"])
    assert done.exit_code == 0
    listed = [line.split()[0] for line in done.output.splitlines() if line.startswith("  ")]
    assert listed == ["employer_id", *READERS, *dated.COLUMNS]
    assert "--dictionary" in CliRunner().invoke(analyse_command, ["--help"]).output
