"""Periods are unions of whole releases, made at a release or a withdrawal and never between."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal import figures, reputation
from portal.extensions import db
from portal.models import Lane, RoleFamily, RollupWeek, utcnow
from tests.mail.conftest import configure
from tests.support.answers import give_answers, release, store_answers, withdraw

ENGINEERS = {"role_family": RoleFamily.ENGINEERING}
SELLERS = {"role_family": RoleFamily.SALES}


def release_each(employer, *releases, **said) -> None:
    """RELEASES: (days ago, answers); what each n-th answers says differs by SAID(n)."""
    vary = said.get("vary", lambda number: {})
    for days_ago, count in releases:
        store_answers(employer, count, vary)
        assert release(employer, utcnow() - timedelta(days=days_ago)).answers == count
    reputation.refresh_scorecard(employer, utcnow())


def shown(employer):
    return reputation.dashboard(employer).reputation


def answers_of(employer) -> list[int | str]:
    """By period, the answers in it, or why it is off."""
    return [one.figures.answers if one.figures else one.why_off for one in shown(employer).periods]


@pytest.mark.parametrize(
    ("releases", "expected"),
    [
        (((400, 6), (100, 7), (10, 8)), [8, 15]),
        (((400, 6), (10, 8)), [8, 8]),
        (((91, 6), (89, 8)), [8, "all"]),
        (((90, 6), (0, 8)), [8, "all"]),  # of 90 days it is the first that is over
        (((300, 6), (200, 7)), ["none", "all"]),
        (((700, 6),), ["none", "none"]),
    ],
)
def test_a_period_holds_the_releases_of_its_days(make, releases, expected):
    acme = make.employer()
    release_each(acme, *releases)
    assert answers_of(acme) == expected


def test_a_period_says_what_its_releases_say_and_nothing_of_others(make):
    acme = make.employer()
    release_each(acme, (200, 30), vary=lambda _: {"overall": 2, "recommend": 0, "chased": "more"})
    release_each(acme, (10, 30), vary=lambda _: {"overall": 4, "recommend": 10, "chased": "no"})
    found = shown(acme).periods[0].figures
    assert (found.answers, found.releases) == (30, 1)
    assert found.since == utcnow().date() - timedelta(days=10)
    assert found.rating.stars == 3.9  # drawn to the middle by the prior
    assert found.nps.value > 80
    assert (found.chased.share, found.chased.answers) == (0, 30)
    assert found.resentment is None, "nobody was asked"
    assert found.change == shown(acme).change
    assert found.change.value == 2


def test_time_alone_changes_nothing_and_a_withdrawal_counts_anew(make):
    acme = make.employer()
    release_each(acme, (100, 6))
    token = give_answers(make, acme, 7)[0]
    release(acme)
    assert answers_of(acme) == [7, "all"]
    later = utcnow() + timedelta(days=200)
    before = shown(acme)
    reputation.refresh_habits(acme, later, in_full=True)
    assert shown(acme) == before
    withdraw(token)
    assert answers_of(acme) == ["none", "all"]


def test_groups_of_a_period_are_those_of_its_releases(make):
    acme = make.employer()
    both = [ENGINEERS, SELLERS]
    release_each(acme, (200, 12), vary=lambda number: both[number % 2] | {"overall": 2})
    release_each(acme, (10, 11), vary=lambda number: both[number > 4] | {"overall": 4})
    levels = shown(acme).periods[0].figures.dimensions["role_family"]
    assert {name: one.answers for name, one in levels.items()} == {"engineering": 5, "sales": 6}
    assert levels["sales"].stars > shown(acme).dimensions["role_family"]["sales"].stars


# -- a floor raised since -------------------------------------------------------------------------


def test_periods_beside_each_other_count_every_answer_once(make):
    acme = make.employer()
    release_each(acme, (400, 30), (100, 10), (10, 10))
    found = shown(acme)
    assert found.answers == 50
    assert figures.periods_chart(found).n == "from 50 answers"


def test_no_period_leaves_out_fewer_than_the_floor(app, make):
    acme = make.employer()
    release_each(acme, (200, 6), (150, 12), (10, 12))
    assert answers_of(acme) == [12, "all"]
    configure(app, MIN_ANSWERS=10)
    reputation.refresh_scorecard(acme, utcnow())
    assert answers_of(acme) == ["few", "all"]  # all less both that hold it would be the six
    globex = make.employer("globex")
    configure(app, MIN_ANSWERS=5)
    release_each(globex, (200, 6), (180, 7), (20, 8), (10, 12))
    configure(app, MIN_ANSWERS=10)
    reputation.refresh_scorecard(globex, utcnow())
    assert answers_of(globex) == [12, "all"]  # the eight are in none


def test_a_question_few_answered_under_a_lower_floor_is_in_no_period(app, make):
    acme = make.employer()

    def of_those(count: int):
        return lambda number: {"chased": "no" if number < count else None}

    release_each(acme, (200, 12), vary=of_those(6))
    release_each(acme, (10, 12), vary=of_those(12))
    assert shown(acme).periods[0].figures.chased.answers == 12
    configure(app, MIN_ANSWERS=10)
    reputation.refresh_scorecard(acme, utcnow())
    assert shown(acme).periods[0].figures.chased is None


def test_a_release_split_under_a_lower_floor_is_split_no_more(app, make):
    acme = make.employer()
    lanes = [{"lane": Lane.OUTCOME}, {"lane": Lane.CHECK_IN}]
    release_each(acme, (200, 24), vary=lambda number: lanes[number % 2])
    release_each(acme, (10, 18), vary=lambda number: lanes[number < 6])
    assert shown(acme).periods[0].figures.dimensions["lane"]
    configure(app, MIN_ANSWERS=10)
    reputation.refresh_scorecard(acme, utcnow())
    assert shown(acme).periods[0].figures.dimensions["lane"] == {}
    assert {one.answers for one in shown(acme).dimensions["lane"].values()} == {12}


def test_groups_leave_out_no_fewer_than_the_floor(app, make):
    acme = make.employer()
    lanes = [{"lane": Lane.OUTCOME}, {"lane": Lane.CHECK_IN}]
    release_each(acme, (20, 24), vary=lambda number: lanes[number % 2])
    release_each(acme, (10, 6))
    assert {one.answers for one in shown(acme).dimensions["lane"].values()} == {12, 18}
    configure(app, MIN_ANSWERS=10)
    reputation.refresh_scorecard(acme, utcnow())
    assert shown(acme).dimensions["lane"] == {}  # all less both groups would be the six


def test_which_small_group_said_what_changes_no_share(make):
    """Releases count by their age, groups by who was asked: only whole releases may tell."""
    seen = []
    for told_chased, untold_chased in ((0, 2), (2, 0), (1, 1)):
        employer = make.employer(f"e{len(seen)}")
        for days_ago in (250, 130, 10):

            def said(number, told_chased=told_chased, untold_chased=untold_chased):
                told = number < 3
                asked = number < told_chased if told else number - 3 < untold_chased
                return {
                    "cell": 0 if told else 2,
                    "chased": "more" if asked else "no",
                    "recommend": 9 if asked else 3,
                    "overall": 3,
                }

            store_answers(employer, 5, said)
            release(employer, utcnow() - timedelta(days=days_ago))
        week = utcnow().date() - timedelta(days=300)
        db.session.execute(sa.delete(RollupWeek).where(RollupWeek.employer_id == employer.id))
        for cell, invited in ((0, 40), (2, 200)):  # the untold answered less often
            db.session.add(
                RollupWeek(
                    employer_id=employer.id,
                    week=week - timedelta(days=week.weekday()),
                    cell=cell,
                    invited=invited,
                )
            )
        db.session.flush()
        reputation.refresh_scorecard(employer, utcnow())
        card = shown(employer)
        seen.append((card.chased, card.nps))
    assert seen[0] == seen[1] == seen[2]


def test_the_newest_release_is_held_against_the_one_before_it(make):
    acme = make.employer()
    release_each(acme, (300, 9), vary=lambda n: {"overall": 1})
    assert shown(acme).newest is None, "there is nothing before it"
    release_each(acme, (40, 9), vary=lambda n: {"overall": 2})
    release_each(acme, (10, 9), vary=lambda n: {"overall": 5})
    newest = shown(acme).newest
    assert newest.value == 3.0, "not against all before, nor drawn towards the middle"
    assert 1.5 < newest.low < 3 < newest.high < 4.5
