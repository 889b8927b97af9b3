"""The team by keyboard, in two languages: invited, joined, made a viewer, taken off the team."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage

import pytest
from playwright.sync_api import Browser, Page

from portal import accounts, jobs, team
from portal.extensions import db
from portal.models import Locale, Role, utcnow
from tests.mail.test_look import MEASURE
from tests.support.factory import CHOSEN
from tests.web.test_employer_browser import at_work, look

LANGUAGES = ["en-GB", "fr-FR"]
WORDS = {
    "en-GB": {
        "role": "Recruiter",
        "join": "Join the team",
        "closed": "This page is not open to you",
        "gone": "no longer, on that team",
        "stays": "What they recorded stays.",
        "switch": "Your employers",
    },
    "fr-FR": {
        "role": "Recrutement",
        "join": "Rejoindre l’équipe",
        "closed": "Vous n’avez pas accès à cette page",
        "gone": "(ou plus) partie de cette équipe",
        "stays": "Ce que cette personne a enregistré",
        "switch": "Vos employeurs",
    },
}


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until what SELECTOR names has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("(one) => document.activeElement.matches(one)", selector):
            return
    raise AssertionError(f"no way to {selector} by keyboard")


def press(page: Page, key: str = "Enter") -> None:
    """Press KEY, which leads to another page."""
    with page.expect_navigation(wait_until="load"):
        page.keyboard.press(key)


@contextmanager
def visiting(chromium: Browser, site: str, locale: str) -> Iterator[Page]:
    context = chromium.new_context(base_url=site, locale=locale)
    yield context.new_page()
    context.close()


def link_in(mail: EmailMessage, site: str) -> str:
    """The mail's link, at the address at which the site runs in this test."""
    text = mail.get_body(("plain",)).get_content()
    return site + re.search(r"/invitation/\S+", text)[0]


@pytest.mark.long
@pytest.mark.parametrize("locale", LANGUAGES)
def test_a_colleague_comes_works_reads_and_goes_by_keyboard(chromium, site, cast, smtp, locale):
    said = WORDS[locale]
    cast.acme.locale = Locale(locale[:2])
    db.session.commit()
    with (
        at_work(chromium, site, "ada", locale=locale) as ada,
        visiting(chromium, site, locale) as dana,
    ):
        ada.goto("/e/acme/")
        tab_to(ada, ".section-nav a[href='/e/acme/team']")
        press(ada)
        tab_to(ada, "#email")
        ada.keyboard.type("dana@example.com")
        tab_to(ada, "input[name=role]")
        ada.keyboard.press("ArrowDown")
        press(ada)
        assert "dana@example.com" in ada.locator(".notice[role=status]").inner_text()
        db.session.rollback()
        jobs.deliver()
        (mail,) = smtp
        db.session.rollback()

        dana.goto(link_in(mail, site))
        look(dana)
        assert said["role"] in dana.locator("main").inner_text()
        tab_to(dana, "#new_password")
        dana.keyboard.type(CHOSEN)
        press(dana)
        assert dana.url.endswith("/e/acme/applications")

        ada.goto("/e/acme/team")
        member = accounts.find_membership(accounts.find_user("dana@example.com"), "acme").id
        db.session.rollback()
        tab_to(ada, f"a[href='/e/acme/team/{member}']")
        press(ada)
        look(ada)
        tab_to(ada, "input[name=role]:checked")
        ada.keyboard.press("ArrowUp")
        press(ada)
        dana.reload()
        look(dana)
        assert dana.locator("h1").inner_text() == said["closed"]
        dana.goto("/e/acme/feedback")
        assert dana.locator("a[download]").count() == 6

        ada.goto(f"/e/acme/team/{member}")
        tab_to(ada, f"a[href='/e/acme/team/{member}/remove']")
        press(ada)
        look(ada)
        assert said["stays"] in ada.locator("main").inner_text()
        tab_to(ada, "main button")
        press(ada)
        assert ada.locator(f"a[href='/e/acme/team/{member}']").count() == 0
        tab_to(dana, ".section-nav a[href='/e/acme/habits']")
        press(dana)
        look(dana)
        assert dana.locator("h1").inner_text() == said["closed"]
        assert said["gone"] in dana.locator("main").inner_text()


@pytest.mark.long
@pytest.mark.parametrize("locale", LANGUAGES)
@pytest.mark.parametrize("javascript", [True, False])
def test_who_works_for_many_switches_by_keyboard(chromium, site, cast, make, locale, javascript):
    for number in range(29):
        name = ["x" * 200, "محمد بن سلمان العبدالله", f"Employer {number}"][number % 3]
        accounts.add_membership(cast.vera, make.employer(f"e{number}", name=name), Role.VIEWER)
    db.session.commit()
    options = {
        "locale": locale,
        "java_script_enabled": javascript,
        "viewport": {"width": 320, "height": 640},
    }
    with at_work(chromium, site, "vera", **options) as page:
        page.goto("/e/acme/leave")
        tab_to(page, ".tenant-menu > summary")
        page.keyboard.press("Enter")
        menu = page.locator(".tenant-menu__panel")
        assert menu.is_visible()
        assert menu.get_attribute("aria-label") == WORDS[locale]["switch"]
        assert menu.locator("[aria-current]").inner_text().startswith("Acme")
        if javascript:
            look(page)
        tab_to(page, ".tenant-menu a[href='/e/e1/']")
        press(page)
        assert page.locator(".tenant__name").first.inner_text() == "محمد بن سلمان العبدالله"


@pytest.mark.long
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_of_a_team_is_accessible_and_fits(chromium, site, cast, width, scheme):
    view = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    vera, ada = (accounts.find_membership(one, "acme").id for one in (cast.vera, cast.ada))
    db.session.commit()
    with at_work(chromium, site, "ada", locale="fr-FR", **view) as page:
        page.goto("/e/acme/team")
        page.fill("#email", "nobody")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        look(page)
        assert page.evaluate("document.activeElement.matches('[data-error-summary]')")
        page.fill("#email", f"{'long' * 15}@{'domain' * 8}.example.com")
        with page.expect_navigation():
            page.keyboard.press("Enter")
        for path in ("team", f"team/{vera}", f"team/{vera}/remove", f"team/{ada}", "leave"):
            look(page, f"/e/acme/{path}")


@pytest.mark.long
@pytest.mark.parametrize("locale", list(Locale))
def test_the_mail_can_be_read_and_touched_everywhere(chromium, cast, smtp, locale):
    cast.acme.locale, cast.acme.name = locale, "Maple, Finch and Sons Consulting Engineers"
    team.invite(cast.acme, cast.ada, "dana@example.com", Role.RECRUITER, utcnow())
    db.session.commit()
    jobs.deliver()
    (mail,) = smtp
    for scheme in ("light", "dark"):
        for width in (320, 900):
            page = chromium.new_page(viewport={"width": width, "height": 800}, color_scheme=scheme)
            page.set_content(mail.get_body(("html",)).get_content())
            overflow, height, link_width = page.evaluate(MEASURE)
            assert overflow <= 0
            assert min(height, link_width) >= 44
            page.close()
