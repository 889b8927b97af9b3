"""One row per employer: all that any page, export or feed shows of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np
import sqlalchemy as sa

from portal import closure
from portal.config import settings
from portal.extensions import db
from portal.models import AuditEvent, Email, Employer, PlatformFit, Scorecard, Words
from portal.reputation import asked, figures, habits, levers, others, periods
from portal.reputation.batches import Pool, is_pure, live_batches, open_batches, pools_of
from portal.reputation.parts import BREAKDOWNS
from portal.reputation.sums import Sums
from portal.scorecard import (
    Coverage,
    Flag,
    Habits,
    Release,
    Reputation,
    read_coverage,
    read_habits,
    read_rating,
    read_reputation,
    to_plain,
)
from portal.statistics import score

PAGE_SIZE = 25
DENIED = "log_denied"
# What was under way when the records were counted may bear an earlier time than the count.
COMMITTED_LATE = timedelta(minutes=10)


def latest_fit() -> PlatformFit | None:
    """The newest fit of the platform that is whole."""
    return db.session.scalar(
        sa.select(PlatformFit)
        .where(PlatformFit.fitted_at.is_not(None))
        .order_by(PlatformFit.day.desc())
        .limit(1)
    )


def prior_of(fit: PlatformFit | None) -> score.Prior:
    """What is believed of an employer nobody has rated."""
    if fit is None:
        return score.DEFAULT_PRIOR
    return score.Prior(**fit.prior | {"shares": tuple(fit.prior["shares"])})


def _card(employer: Employer) -> Scorecard:
    card = db.session.get(Scorecard, employer.id)
    if card is None:
        card = Scorecard(employer_id=employer.id, answers=0, reputation={}, habits={}, coverage={})
        db.session.add(card)
    return card


def refresh_scorecard(employer: Employer, now: datetime) -> Scorecard:
    """Recompute what comes from answers. Only a release or a withdrawal may call this.

    Adds up the sums of the standing batches: the cost does not grow with their answers. Raises
    SealBroken.
    """
    card = _card(employer)
    if card.as_of is None:
        refresh_habits(employer, now)
    card.answers, found = _describe(employer, closure.local_day(employer, now))
    card.stars = found.score.stars if found else None
    card.reputation = to_plain(found) if found else {}
    card.coverage = card.coverage | {"answered": card.answers}
    _flag(card, found)
    db.session.flush()
    return card


def _describe(employer: Employer, today: date) -> tuple[int, Reputation | None]:
    """How many answers are released, and all that they say; None below the floor."""
    fit = latest_fit()
    prior = prior_of(fit)
    invited = asked.read_invited(employer)
    batches = live_batches(employer, with_sums=True)
    released = open_batches(batches)
    one = figures.weighing_of_releases(released, invited, today)
    answers, posterior = figures.rate(one, prior)
    label = score.display_rule(answers, posterior, settings().MIN_ANSWERS)
    if label == "not_enough":
        return answers, None
    own = levers.moments_of(one.releases, asked.read_months(employer), sum(invited.values()))
    pools = pools_of(batches)
    sums = {batch.number: one.sums for batch, one in zip(batches, released, strict=True)}
    compared, fitted_on = levers.describe_levers(own, fit)
    return answers, Reputation(
        answers=answers,
        score=figures.as_shown(posterior),
        nps=figures.nps_of(one),
        resentment=one.share("relationship", figures.RESENTFUL),
        chased=one.share("chased", figures.CHASERS),
        histogram=_histogram(pools, sums),
        prior=prior.source,
        as_of=today,
        label=label,
        what_if=figures.what_if(one, answers, posterior),
        dimensions={name: figures.group_by(released, name, prior) for name in BREAKDOWNS},
        periods=periods.describe_periods(released, today, prior),
        heard_how={way: one.share("heard_how", (way,)) for way in figures.HEARD},
        no_reason=one.share("feedback", figures.NO_REASON),
        agreement=figures.agreement_of(released),
        wave=figures.wave_of(released),
        change=figures.change_since(released, today - figures.RECENT),
        newest=figures.newest_of(released),
        published=_count_published(employer),
        kept_out=_count_kept_out(pools, sums),
        held_back=batches[-1].held_back,
        levers=compared,
        lever_answers=levers.count_in_steps(int(own.answered[0, 0])),
        levers_fitted_on=fitted_on,
    )


def _histogram(pools: Sequence[Pool], sums: Mapping[int, Sums]) -> tuple[int, ...] | None:
    """Star counts of what has left in files; None below the floor of those."""
    stars = [sums[one.number].stars for pool in pools for one in pool.batches if is_pure(one)]
    counts: list[int] = np.array(stars, np.int64).reshape(-1, 5).sum(0).tolist()
    return tuple(counts) if sum(counts) >= settings().MIN_COMMENTS else None


def _count_kept_out(pools: Sequence[Pool], sums: Mapping[int, Sums]) -> int:
    """Readable words in rare languages that stay out, of the pools in which they reach the floor.

    Else two cards would tell how few the newest pool has.
    """
    counts = [sums[pool.number].kept_out for pool in pools if pool.number in sums]
    return sum(count for count in counts if count >= settings().MIN_ANSWERS)


def _count_published(employer: Employer) -> int:
    """Comments on EMPLOYER's public page."""
    published = sa.select(sa.func.count(Words.id)).where(
        Words.employer_id == employer.id, Words.pool.is_not(None), Words.may_publish.is_(True)
    )
    return db.session.scalar(published) or 0


