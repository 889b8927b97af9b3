"""The model against dense matrices, its scale, and what must not matter to it."""

import json

import numpy as np
import pytest

from portal.statistics.lever_model import LeverModel, _raise_taus, fit_model, lever_effects
from portal.statistics.lever_scale import Cells, Scale, find_scale
from portal.statistics.levers import (
    estimate_levers,
    lever_contrasts,
)
from portal.statistics.moments import (
    COLUMNS,
    cross_moments,
    design_matrix,
    employer_moments,
    lever_cells,
    moments_by_cell,
)

FOUR = design_matrix(
    [2, 10, -1, 5], [1, 3, 0, 2], [1, 0, 0, 0], [0, 1, 1, 0], [0, 0, 0, 1], [0] * 4, [0] * 4
)
FACTORS = np.zeros((9, 10))
FACTORS[:4, 0] = 0.25, 0.5, 0.75, 1
FACTORS[np.arange(9), np.arange(1, 10)] = 1
GROUP = [0, 1, 1, 1, 2, 3, 4, 5, 6, 7]


def dense(world, scale, s2, tau2):
    """The rows themselves, freed of their stratum means, and the covariance matrix of them all.

    Each row weighted by its cell and by its employer's room, in full.
    """
    seen = np.flatnonzero(world.answered)
    x, y = world.x[seen].astype(float), world.y[seen].astype(float)
    employer = world.employer[seen]
    phone, feedback, never, broken = (
        x[:, COLUMNS.index(name)] for name in ("phone", "feedback", "never_told", "promise_broken")
    )
    x = np.column_stack([x[:, 1:], phone * feedback, never * broken])
    x *= scale.rooms(world.moments())[employer, None]
    weight = scale.cell_variances[lever_cells(world.x[seen])] ** -0.5
    codes = np.unique(employer * 3 + world.quarter[seen], return_inverse=True)[1]
    free_x, free_y, of = [], [], []
    for code in range(codes.max() + 1):
        rows = np.flatnonzero(codes == code)
        root = np.sqrt(weight[rows])
        basis = np.linalg.svd(root[None])[2][1:]  # orthonormal, without the weighted mean
        free_x.append(basis @ (root[:, None] * x[rows]))
        free_y.append(basis @ (root * y[rows]))
        of += [employer[rows[0]]] * (len(rows) - 1)
    x, y, of = np.vstack(free_x), np.concatenate(free_y), np.array(of)
    v = s2 * np.eye(len(y))
    slopes = x[:, :9] @ FACTORS
    for e in np.unique(of):
        rows = np.flatnonzero(of == e)
        v[np.ix_(rows, rows)] += slopes[rows] * tau2[GROUP] @ slopes[rows].T
    return x, y, of, slopes, v


def dense_objective(world, scale, log_s2, log_tau):
    """Minus the log posterior of s² and τ from the full covariance matrix of all rows."""
    s2, tau2 = np.exp(log_s2), np.exp(log_tau) ** 2
    x, y, _, _, v = dense(world, scale, s2, tau2)
    vx, vy = np.linalg.solve(v, x), np.linalg.solve(v, y)
    q = x.T @ vx + 0.01 * np.eye(22)
    b = np.linalg.solve(q, x.T @ vy)
    value = np.linalg.slogdet(v)[1] + np.linalg.slogdet(q)[1] + y @ vy - b @ (x.T @ vy)
    return 0.5 * value + 0.5 * (tau2 / 0.15**2).sum() - np.log(tau2).sum()


def logs(fits):
    """(ln s², ln τ) of each fit."""
    return np.array([[np.log(fit.s2), *(0.5 * np.log(fit.tau2))] for fit in fits])


def at_mode(model):
    """Each draw has its negative, so the mode is their mean."""
    return logs(model.draws).mean(0)


