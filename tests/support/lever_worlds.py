"""Worlds of rejected candidates with known effects, made unlike the model that looks for them.

Stars are rounded from a normal opinion and end at 1 and 5, habits occur together, employers differ
in all of it, and who answers depends on how they were told. What each lever would change is known
exactly, candidate by candidate.
"""

from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
from scipy.special import expit, ndtr

from portal.statistics.lever_model import fit_model
from portal.statistics.lever_ranks import CERTAIN
from portal.statistics.levers import estimate_levers
from portal.statistics.moments import (
    HABITS,
    cross_moments,
    design_matrix,
    employer_moments,
    moments_by_cell,
)

# In the order of HABITS, on an opinion that varies by 1 between candidates treated alike.
OPINION = np.array([-0.15, -0.4, -0.7, -1.1, 0.5, -0.1, 0.15, -0.4, 0.45])
NEVER, PHONE, PORTAL, KEPT, BROKEN, FEEDBACK = 3, 4, 5, 6, 7, 8
WEEK = 7  # what promises are about
INVITED_PER_REJECTED = 1.25


@dataclass(frozen=True)
class World:
    """answers: the middle employer's; strength: of all habits; together: how far they occur so.

    level: mean opinion; apart: standard deviation of how much employers' candidates mind a habit;
    two_kinds: half of the employers' mind .4, the others' 1.6 times as much; unrecorded: the share
    of tellings in no record; pull: how much more often content candidates answer, logit by star.
    """

    answers: int = 60
    strength: float = 1.0
    together: float = 0.4
    level: float = 3.4
    apart: float = 0.3
    two_kinds: bool = False
    unrecorded: float = 0.0
    pull: float = 0.0


def draw(world, employers, seed):
    """Moments of each employer, and the true effect of each lever there (E, 5)."""
    rng = np.random.default_rng(seed)
    roles = np.array([0, *rng.normal(0, 0.2, 9)])
    found = [_draw_employer(world, rng, roles, kind % 2) for kind in range(employers)]
    moments, truth = zip(*found, strict=True)
    return list(moments), np.array(truth)


def _draw_employer(world, rng, roles, kind):
    n = int(world.answers * rng.lognormal(0, 0.6) / 0.42) + 10
    days, habits = _habits(world, rng, n)
    stage, role, quarter = (rng.integers(0, levels, n) for levels in (3, 5, 4))
    minds = np.maximum(1 + world.apart * (rng.normal() + rng.normal(size=len(HABITS))) / 2**0.5, 0)
    if world.two_kinds:
        minds *= (0.4, 1.6)[kind]
    by_habit = world.strength * OPINION * minds
    rest = world.level + rng.normal(0, 0.4) + rng.normal(0, 0.1, 4)[quarter]
    rest = rest + 0.1 * stage + roles[role] + 0.2  # so that the usual habits stand near the level
    opinion = rest + habits @ by_habit
    stars = np.clip(np.rint(opinion + rng.normal(size=n)), 1, 5).astype(int)
    told = habits[:, NEVER] == 0
    willing = np.where(told, 0.0, -0.8) + world.pull * (stars - 3)
    answered = rng.random(n) < expit(willing)
    invited = int(n * INVITED_PER_REJECTED)
    truth = [
        (_mean_stars(rest + changed @ by_habit) - _mean_stars(opinion)).sum() / invited
        for changed in _levers(habits)
    ]
    days, habits = _as_recorded(world, rng, days, habits)
    design = _design(days, habits, stage, role)
    rows = np.column_stack([design, stars])
    strata = [moments_by_cell(rows[answered & (quarter == q)]) for q in range(4)]
    return employer_moments(strata, cross_moments(design), invited), truth


def _habits(world, rng, n):
    """Days to being told, and habits (n, 9): each candidate meets more or less care in all."""
    care = rng.normal(size=(n, 1))
    own = rng.normal(size=(n, 4))
    z = world.together**0.5 * care + (1 - world.together) ** 0.5 * own
    z = z + rng.normal(0, 0.4, 4)  # the employer's own way
    told = z[:, 0] > -0.7
    days = np.where(told, np.floor(np.exp(1.7 - 0.8 * z[:, 1] + rng.normal(0, 0.4, n))), -1)
    phone = told & (z[:, 2] > 0.5)
    portal = told & ~phone & (rng.random(n) < 0.3)
    feedback = told & (z[:, 3] > 0.4)
    promised = rng.random(n) < 0.5
    kept = promised & told & (days <= WEEK)
    habits = np.column_stack(
        [(days >= low) & (days <= high) for low, high in ((4, 7), (8, 14), (15, np.inf))]
        + [~told, phone, portal, kept, promised & ~kept, feedback]
    )
    return days.astype(int), habits.astype(float)


