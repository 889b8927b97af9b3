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


def test_what_is_written_keeps_the_names_it_has_always_had() -> None:
    stored = STATES["rich"]()[0]
    written = as_stored(read_reputation(stored))
    kept = {name: value for name, value in stored.items() if name != "shown"}  # always true
    assert {name: written[name] for name in kept} == json.loads(json.dumps(kept))
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
