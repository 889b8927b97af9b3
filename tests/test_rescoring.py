"""A new reading of all comments: complete, resumable, and shown as a whole or not at all."""

import json
import math
import os
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask_migrate import downgrade, upgrade

from portal import exports, jobs, schema, surveys
from portal.exports import Export, Verdict, read_comments
from portal.extensions import db
from portal.models import (
    AuditEvent,
    Batch,
    CurrentEdition,
    Locale,
    Response,
    RollupWeek,
    Score,
    Scorecard,
    TextCalibration,
    TextLabel,
    Words,
    utcnow,
)
from portal.sentiment.calibration import CalibrationResult
from portal.sentiment.results import Calibration
from portal.surveys import Edition
from portal.surveys.editions import find_calibration
from tests.support.answers import release, store_answers
from tests.support.readers import Reader, activate, rescore_by, score_by

ROOT = Path(__file__).parents[1]
OLD, NEW = Reader("old 1"), Reader("new 2", turned=True)


def good_or_bad(number: int) -> dict:
    return {"comment": f"{'Bad' if number % 3 else 'Good'} in way {number}."}


def fill(make, pools: int = 1, reader=OLD, slug: str = "acme"):
    """An employer with POOLS pools of ten answers, read before their release."""
    employer = make.employer(slug)
    for _ in range(pools):
        add_pool(employer, reader)
    return employer


def add_pool(employer, reader, count: int = 10) -> None:
    store_answers(employer, count, good_or_bad)
    score_by(reader)
    release(employer)


def versions() -> Counter:
    rows = db.session.execute(sa.select(Score.version, Score.response_id))
    return Counter(version for version, _ in rows)


def verdicts(employer) -> Counter:
    return read_comments(employer).verdicts


# -- what is current ------------------------------------------------------------------------------


def test_the_first_reading_is_the_one_shown(make):
    assert surveys.current_edition() is None
    acme = fill(make)
    assert surveys.current_edition() == Edition("old 1")
    assert verdicts(acme) == {Verdict.POS: 4, Verdict.NEG: 6}


def test_a_new_version_reads_what_waits_and_leaves_pools_alone(make):
    acme = fill(make)
    store_answers(acme, 6, good_or_bad)
    score_by(OLD)
    release(acme)  # released, but too few for a pool
    store_answers(acme, 3, good_or_bad)
    score_by(OLD)
    assert score_by(NEW) == 9
    assert versions() == {"old 1": 19, "new 2": 9}
    assert score_by(NEW) == 0
    assert surveys.current_edition() == Edition("old 1"), "only --activate changes what is shown"


def test_every_pool_is_shown_by_one_edition_that_has_read_it_all(make):
    acme = fill(make)
    store_answers(acme, 6, good_or_bad)
    score_by(OLD)
    release(acme)
    add_pool(acme, NEW, 5)  # makes a pool with the six before
    assert verdicts(acme) == {Verdict.POS: 4 + 7, Verdict.NEG: 6 + 4}
    page = read_comments(acme)
    assert page.edition == Edition("old 1")
    assert page.other_edition == 11, "said on the page"
    activate(rescore_by(NEW))
    assert verdicts(acme) == {Verdict.POS: 6 + 7, Verdict.NEG: 4 + 4}
    assert read_comments(acme).other_edition == 0


def test_a_comment_that_nobody_has_read_is_called_so_and_read_later(make):
    acme = make.employer()
    store_answers(acme, 9, good_or_bad)
    score_by(OLD)
    store_answers(acme, 1, good_or_bad)  # given between the reading and the release
    release(acme)
    assert verdicts(acme)[Verdict.UNREAD] == 1
    rows = exports.read_rows(acme, Export.ROWS)
    assert score_by(OLD) == 1
    assert verdicts(acme)[Verdict.UNREAD] == 0
    assert list(rows) == list(exports.read_rows(acme, Export.ROWS))


def test_an_answer_given_at_the_last_moment_is_read_with_its_release(make):
    acme = make.employer()
    store_answers(acme, 10, good_or_bad)
    jobs._release(acme, utcnow())
    db.session.commit()
    assert verdicts(acme)[Verdict.UNREAD] == 0


# -- reading all anew -----------------------------------------------------------------------------


