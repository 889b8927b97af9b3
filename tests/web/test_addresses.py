"""A link opens its page whatever mail programs, chat programs and people have made of it."""

import http.client
import re
import time
from itertools import pairwise
from urllib.parse import quote, unquote, urlsplit

import pytest
import sqlalchemy as sa
from hypothesis import given, settings
from hypothesis import strategies as st

from portal import accounts, credentials, links, team
from portal.extensions import db
from portal.models import DataRequest, DataWish, Role, utcnow
from tests.web.candidates import LEAST, all_stored, chosen, invited, whole_database
from tests.web.staff import Person

LETTERS = "abcdefghijklmnopqrstuvwxyz234567"
PATHS = tuple(links.LENGTHS)
TOKEN = "abcdefghijklmnopqrstuvwx23"
# What stands after a link in a text, and is taken for a part of it.
AFTER = (
    *".,;:!?)]}'*_~|/-=+$&@>\"»›”’…。、，！）」】\\`^؟،।🙂™é",
    *("...", ".)", ").", ".'", "/.", "//", "/>", "请回答"),
)
# How a link is spelled: {t} is its token, {a} and {b} are the token's halves.
MANGLED = [
    *("{t}" + (sign if sign in "?/&" else quote(sign, safe="/)]'*~|=+$@,;:!")) for sign in AFTER),
    *("{t}%3E", "{t}%3E.", "{t}%22%3E", "{t}%3C/a%3E", "{t}.%3C/p%3E", "{t}%5D(x", "{t})."),
    # encoded, twice and three times
    *("{t}%20", "{t}%C2%A0", "{t}.%C2%A0", "{t}%0A", "{t}%0D%0A", "{t}%09", "{t}%00", "{t}%A0"),
    *("{t}%253E", "{t}%25C2%25A0", "{t}%25253E", "%253C{t}%253E", "{t}%EF%BC%8E", "{t}%EF%BF%BD"),
    # signs before it
    *("%3C{t}", "({t})", "%22{t}%22", "'{t}'", "%20{t}", "/{t}", "%EF%BB%BF{t}", "%C2%AB{t}%C2%BB"),
    # what cannot be seen, anywhere
    *("{a}%E2%80%8B{b}", "{t}%E2%80%8B", "{t}%E2%80%8E", "{a}%E2%81%A0{b}", "{a}%C2%AD{b}"),
    *("{a}%EF%BB%BF{b}", "{a}%E2%80%8D{b}", "{a}&shy;{b}", "{a}%26%238203;{b}"),
    "%E2%80%AA{t}%E2%80%AC",
    # broken into lines: by the writer, by the mail's encoding, in a reply, by a hyphen
    *("{a}%20{b}", "{a}%0A{b}", "{a}%0D%0A{b}", "{a}%0D%0A%20{b}", "{a}%20%20{b}", "{a}=%0A{b}"),
    *("{a}=%0D%0A{b}", "{a}%0A%3E%20{b}", "{a}-%0A{b}", "{a}=%20{b}"),
    # left over from the mail's encoding and from HTML
    *("{t}=3D", "{t}=0D=0A", "{t}=20", "{t}&nbsp;", "{t}&gt;", "{t}&gt", "{t}&quot;"),
    "{t}&amp;s=4",
    *("&lt;{t}&gt;", "{t}%26gt%3B", "{t}%22%20target=%22_blank"),
    # a whole text after it
    *("{t}%20Thanks%20a%20lot", "{t}.%0D%0A%0D%0AKind%20regards", "{t}%3Chttps://x.org/s/{t}%3E"),
    # its arguments, and others'
    *("{t}&s=4", "{t}%3Fs=4", "{t};s=4", "{t}?s=4%3E", "{t}?s=4&amp;lang=en", "{t}?", "{t}?&"),
    "{t}?=3D",
    *("{t}?utm_source=mail&utm_medium=x", "{t}?fbclid=IwAR0_x-9", "{t}?mc_eid=1a2b&mc_cid=2"),
    "{t}#x",
]
LOUD = str.upper, str.title, lambda text: text.translate({ord(x): ord(x) + 0xFEE0 for x in LETTERS})
NOT_THE_LINK = [
    *(
        "{a}",
        "{t}a",
        "{t}7",
        "{t}0",
        "a{t}",
        "{t}{t}",
        "{a}/{b}",
        "{t}/x",
        "{t}/withdrawn",
        "{t}%61",
    ),
    *("{a}%2F{b}", "0{t}", "{a}0{b}", "{a}1{b}", "{t}%EF%BC%A1", "x/{t}", ""),
]

FOUR = (
    *("4.", "4>", "4%3E", "4%253E", "4=", "3D4", "=3D4", "=4", "4=0D=0A", "4%0A", "4&gt;", "4&"),
    *("4;", "%EF%BC%94", "４"),
)
NO_STAR = ("", "0", "6", "9", "44", "4.5", "-4", "4x", "four", "3D", "٤")


