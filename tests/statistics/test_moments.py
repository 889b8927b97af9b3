"""Moments are integers: they add up, erase exactly, and centre like dummy variables."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.statistics.lever_scale import Cells
from portal.statistics.moments import (
    COLUMNS,
    cross_moments,
    design_matrix,
    employer_moments,
    lever_cells,
    moments_by_cell,
    pack_triangle,
    unpack_triangle,
)

few = settings(max_examples=40, deadline=None, derandomize=True)

people = st.lists(
    st.tuples(
        st.integers(-1, 30),
        st.integers(0, 3),
        st.sampled_from([(0, 0), (1, 0), (0, 1)]),
        st.integers(0, 1),
        st.integers(0, 2),
        st.integers(0, 9),
        st.integers(1, 5),
    ),
    min_size=1,
    max_size=40,
)


def rows_of(candidates):
    days, channel, promise, feedback, stage, role, stars = zip(*candidates, strict=True)
    kept, broken = zip(*promise, strict=True)
    design = design_matrix(days, channel, kept, broken, feedback, stage, role)
    return np.column_stack([design, stars]).astype(np.int64)


def test_columns_are_one_nine_habits_two_stages_and_nine_roles():
    assert len(COLUMNS) == 21
    assert COLUMNS[0] == "one"
    assert COLUMNS[1:10] == (
        "delay_4_7",
        "delay_8_14",
        "delay_15_up",
        "never_told",
        "phone",
        "portal",
        "promise_kept",
        "promise_broken",
        "feedback",
    )


@pytest.mark.parametrize(
    ("days", "column"),
    [
        (0, None),
        (3, None),
        (4, "delay_4_7"),
        (7, "delay_4_7"),
        (8, "delay_8_14"),
        (14, "delay_8_14"),
        (15, "delay_15_up"),
        (60, "delay_15_up"),
        (-1, "never_told"),
    ],
)
def test_delay_has_one_column_or_none(days, column):
    row = design_matrix([days], [2], [0], [0], [0], [0], [0])[0]
    named = [name for name, value in zip(COLUMNS, row, strict=True) if value]
    assert named == ["one", *([column] if column else [])]


@pytest.mark.parametrize(
    ("place", "code", "column"),
    [(1, 1, "phone"), (1, 3, "portal"), (2, 1, "promise_kept"), (3, 1, "promise_broken")]
    + [(4, 1, "feedback"), (5, 1, "stage2"), (5, 2, "stage3")]
    + [(6, code, f"role{code + 1}") for code in range(1, 10)],
)
def test_each_code_has_its_column(place, code, column):
    facts = [0, 2, 0, 0, 0, 0, 0]
    facts[place] = code
    row = design_matrix(*([fact] for fact in facts))[0]
    assert [name for name, value in zip(COLUMNS, row, strict=True) if value] == ["one", column]


def test_promise_both_kept_and_broken_is_refused():
    with pytest.raises(ValueError, match="both kept and broken"):
        design_matrix([1], [1], [1], [1], [0], [0], [0])


@few
@given(people, st.integers(0, 40), st.randoms(use_true_random=False))
def test_moments_merge_and_need_no_order(candidates, cut, random):
    rows = rows_of(candidates)
    whole = cross_moments(rows)
    assert (whole == rows.T @ rows).all()
    assert whole.dtype == np.int64
    assert (cross_moments(rows[:cut]) + cross_moments(rows[cut:]) == whole).all()
    assert (cross_moments(random.sample(list(rows), len(rows))) == whole).all()


@few
@given(people, st.integers(0, 39))
def test_erasure_is_exact(candidates, erased):
    rows = rows_of(candidates)
    erased %= len(rows)
    left = cross_moments(rows) - cross_moments(rows[[erased]])
    assert (left == cross_moments(np.delete(rows, erased, 0))).all()


@few
@given(people)
def test_triangle_keeps_everything(candidates):
    whole = cross_moments(rows_of(candidates))
    packed = pack_triangle(whole)
    assert packed.shape == (253,)
    assert (unpack_triangle(packed) == whole).all()
    assert pack_triangle(whole[:21, :21]).shape == (231,)
    assert (unpack_triangle(packed.tolist()) == whole).all()


def test_wrong_number_of_numbers_is_no_triangle():
    with pytest.raises(ValueError, match="252 numbers"):
        unpack_triangle([0] * 252)


def test_a_thousand_erasures_equal_a_refit(make_world):
    rows = make_world(3, [2000]).rows
    order = np.random.default_rng(0).permutation(len(rows))
    left = cross_moments(rows)
    for i in order[:1000]:
        left = left - cross_moments(rows[[i]])
    kept = rows[np.sort(order[1000:])]
    assert (left == kept.T @ kept).all()
    b = np.linalg.solve(left[:-1, :-1], left[:-1, -1])
    refit = np.linalg.lstsq(kept[:, :-1].astype(float), kept[:, -1].astype(float), rcond=None)[0]
    assert np.abs(b - refit).max() < 1e-9


@few
@given(people)
def test_cells_add_up_to_all_answers(candidates):
    rows = rows_of(candidates)
    assert (moments_by_cell(rows).sum(0) == cross_moments(rows)).all()


def test_each_way_of_being_told_has_its_cell():
    facts = [(-1, 0, 0), (2, 2, 0), (2, 3, 0), (2, 1, 0), (9, 2, 1), (9, 1, 1)]
    days, channel, feedback = zip(*facts, strict=True)
    none = [0] * len(facts)
    design = design_matrix(days, channel, none, none, feedback, none, none)
    assert lever_cells(design).tolist() == [0, 1, 1, 2, 3, 4]


def test_centring_equals_dummy_variables(make_world):
    """With the two pairs, which no row has a column for: they are taken from the cells."""
    world = make_world(4, [600, 500, 400])
    moments = world.moments()
    centred = Cells(moments).centred(np.ones(5)).sum(0)
    b = np.linalg.solve(centred[:-1, :-1], centred[:-1, -1])
    seen = world.answered
    _, code = np.unique(world.employer[seen] * 3 + world.quarter[seen], return_inverse=True)
    x = world.x[seen].astype(float)
    at = COLUMNS.index
    pairs = [
        x[:, at("phone")] * x[:, at("feedback")],
        x[:, at("never_told")] * x[:, at("promise_broken")],
    ]
    full = np.column_stack([x[:, 1:], *pairs, np.eye(9)[code]])
    refit = np.linalg.lstsq(full, world.y[seen].astype(float), rcond=None)[0]
    assert np.abs(b - refit[: len(COLUMNS) + 1]).max() < 1e-9
    assert sum(m.df for m in moments) == seen.sum() - 9


def test_employer_without_answers_has_zero_moments():
    got = employer_moments(np.zeros((2, 5, 22, 22), int), np.zeros((21, 21), int), 7)
    assert (got.df, got.invited) == (0, 7)
    assert got.answered.shape == (22, 22)
    assert not Cells([got]).centred(np.ones(5)).any()


def test_stratum_of_one_answer_tells_nothing():
    rows = rows_of([(2, 1, (1, 0), 1, 2, 3, 5), (9, 3, (0, 1), 0, 0, 0, 2)])
    apart = employer_moments(
        [moments_by_cell(rows[[0]]), moments_by_cell(rows[[1]])], np.zeros((21, 21)), 2
    )
    assert apart.df == 0
    assert np.abs(Cells([apart]).centred(np.ones(5))).max() < 1e-12
    together = employer_moments([moments_by_cell(rows)], np.zeros((21, 21)), 2)
    assert together.df == 1
    assert Cells([together]).centred(np.ones(5))[0, -1, -1] == pytest.approx(4.5)
    assert (apart.answered == together.answered).all()
