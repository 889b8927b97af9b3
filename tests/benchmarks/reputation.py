"""What pages, releases, withdrawals and fits cost as answers grow. Run by hand, from the root:

    python -m tests.benchmarks.reputation [--sizes 10000,1000000] [--only sqlite] [--employers 500]

Seconds by the clock, and in brackets those that this process computed (not the database's server):
on a busy machine look at these, and at the ratios within one run. Goals: a release of 10,000
answers with comments in 20 seconds, 2 of them in the transaction, one of 100 in .1 second;
a release and a withdrawal after 1,000 releases in 1 second each; pages no slower with more answers;
the fit of 500 employers in 15 seconds.
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import numpy as np
import sqlalchemy as sa
from flask_migrate import upgrade

from portal import invitations, jobs, links, reputation
from portal.demo.comments import COMMENTS, FRENCH, MORE
from portal.extensions import db, limiter
from portal.models import (
    Batch,
    ChannelFact,
    Employer,
    Invitation,
    PromiseFact,
    RoleFamily,
    StageGroup,
    TextLabel,
    ToldBucket,
    random_id,
    utcnow,
)
from portal.reputation import sums
from portal.reputation.parts import Parts
from portal.surveys import Answer
from portal.surveys.sealing import WITH_WORDS, WITHOUT_WORDS, insert_sealed
from tests.conftest import make_app
from tests.support.answers import leave_silent, make_answer
from tests.support.postgres import running_postgres

READS, PAGE_READS, TRIES = 300, 30, 3
MONTHS = 24
MOST_SEALED = 100_000  # of one employer; those of more than a year ago are forgotten anyway
MANY, EACH = 1_000, 10  # releases and their answers
TREND = {"stars": 3.5, "stars_low": 3.4, "stars_high": 3.6}
EVERYTHING = Parts({}, ("recommend", "overall", "told", "chased", "relationship"), has_levers=True)


def drawn(employer: Employer, count: int, seed: int) -> list[Answer]:
    """COUNT answers of rejected candidates, three of four with a comment of its own."""
    chance = random.Random(seed)
    today = utcnow().date()
    return [_one(employer, number, chance, today) for number in range(count)]


def _one(employer: Employer, number: int, chance: random.Random, today) -> Answer:
    bucket = chance.choice(list(ToldBucket))
    is_untold = bucket is ToldBucket.NEVER
    day = today - timedelta(days=chance.randrange(20, 80))
    stars = max(1, min(5, round(chance.gauss(3.4, 1))))
    return make_answer(
        employer,
        week=day - timedelta(days=day.weekday()),
        cell=2 if is_untold else int(bucket is not ToldBucket.WITHIN_3),
        told_bucket=bucket,
        channel=ChannelFact.NONE if is_untold else chance.choice(list(ChannelFact)[:3]),
        promise_fact=PromiseFact.NONE if is_untold else chance.choice(list(PromiseFact)),
        was_given_feedback=not is_untold and chance.random() < 0.4,
        stage_group=chance.choice(list(StageGroup)),
        role_family=chance.choice(list(RoleFamily)),
        recommend=max(0, min(10, 2 * stars)),
        overall=stars,
        told="no" if is_untold else "not_chosen",
        chased=chance.choice(("no", "once", "more")),
        relationship=chance.choice(("", "may_grow", "unchanged", "elsewhere")),
        comment=_comment(stars, number, chance),
        words=chance.choice(("counted", "employer", "public")),
    )


def _comment(stars: int, number: int, chance: random.Random) -> str:
    mood = "good" if stars >= 4 else "bad" if stars <= 2 else "middling"
    place = mood, chance.choice(("called", "written", "late", "waiting"))
    if chance.random() < 0.25:
        return ""
    if place in FRENCH and chance.random() < 0.1:
        return f"{chance.choice(FRENCH[place])} Dossier {number}."
    return f"{chance.choice(COMMENTS[place])} {chance.choice(MORE[mood])} It was case {number}."


def make_employer(slug: str) -> Employer:
    employer = Employer(slug=slug, name=slug, approved_at=utcnow(), is_published=True)
    db.session.add(employer)
    db.session.commit()
    return employer


def add_batch(employer: Employer, number: int, counted: sums.Sums, answers: int) -> Batch:
    """A release that is a pool of its own, as if made a while ago; not its lines and words."""
    age = timedelta(days=30 * (MONTHS - number % MONTHS))
    batch = Batch(
        employer_id=employer.id,
        number=number,
        released_on=utcnow().date() - age,
        answers=answers,
        fresh=answers,
        trend=TREND,
        pool=number,
    )
    sums.seal(counted, batch)
    db.session.add(batch)
    return batch


def times(counted: sums.Sums, factor: int) -> sums.Sums:
    """COUNTED of FACTOR times as many answers."""
    chance = random.Random(factor)
    return replace(
        counted,
        counts={
            question: {
                cell: {option: factor * count for option, count in options.items()}
                for cell, options in cells.items()
            }
            for question, cells in counted.counts.items()
        },
        asked={cell: factor * count for cell, count in counted.asked.items()},
        rejected=factor * counted.rejected,
        moments={group: factor * triangle for group, triangle in counted.moments.items()},
        members=np.array([chance.getrandbits(60) for _ in range(factor * len(counted.members))]),
    )


# -- many rows, made by the database itself -------------------------------------------------------

SERIES = {
    "postgresql": "SELECT i FROM generate_series({start}, {end}) AS i",
    "sqlite": "WITH RECURSIVE n(i) AS "
    "(SELECT {start} UNION ALL SELECT i + 1 FROM n WHERE i < {end}) SELECT i FROM n",
}
RANDOM = {
    "postgresql": "(random() * 9e18)::bigint",
    "sqlite": "abs(random())",
}
BYTES = {
    "postgresql": "decode(repeat(md5(i::text), 64), 'hex')",
    "sqlite": "randomblob(1024)",
}
PADDED = {"postgresql": "lpad(i::text, 64, '0')", "sqlite": "printf('%064d', i)"}


def load(table: str, values: dict[str, str], start: int, count: int) -> None:
    dialect = db.engine.dialect.name
    series = SERIES[dialect].format(start=start, end=start + count - 1)
    if dialect == "postgresql":  # its patience is the product's, not the loader's
        db.session.execute(sa.text("SET LOCAL statement_timeout = 0"))
    db.session.execute(
        sa.text(
            f"INSERT INTO {table} ({', '.join(values)}) "
            f"SELECT {', '.join(values.values())} FROM ({series}) AS numbers"
        )
    )
    db.session.commit()


def load_published(employer: Employer, first_batch: int, start: int, count: int) -> None:
    """Lines, words and seals of COUNT answers; what stands in them is never read."""
    dialect = db.engine.dialect.name
    own = {"employer_id": str(employer.id)}
    pooled = own | {"id": RANDOM[dialect], "pool": f"1 + i % {MONTHS}"}
    opinion = pooled | {"answers": """'{"recommend": 7, "overall": 4}'""", "label": "'not_shown'"}
    text = "'Remark number ' || CAST(i AS TEXT)"
    words = pooled | {"may_publish": f"i / {MONTHS} % 2 = 0", "text": text}
    batch = f"{first_batch} + i % {MONTHS}"
    sealed = own | {"key": PADDED[dialect], "batch_id": batch, "sealed": BYTES[dialect]}
    load("opinion", opinion, start, count)
    load("words", words, start, count // 2)
    load("sealed_answer", sealed, start, min(count, MOST_SEALED))


def fill(slug: str, count: int, start: int) -> Employer:
    """An employer with COUNT released answers in MONTHS releases."""
    employer = make_employer(slug)
    size = count // MONTHS
    some = drawn(employer, min(size, 400), seed=count)
    counted = times(sums.count(some, EVERYTHING, {0: 10, 1: 10, 2: 10}), size // len(some))
    batches = [
        add_batch(employer, number, counted, len(counted.members)) for number in range(1, 25)
    ]
    db.session.commit()
    load_published(employer, batches[0].id, start, count)
    if db.engine.dialect.name == "postgresql":
        db.session.execute(sa.text("ANALYZE"))
        db.session.commit()
    now = utcnow()
    took = [timed(lambda: reputation.refresh_scorecard(employer, now)) for _ in range(TRIES)]
    db.session.commit()
    print(f"  {count:>9,} answers: scorecard {median(took)}", flush=True)
    return employer


# -- measuring ------------------------------------------------------------------------------------


class Took(NamedTuple):
    """Seconds by the clock, and of computing in this process."""

    clock: float
    computing: float

    def __str__(self) -> str:
        return f"{self.clock:.3f} s ({self.computing:.3f})"

    def __add__(self, other: "Took") -> "Took":
        return Took(*(one + two for one, two in zip(self, other, strict=True)))


def timed(work: Callable[[], object]) -> Took:
    began = time.perf_counter(), time.process_time()
    work()
    return Took(time.perf_counter() - began[0], time.process_time() - began[1])


def median(found: Sequence[Took]) -> Took:
    return Took(*(statistics.median(part) for part in zip(*found, strict=True)))


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
    for size, both in found.items():
        board, page = (median(times) for times in both)
        print(f"  {size:>9,} answers: dashboard {board}, public page {page}", flush=True)


def release(employer: Employer, answers: Sequence[Answer]) -> tuple[Took, Took]:
    """Seconds that a release of ANSWERS takes to plan, and then in its transaction."""
    insert_sealed(answers, WITH_WORDS, None)
    leave_silent(employer, len(answers) // 4 + 1)
    db.session.commit()
    now, reader, made = utcnow(), jobs.load_analyzer(), []
    planning = timed(lambda: made.append(reputation.plan_release(employer, now, reader)))
    db.session.rollback()

    def carry_out():
        batch = reputation.carry_out(employer, made[0], now)
        assert batch.fresh >= len(answers)
        db.session.commit()

    return planning, timed(carry_out)


def measure_releases(employers: dict[int, int]) -> None:
    """Releases of growing size beside few and many answers."""
    for count in (100, 1_000, 10_000):
        for size, employer_id in employers.items():
            employer = db.session.get(Employer, employer_id)
            plan, write = release(employer, drawn(employer, count, seed=count + size))
            print(
                f"  release of {count:>6,} beside {size:>9,}: {plan + write}, "
                f"of these in its transaction {write}",
                flush=True,
            )


def measure_many() -> None:
    """A release and a withdrawal at an employer that has had MANY releases."""
    employer = make_employer("many")
    for number in range(1, MANY + 1):
        answers = [
            replace(one.without_words(), label=TextLabel.POS, words_id=random_id())
            for one in drawn(employer, EACH, seed=number)
        ]
        batch = add_batch(employer, number, sums.count(answers, EVERYTHING, {0: 40}), EACH)
        db.session.flush()
        insert_sealed(answers, WITHOUT_WORDS, batch.id)
    db.session.commit()
    tokens = [links.new_survey_token() for _ in range(TRIES)]
    released = []
    for number, token in enumerate(tokens):
        answers = [*drawn(employer, EACH, seed=-number), make_answer(employer, token)]
        plan, write = release(employer, answers)
        released.append(plan + write)
    found = sa.select(Invitation).where(Invitation.employer_id == employer.id).limit(TRIES)
    taken_back = []
    for invitation, token in zip(db.session.scalars(found).all(), tokens, strict=True):
        invitation.is_answered = True
        db.session.commit()
        opened = invitations.OpenedInvitation(invitation, token, is_expired=False)

        def withdraw(opened=opened):
            assert reputation.withdraw_answer(opened, utcnow())
            db.session.commit()

        taken_back.append(timed(withdraw))
    print(f"  after {MANY:,} releases: release {median(released)}, withdrawal {median(taken_back)}")


def measure_fit(count: int) -> None:
    """One night over COUNT employers of 400 answers in the median, in eight releases each."""
    chance = random.Random(8)
    some = drawn(make_employer("drawn"), 5_000, seed=8)
    for number in range(count):
        employer = make_employer(f"fit-{number}")
        for release_number in range(1, 9):
            size = 3 + int(chance.lognormvariate(3.9, 0.8))
            counted = sums.count(chance.sample(some, min(size, 5_000)), EVERYTHING, {0: 2 * size})
            add_batch(employer, release_number, counted, size)
        db.session.commit()
    now, steps = utcnow(), []

    def step() -> bool:
        is_more = bool(reputation.refresh_platform(now))
        db.session.commit()
        return is_more

    is_more = [True]
    while is_more[-1]:
        steps.append(timed(lambda: is_more.append(step())))
    together = sum(steps, Took(0, 0))
    fit = timed(lambda: jobs.platform(now))
    print(f"  {count} employers: records {together}, fit {fit}", flush=True)


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
            for text, language in (("Load it now, please.", "en"), ("Merci à tous.", "fr")):
                jobs.load_analyzer()(text, language)
            if employers:
                measure_fit(employers)
            held, start = {}, 0
            for size in sizes:
                held[size] = fill(f"size-{size}", size, start).id
                start += size
            measure_reading(app, held, {size: f"size-{size}" for size in sizes})
            measure_releases(held)
            measure_many()
            db.session.remove()
            db.engine.dispose()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="10000,1000000")
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    parser.add_argument("--employers", type=int, default=500)
    given = parser.parse_args()
    sizes = [int(size) for size in given.sizes.split(",")]
    for kind in (given.only,) if given.only else ("sqlite", "postgresql"):
        run(kind, sizes, given.employers)


if __name__ == "__main__":
    main()
