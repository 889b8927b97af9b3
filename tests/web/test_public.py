"""Pages for everybody, and the files of recruiters: what they show, and what they never do."""

import csv
import io
import json
import re
from datetime import datetime, timedelta

import psycopg
import pytest
import sqlalchemy as sa

from portal import reputation
from portal.config import settings
from portal.extensions import db, let_write, limiter
from portal.models import AuditEvent, Employer, MailState, Outcome, Role, utcnow
from portal.statistics import score
from portal.surveys import Consent
from portal.web import downloads
from tests.mail.conftest import configure
from tests.support.answers import give_answers, release, store_answers, withdraw
from tests.support.clients import FreshClient

HOSTILE = '"><svg onload=alert(1)></script><script>alert(2)</script>{{7*7}} %s {0} <bdi>'
PAGES = ("/", "/employers", "/employers/acme", "/employers/acme/privacy", "/method")


def words(page) -> str:
    return " ".join(page.get_text(" ").split())


def rating(page):
    script = page.find("script", type="application/ld+json")
    return json.loads(script.string) if script else None


def rows_of(response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.get_data().decode("utf-8-sig"), newline="")))


@pytest.fixture(autouse=True)
def fresh_contexts(app):
    """Several people sign in in one test: they must not share what a request remembers."""
    app.test_client_class = FreshClient


@pytest.fixture
def acme(make):
    return make.employer("acme", name="Acme", industry="Health")


@pytest.fixture
def recruiter(make, acme, browse):
    return browse(make.user("remy", acme, Role.RECRUITER)).client


# -- what is shown from how many answers ----------------------------------------------------------


def test_four_answers_show_nothing_anywhere(make, acme, browser, recruiter):
    give_answers(make, acme, 4)
    release(acme)
    for path in ("/", "/employers", "/employers/acme"):
        page = browser.get(path)
        assert "Not enough feedback yet" in words(page)
        assert rating(page) is None
        assert not page.find(class_="star-row")
        assert not page.select("a.chart-file[href*=score]")
        assert "Remark" not in words(page)
    for path in ("feedback/rows", "feedback/counts", "feedback/comments", "scorecards"):
        assert len(rows_of(recruiter.get(f"/e/acme/{path}.csv"))) == 1


def test_twenty_two_answers_show_a_score_with_range_and_count(make, acme, browser, recruiter):
    give_answers(make, acme, 22)
    release(acme)
    held = reputation.dashboard(acme).reputation
    stars, low, high = held.score.stars, held.score.low, held.score.high
    page = browser.get("/employers/acme")
    said = words(page)
    for expected in (
        f"{stars:.1f} of 5",
        f"95\xa0% range {low:.1f} to {high:.1f}".replace("\xa0", " "),
        "from 22 answers",
        "candidate NPS",
        "Had to ask for news",
        "Told within 7 days",
        "22 decisions",
        "Remark number 3.",
    ):
        assert expected in said, expected
    directory = browser.get("/employers")
    listed = words(directory)
    assert f"{stars:.1f} of 5" in listed
    rows_of_stars = {str(one.select_one(".star-row")) for one in (page, directory)}
    assert len(rows_of_stars) == 1
    filled = float(page.select_one(".star-row svg")["width"])
    assert filled == pytest.approx(23 * int(stars) + 20 * (stars - int(stars)), abs=0.1)
    assert "22 answers" in listed
    data = rating(page)
    assert data["@type"] == "EmployerAggregateRating"
    assert (data["ratingValue"], data["ratingCount"]) == (f"{stars:.1f}", 22)
    assert data["itemReviewed"]["url"] == "http://127.0.0.1:5000/employers/acme"
    rows = rows_of(recruiter.get("/e/acme/feedback/rows.csv"))
    assert len(rows) == 23


def test_six_answers_show_a_score_but_neither_spread_nor_comments(make, acme, browser):
    store_answers(acme, 6)
    release(acme)
    page = browser.get("/employers/acme")
    assert "from 6 answers" in words(page)
    assert page.find(id="spread-title") is None
    assert "once enough answers are together" in words(page)
    assert page.find(id="comments") is None
    assert page.find(id="trend-title") is None, "one release is no trend"
    store_answers(acme, 5)
    release(acme)
    page = browser.get("/employers/acme")
    assert page.find(id="spread-title")
    assert page.find(id="trend-title")
    assert len(page.find_all(class_="quote")) == 11


def test_waiting_answers_change_no_page(make, acme, browser):
    store_answers(acme, 12)
    release(acme)
    before = browser.client.get("/employers/acme").get_data()
    store_answers(acme, 4)
    after = browser.client.get("/employers/acme").get_data()
    assert before == after


