"""What an employer's members see of its reputation, and what cannot be said yet."""

import re
from datetime import timedelta

import pytest

from portal import reputation
from portal.extensions import db
from portal.models import (
    Email,
    Invitation,
    InvitationState,
    Outcome,
    SealedAnswer,
    SkipReason,
    utcnow,
)
from tests.support import answers
from tests.support.causal import CAUSAL
from tests.support.statements import noting_statements
from tests.web.staff import Person, words_of

HERE, HABITS, LEVERS = "/e/acme/", "/e/acme/habits", "/e/acme/levers"


@pytest.fixture
def vera(cast, app):
    return Person(app).sign_in(cast.vera)


def answer(make, employer, stars: int, **more) -> None:
    """One told candidate's answer, waiting to be released."""
    token = make.link(make.told(employer))
    answers.answer(token, recommend=min(10, 2 * stars), overall=stars, **more)
    db.session.commit()


def release(make, employer, stars: list[int], days_ago: int = 0, **more):
    for rating in stars:
        answer(make, employer, rating, **more)
    assert answers.release(employer, utcnow() - timedelta(days=days_ago)).answers == len(stars)
    reputation.refresh_habits(employer, utcnow())
    db.session.commit()


def sections(page) -> set[str]:
    return {heading.text for heading in page.main.select("h2")}


def test_before_anything_the_page_says_what_is_missing_and_why(cast, vera):
    page = vera.get(HERE)
    text = words_of(page)
    assert "Not enough feedback yet" in text
    assert "A score needs 5 released answers" in text
    assert "No habits yet" in text
    assert "How many wait is not shown" in text
    assert not page.select(".chart-svg")
    assert "Who is behind the figures" not in sections(page)


@pytest.mark.parametrize("count", [1, 4])
def test_fewer_than_five_answers_look_like_none(cast, make, vera, count):
    for stars in range(count):
        answer(make, cast.acme, stars + 1)
    assert reputation.release_batch(cast.acme, utcnow(), answers.READER) is None
    reputation.refresh_habits(cast.acme, utcnow())
    db.session.commit()
    page = vera.get(HERE)
    assert "Not enough feedback yet" in words_of(page)
    assert "Releases" not in sections(page)
    assert page.find("th", string="Answered and released") is None
    assert "Too few so far to show." in words_of(page)


def test_five_answers_bring_a_score_with_interval_count_and_label(cast, make, vera):
    release(make, cast.acme, [4, 4, 5, 3, 1])
    page = vera.get(HERE)
    hero = page.select_one(".card--score")
    assert re.search(r"95\s% range \d\.\d to \d\.\d", hero.text)
    assert "from 5 answers" in hero.text
    assert "Early" in hero.select_one(".badge").text
    assert re.search(r"\d+ of 100 points, 95\s% range", hero.text)
    assert "It is not today’s level" in hero.text
    text = words_of(page)
    assert "candidate NPS" in text
    assert "Shown from 10 released answers on." in text  # the histogram's floor
    assert "How the stars are spread" not in [p.text for p in page.select(".chart__title")]
    assert "It takes two releases of feedback." in text


def test_questions_that_too_few_answered_are_left_out_with_the_reason(cast, make, vera):
    release(make, cast.acme, [4, 4, 5, 3, 1])
    text = words_of(vera.get(HERE))
    assert text.count("Fewer than 5 answered this question") == 2


def test_resentment_and_chasers_have_their_intervals(cast, make, vera):
    release(make, cast.acme, [1, 2, 1, 2, 1], chased="once", relationship="elsewhere")
    page = vera.get(HERE)
    for label in ("Turn away after this", "Had to ask for news"):
        stat = page.find("h3", string=label).parent
        assert re.search(r"95\s% range \d+\s% to \d+\s%", stat.text)
        assert "from 5 answers" in stat.text


