"""Coming back in, in a real browser: by keys alone, in both languages, by mail that was sent."""

import re
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe
from passlib.totp import TOTP
from playwright.sync_api import Page

from portal import jobs
from portal.extensions import db
from portal.models import Locale, utcnow
from tests.support.browsing import AXE, follow
from tests.support.factory import PASSWORD
from tests.web.test_employer_browser import OVERFLOWING

NEW = "four quiet words here"
SAID = {
    "en": {
        "forgotten": "Forgotten password?",
        "asked": "Look into your mail",
        "choose": "Choose a new password",
        "changed": "Your password is changed, and you are signed out everywhere. Sign in.",
        "account": "Your account",
        "keep": "Keep these recovery codes",
        "code": "Enter your code",
        "out": "You are signed out.",
    },
    "fr": {
        "forgotten": "Mot de passe oublié\u00a0?",
        "asked": "Consultez votre messagerie",
        "choose": "Choisir un nouveau mot de passe",
        "changed": "Votre mot de passe est changé, et vous êtes déconnecté·e partout.",
        "account": "Votre compte",
        "keep": "Conservez ces codes de secours",
        "code": "Saisissez votre code",
        "out": "Vous êtes déconnecté·e.",
    },
}


@contextmanager
def browsing(chromium, site, **options):
    db.session.rollback()
    context = chromium.new_context(base_url=site, **options)
    page = context.new_page()
    requested: list[str] = []
    page.on("request", lambda sent: requested.append(sent.url))
    yield page
    context.close()
    assert [url for url in requested if not url.startswith((site, "data:"))] == []


def look(page: Page) -> None:
    found = Axe().run(page, options=AXE).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []
    assert page.evaluate(OVERFLOWING) == []


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the control of SELECTOR has the focus, as who uses no mouse."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
    raise AssertionError(f"{selector} cannot be reached by keys")


def type_into(page: Page, selector: str, text: str) -> None:
    tab_to(page, selector)
    page.keyboard.type(text)


def enter(page: Page) -> None:
    with page.expect_navigation(wait_until="load"):
        page.keyboard.press("Enter")


def mailed_link(smtp) -> str:
    db.session.rollback()
    jobs.mail_links(utcnow())
    jobs.deliver()
    text = list(smtp)[-1].get_body(("plain",)).get_content()
    return re.search(r"(/password/[a-z2-7]{48})", text)[1]


@pytest.mark.long
@pytest.mark.parametrize("spoken", ["en", "fr"])
def test_by_keys_from_a_forgotten_password_to_a_second_step(
    app, cast, chromium, site, smtp, spoken
):
    said = SAID[spoken]
    cast.ada.locale = Locale(spoken)
    db.session.commit()
    view = {"viewport": {"width": 320, "height": 700}, "locale": spoken}
    with browsing(chromium, site, **view) as page:
        page.goto("/sign-in")
        tab_to(page, "a[href='/password']")
        assert page.evaluate("document.activeElement.textContent") == said["forgotten"]
        enter(page)
        type_into(page, "#email", "nobody@")
        enter(page)
        assert page.evaluate("document.activeElement.dataset.errorSummary") is not None
        assert page.input_value("#email") == "nobody@"
        look(page)
        page.fill("#email", "")
        type_into(page, "#email", "ada@example.com")
        enter(page)
        assert page.inner_text("h1") == said["asked"]
        look(page)
        page.goto(mailed_link(smtp))
        assert page.inner_text("h1") == said["choose"]
        look(page)
        type_into(page, "#new_password", NEW)
        enter(page)
        assert said["changed"] in page.inner_text(".notice")
        type_into(page, "#email", "ada@example.com")
        type_into(page, "#password", NEW)
        enter(page)
        set_up_by_keys(page, said)
        step_in_by_keys(page, said)


def set_up_by_keys(page: Page, said: dict) -> None:
    page.goto("/account")
    assert page.inner_text("h1") == said["account"]
    look(page)
    tab_to(page, "a[href='/account/second-factor']")
    enter(page)
    look(page)
    page.app = TOTP(key=page.inner_text("code.copyable"))
    type_into(page, "#code", page.app.generate(utcnow()).token)
    type_into(page, "#present", NEW)
    enter(page)
    assert page.inner_text("h1") == said["keep"]
    look(page)
    page.recovery = page.locator(".codes code").all_inner_texts()
    tab_to(page, ".account-menu summary")
    page.keyboard.press("Enter")
    tab_to(page, ".account-menu button")
    enter(page)
    assert said["out"] in page.inner_text(".notice")


def step_in_by_keys(page: Page, said: dict) -> None:
    type_into(page, "#email", "ada@example.com")
    type_into(page, "#password", NEW)
    enter(page)
    assert page.inner_text("h1") == said["code"]
    type_into(page, "#code", "000")
    enter(page)
    assert page.evaluate("document.activeElement.dataset.errorSummary") is not None
    look(page)
    page.fill("#code", "")
    type_into(page, "#code", page.recovery[0])
    enter(page)
    assert page.locator(".account-menu").count() == 1


def test_without_javascript_the_account_works_as_well(app, cast, chromium, site):
    with browsing(chromium, site, java_script_enabled=False) as page:
        page.goto("/sign-in?next=/account")
        page.fill("#email", "ada@example.com")
        page.fill("#password", PASSWORD)
        follow(page, "main button")
        page.goto("/account/password")
        page.fill("#present", PASSWORD)
        page.fill("#new_password", NEW)
        follow(page, "main form button")
        assert "Your password is changed." in page.inner_text(".notice")
        page.click("label[for='locale-1']")
        follow(page, "text=Save the language")
        assert page.inner_text("h1") == "Votre compte"