def test_fit_is_where_the_dense_likelihood_is_flat_and_lowest(make_world):
    world = make_world(5, [90, 70, 110, 60])
    model = fit_model(world.moments())
    mode = at_mode(model)
    here = dense_objective(world, model.scale, mode[0], mode[1:])
    for step in 0.005 * np.eye(9):
        up, down = (
            dense_objective(world, model.scale, m[0], m[1:]) for m in (mode + step, mode - step)
        )
        assert min(up, down) > here
        assert abs(up - down) / 0.01 < 1e-3  # no slope: central differences are off by step²


def test_effects_are_the_joint_posterior_of_slopes_and_departures(make_world):
    """Henderson's equations written out for every employer at once."""
    world = make_world(6, [80, 60, 100])
    moments = world.moments()
    model = fit_model(moments)
    fit, rooms = model.raised, model.scale.rooms(moments)
    x, y, of, slopes, _ = dense(world, model.scale, fit.s2, fit.tau2)
    z = np.zeros((len(y), 30))
    for e in range(3):
        z[of == e, 10 * e : 10 * e + 10] = slopes[of == e]
    both = np.column_stack([x, z])
    prior = np.diag([0.01] * 22 + [1 / fit.tau2[g] for _ in range(3) for g in GROUP])
    posterior = np.linalg.inv(both.T @ both / fit.s2 + prior)
    solution = posterior @ both.T @ y / fit.s2
    contrasts = np.random.default_rng(1).normal(0, 0.3, (3, 5, 22))
    weights = np.array([0.5, 0.2, 0.3])
    full = np.zeros((3, 5, 52))
    for e in range(3):
        full[e, :, :22] = rooms[e] * contrasts[e]
        full[e, :, 22 + 10 * e : 32 + 10 * e] = rooms[e] * contrasts[e, :, :9] @ FACTORS
    only = LeverModel(model.scale, (fit,), fit)
    got = lever_effects(only, moments, contrasts, weights)
    together = np.tensordot(weights, full, 1)
    for mean, covariance, c, form in (
        (got.own, got.own_cov, full, 0.05),
        (got.together, got.together_cov, together, 0.07),
    ):
        expected = c @ solution
        assert mean == pytest.approx(expected, abs=1e-9)
        exact = c @ posterior @ np.swapaxes(c, -1, -2)
        exact = 1.1 * exact + (form * expected[..., None]) ** 2 * np.eye(5)
        assert covariance == pytest.approx(exact, abs=1e-9)


def test_doubt_about_the_variances_widens_the_limits(make_world):
    moments = make_world(7, [100] * 12).moments()
    model = fit_model(moments)
    contrasts = np.array([lever_contrasts(m.population) for m in moments])
    weights = np.full(12, 1 / 12)
    drawn = lever_effects(model, moments, contrasts, weights)
    each = [
        lever_effects(LeverModel(model.scale, (d,), d), moments, contrasts, weights)
        for d in (*model.draws, model.raised)
    ]
    means = np.array([e.own for e in each[:-1]])
    assert drawn.own == pytest.approx(means.mean(0), abs=1e-12)

    def variances(found):
        return np.einsum("ekk->ek", found.own_cov) - (0.05 * found.own) ** 2

    assert variances(drawn) == pytest.approx(variances(each[-1]) + 1.1 * means.var(0), abs=1e-12)


@pytest.mark.parametrize(
    ("sd", "factor"), [(0.15, 1.2698), (0.22, 1.3641), (0.3, 1.3993), (0.5, 1)]
)
def test_taus_are_raised_by_doubt_as_far_as_answers_tell_of_them(sd, factor):
    mode = np.array([0.0, *np.log([0.15] * 8)])
    raised = _raise_taus(mode, np.eye(9), np.full(9, sd))
    assert raised[0] == 0
    assert np.exp(raised[1:] - mode[1:]) == pytest.approx([factor] * 8, abs=5e-5)


