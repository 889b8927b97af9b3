"""A file of candidates: every figure against a recount, and what must not matter to it."""

import json
import random
from datetime import date
from pathlib import Path

import numpy as np
import pytest

from portal.analysis import AnalysisRefused, analyse_file, as_printed
from portal.cli.analysis_text import report_text
from tests.support.counted_files import HEADER, candidate, largest_difference, people, write

EXPECTED = Path(__file__).parent / "data"


def test_one_candidate_gives_every_figure(analyse):
    got = analyse([candidate()])
    assert list(got) == [
        "format",
        "as_of_day",
        "half_life_days",
        "level",
        "prior",
        "platform",
        "employers",
    ]
    assert (got["format"], got["as_of_day"], got["half_life_days"], got["level"]) == (
        1,
        160,
        None,
        0.95,
    )
    assert got["prior"] == {
        "stars": 3.5,
        "weight": 7.0,
        "shares": [0.1, 0.125, 0.2, 0.325, 0.25],
        "source": "default",
        "employers_used": 0,
    }
    (employer,) = got["employers"]
    assert list(employer) == [
        *("employer", "candidates", "answers", "evidence", "stars", "stars_low", "stars_high"),
        *("score", "score_low", "score_high", "stars_range", "shown", "label"),
        *("ghost_rate_14", "ghost_rate_30", "told_by_3", "told_by_7", "told_by_14", "told_by_30"),
        *("agreement", "levers", "levers_largest", "not_told_apart"),
    ]
    assert list(as_printed(got)["employers"][0])[-2:] == ["levers", "not_told_apart"]
    assert (employer["employer"], employer["candidates"], employer["answers"]) == ("7", 1, 1)
    assert (employer["evidence"], employer["stars"]) == (1, round(28.5 / 8, 6))
    assert (employer["shown"], employer["label"]) == (False, "not_enough")
    assert employer["ghost_rate_30"]["n"] == 1
    assert employer["told_by_3"] == {
        "share": 1.0,
        "low": 0.206549,  # Wilson's, as nobody was censored
        "high": 1.0,
        "n": 1,
        "is_followed": True,
    }
    assert list(as_printed(got)["employers"][0]["told_by_3"]) == ["share", "low", "high"]
    assert employer["agreement"]["both"] == 1
    assert employer["agreement"]["kappa"] is None
    assert [lever["lever"] for lever in employer["levers"]] == [
        "inform_3d",
        "end_ghosting",
        "phone_all",
        "feedback_all",
        "realistic_promises",
    ]
    assert {lever["reason_hidden"] for lever in employer["levers"]} == {"too_few_answers"}
    assert got["platform"].keys() == {
        *("employers", "candidates", "answers", "ghost_rate_14", "ghost_rate_30", "told_by_3"),
        *("told_by_7", "told_by_14", "told_by_30", "agreement", "levers"),
        *("levers_largest", "not_told_apart"),
    }


def test_habits_equal_a_recount(analyse):
    rows = people(600, 1)
    got = analyse(rows)
    as_of = 60 + max(int(r["decision_day"]) for r in rows)
    for entry in [*got["employers"], got["platform"]]:
        own = [r for r in rows if entry.get("employer") in (None, r["employer_id"])]
        owed = [r for r in own if r["outcome"] != "withdrawn"]
        days = [int(r["told_after_days"] or 999) for r in owed]
        for limit in (14, 30):
            late = sum(d > limit for d in days)
            assert entry[f"ghost_rate_{limit}"]["n"] == len(owed)
            assert entry[f"ghost_rate_{limit}"]["not_told"] == late
            assert entry[f"ghost_rate_{limit}"]["rate"] == pytest.approx(late / len(owed), abs=1e-6)
        for limit in (3, 7, 14, 30):  # nobody is censored before day 60
            share = sum(d <= limit for d in days) / len(owed)
            assert entry[f"told_by_{limit}"]["share"] == pytest.approx(share, abs=1e-6)
            assert entry[f"told_by_{limit}"]["n"] == len(owed)
        turned_down = [r for r in own if r["outcome"] == "rejected" and r["answered"] == "1"]
        assert {lever["answers"] for lever in entry["levers"]} == {len(turned_down)}
        said = [(r["recorded_told"], r["reported_told"]) for r in owed if r["answered"] == "1"]
        table = entry["agreement"]
        assert table["both"] == said.count(("1", "1"))
        assert table["recorded_only"] == said.count(("1", "0"))
        assert table["reported_only"] == said.count(("0", "1"))
        assert table["neither"] == said.count(("0", "0"))
        assert entry["answers"] == sum(r["answered"] == "1" for r in own)
    assert got["as_of_day"] == as_of


