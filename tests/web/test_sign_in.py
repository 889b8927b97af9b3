"""Signing in and out, where it leads, and what happens to a form when a sign-in is lost."""

import re
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from urllib.parse import urlencode, urlsplit

import argon2.low_level
import pytest
import sqlalchemy as sa
import time_machine

from portal import accounts
from portal.extensions import db, limiter
from portal.models import AuditEvent, Role, utcnow
from tests.conftest import make_app
from tests.support.factory import PASSWORD, WRONG
from tests.support.statements import noting_statements
from tests.web.staff import Person, errors_of, flashes, words_of


@pytest.fixture
def visitor(app):
    return Person(app)


def test_remy_signs_in_and_lands_at_the_desk_of_his_only_employer(cast, visitor):
    visitor.sign_in(cast.remy)
    assert visitor.send("GET", "/e").location == "/e/acme/applications"
    page = visitor.get("/e/acme/")
    assert page.title.text == "Reputation – Acme – Heardback"
    assert page.select_one(".tenant__role").text == "Recruiter"


def test_who_owns_or_only_reads_lands_at_the_overview(cast, app):
    for user in (cast.ada, cast.vera):
        assert Person(app).sign_in(user).send("GET", "/e").location == "/e/acme/"


def test_the_operator_lands_at_the_operators_page(cast, visitor):
    visitor.sign_in(cast.otto)
    assert visitor.send("GET", "/e").location == "/operator"


def test_who_works_for_two_employers_chooses(cast, visitor):
    accounts.add_membership(cast.vera, cast.globex, Role.OWNER)
    db.session.commit()
    visitor.sign_in(cast.vera)
    page = visitor.get("/e")
    assert [a["href"] for a in page.main.select("a.row__title")] == ["/e/acme/", "/e/globex/"]
    assert page.find("a", href="/e", string="Your employers")


def test_who_works_for_nobody_reads_kind_words(cast, visitor):
    lost = accounts.create_user("lost@example.com", PASSWORD)
    db.session.commit()
    visitor.sign_in(lost)
    assert "nobody has added you" in words_of(visitor.get("/e"))


def test_the_form_helps_password_managers_and_keeps_where_one_wanted_to_go(cast, visitor):
    wanted = visitor.send("GET", "/e/acme/applications?q=cam").location
    page = visitor.get(wanted)
    assert page.find("input", id="email")["autocomplete"] == "username"
    assert page.find("input", id="password")["autocomplete"] == "current-password"
    form = visitor.fill(page, {"email": cast.remy.email, "password": PASSWORD})
    answer = visitor.send("POST", page.main.form["action"], data=form)
    assert answer.location == "/e/acme/applications?q=cam"


REFUSED = [
    ("remy@example.com", "wrong wrong wrong"),
    ("nobody@example.com", PASSWORD),
    ("remy@example.com", ""),
    ("", ""),
    ("remy", PASSWORD),
    ("a\0b@example.com", "p\0"),
    ("remy@example.com", "p" * 4097),
    ("remy@example.com", "\0"),
    ("x" * 200_000, PASSWORD),
]


def test_every_refusal_reads_the_same(cast, visitor, subtests):
    for email, password in REFUSED:
        with subtests.test(email=email):
            page = visitor.post("/sign-in", {"email": email, "password": password}, status=200)
            assert "The email address or the password is not right." in words_of(page)
            assert len(page.select("[data-error-summary] li")) == 1
            assert page.find("input", id="password").get("value") is None
            assert page.title.text.startswith("Error:")


def test_the_password_may_hold_anything(cast, app):
    for password in ("🦆" * 64, "ﷺ" * 128, "caf\u00e9 cre\u0300me"):
        accounts.set_password(cast.remy, password)
        db.session.commit()
        form = {"email": cast.remy.email, "password": password}
        assert Person(app).post("/sign-in", form, status=302) == "/e"


@pytest.mark.both
@pytest.mark.parametrize("field", ["email", "password", "csrf_token", "next", "submit"])
def test_no_field_of_the_form_breaks_it(cast, visitor, field):
    typed = {"email": cast.remy.email, "password": PASSWORD, "next": "/e", "submit": "1"}
    breakers = (b"\0", b"\xed\xa0\x80", b"\xff", b"p" * 4097, b"\xf0\x9f\xa6\x86")
    for breaker in breakers:
        for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
            sent = {"csrf_token": visitor.token("/sign-in"), **typed, field: breaker}
            raw = {name: v if isinstance(v, bytes) else v.encode() for name, v in sent.items()}
            if kind.startswith("multipart"):
                head = b'--x\r\nContent-Disposition: form-data; name="%b"\r\n\r\n%b\r\n'
                body = b"".join(head % (name.encode(), v) for name, v in raw.items()) + b"--x--\r\n"
            else:
                body = urlencode(raw).encode()
            limiter.reset()
            answer = visitor.send("POST", "/sign-in", data=body, content_type=kind)
            assert answer.status_code in (200, 302, 400), (breaker, kind)
            visitor.client.delete_cookie("session")


