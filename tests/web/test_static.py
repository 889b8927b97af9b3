"""Style sheet and script: the same for all, kept under an address that names their content."""

import shutil
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from flask import url_for

from tests.web.staff import Person


@pytest.fixture
def database_url(tmp_path, sqlite_template):
    """No database is asked: one kind will do."""
    path = shutil.copy(sqlite_template, tmp_path / "heardback.sqlite")
    return f"sqlite:///{path}"


def fetch(person: Person, address: str):
    with person.send("GET", address) as response:
        response.get_data()
        return response


def addresses(page) -> list[str]:
    return [tag.get("href") or tag["src"] for tag in page.select("head link[rel], head script")]


def test_a_signed_in_browser_gets_files_without_a_cookie_and_keeps_them(cast, app):
    remy = Person(app).sign_in(cast.remy)
    found = addresses(remy.get("/e/acme/applications"))
    assert len(found) == 5
    for address in found:
        assert len(urlsplit(address).query.removeprefix("v=")) == 12, address
        headers = fetch(remy, address).headers
        assert headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert "Set-Cookie" not in headers
        assert "Cookie" not in headers.get("Vary", "")


@pytest.mark.parametrize("query", ["", "?v=", "?v=000000000000", "?v=a&v=b"])
def test_an_address_that_does_not_name_the_content_is_asked_again(app, query):
    headers = fetch(Person(app), f"/static/base.css{query}").headers
    assert headers["Cache-Control"] == "no-cache"
    assert headers["ETag"]


def test_another_content_has_another_address(app, tmp_path):
    app.static_folder = str(tmp_path)
    style = Path(tmp_path, "a.css")
    seen = set()
    with app.test_request_context():
        for text in ("one", "two", "two and more"):
            style.write_text(text, encoding="utf-8")
            seen.add(url_for("static", filename="a.css"))
        assert len(seen) == 3
        assert url_for("static", filename="none.css") == "/static/none.css"
        assert url_for("static", filename="../heardback.sqlite").count("v=") == 0