def test_an_employer_near_the_end_of_the_scale_has_less_room():
    """40 answers of 172 stars, on a platform of 3.4 on average: 4.0, with 20 answers of 3.4."""
    rows = np.column_stack([np.tile(FOUR, (10, 1)), [5] * 12 + [4] * 28])
    own = employer_moments([moments_by_cell(rows)], cross_moments(FOUR), 4)
    assert own.answered[0, -1] == 172
    assert Scale(np.ones(5), 3.4).rooms([own]) == pytest.approx([0.86233], abs=5e-6)


def test_cells_are_weighted_by_how_far_their_answers_spread():
    """Who was told by phone and why answers 4 or 5; who was never told anything from 1 to 5."""
    n = 400
    facts = [([2] * n, [1] * n, [1] * n), ([-1] * n, [0] * n, [0] * n), ([2] * n, [2] * n, [0] * n)]
    parts = [
        design_matrix(days, by, [0] * n, [0] * n, why, [0] * n, [0] * n) for days, by, why in facts
    ]
    stars = np.concatenate([np.resize(s, n) for s in ((4, 5), (1, 2, 3, 4, 5), (2, 3, 4))])
    rows = np.column_stack([np.vstack(parts), stars])
    found = find_scale([employer_moments([moments_by_cell(rows)], cross_moments(FOUR), 4)])
    untold, plainly, _, _, both = found.cell_variances
    assert untold / both == pytest.approx(2 / 0.25, rel=0.15)
    assert plainly / both == pytest.approx((2 / 3) / 0.25, rel=0.15)
    assert untold * plainly * both == pytest.approx(1)
    assert found.stars == pytest.approx(stars.mean())


def dense_hessian(world, scale, mode, step=0.15):
    """By differences of the dense objective's slopes, themselves differences over a tiny step."""

    def slope(point, i, tiny=1e-4):
        at = [point + sign * tiny * np.eye(9)[i] for sign in (1, -1)]
        up, down = (dense_objective(world, scale, p[0], p[1:]) for p in at)
        return (up - down) / (2 * tiny)

    hessian = np.zeros((9, 9))
    for i in range(9):
        for j in range(i + 1):
            away = step * np.eye(9)[j]
            hessian[i, j] = (slope(mode + away, i) - slope(mode - away, i)) / (2 * step)
            away = step * np.eye(9)[i]
            mirrored = (slope(mode + away, j) - slope(mode - away, j)) / (2 * step)
            hessian[i, j] = hessian[j, i] = (hessian[i, j] + mirrored) / 2
    return hessian


def test_draws_are_antithetic_and_scaled_by_the_curvature(make_world):
    world = make_world(8, [40, 50, 60])
    model = fit_model(world.moments())
    mode, draws = at_mode(model), logs(model.draws)
    assert draws.shape == (16, 9)
    assert draws[:8] + draws[8:] == pytest.approx(np.tile(2 * mode, (8, 1)), abs=1e-9)
    hessian = dense_hessian(world, model.scale, mode)
    assert np.linalg.eigvalsh(hessian).min() > 1  # none is floored here
    away = draws[:8] - mode
    lengths = np.einsum("di,ij,dj->d", away, hessian, away)
    normal = np.random.default_rng(0).standard_normal((8, 9))
    assert lengths == pytest.approx((normal**2).sum(1), rel=1e-5)  # whichever way the axes point
    doubt = np.sqrt(np.diag(np.linalg.inv(hessian)))[1:]
    raised = 1.75 * doubt * np.maximum(0, 1 - (doubt / 0.5) ** 2)
    assert logs([model.raised])[0, 1:] - mode[1:] == pytest.approx(raised, abs=1e-5)


def test_employers_that_tell_nothing_do_not_change_the_fit(make_world):
    moments = make_world(9, [80, 90, 70]).moments()
    silent = employer_moments(np.zeros((0, 5, 22, 22)), moments[0].population, 40)
    with_silent, without = fit_model([*moments, silent]), fit_model(moments)
    assert with_silent.raised.b == pytest.approx(without.raised.b, abs=1e-12)
    (levers,) = (found.levers for found in estimate_levers(without, [silent])[0])
    assert all(lever.reason_hidden == "too_few_answers" for lever in levers)
    assert levers[0].high - levers[0].low > 0.1


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
        for one, two in zip(each.levers, same.levers, strict=True):
            assert (one.effect_stars, one.low, one.high) == pytest.approx(
                (two.effect_stars, two.low, two.high), abs=1e-6
            )
    unused = slice(14, 19)  # less the column for one
    assert not model.raised.b[unused].any()
    assert model.raised.b_cov[unused, unused] == pytest.approx(100 * np.eye(5))


