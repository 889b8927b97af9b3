"""What /method shows: the live parameters, and each formula worked through with them.

Every example is computed here by the very functions that make the figures of the pages.
"""

from dataclasses import dataclass
from typing import Any

from portal import formatting
from portal.config import settings
from portal.invitations import LINK_LASTS
from portal.statistics import flags, lever_model, lever_ranks, levers, score, survival
from portal.surveys import REMOVED

COUNTS = (2, 2, 6, 12, 8)  # 1 star, 2 stars, …
NPS_COUNTS = (6, 10, 14)  # detractors, passives, promoters
NOT_TOLD, DECIDED = 30, 100


@dataclass(frozen=True)
class StarLine:
    """One star's part in the worked example: pseudo-answers, answers, their sum."""

    stars: int
    prior: float
    answers: int

    @property
    def total(self) -> float:
        return self.prior + self.answers


def _waiting_example() -> survival.WaitingCurve:
    """Ten decided 14 days ago, 4 told on day 2 and 2 on day 10; ten 5 days ago, 5 on day 2."""
    told = [[0] * (survival.HORIZON_DAYS + 1) for _ in range(2)]
    told[0][2], told[0][10], told[1][2] = 4, 2, 5
    return survival.kaplan_meier(told, [10, 10], [14, 5])


def parameters() -> dict[str, Any]:
    """What is in force on this installation."""
    config = settings()
    return {
        "floor": config.MIN_ANSWERS,
        "comment_floor": config.MIN_COMMENTS,
        "half_life": config.HALF_LIFE_DAYS,
        "keep_answers": config.KEEP_ANSWERS_MONTHS,
        "max_age": score.MAX_AGE_DAYS,
        "prior": score.DEFAULT_PRIOR,
        "soon_days": score.SOON_DAYS,
        "weight_limits": score.CELL_WEIGHT_LIMITS,
        "early_below": score.EARLY_BELOW_ANSWERS,
        "few_answers": score.FEW_ANSWERS,
        "wider_at_five": score.WIDER_AT_FIVE,
        "early_half_width": score.EARLY_HALF_WIDTH_STARS,
        "horizon": survival.HORIZON_DAYS,
        "ghost_line": survival.GHOST_LINE,
        "denied_share": flags.DENIED_SHARE,
        "denied_low": flags.DENIED_LOW,
        "wave_limit": flags.WAVE_LIMIT_STARS,
        "own_form": lever_model.OWN_FORM_SHARE,
        "together_form": lever_model.TOGETHER_FORM_SHARE,
        "largest_chance": lever_ranks.CERTAIN,
        "largest_together": lever_ranks.NEARLY_CERTAIN,
        "lever_answers": levers.MIN_REJECTED_ANSWERS,
        "lever_side": levers.MIN_ANSWERS_EACH_SIDE,
        "lever_half_width": levers.MAX_HALF_WIDTH_STARS,
        "link_days": LINK_LASTS.days,
        "removed": REMOVED,
    }


def _star_example() -> dict[str, Any]:
    """COUNTS, none old, all groups alike: the table and what comes of it."""
    prior = score.DEFAULT_PRIOR
    lines = [
        StarLine(stars, prior.weight * share, count)
        for stars, share, count in zip(range(1, 6), prior.shares, COUNTS, strict=True)
    ]
    counted = score.WeightedCounts(tuple(map(float, COUNTS)), float(sum(COUNTS)))
    return {
        "example_answers": sum(COUNTS),
        "star_rows": [
            (
                line.stars,
                formatting.number(line.prior, 3),
                line.answers,
                formatting.number(line.total, 3),
            )
            for line in lines
        ],
        "star_sum": " + ".join(
            f"{line.stars} × {formatting.number(line.total, 3)}" for line in lines
        ),
        "mass": sum(line.total for line in lines),
        "example": score.posterior_score(counted, prior),
    }


def method_facts() -> dict[str, Any]:
    """Everything templates/public/method.html speaks of."""
    counted = score.WeightedCounts(tuple(map(float, NPS_COUNTS)), float(sum(NPS_COUNTS)))
    return (
        parameters()
        | _star_example()
        | {
            "nps_counts": NPS_COUNTS,
            "nps": score.candidate_nps(counted),
            "not_told": NOT_TOLD,
            "decided": DECIDED,
            "wilson": survival.wilson_interval(NOT_TOLD, DECIDED),
            "waiting": [_waiting_example().told_by(day) for day in (1, 2, 7, 14)],
        }
    )
