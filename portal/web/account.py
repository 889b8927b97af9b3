"""What signed-in pages have in common: whose page it is, and a form that survives a lost session.

Public and candidate pages get nothing from here: they know nobody.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

from flask import Flask, current_app, g, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.local import LocalProxy

from portal import accounts, audit, formatting, outbox
from portal.config import settings
from portal.extensions import db
from portal.language import gettext
from portal.models import Membership, Role, utcnow
from portal.web.access import NotOpen
from portal.web.languages import set_language_of

SIGNED_IN = (*(role.value for role in Role), "signed_in", "operator")
NOT_TYPED = (
    *("csrf_token", "password", "present", "new_password", "code"),
    *("seen", "looked_at", "step", "letter", "use"),
)
# What the browser itself says of where a form was sent from; no page can forge it.
OWN_SITE = "same-origin"

Pairs = list[tuple[str, str]]


def init_app(app: Flask) -> None:
    """Give the signed-in pages of APP what they share."""
    # Flask-WTF would also ask for a Referer on https, which our own Referrer-Policy withholds:
    # every form would be refused. The token and SameSite=Lax stand by themselves.
    app.config["WTF_CSRF_SSL_STRICT"] = False
    app.context_processor(_whose_page)
    app.register_error_handler(NotOpen, show_not_open)


def _access() -> str:
    view = current_app.view_functions.get(request.endpoint or "")
    return str(getattr(view, "access", ""))


def _whose_page() -> dict[str, Any]:
    """The employer, the reader's role, the menu; what needs the database only once it is shown."""
    if request.endpoint == "security.login":
        return {"operator_email": settings().OPERATOR_EMAIL}
    if _access() not in SIGNED_IN:
        return {}
    membership = g.get("membership")
    return {
        "employer": membership.employer if membership else None,
        "membership_role": membership.role.value if membership else None,
        "nav_items": _sections(membership) if membership else None,
        # Error pages may be all that is left when the database is away: they never ask.
        "account_items": _once(_menu),
        "switch_items": _once(_switch),
        "mail_notice": _once(_mail_notice),
    }


def _once(make: Callable[[], Any]) -> Any:
    """What MAKE returns, made when the page first looks at it, and only then."""
    return LocalProxy(cache(make))


def _sections(membership: Membership) -> list[dict[str, str]]:
    """The employer's pages that the reader's role opens."""
    slug = membership.employer.slug
    items = [
        ("overview", gettext("Reputation"), "employer.overview"),
        ("habits", gettext("Habits"), "employer.habits"),
        ("levers", gettext("Levers"), "employer.levers"),
        ("comments", gettext("Comments"), "employer.comments"),
    ]
    if membership.role.includes(Role.RECRUITER):
        items.append(("applications", gettext("Closure desk"), "recruiter.applications"))
    items.append(("feedback", gettext("Exports"), "employer.feedback"))
    if membership.role.includes(Role.OWNER):
        items.append(("team", gettext("Team"), "team.members"))
        items.append(("settings", gettext("Settings"), "settings.index"))
    return [
        {"key": key, "label": label, "url": url_for(endpoint, slug=slug)}
        for key, label, endpoint in items
    ]


def _menu() -> Pairs:
    """Where else the signed-in person may go."""
    items: Pairs = []
    if (user := audit.signed_in_user()) is None:
        return items
    employers, own = len(_memberships()), g.get("membership")
    if employers > 1 or (employers and own is None):
        label = gettext("Your employers") if employers > 1 else gettext("Your employer")
        items.append((label, url_for("employer.index")))
    items.append((gettext("Help"), url_for("employer.help")))
    if user.is_operator:
        items.append((gettext("Operate this site"), url_for("operator.mail")))
    items.append((gettext("Your account"), url_for("own_account.overview")))
    if own is not None:
        items.append((gettext("Leave this team"), url_for("team.leave", slug=own.employer.slug)))
    return items


def _memberships() -> list[Membership]:
    """Every membership of the signed-in person, read once for a page."""
    if "memberships" not in g:
        user = audit.signed_in_user()
        g.memberships = accounts.list_memberships(user) if user else []
    found: list[Membership] = g.memberships
    return found


