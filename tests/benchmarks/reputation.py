"""What reading, releasing and fitting cost as answers grow. Run by hand, from the root:

    python -m tests.benchmarks.reputation [--sizes 10000,1000000] [--only sqlite] [--employers 500]

Absolute times say little; look at the ratios within one run. Goals: a dashboard at 5,000,000
answers at most 1.2 times that at 10,000; the fit of 500 employers at most 15 seconds.
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import sqlalchemy as sa
from flask_migrate import upgrade

from portal import reputation
from portal.extensions import db, limiter
from portal.models import (
    Batch,
    ChannelFact,
    Employer,
    PromiseFact,
    RoleFamily,
    RollupMonth,
    RollupWeek,
    StageGroup,
    ToldBucket,
    utcnow,
)
from portal.reputation import lever_sums
from portal.statistics.moments import cross_moments
from tests.conftest import make_app
from tests.support.postgres import running_postgres

WEEKS, MONTHS, READS, PAGE_READS = 104, 24, 300, 30
INVITED_PER_ANSWER, MOST_DRAWN = 4, 100_000
FACTS = {
    "told_bucket": list(ToldBucket),
    "channel": list(ChannelFact)[:3],
    "promise_fact": list(PromiseFact),
    "stage_group": list(StageGroup),
    "role_family": list(RoleFamily),
}
COLUMNS = [
    "employer_id",
    "key",
    "survey_version",
    "locale",
    "lane",
    "is_after_reminder",
    "recommend",
    "overall",
    "comment",
    "words",
    "week",
    "cell",
    "outcome",
    "was_given_feedback",
    "batch_id",
    "is_released",
    *list(FACTS),
]


class Drawn:
    """COUNT rejected candidates who answered, as arrays."""

    def __init__(self, count: int, seed: int) -> None:
        chance = np.random.default_rng(seed)
        self.count = count
        self.fact = {name: chance.integers(0, len(kinds), count) for name, kinds in FACTS.items()}
        never = self.fact["told_bucket"] == FACTS["told_bucket"].index(ToldBucket.NEVER)
        kept = FACTS["promise_fact"].index(PromiseFact.KEPT)
        self.fact["promise_fact"][never & (self.fact["promise_fact"] == kept)] = 0
        self.feedback = ~never & (chance.random(count) < 0.4)
        level = 4.2 - 0.3 * self.fact["told_bucket"] + 0.4 * self.feedback
        self.overall = np.clip(np.rint(level + chance.normal(0, 1, count)), 1, 5).astype(int)
        self.week = chance.integers(0, WEEKS, count)
        self.cell = np.where(never, 2, np.where(self.fact["told_bucket"] > 1, 1, 0))


def first_monday() -> date:
    today = utcnow().date()
    return today - timedelta(days=today.weekday(), weeks=WEEKS)


def lines(
    drawn: Drawn, employer: Employer, batches: list[int | None], start: int
) -> Iterator[tuple]:
    """One tuple of COLUMNS for each answer; of week w in the batch it belongs to."""
    monday = first_monday()
    weeks = [monday + timedelta(weeks=number) for number in range(WEEKS)]
    names = {name: [kind.value for kind in kinds] for name, kinds in FACTS.items()}
    for i in range(drawn.count):
        week = drawn.week[i]
        batch = batches[week * len(batches) // WEEKS]
        yield (
            employer.id,
            f"{start + i:064x}",
            *(1, "en", "outcome", False, 7, int(drawn.overall[i]), "", "counted"),
            weeks[week],
            int(drawn.cell[i]),
            "rejected",
            bool(drawn.feedback[i]),
            batch,
            batch is not None,
            *(names[name][drawn.fact[name][i]] for name in FACTS),
        )


def load(rows: Iterator[tuple]) -> None:
    """ROWS into `response`, by COPY or in large chunks."""
    connection = db.session.connection()
    raw = connection.connection.dbapi_connection
    if connection.dialect.name == "postgresql":
        with (
            raw.cursor() as cursor,
            cursor.copy(f"COPY response ({', '.join(COLUMNS)}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)
    else:
        marks = ", ".join("?" * len(COLUMNS))
        insert = f"INSERT INTO response ({', '.join(COLUMNS)}) VALUES ({marks})"
        raw.executemany(insert, ([str(v) if isinstance(v, date) else v for v in r] for r in rows))
    db.session.commit()


SERIES = {
    "postgresql": "SELECT i FROM generate_series({start}, {end}) AS i",
    "sqlite": "WITH RECURSIVE n(i) AS "
    "(SELECT {start} UNION ALL SELECT i + 1 FROM n WHERE i < {end}) SELECT i FROM n",
}


def load_released(employer: Employer, first_batch: int, start: int, count: int) -> None:
    """COUNT released answers made by the database itself; what stands in them is never read."""
    dialect = db.engine.dialect.name
    series = SERIES[dialect].format(start=start, end=start + count - 1)
    text = "CAST(i AS TEXT)"
    values = {
        "employer_id": str(employer.id),
        "key": text,
        "survey_version": "1",
        "locale": "'en'",
        "lane": "'outcome'",
        "is_after_reminder": "false",
        "recommend": "i % 11",
        "overall": "1 + i % 5",
        "comment": f"CASE WHEN i % 3 = 0 THEN 'Remark number ' || {text} ELSE '' END",
        "words": "CASE WHEN i % 6 = 0 THEN 'public' ELSE 'counted' END",
        "week": "'2026-01-05'" if dialect == "sqlite" else "DATE '2026-01-05'",
        "cell": "0",
        "outcome": "'rejected'",
        "was_given_feedback": "false",
        "batch_id": f"{first_batch} + i % {MONTHS}",
        "is_released": "true",
    }
    if dialect == "postgresql":  # its patience and its checks are the product's, not the loader's
        db.session.execute(sa.text("SET LOCAL statement_timeout = 0"))
        db.session.execute(sa.text("SET LOCAL session_replication_role = replica"))
    db.session.execute(
        sa.text(
            f"INSERT INTO response ({', '.join(values)}) "
            f"SELECT {', '.join(values.values())} FROM ({series}) AS numbers"
        )
    )
    db.session.commit()


def design(drawn: Drawn, rows: np.ndarray) -> np.ndarray:
    """The lever columns of ROWS of DRAWN, and their stars."""
    people = [
        Facts({name: kinds[drawn.fact[name][i]] for name, kinds in FACTS.items()}, drawn, i)
        for i in rows
    ]
    return np.column_stack([lever_sums._design(people), drawn.overall[rows]])


class Facts:
    """One answer's facts by name."""

    def __init__(self, facts: dict, drawn: Drawn, i: int) -> None:
        self.__dict__.update(facts, was_given_feedback=bool(drawn.feedback[i]))


