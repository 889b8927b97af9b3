"""No history of releases, withdrawals and files gives away fewer answers than the floor."""

import random
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, time, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from portal import invitations, links, reputation, surveys
from portal.extensions import db
from portal.invitations import LINK_LASTS
from portal.models import (
    COARSE_FACTS,
    Application,
    Batch,
    Candidate,
    ChannelFact,
    Employer,
    Invitation,
    InvitationState,
    InvitationToken,
    Lane,
    Locale,
    OutcomeFact,
    PromiseFact,
    Requisition,
    Role,
    RoleFamily,
    Scorecard,
    StageGroup,
    ToldBucket,
    utcnow,
)
from portal.reputation.levers import plain_lever
from portal.reputation.parts import BREAKDOWNS
from portal.sentiment.language import ENOUGH_WORDS
from portal.statistics.levers import LeverEstimate
from portal.surveys import Answer, Facts
from portal.surveys.sealing import WITH_WORDS, insert_sealed
from tests.support.attacker import LOST, Attacker, Visitor
from tests.support.charts import check_charts
from tests.support.readers import Reader

FLOORS = (3, 5, 10)
MONTH = timedelta(days=31)
YEAR = 12 * MONTH
OFFERED = (OutcomeFact.HIRED, OutcomeFact.OFFER_DECLINED)
TOLD_CLASS = {ToldBucket.WITHIN_3: 0, ToldBucket.WITHIN_7: 0, ToldBucket.LATER: 1}
LANGUAGE = re.compile(r"\((\w\w)\)")
DEPARTMENTS = ("Engineering", "Sales", "Support", "Legal", "Finance")


class Polyglot(Reader):
    """Reads as its parent does, and takes the language that a comment names for its own."""

    def __call__(self, text, language, calibration=None):
        read = super().__call__(text, language, calibration)
        if found := LANGUAGE.search(text):
            read.language = found[1]
        return read


READER = Polyglot("histories")


def read_words(words: str) -> tuple[str, str | None]:
    """Label and language of WORDS, as READER reads them; of few words nobody can tell which."""
    read = READER(surveys.redact(words), None)
    language = read.language if len(words.split()) >= ENOUGH_WORDS else None
    return (read.label if read.status == "scored" else read.status), language


@pytest.fixture
def database_url(sqlite_template, tmp_path) -> str:
    """A file that nothing is ever committed to: each history is rolled back."""
    path = tmp_path / "histories.sqlite"
    path.write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{path}"


@contextmanager
def floor_of(app, k: int) -> Iterator[None]:
    held = app.config["HEARDBACK"]
    app.config["HEARDBACK"] = replace(held, MIN_ANSWERS=k, MIN_COMMENTS=2 * k)
    yield
    app.config["HEARDBACK"] = held