def test_ten_answers_in_two_releases_bring_histogram_trend_and_history(cast, make, vera):
    release(make, cast.acme, [5, 4, 4, 3, 5], days_ago=40)
    release(make, cast.acme, [3, 3, 2, 4, 1])
    page = vera.get(HERE)
    titles = {title.text for title in page.select(".chart__title")}
    assert {"How the stars are spread", "From release to release"} <= titles
    assert page.select_one(".card--score svg title").text == "Score on the line from 1 to 5 stars"
    history = page.find(id="release-history").select("tbody tr")
    assert len(history) == 2
    assert [row.select("td")[0].text.strip() for row in history] == ["5", "5"]


def test_beside_a_release_that_held_some_back_the_page_says_why(app, cast, make, vera, browser):
    said = "some answers wait for the next release, so that no single answer is certain."
    release(make, cast.acme, [5, 4, 4, 3, 5])
    assert said not in words_of(vera.get(HERE))
    globex = cast.globex
    for stars in (5, 4, 4, 3, 5, 1, 2):  # all who were asked
        answer(make, globex, stars)
    assert reputation.release_batch(globex, utcnow(), answers.READER).answers == 5
    db.session.commit()
    section = (
        Person(app).sign_in(cast.olga).get("/e/globex/").find(id="opinions").find_parent("section")
    )
    assert said in " ".join(section.text.split())
    assert said not in words_of(browser.get("/employers/globex"))


def test_every_chart_says_what_it_shows_in_words_and_as_a_table(cast, make, vera):
    make.told(cast.acme, days_ago=50)
    release(make, cast.acme, [5, 4, 4, 3, 5], days_ago=40)
    release(make, cast.acme, [3, 3, 2, 4, 1])
    figures = [*vera.get(HERE).select("figure.chart"), *vera.get(HABITS).select("figure.chart")]
    assert len(figures) >= 4 + 3
    for figure in figures:
        assert figure.svg.desc.text.strip()
        assert figure.select_one("table caption").text.strip()
        assert figure.svg["role"] == "img"


def test_habits_come_with_intervals_and_the_articles_line(cast, make, vera):
    for told_after in (0, 1, 2, 5, 12):
        make.told(cast.acme, days_ago=60, told_after=told_after)
    make.decided(cast.acme, days_ago=60)
    make.decided(cast.acme, Outcome.WITHDRAWN, days_ago=60)  # nothing was owed
    reputation.refresh_habits(cast.acme, utcnow())
    db.session.commit()
    page = vera.get(HABITS)
    text = words_of(page)
    assert "From your own records of 6 decisions" in text
    assert "Half of the candidates are told within 2 days of the decision." in text
    shares = [
        page.find("h3", string=re.compile(f"Told within {days}\\s")).parent
        for days in (3, 7, 14, 30)
    ]
    assert [stat.select_one(".stat__value").text for stat in shares] == [
        "50\xa0%",
        "67\xa0%",
        "83\xa0%",
        "83\xa0%",
    ]
    assert all("95\xa0% range" in stat.text for stat in shares)
    never = page.find("h3", string=re.compile("Not told within 30\\s")).parent
    assert never.select_one(".stat__value").text == "17\xa0%"
    assert never.select_one(".stat__n").text == "1 of 6 decisions"
    assert never.select_one(".badge").text == "Cannot be told apart from an article’s 43\xa0%"
    rows = page.find(id="channels-caption").parent.select("tbody tr")
    ways = {row.th.text: row.td.text for row in rows}
    assert ways == {
        "By phone or in person": "5",
        "By email or letter": "0",
        "In your application portal": "0",
        "Not told": "1",
    }


def test_who_is_told_the_same_day_reads_so(cast, make, vera):
    make.told(cast.acme, told_after=0)
    reputation.refresh_habits(cast.acme, utcnow())
    db.session.commit()
    text = words_of(vera.get(HABITS))
    assert "From your own records of 1 decision;" in text
    assert "Half of the candidates are told on the day of the decision." in text


