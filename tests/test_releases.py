"""Releases: who comes along and who waits, what is told apart, what stands in their way."""

import contextvars
import json
import sqlite3
import time
from collections import Counter
from datetime import timedelta

import pytest
import sqlalchemy as sa

from portal import invitations, jobs, reputation, surveys
from portal.config import ConfigError
from portal.extensions import db, reading
from portal.models import (
    Batch,
    Canary,
    Delivery,
    Email,
    EmailState,
    Invitation,
    InvitationState,
    Lane,
    Locale,
    RoleFamily,
    SealedAnswer,
    StageGroup,
    utcnow,
)
from portal.reputation import parts
from tests.mail.conftest import configure
from tests.support.answers import (
    READER,
    give_answers,
    leave_silent,
    read,
    store_answers,
    withdraw,
)
from tests.support.answers import release as release_all
from tests.support.statements import noting_statements

ANOTHER_KEY = "another key that opens nothing of what is here"
OF_PEOPLE = ("invitation", "candidate", "application", "audit_event", "email", "invitation_token")


def release(employer, now=None):
    """Release what may be, with nobody asked but those who were."""
    db.session.rollback()
    batch = reputation.release_batch(employer, now or utcnow(), READER)
    db.session.commit()
    return batch


def ask(employer, count: int) -> None:
    """COUNT people were asked, and are silent."""
    leave_silent(employer, count)
    db.session.commit()


def keys(batch_id=None) -> set[str]:
    """Of the sealed answers of a batch; None: of those that wait."""
    found = sa.select(SealedAnswer.key).where(SealedAnswer.batch_id == batch_id)
    return set(db.session.scalars(found))


def change(token: str, **sent) -> None:
    given = surveys.find_answer(invitations.open_invitation(token, utcnow()))
    surveys.change_answer(given, read(**sent), Locale.ENGLISH)
    db.session.commit()


@pytest.fixture
def run(app):
    """Run a command; its output if it ended as expected."""

    def call(*words, code=0):
        db.session.commit()
        result = contextvars.Context().run(app.test_cli_runner().invoke, args=list(words))
        assert result.exit_code == code, result.output
        db.session.expire_all()
        return result.output

    return call


# -- four fifths by lot ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answered", "silent", "released"),
    [
        (6, 0, 0),  # four of six would be fewer than five
        (5, 1, 0),
        (5, 2, 5),
        (7, 0, 5),
        (7, 1, 6),
        (7, 2, 7),
        (12, 0, 9),
        (25, 0, 20),
    ],
)
def test_at_most_four_fifths_of_those_who_could_answer_are_released(
    app, make, acme, answered, silent, released
):
    store_answers(acme, answered)
    ask(acme, silent)
    batch = release(acme)
    if not released:
        assert batch is None
        assert len(keys()) == answered
        return
    assert (batch.answers, batch.fresh) == (released, released)
    assert batch.held_back is (released < answered)
    assert (len(keys(batch.id)), len(keys())) == (released, answered - released)
    card = reputation.refresh_scorecard(acme, utcnow())
    assert card.answers == released
    assert card.reputation["held_back"] is batch.held_back


def test_who_waits_is_drawn_by_lot(app, make, acme):
    """Each of seven waits in some of sixty draws, and not always the same two."""
    store_answers(acme, 7)
    everybody, waited = keys(), []
    for _ in range(60):
        with reading():
            planned = reputation.plan_release(acme, utcnow(), READER)
        taken = {row["of"] for row in planned.seals}
        assert len(taken) == 5
        waited.append(frozenset(everybody - taken))
    assert frozenset.union(*waited) == everybody
    assert len(set(waited)) > 5
    assert keys() == everybody, "a plan changes nothing"


