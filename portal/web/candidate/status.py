"""Where do I stand: what a candidate was told about their application, and asking for news.

Nothing here depends on a decision that the candidate was not told of.
"""

from datetime import date

from flask import g
from markupsafe import Markup

from portal import emails, formatting, hiring
from portal.extensions import db
from portal.hiring import Status
from portal.language import lazy_gettext
from portal.models import Channel, utcnow
from portal.web.access import link_holder
from portal.web.candidate.pages import Page, about, blueprint, go, page, set_language
from portal.web.limits import limit_sends

HOW = {
    Channel.PHONE: lazy_gettext("By phone or video"),
    Channel.IN_PERSON: lazy_gettext("In person"),
    Channel.EMAIL: lazy_gettext("By email"),
    Channel.LETTER: lazy_gettext("By letter"),
    Channel.PORTAL: lazy_gettext("In your application portal"),
}


def _open(token: str) -> Status:
    status = hiring.open_status(token, utcnow())
    about(token, status.application.employer)
    # Who answers for this application, not who runs the site.
    g.employer.contact = emails.find_reply_to(status.application.employer)
    set_language(status.application.candidate.locale)
    return status


@blueprint.get("/status/<token>", strict_slashes=False)
@link_holder
def status(token: str) -> Page:
    """What is known, what was told, and the button. Nothing happens by opening it."""
    opened = _open(token)
    return page(
        "status",
        standing=opened,
        role=Markup("<bdi>{}</bdi>").format(opened.application.requisition.title),
        told=opened.told,
        how=HOW,
        known_since=_day(opened.known_since),
        promised_on=_day(opened.promised_on),
        owed_on=_day(opened.owed_on),
        asked_on=_day(opened.asked_on),
        ask_again_on=_day(opened.ask_again_on),
    )


@blueprint.post("/status/<token>", strict_slashes=False)
@link_holder
@limit_sends
def ask_for_news(token: str) -> Page:
    """Note that the candidate asks; pressed twice, or too early, nothing more happens."""
    hiring.ask_for_news(_open(token), utcnow())
    db.session.commit()
    return go("status")


def _day(day: date | None) -> Markup | None:
    return Markup('<span class="nowrap">{}</span>').format(formatting.day_tag(day)) if day else None
