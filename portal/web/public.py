"""Pages open to everybody: what Heardback is, employers and their figures, the method.

Nobody signs in here: these pages neither read nor set a cookie, so that anybody may cache them.
Their language stands in their address, and goes along from page to page.
"""

from datetime import UTC, timedelta
from typing import Any

from flask import Blueprint, Response, abort, g, jsonify, render_template, request, url_for
from sqlalchemy import exc

from portal import exports, figures, formatting, language, outbox, reputation, schema
from portal.config import Config, settings
from portal.extensions import db
from portal.language import LANGUAGES, gettext
from portal.models import Employer, utcnow
from portal.privacy import ERASED_WITHIN_DAYS
from portal.reputation import Dashboard, Listing
from portal.scorecard import Reputation
from portal.statistics.survival import GHOST_LINE
from portal.web import pictures, public_figures, public_method
from portal.web.access import anyone
from portal.web.errors import forget_session
from portal.web.languages import chosen, from_browser, vary

FRESH_SECONDS = 60
MAX_SEARCH = 100
MAX_PAGE = 100_000
SHOWN_ON_HOME = 5
SHOWN_COMMENTS = 30
LEAST_MONTHS = 6  # whoever was asked stays known for 180 days, however short the setting
CLOSED_TO_ROBOTS = (
    *("/e/", "/s/", "/u/", "/d/", "/status/", "/invitation/"),
    *("/sign-in", "/operator", "/mailbox", "/health"),
)
SECURITY_TXT_LASTS = timedelta(days=180)

blueprint = Blueprint("public", __name__)


