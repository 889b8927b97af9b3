"""From coarse facts to the exact moments behind the levers."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Protocol

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
    cross_moments,
    design_matrix,
    pack_triangle,
    unpack_triangle,
)
from portal.surveys import Answer

Triangle = tuple[int, ...]
ANSWERED, POPULATION = len(COLUMNS) + 1, len(COLUMNS)
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


class Facts(Protocol):
    """Of an answer, or a row of invitations grouped by their facts."""

    @property
    def stage_group(self) -> Any: ...
    @property
    def role_family(self) -> Any: ...
    @property
    def told_bucket(self) -> Any: ...
    @property
    def channel(self) -> Any: ...
    @property
    def promise_fact(self) -> Any: ...
    @property
    def was_given_feedback(self) -> Any: ...


def month_of(week: date) -> date:
    """First day of the month a WEEK (its Monday) belongs to: that of its Thursday."""
    return (week + THURSDAY).replace(day=1)


def first_week(day: date) -> date:
    """Monday of the first week that belongs to the month of DAY's week."""
    month = month_of(day - timedelta(days=day.weekday()))
    return month + timedelta(days=(3 - month.weekday()) % 7) - THURSDAY


def quarter_of(month: date) -> tuple[int, int]:
    """The stratum of a month."""
    return month.year, (month.month - 1) // 3


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


def lever_cell(facts: Facts) -> int:
    """0 untold, 1 told plainly, 2 told by phone, 3 told with a reason, 4 both."""
    if (facts.told_bucket or ToldBucket.NEVER) is ToldBucket.NEVER:
        return 0
    return 1 + (facts.channel is ChannelFact.PHONE) + 2 * bool(facts.was_given_feedback)


def answered_moments(rejected: Iterable[Answer]) -> dict[tuple[date, int], Whole]:
    """[X|y]'[X|y] of the answers of the REJECTED by month and lever cell, packed triangles."""
    groups: dict[tuple[date, int], list[Answer]] = defaultdict(list)
    for one in rejected:
        groups[month_of(one.facts.week), lever_cell(one.facts)].append(one)
    return {
        group: pack_triangle(
            cross_moments(
                np.column_stack([_design([one.facts for one in ones]), [one.stars for one in ones]])
            )
        )
        for group, ones in sorted(groups.items())
    }


def add_up(batches: Iterable[Mapping[tuple[date, int], Whole]]) -> dict[tuple[int, int], Whole]:
    """Moments of several BATCHES by calendar quarter, square, of each lever cell (5, 22, 22)."""
    packed: dict[tuple[tuple[int, int], int], Whole] = {}
    for moments in batches:
        for (month, cell), triangle in moments.items():
            group = quarter_of(month), cell
            packed[group] = packed[group] + triangle if group in packed else triangle
    found: dict[tuple[int, int], Whole] = {}
    for (quarter, cell), triangle in packed.items():
        nothing_yet = np.zeros((len(LEVER_CELLS), ANSWERED, ANSWERED), np.int64)
        found.setdefault(quarter, nothing_yet)[cell] = square(triangle)
    return found


def population_moments(rejected: Iterable[tuple[date, Facts, int]]) -> dict[date, Triangle]:
    """X'X of invited REJECTED candidates by month, packed (231), from (week, facts, how many)."""
    by_month: dict[date, list[tuple[Facts, int]]] = {}
    for week, facts, count in rejected:
        by_month.setdefault(month_of(week), []).append((facts, count))
    packed = {}
    for month, rows in by_month.items():
        design = _design([facts for facts, _ in rows])
        counts = np.array([count for _, count in rows], np.int64)
        packed[month] = pack(design.T @ (design * counts[:, None]))
    return packed


def pack(moments: Whole) -> Triangle:
    """The triangle of MOMENTS as plain integers."""
    return tuple(pack_triangle(moments).tolist())


def nothing(size: int) -> Triangle:
    """The triangle of no candidates."""
    return (0,) * (size * (size + 1) // 2)


def square(triangle: Triangle | Whole) -> Whole:
    """TRIANGLE as symmetric moments."""
    return unpack_triangle(triangle)
