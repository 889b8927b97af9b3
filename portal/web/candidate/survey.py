"""The survey: shown, answered, answered again, and what a link can still do after that."""

import logging
from enum import Enum
from typing import Any

from flask import g, request
from flask_limiter import RateLimitExceeded
from sqlalchemy import exc
from sqlalchemy.orm.exc import StaleDataError

from portal import reputation, surveys
from portal.extensions import db
from portal.invitations import OpenedInvitation
from portal.language import gettext
from portal.models import utcnow
from portal.seals import SealBroken
from portal.surveys import Given, Survey
from portal.web.access import link_holder
from portal.web.candidate.pages import (
    Page,
    blueprint,
    go,
    open_link,
    page,
    reading,
)
from portal.web.limits import limit_sends
from portal.web.survey_form import SurveyForm

log = logging.getLogger(__name__)

# Somebody else was faster: look again, and say what is the case now.
OVERTAKEN = (surveys.AlreadyAnswered, surveys.AnswerReleased, StaleDataError, exc.IntegrityError)
# The database cannot be reached, is full, locked, or too busy; or what was answered before cannot
# be opened.
CANNOT_SAVE = (
    *(exc.OperationalError, exc.InterfaceError, exc.InternalError, exc.TimeoutError),
    SealBroken,
)
TRIES = 3


class LinkState(Enum):
    """What can be done by a link."""

    OPEN = "open"  # to be answered
    ANSWERED = "answered"  # by this link: to be changed or withdrawn
    RELEASED = "released"  # by this link: to be withdrawn
    CLOSED = "closed"  # by this link, which has expired: to be withdrawn
    ELSEWHERE = "elsewhere"  # by the link of another email
    FORGOTTEN = "forgotten"  # by this link, and deleted since: what it added can be withdrawn
    GONE = "gone"  # by whatever link, so long ago that nothing tells what became of it
    WITHDRAWN = "withdrawn"  # by this link, too often or too late to answer anew
    EXPIRED = "expired"

    @property
    def takes_answers(self) -> bool:
        return self in (LinkState.OPEN, LinkState.ANSWERED)


def find_state(opened: OpenedInvitation) -> tuple[LinkState, Given | None]:
    """What can be done by the link, and the answer given by it, if it stands."""
    given = surveys.find_answer(opened)
    if given is None:
        if not opened.is_answered:
            return LinkState.EXPIRED if opened.is_expired else LinkState.OPEN, None
        return _state_without_answer(opened), None
    if given.answer.is_withdrawn:
        is_open = given.can_follow and not opened.is_expired
        return LinkState.OPEN if is_open else LinkState.WITHDRAWN, None
    if given.is_released:
        return LinkState.RELEASED, given
    return LinkState.CLOSED if opened.is_expired else LinkState.ANSWERED, given


def can_answer_anew(opened: OpenedInvitation, given: Given | None) -> bool:
    """Whether the link would take another answer once GIVEN is taken back."""
    return given is not None and not given.is_last and not opened.is_expired


def _state_without_answer(opened: OpenedInvitation) -> LinkState:
    now = utcnow()
    if reputation.find_forgotten(opened, now):
        return LinkState.FORGOTTEN
    return LinkState.GONE if reputation.may_be_forgotten(opened, now) else LinkState.ELSEWHERE


@blueprint.get("/s/<token>", strict_slashes=False)
@link_holder
def survey(token: str) -> Page:
    """The survey; or, once it is answered, what can still be done about that."""
    opened = open_link(token)
    state, given = find_state(opened)
    if not state.takes_answers:
        return _state_page(opened, state, given)
    form = SurveyForm(
        _survey_of(opened, given),
        g.employer.name,
        reading(),
        answers=given.answer.answers if given else None,
        stars=request.args.get("s"),
    )
    return _survey_page(form, is_change=given is not None)


def _survey_of(opened: OpenedInvitation, given: Given | None) -> Survey:
    """What this link asks: what it asked when it was sent, or answered."""
    return given.answer.survey if given else surveys.find_survey(opened.invitation.survey_version)


@blueprint.post("/s/<token>", strict_slashes=False)
@link_holder
def answer(token: str) -> Page:
    """Store or change the answer. Whatever goes wrong, what was typed comes back."""
    reason, is_sealed = "", False
    try:
        with limit_sends:
            for _ in range(TRIES):
                try:
                    return _store(token)
                except OVERTAKEN as error:
                    db.session.rollback()
                    reason = type(error).__name__
    except RateLimitExceeded:
        return _not_saved(token, 429)
    except CANNOT_SAVE as error:
        db.session.rollback()
        reason, is_sealed = type(error).__name__, isinstance(error, SealBroken)
    # The kind of error only: its text would quote the answer.
    log.error("an answer could not be saved: %s", reason)
    return _not_saved(token, 503, is_sealed)


def _store(token: str) -> Page:
    opened = open_link(token)
    state, given = find_state(opened)
    form = SurveyForm(_survey_of(opened, given), g.employer.name, reading(), request.form)
    if not state.takes_answers:
        return _state_page(opened, state, given, form.words())
    if "switch" in request.form:  # the other language for what was typed so far: nothing is stored
        is_second = given is not None and "change" not in request.form
        return _survey_page(form, is_change=given is not None, is_second=is_second)
    if not form.validate():
        return _survey_page(form, 422, is_change=given is not None)
    if given is None:
        surveys.submit_answer(opened, form.answers(), reading(), surveys.find_answer(opened))
    elif "change" in request.form:
        surveys.change_answer(given, form.answers(), reading())
    elif given.answer.answers != form.answers():
        return _survey_page(form, 409, is_change=True, is_second=True)
    else:  # the same once more: a double click, or a browser that tried again
        return go("thanks", again=1)
    db.session.commit()
    return go("thanks")


def _not_saved(token: str, status: int, is_sealed: bool = False) -> Page:
    """The form as it was sent; the database may be out of reach, so nothing is asked of it."""
    g.token = token
    name = g.employer.name if g.employer else gettext("this employer")
    form = SurveyForm(_survey_sent(), name, reading(), request.form)
    is_change = "change" in request.form
    return _survey_page(form, status, is_change=is_change, is_sealed=is_sealed)


def _survey_sent() -> Survey:
    """Which survey was filled in, by what its form says."""
    sent = request.form.get("survey", "")
    known = {str(version): survey for version, survey in surveys.SURVEYS.items()}
    return known.get(sent) or surveys.newest_survey()


def _survey_page(form: SurveyForm, status: int = 200, **values: Any) -> Page:
    trouble = status if status in (429, 503) else None
    return page(
        "survey", status, form=form, trouble=trouble, page_has_errors=status != 200, **values
    )


def _state_page(
    opened: OpenedInvitation, state: LinkState, given: Given | None, unsaved: str = ""
) -> Page:
    """The page for a link that takes no answer (any more); UNSAVED words are shown to be kept."""
    if state is LinkState.EXPIRED:
        return page("expired", 410, unsaved=unsaved)
    return page(
        "answered",
        409 if request.method == "POST" else 200,
        state=state.value,
        can_answer_anew=can_answer_anew(opened, given),
        unsaved=unsaved,
    )


@blueprint.get("/s/<token>/thanks")
@link_holder
def thanks(token: str) -> Page:
    """The answer is in: what happens next. Can be opened again as long as that is true."""
    state, given = find_state(open_link(token))
    if given is None or state is LinkState.RELEASED:
        return go("survey")
    return page(
        "thanks",
        has_words=bool(given.answer.words),
        words=given.answer.consent.value,
        can_change=state is LinkState.ANSWERED,
        is_again="again" in request.args,
    )
