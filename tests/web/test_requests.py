"""Seeing one's data and having it erased, by the link at the end of every mail."""

import json
import re
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from portal import hiring, invitations, jobs, links, outbox, privacy
from portal.extensions import db
from portal.letters import Text
from portal.mail_kinds import KINDS
from portal.models import (
    AuditEvent,
    Candidate,
    DataRequest,
    DataWish,
    Email,
    EmailState,
    Locale,
    SuppressionReason,
    utcnow,
)
from tests.mail.conftest import configure
from tests.support.factory import ANOTHER_KEY
from tests.support.forms import filled
from tests.support.statements import noting_statements
from tests.web.candidates import LEAST, invited, whole_database, words_of

pytestmark = pytest.mark.both  # people's own data
NAME, ADDRESS = "Zelda Quartz", "zelda.quartz@example.net"
SPELT = "Zelda.Quartz@example.net"
CONFIRM = re.compile(r"http://127\.0\.0\.1:5000(/d/confirm/[a-z2-7]{48}\?lang=\w\w)")
OWN = re.compile(r"http://127\.0\.0\.1:5000(/d/[a-z2-7]{40}\?lang=\w\w)")
HOURS_48 = timedelta(hours=48)


@pytest.fixture
def zelda(make, acme):
    """A candidate who was told by telephone and whom nobody has written to yet."""
    application = make.told(acme, name=NAME, email=ADDRESS, external_id="ats-1")
    # Not to be asked about the survey here.
    outbox.suppress(ADDRESS, SuppressionReason.OPT_OUT, acme.id, "link")
    db.session.commit()
    return application


def own_link(application, address=ADDRESS):
    candidate = application.candidate
    return f"/d/{links.own_data_token(candidate.employer_id, candidate.id, address)}"


def ask(cam, link, wish):
    """Press the button, and let the worker send."""
    assert cam.post(link, {"wish": wish}).startswith(f"{link}/asked")
    db.session.rollback()
    outbox.deliver_due(KINDS)


def mailed(smtp) -> str:
    plain = smtp[-1].get_body(("plain",)).get_content()
    html = smtp[-1].get_body(("html",)).get_content()
    (path,) = set(CONFIRM.findall(plain + html))
    return path


def candidate_of(application):
    db.session.rollback()
    return db.session.get(Candidate, application.candidate_id, populate_existing=True)


def events():
    db.session.rollback()
    rows = db.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.id))
    return [event.action for event in rows if event.action.startswith("person.")]


def test_every_mail_to_a_candidate_ends_with_the_link(app, make, acme, cam, smtp):
    application = make.decided(acme, name=NAME, email=ADDRESS)
    decision = hiring.standing_decision(application)
    hiring.tell_now(application, decision, Text("News", "Dear Zelda"), utcnow())
    db.session.commit()
    jobs.run_until_idle()
    with time_machine.travel(utcnow() + timedelta(days=4)):
        jobs.run_until_idle()
    with time_machine.travel(utcnow() + timedelta(days=30)):
        invitation = make.invitation(application)
        invitations.send_fresh_link(invitation, utcnow())
        db.session.commit()
        outbox.deliver_due(KINDS)
    assert len(smtp) == 4
    for message in smtp:
        plain = message.get_body(("plain",)).get_content()
        (path,) = OWN.findall(plain)
        assert path == own_link(application) + "?lang=en"
        assert path in message.get_body(("html",)).get_content()
    page = cam.get(path)
    assert page.h1.get_text() == "Your data at Acme"


def test_opening_a_link_changes_nothing(app, zelda, cam, smtp):
    link = own_link(zelda)
    for wish in DataWish:
        ask(cam, link, wish)
        before = whole_database()
        for path in (link, f"{link}/asked", f"{link}?lang=fr", mailed(smtp)):
            for method in ("GET", "HEAD"):
                assert cam.send(method, path).status_code == 200
        assert whole_database() == before


