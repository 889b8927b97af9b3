"""Mail as it is read: on a narrow telephone and a wide window, in light and in dark."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from portal import outbox
from portal.models import Locale
from tests.mail.conftest import configure, go

MEASURE = """() => [
    document.documentElement.scrollWidth - innerWidth,
    Math.min(...[...document.querySelectorAll('a')].map(a => a.getBoundingClientRect().height)),
    Math.min(...[...document.querySelectorAll('a')].map(a => a.getBoundingClientRect().width)),
]"""


SMALLEST = """() => Math.min(...[...document.body.querySelectorAll('*')]
    .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim()))
    .map(e => parseFloat(getComputedStyle(e).fontSize)))"""
# Of all backgrounds the lightest: its darkest part of red, green and blue.
LIGHTEST = """() => Math.max(...[...document.querySelectorAll('*')]
    .map(e => getComputedStyle(e).backgroundColor.match(/[\\d.]+/g).map(Number))
    .filter(([,,, alpha = 1]) => alpha)
    .map(([red, green, blue]) => Math.min(red, green, blue)))"""


@pytest.mark.long
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("locale", list(Locale))
def test_mail_can_be_read_and_touched_everywhere(app, owe, smtp, chromium, locale):
    configure(app, BASE_URL="https://heardback.example")
    acme = owe.employer(name="Maple, Finch and Sons Consulting Engineers")
    for kind in ("invite", "reminder", "fresh_link"):
        owe.email(acme, kind=kind, locale=locale, role="Donaudampfschifffahrtskapitän" * 3)
    while outbox.deliver_next(go):
        pass
    for scheme in ("light", "dark"):
        for width in (320, 900):
            size = {"width": width, "height": 800}
            page = chromium.new_page(viewport=size, color_scheme=scheme)
            for message in smtp:
                page.set_content(message.get_body(("html",)).get_content())
                overflow, height, link_width = page.evaluate(MEASURE)
                assert overflow <= 0
                assert height >= 44
                assert link_width >= 44
                # A mail has no landmarks: it stands in the reader's own page.
                found = Axe().run(
                    page,
                    options={
                        "rules": {
                            "region": {"enabled": False},
                            "landmark-one-main": {"enabled": False},
                        }
                    },
                )
                assert found.violations_count == 0, found.generate_report()
            page.close()


@pytest.mark.long
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("locale", list(Locale))
@pytest.mark.parametrize(
    ("employer", "role"),
    [
        ("Nordwind Logistics", "Senior Warehouse Planner"),
        ("Donaudampfschifffahrtsgesellschaft", "Sachbearbeiterin Debitorenbuchhaltung"),
        (
            "Maple, Finch and Sons Consulting Engineers of Upper Canada Co",
            "Kapitänsanwärterin " * 4,
        ),
    ],
)
def test_the_invitation_is_short_on_a_narrow_telephone(
    app, owe, smtp, chromium, locale, employer, role
):
    configure(
        app,
        BASE_URL="https://heardback.example",
        OPERATOR_NAME="Northside Trust",
        OPERATOR_EMAIL="help@northside.example",
    )
    acme = owe.employer(name=employer, postal_address="Hafenstraße 12\n20457 Hamburg\nGermany")
    owe.email(acme, locale=locale, role=role, name="Maximiliane Schmidt-Rottluff")
    outbox.deliver_next(go)
    (message,) = smtp
    html = message.get_body(("html",)).get_content()
    without_head = re.sub("<style>.*</style>", "", html, flags=re.DOTALL)  # as some clients do
    for shown, scheme in ((html, "light"), (html, "dark"), (without_head, "light")):
        page = chromium.new_page(viewport={"width": 320, "height": 400}, color_scheme=scheme)
        page.set_content(shown)
        overflow, link_height, link_width = page.evaluate(MEASURE)
        assert overflow <= 0
        assert min(link_height, link_width) >= 44
        assert page.evaluate("document.documentElement.scrollHeight") <= 1200
        assert page.evaluate(SMALLEST) >= 14
        assert (page.evaluate(LIGHTEST) < 80) is (scheme == "dark")
        assert len({star.bounding_box()["y"] for star in page.query_selector_all(".star a")}) == 1
        page.close()
