"""Batches, their sums and scorecards: the floor, what is added up, taking one back."""

import json
from dataclasses import replace
from datetime import date, timedelta
from itertools import count

import pytest
import sqlalchemy as sa
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal import figures, formatting, jobs, reputation, surveys
from portal.config import ConfigError
from portal.extensions import db
from portal.models import (
    NEVER_POOLED,
    Batch,
    ReleaseCadence,
    RollupWeek,
    Scorecard,
    SealedAnswer,
    utcnow,
)
from portal.reputation import sums
from portal.reputation.habits import describe_waiting
from tests.mail.conftest import configure
from tests.support.answers import answer, leave_silent, release, withdraw
from tests.support.factory import at
from tests.support.scorecards import as_stored

NUMBERS = count()


def respond(make, employer, overall=4, recommend=9, days_ago=10, told_after=2, **more) -> str:
    """Somebody was told, asked, and answered; their link."""
    token = make.link(make.told(employer, days_ago=days_ago, told_after=told_after))
    answer(token, recommend=recommend, overall=overall, **more)
    db.session.commit()
    return token


def held(employer) -> list[surveys.Answer]:
    """All sealed answers of EMPLOYER that stand, waiting or released."""
    wanted = sa.select(SealedAnswer.batch_id).where(SealedAnswer.employer_id == employer.id)
    batch_ids = db.session.scalars(wanted.distinct()).all()
    opened = [surveys.open_batch(employer, batch_id) for batch_id in batch_ids]
    assert [one.broken for one in opened if one.broken] == []
    return [answer for one in opened for answer in one.answers if not answer.is_withdrawn]


def test_four_answers_show_nothing_and_the_fifth_makes_a_batch(app, make, acme):
    for _ in range(4):
        respond(make, acme)
    assert release(acme) is None
    assert reputation.dashboard(acme).reputation is None
    respond(make, acme)
    batch = release(acme)
    assert (batch.answers, batch.fresh) == (5, 5)
    shown = reputation.dashboard(acme).reputation
    assert shown.answers == 5
    assert shown.label == "early"
    assert shown.histogram is None
    assert release(acme) is None


def test_the_score_is_the_statistics_own(app, make, acme):
    """Five fives without decay or weighting: a known vector."""
    for _ in range(5):
        respond(make, acme, overall=5, recommend=10, days_ago=0, told_after=0)
    release(acme)
    shown = reputation.dashboard(acme).reputation.score
    # 4.125, 3.382 and 4.684, the range of five answers 35 % wider, as they are shown
    assert (shown.stars, shown.low, shown.high) == (4.1, 3.1, 4.9)


def test_answers_wait_until_they_are_released(app, make, acme):
    for _ in range(5):
        respond(make, acme)
    before = reputation.dashboard(acme)
    assert before.reputation is None
    release(acme)
    respond(make, acme, overall=1)
    reputation.refresh_habits(acme, utcnow())
    db.session.commit()
    after = reputation.dashboard(acme)
    assert after.reputation.answers == 5
    assert after.coverage.answered == 5, "the live number would tell who has just answered"


def test_a_question_few_have_answered_is_not_summed(app, make, acme):
    for number in range(6):
        few = {"relationship": "elsewhere"} if number < 4 else {}
        respond(make, acme, chased="once", **few)
    release(acme)
    shown = reputation.dashboard(acme).reputation
    assert (shown.chased.answers, shown.chased.shown) == (6, True)
    assert (shown.resentment.answers, shown.resentment.shown) == (0, False)


def test_rows_and_comments_wait_for_ten_together(app, make, acme):
    for size in (6, 5, 6):
        for _ in range(size):
            respond(make, acme)
        release(acme)
    pools = db.session.scalars(sa.select(Batch.pool).order_by(Batch.number)).all()
    assert pools == [2, 2, None]


def test_withdrawing_takes_the_whole_batch_off_until_it_can_come_back(app, make, acme):
    tokens = [respond(make, acme) for _ in range(6)]
    release(acme)
    withdraw(tokens[0])
    assert reputation.dashboard(acme).reputation is None
    batch = db.session.scalars(sa.select(Batch)).one()
    assert (batch.sums, batch.trend) == (None, {}), "nothing made with the answer is left"
    assert release(acme) is None, "five used answers are not five fresh ones"
    for _ in range(5):
        respond(make, acme)
    batch = release(acme)
    assert (batch.answers, batch.fresh) == (10, 5)
    assert reputation.dashboard(acme).reputation.answers == 10