def test_score_is_post_stratified_within_each_employer(analyse):
    """The worked example of the weighting: 50 hired, 30 answer 5; 150 never told, 10 answer 1."""
    silent = {"answered": 0, "rating": ""}
    hired = candidate(outcome="hired", rating=5)
    ghosted = candidate(told_after_days="", channel="none", rating=1)
    rows = [hired] * 30 + [hired | candidate(outcome="hired", **silent)] * 20
    rows += [ghosted] * 10 + [ghosted | {"answered": "0", "rating": ""}] * 140
    (got,) = analyse(rows)["employers"]
    assert got["evidence"] == pytest.approx(17.142857, abs=1e-6)
    assert (got["stars"], got["stars_low"], got["stars_high"]) == pytest.approx(
        (2.435, 1.794, 3.149), abs=5.01e-4
    )


def test_cells_are_cut_at_seven_days_and_at_not_told(analyse):
    """Three cells of 20 invited, of whom 10, 5 and 4 answer: weights 1/3 over 10/19, 5/19, 4/19."""
    silent = {"answered": "0", "rating": ""}
    rows = []
    for days, answers in ((7, 10), (8, 5), ("", 4)):
        row = candidate(told_after_days=days)
        rows += [row] * answers + [row | silent] * (20 - answers)
    (got,) = analyse(rows)["employers"]
    weight, n = 19 / 3 / np.array([10, 5, 4]), np.array([10, 5, 4])
    assert got["evidence"] == pytest.approx(19**2 / (weight**2 @ n), abs=1e-6)


def test_levers_compare_rejected_candidates_within_a_quarter_only(analyse):
    """Days 0 to 90 are one quarter, told soon and rated 5; days 91 to 181 the next, late and 1."""
    soon = [candidate(decision_day=day, told_after_days=1, rating=5) for day in (0, 90)]
    late = [candidate(decision_day=day, told_after_days=20, rating=1) for day in (91, 181)]
    hired = [candidate(outcome="hired", told_after_days=d, rating=r) for d, r in ((1, 5), (20, 1))]
    apart = analyse((soon + late + hired) * 10)["platform"]["levers"][0]
    assert apart["effect_stars"] == pytest.approx(0, abs=1e-9)
    mixed = [row | {"decision_day": "100"} for row in soon + late]
    together = analyse((mixed + hired) * 10)["platform"]["levers"][0]
    assert together["effect_stars"] == pytest.approx(4 * 0.5 * 4 / 6, rel=0.01)


def test_half_life_discounts_by_age(analyse):
    """Twenty fives 730 days old and a one of today, all in one cell."""
    rows = [candidate(rating=5, decision_day=-730)] * 20 + [candidate(rating=1, decision_day=0)]
    (got,) = analyse(rows, as_of=5, half_life=180)["employers"]
    fade = 2 ** (-5 / 180)
    assert got["evidence"] == pytest.approx(2.203 * fade, abs=1e-3)
    (flat,) = analyse(rows, as_of=5)["employers"]
    assert flat["evidence"] == pytest.approx(21)


def test_withdrawn_candidates_are_owed_nothing(analyse):
    """They count as told in the score and nowhere in habits, agreement and levers."""
    gone = candidate(outcome="withdrawn", told_after_days="", channel="none", rating=1)
    (got,) = analyse([gone] * 3 + [candidate(rating=4)] * 5)["employers"]
    assert got["ghost_rate_14"] == {
        "rate": 0.0,
        "low": 0.0,
        "high": got["ghost_rate_14"]["high"],
        "n": 5,
        "not_told": 0,
    }
    assert got["agreement"]["both"] == 5
    assert got["evidence"] == pytest.approx(8)  # one cell, so no weighting


def test_prior_is_fitted_to_recent_answers_only_with_a_half_life(analyse):
    rows = [
        candidate(employer_id=e, rating=3 + (i + e) % 3, decision_day=day)
        for e in range(10)
        for i in range(6)
        for day in (0, 400)
    ]
    assert analyse(rows, as_of=800)["prior"]["employers_used"] == 10
    assert analyse(rows, as_of=765, half_life=180)["prior"]["source"] == "fitted"
    got = analyse(rows, as_of=766, half_life=180)["prior"]
    assert (got["source"], got["employers_used"]) == ("default", 0)


