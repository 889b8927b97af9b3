"""What of a batch may be counted apart from the rest.

A part is accepted when the batch is planned and stays as it is until the batch is withdrawn:
whatever is shown of it is a sum over whole parts.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from portal.models import OutcomeFact, ToldBucket
from portal.statistics.anonymity import OTHER, AuditUnfinished, WaitingAnswer, plan_batch
from portal.surveys import Answer, Leaves, all_questions

# In the order in which the audit tries them: an earlier one may leave no room for a later one.
WAVE, RECORDED, DEPARTMENT = "wave", "recorded", "department"
STARS_BY = ("role_family", "stage_group", WAVE, "lane", DEPARTMENT)
BREAKDOWNS = tuple(name for name in STARS_BY if name != WAVE)
MOST_DEPARTMENTS = 8
AUDIT_SECONDS = 2.0
BEFORE, AFTER = "before", "after"
RECORDED_TOLD, RECORDED_NOT = "told", "not_told"
DECIDED = (OutcomeFact.HIRED, OutcomeFact.OFFER_DECLINED, OutcomeFact.REJECTED)


@dataclass(frozen=True)
class Parts:
    """Levels by dimension (those not named are together in "other"), questions, the rejected."""

    levels: dict[str, tuple[str, ...]]
    questions: tuple[str, ...]
    has_levers: bool


def plan_parts(waiting: Sequence[Answer], k: int) -> Parts:
    """What may be counted apart of the WAITING answers, about to become one batch.

    Dimensions of the stars pass the audit together. A question, and the log beside it, need K
    answers to that question which were never public: else two releases would tell what fewer said.
    So do the levers of the rejected.
    """
    fresh = [one for one in waiting if not one.was_public]
    stars = _split(waiting, STARS_BY, k)
    log = _split([one for one in waiting if "told" in one.answers], (RECORDED,), k)
    asked = Counter(name for one in fresh for name in one.answers)
    leaving = all_questions(Leaves.OPINION, Leaves.COUNTED)
    return Parts(
        stars | log,
        tuple(name for name in leaving if asked[name] >= k),
        sum(one.facts.outcome is OutcomeFact.REJECTED for one in fresh) >= k,
    )


def members_of(
    answers: Iterable[Answer], dimension: str, levels: Sequence[str]
) -> dict[str, list[Answer]]:
    """ANSWERS by level of DIMENSION; whose level is not among LEVELS is in "other"."""
    members: dict[str, list[Answer]] = {level: [] for level in levels}
    for one in answers if levels else ():
        level = _level(dimension, one)
        members[level if level in members else OTHER].append(one)
    return members


def _split(
    answers: Sequence[Answer], dimensions: Sequence[str], k: int
) -> dict[str, tuple[str, ...]]:
    largest = _largest_departments(answers)

    def level(name: str, one: Answer) -> str:
        found = _level(name, one)
        return OTHER if name == DEPARTMENT and found not in largest else found

    planned = plan_batch(
        [
            WaitingAnswer(one.key, {name: level(name, one) for name in dimensions}, one.was_public)
            for one in answers
        ],
        dimensions,
        k,
        _clock,
    )
    return {name: tuple(split) for name, split in (planned or {}).items()}


def _clock() -> Callable[[], None]:
    until = time.monotonic() + AUDIT_SECONDS

    def check() -> None:
        if time.monotonic() > until:
            raise AuditUnfinished

    return check


def _largest_departments(answers: Iterable[Answer]) -> set[str]:
    counts = Counter(_level(DEPARTMENT, one) for one in answers)
    named = sorted(counts.keys() - {OTHER}, key=lambda name: (-counts[name], name))
    return set(named[:MOST_DEPARTMENTS])


def _level(dimension: str, one: Answer) -> str:
    facts = one.facts
    if dimension == WAVE:
        return AFTER if one.is_after_reminder else BEFORE
    if dimension == "lane":
        return one.lane.value
    if dimension == RECORDED:
        if facts.outcome not in DECIDED:
            return OTHER
        return RECORDED_NOT if facts.told_bucket is ToldBucket.NEVER else RECORDED_TOLD
    return str(getattr(facts, dimension) or OTHER)
