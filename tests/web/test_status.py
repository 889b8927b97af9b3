"""A candidate's own page: what was told, and nothing of a decision that was not."""

import logging
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal import hiring, jobs, links, privacy
from portal.extensions import db
from portal.letters import Text
from portal.models import (
    AuditEvent,
    ClockPreset,
    Email,
    EmailState,
    Locale,
    Notice,
    Outcome,
    utcnow,
)
from tests.mail.conftest import configure
from tests.web.candidates import Visitor, whole_database, words_of
from tests.web.staff import Person

LETTER = Text("About your application", "Dear Cam, here is the news.")
DAY = timedelta(days=1)


def path_of(application) -> str:
    url = links.status_url(application.id, application.candidate.email)
    return url.removeprefix("http://127.0.0.1:5000")


def settle(notice: Notice, state: EmailState, now) -> None:
    """Let the relay have answered to the email of NOTICE."""
    email = db.session.scalars(sa.select(Email).where(Email.notice_id == notice.id)).one()
    email.state, email.is_settled = state, False
    email.sent_at = now if state is EmailState.SENT else None
    db.session.commit()
    jobs.settle(now)
    db.session.commit()


# -- equal, whatever was decided ------------------------------------------------------------------


def decide(outcome: Outcome):
    def act(application, now) -> None:
        hiring.record_decision(application, outcome, now, now, reason="a reason")

    return act


def retract(application, now) -> None:
    if hiring.standing_decision(application):
        hiring.retract_decision(application, now)


def write(state: EmailState | None):
    """A letter about the standing decision, of which this becomes."""

    def act(application, now) -> None:
        decision = hiring.standing_decision(application)
        if decision is None:
            return
        notice = hiring.tell_now(application, decision, LETTER, now, send_at=now + DAY)
        db.session.commit()
        if state:
            settle(notice, state, now)

    return act


# What nobody told the candidate: done to one of two, who were alike before.
HIDDEN = {
    **{f"decide {outcome}": decide(outcome) for outcome in Outcome},
    "retract": retract,
    "write": write(None),
    "fail": write(EmailState.FAILED),
    "in doubt": write(EmailState.UNKNOWN),
    "captured": write(EmailState.CAPTURED),
}


def told_of_delay(application, now) -> None:
    if application.outcome is None:
        settle(delay(application, now, 9), EmailState.SENT, now)


def delay(application, now, days: int) -> Notice:
    notice = hiring.send_delay_note(application, now.date() + timedelta(days=days), LETTER, now)
    db.session.commit()
    return notice


def promise(application, now) -> None:
    hiring.update_progress(
        application,
        hiring.NewApplication(
            name="Cam", email=None, role="Engineer", promised_on=now.date() + timedelta(days=5)
        ),
        now,
    )


def interview(application, now) -> None:
    application.last_interview_on = now.date() - DAY


# What the candidate knows of: done to both, before any of the other.
KNOWN = {"told of delay": told_of_delay, "promise": promise, "interview": interview}


def headers_of(response) -> list[str]:
    """All but how many more requests may come, and when."""
    found = (f"{name}: {value}" for name, value in response.headers.items())
    return sorted(one for one in found if not one.startswith(("X-RateLimit", "Retry-After")))


def seen(visitor: Visitor, path: str) -> list:
    """All that comes back from the page: opened, pressed, opened again; in both languages."""
    found = []
    for method, more in (
        ("GET", ""),
        ("HEAD", ""),
        ("GET", "?lang=fr"),
        ("POST", ""),
        ("POST", "?lang=fr"),
        ("GET", ""),
    ):
        response = visitor.send(method, path + more)
        headers = headers_of(response)
        body = response.get_data(as_text=True)
        token = path.rpartition("/")[2]
        texts = [text.replace(token, "TOKEN") for text in (*headers, body)]
        mark = links.form_token(token)
        found.append((response.status_code, [text.replace(mark, "MARK") for text in texts]))
    return found


