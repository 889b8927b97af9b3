"""The candidate's own page and the evidence record in a real browser: by axe, narrow and wide."""

import itertools
from datetime import timedelta

import pytest

from portal import hiring
from portal.extensions import db
from portal.models import Channel, EmailState, Locale, utcnow
from tests.web.test_candidate_browser import visit
from tests.web.test_employer_browser import ARABIC, at_work, look
from tests.web.test_status import LETTER, delay, path_of, settle

# The other looks are run with --long.
WIDE = "W" * 200


def told_twice(make, employer, name: str):
    """By phone, and then in writing, after a note."""
    now = utcnow()
    application = make.application(employer, name=name, role=WIDE)
    settle(delay(application, now, 9), EmailState.SENT, now)
    hiring.record_decision(application, "rejected", now, now, reason=WIDE)
    decision = hiring.standing_decision(application)
    hiring.record_told(application, decision, Channel.PHONE, now, now)
    settle(hiring.tell_now(application, decision, LETTER, now), EmailState.SENT, now)
    return application


@pytest.mark.long
@pytest.mark.parametrize(
    ("width", "scheme", "locale"),
    list(itertools.product((320, 1280), ("light", "dark"), ("en", "fr"))),
)
def test_every_state_is_accessible_and_fits(
    chromium, site, cast, make, smtp, width, scheme, locale
):
    cast.acme.name = f"{ARABIC} {WIDE[:60]}"
    waiting, asked = make.application(cast.acme), make.application(cast.acme)
    told = told_twice(make, cast.acme, name=ARABIC)
    asked.news_asked_at = told.news_asked_at = utcnow() - timedelta(days=1)
    for application in (waiting, asked, told):
        application.candidate.locale = Locale(locale)
    db.session.commit()
    paths = [path_of(application) for application in (waiting, asked, told)]
    pages = [f"/e/acme/applications/{one.id}" for one in (waiting, told)]
    view = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    with visit(chromium, site, **view) as page:
        for path in paths:
            look(page, path)
    with visit(chromium, site, java_script_enabled=False, **view) as page:
        page.goto(paths[0])
        page.click("main button")
        assert not page.query_selector("main button")
    with at_work(chromium, site, "remy", **view) as page:
        for path in pages:
            look(page, path)
            look(page, f"{path}/record")
            page.emulate_media(media="print")
            assert not page.is_visible(".breadcrumbs")
            page.emulate_media(media="screen")


@pytest.mark.parametrize("locale", ["en", "fr"])
def test_text_of_twice_the_size_fits_a_telephone(chromium, site, cast, make, smtp, locale):
    told = told_twice(make, cast.acme, name="Cam")
    told.candidate.locale = Locale(locale)
    db.session.commit()
    paths = (path_of(told), f"/s/{make.link(told)}")
    with visit(chromium, site) as page:
        for path in paths:
            page.set_viewport_size({"width": 400, "height": 640})
            page.goto(path)
            page.evaluate("document.documentElement.style.fontSize = '200%'")
            page.set_viewport_size({"width": 320, "height": 640})  # now it is measured anew
            page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
            right = page.eval_on_selector_all(
                "main time", "all => all.map(one => one.getBoundingClientRect().right)"
            )
            assert right
            assert max(right) <= 320, path