def test_the_rest_comes_with_the_next_release(app, make, acme):
    store_answers(acme, 7)
    first = release(acme)
    left = keys()
    assert release(acme) is None, "two are too few"
    store_answers(acme, 5)
    ask(acme, 2)
    second = release(acme)
    assert (second.answers, second.fresh, second.held_back) == (7, 7, False)
    assert left < keys(second.id)
    assert not keys(first.id) & keys(second.id)
    assert reputation.refresh_scorecard(acme, utcnow()).reputation["held_back"] is False


def test_those_who_cannot_answer_any_more_are_not_in_the_lot(app, make, acme):
    """Whose mail came back, whose link ended before the last release, who was never asked."""
    store_answers(acme, 5)
    ask(acme, 6)
    asked = db.session.scalars(sa.select(Invitation).order_by(Invitation.id)).all()
    bounced, planned, *rest = asked
    db.session.add(
        Email(
            employer_id=acme.id,
            kind="invite",
            invitation_id=bounced.id,
            dedup_key="invite:1",
            message_id="<1@x>",
            verp_tag="1",
            to_address="cam@example.net",
            state=EmailState.SENT,
            delivery=Delivery.BOUNCED_HARD,
        )
    )
    planned.state = InvitationState.PLANNED
    db.session.commit()
    assert release(acme).answers == 5, "of nine"
    ended = utcnow() - invitations.LINK_LASTS - timedelta(days=2)
    for invitation in rest:
        invitation.last_mailed_at = ended
    db.session.commit()
    store_answers(acme, 5)
    assert release(acme) is None, "all five who could"
    for invitation in rest[:2]:
        invitation.last_mailed_at = utcnow()
    db.session.commit()
    assert release(acme).answers == 5


# -- what is told apart ---------------------------------------------------------------------------


def test_sixty_departments_hold_no_release_up(app, make, acme):
    chance = [(7 * number) % 60 for number in range(420)]

    def vary(number: int) -> dict:
        return {
            "department": f"Department {chance[number]}",
            "role_family": list(RoleFamily)[number % len(RoleFamily)],
            "stage_group": list(StageGroup)[number % len(StageGroup)],
            "lane": list(Lane)[number % 2],
        }

    store_answers(acme, 420, vary)
    ask(acme, 200)
    began = time.monotonic()
    with reading():
        assert reputation.plan_release(acme, utcnow(), READER)
    # four dimensions and the log, and what the rest of a plan takes on a busy machine
    assert time.monotonic() - began < 5 * parts.AUDIT_SECONDS + 5


def test_the_eight_departments_with_most_answers_stand_alone_and_the_rest_together(app, make, acme):
    sizes = {f"D{size}": size for size in range(5, 15)}
    where = [name for name, size in sizes.items() for _ in range(size)] + [None] * 3

    def vary(number: int) -> dict:
        return {"department": where[number], "overall": 5 if where[number] == "D14" else 2}

    store_answers(acme, len(where), vary)
    assert release_all(acme).answers == len(where)
    shown = reputation.dashboard(acme).reputation.dimensions["department"]
    largest = dict(list(sizes.items())[2:])
    assert {name: one.answers for name, one in shown.items()} == largest | {"other": 5 + 6 + 3}
    assert shown["D14"].stars > shown["D13"].stars
    assert reputation.rebuild(acme, utcnow(), check=True) == []


def test_without_departments_there_is_no_breakdown_by_them(app, make, acme):
    store_answers(acme, 12)
    release_all(acme)
    shown = reputation.dashboard(acme).reputation.dimensions
    assert list(shown) == ["role_family", "stage_group", "lane", "department"]
    assert shown["department"] == {}


def test_those_asked_while_waiting_are_told_apart_from_those_who_were_told(app, make, acme):
    store_answers(
        acme,
        13,
        lambda n: {"lane": Lane.OUTCOME if n < 7 else Lane.CHECK_IN, "overall": 5 if n < 7 else 1},
    )
    release_all(acme)
    shown = reputation.dashboard(acme).reputation.dimensions["lane"]
    assert {name: one.answers for name, one in shown.items()} == {"outcome": 7, "check_in": 6}
    assert (shown["outcome"].stars, shown["check_in"].stars) == (4.2, 2.3)


