"""One's own account: back in without the password, changes, a second factor, other browsers."""

import re
import statistics
import threading
import time
from datetime import UTC, datetime, timedelta

import argon2.low_level
import pytest
import sqlalchemy as sa
import time_machine
from passlib.totp import TOTP

from portal import accounts, credentials, jobs, links
from portal.extensions import db, limiter
from portal.models import (
    AuditEvent,
    Email,
    Locale,
    PasswordRequest,
    RecoveryCode,
    SignIn,
    User,
    utcnow,
)
from tests.mail.conftest import configure
from tests.support.factory import PASSWORD
from tests.support.statements import noting_statements
from tests.web.staff import Person, errors_of, flashes, words_of

NEW = "four quiet words here"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
EDGE = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) "
    "Chrome/126.0.0.0 Safari/537.36 Edg/126.0.0.0"
)
ELSEWHERE = {"REMOTE_ADDR": "10.9.8.7"}


@pytest.fixture
def visitor(app):
    return Person(app)


@pytest.fixture
def ada(app, cast):
    return Person(app).sign_in(cast.ada)


@pytest.fixture
def clock():
    with time_machine.travel(datetime(2026, 3, 2, 12, tzinfo=UTC), tick=False) as traveller:
        yield traveller


@pytest.fixture
def post(app, smtp):
    """Send all that is owed; the messages, newest last."""

    def send():
        db.session.rollback()
        smtp.forget()
        jobs.mail_links(utcnow())
        jobs.deliver()
        return list(smtp)

    return send


def text_of(message) -> str:
    return message.get_body(("plain",)).get_content()


def link_in(message) -> str:
    return re.search(r"http://127\.0\.0\.1:5000(/\w+/[a-z2-7]{48})\b", text_of(message))[1]


def ask(person, email: str) -> None:
    assert person.post("/password", {"email": email}) == "/password/asked"


def mailed_link(person, email, post) -> str:
    ask(person, email)
    (message,) = post()
    assert message["To"] == email
    return link_in(message)


def is_in(person) -> bool:
    return person.send("GET", "/account").status_code == 200


def sign_in(person, email: str, password: str):
    return person.post("/sign-in", {"email": email, "password": password}, status=302)


def can_sign_in(app, email: str, password: str) -> bool:
    person = Person(app)
    form = {"email": email, "password": password, "csrf_token": person.token("/sign-in")}
    return person.send("POST", "/sign-in", data=form).status_code == 302


def reread(user) -> User:
    db.session.rollback()
    db.session.refresh(user)
    return user


def actions() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(AuditEvent.action).order_by(AuditEvent.id)))


# -- a forgotten password -------------------------------------------------------------------------


def test_from_a_forgotten_password_to_a_new_sign_in(app, cast, ada, visitor, post):
    page = visitor.get("/sign-in")
    assert page.find("a", string="Forgotten password?")["href"] == "/password"
    link = mailed_link(visitor, "ada@example.com", post)
    for _ in range(3):  # mail scanners open links
        page = visitor.get(link)
    assert is_in(ada)
    assert page.find("input", id="account")["value"] == "ada@example.com"
    assert page.find("input", id="new_password")["autocomplete"] == "new-password"
    again = visitor.submit(page, {"new_password": "password"}, status=422)
    assert "among the first that a guesser tries" in errors_of(again)[0]
    assert visitor.submit(visitor.get(link), {"new_password": NEW}) == "/sign-in"
    page = visitor.get("/sign-in")
    assert flashes(page) == [
        "Done: Your password is changed, and you are signed out everywhere. Sign in."
    ]
    assert not is_in(ada)
    assert not can_sign_in(app, "ada@example.com", PASSWORD)
    assert sign_in(visitor, "ada@example.com", NEW) == "/e"
    (notice, _) = post()
    assert notice["Subject"] == "Your password was changed"
    assert notice["To"] == "ada@example.com"
    assert {"password.asked", "password.link_owed", "user.password_changed"} <= set(actions())