ANYTHING = {
    "preset": st.sampled_from(ClockPreset),
    "known": st.lists(st.sampled_from(sorted(KNOWN)), max_size=3, unique=True),
    "has_asked": st.booleans(),
    "has_unsent_note": st.booleans(),
    "hidden": st.lists(st.sampled_from(sorted(HIDDEN)), min_size=1, max_size=5),
    "days": st.integers(0, 60),
}
IN_ONE_DATABASE = [HealthCheck.function_scoped_fixture]


@settings(max_examples=15, suppress_health_check=IN_ONE_DATABASE)
@given(**ANYTHING)
def test_the_page_is_the_same_byte_for_byte_until_the_candidate_is_told(
    app, make, acme, cam, smtp, **anything
):
    check_twins(make, acme, cam, **anything)


@pytest.mark.long
@settings(max_examples=100, suppress_health_check=IN_ONE_DATABASE)
@given(**ANYTHING)
def test_the_page_is_the_same_whatever_is_hidden(app, make, acme, cam, smtp, **anything):
    check_twins(make, acme, cam, **anything)


def check_twins(make, acme, cam, preset, known, has_asked, has_unsent_note, hidden, days):
    acme.clock_preset = preset
    began = utcnow()
    twins = [make.application(acme) for _ in range(2)]
    with time_machine.travel(began, tick=False):
        for application in twins:
            for name in known:
                KNOWN[name](application, began)
            if has_asked:
                application.news_asked_at = began
            db.session.commit()
    with time_machine.travel(began + DAY, tick=False):
        now = utcnow()
        if has_unsent_note:  # a decision that comes before it leaves takes it back
            delay(twins[0], now, 20)
        for number, name in enumerate(hidden):
            HIDDEN[name](twins[0], now + timedelta(minutes=number))
            db.session.commit()
    with time_machine.travel(began + DAY + timedelta(days=days), tick=False):
        one, other = (seen(cam, path_of(application)) for application in twins)
    assert one == other
    assert one[0][0] == 200


def test_what_was_told_is_not_unsaid_by_what_was_not(make, acme, cam):
    """Told, then taken back or decided anew without a word: the page stays as it was."""
    now = utcnow()
    told, retracted, replaced = (make.told(acme, told_after=3) for _ in range(3))
    hiring.retract_decision(retracted, now)
    hiring.record_decision(replaced, Outcome.HIRED, now, now)
    db.session.commit()
    with time_machine.travel(now, tick=False):
        pages = [seen(cam, path_of(one)) for one in (told, retracted, replaced)]
    assert pages[0] == pages[1] == pages[2]
    page = cam.get(path_of(told))
    assert "Acme has not chosen you for this role." in words_of(page)
    assert "By phone or video" in words_of(page)
    assert not page.main.find("form"), "there is nothing to ask for any more"
    before = whole_database()
    cam.post(path_of(told))
    assert whole_database() == before


@pytest.mark.parametrize("outcome", list(Outcome))
def test_once_told_the_page_says_it_and_when_it_came_back_it_does_not(make, acme, cam, outcome):
    application, other = make.decided(acme, outcome), make.application(acme)
    now = utcnow()
    notice = hiring.tell_now(application, hiring.standing_decision(application), LETTER, now)
    settle(notice, EmailState.SENT, now)
    said = words_of(cam.get(path_of(application)))
    assert {
        Outcome.REJECTED: "Acme has not chosen you for this role.",
        Outcome.HIRED: "Acme would like you for this role.",
        Outcome.OFFER_DECLINED: "You declined the offer.",
        Outcome.WITHDRAWN: "You withdrew your application.",
    }[outcome] in said
    assert "No outcome so far" not in said
    settle(notice, EmailState.FAILED, now)
    with time_machine.travel(now, tick=False):
        assert seen(cam, path_of(application)) == seen(cam, path_of(other))


