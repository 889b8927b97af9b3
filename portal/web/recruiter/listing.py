"""The list of applications, and adding one by hand."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from flask import render_template, request, url_for
from markupsafe import Markup, escape
from werkzeug.wrappers import Response

from portal import closure, hiring, intake
from portal.extensions import db
from portal.hiring import MAX_DEPARTMENT, NewApplication, Tab
from portal.language import gettext, lazy_gettext
from portal.models import Application, Employer, Locale, Role, StageGroup, utcnow
from portal.web.access import member
from portal.web.forms import CHANNELS, refuse_future, reject
from portal.web.recruiter import words
from portal.web.recruiter.candidate_forms import ApplicationForm
from portal.web.recruiter.desk import back_to, name_of, recruiter
from portal.web.recruiter.rows import list_rows

TABS = {
    Tab.OVERDUE: lazy_gettext("Overdue"),
    Tab.DUE: lazy_gettext("Due soon"),
    Tab.UNDATED: lazy_gettext("Decided, no date"),
    Tab.OPEN: lazy_gettext("No decision yet"),
    Tab.SCHEDULED: lazy_gettext("Scheduled"),
    Tab.TOLD: lazy_gettext("Told"),
    Tab.ALL: lazy_gettext("All"),
}
LINKED = {
    Tab.NOT_TOLD: lazy_gettext("Decided, not told"),
    Tab.WAITING: lazy_gettext("Not told yet"),
}
MAX_SEARCH = 200
HOLD_DECIDED = (Tab.OVERDUE, Tab.DUE, Tab.UNDATED, Tab.ALL, Tab.NOT_TOLD, Tab.WAITING)
HOLD_OPEN = (Tab.OVERDUE, Tab.DUE, Tab.OPEN, Tab.ALL, Tab.WAITING)


def asked_for(today: date, given: Mapping[str, str]) -> hiring.Filter:
    """Tab, search and filters that GIVEN names; what makes no sense is left out."""
    search = "".join(sign for sign in given.get("q", "") if sign.isprintable())
    tab, role = given.get("show", ""), given.get("role", "")
    return hiring.Filter(
        today,
        Tab(tab) if tab in list(Tab) else Tab.WAITING,
        search.strip()[:MAX_SEARCH],
        int(role) if role.isascii() and role.isdigit() and len(role) < 10 else None,
        given.get("department", "").replace("\0", "")[:MAX_DEPARTMENT],
    )


def in_address(wanted: hiring.Filter) -> dict[str, Any]:
    """WANTED as an address names it."""
    return {
        "show": wanted.tab.value,
        "q": wanted.search or None,
        "role": wanted.role_id,
        "department": wanted.department or None,
    }


@recruiter.route("/e/<slug>/applications")
@member(Role.RECRUITER)
def applications(employer: Employer) -> str:
    """Who is to hear what next, the most urgent first."""
    today = closure.local_day(employer, utcnow())
    wanted = asked_for(today, request.args)
    number = request.args.get("page", 1, type=int)
    desk = hiring.open_desk(
        employer, wanted, number, choose=request.args.get("show") not in list(Tab)
    )
    wanted, page = desk.filter, desk.page
    shown = TABS if wanted.tab in TABS else {wanted.tab: LINKED[wanted.tab]} | TABS
    return render_template(
        "recruiter/applications.html",
        desk=desk,
        page=page,
        rows=list_rows(employer, page.applications, today),
        tabs=[(tab, label, desk.counts[tab]) for tab, label in shown.items()],
        args=in_address(wanted),
        roles=hiring.list_open_roles(employer, wanted.role_id),
        departments=hiring.list_departments(employer),
        is_empty=not desk.counts[Tab.ALL] and not wanted.is_narrowed,
        nothing_to_do=not any(desk.counts[tab] for tab in (Tab.OVERDUE, Tab.DUE, Tab.UNDATED)),
        may_tell=wanted.tab in HOLD_DECIDED,
        may_decide=wanted.tab in HOLD_OPEN,
        channels=CHANNELS,
        outcome_words=words.OUTCOMES,
        tomorrow=today + timedelta(days=1),
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
