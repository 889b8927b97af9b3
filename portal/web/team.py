"""An employer's team: who works for it, who is invited, other roles, going. For its owners."""

from flask import Blueprint, abort, flash, g, redirect, render_template, url_for
from flask_wtf.csrf import CSRFError
from markupsafe import Markup, escape
from werkzeug.wrappers import Response
from wtforms import EmailField, Field, RadioField, SelectChoice
from wtforms.validators import DataRequired, InputRequired, ValidationError

from portal import accounts, audit, team
from portal.extensions import db
from portal.language import gettext, lazy_gettext
from portal.models import Employer, Membership, Role, User, utcnow
from portal.team import TeamInvitationState
from portal.web.access import member
from portal.web.account import show_form_again, show_not_open
from portal.web.forms import ConfirmForm, Form, reject, trimmed

# Ids of no table are larger, and SQLite's driver would choke on them.
ID = "int(max=2147483647)"
CHANGED = 409
NO_ADDRESS = lazy_gettext("Enter an email address, like name@example.com.")
ROLES = {
    Role.VIEWER.value: lazy_gettext("Viewer"),
    Role.RECRUITER.value: lazy_gettext("Recruiter"),
    Role.OWNER.value: lazy_gettext("Owner"),
}
MAY = {
    Role.VIEWER.value: lazy_gettext("Sees the figures and exports them; sees no candidate."),
    Role.RECRUITER.value: lazy_gettext(
        "Also works with candidates: the closure desk, and every export."
    ),
    Role.OWNER.value: lazy_gettext("Also runs the account: team, settings, publishing."),
}
Answer = Response | str | tuple[str, int]

blueprint = Blueprint("team", __name__, url_prefix="/e/<slug>")
blueprint.register_error_handler(CSRFError, show_form_again)
# Somebody was faster: who acts is no owner any more, or what they act on is gone.
blueprint.register_error_handler(team.NotAllowed, show_not_open)


def _address(_form: object, field: Field) -> None:
    """An address as an account would have it."""
    if not (address := accounts.read_address(field.data)):
        raise ValidationError(NO_ADDRESS)
    field.data = address


class RoleForm(Form):
    """One of the three roles."""

    role = RadioField(
        lazy_gettext("Role"),
        choices=lambda: [SelectChoice(value, str(label)) for value, label in ROLES.items()],
        validators=[InputRequired(lazy_gettext("Choose a role."))],
    )


class InviteForm(RoleForm):
    """Who is to come, and as what."""

    email = EmailField(
        lazy_gettext("Email address"),
        filters=[trimmed],
        validators=[DataRequired(NO_ADDRESS), _address],
    )


def _me() -> User:
    """Who is signed in; no view here is reached by anybody else."""
    return audit.signed_in_user() or abort(404)


def _named(text: str, **names: object) -> Markup:
    """TEXT with NAMES that keep their own writing direction."""
    isolated = {name: Markup("<bdi>{}</bdi>").format(value) for name, value in names.items()}
    return escape(text) % isolated


def _back(employer: Employer, said: str, kind: str = "success") -> Response:
    flash(said, kind)
    return redirect(url_for("team.members", slug=employer.slug), 303)


def _too_many() -> str:
    return gettext("Your team has sent as many invitations as it may within an hour. Try later.")


@blueprint.route("/team", methods=["GET", "POST"])
@member(Role.OWNER)
def members(employer: Employer) -> Answer:
    """Everybody who works here or is invited to; and the form to invite one more."""
    form = InviteForm(role=Role.VIEWER.value)
    if not form.validate_on_submit():
        return _members_page(employer, form)
    address = str(form.email.data)
    try:
        team.invite(employer, _me(), address, Role(form.role.data), utcnow())
    except team.AlreadyMember:
        reject(form.email, gettext("%(address)s is on the team already.", address=address))
    except team.AlreadyInvited:
        said = gettext(
            "%(address)s is invited already. Send that invitation again, or revoke it, below.",
            address=address,
        )
        reject(form.email, said)
    except team.TooMany:
        reject(form.email, _too_many())
    else:
        db.session.commit()
        said = gettext("%(address)s gets an email with a link that works for 7 days.")
        return _back(employer, _named(said, address=address))
    db.session.rollback()
    return _members_page(employer, form), CHANGED


def _members_page(employer: Employer, form: InviteForm) -> str:
    return render_template(
        "team/members.html",
        members=team.list_members(employer),
        pending=team.list_pending(employer, utcnow()),
        states=TeamInvitationState,
        form=form,
        may=MAY,
        me=_me(),
    )


def _check_button() -> None:
    if not ConfirmForm().validate():
        abort(400)