def test_what_is_left_of_a_pool_is_in_no_file_again(app, make, acme):
    first = [respond(make, acme) for _ in range(6)]
    release(acme)
    for _ in range(5):
        respond(make, acme)
    release(acme)
    withdraw(first[0])
    left = reputation.live_batches(acme)
    assert [(batch.number, batch.pool) for batch in left] == [(2, NEVER_POOLED)]


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.lists(st.sampled_from("aaaaarrw"), min_size=8, max_size=40), st.randoms())
def test_sums_are_always_what_the_answers_make(app, make, steps, chance):
    """Any history of answers, releases and withdrawals: the sums stay exact, no batch is small."""
    employer = make.employer(f"e{next(NUMBERS)}")
    tokens = []
    for step in steps:
        if step == "a":
            stars = chance.randrange(1, 6)
            told = {"relationship": "unchanged"} if stars > 2 else {}
            tokens.append(respond(make, employer, overall=stars, recommend=2 * stars, **told))
        elif step == "r":
            release(employer)
        elif tokens:
            withdraw(tokens.pop(chance.randrange(len(tokens))))
    assert reputation.rebuild(employer, utcnow(), check=True) == []
    live = reputation.live_batches(employer)
    card = db.session.get(Scorecard, employer.id)
    assert (card.answers if card else 0) == sum(batch.answers for batch in live)
    for batch in db.session.scalars(sa.select(Batch).where(Batch.employer_id == employer.id)):
        assert batch.fresh >= 5
    assert len(held(employer)) == len(tokens)
    db.session.commit()


def test_who_is_in_a_release_sealed_before_is_found_all_the_same(app, make, acme):
    """Until 2026-11-30 the keys of a release stood in its seal as numbers written out."""
    for _ in range(6):
        respond(make, acme)
    batch, by = release(acme), sums.sealer()
    stored = sums.open_sums(batch, by)
    written_out = sums.to_plain(stored) | {"members": stored.members.tolist()}
    batch.sums = by.seal(json.dumps(written_out).encode(), sums.place_of(batch), sums.LEAST_BYTES)
    keys = [f"{number:0{sums.MEMBER_DIGITS}x}".ljust(64, "0") for number in stored.members.tolist()]
    assert len(keys) == 6
    assert all(sums.open_sums(batch, by).holds([key]) for key in keys)
    assert not sums.open_sums(batch, by).holds(["f" * 64])


def test_rebuild_finds_and_mends_a_wrong_sum(app, make, acme):
    for _ in range(5):
        respond(make, acme)
    batch, by = release(acme), sums.sealer()
    truth = sums.open_sums(batch, by)
    assert truth.counts["overall"] == {0: {"4": 5}}
    sums.seal(replace(truth, counts=truth.counts | {"overall": {0: {"4": 6}}}), batch, by)
    db.session.commit()
    assert reputation.rebuild(acme, utcnow(), check=True) == ["acme: sums of release 1 differ"]
    db.session.expire_all()
    assert sums.open_sums(batch, by).counts["overall"] == {0: {"4": 6}}, "a check changes nothing"
    reputation.rebuild(acme, utcnow())
    db.session.commit()
    assert reputation.rebuild(acme, utcnow(), check=True) == []
    assert sums.open_sums(batch, by).counts == truth.counts


def test_rebuild_finds_and_mends_a_wrong_count_of_the_invited(app, make, acme):
    make.link(make.told(acme, days_ago=200))
    reputation.refresh_habits(acme, utcnow())
    db.session.execute(sa.update(RollupWeek).values(invited=RollupWeek.invited + 1))
    db.session.commit()
    [line] = reputation.rebuild(acme, utcnow(), check=True)
    assert line.startswith("acme: invited of week ")
    assert line.endswith(", cell 0 is 2, should be 1")
    reputation.rebuild(acme, utcnow())
    db.session.commit()
    assert reputation.rebuild(acme, utcnow(), check=True) == []