def test_rescoring_appends_and_overwrites_nothing(make):
    fill(make, pools=2)
    rows = {row.id: (row.response_id, row.label, row.p) for row in db.session.scalars(scores())}
    rescore_by(NEW)
    assert versions() == {"old 1": 20, "new 2": 20}
    now = {row.id: (row.response_id, row.label, row.p) for row in db.session.scalars(scores())}
    assert {key: now[key] for key in rows} == rows
    before = NEW.calls
    rescore_by(NEW)
    assert NEW.calls == before, "nothing was left to read"


def scores():
    return sa.select(Score).order_by(Score.id)


def test_nothing_shown_changes_until_it_is_activated_and_the_score_never(make):
    acme, globex = fill(make, pools=2), fill(make, slug="globex")
    before = shown(acme), shown(globex), figures()
    edition = rescore_by(NEW)
    assert (shown(acme), shown(globex), figures()) == before
    activate(edition)
    assert verdicts(acme) == {Verdict.POS: 12, Verdict.NEG: 8}
    assert verdicts(globex) == {Verdict.POS: 6, Verdict.NEG: 4}
    assert figures() == before[2]
    event = db.session.scalars(
        sa.select(AuditEvent).where(AuditEvent.action == "sentiment.activated")
    ).one()
    assert event.detail == {"version": "new 2", "calibration": "", "before": ["old 1", ""]}


def shown(employer):
    page = read_comments(employer)
    return page.verdicts, [(comment.parts, comment.verdict) for comment in page.comments]


def figures():
    """Every row that a score, a trend or a file is made of."""
    db.session.rollback()
    tables = [Scorecard.__table__, RollupWeek.__table__, Batch.__table__, Response.__table__]
    return [db.session.execute(sa.select(table)).all() for table in tables]


def test_an_edition_that_has_not_read_everything_is_not_activated(make):
    acme = fill(make)
    edition = rescore_by(NEW)
    add_pool(acme, OLD)
    with pytest.raises(surveys.EditionIncomplete):
        surveys.activate(edition)
    assert surveys.current_edition() == Edition("old 1")
    activate(rescore_by(NEW))
    assert db.session.scalars(sa.select(CurrentEdition.version)).all() == ["new 2"]


def test_how_many_comments_read_otherwise_is_known_before(make):
    acme = fill(make)
    store_answers(acme, 10, lambda n: {"comment": ("", "Hm.", "Good.")[n % 3]})
    score_by(OLD)
    release(acme)
    changes = surveys.compare_editions(Edition("old 1"), rescore_by(NEW))
    found = {(change.before, change.after): change.comments for change in changes}
    pos, neg, unclear = TextLabel.POS, TextLabel.NEG, TextLabel.UNCLEAR
    assert found == {(pos, neg): 4 + 3, (neg, pos): 6, (unclear, unclear): 3}


KILLED = """
import os, signal, sys
sys.path.insert(0, {root!r})
from portal import jobs, surveys
from portal.surveys import scoring
from tests.conftest import make_app
from tests.support.readers import Reader

class Doomed(Reader):
    def __call__(self, *words):
        if self.calls == 13:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__call__(*words)

scoring.CHUNK = 5
with make_app({url!r}).app_context():
    reader = Doomed("new 2", turned=True)
    jobs._drain(lambda: surveys.rescore(reader, surveys.Edition("new 2")))
"""


def test_a_rescore_killed_with_signal_9_goes_on_where_it_was(make, database_url):
    fill(make, pools=2)
    db.session.remove()
    code = KILLED.format(root=str(ROOT), url=database_url)
    dead = subprocess.run([sys.executable, "-c", code], check=False, cwd=ROOT, env=os.environ)
    assert dead.returncode == -signal.SIGKILL
    assert versions()["new 2"] == 10, "two whole chunks; of the third nothing"
    again = Reader("new 2", turned=True)
    rescore_by(again)
    assert again.calls == 10
    assert versions() == {"old 1": 20, "new 2": 20}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_two_that_read_at_once_leave_one_row_and_answers_stand_still(make):
    """SQLite has one writer at a time; PostgreSQL would let a second one in."""
    fill(make)
    db.session.rollback()
    refused = []

    class Meanwhile(Reader):
        def __call__(self, text, language, calibration=None):
            with db.engine.connect() as other:
                (found,) = other.execute(
                    sa.select(Response.id).where(Response.comment == text)
                ).one()
                row = {"response_id": found, "version": "new 2", "calibration": ""}
                row |= {"status": "unclear", "p": 0.5, "phrases": [], "aspects": []}
                other.execute(sa.insert(Score), row)
                other.commit()
                try:
                    other.execute(sa.text("SET lock_timeout = '1ms'"))
                    other.execute(
                        sa.update(Response).where(Response.id == found).values(comment="")
                    )
                except sa.exc.OperationalError as error:
                    refused.append(type(error.orig).__name__)
            return super().__call__(text, language, calibration)

    rescore_by(Meanwhile("new 2"))
    assert versions() == {"old 1": 10, "new 2": 10}
    rows = db.session.scalars(sa.select(Score.status).where(Score.version == "new 2"))
    assert {status.value for status in rows} == {"unclear"}, "the first row stands"
    assert refused == ["LockNotAvailable"] * 10