def test_json_and_its_tokens_are_refused(cast, visitor):
    typed = {"email": cast.remy.email, "password": PASSWORD}
    header = {"X-CSRFToken": visitor.token("/sign-in")}
    path = "/sign-in?include_auth_token"
    answer = visitor.send("POST", path, json=typed, headers=header)
    assert answer.status_code == 415
    assert "token" not in answer.get_data(as_text=True)
    form = typed | {"csrf_token": visitor.token("/sign-in")}
    json = {"Accept": "application/json"}
    answer = visitor.send("POST", path, data=form, headers=json)
    assert (answer.status_code, answer.mimetype) == (302, "text/html")


def test_flask_security_brings_no_other_pages(app):
    brought = {rule.rule for rule in app.url_map.iter_rules() if rule.endpoint[:9] == "security."}
    assert brought == {"/sign-in", "/sign-out"}


def test_who_may_sign_in_no_more_reads_the_same_words_and_is_out_at_once(cast, app, visitor):
    form = {"email": cast.remy.email, "password": PASSWORD}
    visitor.sign_in(cast.remy)
    accounts.deactivate(accounts.find_user("remy@example.com"), even_last_owner=False)
    db.session.commit()
    assert "/sign-in" in visitor.send("GET", "/e/acme/").location
    pages = [
        words_of(Person(app).post("/sign-in", form | {"password": password}, status=200))
        for password in (PASSWORD, "wrong wrong wrong")
    ]
    assert pages[0] == pages[1]
    accounts.activate(accounts.find_user("remy@example.com"))
    db.session.commit()
    Person(app).post("/sign-in", form, status=302)


@pytest.mark.both
def test_a_wrong_password_costs_what_an_unknown_address_costs(cast, app, monkeypatch):
    hashed: list[int] = []

    def noting(work):
        def noted(*given, **options):
            hashed.append(len(seen))
            return work(*given, **options)

        return noted

    for name in ("hash_secret", "verify_secret"):
        work = getattr(argon2.low_level, name)
        monkeypatch.setattr(argon2.low_level, name, noting(work))
    seen: list[tuple[int, list[str]]] = []
    for email in ("remy@example.com", "nobody@example.com"):
        visitor = Person(app)
        form = {"email": email, "password": WRONG, "csrf_token": visitor.token("/sign-in")}
        for _ in ("first row of the log", "one more in it"):
            with noting_statements() as statements:
                visitor.send("POST", "/sign-in", data=form)
            seen.append((hashed.count(len(seen)), [said.split()[0] for said in statements]))
    assert seen[:2] == seen[2:]
    assert [hashes for hashes, _ in seen] == [1] * 4


# -- the clock ------------------------------------------------------------------------------------


@pytest.fixture
def clock():
    with time_machine.travel(datetime(2026, 3, 2, 12, tzinfo=UTC), tick=False) as traveller:
        yield traveller


def is_in(visitor) -> bool:
    return visitor.send("GET", "/e/acme/").status_code == 200


def test_19_a_clock_set_back_two_hours_throws_nobody_out(clock, cast, visitor):
    visitor.sign_in(cast.remy)
    clock.shift(-timedelta(hours=2))
    cookie = visitor.client.get_cookie("session").value
    assert is_in(visitor)
    assert visitor.client.get_cookie("session").value != cookie, "signed anew, by the new clock"
    clock.shift(timedelta(hours=7, minutes=59))
    assert is_in(visitor)
    clock.shift(timedelta(hours=8, minutes=1))
    assert not is_in(visitor), "idle for more than eight hours"


def test_19_nor_does_it_let_anybody_stay_longer_than_seven_days(clock, cast, visitor):
    visitor.sign_in(cast.remy)
    clock.shift(-timedelta(hours=2))
    for _ in range(24):
        assert is_in(visitor)
        clock.shift(timedelta(hours=7))
    assert is_in(visitor), "7 days less two hours by the clock that is right"
    clock.shift(timedelta(hours=2, minutes=1))
    assert not is_in(visitor)


