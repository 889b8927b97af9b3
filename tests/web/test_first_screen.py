"""An employer's first screen: how good, how sure, who waits, what to look at; and how much else."""

import pytest

from portal.extensions import db
from portal.models import Outcome
from tests.support import scorecards
from tests.web.test_employer_browser import at_work

SIZES = [(1280, 900), (320, 640)]
# What stands on the first screen, with the part of it that must be in sight.
IN_SIGHT = (
    ".card--score .stat__value",
    ".card--score .stat__range",
    ".card--waiting .stat__value",
    ".card--waiting a.button",
    ".card--habit h2",
    ".card--habit .figure-line__label",
)
MOST_WORDS = 600
# Words as they are read: without what is folded away, hidden, or said to screen readers only.
WORDS = """() => {
  const found = [];
  (function read(node) {
    if (node.nodeType === 3) return found.push(...node.data.split(/\\s+/).filter(Boolean));
    if (node.nodeType !== 1 || node.matches("title, desc, .visually-hidden")
        || getComputedStyle(node).display === "none") return;
    const folded = node.matches("details:not([open])");
    for (const child of node.childNodes) if (!folded || child.tagName === "SUMMARY") read(child);
  })(document.querySelector("main"));
  return found;
}"""

# What is wider than it may be, once all is unfolded.
OVERFLOWS = """() => [...document.querySelectorAll("main *")].filter(node =>
  !node.closest("svg, .table-scroll, .visually-hidden")
  && node.getBoundingClientRect().right > innerWidth + 1).map(node => node.className)"""
UNFOLD = "document.querySelectorAll('main details').forEach(one => one.open = true)"


@pytest.fixture
def waiting(cast, make):
    """Olga's employer with everything that can be known, and two people who wait."""
    make.decided(cast.globex, Outcome.REJECTED, days_ago=40)
    make.decided(cast.globex, Outcome.HIRED, days_ago=9)
    make.application(cast.globex)
    scorecards.write(cast.globex, *scorecards.STATES["rich"]())
    db.session.commit()


@pytest.mark.parametrize("locale", ["en-US", "fr-FR"])
@pytest.mark.parametrize(("width", "height"), SIZES)
def test_what_to_know_and_do_is_in_sight(chromium, site, waiting, width, height, locale):
    view = {"viewport": {"width": width, "height": height}, "locale": locale}
    with at_work(chromium, site, "olga", **view) as page:
        page.goto("/e/globex/")
        for part in IN_SIGHT:
            box = page.locator(part).first.bounding_box()
            assert box, part
            assert box["y"] + box["height"] <= height, part
            assert box["x"] + box["width"] <= width, part
        said = page.inner_text(".card--waiting")
        assert "2" in said
        assert ("40 days old" if locale == "en-US" else "date de 40") in said.replace("\xa0", " ")
        page.click(".card--waiting a.button")
        assert page.url.endswith("/e/globex/applications?show=not_told")


def test_the_page_is_half_as_long_and_folds_what_is_rarely_read(chromium, site, waiting):
    with at_work(chromium, site, "olga", viewport={"width": 1280, "height": 900}) as page:
        page.goto("/e/globex/")
        assert len(page.evaluate(WORDS)) <= MOST_WORDS
        folded = page.locator("main details")
        assert folded.count() > 8
        assert page.locator("main details[open]").count() == 0
        meaning = page.locator(".card--score details").first
        meaning.locator("summary").press("Enter")
        assert "It is not today’s level." in meaning.inner_text()


def test_nobody_waiting_is_a_small_reward(chromium, site, cast, make):
    make.told(cast.globex)
    with at_work(chromium, site, "olga", viewport={"width": 320, "height": 640}) as page:
        page.goto("/e/globex/")
        said = " ".join(page.inner_text(".card--waiting").split())
        assert "Nobody" in said
        assert "Everybody you have decided on has been told." in said
        assert "Go to the closure desk" in said


@pytest.mark.long
@pytest.mark.parametrize("locale", ["en-US", "fr-FR"])
@pytest.mark.parametrize("width", [320, 768, 1000, 1280, 1600])
def test_what_is_unfolded_takes_no_room_from_what_stands_beside_it(
    chromium, site, waiting, width, locale
):
    view = {"viewport": {"width": width, "height": 900}, "locale": locale}
    with at_work(chromium, site, "olga", **view) as page:
        for path, beside in (
            ("", ".card--score > .chart"),
            ("report", ".report__score > div + div"),
        ):
            page.goto(f"/e/globex/{path}")
            before = page.locator(beside).bounding_box()
            page.evaluate(UNFOLD)
            assert page.evaluate(OVERFLOWS) == []
            if before:
                assert before["width"] >= 200
                assert page.locator(beside).bounding_box()["width"] == before["width"]


@pytest.mark.parametrize("locale", ["en-US", "fr-FR"])
def test_the_count_of_who_waits_stays_with_its_unit(chromium, site, waiting, cast, make, locale):
    for _ in range(34):
        make.decided(cast.globex, Outcome.REJECTED, days_ago=9)
    db.session.commit()
    view = {"viewport": {"width": 320, "height": 640}, "locale": locale}
    with at_work(chromium, site, "olga", **view) as page:
        for path in ("", "habits"):
            page.goto(f"/e/globex/{path}")
            value = page.locator(".card--waiting .stat__value").bounding_box()
            unit = page.locator(".card--waiting .stat__unit").bounding_box()
            assert "36" in page.inner_text(".card--waiting .stat__value")
            assert unit["y"] + unit["height"] <= value["y"] + value["height"] + 1
            assert value["height"] < 60
            button = page.locator(".card--waiting a.button").bounding_box()
            assert button["y"] + button["height"] <= 640


def test_the_current_section_is_in_sight_on_a_telephone(chromium, site, waiting):
    with at_work(chromium, site, "olga", viewport={"width": 320, "height": 640}) as page:
        for path in ("", "comments", "applications", "team", "settings"):
            page.goto(f"/e/globex/{path}")
            box = page.locator(".section-nav [aria-current]").bounding_box()
            assert box["x"] >= 0, path
            assert box["x"] + box["width"] <= 320, path
            assert page.evaluate("scrollY") == 0, path
            assert page.evaluate("document.documentElement.scrollWidth") <= 320, path
