"""The closure desk: who waits, what is recorded, what leaves, and what two people at once do."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa

from portal import hiring, jobs, outbox, reputation
from portal.extensions import db
from portal.letters import Text
from portal.mail_kinds import KINDS
from portal.models import (
    Application,
    AuditEvent,
    Channel,
    ClockPreset,
    Decision,
    Delivery,
    Email,
    EmailState,
    Feedback,
    Locale,
    Notice,
    NoticeKind,
    Outcome,
    Requisition,
    SuppressionReason,
    utcnow,
)
from tests.support.statements import noting_statements
from tests.web.staff import Person, errors_of, flashes, main_form, words_of

DESK = "/e/acme/applications"
TODAY = date.today()
LATER = utcnow() + timedelta(hours=3)
LATE = "Enter a day that is not in the future."
BREAKERS = (
    "<script>alert(1)</script>",
    '"><svg onload=alert(1)>',
    "{{7*7}} {role}",
    "%s {0.__class__}",
    "מנהל 👩🏽‍💻 İstanbul",
    "W" * 60,
)


@pytest.fixture
def remy(cast, app):
    return Person(app).sign_in(cast.remy)


@pytest.fixture
def ada(cast, app):
    return Person(app).sign_in(cast.ada)


@pytest.fixture
def cam(cast, make):
    """Cam has applied at Acme and waits."""
    return make.application(cast.acme, name="Cam Field", email="cam@example.net", role="Nurse")


def page_of(application: Application) -> str:
    number = application.id
    return f"{DESK}/{number}"


def only(table):
    return db.session.scalars(sa.select(table)).one()


def everything(table) -> list:
    db.session.expire_all()
    return list(db.session.scalars(sa.select(table).order_by(table.id)))


def rows(page) -> list[str]:
    return [" ".join(row.get_text(" ").split()) for row in page.select(".work__row")]


# -- the list -------------------------------------------------------------------------------------


def test_an_empty_desk_says_how_to_fill_it(cast, remy):
    page = remy.get(DESK)
    assert "No applications yet" in words_of(page)
    assert page.main.select_one('a[href="/e/acme/import"]').text == "Import a file"
    assert page.main.find("a", href=f"{DESK}/new")


def tabs(page) -> dict[str, int]:
    """How many stand under each tab."""
    found = [" ".join(one.get_text(" ").split()) for one in page.select(".tabs a")]
    return {one.rpartition(" ")[0]: int(one.rpartition(" ")[2].replace(",", "")) for one in found}


def test_each_row_says_where_somebody_stands_and_what_is_next(cast, make, remy):
    make.application(cast.acme, name="Olu Open")
    make.decided(cast.acme, days_ago=1, name="Dana Due")
    make.decided(cast.acme, days_ago=20, name="Lee Late")
    make.told(cast.acme, days_ago=9, told_after=2, name="Tom Told")
    make.decided(cast.acme, Outcome.WITHDRAWN, name="Wei Withdrew")
    make.application(cast.globex, name="Not Acme’s")
    page = remy.get(f"{DESK}?show=all")
    wei, tom, lee, dana, olu = rows(page)
    assert tabs(page) == {
        "Overdue": 1,
        "Due soon": 1,
        "Decided, no date": 0,
        "No decision yet": 1,
        "Scheduled": 0,
        "Told": 1,
        "All": 5,
    }
    assert "Nothing owed" in wei
    assert "Told" in tom
    assert re.search(r"\d+ days overdue .*Tell", lee)
    assert re.search(r"Due (in \d days|tomorrow) .*Tell", dana)
    assert re.search("No decision yet .*Decide", olu)
    assert "Not Acme" not in words_of(page)
    assert not page.select_one(f'input[name=pick][aria-label="Select {"Tom Told"}"]')


NARROWED = {
    "all": {"Olu", "Dana", "Tom", "Wei"},
    "open": {"Olu"},
    "not_told": {"Dana"},
    "waiting": {"Olu", "Dana"},
    "due": {"Dana"},
    "overdue": set(),
    "told": {"Tom"},
    "nonsense": {"Dana"},
}


@pytest.mark.both
def test_the_list_can_be_narrowed(cast, make, remy, subtests):
    make.application(cast.acme, name="Olu", role="Welder", department="Ward")
    make.decided(cast.acme, name="Dana", role="Cook", days_ago=1)
    make.told(cast.acme, name="Tom")
    make.decided(cast.acme, Outcome.WITHDRAWN, name="Wei")
    for show, found in NARROWED.items():
        with subtests.test(show=show):
            page = remy.get(f"{DESK}?show={show}")
            assert {row.split()[0] for row in rows(page)} == found
    cook = only_role("Cook")
    assert names(remy.get(f"{DESK}?show=all&role={cook.id}")) == ["Dana"]
    assert names(remy.get(f"{DESK}?show=all&department=Ward")) == ["Olu"]
    assert tabs(remy.get(f"{DESK}?show=all&role={cook.id}"))["All"] == 1
    assert names(remy.get(f"{DESK}?show=all&role=99999999999999")) == ["Wei", "Tom", "Dana", "Olu"]


def only_role(title: str) -> Requisition:
    return db.session.scalars(sa.select(Requisition).where(Requisition.title == title)).one()


SEARCHES = [("ield", 1), ("CAM@", 1), ("nurs", 1), ("%", 0), ("_", 0), ("zzz", 0), ("a%00b", 0)]


@pytest.mark.both
def test_the_search_looks_at_name_address_and_role(cast, cam, remy, subtests):
    for search, found in SEARCHES:
        with subtests.test(search=search):
            page = remy.get(f"{DESK}?show=all&q={search}")
            assert len(rows(page)) == found
            if not found:
                assert "Nothing found" in words_of(page)
                assert page.main.find("a", string="Show everybody")


def names(page) -> list[str]:
    return [link.text for link in page.select(".work__who a")]


@pytest.mark.both
def test_who_is_owed_an_answer_longest_comes_first(cast, make, remy):
    for name, days_ago in (("Mid", 9), ("Old", 30), ("New", 1)):
        make.decided(cast.acme, name=name, days_ago=days_ago)
        day = TODAY - timedelta(days=days_ago)
        make.application(cast.acme, name=f"Open {name}", last_interview_on=day)
    page = remy.get(f"{DESK}?show=not_told")
    assert names(page) == ["Old", "Mid", "New"]
    assert names(remy.get(f"{DESK}?show=open")) == ["Open Mid", "Open Old", "Open New"]
    assert names(remy.get(DESK)) == ["Old", "Mid"], "it opens on who is overdue"


@pytest.mark.both
def test_under_a_clock_of_interviews_their_day_decides_who_comes_first(cast, make, remy):
    cast.acme.clock_preset = ClockPreset.ONTARIO
    for name, decided, interviewed in (("Mid", 1, 50), ("None", 20, None), ("Old", 5, 60)):
        day = interviewed and TODAY - timedelta(days=interviewed)
        make.decided(cast.acme, name=name, days_ago=decided, last_interview_on=day)
    page = remy.get(f"{DESK}?show=not_told")
    assert names(page) == ["Old", "Mid", "None"]
    assert ["Not told yet" in row for row in rows(page)] == [False, False, True]


def test_nobody_waiting_is_a_small_reward(cast, make, remy):
    make.told(cast.acme)
    page = remy.get(DESK)
    assert "Nobody is waiting" in words_of(page)
    assert page.select_one(".empty__mark")


def fill_desk(employer, count: int) -> None:
    """COUNT applications in few statements."""
    first = hiring.add_application(
        employer, hiring.NewApplication("Cam 0", "c0@example.net", "Nurse")
    )
    db.session.flush()
    people = [
        {"employer_id": employer.id, "name": f"Cam {n}", "email": f"c{n}@example.net"}
        for n in range(1, count)
    ]
    table = first.candidate.__table__
    db.session.execute(sa.insert(table), people)
    mine = table.c.employer_id == employer.id, table.c.id != first.candidate_id
    ids = db.session.scalars(sa.select(table.c.id).where(*mine)).all()
    facts = {
        "employer_id": employer.id,
        "requisition_id": first.requisition_id,
        "stage_entered_on": TODAY,
    }
    db.session.execute(sa.insert(Application), [facts | {"candidate_id": key} for key in ids])
    db.session.commit()


def count_statements(person: Person, path: str) -> int:
    with noting_statements() as seen:
        assert person.send("GET", path).status_code == 200
    return len(seen)


@pytest.mark.both
def test_a_full_desk_costs_no_more_statements_than_a_small_one(cast, make, app, remy):
    make.application(cast.acme, name="Cam 0")
    few = count_statements(remy, DESK)
    fill_desk(cast.globex, 10_000)
    olga = Person(app).sign_in(cast.olga)
    many = "/e/globex/applications"
    assert count_statements(olga, many) == few <= 12
    for narrowed in ("q=c99&show=open", "show=not_told", "show=all&department=x"):
        assert count_statements(olga, f"{many}?{narrowed}") <= few
    page = olga.get(f"{many}?page=200")
    assert tabs(page)["No decision yet"] == 10_000
    assert len(rows(page)) == 50


PAGE_NUMBERS = ["0", "-1", "abc", "1e3", "99999999999999999999", "１"]


@pytest.mark.both
def test_a_page_number_that_makes_no_sense_is_the_nearest_page(cast, cam, remy, subtests):
    for number in PAGE_NUMBERS:
        with subtests.test(number=number):
            assert len(rows(remy.get(f"{DESK}?page={number}"))) == 1


# -- adding one -----------------------------------------------------------------------------------

NEW = {"name": " Cam  Field ", "email": "Cam@Example.NET", "role": "Nurse", "locale": "fr"}


def test_remy_adds_an_application_by_hand(cast, remy):
    page = remy.get(f"{DESK}/new")
    facts = {
        "department": " Ward  B ",
        "stage_group": "final",
        "stage": "Last talk",
        "last_interview_on": (TODAY - timedelta(days=3)).isoformat(),
        "promised_on": (TODAY + timedelta(days=3)).isoformat(),
    }
    added = remy.submit(page, NEW | facts)
    assert flashes(remy.get(added)) == [
        "Done: Cam Field is on the desk. Record a decision when there is one."
    ]
    application = only(Application)
    assert application.candidate.name == "Cam Field"
    assert application.candidate.email == "Cam@example.net"
    assert application.candidate.locale is Locale.FRENCH
    assert application.requisition.title == "Nurse"
    assert application.requisition.department == "Ward B"
    assert (application.stage, application.stage_group) == ("Last talk", "final")
    assert application.last_interview_on == TODAY - timedelta(days=3)
    assert (
        db.session.scalar(
            sa.select(AuditEvent.user_id).where(AuditEvent.action == "application.added")
        )
        == cast.remy.id
    )


@pytest.mark.both
def test_a_second_click_adds_nothing(cast, remy):
    page = remy.get(f"{DESK}/new")
    remy.submit(page, NEW)
    again = remy.submit(page, NEW, status=200)
    assert errors_of(again) == [
        "There is an open application for this role by this address already."
    ]
    assert len(everything(Application)) == 1


UNFIT = [
    ({"name": ""}, "Enter the candidate’s name."),
    ({"email": ""}, "Enter an email address, like name@example.com."),
    ({"email": "cam@@example.net"}, "@"),
    ({"email": "cäm@example.net"}, "."),
    ({"email": "cam@" + "x" * 300}, "characters"),
    ({"role": " "}, "Enter the role they applied for."),
    ({"name": "\u200b"}, "Enter the candidate’s name."),
    ({"role": "\u2060\u2800"}, "Enter the role they applied for."),
    ({"name": "x" * 201}, "Use at most 200 characters."),
    ({"department": "x" * 121}, "Use at most 120 characters."),
    ({"role": "a\nb"}, "Line breaks and control characters do not fit."),
    ({"last_interview_on": "03/01/2025"}, "Enter the day as year-month-day, like 2025-03-01."),
    ({"last_interview_on": "0001-01-01"}, "Enter a day after 1999."),
    ({"last_interview_on": "9999-12-31"}, LATE),
    ({"promised_on": "9999-12-31"}, "Enter a day within the coming year."),
]


def test_what_cannot_be_kept_is_said_at_its_field_and_the_rest_stays(cast, remy, subtests):
    for typed, message in UNFIT:
        with subtests.test(typed=typed):
            page = remy.get(f"{DESK}/new")
            again = remy.submit(page, NEW | {"stage": "Kept"} | typed, status=200)
            (said,) = errors_of(again)
            assert message in said
            field = again.find(id=next(iter(typed)))
            assert field["aria-invalid"] == "true"
            assert again.find(id=field["aria-describedby"].split()[-1]).text.endswith(said)
            assert again.find(id="stage")["value"] == "Kept"
            assert everything(Application) == []


def test_whatever_is_typed_stays_text(cast, remy, subtests):
    for number, text in enumerate(BREAKERS):
        with subtests.test(text=text):
            typed = {"name": text, "role": text, "stage": text, "email": f"c{number}@example.net"}
            added = remy.submit(remy.get(f"{DESK}/new"), NEW | typed)
            for path in (DESK, added, f"{added}/decision", f"{added}/delay"):
                page = remy.get(path)
                assert page.find("bdi", string=text)
                assert not page.select("svg[onload]")
            assert remy.get(f"{DESK}?q={text[:5]}")


@pytest.mark.both
def test_control_characters_are_left_out_and_nothing_else_is_taken(cast, remy):
    page = remy.get(f"{DESK}/new")
    more = {"employer_id": str(cast.globex.id), "outcome": "hired", "told_at": "2020-01-01"}
    remy.submit(page, NEW | more | {"name": "Ca\0m\x07 Field"})
    application = only(Application)
    assert application.candidate.name == "Cam Field"
    assert application.employer_id == cast.acme.id
    assert application.outcome is None


# -- one candidate --------------------------------------------------------------------------------


def test_the_page_says_what_is_owed_by_when_and_by_which_rule(cast, make, cam, remy):
    assert "The clock starts with the decision" in words_of(remy.get(page_of(cam)))
    cast.acme.clock_preset = ClockPreset.ONTARIO
    db.session.commit()
    assert "within 45 days of their last interview" in words_of(remy.get(page_of(cam)))
    cast.acme.clock_preset = ClockPreset.TEN_DAYS
    late = make.decided(cast.acme, days_ago=60)
    assert "within 10 business days of the decision" in words_of(remy.get(page_of(late)))
    assert "days overdue" in words_of(remy.get(page_of(late)))


NO_IDS = ["0", "999", "99999999999999999999", "abc", "-1"]


def test_what_does_not_exist_is_404(cast, cam, remy, subtests):
    for number in NO_IDS:
        with subtests.test(number=number):
            for path in ("", "/decision", "/tell", "/delay", "/retract"):
                remy.get(f"{DESK}/{number}{path}", status=404)


def test_another_employers_candidate_does_not_exist_here(cast, make, remy):
    theirs = make.decided(cast.globex).id
    for path in ("", "/decision", "/tell", "/delay", "/retract"):
        remy.get(f"{DESK}/{theirs}{path}", status=404)
    form = {"outcome": "hired", "how": "not_yet", "decided_on": TODAY.isoformat(), "seen": "1.0"}
    for path in ("decision", "tell", "delay", "retract", "emails/1/resend"):
        remy.post(f"{DESK}/{theirs}/{path}", form, status=404, token_from=DESK)
        remy.post(f"/e/globex/applications/{theirs}/{path}", form, status=404, token_from=DESK)
    assert only(Decision).outcome is Outcome.REJECTED


def test_a_viewer_has_no_desk(cast, cam, app):
    vera = Person(app).sign_in(cast.vera)
    for path in (DESK, f"{DESK}/new", page_of(cam), f"{page_of(cam)}/decision"):
        vera.get(path, status=404)
    assert not vera.get("/e/acme/").find("a", href=DESK)


# -- deciding -------------------------------------------------------------------------------------


def decide(person: Person, application: Application, button=None, status=303, **typed):
    """Fill in and send the first page of a decision."""
    page = person.get(f"{page_of(application)}/decision")
    return person.submit(page, {"outcome": "rejected", "how": "not_yet"} | typed, button, status)


def test_decided_and_not_told_yet_shows_by_when_it_is_owed(cast, cam, remy):
    assert "They are owed an answer by" in words_of(remy.get(f"{page_of(cam)}/decision"))
    said = flashes(remy.get(decide(remy, cam, reason="No budget")))
    assert said[0].startswith(
        "Done: Decision recorded: not chosen. Cam Field is owed an answer by "
    )
    decision = only(Decision)
    assert (decision.outcome, decision.reason) == (Outcome.REJECTED, "No budget")
    assert decision.recorded_by == cast.remy.id
    assert everything(Notice) == []
    page = remy.get(page_of(cam))
    assert "Recorded by remy@example.com. Reason: No budget." in words_of(page)


def test_decided_and_told_already_is_one_step(cast, cam, remy):
    day = TODAY - timedelta(days=2)
    typed = {"how": "already", "channel": "in_person", "told_feedback": "specific"}
    days = {"decided_on": day.isoformat(), "told_on": day.isoformat()}
    said = flashes(remy.get(decide(remy, cam, **typed, **days)))
    assert re.fullmatch(
        r"Done: Decision recorded: not chosen\. Noted: you told Cam Field on .+ in person\.",
        said[0],
    )
    notice = only(Notice)
    assert (notice.channel, notice.feedback) == (Channel.IN_PERSON, Feedback.SPECIFIC)
    assert only(Application).told_on == day
    assert "With specific feedback. Recorded by remy@example.com." in words_of(
        remy.get(page_of(cam))
    )


def test_who_withdrew_is_owed_nothing(cast, cam, remy):
    page = remy.get(f"{page_of(cam)}/decision")
    said = flashes(remy.get(remy.submit(page, {"outcome": "withdrawn"})))
    assert said == ["Done: Decision recorded: withdrew. Nothing is owed to Cam Field for now."]


NO_DECISIONS = [
    (
        {"outcome": "", "how": "", "decided_on": ""},
        [
            "Choose what was decided.",
            "Enter the day of the decision.",
            "Choose how the candidate learns it.",
        ],
    ),
    ({"decided_on": "2025-02-30"}, ["Enter the day as year-month-day, like 2025-03-01."]),
    ({"decided_on": "1999-12-31"}, ["Enter a day after 1999."]),
    ({"decided_on": "0001-01-01"}, ["Enter a day after 1999."]),
    ({"decided_on": "9999-12-31"}, [LATE]),
    ({"decided_on": (TODAY + timedelta(days=1)).isoformat()}, [LATE]),
    ({"how": "already", "told_on": (TODAY + timedelta(days=1)).isoformat()}, [LATE]),
    ({"how": "already", "told_on": ""}, ["Enter the day on which you told them."]),
    (
        {"how": "already", "told_on": (TODAY - timedelta(days=3)).isoformat()},
        ["Nobody can be told before the decision was made."],
    ),
    ({"outcome": "offer_declined", "how": "now"}, ["Choose another way."]),
    ({"outcome": "withdrawn", "how": "now"}, ["Choose another way."]),
    ({"outcome": "fired"}, ["Not a valid choice."]),
    ({"reason": "x" * 201}, ["Use at most 200 characters."]),
]


def test_a_decision_that_cannot_be_is_refused_whole(cast, cam, remy, subtests):
    for typed, messages in NO_DECISIONS:
        with subtests.test(typed=typed):
            page = decide(remy, cam, status=200, **{"reason": "Kept as typed"} | typed)
            said = errors_of(page)
            assert len(said) == len(messages)
            assert all(message in text for message, text in zip(messages, said, strict=True))
            assert page.find(id="reason")["value"] == typed.get("reason", "Kept as typed")
            assert everything(Decision) == everything(Notice) == everything(Email) == []
            assert only(Application).outcome is None


def test_what_was_typed_for_another_way_of_telling_is_let_be(cast, cam, remy):
    decide(remy, cam, how="not_yet", told_on="nonsense", leaves_on="nonsense")
    assert only(Decision)


# -- telling now ----------------------------------------------------------------------------------

SEND = ("step", "send")
LOOK = ("step", "look")


def test_telling_now_shows_the_email_first_and_keeps_nothing_before(cast, cam, remy):
    page = decide(remy, cam, how="now", status=200)
    assert everything(Decision) == []
    text = words_of(page)
    assert "Acme hiring team" in text
    assert "people@acme.example" in text
    assert "Your application for the role of Nurse at Acme" in text
    assert "Dear Cam Field," in page.select_one(".letter").text
    said = flashes(remy.get(remy.submit(page, button=SEND)))
    assert said == ["Done: Decision recorded: not chosen. The email to Cam Field leaves now."]
    notice = only(Notice)
    assert notice.subject == "Your application for the role of Nurse at Acme"
    assert "{" not in notice.body
    assert only(Email).state is EmailState.QUEUED
    assert "on its way" in words_of(remy.get(page_of(cam)))


def test_the_email_arrives_and_counts_as_told(cast, cam, remy, smtp):
    remy.submit(decide(remy, cam, how="now", status=200), {"feedback": "general"}, SEND)
    db.session.rollback()
    outbox.deliver_due(KINDS)
    jobs.settle(utcnow())
    (mail,) = smtp
    assert mail["To"] == "cam@example.net"
    page = remy.get(page_of(cam))
    assert "has heard from you" in words_of(page)
    assert "Handed to the mail server" in words_of(page)
    assert only(Application).feedback is Feedback.GENERAL


@pytest.mark.parametrize("outcome", ["hired", "rejected"])
def test_the_template_follows_the_candidates_language(cast, cam, remy, outcome):
    cam.candidate.locale = Locale.FRENCH
    db.session.commit()
    page = decide(remy, cam, outcome=outcome, how="now", status=200)
    letter = page.select_one(".letter")
    assert letter["lang"] == "fr"
    assert "Bonjour Cam Field," in letter.text
    assert "L’équipe de recrutement" in letter.text


def test_hired_can_be_a_welcome_or_an_offer(cast, cam, remy):
    page = decide(remy, cam, outcome="hired", how="now", status=200)
    assert "the role of Nurse is yours" in page.select_one(".letter").text
    page = remy.submit(page, button=("use", "offer"), status=200)
    assert "We would like to offer you" in page.select_one(".letter").text
    assert not page.find(id="feedback")  # nothing to explain
    remy.submit(page, button=SEND)
    assert only(Notice).subject == "An offer from Acme: Nurse"


def test_changed_words_are_looked_at_once_more_before_they_leave(cast, cam, remy):
    page = decide(remy, cam, how="now", status=200)
    mine = {"subject": "News for {candidate}", "body": "Hello {candidate},\r\n\r\nno.\r\n{sender}"}
    page = remy.submit(page, mine, SEND, status=200)
    assert "Not sent yet" in words_of(page)
    assert everything(Decision) == []
    assert page.select_one(".letter").text == "Hello Cam Field,\n\nno.\nThe hiring team"
    assert page.find("textarea").text.splitlines() == mine["body"].splitlines()
    remy.submit(page, button=SEND)
    notice = only(Notice)
    assert notice.subject == "News for Cam Field"
    assert notice.body == "Hello Cam Field,\n\nno.\nThe hiring team"


def test_words_can_be_tried_out_kept_and_thrown_away(cast, cam, remy):
    page = decide(remy, cam, how="now", status=200)
    page = remy.submit(page, {"body": "Mine: {role}"}, LOOK, status=200)
    assert page.select_one(".letter").text == "Mine: Nurse"
    page = remy.submit(page, {"decided_on": "bad", "how": "already"}, status=200)
    assert page.find("textarea").text.strip() == "Mine: {role}"
    typed = {"decided_on": TODAY.isoformat(), "how": "now"}
    page = remy.submit(page, typed, ("use", "rejected"), status=200)
    assert errors_of(page) == []
    assert "Dear Cam Field," in page.select_one(".letter").text


def test_another_outcome_begins_from_its_own_template(cast, cam, remy):
    page = decide(remy, cam, outcome="hired", how="now", status=200)
    page = remy.submit(page, {"outcome": "rejected"}, SEND, status=200)
    assert "Not sent yet" in words_of(page)
    assert "taking it further" in page.select_one(".letter").text
    assert everything(Decision) == everything(Email) == []


NO_EMAILS = [
    ({"subject": ""}, "The email needs a subject."),
    ({"body": " \r\n "}, "The email needs a text."),
    ({"subject": "\u200b"}, "The email needs a subject."),
    ({"body": "\u200b\u2060"}, "The email needs a text."),
    ({"subject": "x" * 201}, "Use at most 200 characters."),
    ({"subject": "{role}" * 33}, "Shorten it to 300."),
    ({"subject": "{nobody}"}, "{nobody} cannot be filled in here."),
    ({"body": "{{role}}"}, "{{role}} cannot be filled in here."),
    ({"body": "News by {date}."}, "Known are {candidate}, {role}, {employer}, {sender}."),
    ({"subject": "a\r\nBcc: x@example.net"}, "The subject must be one line"),
    ({"body": "x" * 10_001}, "Use at most 10,000 characters."),
    ({"leaves": "later", "leaves_on": ""}, "Enter the day on which the email is to leave."),
    (
        {"leaves": "later", "leaves_on": "2020-01-01", "leaves_at": "10:00"},
        "That time has passed",
    ),
    (
        {
            "leaves": "later",
            "leaves_on": (TODAY + timedelta(days=31)).isoformat(),
            "leaves_at": "23:59",
        },
        "30 days",
    ),
    (
        {"leaves": "later", "leaves_on": "9999-12-31", "leaves_at": "10:00"},
        "Choose a day within the next 30 days.",
    ),
    ({"leaves": "later", "leaves_on": TODAY.isoformat(), "leaves_at": "25:00"}, "like 09:30."),
]


def test_an_email_that_cannot_leave_says_why_and_keeps_the_words(cast, make, remy, subtests):
    for typed, message in NO_EMAILS:
        with subtests.test(typed=typed):
            cam = make.application(cast.acme, name="Cam", role="A very long role")
            page = decide(remy, cam, how="now", status=200)
            page = remy.submit(page, {"body": "Kept {candidate}"} | typed, SEND, status=200)
            assert any(message in said for said in errors_of(page))
            kept = typed.get("body", "Kept {candidate}")
            assert page.find("textarea").text.strip() == kept.strip().strip("\u200b\u2060")
            assert everything(Decision) == everything(Email) == []


def test_an_email_leaves_at_the_time_that_was_set_where_the_employer_is(cast, cam, remy):
    cast.acme.timezone = "Asia/Tokyo"
    db.session.commit()
    day = TODAY + timedelta(days=3)
    page = decide(remy, cam, how="now", status=200)
    later = {"leaves": "later", "leaves_on": day.isoformat(), "leaves_at": "09:00"}
    said = flashes(remy.get(remy.submit(page, later, SEND)))
    assert "The email to Cam Field leaves on" in said[0]
    assert "9:00" in said[0]
    leaves = only(Email).next_attempt_at
    assert (leaves.date(), leaves.hour, leaves.minute) == (day, 0, 0)
    assert "Leaves then" in words_of(remy.get(page_of(cam)))


def test_a_set_time_begins_with_the_next_working_morning(cast, cam, remy):
    page = decide(remy, cam, how="now", status=200)
    said = flashes(remy.get(remy.submit(page, {"leaves": "later"}, SEND)))
    assert "9:00" in said[0]
    leaves = only(Email).next_attempt_at.astimezone(cast.acme.zone)
    assert (leaves.hour, leaves.minute) == (9, 0)
    assert leaves.weekday() < 5
    assert timedelta(0) < leaves.date() - TODAY <= timedelta(days=3)


def test_who_cannot_be_written_to_is_told_by_another_way(cast, make, cam, remy):
    outbox.suppress("cam@example.net", SuppressionReason.HARD_BOUNCE, None, "relay")
    nobody = hiring.add_application(cast.acme, hiring.NewApplication("No Mail", None, "Nurse"))
    db.session.commit()
    for application in (cam, nobody):
        page = decide(remy, application, how="now", status=200)
        assert "Choose another way." in errors_of(page)[0]
        assert "Tell them by another way" in words_of(remy.get(page_of(application)))
    assert everything(Decision) == []


@pytest.mark.parametrize(
    "facts",
    [
        {"approved_at": None},
        {"mail_paused_at": utcnow(), "mail_pause_reason": "Ask <us> first."},
    ],
)
def test_staff_read_that_their_mail_waits_for_the_operator(cast, cam, remy, facts):
    for name, value in facts.items():
        setattr(cast.acme, name, value)
    db.session.commit()
    banner = remy.get(page_of(cam)).select_one(".banner--warning").text
    assert facts.get("mail_pause_reason", "has approved your account") in banner
    assert "waits" in banner


def test_names_are_never_read_as_placeholders(cast, make, remy, smtp, subtests):
    for number, text in enumerate(BREAKERS):
        with subtests.test(text=text):
            application = make.application(cast.acme, name=text, role=text)
            page = decide(remy, application, how="now", status=200)
            assert f"Dear {text}," in page.select_one(".letter").text
            remy.submit(page, button=SEND)
            db.session.rollback()
            outbox.deliver_due(KINDS)
            assert len(smtp) == number + 1
            assert f"Dear {text}," in smtp[number].get_body(("plain",)).get_content()


@pytest.mark.parametrize("facts", [{"approved_at": None}, {"mail_paused_at": utcnow()}])
def test_while_the_operator_holds_mail_back_the_page_says_that_it_waits(cast, cam, remy, facts):
    for name, value in facts.items():
        setattr(cast.acme, name, value)
    if "mail_paused_at" in facts:
        cast.acme.mail_pause_reason = "Call us."
    db.session.commit()
    page = remy.get(remy.submit(decide(remy, cam, how="now", status=200), button=SEND))
    assert flashes(page)[0].endswith("The email to Cam Field waits: sending rests at the moment.")
    here = f"{DESK}/{cam.id}"
    page = remy.get(remy.post(f"{here}/status-link", {}, token_from=here))
    assert flashes(page) == ["Done: The link to their own page waits: sending rests at the moment."]


def test_while_sending_rests_the_page_says_that_the_email_waits(cast, cam, remy):
    outbox.pause("535", utcnow(), "5.7.8 no")
    db.session.commit()
    page = remy.submit(decide(remy, cam, how="now", status=200), button=SEND)
    page = remy.get(page)
    assert flashes(page)[0].endswith("The email to Cam Field waits: sending rests at the moment.")
    assert "Email is paused since" in page.select_one(".banner--warning").text


# -- telling later --------------------------------------------------------------------------------


def test_a_standing_decision_can_be_told_later_by_each_way(cast, make, remy):
    by_email = make.decided(cast.acme, name="Em")
    page = remy.submit(remy.get(f"{page_of(by_email)}/tell"), {"how": "now"}, status=200)
    assert flashes(remy.get(remy.submit(page, button=SEND))) == [
        "Done: The email to Em leaves now."
    ]
    called = make.decided(cast.acme, name="Cal")
    page = remy.get(f"{page_of(called)}/tell")
    said = flashes(remy.get(remy.submit(page, {"how": "already"})))
    assert said[0].startswith("Done: Noted: you told Cal on")
    waiting = make.decided(cast.acme, name="Wai")
    page = remy.get(f"{page_of(waiting)}/tell")
    said = flashes(remy.get(remy.submit(page, {"how": "not_yet"})))
    assert said[0].startswith("Note: Nothing was changed. Wai is owed an answer by")
    assert len(everything(Decision)) == 3
    assert len(everything(Notice)) == 2


def test_after_one_was_told_the_next_is_a_click_away(cast, make, remy):
    first, second, third = (
        make.decided(cast.acme, name=name, days_ago=days)
        for name, days in (("Wen", 20), ("Vera Petit", 18), ("Ulla", 1))
    )
    make.decided(cast.globex, name="Not Acme’s", days_ago=40)
    page = remy.submit(remy.get(f"{page_of(first)}/tell"), {"how": "now"}, status=200)
    page = remy.get(remy.submit(page, button=SEND))
    assert re.search(r"leaves now\. Next: Vera Petit \(\d+ days overdue\)\.$", flashes(page)[0])
    assert page.select_one(".breadcrumbs a")["href"] == f"{DESK}?show=not_told"
    following = page.find("a", string="Vera Petit")["href"]
    assert following == page_of(second)
    page = remy.get(remy.submit(remy.get(f"{following}/tell"), {"how": "already"}))
    assert re.search(r"Next: Ulla \(Due (in \d+ days|tomorrow)\)\.", flashes(page)[0])
    assert page.select_one(".breadcrumbs a")["href"] == DESK  # nobody waits here any more
    said = flashes(remy.get(remy.submit(remy.get(f"{page_of(third)}/tell"), {"how": "already"})))
    assert "Next" not in said[0]  # Wen's email is on its way


@pytest.mark.both
def test_next_is_never_who_has_just_been_written_to(cast, make, remy):
    written = make.decided(cast.acme, name="Wen", days_ago=30)
    make.decided(cast.acme, name="Vera Petit", days_ago=20)
    page = remy.submit(remy.get(f"{page_of(written)}/tell"), {"how": "now"}, SEND)
    for state in (EmailState.QUEUED, EmailState.SENDING, EmailState.SENT):
        put("notice", state, is_settled=False)  # the worker has not taken note of it yet
        called = make.decided(cast.acme, name="Cal")
        page = remy.submit(remy.get(f"{page_of(called)}/tell"), {"how": "already"})
        assert "Next: Vera Petit" in flashes(remy.get(page))[0]


def test_a_decision_that_is_told_at_once_leads_on_too(cast, cam, make, remy):
    make.decided(cast.acme, name="Vera Petit", days_ago=20)
    said = flashes(remy.get(decide(remy, cam, how="already")))
    assert "Next: Vera Petit" in said[0]


def test_the_letter_stands_on_the_first_page_and_may_leave_from_it_as_it_is(cast, make, remy):
    cam = make.decided(cast.acme, name="Cam Field")
    page = remy.get(f"{page_of(cam)}/tell")
    assert "Dear Cam Field," in page.select_one(".choice__panel .letter").text
    remy.submit(page, {"how": "now"}, SEND)
    assert only(Notice).body == page.select_one(".letter").text
    other = make.decided(cast.acme, name="Ola")
    page = remy.get(f"{page_of(other)}/tell")
    page = remy.submit(page, {"how": "now", "body": "Mine, {candidate}"}, SEND, status=200)
    assert len(everything(Email)) == 1
    assert page.select_one(".letter").text == "Mine, Ola"
    remy.submit(page, button=SEND)
    assert everything(Notice)[-1].body == "Mine, Ola"


def test_a_forged_look_sends_nothing(cast, make, remy):
    page = remy.get(f"{page_of(make.decided(cast.acme))}/tell")
    typed = {"how": "now", "body": "Another", "looked_at": "0" * 32}
    assert "Not sent yet" in words_of(remy.submit(page, typed, SEND, status=200))
    assert everything(Email) == []


def test_a_no_within_the_hour_of_applying_is_warned_of(cast, make, cam, remy):
    soon = "applied less than an hour ago"
    cam.last_interview_on, cam.stage_entered_on = None, TODAY
    db.session.commit()
    assert soon in words_of(decide(remy, cam, how="now", status=200))
    assert soon not in words_of(decide(remy, cam, outcome="hired", how="now", status=200))
    cam.created_at = utcnow() - timedelta(minutes=61)
    db.session.commit()
    assert soon not in words_of(decide(remy, cam, how="now", status=200))


def test_telling_the_same_once_more_is_said_before_it_leaves(cast, make, cam, remy, smtp):
    told = make.told(cast.acme, days_ago=10, told_after=2)
    page = decide(remy, told, how="now", status=200)
    assert "They were told this on" in words_of(page)
    assert "This email tells them again." in words_of(page)
    page = decide(remy, told, how="now", outcome="hired", status=200)
    assert "They were told this" not in words_of(page)
    page = decide(remy, cam, how="now", status=200)
    assert "second email" not in words_of(page)
    remy.submit(page, button=SEND)
    db.session.rollback()
    outbox.deliver_due(KINDS)
    page = decide(remy, cam, how="now", status=200)
    assert "An email that tells them this has left already. This is a second email." in words_of(
        page
    )
    db.session.rollback()
    jobs.settle(utcnow())
    page = remy.submit(remy.get(f"{page_of(cam)}/tell"), {"how": "now"}, status=200)
    assert re.search(r"They were told this on .+\. This is a second email\.", words_of(page))


def test_without_a_decision_there_is_nothing_to_tell_or_take_back(cast, cam, remy):
    for path in ("tell", "retract"):
        answer = remy.send("GET", f"{page_of(cam)}/{path}")
        assert answer.status_code == 303
        assert "There is no decision to" in flashes(remy.get(answer.location))[0]


def test_telling_twice_keeps_the_first_day(cast, make, remy):
    told = make.told(cast.acme, days_ago=10, told_after=2)
    first = told.told_on
    page = remy.get(f"{page_of(told)}/tell")
    assert "That day keeps counting" in words_of(page)
    remy.submit(page, {"how": "already", "channel": "email"})
    assert only(Application).told_on == first
    assert len(everything(Notice)) == 2


# -- not yet: the delay note ----------------------------------------------------------------------


def test_a_delay_note_names_the_date_and_does_not_count_as_told(cast, cam, remy, smtp):
    until = TODAY + timedelta(days=10)
    page = remy.submit(
        remy.get(f"{page_of(cam)}/delay"), {"next_on": until.isoformat()}, status=200
    )
    assert f"{until:%B} {until.day}, {until.year}" in page.select_one(".letter").text
    assert everything(Notice) == []
    page = remy.get(remy.submit(page, button=SEND))
    assert re.search(
        r"The email to Cam Field leaves now\. You have promised news by", flashes(page)[0]
    )
    db.session.rollback()
    outbox.deliver_due(KINDS)
    jobs.settle(utcnow())
    assert len(smtp) == 1
    application = only(Application)
    assert application.promised_on == until
    assert application.told_on is None
    assert only(Notice).kind is NoticeKind.DELAY
    assert "“No decision yet” sent" in words_of(remy.get(page_of(cam)))


NO_DAYS = [
    ("", "Enter the day by which they hear from you."),
    (TODAY.isoformat(), "The new date must be within the coming year."),
    ("2020-01-01", "The new date must be within the coming year."),
    ("9999-12-31", "Enter a day within the coming year."),
    ("soon", "Enter the day as year-month-day, like 2025-03-01."),
]


def test_a_delay_needs_a_day_to_come(cast, cam, remy, subtests):
    for day, message in NO_DAYS:
        with subtests.test(day=day):
            page = remy.submit(remy.get(f"{page_of(cam)}/delay"), {"next_on": day}, status=200)
            if page.find("button", string="Send this note"):
                page = remy.submit(page, button=SEND, status=200)
            assert errors_of(page) == [message]
            assert everything(Notice) == []


def test_the_date_of_a_delay_note_can_be_changed_on_the_way(cast, cam, remy):
    first, second = ((TODAY + timedelta(days=days)).isoformat() for days in (5, 9))
    page = remy.submit(remy.get(f"{page_of(cam)}/delay"), {"next_on": first}, status=200)
    page = remy.submit(page, {"body": "By {date}, {candidate}."}, LOOK, status=200)
    page = remy.submit(page, {"next_on": second}, SEND, status=200)
    assert everything(Email) == []  # it reads otherwise than it did
    day = TODAY + timedelta(days=9)
    assert page.select_one(".letter").text == f"By {day:%B} {day.day}, {day.year}, Cam Field."


def test_who_is_decided_about_gets_no_delay_note(cast, make, remy):
    answer = remy.send("GET", f"{page_of(make.decided(cast.acme))}/delay")
    assert "There is a decision already" in flashes(remy.get(answer.location))[0]


# -- taking it back -------------------------------------------------------------------------------


def test_a_decision_is_taken_back_with_its_unsent_email(cast, cam, remy):
    remy.submit(decide(remy, cam, how="now", status=200), button=SEND)
    page = remy.get(f"{page_of(cam)}/retract")
    assert "Email about it that has not left is cancelled" in words_of(page)
    page = remy.get(remy.submit(page))
    assert flashes(page)[0].startswith("Done: Decision taken back. Cam Field waits")
    assert only(Email).state is EmailState.CANCELLED
    assert "The decision was taken back before it left." in words_of(page)
    assert "“Not chosen” was taken back" in words_of(page)
    assert only(Application).outcome is None


def test_taking_back_what_was_told_warns_that_it_is_not_unsaid(cast, make, remy):
    told = make.told(cast.acme)
    assert "does not unsay it: call them" in words_of(remy.get(f"{page_of(told)}/retract"))


# -- two people at once ---------------------------------------------------------------------------


@pytest.mark.both
def test_the_second_of_two_decisions_is_stopped_and_says_who_was_first(cast, cam, remy, ada):
    hers = ada.get(f"{page_of(cam)}/decision")
    decide(remy, cam, outcome="hired")
    typed = {"outcome": "rejected", "how": "not_yet", "reason": "Mine"}
    page = ada.submit(hers, typed, status=409)
    assert "remy@example.com recorded “Hired”" in words_of(page)
    assert "Nothing of yours was saved or sent" in words_of(page)
    assert page.find(id="reason")["value"] == "Mine"
    assert page.find("input", value="rejected").has_attr("checked")
    assert [decision.outcome for decision in everything(Decision)] == [Outcome.HIRED]
    ada.submit(page)  # having read that, she may
    assert [decision.outcome for decision in everything(Decision)] == [
        Outcome.HIRED,
        Outcome.REJECTED,
    ]


def test_a_letter_being_written_survives_that_somebody_else_decided(cast, cam, remy, ada):
    page = decide(ada, cam, how="now", status=200)
    page = ada.submit(page, {"body": "Ada’s own words"}, LOOK, status=200)
    decide(remy, cam, outcome="hired")
    page = ada.submit(page, button=SEND, status=409)
    assert everything(Email) == []
    page = ada.submit(page, status=200)
    assert page.find("textarea").text.strip() == "Ada’s own words"


@pytest.mark.both
def test_two_who_tell_at_once_write_once(cast, make, remy, ada):
    cam = make.decided(cast.acme, name="Cam Field")
    pages = [
        person.submit(person.get(f"{page_of(cam)}/tell"), {"how": "now"}, status=200)
        for person in (remy, ada)
    ]
    remy.submit(pages[0], button=SEND)
    page = ada.submit(pages[1], button=SEND, status=409)
    assert "remy@example.com wrote the email that tells the candidate" in words_of(page)
    assert len(everything(Email)) == 1


def test_a_second_click_sends_nothing_twice(cast, cam, remy):
    page = decide(remy, cam, how="now", status=200)
    remy.submit(page, button=SEND)
    remy.submit(page, button=SEND, status=409)
    assert len(everything(Email)) == len(everything(Decision)) == 1


@pytest.mark.both
def test_six_clicks_in_the_same_instant_add_one_application(cast, app, remy):
    path, ready = f"{DESK}/new", Barrier(6)
    typed = {"name": "Cam", "email": "cam@example.net", "role": "Nurse", "locale": "en"}
    data = remy.fill(remy.get(path), typed | {"stage_group": "interview"})
    db.session.rollback()

    def send(_) -> int:
        with app.app_context():
            ready.wait()
            return remy.client.post(path, data=data).status_code

    with ThreadPoolExecutor(6) as pool:
        answers = sorted(pool.map(send, range(6)))
    assert answers == [200, 200, 200, 200, 200, 303]
    assert len(everything(Application)) == 1


@pytest.mark.both
def test_two_who_tell_in_the_same_instant_write_once(cast, make, app, remy, ada):
    cam = make.decided(cast.acme, name="Cam Field")
    path, ready = f"{page_of(cam)}/tell", Barrier(2)
    people = {
        person: person.fill(person.submit(person.get(path), {"how": "now"}, status=200), {}, SEND)
        for person in (remy, ada)
    }
    db.session.rollback()

    def send(person: Person) -> int:
        with app.app_context():
            ready.wait()
            return person.client.post(path, data=people[person]).status_code

    with ThreadPoolExecutor(2) as pool:
        answers = sorted(pool.map(send, people))
    assert answers == [303, 409]
    assert len(everything(Email)) == len(everything(Notice)) == 1


def test_asking_for_the_head_of_a_form_is_no_answer_to_it(cast, make, remy):
    path = page_of(make.decided(cast.acme))
    for page in ("decision", "tell", "retract"):
        assert remy.send("HEAD", f"{path}/{page}").status_code == 200


@pytest.mark.both
def test_two_delay_notes_at_once_are_one(cast, cam, remy, ada):
    day = {"next_on": (TODAY + timedelta(days=5)).isoformat()}
    pages = [
        person.submit(person.get(f"{page_of(cam)}/delay"), day, status=200)
        for person in (remy, ada)
    ]
    remy.submit(pages[0], button=SEND)
    page = ada.submit(pages[1], button=SEND, status=409)
    assert "remy@example.com wrote that there is no decision yet" in words_of(page)
    assert page.find(id="next_on")["value"] == day["next_on"]
    assert len(everything(Email)) == 1


def test_taking_back_what_somebody_else_took_back_is_no_error(cast, make, remy, ada):
    cam = make.decided(cast.acme)
    hers, his = (person.get(f"{page_of(cam)}/retract") for person in (ada, remy))
    remy.submit(his)
    answer = ada.send("POST", f"{page_of(cam)}/retract", data=ada.fill(hers, {}))
    assert answer.status_code == 303
    decide(remy, cam)
    page = ada.submit(hers, status=409)
    assert "remy@example.com recorded “Not chosen”" in words_of(page)
    assert only(Application).outcome is Outcome.REJECTED


NO_MARKS = ["", "abc", "-1.0", "1", "9" * 40, "１.１"]


def test_a_forged_mark_never_decides(cast, cam, remy, subtests):
    for mark in NO_MARKS:
        with subtests.test(mark=mark):
            page = remy.get(f"{page_of(cam)}/decision")
            remy.submit(page, {"outcome": "hired", "how": "not_yet", "seen": mark}, status=409)
            assert everything(Decision) == []


# -- what became of the mail ----------------------------------------------------------------------


@pytest.fixture
def told_by_mail(cast, make):
    """Cam's notice and survey emails, in whatever state a test puts them."""
    cam = make.decided(cast.acme, name="Cam Field", email="cam@example.net")
    now = utcnow()
    decision = hiring.standing_decision(cam)
    hiring.tell_now(cam, decision, Text("News", "Dear Cam"), now)
    invitation = make.invitation(cam)
    for kind in ("invite", "reminder"):
        outbox.queue_email(
            kind,
            "cam@example.net",
            invitation_id=invitation.id,
            employer_id=cast.acme.id,
            dedup_key=kind,
        )
    db.session.commit()
    return cam


