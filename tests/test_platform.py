"""Moments and fits on the database: exact sums, one fit a night, what the card says of it."""

import json
import random
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from portal import jobs, links, reputation
from portal.extensions import db
from portal.jobs.leases import LEASE
from portal.models import (
    Application,
    Batch,
    Candidate,
    ChannelFact,
    Employer,
    Feedback,
    Invitation,
    InvitationState,
    JobLease,
    Lane,
    Outcome,
    OutcomeFact,
    PlatformFit,
    PromiseFact,
    Requisition,
    RoleFamily,
    RollupMonth,
    SkipReason,
    StageGroup,
    ToldBucket,
    utcnow,
)
from portal.reputation import asked, lever_sums, levers, sums
from portal.reputation.batches import live_batches, open_batches
from portal.scorecard import DecisionTime, Difference, Flag
from portal.seals import Sealer, round_size
from portal.statistics.lever_model import fit_model
from portal.statistics.levers import LEVERS, estimate_levers
from portal.statistics.moments import (
    cross_moments,
    design_matrix,
    employer_moments,
    moments_by_cell,
)
from portal.surveys.sealing import WITH_WORDS, insert_sealed
from tests.mail.conftest import configure
from tests.support.answers import give_answers, make_answer, release, withdraw

DAYS = {"0-3": 1, "4-7": 5, "8-14": 10, "15+": 20, "never": -1}
CHANNELS = {"none": 0, "phone": 1, "written": 2, "portal": 3}


def monday(weeks_ago: int) -> date:
    today = utcnow().date()
    return today - timedelta(days=today.weekday(), weeks=weeks_ago)


def draw(chance: random.Random, told: float = 0.6) -> dict:
    """The frozen facts of one rejected candidate, and the stars they would give."""
    is_told = chance.random() < told
    bucket = chance.choice(list(ToldBucket)[:4]) if is_told else ToldBucket.NEVER
    promise = chance.choice(list(PromiseFact))
    if not is_told and promise is PromiseFact.KEPT:
        promise = PromiseFact.BROKEN
    facts = {
        "week": monday(chance.randrange(2, 40)),
        "cell": 0 if bucket in list(ToldBucket)[:2] else 1 if is_told else 2,
        "outcome": OutcomeFact.REJECTED,
        "stage_group": chance.choice(list(StageGroup)),
        "role_family": chance.choice(list(RoleFamily)),
        "told_bucket": bucket,
        "channel": chance.choice(list(ChannelFact)[:3]) if is_told else ChannelFact.NONE,
        "promise_fact": promise,
        "was_given_feedback": is_told and chance.random() < 0.4,
    }
    level = 4.4 - 1.5 * (not is_told) - 0.04 * max(0, DAYS[bucket.value])
    return facts | {"overall": min(5, max(1, round(chance.gauss(level, 0.9))))}


def respond(employer, people: list[dict], **more) -> None:
    """One answer of each of PEOPLE, waiting to be released."""
    answers = [make_answer(employer, **{"recommend": 7} | person | more) for person in people]
    insert_sealed(answers, WITH_WORDS, None)
    db.session.commit()


def invite(employer, people: list[dict]) -> None:
    """An invitation with the frozen facts of each of PEOPLE, and what it hangs on."""
    requisition = Requisition(employer_id=employer.id, title=links.new_survey_token())
    db.session.add(requisition)
    for person in people:
        facts = {name: value for name, value in person.items() if name != "overall"}
        application = Application(
            employer=employer,
            candidate=Candidate(employer_id=employer.id, name="Cam"),
            requisition=requisition,
            stage_entered_on=person["week"],
            outcome=Outcome.REJECTED,
            decided_at=utcnow(),
            decided_on=person["week"],
        )
        db.session.add(
            Invitation(
                employer=employer,
                application=application,
                lane=Lane.OUTCOME,
                state=InvitationState.INVITED,
                due_at=utcnow(),
                invited_at=utcnow(),
                last_mailed_at=utcnow(),
                **facts,
            )
        )
    db.session.commit()


