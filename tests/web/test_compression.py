"""Which answers are compressed: pages of links and of the public, and never one of a sign-in."""

import gzip
import re

import brotli
import pytest

from portal import accounts
from portal.extensions import db
from portal.models import Role
from tests.support.pages import TOKEN
from tests.web.candidates import FULL, LEAST, invited
from tests.web.staff import Person
from tests.web.test_matrix import import_ids, routes, team_ids

OPEN_WORLD = re.compile(r"candidate\.|public\.|static$")
TYPED = "They were kind on the phone. " * 30


def ask(client, path: str, method: str = "GET", encodings: str = "br", **options):
    headers = {"Accept-Encoding": encodings} | options.pop("headers", {})
    with client.open(path, method=method, headers=headers, **options) as response:
        response.get_data()
        return response


def test_every_route(app, make, cast):
    """What is compressed is the same for everybody; nothing else is compressed."""
    application, token = invited(make, cast.acme)
    ids = {"application_id": application.id, "email_id": 1, "employer_id": cast.acme.id}
    ids |= {"user_id": cast.ada.id, "role_id": application.requisition_id}
    ids |= team_ids(cast) | import_ids(cast.acme)
    accounts.add_membership(cast.otto, cast.acme, Role.OWNER)
    db.session.commit()
    otto, stranger = Person(app).sign_in(cast.otto).client, app.test_client()
    compressed, whole = set(), set()
    for endpoint, method, path, _ in routes(app, ids):
        if method != "GET" or endpoint == "security.logout":
            continue
        asked = path.replace("/s/" + "a" * 26, f"/s/{token}")
        answer = ask(otto, asked)
        if answer.headers.get("Content-Encoding") == "br":
            compressed.add(endpoint)
            assert OPEN_WORLD.match(endpoint), endpoint
            assert "Set-Cookie" not in answer.headers, endpoint
            text = brotli.decompress(answer.data)
            assert text == ask(stranger, asked, encodings="").data, endpoint
            marks = TOKEN.findall(text.decode(errors="replace"))
            assert not marks or endpoint.startswith("candidate."), endpoint
        elif len(answer.data) >= 500 and answer.mimetype == "text/html":
            whole.add(endpoint)
    assert len(whole) > 30
    assert not any(map(OPEN_WORLD.match, whole))
    assert {"candidate.survey", "public.home", "public.employer", "static"} <= compressed


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/e/acme/nothing-here", 404),
        ("/e/globex/applications", 404),
        ("/sign-in", 200),
        ("/password", 200),
        ("/password/" + "a" * 48, 404),
        ("/invitation/" + "a" * 40, 404),
        ("/address/" + "a" * 48, 404),
    ],
)
def test_pages_that_may_know_somebody_are_not(app, cast, path, status):
    """Whoever may be signed in; an address that leads nowhere forgets who asked."""
    person = Person(app)
    if path != "/sign-in":
        person.sign_in(cast.ada)
    answer = ask(person.client, path)
    assert answer.status_code == status
    if "nothing" in path:
        assert answer.headers["Content-Encoding"] == "br"
        assert b"ada@example.com" not in brotli.decompress(answer.data)
    else:
        assert "Content-Encoding" not in answer.headers
        assert len(answer.data) > 500


def test_a_form_that_a_signed_in_browser_lost_is_not(app, cast):
    ada = Person(app).sign_in(cast.ada)
    sent = {"title": TYPED, "csrf_token": "wrong"}
    for client in (ada.client, app.test_client()):
        answer = ask(client, "/e/acme/applications/new", "POST", data=sent)
        assert answer.status_code in (302, 400)
        assert "Content-Encoding" not in answer.headers


def test_a_survey_page_and_its_errors_are(app, make, acme, cam):
    _, token = invited(make, acme)
    link, client = f"/s/{token}", app.test_client()
    faulty = FULL | {"overall": "9", "comment": TYPED}
    unmarked = faulty | {"csrf_token": "x"}
    db.session.rollback()
    answers = {
        200: ask(client, link),
        422: ask(client, link, "POST", data=faulty),
        400: ask(client, link, "POST", data=unmarked),
        404: ask(client, link[:-1]),
        405: ask(client, link, "DELETE"),
        415: ask(client, link, "POST", data="{}", content_type="application/json"),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        assert answer.headers["Content-Encoding"] == "br", status
        assert answer.content_length == len(answer.data)
        assert "Accept-Encoding" in answer.headers["Vary"]
        text = brotli.decompress(answer.data)
        assert len(text) > 2 * len(answer.data), status
        assert text.rstrip().endswith(b"</html>")
        if status in (422, 400):
            assert TYPED.strip().encode() in text
    assert len(answers[200].data) < 30_000


@pytest.mark.parametrize("path", ["/", "/employers/acme", "{s}", "{s}x", "/static/base.css"])
def test_who_takes_which_encoding_reads_the_same(app, make, acme, path):
    _, token = invited(make, acme)
    path, client = path.replace("{s}", f"/s/{token}"), app.test_client()
    db.session.rollback()
    bare = ask(client, path, encodings="")
    assert "Content-Encoding" not in bare.headers
    for encodings, name, undo in [
        ("gzip, deflate, br, zstd", "br", brotli.decompress),
        ("gzip", "gzip", gzip.decompress),
        ("br;q=0, gzip", "gzip", gzip.decompress),
    ]:
        small = ask(client, path, encodings=encodings)
        assert small.headers["Content-Encoding"] == name
        assert undo(small.data) == bare.data
        assert small.status_code == bare.status_code
        for header in ("Cache-Control", "Referrer-Policy", "Content-Security-Policy", "Vary"):
            assert small.headers.get(header) == bare.headers.get(header), header
        head = ask(client, path, "HEAD", encodings)
        assert not head.data
        assert head.headers["Content-Encoding"] == name
        assert head.content_length == small.content_length
    assert ("Accept-Language" in bare.headers["Vary"]) is (path in ("/", "/employers/acme"))


def test_a_kept_page_is_not_sent_again(app, acme):
    client = app.test_client()
    for encodings in ("", "gzip", "br"):
        first = ask(client, "/", encodings=encodings)
        kept = {"If-None-Match": first.headers["ETag"]}
        again = ask(client, "/", encodings=encodings, headers=kept)
        assert (again.status_code, again.data) == (304, b"")
        assert again.headers["ETag"] == first.headers["ETag"]
        assert "Content-Encoding" not in again.headers


def test_small_answers_files_and_redirects_are_left_alone(app, make, cast, cam):
    _, token = invited(make, cast.acme)
    client, ada = app.test_client(), Person(app).sign_in(cast.ada).client
    thanks = cam.post(f"/s/{token}", LEAST)
    assert thanks
    assert "Content-Encoding" not in ask(client, f"/s/{token}", "POST", data=LEAST).headers
    for path in ("/health", "/robots.txt"):
        assert "Content-Encoding" not in ask(client, path).headers
    for path in ("/e/acme/closure.jsonl", "/e/acme/closure.csv", "/e/acme/closure.xlsx"):
        answer = ask(ada, path)
        assert answer.status_code == 200
        assert "Content-Encoding" not in answer.headers
