"""Answers by the dozen, given through links as candidates do, and released in batches."""

from collections.abc import Callable
from datetime import datetime

from portal import invitations, reputation, surveys
from portal.extensions import db
from portal.models import Batch, Chased, Employer, Locale, Told, Words, utcnow
from portal.surveys import Answers
from tests.support.factory import Make

Vary = Callable[[int], dict]


def give_answers(
    make: Make, employer: Employer, count: int, vary: Vary = lambda _: {}
) -> list[str]:
    """COUNT candidates of EMPLOYER answer; VARY(n) says what the n-th one says differently.

    Returns their links' tokens, in the order of answering.
    """
    tokens = []
    for number in range(count):
        token = make.link(make.told(employer, days_ago=40, told_after=number % 10))
        values = {
            "recommend": number % 11,
            "overall": 1 + number % 5,
            "told": Told.NOT_CHOSEN,
            "chased": Chased.ONCE if number % 3 else Chased.NO,
            "comment": f"Remark number {number}.",
            "words": Words.PUBLIC,
        } | vary(number)
        opened = invitations.open_invitation(token, utcnow())
        surveys.submit_response(opened, Answers(**values), Locale.ENGLISH)
        db.session.commit()
        tokens.append(token)
    return tokens


def release(employer: Employer, now: datetime | None = None) -> Batch | None:
    """Release what may be released."""
    batch = reputation.release_batch(employer, now or utcnow())
    reputation.refresh_scorecard(employer, now or utcnow())
    db.session.commit()
    return batch


def withdraw(token: str) -> None:
    """The candidate takes the answer back."""
    now = utcnow()
    assert reputation.withdraw_answer(invitations.open_invitation(token, now), now)
    db.session.commit()
