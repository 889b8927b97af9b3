"""An employer's settings on the web: what each brings about, changing them, and previews."""

import contextvars
import re
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
import sqlalchemy as sa

from portal import surveys
from portal.employers import SETTINGS, as_text
from portal.extensions import db
from portal.models import AuditEvent, ClockPreset, Locale, ReleaseCadence, Role
from tests.support import scorecards
from tests.support.answers import answer, release
from tests.web.staff import Person, errors_of, flashes, main_form, words_of

HOME = "/e/acme/settings"
GROUPS = {
    "asking": ("survey_delay_days", "check_in_after_days", "hours", "opens", "closes"),
    "reading": ("name", "locale", "reply_to", "postal_address"),
    "hearing": ("clock_preset", "inform_within_business_days"),
    "publishing": ("publish", "release_every"),
    "employer": ("industry", "country", "region", "timezone"),
}
PREVIEWS = ("survey", "invitation", "invitation/html", "page", "closed")
HOSTILE = '<script>alert(1)</script>"><svg onload=alert(2)> {{7*7}} %s'


@pytest.fixture
def ada(cast, app):
    return Person(app).sign_in(cast.ada)


def count_rows() -> dict[str, int]:
    db.session.rollback()
    return {
        table.name: db.session.scalar(sa.select(sa.func.count()).select_from(table))
        for table in db.metadata.sorted_tables
    }


def events() -> list[AuditEvent]:
    db.session.expire_all()
    asked = sa.select(AuditEvent).where(AuditEvent.action == "employer.set")
    return list(db.session.scalars(asked.order_by(AuditEvent.id)))


def open_group(person: Person, group: str):
    return person.get(f"{HOME}/{group}")


def read(page) -> str:
    """What stands in the main part of PAGE, where a name within a sentence parts no words."""
    return " ".join(page.main.get_text().split())


def value(page, name: str) -> str:
    return page.find(id=name)["value"]


# -- what they bring about ------------------------------------------------------------------------


def test_each_setting_says_what_it_brings_about_with_its_value(cast, ada):
    cast.acme.survey_delay_days, cast.acme.send_window = 2, "08:30-17:00"
    cast.acme.country, cast.acme.region = "GB", "GB-SCT"
    db.session.commit()
    said = words_of(ada.get(HOME))
    for sentence in (
        "Asked 2 days after being told.",
        "asked 21\xa0days after their last interview",
        "on weekdays, from 8:30\xa0AM to 5:00\xa0PM",
        "A candidate’s reply reaches people@acme.example.",
        "At the end of every mail stands: 1 Main Street, Springfield.",
        "within 5 business days of the decision: your own promise",
        "Everybody may read your figures at http://127.0.0.1:5000/employers/acme.",
        "Answers come out every month in which 5 new ones are together.",
        "United Kingdom. Mail writes a day like this: 1 March 2025.",
        "Scotland, United Kingdom.",
        "by the clock of UTC",
    ):
        assert " ".join(sentence.split()) in said, sentence
    cast.acme.survey_delay_days, cast.acme.send_window = 0, "always"
    cast.acme.reply_to = cast.acme.postal_address = cast.acme.country = cast.acme.region = None
    cast.acme.clock_preset, cast.acme.is_published = ClockPreset.ONTARIO, False
    cast.acme.industry, cast.acme.release_every = "Health", ReleaseCadence.DAY
    cast.acme.confirmed_domains = ["acme.example"]
    db.session.commit()
    said = words_of(ada.get(HOME))
    for sentence in (
        "Asked as soon as they have been told.",
        "at any hour",
        "reaches ada@example.com, the first of your team here",
        "No address stands in mail.",
        "within 45 days of their last interview, as in Ontario",
        "Visitors read that you are not publishing",
        "every day on which 5",
        "Health",
        "Nobody is asked at acme.example",
    ):
        assert sentence in said, sentence


def test_only_owners_have_them_in_their_menu(cast, app, ada):
    def menu(page):
        return [link.text.strip() for link in page.select(".section-nav a")]

    assert "Settings" in menu(ada.get("/e/acme/"))
    assert "Settings" not in menu(Person(app).sign_in(cast.remy).get("/e/acme/"))


def test_every_form_holds_what_is_set(cast, ada):
    for group, names in GROUPS.items():
        page = open_group(ada, group)
        sent = ada.fill(page, {})
        assert set(names) <= sent.keys()
        ada.submit(page)
        assert flashes(ada.get(HOME)) == ["Note: Nothing was changed: all is as it was."]
    assert events() == []


