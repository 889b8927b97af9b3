"""Rows of one file about one application become one row, or are refused for contradicting."""

from itertools import chain, permutations

import pytest

from portal import candidate_files, intake
from tests.support.import_files import NOW, TORONTO, check, faults, opened, table

REJECTED = {"outcome": "rejected", "decided_on": "2026-05-01", "told_on": "2026-05-02"}
LATER = REJECTED | {"decided_on": "2026-05-10", "told_on": "2026-05-10"}
OPEN = {"outcome": "", "decided_on": "", "told_on": ""}


def distinct(*rows, **facts) -> list[tuple]:
    checked = check(table(*rows, **facts))
    assert checked.faults == []
    assert checked.rows == len(rows) == len(checked.distinct) + checked.absorbed
    return [
        (row.number, row.new.external_id, str(row.decided_on or "open")) for row in checked.distinct
    ]


def test_the_same_row_twice_is_one():
    assert distinct(REJECTED, REJECTED) == [(2, None, "2026-05-01")]
    assert distinct(OPEN, OPEN, OPEN) == [(2, None, "open")]


def test_one_person_two_roles_are_two():
    assert len(distinct(REJECTED, REJECTED | {"role": "Lead"})) == 2


def test_one_person_and_role_decided_on_two_days_are_two():
    assert distinct(REJECTED, LATER) == [(2, None, "2026-05-01"), (3, None, "2026-05-10")]


def test_an_open_row_and_its_decision_are_one_in_either_order():
    for rows in permutations([OPEN, REJECTED]):
        assert distinct(*rows) == [(2, None, "2026-05-01")]


def test_an_open_row_is_an_older_view_of_the_decided_ones():
    assert [day for _, _, day in distinct(REJECTED, LATER, OPEN)] == ["2026-05-01", "2026-05-10"]


def test_ids_tell_applications_apart_and_join_them():
    first, second = {"external_id": "1"}, {"external_id": "2"}
    assert len(distinct(OPEN | first, OPEN | second)) == 2
    assert distinct(OPEN | first, REJECTED | first) == [(2, "1", "2026-05-01")]
    assert distinct(OPEN, REJECTED | first) == [(2, "1", "2026-05-01")]
    assert distinct(REJECTED, OPEN | first) == [(2, None, "2026-05-01"), (3, "1", "open")]


def test_addresses_are_the_same_in_any_case_of_the_domain():
    assert len(distinct(OPEN | {"email": "ann@X.test"}, OPEN | {"email": "ann@x.TEST"})) == 1


def test_stage_and_promise_are_those_of_the_later_interview():
    early = {
        "stage": "Phone screen",
        "last_interview_on": "2026-04-01",
        "promised_on": "2026-05-30",
    }
    late = {"stage": "Final", "last_interview_on": "2026-04-20", "promised_on": ""}
    for rows in permutations([early, late]):
        [row] = check(table(*rows)).distinct
        assert row.new.stage == "Final"
        assert row.new.stage_group == "final"
        assert str(row.new.last_interview_on) == "2026-04-20"
        assert str(row.new.promised_on) == "2026-05-30"


def test_a_later_interview_without_a_stage_leaves_the_stage():
    rows = [
        {"stage": "Final", "last_interview_on": "2026-04-01"},
        {"last_interview_on": "2026-04-20"},
    ]
    [row] = check(table(*rows)).distinct
    assert (row.new.stage, row.new.stage_group) == ("Final", "final")
    assert str(row.new.last_interview_on) == "2026-04-20"


def test_what_only_one_of_the_rows_says_is_kept():
    rows = [
        {"locale": "", "role_family": "sales", "told_on": "", "department": "B"},
        {"locale": "fr", "role_family": "", "told_on": "2026-05-03", "department": ""},
    ]
    decided = {"outcome": "hired", "decided_on": "2026-05-01"}
    [row] = check(table(*rows, external_id="7", **decided)).distinct
    assert (row.new.locale, row.new.role_family, row.new.department) == ("fr", "sales", "B")
    assert str(row.telling.told_on) == "2026-05-03"


@pytest.mark.parametrize(
    ("second", "words"),
    [
        ({"outcome": "hired"}, "another decision"),
        ({"decided_on": "2026-05-02", "external_id": "1"}, "another decision"),
        ({"told_on": "2026-05-09"}, "another decision or day of telling"),
        ({"role": "Lead", "external_id": "1"}, "another address or role"),
        ({"email": "b@x.test", "external_id": "1"}, "another address or role"),
    ],
)
def test_rows_that_contradict_each_other_are_refused_naming_both(second, words):
    first = REJECTED | {"external_id": second.get("external_id", "")}
    [(row, column, message)] = faults(table(first, OPEN | {"email": "c@x.test"}, REJECTED | second))
    assert (row, column) == (4, "external_id" if "or role" in words else None)
    assert words in message
    assert "row 2" in message


def test_another_name_at_the_same_address_is_noted():
    checked = check(table(OPEN, OPEN | {"name": "Bob"}))
    assert [row.new.name for row in checked.distinct] == ["Ann"]
    assert "Another name at the same address" in " ".join(checked.notes.sentences())


def test_rows_of_one_person_and_role_stay_in_one_chunk(monkeypatch):
    monkeypatch.setattr("portal.intake.checking.MOST", 3)
    rows = [OPEN | {"email": f"{number}@x.test"} for number in range(5)]
    rows += [
        day | {"email": mail} for day in (REJECTED, LATER) for mail in ("a@x.test", "b@x.test")
    ]
    with_chunks = check_chunks(table(*rows))
    assert [len(chunk) for chunk in with_chunks] == [3, 4, 2]
    assert list(chain(*with_chunks)) == check(table(*rows)).distinct
    pairs = [{row.pair for row in chunk} for chunk in with_chunks]
    assert not pairs[1] & pairs[2]


def test_a_chunk_never_grows_beyond_twice_its_size(monkeypatch):
    monkeypatch.setattr("portal.intake.checking.MOST", 3)
    rows = [OPEN | {"external_id": str(number)} for number in range(1, 21)]
    assert [len(chunk) for chunk in check_chunks(table(*rows))] == [6, 6, 6, 2]


def check_chunks(data: bytes) -> list[list[candidate_files.FileRow]]:
    with opened(data) as sheet:
        return list(intake.check_file(sheet, candidate_files.Plan(), TORONTO, NOW).chunks())