def put(kind: str, state: EmailState, **facts) -> Email:
    email = db.session.scalars(sa.select(Email).where(Email.kind == kind)).one()
    email.state = state
    for name, value in facts.items():
        setattr(email, name, value)
    db.session.commit()
    return email


FATES = [
    (EmailState.QUEUED, {}, "Leaves now"),
    (EmailState.SENDING, {"sending_at": utcnow()}, "Is being handed to the mail server"),
    (EmailState.SENT, {"sent_at": utcnow()}, "Handed to the mail server"),
    (EmailState.UNKNOWN, {"reason": "no_reply"}, "it may have arrived"),
    (EmailState.FAILED, {"reason": "address"}, "There is no such address."),
    (EmailState.FAILED, {"reason": "refused", "relay_text": "go away"}, "“go away”"),
    (EmailState.CANCELLED, {"reason": "retracted"}, "taken back before it left"),
    (EmailState.CAPTURED, {}, "no mail server is set up"),
    (EmailState.QUEUED, {"attempts": 2, "next_attempt_at": LATER}, "asked us to come back later"),
    (EmailState.SENT, {"delivery": Delivery.DELIVERED}, "Arrived in the mailbox"),
    (EmailState.SENT, {"delivery": Delivery.DELAYED}, "is still trying"),
    (EmailState.SENT, {"delivery": Delivery.BOUNCED_HARD}, "Call, or write by another way."),
]