# -- changing them --------------------------------------------------------------------------------


def test_a_change_is_saved_noted_and_said_with_what_it_applies_to(cast, make, ada):
    for _ in range(12):
        make.told(cast.acme)
    make.application(cast.acme)
    page = open_group(ada, "asking")
    assert "13 invitations wait to be sent; they are planned anew" in words_of(page)
    assert ada.submit(page, {"survey_delay_days": "4"}) == HOME
    (said,) = flashes(ada.get(HOME))
    assert said == (
        "Done: Changed. Asked 4 days after being told. "
        "This applies to the 12 invitations not yet sent."
    )
    (event,) = events()
    assert event.detail == {"changes": {"survey_delay_days": ["0", "4"]}}
    assert event.user_id == cast.ada.id
    assert cast.acme.plan_anew_after == 0


CHANGED = {
    "asking": {
        "check_in_after_days": "30",
        "opens": "10:00",
        "closes": "16:30",
        "hours": "between",
    },
    "reading": {"name": HOSTILE, "locale": "fr", "reply_to": "", "postal_address": "1 rue X\r\nY"},
    "hearing": {"clock_preset": "own", "inform_within_business_days": "3"},
    "publishing": {"release_every": "week"},
    "employer": {
        "industry": HOSTILE,
        "country": "CA",
        "region": "ca-qc",
        "timezone": "America/Toronto",
    },
}


@pytest.mark.both
def test_every_group_can_be_changed(cast, ada):
    for group, data in CHANGED.items():
        ada.submit(open_group(ada, group), data)
        assert flashes(ada.get(HOME))[0].startswith("Done: Changed.")
    db.session.expire_all()
    acme = cast.acme
    assert (acme.check_in_after_days, acme.send_window) == (30, "10:00-16:30")
    assert (acme.name, acme.locale, acme.reply_to) == (HOSTILE, Locale.FRENCH, None)
    assert acme.postal_address == "1 rue X\nY"
    assert acme.inform_within_business_days == 3
    assert acme.release_every is ReleaseCadence.WEEK
    assert (acme.country, acme.region, acme.timezone) == ("CA", "CA-QC", "America/Toronto")
    for language in ("en", "fr"):
        for view in PREVIEWS:
            ada.get(f"{HOME}/preview/{language}/{view}")


FAULTS = {
    "asking": (
        ("survey_delay_days", "31", "Enter a whole number from 0 to 30."),
        ("check_in_after_days", "x", "Enter a whole number from 7 to 90."),
        ("opens", "18:00", "Enter “always”, or hours like 09:00-17:00."),
    ),
    "reading": (
        ("name", "", "Enter the employer’s name."),
        ("reply_to", "nobody", "Enter an email address, like people@acme.example."),
        ("postal_address", "x" * 501, "Use at most 500 characters."),
    ),
    "hearing": (("inform_within_business_days", "0", "Enter a whole number from 1 to 30."),),
    "employer": (
        ("industry", "x" * 101, "Use at most 100 characters."),
        ("region", "Ontario", "Enter a code like CA-ON, or leave it empty."),
        ("timezone", "Mars", "Enter a time zone, like Europe/Paris."),
    ),
}


def test_what_does_not_fit_is_said_at_its_field_and_stays_in_it(cast, ada, subtests):
    cast.acme.send_window = "09:00-17:00"
    db.session.commit()
    for group, faults in FAULTS.items():
        with subtests.test(group=group):
            typed = {name: text for name, text, _ in faults}
            page = ada.submit(open_group(ada, group), typed, status=200)
            for name, _, said in faults:
                label = page.find("label", {"for": name}).contents[0].strip()
                assert f"{label}: {said}" in errors_of(page)
            for name, text, said in faults:
                field = page.find(id=name)
                assert said in page.find(id=f"{name}-error").text
                assert field.get("value", field.text) == text
    assert events() == []


@pytest.mark.parametrize(
    ("group", "name"),
    [
        ("reading", "locale"),
        ("hearing", "clock_preset"),
        ("publishing", "publish"),
        ("publishing", "release_every"),
        ("employer", "country"),
    ],
)
def test_a_choice_that_is_not_offered_is_refused(ada, group, name):
    page = ada.submit(open_group(ada, group), {name: "XX"}, status=200)
    (said,) = errors_of(page)
    assert ": Choose " in said


