"""Stopping survey mail, and allowing it again, by the link at the end of every survey email."""

from flask import request

from portal import invitations, links
from portal.extensions import db
from portal.invitations import LinkUnknown
from portal.web.access import link_holder
from portal.web.candidate.pages import (
    Page,
    about,
    blueprint,
    go,
    is_one_click,
    page,
    readers_language,
    set_language,
)
from portal.web.limits import limit_sends


def _open(token: str) -> links.Unsubscribe:
    unsubscribe = links.read_unsubscribe(token)
    employer = unsubscribe and invitations.find_employer(unsubscribe)
    if not unsubscribe or not employer:
        raise LinkUnknown
    about(token, employer)
    set_language(readers_language() or employer.locale)
    return unsubscribe


def _mail_page(is_off: bool, status: int = 200, is_back: bool = False) -> Page:
    return page("mail", status, is_off=is_off, is_back=is_back and not is_off)


@blueprint.get("/u/<token>", strict_slashes=False)
@link_holder
def survey_mail(token: str) -> Page:
    """Whether survey mail comes, and a button to change that. Nothing happens by opening it."""
    unsubscribe = _open(token)
    return _mail_page(invitations.is_opted_out(unsubscribe), is_back="back" in request.args)


@blueprint.post("/u/<token>", strict_slashes=False)
@link_holder
@limit_sends
def change_survey_mail(token: str) -> Page:
    """Opt out or in by the page's button, or out by a mail program's one click (RFC 8058).

    Programs send that one click with bodies of every kind, or none: whatever is not the page's.
    """
    unsubscribe = _open(token)
    wish = "off" if is_one_click() else request.form["mail"]
    if wish == "off":
        invitations.opt_out(unsubscribe)
    elif wish == "on":
        invitations.opt_in(unsubscribe)
    else:
        return _mail_page(invitations.is_opted_out(unsubscribe), 400)
    db.session.commit()
    if is_one_click():  # a program, which must not be sent elsewhere
        return _mail_page(True)
    return go("survey_mail", **({"back": 1} if wish == "on" else {}))