def populate(employer, count: int, seed: int) -> list[dict]:
    """COUNT rejected and invited, two thirds of whom answer and are released."""
    chance = random.Random(seed)
    people = [draw(chance) for _ in range(count)]
    invite(employer, people)
    answered = people[: 2 * count // 3]
    respond(employer, answered)
    reputation.refresh_habits(employer, utcnow())
    assert release(employer).answers == len(answered)
    return people


def design(people: list[dict]) -> np.ndarray:
    return design_matrix(
        [DAYS[one["told_bucket"].value] for one in people],
        [CHANNELS[one["channel"].value] for one in people],
        [one["promise_fact"] is PromiseFact.KEPT for one in people],
        [one["promise_fact"] is PromiseFact.BROKEN for one in people],
        [one["was_given_feedback"] for one in people],
        [list(StageGroup).index(one["stage_group"]) for one in people],
        [list(RoleFamily).index(one["role_family"]) for one in people],
    )


def refit(people: list[dict]):
    """Moments of PEOPLE, two thirds of whom have answered, from their rows."""
    answered = people[: 2 * len(people) // 3]
    quarters: dict[tuple[int, int], list[dict]] = {}
    for one in answered:
        thursday = one["week"] + timedelta(days=3)
        quarters.setdefault((thursday.year, (thursday.month - 1) // 3), []).append(one)
    strata = [
        moments_by_cell(np.column_stack([design(ones), [one["overall"] for one in ones]]))
        for ones in quarters.values()
    ]
    return employer_moments(strata, cross_moments(design(people)), len(people))


def held(employer):
    """The moments of EMPLOYER's releases and of those invited, as its levers are made of them."""
    released = open_batches(live_batches(employer, with_sums=True))
    return levers.moments_of(
        [one.sums for one in released],
        asked.read_months(employer),
        sum(asked.read_invited(employer).values()),
    )


def test_moments_are_those_of_the_rows_and_the_levers_follow(app, make):
    acme = make.employer()
    people = populate(acme, 480, seed=3)
    ours, truth = held(acme), refit(people)
    assert (ours.cells == truth.cells).all()
    assert sorted(ours.quarters.tolist()) == sorted(truth.quarters.tolist())
    assert (ours.population == truth.population).all()
    assert (ours.invited, ours.df) == (480, truth.df)
    expected = estimate_levers(fit_model([truth]), [truth])[0][0]
    ranking = expected.ranking()
    shown = reputation.dashboard(acme).reputation
    assert [lever.name for lever in shown.levers.all] == list(LEVERS)
    for ours_, theirs in zip(shown.levers.all, expected.levers, strict=True):
        assert ours_.reason_hidden == theirs.reason_hidden
        if theirs.shown:
            exact = (theirs.effect_stars, theirs.low, theirs.high)
            assert ours_.own == Difference(*(round(one, 1) for one in exact))
            assert ours_.chance_largest * 20 == round(ranking.chances[theirs.lever] * 20)
        else:
            assert ours_.own is ours_.chance_largest is None
    assert shown.levers.largest == ranking.largest
    apart = shown.levers.not_told_apart
    assert {frozenset(names) for names in apart} == set(ranking.not_told_apart)
    assert all(list(names) == sorted(names) for names in apart)
    assert shown.levers.all[0].own.stars > 0.3, "the planted effect"
    assert (shown.lever_answers, shown.levers_fitted_on) == (320, None)
    assert reputation.rebuild(acme, utcnow(), check=True) == []


def test_a_withdrawal_takes_its_moments_away_exactly(app, make):
    acme = make.employer()
    populate(acme, 60, seed=4)
    before = held(acme)
    tokens = give_answers(make, acme, 7)
    assert release(acme)
    assert held(acme).answered[0, 0] == before.answered[0, 0] + 7
    withdraw(tokens[0])
    assert (held(acme).answered == before.answered).all()
    gone = db.session.scalars(sa.select(Batch).where(Batch.withdrawn_on.is_not(None))).one()
    assert (gone.trend, gone.sums) == ({}, None), "nothing made with the answer may stay"


def test_a_release_with_few_rejected_adds_nothing_to_the_levers(app, make):
    acme = make.employer()
    chance = random.Random(5)
    respond(acme, [draw(chance) for _ in range(4)])
    respond(acme, [draw(chance) for _ in range(6)], outcome=OutcomeFact.HIRED, cell=3)
    release(acme)
    assert held(acme).answered[0, 0] == 0
    assert reputation.dashboard(acme).reputation.answers == 10


def test_rebuild_finds_and_mends_wrong_moments_of_a_release(app, make):
    acme = make.employer()
    populate(acme, 60, seed=6)
    truth = held(acme)
    [batch], by = live_batches(acme, with_sums=True), sums.sealer()
    stored = sums.open_sums(batch, by)
    wrong = {group: triangle + 1 for group, triangle in stored.moments.items()}
    sums.seal(replace(stored, moments=wrong), batch, by)
    db.session.commit()
    assert (held(acme).answered != truth.answered).any()
    assert reputation.rebuild(acme, utcnow(), check=True) == ["acme: sums of release 1 differ"]
    reputation.rebuild(acme, utcnow())
    db.session.commit()
    assert reputation.rebuild(acme, utcnow(), check=True) == []
    assert (held(acme).answered == truth.answered).all()


def test_rebuild_finds_and_mends_wrong_moments_of_the_invited(app, make):
    acme = make.employer()
    populate(acme, 60, seed=6)
    row = db.session.scalars(sa.select(RollupMonth).order_by(RollupMonth.month)).first()
    values = list(row.population)
    row.population = (values[0] + 1, *values[1:])
    db.session.commit()
    assert reputation.rebuild(acme, utcnow(), check=True) == [
        f"acme: moments of invited in {row.month:%Y-%m} differ"
    ]
    reputation.rebuild(acme, utcnow())
    db.session.commit()
    assert reputation.rebuild(acme, utcnow(), check=True) == []
    assert list(db.session.get(RollupMonth, (acme.id, row.month)).population) == values


def test_invited_of_recent_weeks_follow_without_counting_all(app, make):
    acme, chance = make.employer(), random.Random(8)
    invite(acme, [draw(chance) for _ in range(80)])
    reputation.refresh_habits(acme, utcnow())
    invite(acme, [draw(chance) | {"week": monday(weeks_ago)} for weeks_ago in range(9)])
    lost = sa.select(Invitation).where(Invitation.week >= monday(8)).limit(1)
    invitation = db.session.scalars(lost).one()
    invitation.state, invitation.skip_reason = InvitationState.SKIPPED, SkipReason.UNDELIVERED
    db.session.commit()
    reputation.refresh_habits(acme, utcnow())
    invited, population = asked.count_invited(acme, None)
    assert sum(invited.values()) == 88
    assert {key: n for key, n in asked.read_invited(acme).items() if n} == invited
    held_ = {row.month: row.population for row in asked.read_months(acme)}
    assert {month: triangle for month, triangle in held_.items() if triangle[0]} == population


@given(st.dates(date(2024, 1, 1), date(2030, 1, 1)))
def test_weeks_belong_to_the_month_of_their_thursday(day):
    week = day - timedelta(days=day.weekday())
    month, first = lever_sums.month_of(week), lever_sums.first_week(day)
    assert month == (week + timedelta(days=3)).replace(day=1)
    assert first.weekday() == 0
    assert lever_sums.month_of(first) == month
    assert lever_sums.month_of(first - timedelta(days=7)) != month


# -- the nightly fit ------------------------------------------------------------------------------


def test_a_platform_is_fitted_once_a_night_and_used_from_then_on(app, make):
    for number in range(10):
        populate(make.employer(f"e{number}"), 45, seed=number)
    everybody = db.session.scalars(sa.select(Employer).order_by(Employer.id)).all()
    assert {reputation.dashboard(one).reputation.prior for one in everybody} == {"default"}
    jobs.platform(utcnow())
    fit = db.session.scalars(sa.select(PlatformFit)).one()
    assert (fit.employers, fit.answers, fit.prior["source"]) == (10, 300, "fitted")
    moments = [held(one) for one in everybody]
    model = fit_model(moments)
    assert levers.open_fit(fit)[0].as_plain() == model.as_plain()
    fitted_at = fit.fitted_at
    jobs.platform(utcnow())
    assert db.session.scalars(sa.select(PlatformFit.fitted_at)).all() == [fitted_at]
    first = everybody[0]
    respond(first, [draw(random.Random(99)) for _ in range(6)])
    release(first)
    shown = reputation.dashboard(first).reputation
    assert (shown.prior, shown.levers_fitted_on) == ("fitted", fit.day)
    together = estimate_levers(model, moments)[1].levers
    for lever, theirs in zip(shown.levers.all, together, strict=True):
        if theirs.shown:
            assert lever.platform.stars == round(theirs.effect_stars, 1)
            assert (lever.platform.employers, lever.platform.answers) == (10, 300)
        else:
            assert lever.platform is None
    assert shown.levers.all[0].platform


def test_a_fit_of_an_earlier_version_counts_as_none_until_the_next_night(app, make):
    """The first estimator left no names of columns, two columns fewer, and a `mode`."""
    for number in range(6):
        populate(make.employer(f"e{number}"), 60, seed=number)
    now = utcnow()
    jobs.platform(now)
    fit = db.session.scalars(sa.select(PlatformFit)).one()
    model, together = levers.open_fit(fit)
    draw_ = replace(model.raised, b=model.raised.b[:20], b_cov=model.raised.b_cov[:20, :20])
    plain = replace(model, draws=(draw_,), raised=draw_).as_plain()
    earlier = {"mode": plain["raised"], "draws": plain["draws"]}
    text = json.dumps({"model": earlier, "levers": together}).encode()
    fit.sealed = Sealer(sums.PURPOSE).seal(text, levers._place_of(fit), round_size(text, 1))
    db.session.commit()
    first = db.session.scalars(sa.select(Employer).order_by(Employer.id)).first()
    respond(first, [draw(random.Random(99)) for _ in range(6)])
    release(first)
    shown = reputation.dashboard(first).reputation
    assert shown.levers_fitted_on is None
    assert [lever.platform for lever in shown.levers.all] == [None] * 5
    own = held(first)
    alone = estimate_levers(fit_model([own]), [own])[0][0]
    assert shown.levers.largest == tuple(alone.ranking().largest)
    tomorrow = now + timedelta(days=1)
    jobs.platform(tomorrow)
    db.session.commit()
    respond(first, [draw(random.Random(98)) for _ in range(6)])
    release(first)
    assert reputation.dashboard(first).reputation.levers_fitted_on == tomorrow.date()


def test_a_fit_goes_on_where_a_dead_worker_left_it(app, make):
    employers = [make.employer(f"e{number}").id for number in range(3)]
    now = utcnow()
    assert reputation.refresh_platform(now) == 1
    assert reputation.refresh_platform(now) == 1
    db.session.commit()
    db.session.remove()  # the worker is gone
    fit = db.session.scalars(sa.select(PlatformFit)).one()
    assert (fit.done_up_to, fit.fitted_at) == (employers[1], None)
    assert reputation.fit_condition() == reputation.FitCondition(None, 2, 3)
    jobs.platform(now)
    assert reputation.fit_condition() == reputation.FitCondition(now.date(), None, None)
    fit = db.session.scalars(sa.select(PlatformFit)).one()
    assert (fit.done_up_to, fit.fitted_at) == (employers[2], now)


def test_another_worker_leaves_a_fit_under_way_alone(app, make):
    jobs.start()
    job = next(job for job in jobs.JOBS if job.name == "platform")
    one, other, now, second = jobs.Worker(), jobs.Worker(), utcnow(), timedelta(seconds=1)
    assert one.list_due([job], now) == [job]
    assert one.take(job, now)
    for late in (second, LEASE - second):
        assert other.list_due([job], now + late) == []
        assert not other.take(job, now + late)
    assert other.take(job, now + LEASE + second), (
        "its worker is dead: at once, not at its next time"
    )
    assert not one.take(job, now + LEASE + 2 * second)
    holder = sa.select(JobLease.held_by).where(JobLease.name == "platform")
    assert db.session.scalar(holder) == other.name


# -- log and word, habits -------------------------------------------------------------------------


def falsified(make, slug: str, share: float):
    """900 rejected of whom 400 were never told, SHARE of these logged as told all the same.

    One in twenty who was told says otherwise, one in fifty who was not says they were.
    """
    employer, chance, people = make.employer(slug), random.Random(11), []
    for number in range(900):
        is_told = number >= 400
        is_logged = is_told or number % 10 < 10 * share
        errs = number % 20 == 7 if is_told else number % 50 == 13
        bucket = ToldBucket.WITHIN_7 if is_logged else ToldBucket.NEVER
        word = "not_chosen" if is_told is not errs else "no"
        people.append(draw(chance) | {"told_bucket": bucket, "told": word})
    respond(employer, people)
    release(employer)
    return reputation.dashboard(employer)


def test_a_falsified_log_shows_in_the_disagreement(app, make):
    """Denied share up, kappa down, and the flag."""
    honest, tenth, third = (
        falsified(make, slug, share)
        for slug, share in (("honest", 0), ("tenth", 0.1), ("third", 0.3))
    )
    denied = [one.reputation.agreement.denied.share for one in (honest, tenth, third)]
    assert denied == [round(25 / 500, 2), round(65 / 540, 2), round(145 / 620, 2)]
    kappa = [one.reputation.agreement.kappa for one in (honest, tenth, third)]
    assert kappa == pytest.approx([0.926, 0.841, 0.650], abs=0.01)
    shown = third.reputation.agreement
    assert shown.denied.n == shown.both + shown.recorded_only
    assert shown.answers == 900
    flagged = [[flag.name for flag in one.habits.flags] for one in (honest, tenth, third)]
    assert flagged == [[], ["log_denied"], ["log_denied"]]


def test_decision_promise_and_feedback_come_from_the_log(app, make):
    acme, today = make.employer(), utcnow().date()
    promised = {
        "kept": (today - timedelta(days=36), 2, Feedback.SPECIFIC),
        "late": (today - timedelta(days=39), 9, Feedback.GENERAL),
        "none": (None, 3, None),
    }
    for promised_on, told_after, feedback in promised.values():
        application = make.told(acme, days_ago=40, told_after=told_after)
        application.promised_on, application.feedback = promised_on, feedback
        application.last_interview_on = today - timedelta(days=45)
    for promised_on in (today - timedelta(days=1), today + timedelta(days=9)):
        application = make.decided(acme, days_ago=40)
        application.promised_on = promised_on
        application.last_interview_on = None
    db.session.commit()
    reputation.refresh_habits(acme, utcnow())
    habits = reputation.dashboard(acme).habits
    assert habits.decision == DecisionTime(n=3, median_days=5, p90_days=5)
    promises = habits.promises
    assert (promises.made, promises.kept, promises.broken) == (3, 1, 2)
    assert (promises.not_made, promises.kept_share.n) == (1, 3)
    assert (habits.feedback.none, habits.feedback.general, habits.feedback.specific) == (1, 1, 1)


def test_asking_only_those_who_were_told_is_flagged(app, make):
    acme = make.employer()
    invite(acme, [draw(random.Random(n)) for n in range(80)])
    long_ago = utcnow() - timedelta(days=60)
    for number, application in enumerate(db.session.scalars(sa.select(Application)).all()):
        application.decided_on = long_ago.date()
        if number < 40:
            application.told_at, application.told_on = long_ago, long_ago.date()
            application.channel = "phone"
        elif number < 65:
            invitation = make.invitation(application)
            invitation.state = InvitationState.SKIPPED
            invitation.skip_reason = SkipReason.DO_NOT_EMAIL
    db.session.commit()
    reputation.refresh_habits(acme, utcnow())
    assert reputation.dashboard(acme).habits.flags == (Flag("cherry_picking"),)


# -- figures that are sums over parts -------------------------------------------------------------


def test_those_who_answered_late_are_compared_within_cells(app, make):
    acme, facts = make.employer(), draw(random.Random(1))
    respond(acme, [facts | {"overall": 5}] * 20 + [facts | {"overall": 4}] * 20)
    respond(
        acme, [facts | {"overall": 3}] * 10 + [facts | {"overall": 2}] * 10, is_after_reminder=True
    )
    release(acme)
    wave = reputation.dashboard(acme).reputation.wave
    assert wave.difference == -2
    # variance within waves: (40 + 20) / 4 over 60 - 2 degrees of freedom
    half = 1.959964 * (15 / 58 * (1 / 40 + 1 / 20)) ** 0.5
    assert (wave.low, wave.high) == (round(-2 - half, 1), round(-2 + half, 1))
    assert wave.differs


def test_the_last_ninety_days_are_compared_with_all_before(app, make):
    acme, facts, now = make.employer(), draw(random.Random(2)), utcnow()
    invite(acme, [facts] * 200)
    for days_ago, stars in ((200, (2, 3)), (100, (2, 4)), (89, (4, 5)), (1, (5, 5))):
        respond(acme, [facts | {"overall": one} for one in stars for _ in range(10)])
        reputation.refresh_habits(acme, now)
        release(acme, now - timedelta(days=days_ago))
    reputation.refresh_scorecard(acme, now)
    shown = reputation.dashboard(acme).reputation
    # each release is in one cell and week, so its evidence is its discounted count
    assert shown.change.value == 2.0
    assert shown.change.low > 1.5
    what_if, mean = shown.what_if, shown.score.stars
    assert what_if.response_rate == 80 / 200
    # the mean is rounded too: to a tenth, and a twentieth for that
    assert what_if.quarter == pytest.approx(mean - 0.25 * 0.6, abs=0.1)
    assert what_if.half == pytest.approx(mean - 0.5 * 0.6, abs=0.1)


def test_breakdowns_need_the_audit_and_a_raised_floor_holds_them_back(app, make):
    acme, facts = make.employer(), draw(random.Random(3))
    engineers = [facts | {"role_family": RoleFamily.ENGINEERING, "overall": 5}] * 12
    sellers = [facts | {"role_family": RoleFamily.SALES, "overall": 2}] * 7
    respond(acme, engineers + sellers + [facts | {"role_family": RoleFamily.FINANCE}] * 2)
    release(acme)
    shown = reputation.dashboard(acme).reputation.dimensions
    assert {level: one.answers for level, one in shown["role_family"].items()} == {
        "engineering": 12,
        "other": 9,
    }
    assert shown["role_family"]["engineering"].stars > shown["role_family"]["other"].stars
    configure(app, MIN_ANSWERS=10)
    reputation.refresh_scorecard(acme, utcnow())
    shown = reputation.dashboard(acme).reputation.dimensions
    assert shown["role_family"] == {}  # else all less the engineers would be the nine others
