"""What else a survey link does: take the answer back, or ask for a fresh link."""

from flask import request

from portal import invitations, reputation, schema
from portal.extensions import db
from portal.invitations import NoFreshLink
from portal.models import utcnow
from portal.web.access import link_holder
from portal.web.candidate.pages import (
    Page,
    blueprint,
    go,
    open_link,
    page,
)
from portal.web.candidate.survey import (
    OVERTAKEN,
    TRIES,
    LinkState,
    can_answer_anew,
    find_state,
)
from portal.web.limits import limit_fresh_links, limit_sends


@blueprint.get("/s/<token>/withdraw")
@link_holder
def confirm_withdrawal(token: str) -> Page:
    """Ask before the answer is deleted; afterwards, say that it is gone."""
    opened = open_link(token)
    state, given = find_state(opened)
    if given is not None or state is LinkState.FORGOTTEN:
        return page(
            "withdraw",
            state=state.value,
            can_answer_anew=can_answer_anew(opened, given),
            is_too_old=opened.is_expired,
        )
    if (
        state is LinkState.WITHDRAWN
        or (state is LinkState.OPEN and opened.is_answered)
        or (state is LinkState.GONE and "done" in request.args)
    ):
        return page("withdrawn", can_answer_anew=state is LinkState.OPEN)
    return go("survey")


@blueprint.post("/s/<token>/withdraw")
@link_holder
@limit_sends
def withdraw(token: str) -> Page:
    """Delete the answer for good; a second click finds nothing left to do."""
    for _ in range(TRIES - 1):
        try:
            return _withdraw(token)
        except OVERTAKEN:
            db.session.rollback()
    return _withdraw(token)


def _withdraw(token: str) -> Page:
    reputation.withdraw_answer(open_link(token), utcnow())
    db.session.commit()
    schema.clear_log()
    return go("confirm_withdrawal", done=1)  # of what was forgotten, nothing else would tell it


@blueprint.post("/s/<token>/fresh")
@link_holder
@limit_fresh_links
def ask_fresh_link(token: str) -> Page:
    """Mail a new link to the address we have; whoever holds the old one learns nothing of it."""
    opened = open_link(token)
    if opened.is_answered or not opened.is_expired:
        return go("survey")
    try:
        invitations.send_fresh_link(opened.invitation, utcnow())
    except NoFreshLink:
        db.session.rollback()
        return page("fresh", 410, is_coming=False)
    db.session.commit()
    return go("fresh_link")


@blueprint.get("/s/<token>/fresh")
@link_holder
def fresh_link(token: str) -> Page:
    """A new link is on its way; when it has been sent, the old one works again as well."""
    opened = open_link(token)
    if opened.is_answered or not opened.is_expired or not opened.invitation.fresh_links:
        return go("survey")
    return page("fresh", is_coming=True)
