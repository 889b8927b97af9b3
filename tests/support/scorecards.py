"""Scorecards written by hand, as releases and jobs would leave them: every state of the pages."""

import json
from typing import Any

import numpy as np
import sqlalchemy as sa

from portal.extensions import db
from portal.models import Employer, Scorecard, utcnow
from portal.reputation import figures
from portal.scorecard import to_plain
from portal.statistics import score, survival

Plain = dict[str, Any]
# Departments as employers name them.
LONG = "Recherche et développement des Systèmes d’information, " + "W" * 60
ARABIC = "إدارة الموارد البشرية والشؤون القانونية"
LEVERS = ("inform_3d", "end_ghosting", "phone_all", "feedback_all", "realistic_promises")


def write(employer: Employer, reputation: Plain, habits: Plain, coverage: Plain) -> None:
    """The scorecard row of EMPLOYER, committed."""
    db.session.execute(sa.delete(Scorecard).where(Scorecard.employer_id == employer.id))
    answers = reputation.get("answers", 0)
    db.session.add(
        Scorecard(
            employer_id=employer.id,
            answers=answers,
            stars=reputation["score"]["stars"] if answers else None,
            reputation=reputation,
            habits=habits,
            coverage=coverage,
            as_of=utcnow(),
        )
    )
    db.session.commit()


def as_stored(found: object) -> Any:
    """A scorecard, or a part of one, as its row holds it; {} for none."""
    return json.loads(json.dumps(to_plain(found), allow_nan=False)) or {}


# -- pieces ---------------------------------------------------------------------------------------


def lever(name: str, effect: float, half: float, *, hidden: str | None = None) -> Plain:
    """One lever; a hidden one keeps no figure of its own, nor the platform's (`with_platform`)."""
    own = _around(effect, half)
    return (dict.fromkeys(own) if hidden else own) | {
        "lever": name,
        "reason_hidden": hidden,
        "chance_largest": None if hidden else 0.2,
        "platform": None,
    }


def with_platform(found: Plain, effect: float, half: float) -> Plain:
    """The same, with the figure of all employers together."""
    return found | {"platform": _around(effect, half) | {"employers": 14, "answers": 3200}}


def _around(effect: float, half: float) -> Plain:
    """To a tenth of a star, as fits leave it."""
    found = {"effect_stars": effect, "low": effect - half, "high": effect + half}
    return {name: round(value, 1) + 0.0 for name, value in found.items()}


RANKED = [
    lever("inform_3d", 0.61, 0.2),
    lever("end_ghosting", 0.34, 0.13),
    lever("phone_all", 0.2, 0.1),
    lever("feedback_all", 0.08, 0.2),
    with_platform(
        lever("realistic_promises", 0.02, 0.3, hidden="not_enough_variation"), 0.09, 0.05
    ),
]
REASONS = ("too_few_answers", "nothing_to_change", "not_enough_variation", "too_uncertain")
ALL_HIDDEN = [
    lever(name, 0.0, 0.5, hidden=REASONS[at % len(REASONS)]) for at, name in enumerate(LEVERS)
]
PLATFORM_ONLY = [
    with_platform(lever(name, 0.0, 0.5, hidden="too_few_answers"), effect, 0.12)
    for name, effect in zip(LEVERS, (0.58, 0.31, 0.12, 0.1, 0.05), strict=True)
]
EXTREME_LEVERS = [
    lever("inform_3d", 3.9, 0.1),
    lever("end_ghosting", 0.04, 0.03),
    lever("phone_all", 0.0, 0.0),
    lever("feedback_all", -0.3, 0.2),
    lever("realistic_promises", -2.0, 0.35),
]


def answers(counts: tuple[int, ...], label: str | None = None, **more: Any) -> Plain:
    """`Scorecard.reputation` of COUNTS answers with 1 to 5 stars."""
    total = sum(counts)
    table = np.zeros((1, score.CELLS, 5), np.int64)
    table[0, 0] = counts
    weighted = score.weighted_star_counts(table, table.sum(2), [0], None)
    posterior = score.posterior_score(weighted, score.DEFAULT_PRIOR)
    share = {"share": 0.31, "low": 0.22, "high": 0.42, "n": float(total)}
    share |= {"answers": total, "shown": total >= 5}
    return {
        "answers": total,
        "shown": True,
        "label": label,
        "score": to_plain(figures.as_shown(posterior)),
        "nps": {"value": -4.0, "low": -22.0, "high": 14.0},
        "resentment": share,
        "chased": share,
        "histogram": list(counts) if total >= 10 else None,
        "published": 0,
        "kept_out": 0,
        "held_back": False,
        "prior": "fitted",
        "as_of": "2026-11-01",
    } | more


