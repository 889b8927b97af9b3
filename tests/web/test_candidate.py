"""The survey by its link: shown, answered, changed; nothing that was typed is lost."""

import re
import threading
from collections import Counter
from urllib.parse import urlencode

import pytest
import sqlalchemy as sa
from flask import url_for

from portal.extensions import db
from portal.models import Invitation, Locale, SealedAnswer
from portal.surveys import lock_employer
from tests.support.forms import filled
from tests.support.statements import noting_statements
from tests.web.candidates import (
    FULL,
    LEAST,
    age,
    chosen,
    invited,
    release,
    stored,
    whole_database,
    words_of,
)


@pytest.fixture
def link(make, acme):
    return f"/s/{invited(make, acme)[1]}"


def test_candidate_answers_two_questions_and_is_thanked(cam, link):
    page = cam.get(link)
    assert page.title.text == "How was it to apply? – Acme – Heardback"
    assert "sees figures from at least 5 people, from 10 on also a shuffled list" in words_of(page)
    french = words_of(cam.get(f"{link}?lang=fr"))
    assert "à partir de 10, une liste d’avis mélangée et sans noms" in french.replace("\xa0", " ")
    assert page.find("a", href="/employers/acme/privacy?lang=en")
    assert page.form["action"] == link
    thanks = cam.post(link, LEAST)
    assert thanks == f"{link}/thanks"
    for _ in range(2):  # reloading changes nothing
        page = cam.get(thanks)
        assert "Your answers are saved" in words_of(page)
        assert page.find("a", href="/employers/acme?lang=en")
    (answer,) = stored()
    assert answer.answers == {"recommend": 8, "overall": 4}


def test_candidate_answers_everything(cam, link):
    cam.post(link, FULL)
    (answer,) = stored()
    assert answer.answers == {
        "recommend": 8,
        "overall": 4,
        "told": "not_chosen",
        "heard_how": "automatic",
        "chased": "once",
        "promise": "missed",
        "feedback": "general",
        "relationship": "unchanged",
        "comment": "They were kind on the phone.\nBut it took five weeks.",
        "words": "employer",
    }
    assert answer.locale is Locale.ENGLISH


@pytest.mark.parametrize("told", ["withdrew", "no", None])
def test_what_follows_from_being_told_is_dropped_otherwise(cam, link, told):
    cam.post(link, FULL | {"told": told} if told else {k: FULL[k] for k in FULL if k != "told"})
    (answer,) = stored()
    assert not {"heard_how", "feedback"} & answer.answers.keys()
    assert answer.answers["chased"] == "once"


def test_star_in_the_mail_only_fills_in_its_question(cam, link):
    before = whole_database()
    assert chosen(cam.get(f"{link}?s=5")) == {"overall": "5", "comment": ""}
    for odd in ("0", "6", "05", "five", "", "4&s=5", "%EF%BC%94", "%00"):
        assert chosen(cam.get(f"{link}?s={odd}")).get("overall") in (None, "4")
    assert whole_database() == before


@pytest.mark.parametrize("encoding", ["br", "gzip"])
def test_page_with_all_it_loads_is_small(app, cam, link, encoding):
    paths = [tag.get("href") or tag["src"] for tag in cam.get(link).select("link, script")]
    assert len(paths) == 4
    size = 0
    for path in (link, *paths):
        with app.test_client().get(path, headers={"Accept-Encoding": encoding}) as response:
            size += len(response.get_data())
    assert size <= 30_000


def test_a_star_is_acknowledged_and_not_asked_again(cam, link):
    page = cam.get(f"{link}?s=4")
    said = page.main.details.find_next_sibling("form").find("summary")
    assert " ".join(said.get_text(" ").split()) == "You chose ★★★★ · change"
    assert said.find(attrs={"role": "img"})["aria-label"] == "4 stars: good"
    assert "One more question." in words_of(page)
    inside = page.select("details.chosen [name=overall]")
    assert len(inside) == 5, "what is folded away is sent all the same"
    for unsaid in ("", "?s=0", "?s=6"):
        page = cam.get(f"{link}{unsaid}")
        assert not page.select("details.chosen")
        assert "Two questions, half a minute." in words_of(page)
    cam.post(link, LEAST)
    assert not cam.get(f"{link}?s=1").select("details.chosen"), "now it is a change of all"