def test_19_a_sign_in_from_years_ahead_is_none(clock, cast, visitor):
    clock.shift(timedelta(days=3000))
    visitor.sign_in(cast.remy)
    clock.shift(-timedelta(days=3000))
    assert not is_in(visitor)
    secret = accounts.start_sign_in(cast.remy)
    found = [
        accounts.find_signed_in(cast.remy.fs_uniquifier, secret, utcnow() - timedelta(hours=hours))
        for hours in (2, 4)
    ]
    assert found == [cast.remy, None], "nor is the row, however new the cookie"


# -- the log --------------------------------------------------------------------------------------


def test_sign_ins_and_files_are_logged(cast, visitor):
    visitor.sign_in(cast.remy)
    assert visitor.send("GET", "/e/acme/closure.csv").status_code == 200
    rows = db.session.scalars(sa.select(AuditEvent).order_by(AuditEvent.id.desc()).limit(2)).all()
    started, taken = rows[::-1]
    assert (started.action, started.about_id) == ("sign_in.started", cast.remy.id)
    assert (taken.action, taken.user_id) == ("file.downloaded", cast.remy.id)
    assert (taken.employer_id, taken.detail) == (cast.acme.id, {"file": "closure", "form": "csv"})


@pytest.mark.both
def test_failures_are_counted_anew_each_hour(clock, cast, visitor):
    for hours in (0, 0, 2):
        clock.shift(timedelta(hours=hours))
        visitor.post("/sign-in", {"email": cast.remy.email, "password": WRONG}, status=200)
    query = sa.select(AuditEvent).where(AuditEvent.action == "sign_in.failed")
    rows = db.session.scalars(query.order_by(AuditEvent.id))
    assert [(row.about_id, row.detail["count"]) for row in rows] == [
        (cast.remy.id, 2),
        (cast.remy.id, 1),
    ]


@pytest.mark.both
def test_guessing_is_slowed_down_and_does_not_lock_the_victim_out(cast, app):
    guesser, victim = Person(app), Person(app, environ_base={"REMOTE_ADDR": "10.9.8.7"})
    form = {"email": cast.remy.email, "password": WRONG}
    token = guesser.token("/sign-in")
    answers = [
        guesser.send(
            "POST",
            "/sign-in",
            data=form | {"csrf_token": token},
            headers={"X-Forwarded-For": f"10.0.0.{number}"},
        )
        for number in range(12)
    ]
    assert answers[-1].status_code == 429
    assert int(answers[-1].headers["Retry-After"]) > 0
    victim.sign_in(cast.remy)


def test_one_address_alone_never_shuts_an_account_to_its_owners_new_browser(clock, cast, app):
    guesser, elsewhere = Person(app), Person(app, environ_base={"REMOTE_ADDR": "10.9.8.7"})
    form = {"email": cast.remy.email, "password": WRONG, "csrf_token": guesser.token("/sign-in")}
    codes = []
    for _ in range(8):
        codes += [guesser.send("POST", "/sign-in", data=form).status_code for _ in range(10)]
        clock.shift(timedelta(minutes=1))
    assert codes == [200] * 30 + [429] * 50
    elsewhere.sign_in(cast.remy)


def test_signing_out_leaves_nothing_seen_in_the_browser(cast, app):
    remy = Person(app).sign_in(cast.remy)
    answer = remy.send("POST", "/sign-out", data={"csrf_token": remy.token("/e/acme/applications")})
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert "Clear-Site-Data" not in remy.send("GET", "/").headers


def test_signing_in_leads_nowhere_else(cast, app, subtests):
    form = {"email": cast.remy.email, "password": PASSWORD}
    for target in ("//evil.example", "/\\evil.example", "https://evil.example/", "/%0d%0aX: y"):
        with subtests.test(target=target):
            visitor = Person(app)
            answer = visitor.send(
                "POST",
                "/sign-in",
                query_string={"next": target},
                data=form | {"csrf_token": visitor.token("/sign-in")},
            )
            leads_to = urlsplit(answer.location or "/")
            assert (leads_to.scheme, leads_to.netloc) == ("", "")
            assert re.match(r"/(?![/\\])", leads_to.path)
            assert "X" not in answer.headers


def test_signing_out_is_a_post_and_ends_it_at_the_server(cast, visitor):
    visitor.sign_in(cast.remy)
    cookie = visitor.client.get_cookie("session").value
    assert visitor.send("GET", "/sign-out").status_code == 405
    assert visitor.post("/sign-out", token_from="/e/acme/", status=302) == "/sign-in"
    assert flashes(visitor.get("/sign-in")) == ["Done: You are signed out."]
    assert flashes(visitor.get("/sign-in")) == []
    visitor.client.set_cookie("session", cookie)
    assert "/sign-in" in visitor.send("GET", "/e/acme/").location


