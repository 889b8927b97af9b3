"""What else the links in a survey email do: withdraw, ask for a fresh link, stop the mail."""

import re
import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine

from portal import invitations, links, outbox
from portal.extensions import db
from portal.mail_kinds import KINDS
from portal.models import (
    Batch,
    Email,
    EmailState,
    Locale,
    Opinion,
    Scorecard,
    SealedAnswer,
    Suppression,
    Words,
    utcnow,
)
from tests.support.forms import filled
from tests.support.statements import noting_statements
from tests.web.candidates import (
    FULL,
    LEAST,
    Visitor,
    age,
    all_stored,
    chosen,
    forget,
    invited,
    release,
    stored,
    whole_database,
    words_of,
)

HOSTILE = '<script>alert(1)</script>"><svg onload=x>\u202etxt {{7*7}} %s {0.__class__} &amp;'
ADDRESS = "cam@example.net"


@pytest.fixture
def opt_out(acme):
    return local(links.unsubscribe_url(acme.id, ADDRESS))


def local(url: str) -> str:
    return url.removeprefix("http://127.0.0.1:5000")


def opted_out() -> list[Suppression]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Suppression)))


@pytest.mark.both
def test_answer_is_withdrawn_after_a_question_and_given_anew(make, acme, cam):
    _, token = invited(make, acme)
    link = f"/s/{token}"
    assert cam.send("GET", f"{link}/withdraw").location == link
    cam.post(link, FULL)
    page = cam.get(f"{link}/withdraw")
    assert page.form["action"] == f"{link}/withdraw"
    assert len(stored()) == 1
    for _ in range(2):
        assert cam.post(f"{link}/withdraw") == f"{link}/withdraw?done=1"
        assert "Your answers are deleted" in words_of(cam.get(f"{link}/withdraw"))
        assert not stored()
    assert cam.send("GET", f"{link}/thanks").location == link
    assert chosen(cam.get(link)) == {"comment": ""}
    cam.post(link, LEAST | {"change": "1"})
    assert len(stored()) == 1


def test_released_answer_takes_its_batch_with_it(make, acme, cam):
    _, token = invited(make, acme)
    cam.post(f"/s/{token}", FULL)
    batch = release(make, acme).id
    page = cam.get(f"/s/{token}/withdraw")
    assert "The whole group leaves the results at once" in words_of(page)
    assert "your line in the lists never come back" in words_of(page)
    cam.post(f"/s/{token}/withdraw")
    assert db.session.get(Batch, batch).withdrawn_on
    assert db.session.scalars(sa.select(SealedAnswer.batch_id).distinct()).all() == [None]
    assert len(stored()) == 5
    cam.post(f"/s/{token}", LEAST)
    assert len(stored()) == 6


def test_answer_can_be_withdrawn_when_the_link_has_expired(make, acme, cam):
    application, token = invited(make, acme)
    cam.post(f"/s/{token}", FULL)
    age(make, application, 100)
    page = cam.get(f"/s/{token}")
    assert "too old to change" in words_of(page)
    page = cam.post(f"/s/{token}", FULL | {"change": "1", "comment": "later words"}, status=409)
    assert "later words" in words_of(page)
    assert "take them back at any time" in words_of(cam.get(f"/s/{token}/thanks"))
    cam.post(f"/s/{token}/withdraw")
    assert not stored()
    for path in ("/withdraw", ""):
        page = cam.get(f"/s/{token}{path}")
        assert "Your answers are deleted" in words_of(page)
        assert not page.select("main .button")