def test_young_decisions_are_not_called_silence(cast, make, vera):
    make.decided(cast.acme, days_ago=5)
    reputation.refresh_habits(cast.acme, utcnow())
    db.session.commit()
    text = words_of(vera.get(HABITS))
    assert text.count("Too few decisions are that old yet") == 3  # told within 7, 14, 30 days
    assert text.count("No decision is that old yet") == 2  # not told within 14, 30
    assert "decisions have been followed to day 5 so far" in text


def _step(page, name: str) -> str:
    return page.find("th", string=name).find_next("td").text


@pytest.mark.both
def test_coverage_counts_everybody_and_says_why_some_were_not_asked(cast, make, vera):
    asked = [make.told(cast.acme) for _ in range(6)]
    for application in asked:
        make.link(application)
        invitation = make.invitation(application)
        db.session.add(
            Email(
                employer_id=cast.acme.id,
                kind="invite",
                invitation_id=invitation.id,
                dedup_key=f"invite:{invitation.id}",
                message_id=f"<{invitation.id}@x>",
                verp_tag=str(invitation.id),
                to_address="cam@example.net",
                state="sent",
                sent_at=utcnow(),
            )
        )
    for reason in SkipReason:
        skipped = make.invitation(make.decided(cast.acme))
        skipped.state, skipped.skip_reason = InvitationState.SKIPPED, reason
    reputation.refresh_habits(cast.acme, utcnow())
    db.session.commit()
    page = vera.get(HERE)
    assert _step(page, "Decided") == "19"
    assert _step(page, "Told") == "6 of 19 (32\xa0%)"
    assert _step(page, "Asked for feedback") == "6"
    assert _step(page, "Handed to the mail server") == "6 of 6 (100\xa0%)"
    reasons = page.find(id="not-asked").parent.select("tbody tr")
    assert len(reasons) == len(SkipReason)
    assert all(row.td.text == "1" and "_" not in row.th.text for row in reasons)


def test_everybody_decided_upon_is_asked_or_to_be_asked_or_counted_with_a_reason(cast, make, vera):
    for application in [make.told(cast.acme) for _ in range(6)]:
        make.link(application)
    make.link(make.application(cast.acme))  # asked while nothing is decided
    make.application(cast.acme)  # planned, and nothing is decided either
    make.application(cast.acme, email=None)  # cannot be asked, and nothing is decided
    make.decided(cast.acme, Outcome.WITHDRAWN)
    make.decided(cast.acme)
    make.decided(cast.acme, email=None)
    reputation.refresh_habits(cast.acme, utcnow())
    db.session.commit()
    counted = reputation.dashboard(cast.acme).coverage
    assert counted.invited == 7
    assert counted.undecided_invited == 1
    assert counted.waiting == 2
    assert counted.skipped == {"no_email": 1}
    with_a_decision = counted.invited - counted.undecided_invited
    rest = counted.waiting + sum(counted.skipped.values())
    assert counted.decided == 9 == with_a_decision + rest
    page = vera.get(HERE)
    assert _step(page, "Told") == "6 of 8 (75\xa0%)", "who withdrew was owed nothing"
    assert "Fewer than 5 of those asked have no decision on record" in words_of(page)


def test_who_withdrew_is_not_counted_as_not_told(cast, make, vera):
    make.told(cast.acme)
    reputation.refresh_habits(cast.acme, utcnow())
    db.session.commit()
    assert "nothing to tell" not in words_of(vera.get(HERE))
    for _ in range(3):
        make.decided(cast.acme, Outcome.WITHDRAWN)
    make.told(cast.acme, Outcome.WITHDRAWN)  # who was written to all the same has heard
    make.decided(cast.acme)
    reputation.refresh_habits(cast.acme, utcnow())
    db.session.commit()
    page = vera.get(HERE)
    assert "3 withdrew: there was nothing to tell them." in words_of(page)
    assert page.find("th", string="Told").find_next("td").text.startswith("2 ")


