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

from portal import exports, jobs, reputation, surveys
from portal.exports import Export, ReadAs, read_comments
from portal.extensions import db
from portal.jobs import work
from portal.models import (
    AuditEvent,
    Batch,
    CurrentEdition,
    Locale,
    Opinion,
    Reading,
    Scorecard,
    SealedAnswer,
    TextCalibration,
    TextLabel,
    Words,
    utcnow,
)
from portal.sentiment.calibration import CalibrationResult
from portal.sentiment.results import Calibration
from portal.surveys import Edition
from portal.surveys.editions import find_calibration
from portal.surveys.sealing import WITH_WORDS, insert_sealed
from tests.support.answers import (
    give_answers,
    leave_silent,
    make_answer,
    release,
    store_answers,
    withdraw,
)
from tests.support.readers import Reader, activate, rescore_by

ROOT = Path(__file__).parents[1]
OLD, NEW = Reader("old 1"), Reader("new 2", turned=True)


def good_or_bad(number: int) -> dict:
    return {"comment": f"{'Bad' if number % 3 else 'Good'} in way {number}."}


def fill(make, pools: int = 1, reader=OLD, slug: str = "acme"):
    """An employer with POOLS pools of ten answers, read at their release."""
    employer = make.employer(slug)
    for _ in range(pools):
        add_pool(employer, reader)
    return employer


def add_pool(employer, reader, count: int = 10) -> None:
    store_answers(employer, count, good_or_bad)
    release(employer, reader=reader)


def versions() -> Counter:
    return Counter(db.session.scalars(sa.select(Reading.version)))


def verdicts(employer) -> Counter:
    return read_comments(employer).verdicts


# -- what is current ------------------------------------------------------------------------------


def test_the_first_reading_is_the_one_shown(make):
    assert surveys.current_edition() is None
    acme = fill(make)
    assert surveys.current_edition() == Edition("old 1")
    assert verdicts(acme) == {ReadAs.POS: 4, ReadAs.NEG: 6}


def test_a_new_version_reads_what_is_released_and_leaves_pools_alone(make):
    acme = fill(make)
    store_answers(acme, 6, good_or_bad)
    release(acme, reader=OLD)  # released, but too few for a pool
    store_answers(acme, 3, good_or_bad)
    assert versions() == {"old 1": 10}, "of what is in no pool nothing is kept"
    store_answers(acme, 2, good_or_bad)
    release(acme, reader=NEW)
    assert versions() == {"old 1": 10, "new 2": 11}
    assert surveys.current_edition() == Edition("old 1"), "only --activate changes what is shown"


def test_every_pool_is_shown_by_one_edition_that_has_read_it_all(make):
    acme = fill(make)
    store_answers(acme, 6, good_or_bad)
    release(acme, reader=OLD)
    add_pool(acme, NEW, 5)  # makes a pool with the six before
    assert verdicts(acme) == {ReadAs.POS: 4 + 7, ReadAs.NEG: 6 + 4}
    page = read_comments(acme)
    assert page.edition == Edition("old 1")
    assert page.other_edition == 11, "said on the page"
    activate(rescore_by(NEW))
    assert verdicts(acme) == {ReadAs.POS: 6 + 7, ReadAs.NEG: 4 + 4}
    assert read_comments(acme).other_edition == 0


def test_the_label_of_a_line_is_that_of_its_release_whoever_reads_the_pool(make):
    acme = make.employer()
    store_answers(acme, 6, good_or_bad)
    release(acme, reader=OLD)
    add_pool(acme, NEW, 5)
    assert verdicts(acme) == {ReadAs.POS: 7, ReadAs.NEG: 4}
    labels = Counter(row[-1] for row in exports.read_rows(acme, Export.ROWS))
    assert labels == {"pos": 2 + 3, "neg": 4 + 2}


def test_a_comment_that_nobody_has_read_is_called_so_and_read_later(make):
    acme = fill(make)
    rows = list(exports.read_rows(acme, Export.ROWS))
    one = sa.select(sa.func.min(Words.id)).scalar_subquery()
    db.session.execute(sa.delete(Reading).where(Reading.words_id == one))
    db.session.commit()
    assert verdicts(acme)[ReadAs.UNREAD] == 1
    rescore_by(OLD)
    assert verdicts(acme)[ReadAs.UNREAD] == 0
    assert list(exports.read_rows(acme, Export.ROWS)) == rows


def test_an_answer_given_at_the_last_moment_is_read_with_its_release(make):
    acme = make.employer()
    store_answers(acme, 10, good_or_bad)
    leave_silent(acme, 3)
    assert work._release(acme, utcnow()) == 10
    assert verdicts(acme).total() == 10
    assert verdicts(acme)[ReadAs.UNREAD] == 0


