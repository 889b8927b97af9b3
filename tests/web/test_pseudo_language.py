"""Pages in a language that marks what was looked up: what is left over nobody translates."""

import re
from typing import Any

import pytest
from babel.dates import get_month_names
from bs4 import BeautifulSoup

from portal import language
from portal.extensions import db
from portal.language import CLOSES, OPENS, PSEUDO
from portal.web.languages import ENGLISH_ONLY
from tests.support.answers import give_answers, release
from tests.support.factory import WRONG
from tests.support.forms import filled
from tests.web.candidates import LEAST, invited
from tests.web.test_matrix import import_ids, routes, team_ids, token_of

MARKED = re.compile(f"{OPENS}[^{OPENS}{CLOSES}]*{CLOSES}")
WORD = re.compile(r"[^\W\d_]{2,}")
# Names, what people wrote, days, addresses, what only machines read; and the survey's own wording,
# which its version keeps in each language.
NOT_OURS = (
    "script, style, bdi, time, code, .code, .wordmark, #survey legend, #survey .question > label, "
    "#survey .hint, #survey .answer:not(.clear), #survey [aria-hidden], #survey .stars, "
    "[lang]:not(html), a[href^=mailto], option[value*='/'], "
    ":is(#owner, #role, #department) option:not([value=''])"
)

MONTHS = {name for width in ("wide", "abbreviated") for name in get_month_names(width).values()}
NAMES = MONTHS | {"Heardback", "NPS", "Acme", "Globex", "acme", "globex", "invalid"}
NAMES |= {"Cam", "Engineer"}  # in titles of pages, where nothing can mark them
SPOKEN = ("aria-label", "alt", "placeholder")
# They speak the language in their address; what they show is read as pages of their own.
PREVIEWS = {f"settings.{name}" for name in ("survey", "page", "closed", "invitation_html")}
OF_THE_DEMO = {"mailbox.index", "mailbox.message"}
FORMS = ("/sign-in", "/password")
HEADERS = {"Accept-Language": PSEUDO}


def left_over(text: str) -> list[str]:
    """The pieces of TEXT, a line each, with a word that no catalogue has seen."""
    before = ""
    while text != before:  # a marked text may hold others
        before, text = text, MARKED.sub(" ", text)
    pieces = (" ".join(piece.split()) for piece in text.split("\n"))
    return [piece for piece in pieces if set(WORD.findall(piece)) - NAMES]


def unmarked(html: str) -> list[str]:
    """Every text of a page, shown or spoken, with a word that was not looked up."""
    page = BeautifulSoup(html, "html.parser")
    for tag in page.select(NOT_OURS):
        tag.decompose()
    spoken = [str(tag[name]) for name in SPOKEN for tag in page.select(f"[{name}]")]
    return left_over("\n".join([*page.html.stripped_strings, *spoken]))


def test_the_sieve_finds_what_was_not_looked_up():
    assert unmarked("<html><p>⟦Above <b>⟦peers⟧</b> (3.0)⟧ <bdi>Ada</bdi></p>") == []
    assert unmarked("<html><p>⟦Sent⟧ today</p><p aria-label='Menu'>") == [
        "today",
        "Menu",
    ]


@pytest.fixture
def ids(make, cast, once):
    def build() -> dict[str, Any]:
        give_answers(make, cast.acme, 22)
        release(cast.acme)
        cast.globex.is_published = False
        application, token = invited(make, cast.acme)
        db.session.commit()
        ids = {"application_id": application.id, "email_id": 1, "employer_id": cast.acme.id}
        with language.use(PSEUDO):  # what was found in a file is kept in its reader's language
            ids |= import_ids(cast.acme)
        ids |= {"token": token, "user_id": cast.ada.id, "role_id": application.requisition_id}
        return ids | team_ids(cast)

    return once(build)


def test_only_pages_that_exist_are_left_in_english(app):
    assert not ENGLISH_ONLY - set(app.view_functions) - OF_THE_DEMO


@pytest.mark.parametrize("person", ["ada", "otto", None])
def test_every_word_of_every_page_can_be_translated(app, cast, browse, ids, person):
    client = browse(getattr(cast, person) if person else None).client
    seen, wrong = set(), {}
    for endpoint, method, path, _ in routes(app, ids):
        if method != "GET" or endpoint in ENGLISH_ONLY | PREVIEWS:
            continue
        with client.get(path, headers=HEADERS) as response:
            if response.mimetype == "text/html" and not response.location:
                seen.add(endpoint)
                if found := unmarked(response.text):
                    wrong[path] = found
    assert wrong == {}
    assert len(seen) > 10


@pytest.mark.parametrize(
    ("path", "data"),
    [("/employers?q=zzz", None), ("/employers/globex", None), ("/no/where", None),
     ("/s/nothing", None), ("/sign-in", {"email": "nobody", "password": WRONG}),
     ("/password", {"email": "nobody"}), ("/password/x", None), ("/s/{token}", {}),
     ("/s/{token}", LEAST)],
)  # fmt: skip
def test_every_word_of_every_mistake_can_be_translated(browse, ids, path, data):
    browser, path = browse(), path.format(**ids)
    if data is None:
        answer = browser.client.get(path, headers=HEADERS)
    else:
        sent = filled(path, data)
        if path in FORMS:
            sent["csrf_token"] = token_of(browser)
        answer = browser.client.post(path, data=sent, headers=HEADERS, follow_redirects=True)
    assert unmarked(answer.text) == []
