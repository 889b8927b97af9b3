"""The desk in a real browser: two hundred people in few clicks, by keys, in every state."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from portal import hiring, jobs, outbox
from portal.extensions import db
from portal.models import (
    Application,
    Channel,
    Email,
    Employer,
    Notice,
    NoticeKind,
    Outcome,
    SuppressionReason,
    utcnow,
)
from tests.support.browsing import follow
from tests.web.test_employer_browser import ARABIC, HOSTILE, at_work, look
from tests.web.test_team_browser import press, tab_to

DESK = "/e/acme/applications"
SOON = date.today() + timedelta(days=9)
MOST_CLICKS = 25


def add(employer: Employer, count: int, role: str, outcome: Outcome | None = None, **facts) -> None:
    now = utcnow()
    news = [
        hiring.NewApplication(
            **{"name": f"{role} {n}", "email": f"{role}{n}@mail.test".lower(), "role": role} | facts
        )
        for n in range(count)
    ]
    added = hiring.Additions(employer, news, now)
    for new in news:
        past = hiring.PastDecision(outcome, now - timedelta(days=20)) if outcome else None
        added.add(new, past)
    added.finish()
    db.session.commit()


def fill(employer: Employer) -> None:
    """A desk of two hundred: each group found by one tab or one filter."""
    add(employer, 100, "Nurse", Outcome.REJECTED)
    add(employer, 40, "Porter", Outcome.HIRED)
    add(employer, 20, "Cook", Outcome.REJECTED, email=None)
    add(employer, 25, "Clerk")
    add(employer, 15, "Driver")


@dataclass
class Hands:
    """One way of using a page, and how often something was pressed."""

    page: Page
    by_keyboard: bool = False
    presses: int = 0

    def tick(self, selector: str) -> None:
        self.presses += 1
        if self.by_keyboard:
            tab_to(self.page, selector)
            self.page.keyboard.press("Space")
        else:
            self.page.click(selector)

    def go(self, selector: str) -> None:
        self.presses += 1
        if self.by_keyboard:
            tab_to(self.page, selector)
            press(self.page)
        else:
            follow(self.page, selector)

    def type(self, selector: str, text: str) -> None:
        if self.by_keyboard:
            tab_to(self.page, selector)
            self.page.keyboard.type(text)
        else:
            self.page.fill(selector, text)

    def narrow(self, role: str) -> None:
        self.type("#search-q", role)
        self.go(".search button")

    def choose(self, action: str) -> None:
        self.tick("input[name=every]")
        self.go(f".work-bar button[value={action}]")

    def send(self) -> None:
        self.go("main form.form button[value=send]")

    def clear(self) -> None:
        self.page.goto(DESK)
        self.choose("tell")
        self.type("#typed", "140")
        self.send()
        jobs.work_runs()
        db.session.rollback()
        self.page.wait_for_selector("h1 >> text=Telling by letter: done")
        self.go("main .actions a.button")
        self.choose("told")
        self.send()
        self.narrow_from_start("Clerk")
        self.choose("delay")
        self.set_date()
        self.send()
        self.send()
        self.narrow_from_start("Driver")
        self.choose("withdraw")
        self.send()

    def narrow_from_start(self, role: str) -> None:
        self.go(".tabs a[href*='show=open']")
        self.narrow(role)

    def set_date(self) -> None:
        if self.by_keyboard:
            tab_to(self.page, "#next_on")
            self.page.keyboard.type(f"{SOON:%m%d%Y}")  # as Chromium without a locale has it
        else:
            self.page.fill("#next_on", SOON.isoformat())


def recorded() -> dict[str, int]:
    db.session.expire_all()
    count = sa.func.count()
    letters = sa.select(count).select_from(Notice).join(Email, Email.notice_id == Notice.id)
    return {
        "letters": db.session.scalar(letters.where(Notice.kind == NoticeKind.DECISION)),
        "calls": db.session.scalar(sa.select(count).where(Application.channel == Channel.PHONE)),
        "dates": db.session.scalar(letters.where(Notice.next_on == SOON)),
        "withdrawn": db.session.scalar(
            sa.select(count).where(Application.outcome == Outcome.WITHDRAWN)
        ),
    }


@pytest.mark.long
@pytest.mark.parametrize("by_keyboard", [False, True], ids=["mouse", "keyboard"])
def test_a_desk_of_two_hundred_is_cleared_in_few_clicks(chromium, site, cast, by_keyboard):
    fill(cast.acme)
    with at_work(chromium, site, "remy", locale="en-GB") as page:
        hands = Hands(page, by_keyboard)
        hands.clear()
        assert recorded() == {"letters": 140, "calls": 20, "dates": 25, "withdrawn": 15}
        assert hands.presses <= MOST_CLICKS
        page.goto(DESK)
        assert "Nobody is waiting" in page.locator("main").inner_text()
        idle = sa.select(sa.func.count()).where(
            Application.is_waiting, Application.news_leaves_at.is_(None)
        )
        assert db.session.scalar(idle) == 0


def odd_people(cast, make) -> None:
    acme = cast.acme
    make.decided(acme, name=HOSTILE, role="R" * 200)
    make.decided(acme, name=ARABIC * 6, role="مدير")
    make.decided(acme, name="", email="nameless@mail.test")
    make.decided(acme, email=None, name="W" * 200)
    make.decided(acme, email="dead@mail.test")
    outbox.suppress("dead@mail.test", SuppressionReason.HARD_BOUNCE, None, "relay")
    make.application(acme, name="Olu", department="D" * 120)
    make.told(acme)
    db.session.commit()


@pytest.mark.long
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_state_of_the_desk_is_accessible_and_fits(chromium, site, cast, make, width, scheme):
    view = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    with at_work(chromium, site, "remy", **view, locale="en-GB") as page:
        look(page, DESK)
        odd_people(cast, make)
        for show in ("all", "open", "waiting", "scheduled", "all&q=nobody"):
            look(page, f"{DESK}?show={show}")
        page.goto(f"{DESK}?show=overdue")
        page.locator(".work__more summary").first.click()
        look(page)
        for action in ("tell", "told", "withdraw"):
            page.goto(f"{DESK}?show=overdue")
            page.check("input[name=every]")
            follow(page, f".work-bar button[value={action}]")
            look(page)
        page.goto(f"{DESK}?show=open")
        page.check("input[name=every]")
        follow(page, ".work-bar button[value=decide]")
        look(page)
        follow(page, "main form.form button[value=send]")
        assert "Choose what was decided." in page.locator(".error-summary").inner_text()
        look(page)
        add(cast.acme, 60, "Nurse", Outcome.REJECTED)
        page.goto(f"{DESK}?show=overdue")
        page.check("input[name=every]")
        follow(page, ".work-bar button[value=tell]")
        page.fill("#typed", "7")
        follow(page, "main form.form button[value=send]")
        look(page)
        page.fill("#typed", page.locator(".lead").inner_text().split()[1])
        follow(page, "main form.form button[value=send]")
        look(page)
        jobs.work_runs()
        db.session.rollback()
        look(page, page.url)


@pytest.mark.parametrize("locale", ["en-US", "fr-FR"])
def test_what_is_done_with_many_comes_once_somebody_is_ticked_and_moves_nobody(
    chromium, site, cast, locale
):
    add(cast.acme, 3, "Nurse", Outcome.REJECTED)
    view = {"viewport": {"width": 1280, "height": 800}, "locale": locale}
    with at_work(chromium, site, "remy", **view) as page:
        page.goto(DESK)
        actions, hint = page.locator(".work-bar__actions"), page.locator(".work-bar__hint")
        first = page.locator(".work__row").first
        assert (actions.is_visible(), hint.is_visible()) == (False, True)
        before = first.bounding_box()
        page.locator(".work__pick input").nth(1).check()
        assert (actions.is_visible(), hint.is_visible()) == (True, False)
        assert first.bounding_box() == before


@pytest.mark.long
def test_words_that_were_changed_are_shown_before_they_leave(chromium, site, cast):
    add(cast.acme, 3, "Nurse", Outcome.REJECTED)
    with at_work(chromium, site, "remy", locale="en-GB") as page:
        page.goto(DESK)
        page.check("input[name=every]")
        follow(page, ".work-bar button[value=tell]")
        page.locator("details:has(#body-rejected-en) > summary").click()
        page.fill("#body-rejected-en", "Dear {candidate},\n\nnot this time, for {role}.")
        follow(page, "main form.form button[value=send]")
        assert "Not sent yet" in page.locator("main").inner_text()
        assert "not this time, for Nurse." in page.locator(".letter").inner_text()
        follow(page, "main form.form button[value=send]")
        assert "3 letters are written; the first leaves on " in page.locator(".notice").inner_text()
        follow(page, "text=Line by line, and undo")
        follow(page, "text=Undo this")
        assert page.locator("h1").inner_text() == "Telling by letter: undone"
        assert page.locator(".run-lines td:last-child").all_inner_texts() == ["Undone"] * 3
        page.goto(DESK)
        assert page.locator(".work__row").count() == 3


@pytest.mark.long
def test_ten_thousand_letters_show_how_far_they_are(chromium, site, cast):
    add(cast.acme, 10_000, "Nurse", Outcome.REJECTED)
    with at_work(chromium, site, "remy", locale="en-GB") as page:
        page.goto(DESK)
        page.check("input[name=every]")
        begun = time.monotonic()
        follow(page, ".work-bar button[value=tell]")
        assert "100 letters an hour" not in page.locator("main").inner_text()
        page.fill("#typed", "10000")
        follow(page, "main form.form button[value=send]")
        page.wait_for_selector("[data-under-way]")
        assert time.monotonic() - begun < 30
        stop = _after(300)
        jobs.work_runs(stop)
        db.session.rollback()
        page.wait_for_selector("[role=status] >> text=/of 10,000/")


def _after(count: int) -> Callable[[], bool]:
    """Says to stop once it was asked COUNT times."""
    left = iter(range(count))
    return lambda: next(left, None) is None
