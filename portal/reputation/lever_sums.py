"""From coarse facts to the exact moments behind the levers."""

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any, Protocol

import numpy as np

from portal.models import (
    ChannelFact,
    PromiseFact,
    Response,
    RoleFamily,
    StageGroup,
    ToldBucket,
)
from portal.statistics.counts import Whole
from portal.statistics.moments import (
    CHANNEL_CODES,
    COLUMNS,
    ROLE_FAMILY_CODES,
    STAGE_CODES,
    cross_moments,
    design_matrix,
    pack_triangle,
    unpack_triangle,
)

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
    """A response, or a row of invitations grouped by their facts."""

    stage_group: Any
    role_family: Any
    told_bucket: Any
    channel: Any
    promise_fact: Any
    was_given_feedback: Any


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


def answered_moments(rejected: Iterable[Response]) -> dict[date, Triangle]:
    """[X|y]'[X|y] of the answers of the REJECTED by month, as its packed triangle (253)."""
    by_month: dict[date, list[Response]] = {}
    for one in rejected:
        if one.week:
            by_month.setdefault(month_of(one.week), []).append(one)
    return {
        month: pack(cross_moments(np.column_stack([_design(ones), [one.overall for one in ones]])))
        for month, ones in by_month.items()
    }


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


def add(one: Triangle, other: Triangle, sign: int = 1) -> Triangle:
    """ONE plus SIGN times OTHER, exactly."""
    return tuple(a + sign * b for a, b in zip(one, other, strict=True))


def nothing(size: int) -> Triangle:
    """The triangle of no candidates."""
    return (0,) * (size * (size + 1) // 2)


def square(triangle: Triangle) -> Whole:
    """TRIANGLE as symmetric moments."""
    return unpack_triangle(triangle)
