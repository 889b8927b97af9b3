"""An employer's own letters on the web: changed, tried out, brought back, and in force."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa
from html5lib import HTMLParser

from portal import letters, outbox
from portal.extensions import db
from portal.letters import Letter
from portal.mail_kinds import KINDS
from portal.models import (
    AuditEvent,
    Decision,
    Email,
    EmployerLetter,
    Feedback,
    Locale,
    Notice,
    Outcome,
    ReasonCode,
    Role,
    utcnow,
)
from tests.web.staff import Person, errors_of, flashes, words_of

HOME = "/e/acme/settings/letters"
PAGE = f"{HOME}/rejected/en"
SAVE, LOOK, SEND = None, ("step", "look"), ("step", "send")
MINE = {"subject": "News of {role}", "body": "Hello {candidate},\r\n\r\n{reason}\r\n\r\n{sender}"}


@pytest.fixture
def ada(cast, app):
    return Person(app).sign_in(cast.ada)


@pytest.fixture
def remy(cast, app):
    return Person(app).sign_in(cast.remy)


def in_force(employer, letter=Letter.REJECTED, locale=Locale.ENGLISH):
    db.session.expire_all()
    return letters.current(employer, letter, locale)


def count(table) -> int:
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).select_from(table))


def save(person: Person, status: int = 303, **typed):
    return person.submit(person.get(PAGE), MINE | typed, SAVE, status=status)


def letter_of(page) -> str:
    return page.select_one(".letter").text


@pytest.mark.both
def test_an_owners_words_are_in_force_in_their_language_only(cast, make, ada):
    said = flashes(ada.get(save(ada)))
    assert said == ["Done: Saved: from now on this letter is the one in force."]
    body = "Hello {candidate},\n\n{reason}\n\n{sender}"
    assert in_force(cast.acme) == letters.Text("News of {role}", body)
    shipped = letters.template(Letter.REJECTED, Locale.FRENCH)
    assert in_force(cast.acme, locale=Locale.FRENCH) == shipped
    assert in_force(cast.globex) == letters.template(Letter.REJECTED, Locale.ENGLISH)
    cam = make.decided(cast.acme, name="Cam Field", role="Nurse")
    page = ada.get(f"/e/acme/applications/{cam.id}/tell")
    assert letter_of(page) == "Hello Cam Field,\n\nThe hiring team"
    ada.submit(page, {"how": "now"}, SEND)
    assert db.session.scalars(sa.select(Notice.subject)).one() == "News of Nurse"


def test_an_own_note_of_no_decision_yet_is_used_too_and_promises_its_day(cast, make, ada):
    page = ada.get(f"{HOME}/delay/en")
    page = ada.submit(page, {"body": "Not yet, {candidate}."}, SAVE, status=200)
    assert errors_of(page) == ["This letter promises a day: say which with {date}."]
    ada.submit(page, {"body": "News by {date}, {candidate}."}, SAVE)
    cam = make.application(cast.acme, name="Cam")
    text = letter_of(ada.get(f"/e/acme/applications/{cam.id}/delay"))
    assert text.startswith("News by ")
    assert text.endswith(", Cam.")


def test_two_earlier_versions_are_kept_and_come_back_by_one_click(cast, ada):
    for number in range(1, 5):
        save(ada, body=f"Words {number}, {{candidate}}")
    assert count(EmployerLetter) == 3
    page = ada.get(PAGE)
    assert "Words 1" not in words_of(page)
    path = page.select('form[action*="/restore/"]')[-1]["action"]
    answer = ada.post(
        path, {"seen": page.find("input", {"name": "seen"})["value"]}, token_from=PAGE
    )
    assert flashes(ada.get(answer)) == ["Done: The earlier version is in force again."]
    assert in_force(cast.acme).body == "Words 2, {candidate}"
    again = ada.post(path, {"seen": "1"}, token_from=PAGE)
    assert "nothing was done" in flashes(ada.get(again))[0]


def test_the_shipped_text_comes_back_and_can_be_left_again(cast, ada):
    save(ada)
    page = ada.get(PAGE)
    seen = {"seen": page.find("input", {"name": "seen"})["value"]}
    ada.post(f"{PAGE}/reset", seen, token_from=PAGE)
    assert in_force(cast.acme) == letters.template(Letter.REJECTED, Locale.ENGLISH)
    page = ada.get(PAGE)
    assert "Our text, since" in words_of(page)
    newest = {"seen": page.find("input", {"name": "seen"})["value"]}
    ada.post(page.select_one('form[action*="/restore/"]')["action"], newest, token_from=PAGE)
    assert in_force(cast.acme).subject == MINE["subject"]
    done = sa.select(AuditEvent.action).where(AuditEvent.action.startswith("letter."))
    assert list(db.session.scalars(done)) == ["letter.changed", "letter.reset", "letter.restored"]


REFUSED = [
    ({"subject": " "}, "The email needs a subject."),
    ({"body": ""}, "The email needs a text."),
    ({"body": "Dear {first name}"}, "{first name} cannot be filled in here."),
    ({"body": "Dear {{candidate}}"}, "{{candidate}} cannot be filled in here."),
    ({"body": "By {date}"}, "{date} cannot be filled in here."),
    ({"body": "Dear {candidate, hello"}, "{candidate cannot be filled in here."),
    ({"body": "Dear candidate}, hello"}, "candidate} cannot be filled in here."),
    ({"body": "Dear {candidate.name}"}, "{candidate cannot be filled in here."),
    ({"subject": "Your application: {role"}, "{role cannot be filled in here."),
    ({"subject": "{reason}"}, "{reason} cannot be filled in here."),
    ({"subject": "x" * 201}, "Use at most 200 characters."),
    ({"body": "x" * 10_001}, "Use at most 10,000 characters."),
    ({"subject": "a\r\nBcc: x@example.net"}, "The subject must be one line"),
]


def test_what_no_letter_may_be_is_said_at_its_field_and_stays_typed(cast, ada, subtests):
    for typed, message in REFUSED:
        with subtests.test(typed=typed):
            page = save(ada, status=200, **typed)
            assert any(message in said for said in errors_of(page))
            if "body" in typed:
                assert page.find("textarea").text.strip() == typed["body"].strip()
            assert count(EmployerLetter) == 0


HOSTILE = "{{7*7}} %s {0.__class__} <script>alert(1)</script> <b>"


def test_whatever_is_typed_stays_text_to_the_mail(cast, make, ada, smtp):
    save(ada, subject=HOSTILE, body=f"{HOSTILE}\r\n{{candidate}}: {{role}}")
    name = '"><svg onload=alert(1)> {role}'
    cam = make.decided(cast.acme, name=name, role="מנהל {candidate}")
    page = ada.get(f"/e/acme/applications/{cam.id}/tell")
    assert letter_of(page) == f"{HOSTILE}\n{name}: מנהל {{candidate}}"
    ada.submit(page, {"how": "now"}, SEND)
    db.session.rollback()
    outbox.deliver_due(KINDS)
    (mail,) = smtp
    assert mail["Subject"] == HOSTILE
    html = mail.get_body(("html",)).get_content()
    assert "{{7*7}}" in html
    assert "<script" not in html
    assert "<svg" not in html


def test_the_preview_is_of_a_candidate_of_theirs_or_of_somebody_invented(cast, make, ada):
    assert "As Alex Sample would read it" in words_of(ada.get(PAGE))
    make.application(cast.globex, name="Not Acme’s")
    make.application(cast.acme, name="N" * 200, role="R" * 200)
    page = ada.submit(ada.get(PAGE), MINE, LOOK, status=200)
    first, second, _ = page.select(".letter p")
    assert first.text == f"Hello {'N' * 200},"
    assert second.text.startswith("The role asks for a skill")
    assert count(EmployerLetter) == 0
    make.application(cast.acme, name="", role="Nurse")
    assert ada.get(PAGE).select_one(".letter p").text == "Hello,"
    assert "Camille Dupont" in words_of(ada.get(f"{HOME}/rejected/fr"))


def test_the_preview_names_nobody_of_whom_something_else_was_decided(cast, make, ada):
    make.decided(cast.acme, Outcome.REJECTED, name="Cam Field")
    make.decided(cast.acme, Outcome.HIRED, name="Hana Weld")
    assert "As Cam Field would read it" in words_of(ada.get(PAGE))
    assert "As Hana Weld would read it" in words_of(ada.get(f"{HOME}/hired/en"))
    assert "As Alex Sample would read it" in words_of(ada.get(f"{HOME}/delay/en"))


def test_a_test_goes_to_who_asked_and_to_nobody_else(cast, make, ada, smtp):
    make.decided(cast.acme, name="Cam Field", email="cam@example.net")
    save(ada, body="Hello {candidate},\r\n\r\n- one\r\n- two\r\n\r\nhttps://acme.example/jobs.")
    said = flashes(ada.get(ada.post(f"{PAGE}/test", token_from=PAGE)))
    assert said == ["Done: The letter is on its way to ada@example.com, as a test."]
    db.session.rollback()
    outbox.deliver_due(KINDS)
    (mail,) = smtp
    assert mail["To"] == "ada@example.com"
    assert mail["Subject"] == "Test: News of Engineer"
    html = mail.get_body(("html",)).get_content()
    assert html.count("<li") == 2
    assert '<a href="https://acme.example/jobs"' in html
    assert "jobs</a>." in html
    assert "This is a test: you asked" in mail.get_body(("plain",)).get_content()
    assert count(Notice) == 0


@pytest.mark.parametrize("locale", list(Locale))
def test_a_test_is_well_made_in_both_languages(cast, ada, smtp, locale):
    ada.post(f"{HOME}/rejected/{locale}/test", token_from=PAGE)
    db.session.rollback()
    outbox.deliver_due(KINDS)
    (mail,) = smtp
    html, plain = (mail.get_body((kind,)).get_content() for kind in ("html", "plain"))
    HTMLParser(strict=True).parse(html)
    assert f'<html lang="{locale}">' in html
    assert "{" not in plain
    assert ("Essai" in mail["Subject"]) == (locale is Locale.FRENCH)
    assert "1 Main Street" in html
    assert mail["Reply-To"] == "people@acme.example"


def test_tests_are_limited(cast, ada):
    for _ in range(10):
        ada.post(f"{PAGE}/test", token_from=PAGE)
    ada.post(f"{PAGE}/test", token_from=PAGE, status=429)
    assert count(Email) <= 10


@pytest.mark.both
def test_the_second_of_two_who_save_at_once_reads_that_and_loses_nothing(cast, make, app, ada):
    other = Person(app).sign_in(make.user("owen", cast.acme, Role.OWNER))
    page = other.get(PAGE)
    save(ada)
    page = other.submit(page, {"body": "Owen’s words"}, SAVE, status=409)
    assert "Somebody else saved this letter" in words_of(page)
    assert page.find("textarea").text.strip() == "Owen’s words"
    assert in_force(cast.acme).subject == MINE["subject"]
    other.submit(page, {}, SAVE)
    assert in_force(cast.acme).body == "Owen’s words"


@pytest.mark.both
def test_of_two_who_save_in_the_same_instant_one_is_told(cast, make, app, ada):
    other = Person(app).sign_in(make.user("owen", cast.acme, Role.OWNER))
    sent = {person: person.fill(person.get(PAGE), MINE) for person in (ada, other)}
    db.session.rollback()
    ready = Barrier(2)

    def send(person: Person) -> int:
        with app.app_context():
            ready.wait()
            return person.client.post(PAGE, data=sent[person]).status_code

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(send, sent)) == [303, 409]
    assert count(EmployerLetter) == 1


def test_another_employers_versions_cannot_be_brought_here(cast, app, ada):
    olga = Person(app).sign_in(cast.olga)
    theirs = "/e/globex/settings/letters/rejected/en"
    olga.submit(olga.get(theirs), MINE, SAVE)
    number = db.session.scalars(sa.select(EmployerLetter.id)).one()
    answer = ada.post(f"{PAGE}/restore/{number}", {"seen": "0"}, token_from=PAGE)
    assert "nothing was done" in flashes(ada.get(answer))[0]
    ada.get(theirs, status=404)
    assert in_force(cast.acme) == letters.template(Letter.REJECTED, Locale.ENGLISH)


# -- reasons --------------------------------------------------------------------------------------


def decide(person: Person, application, status: int = 200, button=SEND, **typed):
    page = person.get(f"/e/acme/applications/{application.id}/decision")
    return person.submit(page, {"outcome": "rejected", "how": "now"} | typed, button, status)


def test_the_reason_stands_in_the_letter_and_with_the_decision(cast, make, remy):
    cam = make.application(cast.acme, name="Cam Field")
    typed = {
        "reason_code": "skills",
        "reason": "The  forklift licence.",
        "next_step": "Apply again with the licence.",
    }
    page = decide(remy, cam, **typed)
    text = letter_of(page)
    assert (
        "The role asks for a skill or qualification that we did not find in your application. "
        "The forklift licence.\n\nApply again with the licence.\n\n"
    ) in text
    assert page.find("input", {"name": "feedback", "checked": True})["value"] == "specific"
    remy.submit(page, button=SEND)
    decision = db.session.scalars(sa.select(Decision)).one()
    assert (decision.reason_code, decision.reason, decision.next_step) == (
        ReasonCode.SKILLS,
        "The forklift licence.",
        "Apply again with the licence.",
    )
    assert db.session.scalars(sa.select(Notice.feedback)).one() is Feedback.SPECIFIC


def test_words_without_a_reason_from_the_list_stay_the_employers_own(cast, make, remy):
    cam = make.application(cast.acme, name="Cam Field")
    page = decide(remy, cam, reason="Zelda was rude")
    assert "rude" not in letter_of(page)
    assert "{" not in letter_of(page)
    assert page.find("input", {"name": "feedback", "checked": True})["value"] == "none"


def test_a_reason_changed_after_the_look_is_looked_at_once_more(cast, make, remy):
    cam = make.application(cast.acme)
    page = decide(remy, cam, reason_code="filled")
    page = remy.submit(page, {"reason_code": "terms"}, SEND, status=200)
    assert "The email reads otherwise now" in words_of(page)
    assert "pay or terms" in letter_of(page)
    assert count(Decision) == count(Email) == 0


def test_a_reason_that_is_not_on_the_list_is_refused(cast, make, remy):
    page = decide(remy, make.application(cast.acme), reason_code="fit")
    assert errors_of(page) == ["Not a valid choice."]
    page = decide(remy, make.application(cast.acme), next_step="x" * 301)
    assert errors_of(page) == ["Use at most 300 characters."]


def test_a_decision_told_later_still_says_why(cast, make, remy):
    cam = make.application(cast.acme)
    decide(remy, cam, status=303, how="not_yet", reason_code="changed")
    text = letter_of(remy.get(f"/e/acme/applications/{cam.id}/tell"))
    assert "we are not filling it as it was advertised" in text
    hired = make.decided(cast.acme, Outcome.HIRED)
    db.session.execute(sa.update(Decision).values(reason_code="terms"))
    db.session.commit()
    assert "pay or terms" not in letter_of(remy.get(f"/e/acme/applications/{hired.id}/tell"))


def test_every_reason_reads_well_in_a_letter_and_compares_nobody(cast, make):
    cam = make.application(cast.acme)
    for code in ReasonCode:
        why = letters.Why(code, "Details." if code is ReasonCode.OTHER else "")
        values = letters.placeholders(Letter.REJECTED, cam, why)
        text = letters.write_letter(Letter.REJECTED, Locale.ENGLISH, values).body
        assert values.reason in text
        for word in ("better", "stronger", "other candidate", " fit"):
            assert word not in text


def test_a_letter_written_for_many_refuses_who_cannot_be_filled_in(cast, make):
    cam = make.application(cast.acme)
    own = letters.Text("News", "By {date}, {candidate}")
    values = letters.placeholders(Letter.DELAY, cam, letters.Why())
    with pytest.raises(letters.LetterRefused, match=r"\{date\} cannot be filled in here"):
        letters.write_letter(Letter.DELAY, Locale.ENGLISH, values, own)
    day = (utcnow() + timedelta(days=3)).date()
    values = letters.placeholders(Letter.DELAY, cam, letters.Why(), day)
    assert str(day.year) in letters.write_letter(Letter.DELAY, Locale.ENGLISH, values, own).body
