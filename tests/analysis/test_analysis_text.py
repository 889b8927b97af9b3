"""The readable report shows what a page would, and claims no more."""

import re

from portal.cli.analysis_text import report_text
from tests.support.causal import CAUSAL
from tests.support.counted_files import candidate, people


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


def ranked(result, figures, largest, groups):
    """RESULT with FIGURES of levers that may be shown, and how they stand; and its report."""
    platform = result["platform"]
    for lever, (effect, low, high) in zip(platform["levers"], figures, strict=False):
        lever |= {"effect_stars": effect, "low": low, "high": high}
        lever |= {"shown": True, "reason_hidden": None}
    for lever in platform["levers"][len(figures) :]:
        lever |= {"shown": False, "reason_hidden": "too_uncertain"}
    standing = {"levers_largest": largest, "not_told_apart": groups}
    platform |= standing
    result["employers"][0] |= standing | {"levers": platform["levers"]}
    return result, " ".join(report_text(result).split())


def test_report_names_the_largest_only_if_it_is_certain(analyse):
    result = analyse([candidate()])
    figures = [(0.61, 0.5, 0.72), (0.3, 0.2, 0.4), (0.34, 0.25, 0.45), (0.1, -0.04, 0.2)]
    equal = ["end_ghosting", "phone_all"]
    _, said = ranked(result, figures, ["inform_3d"], [equal])
    assert (
        "7 (1 answers). Everyone told within 3 days: about +0.6 stars (+0.5 to +0.7). Most likely "
        "the largest lever: told within 3 days. Only levers that can be shown are compared. "
    ) in said
    assert said.count("Cannot be ranked: told by phone, nobody left without an answer. ") == 1
    assert "about 0.6 stars higher (95 % range 0.5 to 0.7). Everyone told by phone." in said
    assert "no clear difference (+0.1 stars on the average, 95 % range 0.0 to +0.2)." in said
    assert "Only promises that are kept: cannot be said yet. Too uncertain" in said
    assert "Tellings nobody recorded make these figures too small." in said


def test_report_names_those_that_may_be_the_largest(analyse):
    result = analyse([candidate()])
    figures = [(0.3, 0.1, 0.5), (0.1, 0.0, 0.2), (0.4, 0.2, 0.6)]
    pair = ["inform_3d", "phone_all"]
    _, said = ranked(result, figures, pair, [pair])
    told = (
        "These two cannot be told apart: told by phone, told within 3 days. "
        "Either may be the larger."
    )
    assert said.count(told) == 2, "of the employer, and of all together"
    assert said.count("about +0.4 stars (+0.2 to +0.6). Everyone told within 3 days: about") == 1
    assert "Most likely" not in said
    assert "Cannot be ranked" not in said
    three = [*pair, "end_ghosting"]
    _, said = ranked(result, figures, three, [three])
    assert "These 3 cannot be told apart: told by phone, told within 3 days, nobody left" in said


def test_report_names_nothing_that_is_not_clear(analyse):
    result = analyse([candidate()])
    unclear = [(0.1, -0.1, 0.3), (-0.3, -0.5, -0.1)]
    _, said = ranked(result, unclear, ["inform_3d"], [])
    assert "7: none clear." in said
    assert "Most likely" not in said


def test_answers_all_alike_leave_nothing_to_compare(analyse):
    rows = [candidate(rating=5, told_after_days=days) for days in (1, 20) for _ in range(20)]
    said = " ".join(report_text(analyse(rows)).split())
    assert "7. All answers are alike: there is nothing to compare." in said
    assert said.count("cannot be said yet. All answers are alike") == 3
    assert said.count("cannot be said yet. By the records there is nothing to change") == 2


def test_the_note_on_the_score_fits_how_answers_were_weighed(analyse):
    equal, fading = (
        report_text(analyse([candidate()])),
        report_text(analyse([candidate()], half_life=90)),
    )
    assert "all answers weigh the same" in equal
    assert "recency-weighted" not in equal
    assert "old and recent answers alike" in " ".join(equal.split())
    assert "recency-weighted" in fading


def test_a_name_of_any_length_leaves_the_table_its_columns(analyse):
    result = analyse([candidate(employer_id="x" * 5000), candidate(employer_id="שלום\u202e")])
    report = report_text(result)
    assert max(map(len, report.splitlines())) < 220
    assert "x" * 39 + "…  1 " in report
    assert "שלום?  " in report
    assert result["employers"][0]["employer"] == "x" * 5000


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
