"""The hierarchical model behind the levers: shared effects, and each employer's departure.

It must never know answers or candidates, only moments; nor what the effects are used for.
Restricted maximum likelihood and best linear unbiased prediction: Henderson 1975, Laird & Ware
1982; variances kept off zero: Chung et al. 2013.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from portal.statistics.counts import Real, Whole
from portal.statistics.lever_scale import DESIGN, EFFECTS, RIDGE, Cells, Scale, find_scale
from portal.statistics.moments import HABITS, EmployerMoments

TAU_SCALE = 0.15
TAU_START = 0.15
S2_FLOOR = 0.05
LOG_S2_BOUNDS = (-4.0, 3.0)
LOG_TAU_BOUNDS = (-4.0, 1.0)
NO_TAU2 = 1e-8
HESSIAN_STEP = 0.15
ANTITHETIC_PAIRS = 8
RAISE_TAU = 1.75  # standard deviations of ln τ
LOG_TAU_SD = 0.5  # of the prior alone: where answers say nothing of τ, it is not raised
INFLATION = 1.1  # of the variance, for slopes that differ between cells
OWN_FORM_SHARE, TOGETHER_FORM_SHARE = 0.05, 0.07

SLOPES = len(HABITS)


def _slope_factors() -> tuple[Real, Whole]:
    """F (9, 10) and the group of each of its columns (10,)."""
    own = np.eye(SLOPES)
    delays_together = np.zeros((SLOPES, 1))
    delays_together[:4, 0] = 0.25, 0.5, 0.75, 1.0
    return np.hstack([delays_together, own]), np.array([0, 1, 1, 1, 2, 3, 4, 5, 6, 7])


FACTORS, GROUP = _slope_factors()
TAUS = 8
LOW, HIGH = np.array([LOG_S2_BOUNDS, *[LOG_TAU_BOUNDS] * TAUS]).T


@dataclass(frozen=True, eq=False)
class Fit:
    """The shared effects b (22,) and their covariance (22, 22), at one s² and one τ² (8,)."""

    s2: float
    tau2: Real
    b: Real
    b_cov: Real


@dataclass(frozen=True, eq=False)
class LeverModel:
    """The fitted model: `draws` that carry the doubt about s² and τ, and `raised`, for variances.

    At the most likely τ variances come out too small where few employers tell of it: `raised` has
    τ higher by that doubt. It is all that is stored of a platform's fit; an employer's own effects
    need it and the employer's moments, nothing else.
    """

    scale: Scale
    draws: tuple[Fit, ...]
    raised: Fit

    def as_plain(self) -> dict[str, Any]:
        """Plain numbers for JSON, exact in both directions."""
        return {
            "design": list(DESIGN),
            "cell_variances": self.scale.cell_variances.tolist(),
            "stars": self.scale.stars,
            "draws": [_fit_as_plain(draw) for draw in self.draws],
            "raised": _fit_as_plain(self.raised),
        }

    @classmethod
    def from_plain(cls, plain: dict[str, Any]) -> "LeverModel | None":
        """The model stored by `as_plain`; None if it is of another design, as earlier ones were."""
        if plain.get("design") != list(DESIGN):
            return None
        return cls(
            Scale(np.array(plain["cell_variances"]), plain["stars"]),
            tuple(_fit_from_plain(draw) for draw in plain["draws"]),
            _fit_from_plain(plain["raised"]),
        )


@dataclass(frozen=True, eq=False)
class Effects:
    """Means and covariances of L contrasts: own (E, L) and (E, L, L), together (L,) and (L, L)."""

    own: Real
    own_cov: Real
    together: Real
    together_cov: Real


class _Employers:
    """The moments of several employers on one scale, stacked and carried to the factors once."""

    def __init__(self, employers: Sequence[EmployerMoments], scale: Scale) -> None:
        # 1/√v and not 1/v, which biases a lone large employer.
        centred = Cells(employers).centred(scale.cell_variances**-0.5)
        self.rooms = scale.rooms(employers)
        self.xx = centred[:, :-1, :-1] * self.rooms[:, None, None] ** 2
        self.xy = centred[:, :-1, -1] * self.rooms[:, None]
        self.yy = centred[:, -1, -1]
        self.df = float(sum(e.df for e in employers))
        self.xf = self.xx[:, :, :SLOPES] @ FACTORS
        self.ff = FACTORS.T @ self.xf[:, :SLOPES]
        self.fy = self.xy[:, :SLOPES] @ FACTORS
        self.xx_sum, self.xy_sum, self.yy_sum = self.xx.sum(0), self.xy.sum(0), self.yy.sum()

    def precision_gain(self, s2: float, tau2: Real) -> tuple[Real, float]:
        """A (E, 10, 10), what the departures gain, and the sum of its determinants' logarithms."""
        t = np.sqrt(tau2[GROUP])
        inner = np.eye(len(t)) + t[:, None] * self.ff * t / s2
        gain = t[:, None] * np.linalg.inv(inner) * t / s2
        return gain, float(np.linalg.slogdet(inner)[1].sum())