@pytest.mark.both
def test_link_takes_four_answers_and_then_says_so(make, acme, cam):
    _, token = invited(make, acme)
    link = f"/s/{token}"
    for number in range(4):
        cam.post(link, LEAST | {"comment": f"Answer {number}.", "words": "employer"})
        assert [one.words for one in stored()] == [f"Answer {number}."]
        may_follow = "After that you can answer anew" in words_of(cam.get(f"{link}/withdraw"))
        assert may_follow is (number < 3)
        cam.post(f"{link}/withdraw")
    assert not stored()
    assert len(all_stored()) == 4
    assert {str(one.answers) for one in all_stored()} == {"{}"}
    before = whole_database()
    for path in ("", "/withdraw"):
        page = cam.get(f"{link}{path}")
        assert "Your answers are deleted" in words_of(page)
        assert not page.select("main .button")
    page = cam.post(link, LEAST | {"comment": "One more."}, status=409)
    assert "This link takes no more answers." in words_of(page)
    assert "One more." in words_of(page)
    assert cam.post(f"{link}/fresh") == link
    assert whole_database() == before


def test_last_answer_of_a_link_is_released_without_the_promise_of_another(make, acme, cam):
    _, token = invited(make, acme)
    link = f"/s/{token}"
    for number in range(4):
        cam.post(link, LEAST)
        if number < 3:
            cam.post(f"{link}/withdraw")
    release(make, acme)
    assert "answer anew" not in words_of(cam.get(link))
    assert "After that you cannot answer anew" in words_of(cam.get(f"{link}/withdraw"))


@pytest.mark.both
def test_forgotten_answer_can_only_be_taken_back_with_its_whole_pool(make, acme, cam):
    (_, token), (_, other) = invited(make, acme), invited(make, acme)
    link = f"/s/{token}"
    for one in (token, other):
        cam.post(f"/s/{one}", FULL)
    old = release(make, acme, 9)
    forget(acme)
    assert not all_stored()
    young = release(make, acme, 12)
    assert {batch.pool for batch in (old, young)} == {old.number, young.number}
    page = cam.get(link)
    assert "Your answers have been forgotten" in words_of(page)
    assert page.find("a", href=f"{link}/withdraw")
    page = cam.post(link, FULL | {"change": "1", "comment": "later words"}, status=409)
    assert "later words" in words_of(page)
    assert cam.send("GET", f"{link}/thanks").location == link
    page = words_of(cam.get(f"{link}/withdraw"))
    assert "the whole group leaves the results, for good" in page
    assert "too old to answer anew" in page
    assert by_pool(Opinion) == {old.number: 11, young.number: 12}
    assert by_pool(Words) == {old.number: 11, young.number: 12}
    for _ in range(2):  # a double click
        done = cam.post(f"{link}/withdraw")
        assert "Your answers are deleted" in words_of(cam.get(done))
    assert by_pool(Opinion) == by_pool(Words) == {young.number: 12}
    gone = db.session.get_one(Batch, old.id)
    assert (gone.sums, gone.trend, bool(gone.withdrawn_on)) == (None, {}, True)
    assert db.session.get_one(Scorecard, acme.id).answers == 12
    before = whole_database()
    for one in (token, other):  # nobody can tell any more who was in it
        for path in ("", "/withdraw"):
            page = cam.get(cam.send("GET", f"/s/{one}{path}").location or f"/s/{one}")
            assert "Nothing is left to take back" in words_of(page)
        page = cam.post(f"/s/{one}", FULL, status=409)
        assert "five weeks" in words_of(page)
        cam.post(f"/s/{one}/withdraw")
    assert whole_database() == before


def by_pool(table) -> dict[int, int]:
    """Rows of a published TABLE, by pool."""
    db.session.expire_all()
    found = sa.select(table.pool, sa.func.count()).group_by(table.pool)
    return dict(db.session.execute(found).all())


@pytest.mark.both
def test_forgotten_answer_of_another_mail_is_not_reached(make, acme, cam):
    application, first = invited(make, acme)
    second = make.link(application)
    cam.post(f"/s/{first}", FULL)
    release(make, acme)
    forget(acme)
    before = whole_database()
    page = cam.get(f"/s/{second}")
    assert "Nothing is left to take back" in words_of(page)
    assert "the link in another of our emails" in words_of(page)
    cam.post(f"/s/{second}/withdraw")
    assert whole_database() == before
    assert "forgotten" in words_of(cam.get(f"/s/{first}"))


