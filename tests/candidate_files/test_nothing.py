"""What is written for nothing in optional cells; and what only looks like it."""

import pytest

from portal.candidate_files.nothing import is_nothing, is_sign_of_nothing

NOTHING = (
    "|N/A|n/a|n.a.|N.A.|n. a.|N / A|NA|na|#N/A|#NV|-|–|—|--|---|.|...|…|?|???|/|_|()|[]|{}|\"\"|''"
    "|NULL|null|(null)|<null>|[NULL]|\\N|None|(none)|<none>|none.|nil|NaN|NaT|undefined|(blank)"
    "|0|00|0.0|0,00|0000-00-00|0000-00-00 00:00:00|00/00/0000|0/0/0000|00.00.0000|1900-01-00"
    "|1/0/1900|00/01/1900|1900-01-01|1899-12-30|1899-12-30T00:00:00|0001-01-01T00:00:00"
    "|1/1/0001 12:00:00 AM|1970-01-01|1970-01-01T00:00:00Z|1970-01-01 00:00:00 UTC"
    "|9999-12-31|01/01/1970|'-|'N/A"
    "|Not applicable|NOT AVAILABLE|not specified|unknown|tbd|T.B.D.|TBC|no data"
    "|k.A.|k. A.|keine Angabe|Keine Angaben|entfällt|nicht verfügbar|unbekannt|leer|n.v."
    "|s/o|S.O.|sans objet|n. d.|n.d.|N.D.|N/D|non renseigné|Non renseignée|néant|inconnu|aucun|vide"
    "|ninguno|Ninguna|sin datos|no aplica|s/d|vacío|desconocido|\u00a0|\u200b|\ufeffN/A\u200b"
    "|non\u00a0applicable|\u3164|\u2800\u00a0|&nbsp;|&amp;nbsp;|&#8203;"
    "|n/a.|N/A*|N/A (not applicable)|n/a; N/A|keine Angabe / n.a.|s.o|n.b."
    "|N/R|#NA|#NULL!|(blanks)|(en blanco)|-- Select one --|Bitte wählen|TBD?|tbc!|to be decided"
    "|unassigned"
    "|not_available|Sans-objet|non-renseigné|entfaellt|nicht verfuegbar|never|jamais|nie|nunca"
    "|not yet informed|not informed|Not told yet|not sent|not assigned|non saisi|non concernée"
    "|pas encore informé|noch nicht informiert|nicht erfasst|no informado|sin asignar|kein Eintrag"
    "|à venir|sans date|0-Jan-00|00-janv-00|0-Ene-00|00/01/00|1/0/1900 0:00|Jan 0, 1900"
    "|Saturday, January 0, 1900|30-Dec-1899|01-Jan-1900|1/1/1904|01-JAN-0001|31-DEC-9999|1/1/70"
    "|Thu Jan 01 1970 00:00:00 GMT+0000 (Coordinated Universal Time)|1/1/1970 0:00|1 janv. 1970"
    "|Thu, 01 Jan 1970 00:00:00 GMT|1970-01-01T01:00:00+01:00|1969-12-31T19:00:00-05:00|19700101"
    "|Wed Dec 31 1969 19:00:00 GMT-0500 (EST)|9999-12-31 23:59:59.997|dd/mm/yyyy|JJ/MM/AAAA"
    "|tt.mm.jjjj|xx/xx/xxxx|mm/dd/yyyy|yyyy-mm-dd"
)

SOMETHING = (
    "No|no|Non|nein|Yes|x|X|+|*|***|✓|✔|1|0.5|10|-1|A|so|ka|nd|Nan Roe|Nadia|None Smith|Nil Roe"
    "|open|pending|rejected|Noah|N|Nat King|na ja|2026-11-01|1970-01-02|1900-01-01 10:00|#REF!"
    "|Non retenu|No show|not selected|No hired|Unknown caller|keine Zusage|0 years|00:15"
    "|2000-01-01|01/01/00|2010-01-01|1970-02-01|00:00.0|1904-01-01 09:30|10/10/00|2070-01-01"
    "|not suitable|not qualified|not selected yet|not yet ready|non qualifié|nicht geeignet|no apto"
    "|Never informed us|N/A (in hospital)|Unassigned role|1900|2026-11-01 00:00:00"
    "|not available until May because of an operation|TBD Consulting|Blank, Ann"
)


@pytest.mark.parametrize("text", NOTHING.split("|"))
def test_words_for_nothing(text):
    assert is_nothing(text)


@pytest.mark.parametrize("text", SOMETHING.split("|"))
def test_words_that_say_something(text):
    assert not is_nothing(text)


@pytest.mark.parametrize(
    "text",
    [
        "N/A",
        "n.a.",
        "n. a.",
        "-",
        "?",
        "k.A.",
        "s/o",
        "S.O.",
        "#N/A",
        "(blank)",
        "<NA>",
        "--None--",
        "not provided",
        "keine Angabe",
        "Non renseigné",
        "[empty]",
        "to be confirmed",
    ],
)
def test_signs_that_are_nobodys_name(text):
    assert is_sign_of_nothing(text)


@pytest.mark.parametrize(
    "text", ["None", "Na", "Nil", "So", "Never", "N. Ablett", "A.N.", "Nil Roe", "(Ann)"]
)
def test_words_that_may_be_somebodys_name(text):
    assert not is_sign_of_nothing(text)
