"""Which language a page speaks: the one its reader chose, else the one the browser asks for."""

from itertools import islice

from flask import (
    Flask,
    Response,
    current_app,
    request,
    request_started,
    request_tearing_down,
)
from werkzeug.exceptions import RequestEntityTooLarge

from portal import language
from portal.language import LANGUAGES
from portal.models import User

# Looked at of what a browser asks for; browsers ask for a handful, and each takes us time.
MOST_ASKED = 20
# Pages whose words are not all in the catalogue yet. They are English throughout, for a page in
# two languages is worse than one in the wrong language; the list may only grow shorter.
ENGLISH_ONLY = frozenset(
    (
        "public.method",
        "employer.feedback",
        "mailbox.index",
        "mailbox.message",
    )
)


def init_app(app: Flask) -> None:
    """Begin every request in its reader's language; give the templates of APP the catalogue."""
    request_started.connect(_begin, app)
    request_tearing_down.connect(_end, app)
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        language.translated, language.translated_plural, newstyle=True
    )
    app.context_processor(lambda: {"page_lang": language.code()})


def _begin(_app: Flask, **_: object) -> None:
    set_language(chosen() or from_browser() or "en")


def _end(_app: Flask, **_: object) -> None:
    """Leave nobody's language behind in a thread that goes on to others."""
    language.choose("en")


def chosen() -> str | None:
    """What the reader chose on a page: by its address, its form or its button."""
    try:
        asked = request.form.get("switch") if request.method == "POST" else None
        asked = asked or request.values.get("lang")
    except RequestEntityTooLarge:
        asked = request.args.get("lang")  # the page that refuses the form is made too
    return asked if asked in LANGUAGES else None


def from_browser() -> str | None:
    """What the browser asks for first of all that we speak, with its region if it names one."""
    for tag in islice(request.accept_languages.values(), MOST_ASKED):
        if tag == language.PSEUDO and current_app.testing:
            return tag
        if found := language.find_locale(tag):
            return str(found).replace("_", "-")
    return None


def set_language(tag: str, *, is_translated: bool = False) -> None:
    """Make the page in TAG, with the region's dates and numbers if the browser names one.

    IS_TRANSLATED: whatever the list says of the page asked for, another stands in for it.
    """
    if request.endpoint in ENGLISH_ONLY and not is_translated:
        tag = "en"
    own = from_browser() or ""
    language.choose(own if own.startswith(tag) else tag)


def set_language_of(user: User, *, is_translated: bool = False) -> None:
    """Make the page in the language that USER chose for good, else in the browser's."""
    set_language(user.locale or chosen() or from_browser() or "en", is_translated=is_translated)


def vary(response: Response) -> Response:
    """Tell caches that the page may differ with what the browser asks for."""
    response.vary.add("Accept-Language")
    return response