def test_day_of_analysis_hides_what_came_later(analyse):
    late = candidate(
        decision_day=100,
        told_after_days=20,
        channel="phone",
        promise_made=1,
        promise_days=30,
        promise_kept=1,
        feedback_given=1,
        rating=5,
    )
    other = candidate(employer_id=8, decision_day=121)
    rows = [late] * 40 + [other]
    seen = analyse(rows, as_of=120)
    hidden = analyse(rows, as_of=119)
    assert [e["employer"] for e in seen["employers"]] == ["7"]
    assert len(analyse(rows)["employers"]) == 2
    assert seen["employers"][0]["ghost_rate_14"]["not_told"] == 40
    assert (seen["employers"][0]["told_by_30"]["share"]) == 1
    assert hidden["employers"][0]["told_by_30"]["share"] == 0
    unchanged = "nothing_to_change"

    def reasons(result):
        levers = result["employers"][0]["levers"]
        return {lever["lever"]: lever["reason_hidden"] == unchanged for lever in levers}

    assert reasons(seen) == {
        "inform_3d": False,
        "end_ghosting": True,
        "phone_all": True,
        "feedback_all": True,
        "realistic_promises": True,
    }
    assert reasons(hidden)["end_ghosting"] is False
    assert hidden["employers"][0]["agreement"] == seen["employers"][0]["agreement"]


def test_day_of_analysis_equals_a_file_written_that_day(analyse):
    as_of, rewritten = 300, []
    rows = people(2500, 9)
    for row in rows:
        day, delay = int(row["decision_day"]), row["told_after_days"]
        if day > as_of:
            continue
        if not delay or day + int(delay) > as_of:
            due = row["promise_days"] and day + int(row["promise_days"]) < as_of
            row = row | {
                "told_after_days": "",
                "channel": "none",
                "feedback_given": "0",
                "promise_kept": "0",
                "promise_made": "1" if due else "0",
            }
        rewritten.append(row)
    assert any(int(row["decision_day"]) == as_of for row in rewritten)
    assert analyse(rows, as_of=as_of) == analyse(rewritten, as_of=as_of)
    assert analyse(rewritten, as_of=as_of)["platform"]["candidates"] == len(rewritten)


def test_levers_change_the_lot_of_everyone_invited(analyse):
    """All who answered were told; of those who did not, some were not."""
    silent = candidate(told_after_days="", channel="none", answered=0, rating="")
    told = [candidate(rating=1 + i % 5) for i in range(40)]
    assert lever_reason(analyse(told), "end_ghosting") == "nothing_to_change"
    assert lever_reason(analyse([*told, silent]), "end_ghosting") == "not_enough_variation"


def lever_reason(result, name):
    return {v["lever"]: v["reason_hidden"] for v in result["platform"]["levers"]}[name]


def test_promise_never_made_is_neither_kept_nor_broken(analyse):
    rows = people(300, 10)
    unmade = [r | {"promise_made": "0", "promise_kept": str(i % 2)} for i, r in enumerate(rows)]
    assert analyse(unmade) == analyse([r | {"promise_kept": "0"} for r in unmade])
    assert lever_reason(analyse(unmade), "realistic_promises") == "nothing_to_change"


def test_rating_of_someone_who_did_not_answer_is_not_used(analyse):
    rows = people(300, 11)
    rated = [r | {"rating": r["rating"] or "5"} for r in rows]
    assert analyse(rated) == analyse(rows)


def test_an_employer_whose_candidates_all_withdrew_has_no_habits_and_stops_nobody(analyse):
    withdrew = [candidate(employer_id="B", outcome="withdrawn") for _ in range(3)]
    both = analyse([*people(100, 12), *withdrew])
    assert both["employers"][-1]["told_by_7"]["n"] == 0
    alone = analyse(withdrew)
    for found, said in ((both, "no decisions to speak of"), (alone, "all candidates withdrew")):
        assert said in report_text(found)


def test_nothing_is_said_of_days_that_nobody_was_watched_for(analyse):
    young = [candidate(decision_day=100, told_after_days=after) for after in (0, "", "")]
    said = " ".join(report_text(analyse(young, as_of=105)).split())
    assert "Told within 3 days: 33 %" in said
    for days in (7, 14, 30):
        assert f"Told within {days} days: cannot be said yet." in said
    assert "too few that old no decision that old" in said


def test_one_told_is_not_everybody_while_others_wait(analyse):
    waiting = [candidate(decision_day=104, told_after_days="") for _ in range(100)]
    said = report_text(analyse([*waiting, candidate(decision_day=100)], as_of=105))
    assert "too few that old" in said
    assert "100 %" not in said.replace("\xa0", " ")


def test_those_alike_have_the_same_kind_of_range_everywhere(analyse):
    said = report_text(analyse([candidate(told_after_days="") for _ in range(30)]))
    assert "Told within 30 days: 0 %, 95 % range 0 % to 11 %, 30 decisions." in said
    assert "Not told within 30 days: 100 %, 95 % range 89 % to 100 %" in said
    assert "no range can be given" not in said


