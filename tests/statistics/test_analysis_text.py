"""The readable report shows what a page would, and claims no more."""

import re

from portal.cli.analysis_text import report_text
from tests.statistics.files import candidate, people
from tests.support.causal import CAUSAL


def test_report_shows_what_a_page_would(analyse):
    rows = people(4000, 7) + [candidate(employer_id="tiny\x1b[2J")] * 4
    text = report_text(analyse(rows))
    assert "Employers: 13. Candidates: 4,004." in text
    line = next(line for line in text.splitlines() if line.startswith("tiny?[2J"))
    assert "Not enough feedback yet" in line
    assert "learnt from 12 employers" in text
    assert "Everyone told within 3 days. All 13 employers together, " in text
    assert "All employers together\n" in text
    assert re.search(r"\d %, 95 % range \d+ % to \d+ %, [\d,]+ decisions", text)
    assert "inform_3d" not in text
    assert "it is not proof of cause" in text
    assert CAUSAL.findall(text) == []
    assert all(len(line) < 170 for line in text.splitlines())


def test_report_names_only_clear_levers_and_marks_equal_ones(analyse):
    result = analyse([candidate()])
    figures = [(0.61, 0.5, 0.72), (0.3, 0.2, 0.4), (0.34, 0.25, 0.45), (0.1, -0.04, 0.2), (0, 0, 0)]
    for lever, (effect, low, high) in zip(result["platform"]["levers"], figures, strict=True):
        lever |= {"effect_stars": effect, "low": low, "high": high}
        lever |= {"shown": True, "reason_hidden": None}
    result["platform"]["levers"][4] |= {"shown": False, "reason_hidden": "too_uncertain"}
    result["employers"][0]["levers"] = [result["platform"]["levers"][3]]
    text = report_text(result)
    assert "  7: none clear.\n" in text
    result["employers"][0]["levers"] = result["platform"]["levers"][:2]
    text = report_text(result)
    assert (
        "  7 (1 answers). Everyone told within 3 days: about +0.6 stars (+0.5 to +0.7).\n" in text
    )
    said = " ".join(text.split())
    assert "about 0.6 stars higher (95 % range 0.5 to 0.7). Everyone told by phone." in said
    assert "about 0.3 stars higher (95 % range 0.3 to 0.5). About equal to the next. Nobody" in said
    assert (
        "about 0.3 stars higher (95 % range 0.2 to 0.4). About equal to the next. Everyone" in said
    )
    assert "no clear difference (+0.1 stars on the average, 95 % range 0.0 to +0.2)." in said
    assert "Only promises that are kept: cannot be said yet. Too uncertain" in said


def test_the_note_on_the_score_fits_how_answers_were_weighed(analyse):
    equal, fading = (
        report_text(analyse([candidate()])),
        report_text(analyse([candidate()], half_life=90)),
    )
    assert "all answers weigh the same" in equal
    assert "recency-weighted" not in equal
    assert "old and recent answers alike" in " ".join(equal.split())
    assert "recency-weighted" in fading


def test_one_employer_is_not_all_employers(analyse):
    text = report_text(analyse([candidate()]))
    assert "This employer\n" in text
    assert "All employers together" not in text


def test_report_of_one_candidate_has_no_empty_claims(analyse):
    text = report_text(analyse([candidate(answered=0, rating="")], as_of=101, half_life=90))
    assert "the default of 3.5 stars worth 7 answers" in text
    assert "no decision that old" in text
    assert "half-life 90 days" in text
    assert "It takes 30 answers of candidates who were turned down." in text
    assert "None" not in text