@pytest.mark.parametrize("locale", list(Locale))
def test_words_without_a_wish_are_asked_about_again(cam, make, acme, locale):
    link = f"/s/{invited(make, acme, locale)[1]}"
    page = cam.post(link, LEAST | {"told": "no", "comment": "Kind.\r\nSlow."}, status=422)
    asked = {"en": "Choose what may happen to your words.", "fr": "ce que l’on peut faire"}[locale]
    assert asked in page.select_one("[data-error-summary] a[href='#words-0']").text
    assert page.select_one("#words[aria-invalid]")
    assert chosen(page) == LEAST | {"told": "no", "comment": "Kind.\nSlow."}
    assert not stored()
    cam.post(link, LEAST | {"comment": "Kind.", "words": "public"})
    assert stored()[0].answers["words"] == "public"
    cam.post(link, LEAST | {"comment": " \u200b ", "words": "public", "change": "1"})
    assert stored()[0].answers == {"recommend": 8, "overall": 4}, "no words, no wish"


def test_an_answer_is_cleared(cam, link):
    cam.post(link, FULL)
    optional = [key for key in FULL if key not in (*LEAST, "comment", "words")]
    page = cam.get(link)
    for key in optional:
        assert page.select_one(f"[name={key}][value='']")["aria-label"] == "Clear this answer"
    assert not page.select("[name=overall][value=''], [name=recommend][value='']")
    cleared = dict.fromkeys(optional, "") | {"comment": "", "words": "employer", "change": "1"}
    cam.post(link, LEAST | cleared)
    assert stored()[0].answers == {"recommend": 8, "overall": 4}


@pytest.mark.both
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_opening_any_page_changes_nothing(app, make, acme, cam, method):
    _, token = invited(make, acme)
    _, answered = invited(make, acme)
    cam.post(f"/s/{answered}", FULL)
    old, expired = invited(make, acme)
    age(make, old, 15)
    before = whole_database()
    paths = [f"/s/{t}{e}" for t in (token, answered, expired) for e in ("", "/withdraw", "/fresh")]
    for path in [*paths, f"/s/{answered}/thanks", f"/s/{token}?s=1&lang=fr", "/s/nothing"]:
        assert cam.send(method, path).status_code in (200, 303, 404, 410)
    assert whole_database() == before


@pytest.mark.both
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("recommend", None),
        ("recommend", ""),
        ("recommend", "11"),
        ("recommend", "-1"),
        ("recommend", "1e3"),
        ("recommend", "１"),
        ("recommend", "2147483648"),
        ("recommend", "9223372036854775808"),
        ("recommend", "abc"),
        ("recommend", "8\0"),
        ("overall", None),
        ("overall", "0"),
        ("overall", "6"),
        ("told", "yes"),
        ("heard_how", "<script>"),
        ("chased", "'; DROP TABLE sealed_answer; --"),
        ("promise", "kept "),
        ("feedback", "NO"),
        ("relationship", "\ud7ff"),
        ("words", "all"),
    ],
)
def test_odd_value_is_a_field_error_and_nothing_is_lost(cam, link, field, value):
    sent = FULL | {field: value} if value is not None else {k: FULL[k] for k in FULL if k != field}
    page = cam.post(link, sent, status=422)
    assert not stored()
    assert page.title.text.startswith("Error: ")
    group = page.find(id=field)
    assert group["aria-invalid"] == "true"
    assert f"{field}-error" in group["aria-describedby"].split()
    summary = page.find(attrs={"data-error-summary": True})
    assert summary.find("a", href=f"#{field}-0")
    assert page.find(id=f"{field}-0")
    expected = {k: v for k, v in FULL.items() if k != field}
    expected["comment"] = expected["comment"].replace("\r\n", "\n")
    assert {k: v for k, v in chosen(page).items() if k != field} == expected
    assert cam.post(link, FULL) == f"{link}/thanks"


@pytest.mark.parametrize("extra", [1, 3000])
def test_comment_that_is_too_long_comes_back_whole(cam, link, extra):
    text = "é" * 1999 + "\r\n" + "😀" * extra
    page = cam.post(link, FULL | {"comment": text}, status=422)
    assert chosen(page)["comment"] == text.replace("\r\n", "\n")
    assert page.textarea["aria-invalid"] == "true"
    assert page.find("a", href="#comment")
    assert ("one character" if extra == 1 else "3,000 characters") in words_of(page)
    assert not stored()
    cam.post(link, FULL | {"comment": text.removesuffix("😀" * extra)})
    assert len(stored()[0].words) == 1999


