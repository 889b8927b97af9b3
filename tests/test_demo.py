"""The sample looks like life: it waits, asks, forgets and denies as candidates do."""

import importlib
import random
from collections import Counter
from dataclasses import asdict, replace
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy as sa

from portal import hiring, jobs, reputation, surveys
from portal.demo.comments import COMMENTS, FRENCH, MEMORY, MORE, CommentWriter
from portal.demo.history import History
from portal.demo.seed import PROFILES, WAITING, add_employer
from portal.extensions import db
from portal.models import (
    Application,
    Channel,
    Email,
    Employer,
    Notice,
    Outcome,
    SealedAnswer,
    utcnow,
)
from portal.reputation.habits import describe_habits
from tests.support.answers import answer

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
TODAY = date(2026, 11, 27)
MADE: dict[str, list[SimpleNamespace]] = {}


@pytest.fixture
def sample(app):
    """By slug, a year's answers, neither read nor released, and what was said, in order."""
    found, chance = SimpleNamespace(answers={}, said={}), random.Random(1)
    with app.app_context():
        for profile in PROFILES[:3]:
            employer = Employer(slug=profile.slug, name=profile.name, timezone=profile.timezone)
            db.session.add(employer)
            db.session.flush()
            history = History(employer, profile, chance, TODAY)
            for month in range(12, 0, -1):
                end = TODAY - timedelta(days=30 * month)
                history.add_month(end - timedelta(days=29), end)
            db.session.flush()
            given = surveys.open_batch(employer, None).answers
            found.answers[profile.slug] = [flat(one) for one in given]
            found.said[profile.slug] = history.comments.said
        yield found


@pytest.fixture
def answers(request, database_url):
    """Those of the sample, which is made once: tests that read them change nothing."""
    if not MADE:
        MADE.update(request.getfixturevalue("sample").answers)
    return MADE


def flat(given: surveys.Answer) -> SimpleNamespace:
    """An answer and its facts by name; None where nothing was answered."""
    asked = dict.fromkeys(question.key for question in given.survey.questions)
    return SimpleNamespace(**asdict(given.facts) | asked | given.answers)


def share(hits, of):
    return sum(map(hits, of)) / len(of)


@on_sqlite
def test_who_waits_longer_has_to_ask_more_often(answers):
    everyone = [one for some in answers.values() for one in some if one.told != "withdrew"]
    waits = [
        [one for one in everyone if one.told_bucket == bucket and (one.told == "no") == is_untold]
        for bucket, is_untold in (("0-3", False), ("8-14", False), ("never", True))
    ]
    soon, later, never = (share(lambda one: one.chased != "no", some) for some in waits)
    assert soon < 0.12 < later < never


@on_sqlite
def test_some_deny_what_the_log_says_most_of_them_at_brightwater(answers):
    denied = {}
    for slug, some in answers.items():
        logged = [one for one in some if one.told_bucket != "never" and one.told != "withdrew"]
        denied[slug] = share(lambda one: one.told == "no", logged)
    assert 0 < denied["northwind"] < 0.07
    assert 0 < denied["halden"] < 0.07
    assert 0.12 < denied["brightwater"] < 0.25
    assert all(one.heard_how is None for some in answers.values() for one in some
               if one.told == "no")  # fmt: skip


@on_sqlite
def test_every_kind_of_answer_occurs(sample):
    everyone = [one for some in sample.answers.values() for one in some]
    assert {one.promise for one in everyone} == {"kept", "late", "missed", "no_date"}
    assert {one.feedback for one in everyone} == {None, "no", "general", "specific"}
    assert {one.channel for one in everyone} == {"phone", "written", "portal", "none"}
    channels = Counter(channel for (channel,) in db.session.query(Application.channel))
    assert channels[Channel.PORTAL] > 10


@on_sqlite
def test_how_they_heard_is_how_they_were_told(answers):
    for one in (one for some in answers.values() for one in some if one.heard_how):
        assert (one.heard_how == "phone") == (one.channel == "phone")


@on_sqlite
def test_behind_each_figure_of_habits_stand_as_many_people(sample):
    for employer in db.session.scalars(sa.select(Employer)):
        counts = reputation.count_groups(describe_habits(employer, TODAY))
        assert min(counts.values()) > 0
        lists = {one: reputation.list_group(employer, one, TODAY).total for one in counts}
        assert lists == counts, employer.slug


