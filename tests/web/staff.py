"""People who sign in, each with a browser of their own, for the tests of the signed-in pages."""

import contextvars
import re

from bs4 import BeautifulSoup
from flask import Flask

from portal.extensions import db
from tests.support.factory import PASSWORD
from tests.support.pages import check_html, parse


class Person:
    """A browser that keeps its cookies and checks every page; each request has its own context."""

    def __init__(self, app: Flask, **options) -> None:
        self.client = app.test_client()
        self.options = options
        self._html = ""
        self._page: BeautifulSoup | None = None

    @property
    def page(self) -> BeautifulSoup:
        """The newest page, parsed when it is first looked at."""
        if self._page is None:
            self._page = parse(self._html)
        return self._page

    def send(self, method: str, path: str, **options):
        db.session.rollback()  # the test's own transaction must not hold SQLite's write lock
        call = contextvars.Context().run
        response = call(self.client.open, path, method=method, **self.options | options)
        if response.mimetype == "text/html" and response.status_code // 100 != 3 and response.data:
            self._html, self._page = check_html(response)
        return response

    def get(self, path: str, status: int = 200) -> BeautifulSoup:
        response = self.send("GET", path)
        assert response.status_code == status, (path, response.status_code)
        return self.page

    def token(self, path: str) -> str:
        """The CSRF token of the page at PATH."""
        html = self.send("GET", path).get_data(as_text=True)
        return re.search(r'name="csrf_token" value="([^"]+)"', html)[1]

    def post(self, path: str, data=None, status: int = 303, token_from: str = "", **options):
        """POST as a person would: the page it brings, or the address it leads to."""
        form = {"csrf_token": self.token(token_from or path)} | (data or {})
        response = self.send("POST", path, data=form, **options)
        assert response.status_code == status, (path, response.status_code)
        if response.status_code // 100 == 3:
            return response.location
        return self.page

    def fill(self, page: BeautifulSoup, data: dict, button: tuple[str, str] | None = None) -> dict:
        """All that the main form of PAGE would send, with DATA typed in and BUTTON pressed."""
        form = main_form(page)
        sent = {
            field["name"]: field.get("value", "")
            for field in form.select("input[name]")
            if field.get("type") not in ("radio", "checkbox") or field.has_attr("checked")
        }
        sent |= {
            area["name"]: area.get_text().removeprefix("\n") for area in form.select("textarea")
        }
        for select in form.select("select"):
            chosen = select.find("option", selected=True) or select.find("option")
            sent[select["name"]] = chosen["value"]
        return sent | ({button[0]: button[1]} if button else {}) | data

    def submit(self, page, data=None, button=None, status: int = 303, path: str = ""):
        """Send the main form of PAGE."""
        address = path or main_form(page)["action"]
        response = self.send("POST", address, data=self.fill(page, data or {}, button))
        assert response.status_code == status, (address, response.status_code)
        if response.status_code // 100 == 3:
            return response.location
        return self.page

    def sign_in(self, user) -> "Person":
        email = user.email
        assert self.post("/sign-in", {"email": email, "password": PASSWORD}, status=302) == "/e"
        return self


def main_form(page: BeautifulSoup):
    """The form in the main part of PAGE that is not a mere search."""
    return page.main.select_one('form[method="post"]')


def words_of(page: BeautifulSoup) -> str:
    """What a person reads in the main part of PAGE, in single spaces."""
    return " ".join(page.main.get_text(" ").split())


def flashes(page: BeautifulSoup) -> list[str]:
    """What the page says of what has just happened."""
    return [
        " ".join(tag.get_text(" ").split())
        for tag in page.select('.notice[role="status"] .notice__body')
    ]


def errors_of(page: BeautifulSoup) -> list[str]:
    """The messages of the error summary; each leads to something on the page."""
    summary = page.select_one("[data-error-summary]")
    if summary is None:
        return []
    assert page.title.text.startswith("Error:")
    for link in summary.select("a"):
        target = page.find(id=link["href"].removeprefix("#"))
        assert target is not None, link
        described = target.get("aria-describedby", "") or target.parent.get("aria-describedby", "")
        assert described or target.find_parent("fieldset"), f"no message at {link['href']}"
    return [" ".join(tag.get_text(" ").split()) for tag in summary.select("li")]
