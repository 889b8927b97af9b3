"""The public pages in French: as the browser asks or the address says, kept from page to page."""

import time
from string import ascii_lowercase

import pytest

from portal.config import settings
from portal.extensions import db
from portal.models import Locale
from tests.support.answers import give_answers, release
from tests.web.candidates import LEAST, Visitor, invited

PAGES = ("/", "/employers", "/employers/acme", "/employers/acme/privacy", "/employers/globex")
# What is written alike in both languages.
ALIKE = {"Acme", "Globex", "Heardback", "Heardback: every candidate hears back.", "Question", "·"}


@pytest.fixture
def acme(make):
    return make.employer("acme", name="Acme")


@pytest.fixture
def published(make, acme, once):
    """An employer with everything a public page can show, and one that does not publish."""

    def build() -> None:
        make.employer("globex", name="Globex", is_published=False)
        give_answers(make, acme, 22)
        release(acme)
        for day in range(8):
            make.told(acme, days_ago=day + 3)
        for _ in range(6):
            make.decided(acme, days_ago=40)
        acme.reply_to = None
        db.session.commit()

    once(build)
    return acme


def sentences(page) -> set[str]:
    """The texts of PAGE that have a word in them."""
    for tag in page.select("script, [lang]:not(html), bdi"):
        tag.decompose()
    texts = {" ".join(text.split()) for text in page.body.stripped_strings}
    return {
        text for text in texts if any(len(word) > 3 and word.isalpha() for word in text.split())
    }


@pytest.mark.parametrize("path", PAGES)
def test_a_page_in_french_leaves_no_english(published, browser, path):
    english, french = browser.get(path), browser.get(f"{path}?lang=fr")
    assert (english.html["lang"], french.html["lang"]) == ("en", "fr")
    assert french.title.text != english.title.text
    assert sentences(english) & sentences(french) <= ALIKE


def test_a_count_in_french_has_its_space_before_the_colon(published, browser):
    page = browser.get("/employers/acme?lang=fr")
    findings = [described.text for described in page.select(".chart-svg > desc")]
    assert any(finding.startswith("Décision prise\xa0: ") for finding in findings), findings
    assert any("Avis parus\xa0: " in finding for finding in findings)


def test_other_languages_than_ours_are_english(published, browser):
    for lang in ("", "xx", "FR", "en", "fr-CA", "<b>"):
        assert browser.get(f"/?lang={lang}").html["lang"] == "en"


@pytest.mark.parametrize(
    ("asks", "spoken"),
    [("fr-CA,fr;q=0.9,en;q=0.8", "fr"), ("de,fr;q=0.5,en;q=0.4", "fr"), ("de", "en"),
     ("en-GB,fr;q=0.9", "en"), ("*", "en"), ("x" * 300, "en"), ("fr;q=0,en", "en"),
     ("FR-fr,en", "fr"), ("und-FR,en", "en"), ("eng", "en")],
)  # fmt: skip
def test_the_browser_decides_where_nobody_chose(published, app, asks, spoken):
    client = app.test_client()
    headers = {"Accept-Language": asks}
    answer = client.get("/", headers=headers)
    assert f'<html lang="{spoken}"' in answer.text
    assert "Accept-Language" in answer.headers["Vary"]
    for lang in ("en", "fr"):
        assert f'<html lang="{lang}"' in client.get(f"/?lang={lang}", headers=headers).text
    assert f'<html lang="{spoken}"' in client.get("/nowhere", headers=headers).text


@pytest.mark.long
def test_a_browser_that_asks_for_thousands_of_languages_costs_little(published, app):
    client = app.test_client()
    client.get("/")
    pairs = [f"{a}{b}" for a in ascii_lowercase for b in ascii_lowercase]
    asks = ",".join(f"{one}-{two}" for one in pairs[:50] for two in pairs[:100])
    began = time.process_time()
    client.get("/", headers={"Accept-Language": asks})
    assert time.process_time() - began < 0.5


