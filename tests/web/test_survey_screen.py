"""The survey on a small telephone: what its first screen holds, and how long all of it takes."""

import pytest
from playwright.sync_api import Page

from portal.models import Locale
from tests.support.browsing import follow
from tests.web.candidates import invited, stored
from tests.web.test_candidate_browser import choose, visit

PHONE = {"width": 320, "height": 640}
REQUIRED = {"overall": "4", "recommend": "8"}
OPTIONAL = {
    "told": "not_chosen",
    "heard_how": "phone",
    "feedback": "general",
    "chased": "no",
    "promise": "late",
    "relationship": "will_grow",
}
WORDS_A_MINUTE, SECONDS_A_TAP = 250, 1
READ = """(above) => {
  const words = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode;
    const range = document.createRange();
    range.selectNodeContents(text);
    const box = range.getBoundingClientRect();
    const top = box.top + scrollY;
    if (box.width > 1 && top >= 0 && top < above && text.parentElement.checkVisibility()) {
      const size = parseFloat(getComputedStyle(text.parentElement).fontSize);
      for (const word of text.data.match(/[\\p{L}\\p{N}][\\p{L}\\p{N}’'-]*/gu) || []) {
        words.push([word, size]);
      }
    }
  }
  return words;
}"""
"""Every word that can be seen, with its size in pixels, down to ABOVE pixels from the top."""
EVERYWHERE = 1_000_000
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
in_both_languages = pytest.mark.parametrize("locale", list(Locale))


def bottom(page: Page, selector: str) -> float:
    """Where SELECTOR ends, in pixels from the top of the page."""
    box = page.locator(selector).bounding_box()
    assert box
    return float(box["y"] + box["height"] + page.evaluate("scrollY"))


def seconds(page: Page, taps: int, above: float = EVERYWHERE) -> float:
    return len(page.evaluate(READ, above)) / WORDS_A_MINUTE * 60 + taps * SECONDS_A_TAP


@in_both_languages
def test_first_screen_holds_both_required_questions(chromium, site, make, locale):
    _, token = invited(make, make.employer("northwind", name="Northwind Traders"), locale)
    with visit(chromium, site, viewport=PHONE) as page:
        page.goto(f"/s/{token}")
        fold = bottom(page, "#recommend")
        assert bottom(page, "#overall") < fold <= PHONE["height"]
        assert seconds(page, 3, fold) <= 20
        page.goto(f"/s/{token}?s=4")
        assert bottom(page, ".chosen > summary") < bottom(page, "#recommend") <= PHONE["height"]
        assert not page.is_visible("#overall")


@in_both_languages
def test_all_of_it_takes_four_screens_and_a_minute(chromium, site, make, locale):
    _, token = invited(make, make.employer("northwind", name="Northwind Traders"), locale)
    with visit(chromium, site, viewport=PHONE) as page:
        page.goto(f"/s/{token}")
        for name, value in (REQUIRED | OPTIONAL).items():
            choose(page, name, value)
        page.fill("[name=comment]", "They called me the same day.")
        choose(page, "words", "employer")
        page.evaluate("scrollTo(0, 0)")
        assert page.evaluate("document.documentElement.scrollHeight") <= 4 * PHONE["height"]
        taps = len(REQUIRED) + len(OPTIONAL) + 2  # the words' question and the button
        assert seconds(page, taps) <= 60
        small = [word for word, size in page.evaluate(READ, EVERYWHERE) if size < 16]
        assert small == []


def test_two_taps_and_a_press_on_the_first_screen(chromium, site, make, acme):
    _, token = invited(make, acme)
    with visit(chromium, site, viewport=PHONE) as page:
        page.goto(f"/s/{token}")
        assert page.locator("form button").last.bounding_box()["y"] > PHONE["height"]
        for name, value in REQUIRED.items():
            choose(page, name, value)
        for scrolled in (0, 500, 10_000):
            page.evaluate("y => scrollTo(0, y)", scrolled)
            box = page.locator("form button").last.bounding_box()
            assert 0 < box["y"] < box["y"] + box["height"] <= PHONE["height"]
        page.evaluate("scrollTo(0, 0)")
        follow(page, "form button:text('Send')")
        assert page.inner_text("h1") == "Thank you"
    assert [one.answers for one in stored()] == [{"overall": 4, "recommend": 8}]


def test_focus_is_never_under_the_button(chromium, site, make, acme):
    _, token = invited(make, acme)
    with visit(chromium, site, viewport=PHONE) as page:
        page.goto(f"/s/{token}")
        for name, value in (REQUIRED | {"told": "offer"}).items():
            choose(page, name, value)
        page.focus("[name=overall][value='4']")
        for _ in range(12):
            page.keyboard.press("Tab")
            hidden = page.evaluate(
                """() => { const one = document.activeElement;
                  const bar = document.querySelector('.survey__send');
                  return !bar.contains(one) && one.closest('form')
                    && one.getBoundingClientRect().top + 20 > bar.getBoundingClientRect().top; }"""
            )
            assert not hidden, page.evaluate("document.activeElement.outerHTML")