def fit_model(employers: Sequence[EmployerMoments]) -> LeverModel:
    """The model of departures, fitted to the answered moments of all employers of a platform.

    With fewer than two employers that can tell anything, departures are zero and nothing is drawn.
    """
    telling = [e for e in employers if e.df > 0]
    scale = find_scale(telling)
    data = _Employers(telling, scale)
    variance = max(float(data.yy_sum) / max(data.df, 1.0), S2_FLOOR)
    if len(data.xx) < 2:
        only = _fit_one_employer(data, variance)
        return LeverModel(scale, (only,), only)
    # Only a fit needs it, and it takes as long to load as all of Flask.
    from scipy.optimize import minimize

    found = minimize(
        _objective,
        np.array([np.log(0.8 * variance), *[np.log(TAU_START)] * TAUS]),
        args=(data,),
        jac=True,
        method="L-BFGS-B",
        bounds=list(zip(LOW, HIGH, strict=True)),
        options={"maxiter": 200, "ftol": 1e-14, "gtol": 1e-7},
    )
    axes, sd = _doubt(found.x, data)
    draws = tuple(_fit_at(data, *_variances(x)) for x in _hyper_draws(found.x, axes, sd))
    raised = _fit_at(data, *_variances(_raise_taus(found.x, axes, sd)))
    return LeverModel(scale, draws, raised)


def lever_effects(
    model: LeverModel, employers: Sequence[EmployerMoments], contrasts: Real, weights: Real
) -> Effects:
    """Effects of contrasts (E, L, 22) for each employer, and of their sum weighted by weights (E,).

    Doubt about s² and τ is integrated over the model's draws; a share of each effect is added to
    its standard deviation for what a straight line on 1–5 stars gets wrong.
    """
    data = _Employers(employers, model.scale)
    scaled = contrasts * data.rooms[:, None, None]
    _, own_cov, together_cov = _effects_at(model.raised, data, scaled, weights)
    means = np.array([_effects_at(draw, data, scaled, weights)[0] for draw in model.draws])
    together = np.einsum("del,e->dl", means, weights)
    return Effects(
        means.mean(0),
        _covariance(own_cov, means, OWN_FORM_SHARE),
        together.mean(0),
        _covariance(together_cov, together, TOGETHER_FORM_SHARE),
    )


def _fit_one_employer(data: _Employers, variance: float) -> Fit:
    tau2 = np.full(TAUS, NO_TAU2)
    fit = _fit_at(data, variance, tau2)
    rank = int(np.linalg.matrix_rank(data.xx_sum))
    for _ in range(5):
        rss = float(data.yy_sum - 2 * data.xy_sum @ fit.b + fit.b @ data.xx_sum @ fit.b)
        fit = _fit_at(data, max(rss / max(data.df - rank, 1.0), S2_FLOOR), tau2)
    return fit


def _variances(x: Real) -> tuple[float, Real]:
    return float(np.exp(x[0])), np.exp(x[1:]) ** 2


def _normal_equations(data: _Employers, s2: float, gain: Real, xg: Real) -> tuple[Real, Real]:
    """Q (22, 22) and q (22,); xg (E, 22, 10) is S_F A.

    Many small products, one per employer: one large product is shared out among threads, which on
    a busy machine wait for each other thirty times as long as they work.
    """
    explained = (xg @ data.xf.transpose(0, 2, 1)).sum(0)
    q_matrix = (data.xx_sum - explained) / s2 + RIDGE * np.eye(EFFECTS)
    q_vector = (data.xy_sum - (xg @ data.fy[..., None]).sum(0)[:, 0]) / s2
    return q_matrix, q_vector


def _objective(x: Real, data: _Employers) -> tuple[float, Real]:
    """Minus the logarithm of the restricted likelihood and of the priors on τ, and its gradient.

    The gradient is exact: with a numerical one the search stops where rounding tells it to, and
    effects would differ in the fourth decimal from one machine to the next.
    """
    s2, tau2 = _variances(x)
    gain, log_determinants = data.precision_gain(s2, tau2)
    xg = data.xf @ gain
    q_matrix, q_vector = _normal_equations(data, s2, gain, xg)
    b_cov = np.linalg.inv(q_matrix)
    b = b_cov @ q_vector
    residual = data.fy - b @ data.xf
    departures = (gain @ residual[..., None])[..., 0]
    rss = data.yy_sum - 2 * data.xy_sum @ b + b @ data.xx_sum @ b - (residual * departures).sum()
    value = data.df * x[0] + log_determinants + np.linalg.slogdet(q_matrix)[1]
    value += rss / s2 + RIDGE * b @ b + (tau2 / TAU_SCALE**2).sum() - 2 * np.log(tau2).sum()
    of_departures = departures**2 + s2 * np.einsum("ekk->ek", gain)
    of_departures += np.einsum("eik,eik->ek", xg, b_cov @ xg)
    pull = of_departures.sum(0) / tau2[GROUP]
    employers = len(data.xx)
    by_s2 = data.df - rss / s2 + pull.sum() - employers * len(GROUP)
    by_s2 -= EFFECTS - RIDGE * np.trace(b_cov)
    by_tau = np.bincount(GROUP, employers - pull)
    return float(0.5 * value), np.array([0.5 * by_s2, *(by_tau + tau2 / TAU_SCALE**2 - 2)])


