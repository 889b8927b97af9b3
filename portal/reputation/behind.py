"""Who is behind each figure of habits, by name: an employer's own records, never an answer.

Each group is said once: the figures, counted now and then (`habits`), and these lists, read when
somebody looks, have the same people in them, who withdrew left out and who was erased left in, as
long as nothing has changed in between. `count_groups` says what the figures have, so that a page
can tell.
"""

from datetime import date
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from portal import hiring
from portal.extensions import db
from portal.models import Application, Candidate, Channel, Employer, Feedback, Outcome
from portal.scorecard import Habits


class HabitGroup(StrEnum):
    """Decided candidates who fared alike; the values stand in addresses."""

    TOLD_3 = "told-within-3-days"
    TOLD_7 = "told-within-7-days"
    TOLD_14 = "told-within-14-days"
    TOLD_30 = "told-within-30-days"
    LATE_14 = "not-told-within-14-days"
    LATE_30 = "not-told-within-30-days"
    SPOKEN = "told-in-person"
    WRITTEN = "told-in-writing"
    PORTAL = "told-in-the-portal"
    NOT_TOLD = "not-told"
    PROMISE_KEPT = "promise-kept"
    PROMISE_BROKEN = "promise-broken"
    NO_PROMISE = "no-date-promised"
    SPECIFIC = "told-why-specifically"
    GENERAL = "told-why-in-general"
    NO_REASON = "told-no-reason"


TOLD_WITHIN = {
    3: HabitGroup.TOLD_3,
    7: HabitGroup.TOLD_7,
    14: HabitGroup.TOLD_14,
    30: HabitGroup.TOLD_30,
}
LATE_AFTER = {14: HabitGroup.LATE_14, 30: HabitGroup.LATE_30}
CHANNELS = {
    HabitGroup.SPOKEN: (Channel.PHONE, Channel.IN_PERSON),
    HabitGroup.WRITTEN: (Channel.EMAIL, Channel.LETTER),
    HabitGroup.PORTAL: (Channel.PORTAL,),
}
REASONS = {
    HabitGroup.SPECIFIC: Feedback.SPECIFIC,
    HabitGroup.GENERAL: Feedback.GENERAL,
    HabitGroup.NO_REASON: Feedback.NONE,
}


def owed(employer: Employer) -> tuple[sa.ColumnElement[bool], ...]:
    """Applications with a decision to tell: those who withdrew were owed nothing."""
    return (
        Application.employer_id == employer.id,
        Application.outcome != Outcome.WITHDRAWN,
        Application.decided_on.is_not(None),
    )


def count_people(employer: Employer, as_of: date) -> dict[HabitGroup, int]:
    """How many of EMPLOYER's candidates are in each group as of that day; one statement."""
    groups = _groups(as_of)
    counts = (sa.func.count().filter(clause) for clause in groups.values())
    found = db.session.execute(sa.select(*counts).where(*owed(employer))).one()
    return dict(zip(groups, found, strict=True))


def count_groups(habits: Habits) -> dict[HabitGroup, int]:
    """How many the figures have in each group; none of what an earlier version did not count."""
    counts = {TOLD_WITHIN[days]: n for days, n in habits.told.items()}
    counts |= {LATE_AFTER[days]: rate.not_told for days, rate in habits.ghost.items()}
    for group, channels in CHANNELS.items():
        counts[group] = sum(habits.channels.get(one, 0) for one in channels)
    counts[HabitGroup.NOT_TOLD] = habits.channels.get("none", 0)
    if promises := habits.promises:
        counts[HabitGroup.PROMISE_KEPT] = promises.kept
        counts[HabitGroup.PROMISE_BROKEN] = promises.broken
        counts[HabitGroup.NO_PROMISE] = promises.not_made
    if habits.feedback:
        counts |= {group: getattr(habits.feedback, one) for group, one in REASONS.items()}
    return counts


def list_group(employer: Employer, group: HabitGroup, as_of: date, number: int = 1) -> hiring.Page:
    """Page NUMBER of EMPLOYER's candidates in GROUP as of that day.

    Who can still be told comes first, longest waiting on top; then the latest decisions; who is
    erased comes last.
    """
    clauses = (*owed(employer), _groups(as_of)[group])
    return hiring.list_page(clauses, _helpable_first(), number)


def _groups(as_of: date) -> dict[HabitGroup, sa.ColumnElement[bool]]:
    """What makes a decided candidate one of each group; a promise whose day has not come, and
    nobody told, is neither kept nor broken."""
    decided, told = Application.decided_on, Application.told_on
    promised, is_untold = Application.promised_on, told.is_(None)
    reason = sa.func.coalesce(Application.feedback, Feedback.NONE)
    groups: dict[HabitGroup, sa.ColumnElement[bool]] = {
        HabitGroup.NOT_TOLD: is_untold,
        HabitGroup.PROMISE_KEPT: told <= promised,
        HabitGroup.PROMISE_BROKEN: sa.or_(told > promised, sa.and_(is_untold, promised < as_of)),
        HabitGroup.NO_PROMISE: promised.is_(None),
    }
    for days, group in TOLD_WITHIN.items():
        by = _days_after_decision(days)
        groups[group] = sa.and_(decided <= as_of, told <= as_of, told <= by)
    for days, group in LATE_AFTER.items():
        by = _days_after_decision(days)
        groups[group] = sa.and_(by <= as_of, sa.or_(is_untold, told > by))
    groups |= {group: Application.channel.in_(some) for group, some in CHANNELS.items()}
    return groups | {group: sa.and_(~is_untold, reason == one) for group, one in REASONS.items()}


def _days_after_decision(days: int) -> sa.ColumnElement[Any]:
    decided = Application.decided_on
    if db.engine.dialect.name == "sqlite":
        return sa.func.date(decided, f"+{days} days", type_=sa.Date)
    return sa.type_coerce(decided + days, sa.Date)


def _helpable_first() -> tuple[sa.ColumnElement[Any], ...]:
    is_blank = Application.candidate.has(Candidate.blanked_on.is_not(None))
    waits = Application.is_waiting
    return (
        sa.case((waits, 0), (is_blank, 2), else_=1),
        sa.case((waits, Application.decided_on)).asc(),
        Application.decided_on.desc(),
        Application.id.desc(),
    )