@pytest.mark.both
def test_many_withdraw_and_change_at_once_and_nothing_breaks(app, make, acme, cam):
    _, token = invited(make, acme)
    cam.post(f"/s/{token}", FULL)
    release(make, acme)
    gate, statuses, sent = threading.Barrier(8), [], filled(f"/s/{token}", FULL)

    def send(number: int) -> None:
        gate.wait()
        path, data = f"/s/{token}" + ("/withdraw" if number % 2 else ""), sent
        statuses.append(app.test_client().post(path, data=data).status_code)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) <= {303, 409}
    assert len(stored()) in (5, 6)


def test_expired_link_offers_a_fresh_one_by_mail(make, acme, cam):
    application, token = invited(make, acme)
    link = f"/s/{token}"
    assert cam.post(f"{link}/fresh") == link  # not needed yet
    age(make, application, 15)
    page = cam.get(link, status=410)
    assert page.form["action"] == f"{link}/fresh"
    assert application.candidate.email not in page.text
    page = cam.post(link, FULL, status=410)
    assert "But it took five weeks." in words_of(page)
    assert cam.send("GET", f"{link}/fresh").location == link
    for _ in range(3):
        assert cam.post(f"{link}/fresh") == f"{link}/fresh"
        page = cam.get(f"{link}/fresh")
        assert "on its way" in words_of(page)
        assert application.candidate.email not in page.text
    page = cam.post(f"{link}/fresh", status=410)
    assert "cannot send another link" in words_of(page)
    fresh = sa.select(Email).where(Email.kind == "fresh_link")
    emails = db.session.scalars(fresh).all()
    assert [email.state for email in emails] == [EmailState.QUEUED] * 3
    assert {email.to_address for email in emails} == {application.candidate.email}
    assert not stored()


def test_link_works_for_14_days_and_not_longer(make, acme, cam):
    _, token = invited(make, acme)
    with time_machine.travel(utcnow() + timedelta(days=13, hours=23), tick=False):
        cam.get(f"/s/{token}")
    with time_machine.travel(utcnow() + timedelta(days=14, minutes=1), tick=False):
        cam.get(f"/s/{token}", status=410)


def test_links_that_are_not_ours_all_look_the_same(make, acme, cam, opt_out):
    _, token = invited(make, acme)
    other = opt_out.removeprefix("/u/")
    odd = [links.new_survey_token(), token[:-1], token + "a", "0" + token[1:], other, "x", "%00"]
    odd += ["%ff%fe", "a" * 3000, "%E2%80%AE", "1", "..%2f..", "'--", "", f"{token}/x", "x/y/"]
    pages = {cam.send("GET", f"/s/{text}").get_data() for text in odd}
    pages |= {cam.send("GET", f"/u/{text}").get_data() for text in [*odd[4:], token, "a" * 48][1:]}
    pages |= {cam.send("POST", f"/s/{text}", data=FULL).get_data() for text in odd[:3]}
    pages |= {cam.send(m, f"/s/{odd[0]}/{p}").get_data() for m, p in [
        ("GET", "thanks"), ("GET", "withdraw"), ("POST", "withdraw"), ("POST", "fresh"),
    ]}  # fmt: skip
    assert len(pages) == 1
    cam.get(f"/s/{odd[0]}", status=404)
    cam.get("/u/" + other[:-1] + ("a" if other[-1] != "a" else "b"), status=404)