@pytest.mark.parametrize(
    ("cadence", "last", "now", "due"),
    [
        (ReleaseCadence.DAY, "2026-11-22", "2026-11-23T12:00", True),
        (ReleaseCadence.DAY, "2026-11-23", "2026-11-23T12:00", False),
        (ReleaseCadence.WEEK, "2026-11-22", "2026-11-23T12:00", True),
        (ReleaseCadence.WEEK, "2026-11-23", "2026-11-27T12:00", False),
        (ReleaseCadence.MONTH, "2026-10-31", "2026-11-01T12:00", True),
        (ReleaseCadence.MONTH, "2026-11-01", "2026-11-30T12:00", False),
    ],
)
def test_releases_follow_the_cadence(app, make, cadence, last, now, due):
    acme = make.employer(release_every=cadence, created_at=at("2026-01-01"))
    acme.release_turn_on = at(last).date()
    assert reputation.is_due(acme, at(now)) is due
    reputation.end_turn(acme, None, at(now))
    assert not reputation.is_due(acme, at(now)), "used up"


def test_a_new_employer_waits_for_its_first_boundary(app, make):
    acme = make.employer(created_at=at("2026-11-10T12:00"))
    assert not reputation.is_due(acme, at("2026-11-20T12:00"))
    assert reputation.is_due(acme, at("2026-12-01T12:00"))


def test_the_fifth_answer_is_not_released_the_moment_it_comes(app, make):
    """Or whoever looks at the page would know when it was given."""
    acme = make.employer(created_at=utcnow() - timedelta(days=70))
    leave_silent(acme, 2)
    for _ in range(4):
        respond(make, acme)
    jobs.run_until_idle()
    respond(make, acme)
    jobs.run_until_idle()
    assert db.session.scalar(sa.select(sa.func.count(Batch.id))) == 0
    with time_machine.travel(utcnow() + timedelta(days=32)):
        jobs.run_until_idle()
    assert db.session.scalars(sa.select(Batch)).one().answers == 5


def test_the_worker_releases_what_is_due(app, make):
    acme = make.employer(created_at=utcnow() - timedelta(days=70))
    leave_silent(acme, 2)
    for _ in range(5):
        respond(make, acme)
    jobs.run_until_idle()
    db.session.expire_all()
    assert reputation.dashboard(acme).reputation.answers == 5


def test_the_directory_is_sorted_by_the_mean_and_pages(app, make):
    for name, stars in (("good", 5), ("bad", 1), ("none", None)):
        employer = make.employer(name)
        for _ in range(5 if stars else 0):
            respond(make, employer, overall=stars)
        release(employer)
    hidden = make.employer("hidden", is_published=False)
    assert [one.employer.slug for one in reputation.list_public().listings] == [
        "good",
        "bad",
        "none",
    ]
    assert [one.employer.slug for one in reputation.list_public("OO").listings] == ["good"]
    assert reputation.list_public("100%").total == 0
    assert reputation.find_public("hidden") == (hidden, None)
    assert reputation.find_public("nobody") is None


def test_habits_come_from_the_log(app, make, acme):
    for days in (1, 2, 5, 20):
        make.told(acme, days_ago=40, told_after=days)
    make.decided(acme, days_ago=40)
    reputation.refresh_habits(acme, utcnow())
    db.session.commit()
    habits = reputation.dashboard(acme).habits
    assert habits.decided == 5
    assert habits.told_by[3].share == pytest.approx(0.4)
    assert habits.told_by[30].share == pytest.approx(0.8)
    assert habits.ghost[30].not_told == 1
    assert habits.ghost[30].against() == "unclear"
    assert habits.channels == {"phone": 4, "none": 1}


def test_one_told_says_nothing_of_a_hundred_who_wait(app):
    """All who could be watched for longer were told: that is one."""
    today = date(2026, 11, 29)
    yesterday, decided, told = (today - timedelta(days=days) for days in (1, 5, 3))
    habits = describe_waiting([(yesterday, None, 100), (decided, told, 1)], today)
    assert figures.told_stat(habits, 30).value is None
    assert figures.told_chart(habits) is None
    everybody = describe_waiting([(decided, told, 101)], today)
    assert "100" in figures.told_stat(everybody, 30).sentence
    assert figures.told_chart(everybody) is not None


def test_curve_table_and_band_have_the_limits_of_the_figures_beside_them(app):
    today = date(2026, 11, 29)
    rows = [(today - timedelta(days=45), today - timedelta(days=35), 12)]
    habits = describe_waiting(rows, today)
    table = {row[0]: row[2] for row in figures.told_chart(habits).data.rows}
    for day in (3, 7, 14, 30):
        told = habits.told_by[day]
        assert habits.curve.low[day] == pytest.approx(told.low, abs=1e-4)
        assert habits.curve.high[day] == pytest.approx(told.high, abs=1e-4)
        low, high = formatting.share(told.low), formatting.share(told.high)
        assert table[formatting.days(day)] == formatting.interval_short(low, high)
    assert habits.curve.high[3] > 0.2, "nobody of twelve by then: that leaves much open"