def test_the_mail_says_when_it_was_asked_and_what_to_do(app, cast, visitor, post):
    configure(app, OPERATOR_EMAIL="help@site.example", OPERATOR_NAME="Northside Trust")
    cast.ada.locale = Locale.FRENCH
    db.session.commit()
    for email in ("ada@example.com", "remy@example.com"):
        ask(visitor, email)
    french, english = post()
    assert french["Subject"] == "Choisir un nouveau mot de passe"
    assert "Ce n’était pas vous ?" in text_of(french).replace("\u00a0", " ")
    said = " ".join(text_of(english).split())
    assert re.search(r"on \w+ \d+, \d{4}, \d+:\d\d\s[AP]M UTC that they have forgotten", said)
    assert "It was not you? Then do nothing" in said
    assert english["Reply-To"] == "help@site.example"
    assert "Northside Trust runs it" in said
    row = db.session.scalars(sa.select(Email).where(Email.kind == "password_link")).first()
    assert row.expires_at - row.created_at <= timedelta(hours=1, seconds=5)


@pytest.mark.both
def test_nobody_learns_who_has_an_account(app, cast, post, monkeypatch):
    hashed: list[str] = []
    for name in ("hash_secret", "verify_secret"):
        work = getattr(argon2.low_level, name)
        monkeypatch.setattr(
            argon2.low_level,
            name,
            lambda *a, work=work, **b: (hashed.append("x"), work(*a, **b))[1],
        )
    accounts.deactivate(cast.remy, even_last_owner=False)
    db.session.commit()
    ask(Person(app), "first@example.com")  # of the hour: its row of the log is inserted
    seen = []
    for email in ("ada@example.com", "nobody@example.com", "remy@example.com", "ADA@Example.COM "):
        person = Person(app)
        form = {"email": email, "csrf_token": person.token("/password")}
        hashed.clear()
        limiter.reset()
        with noting_statements() as said:
            answer = person.send("POST", "/password", data=form)
        by_chance = ("Set-Cookie", "X-RateLimit-Reset", "Retry-After", "Date")
        head = [(name, name in by_chance or value) for name, value in answer.headers]
        words = [one for one in said if "INSERT" in one or "UPDATE" in one or "SELECT" in one]
        seen.append((answer.status_code, answer.data, head, words, len(hashed)))
        assert "nothing helps" not in words_of(person.get("/password/asked"))
    assert seen == [seen[0]] * 4
    assert seen[0][4] == 0
    assert [message["To"] for message in post()] == ["ada@example.com"]
    assert db.session.scalar(sa.select(sa.func.count(PasswordRequest.id))) == 0


@pytest.mark.long
def test_nor_from_the_time_it_takes(app, cast):
    person, took = Person(app), {"ada@example.com": [], "nobody@example.com": []}
    form = {"csrf_token": person.token("/password")}
    for turn in range(400):
        email = list(took)[turn % 2]
        limiter.reset()
        begun = time.perf_counter()
        assert person.send("POST", "/password", data=form | {"email": email}).status_code == 303
        took[email].append(time.perf_counter() - begun)
    known, unknown = (statistics.median(times) for times in took.values())
    spread = statistics.median(abs(one - known) for one in took["ada@example.com"])
    assert abs(known - unknown) < 3 * spread, (known, unknown, spread)


def test_what_is_no_address_is_said_at_its_field(visitor):
    for typed in ("", "ada", "a\0b@example.com.", "x" * 3000, "a@b@c"):
        form = {"email": typed, "csrf_token": visitor.token("/password")}
        answer = visitor.send("POST", "/password", data=form)
        assert answer.status_code == 422, typed
        assert errors_of(visitor.page) == ["Enter an email address, like name@example.com."]


@pytest.mark.both
def test_asking_is_limited_by_network_and_by_account(app, cast, clock):
    def asks(person, email, times):
        form = {"email": email, "csrf_token": person.token("/password")}
        return [person.send("POST", "/password", data=form).status_code for _ in range(times)]

    assert asks(Person(app), "ada@example.com", 7) == [303] * 5 + [429] * 2
    clock.shift(timedelta(minutes=2))
    others = [Person(app, environ_base={"REMOTE_ADDR": f"10.1.1.{n}"}) for n in range(7)]
    assert [asks(person, "ada@example.com", 1)[0] for person in others] == [303] * 5 + [429] * 2
    assert asks(others[6], "nobody@example.com", 1) == [303]
    own = Person(app, environ_base=ELSEWHERE).sign_in(cast.ada)
    assert asks(own, "ada@example.com", 1) == [303], "its own browser is no stranger"
    for _ in range(11):
        others[0].send("POST", "/password", data={})
    page = others[0].send("POST", "/password", data={"csrf_token": others[0].token("/password")})
    assert page.status_code in (422, 429)


# -- its link -------------------------------------------------------------------------------------