def test_the_fate_of_each_email_is_told_in_words(told_by_mail, remy, subtests):
    for state, facts, words in FATES:
        with subtests.test(state=state):
            put("notice", state, **facts)
            assert words in words_of(remy.get(page_of(told_by_mail)))


def test_an_email_that_came_back_does_not_count_as_told(told_by_mail, remy):
    put("notice", EmailState.FAILED, reason="refused", is_settled=False)
    outbox.settle_next(KINDS, utcnow())
    db.session.commit()
    text = words_of(remy.get(page_of(told_by_mail)))
    assert "The email that was to tell them did not arrive: call." in text
    assert "The email did not arrive It does not count as told." in text


def test_reminders_are_never_shown_whatever_became_of_them(told_by_mail, remy):
    pages = []
    for state, reason in (
        (EmailState.QUEUED, None),
        (EmailState.SENT, None),
        (EmailState.CANCELLED, "answered"),
        (EmailState.UNKNOWN, "no_reply"),
    ):
        put("reminder", state, reason=reason)
        page = remy.get(page_of(told_by_mail))
        pages.append(re.sub(r'value="[^"]+"', "", str(page.main)))
        assert len(page.select("article")) == 2
    assert len(set(pages)) == 1


def test_the_page_is_the_same_whether_the_survey_was_answered_or_not(told_by_mail, remy):
    """An invitation sent again is stopped by an answer; nobody may see that."""
    now = utcnow()
    put("invite", EmailState.SENT, sent_at=now, next_attempt_at=now)
    sent = words_of(remy.get(page_of(told_by_mail)))
    reputation.refresh_habits(told_by_mail.employer, now)
    delivered = reputation.dashboard(told_by_mail.employer).coverage.delivered
    put("invite", EmailState.CANCELLED, reason="answered", sent_at=None)
    assert words_of(remy.get(page_of(told_by_mail))) == sent
    reputation.refresh_habits(told_by_mail.employer, now)
    assert reputation.dashboard(told_by_mail.employer).coverage.delivered == delivered == 1


