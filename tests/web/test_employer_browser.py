"""The signed-in pages in a real browser: by axe, narrow and wide, by keys, without JavaScript."""

import itertools
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page

from portal import hiring, outbox
from portal.extensions import db
from portal.letters import Text
from portal.models import Email, EmailState, Locale, Outcome, utcnow
from tests.support import scorecards
from tests.support.answers import answer, release
from tests.support.browsing import AXE, CUT, follow
from tests.support.factory import PASSWORD

HOSTILE = '<script>alert(1)</script>"><svg onload=alert(2)> ' + "W" * 60
ARABIC = "محمد بن سلمان العبدالله"
# The other looks are run with --long.
OVERFLOWING = """() => [...document.querySelectorAll("main *")].filter(
  (tag) => !tag.closest(".table-scroll, .tabs, .visually-hidden, svg svg")
    && tag.getBoundingClientRect().right > innerWidth + 1).map((tag) => tag.outerHTML.slice(0, 120))
"""
# Figures and names in a picture that run into one another, or out of it.
CROSSING = """() => [...document.querySelectorAll(".chart-svg")].flatMap((picture) => {
  const texts = [...picture.querySelectorAll("text")].filter((text) => text.textContent)
    .map((text) => [text.textContent, text.getBoundingClientRect()]);
  const apart = (a, b) => a.right <= b.left + 1 || b.right <= a.left + 1
    || a.bottom <= b.top + 5 || b.bottom <= a.top + 5;
  return [
    ...texts.filter(([, box]) => box.right > innerWidth || box.left < 0).map(([said]) => said),
    ...texts.flatMap(([one, a], at) => texts.slice(at + 1)
      .filter(([, b]) => !apart(a, b)).map(([other]) => `${one} × ${other}`)),
  ];
})
"""


@contextmanager
def at_work(chromium: Browser, site: str, who: str, **options) -> Iterator[Page]:
    """A signed-in browser that notes whatever must not happen."""
    db.session.rollback()
    context = chromium.new_context(base_url=site, **options)
    page = context.new_page()
    troubles: list[str] = []
    page.on("dialog", lambda dialog: (troubles.append(dialog.message), dialog.dismiss()))
    page.on("pageerror", lambda error: troubles.append(str(error)))
    page.on(
        "console",
        lambda message: None if "(CONFLICT)" in message.text else troubles.append(message.text),
    )
    page.on(
        "request",
        lambda request: None if request.url.startswith(site) else troubles.append(request.url),
    )
    page.goto("/sign-in")
    page.fill("#email", f"{who}@example.com")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(".account-menu")
    yield page
    context.close()
    assert troubles == []


@pytest.fixture
def busy(cast, make):
    """Acme with hostile names, every standing, mail in doubt, and released answers."""
    make.application(cast.acme, name=HOSTILE, role=HOSTILE)
    make.application(cast.acme, name=ARABIC, role="مدير", locale=Locale.FRENCH)
    make.decided(cast.acme, Outcome.HIRED, days_ago=30)
    for days in range(6):
        token = make.link(make.told(cast.acme, days_ago=40, told_after=days))
        answer(token, recommend=8, overall=4)
    doubtful = make.decided(cast.acme, name="Cam Field")
    decision = hiring.standing_decision(doubtful)
    hiring.tell_now(doubtful, decision, Text("News", "Dear Cam"), utcnow())
    asked = {"employer_id": cast.acme.id, "dedup_key": "invite:1"}
    invitation = make.invitation(doubtful)
    outbox.queue_email("invite", "cam@example.net", invitation_id=invitation.id, **asked)
    db.session.query(Email).update({"state": EmailState.UNKNOWN, "reason": "no_reply"})
    outbox.pause("mail 535", utcnow(), "5.7.8 no")
    db.session.commit()
    assert release(cast.acme)
    return doubtful.id


def look(page: Page, path: str = "") -> None:
    """Assert that the page is accessible and no wider than the window."""
    if path:
        page.goto(path)
    found = Axe().run(page, options=AXE).response["violations"]
    assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == [], path
    width = page.viewport_size["width"]
    assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    assert page.evaluate(OVERFLOWING) == [], path


@pytest.mark.long
@pytest.mark.parametrize(
    ("width", "scheme"), list(itertools.product((320, 1280), ("light", "dark")))
)
def test_every_page_is_accessible_and_fits(chromium, site, busy, width, scheme):
    view = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    desk = "/e/acme/applications"
    with at_work(chromium, site, "ada", **view) as page:
        for path in (
            "/e/acme/",
            "/e/acme/habits",
            "/e/acme/habits/not-told",
            "/e/acme/levers",
            "/e/acme/feedback",
            desk,
            f"{desk}?q=nobody",
            f"{desk}?show=told",
            f"{desk}?show=not_told",
            f"{desk}/new",
            f"{desk}/1",
            f"{desk}/2",
            f"{desk}/{busy}",
            f"{desk}/1/decision",
            f"{desk}/2/delay",
            f"{desk}/{busy}/tell",
            f"{desk}/{busy}/retract",
        ):
            look(page, path)
        page.goto(f"{desk}/{busy}/tell")
        assert not page.is_visible(".letter")
        page.check("#how-0", force=True)
        assert page.is_visible(".letter")
        look(page)
        page.click("text=Change the words")
        page.fill("#body", "Dear {nobody}")
        page.check("#leaves-1", force=True)
        follow(page, "text=Send it or note it")
        look(page)
        assert page.evaluate("document.activeElement.dataset.errorSummary") is not None
        page.goto(f"{desk}/new")
        follow(page, "text=Add the application")
        look(page)
    with at_work(chromium, site, "otto", **view) as page:
        look(page, "/operator")
        follow(page, "text=Send the one survey invitation of")
        look(page)
    with at_work(chromium, site, "olga", **view) as page:
        look(page, "/e/globex/")
        look(page, "/e/globex/applications")


