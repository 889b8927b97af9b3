"""Charts and the typeface in a real browser: forced colours, paper, what is loaded and by whom."""

import pytest

from portal.extensions import db
from tests.support import scorecards
from tests.web.candidates import invited
from tests.web.test_employer_browser import CROSSING, at_work

PATHS = ("/e/acme/", "/e/acme/habits", "/e/acme/levers")
# The shapes of charts that a reader cannot see: neither filled nor drawn in a colour of its own.
UNSEEN = """(paper) => [...document.querySelectorAll(
  ".chart-svg :is(circle, rect, polygon, line, path, text), .star-row path")].filter((shape) => {
    if (shape.closest("desc, title") || shape.matches(".c-grid, .c-said")) return false;
    const { fill, stroke, display } = getComputedStyle(shape);
    const seen = (paint) => !["none", "rgba(0, 0, 0, 0)", paper].includes(paint);
    const isLine = shape.matches("line, .c-line, .c-edge");
    const drawn = seen(stroke) || (!isLine && seen(fill));
    return display === "none" || !(drawn || shape.matches(".c-band"));
  }).map((shape) => shape.outerHTML.slice(0, 90))"""
PAPER = """() => {
  const sheet = document.body.appendChild(document.createElement("p"));
  sheet.style.backgroundColor = "Canvas";
  return getComputedStyle(sheet).backgroundColor;
}"""


@pytest.fixture
def rich(cast):
    scorecards.write(cast.acme, *scorecards.STATES["rich"]())
    return cast


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_mark_of_a_chart_is_seen_in_forced_colours(chromium, site, rich, scheme):
    options = {"forced_colors": "active", "color_scheme": scheme}
    with at_work(chromium, site, "vera", **options) as page:
        for path in (*PATHS, "/employers/acme"):
            page.goto(path)
            assert page.evaluate("matchMedia('(forced-colors: active)').matches")
            paper = page.evaluate(PAPER)
            assert page.locator(".c-dot, .c-bar").count() > 1, path
            assert page.evaluate(UNSEEN, paper) == [], path


def test_on_paper_charts_are_dark_on_white_and_whole(chromium, site, rich):
    with at_work(chromium, site, "vera", color_scheme="dark") as page:
        page.emulate_media(media="print", color_scheme="dark")
        for path in (*PATHS, "/employers/acme"):
            page.goto(path)
            paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
            assert paper == "rgb(255, 255, 255)"
            assert page.evaluate(UNSEEN, paper) == [], path
            assert page.evaluate("getComputedStyle(document.querySelector('.c-dot')).fill") == (
                "rgb(10, 92, 90)"
            )
            charts = page.locator(".chart")
            cut = "(all) => all.map((one) => getComputedStyle(one).breakInside)"
            assert set(charts.evaluate_all(cut)) == {"avoid"}
            for hidden in (".chart-file", ".chart-data > summary"):
                assert page.locator(hidden).count() > 0
                assert not page.locator(hidden).first.is_visible()
            link = "getComputedStyle(document.querySelector('main a')).textDecorationLine"
            assert page.evaluate(link) == "none"


def test_names_stand_in_a_column_where_there_is_room(chromium, site, rich):
    """Beside the drawing on a wide screen, above their dots on a narrow one; never across text."""
    place = "(what) => document.querySelector(`#levers-title ~ ${what}`).getBoundingClientRect().x"
    with at_work(chromium, site, "vera", viewport={"width": 1280, "height": 800}) as page:
        for width, is_column in ((1280, True), (320, False)):
            page.set_viewport_size({"width": width, "height": 800})
            page.goto("/e/acme/levers")
            zero = page.evaluate(place, ".c-zero")
            name = page.evaluate(place, ".c-name")
            assert (name < zero - 150) == is_column
            assert page.evaluate(CROSSING) == []


def test_the_typeface_is_loaded_once_by_our_pages_and_never_by_the_survey(
    chromium, site, rich, make
):
    _, token = invited(make, rich.acme)
    db.session.commit()
    with at_work(chromium, site, "vera") as page:  # which also notes requests to anybody else
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        for path in ("/employers/acme", "/e/acme/levers"):
            asked.clear()
            page.context.new_cdp_session(page).send("Network.clearBrowserCache")
            with page.expect_response("**/fonts/*") as answer:
                page.goto(path)
            assert answer.value.headers["content-type"] == "font/woff2"
            assert "immutable" in answer.value.headers["cache-control"]
            assert len([url for url in asked if "/fonts/" in url]) == 1, "preloaded, and not again"
            assert page.evaluate("document.fonts.check('16px Inter')")
            figures = page.locator(".chart-svg text").first
            assert figures.evaluate("(t) => getComputedStyle(t).fontFamily").startswith("Inter")
            variant = figures.evaluate("(t) => getComputedStyle(t).fontVariantNumeric")
            assert "tabular-nums" in variant
        asked.clear()
        page.goto(f"/s/{token}")
        page.wait_for_load_state("networkidle")
        assert len(asked) > 2
        assert not [url for url in asked if "/fonts/" in url]


def test_a_link_beside_a_chart_takes_it_away(chromium, site, rich):
    with at_work(chromium, site, "vera", accept_downloads=True) as page:
        page.goto("/e/acme/levers")
        with page.expect_download() as taken:
            page.locator("details.chart-data summary").first.click()
            page.get_by_role("link", name="Download as SVG").first.click()
        assert taken.value.suggested_filename == "acme-levers.svg"
        drawing = taken.value.path()
        page.goto("about:blank")
        with open(drawing) as file:
            assert file.read().startswith('<svg xmlns="http://www.w3.org/2000/svg"')