def _fit_at(data: _Employers, s2: float, tau2: Real) -> Fit:
    gain, _ = data.precision_gain(s2, tau2)
    q_matrix, q_vector = _normal_equations(data, s2, gain, data.xf @ gain)
    b_cov = np.linalg.inv(q_matrix).astype(np.float64)
    return Fit(s2, tau2, b_cov @ q_vector, b_cov)


def _doubt(mode: Real, data: _Employers) -> tuple[Real, Real]:
    """Axes (9, 9) of the normal curve that fits the objective at its mode, and the sd along each.

    Curvature from differences of the exact gradient.
    """
    steps = HESSIAN_STEP * np.eye(len(mode))
    slopes = [_objective(mode + step, data)[1] - _objective(mode - step, data)[1] for step in steps]
    hessian = np.array(slopes) / (2 * HESSIAN_STEP)
    curvature, axes = np.linalg.eigh((hessian + hessian.T) / 2)
    sd: Real = 1 / np.sqrt(np.maximum(curvature, 1.0))
    return axes, sd


def _hyper_draws(mode: Real, axes: Real, sd: Real) -> Iterator[Real]:
    """Draws of (ln s², ln τ)."""
    normal = np.random.default_rng(0).standard_normal((ANTITHETIC_PAIRS, len(mode)))
    for row in (*normal, *-normal):
        yield np.clip(mode + axes @ (sd * row), LOW, HIGH)


def _raise_taus(mode: Real, axes: Real, sd: Real) -> Real:
    """The mode with each τ as high as doubt allows, less so the less answers say of it."""
    doubt = np.sqrt(((axes * sd) ** 2).sum(1))
    raised: Real = mode + RAISE_TAU * doubt * np.maximum(0, 1 - (doubt / LOG_TAU_SD) ** 2)
    raised[0] = mode[0]
    return np.clip(raised, LOW, HIGH)


def _effects_at(
    fit: Fit, data: _Employers, contrasts: Real, weights: Real
) -> tuple[Real, Real, Real]:
    """Own means (E, L) and covariances (E, L, L), and the covariance (L, L) of all together."""
    gain, _ = data.precision_gain(fit.s2, fit.tau2)
    on_factors = contrasts[..., :SLOPES] @ FACTORS
    departures = (gain @ (data.fy - data.xf.transpose(0, 2, 1) @ fit.b)[..., None])[..., 0]
    own = contrasts @ fit.b + (on_factors @ departures[..., None])[..., 0]
    shared = contrasts - on_factors @ (data.xf @ gain).transpose(0, 2, 1)
    residual = fit.s2 * (on_factors @ gain) @ on_factors.transpose(0, 2, 1)
    own_cov = shared @ fit.b_cov @ shared.transpose(0, 2, 1) + residual
    together = np.einsum("e,elj->lj", weights, shared)
    together_cov = together @ fit.b_cov @ together.T
    together_cov += np.einsum("e,elm->lm", weights**2, residual)
    return own, own_cov, together_cov


def _covariance(raised: Real, means: Real, form_share: float) -> Real:
    """Covariances (…, L, L): the RAISED and that of the draws' MEANS (D, …, L), and of the form."""
    mean = means.mean(0)
    away = means - mean
    of_means = np.einsum("d...i,d...j->...ij", away, away) / len(means)
    form = (form_share * mean[..., None]) ** 2 * np.eye(mean.shape[-1])
    covariance: Real = INFLATION * (raised + of_means) + form
    return covariance


def _fit_as_plain(fit: Fit) -> dict[str, Any]:
    return {
        "s2": fit.s2,
        "tau2": fit.tau2.tolist(),
        "b": fit.b.tolist(),
        "b_cov": fit.b_cov.tolist(),
    }


def _fit_from_plain(plain: dict[str, Any]) -> Fit:
    return Fit(plain["s2"], np.array(plain["tau2"]), np.array(plain["b"]), np.array(plain["b_cov"]))