class History:
    """One employer whose candidates answer, and what somebody keeps of what is shown.

    `happened`: what did, so that nobody takes a dull history for a safe one.
    """

    def __init__(
        self, chance: random.Random, keen: float, employer: Employer | None = None
    ) -> None:
        self.chance, self.keen, self.now = chance, keen, utcnow()
        self.tokens: list[str] = []
        self.taken_back: list[str] = []
        self.happened: Counter[str] = Counter()
        self.employer = employer or Employer(slug="acme", name="Acme", approved_at=self.now)
        db.session.add(self.employer)
        db.session.flush()
        self.requisition = Requisition(employer_id=self.employer.id, title="Engineer")
        self.candidate = Candidate(employer_id=self.employer.id, name="Cam")
        db.session.add_all((self.requisition, self.candidate))
        db.session.flush()
        self.attacker = Attacker(self.employer, read_words)
        self._spoken = 0

    def next_number(self) -> int:
        """So that no two comments are the same."""
        self._spoken += 1
        return self._spoken

    # -- who is asked, and what they say ----------------------------------------------------------

    def facts(self, **known) -> Facts:
        """The coarse facts of somebody asked now, uneven as candidates are."""
        chance, day = self.chance, self.now.date()
        told = chance.choices(list(ToldBucket), (6, 2, 0, 1, 3))[0]
        outcome = chance.choices(list(OutcomeFact), (2, 0, 8, 1, 1))[0]
        values = {
            "week": day - timedelta(days=day.weekday(), weeks=chance.randrange(3)),
            "cell": 3 * (outcome in OFFERED) + TOLD_CLASS.get(told, 2),
            "outcome": outcome,
            "stage_group": chance.choices(list(StageGroup), (5, 5, 1))[0],
            "role_family": chance.choices(list(RoleFamily), weights_for(RoleFamily))[0],
            "told_bucket": told,
            "channel": ChannelFact.NONE if told is ToldBucket.NEVER else ChannelFact.PHONE,
            "promise_fact": PromiseFact.NONE,
            "was_given_feedback": False,
            "department": chance.choices((*DEPARTMENTS, None), (8, 5, 4, 2, 1, 1))[0],
        }
        return Facts(**values | known)

    def says(self, **known) -> dict:
        """What somebody answers; the more keen, the more questions."""
        survey = surveys.newest_survey()
        chance = self.chance
        sent = {
            question.key: chance.choice(question.options)
            for question in survey.questions
            if question.options and (question.is_required or chance.random() < self.keen)
        }
        if chance.random() < self.keen:
            word = chance.choice(("Good", "Bad", "Plain"))
            language = chance.choices(("en", "fr", "de", "it"), (6, 2, 1, 1))[0]
            many = "from me@home.example, who has more to say" if chance.random() < 0.8 else ""
            sent["comment"] = f"{word} words ({language}), {self.next_number()} {many}"
        return survey.read(sent | known)

    def ask(self, people: list[Facts], lane: Lane, *, answered: bool) -> list[str]:
        """Invite PEOPLE; returns their links' tokens."""
        if not people:
            return []
        applied = {
            "employer_id": self.employer.id,
            "candidate_id": self.candidate.id,
            "requisition_id": self.requisition.id,
            "stage_entered_on": self.now.date(),
        }
        applications = db.session.scalars(
            sa.insert(Application).returning(Application.id), [applied] * len(people)
        ).all()
        asked = {
            "employer_id": self.employer.id,
            "lane": lane,
            "state": InvitationState.INVITED,
            "due_at": self.now,
            "invited_at": self.now,
            "last_mailed_at": self.now,
            "survey_version": surveys.newest_survey().version,
            "is_answered": answered,
        }
        rows = [
            asked | {"application_id": number} | {name: getattr(one, name) for name in COARSE_FACTS}
            for number, one in zip(applications, people, strict=True)
        ]
        found = db.session.scalars(
            sa.insert(Invitation).returning(Invitation.id, sort_by_parameter_order=True), rows
        ).all()
        tokens = [links.new_survey_token() for _ in people]
        mailed = [
            {"invitation_id": number, "token_hash": links.invitation_hashes(token)[0]}
            for number, token in zip(found, tokens, strict=True)
        ]
        db.session.execute(sa.insert(InvitationToken), mailed)
        return tokens

    def keep_silent(self, count: int) -> None:
        """COUNT people are asked and do not answer."""
        self.ask([self.facts() for _ in range(count)], Lane.OUTCOME, answered=False)

    def answer(self, count: int, **known) -> None:
        """COUNT people are asked and answer; KNOWN: what all of them say."""
        answers = []
        for lane in Lane:
            share = count // 4 if lane is Lane.CHECK_IN else count - count // 4
            people = [self.facts() for _ in range(share)]
            tokens = self.ask(people, lane, answered=True)
            answers += [
                Answer(
                    key=links.answer_keys(token)[0],
                    employer_id=self.employer.id,
                    facts=facts,
                    survey_version=surveys.newest_survey().version,
                    locale=Locale.ENGLISH,
                    lane=lane,
                    is_after_reminder=self.chance.random() < 0.4,
                    answers=self.says(**known),
                )
                for token, facts in zip(tokens, people, strict=True)
            ]
            self.tokens += tokens
        insert_sealed(answers, WITH_WORDS, None)

    # -- what they and the portal do --------------------------------------------------------------

    def open(self, token: str) -> invitations.OpenedInvitation:
        return invitations.open_invitation(token, self.now)

    def change(self) -> None:
        """Somebody says something else, if that is still possible."""
        for token in self.chance.sample(self.tokens, len(self.tokens)):
            given = surveys.find_answer(self.open(token))
            if given and not given.batch_id and not given.is_released:
                surveys.change_answer(given, self.says(), Locale.FRENCH)
                self.happened["changed"] += 1
                return

    def withdraw(self, number: int | None = None) -> None:
        """The candidate with that NUMBER, or anybody, takes the answer back."""
        if not self.tokens:
            return
        if number is None:
            number = self.chance.randrange(len(self.tokens))
        token = self.tokens.pop(number)
        opened = self.open(token)
        given = surveys.find_answer(opened)
        was_there = reputation.withdraw_answer(opened, self.now)
        if given is None:
            self.happened["withdrawn when forgotten"] += was_there
            if was_there:
                turns = range(surveys.MOST_TURNS)
                keys = [key for turn in turns for key in links.answer_keys(token, turn)]
                self.attacker.lose_words_with(keys)
            return
        assert was_there
        self.taken_back.append(token)
        self.happened["withdrawn" if given.batch_id else "withdrawn waiting"] += 1

    def answer_anew(self) -> None:
        """Somebody who took an answer back answers again by the same link, while it lives."""
        for token in self.taken_back:
            opened = self.open(token)
            given = surveys.find_answer(opened)
            if given and given.can_follow and not opened.is_expired:
                surveys.submit_answer(opened, self.says(), Locale.ENGLISH, given)
                self.taken_back.remove(token)
                self.tokens.append(token)
                self.happened["answered anew"] += 1
                return

    def release(self) -> Batch | None:
        """What may be is released: of those who could have answered, four fifths at most."""
        reputation.refresh_habits(self.employer, self.now, in_full=True)
        waiting = self.attacker.open_waiting()
        fresh = sum(not one.is_withdrawn and not one.was_public for one in waiting)
        taken = min(fresh, (self._count_open() + fresh) * 4 // 5)
        batch = reputation.release_batch(self.employer, self.now, READER)
        assert (batch is not None) is (taken >= self._floor())
        if batch:
            assert (batch.fresh, batch.held_back) == (taken, taken < fresh)
            left = surveys.open_batch(self.employer, None).answers
            assert len(left) == fresh - taken
            assert not any(one.is_withdrawn or one.was_public for one in left)
            self.happened["released"] += 1
            self.happened["held back"] += batch.held_back
            self.happened["mixed"] += batch.fresh < batch.answers
            self.happened["pooled"] += bool(batch.pool)
        self.now += MONTH
        return batch

    def _count_open(self) -> int:
        """Who was asked, has not answered, and could have since the last release."""
        since = db.session.scalar(sa.select(sa.func.max(Batch.released_on)))
        mailed = db.session.scalars(
            sa.select(Invitation.last_mailed_at).where(Invitation.is_answered.is_(False))
        ).all()
        if since is None:
            return len(mailed)
        start = datetime.combine(since, time(), self.employer.zone)
        return sum(moment + LINK_LASTS >= start for moment in mailed)

    def _floor(self) -> int:
        return reputation.dashboard(self.employer).floor

    def forget(self) -> None:
        """A year goes by, and with it what was answered."""
        self.now += YEAR
        while reputation.forget_answers(self.now):
            self.happened["forgotten"] += 1
        if reputation.forget_waiting(self.employer, self.now):
            self.attacker.lose_waiting_words()

    def play(self, months: list[tuple[float, float, int]], k: int) -> None:
        """Every month some answers and some silent, as multiples of K, a release, withdrawals."""
        look, chance = self.attacker.look, self.chance
        for size, silent, withdrawals in months:
            self.answer(round(size * k))
            self.keep_silent(round(silent * k))
            look()
            if chance.random() < 0.5:
                self.change()
                look()
            if chance.random() < 0.2:
                self.withdraw(len(self.tokens) - 1)
                look()
            self.release()
            look()
            for _ in range(withdrawals):
                self.withdraw()
                look()
            if chance.random() < 0.3:
                self.now -= MONTH - LINK_LASTS  # before the next release, while links live
                self.answer_anew()
                self.now += MONTH - LINK_LASTS
                look()
            if chance.random() < 0.15:
                self.forget()
                look()
                self.withdraw(0)
                look()


def weights_for(kind) -> list[int]:
    """Few of KIND are common."""
    return [5, 4, *[1] * (len(kind) - 2)]


MONTHS = st.lists(
    st.tuples(
        st.sampled_from((0.4, 1, 1.2, 1.6, 2, 4)),
        st.sampled_from((0, 0.2, 0.5, 1)),
        st.sampled_from((0, 0, 0, 1, 2)),
    ),
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


def check_histories(app, most: int) -> None:
    """MOST histories, in which all that can happen does."""
    happened: Counter[str] = Counter()

    @settings(
        max_examples=most,
        deadline=None,
        derandomize=most < 100,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate),  # shrinking takes minutes and tells little
    )
    @given(
        MONTHS, st.sampled_from(FLOORS), st.integers(0, 2**20), st.sampled_from((0.3, 0.6, 0.95))
    )
    def check(months, k, seed, keen):
        history = check_history(app, months, k, seed, keen)
        happened.update(history.happened + history.attacker.happened)

    check()
    assert all(happened[event] for event in EVENTS), happened


EVENTS = {
    "released",
    "held back",
    "mixed",
    "pooled",
    "changed",
    "withdrawn",
    "withdrawn waiting",
    "answered anew",
    "forgotten",
    "withdrawn when forgotten",
    "period shown",
    "period all",
    "group in a period",
}


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
        history.answer(count, chased="once")
        history.answer(6 - count, chased=None)
        history.keep_silent(3)
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
        history.attacker.look()
        releases(history, 6, 6, 6)
        assert history.happened["mixed"]
        assert len(history.attacker.detailed["overall"]) == 2
        assert list(history.attacker.isolated()) == []


def test_words_of_a_broken_pool_come_back_without_their_authors_own(app):
    with one_history(app) as history:
        releases(history, 6, 6)
        history.withdraw(0)
        history.attacker.look()
        waiting = [key for key, pool in history.attacker.words.items() if pool is None]
        releases(history, 6, 6, 6)
        back = Counter(history.attacker.words[key] for key in waiting)
        assert back.keys() <= {5, LOST}
        assert back[5] > 3


def test_a_release_that_holds_answers_back_shows_four_fifths_of_all(app):
    with one_history(app) as history:
        history.answer(10)
        history.release()
        history.attacker.look()
        shown = reputation.dashboard(history.employer).reputation
        assert (shown.answers, shown.held_back) == (8, True)
        history.keep_silent(4)
        history.answer(3)
        history.release()
        history.attacker.look()
        shown = reputation.dashboard(history.employer).reputation
        assert (shown.answers, shown.held_back) == (13, False)
        assert list(history.attacker.isolated()) == []


def test_an_answer_taken_back_before_its_release_is_in_no_figure(app):
    with one_history(app) as history:
        history.answer(9)
        history.keep_silent(9)
        history.withdraw(0)
        batch = history.release()
        history.attacker.look()
        held = surveys.open_batch(history.employer, batch.id).answers
        assert (batch.answers, len(held)) == (8, 9)
        assert [one.is_withdrawn for one in held].count(True) == 1


def test_a_year_later_one_author_takes_the_whole_pool_along(app):
    with one_history(app) as history:
        releases(history, 6, 6, 6)
        history.forget()
        history.attacker.look()
        assert len(history.attacker.forgotten) == 3
        history.withdraw(0)
        history.attacker.look()
        assert history.happened["withdrawn when forgotten"] == 1
        shown = reputation.dashboard(history.employer).reputation
        assert (shown.answers, shown.published) == (12, 0)
        releases(history, 6, 6)
        assert history.attacker.detailed["comment"]
        assert list(history.attacker.isolated()) == []


def test_answers_forgotten_before_they_filled_a_pool_fill_none(app):
    with one_history(app) as history:
        releases(history, 6)
        history.forget()
        history.attacker.look()
        releases(history, 6)
        assert not history.attacker.detailed
        releases(history, 6)
        assert [len(lines) for lines in history.attacker.detailed["overall"]] == [12]


def test_two_cards_do_not_tell_how_few_words_of_a_pool_were_kept_out(app):
    with one_history(app) as history:
        for languages in ("fr de fr de fr de", "it it it it it", "fr"):
            for language in (*languages.split(), *["en"] * 12):
                said = f"Good words of some length ({language}), {history.next_number()}."
                history.answer(1, comment=said, words="employer")
            history.keep_silent(9)
            history.release()
            history.attacker.look()
        kept = [len(ids) for ids in history.attacker.kept_out.values()]
        assert kept == [6, 0, 1]
        assert reputation.dashboard(history.employer).reputation.kept_out == 6
        assert list(history.attacker.isolated()) == []


def raise_floor(app, seed: int) -> Counter[str]:
    """Releases under a floor of 3, then some under one of 6, looked at from then on.

    By one dimension at a time: what two of them tell together, the audit of their day has allowed.
    """
    with one_history(app) as history:
        history.chance = random.Random(seed)
        seen = {name: Attacker(history.employer, read_words) for name in BREAKDOWNS}
        for floor, sizes, months in ((3, (4, 5, 9, 14), 3), (6, (6, 9, 30), 3)):
            with floor_of(app, floor):
                for _ in range(months):
                    history.answer(history.chance.choice(sizes))
                    history.keep_silent(9)
                    history.release()
                    for name, attacker in seen.items() if floor > 3 else ():
                        attacker.look_at_periods(name)
                    history.now += MONTH * history.chance.choice((0, 1, 5))
                assert [list(one.isolated()) for one in seen.values()] == [[]] * len(seen)
        return sum((one.happened for one in seen.values()), Counter())


def check_raised_floor(app, seeds) -> None:
    """Periods of two days differ by whole releases, and older ones may be below today's floor."""
    happened = sum((raise_floor(app, seed) for seed in seeds), Counter())
    assert {"period shown", "period few", "group in a period"} <= happened.keys()


def test_a_raised_floor_leaves_no_small_release_to_be_told_by_periods(app):
    check_raised_floor(app, range(3, 8))


@pytest.mark.long
def test_a_raised_floor_leaves_none_of_many(app):
    check_raised_floor(app, range(8, 60))


@pytest.mark.long
def test_pages_and_files_over_http_give_no_more_away(app, make, browse):
    acme = make.employer()
    remy = browse(make.user("remy", acme, Role.RECRUITER))
    history = History(random.Random(5), 0.9, acme)
    history.attacker = visitor = Visitor(acme, read_words, remy.client)
    for size, withdrawals in ((7, 1), (6, 1), (12, 0), (5, 0), (26, 1), (31, 0), (12, 0)):
        history.answer(size)
        history.keep_silent(size)
        history.release()
        visitor.look()
        for _ in range(withdrawals):
            token = history.tokens.pop(0)
            browse().post(f"/s/{token}/withdraw", status=303)
            visitor.look()
    assert list(visitor.isolated()) == []
    assert {"overall", "recommend", "chased", "told", "levers"} <= visitor.seen.keys()
    assert len(visitor.seen["overall"]) > 8
    assert visitor.detailed["comment"]
    assert {"/e/acme/", "/employers/acme"} <= visitor.pages
    assert {f"/e/acme/?period=90&by={name}" for name in BREAKDOWNS} & visitor.pages
    drawn = {"score", "spread", "trend", "periods", "role-family", "stage-group", "coverage-asked"}
    assert drawn <= visitor.charts.keys()


def test_levers_are_drawn_no_finer_than_they_are_said(app, make, browse):
    acme = make.employer()
    remy = browse(make.user("remy", acme, Role.RECRUITER))
    history = History(random.Random(5), 0.9, acme)
    history.answer(6)
    history.keep_silent(6)
    history.release()
    # So few answers make none that may be shown: these stand where a release leaves its own.
    found = [
        plain_lever(LeverEstimate(name, effect, effect - half, effect + half, None, 0.2))
        | {"chance_largest": 0.2, "about_equal_to_next": False, "platform": None}
        for name, effect, half in (
            ("inform_3d", 0.6127, 0.1983),
            ("end_ghosting", 0.2461, 0.3014),
            ("phone_all", -0.1839, 0.0712),
        )
    ]
    card = db.session.get(Scorecard, acme.id)
    card.reputation = card.reputation | {"levers": found}
    db.session.commit()
    assert check_charts(remy.get("/e/acme/levers"))["levers"] == 1


def test_no_history_gives_away_fewer_than_the_floor(app):
    check_histories(app, 8)


@pytest.mark.storm
def test_no_history_of_a_thousand_gives_away_fewer_than_the_floor(app):
    check_histories(app, 1200)
