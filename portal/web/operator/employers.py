"""Employers: the list, a new one, and the page of each."""

from flask import render_template, request, url_for
from werkzeug.wrappers import Response

from portal import audit, formatting, invitations, operating, outbox, reputation
from portal.extensions import db
from portal.language import gettext, lazy_gettext
from portal.mail_kinds import KINDS
from portal.models import Employer, utcnow
from portal.operating import Show
from portal.web.access import operator as operators_only
from portal.web.forms import reject
from portal.web.operator.desk import (
    ID,
    back_to,
    fill,
    find_employer,
    list_facts,
    nothing_done,
    operator,
)
from portal.web.operator.forms import DomainsForm, EmployerForm

FILTERS = {
    Show.ALL: lazy_gettext("All employers"),
    Show.UNAPPROVED: lazy_gettext("Waiting for approval"),
    Show.APPROVED: lazy_gettext("Approved"),
    Show.PUBLISHED: lazy_gettext("Published"),
    Show.PAUSED: lazy_gettext("Mail paused"),
}


def page_of(employer: Employer) -> str:
    """The address of EMPLOYER's page."""
    return url_for("operator.employer", employer_id=employer.id)


@operator.route("/operator/employers")
@operators_only
def employers() -> str:
    """Every employer, and what it may and does."""
    facts = list_facts(FILTERS, operating.list_employers)
    releases = reputation.last_releases([one.id for one in facts["page"].employers])
    return render_template("operator/employers.html", releases=releases, **facts)


@operator.route("/operator/employers/new", methods=["GET", "POST"])
@operators_only
def new_employer() -> Response | str:
    """Make an employer."""
    form = EmployerForm()
    is_valid = request.method == "POST" and form.validate()
    made = _create(form) if is_valid else None
    if made is None:
        return render_template(
            "operator/new_employer.html", form=form, page_has_errors=bool(form.errors)
        )
    db.session.commit()
    said = fill(gettext("%(name)s is added."), name=made.name)
    if form.owner.data and not operating.list_members(made):
        invited = gettext("%(address)s gets an email with a link that works for 7 days.")
        said += " " + fill(invited, address=form.owner.data)
    return back_to(page_of(made), said)


def _create(form: EmployerForm) -> Employer | None:
    """The new employer, or None with the reason at its field."""
    slug = form.slug.data or operating.suggest_slug(form.name.data)
    approved_at = utcnow() if form.is_approved.data else None
    try:
        made = operating.create_employer(slug, form.name.data, approved_at)
    except operating.SlugTaken:
        said = gettext("There is an employer of this short name already. Try %(slug)s.")
        reject(form.slug, said % {"slug": operating.suggest_slug(slug)})
        return None
    by = audit.signed_in_user()
    if by and form.owner.data:
        operating.invite_first_owner(made, by, form.owner.data, utcnow())
    return made


@operator.route(f"/operator/employers/<{ID}:employer_id>")
@operators_only
def employer(employer_id: int) -> str:
    """One employer: its mail, releases, people and domains."""
    found = find_employer(employer_id)
    return render_template(
        "operator/employer.html",
        found=found,
        held=outbox.count_held(KINDS, found.id, utcnow()),
        in_doubt=invitations.count_in_doubt().get(found.id, 0),
        last_release=reputation.last_releases([found.id]).get(found.id),
        members=operating.list_members(found),
        timezone=found.timezone,
        made_on=formatting.day(found.created_at.date(), style="medium"),
    )


@operator.route(f"/operator/employers/<{ID}:employer_id>/domains", methods=["GET", "POST"])
@operators_only
def domains(employer_id: int) -> Response | str:
    """Say which mail domains are the employer's own."""
    found = find_employer(employer_id)
    form = DomainsForm()
    if request.method != "POST":
        form.domains.data = "\n".join(found.confirmed_domains)
        form.seen.data = ",".join(found.confirmed_domains)
    if request.method != "POST" or not form.validate():
        return render_template(
            "operator/domains.html", found=found, form=form, page_has_errors=bool(form.errors)
        )
    seen = [domain for domain in (form.seen.data or "").split(",") if domain]
    if not operating.confirm_domains(found, list(form.found), seen):
        return nothing_done(
            url_for("operator.domains", employer_id=found.id),
            gettext("Somebody else has changed the domains meanwhile. Nothing was saved."),
        )
    db.session.commit()
    return back_to(page_of(found), gettext("The domains are saved."))