def test_a_withdrawn_answer_takes_its_release_off_every_page(make, acme, browser, recruiter):
    tokens = give_answers(make, acme, 22)
    release(acme)
    withdraw(tokens[0])
    page = browser.get("/employers/acme")
    assert "Not enough feedback yet" in words(page)
    assert rating(page) is None
    assert "Remark" not in words(page)
    assert "Not enough feedback yet" in words(browser.get("/employers"))
    assert len(rows_of(recruiter.get("/e/acme/feedback/rows.csv"))) == 1


def test_few_decisions_are_not_called_habits(make, acme, browser):
    for _ in range(4):
        make.told(acme)
    reputation.refresh_scorecard(acme, utcnow())
    db.session.commit()
    page = browser.get("/employers/acme")
    assert page.find(id="habits") is None
    assert page.find(id="coverage-of-all") is None


def test_who_withdrew_had_nothing_to_hear(make, acme, browser):
    for _ in range(5):
        make.told(acme)
    for count in (4, 1):
        assert "nothing to tell" not in words(browser.get("/employers/acme"))
        for _ in range(count):
            make.decided(acme, Outcome.WITHDRAWN)
        reputation.refresh_habits(acme, utcnow())
        db.session.commit()
    text = words(browser.get("/employers/acme"))
    assert "5 withdrew: there was nothing to tell them." in text
    assert "Some are asked before a decision" in text


def test_habits_are_shown_without_any_answer(make, acme, browser):
    for number in range(6):
        make.told(acme, days_ago=40, told_after=number)
    make.decided(acme, Outcome.HIRED, days_ago=40, email=None)
    reputation.refresh_scorecard(acme, utcnow())
    db.session.commit()
    said = words(browser.get("/employers/acme"))
    assert "Not enough feedback yet" in said
    assert "86 % 95 % range" in said.replace("\xa0", " ")
    assert "1 of 7 decisions" in said
    assert "Below an article’s 43 %" in said.replace("\xa0", " ") or "Cannot be told" in said
    assert "Other reasons fewer than 5" in said


def test_young_decisions_are_not_judged_by_days_that_have_not_passed(make, acme, browser):
    for _ in range(6):
        make.decided(acme, days_ago=4)
    reputation.refresh_scorecard(acme, utcnow())
    db.session.commit()
    page = browser.get("/employers/acme")
    assert words(page).count("Too few decisions are that old yet") == 2
    assert page.find(id="told-title") is None
    assert page.find(id="ghost-title") is None


@pytest.mark.parametrize("stars", [1, 5])
def test_all_equal_answers_make_a_page_without_nonsense(make, acme, browser, stars):
    store_answers(acme, 10, lambda _: {"overall": stars, "recommend": 10})
    release(acme)
    page = browser.get("/employers/acme")
    for nonsense in ("nan", "NaN", "None", "inf"):
        assert not re.search(rf"\b{nonsense}\b", str(page.find("main")))


# -- who is shown ---------------------------------------------------------------------------------


def test_an_employer_that_does_not_publish_says_so_and_no_more(make, browser):
    quiet = make.employer("quiet", name="Quiet & Sons", is_published=False)
    store_answers(quiet, 12)
    release(quiet)
    page = browser.get("/employers/quiet")
    assert "not publishing" in words(page)
    assert page.find("meta", attrs={"name": "robots"})["content"] == "noindex"
    assert rating(page) is None
    assert not page.find(class_="stat")
    assert "Quiet" not in words(browser.get("/employers"))
    assert "Quiet" in words(browser.get("/employers/quiet/privacy"))


def test_an_unknown_employer_is_a_404(acme, browser):
    for slug in ("nobody", "acme%00", "%27", "acme/x", "a" * 300, "%F0%9F%92%A9"):
        browser.get(f"/employers/{slug}", 404)


def test_an_employer_not_approved_is_a_404(make, browser):
    make.employer("new", approved_at=None)
    browser.get("/employers/new", 404)
    browser.get("/employers/new/privacy", 404)


@pytest.mark.both
def test_the_directory_sorts_by_stars_and_finds_by_name(make, browser):
    for slug, stars in (("low", 1), ("high", 5), ("middle", 3)):
        employer = make.employer(slug)
        store_answers(employer, 6, lambda _, stars=stars: {"overall": stars})
        release(employer)
    make.employer("silent", name="100% Silent")
    names = [a.text for a in browser.get("/employers").find_all(class_="row__title")]
    assert names == ["High", "Middle", "Low", "100% Silent"]
    for search, found in (("igh", ["High"]), ("%", ["100% Silent"]), ("_", []), ("low", ["Low"])):
        page = browser.client.get("/employers", query_string={"q": search})
        assert re.findall(r"row__title[^>]*><bdi>(.*?)</bdi>", page.text) == found