def test_the_file_holds_what_this_employer_holds_and_nothing_else(app, make, zelda, cam, smtp):
    globex = make.employer("globex")
    make.told(globex, name=NAME, email=ADDRESS, external_id="theirs")
    ask(cam, own_link(zelda), "see")
    assert smtp[-1]["To"] == ADDRESS
    assert smtp[-1]["List-Unsubscribe"] is None
    link = mailed(smtp)
    page = cam.get(link)
    assert "even if nobody has told you yet" in words_of(page)
    assert page.form["action"] == link.replace("?lang=en", "")
    for _ in range(2):  # pressed twice, handed out twice: it is theirs
        response = cam.client.post(link, data=filled(link))
        assert response.status_code == 200
        assert response.headers["Content-Disposition"] == "attachment; filename=acme-data.json"
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Referrer-Policy"] == "no-referrer"
        assert "Set-Cookie" not in response.headers
        found = json.loads(response.data)
        (record,) = found["records"]
        assert (record["name"], record["employer"]["slug"]) == (NAME, "acme")
        assert record["applications"][0]["external_id"] == "ats-1"
        assert record["data_requests"][0]["wish"] == "see"
        assert record["data_requests"][0]["email"]["state"] == "sent"
        assert "theirs" not in response.text
        assert link.split("/")[-1].split("?")[0] not in response.text
    assert events() == ["person.exported"] * 2


def test_an_opt_out_does_not_stop_it_and_a_dead_mailbox_does(app, zelda, cam, smtp):
    ask(cam, own_link(zelda), "see")
    assert len(smtp) == 1
    outbox.suppress(ADDRESS, SuppressionReason.HARD_BOUNCE, None, "relay")
    db.session.commit()
    ask(cam, own_link(zelda), "see")
    assert len(smtp) == 1
    states = db.session.scalars(sa.select(Email.state).order_by(Email.id)).all()
    assert states == [EmailState.SENT, EmailState.FAILED]


def test_an_erasure_is_planned_within_14_days_and_done_on_its_day(app, zelda, cam, smtp):
    start = utcnow()
    with time_machine.travel(start, tick=False) as clock:
        ask(cam, own_link(zelda), "erase")
        link = mailed(smtp)
        page = cam.get(link)
        assert "Answers to a survey hold no name" in words_of(page)
        assert "some weeks later" in words_of(page)
        assert "within 14 days" in words_of(page)
        there = cam.post(link)
        planned = candidate_of(zelda).erase_on
        assert 1 <= (planned - start.date()).days <= 14
        said = words_of(cam.get(there))
        assert "at the latest" in said
        assert cam.get(there).find("time")["datetime"] == planned.isoformat()
        assert cam.post(link) == there  # pressed again: the day stays
        assert candidate_of(zelda).erase_on == planned
        clock.move_to(start + (planned - start.date() - timedelta(days=1)))
        jobs.run_until_idle()
        assert candidate_of(zelda).name == NAME
        assert "at the latest" in words_of(cam.get(link))  # however old the link is
        clock.move_to(start + (planned - start.date()))
        assert jobs.erase(utcnow()) == 1
        assert jobs.erase(utcnow()) == 0
        held = candidate_of(zelda)
        assert (held.name, held.email, held.erase_on) == ("Erased person", None, None)
        for path in (link, own_link(zelda)):
            assert "no longer held" in words_of(cam.get(path))
        gone = "no longer held"
        assert gone in words_of(cam.post(link, status=200))
    assert events() == ["person.erasure_planned", "person.erased"]


def test_days_are_drawn_by_lot(app, make, acme):
    days = set()
    for number in range(60):
        candidate = make.application(acme, email=f"z{number}@example.net").candidate
        opened = privacy.OpenedRequest(acme, candidate, DataWish.ERASE, False)
        privacy.plan_erasure(opened, utcnow())
        days.add((candidate.erase_on - utcnow().date()).days)
    assert min(days) >= 1
    assert max(days) <= 14
    assert len(days) > 7


