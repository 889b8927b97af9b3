"""Routes: read the request, call one function of the portal, answer. No SQL here."""

from flask import Flask, Response, g, request
from markupsafe import Markup
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import formatting, language
from portal.config import Config
from portal.language import gettext
from portal.web import (
    access,
    account,
    addresses,
    candidate,
    coming_back,
    compression,
    downloads,
    errors,
    joining,
    languages,
    limits,
    mailbox,
    operator,
    policy,
    public,
    sign_in,
    static,
    team,
)
from portal.web.employer import employer
from portal.web.form_limits import LimitedRequest
from portal.web.importing import importing
from portal.web.own_account import own_account
from portal.web.recruiter import recruiter
from portal.web.running import running
from portal.web.settings import settings_pages


def _zone_name() -> str:
    """The zone in which times are shown: the employer's on its own pages."""
    membership = g.get("membership")
    return membership.employer.timezone if membership else "UTC"


def _protect(response: Response) -> Response:
    """Headers every answer carries, errors included."""
    headers = response.headers
    headers.setdefault("Content-Security-Policy", policy.PAGE)
    headers.setdefault("X-Frame-Options", "DENY")  # as the policy says, for older browsers
    headers["X-Content-Type-Options"] = "nosniff"
    headers.setdefault("Referrer-Policy", "no-referrer")
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
    headers["Permissions-Policy"] = policy.NOTHING
    if request.is_secure:
        headers["Strict-Transport-Security"] = "max-age=31536000; includeSubDomains"
    if request.blueprint not in ("public", None):
        headers["Cache-Control"] = "no-store"
    return response


def _complete_redirect(response: Response) -> Response:
    """Werkzeug's own page has elements left open, and words in English only."""
    if response.location and response.mimetype == "text/html":
        response.set_data(
            Markup(
                '<!doctype html><html lang="{}"><head><meta charset="utf-8">'
                '<title>Heardback</title></head><body><h1><a href="{}">{}</a></h1></body></html>\n'
            ).format(language.code(), response.location, gettext("Next"))
        )
    return response


def init_app(app: Flask, config: Config) -> None:
    """Bind every page to APP."""
    compression.init_app(app)
    app.request_class = LimitedRequest
    app.wsgi_app = addresses.cleaned(app.wsgi_app)  # type: ignore[assignment,method-assign]
    if config.TRUSTED_PROXIES:
        hops = config.TRUSTED_PROXIES
        app.wsgi_app = ProxyFix(app.wsgi_app, hops, hops, 0, 0)  # type: ignore[method-assign]
    languages.init_app(app)
    sign_in.init_app(app, config)
    access.anyone(app.view_functions[static.ENDPOINT])
    static.init_app(app)
    app.register_blueprint(candidate.blueprint)
    app.register_blueprint(public.blueprint)
    app.register_blueprint(downloads.blueprint)
    app.register_blueprint(coming_back.blueprint)
    for signed_in in (
        employer,
        recruiter,
        importing,
        running,
        settings_pages,
        team.blueprint,
        joining.blueprint,
        operator.operator,
        own_account,
    ):
        app.register_blueprint(signed_in)
    errors.init_app(app)
    limits.init_app(app, config)
    account.init_app(app)
    app.jinja_env.filters.update(formatting.jinja_filters(_zone_name))
    app.context_processor(lambda: {"demo_mode": config.DEMO, "operator_name": config.OPERATOR_NAME})
    if config.DEMO:
        app.register_blueprint(mailbox.bp)
    app.after_request(_protect)
    app.after_request(_complete_redirect)