# -- reading all anew -----------------------------------------------------------------------------


def test_rescoring_appends_and_overwrites_nothing(make):
    fill(make, pools=2)
    rows = set(readings())
    rescore_by(NEW)
    assert versions() == {"old 1": 20, "new 2": 20}
    assert rows < set(readings())
    before = NEW.calls
    rescore_by(NEW)
    assert NEW.calls == before, "nothing was left to read"


def readings():
    columns = (Reading.words_id, Reading.version, Reading.calibration)
    found = sa.select(*columns, Reading.label, Reading.status, Reading.estimate)
    return [tuple(row) for row in db.session.execute(found)]


def test_nothing_shown_changes_until_it_is_activated_and_the_score_never(make):
    acme, globex = fill(make, pools=2), fill(make, slug="globex")
    before = shown(acme), shown(globex), figures()
    edition = rescore_by(NEW)
    assert (shown(acme), shown(globex), figures()) == before
    activate(edition)
    assert verdicts(acme) == {ReadAs.POS: 12, ReadAs.NEG: 8}
    assert verdicts(globex) == {ReadAs.POS: 6, ReadAs.NEG: 4}
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
    tables = [one.__table__ for one in (Scorecard, Batch, Opinion, Words, SealedAnswer)]
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
    release(acme, reader=OLD)
    changes = surveys.compare_editions(Edition("old 1"), rescore_by(NEW))
    found = {(change.before, change.after): change.comments for change in changes}
    pos, neg, unclear = TextLabel.POS, TextLabel.NEG, TextLabel.UNCLEAR
    assert found == {(pos, neg): 4 + 3, (neg, pos): 6, (unclear, unclear): 3}


KILLED = """
import os, signal, sys
sys.path.insert(0, {root!r})
from portal import jobs, surveys
from portal.surveys import reading
from tests.conftest import make_app
from tests.support.readers import Reader

class Doomed(Reader):
    def __call__(self, *words):
        if self.calls == 13:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__call__(*words)

reading.CHUNK = 5
with make_app({url!r}).app_context():
    reader = Doomed("new 2", turned=True)
    jobs.rescore(reader, surveys.Edition("new 2"))
"""


@pytest.mark.long
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


def test_others_read_and_take_words_away_while_texts_are_read(make):
    """The first reading stands, and of words that are gone nothing is kept."""
    fill(make)
    db.session.rollback()

    class Meanwhile(Reader):
        def __call__(self, text, language, calibration=None):
            with db.engine.connect() as other:
                (found,) = other.execute(sa.select(Words.id).where(Words.text == text)).one()
                if self.calls % 2:
                    other.execute(sa.delete(Reading).where(Reading.words_id == found))
                    other.execute(sa.delete(Words).where(Words.id == found))
                else:
                    row = {"words_id": found, "version": "new 2", "calibration": ""}
                    row |= {"status": "unclear", "estimate": 50, "phrases": [], "aspects": []}
                    other.execute(sa.insert(Reading), row)
                other.commit()
            return super().__call__(text, language, calibration)

    rescore_by(Meanwhile("new 2"))
    assert versions() == {"old 1": 5, "new 2": 5}
    rows = db.session.scalars(sa.select(Reading.status).where(Reading.version == "new 2"))
    assert {status.value for status in rows} == {"unclear"}


def test_readings_hold_no_time_and_lead_to_nothing_but_their_words(make):
    """test_anonymity looks at every column; here at the rows a rescore adds."""
    acme = make.employer()
    store_answers(acme, 60, good_or_bad)
    release(acme, reader=OLD)
    rescore_by(NEW)
    ids = db.session.scalars(sa.select(Reading.words_id).where(Reading.version == "new 2")).all()
    texts = dict(db.session.execute(sa.select(Words.id, Words.text)).all())
    numbers = [int(texts[one].split()[-1].rstrip(".")) for one in ids]
    assert numbers != sorted(numbers)
    assert not [c for c in Reading.__table__.columns if isinstance(c.type, sa.DateTime | sa.Date)]
    assert {key.target_fullname for key in Reading.__table__.foreign_keys} == {"words.id"}
    held = {column.name: column.type for column in TextCalibration.__table__.columns}
    assert {name for name, kind in held.items() if isinstance(kind, sa.Date | sa.DateTime)} == {
        "week"
    }
    assert not TextCalibration.__table__.foreign_keys