def test_words_are_asked_about_when_there_are_some(chromium, site, make, acme):
    _, token = invited(make, acme)
    with visit(chromium, site, viewport=PHONE) as page:
        page.goto(f"/s/{token}")
        assert not page.is_visible("#words")
        page.fill("[name=comment]", "Kind.")
        assert page.is_visible("#words")
        assert page.locator("[name=words]:checked").count() == 0
        choose(page, "words", "public")
        page.fill("[name=comment]", "")
        assert not page.is_visible("#words")
        for name, value in REQUIRED.items():
            choose(page, name, value)
        follow(page, "form button:text('Send')")
    assert [one.answers for one in stored()] == [{"overall": 4, "recommend": 8}]


@pytest.mark.parametrize("scripts", [True, False])
def test_optional_answers_are_cleared(chromium, site, make, acme, scripts):
    _, token = invited(make, acme)
    with visit(chromium, site, viewport=PHONE, java_script_enabled=scripts) as page:
        page.goto(f"/s/{token}?s=4")
        clear = page.locator("#chased .clear")
        assert clear.bounding_box()["width"] < 2
        choose(page, "recommend", "8")
        choose(page, "chased", "once")
        assert clear.bounding_box()["width"] >= 44
        clear.locator("label").click()
        assert page.locator("[name=chased][value]:checked").get_attribute("value") == ""
        assert (
            clear.locator("label").evaluate("one => getComputedStyle(one).backgroundColor")
            == "rgba(0, 0, 0, 0)"
        ), "it would look like an answer"
        follow(page, "form button:text('Send')")
    assert [one.answers for one in stored()] == [{"overall": 4, "recommend": 8}]


def test_star_of_the_mail_can_be_changed(chromium, site, make, acme):
    _, token = invited(make, acme)
    for scripts in (True, False):
        with visit(chromium, site, viewport=PHONE, java_script_enabled=scripts) as page:
            page.goto(f"/s/{token}?s=4")
            page.click(".chosen > summary")
            choose(page, "overall", "2")
            assert not page.is_visible(".chosen > summary"), "it would still say four"
            if not scripts:
                choose(page, "recommend", "8")
                follow(page, "form button:text('Send')")
    assert [one.answers for one in stored()] == [{"overall": 2, "recommend": 8}]


def test_count_of_characters_reads_well_with_one(chromium, site, make, acme):
    _, token = invited(make, acme)
    lines = ("a" * 39 + "\n") * 50
    with visit(chromium, site, viewport=PHONE) as page:
        page.goto(f"/s/{token}")
        for text, said in (
            ("😀" * 1999, "Characters left: 1"),
            ("😀" * 2001, "Characters too many: 1"),
            (lines, "Characters left: 1"),
            (f" {lines}bc\n", "Characters too many: 2"),
        ):
            page.fill("[name=comment]", text)
            assert page.inner_text(".counter") == said


@pytest.mark.parametrize("scripts", [True, False])
def test_way_back_shows_the_star_that_would_be_sent(chromium, site, make, acme, scripts):
    _, token = invited(make, acme)
    with visit(chromium, site, viewport=PHONE, java_script_enabled=scripts) as page:
        page.goto(f"/s/{token}?s=4")
        page.click(".chosen > summary")
        choose(page, "overall", "2")
        page.fill("[name=comment]", "Kind.")
        follow(page, "footer a")
        page.go_back()
        assert page.locator("[name=overall]:checked").get_attribute("value") == "2"
        assert page.input_value("[name=comment]") == "Kind."
        assert page.is_visible("#overall") is scripts
        if not scripts:
            said = page.evaluate(
                "getComputedStyle(document.querySelector('.chosen .stars'), '::after').content"
            )
            assert said == '"other stars"'


def test_text_of_twice_the_size_is_neither_split_nor_cut(chromium, site, make, acme):
    _, token = invited(make, acme)
    with visit(chromium, site, viewport=PHONE) as page:
        page.goto(f"/s/{token}")
        page.evaluate("document.documentElement.style.fontSize = '200%'")
        heights = page.eval_on_selector_all(
            ".scale__row .answer span", "all => all.map(one => one.getBoundingClientRect().height)"
        )
        assert len(heights) == 11
        assert len(set(heights)) == 1
        for name, value in REQUIRED.items():
            choose(page, name, value)
        kept_free = page.evaluate("getComputedStyle(document.documentElement).scrollPaddingBottom")
        assert page.locator(".survey__send").bounding_box()["height"] <= float(kept_free[:-2])
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_stars_are_told_apart_in_forced_colours(chromium, site, make, acme):
    _, token = invited(make, acme)
    with visit(chromium, site, viewport=PHONE, forced_colors="active") as page:
        page.goto(f"/s/{token}")
        choose(page, "overall", "3")
        choose(page, "recommend", "8")
        fills = page.eval_on_selector_all(
            ".star-row svg", "all => all.map(e => getComputedStyle(e).fill)"
        )
        assert fills[:3] == [fills[0]] * 3
        assert fills[3:] == ["none"] * 2
        outlines = page.eval_on_selector_all(
            ".scale__row label", "all => all.map(e => getComputedStyle(e).outlineStyle)"
        )
        assert [n for n, style in enumerate(outlines) if style == "solid"] == [8]