def refused(person, link: str) -> tuple[int, str]:
    """How the link is refused, the same by GET and by POST."""
    answer = person.send("GET", link)
    found = answer.status_code, person.page.h1.text
    form = {"new_password": NEW, "csrf_token": person.token("/sign-in")}
    assert person.send("POST", link, data=form).status_code == found[0]
    assert person.page.main.find("a", href="/password"), "offers a new one"
    return found


USED = (410, "This link no longer works")


@pytest.mark.both
def test_a_link_works_once_and_an_hour(clock, app, cast, visitor, post):
    link = mailed_link(visitor, "ada@example.com", post)
    clock.shift(timedelta(minutes=59))
    visitor.get(link)
    clock.shift(timedelta(minutes=2))
    assert refused(visitor, link) == (410, "This link is too old")
    link = mailed_link(visitor, "ada@example.com", post)
    visitor.submit(visitor.get(f"{link}."), {"new_password": NEW})  # as pasted from a sentence
    assert refused(visitor, link) == USED


def test_a_link_that_is_not_ours_says_so(visitor, cast, post):
    link = mailed_link(visitor, "ada@example.com", post)
    other = "b" if link[-1] == "a" else "a"
    for bad in (link[:-3] + other * 3, link[:-1], "/password/x", "/password/" + "a" * 48):
        assert refused(visitor, bad) == (404, "This link is not complete")
    address = links.account_url("address", cast.ada.id, utcnow(), "x").rpartition("/")[2]
    assert refused(visitor, f"/password/{address}")[0] == 404, "made for another purpose"


def test_what_changes_the_account_kills_its_links(app, cast, visitor, post):
    link = mailed_link(visitor, "ada@example.com", post)
    accounts.set_password(cast.ada, NEW)
    db.session.commit()
    assert refused(visitor, link) == USED
    link = mailed_link(visitor, "ada@example.com", post)
    cast.ada.email = "eve@example.com"
    db.session.commit()
    assert refused(visitor, link) == USED
    link = mailed_link(visitor, "eve@example.com", post)
    accounts.deactivate(cast.ada, even_last_owner=True)
    db.session.commit()
    assert refused(visitor, link)[0] == 404


def test_a_link_that_was_owed_to_an_old_address_is_not_mailed(app, cast, visitor, post):
    ask(visitor, "ada@example.com")
    jobs.mail_links(utcnow())
    cast.ada.email = "new@example.com"
    db.session.commit()
    assert post() == []


