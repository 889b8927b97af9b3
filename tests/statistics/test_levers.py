"""Levers: contrasts by hand, the model against dense matrices, and when nothing may be shown."""

import json
from dataclasses import replace

import numpy as np
import pytest

from portal.statistics.lever_model import LeverModel, fit_model, lever_effects
from portal.statistics.levers import (
    LEVERS,
    Lever,
    answers_each_side,
    estimate_levers,
    lever_contrasts,
    rank_levers,
)
from portal.statistics.moments import COLUMNS, cross_moments, design_matrix, employer_moments

FOUR = design_matrix(
    [2, 10, -1, 5], [1, 3, 0, 2], [1, 0, 0, 0], [0, 1, 1, 0], [0, 0, 0, 1], [0] * 4, [0] * 4
)
FACTORS = np.zeros((9, 10))
FACTORS[:4, 0] = 0.25, 0.5, 0.75, 1
FACTORS[np.arange(9), np.arange(1, 10)] = 1
GROUP = [0, 1, 1, 1, 2, 3, 4, 5, 6, 7]


def test_contrasts_match_the_worked_example():
    got = lever_contrasts(cross_moments(FOUR))
    named = {
        lever: {c: v for c, v in zip(COLUMNS[1:], row, strict=True) if v}
        for lever, row in zip(LEVERS, got, strict=True)
    }
    assert named == {
        "inform_3d": {
            "delay_4_7": -0.25,
            "delay_8_14": -0.25,
            "never_told": -0.25,
            "promise_kept": 0.5,
            "promise_broken": -0.5,
        },
        "end_ghosting": {"never_told": -0.25, "delay_8_14": 0.25},
        "phone_all": {"phone": 0.5, "portal": -0.25},
        "feedback_all": {"feedback": 0.5},
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


def dense(world, s2, tau2):
    """The rows themselves, freed of their stratum means, and the covariance matrix of them all."""
    seen = np.flatnonzero(world.answered)
    x, y = world.x[seen][:, 1:].astype(float), world.y[seen].astype(float)
    employer = world.employer[seen]
    codes = np.unique(employer * 3 + world.quarter[seen], return_inverse=True)[1]
    free_x, free_y, of = [], [], []
    for code in range(codes.max() + 1):
        rows = np.flatnonzero(codes == code)
        basis = np.linalg.svd(np.ones((1, len(rows))))[2][1:]  # orthonormal, without the mean
        free_x.append(basis @ x[rows])
        free_y.append(basis @ y[rows])
        of += [employer[rows[0]]] * (len(rows) - 1)
    x, y, of = np.vstack(free_x), np.concatenate(free_y), np.array(of)
    v = s2 * np.eye(len(y))
    slopes = x[:, :9] @ FACTORS
    for e in np.unique(of):
        rows = np.flatnonzero(of == e)
        v[np.ix_(rows, rows)] += slopes[rows] * tau2[GROUP] @ slopes[rows].T
    return x, y, of, slopes, v


def dense_objective(world, log_s2, log_tau):
    """Minus the log posterior of s² and τ from the full covariance matrix of all rows."""
    s2, tau2 = np.exp(log_s2), np.exp(log_tau) ** 2
    x, y, _, _, v = dense(world, s2, tau2)
    vx, vy = np.linalg.solve(v, x), np.linalg.solve(v, y)
    q = x.T @ vx + 0.01 * np.eye(20)
    b = np.linalg.solve(q, x.T @ vy)
    value = np.linalg.slogdet(v)[1] + np.linalg.slogdet(q)[1] + y @ vy - b @ (x.T @ vy)
    return 0.5 * value + 0.5 * (tau2 / 0.15**2).sum() - np.log(tau2).sum()


def at_mode(model):
    return np.array([np.log(model.mode.s2), *(0.5 * np.log(model.mode.tau2))])


def test_fit_is_where_the_dense_likelihood_is_flat_and_lowest(make_world):
    world = make_world(5, [90, 70, 110, 60])
    mode = at_mode(fit_model(world.moments()))
    here = dense_objective(world, mode[0], mode[1:])
    for step in 0.005 * np.eye(9):
        up, down = (dense_objective(world, m[0], m[1:]) for m in (mode + step, mode - step))
        assert min(up, down) > here
        assert abs(up - down) / 0.01 < 1e-3  # no slope: central differences are off by step²


def test_effects_are_the_joint_posterior_of_slopes_and_departures(make_world):
    """Henderson's equations written out for every employer at once."""
    world = make_world(6, [80, 60, 100])
    moments = world.moments()
    mode = fit_model(moments).mode
    x, y, of, slopes, _ = dense(world, mode.s2, mode.tau2)
    z = np.zeros((len(y), 30))
    for e in range(3):
        z[of == e, 10 * e : 10 * e + 10] = slopes[of == e]
    both = np.column_stack([x, z])
    prior = np.diag([0.01] * 20 + [1 / mode.tau2[g] for _ in range(3) for g in GROUP])
    covariance = np.linalg.inv(both.T @ both / mode.s2 + prior)
    solution = covariance @ both.T @ y / mode.s2
    contrasts = np.random.default_rng(1).normal(0, 0.3, (3, 5, 20))
    weights = np.array([0.5, 0.2, 0.3])
    full = np.zeros((3, 5, 50))
    for e in range(3):
        full[e, :, :20] = contrasts[e]
        full[e, :, 20 + 10 * e : 30 + 10 * e] = contrasts[e, :, :9] @ FACTORS
    got = lever_effects(LeverModel(mode, (mode,)), moments, contrasts, weights)
    together = np.tensordot(weights, full, 1)
    for mean, sd, c in ((got.own, got.own_sd, full), (got.together, got.together_sd, together)):
        expected = c @ solution
        variance = np.einsum("...i,ij,...j->...", c, covariance, c)
        assert mean == pytest.approx(expected, abs=1e-9)
        assert sd == pytest.approx(np.sqrt(variance + (0.07 * expected) ** 2), abs=1e-9)


def test_doubt_about_the_variances_widens_the_limits(make_world):
    moments = make_world(7, [100] * 12).moments()
    model = fit_model(moments)
    contrasts = np.array([lever_contrasts(m.population) for m in moments])
    weights = np.full(12, 1 / 12)
    drawn = lever_effects(model, moments, contrasts, weights)
    each = [lever_effects(LeverModel(d, (d,)), moments, contrasts, weights) for d in model.draws]
    means = np.array([e.own for e in each])
    assert drawn.own == pytest.approx(means.mean(0), abs=1e-12)
    inside = np.array([e.own_sd**2 - (0.07 * e.own) ** 2 for e in each]).mean(0)
    expected = np.sqrt(inside + means.var(0) + (0.07 * drawn.own) ** 2)
    assert drawn.own_sd == pytest.approx(expected, abs=1e-12)


def dense_hessian(world, mode, step=0.15):
    """Second differences of the dense objective, as the model has them."""

    def at(*moved):
        point = mode + step * sum((np.eye(9)[i] * s for i, s in moved), np.zeros(9))
        return dense_objective(world, point[0], point[1:])

    here, up = at(), [at((i, 1)) for i in range(9)]
    hessian = np.diag([up[i] + at((i, -1)) - 2 * here for i in range(9)])
    for i in range(9):
        for j in range(i):
            hessian[i, j] = hessian[j, i] = at((i, 1), (j, 1)) - up[i] - up[j] + here
    return hessian / step**2


def test_draws_are_antithetic_and_scaled_by_the_curvature(make_world):
    world = make_world(8, [40, 50, 60])
    model = fit_model(world.moments())
    mode = at_mode(model)
    draws = np.array([[np.log(d.s2), *(0.5 * np.log(d.tau2))] for d in model.draws])
    assert draws.shape == (16, 9)
    assert draws[:8] + draws[8:] == pytest.approx(np.tile(2 * mode, (8, 1)), abs=1e-9)
    hessian = dense_hessian(world, mode)
    assert np.linalg.eigvalsh(hessian).min() > 1  # none is floored here
    away = draws[:8] - mode
    lengths = np.einsum("di,ij,dj->d", away, hessian, away)
    normal = np.random.default_rng(0).standard_normal((8, 9))
    assert lengths == pytest.approx((normal**2).sum(1), rel=1e-6)  # whichever way the axes point


def test_employers_that_tell_nothing_do_not_change_the_fit(make_world):
    moments = make_world(9, [80, 90, 70]).moments()
    silent = employer_moments(np.zeros((0, 22, 22)), moments[0].population, 40)
    with_silent, without = fit_model([*moments, silent]), fit_model(moments)
    assert with_silent.mode.b == pytest.approx(without.mode.b, abs=1e-12)
    own, _ = estimate_levers(without, [silent])
    assert all(lever.reason_hidden == "too_few_answers" for lever in own[0])
    assert own[0][0].high - own[0][0].low > 0.1


def test_families_nobody_has_change_nothing(make_world):
    """Where five families stand among ten does not matter, nor do the five that are empty."""
    world = make_world(9, [80, 90, 70])
    empty = world.x[:, 12:].copy()
    world.x[:, 12:] = 0
    world.x[:, [12, 13, 14, 20]] = empty[:, :4]
    first = world.moments()
    world.x[:, 12:] = 0
    world.x[:, [15, 16, 18, 19]] = empty[:, :4]
    second = world.moments()
    model, other = fit_model(first), fit_model(second)
    for each, same in zip(
        estimate_levers(model, first)[0], estimate_levers(other, second)[0], strict=True
    ):
        for one, two in zip(each, same, strict=True):
            assert (one.effect_stars, one.low, one.high) == pytest.approx(
                (two.effect_stars, two.low, two.high), abs=1e-6
            )
    unused = slice(14, 19)  # less the column for one
    assert not model.mode.b[unused].any()
    assert model.mode.b_cov[unused, unused] == pytest.approx(100 * np.eye(5))


def test_one_employer_is_least_squares_with_its_own_variance(make_world):
    (moments,) = make_world(10, [900]).moments()
    model = fit_model([moments])
    fit = model.mode
    s, r, yy = moments.centred[:-1, :-1], moments.centred[:-1, -1], moments.centred[-1, -1]
    assert model.draws == (fit,)
    assert fit.b == pytest.approx(np.linalg.solve(s + 0.01 * fit.s2 * np.eye(20), r), abs=1e-4)
    rss = yy - 2 * r @ fit.b + fit.b @ s @ fit.b
    assert fit.s2 == pytest.approx(rss / (moments.df - 20), rel=1e-6)


def test_variance_never_falls_below_its_floor():
    rows = np.column_stack([np.tile(FOUR, (20, 1)), np.full(80, 4)])
    model = fit_model([employer_moments([cross_moments(rows)], cross_moments(FOUR), 4)])
    assert model.mode.s2 == 0.05
    assert np.abs(model.mode.b).max() == 0


def test_nobody_at_all_still_has_a_model():
    model = fit_model([])
    assert not model.mode.b.any()
    own, together = estimate_levers(model, [])
    assert own == []
    assert [lever.reason_hidden for lever in together] == ["too_few_answers"] * 5


def test_stored_model_gives_the_same_levers(make_world):
    moments = make_world(11, [60, 70, 80]).moments()
    model = fit_model(moments)
    stored = LeverModel.from_plain(json.loads(json.dumps(model.as_plain())))
    assert estimate_levers(stored, moments) == estimate_levers(model, moments)


def test_one_employers_levers_need_only_its_own_moments(make_world):
    """Up to rounding: matrices are multiplied in another order when stacked."""
    moments = make_world(12, [150, 200, 250]).moments()
    model = fit_model(moments)
    every, _ = estimate_levers(model, moments)
    alone, _ = estimate_levers(model, [moments[1]])
    for one, other in zip(alone[0], every[1], strict=True):
        assert one.effect_stars == pytest.approx(other.effect_stars, abs=1e-12)
        assert (one.low, one.high) == pytest.approx((other.low, other.high), abs=1e-12)
        assert one.reason_hidden == other.reason_hidden


def test_order_of_employers_changes_nothing(make_world):
    moments = make_world(13, [100, 60, 140, 80, 90]).moments()
    own, together = estimate_levers(fit_model(moments), moments)
    turned = moments[::-1]
    own_turned, together_turned = estimate_levers(fit_model(turned), turned)
    for one, other in zip([together, *own], [together_turned, *own_turned[::-1]], strict=True):
        for a, b in zip(one, other, strict=True):
            assert (a.effect_stars, a.low, a.high) == pytest.approx(
                (b.effect_stars, b.low, b.high), abs=1e-6
            )


def test_effect_is_on_the_mean_of_all_invited(make_world):
    moments = make_world(14, [150, 200]).moments()
    model = fit_model(moments)
    doubled = [replace(m, invited=2 * m.invited) for m in moments]
    (own, together), (half, half_together) = (estimate_levers(model, m) for m in (moments, doubled))
    assert half[0][0].effect_stars == pytest.approx(own[0][0].effect_stars / 2)
    assert half[0][0].high == pytest.approx(own[0][0].high / 2)
    contrasts = np.array([lever_contrasts(m.population) for m in moments])
    sd = lever_effects(model, moments, contrasts, np.ones(2)).own_sd[0, 0]
    share = moments[0].population[0, 0] / moments[0].invited
    assert own[0][0].high - own[0][0].effect_stars == pytest.approx(1.959964 * sd * share)
    assert own[0][0].effect_stars - own[0][0].low == pytest.approx(1.959964 * sd * share)
    assert half_together[0].effect_stars == pytest.approx(together[0].effect_stars / 2)
    invited = [m.invited for m in moments]
    weighed = sum(n * o[0].effect_stars for n, o in zip(invited, own, strict=True)) / sum(invited)
    assert together[0].effect_stars == pytest.approx(weighed)


def test_planted_effects_are_found(make_world):
    """Late notice and silence were planted as the largest, so the lever about both leads."""
    moments = make_world(15, [220] * 25).moments()
    own, together = estimate_levers(fit_model(moments), moments)
    named = {lever.lever: lever for lever in together}
    assert rank_levers(together)[0][0].lever == "inform_3d"
    assert all(lever.shown for lever in together)
    # told share .7, of which a third by phone (.4), a third by portal (−.1); invited = 1.1 rejected
    assert named["phone_all"].effect_stars == pytest.approx(
        0.7 * (0.4 - (0.4 - 0.1) / 3) / 1.1, abs=0.07
    )
    assert named["feedback_all"].effect_stars == pytest.approx(0.7 * 0.6 * 0.5 / 1.1, abs=0.07)
    assert named["end_ghosting"].effect_stars == pytest.approx(0.3 * 0.6 / 1.1, abs=0.07)
    assert sum(levers[0].is_clear for levers in own) >= 23


def lone(days, channel, kept, broken, feedback, copies=1, stars=(2, 3, 4)):
    """Levers of a lone employer whose rejected candidates all answered."""
    n = len(days)
    x = design_matrix(days, channel, kept, broken, feedback, [0] * n, [0] * n)
    x = np.tile(x, (copies, 1))
    rows = np.column_stack([x, np.resize(stars, len(x))])
    moments = employer_moments([cross_moments(rows)], cross_moments(x), len(x))
    own, _ = estimate_levers(fit_model([moments]), [moments])
    return {lever.lever: lever.reason_hidden for lever in own[0]}


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
    """Everybody's stars are alike, so nothing is uncertain and only the number of sides decides."""
    n = soon + 400
    days = [1] * soon + [10] * 400
    got = lone(days, [2] * n, [0] * n, [0] * n, [0] * n, stars=(3,))
    assert got["inform_3d"] == reason


def test_levers_are_ranked_and_overlapping_neighbours_are_about_equal():
    def lever(name, effect, half):
        return Lever(name, effect, effect - half, effect + half, None)

    a, b, c = lever("a", 0.1, 0.05), lever("b", 0.8, 0.1), lever("c", 0.2, 0.06)
    assert rank_levers([a, b, c]) == [(b, False), (c, False), (a, True)]
    assert b.is_clear
    assert not lever("d", 0.05, 0.06).is_clear
    assert lever("e", -0.2, 0.1).is_clear
