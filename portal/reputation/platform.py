"""Every night, over all employers: what a new one may be expected to be, and the lever model."""

from collections import Counter
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from portal.extensions import db
from portal.models import Employer, PlatformFit
from portal.reputation import asked, figures, levers
from portal.reputation.batches import live_batches, open_batches
from portal.reputation.scorecards import latest_fit, refresh_habits
from portal.seals import SealBroken
from portal.statistics import score
from portal.statistics.lever_model import fit_model
from portal.statistics.levers import estimate_levers
from portal.statistics.moments import EmployerMoments

PRIOR_LOOKS_BACK = timedelta(days=365)
KEEP_FITS = timedelta(days=30)


def refresh_platform(now: datetime) -> int:
    """The records of one more employer, for tonight's fit.

    Returns 1, or 0 when there are no more: call again, committing between. A worker that dies
    leaves its progress to the next one.
    """
    fit = _tonights(now)
    employer = db.session.scalar(
        sa.select(Employer)
        .where(Employer.id > (fit.done_up_to or 0))
        .order_by(Employer.id)
        .limit(1)
    )
    if employer is None or fit.fitted_at:
        return 0
    refresh_habits(employer, now, in_full=True)
    fit.done_up_to = employer.id
    db.session.flush()
    return 1


def _tonights(now: datetime) -> PlatformFit:
    fit = db.session.scalar(sa.select(PlatformFit).where(PlatformFit.day == now.date()))
    if fit is None:
        fit = PlatformFit(day=now.date())
        db.session.add(fit)
    return fit


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


def plan_fit(now: datetime) -> PlatformFit | None:
    """Tonight's fit over all employers, for keep_fit(); None if it has been made. Only reads."""
    query = sa.select(PlatformFit.fitted_at).where(PlatformFit.day == now.date())
    if db.session.scalar(query):
        return None
    moments, prior = _read_employers(now)
    answers = [int(one.answered[0, 0]) for one in moments]
    fit = PlatformFit(
        day=now.date(),
        prior=asdict(prior),
        employers=sum(count > 0 for count in answers),
        answers=levers.count_in_steps(sum(answers)),
    )
    model = fit_model(moments)
    levers.seal_fit(fit, model, estimate_levers(model, moments)[1].levers)
    return fit


def keep_fit(planned: PlatformFit, now: datetime) -> None:
    """Let pages use what was PLANNED, from now on; forget fits of long ago."""
    fit = _tonights(now)
    fit.prior, fit.sealed = planned.prior, planned.sealed
    fit.employers, fit.answers, fit.fitted_at = planned.employers, planned.answers, now
    db.session.execute(
        sa.delete(PlatformFit)
        .where(PlatformFit.day < fit.day - KEEP_FITS)
        .execution_options(synchronize_session=False)
    )


def _read_employers(now: datetime) -> tuple[list[EmployerMoments], score.Prior]:
    """Moments of every employer with anybody rejected, and the prior of the last year's stars.

    One employer after the other; who has a release that no key opens is left out.
    """
    since = now.date() - PRIOR_LOOKS_BACK
    moments: list[EmployerMoments] = []
    raw: list[NDArray[np.int64]] = []
    weighted: list[tuple[float, ...]] = []
    for employer in db.session.scalars(sa.select(Employer).order_by(Employer.id)).all():
        try:
            released = open_batches(live_batches(employer, with_sums=True))
        except SealBroken:
            continue
        invited, months = asked.read_invited(employer), asked.read_months(employer)
        own = levers.moments_of((one.sums for one in released), months, sum(invited.values()))
        if own.answered.any() or months:
            moments.append(own)
        recent = figures.weighing_of_releases(
            [one for one in released if one.released_on > since],
            Counter({key: count for key, count in invited.items() if key[0] >= since}),
            now.date(),
        )
        stars = recent.table("overall", figures.STARS)
        raw.append(stars.sum((0, 1)))
        weighted.append(recent.weigh(stars, fades=False).counts)
    found = score.fit_prior(np.array(raw, np.int64).reshape(-1, 5), weighted)
    return moments, _rounded(found)


def _rounded(prior: score.Prior) -> score.Prior:
    """PRIOR as it is stored and used: at full precision it would tell single answers."""
    shares = tuple(round(share, 3) for share in prior.shares)
    return replace(prior, stars=round(prior.stars, 2), weight=round(prior.weight, 1), shares=shares)