@pytest.mark.parametrize("path", ["/", "/employers", "/employers/acme", "/employers/acme/privacy"])
def test_a_language_that_was_chosen_goes_along(published, browser, path):
    page = browser.get(f"{path}?lang=fr")
    ours = [a["href"] for a in page.select("a[href^='/']") if a["href"] != "/sign-in"]
    assert ours
    switch = page.footer.find("a", hreflang="en")
    assert switch["href"] == f"{path}?lang=en"
    ours.remove(switch["href"])
    assert all("lang=fr" in href for href in ours), ours
    assert not any("lang=" in a["href"] for a in browser.get(path).select("main a[href]"))
    alternate = {tag["hreflang"]: tag["href"] for tag in page.select("link[rel=alternate]")}
    base = settings().BASE_URL
    assert alternate == {lang: f"{base}{path}?lang={lang}" for lang in ("en", "fr")}


def test_a_search_stays_in_french_and_its_words_stay_in_the_switch(published, browser):
    page = browser.get("/employers?q=Ac&lang=fr")
    form = page.find("form", role="search")
    assert form.find("input", attrs={"name": "lang"})["value"] == "fr"
    assert page.footer.find("a", hreflang="en")["href"] == "/employers?q=Ac&lang=en"
    assert not browser.get("/employers").find("input", attrs={"name": "lang"})


@pytest.mark.parametrize("odd", ["_scheme=javascript&_external=1", "_anchor=x", "slug=globex"])
def test_the_switch_takes_nothing_else_from_the_address(published, browser, odd):
    page = browser.get(f"/employers/acme?{odd}")
    assert page.footer.find("a", hreflang="fr")["href"] == "/employers/acme?lang=fr"


def test_each_language_is_cached_apart_and_sets_no_cookie(acme, browser):
    visit = browser.client.get
    english, french = visit("/employers"), visit("/employers?lang=fr")
    assert english.headers["ETag"] != french.headers["ETag"]
    for response in (english, french):
        assert response.headers["Cache-Control"] == "public, max-age=60"
        assert "Set-Cookie" not in response.headers
    held = {"If-None-Match": french.headers["ETag"]}
    assert visit("/employers?lang=fr", headers=held).status_code == 304
    assert visit("/employers", headers=held).status_code == 200


def test_the_method_says_in_french_that_it_is_in_english(acme, browser):
    page = browser.get("/method?lang=fr")
    assert page.html["lang"] == "en"
    notice = page.main.select_one(".notice__body")
    assert notice.text.strip() == "Cette page n’existe qu’en anglais."
    assert notice.find(lang="fr")
    assert page.find("a", href="/employers?lang=fr")
    assert not browser.get("/method").main.find(lang="fr")


def test_a_mistake_in_french_is_told_in_french(acme, browser):
    page = browser.get("/employers/nobody?lang=fr", status=404)
    assert (page.html["lang"], page.h1.text) == ("fr", "Il n’y a pas de page ici")
    assert page.find("a", href="/employers?lang=fr")
    assert not page.select("link[rel=alternate]")


def test_a_candidates_french_goes_on(make, acme, app):
    cam = Visitor(app)
    link = f"/s/{invited(make, acme, Locale.FRENCH)[1]}"
    assert cam.get(link).find("a", href="/employers/acme/privacy?lang=fr")
    assert cam.get(f"{link}?lang=en").find("a", href="/employers/acme/privacy?lang=en")
    assert cam.get(cam.post(link, LEAST)).find("a", href="/employers/acme?lang=fr")


def test_a_default_operator_is_named_in_the_pages_language(acme, browser):
    object.__setattr__(settings(), "OPERATOR_NAME", type(settings()).OPERATOR_NAME)
    assert "L’exploitant de ce site fait" in browser.get("/employers/acme/privacy?lang=fr").text
    assert "The operator of this site runs" in browser.get("/employers/acme/privacy").text