def test_candidate_stops_survey_mail_by_the_button_only(cam, opt_out, acme):
    before = whole_database()
    for method in ("GET", "HEAD"):
        assert cam.send(method, opt_out).status_code == 200
    assert whole_database() == before
    page = cam.get(opt_out)
    assert "Acme" in words_of(page)
    button = {tag["name"]: tag["value"] for tag in page.form.find_all("input")}
    for _ in range(2):
        assert cam.post(opt_out, button) == opt_out
        page = cam.get(opt_out)
        assert "no more survey emails" in words_of(page)
    assert [row.employer_id for row in opted_out()] == [acme.id]
    button = {tag["name"]: tag["value"] for tag in page.form.find_all("input")}
    page = cam.get(cam.post(opt_out, button))
    assert "again" in words_of(page)
    assert not opted_out()


@pytest.mark.parametrize("days", [0, 61, 4000])
def test_mail_program_unsubscribes_in_one_click(cam, opt_out, days):
    with time_machine.travel(utcnow() + timedelta(days=days), tick=False):
        for _ in range(2):
            cam.post(opt_out, {"List-Unsubscribe": "One-Click"}, status=200)
    assert len(opted_out()) == 1


FORM = "application/x-www-form-urlencoded"
MULTIPART = (
    '--x\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--x--\r\n'
)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        ("List-Unsubscribe=One-Click", FORM),
        ("List-Unsubscribe=One-Click\r\n", FORM),
        ("List-Unsubscribe=One-Click&x=1", FORM),
        ("list-unsubscribe=one-click", FORM),
        ("List-Unsubscribe=One-Click&mail=cam%40example.net", FORM),
        ("mail=&List-Unsubscribe=One-Click&csrf_token=x", FORM),
        ("LIST-UNSUBSCRIBE=ONE-CLICK&mail=on", FORM),
        ("Mail=on", FORM),
        ("List-Unsubscribe=One-Click", f"{FORM}; charset=utf-16"),
        ('{"List-Unsubscribe": "One-Click"}', "application/json"),
        (MULTIPART, "multipart/form-data; boundary=x"),
        ("", FORM),
        ("", None),
        ("List-Unsubscribe=One-Click", None),
        ("List-Unsubscribe=One-Click", "text/plain"),
    ],
)
def test_one_click_comes_with_bodies_of_every_kind(cam, opt_out, body, kind):
    """As mail programs send it, whatever RFC 8058 says."""
    assert cam.send("POST", opt_out, data=body, content_type=kind).status_code == 200
    assert len(opted_out()) == 1
    cam.post(opt_out, {"mail": "on"})
    assert not opted_out()


def test_a_button_that_is_not_on_the_page_is_refused(cam, opt_out):
    assert cam.send("POST", opt_out, data={"mail": "maybe"}).status_code == 400
    assert not opted_out()


def test_opting_out_stops_mail_that_waits(make, acme, cam, smtp):
    application = make.told(acme)
    invitations.send_due(utcnow())
    db.session.commit()
    cam.post(local(links.unsubscribe_url(acme.id, application.candidate.email)), {"mail": "off"})
    outbox.deliver_due(KINDS)
    assert smtp == []