# -- between plan and transaction -----------------------------------------------------------------


@pytest.mark.parametrize("turn", ["changed", "withdrawn", "released"])
def test_a_plan_that_has_been_overtaken_is_not_carried_out(app, make, acme, turn):
    tokens = give_answers(make, acme, 6)
    ask(acme, 4)
    with reading():
        planned = reputation.plan_release(acme, utcnow(), READER)
    db.session.rollback()
    if turn == "changed":
        change(tokens[3], overall=1)
    elif turn == "withdrawn":
        withdraw(tokens[3])
    else:
        release(acme)
    stood = keys()
    with pytest.raises(reputation.Overtaken):
        reputation.carry_out(acme, planned, utcnow())
    db.session.rollback()
    assert keys() == stood
    if turn != "released":
        batch = release(acme)
        assert batch.answers == (6 if turn == "changed" else 5)
        assert reputation.rebuild(acme, utcnow(), check=True) == []


def test_a_withdrawal_from_a_release_about_to_be_pooled_overtakes_the_plan(app, make, acme):
    tokens = give_answers(make, acme, 6)
    ask(acme, 9)
    assert release(acme).pool is None
    give_answers(make, acme, 6)
    with reading():
        planned = reputation.plan_release(acme, utcnow(), READER)
    assert planned.pool
    db.session.rollback()
    withdraw(tokens[0])
    with pytest.raises(reputation.Overtaken):
        reputation.carry_out(acme, planned, utcnow())
    db.session.rollback()
    assert db.session.scalars(sa.select(Batch.withdrawn_on)).all() != [None]


def test_answers_that_come_while_a_release_is_planned_just_wait(app, make, acme):
    give_answers(make, acme, 6)
    ask(acme, 4)
    with reading():
        planned = reputation.plan_release(acme, utcnow(), READER)
    db.session.rollback()
    give_answers(make, acme, 2)
    batch = reputation.carry_out(acme, planned, utcnow())
    db.session.commit()
    assert (batch.answers, len(keys(batch.id)), len(keys())) == (6, 6, 2)


def test_who_took_back_before_a_release_is_not_known_by_what_stays_behind(app, make, acme):
    tokens = give_answers(make, acme, 8)
    ask(acme, 3)
    for token in tokens[:2]:
        withdraw(token)
    batch = release(acme)
    assert (batch.answers, batch.fresh) == (6, 6)
    assert keys() == set(), "their seals went along"
    opened = surveys.open_batch(acme, batch.id)
    assert sorted(Counter(one.is_withdrawn for one in opened.answers).items()) == [
        (False, 6),
        (True, 2),
    ]
    assert reputation.dashboard(acme).reputation.answers == 6
    assert reputation.rebuild(acme, utcnow(), check=True) == []


def test_seals_taken_back_go_along_even_where_others_must_wait(app, make, acme):
    tokens = give_answers(make, acme, 8)
    for token in tokens[:1]:
        withdraw(token)
    batch = release(acme)
    assert (batch.answers, batch.held_back) == (5, True)
    left = surveys.open_batch(acme, None).answers
    assert [one.is_withdrawn for one in left] == [False, False]