def refresh_habits(employer: Employer, now: datetime, *, in_full: bool = False) -> None:
    """Recompute what comes from the employer's own records: habits, coverage, who was invited.

    Invitations of weeks in which nothing changes any more are left out, unless IN_FULL.
    """
    card = _card(employer)
    today = closure.local_day(employer, now)
    since = None
    if card.as_of and not in_full:
        since = closure.local_day(employer, card.as_of) - asked.INVITED_CHANGES_WITHIN
    asked.refresh_invited(employer, since)
    card.habits = to_plain(habits.describe_habits(employer, today))
    _flag(card, read_reputation(card.reputation))
    # Released answers only: the live number would tell who has just answered.
    card.coverage = to_plain(habits.describe_coverage(employer, card.answers))
    card.as_of = now
    db.session.flush()


def list_stale(now: datetime) -> list[int]:
    """Ids of the employers whose habits are to be counted anew; one statement.

    Those where a day has begun, somebody has done something or mail has left since the last time.
    What shows in neither, as an invitation skipped when it was due, follows with the day.
    """
    sent = (
        sa.select(Email.employer_id, sa.func.max(Email.sending_at).label("at"))
        .where(Email.sending_at > now - timedelta(days=2))  # who was counted earlier is stale
        .group_by(Email.employer_id)
        .subquery()
    )
    of_employer = AuditEvent.employer_id == Employer.id
    done = sa.select(sa.func.max(AuditEvent.at)).where(of_employer).scalar_subquery()
    rows = db.session.execute(
        sa.select(Employer, Scorecard.as_of, done, sent.c.at)
        .outerjoin(Scorecard, Scorecard.employer_id == Employer.id)
        .outerjoin(sent, sent.c.employer_id == Employer.id)
        .order_by(Employer.id)
    )
    return [
        employer.id
        for employer, as_of, *moments in rows
        if as_of is None
        or closure.local_day(employer, as_of) != closure.local_day(employer, now)
        or any(moment and moment > as_of - COMMITTED_LATE for moment in moments)
    ]


def _flag(card: Scorecard, found: Reputation | None) -> None:
    """Put beside the habits the reasons to look twice: of the records, and of what answers say."""
    own = read_habits(card.habits)
    if own is None:
        return
    flags = [flag for flag in own.flags if flag.name != DENIED]
    if found and found.records_are_denied:
        flags.append(Flag(DENIED))
    card.habits = to_plain(replace(own, flags=tuple(flags)))