def test_a_note_that_was_not_sent_leaves_the_promise_before_it(make, acme, cam):
    application = make.application(acme, promised_on=utcnow().date() + timedelta(days=3))
    before = words_of(cam.get(path_of(application)))
    assert "News was promised to you by" in before
    note = delay(application, utcnow(), 20)
    assert words_of(cam.get(path_of(application))) == before
    settle(note, EmailState.SENT, utcnow())
    page = words_of(cam.get(path_of(application)))
    assert "There was no decision yet. News was promised by" in page
    assert page != before


def test_only_the_clock_of_the_interview_is_shown(make, acme, cam):
    application = make.decided(acme, days_ago=1)
    assert "owed to you" not in words_of(cam.get(path_of(application)))
    acme.clock_preset = ClockPreset.ONTARIO
    db.session.commit()
    day = application.last_interview_on + timedelta(days=45)
    page = cam.get(path_of(application))
    assert "News is owed to you by" in words_of(page)
    assert page.find("time", datetime=day.isoformat())


# -- asking ---------------------------------------------------------------------------------------


def test_asking_is_noted_once_a_week_and_says_so(make, acme, cam):
    application = make.application(acme)
    path = path_of(application)
    assert "You can ask once a week." in words_of(cam.get(path))
    assert cam.post(path) == path
    assert cam.post(path, {"lang": "fr"}) == f"{path}?lang=fr"
    page = cam.get(path)
    assert "You asked for news on" in words_of(page)
    assert "You can ask again from" in words_of(page)
    assert not page.main.find("form")
    events = sa.select(AuditEvent).where(AuditEvent.action == "application.news_asked")
    assert [one.about_id for one in db.session.scalars(events)] == [application.id]
    assert db.session.scalars(sa.select(Email)).all() == [], "nobody is written to"
    with time_machine.travel(utcnow() + timedelta(days=7), tick=False):
        assert cam.get(path).main.find("form")
        cam.post(path)
        assert not cam.get(path).main.find("form")


@pytest.mark.both
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_opening_it_changes_nothing_and_needs_few_statements(app, make, acme, cam, method):
    told, waiting = make.told(acme), make.application(acme)
    before = whole_database()
    for application in (told, waiting):
        for more in ("", "/", "?lang=fr", "?s=4&back=1"):
            assert cam.send(method, path_of(application) + more).status_code == 200
    assert whole_database() == before


def test_what_mail_programs_do_to_the_link_does_no_harm(make, acme, cam):
    path = path_of(make.application(acme))
    for odd in (f"{path}.", f"{path}>", path.upper(), f"{path}%0A", f"{path})"):
        cam.get(odd)


def test_links_that_are_not_ours_or_of_whom_nothing_is_held_all_look_the_same(
    make, acme, cam, smtp
):
    application, erased, moved = (make.application(acme) for _ in range(3))
    paths = [path_of(erased), path_of(moved)]
    privacy.erase_person(erased.candidate.email)
    moved.candidate.email = "other@example.net"
    db.session.commit()
    good = path_of(application)
    token = good.rpartition("/")[2]
    turned = token[:-2] + ("a" if token[-2] != "a" else "b") + token[-1]
    own_data = links.own_data_token(acme.id, application.candidate_id, "x@y.test")
    gone = links.status_url(10**6, application.candidate.email).rpartition("/")[2]
    odd = [turned, token[:-1], token + "a", own_data, gone, "a" * 48, "x", "%00", "a" * 3000]
    paths += [f"/status/{text}" for text in odd] + [f"{good}/x", "/status/"]
    answers = {
        (response.status_code, response.get_data(), tuple(headers_of(response)))
        for path in paths
        for response in (cam.send("GET", path), cam.send("POST", path))
    }
    assert len(answers) == 1
    assert next(iter(answers))[0] == 404


def test_another_purposes_token_opens_nothing_and_this_one_nothing_else(make, acme, cam):
    application = make.application(acme)
    token = path_of(application).rpartition("/")[2]
    for path in (f"/d/confirm/{token}", f"/u/{token}", f"/d/{token[:40]}", f"/s/{token[:26]}"):
        cam.get(path, status=404)