def test_one_employer_is_least_squares_with_its_own_variance(make_world):
    (moments,) = make_world(10, [900]).moments()
    model = fit_model([moments])
    fit = model.raised
    assert model.draws == (fit,)
    assert model.scale.rooms([moments]) == pytest.approx([1])
    centred = Cells([moments]).centred(model.scale.cell_variances**-0.5)[0]
    s, r, yy = centred[:-1, :-1], centred[:-1, -1], centred[-1, -1]
    assert fit.b == pytest.approx(np.linalg.solve(s + 0.01 * fit.s2 * np.eye(22), r), abs=1e-4)
    rss = yy - 2 * r @ fit.b + fit.b @ s @ fit.b
    assert fit.s2 == pytest.approx(rss / (moments.df - 22), rel=1e-6)


def test_variance_never_falls_below_its_floor():
    rows = np.column_stack([np.tile(FOUR, (20, 1)), np.full(80, 4)])
    model = fit_model([employer_moments([moments_by_cell(rows)], cross_moments(FOUR), 4)])
    assert model.raised.s2 == 0.05
    assert np.abs(model.raised.b).max() < 1e-9
    assert model.scale.cell_variances == pytest.approx([1] * 5)


def test_nobody_at_all_still_has_a_model():
    model = fit_model([])
    assert not model.raised.b.any()
    own, together = estimate_levers(model, [])
    assert own == []
    assert [lever.reason_hidden for lever in together.levers] == ["too_few_answers"] * 5
    assert together.ranking().largest == ()


def test_stored_model_gives_the_same_levers(make_world):
    moments = make_world(11, [60, 70, 80]).moments()
    model = fit_model(moments)
    stored = LeverModel.from_plain(json.loads(json.dumps(model.as_plain())))
    assert levers_of(stored, moments) == levers_of(model, moments)


def test_a_model_of_another_design_is_none():
    """The first estimator's had no pairs, and did not say what its columns were."""
    plain = fit_model([]).as_plain()
    assert LeverModel.from_plain(plain)
    assert LeverModel.from_plain(plain | {"design": plain["design"][:-2]}) is None
    assert LeverModel.from_plain({"mode": plain["raised"], "draws": []}) is None


def levers_of(model, moments):
    return [found.levers for found in estimate_levers(model, moments)[0]]


def test_one_employers_levers_need_only_its_own_moments(make_world):
    """Up to rounding: matrices are multiplied in another order when stacked."""
    moments = make_world(12, [150, 200, 250]).moments()
    model = fit_model(moments)
    every, (alone,) = levers_of(model, moments), levers_of(model, [moments[1]])
    for one, other in zip(alone, every[1], strict=True):
        assert one.effect_stars == pytest.approx(other.effect_stars, abs=1e-12)
        assert (one.low, one.high) == pytest.approx((other.low, other.high), abs=1e-12)
        assert one.reason_hidden == other.reason_hidden


def test_order_of_employers_changes_nothing(make_world):
    moments = make_world(13, [100, 60, 140, 80, 90]).moments()
    own, together = estimate_levers(fit_model(moments), moments)
    turned = moments[::-1]
    own_turned, together_turned = estimate_levers(fit_model(turned), turned)
    for one, other in zip([together, *own], [together_turned, *own_turned[::-1]], strict=True):
        for a, b in zip(one.levers, other.levers, strict=True):
            assert (a.effect_stars, a.low, a.high) == pytest.approx(
                (b.effect_stars, b.low, b.high), abs=1e-6
            )