def test_scores_hold_no_time_and_are_in_no_order_of_answers(make):
    """test_anonymity looks at every column; here at the rows a rescore adds."""
    acme = make.employer()
    store_answers(acme, 60, good_or_bad)
    score_by(OLD)
    release(acme)
    rescore_by(NEW)
    answers = db.session.scalars(
        sa.select(Score.response_id).where(Score.version == "new 2").order_by(Score.id)
    ).all()
    assert answers != sorted(answers)
    assert not [c for c in Score.__table__.columns if isinstance(c.type, sa.DateTime | sa.Date)]
    held = {column.name: column.type for column in TextCalibration.__table__.columns}
    assert {name for name, kind in held.items() if isinstance(kind, sa.Date | sa.DateTime)} == {
        "week"
    }
    assert not TextCalibration.__table__.foreign_keys


# -- calibrations ---------------------------------------------------------------------------------

FIT = CalibrationResult(Calibration(1.5, -0.3, 0.6), "better", 60, 0.7, 0.5)


def test_a_fit_is_used_once_it_is_activated_and_not_before(make):
    fill(make)
    edition = surveys.add_calibration("old 1", FIT, utcnow().date())
    db.session.commit()
    row = db.session.scalars(sa.select(TextCalibration)).one()
    assert row.week.weekday() == 0
    assert find_calibration(edition) == FIT.calibration
    assert surveys.newest_edition("old 1") == edition
    assert surveys.newest_edition("new 2") == Edition("new 2"), "a fit belongs to its version"
    given = []

    class Listening(Reader):
        def __call__(self, text, language, calibration=None):
            given.append(calibration)
            return super().__call__(text, language, calibration)

    reader = Listening("old 1")
    acme = make.employer("globex")
    add_pool(acme, reader)
    assert set(given) == {None}, "new answers are read as those shown are"
    given.clear()
    activate(rescore_by(reader))
    assert len(given) == 20
    assert set(given) == {FIT.calibration}
    given.clear()
    add_pool(acme, reader)
    assert set(given) == {FIT.calibration}


def test_the_analyzer_applies_the_fit(make):
    reader = jobs.load_analyzer()
    text = "They called me two days later and told me why. Thank you!"
    plain, fitted = reader(text, "en"), reader(text, "en", FIT.calibration)
    logit = math.log(plain.p / (1 - plain.p))
    assert fitted.p == pytest.approx(1 / (1 + math.exp(-(1.5 * logit - 0.3))))


# -- the commands ---------------------------------------------------------------------------------


@pytest.fixture
def run(app):
    """A command in its own process: what it ends with, prints and says on the side."""

    def call(*words, code=0):
        db.session.commit()
        result = app.test_cli_runner().invoke(args=["sentiment", *words])
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result

    return call


GOOD = "They called me two days later and told me why. Thank you, that was kind."
BAD = "I never heard back, not one word, and they ignored my emails. Rude."


def starred(number: int) -> dict:
    is_good = number % 2 == 0
    text = f"{GOOD if is_good else BAD} {number}"
    return {"overall": 5 if is_good else 1, "comment": text, "words": Words.EMPLOYER}


def test_rescore_reports_and_activates(make, run):
    fill(make)
    first = json.loads(run("rescore", "--json").stdout)
    version = jobs.load_analyzer().version
    assert first["edition"] == {"version": version, "calibration": ""}
    assert first["shown"] == {"version": "old 1", "calibration": ""}
    assert (first["read"], first["compared"], first["activated"]) == (10, 10, False)
    assert first["changed"] == sum(change["comments"] for change in first["changes"])
    assert surveys.current_edition() == Edition("old 1")
    db.session.rollback()
    text = run("rescore", "--activate").output
    assert text.startswith("0 answers read")
    assert "Pages show the new reading now." in text
    assert surveys.current_edition() == Edition(version)
    db.session.rollback()
    assert "pages show already" in run("rescore").output


