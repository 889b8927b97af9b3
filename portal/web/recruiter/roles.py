"""Roles that people apply for: the list, and one role, which is filled, closed or opened again."""

from flask import abort, flash, redirect, render_template, request, url_for
from markupsafe import Markup, escape
from werkzeug.wrappers import Response
from wtforms import Field, HiddenField, IntegerField, SelectField, StringField
from wtforms.validators import DataRequired, StopValidation

from portal import formatting, hiring, team
from portal.extensions import db
from portal.hiring import RoleFacts
from portal.language import gettext, lazy_gettext, ngettext
from portal.models import Employer, Requisition, RequisitionState, Role
from portal.web.access import member
from portal.web.forms import ConfirmForm, Form, clean, reject, trimmed
from portal.web.recruiter.desk import recruiter, start_over

ROLE_PATH = "/e/<slug>/roles/<int(max=2147483647):role_id>"
MAX_SEARCH = 200
STATES = {
    RequisitionState.OPEN: lazy_gettext("Open"),
    RequisitionState.FILLED: lazy_gettext("Filled"),
    RequisitionState.CLOSED: lazy_gettext("Closed"),
}
SAID = {
    RequisitionState.OPEN: lazy_gettext("%(role)s is open again."),
    RequisitionState.FILLED: lazy_gettext("%(role)s is filled."),
    RequisitionState.CLOSED: lazy_gettext("%(role)s is closed."),
}
NO_PLACES = lazy_gettext("Enter how many people are to be hired, from 1 to 9999.")
Answer = Response | str | tuple[str, int]


def _places(_form: object, field: Field) -> None:
    if field.data is None or not 1 <= field.data <= hiring.MOST_PLACES:
        field.errors[:] = []  # type: ignore[index]  # WTForms' own word for what is no number
        raise StopValidation(str(NO_PLACES))


class RoleForm(Form):
    """What people say of a role."""

    seen = HiddenField()
    title = StringField(
        lazy_gettext("Title"),
        description=lazy_gettext(
            "As candidates know it: it stands in emails. Files are matched by it, letter by letter."
        ),
        filters=[trimmed],
        validators=[DataRequired(lazy_gettext("Enter the title of the role.")), clean()],
    )
    department = StringField(
        lazy_gettext("Department"),
        filters=[trimmed],
        validators=[clean(hiring.MAX_DEPARTMENT)],
    )
    places = IntegerField(
        lazy_gettext("Places"),
        description=lazy_gettext("How many people are to be hired. The last hire fills the role."),
        validators=[_places],
    )
    owner = SelectField(
        lazy_gettext("Hiring owner"),
        invalid_choice_message=lazy_gettext(
            "The hiring owner is not on your team any more: choose somebody else, or nobody yet."
        ),
    )

    def offer(self, employer: Employer) -> None:
        """Let the owner be any of EMPLOYER's team."""
        people = [(str(one.user_id), one.user.email) for one in team.list_members(employer)]
        self.owner.choices = [("", gettext("Nobody yet")), *people]

    def facts(self) -> RoleFacts:
        owner = self.owner.data
        return RoleFacts(
            title=self.title.data,
            department=self.department.data or None,
            places=self.places.data,
            owner_id=int(owner) if owner else None,
        )


def _find(employer: Employer, role_id: int) -> Requisition:
    return hiring.find_role(employer, role_id) or abort(404)


def _page_of(employer: Employer, role: Requisition) -> str:
    return url_for("recruiter.role", slug=employer.slug, role_id=role.id)


def _named(text: str, role: Requisition) -> Markup:
    return escape(text) % {"role": Markup("<bdi>{}</bdi>").format(role.title)}


@recruiter.route("/e/<slug>/roles")
@member(Role.RECRUITER)
def roles(employer: Employer) -> str:
    """Every role: how many applied, how many wait for news, how many are hired."""
    search = "".join(sign for sign in request.args.get("q", "") if sign.isprintable())
    search, asked = search.strip()[:MAX_SEARCH], request.args.get("show", "")
    state = RequisitionState(asked) if asked in list(RequisitionState) else None
    number = request.args.get("page", 1, type=int)
    return render_template(
        "recruiter/roles.html",
        page=hiring.list_roles(employer, search, state, number),
        states=STATES,
        search=search,
        state=state,
        is_narrowed=bool(search) or state is not None,
    )


@recruiter.route(ROLE_PATH, methods=["GET", "POST"])
@member(Role.RECRUITER)
def role(employer: Employer, role_id: int) -> Answer:
    """One role: who of it is to be told, and what is said of it."""
    found, form = _find(employer, role_id), RoleForm()
    form.offer(employer)
    if request.method != "POST":
        return _show(employer, found, _filled(form, found))
    if not form.validate():
        return _show(employer, found, form)
    try:
        hiring.change_role(found, form.facts(), form.seen.data or "")
    except hiring.RoleTaken:
        start_over()
        reject(form.title, gettext("There is a role with this title already."))
        return _show(employer, found, form)
    except hiring.RoleChanged:
        start_over()
        form.seen.data = hiring.mark_of(found)
        return _show(employer, found, form, is_changed=True), 409
    db.session.commit()
    flash(gettext("Saved."), "success")
    return redirect(_page_of(employer, found), 303)


def _filled(form: RoleForm, found: Requisition) -> RoleForm:
    line = hiring.sum_up(found)
    form.seen.data = hiring.mark_of(found)
    form.title.data, form.department.data = found.title, found.department
    form.places.data = found.places
    form.owner.data = str(found.owner_id) if line.owner else ""
    return form


def _show(
    employer: Employer, found: Requisition, form: RoleForm, *, is_changed: bool = False
) -> str:
    return render_template(
        "recruiter/role.html",
        line=hiring.sum_up(found),
        form=form,
        states=STATES,
        is_changed=is_changed,
        page_has_errors=bool(form.errors),
    )


@recruiter.route(f"{ROLE_PATH}/state", methods=["POST"])
@member(Role.RECRUITER)
def role_state(employer: Employer, role_id: int) -> Response:
    """Fill, close or open a role; who is still to be told then comes next."""
    found, asked = _find(employer, role_id), request.form.get("state", "")
    if not ConfirmForm().validate() or asked not in list(RequisitionState):
        abort(400)
    state = RequisitionState(asked)
    hiring.set_state(found, state)
    db.session.commit()
    said = _named(str(SAID[state]), found)
    untold = 0 if state is RequisitionState.OPEN else hiring.untold_in_role(found)
    if not untold:
        if state is not RequisitionState.OPEN:
            said += Markup(" ") + gettext("Nobody in it is left to be told.")
        flash(said, "success")
        return redirect(_page_of(employer, found), 303)
    flash(said + Markup(" ") + _still_to_tell(untold), "success")
    return redirect(_to_tell(employer, found), 303)


def _still_to_tell(untold: int) -> str:
    return ngettext(
        "%(shown)s person who applied for it has not been told.",
        "%(shown)s people who applied for it have not been told.",
        untold,
        shown=formatting.count(untold),
    )


def _to_tell(employer: Employer, found: Requisition) -> str:
    """The desk with those of a role who are still to be told."""
    return url_for("recruiter.applications", slug=employer.slug, role=found.id, show="waiting")
