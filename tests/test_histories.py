"""No history of releases, withdrawals and files gives away fewer answers than the floor."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from portal import invitations, links, reputation, surveys
from portal.extensions import db
from portal.models import (
    AnswerState,
    Application,
    Candidate,
    ChannelFact,
    Chased,
    Employer,
    FeedbackGiven,
    HeardHow,
    Invitation,
    InvitationState,
    InvitationToken,
    Lane,
    Locale,
    OutcomeFact,
    PromiseFact,
    PromiseKept,
    Relationship,
    Requisition,
    Response,
    Role,
    RoleFamily,
    StageGroup,
    Told,
    ToldBucket,
    utcnow,
)
from tests.support.attacker import Attacker, Visitor

MONDAY = date(2026, 9, 28)
FLOORS = (3, 5, 10)


@pytest.fixture
def database_url(sqlite_template, tmp_path) -> str:
    """A file that nothing is ever committed to: each history is rolled back."""
    path = tmp_path / "histories.sqlite"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


@contextmanager
def floor_of(app, k: int) -> Iterator[None]:
    held = app.config["HEARDBACK"]
    before = held.MIN_ANSWERS, held.MIN_COMMENTS
    for name, value in (("MIN_ANSWERS", k), ("MIN_COMMENTS", 2 * k)):
        object.__setattr__(held, name, value)
    yield
    for name, value in zip(("MIN_ANSWERS", "MIN_COMMENTS"), before, strict=True):
        object.__setattr__(held, name, value)


class History:
    """One employer whose candidates answer, and what somebody keeps of what is shown."""

    def __init__(
        self, chance: random.Random, keen: float, employer: Employer | None = None
    ) -> None:
        self.chance, self.keen, self.tokens, self.now = chance, keen, [], utcnow()
        self.employer = employer or Employer(slug="acme", name="Acme", approved_at=self.now)
        db.session.add(self.employer)
        db.session.flush()
        self.attacker = Attacker(self.employer)

    def _maybe(self, kind):
        return self.chance.choice(list(kind)) if self.chance.random() < self.keen else None

    def answer(self, count: int, **facts) -> None:
        chance, rows = self.chance, []
        for _ in range(count):
            token = links.new_survey_token()
            self.tokens.append(token)
            told = chance.random() < 0.7
            rows.append(
                {
                    "employer_id": self.employer.id,
                    "key": links.response_keys(token)[0],
                    "survey_version": surveys.VERSION,
                    "locale": Locale.ENGLISH,
                    "lane": Lane.OUTCOME,
                    "is_after_reminder": chance.random() < 0.4,
                    "recommend": chance.randrange(11),
                    "overall": chance.randrange(1, 6),
                    "told": self._maybe(Told),
                    "heard_how": self._maybe(HeardHow),
                    "chased": self._maybe(Chased),
                    "promise": self._maybe(PromiseKept),
                    "feedback": self._maybe(FeedbackGiven),
                    "relationship_after": self._maybe(Relationship),
                    "comment": "",
                    "week": MONDAY - timedelta(weeks=chance.randrange(3)),
                    "cell": 0 if told else 2,
                    "outcome": chance.choices(list(OutcomeFact), (2, 0, 8, 1, 1))[0],
                    "stage_group": chance.choices(list(StageGroup), (5, 5, 1))[0],
                    "role_family": chance.choices(list(RoleFamily), (5, 4, 1, 0, 1))[0],
                    "told_bucket": ToldBucket.WITHIN_3 if told else ToldBucket.NEVER,
                    "channel": ChannelFact.PHONE if told else ChannelFact.NONE,
                    "promise_fact": PromiseFact.NONE,
                    "was_given_feedback": False,
                    "is_released": False,
                }
                | facts
            )
        if rows:
            db.session.execute(sa.insert(Response), rows)

    def release(self) -> None:
        reputation.release_batch(self.employer, self.now)
        self.now += timedelta(days=31)

    def withdraw(self, number: int | None = None) -> None:
        """The candidate with that NUMBER, or anybody, takes the answer back."""
        if not self.tokens:
            return
        if number is None:
            number = self.chance.randrange(len(self.tokens))
        token = self.tokens.pop(number)
        self.invite(token)
        assert reputation.withdraw_answer(invitations.open_invitation(token, utcnow()), self.now)

    def invite(self, token: str) -> None:
        """The person whose link TOKEN is: made only once they are needed."""
        requisition = Requisition(employer_id=self.employer.id, title=token)
        candidate = Candidate(employer_id=self.employer.id, name="Cam")
        application = Application(
            employer=self.employer,
            candidate=candidate,
            requisition=requisition,
            stage_entered_on=MONDAY,
        )
        invitation = Invitation(
            employer=self.employer,
            application=application,
            lane=Lane.OUTCOME,
            state=InvitationState.INVITED,
            answer_state=AnswerState.ANSWERED,
            due_at=utcnow(),
            invited_at=utcnow(),
            last_mailed_at=utcnow(),
            week=MONDAY,
            cell=0,
        )
        db.session.add_all((requisition, candidate, application, invitation))
        db.session.flush()
        db.session.add(
            InvitationToken(
                invitation_id=invitation.id, token_hash=links.invitation_hashes(token)[0]
            )
        )
        db.session.flush()

    def play(self, months: list[tuple[float, int]], k: int) -> None:
        """Every month some answers, as a multiple of K, a release, and withdrawals."""
        for size, withdrawals in months:
            self.answer(round(size * k))
            self.attacker.look()
            self.release()
            self.attacker.look()
            for _ in range(withdrawals):
                self.withdraw()
                self.attacker.look()


MONTHS = st.lists(
    st.tuples(st.sampled_from((0.4, 1, 1.2, 1.6, 2, 4)), st.sampled_from((0, 0, 0, 1, 2))),
    min_size=3,
    max_size=8,
)


def check_history(app, months, k: int, seed: int, keen: float) -> History:
    try:
        with floor_of(app, k):
            history = History(random.Random(seed), keen)
            history.play(months, k)
            assert list(history.attacker.isolated()) == []
            reputation.refresh_habits(history.employer, history.now, in_full=True)
            assert reputation.rebuild(history.employer, history.now, check=True) == []
            return history
    finally:
        db.session.rollback()


def histories(most: int):
    return settings(
        max_examples=most,
        deadline=None,
        derandomize=most < 100,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate),  # shrinking takes minutes and tells little
    )


GIVEN = given(
    MONTHS, st.sampled_from(FLOORS), st.integers(0, 2**20), st.sampled_from((0.3, 0.6, 0.95))
)


@contextmanager
def one_history(app) -> Iterator[History]:
    """A history told step by step, at the usual floor."""
    try:
        yield History(random.Random(1), 0.95)
    finally:
        db.session.rollback()


def releases(history: History, *answered: int) -> None:
    """Releases of six in which so many answered whether they had to chase."""
    for count in answered:
        history.answer(count, chased=Chased.ONCE)
        history.answer(6 - count, chased=None)
        history.release()
        history.attacker.look()


def test_answers_that_come_back_do_not_make_a_question_large_enough(app):
    with one_history(app) as history:
        releases(history, 6)
        history.withdraw(0)
        releases(history, 1)
        assert list(history.attacker.isolated()) == []


def test_the_few_of_one_release_are_not_the_difference_of_file_and_figure(app):
    with one_history(app) as history:
        releases(history, 6, 1)
        assert "chased" in history.attacker.seen
        assert list(history.attacker.isolated()) == []


def test_a_broken_pool_does_not_come_back_in_another_mixture(app):
    with one_history(app) as history:
        releases(history, 6, 6)
        history.withdraw(0)
        releases(history, 6)
        assert list(history.attacker.isolated()) == []


def test_pages_and_files_over_http_give_no_more_away(app, make, browse):
    acme = make.employer()
    remy = browse(make.user("remy", acme, Role.RECRUITER))
    history = History(random.Random(5), 0.9, acme)
    history.attacker = visitor = Visitor(acme, remy.client)
    for size, withdrawals in ((7, 1), (6, 1), (12, 0), (5, 0), (26, 1), (31, 0)):
        history.answer(size)
        history.release()
        visitor.look()
        for _ in range(withdrawals):
            token = history.tokens.pop(0)
            history.invite(token)
            browse().post(f"/s/{token}/withdraw", status=303)
            visitor.look()
    assert list(visitor.isolated()) == []
    assert {"overall", "recommend", "chased", "told", "levers"} <= visitor.seen.keys()
    assert len(visitor.seen["overall"]) > 8
    assert visitor.detailed["comment"]
    assert {"/e/acme/", "/employers/acme"} <= visitor.pages


@histories(15)
@GIVEN
def test_no_history_gives_away_fewer_than_the_floor(app, months, k, seed, keen):
    check_history(app, months, k, seed, keen)


@pytest.mark.long
@histories(1200)
@GIVEN
def test_no_history_of_a_thousand_gives_away_fewer_than_the_floor(app, months, k, seed, keen):
    check_history(app, months, k, seed, keen)
