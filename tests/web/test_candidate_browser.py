"""The candidate pages in a real browser: by keys alone, without JavaScript, by axe, by scanners."""

import itertools
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from portal import links
from portal.extensions import db
from portal.models import Locale, Suppression
from tests.support.browsing import AXE, follow
from tests.web.candidates import (
    FULL,
    LEAST,
    Visitor,
    age,
    break_seal,
    forget,
    invited,
    release,
    stored,
    whole_database,
)

HOSTILE = '<script>alert(1)</script>"><svg onload=alert(2)>\u202etxt\u202c 😀' + "w" * 5000
# The other looks are run with --long.
LOOKS = list(itertools.product((320, 1280), ("light", "dark"), ("en", "fr")))


@contextmanager
def visit(chromium: Browser, site: str, **options) -> Iterator[Page]:
    """A page of a fresh browser that notes whatever must not happen."""
    db.session.rollback()
    context = chromium.new_context(base_url=site, **options)
    page = context.new_page()
    troubles: list[str] = []
    page.on("dialog", lambda dialog: (troubles.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("console", lambda message: troubles.append(message.text) if is_ours(message) else None)
    page.on(
        "request",
        lambda request: None if request.url.startswith(site) else troubles.append(request.url),
    )
    yield page
    assert context.cookies() == []
    context.close()
    assert troubles == []


def is_ours(message) -> bool:
    """Whether a console message is more than the browser noting a status code of 4xx."""
    return message.type in ("error", "warning") and "the server responded with" not in message.text


def choose(page: Page, name: str, value: str) -> None:
    """Tap an answer where a thumb would: on what is seen of it."""
    page.click(f".answer:has(> [name={name}][value='{value}']) > label")
    assert page.is_checked(f"[name={name}][value='{value}']")


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until SELECTOR has the focus, as somebody without a mouse would."""
    for _ in range(60):
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Tab")
    pytest.fail(f"cannot be reached by keyboard: {selector}")


def test_whole_survey_by_keyboard(chromium, site, make, acme):
    _, token = invited(make, acme)
    with visit(chromium, site) as page:
        page.goto(f"/s/{token}?s=4")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.className") == "skip-link"
        tab_to(page, ".chosen > summary")
        page.keyboard.press("Enter")
        page.wait_for_function("document.activeElement.matches('[name=overall]:checked')")
        page.keyboard.press("ArrowDown")
        tab_to(page, "[name=recommend]")
        for _ in range(8):
            page.keyboard.press("ArrowRight")
        tab_to(page, "[name=told]")
        page.keyboard.press("ArrowDown")
        tab_to(page, "[name=heard_how]")
        page.keyboard.press("Space")
        tab_to(page, "[name=feedback]")
        page.keyboard.press("ArrowDown")
        tab_to(page, "[name=comment]")
        page.keyboard.type("Quick and kind.")
        tab_to(page, "[name=words]")
        page.keyboard.press("ArrowDown")
        tab_to(page, "form button")
        page.keyboard.press("Enter")
        page.wait_for_url("**/thanks")
    (answer,) = stored()
    expected = {"recommend": 8, "overall": 5, "told": "not_chosen", "words": "employer"}
    expected |= {"comment": "Quick and kind."}
    assert {key: answer.answers[key] for key in expected} == expected
    assert {"heard_how", "feedback"} < answer.answers.keys()


def test_focus_goes_to_the_errors_and_from_there_to_the_field(chromium, site, make, acme):
    _, token = invited(make, acme)
    with visit(chromium, site) as page:
        page.goto(f"/s/{token}")
        follow(page, "text=Send my answers")
        assert page.evaluate("'errorSummary' in document.activeElement.dataset")
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "overall-0"
        assert page.title().startswith("Error: ")


def test_follow_ups_show_only_to_who_was_told(chromium, site, make, acme):
    _, token = invited(make, acme)
    with visit(chromium, site) as page:
        page.goto(f"/s/{token}")
        assert not page.is_visible("#heard_how")
        choose(page, "told", "offer")
        assert page.is_visible("#heard_how")
        assert page.is_visible("#feedback")
        choose(page, "told", "no")
        assert not page.is_visible("#feedback")


def test_survey_without_javascript(chromium, site, make, acme):
    _, token = invited(make, acme, Locale.FRENCH)
    with visit(chromium, site, java_script_enabled=False) as page:
        page.goto(f"/s/{token}")
        choose(page, "overall", "2")
        assert page.is_visible("text=Que peut-on faire de vos mots"), "it cannot wait for words"
        page.fill("[name=comment]", "Cinq semaines sans un mot.")
        follow(page, "form button")
        assert page.is_visible(".error-summary")
        assert page.input_value("[name=comment]") == "Cinq semaines sans un mot."
        choose(page, "recommend", "3")
        choose(page, "words", "counted")
        follow(page, "form button")
        assert page.inner_text("h1") == "Merci"
        page.reload()
        follow(page, "text=Modifier mes réponses")
        choose(page, "overall", "1")
        follow(page, "form button")
        follow(page, "text=Retirer mes réponses")
        assert [one.stars for one in stored()] == [1]
        follow(page, "form button")
        assert "effacées" in page.inner_text("h1")
        page.go_back()
        page.reload()
        page.goto(f"/s/{token}")
        assert page.is_visible("[name=recommend]")
    assert stored() == []


def test_back_button_after_answering_shows_what_was_answered(chromium, site, make, acme):
    _, token = invited(make, acme)
    with visit(chromium, site) as page:
        page.goto(f"/s/{token}")
        choose(page, "recommend", "10")
        choose(page, "overall", "5")
        page.dblclick("form button")
        page.wait_for_url("**/thanks**")
        page.go_back()
        assert page.inner_text("h1") == "Change your answers"
        assert page.is_checked("[name=recommend][value='10']")
        choose(page, "recommend", "9")
        follow(page, "form button")
        page.wait_for_url("**/thanks")
    assert [one.answers["recommend"] for one in stored()] == [9]


def prepared(app, make, acme) -> list[str]:
    """The addresses of every kind of candidate page."""
    cam = Visitor(app)
    (_, forgotten), (again, used) = invited(make, acme), invited(make, acme)
    missed = make.link(again)
    for token in (forgotten, used):
        cam.post(f"/s/{token}", FULL)
    release(make, acme)
    forget(acme)
    _, spent = invited(make, acme)
    for _ in range(4):
        cam.post(f"/s/{spent}", LEAST)
        cam.post(f"/s/{spent}/withdraw")
    _, unanswered = invited(make, acme)
    _, released = invited(make, acme)
    cam.post(f"/s/{released}", FULL)
    release(make, acme)
    twice, first = invited(make, acme)
    second = make.link(twice)
    cam.post(f"/s/{first}", FULL)
    _, gone = invited(make, acme)
    cam.post(f"/s/{gone}", FULL)
    cam.post(f"/s/{gone}/withdraw")
    old, expired = invited(make, acme)
    age(make, old, 15)
    asked, fresh = invited(make, acme)
    age(make, asked, 15)
    cam.post(f"/s/{fresh}/fresh")
    closed, late = invited(make, acme)
    cam.post(f"/s/{late}", FULL)
    age(make, closed, 15)
    _, sealed = invited(make, acme)
    cam.post(f"/s/{sealed}", LEAST)
    break_seal(sealed)
    here = "http://127.0.0.1:5000"
    on, off = (
        links.unsubscribe_url(acme.id, f"{name}@example.net").removeprefix(here)
        for name in ("cam", "kim")
    )
    cam.post(off, {"mail": "off"})
    return [
        f"/s/{unanswered}?s=3",
        f"/s/{first}",
        f"/s/{first}/thanks?again=1",
        f"/s/{first}/withdraw",
        f"/s/{released}",
        f"/s/{released}/withdraw",
        f"/s/{second}",
        f"/s/{gone}/withdraw",
        f"/s/{expired}",
        f"/s/{fresh}/fresh",
        f"/s/{late}",
        f"/s/{late}/withdraw",
        f"/s/{forgotten}",
        f"/s/{forgotten}/withdraw",
        f"/s/{missed}",
        f"/s/{missed}/withdraw?done=1",
        f"/s/{spent}",
        f"/s/{sealed}",
        "/s/unknown",
        on,
        off,
    ]


@pytest.mark.long
@pytest.mark.parametrize(("width", "scheme", "locale"), LOOKS)
def test_every_page_passes_axe_and_fits(chromium, site, app, make, acme, width, scheme, locale):
    paths = prepared(app, make, acme)
    viewport = {"width": width, "height": 700}
    with visit(chromium, site, viewport=viewport, color_scheme=scheme) as page:
        for path in paths:
            page.goto(path + ("&" if "?" in path else "?") + f"lang={locale}")
            look_at(page, path)
        page.goto(f"{paths[0]}&lang={locale}")
        page.fill("[name=comment]", HOSTILE)
        follow(page, "form button")
        look_at(page, "errors")


def look_at(page: Page, what: str) -> None:
    """Axe finds nothing, nothing is wider than the window, every target is large enough."""
    found = Axe().run(page, options=AXE)
    assert found.violations_count == 0, (what, found.generate_report())
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), what
    small = page.evaluate(
        """() => [...document.querySelectorAll(
              '.answer > label, .button, main summary, .languages *')]
            .filter(e => e.checkVisibility() && !e.closest('.clear')?.matches(':not(:focus-within)')
                && e.getBoundingClientRect().height < 44)
            .map(e => e.className + e.getBoundingClientRect().height)"""
    )
    assert small == [], what


@pytest.mark.long
def test_axe_is_awake(chromium, site, make, acme):
    _, token = invited(make, acme)
    with visit(chromium, site) as page:
        page.goto(f"/s/{token}")
        page.evaluate("document.querySelector('main form').append(document.createElement('input'))")
        assert Axe().run(page, options=AXE).violations_count == 1


@pytest.mark.parametrize("name", [HOSTILE[:200], "שלום עולם בע״מ", "W" * 200])
def test_hostile_text_stays_text_and_widens_nothing(chromium, site, make, name):
    _, token = invited(make, make.employer("odd", name=name))
    with visit(chromium, site, viewport={"width": 320, "height": 640}) as page:
        page.goto(f"/s/{token}")
        page.fill("[name=comment]", HOSTILE[:2000])
        choose(page, "words", "employer")
        choose(page, "recommend", "0")
        choose(page, "overall", "1")
        for _ in range(2):
            look_at(page, "form")
            assert page.locator("main script, main svg[onload]").count() == 0
            follow(page, "form button")
            look_at(page, "thanks")
            page.goto(f"/s/{token}")
            assert page.input_value("[name=comment]") == HOSTILE[:2000]


def test_text_spacing_and_zoom_lose_nothing(chromium, site, make, acme):
    _, token = invited(make, acme)
    with visit(chromium, site, viewport={"width": 320, "height": 256}) as page:
        page.goto(f"/s/{token}")
        page.evaluate(  # WCAG 1.4.12; a constructed sheet, which the policy cannot stop
            """() => { const sheet = new CSSStyleSheet();
            sheet.replaceSync(`* { line-height: 1.5 !important; letter-spacing: .12em !important;
              word-spacing: .16em !important } p { margin-bottom: 2em !important }`);
            document.adoptedStyleSheets = [sheet]; }"""
        )
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_mail_scanner_that_opens_everything_changes_nothing(chromium, site, app, make, acme):
    paths = prepared(app, make, acme)
    before = whole_database()
    with visit(chromium, site) as page:
        for path in paths:
            page.goto(path)
            page.wait_for_timeout(50)  # for a form that would submit itself
    assert whole_database() == before


def test_candidate_stops_and_allows_survey_mail(chromium, site, acme):
    path = links.unsubscribe_url(acme.id, "cam@example.net").removeprefix("http://127.0.0.1:5000")
    with visit(chromium, site, java_script_enabled=False) as page:
        page.goto(path)
        follow(page, "main form button")
        assert "no more survey emails" in page.inner_text("h1")
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Suppression)) == 1
        db.session.rollback()
        follow(page, "main form button")
        assert page.is_visible("[role=status]")
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Suppression)) == 0


def test_enter_sends_and_the_switch_keeps_what_is_there(chromium, site, make, acme):
    _, token = invited(make, acme)
    with visit(chromium, site) as page:
        page.goto(f"/s/{token}?s=4")
        choose(page, "recommend", "8")
        page.fill("[name=comment]", "Merci.")
        choose(page, "words", "public")
        follow(page, "text=Français")
        assert page.locator("html").get_attribute("lang") == "fr"
        assert page.input_value("[name=comment]") == "Merci."
        assert not stored()
        page.focus("[name=recommend][value='8']")
        page.keyboard.press("Enter")
        page.wait_for_url("**/thanks?lang=fr")
    assert stored()[0].words == "Merci."
