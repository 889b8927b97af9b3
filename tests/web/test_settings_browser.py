"""The settings in a real browser: by keys alone, in both languages, by axe, narrow and wide."""

import itertools

import pytest
import sqlalchemy as sa
from playwright.sync_api import Page

from portal import language
from portal.extensions import db
from portal.language import gettext
from portal.models import Employer
from tests.support import scorecards
from tests.web.test_employer_browser import ARABIC, at_work, look, tab_to
from tests.web.test_settings import GROUPS, HOME, count_rows


@pytest.mark.long
@pytest.mark.parametrize(
    ("width", "scheme", "locale"),
    list(itertools.product((320, 1280), ("light", "dark"), ("en-GB", "fr-FR"))),
)
def test_every_page_is_accessible_and_fits(chromium, site, cast, make, width, scheme, locale):
    scorecards.write(cast.acme, *scorecards.STATES["rich"]())
    cast.acme.name = f"{ARABIC} {'W' * 60}"
    make.application(cast.acme)
    db.session.commit()
    view = {"viewport": {"width": width, "height": 800}, "color_scheme": scheme, "locale": locale}
    with at_work(chromium, site, "ada", **view) as page:
        look(page, HOME)
        for group in GROUPS:
            look(page, f"{HOME}/{group}")
        for shown in ("survey", "invitation", "page", "closed"):
            look(page, f"{HOME}/preview/fr/{shown}")
        for shown in ("", "/rejected/en", "/delay/fr"):
            look(page, f"{HOME}/letters{shown}")
        page.goto(f"{HOME}/publishing")
        page.check("#publish-1", force=True)
        page.keyboard.press("Enter")
        page.wait_for_selector("main .button--danger")
        look(page)
        page.goto(f"{HOME}/asking")
        page.fill("#survey_delay_days", "x")
        page.keyboard.press("Enter")
        page.wait_for_selector("[data-error-summary]")
        assert page.evaluate("document.activeElement.dataset.errorSummary") is not None
        look(page)


WORDS = {
    "en-GB": {
        "label": "Days between telling and asking",
        "fault": "Enter a whole number from 0 to 30.",
        "done": "Asked 6 days after being told. This applies to the 2 invitations not yet sent.",
        "survey": "in French: The survey",
        "mail": "in French: The invitation",
        "page": "in English: The public page",
        "back": "Back to the settings",
        "kept": "nothing is kept",
    },
    "fr-FR": {
        "label": "Jours entre l’annonce et le questionnaire",
        "fault": "Saisissez un nombre entier de 0 à 30.",
        "done": "Interrogés 6 jours après avoir appris la décision. "
        "Cela vaut pour les 2 invitations qui ne sont pas encore parties.",
        "survey": "en français: Le questionnaire",
        "mail": "en français: L’invitation",
        "page": "en anglais: La page publique",
        "back": "Revenir aux réglages",
        "kept": "rien n’est conservé",
    },
}


def press(page: Page, name: str, path: str) -> None:
    """Follow by keys what is called NAME, to an address that ends in PATH."""
    tab_to(page, name)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**{path}", wait_until="load")


@pytest.mark.parametrize("locale", WORDS)
def test_the_delay_is_changed_and_its_consequence_read_by_keys_alone(
    chromium, site, cast, make, locale
):
    said = WORDS[locale]
    for _ in range(2):
        make.told(cast.acme)
    with at_work(chromium, site, "ada", locale=locale) as page:
        page.goto(HOME)
        with language.use(locale):
            change = f"{gettext('Change')}: {gettext('When people are asked')}"
        press(page, change, "/asking")
        for typed in ("99", "6"):
            tab_to(page, said["label"])
            page.keyboard.type(typed)
            page.keyboard.press("Enter")
            if typed == "99":
                page.wait_for_selector("[data-error-summary]")
                assert said["fault"] in page.inner_text("#survey_delay_days-error")
                assert page.input_value("#survey_delay_days") == "99"
        page.wait_for_url(f"**{HOME}")
        flash = " ".join(page.inner_text(".notice[role=status]").split())
        assert flash.endswith(said["done"])
    db.session.rollback()
    assert db.session.scalar(sa.select(Employer.survey_delay_days).filter_by(slug="acme")) == 6


@pytest.mark.parametrize("locale", WORDS)
def test_previews_open_by_keys_and_keep_nothing(chromium, site, cast, make, locale):
    said = WORDS[locale]
    make.told(cast.acme)
    with at_work(chromium, site, "ada", locale=locale) as page:
        page.goto(HOME)
        before = count_rows()
        press(page, said["survey"], "/preview/fr/survey")
        assert said["kept"] in page.inner_text("aside")
        page.focus("#recommend-9")
        page.keyboard.press("Space")
        page.keyboard.press("Enter")  # would send the form, if it could be sent
        assert page.url.endswith("/preview/fr/survey")
        press(page, said["back"], HOME)
        press(page, said["mail"], "/preview/fr/invitation")
        mail = page.frame_locator(".mail-frame")
        assert "Bonjour" in mail.locator("body").inner_text()
        press(page, {"en-GB": "Settings", "fr-FR": "Réglages"}[locale], HOME)
        press(page, said["page"], "/preview/en/page")
        press(page, said["back"], HOME)
        assert count_rows() == before
