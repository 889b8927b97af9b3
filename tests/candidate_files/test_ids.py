"""Ids that are one application's alone; those that a spreadsheet cut, and nobody's, are none."""

import re
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.candidate_files.ids import CUT, NOBODYS, WHOLE, IdRead, read_id

CUT_IDS = """
    4.8321E+17 4,8321E+17 4.8321e+17 4.8321e17 1.23457E+11 1E+05 5E+17 -4.8E+17 4.E+17
    483210000000425000 1234567890123450 123456789012345000.0 ##### # 1000000000000000
    '4.8321E+17 ="4.8321E+17" 4.8321×10^17 4.8321*10^17
    483,210,000,000,425,000 483.210.000.000.425.000 483'210'000'000'425'000
    483\u00a0210\u00a0000\u00a0000\u00a0425\u00a0000
    483\u202f210\u202f000\u202f000\u202f425\u202f000
"""
NOBODYS_IDS = (
    "N/A|n/a|NA|-|--|0|00000|0.0|null|None|tbd|unknown|Not available|?|.|-1|TEST|#REF!|#N/A|#WERT!"
    "|#¡REF!|#ERROR!|#DIV/0!|#VALEUR!|Err:502"
    "|'0|k. A.|s/o|sin datos|00000000-0000-0000-0000-000000000000|xxx|0-0|(none)|undefined"
)


@pytest.mark.parametrize(
    "text",
    re.split(r"[ \n]+", CUT_IDS.strip()),
)
def test_ids_that_a_spreadsheet_has_cut_are_none(text):
    assert read_id(text) == IdRead(None, CUT)


@pytest.mark.parametrize(
    "text",
    NOBODYS_IDS.split("|"),
)
def test_ids_that_stand_for_none_are_none(text):
    assert read_id(text) == IdRead(None, NOBODYS)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", None),
        (" \u200b", None),
        ("1", "1"),
        ("777", "777"),
        ("A-1", "A-1"),
        ("HR-APP-2026-00001", "HR-APP-2026-00001"),
        ("0520672f-5147-42fc-ae46-b9feec8e4642", "0520672f-5147-42fc-ae46-b9feec8e4642"),
        ("483210000000425017", "483210000000425017"),
        ("123456789012345", "123456789012345"),
        ("100000000000000", "100000000000000"),
        ("00000000000000001000", "00000000000000001000"),
        ("APP-483210000000425000", "APP-483210000000425000"),
        ("12E4", "12E4"),
        ("1e5", "1e5"),
        ("123e4567", "123e4567"),
        ("00123", "00123"),
        ("'00123", "00123"),
        ('="00123"', "00123"),
        ('\'="00123"', "00123"),
        ("\ufeffA-1\u00a0", "A-1"),
        ("A\u200b-1", "A-1"),
        ("A\u00ad-1\u2060", "A-1"),
        ("\u202a1234\u202c", "1234"),
        ("\u3164", None),
        ("'+49", "+49"),
        ("x1", "x1"),
        ("NA-1", "NA-1"),
        ("'A-7'", "A-7"),
        ('"A-7"', "A-7"),
        ("“A-7”", "A-7"),
        ("R&amp;D-1", "R&D-1"),
        ("1.5", "1.5"),
        ("10.10", "10.10"),
    ],
)
def test_other_ids_stay(text, found):
    assert read_id(text) == IdRead(found)


@pytest.mark.parametrize("text", ["12345.0", "12345,0", "12345.00", "'12345.0"])
def test_a_whole_number_is_read_without_its_zeros(text):
    assert read_id(text) == IdRead("12345", WHOLE)


@given(st.uuids() | st.uuids(version=4))
def test_uuids_stay(found):
    if found != uuid.UUID(int=0):
        assert read_id(str(found)).id == str(found)


@given(st.integers(10**15, 10**25))
def test_what_fifteen_digits_cannot_hold_is_known_by_its_zeros(number):
    text = str(number)
    cut = text[:15] + "0" * (len(text) - 15)
    assert read_id(cut) == IdRead(None, CUT)
    assert read_id(text).id == (None if text == cut else text)


@given(st.text(max_size=30))
def test_any_text_is_an_id_or_none(text):
    found = read_id(text)
    assert found.id is None or found.id == read_id(found.id).id or found.id.startswith(("'", "="))