def test_it_can_be_taken_back_until_the_day(app, zelda, cam, smtp):
    start = utcnow()
    with time_machine.travel(start, tick=False) as clock:
        ask(cam, own_link(zelda), "erase")
        link = mailed(smtp)
        cam.post(link)
        for _ in range(2):
            there = cam.post(link, {"cancel": "1"})
            page = cam.get(there)
            assert "nothing will be erased" in words_of(page)
            assert candidate_of(zelda).erase_on is None
        cam.post(link)
        assert candidate_of(zelda).erase_on
        candidate_of(zelda).erase_on = start.date() + timedelta(days=10)
        db.session.commit()
        clock.move_to(start + timedelta(days=9))
        there = cam.post(link, {"cancel": "1"})
        assert "nothing will be erased" in words_of(cam.get(there, status=410))
        cam.post(link, status=410)  # to plan it once more needs another link
        clock.move_to(start + timedelta(days=20))
        jobs.run_until_idle()
        assert candidate_of(zelda).name == NAME
    assert events() == ["person.erasure_planned", "person.erasure_cancelled"] * 2


@pytest.mark.parametrize("wish", ["see", "erase"])
def test_the_mailed_link_works_for_48_hours(app, zelda, cam, smtp, wish):
    start = utcnow().replace(microsecond=0)
    with time_machine.travel(start, tick=False) as clock:
        ask(cam, own_link(zelda), wish)
        link = mailed(smtp)
        clock.move_to(start + HOURS_48)
        cam.get(link)
        clock.move_to(start + HOURS_48 + timedelta(seconds=1))
        page = cam.get(link, status=410)
        again = page.find("a", string="Ask again")["href"]
        before = whole_database()
        cam.post(link, status=410)
        assert whole_database() == before
        assert cam.get(again).h1.get_text() == "Your data at Acme"


def test_three_mails_a_day_and_the_page_never_says_which(app, zelda, cam, smtp):
    link = own_link(zelda)
    start = utcnow()
    with time_machine.travel(start, tick=False) as clock:
        said = set()
        for _ in range(5):
            ask(cam, link, "erase")
            said.add(words_of(cam.get(f"{link}/asked")))
        assert len(smtp) == 3
        assert len(said) == 1
        clock.move_to(start + timedelta(hours=24, seconds=1))
        ask(cam, link, "see")
        assert len(smtp) == 4
        privacy.erase_person(ADDRESS)
        db.session.commit()
        ask(cam, link, "see")
        assert words_of(cam.get(f"{link}/asked")) == said.pop()
    assert len(smtp) == 4
    assert db.session.scalar(sa.select(sa.func.count(DataRequest.id))) == 4


def test_all_spellings_of_a_person_go_together(app, make, acme, zelda, cam, smtp):
    other = Candidate(employer_id=acme.id, name=NAME, email=SPELT)
    db.session.add(other)
    db.session.commit()
    for link in (own_link(zelda), f"/d/{links.own_data_token(acme.id, other.id, SPELT)}") * 2:
        ask(cam, link, "erase")
    assert len(smtp) == 3
    cam.post(mailed(smtp))
    days = db.session.scalars(sa.select(Candidate.erase_on)).all()
    assert len(set(days)) == 1
    assert days[0]
    with time_machine.travel(utcnow() + timedelta(days=15)):
        assert jobs.erase(utcnow()) == 1
    assert db.session.scalars(sa.select(Candidate.name)).all() == ["Erased person"] * 2


def forged(token):
    """TOKEN with each of its signs changed in turn, and what nobody made."""
    for at in range(len(token)):
        yield token[:at] + ("a" if token[at] != "a" else "b") + token[at + 1 :]