@pytest.mark.both
def test_a_field_that_is_not_sent_is_refused_and_nothing_breaks(cast, ada):
    token = ada.token(f"{HOME}/reading")
    for seen in ("", "{", "[1]", '{"name": 7}'):
        form = {"csrf_token": token, "seen": seen}
        assert ada.send("POST", f"{HOME}/reading", data=form).status_code in (200, 409)
    assert cast.acme.name == "Acme"


@pytest.mark.both
def test_of_two_owners_the_second_learns_what_the_first_changed_and_loses_nothing(
    cast, make, app, ada
):
    ben = Person(app).sign_in(make.user("ben", cast.acme, Role.OWNER))
    mine, his = open_group(ada, "reading"), open_group(ben, "reading")
    ben.submit(his, {"name": "Acme Ltd", "reply_to": "jobs@acme.example"})
    typed = {"name": "Acme & Co", "postal_address": "2 High Street"}
    page = ada.submit(mine, typed, status=409)
    said = read(page)
    assert "ben@example.com changed “Name” from “Acme” to “Acme Ltd”." in said
    assert "“Replies go to” from “people@acme.example” to “jobs@acme.example”" in said
    assert "Nothing of yours was saved yet." in said
    assert value(page, "name") == "Acme & Co"
    assert value(page, "reply_to") == "jobs@acme.example"
    assert page.find(id="postal_address").text.strip() == "2 High Street"
    assert len(events()) == 1
    ada.submit(page)
    db.session.expire_all()
    acme = cast.acme
    assert (acme.name, acme.reply_to) == ("Acme & Co", "jobs@acme.example")
    assert acme.postal_address == "2 High Street"


@pytest.mark.both
def test_of_two_who_save_at_the_same_moment_one_is_told(cast, make, app, ada):
    ben = Person(app).sign_in(make.user("ben", cast.acme, Role.OWNER))
    people = ((ada, "Acme by Ada"), (ben, "Acme by Ben"))
    sent = [
        (person, person.fill(open_group(person, "reading"), {"name": name}))
        for person, name in people
    ]
    db.session.rollback()
    gate = Barrier(2)

    def save(person: Person, form: dict) -> int:
        gate.wait()
        call = contextvars.Context().run
        return call(person.client.post, f"{HOME}/reading", data=form).status_code

    with ThreadPoolExecutor(2) as both:
        statuses = sorted(both.map(lambda one: save(*one), sent))
    assert statuses == [303, 409]
    assert len(events()) == 1


def test_what_is_changed_by_the_operator_is_told_too(cast, app, ada):
    page = open_group(ada, "asking")
    app.test_cli_runner().invoke(args=["employer", "set", "acme", "survey_delay_days=9"])
    said = read(ada.submit(page, {"check_in_after_days": "30"}, status=409))
    assert "The operator changed “Days between telling and asking” from “0” to “9”." in said


def test_a_lost_session_gives_back_what_was_typed(cast, ada):
    page = open_group(ada, "reading")
    typed = ada.fill(page, {"name": "A new name"})
    ada.client.delete_cookie("session")
    lost = ada.send(
        "POST", f"{HOME}/reading", data=typed, headers={"Sec-Fetch-Site": "same-origin"}
    )
    assert lost.status_code == 400
    assert "A new name" in lost.get_data(as_text=True)
    assert cast.acme.name == "Acme"


# -- what is public -------------------------------------------------------------------------------


def test_publishing_asks_first_with_what_visitors_will_see(cast, make, app, ada):
    cast.acme.is_published = False
    for _ in range(5):
        answer(make.link(make.told(cast.acme)), recommend=9, overall=4)
    db.session.commit()
    assert release(cast.acme)
    sent = ada.fill(open_group(ada, "publishing"), {"publish": "true", "release_every": "week"})
    page = ada.submit(ada.page, sent, status=200)
    said = words_of(page)
    assert page.h1.text == "Make your figures public?"
    assert re.search(r"your score: 3\.7 of 5, 95\s%", said)
    assert "what candidates wrote and let everybody read" in said
    assert page.main.find("a", href=f"{HOME}/preview/en/page")
    assert not cast.acme.is_published
    assert events() == []
    ada.submit(page, button=("step", "confirmed"))
    assert "Everybody may read your figures" in flashes(ada.get(HOME))[0]
    db.session.expire_all()
    assert (cast.acme.is_published, cast.acme.release_every) == (True, ReleaseCadence.WEEK)
    assert "3.7" in words_of(Person(app).get("/employers/acme"))