@blueprint.route(f"/team/invitations/<{ID}:invitation_id>/resend", methods=["POST"])
@member(Role.OWNER)
def resend(employer: Employer, invitation_id: int) -> Response:
    """Send an invitation again, for another week; the link mailed before works no more."""
    _check_button()
    try:
        invitation = team.resend(employer, _me(), invitation_id, utcnow())
    except team.AlreadyMember:
        db.session.rollback()
        said = gettext("That person is on the team already. You can revoke the invitation.")
        return _back(employer, said, "info")
    except team.TooMany:
        db.session.rollback()
        return _back(employer, _too_many(), "warning")
    address = invitation.address
    db.session.commit()
    said = gettext("%(address)s gets a new link. Earlier ones no longer work.")
    return _back(employer, _named(said, address=address))


@blueprint.route(f"/team/invitations/<{ID}:invitation_id>/revoke", methods=["POST"])
@member(Role.OWNER)
def revoke(employer: Employer, invitation_id: int) -> Response:
    """Let an invitation's link work no more."""
    _check_button()
    address = team.revoke(employer, _me(), invitation_id, utcnow()).address
    db.session.commit()
    said = gettext("The invitation of %(address)s is revoked. Its link no longer works.")
    return _back(employer, _named(said, address=address))


def _find(employer: Employer, membership_id: int) -> Membership:
    if found := team.find_member(employer, membership_id):
        return found
    raise team.NotAllowed


@blueprint.route(f"/team/<{ID}:membership_id>", methods=["GET", "POST"])
@member(Role.OWNER)
def role(employer: Employer, membership_id: int) -> Answer:
    """What a member may do, and the form to change it."""
    found = _find(employer, membership_id)
    form = RoleForm(role=found.role.value)
    status = 200
    if form.validate_on_submit():
        try:
            changed = team.change_role(employer, _me(), membership_id, Role(form.role.data))
        except team.LastOwner:
            db.session.rollback()
            found, status = _find(employer, membership_id), CHANGED
        else:
            return _role_changed(employer, changed)
    page = render_template(
        "team/role.html",
        found=found,
        form=form,
        may=MAY,
        is_me=found.user_id == _me().id,
        is_last_owner=team.is_last_owner(found),
    )
    return page, status


def _role_changed(employer: Employer, changed: Membership) -> Response:
    is_still_owner = changed.user_id != _me().id or changed.role is Role.OWNER
    role_name = str(ROLES[changed.role.value])
    said = gettext("%(address)s is now: %(role)s. It counts from their next click.")
    sentence = _named(said, address=changed.user.email, role=role_name)
    db.session.commit()
    if is_still_owner:
        return _back(employer, sentence)
    flash(_named(gettext("Your role is now: %(role)s."), role=role_name), "success")
    return redirect(url_for("employer.overview", slug=employer.slug), 303)


@blueprint.route(f"/team/<{ID}:membership_id>/remove", methods=["GET", "POST"])
@member(Role.OWNER)
def remove(employer: Employer, membership_id: int) -> Answer:
    """Take somebody off the team, once it was said what that means."""
    found = _find(employer, membership_id)
    if found.user_id == _me().id:
        return redirect(url_for("team.leave", slug=employer.slug), 303)
    form = ConfirmForm()
    if not form.validate_on_submit() or form.seen.data != found.role.value:
        return _leaving_page(found, form)
    try:
        address = team.remove(employer, _me(), membership_id).email
    except team.LastOwner:
        db.session.rollback()
        return _leaving_page(_find(employer, membership_id), form), CHANGED
    db.session.commit()
    said = gettext("%(address)s is no longer on the team.")
    return _back(employer, _named(said, address=address))


@blueprint.route("/leave", methods=["GET", "POST"])
@member(Role.VIEWER)
def leave(employer: Employer) -> Answer:
    """Leave the team oneself, once it was said what that means."""
    own: Membership = g.membership
    form = ConfirmForm()
    if not form.validate_on_submit() or form.seen.data != own.role.value:
        return _leaving_page(own, form)
    name = employer.name
    try:
        team.leave(employer, _me())
    except team.LastOwner:
        db.session.rollback()
        return _leaving_page(own, form), CHANGED
    db.session.commit()
    flash(_named(gettext("You no longer work for %(employer)s."), employer=name), "success")
    return redirect(url_for("employer.index"), 303)


def _leaving_page(found: Membership, form: ConfirmForm) -> str:
    form.seen.data = found.role.value
    return render_template(
        "team/remove.html",
        found=found,
        form=form,
        is_me=found.user_id == _me().id,
        is_last_owner=team.is_last_owner(found),
    )
