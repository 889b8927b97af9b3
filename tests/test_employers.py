"""An employer's settings: what is taken, what is refused in which words, and what follows."""

from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from portal import employers, invitations, jobs, language
from portal.employers import Change, SettingsChanged, SettingsRefused, change_settings
from portal.extensions import db
from portal.letters import Letter, Why, placeholders
from portal.models import (
    AuditEvent,
    ClockPreset,
    Email,
    EmailState,
    Employer,
    InvitationState,
    Lane,
    Locale,
    ReleaseCadence,
    utcnow,
)

REFUSED = {
    "survey_delay_days": ("", "x", "-1", "31", "１", "1.5", "9" * 5000),
    "check_in_after_days": ("6", "91", "seven"),
    "inform_within_business_days": ("0", "31"),
    "send_window": (
        "",
        "-",
        "9-5",
        "17:00-09:00",
        "09:00-09:00",
        "09:00",
        "09:00+02:00-17:00",
        "09:00:10-09:00:50",
    ),
    "name": ("", "  ", "\u200b", "a\nb", "a" * 201, "a\x9fb", "\ud800"),
    "locale": ("", "de", "EN"),
    "reply_to": ("nobody", "a@b@c", "a b@example.com", "x@" + "y" * 300 + ".example"),
    "postal_address": ("a" * 501, "a\x00b", f"{'a' * 300}\n{'b' * 300}"),
    "clock_preset": ("", "never"),
    "publish": ("", "yes", "True"),
    "release_every": ("", "year"),
    "industry": ("a" * 101, "a\tb\nc"),
    "country": ("Canada", "XX", "EU", "C", "840"),
    "region": ("ON", "CA-", "CA-ONTA", "CA ON"),
    "timezone": ("", "Mars", "../UTC", "europe/paris"),
    "confirmed_domains": ("gmail.com", "no domain", "co.uk"),
}
TAKEN = {
    "survey_delay_days": (" 0 ", 0),
    "check_in_after_days": ("90", 90),
    "inform_within_business_days": ("1", 1),
    "send_window": ("0900-17:00:00", "09:00-17:00"),
    "name": ("  Ünïted   Ltd ", "Ünïted Ltd"),
    "locale": ("fr", Locale.FRENCH),
    "reply_to": (" people@ACME.example ", "people@acme.example"),
    "postal_address": (" 1 Main Street \r\n\r\nSpringfield", "1 Main Street\nSpringfield"),
    "clock_preset": ("ontario", ClockPreset.ONTARIO),
    "publish": ("false", False),
    "release_every": ("day", ReleaseCadence.DAY),
    "industry": ("", None),
    "country": ("ca", "CA"),
    "region": ("ca-on", "CA-ON"),
    "timezone": ("America/Toronto", "America/Toronto"),
    "confirmed_domains": ("acme.example", ["acme.example"]),
}


def events() -> list[AuditEvent]:
    return list(
        db.session.scalars(sa.select(AuditEvent).where(AuditEvent.action == "employer.set"))
    )


def test_each_setting_refuses_what_does_not_fit_and_says_so_in_the_readers_language(acme, subtests):
    assert REFUSED.keys() == TAKEN.keys() == employers.SETTINGS.keys()
    for key, texts in REFUSED.items():
        for text in texts:
            with subtests.test(key=key, text=text[:20]):
                said = {}
                for tag in ("en", "fr"):
                    with language.use(tag), pytest.raises(SettingsRefused) as refused:
                        change_settings(acme, {key: text})
                    said[tag] = refused.value.faults[key]
                assert said["en"] != said["fr"]
    assert events() == []


def test_all_settings_are_taken_at_once_and_noted_with_what_they_were(acme):
    before = {key: employers.as_text(acme, key) for key in TAKEN}
    changes = change_settings(acme, {key: text for key, (text, _) in TAKEN.items()})
    db.session.commit()
    db.session.expire_all()
    for key, (_, value) in TAKEN.items():
        assert getattr(acme, employers.SETTINGS[key].column) == value, key
    (event,) = events()
    assert Change("check_in_after_days", "21", "90") in changes
    assert event.detail["changes"]["check_in_after_days"] == ["21", "90"]
    assert event.detail["changes"].keys() == {
        key for key in TAKEN if employers.as_text(acme, key) != before[key]
    }


def test_the_log_says_that_the_address_for_replies_changed_and_not_to_what(acme):
    change_settings(acme, {"reply_to": "remy@example.com"})
    (event,) = events()
    assert event.detail == {"changes": {"reply_to": None}}


def test_one_wrong_setting_and_none_is_changed_and_every_wrong_one_is_named(acme):
    with pytest.raises(SettingsRefused) as refused:
        change_settings(acme, {"name": "New", "publish": "x", "survey_delay_days": "x"})
    assert refused.value.faults.keys() == {"publish", "survey_delay_days"}
    db.session.commit()
    assert acme.name == "Acme"


def test_what_is_as_it_was_is_no_change(acme):
    assert change_settings(acme, {"name": "Acme", "send_window": "always"}) == []
    assert events() == []
    assert acme.plan_anew_after is None


def test_who_saw_other_settings_changes_nothing_and_learns_what_changed(acme):
    seen = {"survey_delay_days": "0", "check_in_after_days": "21"}
    change_settings(acme, {"survey_delay_days": "3"}, seen=seen)
    with pytest.raises(SettingsChanged):
        change_settings(acme, {"check_in_after_days": "30"}, seen=seen)
    (found,) = employers.list_meanwhile(acme, seen)
    assert (found.change, found.who) == (Change("survey_delay_days", "0", "3"), None)
    assert acme.check_in_after_days == 21


# -- places ---------------------------------------------------------------------------------------


