"""Who was asked: counts by decision week and month, and how many could still answer.

The employer's own records; nothing of an answer is in here but that there is one.
"""

from collections import Counter
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa

from portal.extensions import db
from portal.invitations import INVITE, LINK_LASTS
from portal.models import (
    COARSE_FACTS,
    Delivery,
    Email,
    Employer,
    Invitation,
    InvitationState,
    OutcomeFact,
    RollupMonth,
    RollupWeek,
)
from portal.reputation import lever_sums
from portal.reputation.lever_sums import NOBODY, Triangle

# Nobody is asked 60 days after the decision or later, and mail that failed comes back in days.
INVITED_CHANGES_WITHIN = timedelta(days=91)
RETURNED = (Delivery.BOUNCED_SOFT, Delivery.BLOCKED, Delivery.BOUNCED_HARD)

Key = tuple[date, int]  # decision week, cell
Invited = Counter[Key]
Moments = dict[date, Triangle]


def read_invited(employer: Employer) -> Invited:
    """How many of EMPLOYER's candidates were invited, by week and cell."""
    rows = db.session.execute(
        sa.select(RollupWeek.week, RollupWeek.cell, RollupWeek.invited).where(
            RollupWeek.employer_id == employer.id
        )
    )
    return Counter({(week, cell): invited for week, cell, invited in rows})


def read_months(employer: Employer) -> list[RollupMonth]:
    """EMPLOYER's moments of the invited, month by month."""
    return list(
        db.session.scalars(
            sa.select(RollupMonth)
            .where(RollupMonth.employer_id == employer.id)
            .order_by(RollupMonth.month)
        )
    )


def count_open_links(employer: Employer, since: date | None) -> int:
    """Invitations without an answer, not known undelivered, whose link lived at SINCE or later.

    SINCE: the day of the last release; None: there was none.
    """
    came_back = sa.exists().where(
        Email.kind == INVITE,
        Email.invitation_id == Invitation.id,
        Email.delivery.in_(RETURNED),
    )
    wanted = sa.select(sa.func.count(Invitation.id)).where(
        Invitation.employer_id == employer.id,
        Invitation.state == InvitationState.INVITED,
        Invitation.is_answered.is_(False),
        ~came_back,
    )
    if since:
        alive = datetime.combine(since, time(), employer.zone) - LINK_LASTS
        wanted = wanted.where(Invitation.last_mailed_at >= alive)
    return db.session.scalar(wanted) or 0


def count_invited(employer: Employer, since: date | None) -> tuple[Invited, Moments]:
    """Invited by week and cell, and moments of the rejected by month, from the invitations.

    Of weeks from SINCE, the first of a month's weeks; None: of all.
    """
    keys = [getattr(Invitation, name) for name in COARSE_FACTS if name != "department"]
    rows = db.session.execute(
        sa.select(*keys, sa.func.count().label("how_many"))
        .where(
            Invitation.employer_id == employer.id,
            Invitation.state == InvitationState.INVITED,
            Invitation.week >= since if since else Invitation.week.is_not(None),
        )
        .group_by(*keys)
    ).all()
    invited: Invited = Counter()
    for row in rows:
        invited[row.week, row.cell] += row.how_many
    # Each row has the fields of `Facts`, as frozen in the invitation.
    rejected: Any = ((row, row.how_many) for row in rows if row.outcome is OutcomeFact.REJECTED)
    return invited, lever_sums.population_moments(rejected)


def refresh_invited(employer: Employer, since: date | None) -> None:
    """Count anew who was invited, for the months of the weeks from SINCE; None: all."""
    first = lever_sums.first_week(since) if since else None
    invited, moments = count_invited(employer, first)
    weeks = sa.select(RollupWeek).where(RollupWeek.employer_id == employer.id)
    months = sa.select(RollupMonth).where(RollupMonth.employer_id == employer.id)
    if first:
        weeks = weeks.where(RollupWeek.week >= first)
        months = months.where(RollupMonth.month >= lever_sums.month_of(first))
    for week in db.session.scalars(weeks):
        week.invited = invited.pop((week.week, week.cell), 0)
    for month in db.session.scalars(months):
        month.population = moments.pop(month.month, NOBODY)
    db.session.add_all(
        RollupWeek(employer_id=employer.id, week=week, cell=cell, invited=count)
        for (week, cell), count in invited.items()
    )
    db.session.add_all(
        RollupMonth(employer_id=employer.id, month=month, population=population)
        for month, population in moments.items()
    )
    db.session.flush()


def compare(employer: Employer, today: date) -> list[str]:
    """Where the counts of EMPLOYER's invited are not what they should be, a line each.

    Only months in which nothing changes any more: the others follow the next job.
    """
    settled = lever_sums.first_week(today - INVITED_CHANGES_WITHIN)
    month = lever_sums.month_of(settled)
    invited, moments = count_invited(employer, None)
    held = read_invited(employer)
    held_moments = {row.month: row.population for row in read_months(employer)}
    return [
        f"invited of week {week}, cell {cell} is {held[week, cell]}, "
        f"should be {invited[week, cell]}"
        for week, cell in sorted(held.keys() | invited.keys())
        if week < settled and held[week, cell] != invited[week, cell]
    ] + [
        f"moments of invited in {day:%Y-%m} differ"
        for day in sorted(held_moments.keys() | moments.keys())
        if day < month and held_moments.get(day, NOBODY) != moments.get(day, NOBODY)
    ]