def test_nonsense_and_forged_links_are_unknown(app, make, zelda, cam, smtp):
    ask(cam, own_link(zelda), "erase")
    token = mailed(smtp).split("/")[-1].split("?")[0]
    own = own_link(zelda).split("/")[-1]
    for changed in forged(own):
        assert links.read_own_data(changed) is None
    for changed in forged(token):
        assert links.read_data_request(changed) is None
    globex = make.employer("globex")
    stranger = links.own_data_token(globex.id, zelda.candidate_id, ADDRESS)
    unknown = words_of(cam.get("/s/" + "a" * 26, 404))
    for path in (
        "/d/",
        "/d/x",
        f"/d/{token}",
        f"/d/confirm/{own}",
        f"/d/confirm/{token[:-1]}",
        "/d/confirm/" + "a" * 48,
        f"/d/{next(forged(own))}",
        f"/d/{own}/else",
        "/d/confirm",
    ):
        assert words_of(cam.get(path, 404)) == unknown
        assert cam.send("POST", path, data={"wish": "erase"}).status_code in (404, 405)
    assert "no longer held" in words_of(cam.get(f"/d/{stranger}"))  # another employer's person
    assert cam.get(f"/d/{own}.").h1.get_text() == "Your data at Acme"
    cam.post(f"/d/{own}", {"wish": "everything"}, status=400)
    assert candidate_of(zelda).erase_on is None


def test_a_link_is_good_only_for_the_address_it_went_to(app, zelda, cam, smtp):
    ask(cam, own_link(zelda), "see")
    link = mailed(smtp)
    candidate_of(zelda).email = "mended@example.net"
    db.session.commit()
    for path in (link, own_link(zelda)):
        assert "no longer held" in words_of(cam.get(path))
    cam.post(link, status=200)
    assert events() == []


def test_earlier_keys_keep_links_good(app, zelda, cam, smtp):
    ask(cam, own_link(zelda), "see")
    old, confirm = own_link(zelda), mailed(smtp)
    key = app.config["HEARDBACK"].SECRET_KEY
    configure(app, SECRET_KEY=ANOTHER_KEY, SECRET_KEY_FALLBACKS=(key,))
    assert cam.get(old).h1.get_text() == "Your data at Acme"
    assert "Save the file" in words_of(cam.get(confirm))
    configure(app, SECRET_KEY_FALLBACKS=())
    cam.get(old, 404)
    cam.get(confirm, 404)


def test_french_from_the_mail_to_the_last_page(app, zelda, cam, smtp):
    zelda.candidate.locale = Locale.FRENCH
    db.session.commit()
    link = own_link(zelda)
    page = cam.get(link)
    assert (page.html["lang"], page.h1.get_text()) == ("fr", "Vos données chez Acme")
    ask(cam, link, "erase")
    assert "Regardez dans vos e-mails" in words_of(cam.get(f"{link}/asked"))
    assert smtp[-1]["Subject"] == "Vos données chez Acme\u00a0: le lien pour les faire effacer"
    confirm = mailed(smtp)
    assert confirm.endswith("?lang=fr")
    assert "quelques semaines plus tard" in words_of(cam.get(confirm))
    assert "tiré au sort" in words_of(cam.get(cam.post(confirm)))
    english = cam.get(confirm.replace("lang=fr", "lang=en"))
    assert english.html["lang"] == "en"
    ask(cam, link, "see")
    assert "Enregistrer le fichier" in words_of(cam.get(mailed(smtp)))


def test_nothing_leaves_for_who_is_erased_while_the_mail_waits(app, zelda, cam, smtp):
    cam.post(own_link(zelda), {"wish": "erase"})
    privacy.erase_person(ADDRESS)
    db.session.commit()
    outbox.deliver_due(KINDS)
    assert list(smtp) == []
    email = db.session.scalars(sa.select(Email)).one()
    assert (email.state, email.to_address) == (EmailState.CANCELLED, None)


