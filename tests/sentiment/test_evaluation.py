"""Measuring a labelled file: keys, refusals, and rows that depend on nothing but their text."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from portal.sentiment.evaluation import BadInput, LabelledText, as_json_lines, evaluate, read_rows

ROWS = [
    LabelledText("They kept me informed at every step.", "pos", 5, "a:x", "en"),
    LabelledText("I never heard back from anybody.", "neg", 1, "a:y", "en"),
    LabelledText("The recruiter was rude and late.", "neg", 2, "b", None),
    LabelledText("n/a", "pos", None, "b", "en"),
    LabelledText("Die Stelle wurde mir nie erklärt und das war schade.", "neg", None, "b", None),
    LabelledText("", None, 3, "b", None),
    LabelledText("We met on a Tuesday in the office.", "neu", 3, "b", None),
]
KEYS = {
    *("n", "n_polar", "auc", "macro_f1", "negative_recall", "negative_precision", "ece"),
    *("coverage", "definite_accuracy", "unclear", "not_scored", "texts_per_second"),
    *("textblob_texts_per_second", "by_kind", "by_source", "analyzer", "auc_interval"),
    *("macro_f1_interval", "spearman_stars"),
}


def test_report_has_exactly_the_agreed_keys() -> None:
    report = evaluate(ROWS, with_speed=False).report
    assert set(report) == KEYS
    assert report["n"] == 7
    assert report["n_polar"] == 5
    assert report["not_scored"] == {"empty": 1, "language": 1, "too_little_text": 1}
    assert report["analyzer"]["name"] == "heardback-en"
    assert set(report["by_source"]) == {"a", "b"}
    assert report["by_source"]["a"]["auc"] == 1.0
    json.dumps(report)


def test_unscored_rows_count_half_in_the_area_and_are_missed_in_f1() -> None:
    report = evaluate(ROWS, with_speed=False).report
    # The positive found wins its 3 pairs; the one not scored (.5) wins 2 and ties with one.
    assert report["auc"] == pytest.approx((3 + 2 + 0.5) / 6)
    assert report["negative_recall"] == pytest.approx(2 / 3)
    assert report["negative_precision"] == 1.0


def test_rows_of_nothing_give_a_report_of_nones() -> None:
    report = evaluate([]).report
    assert report["n"] == 0
    assert report["auc"] is None
    assert report["coverage"] is None
    assert report["texts_per_second"] is None


def test_speeds_are_measured_for_both() -> None:
    report = evaluate(ROWS[:2]).report
    assert report["texts_per_second"] > 0
    assert report["textblob_texts_per_second"] > 0


def test_labels_and_order_change_no_row() -> None:
    plain = list(as_json_lines(evaluate(ROWS, with_speed=False).rows))
    blank = [row._replace(label=None, stars=None) for row in reversed(ROWS)]
    turned = list(as_json_lines(evaluate(blank, with_speed=False).rows))
    for number, line in enumerate(plain):
        other = turned[len(ROWS) - 1 - number]
        assert json.loads(line) | {"row": 0} == json.loads(other) | {"row": 0}
        assert line.replace(f'"row": {number + 1},', "") == other.replace(
            f'"row": {len(ROWS) - number},', ""
        )


def write(path: Path, text: str) -> Path:
    data = text.encode("utf-8-sig")
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize("name", ["in.csv", "in.csv.gz"])
def test_reads_columns_by_name_in_any_order(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, 'label,colour,text\nneg,red,"a, ""b"""\n,blue,c\n')
    assert read_rows(path) == [LabelledText('a, "b"', "neg"), LabelledText("c")]


def test_stars_give_the_label_only_without_a_label_column(tmp_path: Path) -> None:
    stars = write(tmp_path / "a.csv", "text,stars\na,1\nb,3\nc,5\nd,\n")
    assert [row.label for row in read_rows(stars)] == ["neg", None, "pos", None]
    both = write(tmp_path / "b.csv", "text,stars,label\na,1,\n")
    assert [row.label for row in read_rows(both)] == [None]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("label\npos\n", "row 0, the header: the column text is missing"),
        ("text,label\na,pos\nb,good\n", "row 2: label"),
        ("text,stars\na,7\n", "row 1: stars"),
    ],
)
def test_refuses_what_it_cannot_read_in_one_line(tmp_path: Path, content: str, said: str) -> None:
    with pytest.raises(BadInput, match=said) as refusal:
        read_rows(write(tmp_path / "in.csv", content))
    assert "\n" not in str(refusal.value)


def test_refuses_a_file_that_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "in.csv"
    path.write_bytes(b"text\n\xff\xfe\x00")
    with pytest.raises(BadInput):
        read_rows(path)
    with pytest.raises(BadInput):
        read_rows(tmp_path / "missing.csv")