@on_sqlite
def test_nothing_is_said_twice_and_nobody_speaks_of_a_call_who_got_none(sample):
    called = {text for (_, situation), some in COMMENTS.items() if situation == "called"
              for text in some}  # fmt: skip
    for slug, some in sample.answers.items():
        said = sample.said[slug]
        assert Counter(said) == Counter(one.comment for one in some if one.comment)
        assert len(said) > 45
        for start in range(len(said) - 29):
            assert len(set(said[start : start + 30])) == 30
        for one in some:
            if any((one.comment or "").startswith(text) for text in called):
                assert one.channel == "phone"


def test_talk_runs_dry_before_it_repeats_itself():
    writer = CommentWriter(random.Random(2))
    said = [text for _ in range(900) if (text := writer.comment(1, "late")[0])]
    sentences = len(COMMENTS["bad", "late"])
    assert sentences * (1 + len(MORE["bad"])) <= len(said) < MEMORY
    assert len(set(said)) == len(said)
    assert len(set(said[:sentences])) == sentences


def test_every_mood_has_words_for_every_situation():
    moods, situations = {mood for mood, _ in COMMENTS}, {situation for _, situation in COMMENTS}
    assert set(COMMENTS) == {(mood, situation) for mood in moods for situation in situations}
    assert set(FRENCH) <= set(COMMENTS)
    assert moods == set(MORE)
    texts = [text for some in (*COMMENTS.values(), *FRENCH.values()) for text in some]
    assert len(texts) == len(set(texts))


@on_sqlite
def test_employers_of_the_sample_differ_and_the_newest_has_just_begun(app):
    titles = [title for profile in PROFILES for title, *_ in profile.roles]
    assert len(titles) == len(set(titles))
    now = datetime(2026, 11, 27, 9, tzinfo=UTC)
    with app.app_context():
        newest = add_employer(PROFILES[-1], random.Random(3), now)
        assert newest.approved_at < now - timedelta(days=60)
        given = sa.select(sa.func.count(SealedAnswer.key))
        found = db.session.scalar(given.where(SealedAnswer.employer_id == newest.id))
        assert 5 <= found <= 20


@on_sqlite
@pytest.mark.parametrize("months", [2, pytest.param(18, marks=pytest.mark.long)])
def test_a_visitors_answer_makes_a_release_with_those_that_wait(app, make, monkeypatch, months):
    """The README's walk; enough people of the sample have not answered, so that nobody waits."""
    seeding, now = importlib.import_module("portal.demo.seed"), utcnow()
    monkeypatch.setattr(seeding, "PROFILES", (replace(PROFILES[0], months=months),))
    seeding.seed(now)
    db.session.commit()
    northwind = db.session.scalars(sa.select(Employer)).one()
    assert reputation.count_waiting(northwind) == WAITING == 4
    assert jobs.release_now([northwind], now) == {"northwind": 0}
    releases = len(reputation.live_batches(northwind))
    undecided = sa.select(Application).where(Application.outcome.is_(None))
    application = db.session.scalars(undecided.order_by(Application.id)).first()
    decision = hiring.record_decision(application, Outcome.REJECTED, now, now)
    hiring.record_told(application, decision, Channel.PHONE, now, now)
    answer(make.link(application), overall=4, comment="They called the next day.")
    db.session.commit()
    assert jobs.release_now([northwind], now) == {"northwind": 5}
    batch = reputation.live_batches(northwind)[-1]
    assert (batch.number, batch.answers, batch.held_back) == (releases + 1, 5, False)


@on_sqlite
def test_nothing_happens_before_its_cause(sample):
    """No mail leaves before it was written, no telling precedes what it tells."""
    for email in db.session.scalars(sa.select(Email)):
        assert email.created_at <= email.sent_at
    for notice in db.session.scalars(sa.select(Notice)):
        assert notice.decision.decided_at <= notice.told_at <= notice.created_at
    for application in db.session.scalars(sa.select(Application)):
        assert application.created_at <= application.decided_at


@on_sqlite
def test_the_desk_of_the_sample_holds_who_waits_and_nobody_else(sample):
    for application in db.session.scalars(sa.select(Application)):
        is_over = application.told_on or application.outcome is Outcome.WITHDRAWN
        assert application.is_waiting is not bool(is_over)
        assert (application.owed_on is None) == bool(is_over)
    northwind = db.session.scalars(sa.select(Employer).where(Employer.slug == "northwind")).one()
    desk = hiring.open_desk(northwind, hiring.Filter(TODAY), choose=True)
    assert desk.filter.tab is hiring.Tab.OVERDUE
    assert desk.page.applications
