"""People who can sign in: the list, the page of each, and what may be done about them."""

from collections.abc import Callable

from flask import abort, render_template, request, url_for
from werkzeug.wrappers import Response

from portal import audit, formatting, operating
from portal.extensions import db
from portal.language import gettext, lazy_gettext
from portal.models import User
from portal.operating import ShowPeople
from portal.web.access import operator as operators_only
from portal.web.operator.desk import (
    ID,
    Question,
    ask,
    back_to,
    check_button,
    fill,
    find_employer,
    list_facts,
    nothing_done,
    operator,
)

FILTERS = {
    ShowPeople.ALL: lazy_gettext("Everybody"),
    ShowPeople.OPERATORS: lazy_gettext("Operators"),
    ShowPeople.DEACTIVATED: lazy_gettext("Deactivated"),
}
PATH = f"/operator/people/<{ID}:user_id>"


def _find(user_id: int) -> User:
    return operating.find_person(user_id) or abort(404)


def _page_of(user: User) -> str:
    return url_for("operator.person", user_id=user.id)


@operator.route("/operator/people")
@operators_only
def people() -> str:
    """Everybody who can sign in, and for whom they work."""
    return render_template("operator/people.html", **list_facts(FILTERS, operating.list_people))


@operator.route(PATH)
@operators_only
def person(user_id: int) -> str:
    """One person: what they may do, and for whom."""
    found = _find(user_id)
    return render_template(
        "operator/person.html",
        found=found,
        is_self=found.id == audit.acting_user_id(),
        memberships=sorted(found.memberships, key=lambda one: one.employer.name),
        made_on=formatting.day(found.created_at.date(), style="medium"),
    )


def _decide(
    user: User, question: Question, change: Callable[[User], bool], done: str, nothing: str
) -> Response | str:
    """Ask, or do it and say so; who comes second, or would leave nobody, is told."""
    if request.method != "POST":
        return ask(question)
    check_button()
    # What an operator does to themselves may leave them no page of the operator's to go to.
    address = url_for("employer.index") if _is_self(user) else _page_of(user)
    try:
        is_changed = change(user)
    except operating.LastOperator:
        said = gettext("Nothing was changed: nobody else could operate this site.")
        return nothing_done(_page_of(user), said)
    except operating.LastOwner as last:
        said = gettext(
            "Nothing was changed: nobody else who can sign in owns %(names)s. Make somebody else "
            "an owner first."
        )
        names = ", ".join(employer.name for employer in last.employers)
        return nothing_done(_page_of(user), fill(said, names=names))
    if not is_changed:
        return nothing_done(_page_of(user), nothing)
    db.session.commit()
    return back_to(address, done)


def _is_self(user: User) -> bool:
    return user.id == audit.acting_user_id()


def _question(
    user: User, title: str, points: list[str], button: str, *, is_danger: bool = False
) -> Question:
    """A question about USER."""
    crumbs = [(gettext("People"), url_for("operator.people")), (user.email, _page_of(user))]
    lead = gettext("This is your own account.") if _is_self(user) else ""
    return Question("people", crumbs, title, lead, points, button, _page_of(user), is_danger)


@operator.route(f"{PATH}/make-operator", methods=["GET", "POST"])
@operators_only
def make_operator(user_id: int) -> Response | str:
    """Let somebody operate the site."""
    user = _find(user_id)
    points = [
        gettext("They can approve employers, pause email and release answers."),
        gettext("They can let people in and out, operators too."),
        gettext("They read the audit trail."),
    ]
    title = fill(gettext("Make %(name)s an operator?"), name=user.email)
    question = _question(user, title, points, gettext("Make operator"))
    done = fill(gettext("%(name)s is an operator now."), name=user.email)
    nothing = gettext("They were an operator already.")
    return _decide(user, question, operating.make_operator, done, nothing)


@operator.route(f"{PATH}/end-operator", methods=["GET", "POST"])
@operators_only
def end_operator(user_id: int) -> Response | str:
    """Let somebody operate the site no more."""
    user = _find(user_id)
    points = [
        gettext("They no longer see these pages, from their next click on."),
        gettext("They go on working for their employers."),
    ]
    title = fill(gettext("End %(name)s’s work as an operator?"), name=user.email)
    question = _question(user, title, points, gettext("No longer an operator"), is_danger=True)
    done = fill(gettext("%(name)s is no operator any more."), name=user.email)
    nothing = gettext("They were no operator any more.")
    return _decide(user, question, operating.end_operator, done, nothing)


@operator.route(f"{PATH}/deactivate", methods=["GET", "POST"])
@operators_only
def deactivate(user_id: int) -> Response | str:
    """Let somebody sign in no more."""
    user = _find(user_id)
    points = [
        gettext("They are signed out everywhere at once and cannot sign in."),
        gettext("What they did stays, with their address beside it."),
        gettext("You can let them in again; their password stays as it is."),
    ]
    title = fill(gettext("Deactivate %(name)s?"), name=user.email)
    question = _question(user, title, points, gettext("Deactivate"), is_danger=True)
    done = fill(gettext("%(name)s can no longer sign in."), name=user.email)
    nothing = gettext("They could not sign in any more.")
    return _decide(user, question, operating.deactivate, done, nothing)


@operator.route(f"{PATH}/activate", methods=["GET", "POST"])
@operators_only
def activate(user_id: int) -> Response | str:
    """Let somebody sign in again."""
    user = _find(user_id)
    points = [
        gettext("They sign in with the password they had."),
        gettext("They work again for the employers on their page."),
    ]
    title = fill(gettext("Let %(name)s sign in again?"), name=user.email)
    question = _question(user, title, points, gettext("Let sign in again"))
    done = fill(gettext("%(name)s may sign in again."), name=user.email)
    nothing = gettext("They could sign in already.")
    return _decide(user, question, operating.activate, done, nothing)


@operator.route(f"{PATH}/employers/<{ID}:employer_id>/end", methods=["GET", "POST"])
@operators_only
def end_membership(user_id: int, employer_id: int) -> Response | str:
    """Let somebody no longer work for an employer."""
    user, employer = _find(user_id), find_employer(employer_id)
    points = [
        gettext("They see nothing of this employer any more, from their next click on."),
        gettext("What they did stays, with their address beside it."),
    ]
    names = {"name": user.email, "employer": employer.name}
    title = fill(gettext("Remove %(name)s from %(employer)s?"), **names)
    question = _question(user, title, points, gettext("Remove"), is_danger=True)
    done = fill(gettext("%(name)s no longer works for %(employer)s."), **names)
    nothing = gettext("They did not work for it any more.")
    return _decide(
        user, question, lambda one: operating.end_membership(one, employer), done, nothing
    )
