"""What the operator decides of an employer's mail and answers, once it is said what follows."""

from collections.abc import Callable, Sequence
from datetime import datetime

from flask import request, url_for
from werkzeug.wrappers import Response

from portal import jobs, operating, outbox, reputation
from portal.config import settings
from portal.extensions import db
from portal.language import gettext, ngettext
from portal.mail_kinds import KINDS
from portal.models import Employer, utcnow
from portal.reputation import Forecast
from portal.web.access import operator as operators_only
from portal.web.operator.desk import (
    ID,
    Question,
    ask,
    back_to,
    check_button,
    fill,
    find_employer,
    nothing_done,
    operator,
)
from portal.web.operator.employers import page_of
from portal.web.operator.forms import PauseForm

PATH = f"/operator/employers/<{ID}:employer_id>"


def _ask(
    found: Employer,
    title: str,
    points: Sequence[str] = (),
    button: str = "",
    *,
    lead: str = "",
    form: PauseForm | None = None,
) -> str:
    page = page_of(found)
    crumbs = [(gettext("Employers"), url_for("operator.employers")), (found.name, page)]
    is_danger = form is not None  # what a reason is asked for
    return ask(Question("employers", crumbs, title, lead, points, button, page, is_danger), form)


def _waiting(found: Employer) -> str:
    """How much mail would leave."""
    held = outbox.count_held(KINDS, found.id, utcnow())
    if not held:
        return gettext("No email waits.")
    return ngettext(
        "%(num)s email waits and will leave.", "%(num)s emails wait and will leave.", held
    )


def _set_free(
    found: Employer, change: Callable[[Employer, datetime], bool], done: str, nothing: str
) -> Response:
    """Let its mail leave by CHANGE, saying how much; or NOTHING, where it could leave already."""
    check_button()
    said = fill(done, name=found.name) + " " + _waiting(found)
    if not change(found, utcnow()):
        return nothing_done(page_of(found), nothing)
    db.session.commit()
    return back_to(page_of(found), said)


@operator.route(f"{PATH}/approval", methods=["GET", "POST"])
@operators_only
def approve(employer_id: int) -> Response | str:
    """Let an employer's mail leave for the first time."""
    found = find_employer(employer_id)
    if request.method == "POST":
        done, nothing = gettext("%(name)s is approved."), gettext("It had been approved already.")
        return _set_free(found, operating.approve, done, nothing)
    if found.approved_at is not None:
        return _ask(found, gettext("Approve"), lead=gettext("It is approved already."))
    points = [
        _waiting(found),
        gettext("Survey invitations leave within the employer’s sending hours."),
        gettext("If the employer publishes, its page is public from now on."),
        gettext("You can pause its email later; the approval itself stays."),
    ]
    lead = gettext("Approve it if you know who is behind it: it writes in its own name.")
    title = fill(gettext("Approve %(name)s?"), name=found.name)
    return _ask(found, title, points, gettext("Approve"), lead=lead)


@operator.route(f"{PATH}/pause", methods=["GET", "POST"])
@operators_only
def pause_mail(employer_id: int) -> Response | str:
    """Let an employer's mail to candidates wait."""
    found, form = find_employer(employer_id), PauseForm()
    if request.method != "POST" and (found.mail_paused_at or found.approved_at is None):
        return _ask(found, gettext("Pause email"), lead=gettext("Its email waits already."))
    if request.method != "POST" or not form.validate():
        points = [
            gettext("What it writes to candidates waits from now on; nothing is lost."),
            gettext("Survey invitations that wait for three months are not sent any more."),
            gettext("What candidates ask for themselves still leaves, as links to their data."),
            gettext("Everybody who works for it reads the reason on every page."),
        ]
        title = fill(gettext("Pause the email of %(name)s?"), name=found.name)
        return _ask(found, title, points, gettext("Pause email"), form=form)
    if found.approved_at is None or not operating.pause_mail(found, form.reason.data, utcnow()):
        return nothing_done(page_of(found), gettext("Its email waited already."))
    db.session.commit()
    return back_to(page_of(found), fill(gettext("The email of %(name)s waits."), name=found.name))


@operator.route(f"{PATH}/resume", methods=["GET", "POST"])
@operators_only
def resume_mail(employer_id: int) -> Response | str:
    """Let what waited of an employer leave."""
    found = find_employer(employer_id)
    if request.method == "POST":
        done = gettext("The email of %(name)s leaves again.")
        return _set_free(found, operating.resume_mail, done, gettext("Its email was not paused."))
    if not found.mail_paused_at:
        return _ask(found, gettext("Resume email"), lead=gettext("Its email is not paused."))
    title = fill(gettext("Resume the email of %(name)s?"), name=found.name)
    return _ask(found, title, [_waiting(found)], gettext("Resume email"))


@operator.route(f"{PATH}/release", methods=["GET", "POST"])
@operators_only
def release(employer_id: int) -> Response | str:
    """Ask for an employer's waiting answers to be released, if enough of them are together."""
    found = find_employer(employer_id)
    if request.method != "POST":
        return _ask_release(found)
    check_button()
    jobs.ask_release(found, utcnow())
    db.session.commit()
    said = gettext(
        "Asked for. Within a minute a worker releases what waits of %(name)s, if it is enough."
    )
    return back_to(page_of(found), fill(said, name=found.name))


def _ask_release(found: Employer) -> str:
    """What a release would do: in a sentence, with what follows; a button if it would do it."""
    expected, floor = reputation.forecast(found), settings().MIN_ANSWERS
    title = fill(gettext("Release answers of %(name)s?"), name=found.name)
    if expected is Forecast.UNREADABLE:
        lead = gettext("Nothing can be released: some answers open with no key.")
        points = [
            gettext("Look for the key they were sealed with and set it in SECRET_KEY_FALLBACKS."),
            gettext("If it is lost for good, “flask answers discard” gives these answers up."),
        ]
        return _ask(found, title, points, lead=lead)
    by_lot = gettext(
        "If nearly everybody who was asked has answered, at most four in five are released "
        "together, so that no single answer is certain; the lot says which wait."
    )
    if expected is Forecast.TOO_FEW:
        lead = gettext(
            "Nothing would be released: fewer than %(floor)s answers wait, or too few candidates "
            "were asked so far.",
            floor=floor,
        )
        return _ask(found, title, [by_lot], lead=lead)
    points = [
        gettext("A worker does it within a minute. It cannot be taken back."),
        by_lot,
        gettext(
            "Answers that were taken back or public before do not count as new: if too few are "
            "left, nothing happens."
        ),
    ]
    lead = gettext("Enough for a release: %(floor)s answers or more wait.", floor=floor)
    return _ask(found, title, points, gettext("Release now"), lead=lead)
