"""What every page of the operator needs: the blueprint, how it answers, and a page that asks."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Any, TypeVar

from babel.support import LazyProxy
from flask import Blueprint, abort, flash, redirect, render_template, request
from flask_wtf.csrf import CSRFError
from markupsafe import Markup, escape
from werkzeug.local import LocalProxy
from werkzeug.wrappers import Response

from portal import operating
from portal.extensions import db
from portal.models import Employer
from portal.web.account import show_form_again
from portal.web.forms import ConfirmForm

operator = Blueprint("operator", __name__)
operator.register_error_handler(CSRFError, show_form_again)

# Ids of no table are larger, and SQLite's driver would choke on them.
LARGEST_ID = 2147483647
ID = f"int(max={LARGEST_ID})"
MAX_SEARCH = 200
Filter = TypeVar("Filter", bound=StrEnum)


@operator.context_processor
def _nav() -> dict[str, Any]:
    """How many employers wait for the operator, if the page shows it."""
    return {"unapproved": LocalProxy(cache(operating.count_unapproved))}


def fill(text: str, **names: str) -> Markup:
    """TEXT, already in the reader's language, with each of NAMES whatever way it is written."""
    isolated = {key: Markup("<bdi>{}</bdi>").format(name) for key, name in names.items()}
    return escape(text) % isolated


def back_to(address: str, sentence: str, kind: str = "success") -> Response:
    """To ADDRESS, saying what has just happened."""
    flash(sentence, kind)
    return redirect(address, 303)


def nothing_done(address: str, sentence: str) -> Response:
    """To ADDRESS, saying why nothing was changed; what a refused step began is undone."""
    db.session.rollback()
    return back_to(address, sentence, "info")


def check_button() -> None:
    """Go on only if the button of one of our own pages was pressed."""
    if not ConfirmForm().validate():
        abort(400)


def find_employer(employer_id: int) -> Employer:
    """The employer with that id, or 404."""
    return operating.find_employer(employer_id) or abort(404)


def list_facts(
    filters: Mapping[Filter, LazyProxy], find: Callable[[str, Filter, int], Any]
) -> dict[str, Any]:
    """What a list shows: the page that FIND has of what the address asks for.

    The first of FILTERS leaves everything in.
    """
    everything = next(iter(filters))
    show = next((one for one in filters if one == request.args.get("show")), everything)
    typed = "".join(sign for sign in request.args.get("q", "") if sign.isprintable())
    search = typed.strip()[:MAX_SEARCH]
    return {
        "page": find(search, show, request.args.get("page", 1, type=int)),
        "search": search,
        "show": show,
        "filters": filters,
        "is_narrowed": bool(search) or show is not everything,
    }


@dataclass(frozen=True)
class Question:
    """A page that says what a button does before it is pressed.

    `section` and `crumbs` (label, address) say where it stands; `points` what follows. Without a
    `button` there is nothing to press, and `lead` says why.
    """

    section: str
    crumbs: Sequence[tuple[str, str]]
    title: str
    lead: str
    points: Sequence[str]
    button: str
    back: str
    is_danger: bool = False


def ask(question: Question, form: Any = None) -> str:
    """The page of QUESTION, with the reason of FORM if one has to be typed."""
    page_has_errors = bool(form and form.errors)
    return render_template(
        "operator/question.html", question=question, form=form, page_has_errors=page_has_errors
    )
