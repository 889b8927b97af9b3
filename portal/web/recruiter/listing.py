"""The list of applications, and adding one by hand."""

from flask import render_template, request, url_for
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from portal import closure, hiring, intake
from portal.extensions import db
from portal.hiring import NewApplication, Waiting
from portal.language import gettext
from portal.models import Application, Employer, Locale, Role, StageGroup, utcnow
from portal.web.access import member
from portal.web.forms import refuse_future, reject
from portal.web.recruiter import words
from portal.web.recruiter.candidate_forms import ApplicationForm
from portal.web.recruiter.closure_status import closure_status
from portal.web.recruiter.desk import back_to, name_of, recruiter

FILTERS = {
    Waiting.ALL: "All applications",
    Waiting.OPEN: "No decision yet",
    Waiting.NOT_TOLD: "Decided, not told",
    Waiting.TOLD: "Told",
}
ORDERS = {
    Waiting.OPEN: "Waiting longest first",
    Waiting.NOT_TOLD: "Owed an answer soonest first",
}
MAX_SEARCH = 200


def _asked_for() -> tuple[str, Waiting, int]:
    """Search, filter and page number from the address; what makes no sense is left out."""
    search = "".join(sign for sign in request.args.get("q", "") if sign.isprintable())
    asked = request.args.get("show", "")
    waiting = Waiting(asked) if asked in FILTERS else Waiting.ALL
    return search.strip()[:MAX_SEARCH], waiting, request.args.get("page", 1, type=int)


@recruiter.route("/e/<slug>/applications")
@member(Role.RECRUITER)
def applications(employer: Employer) -> str:
    """Who waits for an answer, since when, and by when they are owed one."""
    search, waiting, number = _asked_for()
    page = hiring.list_applications(employer, search, waiting, number)
    today = closure.local_day(employer, utcnow())
    return render_template(
        "recruiter/applications.html",
        page=page,
        rows=[(found, closure_status(found, today)) for found in page.applications],
        outcomes=words.OUTCOMES,
        search=search,
        waiting=waiting,
        filters=FILTERS,
        not_told=hiring.count_waiting(employer, today).untold,
        order=ORDERS.get(waiting, "Newest first"),
        first=(page.number - 1) * hiring.PAGE_SIZE + 1,
        is_narrowed=bool(search) or waiting is not Waiting.ALL,
    )


@recruiter.route("/e/<slug>/applications/new", methods=["GET", "POST"])
@member(Role.RECRUITER)
def new_application(employer: Employer) -> Response | str:
    """Add one application by hand."""
    form = ApplicationForm()
    if request.method != "POST":
        form.locale.data = employer.locale.value
        return _new(form, employer)
    form.validate()
    refuse_future(closure.local_day(employer, utcnow()), form.last_interview_on)
    added = None if form.errors else _add(employer, form)
    if added is None:
        return _new(form, employer)
    db.session.commit()
    address = url_for("recruiter.decide", slug=employer.slug, application_id=added.id)
    said = escape(gettext("%(name)s is on the desk.")) % {"name": name_of(added)}
    next_step = escape(gettext("%(record)s when there is one.")) % {
        "record": Markup('<a href="{}">{}</a>').format(address, gettext("Record a decision"))
    }
    return back_to(added, said, next_step)


def _new(form: ApplicationForm, employer: Employer) -> str:
    return render_template(
        "recruiter/new_application.html",
        form=form,
        suggested={
            "role": hiring.suggest_roles(employer),
            "department": hiring.suggest_departments(employer),
        },
        page_has_errors=bool(form.errors),
    )


def _add(employer: Employer, form: ApplicationForm) -> Application | None:
    """The new application, or None with the reason at its field."""
    new = NewApplication(
        name=form.name.data,
        email=form.email.data,
        phone=form.phone.data or None,
        role=form.role.data,
        department=form.department.data or None,
        stage=form.stage.data,
        stage_group=StageGroup(form.stage_group.data),
        last_interview_on=form.last_interview_on.data,
        promised_on=form.promised_on.data,
        locale=Locale(form.locale.data),
    )
    try:
        return intake.add_one(employer, new)
    except intake.AlreadyOpen:
        said = gettext("There is an open application for this role by this address already.")
        reject(form.email, said)
        return None
