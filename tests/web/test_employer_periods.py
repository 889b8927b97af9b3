"""Stars over time and by group on the overview: what can be chosen, and why something cannot."""

import pytest

from tests.support import scorecards
from tests.support.causal import CAUSAL
from tests.support.statements import noting_statements
from tests.web.staff import Person

OVERVIEW = "/e/acme/"
NONE, ALL, FEW = (
    "Nothing was released in it.",
    "It holds all releases.",
    "Shown once it holds 5 answers in whole releases, and nothing can be worked out of the rest.",
)
NO_GROUPS = (
    "Shown once each group has 5 answers in whole releases, and nothing can be worked out of the "
    "rest."
)


@pytest.fixture
def show(cast, app):
    """The section at an address of the overview, once Acme's scorecard is rich but for CHANGES."""
    vera = Person(app).sign_in(cast.vera)

    def section(query: str = "", **changes):
        reputation, habits, coverage = scorecards.rich()
        scorecards.write(cast.acme, reputation | changes, habits, coverage)
        page = vera.get(OVERVIEW + query)
        assert CAUSAL.findall(page.text) == []
        return page.find(id="time-and-groups").parent

    return section


def words(tag) -> str:
    return " ".join(tag.get_text(" ").replace("\xa0", " ").split())


def off(section) -> dict[str, str]:
    return dict(words(row).split(". ", 1) for row in section.select(".chooser__why li"))


def current(section) -> list[str]:
    return [words(one) for one in section.select("[aria-current]")]


def titles(section) -> list[str]:
    return [one.text for one in section.select(".chart__title")]


def test_all_releases_and_the_first_groups_are_shown_first(show):
    section = show()
    assert current(section) == ["All time", "Kind of role"]
    assert titles(section) == ["Stars by role", "Stars by period"]
    assert not section.select(".stat")  # the score above says it
    table = section.find(id="periods-caption").parent
    assert [words(row) for row in table.select("tbody tr")] == [
        "Last 90 days 3.8 3.4 to 4.1 38",
        "The score: newer answers count more 3.5 3.3 to 3.7 135",
    ]
    said = "+0.3 stars against before (95 % range −0.1 to +0.7), cannot be told apart."
    assert f"Last 90 days: {said}" in words(section)


def test_each_choice_keeps_the_other_and_comes_back_to_its_place(show):
    links = {one.text: one["href"] for one in show("?period=90&by=department").select("a")}
    assert links["All time"] == "/e/acme/?period=all&by=department#time-and-groups"
    assert links["Department"] == "/e/acme/?period=90&by=department#time-and-groups"
    assert "Kind of role" not in links, "off in that period"


def test_a_period_comes_with_its_answers_ranges_and_groups(show):
    section = show("?period=90&by=department")
    assert current(section) == ["Last 90 days", "Department"]
    assert "38 answers in 2 releases, the first of September 24, 2026." in words(section)
    stats = [words(one) for one in section.select(".stat")]
    assert stats[0].startswith("Stars 3.8 of 5 95 % range 3.4 to 4.1, from 38 answers Last 90 days")
    assert stats[1].startswith(
        "Would suggest applying here +12 candidate NPS 95 % range −13 to +37, from 38 answers"
    )
    assert stats[2].startswith("Turn away after this 21 % 95 % range 11 % to 36 %, from 38 answers")
    assert "Too few answered this question, in this period or outside it" in stats[3]
    table = section.find(id="department-90-caption").parent
    assert [words(row) for row in table.select("tbody td:last-child")] == ["20", "18"]


def test_what_is_off_says_why_and_leads_nowhere(show):
    section = show("?period=90&by=lane")
    assert off(section) == {
        "Last 365 days": ALL,
        "Kind of role, Stage, Time of asking": NO_GROUPS,
    }
    assert current(section) == ["Last 90 days"]
    assert titles(section) == ["Stars by period"]
    assert "Last 365 days off" in map(words, section.select(".chooser__off"))


@pytest.mark.parametrize(
    ("periods", "reason"),
    [
        ([], {"Last 90 days, Last 365 days": "Counted with the next release."}),
        (
            [{"days": 90, "figures": None, "why_off": "none"},
             {"days": 365, "figures": None, "why_off": "few"}],
            {"Last 90 days": NONE, "Last 365 days": FEW},
        ),
    ],
)  # fmt: skip
def test_a_period_that_is_off_is_said_to_be_and_all_is_shown(show, periods, reason):
    section = show("?period=90&by=role_family", periods=periods)
    assert off(section) == reason
    assert current(section) == ["All time", "Kind of role"]
    assert titles(section) == ["Stars by role"]


@pytest.mark.parametrize("query", ["?period=7&by=name", "?period=&by=", "?period=90%00&by[]=lane"])
def test_what_nobody_offers_is_as_if_nothing_had_been_chosen(show, query):
    assert current(show(query)) == ["All time", "Kind of role"]


def test_no_choice_costs_more_statements(show, cast, app):
    show()
    vera, counts = Person(app).sign_in(cast.vera), set()
    for query in ("", "?period=90&by=department", "?period=365&by=lane"):
        with noting_statements() as seen:
            vera.get(OVERVIEW + query)
        counts.add(len(seen))
    assert len(counts) == 1
    assert max(counts) <= 6


def test_the_file_of_a_chart_is_of_the_period_that_was_chosen(show, cast, app):
    section = show("?period=90&by=department")
    vera = Person(app).sign_in(cast.vera)
    address = section.find(id="department-90-title").find_parent("figure").select_one("a[download]")
    assert address["href"] == "/e/acme/charts/department-90.svg?period=90&by=department"
    assert "3.4 to 4.3" in vera.client.get(address["href"]).text
    assert "3.4 to 4.1" in vera.client.get("/e/acme/charts/department.svg?by=department").text
    assert vera.client.get("/e/acme/charts/department-90.svg").status_code == 404