def roll_up(
    drawn: Drawn, employer: Employer, times: int = 1, asked: int = INVITED_PER_ANSWER
) -> None:
    """The rollups that DRAWN, TIMES as many, make by arrays; ASKED people for each answer."""
    monday = first_monday()
    place = (drawn.week * 6 + drawn.cell) * 5 + drawn.overall - 1
    counts = times * np.bincount(place, minlength=WEEKS * 30).reshape(WEEKS, 6, 5)
    db.session.execute(
        sa.insert(RollupWeek),
        [
            {f"stars_{star + 1}": int(counts[week, cell, star]) for star in range(5)}
            | dict.fromkeys(("promoters", "detractors", "relationships", "resentful"), 0)
            | dict.fromkeys(("chase_answers", "chasers"), 0)
            | {"employer_id": employer.id, "week": monday + timedelta(weeks=week), "cell": cell}
            | {"passives": int(counts[week, cell].sum())}
            | {"invited": asked * int(counts[week, cell].sum())}
            for week in range(WEEKS)
            for cell in range(6)
        ],
    )
    months = [lever_sums.month_of(monday + timedelta(weeks=week)) for week in range(WEEKS)]
    profiles = np.column_stack([*drawn.fact.values(), drawn.feedback, drawn.overall])
    for month in sorted(set(months)):
        inside = np.isin(drawn.week, [w for w in range(WEEKS) if months[w] == month])
        _, first, alike = np.unique(profiles[inside], axis=0, return_index=True, return_counts=True)
        rows = design(drawn, np.flatnonzero(inside)[first])
        moments = times * (rows.T @ (rows * alike[:, None]))
        db.session.add(
            RollupMonth(
                employer_id=employer.id,
                month=month,
                answered=lever_sums.pack(moments),
                population=lever_sums.pack(asked * moments[:-1, :-1]),
            )
        )
    assert int(counts.sum()) == times * drawn.count
    assert cross_moments(design(drawn, np.arange(min(50, drawn.count)))).dtype == np.int64
    db.session.commit()


def make_employer(slug: str) -> Employer:
    employer = Employer(slug=slug, name=slug, approved_at=utcnow(), is_published=True)
    db.session.add(employer)
    db.session.commit()
    return employer


