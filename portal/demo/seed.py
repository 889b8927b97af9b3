"""The fixed-seed sample. History is written as it was; the last days go through the domain."""

import random
from datetime import date, datetime, timedelta

from portal import accounts, hiring, jobs, reputation
from portal.demo.history import EmployerProfile, History, noon
from portal.demo.people import BUILDING, CARE, FIRST, LAST, LOGISTICS, OPTICS
from portal.extensions import db
from portal.models import Channel, Employer, Outcome, Role, StageGroup

SEED = 20_261_123
WAITING = 4  # one fewer than the floor: the visitor's own answer makes the batch
SHOWN_AT_START = "heardback-demo"  # opens all of them, on this computer only
SIGN_INS = (
    ("recruiter@northwind.example", "recruiter of Northwind Optics"),
    ("owner@northwind.example", "owner of Northwind Optics"),
    ("viewer@halden.example", "viewer of Halden Logistics"),
    ("viewer@brightwater.example", "viewer of Brightwater Care"),
    ("viewer@elmgate.example", "viewer of Elmgate Builders, new here"),
    ("operator@heardback.example", "operator of the site"),
)
PROFILES = (
    EmployerProfile(
        "northwind", "Northwind Optics", "Instruments", "Europe/London", OPTICS,
        decided_a_month=26, ghosted=0.08, usual_days=4, phone=0.5, feedback=0.5, denied=0.03,
        quality=0.3,
    ),
    EmployerProfile(
        "halden", "Halden Logistics", "Transport", "America/Toronto", LOGISTICS,
        decided_a_month=34, ghosted=0.3, usual_days=11, phone=0.15, feedback=0.2, denied=0.03,
        quality=0.0,
    ),
    EmployerProfile(
        "brightwater", "Brightwater Care", "Services", "Europe/Paris", CARE,
        decided_a_month=22, ghosted=0.5, usual_days=16, phone=0.1, feedback=0.1, denied=0.25,
        quality=0.1,
    ),
    EmployerProfile(
        "elmgate", "Elmgate Builders", "Construction", "Europe/Dublin", BUILDING,
        decided_a_month=13, ghosted=0.15, usual_days=6, phone=0.3, feedback=0.3, denied=0.03,
        quality=0.2, months=2,
    ),
)  # fmt: skip


def seed(now: datetime) -> None:
    """Fill an empty, migrated database with the sample; the same each time but for the dates."""
    chance = random.Random(SEED)  # noqa: S311 (a sample, not a secret)
    employers = [add_employer(profile, chance, now) for profile in PROFILES]
    _add_waiting(employers[0], chance, now)
    _add_people(employers)
    for employer in employers:
        reputation.refresh_habits(employer, now)


def add_employer(profile: EmployerProfile, chance: random.Random, now: datetime) -> Employer:
    """An employer with what happened there, month by month."""
    months = _months(now.date(), profile.months)
    employer = Employer(
        slug=profile.slug,
        name=profile.name,
        industry=profile.industry,
        timezone=profile.timezone,
        postal_address="1 Example Street, Sampletown",
        reply_to=f"people@{profile.slug}.example",
        survey_delay_days=0,
        send_window="always",
        is_published=True,
        approved_at=noon(months[0][0]),
    )
    db.session.add(employer)
    db.session.flush()
    history = History(employer, profile, chance, now.date())
    for first, last in months:
        history.add_month(first, last)
        released_at = noon(last + timedelta(days=1))
        reputation.refresh_habits(employer, released_at)
        reputation.release_batch(employer, released_at, jobs.load_analyzer())
    if profile is PROFILES[0]:
        day = now.date() - timedelta(days=9)
        history.add_answers(WAITING, day - timedelta(days=2), day)
    return employer


def _months(today: date, count: int) -> list[tuple[date, date]]:
    """First and last day of COUNT months, the last ending a week ago."""
    spans, end = [], today - timedelta(days=7)
    for _ in range(count):
        start = end - timedelta(days=29)
        spans.append((start, end))
        end = start - timedelta(days=1)
    return spans[::-1]


def _add_waiting(employer: Employer, chance: random.Random, now: datetime) -> None:
    """People still waiting to hear, and some whose survey leaves at once."""
    for number in range(14):
        role, family, department = OPTICS[number % len(OPTICS)]
        first, last = chance.choice(FIRST), chance.choice(LAST)
        address = f"{first}.{last}.now{number}@mail.example".lower()
        application = hiring.add_application(
            employer,
            hiring.NewApplication(
                name=f"{first} {last}",
                email=address.encode("ascii", "ignore").decode(),
                role=role,
                role_family=family,
                department=department,
                stage="Interview",
                stage_group=StageGroup.INTERVIEW,
                last_interview_on=now.date() - timedelta(days=6 + number % 5),
            ),
            now,
        )
        if number < 5:
            continue  # open: to be decided by hand
        decided_at = now - timedelta(days=number - 3)
        decision = hiring.record_decision(application, Outcome.REJECTED, decided_at, now)
        if number >= 9:
            told_at = now - timedelta(days=1)
            hiring.record_told(application, decision, Channel.PHONE, told_at, now)


def _add_people(employers: list[Employer]) -> None:
    northwind, *others = employers
    places = (
        (northwind, Role.RECRUITER),
        (northwind, Role.OWNER),
        *((employer, Role.VIEWER) for employer in others),
    )
    for (address, _), (employer, role) in zip(SIGN_INS, places, strict=False):
        accounts.add_membership(accounts.create_user(address, SHOWN_AT_START), employer, role)
    accounts.create_user(SIGN_INS[-1][0], SHOWN_AT_START, is_operator=True)
