"""One row per employer: all that any page, export or feed shows of it."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from portal import closure
from portal.config import settings
from portal.extensions import db
from portal.models import (
    Application,
    Batch,
    Delivery,
    Email,
    EmailKind,
    EmailState,
    Employer,
    Invitation,
    InvitationState,
    Outcome,
    Scorecard,
)
from portal.reputation import figures

PAGE_SIZE = 25
RETURNED = (Delivery.BOUNCED_SOFT, Delivery.BLOCKED, Delivery.BOUNCED_HARD)


def _card(employer: Employer) -> Scorecard:
    card = db.session.get(Scorecard, employer.id)
    if card is None:
        card = Scorecard(employer_id=employer.id, answers=0, reputation={}, habits={}, coverage={})
        db.session.add(card)
    return card


def refresh_scorecard(employer: Employer, now: datetime) -> Scorecard:
    """Recompute what comes from answers. Only a release or a withdrawal may call this."""
    card = _card(employer)
    today = closure.local_day(employer, now)
    described = figures.describe_answers(
        figures.read_rollups(employer), figures.count_invited(employer), today
    )
    card.answers = described["answers"]
    card.stars = described["score"]["stars"] if described["shown"] else None
    card.reputation = described | {"as_of": today.isoformat()} if described["shown"] else {}
    refresh_habits(employer, now)
    return card


def refresh_habits(employer: Employer, now: datetime) -> None:
    """Recompute what comes from the employer's own records: habits and coverage."""
    card = _card(employer)
    today = closure.local_day(employer, now)
    told = db.session.execute(
        sa.select(Application.decided_on, Application.told_on, sa.func.count())
        .where(
            Application.employer_id == employer.id,
            Application.outcome != Outcome.WITHDRAWN,
            Application.decided_on.is_not(None),
        )
        .group_by(Application.decided_on, Application.told_on)
    )
    rows = [(day, told_on, count) for day, told_on, count in told if day]
    card.habits = figures.describe_waiting(rows, today) | {
        "channels": _channels(employer),
        "as_of": today.isoformat(),
    }
    card.coverage = _coverage(employer, card.answers)
    card.as_of = now
    db.session.flush()


def _channels(employer: Employer) -> dict[str, int]:
    rows = db.session.execute(
        sa.select(Application.channel, sa.func.count())
        .where(
            Application.employer_id == employer.id,
            Application.outcome.is_not(None),
            Application.outcome != Outcome.WITHDRAWN,
        )
        .group_by(Application.channel)
    )
    return {(channel.value if channel else "none"): count for channel, count in rows}


def _coverage(employer: Employer, released: int) -> dict[str, Any]:
    """Decided, told, invited, delivered, answered; and why the rest was not asked."""
    mine = Application.employer_id == employer.id
    decided, told = db.session.execute(
        sa.select(sa.func.count(Application.outcome), sa.func.count(Application.told_on)).where(
            mine
        )
    ).one()
    states = db.session.execute(
        sa.select(Invitation.state, Invitation.skip_reason, sa.func.count())
        .where(Invitation.employer_id == employer.id)
        .group_by(Invitation.state, Invitation.skip_reason)
    ).all()
    delivered = db.session.scalar(
        sa.select(sa.func.count(Email.id)).where(
            Email.employer_id == employer.id,
            Email.kind == EmailKind.INVITE,
            Email.state == EmailState.SENT,
            Email.delivery.is_(None) | Email.delivery.not_in(RETURNED),
        )
    )
    waiting = (InvitationState.PLANNED, InvitationState.QUEUED)
    return {
        "decided": decided,
        "told": told,
        "invited": sum(n for state, _, n in states if state is InvitationState.INVITED),
        "waiting": sum(n for state, _, n in states if state in waiting),
        "delivered": delivered or 0,
        # Released answers only: the live number would tell who has just answered.
        "answered": released,
        "skipped": {reason.value: n for state, reason, n in states if reason},
    }


@dataclass(frozen=True)
class Trend:
    """One released batch as the trend line shows it."""

    number: int
    released_on: Any
    answers: int
    stars: float
    stars_low: float
    stars_high: float


@dataclass(frozen=True)
class Dashboard:
    """What an employer's members see; every part may be empty, none is below the floor."""

    employer: Employer
    reputation: dict[str, Any]
    habits: dict[str, Any]
    coverage: dict[str, Any]
    trend: list[Trend]
    as_of: datetime | None
    floor: int


def dashboard(employer: Employer) -> Dashboard:
    """EMPLOYER's figures, read from its scorecard and batches only."""
    card = db.session.get(Scorecard, employer.id)
    batches = db.session.scalars(
        sa.select(Batch)
        .where(Batch.employer_id == employer.id, Batch.withdrawn_on.is_(None))
        .order_by(Batch.number)
    )
    return Dashboard(
        employer=employer,
        reputation=card.reputation if card else {},
        habits=card.habits if card else {},
        coverage=card.coverage if card else {},
        trend=[
            Trend(batch.number, batch.released_on, batch.answers, **batch.trend)
            for batch in batches
        ],
        as_of=card.as_of if card else None,
        floor=settings().MIN_ANSWERS,
    )


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
    """One employer in the directory; `reputation` is empty below the floor."""

    employer: Employer
    reputation: dict[str, Any]
    habits: dict[str, Any]


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
    clauses = [Employer.is_published.is_(True), Employer.approved_at.is_not(None)]
    if search := search.strip():
        escaped = search.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
        clauses.append(Employer.name.ilike(f"%{escaped}%", escape="\\"))
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
    listings = [
        Listing(employer, card.reputation if card else {}, card.habits if card else {})
        for employer, card in rows
    ]
    return Directory(listings, number, total)