def test_an_erasure_while_the_text_is_on_its_way_leaves_the_row_blank(app, zelda, cam, smtp):
    cam.post(own_link(zelda), {"wish": "see"})
    configure(app, MAIL_CONNECTIONS=1)
    answer, erased = smtp.handle_DATA, []

    def erase_elsewhere():
        with app.app_context():
            erased.extend(privacy.erase_person(ADDRESS))
            db.session.commit()
            db.session.remove()

    async def erasing(server, session, envelope):
        thread = threading.Thread(target=erase_elsewhere)
        thread.start()
        thread.join(20)
        return await answer(server, session, envelope)

    smtp.handle_DATA = erasing
    try:
        outbox.deliver_due(KINDS)
    finally:
        del smtp.handle_DATA
    assert len(erased) == len(smtp) == 1
    email = db.session.scalars(sa.select(Email)).one()
    assert (email.state, email.to_address) == (EmailState.SENT, None)
    assert "no longer held" in words_of(cam.get(mailed(smtp)))


def test_two_who_ask_at_once_are_counted_one_after_the_other(app, zelda, smtp):
    link = own_link(zelda)
    db.session.commit()
    locations, form = [], filled(link, {"wish": "see"})

    def press():
        locations.append(app.test_client().post(link, data=form).location)

    presses = [threading.Thread(target=press) for _ in range(6)]
    for thread in presses:
        thread.start()
    for thread in presses:
        thread.join()
    assert len(set(locations)) == 1
    assert len(locations) == 6
    assert db.session.scalar(sa.select(sa.func.count(DataRequest.id))) == 3


def test_taking_it_back_at_the_last_moment_wins_or_comes_too_late(app, zelda, cam, smtp):
    """The job waits for who holds the person, and then looks again whether the day still stands."""
    ask(cam, own_link(zelda), "erase")
    cam.post(mailed(smtp))
    candidate = candidate_of(zelda)
    due = utcnow() + timedelta(days=15)
    opened = privacy.OpenedRequest(zelda.employer, candidate, DataWish.ERASE, False)
    privacy.cancel_erasure(opened)
    db.session.flush()
    results = []

    def erase_elsewhere():
        with app.app_context():
            try:
                results.append(privacy.erase_due(due))
                db.session.commit()
            finally:
                db.session.remove()

    erasing = threading.Thread(target=erase_elsewhere)
    erasing.start()
    erasing.join(0.5)
    assert erasing.is_alive()
    db.session.commit()
    erasing.join()
    assert candidate_of(zelda).name == NAME


def test_pages_cost_few_statements(app, zelda, cam, smtp):
    ask(cam, own_link(zelda), "erase")
    link = mailed(smtp)
    for path, most in ((own_link(zelda), 2), (link, 2)):
        with noting_statements() as statements:
            cam.get(path)
        assert len(statements) <= most


def test_no_token_is_kept_anywhere(app, zelda, cam, smtp):
    ask(cam, own_link(zelda), "erase")
    token = mailed(smtp).split("/")[-1].split("?")[0]
    assert token not in repr(whole_database())
    assert own_link(zelda).split("/")[-1] not in repr(whole_database())


def test_settling_leaves_nothing_to_look_at_again(app, zelda, cam, smtp):
    ask(cam, own_link(zelda), "see")
    unsettled = sa.select(sa.func.count(Email.id)).where(Email.is_settled.is_(False))
    assert db.session.scalar(unsettled) == 1
    db.session.rollback()
    jobs.settle(utcnow())
    assert db.session.scalar(unsettled) == 0


def test_the_page_after_answering_names_the_link(make, acme, cam):
    _, token = invited(make, acme)
    thanks = cam.get(cam.post(f"/s/{token}", LEAST))
    assert "Use the link “Your data” at the end of any email" in words_of(thanks)


def test_the_operator_sees_mail_that_did_not_arrive(app, zelda, cam, cast_otto, browse):
    cam.post(own_link(zelda), {"wish": "see"})
    email = db.session.scalars(sa.select(Email).where(Email.kind == "data_request")).one()
    email.state = EmailState.UNKNOWN
    db.session.commit()
    otto = browse(cast_otto)
    page = words_of(otto.get("/operator"))
    assert "A link about somebody’s own data" in page
    assert ADDRESS not in page


@pytest.fixture
def cast_otto(make):
    return make.user("otto")
