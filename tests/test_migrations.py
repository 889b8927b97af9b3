"""The schema is what the migrations make of it, and the models agree, on both databases."""

import json
import os
import shutil
import struct
from collections import Counter
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from uuid import uuid4

import numpy as np
import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import downgrade, upgrade

from portal import exports, links, reputation, runs, schema, surveys
from portal.config import ROOT, ConfigError
from portal.exports.comments import ReadAs
from portal.exports.pooled import (
    feedback_comments,
    feedback_counts,
    feedback_rows,
    public_comments,
)
from portal.extensions import db
from portal.invitations import open_invitation
from portal.models import (
    NEVER_POOLED,
    Batch,
    Employer,
    Invitation,
    PlatformFit,
    Reading,
    Requisition,
    RollupWeek,
    Run,
    Scorecard,
    SealedAnswer,
    TextCalibration,
    Words,
    utcnow,
)
from portal.reputation import sums
from portal.statistics.moments import (
    cross_moments,
    design_matrix,
    pack_triangle,
    unpack_triangle,
)
from portal.surveys.sealing import WITH_WORDS, WITHOUT_WORDS
from tests.conftest import make_app
from tests.support import scorecards
from tests.support.answers import answer, read, release, store_answers, withdraw
from tests.support.first_version import (
    EMAIL,
    LAST_REVISION,
    NOW,
    VERSION,
    FirstVersion,
    Given,
    count_groups,
)
from tests.support.readers import Reader, rescore_by

SEALING, TEAM, RUNS, CALLS, STATUS = "0007", "0014", "0017", "0019", "0020"


def before(revision: str) -> str:
    """The revision that REVISION stands on."""
    script = ScriptDirectory(str(ROOT / "migrations")).get_revision(revision)
    return str(script.down_revision)


