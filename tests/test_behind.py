"""Who is behind the figures of habits: as many as the figure says, and nobody else."""

import random
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from portal import reputation
from portal.extensions import db
from portal.models import Application, Candidate, Channel, Feedback, Outcome, utcnow
from portal.reputation import LATE_AFTER, TOLD_WITHIN, HabitGroup, count_groups, list_group
from portal.reputation.habits import describe_habits
from tests.support.statements import noting_statements

TODAY = date(2026, 11, 27)
GROUPS = list(HabitGroup)


@pytest.fixture
def acme(make):
    return make.employer()


def scatter(make, employer, count: int, seed: int) -> None:
    """COUNT applications in every standing there is, on days around every limit."""
    chance = random.Random(seed)
    first = make.application(employer)
    facts = {"employer_id": employer.id, "requisition_id": first.requisition_id}
    people = [
        {
            "employer_id": employer.id,
            "name": f"Cam {n}",
            "blanked_on": TODAY if chance.random() < 0.15 else None,
        }
        for n in range(count)
    ]
    ids = db.session.scalars(sa.insert(Candidate).returning(Candidate.id), people).all()
    db.session.execute(
        sa.insert(Application),
        [
            facts | {"candidate_id": one} | _fate(chance, bool(person["blanked_on"]))
            for one, person in zip(ids, people, strict=True)
        ],
    )
    db.session.commit()


def _fate(chance: random.Random, is_gone: bool) -> dict:
    """What became of one application, with or without a decision; some were told before it."""
    outcome = chance.choice([None, *Outcome, Outcome.REJECTED, Outcome.REJECTED])
    decided_on = TODAY - timedelta(days=chance.choice([0, 1, 13, 14, 15, 29, 30, 31, 70, 400]))
    told_on = None
    if outcome and chance.random() < 0.6:
        wait = chance.choice([-1, 0, 3, 4, 7, 8, 14, 15, 30, 31, 60, 61, 90])
        told_on = decided_on + timedelta(days=wait)
        told_on = told_on if told_on <= TODAY else None
    promised = chance.choice([None, -2, 0, 1, 9, 40])
    return {
        "stage": "",
        "stage_entered_on": decided_on,
        "outcome": outcome,
        "decided_on": decided_on if outcome else None,
        "told_on": told_on,
        "channel": chance.choice(list(Channel)) if told_on else None,
        "feedback": chance.choice(list(Feedback)) if told_on else None,
        "is_waiting": not (told_on or is_gone or outcome is Outcome.WITHDRAWN),
        "promised_on": None if promised is None else decided_on + timedelta(days=promised),
    }


def everybody(employer, group: HabitGroup) -> list[Application]:
    first = list_group(employer, group, TODAY)
    pages = [list_group(employer, group, TODAY, n + 1).applications for n in range(first.pages)]
    found = [one for page in pages for one in page]
    assert len({one.id for one in found}) == len(found) == first.total
    return found


@pytest.mark.parametrize("seed", range(4))
def test_a_list_has_as_many_rows_as_its_figure_counts(make, acme, seed):
    scatter(make, acme, 400, seed)
    counts = count_groups(describe_habits(acme, TODAY))
    assert set(counts) == set(GROUPS)
    assert {group: len(everybody(acme, group)) for group in GROUPS} == counts
    assert min(counts.values()) > 5, "else nothing was tried"


def belongs(one: Application) -> set[HabitGroup]:
    """The groups ONE is in, by its days and facts alone."""
    told, promised = one.told_on, one.promised_on
    waited = ((told or TODAY) - one.decided_on).days
    channels = {
        HabitGroup.SPOKEN: (Channel.PHONE, Channel.IN_PERSON),
        HabitGroup.WRITTEN: (Channel.EMAIL, Channel.LETTER),
        HabitGroup.PORTAL: (Channel.PORTAL,),
        HabitGroup.NOT_TOLD: (None,),
    }
    groups = {group: one.channel in some for group, some in channels.items()} | {
        HabitGroup.NO_PROMISE: promised is None,
        HabitGroup.PROMISE_KEPT: bool(promised and told and told <= promised),
        HabitGroup.PROMISE_BROKEN: bool(promised and (told or TODAY) > promised),
        HabitGroup.SPECIFIC: bool(told) and one.feedback is Feedback.SPECIFIC,
        HabitGroup.GENERAL: bool(told) and one.feedback is Feedback.GENERAL,
        HabitGroup.NO_REASON: bool(told) and one.feedback in (None, Feedback.NONE),
    }
    groups |= {group: bool(told) and waited <= n for n, group in TOLD_WITHIN.items()}
    # Whoever waits since that very day may still hear today, and is counted as late.
    groups |= {group: waited > n or (not told and waited >= n) for n, group in LATE_AFTER.items()}
    return {group for group, is_in in groups.items() if is_in}