@pytest.mark.both
def test_the_directory_takes_any_search(acme, browser):
    searches = ("%00", "%ED%A0%80", "W" * 5000, "'", "%5C", "%E2%80%AEabc", "%25")
    pages = ("0", "-3", "999999999999999999999", "x", "")
    for query in (*(f"q={text}" for text in searches), *(f"page={text}" for text in pages)):
        browser.get(f"/employers?{query}")


@pytest.mark.both
def test_the_directory_has_pages(make, browser):
    for number in range(27):
        make.employer(f"employer-{number:02}")
    first, second = browser.get("/employers"), browser.get("/employers?page=2")
    assert len(first.find_all(class_="row__title")) == 25
    assert len(second.find_all(class_="row__title")) == 2
    assert first.find("a", rel="next")["href"] == "/employers?page=2"
    assert browser.get("/employers?page=99").find("a", rel="prev")


def test_empty_lists_say_why(browser):
    assert "No employer publishes its figures yet" in words(browser.get("/"))
    assert "No employer publishes its figures yet" in words(browser.get("/employers"))
    assert "No employer matches" in words(browser.get("/employers?q=zzz"))


# -- hostile names --------------------------------------------------------------------------------


def test_hostile_names_are_text_on_pages_in_data_and_in_files(make, browser, browse):
    acme = make.employer("acme", name=HOSTILE, industry=HOSTILE[:100], postal_address=HOSTILE)
    store_answers(acme, 12, lambda _: {"comment": HOSTILE})
    release(acme)
    for path in PAGES:
        page = browser.get(path)
        assert not page.find_all("svg", onload=True)
        assert {
            script.get("src", "").partition("?")[0] or script["type"]
            for script in page.find_all("script")
        } <= {"/static/heardback.js", "application/ld+json"}
        assert "49" not in str(page.title)
    assert HOSTILE in browser.get("/employers/acme").find("h1").text
    raw = browser.client.get("/employers/acme").text
    data = re.search(r'<script type="application/ld\+json">(.*?)</script>', raw, re.DOTALL)[1]
    assert json.loads(data)["itemReviewed"]["name"] == HOSTILE
    assert "<" not in data
    client = browse(make.user("remy", acme, Role.RECRUITER)).client
    assert list({row[1] for row in rows_of(client.get("/e/acme/feedback/comments.csv"))[1:]}) == [
        HOSTILE
    ]


def test_names_of_any_script_are_isolated(make, browser):
    acme = make.employer("acme")
    for name in ("شركة محمد بن سلمان", "\u202egnp.exe", "W" * 200, "é\u0301" * 66, "👩‍👩‍👧‍👦 Ltd"):
        db.session.rollback()
        acme.name = name
        db.session.commit()
        for path in ("/employers", "/employers/acme", "/employers/acme/privacy"):
            page = browser.get(path)
            assert name in [bdi.text for bdi in page.find_all("bdi")]


# -- the method and the privacy notice ------------------------------------------------------------


def test_the_method_shows_the_parameters_in_force_and_a_true_example(app, browser):
    config = settings()
    for name, value in (("MIN_ANSWERS", 7), ("MIN_COMMENTS", 14), ("HALF_LIFE_DAYS", 90)):
        object.__setattr__(config, name, value)
    page = browser.get("/method")
    facts = dict(
        zip(
            (dt.text for dt in page.find_all("dt")),
            (dd.text for dd in page.find_all("dd")),
            strict=True,
        )
    )
    assert facts["For any figure"] == "7 answers"
    assert facts["Half-life"] == "An answer counts half after 90 days"
    assert "2 ^ (−age in days / 90)" in words(page)
    example = score.posterior_score(score.WeightedCounts((2, 2, 6, 12, 8), 30), score.DEFAULT_PRIOR)
    assert f"{example.stars:.3f} stars" in words(page)
    rows = [
        [float(td.text) for td in tr.find_all(["th", "td"])]
        for tr in page.find("tbody").find_all("tr")
    ]
    stars = sum(row[0] * row[3] for row in rows) / sum(row[3] for row in rows)
    assert stars == pytest.approx(example.stars, abs=5e-4), "the table leads to the result"
    for said in (
        "could not be traced",
        "Whoever has the secret key or the emails can open answers until they are deleted",
        "no software undoes that",
        "22 % to 40 %",
        "0 %, 45 %, 45 %, 63 %",
        "hidden below 30 answers of candidates turned down",
        "further than 0.35 stars to either side",
        "Above 10 %, with the range wholly above 6 %",
    ):
        assert said in words(page).replace("\xa0", " ")