@pytest.mark.both
def test_the_page_reads_only_what_was_released(cast, make, vera):
    release(make, cast.acme, [4, 4, 5, 3, 1])
    before = str(vera.get(HERE).main)
    answer(make, cast.acme, 1)
    assert str(vera.get(HERE).main) == before


def test_nothing_on_the_page_claims_a_cause(cast, make, vera):
    make.told(cast.acme, days_ago=50)
    release(make, cast.acme, [5, 4, 4, 3, 5], days_ago=40)
    release(make, cast.acme, [3, 3, 2, 4, 1])
    text = words_of(vera.get(HERE))
    assert CAUSAL.findall(text) == []
    assert "nothing here shows what would happen if you told people sooner" in text
    assert "after 180 days an answer counts half" in text


def test_the_page_says_who_may_see_it(cast, make, vera):
    release(make, cast.acme, [5, 4, 4, 3, 5])
    assert vera.get(HERE).main.find("a", href="/employers/acme")
    cast.acme.is_published = False
    db.session.commit()
    page = vera.get(HERE)
    assert "You do not publish" in words_of(page)
    assert not page.main.find("a", href="/employers/acme")
    cast.acme.approved_at = None
    db.session.commit()
    assert "has not approved your account yet" in words_of(vera.get(HERE))


@pytest.mark.parametrize("path", [HERE, HABITS])
def test_who_may_not_tell_reads_who_may(cast, make, vera, app, path):
    make.decided(cast.acme)
    reputation.refresh_habits(cast.acme, utcnow())
    db.session.commit()
    for person, may in ((vera, False), (Person(app).sign_in(cast.remy), True)):
        card = person.get(path).select_one(".card--waiting")
        assert bool(card.select("a.button")) is may
        assert ("Your recruiters and owners can tell them." in card.text) is not may


def test_another_employers_figures_do_not_exist(cast, vera):
    vera.get("/e/globex/", status=404)
    vera.get("/e/nobody/", status=404)
    vera.get("/e/globex/feedback", status=404)


@pytest.mark.both
def test_the_overview_costs_a_handful_of_statements(cast, make, vera):
    release(make, cast.acme, [5, 4, 4, 3, 5])
    with noting_statements() as seen:
        vera.get(HERE)
    assert len(seen) <= 6
    tables = " ".join(seen)
    for table in (SealedAnswer, Invitation):
        assert f"FROM {table.__tablename__}" not in tables


# -- files to take away ---------------------------------------------------------------------------


def test_the_exports_page_says_what_each_file_holds(cast, make, app):
    remy = Person(app).sign_in(cast.remy)
    page = remy.get("/e/acme/feedback")
    assert "empty for now: single answers leave only once 10" in words_of(page)
    links = [a["href"] for a in page.main.select("a[download]")]
    assert len(links) == 18
    assert links[0] == "/e/acme/feedback/rows.csv"
    for link in links:
        assert remy.send("GET", link).status_code == 200, link
    release(make, cast.acme, [5, 4, 4, 3, 5])
    assert "5 are released so far" in words_of(remy.get("/e/acme/feedback"))
    release(make, cast.acme, [5, 4, 4, 3, 5])
    assert "10 released answers are in these files" in words_of(remy.get("/e/acme/feedback"))


def test_a_viewer_takes_figures_away_and_nothing_of_one_person(cast, vera):
    page = vera.get("/e/acme/feedback")
    links = [a["href"] for a in page.main.select("a[download]")]
    assert [link for link in links if link.endswith(".csv")] == [
        "/e/acme/feedback/counts.csv",
        "/e/acme/scorecards.csv",
    ]
    assert {vera.send("GET", link).status_code for link in links} == {200}
    for file in ("feedback/rows.csv", "feedback/comments.xlsx", "closure.csv"):
        vera.get(f"/e/acme/{file}", status=404)
    seen = [a.text for a in vera.get(HERE).select(".section-nav a")]
    assert seen == ["Reputation", "Habits", "Levers", "Comments", "Exports"]
