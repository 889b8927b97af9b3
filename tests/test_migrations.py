"""The schema is what the migrations make of it, and the models agree, on both databases."""

import shutil
import struct
from datetime import date
from uuid import uuid4

import numpy as np
import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade

from portal import reputation, schema, surveys
from portal.extensions import db
from portal.invitations import open_invitation
from portal.models import (
    NEVER_POOLED,
    Batch,
    Candidate,
    Employer,
    Invitation,
    Locale,
    PlatformFit,
    Requisition,
    Response,
    RollupMonth,
    RollupWeek,
    Score,
    SkipReason,
    utcnow,
)
from portal.reputation import levers
from portal.statistics.lever_model import fit_model
from portal.statistics.moments import (
    cross_moments,
    design_matrix,
    employer_moments,
    pack_triangle,
    unpack_triangle,
)
from tests.conftest import make_app
from tests.support.answers import release, store_answers
from tests.support.factory import Make
from tests.support.readers import Reader, score_by


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


def test_an_answer_out_of_range_is_refused_by_the_database(app, make):
    acme = make.employer()
    token = make.link(make.told(acme))
    opened = open_invitation(token, utcnow())
    surveys.submit_response(opened, surveys.Answers(recommend=5, overall=3), Locale.ENGLISH)
    db.session.commit()
    for column, value in (("overall", 6), ("recommend", -1), ("cell", 9)):
        with pytest.raises(sa.exc.IntegrityError):
            db.session.execute(sa.update(Response).values({column: value}))
        db.session.rollback()


@pytest.fixture
def empty_url(request, tmp_path, postgres):
    """A database without any table, one of each kind in turn."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.sqlite'}"
        return
    name = f"empty_{uuid4().hex}"
    with psycopg.connect(postgres + "postgres", autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield postgres + name
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.mark.parametrize("empty_url", ["sqlite", "postgresql"], indirect=True)
def test_an_empty_database_goes_up_and_down_and_up_again(empty_url):
    app = make_app(empty_url)
    with app.app_context():
        assert not schema.is_current()
        db.session.remove()
        upgrade()
        assert schema.is_current()
        db.session.remove()
        downgrade(revision="base")
        left = set(sa.inspect(db.engine).get_table_names())
        assert left <= {"alembic_version"}
        upgrade()
        assert schema.is_current()
        db.session.remove()
        db.engine.dispose()


def counts() -> dict[str, int]:
    """Rows by table, of the tables that the first schema had."""
    tables = sa.inspect(db.engine).get_table_names()
    return {
        name: db.session.scalar(sa.select(sa.func.count()).select_from(sa.table(name)))
        for name in sorted(tables)
        if name not in ("alembic_version", "floor", "platform_fit", "rollup_month", "calibration")
        and name != "current_edition"
    }


def test_a_filled_database_goes_down_to_the_first_schema_and_up_again(app, make):
    acme = make.employer()
    for _ in range(2):
        store_answers(acme, 6)
        release(acme)
    make.told(acme)
    db.session.commit()
    before, figures = counts(), reputation.dashboard(acme).reputation
    assert before["response"] == 12
    db.session.remove()
    downgrade(revision="0001")
    db.session.remove()
    assert counts() == before
    db.session.remove()
    upgrade()
    db.session.remove()
    assert counts() == before
    acme = db.session.scalars(sa.select(Employer)).one()
    assert reputation.dashboard(acme).reputation == figures
    if db.engine.dialect.name == "sqlite":
        assert db.session.execute(sa.text("PRAGMA foreign_keys")).scalar() == 1


def test_releases_and_sums_from_before_levers_are_kept(app):
    acme = Make().employer()
    for number, fresh in ((1, 6), (2, 5)):
        db.session.add(
            Batch(
                employer_id=acme.id,
                number=number,
                released_on=date(2026, 10, number),
                answers=6,
                fresh=fresh,
                trend={},
                groups={"stars": [6, 0, 0, 0, 0]},
            )
        )
    db.session.add(
        RollupWeek(
            employer_id=acme.id,
            week=date(2026, 9, 28),
            cell=0,
            stars_1=12,
            detractors=12,
            invited=9,
        )
    )
    db.session.commit()
    db.session.remove()
    downgrade(revision="0001")
    upgrade()
    batches = db.session.scalars(sa.select(Batch).order_by(Batch.number)).all()
    assert [(batch.answers, batch.groups, batch.pool) for batch in batches] == [
        (6, None, None),
        (6, None, NEVER_POOLED),
    ]
    week = db.session.scalars(sa.select(RollupWeek)).one()
    assert (week.stars_1, week.detractors, week.invited) == (12, 12, 0)


def test_comments_read_before_words_were_kept_stay_read(app, make):
    store_answers(make.employer(), 6, lambda n: {"comment": f"Good {n}."})
    score_by(Reader("old 1"))
    assert all(score.aspect_words for score in db.session.scalars(sa.select(Score)))
    db.session.remove()
    downgrade(revision="0004")
    upgrade()
    scores = db.session.scalars(sa.select(Score)).all()
    assert [(score.aspects, score.aspect_words) for score in scores] == [(["respect"], [])] * 6


FORMER = [*range(15), 20]  # where the columns of the five former families stand now


def kept_moments(employer: Employer, families: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """A month of answered and of asked candidates, by FAMILIES' codes; and a fit of it, stored."""
    chance, n = np.random.default_rng(6), 80
    design = design_matrix(
        chance.integers(-1, 20, n), *chance.integers(0, 4, (1, n)), *chance.integers(0, 1, (2, n)),
        chance.integers(0, 2, n), chance.integers(0, 3, n), chance.choice(families, n),
    )  # fmt: skip
    rows = np.column_stack([design, chance.integers(1, 6, n)])
    answered, population = cross_moments(rows[:60]), cross_moments(design)
    own = employer_moments([answered], population, n)
    db.session.add(
        RollupMonth(
            employer_id=employer.id,
            month=date(2026, 10, 1),
            answered=tuple(pack_triangle(answered).tolist()),
            population=tuple(pack_triangle(population).tolist()),
        )
    )
    model = fit_model([own, own]).as_plain()
    fit = PlatformFit(day=date(2026, 11, 1), fitted_at=utcnow(), employers=2, model=model)
    db.session.add_all([fit, PlatformFit(day=date(2026, 11, 2))])  # one is under way
    db.session.commit()
    return answered, population