def waiting(decided: int, told_after: tuple[tuple[int, int], ...], age: int = 200) -> Plain:
    """`Scorecard.habits` of DECIDED candidates, AGE days ago, told (days, how many)."""
    told = np.zeros((1, survival.HORIZON_DAYS + 1), np.int64)
    for days, count in told_after:
        told[0, days] = count
    curve = survival.kaplan_meier(told, [decided], [age])
    by_day = [curve.told_by(day) for day in range(survival.HORIZON_DAYS + 1)]
    ghosts = {str(days): survival.ghost_rate(told, [decided], [age], days) for days in (14, 30)}
    reached = sum(count for _, count in told_after)
    return {
        "decided": decided,
        "told_by": {str(days): vars(curve.told_by(days)) for days in (3, 7, 14, 30)},
        "median_days": curve.median_days,
        "curve": {
            "told": (1 - curve.not_told).tolist(),
            "low": [one.low for one in by_day],
            "high": [one.high for one in by_day],
            "followed_days": curve.followed_days,
            "all_told": curve.all_told,
        },
        "ghost": {days: vars(rate) | {"verdict": rate.against()} for days, rate in ghosts.items()},
        "channels": {"email": reached, "none": decided - reached},
        "as_of": "2026-11-26",
    }


def coverage(decided: int, answered: int, **more: Any) -> Plain:
    """`Scorecard.coverage`."""
    return {
        "decided": decided,
        "told": int(decided * 0.8),
        "withdrew": decided // 10,
        "invited": int(decided * 0.7),
        "waiting": 4,
        "delivered": int(decided * 0.68),
        "answered": answered,
        "skipped": {"no_email": 12, "recently_asked": 7},
    } | more


def share(part: int, whole: int) -> Plain:
    """A share as scorecards hold it."""
    return vars(survival.wilson_interval(part, whole))


def period(answers: int, levels: Plain | None = None) -> Plain:
    """The figures of a period of two releases, as a scorecard holds them."""
    opinion = {"share": 0.21, "low": 0.11, "high": 0.36, "n": 38.0, "answers": answers}
    return {
        "since": "2026-09-24",
        "releases": 2,
        "answers": answers,
        "rating": {"stars": 3.8, "stars_low": 3.4, "stars_high": 4.1},
        "nps": {"value": 12.0, "low": -13.0, "high": 37.0},
        "resentment": opinion | {"shown": True},
        "chased": None,
        "change": {"value": 0.3, "low": -0.1, "high": 0.7},
        "dimensions": {"department": levels or {}},
    }


# -- employers ------------------------------------------------------------------------------------


def rich() -> tuple[Plain, Plain, Plain]:
    """Everything that can be known."""
    reputation = answers(
        (12, 14, 30, 48, 31),
        levers=RANKED,
        levers_largest=["inform_3d"],
        not_told_apart=[["end_ghosting", "phone_all"], ["feedback_all", "phone_all"]],
        lever_answers=100,
        levers_fitted_on="2026-11-26",
        dimensions={
            "role_family": {
                "engineering": {"answers": 61, "stars": 3.9, "low": 3.6, "high": 4.2},
                "sales": {"answers": 40, "stars": 3.1, "low": 2.7, "high": 3.5},
                "other": {"answers": 34, "stars": 3.4, "low": 3.0, "high": 3.8},
            },
            "stage_group": {
                "screen": {"answers": 50, "stars": 3.3, "low": 2.9, "high": 3.6},
                "interview": {"answers": 85, "stars": 3.6, "low": 3.3, "high": 3.9},
            },
            "lane": {
                "outcome": {"answers": 105, "stars": 3.6, "low": 3.3, "high": 3.8},
                "check_in": {"answers": 30, "stars": 2.9, "low": 2.5, "high": 3.3},
            },
            "department": {
                LONG: {"answers": 40, "stars": 3.8, "low": 3.4, "high": 4.1},
                ARABIC: {"answers": 33, "stars": 3.2, "low": 2.8, "high": 3.6},
                "other": {"answers": 62, "stars": 3.5, "low": 3.2, "high": 3.8},
            },
        },
        periods=[
            {
                "days": 90,
                "figures": period(
                    38,
                    {
                        ARABIC: {"answers": 20, "stars": 3.9, "low": 3.4, "high": 4.3},
                        "other": {"answers": 18, "stars": 3.6, "low": 3.1, "high": 4.1},
                    },
                ),
                "why_off": None,
            },
            {"days": 365, "figures": None, "why_off": "all"},
        ],
        agreement={
            "both": 80,
            "recorded_only": 14,
            "reported_only": 3,
            "neither": 30,
            "denied": share(14, 94),
            "kappa": 0.68,
            "is_denied_flag": True,
        },
        change={"value": 0.3, "low": 0.1, "high": 0.6},
        wave={"difference": -0.4, "low": -0.7, "high": -0.1, "differs": True},
        what_if={"response_rate": 0.41, "quarter": 3.4, "half": 3.2},
    )
    habits = waiting(318, ((0, 12), (1, 40), (2, 55), (4, 48), (6, 30), (10, 34), (20, 20))) | {
        "channels": {"phone": 70, "in_person": 9, "email": 132, "letter": 3, "portal": 25,
                     "none": 79},
        "decision": {"n": 290, "median_days": 9, "p90_days": 27},
        "promises": {"made": 122, "kept": 88, "broken": 27, "not_made": 196,
                     "kept_share": share(88, 115)},
        "feedback": {"none": 110, "general": 92, "specific": 37},
        "flags": [{"flag": "log_denied"}, {"flag": "cherry_picking"}],
    }  # fmt: skip
    return reputation, habits, coverage(318, 135)


