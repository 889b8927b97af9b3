"""The survey's language switch: the form as it stands, in the other language; nothing is stored."""

import pytest

from portal.models import Locale
from tests.web.candidates import (
    FULL,
    LEAST,
    age,
    chosen,
    invited,
    release,
    stored,
    whole_database,
    words_of,
)

AS_SHOWN = FULL | {"comment": FULL["comment"].replace("\r\n", "\n")}


@pytest.fixture
def link(make, acme):
    return f"/s/{invited(make, acme, Locale.FRENCH)[1]}"


def press(page, sent: dict) -> dict:
    """What the browser sends by the switch of PAGE when SENT is filled in."""
    switch = page.header.find("button", attrs={"name": "switch"})
    assert page.find(id=switch["form"]).name == "form"
    hidden = {tag["name"]: tag["value"] for tag in page.main.select("input[type=hidden]")}
    return {**hidden, **sent, "switch": switch["value"]}


def test_switch_keeps_what_was_typed_and_stores_nothing(cam, link):
    page = cam.get(link)
    before = whole_database()
    for spoken in ("en", "fr", "en"):  # there, back, and there again
        page = cam.post(page.form["action"], press(page, FULL), status=200)
        assert page.html["lang"] == spoken
        assert chosen(page) == AS_SHOWN
        assert not page.find(attrs={"data-error-summary": True})
    assert whole_database() == before
    assert cam.post(page.form["action"], FULL | {"lang": "en"}) == f"{link}/thanks?lang=en"
    assert stored()[0].locale is Locale.ENGLISH


@pytest.mark.parametrize("sent", [{}, {"overall": "9"}, {"comment": "é" * 3000}])
def test_switch_asks_nothing_of_an_unfinished_form(cam, link, sent):
    page = cam.post(link, press(cam.get(link), sent), status=200)
    assert not page.find(attrs={"aria-invalid": "true"})
    assert chosen(page)["comment"] == sent.get("comment", "")
    assert not stored()


def test_switch_stays_after_errors(cam, link):
    page = cam.post(link, {"overall": "2", "comment": "Oui."}, status=422)
    page = cam.post(link, press(page, {"overall": "2", "comment": "Oui."}), status=200)
    assert page.html["lang"] == "en"
    assert chosen(page) == {"overall": "2", "comment": "Oui."}


def test_switch_leaves_a_stored_answer_as_it_is(cam, link):
    cam.post(link, FULL)
    before = whole_database()
    page = cam.post(link, press(cam.get(link), LEAST), status=200)
    assert "Thank you, your answers about Acme are saved." in words_of(page)
    assert page.find("input", attrs={"name": "change"})
    assert "You have already answered" not in words_of(page)
    page = cam.post(link, LEAST | {"switch": "en", "comment": "another tab"}, status=200)
    assert "You have already answered" in words_of(page)
    assert chosen(page)["comment"] == "another tab"
    assert whole_database() == before


@pytest.mark.both
@pytest.mark.parametrize("switch", ["", "xx", "fr"])
def test_any_switch_at_all_stores_nothing(cam, link, switch):
    assert cam.post(link, FULL | {"switch": switch}, status=200).html["lang"] == "fr"
    assert not stored()
    assert cam.get(f"{link}?switch=en").html["lang"] == "fr"


def test_switch_on_a_link_that_takes_no_answer_gives_the_words_back(make, acme, cam):
    old, expired = invited(make, acme)
    age(make, old, 15)
    page = cam.post(f"/s/{expired}", FULL | {"switch": "fr"}, status=410)
    assert "five weeks" in words_of(page)
    _, token = invited(make, acme)
    cam.post(f"/s/{token}", FULL)
    release(make, acme)
    page = cam.post(f"/s/{token}", FULL | {"switch": "fr"}, status=409)
    assert page.html["lang"] == "fr"
    assert "five weeks" in words_of(page)


def test_page_without_a_form_is_switched_by_its_address(cam, link):
    cam.post(link, FULL)
    other = cam.get(f"{link}/thanks?again=1").header.find("a", lang="en")
    assert other["href"] == f"{link}/thanks?lang=en&again=1"
    assert cam.get(other["href"]).header.find("a", lang="fr")