@pytest.mark.both
@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("a\0b\x01\x1b[31mc\x7f\x85\ufdd0\uffff\U0001fffe", "ab[31mc"),
        ("one\r\ntwo\rthree\n\tfour  ", "one\ntwo\nthree\n\tfour"),
        ("\u202eevil\u202c \u200b \u200d", "\u202eevil\u202c \u200b \u200d"),
        ("👩‍👩‍👧 é" + "\u0301" * 200, "👩‍👩‍👧 é" + "\u0301" * 200),
        ("{{7*7}} %s {0.__class__} <b>", "{{7*7}} %s {0.__class__} <b>"),
        (" \0 ", ""),
    ],
)
def test_comment_is_kept_as_it_was_meant_on_every_database(cam, link, sent, kept):
    cam.post(link, LEAST | {"comment": sent, "words": "employer"})
    assert stored()[0].words == kept
    assert chosen(cam.get(link))["comment"] == kept


@pytest.mark.both
def test_bytes_that_are_not_text_do_no_harm(cam, link):
    token = urlencode(filled(link)).encode()
    body = token + b"&recommend=8&overall=4&words=counted&comment=%ff%fe%ed%a0%80caf%c3%a9"
    cam.send("POST", link, data=body, content_type="application/x-www-form-urlencoded")
    assert stored()[0].words.endswith("café")


def test_fields_that_are_not_the_candidates_are_ignored(cam, link):
    cam.post(link, LEAST | {"employer_id": "99", "withdrawn": "1", "public": "1", "batch_id": "1"})
    (answer,) = stored()
    assert (answer.employer_id, answer.was_public, answer.is_withdrawn) == (1, False, False)
    assert answer.answers == {"recommend": 8, "overall": 4}
    assert db.session.scalar(sa.select(SealedAnswer.batch_id)) is None


@pytest.mark.both
def test_answer_is_changed_by_the_same_link(cam, link):
    cam.post(link, FULL)
    page = cam.get(link)
    assert chosen(page) == FULL | {"comment": FULL["comment"].replace("\r\n", "\n")}
    assert page.find("a", href=f"{link}/withdraw")
    assert chosen(cam.get(f"{link}?s=1"))["overall"] == "4"
    assert cam.post(link, {"overall": "1", "change": "1"}, status=422)
    assert cam.post(link, {"recommend": "0", "overall": "1", "change": "1"}) == f"{link}/thanks"
    assert [one.answers for one in stored()] == [{"recommend": 0, "overall": 1}]


def test_second_tab_is_told_that_it_was_answered(cam, link):
    cam.post(link, FULL)
    page = cam.post(link, LEAST | {"comment": "from the other tab", "words": "public"}, status=409)
    assert "You have already answered" in words_of(page)
    assert chosen(page)["comment"] == "from the other tab"
    assert stored()[0].stars == 4
    again = {"comment": "from the other tab", "words": "public", "change": "1"}
    cam.post(link, LEAST | again)
    assert [one.words for one in stored()] == ["from the other tab"]


@pytest.mark.both
def test_same_answer_sent_twice_counts_once(cam, link):
    cam.post(link, FULL)
    again = cam.post(link, FULL)
    assert "You have already answered" in words_of(cam.get(again))
    assert len(stored()) == 1