def test_asking_more_people_tells_nothing_of_the_one_answer_in_a_cell(app, make):
    """Two employers whose answers are the same, but for whose answer the one star was."""
    shown = []
    for slug, stars in (("one", (1, 5, 5, 5, 5)), ("two", (5, 1, 5, 5, 5))):
        employer = make.employer(slug)
        for number, overall in enumerate(stars):
            respond(make, employer, overall, 5, days_ago=20, told_after=1 if number else 15)
        release(employer)
        for _ in range(20):
            make.link(make.told(employer, days_ago=20, told_after=15))
        reputation.refresh_habits(employer, utcnow())
        tokens = [respond(make, employer, 4, 5, days_ago=20, told_after=1) for _ in range(5)]
        release(employer)
        withdraw(tokens[0])
        shown.append(reputation.dashboard(employer).reputation)
    assert shown[0].answers == 5
    assert shown[0].score == shown[1].score
    assert shown[0].nps == shown[1].nps


def test_floors_are_raised_and_never_lowered(app, make):
    acme = make.employer()
    leave_silent(acme, 2)
    for _ in range(6):
        respond(make, acme)
    assert jobs.release_now([acme], utcnow()) == {"acme": 6}
    configure(app, MIN_ANSWERS=8)
    assert reputation.dashboard(acme).trend == []
    jobs.start()
    configure(app, MIN_ANSWERS=5)
    with pytest.raises(ConfigError, match="MIN_ANSWERS is 5, but has been 8"):
        jobs.run_until_idle()
    with pytest.raises(ConfigError):
        jobs.release_now([acme], utcnow())


@pytest.mark.parametrize("stars", [[], [3], [1] * 4, [5] * 5, [1] * 12, [1, 5] * 6])
def test_few_or_equal_answers_make_no_number_out_of_nothing(app, make, acme, stars):
    """Nothing decided, too few answers, all alike, one release: JSON without NaN, no division."""
    for overall in stars:
        respond(make, acme, overall=overall, recommend=0)
    release(acme)
    reputation.refresh_habits(acme, utcnow())
    db.session.commit()
    board = reputation.dashboard(acme)
    for part in (board.reputation, board.habits, board.coverage):
        as_stored(part)
    assert bool(board.reputation) is (len(stars) >= 5)
    if board.reputation:
        assert board.reputation.change is None
        assert board.reputation.agreement is None
        assert {lever.reason_hidden for lever in board.reputation.levers.all} == {"too_few_answers"}
    assert board.habits.promises.kept_share.share is None
    assert board.habits.decision.n == len(stars)


def test_one_answer_more_changes_nothing_anybody_sees(app, make, acme):
    for _ in range(6):
        respond(make, acme, overall=2)
    release(acme)
    token = make.link(make.told(acme))
    now = utcnow()

    def seen():
        reputation.refresh_habits(acme, now)
        db.session.commit()
        board = reputation.dashboard(acme)
        return as_stored([board.reputation, board.habits, board.coverage])

    before = seen()
    answer(token, recommend=1, overall=1)
    db.session.commit()
    assert seen() == before


def test_in_which_week_somebody_was_decided_upon_tells_nothing_of_what_they_said(app, make):
    """Else a share of five could be solved for: each week would count by a weight of its own."""
    shown = []
    for slug, who_chased in (("one", (0, 1)), ("two", (3, 4))):
        employer = make.employer(slug)
        for number, days in enumerate((10, 100, 190, 280, 370)):
            has_chased = number in who_chased
            said = {"overall": 5 if has_chased else 1, "chased": "once" if has_chased else "no"}
            respond(make, employer, recommend=5, days_ago=days, told_after=1, **said)
        release(employer)
        shown.append(reputation.dashboard(employer).reputation)
    for name in ("score", "nps", "chased"):
        assert getattr(shown[0], name) == getattr(shown[1], name)


def test_a_raised_floor_hides_what_was_shown(app, make, acme):
    for _ in range(6):
        respond(make, acme)
    release(acme)
    assert reputation.dashboard(acme).reputation
    configure(app, MIN_ANSWERS=8)
    assert reputation.dashboard(acme).reputation is None
    (listing,) = reputation.list_public().listings
    assert listing.reputation is None