@pytest.mark.parametrize(
    ("facts", "said"),
    [
        ({"answered": 0, "rating": 4}, "2 rows have a rating without an answer: left out"),
        ({"told_after_days": "", "channel": "phone"}, "2 rows have no day of telling, yet a"),
        ({"told_after_days": "", "channel": "none", "feedback_given": 1}, "2 rows have no day of"),
        (
            {"told_after_days": "", "channel": "none", "promise_made": 1, "promise_kept": 1},
            "2 rows have no day of telling",
        ),
        ({"promise_made": 0, "promise_kept": 1}, "2 rows have a promise kept that was never made"),
    ],
)
def test_what_contradicts_itself_is_said_once_with_its_count(analyse, facts, said):
    heard = []
    analyse([candidate(), *(candidate(**facts) for _ in range(2))], warn=heard.append)
    (one,) = heard
    assert one.startswith(said)


def test_a_file_without_contradictions_is_read_without_a_word(analyse):
    heard = []
    analyse(people(300, 13), warn=heard.append)
    assert heard == []


def test_who_is_told_by_a_channel_on_no_day_counts_as_not_told(analyse):
    rows = people(200, 14)
    doubtful = [
        row | ({"channel": "phone", "feedback_given": 1} if row["told_after_days"] == "" else {})
        for row in rows
    ]
    assert analyse(doubtful) == analyse(rows)


@pytest.mark.parametrize(("as_of", "broken"), [(107, False), (108, True)])
def test_promise_is_broken_only_once_its_day_has_passed(analyse, as_of, broken):
    """End of day 107, promised for day 107, told on day 110: broken from the next day on."""
    promised = candidate(told_after_days=10, promise_made=1, promise_days=7, promise_kept=0)
    without = candidate(told_after_days=10, promise_made=0)
    rows = [promised if i % 2 else without for i in range(60)]
    rows = [r | {"rating": str(1 + 3 * (i % 2) + i % 3 // 2)} for i, r in enumerate(rows)]
    levers = analyse(rows, as_of=as_of)["employers"][0]["levers"]
    same = analyse([r | {"promise_made": "0"} for r in rows], as_of=as_of)["employers"][0]["levers"]
    assert (levers != same) is broken


def test_shuffled_rows_columns_and_what_is_not_used_change_nothing(analyse, tmp_path):
    rows = people(500, 2)
    expected = analyse(rows, half_life=200.0)
    rng = random.Random(3)
    shuffled = [
        r | {"candidate_id": "x", "chased": str(rng.randrange(2)), "note": "new"}
        for r in rng.sample(rows, len(rows))
    ]
    header = rng.sample([*HEADER, "note"], len(HEADER) + 1)
    path = write(tmp_path / "shuffled.csv.gz", shuffled, header)
    assert analyse_file(path, half_life=200.0) == expected


def test_renamed_employers_have_the_same_figures(analyse):
    rows = people(900, 4)
    expected = analyse(rows)
    renamed = [r | {"employer_id": str(99 - int(r["employer_id"]))} for r in rows]
    got = analyse(renamed)
    got["employers"] = [
        e | {"employer": str(99 - int(e["employer"]))} for e in reversed(got["employers"])
    ]
    assert largest_difference(got, expected) <= 2e-6


def test_reported_told_changes_nothing_but_the_agreement(analyse):
    rows = people(400, 5)
    first, second = analyse(rows), analyse([r | {"reported_told": "0"} for r in rows])
    for result in (first, second):
        for entry in [*result["employers"], result["platform"]]:
            table = entry.pop("agreement")
        assert table["denied_share"] > 0
    assert first == second


def test_nothing_decided_by_the_day_is_refused(analyse):
    with pytest.raises(AnalysisRefused, match="nothing decided by day 99"):
        analyse([candidate()], as_of=99)


def test_a_date_is_none_of_the_days_that_a_file_counts(analyse):
    with pytest.raises(AnalysisRefused, match="the file counts days: 2026-03-02 is none of them"):
        analyse([candidate()], as_of=date(2026, 3, 2))


@pytest.mark.parametrize("half_life", [0, -1, float("nan"), float("inf")])
def test_half_life_must_be_positive(analyse, half_life):
    with pytest.raises(AnalysisRefused, match="half-life"):
        analyse([candidate()], half_life=half_life)


@pytest.mark.parametrize(
    ("name", "options"),
    [("analysis", {}), ("analysis_as_of_300", {"as_of": 300, "half_life": 180.0})],
)
def test_another_program_finds_the_same_figures(analyse, name, options):
    """Written by a reference program that shares no code with this one."""
    expected = json.loads((EXPECTED / f"{name}.json").read_text())
    got = json.loads(json.dumps(as_printed(analyse(people(4000, 7), **options))))
    assert largest_difference(got, expected) < 1e-4


def test_result_is_plain_json(analyse):
    got = analyse(people(200, 8))
    assert json.loads(json.dumps(got, allow_nan=False)) == got
    assert not any(isinstance(v, np.generic) for v in got["platform"].values())