def test_the_score_on_a_page_follows_from_the_method(make, acme, browser):
    """All answers young, in one cell: the page's stars by the formula, from nothing but counts."""
    store_answers(acme, 20, lambda _: {})
    release(acme)
    shown = reputation.dashboard(acme).reputation
    counts = list(shown.histogram)
    assert sum(counts) == shown.answers == 20
    bars = browser.get("/employers/acme").find(id="spread-caption").find_parent("table")
    assert [int(tr.find_all("td")[0].text) for tr in bars.tbody.find_all("tr")] == counts[::-1]


def test_the_privacy_notice_names_who_is_responsible(app, make, browser):
    object.__setattr__(settings(), "OPERATOR_NAME", "the Job Board")
    object.__setattr__(settings(), "OPERATOR_EMAIL", "privacy@board.example")
    make.employer("acme", check_in_after_days=33)
    page = browser.get("/employers/acme/privacy")
    for said in ("The Job Board runs", "privacy@board.example", "people@acme.example",
                 "1 Main Street", "33 days after", "14 days",
                 "figures from at least 5 people, and from 10 on a shuffled list"):  # fmt: skip
        assert said in words(page), said


# -- for browsers, caches and machines ------------------------------------------------------------


def test_public_answers_are_cached_and_set_no_cookie(acme, make, browse, browser):
    member = browse(make.user("ada", acme, Role.OWNER)).client
    for path in (*PAGES, "/robots.txt"):
        check_caching(path, browser.client, member)


