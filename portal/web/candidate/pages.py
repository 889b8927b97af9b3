"""What every candidate page shares: language, headers, limits, the link in its own addresses."""

import logging
from datetime import datetime, timedelta
from itertools import islice
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, Response, abort, g, redirect, render_template, request, url_for
from flask_limiter import RateLimitExceeded
from markupsafe import Markup
from werkzeug.wrappers import Response as Redirect

from portal import formatting, invitations, language, links
from portal.config import settings
from portal.extensions import csrf, db
from portal.invitations import LINK_LASTS, LinkUnknown, OpenedInvitation
from portal.language import LANGUAGES, gettext
from portal.models import Employer, Locale, utcnow
from portal.seals import SealBroken
from portal.surveys import clean_comment
from portal.web import languages
from portal.web.access import link_holder
from portal.web.errors import forget_session, is_no_form, show_http_error
from portal.web.limits import limit_guesses

log = logging.getLogger(__name__)

KEPT_IN_LINKS = ("s", "again", "back", "done")  # what a page's address may say besides its language
MOST_FIELDS = 100  # handed back; far more than any form of ours has
Page = tuple[str, int] | Redirect

blueprint = Blueprint("candidate", __name__)
csrf.exempt(blueprint)


@blueprint.before_request
def forget() -> None:
    """Start every page knowing nothing of anybody, a signed-in recruiter included."""
    forget_session()
    g.token = g.employer = g.answer_until = None
    set_language(readers_language() or Locale.ENGLISH)


@blueprint.before_request
def expect_open_page() -> Page | None:
    """Hand a form back whose mark belongs to another link's page.

    The link is the authority: what is sent without a mark is taken, as from a page saved long ago.
    This is asked before anything else, the limits too: nobody uses up a candidate's.
    """
    token = (request.view_args or {}).get("token", "")
    if request.method != "POST" or not token or is_one_click():
        return None
    if is_no_form():
        abort(415)
    mark = request.form.get("csrf_token")
    if mark is None or links.is_form_token(token, mark):
        return None
    g.token = token
    sent = [
        (clean_comment(name), clean_comment(text))
        for name, text in islice(request.form.items(multi=True), MOST_FIELDS)
        if name != "csrf_token"
    ]
    return page("again", 400, action=request.full_path.rstrip("?"), sent=sent)


def is_one_click() -> bool:
    """A mail program's opt-out (RFC 8058): it opens no page, and sends whatever is not a page's.

    Its own field says so whatever stands beside it, as the reader's address may under any name.
    """
    if request.endpoint != "candidate.change_survey_mail":
        return False
    names = {name.casefold() for name in request.form}
    return "list-unsubscribe" in names or "mail" not in request.form


@blueprint.after_request
def keep_private(response: Response) -> Response:
    """Leave no copy behind, tell no other site, and stay out of search engines."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex"
    if response.status_code == 503:
        response.headers.setdefault("Retry-After", "60")
    return response


@blueprint.errorhandler(LinkUnknown)
def say_unknown(_error: LinkUnknown) -> Page:
    """The one page for every link that is not ours, whatever is wrong with it."""
    db.session.rollback()
    try:
        with limit_guesses:
            return page("unknown", 404)
    except RateLimitExceeded as error:
        return show_http_error(error)


@blueprint.errorhandler(SealBroken)
def say_sealed(_error: SealBroken) -> Page:
    """What was answered cannot be opened, and so neither shown nor taken back."""
    db.session.rollback()
    log.error("an answer could not be opened: its seal is broken")
    return page("sealed", 503, operator_email=settings().OPERATOR_EMAIL)


@blueprint.route("/s/", methods=["GET", "POST"])
@blueprint.route("/u/", methods=["GET", "POST"])
@blueprint.route("/d/", methods=["GET", "POST"])
@blueprint.route("/status/", methods=["GET", "POST"])
@blueprint.route("/s/<path:rest>", methods=["GET", "POST"])
@blueprint.route("/u/<path:rest>", methods=["GET", "POST"])
@blueprint.route("/d/<path:rest>", methods=["GET", "POST"])
@blueprint.route("/status/<path:rest>", methods=["GET", "POST"])
@link_holder
def no_link(**_rest: str) -> Page:
    """Whatever else begins like a link of ours."""
    raise LinkUnknown


def open_link(token: str) -> OpenedInvitation:
    """The invitation behind TOKEN; the page now knows its language and whom it is about."""
    opened = invitations.open_invitation(token, utcnow())
    invitation = opened.invitation
    about(opened.token, invitation.employer, invitation.last_mailed_at)
    set_language(invitation.application.candidate.locale)
    return opened


def about(token: str, employer: Employer, mailed_at: datetime | None = None) -> None:
    """Keep what the page will need as plain values: they outlive a rollback."""
    g.token = token
    g.employer = facts_of(employer)
    g.answer_until = mailed_at and last_day(mailed_at)


def facts_of(employer: Employer) -> SimpleNamespace:
    """What candidates' pages say of EMPLOYER."""
    return SimpleNamespace(
        name=employer.name,
        slug=employer.slug,
        contact=settings().OPERATOR_EMAIL or employer.reply_to,
        is_public=employer.is_published and employer.approved_at is not None,
        timezone=employer.timezone,
    )


