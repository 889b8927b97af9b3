"""Answers by the dozen, given through links as candidates do, and released in batches."""

from collections.abc import Callable
from datetime import datetime, timedelta

from portal import invitations, links, reputation, surveys
from portal.extensions import db
from portal.models import Batch, Chased, Employer, Lane, Locale, Response, Told, Words, utcnow
from portal.surveys import Answers
from tests.support.factory import Make

Vary = Callable[[int], dict]


def _values(number: int, vary: Vary) -> dict:
    return {
        "recommend": number % 11,
        "overall": 1 + number % 5,
        "told": Told.NOT_CHOSEN,
        "chased": Chased.ONCE if number % 3 else Chased.NO,
        "comment": f"Remark number {number}.",
        "words": Words.PUBLIC,
    } | vary(number)


def give_answers(
    make: Make, employer: Employer, count: int, vary: Vary = lambda _: {}
) -> list[str]:
    """COUNT candidates of EMPLOYER answer; VARY(n) says what the n-th one says differently.

    Returns their links' tokens, in the order of answering.
    """
    db.session.rollback()  # a page read before may have left a transaction that cannot write
    tokens = []
    for number in range(count):
        token = make.link(make.told(employer, days_ago=40, told_after=number % 10))
        opened = invitations.open_invitation(token, utcnow())
        surveys.submit_response(opened, Answers(**_values(number, vary)), Locale.ENGLISH)
        db.session.commit()
        tokens.append(token)
    return tokens


def store_answers(employer: Employer, count: int, vary: Vary = lambda _: {}) -> None:
    """The rows that give_answers would leave, at a tenth of the time; no link leads to them."""
    db.session.rollback()
    week = utcnow().date() - timedelta(days=40)
    for number in range(count):
        db.session.add(
            Response(
                employer_id=employer.id,
                key=links.response_keys(links.new_survey_token())[0],
                survey_version=surveys.VERSION,
                locale=Locale.ENGLISH,
                lane=Lane.OUTCOME,
                is_after_reminder=False,
                week=week - timedelta(days=week.weekday()),
                cell=0,
                **_values(number, vary),
            )
        )
    db.session.commit()


def release(employer: Employer, now: datetime | None = None) -> Batch | None:
    """Release what may be released."""
    db.session.rollback()
    batch = reputation.release_batch(employer, now or utcnow())
    reputation.refresh_scorecard(employer, now or utcnow())
    db.session.commit()
    return batch


def withdraw(token: str) -> None:
    """The candidate takes the answer back."""
    now = utcnow()
    assert reputation.withdraw_answer(invitations.open_invitation(token, now), now)
    db.session.commit()