def check_caching(path, nobody, somebody):
    visitor = nobody.get(path)
    assert visitor.headers["Cache-Control"] == "public, max-age=60"
    again = nobody.get(path, headers={"If-None-Match": visitor.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")
    member = somebody.get(path)
    assert member.get_data() == visitor.get_data(), "the same for everybody"
    for response in (visitor, member, again):
        assert "Set-Cookie" not in response.headers
        assert "Cookie" not in response.headers.get("Vary", "")
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in response.headers["Content-Security-Policy"]


def test_a_new_release_makes_a_new_etag(make, acme, browser):
    old = browser.client.get("/employers/acme").headers["ETag"]
    store_answers(acme, 6)
    release(acme)
    fresh = browser.client.get("/employers/acme", headers={"If-None-Match": old})
    assert fresh.status_code == 200
    assert fresh.headers["ETag"] != old


@pytest.mark.both
def test_health_says_whether_work_can_be_done(app, browser):
    answer = browser.client.get("/health")
    assert answer.json == {"status": "ok", "database": "ok", "mail": "ok"}
    assert answer.headers["Cache-Control"] == "no-store"
    db.session.rollback()
    db.session.add(MailState(id=1, paused_at=utcnow(), reason="535 secret words"))
    db.session.commit()
    answer = browser.client.get("/health")
    assert answer.status_code == 200
    assert answer.json == {"status": "degraded", "database": "ok", "mail": "paused"}


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_health_says_when_nothing_can_be_written(browser, database_url):
    name = database_url.rpartition("/")[2]
    with psycopg.connect(database_url, autocommit=True) as owner:
        owner.execute(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
        try:
            db.session.remove()
            db.engine.dispose()
            answer = browser.client.get("/health")
        finally:
            owner.execute(f"ALTER DATABASE {name} RESET default_transaction_read_only")
            db.engine.dispose()
    assert answer.status_code == 503
    assert answer.json["database"] == "read-only"


def test_where_to_report_a_hole_is_said_where_it_is_looked_for(app, browser):
    where = "/.well-known/security.txt"
    assert browser.client.get(where).status_code == 404, "there is nobody to name"
    configure(app, OPERATOR_EMAIL="safe@example.org")
    answer = browser.client.get(where)
    assert answer.mimetype == "text/plain"
    assert "Contact: mailto:safe@example.org\n" in answer.text
    expires = datetime.fromisoformat(re.search(r"Expires: (\S+)", answer.text)[1])
    assert timedelta(days=30) < expires - utcnow() < timedelta(days=365)


def test_robots_stay_out_of_peoples_pages(browser):
    text = browser.client.get("/robots.txt").text
    assert text.startswith("User-agent: *\n")
    for path in ("/e/", "/s/", "/u/", "/d/"):
        assert f"Disallow: {path}\n" in text


# -- downloads ------------------------------------------------------------------------------------

FILES = ("feedback/rows", "feedback/counts", "feedback/comments", "closure", "scorecards")
FIGURES_ALONE = ("feedback/counts", "scorecards")


def test_files_come_as_attachments_in_three_forms(make, acme, recruiter):
    make.told(acme)
    store_answers(acme, 12)
    release(acme)
    for path in FILES:
        check_attachment(recruiter, path)


def check_attachment(recruiter, path):
    for form, kind in (("csv", "text/csv"), ("jsonl", "application/jsonl"),
                       ("xlsx", "application/vnd.openxmlformats-")):  # fmt: skip
        response = recruiter.get(f"/e/acme/{path}.{form}")
        assert response.status_code == 200
        assert response.headers["Content-Type"].startswith(kind)
        name = f"acme-{path.replace('/', '-')}-{utcnow():%Y-%m-%d}.{form}"
        assert response.headers["Content-Disposition"] == f"attachment; filename={name}"
        assert response.headers["Cache-Control"] == "no-store"
        assert len(response.get_data()) > 70
    assert recruiter.get(f"/e/acme/{path}.pdf").status_code == 404


@pytest.mark.both
def test_a_large_file_comes_from_disk_and_is_the_same(make, acme, recruiter, monkeypatch):
    make.told(acme)
    small = recruiter.get("/e/acme/closure.csv").get_data()
    monkeypatch.setattr(downloads, "KEPT_IN_MEMORY", 10)
    with recruiter.get("/e/acme/closure.csv") as response:
        assert response.get_data() == small


def test_an_empty_file_has_its_header_and_says_so_in_its_name(acme, recruiter):
    for path in FILES:
        response = recruiter.get(f"/e/acme/{path}.csv")
        assert "nothing-yet.csv" in response.headers["Content-Disposition"]
        assert len(rows_of(response)) == 1


def test_files_go_to_the_employers_people_alone_and_persons_to_recruiters(make, acme, app, browse):
    globex = make.employer("globex")
    vera = browse(make.user("vera", acme, Role.VIEWER)).client
    olga = browse(make.user("olga", globex, Role.OWNER)).client
    ada = browse(make.user("ada", acme, Role.OWNER)).client
    for path in FILES:
        address = f"/e/acme/{path}.csv"
        assert app.test_client().get(address).status_code == 302
        assert olga.get(address).status_code == 404
        assert vera.get(address).status_code == (200 if path in FIGURES_ALONE else 404)
        assert ada.get(address).status_code == 200
        assert ada.post(address).status_code in (400, 405)


def test_a_download_is_noted_without_names(make, acme, recruiter):
    make.told(acme, name="Cam Secret", email="cam.secret@example.net")
    recruiter.get("/e/acme/closure.csv")
    query = sa.select(AuditEvent).where(AuditEvent.action == "file.downloaded")
    [row] = db.session.scalars(query)
    assert (row.employer_id, row.detail) == (acme.id, {"file": "closure", "form": "csv"})


@pytest.mark.both
def test_only_the_log_of_files_is_written_by_a_get(acme, app):
    change = sa.update(Employer).values(name="x")

    def refused() -> None:
        with pytest.raises(sa.exc.DBAPIError, match=r"readonly|read-only"):
            db.session.execute(change)
        db.session.rollback()

    db.session.rollback()
    with app.test_request_context("/e/acme/closure.csv"):
        refused()
        let_write()
        db.session.execute(change)
        db.session.rollback()
        refused()


def test_downloads_are_limited_per_person(make, acme, browse):
    remy, ada = (browse(make.user(name, acme, Role.RECRUITER)).client for name in ("remy2", "ada2"))
    limiter.reset()
    codes = [remy.get("/e/acme/scorecards.csv").status_code for _ in range(31)]
    assert codes == [200] * 30 + [429]
    refused = remy.get("/e/acme/closure.csv")
    assert refused.status_code == 429, "one limit for all files"
    assert 0 < int(refused.headers["Retry-After"]) <= 3600
    assert ada.get("/e/acme/scorecards.csv").status_code == 200
    limiter.reset()


def test_published_words_are_only_those_whose_writers_agreed(make, acme, browser):
    choices = list(Consent)
    store_answers(
        acme,
        12,
        lambda n: {"words": choices[n % 3], "comment": f"{choices[n % 3]} by x{n}@mail.example"},
    )
    release(acme, utcnow() - timedelta(days=3))
    quotes = [
        quote.blockquote.text for quote in browser.get("/employers/acme").find_all(class_="quote")
    ]
    assert quotes == ["public by [removed]"] * 4