def test_remy_sends_a_doubtful_email_again_once(cast, told_by_mail, remy):
    email = put("notice", EmailState.UNKNOWN, reason="no_reply")
    number, message_id, here = email.id, email.message_id, page_of(told_by_mail)
    page = remy.get(here)
    assert "may or may not have arrived" in words_of(page)
    action = main_form(page)["action"]
    assert action == f"{here}/emails/{number}/resend"
    assert "is sent again" in flashes(remy.get(remy.submit(page)))[0]
    assert "no longer in doubt" in flashes(remy.get(remy.submit(page)))[0]
    (email,) = [found for found in everything(Email) if found.kind == "notice"]
    assert (email.state, email.message_id) == (EmailState.QUEUED, message_id)
    who = sa.select(AuditEvent.user_id).where(AuditEvent.action == "email.resent")
    assert list(db.session.scalars(who)) == [cast.remy.id]


@pytest.mark.parametrize("kind", ["invite", "reminder"])
def test_survey_mail_cannot_be_sent_again_from_the_desk(told_by_mail, remy, kind):
    number = put(kind, EmailState.UNKNOWN).id
    page = remy.get(page_of(told_by_mail))
    assert not page.select("form[action$=resend]")
    path = f"{page_of(told_by_mail)}/emails/{number}/resend"
    remy.post(path, status=404, token_from=DESK)


@pytest.mark.both
def test_nothing_is_half_done_when_the_database_is_locked_or_a_rule_breaks(cast, cam, remy):
    page = decide(remy, cam, how="now", status=200)
    long_ago = {"decided_on": (TODAY + timedelta(days=1)).isoformat()}
    page = remy.submit(page, long_ago, SEND, status=200)
    assert errors_of(page) == [LATE]
    assert everything(Decision) == everything(Notice) == everything(Email) == []
