"""An employer's own records: how candidates wait, what was promised, who was asked.

A census: no sampling error but for the curve, and no floor. Nothing of an answer is in here.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import sqlalchemy as sa

from portal.extensions import db
from portal.invitations import INVITE
from portal.models import (
    Application,
    Email,
    EmailState,
    Employer,
    Invitation,
    InvitationState,
    Outcome,
    SkipReason,
)
from portal.reputation.asked import RETURNED
from portal.reputation.behind import (
    LATE_AFTER,
    REASONS,
    TOLD_WITHIN,
    HabitGroup,
    count_people,
    owed,
)
from portal.scorecard import Coverage, Curve, DecisionTime, Feedback, Flag, Habits, Month, Promises
from portal.statistics import flags, survival

OFFERS = (Outcome.HIRED, Outcome.OFFER_DECLINED)
ASKED_BY = timedelta(days=30)  # by then everybody has been asked who will be
# Reasons an employer has in its hand; the others are nobody's choice.
NOT_ASKED_BY_EMPLOYER = (
    SkipReason.NO_EMAIL,
    SkipReason.DO_NOT_EMAIL,
    SkipReason.NO_SENDER,
    SkipReason.EMPLOYER_OFF,
)


def describe_habits(employer: Employer, today: date) -> Habits:
    """Habits as the pages show them, as of TODAY; who withdrew was owed nothing."""
    told = db.session.execute(
        sa.select(Application.decided_on, Application.told_on, sa.func.count())
        .where(*owed(employer))
        .group_by(Application.decided_on, Application.told_on)
    )
    rows = [(day, told_on, count) for day, told_on, count in told if day]
    counts = count_people(employer, today)
    return replace(
        describe_waiting(rows, today),
        told={days: counts[group] for days, group in TOLD_WITHIN.items()},
        channels=_channels(employer),
        decision=_decision(employer),
        promises=_promises(counts),
        feedback=Feedback(**{kind: counts[group] for group, kind in REASONS.items()}),
        flags=_picking(employer, today),
    )


def describe_waiting(told: Iterable[tuple[date, date | None, int]], today: date) -> Habits:
    """How candidates wait, from (decision day, told day or None, candidates) rows."""
    rows = list(told)
    days = sorted({decided for decided, _, _ in rows if decided <= today})
    place = {day: index for index, day in enumerate(days)}
    horizon = survival.HORIZON_DAYS
    told_by_day = np.zeros((len(days), horizon + 1), np.int64)
    decided_count = np.zeros(len(days), np.int64)
    for decided, told_on, count in rows:
        if decided not in place:
            continue
        decided_count[place[decided]] += count
        if told_on is not None and (wait := max(0, (told_on - decided).days)) <= horizon:
            told_by_day[place[decided], wait] += count
    ages = [(today - day).days for day in days]
    curve = survival.kaplan_meier(told_by_day, decided_count, ages)
    by_day = [curve.told_by(day) for day in range(horizon + 1)]
    return Habits(
        decided=int(decided_count.sum()),
        told_by={limit: by_day[limit] for limit in TOLD_WITHIN},
        median_days=curve.median_days,
        curve=Curve(
            told=tuple(round(1 - value, 4) for value in curve.not_told),
            low=tuple(round(one.low, 4) for one in by_day),
            high=tuple(round(one.high, 4) for one in by_day),
            followed_days=curve.followed_days,
            all_told=curve.all_told,
        ),
        ghost={
            limit: survival.ghost_rate(told_by_day, decided_count, ages, limit)
            for limit in LATE_AFTER
        },
        channels={},
        as_of=today,
    )


def _channels(employer: Employer) -> dict[str, int]:
    channel = Application.channel
    counted = sa.select(channel, sa.func.count()).where(*owed(employer)).group_by(channel)
    rows = db.session.execute(counted)
    return {(channel.value if channel else "none"): n for channel, n in rows}


def _decision(employer: Employer) -> DecisionTime:
    """Days from the last interview to the decision."""
    rows = db.session.execute(
        sa.select(Application.last_interview_on, Application.decided_on, sa.func.count())
        .where(*owed(employer), Application.last_interview_on <= Application.decided_on)
        .group_by(Application.last_interview_on, Application.decided_on)
    ).all()
    waits = [((decided - last).days, n) for last, decided, n in rows if last and decided]
    histogram = np.zeros(max((days for days, _ in waits), default=0) + 1, np.int64)
    for days, count in waits:
        histogram[days] += count
    return DecisionTime(
        n=int(histogram.sum()),
        median_days=survival.quantile_days(histogram, 0.5),
        p90_days=survival.quantile_days(histogram, 0.9),
    )


def _promises(counts: Mapping[HabitGroup, int]) -> Promises:
    kept, broken = counts[HabitGroup.PROMISE_KEPT], counts[HabitGroup.PROMISE_BROKEN]
    return Promises(
        made=kept + broken,
        kept=kept,
        broken=broken,
        not_made=counts[HabitGroup.NO_PROMISE],
        kept_share=survival.wilson_interval(kept, kept + broken),
    )


def _picking(employer: Employer, today: date) -> tuple[Flag, ...]:
    """Whether some decided candidates are asked clearly less often than others."""
    is_invited = Invitation.state == InvitationState.INVITED
    for group in (Application.outcome.in_(OFFERS), Application.told_on.is_not(None)):
        decided, invited = [0, 0], [0, 0]
        rows = db.session.execute(
            sa.select(group, is_invited, sa.func.count())
            .join(Invitation, Invitation.application_id == Application.id)
            .where(
                *owed(employer),
                Application.decided_on <= today - ASKED_BY,
                sa.or_(is_invited, Invitation.skip_reason.in_(NOT_ASKED_BY_EMPLOYER)),
            )
            .group_by(group, is_invited)
        )
        for in_group, was_invited, count in rows:
            decided[not in_group] += count
            invited[not in_group] += count * bool(was_invited)
        if flags.picks_candidates((invited[0], invited[1]), (decided[0], decided[1])):
            return (Flag("cherry_picking"),)
    return ()


def describe_months(employer: Employer, today: date) -> tuple[Month, Month]:
    """The month of TODAY and the one before it, by the records of this moment."""
    this = today.replace(day=1)
    before = (this - timedelta(days=1)).replace(day=1)
    is_this = Application.decided_on >= this
    counted = db.session.execute(
        sa.select(is_this, sa.func.count(), sa.func.count(Application.told_on))
        .where(*owed(employer), Application.decided_on.between(before, today))
        .group_by(is_this)
    )
    found = {bool(recent): (decided, told) for recent, decided, told in counted}
    return Month(this, *found.get(True, (0, 0))), Month(before, *found.get(False, (0, 0)))


def describe_coverage(employer: Employer, answered: int) -> Coverage:
    """From decision to ANSWERED, which are released; who has no decision is among those invited."""
    is_decided = Application.outcome.is_not(None)
    has_nothing_to_hear = sa.and_(
        Application.outcome == Outcome.WITHDRAWN, Application.told_on.is_(None)
    )
    decided, told, withdrew = db.session.execute(
        sa.select(
            sa.func.count(),
            sa.func.count(Application.told_on),
            sa.func.count().filter(has_nothing_to_hear),
        ).where(Application.employer_id == employer.id, is_decided)
    ).one()
    states = db.session.execute(
        sa.select(is_decided, Invitation.state, Invitation.skip_reason, sa.func.count())
        .join(Application, Application.id == Invitation.application_id)
        .where(Invitation.employer_id == employer.id)
        .group_by(is_decided, Invitation.state, Invitation.skip_reason)
    ).all()
    of_decided = [(state, reason, n) for was_decided, state, reason, n in states if was_decided]
    invited = sum(n for _, state, _, n in states if state is InvitationState.INVITED)
    asked = sum(n for state, _, n in of_decided if state is InvitationState.INVITED)
    waiting = (InvitationState.PLANNED, InvitationState.QUEUED)
    return Coverage(
        decided=decided,
        told=told,
        withdrew=withdrew,
        invited=invited,
        undecided_invited=invited - asked,
        waiting=sum(n for state, _, n in of_decided if state in waiting),
        delivered=_delivered(employer),
        answered=answered,
        skipped={reason.value: n for _, reason, n in of_decided if reason},
    )


def _delivered(employer: Employer) -> int:
    """Invitations that arrived, as far as anybody has said."""
    delivered = sa.select(sa.func.count(Email.id)).where(
        Email.employer_id == employer.id,
        Email.kind == INVITE,
        # One that was stopped by an answer when it was to be sent anew had arrived.
        sa.or_(Email.state == EmailState.SENT, Email.reason == "answered"),
        Email.delivery.is_(None) | Email.delivery.not_in(RETURNED),
    )
    return db.session.scalar(delivered) or 0