def _switch() -> list[Membership]:
    """The employers to switch between; none where there is only one."""
    found = _memberships()
    return found if len(found) > 1 else []


def first_page(membership: Membership) -> str:
    """Where the day begins for who works for an employer in this role."""
    is_recruiter = membership.role is Role.RECRUITER
    first = "recruiter.applications" if is_recruiter else "employer.overview"
    return url_for(first, slug=membership.employer.slug)


def _mail_notice() -> str:
    """What to know of sending while it rests: mail cannot report that mail is broken."""
    if waiting := _employers_mail_waits():
        return waiting
    condition = outbox.mail_condition(utcnow())
    if condition.paused_at:
        since = formatting.moment(condition.paused_at, zone=_zone())
        return gettext(
            "Email is paused since %(since)s. Nothing is lost: what is to be sent waits, and the "
            "operator of this site starts it again.",
            since=since,
        )
    if condition.delayed_until:
        return gettext(
            "Email is delayed: the mail server does not answer just now. We keep trying."
        )
    if not condition.has_relay:
        return gettext("No mail server is set up: email is kept in files and reaches nobody.")
    return ""


def _employers_mail_waits() -> str:
    """Why the mail of the page's employer waits for the operator; empty if it does not."""
    employer = g.membership.employer if g.get("membership") else None
    if employer is None or not employer.is_mail_resting:
        return ""
    if employer.approved_at is None:
        return gettext(
            "No email to candidates leaves before the operator of this site has approved your "
            "account. What you write meanwhile waits, and leaves then."
        )
    return gettext(
        "The operator of this site has paused your email to candidates since %(since)s: "
        "“%(reason)s” Nothing is lost: what is to be sent waits.",
        since=formatting.moment(employer.mail_paused_at, zone=_zone()),
        reason=employer.mail_pause_reason,
    )


def _zone() -> str:
    membership = g.get("membership")
    return str(membership.employer.timezone) if membership else "UTC"


def show_not_open(_error: Exception) -> Any:
    """What is not open to who is signed in, or not any more; what was typed is kept.

    The same for an employer that is another's and for one that does not exist.
    """
    db.session.rollback()
    user, slug = audit.signed_in_user(), (request.view_args or {}).get("slug")
    g.membership = accounts.find_membership(user, slug) if user and slug else None
    if user:
        set_language_of(user, is_translated=True)
    g.pop("memberships", None)
    return render_template("account/not_open.html", typed=_typed()), 404


def show_form_again(error: CSRFError) -> Any:
    """The form once more with everything that was typed, or, signed out, the bare text of it.

    For blueprints whose every view that takes GET and POST checks its form, and with it the token,
    before it does anything: so it can be asked to show itself again.
    """
    try:
        return _form_again(error)
    except Exception as trouble:
        # What goes wrong in an error handler would not find its own: a 404 would become a 500.
        return current_app.handle_user_exception(trouble)


def _form_again(error: CSRFError) -> Any:
    shows_forms = request.url_rule is not None and "GET" in (request.url_rule.methods or ())
    if (user := audit.signed_in_user()) is None:
        back_to = request.path if shows_forms else url_for("employer.index")
        page = render_template("account/signed_out.html", typed=_typed(), back_to=back_to)
        return page, error.code
    set_language_of(user)
    if shows_forms:
        view = current_app.view_functions[str(request.endpoint)]
        answer: Any = view(**(request.view_args or {}))
        shown = current_app.make_response(answer)
        shown.status_code = error.code
        return shown
    return current_app.error_handler_spec[None][error.code][CSRFError](error)


def _typed() -> list[tuple[str, str]]:
    """What stood in the form, so that none of it is lost; only if it came from a page of ours."""
    if request.headers.get("Sec-Fetch-Site") != OWN_SITE:
        return []
    return [
        (name.replace("_", " "), text)
        for name, text in request.form.items()
        if name not in NOT_TYPED and text.strip()
    ]