def test_pages_of_an_employer_are_kept_by_no_cache_and_framed_by_nobody(cast, visitor):
    visitor.sign_in(cast.remy)
    answer = visitor.send("GET", "/e/acme/applications")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


# -- a sign-in that was lost in the middle of a form ----------------------------------------------


@pytest.fixture
def decision(cast, make):
    return f"/e/acme/applications/{make.application(cast.acme).id}/decision"


def test_a_form_from_before_another_sign_in_comes_back_with_its_text(cast, visitor, decision):
    visitor.sign_in(cast.remy)
    page = visitor.get(decision)
    form = visitor.fill(page, {"outcome": "rejected", "how": "not_yet", "reason": "No budget"})
    again = visitor.send("POST", decision, data=form | {"csrf_token": "another one"})
    assert again.status_code == 400
    html = again.get_data(as_text=True)
    assert "Your sign-in changed while this page was open." in html
    assert 'value="No budget"' in html
    page = visitor.get(decision)
    assert visitor.submit(page, {"outcome": "rejected", "how": "not_yet"}) == decision.removesuffix(
        "/decision"
    )


def test_signed_out_in_the_middle_nothing_typed_is_lost(cast, visitor, decision):
    visitor.sign_in(cast.remy)
    form = visitor.fill(visitor.get(decision), {"outcome": "rejected", "reason": "No budget"})
    visitor.client.delete_cookie("session")
    answer = visitor.send("POST", decision, data=form, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 400
    html = answer.get_data(as_text=True)
    assert "You were signed out" in html
    assert "No budget" in html
    assert form["csrf_token"] not in html
    assert f"next={decision}".replace("/", "%2F") in html or f"next={decision}" in html


def test_another_sites_words_are_not_shown_as_ours(visitor, decision):
    form = {"reason": "Call 555 0100 to unlock your account"}
    for site in ({}, {"Sec-Fetch-Site": "cross-site"}):
        answer = visitor.send("POST", decision, data=form, headers=site)
        assert answer.status_code == 400
        assert "555" not in answer.get_data(as_text=True)


def test_without_cookies_the_sign_in_page_says_so(cast, visitor):
    form = {"email": cast.remy.email, "password": PASSWORD, "csrf_token": "x"}
    answer = visitor.send("POST", "/sign-in", data=form)
    assert answer.status_code == 400
    assert "cookies" in answer.get_data(as_text=True)


def test_forms_work_over_https_although_no_referrer_is_sent(cast, database_url, smtp, tmp_path):
    user = SimpleNamespace(email=cast.remy.email)
    db.session.rollback()
    app = make_app(database_url, BASE_URL="https://desk.example", INSTANCE_PATH=tmp_path)
    with app.app_context():
        remy = Person(app, base_url="https://desk.example").sign_in(user)
        assert remy.client.get_cookie("__Host-session", "desk.example").secure
        page = remy.get("/e/acme/applications/new")
        form = {"name": "Cam Field", "email": "cam@example.net", "role": "Nurse"}
        added = remy.submit(page, form)
        assert flashes(remy.get(added)) == [
            "Done: Cam Field is on the desk. Record a decision when there is one."
        ]
        db.engine.dispose()


def test_every_post_without_its_token_is_refused_and_changes_nothing(cast, make, app, visitor):
    application = make.decided(cast.acme)
    names = {"slug": "acme", "application_id": application.id, "email_id": 1, "employer_id": 1}
    names |= {"role_id": application.requisition_id}
    visitor.sign_in(cast.ada)
    tried = 0
    for rule in app.url_map.iter_rules():
        blueprint = rule.endpoint.partition(".")[0]
        if "POST" in rule.methods and blueprint in ("recruiter", "employer"):
            path = re.sub(r"<[^>]*?(\w+)>", lambda match: str(names[match[1]]), rule.rule)
            assert visitor.send("POST", path, data={"how": "now"}).status_code == 400, path
            tried += 1
    assert tried >= 6
    page = visitor.get(f"/e/acme/applications/{application.id}")
    assert errors_of(page) == []
    assert "Decided, not told" in words_of(page)


def test_a_lost_token_opens_no_door_to_another_employer(cast, make, visitor):
    theirs = make.decided(cast.globex).id
    visitor.sign_in(cast.remy)
    for slug in ("acme", "globex"):
        path = f"/e/{slug}/applications/{theirs}/decision"
        assert visitor.send("POST", path, data={"reason": "x"}).status_code == 404