@blueprint.url_value_preprocessor
def forget_who_reads(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """One page for every visitor.

    Runs here because the sign-in extension looks up the user before any `before_request` of ours.
    """
    forget_session()


@blueprint.app_url_defaults
def keep_language(endpoint: str, values: dict[str, Any]) -> None:
    """Who chose a language, or comes from a candidate's page, keeps it from page to page."""
    if endpoint.startswith("public.") and (asked := g.get("chosen_language") or chosen()):
        values.setdefault("lang", asked)


@blueprint.context_processor
def languages() -> dict[str, Any]:
    """The page's own language, and its address in each."""
    here: dict[str, Any] = {}
    if search := _search_words():
        here["q"] = search
    if number := request.args.get("page", type=int):
        here["page"] = min(number, MAX_PAGE)
    here |= request.view_args or {}

    return {
        "base_url": settings().BASE_URL,
        "chosen_language": chosen(),
        "languages": [
            {"code": lang, "label": label, "url": url_for(str(request.endpoint), **here, lang=lang)}
            for lang, label in LANGUAGES.items()
        ],
    }


@blueprint.after_request
def let_it_be_cached(response: Response) -> Response:
    """A short life in caches, and no second copy of what the reader has already."""
    vary(response)
    if response.status_code != 200 or "Cache-Control" in response.headers:
        return response
    response.cache_control.public = True
    response.cache_control.max_age = FRESH_SECONDS
    response.add_etag()
    response.make_conditional(request)
    return response


def _score_facts(found: Reputation | None) -> dict[str, Any] | None:
    """The words of a score in a list, or None below the floor."""
    if found is None:
        return None
    score = found.score
    return {
        "star_row": figures.star_row(score.stars, is_named=False),
        "stars": formatting.stars(score.stars),
        "interval": formatting.stars_interval(score.low, score.high),
        "answers": found.answers,
        "is_early": found.label == "early",
    }


def _entries(listings: list[Listing]) -> list[dict[str, Any]]:
    return [
        {"employer": listing.employer, "score": _score_facts(listing.reputation)}
        for listing in listings
    ]


@blueprint.get("/")
@anyone
def home() -> str:
    """What Heardback is, in a few words for visitor, candidate and employer."""
    found = reputation.list_public()
    return render_template(
        "public/home.html",
        entries=_entries(found.listings[:SHOWN_ON_HOME]),
        total=found.total,
        article_share=GHOST_LINE,
        floor=settings().MIN_ANSWERS,
    )


def _search_words() -> str:
    """What is looked for, on one line and without what no name holds and databases refuse."""
    text = "".join(sign for sign in request.args.get("q", "") if sign.isprintable())
    return " ".join(text.split())[:MAX_SEARCH]


@blueprint.get("/employers")
@anyone
def directory() -> str:
    """Employers that publish, best first."""
    search = _search_words()
    number = request.args.get("page", 1, type=int)
    found = reputation.list_public(search, min(number, MAX_PAGE))
    return render_template(
        "public/directory.html",
        found=found,
        entries=_entries(found.listings),
        search=search,
        floor=settings().MIN_ANSWERS,
    )


def _find(slug: str) -> tuple[Employer, Dashboard | None]:
    # A slug has letters, digits and dashes; databases refuse some of what else can be typed.
    found = reputation.find_public(slug) if slug.replace("-", "").isalnum() else None
    return found or abort(404)


@blueprint.get("/employers/<slug>")
@anyone
def employer(slug: str) -> str:
    """One employer's published figures, or that it does not publish any."""
    employer, board = _find(slug)
    if board is None:
        return render_template("public/not_publishing.html", employer=employer)
    facts = pictures.placed(
        published(employer, board), slug, lambda name: url_for("public.chart", slug=slug, name=name)
    )
    return render_template("public/employer.html", employer=employer, board=board, **facts)


def published(employer: Employer, board: Dashboard) -> dict[str, Any]:
    """BOARD's figures in words and charts; what may not be shown is None or empty."""
    facts: dict[str, Any] = {"score": None, "habits": [], "operator": _operator()}
    floor = board.floor
    if found := board.reputation:
        comments, comment_count = exports.public_comments(employer, SHOWN_COMMENTS)
        url = settings().BASE_URL + url_for("public.employer", slug=employer.slug, lang=None)
        facts |= {
            "score": figures.score(found, floor),
            "score_chart": figures.score_chart(found),
            "score_stars": figures.star_row(found.score.stars, is_named=False),
            "opinions": public_figures.opinion_stats(found, floor),
            "groups": figures.group_charts(found),
            "spread": figures.histogram(found.histogram, found.answers, settings().MIN_COMMENTS),
            "trend": figures.trend_chart(board.trend),
            "comments": [
                (comment.month, public_figures.as_lines(comment.text)) for comment in comments
            ],
            "comment_count": comment_count,
            "rating_data": public_figures.rating_data(employer.name, url, found),
        }
    habits, coverage = public_figures.habits_of(board), board.coverage
    if habits and coverage:
        facts |= {
            "habits": public_figures.habit_stats(habits, floor),
            "told": figures.told_chart(habits),
            "ghost": figures.ghost_chart(habits, floor),
            "channels": public_figures.ways_told(habits, floor),
            "coverage": figures.coverage_charts(coverage, floor),
            "beside_coverage": figures.beside_coverage(coverage, floor),
            "reasons": figures.reasons_not_asked(coverage, floor),
        }
    return facts


def _operator() -> str:
    """Who runs this site, as it stands within a sentence."""
    name = settings().OPERATOR_NAME
    return gettext("the operator of this site") if name == Config.OPERATOR_NAME else name


@blueprint.get("/employers/<slug>/charts/<name>.svg")
@anyone
def chart(slug: str, name: str) -> Response:
    """A chart of an employer's public page, to take away."""
    employer, board = _find(slug)
    if board is None:
        abort(404)
    return pictures.send([published(employer, board)], name, board, UTC)


@blueprint.get("/employers/<slug>/privacy")
@anyone
def privacy(slug: str) -> str:
    """What happens to the data of the people this employer asks."""
    employer, _ = _find(slug)
    operator = _operator()
    return render_template(
        "public/privacy.html",
        employer=employer,
        operator=operator[:1].upper() + operator[1:],
        operator_email=settings().OPERATOR_EMAIL,
        check_in_days=employer.check_in_after_days,
        keep_personal_months=max(settings().KEEP_PERSONAL_MONTHS, LEAST_MONTHS),
        keep_record_months=max(settings().KEEP_RECORD_MONTHS, LEAST_MONTHS),
        erased_within_days=ERASED_WITHIN_DAYS,
        **public_method.parameters(),
    )


@blueprint.get("/method")
@anyone
def method() -> str:
    """Every formula, with the parameters that are in force here. Written in English only."""
    wished = chosen() or from_browser() or "en"
    with language.use(wished):
        notice_lang = language.code()
        notice = gettext("This page exists in English only.") if notice_lang != "en" else ""
    return render_template(
        "public/method.html",
        **public_method.method_facts(),
        languages=(),
        notice=notice,
        notice_lang=notice_lang,
    )


@blueprint.get("/health")
@anyone
def health() -> tuple[Response, int]:
    """Whether the installation can do its work, for machines; says nothing that is secret.

    Mail that rests is `degraded` but 200: pages and answers work, and no balancer should take
    the web processes away for it. Without a database that can be written to it is 503.
    """
    try:
        mail, trouble = _mail_words(), schema.why_not_writable()
        database, status = trouble or "ok", 503 if trouble else 200
    except (exc.OperationalError, exc.TimeoutError):
        db.session.rollback()
        mail, database, status = "unknown", "unreachable", 503
    state = "ok" if (mail, database) == ("ok", "ok") else "degraded"
    response = jsonify(status=state, database=database, mail=mail)
    response.headers["Cache-Control"] = "no-store"
    return response, status


def _mail_words() -> str:
    condition = outbox.mail_condition(utcnow())
    if condition.paused_at:
        return "paused"
    if condition.delayed_until:
        return "delayed"
    return "ok" if condition.has_relay else "no relay"


@blueprint.get("/robots.txt")
@anyone
def robots() -> Response:
    """Public pages may be searched; nobody's own pages."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in CLOSED_TO_ROBOTS)]
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


@blueprint.get("/.well-known/security.txt")
@anyone
def security_txt() -> Response:
    """Where to report a hole (RFC 9116); there is none to name unless OPERATOR_EMAIL is set."""
    if not settings().OPERATOR_EMAIL:
        abort(404)
    lines = (
        f"Contact: mailto:{settings().OPERATOR_EMAIL}",
        f"Expires: {utcnow() + SECURITY_TXT_LASTS:%Y-%m-%dT00:00:00Z}",
        "Preferred-Languages: en, fr",
        f"Canonical: {settings().BASE_URL}/.well-known/security.txt",
    )
    return Response("\n".join(lines) + "\n", mimetype="text/plain")
