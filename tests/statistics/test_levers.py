"""Levers: contrasts by hand, what was planted is found, and when nothing may be shown."""

from dataclasses import replace

import numpy as np
import pytest

from portal.statistics.lever_model import fit_model, lever_effects
from portal.statistics.lever_scale import DESIGN
from portal.statistics.levers import (
    LEVERS,
    Estimate,
    LeverEstimate,
    answers_each_side,
    estimate_levers,
    lever_contrasts,
)
from portal.statistics.moments import (
    cross_moments,
    design_matrix,
    employer_moments,
    moments_by_cell,
)

FOUR = design_matrix(
    [2, 10, -1, 5], [1, 3, 0, 2], [1, 0, 0, 0], [0, 1, 1, 0], [0, 0, 0, 1], [0] * 4, [0] * 4
)


def test_contrasts_match_the_worked_example():
    got = lever_contrasts(cross_moments(FOUR))
    named = {
        lever: {c: v for c, v in zip(DESIGN[1:], row, strict=True) if v}
        for lever, row in zip(LEVERS, got, strict=True)
    }
    assert named == {
        "inform_3d": {
            "delay_4_7": -0.25,
            "delay_8_14": -0.25,
            "never_told": -0.25,
            "promise_kept": 0.5,
            "promise_broken": -0.5,
            "never_broken": -0.25,
        },
        "end_ghosting": {"never_told": -0.25, "delay_8_14": 0.25, "never_broken": -0.25},
        "phone_all": {"phone": 0.5, "portal": -0.25, "phone_feedback": 0.25},
        "feedback_all": {"feedback": 0.5, "phone_feedback": 0.25},
        "realistic_promises": {"promise_kept": 0.25, "promise_broken": -0.25},
    }


def test_nobody_rejected_has_nothing_to_change():
    assert not lever_contrasts(np.zeros((21, 21), np.int64)).any()


@pytest.mark.parametrize("n", [3, 7, 10, 49])
def test_perfect_employer_has_exactly_nothing_to_change(n):
    told_soon = design_matrix([1] * n, [1] * n, [1] * n, [0] * n, [1] * n, [0] * n, [0] * n)
    ghosted = design_matrix([-1] * 3, [0] * 3, [0] * 3, [0] * 3, [0] * 3, [0] * 3, [0] * 3)
    assert not lever_contrasts(cross_moments(told_soon)).any()
    got = lever_contrasts(cross_moments(np.vstack([told_soon, ghosted])))
    assert not got[2:].any()
    assert got[:2].any(1).all()


def test_sides_are_counted_from_the_moments():
    stars = np.column_stack([FOUR, [5, 2, 1, 3]])
    assert answers_each_side(cross_moments(stars)) == [(1, 3), (3, 1), (1, 2), (1, 2), (1, 1)]


def test_effect_is_on_the_mean_of_all_invited(make_world):
    moments = make_world(14, [150, 200]).moments()
    model = fit_model(moments)
    doubled = [replace(m, invited=2 * m.invited) for m in moments]
    (own, together), (half, half_together) = (estimate_levers(model, m) for m in (moments, doubled))
    first = own[0].levers[0]
    assert half[0].levers[0].effect_stars == pytest.approx(first.effect_stars / 2)
    assert half[0].levers[0].high == pytest.approx(first.high / 2)
    contrasts = np.array([lever_contrasts(m.population) for m in moments])
    sd = np.sqrt(lever_effects(model, moments, contrasts, np.ones(2)).own_cov[0, 0, 0])
    share = moments[0].population[0, 0] / moments[0].invited
    assert first.high - first.effect_stars == pytest.approx(1.959964 * sd * share)
    assert first.effect_stars - first.low == pytest.approx(1.959964 * sd * share)
    assert half_together.levers[0].effect_stars == pytest.approx(
        together.levers[0].effect_stars / 2
    )
    invited = [m.invited for m in moments]
    weighed = sum(n * o.levers[0].effect_stars for n, o in zip(invited, own, strict=True))
    assert together.levers[0].effect_stars == pytest.approx(weighed / sum(invited))


