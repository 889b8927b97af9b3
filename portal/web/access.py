"""Who may open a route. Every view declares it with one of these; test_rules checks that."""

import functools
from collections.abc import Callable
from typing import Any, TypeVar

from flask import abort, g, redirect, request, url_for
from werkzeug.exceptions import NotFound

from portal import accounts, audit
from portal.extensions import db
from portal.models import Role, User
from portal.web.languages import set_language_of

View = TypeVar("View", bound=Callable[..., Any])


class NotOpen(NotFound):
    """Not to who is signed in, whether or not there is such a page: for all alike, a 404."""


def anyone(view: View) -> View:
    """Open to visitors."""
    view.access = "anyone"  # type: ignore[attr-defined]
    return view


def link_holder(view: View) -> View:
    """Open to whoever holds the link; the token in the address is the authority."""
    view.access = "link_holder"  # type: ignore[attr-defined]
    return view


def _to_sign_in() -> Any:
    return redirect(url_for("security.login", next=request.full_path.rstrip("?")))


def _who() -> User | None:
    """Who is signed in; the page speaks their language from now on."""
    user = audit.signed_in_user()
    if user is not None:
        set_language_of(user)
    return user


def signed_in(view: View) -> View:
    """Open to whoever has signed in."""

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if _who() is None:
            return _to_sign_in()
        return view(*args, **kwargs)

    guarded.access = "signed_in"  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]


def member(role: Role) -> Callable[[View], View]:
    """Open to members of the employer in the path whose role includes ROLE; others get 404.

    The view is called with `employer` in place of `slug`.
    """

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def guarded(slug: str, **kwargs: Any) -> Any:
            if (user := _who()) is None:
                return _to_sign_in()
            # All of them, which the page's menu shows too: one statement.
            g.memberships = accounts.list_memberships(user)
            membership = next((one for one in g.memberships if one.employer.slug == slug), None)
            if membership is None or not membership.role.includes(role):
                _note_refusal(slug)
                raise NotOpen
            g.membership = membership
            return view(membership.employer, **kwargs)

        guarded.access = role.value  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return decorate


def operator(view: View) -> View:
    """Open to the installation's operators; others get 404."""

    @functools.wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        if (user := _who()) is None:
            return _to_sign_in()
        if not user.is_operator:
            _note_refusal(request.path)
            abort(404)
        return view(*args, **kwargs)

    guarded.access = "operator"  # type: ignore[attr-defined]
    return guarded  # type: ignore[return-value]


def _note_refusal(where: str) -> None:
    """Audit the attempt; a refused GET is read-only and leaves no row."""
    if request.method == "POST":
        audit.record("access.refused", None, None, where=where[:100])
        db.session.commit()