def _shown(card: Scorecard | None) -> Reputation | None:
    """What CARD says of answers, if they are enough by today's floor, which may have risen."""
    is_enough = card and card.answers >= settings().MIN_ANSWERS
    return read_reputation(card.reputation) if card and is_enough else None


@dataclass(frozen=True)
class Dashboard:
    """What an employer's members see; every part may be empty, none is below the floor.

    `others`: how many employers that publish stand in each half star; empty where nobody asked.
    """

    employer: Employer
    reputation: Reputation | None
    habits: Habits | None
    coverage: Coverage | None
    trend: list[Release]
    as_of: datetime | None
    floor: int
    others: tuple[int, ...] = ()


def dashboard(employer: Employer, *, with_others: bool = False) -> Dashboard:
    """EMPLOYER's figures, read from its scorecard and batches only.

    WITH_OTHERS: in the same statement, the public scores of all who publish are counted.
    """
    card, counts = _read_card(employer, with_others=with_others)
    return Dashboard(
        employer=employer,
        reputation=_shown(card),
        habits=read_habits(card.habits) if card else None,
        coverage=read_coverage(card.coverage) if card and card.as_of else None,
        trend=[
            Release(
                **vars(read_rating(batch.trend)),
                number=batch.number,
                released_on=batch.released_on,
                answers=batch.answers,
            )
            for batch in live_batches(employer)
            if batch.answers >= settings().MIN_ANSWERS  # which may have been raised since
        ],
        as_of=card.as_of if card else None,
        floor=settings().MIN_ANSWERS,
        others=counts,
    )


def _read_card(
    employer: Employer, *, with_others: bool
) -> tuple[Scorecard | None, tuple[int, ...]]:
    if not with_others:
        return db.session.get(Scorecard, employer.id), ()
    counts = others.count_by_stars()
    found = (
        sa.select(Scorecard, counts)
        .join(counts, sa.true())
        .where(Scorecard.employer_id == employer.id)
    )
    row = db.session.execute(found).one_or_none()
    return (row[0], tuple(row[1:])) if row else (None, ())


def find_public(slug: str) -> tuple[Employer, Dashboard | None] | None:
    """The employer called SLUG and what it publishes: None for the second if it does not."""
    if "\0" in slug:
        return None
    employer = db.session.scalar(
        sa.select(Employer).where(Employer.slug == slug, Employer.approved_at.is_not(None))
    )
    if employer is None:
        return None
    return employer, dashboard(employer) if employer.is_published else None


@dataclass(frozen=True)
class Listing:
    """One employer in the directory; `reputation` is None below the floor."""

    employer: Employer
    reputation: Reputation | None


@dataclass(frozen=True)
class Directory:
    listings: list[Listing]
    number: int
    total: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE_SIZE))


def list_public(search: str = "", number: int = 1) -> Directory:
    """Page NUMBER of the employers that publish, best first by posterior mean, never by a limit."""
    clauses = list(others.IS_PUBLIC)
    if search := search.strip():
        clauses.append(Employer.name.icontains(search, autoescape=True))
    total = db.session.scalar(sa.select(sa.func.count(Employer.id)).where(*clauses)) or 0
    directory = Directory([], 1, total)
    number = min(max(1, number), directory.pages)
    rows = db.session.execute(
        sa.select(Employer, Scorecard)
        .outerjoin(Scorecard, Scorecard.employer_id == Employer.id)
        .where(*clauses)
        .order_by(Scorecard.stars.is_(None), Scorecard.stars.desc(), Employer.name, Employer.id)
        .limit(PAGE_SIZE)
        .offset((number - 1) * PAGE_SIZE)
    )
    listings = [Listing(employer, _shown(card)) for employer, card in rows]
    return Directory(listings, number, total)
