"""The operator's pages in a real browser: by keyboard, in both languages, and how they fit."""

import itertools

import pytest
from playwright.sync_api import Page

from portal import hiring, jobs
from portal.extensions import db
from portal.letters import Text
from portal.models import utcnow
from tests.mail.conftest import relay  # noqa: F401
from tests.web.test_employer_browser import ARABIC, HOSTILE, at_work, look

# The other looks are run with --long.
WORDS = {
    "en-GB": ("Employers", "Approve…", "Approve", "Done: Newcomer is approved."),
    "fr-FR": ("Employeurs", "Approuver…", "Approuver", "Terminé: Newcomer est approuvé."),
}


def press(page: Page, name: str, role: str = "link") -> None:
    """Tab to the part of the page with that NAME, and press Enter."""
    target = page.locator("main, .section-nav").get_by_role(role, name=name, exact=True)
    for _ in range(60):
        page.keyboard.press("Tab")
        if target.evaluate("tag => tag === document.activeElement"):
            break
    else:
        raise AssertionError(f"{name} is not reached by keyboard")
    with page.expect_navigation(wait_until="load"):
        page.keyboard.press("Enter")


@pytest.mark.parametrize("language", WORDS)
def test_an_employer_is_approved_by_keyboard_and_its_first_mail_leaves(
    chromium,
    site,
    cast,
    make,
    relay,  # noqa: F811
    language,
):
    new = make.employer("newcomer", approved_at=None)
    application = make.decided(new)
    decision = hiring.standing_decision(application)
    hiring.tell_now(application, decision, Text("News", "Dear Cam"), utcnow())
    db.session.commit()
    jobs.deliver()
    assert relay.messages == []
    section, asks, does, done = WORDS[language]
    with at_work(chromium, site, "otto", locale=language) as page:
        page.goto("/operator")
        page.locator(".section-nav a").nth(1).focus()
        with page.expect_navigation(wait_until="load"):
            page.keyboard.press("Enter")
        assert page.locator("h1").inner_text() == section
        press(page, "Newcomer")
        press(page, asks)
        press(page, does, "button")
        said = page.locator(".notice[role=status] .notice__body").text_content()
        assert " ".join(said.split()).startswith(done)
    db.session.rollback()
    jobs.deliver()
    assert len(relay.messages) == 1
    assert b"Newcomer" in relay.messages[0]


@pytest.fixture
def busy(cast, make):
    """Every state of an employer and a person, with hostile names."""
    hostile = make.employer("hostile-" + "w" * 50, name=HOSTILE, approved_at=None)
    paused = make.employer("paused", name=ARABIC, mail_paused_at=utcnow())
    paused.mail_pause_reason = HOSTILE
    paused.confirmed_domains = ["acme.example"]
    cast.vera.active = False
    db.session.commit()
    return hostile.id, paused.id


@pytest.mark.long
@pytest.mark.parametrize(
    ("language", "width", "scheme"),
    list(itertools.product(("en-GB", "fr-FR"), (320, 1280), ("light", "dark"))),
)
def test_every_page_is_accessible_and_fits(chromium, site, cast, busy, language, width, scheme):
    view = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    hostile, paused = (f"/operator/employers/{key}" for key in busy)
    acme, ada = f"/operator/employers/{cast.acme.id}", f"/operator/people/{cast.ada.id}"
    with at_work(chromium, site, "otto", locale=language, **view) as page:
        for path in (
            "/operator",
            "/operator/employers",
            "/operator/employers?q=zzz",
            "/operator/employers/new",
            hostile,
            f"{hostile}/approval",
            paused,
            f"{paused}/resume",
            f"{paused}/release",
            f"{paused}/domains",
            f"{acme}/pause",
            "/operator/people",
            ada,
            f"{ada}/deactivate",
            "/operator/trail",
            "/operator/trail?employer=nobody",
        ):
            look(page, path)
            assert page.locator("html").get_attribute("lang") == language[:2]
        page.goto(f"{acme}/pause")
        with page.expect_navigation(wait_until="load"):
            page.click("form button.button--danger")
        look(page)
        assert page.evaluate("document.activeElement.dataset.errorSummary") is not None
