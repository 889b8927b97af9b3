"""What an employer's members see of its reputation: the overview and the files to take away."""

from typing import Any

from flask import Blueprint, abort, g, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.wrappers import Response

from portal import accounts, audit, closure, exports, hiring, reputation
from portal.config import settings
from portal.language import gettext
from portal.models import Employer, Role, utcnow
from portal.reputation import Dashboard, HabitGroup
from portal.web import pictures
from portal.web.access import member, signed_in
from portal.web.account import first_page, show_form_again
from portal.web.employer import commented, habits, levers, others, overview, people, periods, report

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


@employer.route("/e/<slug>/", endpoint="overview")
@member(Role.VIEWER)
def show_overview(found: Employer) -> str:
    """How good, how sure, who waits, what to look at; then what stands behind it."""
    board = reputation.dashboard(found, with_others=True)
    half_life = settings().HALF_LIFE_DAYS
    return _render("employer/overview.html", board, _overview(board), half_life=half_life)


def _overview(board: Dashboard) -> dict[str, Any]:
    found = board.employer
    waiting = hiring.count_waiting(found, closure.local_day(found, utcnow()))
    return {
        "page": overview.describe(board, waiting),
        "time_and_groups": periods.time_and_groups(board, request.args),
        "beside_others": others.beside_others(board),
    }


@employer.route("/e/<slug>/report", endpoint="report")
@member(Role.VIEWER)
def show_report(found: Employer) -> str:
    """The state of things on one sheet, to be printed or put before others."""
    board, today = reputation.dashboard(found), closure.local_day(found, utcnow())
    waiting, months = hiring.count_waiting(found, today), reputation.describe_months(found, today)
    facts = {"page": report.describe(board, waiting, months)}
    return _render("employer/report.html", board, facts, today=today)


@employer.route("/e/<slug>/habits", endpoint="habits")
@member(Role.VIEWER)
def show_habits(found: Employer) -> str:
    """How fast, how and whether candidates are told, and what they say of it."""
    board = reputation.dashboard(found)
    return _render("employer/habits.html", board, _habits(board))


def _habits(board: Dashboard) -> dict[str, Any]:
    found = board.employer
    waiting = hiring.count_waiting(found, closure.local_day(found, utcnow()))
    with_people = g.membership.role.includes(Role.RECRUITER)
    return {"page": habits.habits_page(board, waiting, with_people=with_people)}


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
    return _render("employer/levers.html", board, levers.levers_page(board))


def _render(template: str, board: Dashboard, facts: dict[str, Any], **more: Any) -> str:
    return render_template(template, board=board, **_placed(board.employer, facts), **more)


def _placed(found: Employer, facts: dict[str, Any]) -> dict[str, Any]:
    """FACTS of a page of FOUND; charts can be taken away as files, as the address chooses them."""
    chosen: dict[str, Any] = {**periods.choices_in(request.args)}
    return pictures.placed(
        facts,
        found.slug,
        lambda name: url_for("employer.chart", slug=found.slug, name=name, **chosen),
    )


@employer.route("/e/<slug>/charts/<name>.svg")
@member(Role.VIEWER)
def chart(found: Employer, name: str) -> Response:
    """A chart of the overview, the habits or the levers, to take away."""
    board = reputation.dashboard(found, with_others=True)
    pages = (_overview, _habits, levers.levers_page)
    return pictures.send((page(board) for page in pages), name, board, found.timezone)


@employer.route("/e/<slug>/comments")
@member(Role.VIEWER)
def comments(found: Employer) -> str:
    """What candidates wrote and let the employer read, and what the software reads in it."""
    asked = commented.Asked.from_query(request.args)
    facts = _placed(found, {"listed": commented.list_comments(found, asked)})
    return render_template("employer/comments.html", **facts)


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