def fill(slug: str, count: int, start: int) -> Employer:
    """An employer with COUNT released answers in MONTHS releases."""
    employer, drawn = make_employer(slug), Drawn(min(count, MOST_DRAWN), seed=count)
    size = count // MONTHS
    trend = {"stars": 3.5, "stars_low": 3.4, "stars_high": 3.6}
    batches = [
        Batch(
            employer_id=employer.id,
            number=number,
            released_on=utcnow().date() - timedelta(days=30 * (MONTHS - number + 1)),
            answers=size,
            fresh=size,
            trend=trend,
            groups={"stars": [0] * 5, "questions": [], "rejected": size, "published": size // 6},
            pool=number,
        )
        for number in range(1, MONTHS + 1)
    ]
    db.session.add_all(batches)
    db.session.commit()
    load_released(employer, batches[0].id, start, count)
    roll_up(drawn, employer, times=count // drawn.count)
    if db.engine.dialect.name == "postgresql":
        db.session.execute(sa.text("ANALYZE"))
    reputation.refresh_scorecard(employer, utcnow())
    db.session.commit()
    return employer


def timed(work) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def read(employer_id: int) -> None:
    db.session.expire_all()
    reputation.dashboard(db.session.get(Employer, employer_id))


def measure_reading(app, employers: dict[int, int], slugs: dict[int, str]) -> None:
    """p50 of the dashboard and of the public page, the sizes in turn."""
    client = app.test_client()
    found = {size: ([], []) for size in employers}
    for number in range(READS):
        for size, employer_id in employers.items():
            found[size][0].append(timed(lambda: read(employer_id)))  # noqa: B023
            if number < PAGE_READS:
                path = f"/employers/{slugs[size]}"
                found[size][1].append(timed(lambda: client.get(path)))  # noqa: B023
    p50 = {size: [statistics.median(times) for times in both] for size, both in found.items()}
    least = min(p50)
    for size, (board, page) in p50.items():
        print(
            f"  {size:>9,} answers: dashboard {1000 * board:.2f} ms "
            f"(x{board / p50[least][0]:.2f}), public page {1000 * page:.1f} ms "
            f"(x{page / p50[least][1]:.2f})"
        )


def measure_releases(employers: dict[int, int], start: int) -> None:
    """Releases of growing size beside few and many answers."""
    for batch in (100, 1000, 10_000):
        for size, employer_id in employers.items():
            employer = db.session.get(Employer, employer_id)
            load(lines(Drawn(batch, seed=batch + size), employer, [None], start))
            start += batch

            def release(employer=employer):
                assert reputation.release_batch(employer, utcnow())
                db.session.commit()

            took = timed(release)
            print(
                f"  release of {batch:>6,} beside {size:>9,}: {took:6.2f} s, "
                f"{1e6 * took / batch:.0f} us an answer"
            )


def measure_fit(count: int) -> None:
    """One night over COUNT employers of 400 answers in the median."""
    chance = np.random.default_rng(8)
    for number, size in enumerate(chance.lognormal(6, 0.8, count).astype(int) + 20):
        # No invitations are stored, so none is in the rollups: or they would all be counted down.
        roll_up(Drawn(int(size), seed=number), make_employer(f"many-{number}"), asked=0)
    now = utcnow()
    steps = []
    while True:
        began = time.perf_counter()
        if not reputation.refresh_platform(now):
            break
        db.session.commit()
        steps.append(time.perf_counter() - began)
    print(
        f"  {count} employers: records {sum(steps[:-1]):.1f} s, fit {steps[-1]:.1f} s, "
        f"together {sum(steps):.1f} s"
    )


@contextmanager
def database(kind: str) -> Iterator[str]:
    if kind == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{Path(folder) / 'benchmark.sqlite'}"
    else:
        with running_postgres() as server:
            yield server + "postgres"


def run(kind: str, sizes: list[int], employers: int) -> None:
    with database(kind) as url:
        app = make_app(url)
        limiter.enabled = False
        with app.app_context():
            with open("/dev/null", "w") as nowhere:
                kept, sys.stderr = sys.stderr, nowhere
                upgrade()
                sys.stderr = kept
            print(f"{kind}:", flush=True)
            if employers:
                measure_fit(employers)
            held, start = {}, 0
            for size in sizes:
                held[size] = fill(f"size-{size}", size, start).id
                start += size
            measure_reading(app, held, {size: f"size-{size}" for size in sizes})
            measure_releases(held, start)
            db.session.remove()
            db.engine.dispose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="10000,1000000,5000000")
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--employers", type=int, default=500)
    given = parser.parse_args()
    sizes = [int(size) for size in given.sizes.split(",")]
    for kind in (given.only,) if given.only else ("sqlite", "postgresql"):
        run(kind, sizes, given.employers)


if __name__ == "__main__":
    main()
