"""What a file gives as the reason of a decision: a code where it is sure, else nothing."""

import pytest

from portal.candidate_files.reasons import reason_code
from portal.terms import ReasonCode


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Position filled", ReasonCode.FILLED),
        ("  POSTE POURVU ", ReasonCode.FILLED),
        ("Lack of skill(s)/qualification(s)", ReasonCode.SKILLS),
        ("Compétences insuffisantes", ReasonCode.SKILLS),
        ("Manque d’expérience", ReasonCode.EXPERIENCE),
        ("Hired other candidate", ReasonCode.NEEDS),
        ("Gehaltsvorstellung zu hoch", ReasonCode.TERMS),
        ("No-show", ReasonCode.UNFINISHED),
        ("other", ReasonCode.OTHER),
        *((code.value, code) for code in ReasonCode),
        ("no lack of skills", None),
        ("not a fit", None),
        ("Overqualified", None),
        ("Skills: 3/5", None),
        ("", None),
    ],
)
def test_only_what_is_sure_becomes_a_code(text, code):
    assert reason_code(text) is code