def test_who_is_in_a_group_follows_from_their_days_and_facts(make, acme):
    """Figures and lists read one definition: here it is once more, in plain Python."""
    scatter(make, acme, 400, 11)
    found = {group: {one.id for one in everybody(acme, group)} for group in GROUPS}
    everyone = db.session.scalars(sa.select(Application)).all()
    owed = [one for one in everyone if one.decided_on and one.outcome is not Outcome.WITHDRAWN]
    expected = {one.id: belongs(one) for one in owed}
    assert found == {
        group: {key for key, groups in expected.items() if group in groups} for group in GROUPS
    }


def test_every_decided_candidate_stands_where_they_belong(make, acme):
    scatter(make, acme, 300, 7)
    lists = {group: {one.id for one in everybody(acme, group)} for group in GROUPS}
    ways = (HabitGroup.SPOKEN, HabitGroup.WRITTEN, HabitGroup.PORTAL)
    told = set.union(*(lists[way] for way in ways))
    owed = {
        one.id
        for one in db.session.scalars(sa.select(Application))
        if one.decided_on and one.outcome is not Outcome.WITHDRAWN
    }
    assert told | lists[HabitGroup.NOT_TOLD] == owed
    assert not told & lists[HabitGroup.NOT_TOLD]
    reasons = (HabitGroup.SPECIFIC, HabitGroup.GENERAL, HabitGroup.NO_REASON)
    assert set.union(*(lists[one] for one in reasons)) == told
    assert lists[HabitGroup.TOLD_3] < lists[HabitGroup.TOLD_7] < lists[HabitGroup.TOLD_14]
    assert lists[HabitGroup.LATE_30] < lists[HabitGroup.LATE_14]


def test_who_can_still_be_told_stands_first_and_the_erased_last(make, acme):
    scatter(make, acme, 200, 3)
    for group in (HabitGroup.NOT_TOLD, HabitGroup.LATE_14, HabitGroup.PROMISE_BROKEN):
        found = everybody(acme, group)
        ranks = [2 if one.candidate.is_blank else 1 if one.told_on else 0 for one in found]
        assert ranks == sorted(ranks)
        assert {0, 2} <= set(ranks)
        waiting = [
            one.decided_on for one in found if not one.candidate.is_blank and not one.told_on
        ]
        assert waiting == sorted(waiting)


def test_another_employers_people_stay_out(make, acme):
    scatter(make, acme, 50, 1)
    globex = make.employer("globex")
    assert all(list_group(globex, group, TODAY).total == 0 for group in GROUPS)


def test_a_page_costs_the_same_statements_however_many_there_are(make, acme):
    costs = []
    for count in (60, 400):
        scatter(make, acme, count, 1)
        db.session.expire_all()
        with noting_statements() as seen:
            page = list_group(acme, HabitGroup.NOT_TOLD, TODAY, 2)
            assert [(one.candidate.name, one.requisition.title) for one in page.applications]
        costs.append(len([words for words in seen if "application" in words]))
    assert costs == [2, 2]


def test_what_changed_since_the_count_shows_in_the_list_only(make, acme):
    make.decided(acme, days_ago=40)
    application = make.decided(acme, days_ago=40)
    reputation.refresh_habits(acme, utcnow())
    habits = reputation.dashboard(acme).habits
    application.told_on, application.channel = date.today(), Channel.PHONE
    db.session.commit()
    assert count_groups(habits)[HabitGroup.NOT_TOLD] == 2
    assert list_group(acme, HabitGroup.NOT_TOLD, habits.as_of).total == 1
    assert list_group(acme, HabitGroup.LATE_30, habits.as_of).total == 2, "late it was all the same"