def at_once(app, people, path: str, forms) -> list[int]:
    """What each of PEOPLE is answered who send FORMS to PATH at the same moment."""
    codes, gate = [], threading.Barrier(len(people))

    def send(person, form):
        with app.app_context():
            gate.wait()
            codes.append(person.client.post(path, data=form).status_code)

    threads = [threading.Thread(target=send, args=pair) for pair in zip(people, forms, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(codes)


@pytest.mark.both
def test_two_at_once_with_one_link_change_the_password_once(app, cast, post):
    visitors = [Person(app) for _ in range(4)]
    link = mailed_link(visitors[0], "ada@example.com", post)
    forms = [
        {"csrf_token": one.token(link), "new_password": f"{NEW} {number}"}
        for number, one in enumerate(visitors)
    ]
    assert at_once(app, visitors, link, forms) == [303, 410, 410, 410]
    assert actions().count("user.password_changed") == 1


def test_another_host_in_the_request_does_not_get_into_the_link(app, cast, post):
    headers = {"X-Forwarded-Host": "evil.example"}
    ask(Person(app, base_url="http://evil.example", headers=headers), "ada@example.com")
    (message,) = post()
    assert "evil" not in message.as_string()
    assert link_in(message)


def test_pages_of_links_tell_nobody_where_they_are(visitor, cast, post):
    link = mailed_link(visitor, "ada@example.com", post)
    answer = visitor.send("GET", link)
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert visitor.send("POST", link, data={"new_password": NEW}).status_code == 400, "no token"
    assert not reread(cast.ada).password.endswith(NEW)


# -- password and address, signed in --------------------------------------------------------------


def test_changing_the_password_ends_all_sign_ins_but_this(app, cast, ada, post):
    other = Person(app).sign_in(cast.ada)
    page = ada.get("/account/password")
    assert page.find("input", id="present")["autocomplete"] == "current-password"
    page = ada.submit(page, {"present": "wrong", "new_password": NEW}, status=422)
    assert errors_of(page) == ["That is not your present password."]
    page = ada.submit(page, {"present": PASSWORD, "new_password": "acme2026"}, status=422)
    assert "more than the name" in errors_of(page)[0]
    assert ada.submit(page, {"present": PASSWORD, "new_password": NEW}) == "/account"
    assert flashes(ada.get("/account")) == [
        "Done: Your password is changed. Every other browser has to sign in again."
    ]
    assert not is_in(other)
    assert [message["Subject"] for message in post()][-1] == "Your password was changed"
    assert "password.refused" in actions()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.parametrize("at", ["SELECT sign_in.id", "INSERT INTO sign_in"])
def test_who_signs_in_with_a_password_that_is_just_being_changed_stays_out(app, cast, at):
    """SQLite lets one write at a time: there the change comes before or after."""

    def change():
        with app.app_context():
            accounts.set_password(accounts.find_user("ada@example.com"), NEW)
            db.session.commit()

    person, thread = Person(app), threading.Thread(target=change)
    form = {"csrf_token": person.token("/sign-in")}
    form |= {"email": "ada@example.com", "password": PASSWORD}

    def change_now(_connection, _cursor, statement, *_):
        if at in statement and thread.ident is None:
            thread.start()
            thread.join(2)  # where it has to wait for us, it comes right after

    sa.event.listen(db.engine, "before_cursor_execute", change_now)
    answer = person.send("POST", "/sign-in", data=form)
    sa.event.remove(db.engine, "before_cursor_execute", change_now)
    thread.join()
    assert not is_in(person)
    if at.startswith("SELECT"):
        assert answer.location == "/sign-in"
        assert flashes(person.get("/sign-in")) == [
            "Note: Start again with your address and password."
        ]


def test_the_present_password_cannot_be_guessed_by_who_sits_at_the_desk(ada):
    form = {"present": "guess", "new_password": NEW, "csrf_token": ada.token("/account/password")}
    codes = [ada.send("POST", "/account/password", data=form).status_code for _ in range(11)]
    codes.append(ada.send("POST", "/account/second-factor/off", data=form).status_code)
    assert codes == [422] * 10 + [429] * 2
    assert is_in(ada)


def change_address(person, new: str) -> None:
    page = person.get("/account/address")
    assert person.submit(page, {"email": new, "present": PASSWORD}) == "/account"


def test_a_new_address_is_confirmed_where_it_leads_and_the_old_one_is_told(app, cast, ada, post):
    other = Person(app).sign_in(cast.ada)
    post()
    change_address(ada, "Ada.Field@Example.com")
    (message,) = post()
    assert message["To"] == "ada.field@example.com"
    link = link_in(message)
    for _ in range(2):
        page = ada.get(link)
    assert "ada.field@example.com" in words_of(page)
    assert reread(cast.ada).email == "ada@example.com"
    assert ada.submit(page) == "/account"
    assert reread(cast.ada).email == "ada.field@example.com"
    (notice,) = post()
    assert (notice["To"], notice["Subject"]) == (
        "ada@example.com",
        "Your account has a new address",
    )
    assert "Answer this message at once" in " ".join(text_of(notice).split())
    assert "ada.field" not in notice.as_string()
    assert not is_in(other)
    assert is_in(ada)
    assert can_sign_in(app, "ada.field@example.com", PASSWORD)
    assert not can_sign_in(app, "ada@example.com", PASSWORD)
    ada.get(link, 410)
    ada.send("POST", "/sign-out", data={"csrf_token": ada.token("/account")})
    sign_in(ada, "ada.field@example.com", PASSWORD)
    news = [mail for mail in post() if mail["Subject"] == "A sign-in from a new browser"]
    assert len(news) == 1, "of can_sign_in(), not of the browser in which it was confirmed"


def test_only_who_is_signed_in_to_the_account_confirms(app, cast, ada, post):
    change_address(ada, "typo@example.com")
    link = link_in(post()[-1])
    stranger = Person(app)
    assert "/sign-in?next=" in stranger.send("GET", link).location
    remy = Person(app).sign_in(cast.remy)
    assert remy.get(link, 404).h1.text == "This link is not yours"
    form = {"csrf_token": remy.token("/account")}
    assert remy.send("POST", link, data=form).status_code == 404
    assert reread(cast.ada).email == "ada@example.com"


@pytest.mark.both
def test_what_ends_a_wish_for_another_address(clock, app, cast, ada, post):
    def stale() -> str:
        page = ada.get(link, 410)
        form = {"csrf_token": ada.token("/account")}
        assert ada.send("POST", link, data=form).status_code == 410
        return page.h1.text

    for end in ("again", "drop", "password", "time"):
        change_address(ada, f"{end}@example.com")
        link = link_in(post()[-1])
        if end == "again":
            change_address(ada, "other@example.com")
        elif end == "drop":
            ada.post("/account/address/drop", token_from="/account")
        elif end == "password":
            form = {"present": PASSWORD, "new_password": NEW}
            ada.submit(ada.get("/account/password"), form)
            form = {"present": NEW, "new_password": PASSWORD}
            ada.submit(ada.get("/account/password"), form)
        else:
            clock.shift(timedelta(minutes=61))
        assert stale() == ("This link is too old" if end == "time" else USED[1])
        clock.shift(timedelta(hours=2))
    assert reread(cast.ada).email == "ada@example.com"


def test_an_address_that_is_taken_is_told_only_to_who_reads_its_mail(app, cast, ada, post):
    change_address(ada, "free@example.com")
    said = flashes(ada.get("/account"))
    change_address(ada, "remy@example.com")
    assert flashes(ada.get("/account")) == said
    message = post()[-1]
    assert message["To"] == "remy@example.com"
    page = ada.submit(ada.get(link_in(message)), status=409)
    assert page.h1.text == "That address is in use"
    assert "remy" not in words_of(page)
    assert reread(cast.ada).email == "ada@example.com"
    page = ada.get("/account/address")
    page = ada.submit(page, {"email": "ADA@example.com", "present": PASSWORD}, status=422)
    assert errors_of(page) == ["That is your address already."]
    page = ada.submit(page, {"email": "x@example.com", "present": "wrong"}, status=422)
    assert page.find("input", id="email")["value"] == "x@example.com"


def test_a_late_mail_confirms_no_address_but_the_one_it_is_sent_to(app, cast, ada, post):
    for _ in range(2):
        change_address(ada, "mine@example.com")
    of_links = sa.select(Email.id).where(Email.kind == "address_link").order_by(Email.id.desc())
    late = db.session.get_one(Email, db.session.scalars(of_links).first())
    late.next_attempt_at = utcnow() + timedelta(minutes=5)
    db.session.commit()
    ada.submit(ada.get(link_in(post()[-1])))
    change_address(ada, "boss@example.com")
    late.next_attempt_at = utcnow()
    db.session.commit()
    with_links = [mail for mail in post() if mail["Subject"] == "Confirm your new address"]
    assert [mail["To"] for mail in with_links] == ["boss@example.com"]


def test_the_operator_gives_an_account_its_old_address_back(app, cast, ada, post):
    change_address(ada, "thief@example.com")
    ada.submit(ada.get(link_in(post()[-1])))
    run = app.test_cli_runner().invoke
    db.session.rollback()
    for new in ("remy@example.com", "nothing"):
        assert run(args=["user", "address", "thief@example.com", new]).exit_code != 0
    done = run(args=["user", "address", "thief@example.com", "ada@example.com"])
    assert done.exit_code == 0, done.output
    assert not is_in(ada)
    assert can_sign_in(app, "ada@example.com", PASSWORD)


# -- a second factor ------------------------------------------------------------------------------


def app_of(page) -> TOTP:
    """The codes of an app into which the key on PAGE was typed."""
    return TOTP(key=page.select_one("code.copyable").text)


def set_up(person) -> tuple[TOTP, list[str]]:
    page = person.get("/account/second-factor")
    codes = app_of(page)
    form = {"code": codes.generate(utcnow()).token, "present": PASSWORD}
    page = person.submit(page, form, status=200)
    return codes, [tag.text for tag in page.select(".codes code")]


def give_code(person, code: str, status: int = 303):
    form = {"code": code, "csrf_token": person.token("/sign-in/code")}
    answer = person.send("POST", "/sign-in/code", data=form)
    assert answer.status_code == status, words_of(person.page)
    return answer.location


def first_step(person, email="ada@example.com", password=PASSWORD, path="/sign-in"):
    form = {"email": email, "password": password, "csrf_token": person.token("/sign-in")}
    return person.send("POST", path, data=form).location


def test_two_steps_from_setting_up_to_signing_in(clock, app, cast, ada, post):
    other = Person(app).sign_in(cast.ada)
    page = ada.get("/account/second-factor")
    assert page.select_one(".qr[role=img] svg path")
    assert app_of(page).key == app_of(ada.get("/account/second-factor")).key, "looking keeps it"
    assert app_of(page).key != app_of(other.get("/account/second-factor")).key
    page = ada.submit(page, {"code": "000000", "present": PASSWORD}, status=422)
    assert errors_of(page) == ["That code is not right. Enter the one that your app shows now."]
    page = ada.submit(
        page, {"code": app_of(page).generate(utcnow()).token, "present": "x"}, status=422
    )
    assert errors_of(page) == ["That is not your present password."]
    codes, recovery = set_up(ada)
    assert len(set(recovery)) == 8
    assert not is_in(other)
    assert is_in(ada)
    row = reread(cast.ada)
    assert codes.key not in row.totp_sealed
    assert codes.base32_key.encode() not in row.totp_sealed
    held = str(db.session.scalars(sa.select(RecoveryCode.code_hash)).all())
    assert not any(code.replace(" ", "") in held for code in recovery)
    assert post()[-1]["Subject"] == "Two-step sign-in is on"

    clock.shift(timedelta(minutes=1))
    visitor = Person(app)
    assert first_step(visitor) == "/sign-in/code"
    assert not is_in(visitor), "the password alone opens nothing"
    page = visitor.get("/sign-in/code")
    assert page.find("input", id="code")["autocomplete"] == "one-time-code"
    give_code(visitor, "123456", 422)
    token = codes.generate(utcnow()).token
    assert give_code(visitor, f"{token[:3]} {token[3:]}") == "/e"
    assert is_in(visitor)
    thief = Person(app)
    first_step(thief)
    give_code(thief, token, 422)
    assert not is_in(thief), "a code works once"
    clock.shift(timedelta(minutes=5))
    give_code(thief, token, 422)
    assert {"second_factor.on", "second_factor.failed"} <= set(actions())


def test_a_code_is_taken_a_step_early_or_late_and_no_further(clock, app, cast, ada):
    codes, _ = set_up(ada)
    for steps, status in ((-2, 422), (2, 422), (-1, 303), (1, 303), (0, 422)):
        clock.shift(timedelta(minutes=3) if steps != 0 else timedelta(0))
        visitor = Person(app, environ_base={"REMOTE_ADDR": f"10.0.0.{steps + 9}"})
        first_step(visitor)
        give_code(visitor, codes.generate(utcnow() + timedelta(seconds=30 * steps)).token, status)


@pytest.mark.both
def test_two_with_one_code_at_once_let_one_in(clock, app, cast, ada):
    codes, recovery = set_up(ada)
    clock.shift(timedelta(minutes=2))
    for typed in (codes.generate(utcnow()).token, recovery[0]):
        people = [Person(app) for _ in range(3)]
        for person in people:
            first_step(person)
        forms = [{"code": typed, "csrf_token": one.token("/sign-in/code")} for one in people]
        assert at_once(app, people, "/sign-in/code", forms) == [303, 422, 422]


def test_each_recovery_code_works_once_and_new_ones_replace_them(clock, app, cast, ada):
    _, recovery = set_up(ada)
    visitor = Person(app)
    first_step(visitor)
    assert give_code(visitor, recovery[0].replace(" ", "-")) == "/e"
    assert flashes(visitor.get("/account")) == [
        "Note: You have 7 recovery codes left. Make new ones in your account."
    ]
    thief = Person(app)
    first_step(thief)
    give_code(thief, recovery[0], 422)
    page = ada.get("/account/second-factor/codes")
    ada.submit(page, {"present": "wrong"}, status=422)
    page = ada.submit(ada.get("/account/second-factor/codes"), {"present": PASSWORD}, status=200)
    made = [tag.text for tag in page.select(".codes code")]
    assert len(made) == 8
    give_code(thief, recovery[1], 422)
    give_code(thief, made[1])
    assert "7 recovery codes left" in words_of(ada.get("/account/second-factor"))
    remy = Person(app).sign_in(cast.remy)
    _, others = set_up(remy)
    first_step(thief := Person(app))
    give_code(thief, others[0], 422)


def test_codes_are_guessed_ten_times_an_hour_however_one_comes(clock, app, cast, ada):
    codes, _ = set_up(ada)
    clock.shift(timedelta(minutes=2))
    statuses = []
    for number in range(12):
        guesser = Person(app, environ_base={"REMOTE_ADDR": f"10.2.2.{number}"})
        first_step(guesser)
        form = {"code": f"{number:06}", "csrf_token": guesser.token("/sign-in/code")}
        statuses.append(guesser.send("POST", "/sign-in/code", data=form).status_code)
    assert statuses == [422] * 10 + [429] * 2
    form = {"csrf_token": ada.token("/account")}
    ada.send("POST", "/sign-out", data=form)
    first_step(ada)
    give_code(ada, codes.generate(utcnow()).token)  # a browser that the account knows still gets in


def test_the_first_step_is_worth_little_and_not_for_long(clock, app, cast, ada):
    codes, _ = set_up(ada)
    clock.shift(timedelta(minutes=2))
    assert Person(app).send("GET", "/sign-in/code").location == "/sign-in"
    late, changed, gone, off = (Person(app) for _ in range(4))
    for person in (late, changed, gone, off):
        first_step(person)
    kept = changed.client.get_cookie("session").value
    clock.shift(timedelta(minutes=11))
    assert late.send("GET", "/sign-in/code").location == "/sign-in"
    assert flashes(late.get("/sign-in")) == ["Note: Start again with your address and password."]
    clock.shift(-timedelta(minutes=11))
    accounts.set_password(cast.ada, NEW)
    db.session.commit()
    changed.client.set_cookie("session", kept)
    assert changed.send("GET", "/sign-in/code").location == "/sign-in"
    first_step(off, password=NEW)
    credentials.switch_off(cast.ada)
    db.session.commit()
    assert off.send("GET", "/sign-in/code").location == "/sign-in"
    assert sign_in(off, "ada@example.com", NEW) == "/e"
    assert codes


def test_nobody_uses_up_the_tries_of_those_whose_first_step_is_over(app, cast):
    for number in range(12):
        visitor = Person(app, environ_base={"REMOTE_ADDR": f"10.3.{number // 11}.1"})
        form = {"code": "123456", "csrf_token": visitor.token("/sign-in")}
        answer = visitor.send("POST", "/sign-in/code", data=form)
        assert answer.status_code == (429 if number == 10 else 303), number


def test_after_the_second_step_one_is_where_one_wanted_to_go_and_nowhere_else(
    clock, app, cast, ada
):
    codes, _ = set_up(ada)
    for wanted, found in (
        ("/e/acme/levers?x=1", "/e/acme/levers?x=1"),
        ("http://localhost//evil.example", "/evil.example"),
        ("/\\evil.example", "/evil.example"),
        ("", "/e"),
    ):
        clock.shift(timedelta(minutes=31))
        visitor = Person(app)
        assert first_step(visitor, path=f"/sign-in?next={wanted}") == "/sign-in/code"
        assert give_code(visitor, codes.generate(utcnow()).token) == found
    for wanted in ("//evil.example", "https://evil.example/"):
        assert first_step(Person(app), path=f"/sign-in?next={wanted}") is None, "not even asked"


def test_a_new_password_does_not_get_around_the_second_step(clock, app, cast, ada, post):
    set_up(ada)
    post()
    visitor = Person(app)
    link = mailed_link(visitor, "ada@example.com", post)
    visitor.submit(visitor.get(link), {"new_password": NEW})
    assert first_step(visitor, password=NEW) == "/sign-in/code"
    assert not is_in(visitor)


def test_switching_off_takes_the_password(clock, app, cast, ada, post):
    set_up(ada)
    page = ada.get("/account/second-factor/off")
    ada.submit(page, {"present": "wrong"}, status=422)
    assert reread(cast.ada).totp_sealed
    assert ada.submit(ada.get("/account/second-factor/off"), {"present": PASSWORD}) == "/account"
    assert reread(cast.ada).totp_sealed is None
    assert db.session.scalar(sa.select(sa.func.count(RecoveryCode.id))) == 0
    assert post()[-1]["Subject"] == "Two-step sign-in is off"
    assert can_sign_in(app, "ada@example.com", PASSWORD)
    first = app_of(ada.get("/account/second-factor")).key
    clock.shift(timedelta(minutes=1))
    codes, _ = set_up(ada)
    assert codes.key == first


def test_the_operator_switches_it_off_for_who_lost_everything(app, cast, ada, post):
    runner = app.test_cli_runner()
    db.session.rollback()
    refused = runner.invoke(args=["user", "totp-off", "ada@example.com"])
    assert refused.exit_code != 0
    assert "has not switched" in refused.output
    set_up(ada)
    db.session.rollback()
    done = runner.invoke(args=["user", "totp-off", "ada@example.com"])
    assert done.exit_code == 0, done.output
    assert not is_in(ada)
    assert post()[-1]["Subject"] == "Two-step sign-in is off"
    assert can_sign_in(app, "ada@example.com", PASSWORD)


# -- where one is signed in -----------------------------------------------------------------------


def test_other_browsers_are_named_and_signed_out(app, cast):
    fox = Person(app, headers={"User-Agent": FIREFOX}).sign_in(cast.ada)
    edge = Person(app, headers={"User-Agent": EDGE}).sign_in(cast.ada)
    odd = Person(app, headers={"User-Agent": "<script>" * 99}).sign_in(cast.ada)
    rows = [" ".join(row.text.split()) for row in fox.get("/account").select("section .row")]
    assert rows[0].startswith("Firefox on Linux This browser Signed in")
    assert [row.partition(" Signed in")[0] for row in rows[1:]] == [
        "A browser that we cannot name",
        "Edge on Windows",
    ]
    forms = [tag for tag in fox.page.select("form") if "/sign-ins/" in tag["action"]]
    assert "Sign out Edge on Windows" in " ".join(forms[1].text.split())
    assert fox.post(forms[1]["action"], token_from="/account") == "/account"
    assert (is_in(fox), is_in(edge), is_in(odd)) == (True, False, True)
    remy = Person(app).sign_in(cast.remy)
    remy.post(forms[0]["action"], token_from="/account")
    assert is_in(odd), "nobody ends another's"
    assert fox.post("/account/sign-ins/end", token_from="/account") == "/sign-in"
    assert flashes(fox.get("/sign-in")) == ["Done: You are signed out everywhere."]
    assert (is_in(fox), is_in(odd), is_in(remy)) == (False, False, True)
    kept = db.session.scalars(sa.select(SignIn).order_by(SignIn.id)).first()
    assert (kept.browser, kept.system) == ("Firefox", "Linux")


def test_a_new_browser_is_news_and_a_known_one_is_not(app, cast, post):
    own = Person(app, headers={"User-Agent": FIREFOX}).sign_in(cast.ada)
    assert post() == [], "the first"
    own.send("POST", "/sign-out", data={"csrf_token": own.token("/account")})
    own.sign_in(cast.ada)
    assert post() == []
    Person(app, headers={"User-Agent": EDGE}).sign_in(cast.ada)
    (message,) = post()
    assert (message["To"], message["Subject"]) == (
        "ada@example.com",
        "A sign-in from a new browser",
    )
    assert "Edge on Windows" in text_of(message)


def test_signing_in_makes_forms_of_before_worthless(app, cast, visitor):
    before = visitor.token("/sign-in")
    visitor.sign_in(cast.ada)
    form = {"csrf_token": before, "present": PASSWORD, "new_password": NEW}
    assert visitor.send("POST", "/account/password", data=form).status_code == 400
    html = visitor.page.get_text()
    assert "Your sign-in changed while this page was open." in html
    assert visitor.page.find("input", id="new_password").get("value", "") == ""


def test_a_button_that_is_out_of_date_is_refused_in_the_persons_language(cast, ada):
    cast.ada.locale = Locale.FRENCH
    db.session.commit()
    for path in ("/account/sign-ins/end", "/e/acme/applications/1/status-link"):
        response = ada.send("POST", path, data={"csrf_token": "old"})
        assert response.status_code == 400
        assert ada.page.html["lang"] == "fr", path


def test_the_language_is_the_persons(cast, ada, post):
    page = ada.get("/account")
    assert page.find("input", id="locale-2").has_attr("checked")
    form = {"locale": "fr", "csrf_token": ada.token("/account")}
    ada.send("POST", "/account/language", data=form)
    page = ada.get("/account")
    assert page.html["lang"] == "fr"
    assert page.h1.text == "Votre compte"
    assert "Les pages et les e-mails sont désormais dans votre langue." in flashes(page)[0]
    answer = ada.send("POST", "/account/language", data=form | {"locale": "de"})
    assert answer.status_code == 422
    ada.send("POST", "/account/language", data=form | {"locale": ""})
    assert reread(cast.ada).locale is None
    assert ada.get("/account").html["lang"] == "en"


@pytest.mark.both
def test_a_get_writes_nothing(app, cast, ada, post):
    change_address(ada, "new@example.com")
    set_up_page = "/account/second-factor"
    (link,) = [link_in(m) for m in post() if m["To"] == "new@example.com"]
    for path in (
        "/account",
        "/account/password",
        "/account/address",
        set_up_page,
        link,
        "/password",
    ):
        with noting_statements() as said:
            ada.get(path)
        assert not [one for one in said if not one.startswith(("SELECT", "PRAGMA"))], path
