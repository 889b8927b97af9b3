"""One's own data: seen or erased by the link in every mail, once the link mailed for it confirms.

The first link only sets off an email to the address that is held, so that a forwarded mail gives
nobody anything.
"""

import json

from flask import Response, g, request
from markupsafe import Markup

from portal import formatting, links, privacy
from portal.extensions import db
from portal.models import DataWish, utcnow
from portal.privacy import OpenedRequest, OwnData
from portal.web.access import link_holder
from portal.web.candidate.pages import (
    Page,
    about,
    blueprint,
    go,
    page,
    readers_language,
    set_language,
)
from portal.web.limits import limit_sends


def _know(token: str, own: OwnData) -> None:
    """The page now knows whom it is about, and speaks their language."""
    about(token, own.employer)
    known = own.candidate.locale if own.candidate else None
    set_language(known or readers_language() or own.employer.locale)


def _open(token: str) -> OwnData:
    own = privacy.open_own_data(token)
    _know(token, own)
    return own


@blueprint.get("/d/<token>", strict_slashes=False)
@link_holder
def own_data(token: str) -> Page:
    """What can be asked for. Nothing happens by opening it."""
    return page("data" if _open(token).candidate else "data_gone")


@blueprint.post("/d/<token>", strict_slashes=False)
@link_holder
@limit_sends
def ask_for_data(token: str) -> Page:
    """Mail the link by which the wish is carried out, to the address that is held."""
    own, wish = _open(token), request.form.get("wish", "")
    if wish not in set(DataWish):
        return page("data" if own.candidate else "data_gone", 400)
    privacy.ask(own, DataWish(wish), utcnow())
    db.session.commit()
    return go("data_asked")


@blueprint.get("/d/<token>/asked")
@link_holder
def data_asked(token: str) -> Page:
    """The same for everybody: it tells nobody whether the person is still known."""
    _open(token)
    return page("data_asked")


def _open_request(token: str) -> OpenedRequest:
    opened = privacy.open_request(token, utcnow())
    _know(token, opened)
    return opened


def _standing_page(opened: OpenedRequest, **values: bool) -> Page:
    """What can be done by the link just now."""
    if opened.candidate is None:
        return page("data_gone")
    if opened.wish is DataWish.ERASE and opened.erase_on:
        day = formatting.day_tag(opened.erase_on)
        return page("data_planned", day=Markup('<span class="nowrap">{}</span>').format(day))
    if opened.is_expired:
        token = links.own_data_token(opened.employer.id, opened.candidate.id, _address(opened))
        return page("data_expired", 410, own_data_token=token, **values)
    if opened.wish is DataWish.SEE:
        return page("data_see")
    return page("data_erase", within_days=privacy.ERASED_WITHIN_DAYS, **values)


def _address(opened: OpenedRequest) -> str:
    return (opened.candidate and opened.candidate.email) or ""


@blueprint.get("/d/confirm/<token>", strict_slashes=False)
@link_holder
def confirm_request(token: str) -> Page:
    """Ask before anything is handed out or erased; afterwards, say what will happen."""
    return _standing_page(_open_request(token), is_back="back" in request.args)


@blueprint.post("/d/confirm/<token>", strict_slashes=False)
@link_holder
@limit_sends
def carry_out_request(token: str) -> Page | Response:
    """Hand the file out, plan the erasure, or take that back; pressed twice, it is done once."""
    opened = _open_request(token)
    is_taken_back = "cancel" in request.form
    if opened.candidate is None or (opened.is_expired and not opened.erase_on):
        return _standing_page(opened)
    if opened.wish is DataWish.SEE:
        return _hand_out(opened)
    if is_taken_back:
        privacy.cancel_erasure(opened)
    else:
        privacy.plan_erasure(opened, utcnow())
    db.session.commit()
    return go("confirm_request", **({"back": 1} if is_taken_back else {}))


def _hand_out(opened: OpenedRequest) -> Page | Response:
    if opened.is_expired:  # an erasure is planned, which another link may still take back
        return _standing_page(opened)
    found = privacy.hand_out(opened)
    if found is None:
        return page("data_gone")
    db.session.commit()
    file = Response(json.dumps(found, ensure_ascii=False, indent=2), mimetype="application/json")
    file.headers.set("Content-Disposition", "attachment", filename=f"{g.employer.slug}-data.json")
    return file