def test_links_of_a_received_mail_do_what_they_say(make, acme, cam, smtp):
    make.told(acme)
    invitations.send_due(utcnow())
    db.session.commit()
    outbox.deliver_due(KINDS)
    (mail,) = smtp
    words = mail.get_body(("plain",)).get_content()
    star = re.search(r"/s/[a-z2-7]{26}\?s=4", words)[0]
    assert chosen(cam.get(star))["overall"] == "4"
    privacy = re.search(r"/employers/acme/privacy\?lang=en", words)[0]
    assert cam.get(star).find("a", href=privacy)
    cam.post(star.removesuffix("?s=4"), FULL)
    assert len(stored()) == 1
    assert mail["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    one_click = local(mail["List-Unsubscribe"].strip("<>"))
    cam.post(one_click, {"List-Unsubscribe": "One-Click"}, status=200)
    assert len(opted_out()) == 1


def test_pages_speak_the_candidates_language_or_the_chosen_one(make, acme, cam):
    _, token = invited(make, acme, Locale.FRENCH)
    link = f"/s/{token}"
    german = {"headers": {"Accept-Language": "de, en;q=0.5"}}
    page = cam.get(f"{link}?s=2", **german)
    assert page.html["lang"] == "fr"
    assert "Conseilleriez-vous" in words_of(page)
    assert "Envoyer mes réponses" in words_of(page)
    page = cam.get(f"{link}?lang=en&s=2")
    assert page.html["lang"] == "en"
    assert chosen(page)["overall"] == "2"
    page = cam.post(link, {"overall": "2", "lang": "en"}, status=422)
    assert "Choose a number from 0 to 10." in words_of(page)
    page = cam.post(link, {"overall": "2"}, status=422)
    assert "Choisissez un nombre de 0 à 10." in words_of(page)
    thanks = cam.post(link, LEAST | {"lang": "en"})
    assert thanks == f"{link}/thanks?lang=en"
    assert cam.get(f"{link}/thanks").h1.text == "Merci"
    assert stored()[0].locale is Locale.ENGLISH
    assert cam.get(f"{link}?lang=xx").html["lang"] == "fr"


def test_links_that_name_nobody_speak_the_browsers_language(cam, acme, opt_out, make):
    french = {"headers": {"Accept-Language": "fr-CA"}}
    assert cam.get("/s/x", status=404, **french).html["lang"] == "fr"
    assert cam.get("/s/x", status=404).html["lang"] == "en"
    for asks, spoken in (("FR-fr", "fr"), ("und-FR", "en")):
        page = cam.get("/s/x", status=404, headers={"Accept-Language": asks})
        assert page.html["lang"] == spoken
    assert cam.get(opt_out, **french).html["lang"] == "fr"
    assert cam.get(f"{opt_out}?lang=fr").find("a", href="/employers/acme/privacy?lang=fr")
    acme.locale = Locale.FRENCH
    db.session.commit()
    assert cam.get(opt_out).html["lang"] == "fr"


@pytest.mark.both
def test_recruiters_cookie_changes_nothing_and_none_is_set(make, app, browse, cast):
    _, token = invited(make, cast.globex)
    cam, remy = Visitor(app), Visitor(app)
    remy.client = browse(cast.remy).client
    assert remy.client.get_cookie("session")
    as_cam = cam.get(f"/s/{token}")
    with noting_statements() as statements:
        assert remy.get(f"/s/{token}") == as_cam
    assert len(statements) <= 2  # who is signed in is asked before any page, and then forgotten
    remy.get(remy.post(f"/s/{token}", LEAST))
    remy.post(f"/s/{token}/withdraw")
    remy.get("/s/x", status=404)


@pytest.mark.both
def test_too_many_answers_at_once_lose_no_text(make, acme, cam):
    _, token = invited(make, acme)
    with time_machine.travel(utcnow(), tick=False):
        for _ in range(30):
            cam.client.post(f"/s/{token}", data=filled(f"/s/{token}", FULL))
        response = cam.send("POST", f"/s/{token}", data=FULL | {"comment": "my words"})
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 0
    assert "my words" in response.text


@pytest.mark.parametrize("name", [HOSTILE, "א" * 60, "Œ" * 200])
def test_hostile_text_is_shown_as_text(make, cam, name):
    employer = make.employer("odd", name=name)
    _, token = invited(make, employer)
    page = cam.post(f"/s/{token}", {"comment": HOSTILE, "told": HOSTILE}, status=422)
    assert chosen(page)["comment"] == HOSTILE
    assert name in page.h1.text
    assert page.h1.bdi
    assert not page.find("svg", onload=True)
    cam.post(f"/s/{token}", LEAST | {"comment": HOSTILE, "words": "public"})
    for path in ("", "/thanks", "/withdraw"):
        assert not cam.get(f"/s/{token}{path}").main.find("script")
