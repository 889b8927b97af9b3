"""What candidates and visitors get by the settings as they are. Nothing is kept, no link made.

Recruiters see what candidates are sent, too: they are about to have it sent.
"""

from typing import Any

from flask import Response, abort, g, make_response, render_template, request, url_for

from portal import emails, language, reputation, surveys
from portal.config import settings
from portal.language import LANGUAGES, gettext
from portal.mail_kinds import invite
from portal.models import Employer, Locale, Role, utcnow
from portal.transport import Message
from portal.web import mail_frame, policy
from portal.web.access import member
from portal.web.candidate.pages import facts_of, last_day, said_of
from portal.web.public import published
from portal.web.settings.sections import PATH, settings_pages
from portal.web.survey_form import SurveyForm

PREVIEW = f"{PATH}/preview/<any({','.join(LANGUAGES)}):language>"
# Invented, and so named that nobody takes them for somebody.
PEOPLE = {
    Locale.ENGLISH: ("Alex Sample", "Site manager"),
    Locale.FRENCH: ("Camille Dupont", "Chef de chantier"),
}


def _banner(employer: Employer, text: str) -> dict[str, str]:
    """What stands over a preview, in the language of the person who looks at it."""
    is_owner = g.membership.role is Role.OWNER
    view = "settings.index" if is_owner else "recruiter.applications"
    return {
        "name": gettext("Preview"),
        "text": text,
        "back": gettext("Back to the settings") if is_owner else gettext("To the closure desk"),
        "back_to": url_for(view, slug=employer.slug),
        "lang": language.code(),
    }


def _other(employer: Employer, view: str, shown: str) -> dict[str, str]:
    other = next(one for one in LANGUAGES if one != shown)
    address = url_for(f"settings.{view}", slug=employer.slug, language=other)
    return {"code": other, "label": LANGUAGES[other], "url": address}


def _only_shown(page: str) -> Response:
    response = make_response(page)
    response.headers["Content-Security-Policy"] = policy.PREVIEW
    return response


@settings_pages.route(f"{PREVIEW}/survey", endpoint="survey")
@member(Role.RECRUITER)
def preview_survey(employer: Employer, language: str) -> Response:
    """The survey as it is asked now, with a button that sends nothing."""
    banner = _banner(employer, gettext("This is a preview: nothing can be sent, nothing is kept."))
    locale = Locale(language)
    form = SurveyForm(surveys.newest_survey(), employer.name, locale, stars=request.args.get("s"))
    return _only_shown(
        _in_language(
            language,
            "candidate/survey.html",
            form=form,
            preview=banner,
            about=lambda: said_of(facts_of(employer), last_day(utcnow())),
            other_language=_other(employer, "survey", language),
            link=lambda _view: request.path,
        )
    )


def _in_language(tag: str, template: str, **values: Any) -> str:
    """TEMPLATE in the language TAG; `about` makes what is to be made in it too."""
    about = values.pop("about")
    with language.use(tag):
        return render_template(template, **about(), **values)


@settings_pages.route(f"{PREVIEW}/page", endpoint="page")
@member(Role.OWNER)
def preview_page(employer: Employer, language: str) -> Response:
    """The public page as it is, or would be if it were published."""
    text = (
        gettext("This is a preview of your public page.")
        if employer.is_published
        else gettext("This is a preview: visitors do not see this page, for you do not publish.")
    )
    board = reputation.dashboard(employer)
    return _only_shown(
        _in_language(
            language,
            "public/employer.html",
            employer=employer,
            board=board,
            preview=_banner(employer, text),
            about=lambda: published(employer, board),
        )
    )


@settings_pages.route(f"{PREVIEW}/closed", endpoint="closed")
@member(Role.OWNER)
def preview_closed(employer: Employer, language: str) -> Response:
    """What visitors read of an employer that does not publish."""
    text = gettext("This is a preview of what visitors read while you do not publish.")
    return _only_shown(
        _in_language(
            language,
            "public/not_publishing.html",
            employer=employer,
            preview=_banner(employer, text),
            about=dict,
        )
    )


def _invitation(employer: Employer, locale: Locale) -> Message | None:
    """The invitation to somebody invented; None while there is nobody to reply to."""
    candidate, role = PEOPLE[locale]
    survey = url_for("settings.survey", slug=employer.slug, language=locale)
    try:
        return invite.sample(employer, locale, candidate, role, f"{settings().BASE_URL}{survey}")
    except emails.Unwritable:
        return None


@settings_pages.route(f"{PREVIEW}/invitation", endpoint="invitation")
@member(Role.RECRUITER)
def preview_invitation(employer: Employer, language: str) -> Response:
    """The invitation as it looks and as plain text."""
    message = _invitation(employer, Locale(language))
    page = render_template(
        "settings/invitation.html",
        message=message,
        shown=language,
        languages_shown=LANGUAGES,
        candidate=PEOPLE[Locale(language)][0],
    )
    response = make_response(page)
    response.headers["Content-Security-Policy"] = policy.WITH_FRAME
    return response


@settings_pages.route(f"{PREVIEW}/invitation/html", endpoint="invitation_html")
@member(Role.RECRUITER)
def preview_invitation_html(employer: Employer, language: str) -> Response:
    """The invitation's own page, for the frame in ours."""
    message = _invitation(employer, Locale(language))
    if message is None:
        abort(404)
    return mail_frame.framed(str(message.html))
