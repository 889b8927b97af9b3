"""Mail as it is read: on a narrow telephone and a wide window, in light and in dark."""

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
