"""Scorecards as types: what is stored comes back, and formats of earlier versions are read."""

import json
from dataclasses import FrozenInstanceError, replace
from datetime import date

import pytest

from portal.scorecard import (
    Flag,
    Rating,
    read_coverage,
    read_habits,
    read_rating,
    read_reputation,
    to_plain,
)
from tests.support.scorecards import STATES, as_stored

READERS = (read_reputation, read_habits, read_coverage)


@pytest.mark.parametrize("state", STATES)
def test_what_is_stored_comes_back_the_same(state: str) -> None:
    for read, stored in zip(READERS, STATES[state](), strict=True):
        found = read(json.loads(json.dumps(stored)))
        assert read(as_stored(found)) == found
        assert (found is None) is (not stored)


def test_a_curve_stored_by_an_earlier_version_does_not_claim_that_all_were_told() -> None:
    _, stored, _ = STATES["rich"]()
    del stored["curve"]["all_told"]
    stored["curve"] |= {"told": [1.0] * 61, "followed_days": 2}
    found = read_habits(stored)
    assert found
    assert not found.curve.all_told
    assert [found.curve.is_followed(days) for days in (2, 3)] == [True, False]


# As installations have stored it: written by hand, so that a renamed field shows here.
STORED = {
    "answers": 23,
    "label": "early",
    "score": {
        "stars": 4.0,
        "stars_low": 3.8,
        "stars_high": 4.3,
        "score": 76,
        "score_low": 70,
        "score_high": 81,
    },
    "nps": {"value": 22.0, "low": -3.0, "high": 41.0},
    "resentment": {
        "share": 0.33,
        "low": 0.12,
        "high": 0.99,
        "n": 23.0,
        "answers": 23,
        "shown": True,
    },
    "chased": {
        "share": None,
        "low": 0.0,
        "high": 1.0,
        "n": 0.0,
        "answers": 0,
        "shown": False,
    },
    "histogram": [1, 2, 3, 4, 13],
    "prior": "fitted",
    "as_of": "2026-10-23",
    "what_if": {"response_rate": 0.38, "quarter": 3.9, "half": 3.7},
    "dimensions": {"lane": {"other": {"answers": 5, "stars": 3.6, "low": 3.0, "high": 4.2}}},
    "periods": [
        {
            "days": 90,
            "figures": {
                "since": "2026-09-01",
                "releases": 2,
                "answers": 12,
                "rating": {"stars": 3.9, "stars_low": 3.4, "stars_high": 4.3},
                "nps": {"value": 8.0, "low": -30.0, "high": 46.0},
                "resentment": None,
                "chased": {
                    "share": 0.4,
                    "low": 0.2,
                    "high": 0.64,
                    "n": 11.0,
                    "answers": 12,
                    "shown": True,
                },
                "change": {"value": -0.1, "low": -0.6, "high": 0.4},
                "dimensions": {
                    "lane": {"outcome": {"answers": 12, "stars": 3.9, "low": 3.4, "high": 4.3}}
                },
            },
            "why_off": None,
        },
        {"days": 365, "figures": None, "why_off": "all"},
    ],
    "heard_how": {
        "phone": {
            "share": 0.2,
            "low": 0.05,
            "high": 0.5,
            "n": 14.0,
            "answers": 15,
            "shown": True,
        }
    },
    "no_reason": {
        "share": 0.6,
        "low": 0.3,
        "high": 0.8,
        "n": 14.0,
        "answers": 15,
        "shown": True,
    },
    "agreement": {
        "both": 9,
        "recorded_only": 3,
        "reported_only": 1,
        "neither": 7,
        "kappa": 0.68,
        "denied": {"share": 0.25, "low": 0.09, "high": 0.53, "n": 12.0},
        "is_denied_flag": True,
    },
    "wave": {"difference": -0.4, "low": -0.7, "high": -0.1, "differs": True},
    "change": {"value": 0.1, "low": 0.0, "high": 1.0},
    "newest": {"value": 0.3, "low": -0.2, "high": 0.8},
    "levers": [
        {
            "lever": "phone_all",
            "effect_stars": 0.1,
            "low": -0.1,
            "high": 0.3,
            "reason_hidden": None,
            "chance_largest": 0.25,
            "platform": None,
        },
        {
            "lever": "inform_3d",
            "effect_stars": None,
            "low": None,
            "high": None,
            "reason_hidden": "too_uncertain",
            "chance_largest": None,
            "platform": {
                "effect_stars": 0.2,
                "low": 0.1,
                "high": 0.3,
                "employers": 14,
                "answers": 3200,
            },
        },
    ],
    "levers_largest": ["phone_all"],
    "not_told_apart": [["feedback_all", "phone_all"]],
    "lever_answers": 20,
    "levers_fitted_on": "2026-10-22",
    "published": 3,
    "kept_out": 6,
    "held_back": True,
}


def test_what_is_written_keeps_the_names_it_has_always_had() -> None:
    found = read_reputation(STORED)
    assert found
    assert as_stored(found) == STORED
    assert (found.score.low, found.score.points, found.levers.all[1].platform.stars) == (
        3.8,
        76,
        0.2,
    )
    assert to_plain(Rating(3.5, 3.1, 3.9)) == {"stars": 3.5, "stars_low": 3.1, "stars_high": 3.9}
    assert read_rating({"stars": 3.5, "stars_low": 3.1, "stars_high": 3.9}).high == 3.9


def test_what_an_earlier_version_did_not_store_has_a_default() -> None:
    stored = STATES["bare"]()
    for late in ("published", "kept_out", "held_back"):
        del stored[0][late]
    found = read_reputation(stored[0])
    assert found
    assert (found.levers.all, found.agreement, found.dimensions, found.kept_out) == (
        (),
        None,
        {},
        0,
    )
    habits = read_habits(stored[1])
    assert habits
    assert (habits.promises, habits.flags) == (None, ())
    covered = stored[2]
    del covered["withdrew"]
    coverage = read_coverage(covered)
    assert coverage
    assert (coverage.withdrew, coverage.to_be_told) == (0, coverage.decided)


def test_what_nobody_reads_any_more_is_left_alone() -> None:
    _, stored, _ = STATES["rich"]()
    stored["flags"] = [{"flag": "cherry_picking", "by": "told", "decided": [40, 40]}]
    habits = read_habits(stored | {"of_another_time": 1})
    assert habits
    assert habits.flags == (Flag("cherry_picking"),)
    assert habits.ghost[30].against() == "below"
    assert habits.as_of == date(2026, 11, 26)


def test_a_scorecard_is_never_changed_in_place() -> None:
    found = read_reputation(STATES["rich"]()[0])
    assert found
    with pytest.raises(FrozenInstanceError):
        found.answers = 4  # type: ignore[misc]
    assert replace(found, answers=4) != found
