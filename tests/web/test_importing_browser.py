"""Candidates imported in a real browser: the files of ten systems, by keys, without JavaScript."""

from datetime import date

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from portal import jobs
from portal.extensions import db
from portal.models import Application, Candidate, Outcome, Requisition
from tests.support.browsing import follow
from tests.support.system_exports import ASKED, EXPORTS, Expected, read
from tests.web.test_employer_browser import at_work

START = "/e/acme/import"
CONTINUE = "main form.form button[type=submit]"
CHOOSE = "text=Import candidates"


def upload(page: Page, text: str | bytes, name: str = "candidates.csv") -> None:
    page.goto(START)
    data = text.encode() if isinstance(text, str) else text
    page.set_input_files("#file", {"name": name, "mimeType": "text/csv", "buffer": data})
    follow(page, CONTINUE)


def step(page: Page) -> str:
    return page.url.rpartition("/")[2]


def asked(page: Page) -> set[str]:
    """What the page of answers waits for: what stands open and has no answer yet."""
    return {
        name for name in ("decided-on", "told", "dates") if page.locator(f"[name='{name}']").count()
    } | {f"overlooked-{one}" for one in range(page.locator("[name^=overlooked]").count())}


def tell(page: Page, told: bool) -> None:
    """Answer what no file of the kind can say."""
    if page.locator("#decided-on").count():
        page.fill("#decided-on", ASKED.isoformat())
    page.check(f"#told-{'yes' if told else 'no'}", force=True)
    follow(page, CONTINUE)


def carry_out(page: Page) -> None:
    """Press the button that imports, and let the worker work."""
    follow(page, "main .actions form button")
    jobs.work_runs()
    db.session.rollback()
    page.reload()
    assert page.locator("h1").inner_text() == "The import is done"


def held() -> set[tuple[Expected, date | None]]:
    """What came in, each with the day of telling."""
    found = db.session.execute(
        sa.select(
            Candidate.email,
            Requisition.title,
            Application.outcome,
            Application.decided_on,
            Candidate.name,
            Application.told_on,
        )
        .join(Application.candidate)
        .join(Application.requisition)
    )
    rows = {(Expected(*row[:5]), row[5]) for row in found}
    db.session.rollback()
    return rows


def due(expected: tuple[Expected, ...], told: bool) -> set[tuple[Expected, date | None]]:
    """Who withdrew ended it: nobody had to tell them."""
    return {
        (one, one.day if told and one.outcome is not Outcome.WITHDRAWN else None)
        for one in expected
    }


@pytest.mark.long
@pytest.mark.parametrize("system", EXPORTS)
def test_the_export_of_a_system_imports_as_it_is(chromium, site, cast, system):
    export = EXPORTS[system]
    with at_work(chromium, site, "remy", locale="en-GB") as page:
        upload(page, read(system), f"{system}.csv")
        assert step(page) == "columns"
        follow(page, CONTINUE)
        assert step(page) == "answers", page.locator("main").inner_text()
        assert asked(page) == {"told"} | (set() if export.has_day else {"decided-on"})
        tell(page, export.told)
        assert step(page) == "check", page.locator("main").inner_text()
        carry_out(page)
        assert held() == due(export.expected, export.told)

        upload(page, read(f"{system}-next"), f"{system}-next.csv")
        assert step(page) == "answers"
        assert asked(page) == {"told"} | (set() if export.has_day else {"decided-on"})
        assert page.locator("main select:visible").count() == 0
        tell(page, export.told)
        assert step(page) == "check"
        carry_out(page)
        everybody = (*export.expected, export.expected_next)
        assert held() == due(everybody, export.told)