def test_a_table_laid_out_as_cards_is_one_to_a_screen_reader(chromium, site, cast):
    """In narrow windows no part of it is laid out as a table, and none says its role itself."""
    scorecards.write(cast.globex, *scorecards.STATES["rich"]())
    with at_work(chromium, site, "olga", viewport={"width": 320, "height": 800}) as page:
        page.goto("/e/globex/habits")
        page.evaluate(CUT)
        tree = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
        roles = Counter(node["role"]["value"] for node in tree if not node["ignored"])
        for role, parts in {
            "table": "table",
            "row": "tr",
            "columnheader": "[scope=col]",
            "rowheader": "[scope=row]",
            "cell": "td:not(:empty)",
        }.items():
            assert roles[role] == page.locator(parts).count() > 0, role
        layout = "getComputedStyle(document.querySelector('tbody td')).display"
        assert page.evaluate(layout) == "grid"


FIGURES = {
    "rich": ("", "habits", "levers"),
    "early": ("habits",),
    "platform-only": ("levers",),
    "extreme": ("", "levers"),
}


@pytest.mark.long
@pytest.mark.parametrize(
    ("width", "scheme"), list(itertools.product((320, 1280), ("light", "dark")))
)
def test_figures_are_accessible_and_fit(chromium, site, cast, width, scheme):
    view = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    cast.globex.name = f"{ARABIC} {'W' * 60}"
    db.session.commit()
    with at_work(chromium, site, "olga", **view) as page:
        for state, paths in FIGURES.items():
            scorecards.write(cast.globex, *scorecards.STATES[state]())
            for path in paths:
                look(page, f"/e/globex/{path}")
                assert page.evaluate(CROSSING) == [], (state, path)
                assert page.evaluate(CUT) == [], (state, path)
        look(page)


def tab_to(page: Page, name: str) -> None:
    """Press Tab until what is called NAME has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        said = page.evaluate(
            "(document.activeElement.labels?.[0] ?? document.activeElement).textContent"
        )
        if " ".join(said.split()) == name:
            return
    raise AssertionError(f"no way by keys to {name!r}")


@pytest.mark.parametrize("has_javascript", [True, False])
def test_a_decision_is_recorded_and_told_by_keys_alone(
    chromium, site, cast, make, smtp, has_javascript
):
    cam = make.application(cast.acme, name="Cam Field", role="Nurse")
    number = cam.id
    with at_work(chromium, site, "remy", java_script_enabled=has_javascript) as page:
        # Without JavaScript a page cannot say what has the focus: there the keys are counted on
        # to be the same, and what they would do is done.
        go = (lambda name: tab_to(page, name)) if has_javascript else None
        page.goto(f"/e/acme/applications/{number}")
        if go:
            go("Record a decision")
            page.keyboard.press("Enter")
            page.wait_for_url("**/decision")
            go("Not chosen")
            page.keyboard.press("Space")
            go("Tell now, by email")
            page.keyboard.press("Space")
            page.keyboard.press("Enter")
            page.wait_for_selector(".letter")
            go("Record the decision")
            page.keyboard.press("Enter")
        else:
            follow(page, "text=Record a decision")
            page.click("label:has-text('Not chosen')")
            page.click("label:has-text('Tell now')")
            follow(page, "button:has-text('Record the decision')")
            assert page.is_visible(".letter")
            follow(page, "button:has-text('Record the decision')")
        page.wait_for_selector("text=The email to Cam Field leaves now.")
    assert db.session.query(Email).one().state is EmailState.QUEUED


def test_a_panel_shows_only_what_its_choice_asks_for(chromium, site, cast, make):
    number = make.application(cast.acme).id
    with at_work(chromium, site, "remy") as page:
        page.goto(f"/e/acme/applications/{number}/decision")
        assert not page.is_visible("#told_on")
        page.click("label:has-text('I have told them already')")
        assert page.is_visible("#told_on")
        assert page.input_value("#told_on") == date.today().isoformat()


def test_two_windows_keep_what_was_typed(chromium, site, cast, make):
    number = make.application(cast.acme, name="Cam Field").id
    path = f"/e/acme/applications/{number}/decision"
    with at_work(chromium, site, "ada") as hers, at_work(chromium, site, "remy") as his:
        hers.goto(path)
        his.goto(path)
        for page, label in ((his, "Hired"), (hers, "Not chosen")):
            page.fill("#reason", f"because: {label}")
            page.fill("#decided_on", (date.today() - timedelta(days=1)).isoformat())
            page.click(f"label:has-text('{label}')")
            page.click("label:has-text('Not yet')")
            follow(page, "button:has-text('Record the decision')")
        hers.wait_for_selector("text=remy@example.com recorded “Hired”")
        assert hers.input_value("#reason") == "because: Not chosen"
        look(hers)
