"""How long the closure desk takes for an employer with many applications.

    python -m tests.benchmarks.desk --rows 200000 [--url postgresql+psycopg://…]

Each tab, search and filter against a count of all applications of the employer in the same run.
"""

import argparse
import time
from collections.abc import Callable
from datetime import date, timedelta
from tempfile import TemporaryDirectory

import sqlalchemy as sa
from flask_migrate import upgrade

from portal import hiring
from portal.extensions import db
from portal.hiring import Filter, Tab
from portal.models import Application, Candidate, Employer, Outcome, Requisition, utcnow
from tests.conftest import make_app
from tests.support.statements import noting_statements

ROLES, TRIES = 200, 5
TODAY = date.today()


def fill(rows: int) -> Employer:
    """ROWS applications: half of them told, the others waiting in every way."""
    employer = Employer(slug="bench", name="Bench", approved_at=utcnow())
    db.session.add(employer)
    db.session.flush()
    of = {"employer_id": employer.id}
    roles = [
        of | {"id": n, "title": f"Role {n}", "department": f"D{n % 20}"} for n in range(1, ROLES)
    ]
    db.session.execute(sa.insert(Requisition), roles)
    people = [
        of
        | {"id": n, "name": f"Person {n}", "email": f"p{n}@mail.test", "mailbox": f"p{n}@mail.test"}
        for n in range(1, rows + 1)
    ]
    for first in range(0, rows, 10_000):
        some = people[first : first + 10_000]
        db.session.execute(sa.insert(Candidate), some)
        db.session.execute(sa.insert(Application), [of | application(one["id"]) for one in some])
    db.session.commit()
    db.session.execute(sa.text("ANALYZE"))
    db.session.commit()
    return employer


def application(number: int) -> dict:
    day = TODAY - timedelta(days=number % 700)
    facts = {
        "candidate_id": number,
        "requisition_id": number % (ROLES - 1) + 1,
        "stage_entered_on": day,
        "outcome": None,
        "decided_on": None,
        "told_on": None,
        "channel": None,
        "is_waiting": True,
        "owed_on": None,
        "owed_under": None,
        "news_leaves_at": None,
    }
    if number % 4 == 3:
        return facts
    facts |= {"outcome": Outcome.REJECTED, "decided_on": day}
    if number % 4 == 2:
        owed = {"owed_on": day + timedelta(days=7), "owed_under": "own"}
        return facts | owed | ({"news_leaves_at": utcnow()} if number % 40 == 2 else {})
    return facts | {"told_on": day, "channel": "email", "is_waiting": False}


def spent(step: Callable[[], object]) -> float:
    """The shortest time that STEP takes, in milliseconds."""
    shortest = float("inf")
    for _ in range(TRIES):
        db.session.rollback()
        db.session.expire_all()
        begun = time.perf_counter()
        step()
        shortest = min(shortest, (time.perf_counter() - begun) * 1000)
    return shortest


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--url")
    asked = parser.parse_args()
    with TemporaryDirectory() as folder:
        app = make_app(asked.url or f"sqlite:///{folder}/bench.sqlite")
        with app.app_context():
            upgrade()
            employer = fill(asked.rows)
            everybody = sa.select(sa.func.count()).where(Application.employer_id == employer.id)
            plain = spent(lambda: db.session.scalar(everybody))
            print(f"{asked.rows:,} applications; counting them {plain:.1f} ms")
            views = {str(tab): Filter(TODAY, tab) for tab in Tab}
            views |= {
                "search": Filter(TODAY, Tab.ALL, "person 1234"),
                "role": Filter(TODAY, Tab.ALL, role_id=7),
                "department": Filter(TODAY, Tab.ALL, department="D7"),
            }
            for name, wanted in views.items():
                took = spent(lambda wanted=wanted: hiring.open_desk(employer, wanted))
                with noting_statements() as seen:
                    hiring.open_desk(employer, wanted)
                print(
                    f"{name:12} {took:7.1f} ms, {took / plain:5.1f} times, {len(seen)} statements"
                )


if __name__ == "__main__":
    main()