def test_a_form_of_another_links_page_is_handed_back(make, acme, cam):
    one, other = make.application(acme), make.application(acme)
    mark = links.form_token(path_of(other).rpartition("/")[2])
    before = whole_database()
    page = cam.post(path_of(one), {"csrf_token": mark}, status=400)
    assert page.main.find("form")["action"] == path_of(one)
    assert whole_database() == before


@pytest.mark.parametrize("name", ["", "W" * 200, "محمد", "<b>x</b>{{7*7}}%s\u202e"])
def test_odd_names_are_shown_as_they_are_in_both_languages(make, acme, cam, name):
    acme.name = name or "–"
    application = make.application(acme, name=name, role=name or "Engineer")
    application.candidate.locale = Locale.FRENCH
    db.session.commit()
    page = cam.get(path_of(application))
    assert page.html["lang"] == "fr"
    assert page.main.find("bdi", string=name or "–")
    assert cam.get(path_of(application) + "?lang=en").html["lang"] == "en"


def test_neither_cookie_nor_log_knows_the_link(app, make, cast, browse, caplog):
    application = make.application(cast.acme)
    db.session.commit()
    remy = browse(cast.remy)
    path = path_of(application)
    with caplog.at_level(logging.DEBUG):
        response = remy.client.get(path)
        remy.client.post(path)
    assert "Set-Cookie" not in response.headers
    assert path.rpartition("/")[2] not in caplog.text
    event = db.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.id.desc())).first()
    assert (event.action, event.user_id) == ("application.news_asked", None)


# -- the desk -------------------------------------------------------------------------------------


def test_a_recruiter_sends_the_link_and_sees_who_asked(app, make, cast, cam, smtp):
    application = make.application(cast.acme, name="Cam Field")
    remy = Person(app).sign_in(cast.remy)
    home = f"/e/acme/applications/{application.id}"
    remy.post(f"{home}/status-link", token_from=home)
    remy.post(f"{home}/status-link", token_from=home)
    jobs.run_until_idle()
    (message,) = [one for one in smtp if one["Subject"].endswith("a page of your own")]
    link = next(
        word for word in message.get_body(("plain",)).get_content().split() if "/status/" in word
    )
    cam.post(link.removeprefix("http://127.0.0.1:5000").partition("?")[0])
    page = remy.get(home)
    assert "Asked for news on" in words_of(page)
    assert "Link to their own page" in words_of(page)
    own, foreign = make.application(cast.globex), Person(app).sign_in(cast.olga)
    before = whole_database()
    foreign.post(f"{home}/status-link", {}, status=404, token_from="/e/globex/")
    remy.get(f"/e/acme/applications/{own.id}/record", status=404)
    foreign.get(f"{home}/record", status=404)
    held = [row for name, row in before.items() if name in ("email", "application")]
    after = whole_database()
    assert held == [after[name] for name in before if name in ("email", "application")]


def test_where_no_email_may_go_the_recruiter_is_told_why(app, make, cast):
    application = make.application(cast.acme, email=None)
    remy = Person(app).sign_in(cast.remy)
    home = f"/e/acme/applications/{application.id}"
    remy.post(f"{home}/status-link", token_from="/e/acme/applications/new")
    assert "There is no email address for this candidate." in words_of(remy.get(home))
    assert not remy.page.find("button", string="Send the link")


def test_links_count_among_the_letters_of_an_hour(app, make, cast):
    configure(app, LETTERS_PER_HOUR=2)
    remy = Person(app).sign_in(cast.remy)
    for application in [make.application(cast.acme) for _ in range(3)]:
        home = f"/e/acme/applications/{application.id}"
        remy.post(f"{home}/status-link", token_from=home)
    assert "You have sent 2 letters within an hour" in words_of(remy.get(home))
    assert db.session.scalar(sa.select(sa.func.count(Email.id))) == 2
