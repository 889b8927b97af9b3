"""Every night, over all employers: what a new one may be expected to be, and the lever model."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta

import numpy as np
import sqlalchemy as sa

from portal.extensions import db
from portal.models import Employer, PlatformFit, RollupMonth, RollupWeek
from portal.reputation import figures, rollups
from portal.reputation.levers import moments_of, plain_lever
from portal.reputation.scorecards import latest_fit, refresh_habits
from portal.statistics import score
from portal.statistics.lever_model import fit_model
from portal.statistics.levers import estimate_levers
from portal.statistics.moments import EmployerMoments

PRIOR_LOOKS_BACK = timedelta(days=365)
KEEP_FITS = timedelta(days=30)


def refresh_platform(now: datetime) -> int:
    """One step of tonight's fit: the records of one more employer, or at last the fit itself.

    Returns 1, or 0 when tonight's is done: call again, committing between. A worker that dies
    leaves its progress to the next one.
    """
    fit = db.session.scalar(sa.select(PlatformFit).where(PlatformFit.day == now.date()))
    if fit is None:
        fit = PlatformFit(day=now.date())
        db.session.add(fit)
    if fit.fitted_at:
        return 0
    employer = db.session.scalar(
        sa.select(Employer)
        .where(Employer.id > (fit.done_up_to or 0))
        .order_by(Employer.id)
        .limit(1)
    )
    if employer:
        refresh_habits(employer, now, in_full=True)
        fit.done_up_to = employer.id
    else:
        _fit(fit, now)
    db.session.flush()
    return 1


@dataclass(frozen=True)
class FitCondition:
    """The day of the last whole fit; of one under way, how many of how many employers are done."""

    last: date | None
    done: int | None
    of: int | None


def fit_condition() -> FitCondition:
    """How far the nightly fit is."""
    last = latest_fit()
    under_way = db.session.scalar(
        sa.select(PlatformFit)
        .where(PlatformFit.fitted_at.is_(None))
        .order_by(PlatformFit.day.desc())
        .limit(1)
    )
    day = last.day if last else None
    if under_way is None or (day and day > under_way.day):
        return FitCondition(day, None, None)
    counts = [
        db.session.scalar(sa.select(sa.func.count(Employer.id)).where(clause)) or 0
        for clause in (Employer.id <= under_way.done_up_to, sa.true())
    ]
    return FitCondition(day, *counts)


def _fit(fit: PlatformFit, now: datetime) -> None:
    moments = list(_all_moments())
    answered = [one for one in moments if one.answered[0, 0]]
    model = fit_model(moments)
    fit.prior = asdict(_fit_prior(now.date()))
    fit.model = model.as_plain()
    fit.levers = [plain_lever(lever) for lever in estimate_levers(model, moments)[1]]
    fit.employers = len(answered)
    fit.answers = sum(int(one.answered[0, 0]) for one in answered)
    fit.fitted_at = now
    db.session.execute(
        sa.delete(PlatformFit)
        .where(PlatformFit.day < fit.day - KEEP_FITS)
        .execution_options(synchronize_session=False)
    )


def _all_moments() -> Iterator[EmployerMoments]:
    """Of every employer with anybody rejected, one after the other."""
    totals = sa.select(RollupWeek.employer_id, sa.func.sum(RollupWeek.invited))
    invited = dict(db.session.execute(totals.group_by(RollupWeek.employer_id)).all())
    months: list[RollupMonth] = []
    for row in db.session.scalars(
        sa.select(RollupMonth)
        .order_by(RollupMonth.employer_id, RollupMonth.month)
        .execution_options(yield_per=500)
    ):
        if months and months[0].employer_id != row.employer_id:
            yield moments_of(months, int(invited.get(months[0].employer_id, 0)))
            months = []
        months.append(row)
    if months:
        yield moments_of(months, int(invited.get(months[0].employer_id, 0)))


def _fit_prior(today: date) -> score.Prior:
    """The prior of the score, from the weeks of the last year without discount."""
    by_employer: dict[int, tuple[rollups.Sums, dict[rollups.Key, int]]] = {}
    names = (*rollups.STAR_COLUMNS, "invited")
    for employer, week, cell, *values in db.session.execute(
        sa.select(
            RollupWeek.employer_id,
            RollupWeek.week,
            RollupWeek.cell,
            *(getattr(RollupWeek, name) for name in names),
        ).where(RollupWeek.week >= today - PRIOR_LOOKS_BACK)
    ):
        sums, invited = by_employer.setdefault(employer, ({}, {}))
        sums[week, cell] = dict(zip(names[:-1], values[:-1], strict=True))
        invited[week, cell] = values[-1]
    raw, weighted = [], []
    for sums, invited in by_employer.values():
        one = figures.weighing(sums, invited, today)
        stars = one.table(rollups.STAR_COLUMNS)
        raw.append(stars.sum((0, 1)))
        weighted.append(one.weigh(stars, fades=False).counts)
    return score.fit_prior(np.array(raw, np.int64).reshape(-1, 5), weighted)
