"""The link to a candidate's own page, and asking for news: who gets it, how often, what it says."""

import re
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from portal import hiring, jobs, links, outbox, privacy
from portal.extensions import db
from portal.hiring import DecisionRefused
from portal.invitations import LinkUnknown
from portal.letters import Text
from portal.models import (
    Application,
    AuditEvent,
    Email,
    EmailState,
    Locale,
    Outcome,
    SuppressionReason,
    utcnow,
)
from tests.mail.conftest import configure
from tests.test_retention import AFTER_12, retire_at, told_long_ago

NAMES = ["", "W" * 200, "محمد بن سلمان العبدالله", "<script>alert(1)</script>\r\nBcc: x@y.test"]
ATTEMPTS = 6


def token_of(application) -> str:
    return links.status_url(application.id, application.candidate.email).rpartition("/")[2]


def links_owed() -> list[Email]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Email).where(Email.kind == "status_link")))


def count(action: str) -> int:
    db.session.rollback()
    found = sa.select(sa.func.count(AuditEvent.id)).where(AuditEvent.action == action)
    return db.session.scalar(found)


def send(application, at=None) -> Email:
    email = hiring.send_status_link(application, at or utcnow())
    db.session.commit()
    return email


def at_once(app, act) -> list:
    """What ACT comes to, done by several at once, each in a context of its own."""
    db.session.commit()
    found, start = [], threading.Barrier(ATTEMPTS)

    def run() -> None:
        with app.app_context():
            start.wait()
            found.append(act())
            db.session.commit()
            db.session.remove()

    threads = [threading.Thread(target=run) for _ in range(ATTEMPTS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return found


def test_one_link_a_day_however_often_it_is_asked_for(app, make, acme, smtp):
    application = make.application(acme)
    now = utcnow()
    assert send(application, now) == send(application, now + timedelta(minutes=1))
    assert len(links_owed()) == count("application.link_sent") == 1
    with time_machine.travel(now + timedelta(days=1), tick=False):
        send(application, utcnow())
    assert len(links_owed()) == 2
    jobs.run_until_idle()
    sent = [message for message in smtp if "/status/" in message.get_body(("plain",)).get_content()]
    assert sent[0]["To"] == application.candidate.email


def test_many_who_send_it_at_once_owe_one(app, make, acme):
    number = make.application(acme).id

    def act():
        return hiring.send_status_link(db.session.get_one(Application, number), utcnow()).id

    assert len(set(at_once(app, act))) == 1
    assert len(links_owed()) == 1


def test_who_asks_for_news_many_times_at_once_asked_once(app, make, acme):
    token = token_of(make.application(acme))

    def act():
        return hiring.ask_for_news(hiring.open_status(token, utcnow()), utcnow())

    assert sorted(at_once(app, act)) == [False] * (ATTEMPTS - 1) + [True]
    assert count("application.news_asked") == 1


def test_news_can_be_asked_for_again_after_a_week_by_the_employers_days(make, acme):
    acme.timezone = "America/Toronto"
    application = make.application(acme)
    token = token_of(application)
    evening = utcnow().replace(hour=2, minute=30)  # the day before, in Toronto

    def ask(after: timedelta) -> bool:
        now = evening + after
        status = hiring.open_status(token, now)
        asked = hiring.ask_for_news(status, now)
        db.session.commit()
        assert asked is (status.ask_again_on is None)
        return asked

    assert ask(timedelta(0))
    assert not ask(timedelta(days=6, hours=2, minutes=29))
    assert ask(timedelta(days=6, hours=2, minutes=31)), "the same day of the next week began"
    assert not ask(timedelta(days=12))
    asked_on = hiring.open_status(token, evening).asked_on
    assert asked_on == (evening + timedelta(days=6)).date()


@pytest.mark.parametrize("why", ["address", "suppressed", "reply", "erased", "retired"])
def test_where_no_email_may_go_it_is_refused_with_the_reason(app, make, acme, smtp, why):
    application = told_long_ago(make, acme) if why == "retired" else make.told(acme)
    if why == "address":
        application.candidate.email = None
    elif why == "suppressed":
        reason = SuppressionReason.HARD_BOUNCE
        outbox.suppress(application.candidate.email, reason, None, "test")
    elif why == "reply":
        acme.reply_to = None
    elif why == "erased":
        privacy.erase_person(application.candidate.email)
    else:
        assert retire_at(AFTER_12) == 1
    db.session.commit()
    with pytest.raises(DecisionRefused) as refusal:
        hiring.send_status_link(application, utcnow())
    assert str(refusal.value) == {
        "suppressed": "Earlier mail to this address did not arrive.",
        "reply": "There is no address yet that replies could go to.",
    }.get(why, "There is no email address for this candidate.")
    db.session.rollback()
    assert links_owed() == []


@pytest.mark.parametrize("locale", list(Locale))
@pytest.mark.parametrize("name", NAMES)
def test_the_mail_is_the_same_whatever_was_decided(app, make, acme, smtp, locale, name):
    """But for link, address, Date and Message-ID; also where the person was told."""
    configure(app, BASE_URL="https://heardback.example")
    people = [make.application(acme), make.decided(acme), make.decided(acme, Outcome.HIRED)]
    people.append(make.told(acme))
    for application in people:
        application.candidate.name, application.candidate.locale = name, locale
        send(application)
    jobs.run_until_idle()
    raws = [raw for raw in smtp.raw if b"status" in raw.lower() and b"/status/" in raw]
    assert len(raws) == 4
    assert len({plain(raw) for raw in raws}) == 1
    text = smtp[list(smtp.raw).index(raws[0])].get_body(("plain",)).get_content()
    assert f"lang={locale}" in text
    assert ("Bonjour" if locale == "fr" else "Hello") in text
    assert not re.search(r"^(Hello|Bonjour) ,", text, re.MULTILINE)


def plain(raw: bytes) -> bytes:
    """RAW without what differs from person to person."""
    raw = raw.replace(b"=\r\n", b"")
    raw = re.sub(rb"/(status|d)/[a-z2-7]{40,48}", b"/link", raw)
    raw = re.sub(rb"cam\d+@example\.net", b"address", raw)
    return re.sub(rb"(?m)^(Date|Message-ID): .*$", b"", raw)


def test_survey_mail_has_no_link_to_it_and_every_notice_has(app, make, acme, smtp):
    application = make.decided(acme)
    decision = hiring.standing_decision(application)
    hiring.tell_now(application, decision, Text("News", "Dear Cam"), utcnow())
    waiting = make.application(acme)
    hiring.send_delay_note(
        waiting, utcnow().date() + timedelta(days=9), Text("Not yet", "Dear Cam"), utcnow()
    )
    db.session.commit()
    jobs.run_until_idle()
    assert len(smtp) >= 4
    for message in smtp:
        text = message.get_body(("plain",)).get_content()
        html = message.get_body(("html",)).get_content()
        has_link = message["Subject"] in ("News", "Not yet")
        assert ("/status/" in text) is ("/status/" in html) is has_link
    stored = [str(vars(email)) for email in db.session.scalars(sa.select(Email))]
    assert not [row for row in stored if token_of(application) in row or token_of(waiting) in row]


def test_the_link_dies_with_the_address_it_was_mailed_to(make, acme):
    application = make.application(acme)
    token = token_of(application)
    hiring.open_status(token, utcnow())
    application.candidate.email = "somebody.else@example.net"
    db.session.commit()
    with pytest.raises(LinkUnknown):
        hiring.open_status(token, utcnow())


def test_an_erased_person_gets_no_link_that_was_queued(app, make, acme, smtp):
    application = make.application(acme)
    send(application)
    privacy.erase_person(application.candidate.email)
    db.session.commit()
    jobs.run_until_idle()
    (email,) = links_owed()
    assert (email.state, email.to_address) == (EmailState.CANCELLED, None)
    assert len(smtp) == 0


def test_an_import_is_not_undone_for_who_was_sent_the_link(make, acme):
    """Nor is the link lost of who is looked for by what was written to them."""
    sent, other = make.application(acme), make.application(acme)
    email = send(sent)
    assert hiring.find_written_to({sent.id, other.id}) == {sent.id}
    assert email.id in [one.id for one in hiring.list_deliveries(sent)]
    (held,) = privacy.export_person(sent.candidate.email)["records"]
    assert [one["kind"] for one in held["applications"][0]["emails"]] == ["status_link"]
