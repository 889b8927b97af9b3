"""Answers are forgotten after a year; their writers can take their words back all the same."""

from datetime import timedelta

import sqlalchemy as sa

from portal import invitations, links, reputation, surveys
from portal.extensions import db
from portal.models import Batch, Invitation, SealedAnswer, Words, utcnow
from tests.support.answers import give_answers, release, store_answers, withdraw

YEAR = timedelta(days=400)


def texts(employer) -> set[str]:
    """Published words of EMPLOYER, in a pool or waiting for one."""
    db.session.rollback()
    return set(db.session.scalars(sa.select(Words.text).where(Words.employer_id == employer.id)))


def say(name: str):
    return lambda number: {"comment": f"{name} has this to say, number {number}."}


def forget(now) -> None:
    while reputation.forget_answers(now):
        db.session.commit()
    db.session.commit()


def test_words_that_came_back_with_a_later_pool_go_with_their_forgotten_writer(app, make, acme):
    first = give_answers(make, acme, 6, say("First"))
    release(acme)
    second = give_answers(make, acme, 6, say("Second"))
    release(acme)  # both are one pool
    withdraw(second[0])  # it is closed; its words wait, and come back
    store_answers(acme, 12, say("Third"))
    release(acme)  # with the five of the second release: no lines, so no pool yet
    store_answers(acme, 12, say("Fourth"))
    release(acme)
    assert sum(text.startswith("First") for text in texts(acme)) == 6
    later = utcnow() + YEAR
    forget(later)
    assert db.session.scalar(sa.select(sa.func.count(SealedAnswer.key))) == 0
    assert reputation.withdraw_answer(invitations.open_invitation(first[0], later), later)
    db.session.commit()
    left = texts(acme)
    assert not [text for text in left if text.startswith("First")], "nobody knows which was theirs"
    assert sum(text.startswith(("Third", "Fourth")) for text in left) == 24


def test_words_of_an_answer_forgotten_while_it_waited_do_not_come_back(app, make, acme):
    tokens = give_answers(make, acme, 12, say("First"))
    release(acme)
    withdraw(tokens[0])
    assert len(texts(acme)) == 11
    later = utcnow() + YEAR
    assert reputation.forget_waiting(acme, later) == 12
    db.session.commit()
    assert texts(acme) == set()
    store_answers(acme, 12, say("Second"))
    db.session.execute(sa.update(Invitation).values(last_mailed_at=later))
    db.session.commit()
    release(acme)
    assert len(texts(acme)) == 12


def test_forgetting_keeps_every_figure(app, acme):
    store_answers(acme, 12, say("First"))
    release(acme)
    before = reputation.dashboard(acme).reputation
    forget(utcnow() + YEAR)
    reputation.refresh_scorecard(acme, utcnow())
    assert reputation.dashboard(acme).reputation == before
    assert reputation.rebuild(acme, utcnow(), check=True) == []
    assert db.session.scalar(sa.select(Batch.withdrawn_on)) is None


def test_a_link_nobody_answered_by_finds_no_forgotten_answer(app, make, acme):
    give_answers(make, acme, 12)
    release(acme)
    stranger = make.link(make.told(acme, days_ago=40))
    later = utcnow() + YEAR
    forget(later)
    opened = invitations.open_invitation(stranger, later)
    assert surveys.find_answer(opened) is None
    assert not reputation.withdraw_answer(opened, later)
    assert links.answer_keys(stranger)
