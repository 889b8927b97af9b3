"""An employer beside others: only what the directory says to anybody, and published figures."""

import re
from collections import Counter

import pytest

from portal.extensions import db
from portal.models import utcnow
from tests.support import scorecards
from tests.support.causal import CAUSAL
from tests.support.statements import noting_statements
from tests.web.staff import Person

OVERVIEW = "/e/acme/"


@pytest.fixture
def vera(cast, app):
    return Person(app).sign_in(cast.vera)


@pytest.fixture
def show(cast, vera):
    """The section on Acme's overview, once its scorecard is rich but for CHANGES."""

    def section(**changes):
        reputation, habits, coverage = scorecards.rich()
        scorecards.write(cast.acme, reputation | changes, habits, coverage)
        page = vera.get(OVERVIEW)
        assert CAUSAL.findall(page.text) == []
        return page.find(id="beside-others").parent

    return section


def words(tag) -> str:
    return " ".join(tag.get_text(" ").replace("\xa0", " ").split())


def publish(make, slug: str, stars: float, *, answers: int = 20, **changes) -> None:
    employer = make.employer(slug)
    employer.is_published = changes.get("is_published", True)
    employer.approved_at = changes.get("approved_at", utcnow())
    reputation = scorecards.answers((0, 0, 0, 0, answers))
    reputation["score"]["stars"] = stars
    scorecards.write(employer, reputation, {}, {})


def directory(browser) -> Counter[float]:
    """Half stars as anybody can read them off the directory."""
    shown, number = [], 1
    while True:
        page = browser.get(f"/employers?page={number}")
        found = re.findall(r"(\d\.\d)\s+of 5", page.main.get_text(" "))
        shown += found
        if not page.select_one("a[rel=next]"):
            break
        number += 1
    return Counter(min(int(2 * (float(stars) - 1)), 7) for stars in shown)


def bins(section) -> list[int]:
    rows = section.find(id="others-caption").parent.select("tbody td")
    return [int(cell.text) for cell in rows][::-1]


def test_below_ten_nobody_is_compared_with(cast, make, show):
    cast.acme.is_published = cast.globex.is_published = False
    for number in range(9):
        publish(make, f"other-{number}", 3.0 + number / 5)
    section = show()
    assert "Employers here are shown by half stars once 10 publish a score; 9 do." in words(section)
    assert section.find(id="others-caption") is None


@pytest.mark.both
def test_it_is_what_the_directory_says_and_nothing_of_those_who_do_not_publish(
    cast, make, show, browser
):
    cast.acme.is_published, cast.acme.approved_at = True, utcnow()
    for number, stars in enumerate((1.4, 1.5, 2.9, 3.4, 3.5, 3.9, 4.0, 4.4, 4.5, 5.0, 3.6)):
        publish(make, f"other-{number}", stars)
    publish(make, "private", 3.5, is_published=False)
    publish(make, "new", 3.5, approved_at=None)
    publish(make, "small", 3.5, answers=4)
    section = show()
    assert bins(section) == [1, 1, 0, 1, 1, 4, 2, 2]
    public = directory(browser)
    assert [public[number] for number in range(8)] == bins(section)
    assert "Of 12 employers here that publish, 4 have 3.5 to 3.9 stars, as you do" in words(section)
    drawn = section.find(id="others-title").parent
    assert "4 · your stars" in words(drawn)
    assert not re.search("other-|Other|rank[^ ]| of 12th", words(drawn))
    cast.acme.is_published = False
    section = show()
    assert sum(bins(section)) == 11
    assert "3 have 3.5 to 3.9 stars, as you would if you published" in words(section)


def test_published_figures_stand_beside_the_own_with_source_and_grade(show):
    opinion = {"share": 0.5, "low": 0.3, "high": 0.7, "n": 20.0, "answers": 24, "shown": True}
    section = show(
        heard_how={"phone": opinion, "automatic": opinion | {"high": 0.57}},
        no_reason=opinion | {"answers": 4},
    )
    rows = [words(row) for row in section.find(id="published-figures").select("tbody tr")]
    assert len(rows) == 8
    assert rows[0].startswith(
        "Not told within 30 days 43 % 25 %, 95 % range 20 % to 30 %, 79 of 318 decisions"
    )
    assert "below An article. D: its survey could not be traced." in rows[0]
    for row, year, share in zip(rows[1:4], (2023, 2024, 2025), (12, 14, 15), strict=True):
        said = f"Turn away after this, {year} {share} % 31 %, 95 % range 22 % to 42 %, from 135"
        assert row.startswith(said)
    assert "from 24 answers above Talent Board, North America. B: " in rows[4]
    assert "not enough yet Talent Board" in rows[5]
    assert "58 % 50 %, 95 % range 30 % to 57 %, from 24 answers below" in rows[6]
    assert "60 % not enough yet Talent Board, as a reader" in rows[7], "four is too few"
    assert all(len(row.select("td")) == 5 for row in section.select("#published-figures tbody tr"))
    chart = section.find(id="published-title").parent
    assert len(chart.select(".c-reference-mark")) == len(chart.select(".c-dot")) == 6


def test_the_block_is_folded_and_in_french_too(show, vera):
    section = show()
    assert "Yours beside 4 published figures: 3 above, 1 below, 0 cannot be told apart" in map(
        words, section.select("summary")
    )
    assert not section.select("details[open]")
    page = vera.get(f"{OVERVIEW}?lang=fr")
    assert page.find(id="beside-others").text == "À côté des autres"


def test_without_a_score_there_is_nothing_to_hold_beside(cast, vera):
    scorecards.write(cast.acme, *scorecards.silent())
    assert vera.get(OVERVIEW).find(id="beside-others") is None


@pytest.mark.both
def test_many_employers_cost_no_more_statements(make, show, vera):
    show()
    with noting_statements() as few:
        vera.get(OVERVIEW)
    for number in range(15):
        publish(make, f"other-{number}", 3.0)
    db.session.commit()
    with noting_statements() as many:
        vera.get(OVERVIEW)
    assert len(few) == len(many) <= 6