# -- locks and statements -------------------------------------------------------------------------


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_worker_takes_no_write_lock_while_it_plans(app, make, acme, database_url):
    """A candidate who answers meanwhile must not wait until all comments are read."""
    give_answers(make, acme, 6)
    ask(acme, 4)
    other = sqlite3.connect(database_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("PRAGMA busy_timeout=0")
    free, held = [], []

    def try_to_write(_connection, _cursor, statement, *_rest) -> None:
        try:
            other.execute("BEGIN IMMEDIATE")
        except sqlite3.OperationalError:
            held.append(statement.replace('"', ""))
        else:
            other.execute("ROLLBACK")
            free.append(statement.replace('"', ""))

    sa.event.listen(db.engine, "before_cursor_execute", try_to_write)
    try:
        assert jobs.release_now([acme], utcnow()) == {"acme": 6}
    finally:
        sa.event.remove(db.engine, "before_cursor_execute", try_to_write)
        other.close()
    opening = "SELECT sealed_answer.key, sealed_answer.sealed"
    assert any(statement.startswith(opening) for statement in free)
    assert not any(statement.startswith(opening) for statement in held)
    writes = ("INSERT INTO batch", "UPDATE sealed_answer")
    assert any(statement.startswith(writes) for statement in held), "the test can fail"
    assert not any(statement.startswith(writes) for statement in free)


@pytest.mark.parametrize("is_released", [False, True])
def test_taking_back_writes_nothing_about_the_person_and_costs_the_same_for_all(
    app, make, acme, is_released
):
    costs = []
    for count in (6, 30):
        tokens = give_answers(make, acme, count)
        if is_released:
            release_all(acme)
        reputation.refresh_scorecard(acme, utcnow())
        db.session.commit()
        with noting_statements() as seen:
            withdraw(tokens[0])
        changes = [one for one in seen if not one.startswith(("SELECT", "PRAGMA"))]
        written = {word for one in changes for word in one.replace('"', "").split()[:3]}
        assert not written & set(OF_PEOPLE), changes
        locking = [one for one in seen if "FOR" in one.split() and "FROM employer" not in one]
        assert locking == []
        assert "sealed_answer" in written
        costs.append(len(seen))
        if not is_released:
            release_all(acme)
    assert costs[0] == costs[1]


def test_a_release_costs_the_same_statements_for_many_as_for_few(app, make):
    costs = []
    # the first of all makes its edition the one that is shown
    for slug, count in (("first", 12), ("few", 12), ("many", 90)):
        employer = make.employer(slug)
        store_answers(employer, count)
        ask(employer, count)
        reputation.refresh_habits(employer, utcnow())
        db.session.commit()
        with noting_statements() as seen:
            assert release(employer).answers == count
        costs.append(len(seen))
    assert costs[1] == costs[2]
    assert costs[1] <= 45


# -- seals that do not open -----------------------------------------------------------------------


def break_one(employer) -> None:
    """A byte of one seal turns over."""
    found = sa.select(SealedAnswer).where(SealedAnswer.employer_id == employer.id)
    row = db.session.scalars(found).first()
    row.sealed = row.sealed[:-1] + bytes([row.sealed[-1] ^ 1])
    db.session.commit()


def test_with_another_key_nothing_is_released_and_the_old_one_as_fallback_mends_it(app, make, acme):
    secret = app.config["HEARDBACK"].SECRET_KEY
    store_answers(acme, 6)
    ask(acme, 2)
    configure(app, SECRET_KEY=ANOTHER_KEY)
    with pytest.raises(reputation.SealsBroken, match="6 answers"):
        reputation.plan_release(acme, utcnow(), READER)
    db.session.rollback()
    assert jobs.release_now([acme], utcnow()) == {"acme": 0}
    assert acme.seal_trouble == "6 answers"
    assert db.session.scalars(sa.select(Batch)).all() == []
    configure(app, SECRET_KEY=ANOTHER_KEY, SECRET_KEY_FALLBACKS=(secret,))
    assert jobs.release_now([acme], utcnow()) == {"acme": 6}
    assert acme.seal_trouble is None


def test_one_broken_seal_is_named_in_status_until_it_is_given_up(app, make, acme, run):
    jobs.start()
    store_answers(acme, 8)
    ask(acme, 2)
    globex = make.employer("globex")
    store_answers(globex, 6)
    ask(globex, 2)
    break_one(acme)
    assert "no key opens" not in run("status")
    assert jobs.release_now([acme, globex], utcnow()) == {"acme": 0, "globex": 6}
    assert json.loads(run("status", "--json"))["seals_broken"] == {"acme": "1 answers"}
    assert (
        "acme: no key opens 1 answers; nothing is released until one does, or "
        "`flask answers discard --employer acme` gives them up" in run("status")
    )
    given_up = json.loads(run("answers", "discard", "--employer", "acme", "--yes", "--json"))
    assert given_up == {"answers": 1, "releases": []}
    assert "no key opens" not in run("status")
    assert jobs.release_now([acme], utcnow()) == {"acme": 7}
    assert json.loads(run("answers", "discard", "--employer", "acme", "--yes", "--json")) == {
        "answers": 0,
        "releases": [],
    }


def test_discarding_asks_first_and_takes_a_release_that_does_not_open_off_the_page(
    app, make, acme, run
):
    jobs.start()
    store_answers(acme, 6)
    batch = release_all(acme)
    batch.sums = batch.sums[:-1] + bytes([batch.sums[-1] ^ 1])
    db.session.commit()
    assert "1" in run("answers", "discard", "--employer", "acme", code=1), "nobody said yes"
    assert db.session.scalars(sa.select(Batch.withdrawn_on)).all() == [None]
    run("answers", "discard", "--employer", "acme", "--yes")
    assert db.session.scalars(sa.select(Batch.withdrawn_on)).all() != [None]
    assert reputation.dashboard(acme).reputation is None
    assert len(keys()) == 6, "its answers open, and wait"


def test_nothing_starts_under_a_key_that_does_not_open_what_is_here(app, make, acme, run):
    secret = app.config["HEARDBACK"].SECRET_KEY
    jobs.start()
    reputation.check_key()
    store_answers(acme, 1)
    configure(app, SECRET_KEY=ANOTHER_KEY)
    for start in (reputation.check_key, reputation.hold_key, jobs.start):
        with pytest.raises(ConfigError, match="SECRET_KEY does not open what is sealed"):
            start()
        db.session.rollback()
    for words in (("worker", "--until-idle"), ("release", "--all")):
        output = run(*words, code=1)
        assert len(output.strip().splitlines()) == 1
        assert "Set the key it was made with, or add that key to SECRET_KEY_FALLBACKS." in output
    assert "SECRET_KEY does not open what is sealed" in run("status")
    configure(app, SECRET_KEY=ANOTHER_KEY, SECRET_KEY_FALLBACKS=(secret,))
    jobs.start()
    run("status")


def test_who_has_lost_the_key_gives_up_every_employer_and_starts_anew(app, make, acme, run):
    jobs.start()
    globex = make.employer("globex")
    for employer in (acme, globex):
        store_answers(employer, 12)
        release_all(employer)
    jobs.platform(utcnow())
    configure(app, SECRET_KEY=ANOTHER_KEY)
    for slug, is_last in (("acme", False), ("globex", True)):
        found = json.loads(run("answers", "discard", "--employer", slug, "--yes", "--json"))
        assert found == {"answers": 12, "releases": [1]}
        if not is_last:
            with pytest.raises(ConfigError):
                jobs.start()
            db.session.rollback()
    jobs.start()
    assert "does not open" not in run("status")
    store_answers(acme, 6)
    assert release_all(acme).answers == 6


def test_where_nothing_is_sealed_any_key_will_do(app, make, acme):
    jobs.start()
    before = db.session.get(Canary, 1).sealed
    configure(app, SECRET_KEY=ANOTHER_KEY)
    jobs.start()
    assert db.session.get(Canary, 1).sealed != before
    store_answers(acme, 1)
    reputation.check_key()


def test_answers_sealed_before_the_first_worker_are_tried_too(app, make, acme):
    store_answers(acme, 1)
    configure(app, SECRET_KEY=ANOTHER_KEY)
    with pytest.raises(ConfigError):
        reputation.check_key()