def test_what_may_never_be_read_holds_up_no_version(make):
    acme = make.employer()
    store_answers(acme, 12, lambda n: good_or_bad(n) | {"words": ("counted", "public")[n % 2]})
    release(acme, reader=OLD)
    store_answers(acme, 6, good_or_bad)
    release(acme, reader=OLD)  # in no pool yet
    store_answers(acme, 3, good_or_bad)  # in no release
    edition = rescore_by(NEW)
    assert versions() == {"old 1": 6, "new 2": 6}
    activate(edition)
    assert surveys.current_edition() == edition
    labels = Counter(row[-1] for row in exports.read_rows(acme, Export.ROWS))
    assert labels == {"not_shown": 12}, "their label is counted: 4 good of 12 are too few to say so"


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


def test_a_fit_is_rounded_before_its_first_use(make):
    """From two fits at full precision the answers between them could be solved for."""
    exact = Calibration(1.23456, -0.34567, 0.61234)
    result = CalibrationResult(exact, "better", 67, 0.68765, 0.51234)
    edition = surveys.add_calibration("old 1", surveys.round_fit(result), utcnow().date())
    assert find_calibration(edition) == Calibration(1.23, -0.35, 0.61)
    row = db.session.scalars(sa.select(TextCalibration)).one()
    assert (row.answers, row.log_loss_before, row.log_loss_after) == (60, 0.69, 0.51)


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
    return {"overall": 5 if is_good else 1, "comment": text, "words": "employer"}


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
    assert text.startswith("0 texts read")
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
    release(acme, reader=jobs.load_analyzer())
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
    assert numbers == Calibration(*(round(number, 2) for number in numbers))
    analyzer, texts = jobs.load_analyzer(), sa.select(Words.text, Reading.estimate).join(Reading)
    read = db.session.execute(texts.where(Edition(**kept["edition"]).made())).all()
    assert len(read) == 70
    for text, estimate in read:
        assert estimate == round(100 * analyzer(text, "en", numbers).q)


def test_a_fit_takes_only_words_that_may_be_read_each_beside_its_stars(make):
    acme = make.employer()
    store_answers(acme, 30, lambda n: stars_in_words(n, ("counted", "employer", "public")[n % 3]))
    release(acme)
    tokens = give_answers(make, acme, 12, lambda n: stars_in_words(100 + n, "public"))
    release(acme)
    store_answers(acme, 6, lambda n: stars_in_words(200 + n, "public"))
    release(acme)  # in no pool yet
    store_answers(acme, 3, lambda n: stars_in_words(300 + n, "public"))
    expected = {n for n in range(30) if n % 3} | {100 + n for n in range(12)}
    assert fitted_on() == {n for n in expected if 1 + n % 5 != 3}
    withdraw(tokens[5])
    assert fitted_on() == {n for n in range(30) if n % 3 and 1 + n % 5 != 3}, (
        "what waits for its next pool is published nowhere"
    )
    before = fitted_on()
    first = reputation.live_batches(acme)[0]
    sealed = surveys.open_batch(acme, first.id).answers
    one = next(one for one in sealed if one.words_id and one.stars != 3)
    damaged = sa.update(SealedAnswer).where(SealedAnswer.key == one.key)
    db.session.execute(damaged.values(sealed=b"nothing"))
    assert len(before - fitted_on()) == 1, "what no key opens is left out, and nothing else"


def stars_in_words(number: int, words: str) -> dict:
    stars = 1 + number % 5
    return {"overall": stars, "comment": f"Gave {stars} as number {number}", "words": words}


def fitted_on() -> set[int]:
    """The numbers of the comments that a fit would be made of."""
    found = set()
    for text, language, stars in surveys.starred_comments():
        assert (text.split()[1], language) == (str(stars), "en")
        found.add(int(text.split()[-1]))
    return found


def test_equal_words_read_alike_whatever_language_the_survey_was_in(make):
    """The employer knows in which language it wrote to whom."""
    acme = make.employer()
    locales = (Locale.FRENCH, *[Locale.ENGLISH] * 11)
    said = {"comment": "Ghosted.", "words": "public"}
    answers = [make_answer(acme, locale=locale, **said) for locale in locales]
    insert_sealed(answers, WITH_WORDS, None)
    db.session.commit()
    release(acme, reader=jobs.load_analyzer())
    languages = []

    class Listening(Reader):
        def __call__(self, text, language, calibration=None):
            languages.append(language)
            return super().__call__(text, language)

    rescore_by(Listening("new 2"))
    assert languages == ["en"] * 12
    read = db.session.execute(
        sa.select(Reading.version, Reading.language, Reading.status, Reading.estimate).distinct()
    ).all()
    assert len(read) == 2, read
