"""The public pages in a real browser: axe, 320 px, light and dark, hostile names and comments."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from portal import reputation
from portal.extensions import db
from portal.models import utcnow
from tests.support.answers import release, store_answers
from tests.support.browsing import AXE, CUT

HOSTILE = '"><svg onload=alert(1)></script><script>alert(2)</script>{{7*7}} ' + "W" * 100
ARABIC = "شركة محمد بن سلمان للتجارة والنقل البحري المحدودة"
PATHS = (
    *("/", "/employers", "/employers?q=zzz", "/method", "/no/such/page"),
    *(f"/employers/{slug}" for slug in ("acme", "hostile", "arabic", "young", "quiet")),
    *("/employers/hostile/privacy", "/employers/hostile/privacy?lang=fr"),
    *("/employers/acme?lang=fr", "/method?lang=fr"),
)
# The page is too wide only where a reader would have to scroll the whole of it.
WIDER = """() => [...document.querySelectorAll('body *')].filter(e =>
  !e.closest('.table-scroll, .visually-hidden, svg svg, .skip-link')
  && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 100))"""


@pytest.fixture
def employers(make):
    """One of each kind: usual, hostile, right-to-left, young, not publishing."""
    acme = make.employer("acme", name="Acme", industry="Health")
    for number in range(8):
        make.told(acme, days_ago=40, told_after=number)
    hostile = make.employer("hostile", name=HOSTILE, industry=HOSTILE[:99], postal_address=HOSTILE)
    arabic = make.employer("arabic", name=ARABIC)
    for employer in (acme, hostile, arabic):
        for _ in range(2):
            store_answers(employer, 11, lambda n: {"comment": (HOSTILE, ARABIC, "Fine.")[n % 3]})
            release(employer)
    reputation.refresh_scorecard(make.employer("young"), utcnow())
    make.employer("quiet", is_published=False)
    db.session.commit()


@pytest.mark.long
@pytest.mark.parametrize(
    ("width", "scheme"), [(320, "light"), (320, "dark"), (1280, "light"), (1280, "dark")]
)
def test_public_pages_are_sound_in_a_browser(chromium, site, employers, width, scheme):
    context = chromium.new_context(
        base_url=site, viewport={"width": width, "height": 800}, color_scheme=scheme
    )
    page = context.new_page()
    troubles: list[str] = []
    page.on("dialog", lambda dialog: (troubles.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on("request", lambda r: r.url.startswith((site, "data:")) or troubles.append(r.url))
    page.on(
        "console",
        lambda said: said.type == "error" and "404" not in said.text and troubles.append(said.text),
    )
    for path in PATHS:
        page.goto(path)
        found = Axe().run(page, options=AXE).response["violations"]
        assert found == [], (path, [violation["id"] for violation in found])
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.evaluate(WIDER) == [], path
        assert page.evaluate(CUT) == [], path
    assert troubles == []
    assert context.cookies() == []
    context.close()


def test_the_way_from_the_start_page_to_an_employer_needs_keys_only(chromium, site, employers):
    page = chromium.new_page(base_url=site)
    page.goto("/")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.get_by_label("Find an employer").focus()
    page.keyboard.type("acme")
    page.keyboard.press("Enter")
    page.wait_for_url("**/employers?q=acme")
    page.get_by_role("link", name="Acme").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/employers/acme")
    assert page.get_by_role("heading", level=1).text_content() == "Acme"
    page.get_by_text("Table and file").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("details[open] table").first.is_visible()
    page.close()