def stored_triangle(column: str) -> np.ndarray:
    packed = db.session.execute(sa.text(f"SELECT {column} FROM rollup_month")).scalar()
    return unpack_triangle(struct.unpack(f"<{len(packed) // 8}q", packed))


def stored_levers() -> dict:
    month, fit = db.session.scalars(sa.select(RollupMonth)).one(), db.session.get(PlatformFit, 1)
    return levers.describe_levers(levers.moments_of([month], 80), fit)


def test_moments_and_fits_of_the_former_families_are_read_with_the_new_ones(app):
    answered, population = kept_moments(Make().employer(), [0, 1, 2, 3, 9])
    before = stored_levers()
    db.session.remove()
    downgrade(revision="0005")
    with_stars = [*FORMER, 21]
    assert (stored_triangle("answered") == answered[np.ix_(with_stars, with_stars)]).all()
    assert (stored_triangle("population") == population[np.ix_(FORMER, FORMER)]).all()
    model = db.session.get(PlatformFit, 1).model
    assert {len(fit["b"]) for fit in (model["mode"], *model["draws"])} == {15}
    assert np.array(model["mode"]["b_cov"]).shape == (15, 15)
    db.session.remove()
    upgrade()
    assert (stored_triangle("answered") == answered).all()
    assert (stored_triangle("population") == population).all()
    assert db.session.get(PlatformFit, 2).model == {}
    after = stored_levers()
    assert any(lever["effect_stars"] is not None for lever in before["levers"])
    for one, other in zip(before["levers"], after["levers"], strict=True):
        for figure in ("effect_stars", "low", "high"):
            assert one[figure] == pytest.approx(other[figure], abs=1e-9)


def test_who_has_a_new_family_is_among_the_others_before_it(app, make):
    acme = make.employer()
    store_answers(acme, 6)
    make.link(make.told(acme))
    answered, population = kept_moments(acme, [0, 4, 5, 9])
    for table in (Requisition, Invitation, Response):
        db.session.execute(sa.update(table).values(role_family="care"))
    db.session.commit()
    db.session.remove()
    downgrade(revision="0005")
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
    db.session.remove()
    upgrade()
    assert stored_triangle("answered")[0, 20] == former[0, 15]


def test_mailboxes_are_filled_and_own_addresses_go_and_come(app, make):
    acme = make.employer(confirmed_domains=["acme.example"])
    spellings = {"Cam+x@example.net": "cam@example.net", "+@example.net": "+@example.net"}
    for number, address in enumerate([*spellings, "people@acme.example", None]):
        make.told(acme, name=f"Cam {number}", email=address)
    own = sa.select(Invitation).where(Invitation.skip_reason == SkipReason.OWN_ADDRESS)
    number = db.session.scalars(own).one().id
    db.session.remove()
    downgrade(revision="0005")
    reason = sa.text(f"SELECT skip_reason FROM invitation WHERE id = {number}")
    assert db.session.execute(reason).scalar() == "no_email"
    db.session.remove()
    upgrade()
    held = sa.select(Candidate.email, Candidate.mailbox)
    found = dict(db.session.execute(held).all())
    assert found == spellings | {"people@acme.example": "people@acme.example", None: None}
    assert db.session.scalars(sa.select(Employer)).one().confirmed_domains == []


def test_a_copied_sqlite_file_is_a_working_database(sqlite_template, tmp_path):
    shutil.copy(sqlite_template, tmp_path / "copy.sqlite")
    app = make_app(f"sqlite:///{tmp_path / 'copy.sqlite'}")
    with app.app_context():
        assert schema.is_current()
        db.session.remove()
        db.engine.dispose()
