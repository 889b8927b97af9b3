"""Candidates imported in a real browser: the files of ten systems, by keys, without JavaScript."""

import re
import time
from datetime import date
from pathlib import Path

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from portal import intake, jobs
from portal.extensions import db
from portal.models import Application, Candidate, Outcome, Requisition, utcnow
from tests.support.browsing import follow
from tests.support.import_files import write
from tests.support.serving import served
from tests.support.system_exports import ASKED, EXPORTS, Expected, read
from tests.web.test_employer_browser import ARABIC, HOSTILE, at_work, look
from tests.web.test_team_browser import press, tab_to

START = "/e/acme/import"
CONTINUE = "main form.form button[type=submit]"


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


HEADER = "Name,Email,Job title,Verdict,Decision date"
ROWS = ("Ann,ann@mail.test,Nurse,Turned away,2025-03-20", "Bob,bob@mail.test,Nurse,In review,")
CLEAN = "\n".join([HEADER, *ROWS])
LONG = "W" * 200
ODD = write(
    [*HEADER.split(","), "Very long heading " * 11, LONG[:90], "مرحلة"],
    [HOSTILE, "h@mail.test", HOSTILE, LONG, "2025-03-20", LONG, "words " * 60, "مقابلة"],
    [ARABIC, "a@mail.test", "مدير", "Turned away", "2025-03-20", "", "", ""],
    [LONG, "b@", LONG, "Hired", "31/31/2025", LONG, "words " * 60, ARABIC * 8],
)
OPEN = "\n".join(["Name,Email,Job title", *(f"P {n},p{n}@mail.test,Cook" for n in range(60))])
LARGE = OPEN + "".join(f"\nQ {n},q{n}@mail.test,Porter" for n in range(2000))


NARROW = """() => [...document.querySelectorAll(".table-scroll")]
  .filter((one) => one.scrollWidth > one.clientWidth && !one.querySelector(".import-top"))
  .map((one) => one.textContent.slice(0, 80))
"""


def see(page: Page, path: str = "") -> None:
    """Assert that the page is accessible and fits, its tables as well."""
    look(page, path)
    assert page.evaluate(NARROW) == []


def choose_file(page: Page, text: str) -> None:
    """Choose it with the keyboard, as far as the dialogue of the system is not concerned."""
    tab_to(page, "#file")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    data = {"name": "candidates.csv", "mimeType": "text/csv", "buffer": text.encode()}
    chooser.value.set_files(data)


@pytest.mark.long
def test_from_the_file_to_the_undo_by_keyboard_on_a_narrow_screen(chromium, site, cast):
    view = {"viewport": {"width": 320, "height": 640}, "locale": "en-GB"}
    with at_work(chromium, site, "remy", **view) as page:
        page.goto("/e/acme/applications")
        tab_to(page, f"main a[href='{START}']")
        press(page)
        choose_file(page, CLEAN)
        tab_to(page, CONTINUE)
        press(page)
        tab_to(page, "#column-3")
        page.keyboard.type("What was decided")
        tab_to(page, CONTINUE)
        press(page)
        assert step(page) == "answers"
        tab_to(page, CONTINUE)
        press(page)
        assert page.evaluate("document.activeElement.matches('[data-error-summary]')")
        tab_to(page, ".error-summary a[href='#value-0']")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "value-0"
        page.keyboard.type("Not chosen")
        tab_to(page, "#told-yes")
        page.keyboard.press("Space")
        tab_to(page, CONTINUE)
        press(page)
        assert step(page) == "check"
        tab_to(page, "main .actions form button")
        assert page.evaluate("document.activeElement.innerText") == "Import 2 candidates"
        press(page)
        jobs.work_runs()
        db.session.rollback()
        page.wait_for_selector("text=The import is done")
        tab_to(page, "main form button")
        press(page)
        jobs.work_runs()
        db.session.rollback()
        page.wait_for_selector("text=The import was undone")
        assert held() == set()


@pytest.mark.long
def test_without_javascript_one_looks_again(chromium, site, cast):
    options = {"java_script_enabled": False, "locale": "en-GB"}
    with at_work(chromium, site, "remy", **options) as page:
        upload(page, LARGE)
        follow(page, CONTINUE)
        assert "The file is being checked" in page.locator("h1").inner_text()
        jobs.check_files()
        db.session.rollback()
        follow(page, "text=Look again")
        follow(page, "main .actions form button")
        assert "Waiting for its turn" in page.locator("main").inner_text()
        jobs.work_runs()
        db.session.rollback()
        follow(page, "text=Look again")
        follow(page, "text=Undo this import")
        jobs.work_runs()
        db.session.rollback()
        follow(page, "text=Look again")
        assert page.locator("h1").inner_text() == "The import was undone"
        upload(page, CLEAN)
        page.select_option("#column-3", "outcome")
        follow(page, CONTINUE)
        page.select_option("#value-0", "rejected")
        tell(page, told=False)
        carry_out(page)
        assert len(held()) == 2


def memory(process: int, what: str = "VmHWM") -> int:
    """The most that a process has held at once, in MiB."""
    status = Path(f"/proc/{process}/status").read_text()
    return int(re.search(rf"{what}:\s+(\d+) kB", status)[1]) // 1024


@pytest.mark.long
def test_ten_thousand_rows_show_how_far_looking_at_them_is(chromium, cast, database_url, tmp_path):
    rows = "".join(f"\nPerson {n},person{n}@mail.test,Porter" for n in range(10_000))
    with (
        served(tmp_path, DATABASE_URL=database_url) as web,
        at_work(chromium, f"http://127.0.0.1:{web.port}", "remy", locale="en-GB") as page,
    ):
        upload(page, OPEN)
        follow(page, CONTINUE)
        before = memory(web.process.pid)
        begun = time.monotonic()
        upload(page, f"Name,Email,Role{rows}")
        follow(page, CONTINUE)
        page.wait_for_selector("[data-under-way]")
        assert time.monotonic() - begun < 5
        jobs.check_files()
        db.session.rollback()
        page.wait_for_selector("text=Import 10,000 candidates")
        assert memory(web.process.pid) < before + 8


@pytest.mark.long
@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_step_is_accessible_and_fits(chromium, site, cast, width, scheme):
    view = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme}
    with at_work(chromium, site, "remy", **view, locale="en-GB") as page:
        page.goto(START)
        follow(page, CONTINUE)
        see(page)
        upload(page, "One,Two,Three\n1,2,3\n")
        see(page)
        upload(page, ODD, f"{'long name ' * 19}.csv")
        page.select_option("#column-1", "")
        page.select_option("#column-2", "name")
        follow(page, CONTINUE)
        see(page)
        for place, field in enumerate(["name", "email", "role", "outcome"]):
            page.select_option(f"#column-{place}", field)
        follow(page, CONTINUE)
        see(page)
        follow(page, CONTINUE)
        see(page)
        for value in page.locator("select[aria-invalid=true]").all():
            value.select_option("rejected")
        tell(page, told=False)
        assert "1 of 3 rows cannot be imported" in page.locator("h1").inner_text()
        see(page)
        follow(page, "main .actions form button")
        see(page)
        jobs.work_runs()
        see(page, page.url)
        upload(page, OPEN)
        follow(page, CONTINUE)
        see(page)
        follow(page, "main .actions form button")
        intake.fail_import(int(step(page)), "The worker’s disk was full.", utcnow())
        db.session.commit()
        see(page, page.url)
        upload(page, LARGE)
        see(page)
        page.goto(f"{START}")
        see(page)
