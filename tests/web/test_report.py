"""The report on one sheet: the overview's figures, on one printed page, for every member."""

import re

import pytest
import time_machine

from portal.extensions import db
from portal.models import Outcome
from tests.support import scorecards
from tests.support.causal import CAUSAL
from tests.support.statements import noting_statements
from tests.web.staff import Person, words_of
from tests.web.test_employer_browser import ARABIC, at_work

HERE = "/e/acme/report"


@pytest.fixture
def vera(cast, app):
    return Person(app).sign_in(cast.vera)


@pytest.mark.parametrize("state", scorecards.STATES)
def test_every_state_makes_a_sound_sheet(cast, vera, state):
    scorecards.write(cast.acme, *scorecards.STATES[state]())
    text = words_of(vera.get(HERE))
    assert CAUSAL.findall(text) == []
    assert not re.search(r"\bNone\b|\bnan\b|_\w+_", text)
    assert "Acme" in text
    assert "What speaks against it" in text
    assert ("This is an association" in text) == (state == "rich")


def test_before_anything_the_sheet_says_what_is_missing(cast, vera):
    text = words_of(vera.get(HERE))
    assert "Not enough feedback yet: a score needs 5 released answers" in text
    assert "Everybody you have decided on has been told." in text
    assert "Nobody was decided on" in text
    assert "No habit can be named" in text


def test_it_says_what_the_overview_says(cast, vera):
    """Never another figure for the same thing."""
    scorecards.write(cast.acme, *scorecards.STATES["rich"]())
    sheet, overview = words_of(vera.get(HERE)), words_of(vera.get("/e/acme/"))
    for said in (
        "3.5 of 5 95 % range 3.3 to 3.7, from 135 answers",
        "Last 90 days against before +0.3 stars 95 % range +0.1 to +0.6, up to",
        "Everyone told within 3 days +0.6 stars",
        "Not told within 30 days 25 % 95 % range 20 % to 30 %, 79 of 318 decisions",
    ):
        assert said in sheet.replace("\xa0", " ")
        assert said in overview.replace("\xa0", " ")
    assert "More candidates than slips account for say they were not told" in sheet


@time_machine.travel("2026-11-15 12:00+00:00")
def test_the_months_are_those_of_the_records(cast, make, app):
    vera = Person(app).sign_in(cast.vera)
    make.told(cast.acme, days_ago=10)
    make.decided(cast.acme, days_ago=3)
    make.told(cast.acme, days_ago=20)
    make.decided(cast.acme, Outcome.WITHDRAWN, days_ago=20)  # nothing is owed
    make.decided(cast.acme, days_ago=60)
    text = words_of(vera.get(HERE))
    assert "Decided in November 2026, told by now 1 of 2 counted in full" in text
    assert "Decided in October 2026, told by now 1 of 1 counted in full" in text
    assert "Waiting for your answer 2 people" in text


def test_it_costs_a_handful_of_statements(cast, vera):
    scorecards.write(cast.acme, *scorecards.STATES["rich"]())
    with noting_statements() as seen:
        vera.get(HERE)
    assert len(seen) <= 7


def test_another_employers_report_does_not_exist(cast, vera):
    vera.get("/e/globex/report", status=404)


@pytest.mark.parametrize("locale", ["en-US", "fr-FR"])
def test_it_is_one_printed_page(chromium, site, cast, make, locale):
    cast.globex.name = f"{ARABIC} {'Maple and Finch Consulting Engineers ' * 2}"
    make.decided(cast.globex, days_ago=400)
    scorecards.write(cast.globex, *scorecards.STATES["rich"]())
    db.session.commit()
    with at_work(
        chromium, site, "olga", viewport={"width": 1000, "height": 800}, locale=locale
    ) as page:
        page.goto("/e/globex/report")
        assert page.get_by_role("button", name=re.compile("Print|Imprimer")).is_visible()
        paper = page.pdf(
            format="A4", margin=dict.fromkeys(("top", "bottom", "left", "right"), "15mm")
        )
        assert len(re.findall(rb"/Type\s*/Page\b", paper)) == 1
        page.emulate_media(media="print")
        assert not page.locator(".site-header").is_visible()
        assert not page.get_by_role("button").first.is_visible()