def test_taking_it_back_asks_first_too(cast, app, ada):
    page = ada.submit(open_group(ada, "publishing"), {"publish": "false"}, status=200)
    assert page.h1.text == "Take your figures off the public page?"
    assert page.main.find("a", href=f"{HOME}/preview/en/closed")
    ada.submit(page, button=("step", "confirmed"))
    assert "not publishing" in words_of(Person(app).get("/employers/acme"))
    assert events()[0].detail == {"changes": {"publish": ["true", "false"]}}


def test_who_confirms_too_late_is_told(cast, make, app, ada):
    ben = Person(app).sign_in(make.user("ben", cast.acme, Role.OWNER))
    page = ada.submit(open_group(ada, "publishing"), {"publish": "false"}, status=200)
    ben.submit(open_group(ben, "publishing"), {"release_every": "day"})
    again = ada.submit(page, button=("step", "confirmed"), status=409)
    assert "ben@example.com changed “How often answers come out”" in words_of(again)
    assert cast.acme.is_published


# -- previews -------------------------------------------------------------------------------------


def test_previews_show_the_real_thing_in_both_languages_and_keep_nothing(cast, make, ada):
    scorecards.write(cast.acme, *scorecards.STATES["rich"]())
    make.told(cast.acme)
    before = count_rows()
    survey = ada.get(f"{HOME}/preview/en/survey?s=4")
    assert survey.html["lang"] == "en"
    assert "Your application to Acme" in read(survey)
    assert "You chose ★★★★ · change" in read(survey)
    assert survey.find("input", {"name": "overall", "value": "4"}).has_attr("checked")
    assert main_form(survey).find("button").has_attr("disabled")
    assert survey.select_one("header a")["href"] == f"{HOME}/preview/fr/survey"
    french = ada.get(f"{HOME}/preview/fr/survey")
    assert french.html["lang"] == "fr"
    assert french.aside["lang"] == "en"
    assert "nothing is kept" in french.aside.text
    mail = ada.get(f"{HOME}/preview/en/invitation")
    assert "Your experience as a candidate at Acme" in read(mail)
    assert mail.iframe["sandbox"] == ["allow-top-navigation-by-user-activation"]
    html = ada.get(mail.iframe["src"])
    assert "Hello Alex Sample" in html.text
    assert surveys.newest_survey()["overall"].wording[Locale.ENGLISH].text in html.text
    assert {link["href"] for link in html.select(".star a")} == {
        f"http://127.0.0.1:5000{HOME}/preview/en/survey?s={stars}" for stars in range(1, 6)
    }
    assert "Bonjour" in ada.get(f"{HOME}/preview/fr/invitation/html").text
    assert "What candidates answer" in words_of(ada.get(f"{HOME}/preview/en/page"))
    assert ada.get(f"{HOME}/preview/fr/page").html["lang"] == "fr"
    assert "not publishing" in words_of(ada.get(f"{HOME}/preview/en/closed"))
    assert count_rows() == before


def test_no_preview_can_send_anything(cast, ada):
    for view in PREVIEWS:
        response = ada.send("GET", f"{HOME}/preview/en/{view}")
        sends = "'self'" if view == "invitation" else "'none'"
        assert f"form-action {sends}" in response.headers["Content-Security-Policy"], view
        before = count_rows()
        form = {"csrf_token": ada.token(f"{HOME}/asking"), "recommend": "9", "overall": "5"}
        assert ada.send("POST", f"{HOME}/preview/en/{view}", data=form).status_code == 405
        assert count_rows() == before
    page = ada.send("GET", f"{HOME}/preview/en/invitation/html")
    assert "sandbox" in page.headers["Content-Security-Policy"]


def test_a_page_that_is_not_public_yet_can_be_looked_at(cast, app, ada):
    cast.acme.is_published = False
    db.session.commit()
    assert "visitors do not see this page" in ada.get(f"{HOME}/preview/en/page").aside.text
    assert "not publishing" in words_of(Person(app).get("/employers/acme"))


def test_settings_and_their_texts_are_the_same_on_both_ways(cast):
    assert set(SETTINGS) - {"confirmed_domains"} == {
        name.replace("hours", "send_window")
        for names in GROUPS.values()
        for name in names
        if name not in ("opens", "closes")
    }
    assert as_text(cast.acme, "publish") == "true"
