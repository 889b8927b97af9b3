"""What shows nothing is no text: of comments, and of names."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import hiring
from portal.signs import EMPTY, shows
from portal.surveys import clean_comment

NOTHING = [
    "",
    " \t\n",
    "\u00a0",
    "\u200b\u200b",
    "\ufeff",
    "\u2060",
    "\u3164",
    "\u2800\u2800",
    "\u115f\u1160\uffa0",
    "\u202e\u202c",
    "\u00ad\u034f\u180e",
    "\ufe0f\U000e0100\U000e0020",
    "\u0301",
    "\ufffc",
    "\u2065\ufff0\U000e0fff",
    "\U00013441\U0001d159",
]


@pytest.mark.parametrize("text", NOTHING, ids=ascii)
def test_what_cannot_be_seen_is_no_comment_and_no_name(text):
    assert not shows(text)
    assert clean_comment(text) == ""
    assert hiring.clean_text("role", text, required=False) == "" or not text.isprintable()
    with pytest.raises(hiring.ApplicationRefused):
        hiring.clean_text("name", text)


@pytest.mark.parametrize(
    "text",
    [
        *("a", "👍🏽", "👨‍👩‍👧", "ה", "e\u0301", "\u200fשלום", "…", "한", "⠓", "?!", "1️⃣"),
        # newer than Python's tables: a heart and a face of 2022, a letter of 2023
        *("\U0001fa77", "\U0001fae8", "\U0002ebf0"),
    ],
    ids=ascii,
)
def test_what_can_be_seen_stays_with_all_its_signs(text):
    assert shows(text)
    assert clean_comment(text) == text


@given(st.text(max_size=20), st.sampled_from(NOTHING))
def test_adding_nothing_changes_nothing_that_shows(text, nothing):
    assert shows(text + nothing) is shows(text)
    if any(unicodedata.category(sign)[0] in "NPS" and sign not in EMPTY for sign in text):
        assert shows(text)