def table_constraints() -> dict[str, set[str]]:
    """The names of every CHECK, by table."""
    inspector = sa.inspect(db.engine)
    return {
        table: {check["name"] for check in inspector.get_check_constraints(table)}
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


def test_models_and_migrations_agree(app):
    with db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []
    declared = {
        table.name: {
            str(check.name)
            for check in table.constraints
            if isinstance(check, sa.CheckConstraint) and check.name
        }
        for table in db.metadata.tables.values()
    }
    assert table_constraints() == declared


def test_a_value_out_of_range_is_refused_by_the_database(app, make):
    """Of answers nothing stands in clear; of who was asked, and of what was read, it does."""
    make.link(make.told(make.employer()))
    store_answers(db.session.scalars(sa.select(Employer)).one(), 12, lambda n: {"comment": "Good."})
    release(db.session.scalars(sa.select(Employer)).one())
    assert db.session.scalar(sa.select(sa.func.count(Reading.words_id))) == 12
    for statement in (
        sa.update(Invitation).values(cell=9),
        sa.update(Reading).values(estimate=None),
        sa.update(Reading).values(status="perhaps"),
    ):
        with pytest.raises(sa.exc.IntegrityError):
            db.session.execute(statement)
        db.session.rollback()


@pytest.fixture
def empty_url(request, tmp_path):
    """A database without any table, one of each kind in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite'}"
        return
    postgres, name = request.getfixturevalue("postgres"), f"empty_{uuid4().hex}"
    with psycopg.connect(postgres + "postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield postgres + name
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


EACH = pytest.mark.parametrize("empty_url", ["sqlite", "postgresql"], indirect=True)


def move(to: str | None = None) -> None:
    """Upgrade TO a revision, or to the newest."""
    db.session.commit()
    db.session.remove()
    upgrade(revision=to or "head")


def move_down(to: str) -> None:
    db.session.commit()
    db.session.remove()
    downgrade(revision=to)
    db.session.remove()


@pytest.fixture
def at(empty_url: str) -> Iterator[Any]:
    """An application on a database that at(revision) brings to a revision."""
    app = make_app(empty_url)

    def bring(revision: str) -> Flask:
        move(revision)
        return app

    with app.app_context():
        yield bring
        db.session.remove()
        db.engine.dispose()


@EACH
def test_an_empty_database_goes_up_and_down_and_up_again(at):
    assert not schema.is_current()
    at("head")
    assert schema.is_current()
    db.session.remove()
    with pytest.raises(SystemExit):
        downgrade(revision="base")
    assert schema.current_revision() == SEALING
    move()
    assert schema.is_current()


@pytest.mark.long
@EACH
def test_migrations_before_the_answers_were_sealed_can_be_taken_back(at):
    at(before(SEALING))
    move_down("base")
    assert set(sa.inspect(db.engine).get_table_names()) <= {"alembic_version"}
    move()
    assert schema.is_current()


@pytest.mark.long
@EACH
def test_sealing_cannot_be_taken_back(at, caplog):
    at("head")
    with pytest.raises(SystemExit) as ended:
        move_down(before(SEALING))
    assert ended.value.code == 1
    assert "0007 cannot be taken back: answers are sealed. Restore the backup." in caplog.text
    assert schema.current_revision() == SEALING


def rows_of(*tables: str) -> dict[str, list[str]]:
    """The rows of TABLES, or of all, as text."""
    db.session.rollback()
    held = sa.MetaData()
    held.reflect(db.engine, only=tables or None)
    return {
        name: sorted(str(tuple(row)) for row in db.session.execute(sa.select(table)))
        for name, table in held.tables.items()
    }


@EACH
def test_a_filled_database_goes_down_to_the_first_schema_and_up_again(at):
    at(LAST_REVISION)
    fill_acme(FirstVersion())
    db.session.commit()
    kept = ("response", "invitation", "application", "candidate", "score")
    held = rows_of(*kept)
    assert all(held.values())
    move_down("0001")
    move(LAST_REVISION)
    # Files hold the label that a release had read; made again from what was read.
    again = rows_of(*kept)
    assert [again[name] for name in kept[1:4]] == [held[name] for name in kept[1:4]]
    assert {name: len(rows) for name, rows in again.items()} == {
        name: len(rows) for name, rows in held.items()
    }
    if db.engine.dialect.name == "sqlite":
        assert db.session.execute(sa.text("PRAGMA foreign_keys")).scalar() == 1


@pytest.mark.long
@EACH
def test_releases_from_before_levers_are_kept_and_count_what_was_always_counted(at):
    at("0001")
    old = FirstVersion()
    acme = old.employer("acme")
    for number, fresh in ((1, 6), (2, 5)):
        batch = old.batch(acme, number, answers=6, fresh=fresh)
        for _ in range(6):
            given = row_of_first_schema(old, acme, batch)
            old.add("response", **given)
    move(before(SEALING))
    found = db.session.execute(sa.text("SELECT fresh, groups, pool FROM batch ORDER BY number"))
    assert found.all() == [(6, None, None), (5, None, NEVER_POOLED)]
    move()
    employer = db.session.scalars(sa.select(Employer)).one()
    batches = reputation.live_batches(employer, with_sums=True)
    # The second one's words come with the next pool; it gives no line to any.
    assert [(batch.answers, batch.fresh, batch.pool) for batch in batches] == [
        (6, 6, None),
        (6, 5, None),
    ]
    for batch in batches:
        counted = sums.open_sums(batch, sums.sealer())
        assert set(counted.counts) == {"recommend", "overall"}
        assert (counted.parts, counted.reported, counted.rejected) == ({}, {}, 0)
        assert sum(counted.stars) == 6
    assert reputation.rebuild(employer, utcnow(), check=True) == []


def row_of_first_schema(old: FirstVersion, employer_id: int, batch_id: int) -> dict[str, Any]:
    """An answer's row from before labels were kept beside it."""
    old.count += 1
    token = links.new_survey_token()
    facts = {"week": date(2026, 9, 7), "cell": 0, "outcome": "rejected", "stage_group": "screen"}
    facts |= {"role_family": "other", "told_bucket": "0-3", "channel": "phone"}
    facts |= {"promise_fact": "none", "was_given_feedback": False}
    return facts | {
        "employer_id": employer_id,
        "key": links.answer_keys(token)[0],
        "survey_version": 1,
        "locale": "en",
        "lane": "outcome",
        "is_after_reminder": False,
        "recommend": 9,
        "overall": 1 + old.count % 5,
        "comment": "",
        "words": "counted",
        "batch_id": batch_id,
        "is_released": True,
    }


@pytest.mark.long
@EACH
def test_comments_read_before_words_were_kept_stay_read(at):
    at("0004")
    old = FirstVersion()
    acme = old.employer("acme")
    batch = old.batch(acme, 1, fresh=12, pool=1)
    members = [old.answer(acme, batch) for _ in range(12)]
    old.finish(batch, members)
    move(LAST_REVISION)
    found = db.session.execute(sa.text("SELECT aspects, aspect_words FROM score")).all()
    assert len(found) == 12
    assert {str(decoded(words)) for _, words in found} == {"[]"}
    move()
    readings = db.session.scalars(sa.select(Reading)).all()
    assert len(readings) == sum(is_readable(given) for given in members)
    assert {(str(one.aspects), str(one.aspect_words)) for one in readings} == {
        ("['respect']", "[]")
    }


def decoded(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


FORMER = [*range(15), 20]  # where the columns of the five former families stand now


def stored_fit(chance: np.random.Generator) -> dict[str, Any]:
    """One fit of a lever model, as it was stored: of families nobody has, only the prior."""
    b, b_cov, known = np.zeros(20), 100.0 * np.eye(20), [place - 1 for place in FORMER[1:]]
    b[known] = chance.normal(size=15)
    b_cov[np.ix_(known, known)] = np.cov(chance.normal(size=(15, 40)))
    return {"s2": 1.1, "tau2": [0.02] * 8, "b": b.tolist(), "b_cov": b_cov.tolist()}


def put_moments(old: FirstVersion, families: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """A month of answered and of asked candidates, by FAMILIES' codes; and a fit of it, stored."""
    chance, n = np.random.default_rng(6), 80
    design = design_matrix(
        chance.integers(-1, 20, n), *chance.integers(0, 4, (1, n)), *chance.integers(0, 1, (2, n)),
        chance.integers(0, 2, n), chance.integers(0, 3, n), chance.choice(families, n),
    )  # fmt: skip
    rows = np.column_stack([design, chance.integers(1, 6, n)])
    answered, population = cross_moments(rows[:60]), cross_moments(design)
    packed = [
        struct.pack(f"<{len(triangle)}q", *triangle)
        for triangle in (pack_triangle(answered), pack_triangle(population))
    ]
    acme = old.employer("acme", confirmed_domains=[])
    month = {"employer_id": acme, "month": date(2026, 10, 1)}
    old.add("rollup_month", **month, answered=packed[0], population=packed[1])
    model = {"mode": stored_fit(chance), "draws": [stored_fit(chance), stored_fit(chance)]}
    fit = {"done_up_to": 0, "employers": 2, "answers": 40, "prior": {}, "levers": []}
    old.add("platform_fit", day=date(2026, 11, 1), fitted_at=NOW, model=model, **fit)
    old.add("platform_fit", day=date(2026, 11, 2), model={}, **fit)  # one is under way
    return answered, population


def stored_triangle(column: str) -> np.ndarray:
    packed = db.session.execute(sa.text(f"SELECT {column} FROM rollup_month")).scalar()
    return unpack_triangle(struct.unpack(f"<{len(packed) // 8}q", packed))


def stored_models() -> list[dict[str, Any]]:
    found = db.session.execute(sa.text("SELECT model FROM platform_fit ORDER BY day"))
    return [decoded(model) for model in found.scalars()]


@pytest.mark.long
@EACH
def test_moments_and_fits_of_the_former_families_are_read_with_the_new_ones(at):
    at(before(SEALING))
    answered, population = put_moments(FirstVersion(), [0, 1, 2, 3, 9])
    models = stored_models()
    move_down("0005")
    with_stars = [*FORMER, 21]
    assert (stored_triangle("answered") == answered[np.ix_(with_stars, with_stars)]).all()
    assert (stored_triangle("population") == population[np.ix_(FORMER, FORMER)]).all()
    model = stored_models()[0]
    assert {len(fit["b"]) for fit in (model["mode"], *model["draws"])} == {15}
    assert np.array(model["mode"]["b_cov"]).shape == (15, 15)
    move(before(SEALING))
    assert (stored_triangle("answered") == answered).all()
    assert (stored_triangle("population") == population).all()
    assert stored_models() == models
    assert models[1] == {}
    move()
    months = reputation.asked.read_months(db.session.scalars(sa.select(Employer)).one())
    assert [(unpack_triangle(month.population) == population).all() for month in months] == [True]


@pytest.mark.long
@EACH
def test_who_has_a_new_family_is_among_the_others_before_it(at):
    at(before(SEALING))
    old = FirstVersion()
    answered, population = put_moments(old, [0, 4, 5, 9])
    old.answer(1, role_family="care")
    move_down("0005")
    for table in ("requisition", "invitation", "response"):
        found = db.session.execute(sa.text(f"SELECT DISTINCT role_family FROM {table}"))
        assert found.scalars().all() == ["other"]
        with pytest.raises(sa.exc.IntegrityError):
            db.session.execute(sa.text(f"UPDATE {table} SET role_family = 'care'"))
        db.session.rollback()
    former = stored_triangle("answered")
    assert former[0, 15] == answered[0, 15:21].sum()
    assert former[15, 16] == answered[15:21, 21].sum()
    assert former[15, 15] == former[0, 15], "each is counted once"
    assert stored_triangle("population")[0, 0] == population[0, 0]
    move(before(SEALING))
    assert stored_triangle("answered")[0, 20] == former[0, 15]


@pytest.mark.long
@EACH
def test_mailboxes_are_filled_and_own_addresses_go_and_come(at):
    at(LAST_REVISION)
    old = FirstVersion()
    acme = old.employer("acme")
    given = old.answer(acme)
    spellings = {
        "Cam+x@example.net": "cam@example.net",
        "+@example.net": "+@example.net",
        None: None,
    }
    for number, address in enumerate(spellings):
        person = {"name": f"Cam {number}", "locale": "en", "is_contactable": True}
        old.add("candidate", employer_id=acme, email=address, **person)
    move(before(SEALING))
    held = sa.text("SELECT email, mailbox FROM candidate ORDER BY id")
    assert dict(db.session.execute(held).all()) == spellings | {
        f"cam{old.count}@example.net": f"cam{old.count}@example.net"
    }
    skip = "UPDATE invitation SET state = 'skipped', skip_reason = 'own_address'"
    db.session.execute(sa.text(skip))
    move_down(LAST_REVISION)
    reason = sa.text("SELECT DISTINCT skip_reason FROM invitation")
    assert db.session.execute(reason).scalars().all() == ["no_email"]
    move()
    assert db.session.execute(held).all()
    assert db.session.scalars(sa.select(Employer)).one().confirmed_domains == []
    assert open_invitation(given.token, NOW).is_answered


# -- a database as the first version left it ------------------------------------------------------


def fill_acme(old: FirstVersion) -> SimpleNamespace:
    """An employer with every kind of release; by name, the answers in each."""
    acme = old.employer("acme")
    of: dict[str, list[Given]] = {}

    def put(name: str, count: int, batch_id: int | None = None, **varied: Any) -> list[Given]:
        given = [old.answer(acme, batch_id, **varied) for _ in range(count)]
        of.setdefault(name, []).extend(given)
        return given

    numbers = {"first": 1, "second": 2, "mixed": 4, "bare": 5, "closed": 6}
    ids = {name: old.batch(acme, number) for name, number in numbers.items()}
    put("first", 6, ids["first"])
    put("second", 7, ids["second"])
    put("second", 1, ids["second"], comment=f"Bad, write to {EMAIL}.", words="public")
    put("mixed", 10, ids["mixed"])  # five of them had been in the third, which was taken back
    put("bare", 5, ids["bare"])
    put("closed", 6, ids["closed"])  # whose pool was closed by the seventh's withdrawal
    put("returned", 5, is_released=True)
    put("fresh", 3)
    old.finish(ids["first"], of["first"])
    old.finish(ids["second"], of["second"], "relationship_after", "promise")
    for name in ("mixed", "bare", "closed"):
        old.finish(ids[name], of[name])
    facts = {
        "first": {"fresh": 6, "pool": 2},
        "second": {"fresh": 8, "pool": 2},
        "mixed": {"fresh": 5, "pool": NEVER_POOLED},
        "bare": {"fresh": 5, "groups": sa.null()},
        "closed": {"fresh": 6, "pool": NEVER_POOLED},
    }
    batches = old.table("batch")
    for name, values in facts.items():
        db.session.execute(sa.update(batches).where(batches.c.id == ids[name]).values(values))
    gone = {"withdrawn_on": date(2026, 10, 20), "pool": NEVER_POOLED, "trend": {}, "groups": {}}
    for number in (3, 7):
        old.batch(acme, number, answers=6, fresh=6, **gone)
    silent, withdrawn = links.new_survey_token(), links.new_survey_token()
    old.invite(acme, silent, of["first"][0].row, "none")
    old.invite(acme, withdrawn, of["first"][0].row, "withdrawn")
    return SimpleNamespace(id=acme, of=of, silent=silent, withdrawn=withdrawn)


def fill_globex(old: FirstVersion) -> SimpleNamespace:
    """A second employer: one release, and answers that wait."""
    globex = old.employer("globex", locale="fr")
    batch = old.batch(globex, 1, fresh=12, pool=1)
    of = {"first": [old.answer(globex, batch) for _ in range(12)]}
    old.finish(batch, of["first"])
    of["fresh"] = [old.answer(globex) for _ in range(2)]
    return SimpleNamespace(id=globex, of=of)


def fill_figures(old: FirstVersion, acme_id: int) -> None:
    """What was made of the answers, at full precision."""
    share = {"share": 0.333333333, "low": 0.123456789, "high": 0.987654321, "n": 23.456789}
    three = {"value": 0.123456789, "low": -0.000001, "high": 0.987654321}
    lever = {"effect_stars": 0.123456789, "low": -0.01234567, "high": 0.34567891}
    hidden = dict.fromkeys(lever) | {"reason_hidden": "too_uncertain"}
    shown = {"reason_hidden": None, "platform": lever | {"employers": 6, "answers": 340}}
    agreement = {"both": 8, "recorded_only": 2, "reported_only": 0, "neither": 3}
    level = {"answers": 5, "stars": 3.625, "low": 3.00557877, "high": 4.18288004}
    reputation_ = {
        "answers": 35,
        "shown": True,
        "label": "early",
        "score": {
            "stars": 4.031468527,
            "stars_low": 3.787313236,
            "stars_high": 4.256410349,
            "score": 75.78671319,
            "score_low": 69.68283089,
            "score_high": 81.41025872,
            "sd": 0.119869366,
        },
        "nps": {"value": 21.93745, "low": -3.35600020, "high": 40.51891859},
        "resentment": share | {"answers": 23, "shown": True},
        "chased": share | {"answers": 23, "shown": True},
        "prior": "fitted",
        "what_if": {"response_rate": 0.3827956989, "quarter": 3.877167452, "half": 3.722866377},
        "dimensions": {"role_family": {"other": level}, "stage_group": {}},
        "agreement": agreement | {"denied": share, "kappa": 0.6789123, "is_denied_flag": True},
        "wave": {"difference": 0.157602379, "low": -0.2923, "high": 0.6075, "differs": False},
        "change": three,
        "levers": [
            {"lever": "inform_3d", "about_equal_to_next": True} | lever | shown,
            {"lever": "phone_all", "about_equal_to_next": False, "platform": None} | hidden,
        ],
        "lever_answers": 30,
        "levers_fitted_on": "2026-11-01",
        "histogram": [4, 9, 28, 51, 79],
        "as_of": "2026-10-23",
    }
    old.add(
        "scorecard",
        employer_id=acme_id,
        answers=35,
        stars=4.031468527,
        reputation=reputation_,
        habits=scorecards.waiting(40, ((2, 20),))
        | {"flags": [{"flag": "log_denied"} | share, {"flag": "cherry"}]},
        coverage=scorecards.coverage(40, 20),
        as_of=NOW,
    )
    old.add(
        "calibration",
        version=VERSION,
        week=date(2026, 9, 7),
        slope=1.23456789,
        intercept=-0.00123456,
        pivot=0.55555555,
        answers=137,
        log_loss_before=0.69314718,
        log_loss_after=0.61234567,
    )
    old.add("current_edition", id=1, version=VERSION, calibration="")
    fit = {"day": date(2026, 11, 1), "done_up_to": 2, "employers": 2, "answers": 41}
    old.add(
        "platform_fit",
        **fit,
        fitted_at=NOW,
        prior={"stars": 3.123456789},
        model={"mode": {"b": [0.123456789] * 15, "b_cov": [[0.123456789] * 15] * 15}, "draws": []},
        levers=[{"effect_stars": 0.123456789}],
    )


@pytest.fixture
def sealed(at, empty_url, kept) -> SimpleNamespace:
    """Both employers after the migration, and what their rows had said; migrated once a kind."""
    held = kept.get(empty_url.partition(":")[0])
    if held is None:
        held = kept[empty_url.partition(":")[0]] = seal(at), copy_of(empty_url)
    else:
        put_back(held[1], empty_url)
    app, people = at("head"), deepcopy(held[0])
    for one in people.values():
        one.employer = db.session.get(Employer, one.id)
    return SimpleNamespace(app=app, **people)


@pytest.fixture(scope="module")
def kept(request):
    """By kind of database what was in it, and a copy of it."""
    held: dict[str, tuple[dict[str, SimpleNamespace], Any]] = {}
    yield held
    if "postgresql" in held:
        on_server(held["postgresql"][1], f"DROP DATABASE {name_of(held['postgresql'][1])}")


def seal(at) -> dict[str, SimpleNamespace]:
    at(LAST_REVISION)
    old = FirstVersion()
    acme, globex = fill_acme(old), fill_globex(old)
    old.sum_up()
    fill_figures(old, acme.id)
    move(before(SEALING))
    db.session.execute(sa.text("UPDATE response SET department = 'Care' WHERE cell = 2"))
    move()
    return {"acme": acme, "globex": globex}


def on_server(url: str, *statements: str) -> None:
    """On the server of URL, while nobody is connected to what they are about."""
    with psycopg.connect(url.rpartition("/")[0] + "/postgres", autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def name_of(url: str) -> str:
    return url.rpartition("/")[2]


def copy_of(url: str) -> Any:
    """What `put_back` needs to make the database of URL as it is now."""
    db.session.remove()
    db.engine.dispose()
    if url.startswith("sqlite"):
        return Path(url.removeprefix("sqlite:///")).read_bytes()
    on_server(url, f"CREATE DATABASE kept_{name_of(url)} TEMPLATE {name_of(url)}")
    return f"{url.rpartition('/')[0]}/kept_{name_of(url)}"


def put_back(copy: Any, url: str) -> None:
    if isinstance(copy, bytes):
        Path(url.removeprefix("sqlite:///")).write_bytes(copy)
    else:
        on_server(
            url,
            f"DROP DATABASE {name_of(url)}",
            f"CREATE DATABASE {name_of(url)} TEMPLATE {name_of(copy)}",
        )


def is_readable(given: Given) -> bool:
    return bool(given.row["comment"]) and given.row["words"] != "counted"


def opened(one: SimpleNamespace, name: str) -> dict[str, surveys.Answer]:
    """The answers of a release of ONE by key, or those that wait."""
    batch_id = one.of[name][0].row["batch_id"]
    found = surveys.open_batch(one.employer, batch_id)
    assert not found.broken
    return {answer.key: answer for answer in found.answers}


@pytest.mark.long
@EACH
def test_every_seal_says_what_the_row_said(sealed):
    texts = dict(db.session.execute(sa.select(Words.id, Words.text)).all())
    sizes = dict(
        db.session.execute(sa.select(SealedAnswer.key, sa.func.length(SealedAnswer.sealed))).all()
    )
    assert len(sizes) == 38 + 5 + 14
    both = (sealed.acme, sealed.globex)
    for one, name in [(found, name) for found in both for name in found.of]:
        found = opened(one, name)
        is_small = name in ("first", "second", "closed")
        for given in one.of[name]:
            row, answer = given.row, found[given.row["key"]]
            sent = {key: row[key] for key in [*QUESTIONS, "recommend", "overall"]}
            words = {} if is_small or not row["comment"] else {"comment": row["comment"]}
            assert answer.answers == {
                key: value for key, value in sent.items() if value is not None
            } | words | {"words": row["words"]}
            facts = {key: getattr(answer.facts, key) for key in FACTS}
            assert facts == {key: row[key] for key in FACTS}
            assert answer.facts.was_given_feedback is row["was_given_feedback"]
            assert answer.facts.department == ("Care" if row["cell"] == 2 else None)
            assert (answer.locale, answer.lane) == (row["locale"], row["lane"])
            assert answer.is_after_reminder is row["is_after_reminder"]
            assert answer.was_public is row["is_released"]
            assert answer.label == row["sentiment"]
            assert not answer.is_withdrawn
            assert sizes[answer.key] == (WITHOUT_WORDS if is_small else WITH_WORDS)
            if is_small and is_readable(given):
                expected = row["comment"].replace(EMAIL + ".", "[removed]")
                assert texts[answer.words_id].rstrip(".") == expected.rstrip(".")
            else:
                assert answer.words_id is None


QUESTIONS = ("told", "heard_how", "chased", "promise", "feedback", "relationship")
FACTS = (
    *("week", "cell", "outcome", "stage_group", "role_family", "told_bucket", "channel"),
    *("promise_fact", "was_given_feedback"),
)


@pytest.mark.long
@EACH
def test_the_sums_are_those_of_the_answers(sealed):
    for one in (sealed.acme, sealed.globex):
        assert reputation.rebuild(one.employer, utcnow(), check=True) == []
    by = sums.sealer()
    batches = {
        batch.number: batch
        for batch in reputation.live_batches(sealed.acme.employer, with_sums=True)
    }
    assert sorted(batches) == [1, 2, 4, 5, 6]
    for number, name in {1: "first", 2: "second", 4: "mixed", 6: "closed"}.items():
        counted = sums.open_sums(batches[number], by)
        rows = [given.row for given in sealed.acme.of[name]]
        groups = count_groups(rows)
        assert counted.stars == groups["stars"]
        assert counted.parts == {name: groups[name] for name in counted.parts}
        assert set(counted.parts) == {"role_family", "stage_group", "wave"}
        assert counted.reported == groups["recorded"]
        assert counted.rejected == len(rows)
        assert sum(triangle[0] for triangle in counted.moments.values()) == len(rows)
        assert counted.total("told") == Counter(row["told"] for row in rows)
        assert counted.holds([rows[0]["key"]])
        asked = {(row["week"], row["cell"]) for row in rows}
        weeks = db.session.scalars(
            sa.select(RollupWeek).where(RollupWeek.employer_id == sealed.acme.id)
        ).all()
        assert sum(counted.asked.values()) == sum(
            week.invited for week in weeks if (week.week, week.cell) in asked
        )
    second, bare = (sums.open_sums(batches[number], by) for number in (2, 5))
    assert set(second.counts) == {*QUESTIONS, "recommend", "overall"} - {"relationship", "promise"}
    assert set(bare.counts) == {"recommend", "overall"}
    assert sum(bare.stars) == 5
    gone = sa.select(Batch.sums, Batch.trend, Batch.pool).where(Batch.withdrawn_on.is_not(None))
    assert db.session.execute(gone).all() == [(None, {}, NEVER_POOLED)] * 2
    pools = {number: batch.pool for number, batch in batches.items()}
    assert pools == {1: 2, 2: 2, 4: None, 5: None, 6: NEVER_POOLED}


def expected_lines(one: SimpleNamespace, names: dict[str, bool]) -> Counter:
    """Lines of the file without their label; NAMES: releases, and whether ties were counted."""
    return Counter(
        (row["recommend"], row["overall"], (row["relationship"] or "") if has_ties else "")
        for name, has_ties in names.items()
        for row in (given.row for given in one.of[name])
    )


@pytest.mark.long
@EACH
def test_what_was_public_is_still_and_leads_nowhere(sealed):
    acme, globex = sealed.acme, sealed.globex
    lines = list(feedback_rows(acme.employer))
    assert Counter(line[1:4] for line in lines) == expected_lines(
        acme, {"first": True, "second": False}
    )
    assert {line[0] for line in lines} == {"2026-10"}
    labels = Counter(given.label for name in ("first", "second") for given in acme.of[name])
    assert labels["neg"] >= 5
    shown = Counter(line[4] for line in lines)
    assert shown["neg"] == labels["neg"]
    assert shown.total() == labels.total()
    assert all(shown[name] in (0, labels[name]) for name in labels)
    assert Counter(line[1:4] for line in feedback_rows(globex.employer)) == expected_lines(
        globex, {"first": True}
    )
    counts = {(row[2], row[3]): row[4] for row in feedback_counts(acme.employer)}
    told = Counter(given.row["told"] for name in ("first", "second") for given in acme.of[name])
    assert {option: counts["told", option] for option in told} == dict(told)
    assert counts["promise", "no_answer"] == 8
    readable = [
        given.row["comment"].replace(f"{EMAIL}.", "[removed]")
        for name in ("first", "second")
        for given in acme.of[name]
        if is_readable(given)
    ]
    comments = [text for _, text in feedback_comments(acme.employer)]
    assert sorted(text.rstrip(".") for text in comments) == sorted(
        text.rstrip(".") for text in readable
    )
    public = [given for name in ("first", "second") for given in acme.of[name]]
    may_be = sum(is_readable(given) and given.row["words"] == "public" for given in public)
    shown_to_all, total = public_comments(acme.employer, 100)
    assert len(shown_to_all) == total == may_be


@pytest.mark.long
@EACH
def test_comments_are_read_as_they_were_but_for_those_with_an_address(sealed):
    page = exports.read_comments(sealed.acme.employer)
    members = [*sealed.acme.of["first"], *sealed.acme.of["second"]]
    readable = [given for given in members if is_readable(given)]
    read_as = Counter(given.label for given in readable if EMAIL not in given.row["comment"])
    assert page.total == len(readable)
    assert page.verdicts == Counter({ReadAs(name): n for name, n in read_as.items()}) + Counter(
        {ReadAs.UNREAD: 1}
    )
    assert page.aspects["respect"] == len(readable) - 1
    good = [comment for comment in page.comments if comment.verdict is ReadAs.POS]
    assert good
    for comment in good:
        assert comment.estimate == 88
        assert comment.parts[0].text == "Good"
    edition = rescore_by(Reader("new 1"))
    assert surveys.count_unread(edition) == 0
    surveys.activate(edition)
    db.session.commit()
    assert ReadAs.UNREAD not in exports.read_comments(sealed.acme.employer).verdicts


@pytest.mark.long
@EACH
def test_words_of_a_closed_pool_come_back_and_others_wait_in_their_seals(sealed):
    acme = sealed.acme
    waiting = db.session.scalars(
        sa.select(Words.text).where(Words.employer_id == acme.id, Words.pool.is_(None))
    ).all()
    closed = [given.row["comment"] for given in acme.of["closed"] if is_readable(given)]
    assert sorted(waiting) == sorted(closed)
    assert closed
    store_answers(acme.employer, 10, lambda n: {"comment": f"Good new {n}.", "words": "employer"})
    batch = release(acme.employer)
    # Three waited, ten are new; five come back, and with them no line of the release.
    assert (batch.number, batch.answers, batch.fresh, batch.pool) == (8, 18, 13, None)
    store_answers(acme.employer, 6)
    batch = release(acme.employer)
    assert (batch.number, batch.fresh, batch.pool) == (9, 6, 9)
    assert reputation.rebuild(acme.employer, utcnow(), check=True) == []
    names = ("closed", "mixed", "bare", "returned", "fresh")
    texts = {text for _, text in feedback_comments(acme.employer)}
    back = {given.row["comment"] for name in names for given in acme.of[name] if is_readable(given)}
    assert back <= texts
    lines = [line for line in feedback_rows(acme.employer) if line[0] != "2026-10"]
    assert len(lines) == 5 + 6, "what was in the bare release, and in the ninth"
    counted = [given for given in acme.of["mixed"] if given.row["words"] == "counted"]
    assert counted
    assert not texts & {given.row["comment"] for given in counted}


def finest(value: Any) -> int:
    """The most digits behind the point of any number in VALUE."""
    if isinstance(value, dict | list):
        return max(map(finest, value.values() if isinstance(value, dict) else value), default=0)
    if not isinstance(value, float):
        return 0
    return len(repr(value).partition(".")[2].rstrip("0")) if "e" not in repr(value) else 99


@pytest.mark.long
@EACH
def test_what_stays_in_clear_is_rounded_as_it_is_shown(sealed):
    card = db.session.get(Scorecard, sealed.acme.id)
    found = card.reputation
    assert found["score"] == {
        "stars": 4.0,
        "stars_low": 3.8,
        "stars_high": 4.3,
        "score": 76,
        "score_low": 70,
        "score_high": 81,
    }
    assert card.stars == 4.0
    assert found["nps"] == {"value": 22.0, "low": -3.0, "high": 41.0}
    share = {"share": 0.33, "low": 0.12, "high": 0.99, "n": 23.0}
    assert found["resentment"] == found["chased"] == share | {"answers": 23, "shown": True}
    assert found["agreement"]["denied"] == share
    assert found["agreement"]["kappa"] == 0.68
    assert found["what_if"] == {"response_rate": 0.38, "quarter": 3.9, "half": 3.7}
    assert found["dimensions"]["role_family"]["other"] == {
        "answers": 5,
        "stars": 3.6,
        "low": 3.0,
        "high": 4.2,
    }
    assert found["change"] == {"value": 0.1, "low": 0.0, "high": 1.0}
    assert [lever["effect_stars"] for lever in found["levers"]] == [0.1, None]
    assert found["levers"][0]["platform"]["effect_stars"] == 0.1
    assert (found["kept_out"], found["held_back"]) == (0, False)
    assert (found["histogram"], found["as_of"]) == ([4, 9, 28, 51, 79], "2026-10-23")
    assert card.habits["flags"] == [{"flag": "log_denied"} | share, {"flag": "cherry"}]
    assert finest(found) == 2
    trends = db.session.scalars(sa.select(Batch.trend).where(Batch.withdrawn_on.is_(None))).all()
    assert {json.dumps(trend, sort_keys=True) for trend in trends} == {
        '{"stars": 3.1, "stars_high": 4.0, "stars_low": 2.7}'
    }
    calibration = db.session.scalars(sa.select(TextCalibration)).one()
    numbers = (calibration.slope, calibration.intercept, calibration.pivot)
    assert (*numbers, calibration.answers) == (1.23, 0.0, 0.56, 130)
    assert (calibration.log_loss_before, calibration.log_loss_after) == (0.69, 0.61)
    assert db.session.scalars(sa.select(PlatformFit)).all() == []
    tables = set(sa.inspect(db.session.connection()).get_table_names())
    assert not tables & {"response", "score"}
    board = reputation.dashboard(sealed.acme.employer)
    assert [one.number for one in board.trend] == [1, 2, 4, 5, 6]


def hidden_texts(sealed: SimpleNamespace) -> list[str]:
    """Comments that nobody may read, or that wait."""
    return [
        given.row["comment"]
        for one in (sealed.acme, sealed.globex)
        for name, members in one.of.items()
        for given in members
        if given.row["comment"]
        and (given.row["words"] == "counted" or name in ("mixed", "bare", "returned", "fresh"))
    ]


@pytest.mark.long
@EACH
def test_no_comment_that_may_not_be_read_is_left(sealed, empty_url):
    hidden = hidden_texts(sealed)
    assert len(hidden) > 20
    everything = "\n".join(line for lines in rows_of().values() for line in lines)
    assert "employer text" in everything
    assert [text for text in [*hidden, EMAIL] if text in everything] == []
    if not empty_url.startswith("sqlite"):
        return
    path = empty_url.removeprefix("sqlite:///")
    content = Path(path).read_bytes()
    assert b"employer text" in content
    assert [text for text in [*hidden, EMAIL] if text.encode() in content] == []
    assert [digits for digits in (b"3.14159", b"0.123456", b"4.03146") if digits in content] == []
    db.session.remove()
    assert not os.path.exists(f"{path}-wal") or b"text" not in Path(f"{path}-wal").read_bytes()


@pytest.mark.long
@pytest.mark.parametrize("empty_url", ["sqlite"], indirect=True)
def test_an_upgrade_cut_off_before_the_file_was_rewritten_is_made_good(at, empty_url):
    at("head")
    with db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA secure_delete=OFF")
        connection.exec_driver_sql("CREATE TABLE scrap (word TEXT)")
        connection.exec_driver_sql(
            "INSERT INTO scrap VALUES (replace(hex(zeroblob(9999)), '00', 'left behind '))"
        )
        connection.exec_driver_sql("DROP TABLE scrap")
        connection.exec_driver_sql("PRAGMA user_version = 1")
        connection.commit()
    path = Path(empty_url.removeprefix("sqlite:///"))
    schema.clear_log()
    assert b"left behind" in path.read_bytes()
    move()
    assert b"left behind" not in path.read_bytes()
    assert db.session.execute(sa.text("PRAGMA user_version")).scalar() == 0


@pytest.mark.long
@EACH
def test_links_of_the_first_version_find_change_and_take_back_their_answers(sealed):
    acme, now = sealed.acme, NOW
    waiting = acme.of["fresh"][0]
    given = surveys.find_answer(open_invitation(waiting.token, now))
    assert given.answer.answers["overall"] == waiting.row["overall"]
    assert not given.is_released
    surveys.change_answer(given, read(recommend=1, overall=2), given.answer.locale)
    db.session.commit()
    given = surveys.find_answer(open_invitation(waiting.token, now))
    assert given.answer.stars == 2
    withdraw(waiting.token)
    assert surveys.find_answer(open_invitation(waiting.token, now)).answer.is_withdrawn
    public = next(given for given in acme.of["first"] if is_readable(given))
    given = surveys.find_answer(open_invitation(public.token, now))
    assert given.is_released
    with pytest.raises(surveys.AnswerReleased):
        surveys.change_answer(given, read(), given.answer.locale)
    db.session.rollback()
    withdraw(public.token)
    assert list(feedback_rows(acme.employer)) == []
    left = db.session.scalars(sa.select(Words.text).where(Words.employer_id == acme.id)).all()
    assert public.row["comment"] not in left
    assert len(left) > 5
    assert reputation.rebuild(acme.employer, utcnow(), check=True) == []


@pytest.mark.long
@EACH
def test_an_invitation_knows_that_there_was_an_answer_and_not_whether_still(sealed):
    acme, now = sealed.acme, NOW
    states = {}
    for name in ("silent", "withdrawn"):
        opened_ = open_invitation(getattr(acme, name), now)
        states[name] = opened_.is_answered, surveys.find_answer(opened_)
        assert opened_.invitation.survey_version == 1
    assert states == {"silent": (False, None), "withdrawn": (True, None)}
    given = acme.of["fresh"][0]
    assert open_invitation(given.token, now).is_answered
    assert not reputation.withdraw_answer(open_invitation(acme.withdrawn, now), now)
    answer(acme.silent, overall=4)
    db.session.commit()
    assert surveys.find_answer(open_invitation(acme.silent, now)).answer.stars == 4


@pytest.mark.long
@EACH
def test_the_key_of_the_migration_is_asked_for(sealed):
    reputation.check_key()
    config = sealed.app.config["HEARDBACK"]
    sealed.app.config["HEARDBACK"] = replace(config, SECRET_KEY="another key, and long enough " * 2)
    with pytest.raises(ConfigError, match="does not open"):
        reputation.check_key()


KEYS = "SELECT dedup_key, kind, notice_id, invitation_id, data_request_id, user_id FROM email"


def put_mail(old: FirstVersion, employer_id: int, kind: str, about: dict[str, int], **facts) -> int:
    """An email of KIND, sent, by whatever columns the table has."""
    key = f"{kind}:{next(iter(about.values()))}"
    usual = {"to_address": "cam@example.net", "message_id": f"<{key}@x>", "verp_tag": key[:16]}
    usual |= {"state": "sent", "next_attempt_at": NOW, "attempts": 1, "is_settled": True}
    facts |= {"employer_id": employer_id, "kind": kind, "created_at": NOW}
    return old.add("email", dedup_key=key, **usual, **about, **facts)


def emails_by_key() -> dict[str, dict[str, Any]]:
    rows = db.session.execute(sa.text("SELECT * FROM email")).mappings()
    return {row["dedup_key"]: dict(row) for row in rows}


def put_three_of_each(old: FirstVersion, employer_id: int) -> None:
    """Notices and requests about one application, whose numbers are unlike its invitation's."""
    application = {"employer_id": employer_id, "application_id": 1, "kind": "delay"}
    letter = {"subject": "News", "body": "Not yet.", "next_on": date(2026, 12, 1)}
    sent = {"channel": "email", "evidence": "verified", "feedback": "none"}
    for _ in range(3):
        values = application | letter | sent
        old.add("notice", **values, is_undelivered=False, created_at=NOW)
        old.add("data_request", employer_id=employer_id, candidate_id=1, wish="see", asked_at=NOW)


@pytest.mark.long
@EACH
def test_emails_lead_to_what_they_are_about_and_those_about_nothing_go(at):
    at(LAST_REVISION)
    old = FirstVersion()
    acme = old.employer("acme")
    old.answer(acme)
    move("0009")
    old = FirstVersion()
    put_three_of_each(old, acme)
    about = {"notice": 3, "invite": 1, "reminder": 1, "fresh_link": 1, "data_request": 2}
    for kind, number in about.items():
        put_mail(old, acme, kind, {"about": number}, relay_code=250)
    db.session.commit()
    held = emails_by_key()
    for kind in (*about, "account"):
        put_mail(old, acme, kind, {"about": 99})
    db.session.commit()
    move()
    assert sorted(map(tuple, db.session.execute(sa.text(KEYS)))) == [
        ("data_request:2", "data_request", None, None, 2, None),
        ("fresh_link:1", "fresh_link", None, 1, None, None),
        ("invite:1", "invite", None, 1, None, None),
        ("notice:3", "notice", 3, None, None, None),
        ("reminder:1", "reminder", None, 1, None, None),
    ]
    for statement in (
        "UPDATE email SET notice_id = 98 WHERE kind = 'notice'",
        "UPDATE email SET kind = 'notice'",
        "UPDATE email SET user_id = 1",
        "DELETE FROM notice",
        "DELETE FROM data_request",
    ):
        with pytest.raises(sa.exc.IntegrityError):
            db.session.execute(sa.text(statement))
        db.session.rollback()
    now = FirstVersion()
    ada = {"email": "ada@example.com", "active": True, "fs_uniquifier": "a", "is_operator": False}
    put_mail(now, acme, "password_reset", {"user_id": now.add("user", **ada, created_at=NOW)})
    move_down("0009")
    assert emails_by_key() == held
    with pytest.raises(sa.exc.IntegrityError):
        db.session.execute(sa.text("UPDATE email SET kind = 'password_reset'"))
    db.session.rollback()
    move()
    assert schema.is_current()


@pytest.mark.long
@EACH
def test_mail_about_a_team_is_taken_back_alone(at):
    at(LAST_REVISION)
    old = FirstVersion()
    acme, globex = old.employer("acme"), old.employer("globex")
    old.answer(acme)
    move(before(TEAM))
    old = FirstVersion()
    ada = {"email": "ada@example.com", "active": True, "fs_uniquifier": "a", "is_operator": False}
    ada_id = old.add("user", **ada, created_at=NOW)
    put_mail(old, acme, "invite", {"invitation_id": 1})
    put_mail(old, acme, "password_reset", {"user_id": ada_id})
    db.session.commit()
    held = emails_by_key()
    move(TEAM)
    now = FirstVersion()
    asked = {"employer_id": acme, "address": "dana@example.com", "role": "viewer"}
    asked |= {"invited_by_id": ada_id, "created_at": NOW, "ends_at": NOW}
    number = now.add("team_invitation", **asked)
    put_mail(now, acme, "team_invitation", {"team_invitation_id": number})
    db.session.commit()
    assert {key: row | {"team_invitation_id": None} for key, row in held.items()} == {
        key: row for key, row in emails_by_key().items() if key in held
    }
    for statement in (
        "UPDATE email SET user_id = 1 WHERE kind = 'team_invitation'",
        "UPDATE email SET kind = 'invite' WHERE kind = 'team_invitation'",
        "DELETE FROM team_invitation",
    ):
        with pytest.raises(sa.exc.IntegrityError):
            db.session.execute(sa.text(statement))
        db.session.rollback()
    with pytest.raises(sa.exc.IntegrityError), db.session.begin_nested():
        now.add("team_invitation", **asked)
    now.add("team_invitation", **asked | {"employer_id": globex})
    now.add("team_invitation", **asked | {"revoked_at": NOW})
    db.session.commit()
    move_down(before(TEAM))
    assert emails_by_key() == held
    move()
    assert schema.is_current()


@pytest.mark.long
@EACH
def test_imports_of_before_are_finished_runs_and_roles_are_open(at):
    at(before(RUNS))
    old = FirstVersion()
    acme, globex = (old.employer(slug, confirmed_domains=[]) for slug in ("acme", "globex"))
    ada = {"email": "ada@example.com", "active": True, "fs_uniquifier": "a", "is_operator": False}
    ada_id = old.add("user", **ada, created_at=NOW)
    counts = {"rows": 7, "new": 4, "changed": 1, "same": 2}
    for n, employer_id in enumerate((acme, globex, acme)):
        user = {"user_id": ada_id if n else None, "applied_at": NOW}
        old.add("import_run", employer_id=employer_id, digest=f"{n}" * 64, counts=counts, **user)
    old.add("requisition", employer_id=acme, title="Engineer", role_family="other")
    db.session.commit()
    held = rows_of("import_run")
    move()
    first, second, third = db.session.scalars(sa.select(Run).order_by(Run.id))
    assert [one.employer_id for one in (first, second, third)] == [acme, globex, acme]
    assert (first.kind, first.state, first.counts, first.plan) == ("import", "finished", counts, {})
    assert (first.total, first.done, first.digest, first.finished_at) == (7, 7, "0" * 64, NOW)
    assert (first.user_id, second.user_id) == (None, ada_id)
    assert runs.find_finished(globex, "1" * 64) == second
    role = db.session.scalars(sa.select(Requisition)).one()
    assert (role.state, role.places, role.owner_id) == ("open", 1, None)
    fresh = runs.queue(acme, "import", "candidates.csv")
    assert fresh.id == third.id + 1
    runs.add_lines(fresh.id, [runs.Line(2, "new", 99)])
    for wrong in ("run SET kind = 'bulk'", "run SET state = 'lost'", "requisition SET places = 0"):
        with pytest.raises(sa.exc.IntegrityError), db.session.begin_nested():
            db.session.execute(sa.text(f"UPDATE {wrong}"))
    move_down(before(RUNS))
    assert rows_of("import_run") == held
    assert len(rows_of("requisition")["requisition"]) == 1
    move()
    assert schema.is_current()


@pytest.mark.long
@EACH
def test_what_was_told_before_calls_stays_and_messages_go_with_them(at):
    at(before(CALLS))
    old = FirstVersion()
    acme = old.employer("acme", confirmed_domains=[])
    role = {"title": "Engineer", "role_family": "other", "state": "open", "places": 1}
    of = {"employer_id": acme}
    role_id = old.add("requisition", **of, **role)
    cam = {"name": "Cam", "locale": "en", "is_contactable": True}
    candidate_id = old.add("candidate", **of, **cam)
    who = {"candidate_id": candidate_id, "requisition_id": role_id}
    stage = {"stage": "", "stage_group": "screen", "stage_entered_on": NOW.date()}
    stage["is_waiting"] = True
    of["application_id"] = old.add("application", **of, **who, **stage, created_at=NOW)
    decision = {"outcome": "rejected", "reason": "", "is_retracted": False}
    of["decision_id"] = old.add("decision", **of, **decision, decided_at=NOW)
    notice = {"channel": "phone", "evidence": "recorded", "feedback": "none", "subject": ""}
    notice |= {"body": "", "is_undelivered": False, "created_at": NOW}
    old.add("notice", **of, **notice, kind="decision", told_at=NOW)
    old.add("notice", **of, **notice, kind="delay", next_on=NOW.date())
    db.session.commit()
    held = rows_of("notice", "candidate")
    move(CALLS)
    db.session.execute(sa.text("UPDATE candidate SET phone = '613 555 0100'"))
    message = old.add("notice", **of, **notice, kind="attempt")
    for wrong in ("told_at = created_at", "decision_id = NULL", "kind = 'delay'", "kind = 'call'"):
        with pytest.raises(sa.exc.IntegrityError), db.session.begin_nested():
            db.session.execute(sa.text(f"UPDATE notice SET {wrong} WHERE id = {message}"))
    db.session.commit()
    move_down(before(CALLS))
    assert rows_of("notice", "candidate") == held
    move()
    assert schema.is_current()


@pytest.mark.long
@EACH
def test_mail_about_an_application_is_taken_back_alone_and_the_erased_have_a_day(at):
    at(LAST_REVISION)
    old = FirstVersion()
    acme = old.employer("acme")
    old.answer(acme)
    move(before(STATUS))
    old = FirstVersion()
    put_mail(old, acme, "invite", {"invitation_id": 1})
    erased = "name = 'Erased person', email = NULL, mailbox = NULL, blanked_on = '2026-01-05'"
    db.session.execute(sa.text(f"UPDATE candidate SET {erased}"))
    db.session.commit()
    held = emails_by_key()
    move(STATUS)
    days = sa.select(sa.column("quiet_since", sa.Date)).select_from(sa.table("candidate"))
    assert set(db.session.scalars(days)) == {date(2026, 1, 5)}
    now = FirstVersion()
    put_mail(now, acme, "status_link", {"application_id": 1})
    db.session.commit()
    for statement in (
        "UPDATE email SET invitation_id = 1 WHERE kind = 'status_link'",
        "UPDATE email SET kind = 'invite' WHERE kind = 'status_link'",
    ):
        with pytest.raises(sa.exc.IntegrityError):
            db.session.execute(sa.text(statement))
        db.session.rollback()
    move_down(before(STATUS))
    assert emails_by_key() == held
    assert set(db.session.scalars(days)) == {None}
    move()
    assert schema.is_current()


def test_a_copied_sqlite_file_is_a_working_database(sqlite_template, tmp_path):
    shutil.copy(sqlite_template, tmp_path / "copy.sqlite")
    app = make_app(f"sqlite:///{tmp_path / 'copy.sqlite'}")
    with app.app_context():
        assert schema.is_current()
        db.session.remove()
        db.engine.dispose()