def last_day(mailed_at: datetime) -> datetime:
    """Until when a link works that was MAILED_AT.

    The last whole day: nobody should find it dead on the day it was said to work.
    """
    return mailed_at + LINK_LASTS - timedelta(days=1)


def readers_language() -> Locale | None:
    """What the browser prefers: for links that do not say who reads."""
    preferred = languages.from_browser()
    return Locale(preferred[:2]) if preferred else None


def set_language(default: Locale) -> None:
    """Set the page's language: what the reader chose by button, link or form, else DEFAULT."""
    g.default_locale = default.value
    languages.set_language(languages.chosen() or default)
    g.chosen_language = language.code()  # public pages reached from here go on in it


def reading() -> Locale:
    """The language in which this page is read."""
    return Locale(language.code())


def link(endpoint: str, **values: Any) -> str:
    """The address of a candidate page for this link, in the language chosen."""
    if language.code() != g.default_locale:
        values.setdefault("lang", language.code())
    return url_for(f"candidate.{endpoint}", token=g.token, **values)


def go(endpoint: str, **values: Any) -> Redirect:
    """Send the browser there, so that reloading and "back" do no harm."""
    return redirect(link(endpoint, **values), 303)


def _other_language() -> dict[str, str]:
    """The other language, and this page's address in it."""
    other = next(one for one in LANGUAGES if one != language.code())
    kept = {name: request.args[name] for name in KEPT_IN_LINKS if name in request.args}
    endpoint = str(request.endpoint).rpartition(".")[2]
    return {
        "code": other,
        "label": LANGUAGES[other],
        "url": link(endpoint, lang=other, **kept),
    }


def page(template: str, status: int = 200, **values: Any) -> Page:
    """A candidate page with what all of them show."""
    # What a POST brought has no address to go to; the survey's own button sends the form along.
    can_switch = g.token and (request.method != "POST" or template == "survey")
    shown = render_template(
        f"candidate/{template}.html",
        **said_of(g.employer, g.answer_until),
        other_language=_other_language() if can_switch else None,
        link=link,
        form_token=links.form_token(g.token) if g.token else None,
        **values,
    )
    return shown, status


def said_of(employer: SimpleNamespace | None, answer_until: datetime | None) -> dict[str, Any]:
    """What every candidate page is given about whom it is, as facts_of() has it, if it is known."""
    said: dict[str, Any] = {
        "employer": employer,
        "min_answers": settings().MIN_ANSWERS,
        "min_comments": settings().MIN_COMMENTS,
        "employer_name": gettext("this employer"),
    }
    if employer:
        said |= {
            "employer_name": Markup("<bdi>{}</bdi>").format(employer.name),
            "page_url": url_for("public.employer", slug=employer.slug),
            "privacy_url": url_for("public.privacy", slug=employer.slug),
        }
    if employer and answer_until:
        said["answer_until"] = Markup('<span class="nowrap">{}</span>').format(
            formatting.day_tag(answer_until, employer.timezone)
        )
    return said