def test_planted_effects_are_found(make_world):
    """Late notice and silence were planted as the largest, so the lever about both leads."""
    moments = make_world(15, [220] * 25).moments()
    own, together = estimate_levers(fit_model(moments), moments)
    named = {lever.lever: lever for lever in together.levers}
    assert together.ranking().largest == ("inform_3d",)
    assert all(lever.shown for lever in together.levers)
    # told share .7, of which a third by phone (.4), a third by portal (−.1); invited = 1.1 rejected
    assert named["phone_all"].effect_stars == pytest.approx(
        0.7 * (0.4 - (0.4 - 0.1) / 3) / 1.1, abs=0.07
    )
    assert named["feedback_all"].effect_stars == pytest.approx(0.7 * 0.6 * 0.5 / 1.1, abs=0.07)
    assert named["end_ghosting"].effect_stars == pytest.approx(0.3 * 0.6 / 1.1, abs=0.07)
    assert sum(found.levers[0].low > 0 for found in own) >= 23


def levers_of(model, moments):
    return [found.levers for found in estimate_levers(model, moments)[0]]


def lone(days, channel, kept, broken, feedback, copies=1, stars=(2, 3, 4)):
    """Levers of a lone employer whose rejected candidates all answered."""
    n = len(days)
    x = design_matrix(days, channel, kept, broken, feedback, [0] * n, [0] * n)
    x = np.tile(x, (copies, 1))
    rows = np.column_stack([x, np.resize(stars, len(x))])
    moments = employer_moments([moments_by_cell(rows)], cross_moments(x), len(x))
    (levers,) = levers_of(fit_model([moments]), [moments])
    return {lever.lever: lever.reason_hidden for lever in levers}


def test_fewer_than_thirty_answers_hide_every_lever():
    few = lone([1] * 14 + [10] * 15, [1] * 29, [0] * 29, [0] * 29, [0] * 29)
    assert set(few.values()) == {"too_few_answers"}
    enough = lone([1] * 15 + [10] * 15, [1] * 30, [0] * 30, [0] * 30, [0] * 30)
    assert "too_few_answers" not in enough.values()


def test_lever_without_change_is_hidden_as_such():
    got = lone([1] * 20 + [10] * 20, [1] * 40, [0] * 40, [0] * 40, [0] * 40)
    assert (
        got["phone_all"] == got["end_ghosting"] == got["realistic_promises"] == "nothing_to_change"
    )
    assert got["feedback_all"] == "not_enough_variation"
    assert got["inform_3d"] is None
    wide = lone([1] * 20 + [10] * 20, [1] * 40, [0] * 40, [0] * 40, [0] * 40, stars=(1, 5))
    assert wide["inform_3d"] == "too_uncertain"


@pytest.mark.parametrize(("soon", "reason"), [(9, "not_enough_variation"), (10, None)])
def test_ten_answers_are_needed_on_either_side(soon, reason):
    """Nearly everybody's stars are alike, so that only the number of sides decides."""
    n = soon + 400
    days = [1] * soon + [10] * 400
    got = lone(days, [2] * n, [0] * n, [0] * n, [0] * n, stars=(*[3] * (n - 1), 4))
    assert got["inform_3d"] == reason


def test_answers_that_are_all_alike_leave_nothing_to_compare():
    alike = lone([1] * 40 + [10] * 40, [1] * 80, [0] * 80, [0] * 80, [0] * 80, stars=(4,))
    assert alike["inform_3d"] == alike["feedback_all"] == "answers_alike"
    assert alike["phone_all"] == "nothing_to_change"
    few = lone([1] * 10, [1] * 10, [0] * 10, [0] * 10, [0] * 10, stars=(4,))
    assert set(few.values()) == {"too_few_answers"}


def estimate(effects, sd=0.1, hidden=()):
    """Levers that vary together not at all, those HIDDEN left out of what is said."""
    levers = tuple(
        LeverEstimate(
            name, at, at - 2 * sd, at + 2 * sd, "too_uncertain" if name in hidden else None, 0.2
        )
        for name, at in effects.items()
    )
    return Estimate(levers, sd**2 * np.eye(len(levers)))


def test_what_is_hidden_has_no_part_in_the_ranking():
    effects = {"a": 0.9, "b": 0.8, "c": 0.1}
    assert set(estimate(effects).ranking().largest) == {"a", "b"}
    hidden = estimate(effects, hidden={"a"}).ranking()
    assert hidden.largest == ("b",)
    assert set(hidden.chances) == {"b", "c"}
    assert hidden.not_told_apart == ()
    assert estimate(effects, hidden=set(effects)).ranking().largest == ()