def test_train_refuses_too_few_answers_in_one_line(make, run):
    acme = make.employer()
    store_answers(acme, 49, starred)
    release(acme)
    result = run("train", code=1)
    assert len(result.stderr.strip().splitlines()) == 1
    assert "It takes 50, at least 10 of each" in result.stderr
    store_answers(acme, 20, lambda n: {"overall": 5, "comment": GOOD})
    assert run("train", "--json", code=1).stdout == "", "what is not released is not counted"
    assert db.session.scalar(sa.select(sa.func.count(TextCalibration.id))) == 0


def test_train_needs_both_sides(make, run):
    acme = make.employer()
    store_answers(acme, 60, lambda n: {"overall": 5 if n > 8 else 1, "comment": GOOD})
    release(acme)
    assert "51 of 4 or 5 stars and 9 of 1 or 2" in run("train", code=1).stderr


def test_train_keeps_what_predicts_better_and_rescore_shows_it(make, run):
    acme = make.employer()
    store_answers(acme, 70, starred)
    jobs.score(utcnow())
    release(acme)
    before = figures()
    dry = json.loads(run("train", "--dry-run", "--json").stdout)
    assert (dry["kept"], dry["edition"], dry["dry_run"], dry["answers"]) == (False, None, True, 70)
    assert dry["log_loss_after"] < dry["log_loss_before"]
    assert db.session.scalar(sa.select(sa.func.count(TextCalibration.id))) == 0
    kept = json.loads(run("train", "--json").stdout)
    assert kept["kept"] is True
    assert kept["calibration"] == dry["calibration"], "the same answers, the same fit"
    assert kept["edition"]["calibration"] == "1"
    assert surveys.current_edition() == Edition(kept["edition"]["version"])
    db.session.rollback()
    assert "activate" in run("rescore").output
    run("rescore", "--activate")
    assert surveys.current_edition() == Edition(**kept["edition"])
    assert figures() == before
    numbers = Calibration(**kept["calibration"])
    rows = db.session.execute(sa.select(Score.response_id, Score.calibration, Score.p))
    by_answer: dict = {}
    for response_id, calibration, p in rows:
        by_answer.setdefault(response_id, {})[calibration] = p
    for estimates in by_answer.values():
        logit = math.log(estimates[""] / (1 - estimates[""]))
        fitted = 1 / (1 + math.exp(-(numbers.slope * logit + numbers.intercept)))
        assert estimates["1"] == pytest.approx(fitted)


# -- the way there --------------------------------------------------------------------------------


def test_the_migration_keeps_scores_and_goes_on_with_what_was_shown(make):
    acme = fill(make)
    rescore_by(Reader("older 0", turned=True))
    store_answers(acme, 2, good_or_bad)
    score_by(OLD)  # so that "old 1" has read most
    rows = list(exports.read_rows(acme, Export.ROWS))
    held = versions()
    db.session.remove()
    downgrade(revision="0001")
    assert not schema.is_current()
    db.session.remove()
    upgrade()
    db.session.remove()
    assert versions() == held
    assert surveys.current_edition() == Edition("old 1")
    assert list(exports.read_rows(acme, Export.ROWS)) == rows
    waiting = sa.select(Response.sentiment).where(Response.batch_id.is_(None))
    assert set(db.session.scalars(waiting)) == {None}


def test_equal_words_read_alike_whatever_language_the_survey_was_in(make):
    """The employer knows in which language it wrote to whom."""
    acme = fill(make)
    db.session.execute(sa.update(Response).values(comment="Ghosted."))
    first = sa.select(sa.func.min(Response.id)).scalar_subquery()
    db.session.execute(sa.update(Response).where(Response.id == first).values(locale=Locale.FRENCH))
    db.session.commit()
    edition = surveys.newest_edition(jobs.load_analyzer().version)
    jobs.rescore(edition, lambda *_: None)
    read = db.session.execute(
        sa.select(Score.language, Score.status, Score.p).where(edition.made()).distinct()
    ).all()
    assert len(read) == 1, (acme.slug, read)