def mangle(how: str, token: str) -> str:
    half = len(token) // 2
    return how.replace("{t}", token).replace("{a}", token[:half]).replace("{b}", token[half:])


def clean(path: str, query: str = "") -> tuple[str, str]:
    """As a server hands an address over: decoded once."""
    return links.clean_address(unquote(path, errors="replace"), query)


def of_length(length: int) -> str:
    return (TOKEN * 2)[:length]


@pytest.mark.parametrize("path", PATHS)
def test_every_kind_of_link_is_cleaned(path):
    token = of_length(links.LENGTHS[path])
    for how in MANGLED:
        address, _, query = mangle(how, token).partition("#")[0].partition("?")
        assert clean(f"/{path}/{address}", query)[0] == f"/{path}/{token}", how


@pytest.mark.parametrize("loud", LOUD)
@pytest.mark.parametrize("path", PATHS)
def test_capitals_and_wide_letters_are_the_same_letters(path, loud):
    token = of_length(links.LENGTHS[path])
    assert clean(f"/{path.upper()}/{loud(token)}")[0] == f"/{path}/{token}"


@pytest.mark.parametrize("path", PATHS)
def test_what_is_not_the_link_does_not_become_it(path):
    token = of_length(links.LENGTHS[path])
    for how in NOT_THE_LINK:
        assert clean(f"/{path}/{mangle(how, token)}")[0] != f"/{path}/{token}", how


@pytest.mark.parametrize(
    ("query", "known"),
    [
        ("s=4", "s=4"),
        *((f"s={text}", "s=4") for text in FOUR),
        *((f"s={text}", "") for text in NO_STAR),
        ("&amp;s=4&amp;lang=fr", "s=4&lang=fr"),
        ("s=3&amp;lang=fr.", "s=3&lang=fr"),
        ("LANG=FR&S=2", "lang=fr&s=2"),
        ("utm_source=x&s=5&fbclid=s=1", "s=5"),
        ("s=1&s=5", "s=1"),
        ("again=1&back=1&done=1", "again=1&back=1&done=1"),
    ],
)
def test_arguments_are_read_as_they_were_meant(query, known):
    assert clean(f"/s/{TOKEN}", query) == (f"/s/{TOKEN}", known)


@pytest.mark.parametrize("page", ["withdraw", "thanks", "fresh"])
@pytest.mark.parametrize(
    "how", ["{t}/{p}.", "{t}//{p}%3E", "{t}./{p}", "{t}/{p}/", "{a}%0A{b}/{p}"]
)
def test_a_page_of_the_link_stays_that_page(page, how):
    assert clean(f"/s/{mangle(how, TOKEN).replace('{p}', page)}")[0] == f"/s/{TOKEN}/{page}"


@pytest.mark.parametrize(
    "path", ["/", "/employers/acme", "/static/x.css", "/e/acme/a", "/password"]
)
def test_other_addresses_stay_as_they_are(path):
    for query in ("", "s=4.&q=%C3%A9", "lang=fr>"):
        assert links.clean_address(path, query) == (path, query)


def without_letters(text: str) -> str:
    """TEXT without what counts: ASCII letters and digits, and what may spell one or a slash."""
    return re.sub("[a-z0-9/%&?\uff01-\uff5e]", "", text, flags=re.ASCII | re.IGNORECASE)


signs = st.text(st.characters(exclude_categories=["Cs"]), max_size=30).map(without_letters)


@given(st.text(LETTERS, min_size=26, max_size=26), st.data())
@settings(max_examples=300, deadline=None)
def test_signs_around_and_within_a_token_do_not_count(token, data):
    cuts = [0, *sorted(data.draw(st.lists(st.integers(1, 25), max_size=4))), 26]
    pieces = [token[a:b] for a, b in pairwise(cuts)]
    text = "".join(data.draw(signs) + piece for piece in pieces)
    after = data.draw(signs) + data.draw(st.sampled_from(["", ". Thanks", " / x", "&gt;", "<x"]))
    for path in (f"/s/{text}{after}", unquote(f"/s/{quote(quote(text + after))}")):
        assert links.clean_address(path, "")[0] == f"/s/{token}"


@given(st.text(st.one_of(st.sampled_from(LETTERS + "018 .=%<&;/"), st.characters())))
@settings(max_examples=500, deadline=None)
def test_no_text_becomes_a_token_that_it_does_not_spell(text):
    for path in PATHS:
        cleaned, _ = links.clean_address(f"/{path}/{text}", text)
        if cleaned == f"/{path}/{text}":
            continue
        token = cleaned.removeprefix(f"/{path}/").partition("/")[0]
        assert len(token) == links.LENGTHS[path], "nothing longer or shorter is looked for"
        assert set(token) <= set(LETTERS)