def _levers(habits):
    """The habits as each lever would have them, in the order of LEVERS."""
    told = habits[:, NEVER] == 0
    inform, ghosting, phone, feedback, promises = (habits.copy() for _ in range(5))
    inform[:, : NEVER + 1] = 0
    for changed, whose in ((inform, np.ones(len(told), bool)), (promises, told)):
        changed[whose, KEPT] += changed[whose, BROKEN]
        changed[whose, BROKEN] = 0
    ghosting[~told, NEVER], ghosting[~told, 1] = 0, 1
    phone[told, PHONE], phone[told, PORTAL] = 1, 0
    feedback[told, FEEDBACK] = 1
    return inform, ghosting, phone, feedback, promises


def _mean_stars(opinion):
    """Of 1 + how many of 1.5, 2.5, 3.5 and 4.5 an opinion exceeds."""
    return 1 + ndtr(opinion[:, None] - np.arange(1.5, 5)).sum(1)


def _as_recorded(world, rng, days, habits):
    lost = (habits[:, NEVER] == 0) & (rng.random(len(days)) < world.unrecorded)
    days, habits = days.copy(), habits.copy()
    days[lost] = -1
    habits[lost, BROKEN] += habits[lost, KEPT]
    habits[np.ix_(lost, [PHONE, PORTAL, KEPT, FEEDBACK])] = 0
    return days, habits


def _design(days, habits, stage, role):
    channel = np.where(habits[:, PHONE] == 1, 1, np.where(habits[:, PORTAL] == 1, 3, 2))
    channel = np.where(days < 0, 0, channel)
    kept, broken, feedback = (habits[:, at] for at in (KEPT, BROKEN, FEEDBACK))
    return design_matrix(days, channel, kept, broken, feedback, stage, role)


@dataclass(frozen=True)
class Judged:
    """Of levers with anything to change: how many (5,), and how many ranges held the truth (5,).

    widths, squares: sums of the half-widths and of the squared errors (5,); claims: how often one
    lever was called the largest, right: how often it was, employers: of how many.
    """

    levers: np.ndarray
    covered: np.ndarray
    widths: np.ndarray
    squares: np.ndarray
    employers: int
    claims: int
    right: int

    def __add__(self, other):
        pairs = zip(vars(self).values(), vars(other).values(), strict=True)
        return Judged(*(one + two for one, two in pairs))

    @property
    def coverage(self):
        return self.covered / np.maximum(self.levers, 1)

    @property
    def half_width(self):
        return self.widths / self.levers

    @property
    def error(self):
        """Root of the mean square."""
        return np.sqrt(self.squares / self.levers)

    @property
    def right_share(self):
        return self.right / max(self.claims, 1)


def judge(world, employers, seed):
    """One world, drawn and fitted once."""
    moments, truth = draw(world, employers, seed)
    own, _ = estimate_levers(fit_model(moments), moments)
    low, high = (
        np.array([[getattr(lever, limit) for lever in one.levers] for one in own])
        for limit in ("low", "high")
    )
    chances = np.array([[lever.chance_largest for lever in one.levers] for one in own])
    moves = high > low
    claimed = chances.max(1) >= CERTAIN
    is_right = truth.argmax(1) == chances.argmax(1)
    return Judged(
        levers=moves.sum(0),
        covered=(moves & (low <= truth) & (truth <= high)).sum(0),
        widths=((high - low) / 2).sum(0),
        squares=(moves * ((high + low) / 2 - truth) ** 2).sum(0),
        employers=employers,
        claims=int(claimed.sum()),
        right=int((claimed & is_right).sum()),
    )


@cache
def judge_all(world, employers, seeds):
    """The same world drawn anew with each of SEEDS."""
    first, *rest = (judge(world, employers, seed) for seed in seeds)
    return sum(rest, first)


# Sizes, strengths and how far habits occur together; then what is hard for a straight line.
GRID = [
    World(answers, strength, together)
    for answers, strength, together in product((25, 60, 200), (0.5, 1.0, 1.5), (0.0, 0.4, 0.8))
] + [
    World(answers, strength, 0.8, level)
    for answers, strength, level in product((60, 200), (1.0, 1.5), (2.6, 4.2))
]
TWO_KINDS = [World(answers, two_kinds=True) for answers in (25, 60, 200)]
SELECTED = [World(pull=pull) for pull in (0.15, 0.3)]
UNRECORDED = [World(answers, unrecorded=0.1) for answers in (60, 200)]
BEYOND = [World(200, 2.5, 0.8), World(400, 2.0, 0.8, 4.0)]
