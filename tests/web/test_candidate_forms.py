"""Forms of the candidate's pages carry a mark of their link; one of another link is handed back."""

from datetime import timedelta

import pytest
import time_machine

from portal import links
from portal.extensions import db
from portal.models import Locale, utcnow
from tests.mail.conftest import configure
from tests.support.factory import ANOTHER_KEY
from tests.web.candidates import FULL, LEAST, invited, stored, whole_database, words_of

FORM = "application/x-www-form-urlencoded"
TYPED = FULL | {"comment": 'Two\r\nlines & a "quote".'}


def fields(page) -> dict[str, str]:
    """What the one form of PAGE sends without being filled in."""
    (form,) = page.find_all("form")
    return {tag["name"]: tag["value"] for tag in form.select("input[type=hidden]")}


@pytest.fixture
def link(make, acme):
    return f"/s/{invited(make, acme)[1]}"


@pytest.mark.parametrize("token", ["", "x", "wrong", "é", "0" * 32])
def test_an_answer_with_a_wrong_mark_is_not_stored(cam, link, token):
    before = whole_database()
    page = cam.post(link, TYPED | {"csrf_token": token}, status=400)
    assert page.h1.text == "One more press, please"
    assert whole_database() == before


def test_the_link_alone_is_authority_enough(app, link):
    answer = app.test_client().post(link, data=LEAST)
    assert answer.location == f"{link}/thanks"
    assert len(stored()) == 1


def test_one_press_sends_it_as_it_was(cam, link):
    page = cam.post(link, TYPED | {"csrf_token": ""}, status=400)
    (button,) = page.form.find_all("button")
    assert not button.get("name")
    assert cam.post(page.form["action"], fields(page)) == f"{link}/thanks"
    (answer,) = stored()
    assert answer.words == 'Two\nlines & a "quote".'
    assert answer.answers["promise"] == FULL["promise"]


def test_the_page_speaks_the_form_s_language(cam, make, acme):
    _, token = invited(make, acme, Locale.FRENCH)
    sent = LEAST | {"lang": "fr", "csrf_token": ""}
    page = cam.post(f"/s/{token}", sent, status=400)
    assert page.html["lang"] == "fr"
    assert "Appuyez encore une fois" in words_of(page)
    assert cam.post(page.form["action"], fields(page)).startswith(f"/s/{token}/thanks")


def test_another_link_s_page_does_not_open_this_one(cam, make, acme, link):
    _, other = invited(make, acme)
    sent = {"csrf_token": links.form_token(other)}
    cam.post(link, LEAST | sent, status=400)
    cam.post(f"/s/{other}", LEAST | sent)
    assert len(stored()) == 1


def test_a_page_left_open_as_long_as_its_link_can_be_sent(app, cam, link):
    page = cam.get(link)
    with time_machine.travel(utcnow() + timedelta(days=12)):
        key = app.config["HEARDBACK"].SECRET_KEY
        configure(app, SECRET_KEY=ANOTHER_KEY, SECRET_KEY_FALLBACKS=(key,))
        cam.post(link, LEAST | {"csrf_token": fields_of_survey(page)["csrf_token"]})
    assert len(stored()) == 1


def fields_of_survey(page) -> dict[str, str]:
    form = page.find("form", id="survey")
    return {tag["name"]: tag["value"] for tag in form.select("input[type=hidden]")}


@pytest.mark.parametrize("path", ["{s}/withdraw", "{s}/fresh", "{u}", "{d}", "/s/" + "a" * 26])
def test_no_form_of_any_link_is_taken_with_a_wrong_mark(cam, make, acme, path):
    application, token = invited(make, acme)
    candidate = application.candidate
    paths = {
        "s": f"/s/{token}",
        "u": "/u/" + links.unsubscribe_url(acme.id, candidate.email).rpartition("/")[2],
        "d": f"/d/{links.own_data_token(acme.id, candidate.id, candidate.email)}",
    }
    db.session.rollback()
    cam.post(paths["s"], FULL)
    before = whole_database()
    sent = {"mail": "off", "wish": "erase", "csrf_token": ""}
    page = cam.post(path.format(**paths), sent, status=400)
    assert fields(page)["wish"] == "erase"
    assert whole_database() == before


def test_a_form_of_many_fields_is_not_handed_back_whole(cam, link):
    page = cam.post(
        link, {f"field{n}": "x" for n in range(10_000)} | {"csrf_token": ""}, status=400
    )
    assert len(page.find_all("input")) <= 101


def test_forms_handed_back_do_not_use_up_a_candidate_s_limit(cam, link):
    for _ in range(40):
        cam.post(link, LEAST | {"csrf_token": ""}, status=400)
    cam.post(link, LEAST)


@pytest.mark.parametrize("kind", ["application/json", "text/plain", f"{FORM}, {FORM}"])
def test_a_body_that_is_no_form_is_said_to_be_none(app, cam, link, kind):
    assert cam.send("POST", link, data="overall=4", content_type=kind).status_code == 415
    visitor = app.test_client()
    assert visitor.post("/sign-in", data="x=1", content_type=kind).status_code == 415


def test_an_unknown_link_is_unknown_after_the_press(cam):
    page = cam.post("/s/" + "a" * 26, {"overall": "4", "csrf_token": "x"}, status=400)
    page = cam.post(page.form["action"], fields(page), status=404)
    assert "does not work" in words_of(page)