@pytest.mark.parametrize("junk", ["a", ".", "a.", "%253E", "&lt", "=\n", "/", "?s=", "3d", "é"])
def test_an_endless_address_takes_no_time(junk):
    endless = junk * (100_000 // len(junk))
    start = time.process_time()
    for address in (("/s/" + endless, ""), (f"/s/{TOKEN}" + endless, endless), (endless, endless)):
        links.clean_address(*address)
    assert time.process_time() - start < 0.05


# -- the pages ------------------------------------------------------------------------------------


@pytest.fixture
def addresses(make, cast):
    """A link of every kind, by its path."""
    application, token = invited(make, cast.acme)
    candidate = application.candidate
    request = DataRequest(
        employer_id=cast.acme.id, candidate_id=candidate.id, wish=DataWish.SEE, asked_at=utcnow()
    )
    db.session.add(request)
    cast.ada.new_email = "ada@example.org"
    invitation = team.invite(cast.acme, cast.ada, "dana@example.com", Role.VIEWER, utcnow())
    db.session.flush()
    urls = [
        links.survey_url(token),
        links.unsubscribe_url(cast.acme.id, candidate.email),
        links.data_request_url(request.id, utcnow(), candidate.email),
        links.own_data_url(cast.acme.id, candidate.id, candidate.email),
        links.status_url(application.id, candidate.email),
        credentials.url_of("password", cast.ada, utcnow()),
        credentials.url_of("address", cast.ada, utcnow()),
        links.team_invitation_url(invitation.id, invitation.ends_at),
    ]
    db.session.commit()
    return dict(zip(PATHS, (urlsplit(url).path for url in urls), strict=True))


def mangled(address: str, how: str) -> str:
    before, _, token = address.rpartition("/")
    return f"{before}/{mangle(how, token)}"


SOME = [
    "{t}.",
    "{t}%3E",
    "{t}%253E",
    "%3C{t}%3E",
    "{a}%0A{b}",
    "{t}&gt;",
    "{t}//",
    "{t}?s=4&amp;lang=en",
]


@pytest.mark.parametrize("path", PATHS)
def test_every_kind_opens_the_same_page(addresses, app, cast, path):
    address = addresses[path]
    person = Person(app)
    if path == "address":
        person.sign_in(cast.ada)
    before = whole_database()
    heading = person.get(address).h1.text
    for how in [*SOME, mangle("{t}", address.rpartition("/")[2]).upper()]:
        page = person.get(mangled(address, how))
        assert page.h1.text == heading, how
        actions = {tag["action"] for tag in page.main.select("form[method=post]")}
        assert {action.partition("?")[0] for action in actions} <= {address}, how
    assert whole_database() == before


def test_the_survey_opens_whatever_was_made_of_its_link(make, acme, cam):
    _, token = invited(make, acme)
    for how in MANGLED:
        page = cam.get(f"/s/{mangle(how, token)}")
        assert page.form["action"].partition("?")[0] == f"/s/{token}", how
        assert chosen(page).get("overall") == ("4" if "s=4" in how else None), how


def test_it_is_answered_in_place(make, acme, cam):
    _, token = invited(make, acme)
    for how in MANGLED[::6]:
        thanks = cam.post(f"/s/{mangle(how, token)}", LEAST)
        assert thanks.partition("?")[0] == f"/s/{token}/thanks", how
    assert len(all_stored()) == 1


@pytest.mark.parametrize("how", ["{t}.", "{t}%3E", "{a}%0D%0A%20{b}", "{t}//"])
def test_one_click_stops_mail_without_being_sent_elsewhere(addresses, cam, how):
    one_click = {"List-Unsubscribe": "One-Click"}
    cam.post(mangled(addresses["u"], how), one_click, status=200)
    assert db.session.scalar(sa.text("SELECT count(*) FROM suppression")) == 1


def test_another_link_is_unknown(make, acme, cam):
    _, token = invited(make, acme)
    unknown = cam.get("/s/" + "a" * 26, status=404)
    for how in NOT_THE_LINK:
        assert cam.get(f"/s/{mangle(how, token)}", status=404) == unknown, how


def test_spellings_of_one_link_share_its_limit(make, acme, cam):
    _, token = invited(make, acme)
    for number in range(31):
        sent = cam.send("POST", f"/s/{token}{'.' * number}", data={})
    assert sent.status_code == 429


def test_a_team_is_joined_and_a_password_chosen(addresses, app, cast):
    new = Person(app)
    join = mangled(addresses["invitation"], "%3C{t}%3E.")
    new.post(join, {"new_password": "a long new password"})
    ada = Person(app)
    ada.post(mangled(addresses["password"], "{a}%0A{b}"), {"new_password": "a long new password"})
    db.session.rollback()
    assert accounts.find_user("dana@example.com")
    assert accounts.find_user("ada@example.com").verify_and_update_password("a long new password")


def test_a_real_server_hands_it_on(make, acme, site):
    _, token = invited(make, acme)
    server = http.client.HTTPConnection(site.removeprefix("http://"))
    for path in (f"{token}%3E", f"%E2%80%8B{token}%C2%A0", f"{token}//", token + "." * 20_000):
        server.request("GET", f"/s/{path}")
        answer = server.getresponse()
        answer.read()
        assert answer.status == 200
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
