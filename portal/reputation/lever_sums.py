"""From coarse facts to the exact moments behind the levers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta

import numpy as np

from portal.models import (
    ChannelFact,
    PromiseFact,
    RoleFamily,
    StageGroup,
    ToldBucket,
)
from portal.statistics.counts import Whole
from portal.statistics.moments import (
    CHANNEL_CODES,
    COLUMNS,
    LEVER_CELLS,
    ROLE_FAMILY_CODES,
    STAGE_CODES,
    design_matrix,
    moments_by_cell,
    pack_triangle,
    unpack_triangle,
)
from portal.surveys import Answer, Facts

Triangle = tuple[int, ...]
ANSWERED, POPULATION = len(COLUMNS) + 1, len(COLUMNS)
NOBODY: Triangle = (0,) * (POPULATION * (POPULATION + 1) // 2)
THURSDAY = timedelta(days=3)
NOT_TOLD = -1
# Any day of the bucket will do: the design knows no more than the bucket.
BUCKET_DAYS = {
    ToldBucket.WITHIN_3: 0,
    ToldBucket.WITHIN_7: 4,
    ToldBucket.WITHIN_14: 8,
    ToldBucket.LATER: 15,
    ToldBucket.NEVER: NOT_TOLD,
}
CODES = {
    ChannelFact.PHONE: CHANNEL_CODES["phone"],
    ChannelFact.WRITTEN: CHANNEL_CODES["email"],
    ChannelFact.PORTAL: CHANNEL_CODES["portal"],
    ChannelFact.NONE: CHANNEL_CODES["none"],
}


def month_of(week: date) -> date:
    """First day of the month a WEEK (its Monday) belongs to: that of its Thursday."""
    return (week + THURSDAY).replace(day=1)


def first_week(day: date) -> date:
    """Monday of the first week that belongs to the month of DAY's week."""
    month = month_of(day - timedelta(days=day.weekday()))
    return month + timedelta(days=(3 - month.weekday()) % 7) - THURSDAY


def _design(facts: Sequence[Facts]) -> Whole:
    return design_matrix(
        [BUCKET_DAYS[one.told_bucket or ToldBucket.NEVER] for one in facts],
        [CODES[one.channel or ChannelFact.NONE] for one in facts],
        [one.promise_fact is PromiseFact.KEPT for one in facts],
        [one.promise_fact is PromiseFact.BROKEN for one in facts],
        [bool(one.was_given_feedback) for one in facts],
        [STAGE_CODES[one.stage_group or StageGroup.SCREEN] for one in facts],
        [ROLE_FAMILY_CODES[one.role_family or RoleFamily.OTHER] for one in facts],
    ).astype(np.int64)


def answered_moments(rejected: Iterable[Answer]) -> dict[tuple[date, int], Whole]:
    """[X|y]'[X|y] of the answers of the REJECTED by month and lever cell, packed triangles."""
    by_month: dict[date, list[Answer]] = defaultdict(list)
    for one in rejected:
        by_month[month_of(one.facts.week)].append(one)
    return {
        (month, cell): pack_triangle(moments)
        for month, ones in sorted(by_month.items())
        for cell, moments in enumerate(_moments_by_cell(ones))
        if moments.any()
    }


def _moments_by_cell(answers: Sequence[Answer]) -> Whole:
    design = _design([one.facts for one in answers])
    return moments_by_cell(np.column_stack([design, [one.stars for one in answers]]))


def add_up(batches: Iterable[Mapping[tuple[date, int], Whole]]) -> list[Whole]:
    """Moments of several BATCHES of each calendar quarter, square by lever cell (5, 22, 22)."""
    packed: dict[tuple[int, int, int], Whole] = {}  # made square once: it costs more than adding
    for moments in batches:
        for (month, cell), triangle in moments.items():
            group = month.year, (month.month - 1) // 3, cell
            packed[group] = packed[group] + triangle if group in packed else triangle
    size = (len(LEVER_CELLS), ANSWERED, ANSWERED)
    found: dict[tuple[int, int], Whole] = defaultdict(lambda: np.zeros(size, np.int64))
    for (year, quarter, cell), triangle in packed.items():
        found[year, quarter][cell] = unpack_triangle(triangle)
    return list(found.values())


def population_moments(rejected: Iterable[tuple[Facts, int]]) -> dict[date, Triangle]:
    """X'X of invited REJECTED candidates by month, packed (231), from their facts and numbers."""
    by_month: dict[date, list[tuple[Facts, int]]] = defaultdict(list)
    for facts, count in rejected:
        by_month[month_of(facts.week)].append((facts, count))
    packed = {}
    for month, rows in by_month.items():
        design = _design([facts for facts, _ in rows])
        counts = np.array([count for _, count in rows], np.int64)
        packed[month] = tuple(pack_triangle(design.T @ (design * counts[:, None])).tolist())
    return packed
