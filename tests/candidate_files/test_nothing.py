"""What is written for nothing in optional cells; and what only looks like it."""

import pytest

from portal.candidate_files.nothing import is_nothing

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
)

SOMETHING = (
    "No|no|Non|nein|Yes|x|X|+|*|***|✓|✔|1|0.5|10|-1|A|so|ka|nd|Nan Roe|Nadia|None Smith|Nil Roe"
    "|open|pending|rejected|Noah|N|Nat King|na ja|2026-11-01|1970-01-02|1900-01-01 10:00|#REF!"
    "|Non retenu|No show|not selected|No hired|Unknown caller|keine Zusage|0 years|00:15"
    "|not available until May because of an operation|TBD Consulting|Blank, Ann"
)


@pytest.mark.parametrize("text", NOTHING.split("|"))
def test_words_for_nothing(text):
    assert is_nothing(text)


@pytest.mark.parametrize("text", SOMETHING.split("|"))
def test_words_that_say_something(text):
    assert not is_nothing(text)