@pytest.mark.both
@pytest.mark.parametrize("same", [True, False])
def test_twenty_at_once_leave_one_answer(app, make, acme, same):
    application, token = invited(make, acme)
    db.session.rollback()
    gate, statuses, sent = threading.Barrier(20), [], filled(f"/s/{token}", LEAST)

    def send(number: int) -> None:
        answers = sent | {
            "comment": "same" if same else f"number {number}",
            "words": "counted",
        }
        gate.wait()
        statuses.append(app.test_client().post(f"/s/{token}", data=answers).status_code)

    threads = [threading.Thread(target=send, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(statuses) == ({303: 20} if same else {303: 1, 409: 19})
    assert len(stored()) == 1
    assert make.invitation(application).is_answered


@pytest.mark.both
def test_released_answer_can_no_longer_be_changed(make, acme, cam):
    _, token = invited(make, acme)
    link = f"/s/{token}"
    cam.post(link, FULL)
    release(make, acme)
    page = cam.get(link)
    assert "Your answers have been released" in words_of(page)
    assert page.find("a", href=f"{link}/withdraw")
    page = cam.post(link, FULL | {"change": "1", "comment": "better words"}, status=409)
    assert "better words" in words_of(page)
    assert cam.send("GET", f"{link}/thanks").location == link


def test_other_mail_of_the_same_invitation_cannot_reach_the_answer(make, acme, cam):
    application, first = invited(make, acme)
    second = make.link(application)
    cam.post(f"/s/{first}", FULL)
    page = cam.get(f"/s/{second}")
    assert "You have already answered" in words_of(page)
    assert FULL["comment"][:10] not in words_of(page)
    page = cam.post(f"/s/{second}", FULL | {"comment": "again"}, status=409)
    assert "again" in words_of(page)
    for path in ("withdraw", "thanks", "fresh"):
        assert cam.send("GET", f"/s/{second}/{path}").location == f"/s/{second}"
    cam.post(f"/s/{second}/withdraw")
    assert len(stored()) == 1


@pytest.mark.both
def test_opening_and_answering_needs_few_statements(app, cam, link):
    with noting_statements() as statements:
        cam.get(link)
        assert len(statements) == 1
        thanks = cam.post(link, FULL)
        assert len(statements) == 4, statements
        cam.get(thanks)
        assert len(statements) == 6


WROTE = re.compile(r"(?:INSERT INTO|UPDATE|DELETE FROM) (\w+)")
LOCKED = re.compile(r"FROM (\w+).* FOR (?:NO KEY )?(?:UPDATE|SHARE)", re.DOTALL)
RECORDS = ("invitation", "invitation_token", "candidate", "application", "audit_event")


def written(statements: list[str]) -> set[str]:
    """The tables that STATEMENTS write."""
    return {found[1] for one in statements if (found := WROTE.match(one))}


def locked(statements: list[str]) -> set[str]:
    return {found[1] for one in statements if (found := LOCKED.search(one))}


def records(database_url: str) -> list:
    """What is known of who was asked, with what PostgreSQL notes of every change and lock."""
    db.session.rollback()
    hidden = "" if database_url.startswith("sqlite") else "ctid, xmin, xmax, "
    found = [
        db.session.execute(sa.text(f"SELECT {hidden}* FROM {name} ORDER BY id")).all()
        for name in RECORDS
    ]
    db.session.rollback()
    return found


@pytest.mark.both
def test_after_the_first_answer_the_link_touches_answers_only(make, acme, cam, database_url):
    _, token = invited(make, acme)
    link = f"/s/{token}"
    with noting_statements() as first:
        cam.post(link, FULL)
    assert written(first) == {"invitation", "sealed_answer"}
    before = records(database_url)
    for path, data in (
        ("", LEAST | {"change": "1"}),
        ("/withdraw", {}),
        ("", LEAST | {"comment": "Anew.", "words": "public"}),
    ):
        with noting_statements() as statements:
            cam.post(link + path, data)
        assert written(statements) == {"sealed_answer"}
        assert locked(statements) <= {"employer"}
        assert len(statements) <= 8
    assert records(database_url) == before
    release(make, acme, 9)
    before = records(database_url)
    with noting_statements() as statements:
        cam.post(f"{link}/withdraw")
    assert written(statements) == {"sealed_answer", "batch", "words", "opinion", "scorecard"}
    assert locked(statements) <= {"employer"}
    with noting_statements() as statements:
        cam.post(link, LEAST)
    assert written(statements) == {"sealed_answer"}
    assert records(database_url) == before


@pytest.mark.both
def test_locks_are_noticed(acme, database_url):
    with noting_statements() as statements:
        db.session.execute(sa.select(Invitation.id).with_for_update())
        lock_employer(acme.id)
    expected = set() if database_url.startswith("sqlite") else {"invitation", "employer"}
    assert locked(statements) == expected


def test_every_candidate_route_is_for_the_link_holder_only(app):
    rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint.startswith("candidate.")]
    assert len(rules) == 24
    for rule in rules:
        assert app.view_functions[rule.endpoint].access == "link_holder"
    with app.test_request_context():
        assert url_for("candidate.survey", token="t") == "/s/t"
