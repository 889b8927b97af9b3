"""The help page and the header of the workplace, in both languages and by keyboard."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from portal.extensions import db
from tests.support.browsing import AXE
from tests.web.test_employer_browser import OVERFLOWING, at_work


@pytest.mark.parametrize(
    ("language", "width", "scheme"), [("en-GB", 1280, "light"), ("fr-FR", 320, "dark")]
)
def test_help_can_be_read_everywhere(chromium, site, cast, language, width, scheme):
    db.session.commit()
    look = {
        "locale": language,
        "color_scheme": scheme,
        "viewport": {"width": width, "height": 800},
    }
    with at_work(chromium, site, "remy", **look) as page:
        page.goto("/help")
        assert page.locator("html").get_attribute("lang") == language[:2]
        assert page.evaluate(OVERFLOWING) == []
        assert Axe().run(page, options=AXE).response["violations"] == []


def test_the_account_menu_closes_with_escape_and_leads_to_help(chromium, site, cast):
    db.session.commit()
    with at_work(chromium, site, "remy") as page:
        menu = page.locator(".account-menu")
        menu.locator("summary").focus()
        page.keyboard.press("Enter")
        assert menu.get_attribute("open") is not None
        page.keyboard.press("Tab")
        page.keyboard.press("Escape")
        assert menu.get_attribute("open") is None
        assert page.evaluate("document.activeElement.tagName") == "SUMMARY"
        page.keyboard.press("Enter")
        page.locator("main").click(position={"x": 5, "y": 5})
        assert menu.get_attribute("open") is None
        menu.locator("summary").click()
        menu.get_by_role("link", name="Help").click()
        page.wait_for_url("**/help")
        page.locator(".wordmark").first.click()
        page.wait_for_url("**/e/acme/applications")
