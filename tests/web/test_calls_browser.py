"""Calls and roles in a real browser: axe, 320 px, light and dark, two taps, without JavaScript."""

import pytest

from portal import hiring
from portal.extensions import db
from portal.models import Application, Outcome, Requisition, RequisitionState, utcnow
from tests.web.test_employer_browser import ARABIC, HOSTILE, at_work, follow, look

DESK, ROLES = "/e/acme/applications", "/e/acme/roles"


@pytest.fixture
def nurses(cast, make):
    """Whom to call: with a number, without one or an address, undecided; and a role just filled."""
    cam = make.decided(cast.acme, name="Cam Field", role="Nurse", phone="+1 613 555 0100 ext. 12")
    other = make.decided(cast.acme, name=HOSTILE, email=None, role=f"{ARABIC} {'R' * 90}")
    olu = make.application(cast.acme, name=ARABIC, role="Nurse", department="Ward B")
    hired = make.application(cast.acme, role="Nurse")
    hiring.record_attempt(cam, hiring.standing_decision(cam), utcnow())
    hiring.record_decision(hired, Outcome.HIRED, utcnow(), utcnow())
    db.session.commit()
    return [one.id for one in (cam, other, olu, hired)]


@pytest.mark.long
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 1280])
def test_calls_and_roles_are_accessible_and_fit(chromium, site, nurses, width, scheme):
    view = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    with at_work(chromium, site, "remy", **view) as page:
        for number in nurses:
            look(page, f"{DESK}/{number}")
            look(page, f"{DESK}/{number}/call")
        page.goto(f"{DESK}/{nurses[0]}")
        page.click("summary:has-text('Change the number')")
        page.fill("#phone", "none")
        follow(page, "text=Save the number")
        look(page)
        for path in (ROLES, f"{ROLES}?q=nobody", f"{ROLES}/1", f"{ROLES}/2", f"{DESK}/new"):
            look(page, path)
        page.goto(f"{ROLES}/2")
        page.fill("#title", "")
        page.fill("#places", "0")
        follow(page, "text=Save")
        look(page)


def test_a_call_takes_two_taps_on_a_telephone(chromium, site, nurses):
    cam, other, *_ = nurses
    view = {"viewport": {"width": 320, "height": 640}, "has_touch": True, "is_mobile": True}
    with at_work(chromium, site, "remy", **view) as page:
        page.goto(f"{DESK}/{cam}/call")
        number = page.locator("a[href='tel:+16135550100']")
        button = page.locator("button[value=reached]")
        assert number.bounding_box()["height"] >= 44
        assert button.bounding_box()["height"] >= 44
        assert button.bounding_box()["y"] < 1.25 * 640
        with page.expect_navigation():
            button.tap()
        assert page.url.endswith(f"{DESK}/{other}")
        assert "you told Cam Field by phone" in page.inner_text(".notice[role=status]")
    db.session.rollback()
    assert db.session.get_one(Application, cam).told_on


def test_two_taps_on_reached_are_one(chromium, site, nurses):
    with at_work(chromium, site, "remy") as page:
        page.goto(f"{DESK}/{nurses[0]}/call")
        with page.expect_navigation():
            page.dblclick("button[value=reached]")
    db.session.rollback()
    told = hiring.list_history(db.session.get_one(Application, nurses[0]))[1]
    assert [notice.kind for notice in told] == ["attempt", "decision"]


def test_a_role_is_closed_and_an_application_added_without_javascript(chromium, site, nurses):
    with at_work(chromium, site, "remy", java_script_enabled=False) as page:
        page.goto(f"{ROLES}/2")
        page.click("text=Close without a hire")
        assert "has not been told" in page.inner_text(".notice[role=status]")
        assert page.url.endswith(f"{DESK}?role=2&show=waiting")
        page.goto(f"{DESK}/new")
        assert page.locator("#department-list option").count() == 1
        for name in ("name", "role"):
            page.fill(f"#{name}", "Midwife")
        page.fill("#email", "m@example.net")
        page.click("text=Add the application")
        assert "Midwife is on the desk." in page.inner_text(".notice[role=status]")
    db.session.rollback()
    assert db.session.get_one(Requisition, 2).state is RequisitionState.CLOSED
