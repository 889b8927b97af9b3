"""The schema is what the migrations make of it, and the models agree, on both databases."""

import shutil
from datetime import date, timedelta
from uuid import uuid4

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask_migrate import downgrade, upgrade

from portal import outbox, reputation, schema, surveys
from portal.extensions import db
from portal.invitations import open_invitation
from portal.models import (
    NEVER_POOLED,
    AuditEvent,
    Batch,
    Candidate,
    EmailKind,
    Employer,
    Locale,
    Response,
    RollupWeek,
    Score,
    utcnow,
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
        and name not in ("current_edition", "data_request")
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


def test_who_was_erased_before_is_blank_since_the_day_that_the_log_says(app, make):
    acme = make.employer()
    erased, unlogged, named = (make.application(acme, name=n).candidate_id for n in "abc")
    for candidate_id in (erased, unlogged):
        db.session.get(Candidate, candidate_id).name = "Erased person"
    erased_at = utcnow() - timedelta(days=40)
    db.session.add(
        AuditEvent(
            action="person.erased", employer_id=acme.id, about_id=erased, detail={}, at=erased_at
        )
    )
    outbox.queue_email(
        EmailKind.DATA_REQUEST, "cam@example.net", 1, employer_id=acme.id, dedup_key="data:1"
    )
    db.session.commit()
    db.session.remove()
    downgrade(revision="0005")
    db.session.remove()
    assert db.session.scalar(sa.text("SELECT count(*) FROM email")) == 0
    db.session.remove()
    upgrade()
    db.session.remove()
    days = dict(db.session.execute(sa.select(Candidate.id, Candidate.blanked_on)).all())
    assert days[erased] == erased_at.date()
    assert abs(days[unlogged] - utcnow().date()) <= timedelta(days=1)
    assert days[named] is None


def test_a_copied_sqlite_file_is_a_working_database(sqlite_template, tmp_path):
    shutil.copy(sqlite_template, tmp_path / "copy.sqlite")
    app = make_app(f"sqlite:///{tmp_path / 'copy.sqlite'}")
    with app.app_context():
        assert schema.is_current()
        db.session.remove()
        db.engine.dispose()
