"""Answers by the dozen, given through links as candidates do, and released in batches."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from portal import invitations, links, reputation, surveys
from portal.extensions import db
from portal.models import (
    Application,
    Batch,
    Candidate,
    ChannelFact,
    Employer,
    Invitation,
    InvitationState,
    Lane,
    Locale,
    OutcomeFact,
    PromiseFact,
    Requisition,
    RoleFamily,
    StageGroup,
    ToldBucket,
    utcnow,
)
from portal.surveys import Answer, Facts, Survey
from portal.surveys.sealing import WITH_WORDS, insert_sealed
from tests.support.factory import Make
from tests.support.readers import Reader

Vary = Callable[[int], dict]
READER = Reader("test 1")
FACTS = tuple(Facts.__dataclass_fields__)


def _values(number: int, vary: Vary) -> dict:
    return {
        "recommend": number % 11,
        "overall": 1 + number % 5,
        "told": "not_chosen",
        "chased": "once" if number % 3 else "no",
        "comment": f"Remark number {number}.",
        "words": "public",
    } | vary(number)


def read(survey: Survey | None = None, **sent: Any) -> dict:
    """What a candidate SENT, as SURVEY (the newest) reads it; the required ones have defaults."""
    return (survey or surveys.newest_survey()).read({"recommend": 5, "overall": 3} | sent)


def answer(token: str, locale: Locale = Locale.ENGLISH, **sent: Any) -> Answer:
    """The candidate answers by the link of TOKEN; not committed."""
    opened = invitations.open_invitation(token, utcnow())
    return surveys.submit_answer(opened, read(**sent), locale, surveys.find_answer(opened))


def give_answers(
    make: Make, employer: Employer, count: int, vary: Vary = lambda _: {}
) -> list[str]:
    """COUNT candidates of EMPLOYER answer; VARY(n) says what the n-th one says differently.

    Returns their links' tokens, in the order of answering.
    """
    db.session.rollback()  # a page read before may have left a transaction that cannot write
    tokens = []
    told_after = [number % 10 for number in range(count)]
    for number, application in enumerate(make.all_told(employer, told_after, days_ago=40)):
        token = make.link(application)
        answer(token, **_values(number, vary))
        db.session.commit()
        tokens.append(token)
    return tokens


def facts(**varied: Any) -> Facts:
    """The coarse facts of somebody told by phone 40 days ago, but for what is VARIED."""
    day = utcnow().date() - timedelta(days=40)
    usual = {
        "week": day - timedelta(days=day.weekday()),
        "cell": 0,
        "outcome": OutcomeFact.REJECTED,
        "stage_group": StageGroup.SCREEN,
        "role_family": RoleFamily.OTHER,
        "told_bucket": ToldBucket.WITHIN_3,
        "channel": ChannelFact.PHONE,
        "promise_fact": PromiseFact.NONE,
        "was_given_feedback": False,
        "department": None,
    }
    return Facts(**usual | varied)


def make_answer(employer: Employer, token: str | None = None, **varied: Any) -> Answer:
    """An answer as a link would have given it; VARIED: facts, what was answered, and the rest."""
    rest = ("locale", "lane", "is_after_reminder", "was_public")
    survey = surveys.find_survey(varied.pop("survey_version", None))
    return Answer(
        key=links.answer_keys(token or links.new_survey_token())[0],
        employer_id=employer.id,
        facts=facts(**{name: varied[name] for name in FACTS if name in varied}),
        survey_version=survey.version,
        **{"locale": Locale.ENGLISH, "lane": Lane.OUTCOME, "is_after_reminder": False}
        | {name: varied[name] for name in rest if name in varied},
        answers=read(survey, **{k: v for k, v in varied.items() if k not in (*FACTS, *rest)}),
    )


def store_answers(employer: Employer, count: int, vary: Vary = lambda _: {}) -> None:
    """The rows that give_answers would leave, at a tenth of the time; no link leads to them."""
    db.session.rollback()
    answers = [make_answer(employer, **_values(number, vary)) for number in range(count)]
    insert_sealed(answers, WITH_WORDS, None)
    db.session.commit()


def leave_silent(employer: Employer, count: int) -> None:
    """COUNT people of EMPLOYER who were asked and have not answered: the rest of a lot."""
    requisition = Requisition(employer_id=employer.id, title=f"Silent {random.random()}")
    candidate = Candidate(employer_id=employer.id, name="Sil Ent")
    db.session.add_all((requisition, candidate))
    db.session.flush()
    applications = [
        Application(
            employer_id=employer.id,
            candidate_id=candidate.id,
            requisition_id=requisition.id,
            stage_entered_on=utcnow().date(),
        )
        for _ in range(count)
    ]
    db.session.add_all(applications)
    db.session.flush()
    now = utcnow()
    known = facts(outcome=OutcomeFact.UNDECIDED, cell=2)
    rows = [
        {
            "employer_id": employer.id,
            "application_id": application.id,
            "lane": Lane.CHECK_IN,
            "state": InvitationState.INVITED,
            "due_at": now,
            "invited_at": now,
            "last_mailed_at": now + timedelta(days=3650),  # in every release's lot
            "survey_version": 1,
        }
        | {name: getattr(known, name) for name in FACTS if hasattr(Invitation, name)}
        for application in applications
    ]
    if rows:
        db.session.execute(sa.insert(Invitation), rows)


def release(employer: Employer, now: datetime | None = None, reader: Any = READER) -> Batch | None:
    """Release what may be released; enough people were asked that nobody has to wait."""
    db.session.rollback()
    now = now or utcnow()
    waiting = reputation.count_waiting(employer)
    silent = waiting // 4 + 1 - _count_silent(employer)
    if silent > 0:
        leave_silent(employer, silent)
    batch = reputation.release_batch(employer, now, reader)
    reputation.refresh_scorecard(employer, now)
    db.session.commit()
    return batch


def _count_silent(employer: Employer) -> int:
    found = sa.select(sa.func.count(Invitation.id)).where(
        Invitation.employer_id == employer.id,
        Invitation.state == InvitationState.INVITED,
        Invitation.is_answered.is_(False),
    )
    return db.session.scalar(found) or 0


def withdraw(token: str) -> None:
    """The candidate takes the answer back."""
    now = utcnow()
    assert reputation.withdraw_answer(invitations.open_invitation(token, now), now)
    db.session.commit()
