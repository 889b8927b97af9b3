"""What an employer's members see of its reputation: the overview and the files to take away."""

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response

from portal import accounts, audit, exports, reputation
from portal.config import settings
from portal.language import gettext
from portal.models import Employer, Role
from portal.reputation import HabitGroup
from portal.web.access import member, signed_in
from portal.web.account import first_page, show_form_again
from portal.web.employer import commented, figures, habits, levers, people, unsaid

employer = Blueprint("employer", __name__)
employer.register_error_handler(CSRFError, show_form_again)


@employer.route("/e")
@signed_in
def index() -> Response | str:
    """The signed-in person's employers; straight on where there is only one way to go."""
    user = audit.signed_in_user()
    memberships = accounts.list_memberships(user) if user else []
    if len(memberships) == 1:
        return redirect(first_page(memberships[0]))
    if not memberships and user and user.is_operator:
        return redirect(url_for("operator.mail"))
    return render_template(
        "employer/index.html",
        memberships=memberships,
        nav_items=[
            {"key": "index", "label": gettext("Your employers"), "url": url_for("employer.index")}
        ],
    )


@employer.route("/help", endpoint="help")
@signed_in
def show_help() -> str:
    """The words of the desk and the figures, for people who use them."""
    return render_template(
        "employer/help.html",
        nav_items=[
            {"key": "index", "label": gettext("Back to work"), "url": url_for("employer.index")}
        ],
        min_answers=settings().MIN_ANSWERS,
        min_comments=settings().MIN_COMMENTS,
        operator_email=settings().OPERATOR_EMAIL,
    )


@employer.route("/e/<slug>/")
@member(Role.VIEWER)
def overview(found: Employer) -> str:
    """Score, habits and coverage, each with what it does not prove."""
    board = reputation.dashboard(found)
    return render_template(
        "employer/overview.html",
        board=board,
        **figures.reputation_facts(board),
        **figures.habit_facts(board),
        **figures.coverage_facts(board),
        unsaid=unsaid.list_unsaid(board),
        half_life=settings().HALF_LIFE_DAYS,
    )


@employer.route("/e/<slug>/habits", endpoint="habits")
@member(Role.VIEWER)
def show_habits(found: Employer) -> str:
    """How fast, how and whether candidates are told, and what they say of it."""
    board = reputation.dashboard(found)
    page = habits.habits_page(board, with_people=g.membership.role.includes(Role.RECRUITER))
    return render_template("employer/habits.html", board=board, page=page)


@employer.route("/e/<slug>/habits/<who>")
@member(Role.RECRUITER)
def habit_people(found: Employer, who: str) -> str:
    """Who is behind one figure of the habits page; of names nothing is for viewers."""
    if who not in set(HabitGroup):
        abort(404)
    number = request.args.get("page", 1, type=int)
    listed = people.list_people(found, HabitGroup(who), number)
    return render_template("employer/people.html", listed=listed)


@employer.route("/e/<slug>/levers", endpoint="levers")
@member(Role.VIEWER)
def show_levers(found: Employer) -> str:
    """What goes with better ratings, ranked, and what is hidden and why."""
    board = reputation.dashboard(found)
    return render_template("employer/levers.html", board=board, **levers.levers_page(board))


@employer.route("/e/<slug>/comments")
@member(Role.VIEWER)
def comments(found: Employer) -> str:
    """What candidates wrote and let the employer read, and what the software reads in it."""
    asked = commented.Asked.from_query(request.args)
    return render_template("employer/comments.html", listed=commented.list_comments(found, asked))


@employer.route("/e/<slug>/feedback")
@member(Role.VIEWER)
def feedback(found: Employer) -> str:
    """The files to take away, what each holds, and from when on there is something in it.

    Lines of one person each, words and names are for who works with candidates.
    """
    return render_template(
        "employer/feedback.html",
        works_with_candidates=g.membership.role.includes(Role.RECRUITER),
        available=exports.availability(found),
        dictionary=exports.dictionary(),
        kinds=exports.Export,
    )
