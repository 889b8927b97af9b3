"""An answer: stored cut loose from the person, changed or withdrawn by who holds the link."""

from dataclasses import dataclass, fields

import sqlalchemy as sa

from portal import links
from portal.extensions import db
from portal.invitations import OpenedInvitation
from portal.models import (
    COARSE_FACTS,
    AnswerState,
    Chased,
    FeedbackGiven,
    HeardHow,
    Invitation,
    Locale,
    PromiseKept,
    Relationship,
    Response,
    Score,
    Told,
    Words,
)
from portal.surveys.questions_v1 import MAX_COMMENT, VERSION


class AlreadyAnswered(Exception):
    """There is an answer to this invitation; the link it was given by changes it."""


class AnswerReleased(Exception):
    """The answer has been published in a batch: it can be withdrawn, not changed."""


@dataclass(frozen=True)
class Answers:
    """One filled-in survey. Only the first two are always there."""

    recommend: int
    overall: int
    told: Told | None = None
    heard_how: HeardHow | None = None
    chased: Chased | None = None
    promise: PromiseKept | None = None
    feedback: FeedbackGiven | None = None
    relationship_after: Relationship | None = None
    comment: str = ""
    words: Words = Words.COUNTED


def clean_comment(text: str) -> str:
    """TEXT with one kind of line end and nothing a database or a page would choke on."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in lines if sign in "\n\t" or _is_writable(ord(sign))).strip()


def _is_writable(code: int) -> bool:
    """No control character (C0, DEL, C1), half a character, or one that Unicode says is none."""
    is_control = code < 0x20 or 0x7F <= code < 0xA0
    is_none = 0xFDD0 <= code <= 0xFDEF or code & 0xFFFE == 0xFFFE
    return not (is_control or is_none or 0xD800 <= code <= 0xDFFF)


def find_response(opened: OpenedInvitation) -> Response | None:
    """The answer that was given by this very link; no other link leads to it."""
    if not opened.is_answered:
        return None
    return db.session.scalar(
        sa.select(Response).where(Response.key.in_(links.response_keys(opened.token)))
    )


def submit_response(opened: OpenedInvitation, answers: Answers, locale: Locale) -> Response:
    """Store ANSWERS and mark the invitation answered; raises AlreadyAnswered for the second of two.

    The response copies the coarse facts frozen when the invitation was sent, and nothing else of
    it: no id, no time.
    """
    invitation = opened.invitation
    marked = db.session.scalar(
        sa.update(Invitation)
        .where(Invitation.id == invitation.id, Invitation.answer_state != AnswerState.ANSWERED)
        .values(answer_state=AnswerState.ANSWERED)
        .returning(Invitation.id)
        .execution_options(synchronize_session=False)
    )
    if marked is None:
        raise AlreadyAnswered
    response = Response(
        employer_id=invitation.employer_id,
        key=links.response_keys(opened.token)[0],
        survey_version=VERSION,
        locale=locale,
        lane=invitation.lane,
        is_after_reminder=invitation.is_reminded,
        **{fact: getattr(invitation, fact) for fact in COARSE_FACTS},
        **_columns(answers),
    )
    db.session.add(response)
    db.session.flush()
    return response


def _columns(answers: Answers) -> dict[str, object]:
    """ANSWERS as columns; what follows only from being told is dropped when they were not."""
    values = {field.name: getattr(answers, field.name) for field in fields(answers)}
    if answers.told not in (Told.OFFER, Told.NOT_CHOSEN):
        values["heard_how"] = values["feedback"] = None
    values["comment"] = clean_comment(answers.comment)[:MAX_COMMENT]
    return values


def change_response(response: Response, answers: Answers, locale: Locale) -> None:
    """Replace what was answered; raises AnswerReleased once it is in a batch or has been."""
    if response.is_released:
        raise AnswerReleased
    for name, value in _columns(answers).items():
        setattr(response, name, value)
    response.locale = locale
    # the new words want a new reading
    db.session.execute(sa.delete(Score).where(Score.response_id == response.id))


def delete_response(opened: OpenedInvitation, response: Response) -> None:
    """Remove an answer for good; the link can be used to answer anew while it is valid.

    `reputation.withdraw_answer` calls this after taking the answer out of its batch.
    """
    db.session.execute(sa.delete(Score).where(Score.response_id == response.id))
    db.session.delete(response)
    opened.invitation.answer_state = AnswerState.WITHDRAWN
    db.session.flush()
