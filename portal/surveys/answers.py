"""What is done by a link: an answer is given, found again, changed; taking back is reputation's."""

from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from portal import links
from portal.extensions import db
from portal.invitations import OpenedInvitation
from portal.models import COARSE_FACTS, Invitation, Locale
from portal.surveys.questions import Answers
from portal.surveys.sealing import (
    TABLE,
    WITH_WORDS,
    Answer,
    Facts,
    insert_sealed,
    lock_employer,
    open_answer,
    reseal_group,
    sealer,
)
from portal.surveys.versions import find_survey

MOST_TURNS = 4  # answers by one link: the first, and three anew after taking one back


class AlreadyAnswered(Exception):
    """There is an answer to this invitation; the link it was given by changes it."""


class AnswerReleased(Exception):
    """The answer has been published in a batch: it can be withdrawn, not changed."""


@dataclass(frozen=True)
class Given:
    """The last answer given by a link, and where it is. `batch_id`: released, and standing."""

    answer: Answer
    batch_id: int | None
    turn: int

    @property
    def is_released(self) -> bool:
        return self.answer.was_public

    @property
    def is_last(self) -> bool:
        """Whether the same link takes no other answer after this one."""
        return self.turn + 1 >= MOST_TURNS

    @property
    def can_follow(self) -> bool:
        """Whether another answer may be given by the same link: this one was taken back."""
        return self.answer.is_withdrawn and not self.is_last


def find_answer(opened: OpenedInvitation) -> Given | None:
    """The last answer given by this very link; no other link leads to it. Raises SealBroken."""
    if not opened.invitation.is_answered:
        return None
    turns = {
        key: turn for turn in range(MOST_TURNS) for key in links.answer_keys(opened.token, turn)
    }
    rows = db.session.execute(
        sa.select(TABLE.c.key, TABLE.c.employer_id, TABLE.c.batch_id, TABLE.c.sealed).where(
            TABLE.c.key.in_(turns)
        )
    ).all()
    last = max(rows, key=lambda row: turns[row.key], default=None)
    if last is None:
        return None
    answer = open_answer(last.key, last.employer_id, last.sealed, sealer())
    return Given(answer, last.batch_id, turns[last.key])


def submit_answer(
    opened: OpenedInvitation, answers: Answers, locale: Locale, before: Given | None = None
) -> Answer:
    """Seal ANSWERS, as Survey.read() gives them; raises AlreadyAnswered for the second of two.

    Marks the invitation answered; after BEFORE, taken back, nothing but the new answer is written.
    """
    invitation = opened.invitation
    if before is None:
        _mark_answered(invitation)
    elif not before.can_follow:
        raise AlreadyAnswered
    facts: dict[str, Any] = {name: getattr(invitation, name) for name in COARSE_FACTS}
    answer = Answer(
        key=links.answer_keys(opened.token, before.turn + 1 if before else 0)[0],
        employer_id=invitation.employer_id,
        facts=Facts(**facts),
        survey_version=find_survey(invitation.survey_version).version,
        locale=locale,
        lane=invitation.lane,
        is_after_reminder=invitation.is_reminded,
        answers=answers,
    )
    insert_sealed([answer], WITH_WORDS, None)
    return answer


def _mark_answered(invitation: Invitation) -> None:
    marked = db.session.scalar(
        sa.update(Invitation)
        .where(Invitation.id == invitation.id, Invitation.is_answered.is_(False))
        .values(is_answered=True)
        .returning(Invitation.id)
        .execution_options(synchronize_session=False)
    )
    if marked is None:
        raise AlreadyAnswered


def change_answer(given: Given, answers: Answers, locale: Locale) -> None:
    """Replace what was answered; raises AnswerReleased once it is in a batch or has been."""
    key, employer_id = given.answer.key, given.answer.employer_id
    lock_employer(employer_id)  # from here on nobody else rewrites it
    row = db.session.execute(
        sa.select(TABLE.c.batch_id, TABLE.c.sealed).where(TABLE.c.key == key)
    ).one_or_none()
    if row is None:
        raise AnswerReleased
    now = open_answer(key, employer_id, row.sealed, sealer())
    if row.batch_id is not None or now.was_public or now.is_withdrawn:
        raise AnswerReleased
    reseal_group(replace(now, answers=answers, locale=locale), None)