def early() -> tuple[Plain, Plain, Plain]:
    """Seven answers, a few young decisions, none of what takes more."""
    reputation = answers((1, 0, 2, 3, 1), "early", levers=ALL_HIDDEN, lever_answers=0,
                         agreement=None, change=None, wave=None, what_if=None,
                         dimensions={})  # fmt: skip
    habits = waiting(9, ((1, 3), (5, 2)), age=10) | {
        "decision": {"n": 0, "median_days": None, "p90_days": None},
        "promises": {"made": 2, "kept": 0, "broken": 0, "not_made": 7, "kept_share": share(0, 0)},
        "feedback": {"none": 5, "general": 0, "specific": 0},
        "flags": [],
    }
    return reputation, habits, coverage(9, 7)


def platform_only() -> tuple[Plain, Plain, Plain]:
    """An employer whose levers are hidden, on a site where all together allow them."""
    reputation, habits, covered = early()
    return reputation | {"levers": PLATFORM_ONLY}, habits, covered


def extreme() -> tuple[Plain, Plain, Plain]:
    """Everybody told at once, everybody content, levers out of all proportion."""
    reputation = answers(
        (0, 0, 0, 0, 1_204_000),
        levers=EXTREME_LEVERS,
        lever_answers=1_000_000,
        levers_fitted_on=None,
        dimensions={
            "role_family": {"other": {"answers": 5, "stars": 1.0, "low": 1.0, "high": 4.9}}
        },
        agreement={"both": 900_000, "recorded_only": 0, "reported_only": 0, "neither": 0,
                   "denied": share(0, 900_000), "kappa": None, "is_denied_flag": False},
        change={"value": -3.2, "low": -3.4, "high": -3.0},
        wave={"difference": 0.0, "low": 0.0, "high": 0.0, "differs": False},
        what_if={"response_rate": 1.0, "quarter": 5.0, "half": 5.0},
    )  # fmt: skip
    habits = waiting(1_204_000, ((0, 1_204_000),)) | {
        "decision": {"n": 1_204_000, "median_days": 0, "p90_days": 400},
        "promises": {"made": 1_204_000, "kept": 1_204_000, "broken": 0, "not_made": 0,
                     "kept_share": share(1_204_000, 1_204_000)},
        "feedback": {"none": 0, "general": 0, "specific": 1_204_000},
        "flags": [],
    }  # fmt: skip
    return reputation, habits, coverage(1_204_000, 1_204_000)


def bare() -> tuple[Plain, Plain, Plain]:
    """A scorecard from before there were levers, promises, or anything of the later keys."""
    return answers((2, 3, 4, 5, 6)), waiting(40, ((2, 20),)), coverage(40, 20)


def silent() -> tuple[Plain, Plain, Plain]:
    """Nobody was ever told, nobody has answered."""
    return {}, waiting(60, ()), coverage(60, 0, told=0)


STATES = {
    "rich": rich,
    "early": early,
    "platform-only": platform_only,
    "extreme": extreme,
    "bare": bare,
    "silent": silent,
}
