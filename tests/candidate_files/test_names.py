"""Names as people are greeted, and texts without what programs made of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.candidate_files.names import BESIDE, NOT_TURNED, TURNED, NameRead, read_name
from portal.candidate_files.texts import ENTITIES, decode_text, only_seen, undo_encoding


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Lovelace, Ada", "Ada Lovelace"),
        ("LOVELACE, Ada", "Ada LOVELACE"),
        ("lovelace ,ada", "ada lovelace"),
        ('"Lovelace, Ada"', "Ada Lovelace"),
        ("Roe, Ann Q.", "Ann Q. Roe"),
        ("Roe, A.", "A. Roe"),
        ("Roe, Dr. Ann", "Dr. Ann Roe"),
        ("Roe, Ann (Annie)", "Ann (Annie) Roe"),
        ("O&#39;Neil, Zoë", "Zoë O'Neil"),
        ("García Márquez, Gabriel", "Gabriel García Márquez"),
        ("van der Berg, Anna Maria", "Anna Maria van der Berg"),
        ("De la Cruz, María José", "María José De la Cruz"),
        ("'t Hooft, Gerard", "Gerard 't Hooft"),
        ("Ortega y Gasset, José Luis", "José Luis Ortega y Gasset"),
        ("Lévesque-Roy, Jean-François", "Jean-François Lévesque-Roy"),
        ("King, Martin Luther, Jr.", "Martin Luther King, Jr."),
        ("King, Jr., Martin", "Martin King, Jr."),
        ("King Jr., Martin Luther", "Martin Luther King Jr."),
        ("Roe, Ann, PhD", "Ann Roe, PhD"),
        ("Müller, Jo", "Jo Müller"),
        ("Le, An", "An Le"),
        ("Roe, ANN", "ANN Roe"),
        ("Dr. Roe, Ann", "Dr. Ann Roe"),
        ("Roe, John Jr.", "John Roe Jr."),
        ("Ford, Henry III", "Henry Ford III"),
        ("Do, Ma", "Ma Do"),
        ("Ma, Jo", "Jo Ma"),
        ("Rahman, Md", "Md Rahman"),
        ("Roe, Ann PhD", "Ann Roe PhD"),
        ("Roe, Ann RN BSN", "Ann Roe RN BSN"),
        ("Roe, Ann V", "Ann V Roe"),
        ("Roe, Ann Mrs.", "Mrs. Ann Roe"),
        ("Le, Van Do", "Van Do Le"),
        ("Roe, Ann (she/her)", "Ann (she/her) Roe"),
        ("Costa e Silva, João Maria", "João Maria Costa e Silva"),
        ('"Roe", "Ann"', "Ann Roe"),
        ("محمد، علي", "علي محمد"),
        ("Roe，Ann", "Ann Roe"),
    ],
)
def test_last_first_is_turned_round_and_said(text, name):
    assert read_name(text) == NameRead(name, TURNED)


@pytest.mark.parametrize(
    "text",
    [
        "Ann Roe",
        "ANN ROE",
        "Ann Roe, PhD",
        "Ann Roe, Ph.D.",
        "Ann Roe, RN, BSN",
        "Ann Roe, FRCGP",
        "Ann Roe, M.D.",
        "Roe, Jr.",
        "Roe, MA",
        "Roe, M.D.",
        "Kim, MD",
        "Roe, Ms",
        "Roe, Jr",
        "Martin Luther King, Jr.",
        "Henry Ford, III",
        "Acme, Inc.",
        "Acme Widgets, LLC",
        "Muster, GmbH",
        "Prince",
        "'Abd al-Rahman",
        "'t Hooft",
        "Zoë O'Neil",
        "O’Brien",
        "D'Angelo 'Dee' Roe'",
        "علی‌رضا",  # a joiner inside
        "=HYPERLINK(1)",
        "@SUM(A1)",
        "+1 (555) 0100",
        "a\u202eb",
        "R&D; Team",
        "AT&T",
        "Roe, Ann & Low, Bob",
        "Ann Roe, Bob Low, Cy Moe",
    ],
)
def test_other_names_are_kept(text):
    assert read_name(text) == NameRead(text)


def test_what_could_be_two_people_is_kept_and_said():
    for text in ("Ann Roe, Bob Low", "Roe, née Low", "Müller, geb. Schmidt", "Roe, Ann and Bob"):
        assert read_name(text) == NameRead(text, NOT_TURNED)


@pytest.mark.parametrize(
    ("text", "name", "notice"),
    [
        ("Zoë O&#39;Neil", "Zoë O'Neil", ENTITIES),
        ("Zo&euml; O&apos;Neil", "Zoë O'Neil", ENTITIES),
        ("Zoë O&amp;#39;Neil", "Zoë O'Neil", ENTITIES),
        ("Ann&nbsp;Roe", "Ann Roe", ENTITIES),
        ("  Ann   Roe ", "Ann Roe", None),
        ("Ann\u00a0\u2003Roe", "Ann Roe", None),
        ("\ufeffAnn Roe\u200b", "Ann Roe", None),
        ("\u202bAnn Roe\u202c", "Ann Roe", None),
        ('"Ann Roe"', "Ann Roe", None),
        ("“Ann Roe”", "Ann Roe", None),
        ("'Ann Roe'", "Ann Roe", None),
        ('Ann "Annie" Roe', 'Ann "Annie" Roe', None),
        ('"Ann" "Annie"', '"Ann" "Annie"', None),
        ("'=cmd", "=cmd", None),
        ("'@Ann", "@Ann", None),
        ("Roe,", "Roe", None),
        (", Ann", "Ann", None),
        ("Ann Roe <ann@x.example>", "Ann Roe", BESIDE),
        ("Roe, Ann <ann@x.example>", "Ann Roe", BESIDE),
        ('"Roe, Ann" &lt;ann@x.example&gt;', "Ann Roe", BESIDE),
        ("Ann Roe (ann@x.example)", "Ann Roe", BESIDE),
        ("<ann@x.example>", "<ann@x.example>", None),
        ("ann@x.example", "ann@x.example", None),
        # These begin with the last name without a comma too.
        ("李, 明", "李 明", None),
        ("李，明", "李 明", None),
        ("山田, 太郎", "山田 太郎", None),
        ("김, 민준", "김 민준", None),
        ("Roe, -", "Roe", None),
        ("Roe, N/A", "Roe", None),
        ("., Ann", "Ann", None),
        ("Ann\tRoe", "Ann\tRoe", None),  # refused later, in words
        ("", "", None),
    ],
)
def test_names_are_cleaned(text, name, notice):
    assert read_name(text) == NameRead(name, notice)


@pytest.mark.parametrize(
    ("text", "meant", "notice"),
    [
        ("R&amp;D Engineer", "R&D Engineer", ENTITIES),
        ("R&amp;amp;D Engineer", "R&D Engineer", ENTITIES),
        ("R&#x26;D", "R&D", ENTITIES),
        ("R&D Engineer", "R&D Engineer", None),
        ("A&copy", "A&copy", None),
        ("Q&A; support", "Q&A; support", None),
        ("'@Home support worker", "@Home support worker", None),
        ("'-", "-", None),
        ("'+1", "+1", None),
        ("'90s Nostalgia DJ", "'90s Nostalgia DJ", None),
        ("\u200bEngineer\u00a0", "Engineer", None),
        ("two\nlines", "two\nlines", None),
        ("R&amp;amp;amp;D", "R&D", ENTITIES),
        ("\u3164", "", None),
        ("\u2800Engineer\u2800", "Engineer", None),
        ("it's '=", "it's '=", None),
    ],
)
def test_texts_are_read_as_they_were_meant(text, meant, notice):
    assert decode_text(text) == (meant, notice)


@pytest.mark.parametrize(
    ("text", "seen"),
    [
        ("Engi\u00adneer", "Engineer"),
        ("Engineer\u200b (Paris)", "Engineer (Paris)"),
        ("\u200eEngineer\u200f I\ufeffI", "Engineer II"),
        ("Infirmie\u0300re", "Infirmière"),
        ("می\u200cخواهم", "می\u200cخواهم"),  # a joiner that is part of the word
        ("👩\u200d⚕️ Nurse", "👩\u200d⚕️ Nurse"),
    ],
)
def test_what_nobody_sees_makes_no_second_role(text, seen):
    assert only_seen(text) == seen


@given(st.text(max_size=30) | st.text("AnRoe, .'\"&;#39", max_size=30))
def test_no_letter_is_lost_but_in_entities(text):
    name = read_name(text).name
    if not {"&", "@"} & {*text} and undo_encoding(text) == text:
        assert sorted(filter(str.isalnum, name)) == sorted(filter(str.isalnum, text))
