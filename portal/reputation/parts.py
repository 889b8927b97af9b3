"""What of a batch may be counted apart from the rest, and the integers of each such part.

A part is accepted when the batch is released and stays as it is until the batch is withdrawn:
whatever is shown of it is a sum over whole parts.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from portal.models import OutcomeFact, Response, Told, ToldBucket, Words
from portal.statistics.anonymity import OTHER, WaitingAnswer, plan_batch
from portal.statistics.score import CELLS

QUESTIONS = ("told", "heard_how", "chased", "promise", "feedback", "relationship_after")
BREAKDOWNS = ("role_family", "stage_group")
WAVE, RECORDED = "wave", "recorded"
BEFORE, AFTER = "before", "after"
RECORDED_TOLD, RECORDED_NOT = "told", "not_told"
TOLD_ANSWERS = (Told.OFFER, Told.NOT_CHOSEN)
DECIDED = (OutcomeFact.HIRED, OutcomeFact.OFFER_DECLINED, OutcomeFact.REJECTED)

Groups = dict[str, Any]


@dataclass(frozen=True)
class Parts:
    """Levels by dimension (those not named are together in "other"), questions, the rejected."""

    levels: dict[str, tuple[str, ...]]
    questions: tuple[str, ...]
    has_levers: bool

    def level(self, dimension: str, response: Response) -> str:
        level = _level(dimension, response)
        return level if level in self.levels[dimension] else OTHER


def parts_of(groups: Groups) -> Parts:
    """The parts whose counts are stored as GROUPS."""
    dimensions = (*BREAKDOWNS, WAVE, RECORDED)
    return Parts(
        {name: tuple(groups[name]) for name in dimensions if name in groups},
        tuple(groups.get("questions", ())),
        bool(groups.get("rejected", 0)),
    )


def plan_parts(waiting: Sequence[Response], k: int) -> Parts:
    """What may be counted apart of the WAITING answers, about to become one batch.

    Dimensions of the stars pass the audit together. A question, and the log beside it, need K
    answers to that question which were never public: else two releases would tell what fewer said.
    So do the levers of the rejected.
    """
    stars = _split(waiting, (*BREAKDOWNS, WAVE), k)
    log = _split([one for one in waiting if one.told is not None], (RECORDED,), k)
    return Parts(
        stars | log,
        tuple(name for name in QUESTIONS if _is_enough(waiting, name, k)),
        sum(_is_rejected(one) and not one.is_released for one in waiting) >= k,
    )


def _split(
    answers: Sequence[Response], dimensions: Sequence[str], k: int
) -> dict[str, tuple[str, ...]]:
    planned = plan_batch(
        [
            WaitingAnswer(one.id, {name: _level(name, one) for name in dimensions}, one.is_released)
            for one in answers
        ],
        dimensions,
        k,
    )
    return {name: tuple(split) for name, split in planned.groups.items()} if planned else {}


def _is_enough(waiting: Iterable[Response], question: str, k: int) -> bool:
    return sum(getattr(one, question) is not None and not one.is_released for one in waiting) >= k


def _is_rejected(response: Response) -> bool:
    return response.outcome is OutcomeFact.REJECTED


def _level(dimension: str, response: Response) -> str:
    if dimension == WAVE:
        return AFTER if response.is_after_reminder else BEFORE
    if dimension == RECORDED:
        if response.outcome not in DECIDED:
            return OTHER
        return RECORDED_NOT if response.told_bucket is ToldBucket.NEVER else RECORDED_TOLD
    return str(getattr(response, dimension) or OTHER)


def lever_answers(batch: Sequence[Response], parts: Parts) -> list[Response]:
    """The answers of BATCH that enter the moments: those of the rejected, if they are enough."""
    return [one for one in batch if _is_rejected(one)] if parts.has_levers else []


def count_parts(batch: Sequence[Response], parts: Parts) -> Groups:
    """The integers of each part of BATCH, as they are stored.

    Keys: stars (5), questions, rejected, published (comments for everybody to read); where accepted
    role_family and stage_group {level: stars (5)}, wave {before, after: 6 cells of n, Σy, Σy²} and
    recorded {level: [say told, say not told]}.
    """
    groups: Groups = {
        "stars": _stars(batch),
        "questions": list(parts.questions),
        "rejected": len(lever_answers(batch, parts)),
        "published": sum(one.words is Words.PUBLIC and one.comment != "" for one in batch),
    }
    counted = dict.fromkeys(BREAKDOWNS, _stars) | {WAVE: _wave, RECORDED: _reported}
    for dimension, levels in parts.levels.items():
        members: dict[str, list[Response]] = {level: [] for level in levels}
        for one in batch:
            if dimension != RECORDED or one.told is not None:
                members[parts.level(dimension, one)].append(one)
        groups[dimension] = {level: counted[dimension](ones) for level, ones in members.items()}
    return groups


def _stars(answers: Iterable[Response]) -> list[int]:
    counts = [0] * 5
    for one in answers:
        counts[one.overall - 1] += 1
    return counts


def _wave(answers: Iterable[Response]) -> list[list[int]]:
    cells = [[0, 0, 0] for _ in range(CELLS)]
    for one in answers:
        sums = cells[one.cell or 0]
        for power in range(3):
            sums[power] += one.overall**power
    return cells


def _reported(answers: Iterable[Response]) -> list[int]:
    said = [one.told for one in answers]
    return [sum(word in TOLD_ANSWERS for word in said), said.count(Told.NOT_TOLD)]