def test_countries_are_those_of_the_standard_in_the_readers_order():
    with language.use("fr"):
        french = employers.countries()
    assert len(french) == 249
    assert french["GB"] == "Royaume-Uni"
    names = list(french.values())
    assert names.index("Danemark") < names.index("Égypte") < names.index("Finlande")


@pytest.mark.parametrize(
    ("country", "region"), [("", "CA-ON"), ("FR", "CA-ON"), ("CA", "CA-XX"), ("GB", "GB-XYZ")]
)
def test_a_region_is_in_its_country(acme, country, region):
    with pytest.raises(SettingsRefused) as refused:
        change_settings(acme, {"country": country, "region": region})
    assert refused.value.faults.keys() == {"region"}


def test_a_country_does_not_leave_its_region_behind(acme):
    change_settings(acme, {"country": "CA", "region": "CA-ON"})
    with pytest.raises(SettingsRefused):
        change_settings(acme, {"country": "FR"})
    change_settings(acme, {"country": "FR", "region": ""})
    assert (acme.country, acme.region) == ("FR", None)


@pytest.mark.parametrize("place", [{"region": "CA-ON"}, {"country": "FR", "region": "CA-ON"}])
def test_the_database_too_refuses_a_region_elsewhere(app, place):
    db.session.add(Employer(slug="x", name="X", **place))
    with pytest.raises(sa.exc.IntegrityError):
        db.session.commit()


@pytest.mark.parametrize(
    ("country", "written"),
    [(None, "March 1, 2025"), ("GB", "1 March 2025"), ("US", "March 1, 2025")],
)
def test_a_letter_writes_days_as_its_employers_country_does(make, acme, country, written):
    acme.country = country
    application = make.application(acme)
    assert placeholders(Letter.DELAY, application, Why(), date(2025, 3, 1)).date == written


# -- invitations ----------------------------------------------------------------------------------


def test_a_longer_delay_holds_what_has_not_left(make, acme):
    planned = make.invitation(make.told(acme, days_ago=3, told_after=2))
    other = make.invitation(make.application(acme))
    due_before, other_before = planned.due_at, other.due_at
    assert employers.count_affected(acme, ["survey_delay_days"]) == 1
    assert employers.count_affected(acme, ["survey_delay_days", "check_in_after_days"]) == 2
    change_settings(acme, {"survey_delay_days": "5"})
    jobs.invite(utcnow())
    assert planned.state is InvitationState.PLANNED
    assert planned.due_at == due_before + timedelta(days=5)
    assert other.due_at == other_before
    assert acme.plan_anew_after is None


def test_a_shorter_wait_asks_at_once_who_is_due_by_it(make, acme):
    acme.check_in_after_days = 60
    planned = make.invitation(make.application(acme))
    jobs.invite(utcnow())
    assert (planned.lane, planned.state) == (Lane.CHECK_IN, InvitationState.PLANNED)
    change_settings(acme, {"check_in_after_days": "21"})
    jobs.invite(utcnow())
    assert planned.state is InvitationState.QUEUED


def test_mail_that_waits_for_the_window_is_planned_anew(make, acme):
    here = utcnow().astimezone(acme.zone)
    shut = "00:00-00:01" if here.hour else "23:58-23:59"
    change_settings(acme, {"send_window": shut})
    planned = make.invitation(make.told(acme))
    jobs.invite(utcnow())
    email = db.session.scalars(sa.select(Email)).one()
    assert planned.state is InvitationState.QUEUED
    assert email.next_attempt_at > utcnow()
    change_settings(acme, {"send_window": "always"})
    jobs.invite(utcnow())
    db.session.expire_all()
    assert planned.state is InvitationState.QUEUED
    assert email.state is EmailState.QUEUED
    assert email.next_attempt_at <= utcnow()


def test_mail_that_is_about_to_leave_waits_until_it_is_planned_anew(make, acme, smtp):
    planned = make.invitation(make.told(acme))
    jobs.invite(utcnow())
    change_settings(acme, {"survey_delay_days": "30"})
    db.session.commit()
    jobs.deliver()
    assert smtp == []
    jobs.invite(utcnow())
    jobs.deliver()
    db.session.expire_all()
    assert smtp == []
    assert planned.state is InvitationState.PLANNED
    assert db.session.scalars(sa.select(Email)).one().state is EmailState.CANCELLED


def test_what_has_left_and_what_is_skipped_stays_and_so_do_other_employers(make, acme):
    globex = make.employer("globex")
    asked = make.told(acme)
    make.link(asked)
    skipped = make.invitation(make.told(acme, email=None))
    theirs = make.invitation(make.told(globex))
    before = [one.due_at for one in (make.invitation(asked), skipped, theirs)]
    change_settings(acme, {"survey_delay_days": "9"})
    while invitations.plan_anew(utcnow()):
        db.session.commit()
    assert [one.due_at for one in (make.invitation(asked), skipped, theirs)] == before
    assert make.invitation(asked).state is InvitationState.INVITED


def test_planning_anew_goes_on_where_it_ended(make, acme):
    planned = [make.invitation(make.told(acme, days_ago=3)) for _ in range(5)]
    before = [one.due_at for one in planned]
    change_settings(acme, {"survey_delay_days": "1"})
    db.session.commit()
    assert invitations.plan_anew(utcnow(), most=2)
    db.session.commit()
    assert acme.plan_anew_after == planned[1].id
    while invitations.plan_anew(utcnow(), most=2):
        db.session.commit()
    assert [one.due_at for one in planned] == [due + timedelta(days=1) for due in before]


def test_a_setting_that_says_nothing_of_when_plans_nothing(acme):
    change_settings(acme, {"name": "Acme Ltd", "publish": "false"})
    assert acme.plan_anew_after is None
