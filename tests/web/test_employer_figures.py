"""The pages of habits and levers, and what the overview says of both, from scorecards by hand."""

import re

import pytest

from portal.models import Application, Invitation, SealedAnswer
from tests.support import scorecards
from tests.support.causal import CAUSAL
from tests.support.statements import noting_statements
from tests.web.staff import Person, words_of

OVERVIEW, HABITS, LEVERS = "/e/acme/", "/e/acme/habits", "/e/acme/levers"
PAGES = (OVERVIEW, HABITS, LEVERS)
ONE_SIDE = {"both": 80, "recorded_only": 14, "reported_only": 0, "neither": 0, "kappa": None,
            "denied": scorecards.share(14, 94), "is_denied_flag": False}  # fmt: skip


@pytest.fixture
def vera(cast, app):
    return Person(app).sign_in(cast.vera)


@pytest.fixture
def show(cast, vera):
    """The page at a path once Acme's scorecard is in a state."""

    def page(path, state, **changes):
        reputation, habits, coverage = scorecards.STATES[state]()
        for key, value in changes.items():
            (reputation if key in reputation else habits)[key] = value
        scorecards.write(cast.acme, reputation, habits, coverage)
        return vera.get(path)

    return page


def levers_of(page) -> list[str]:
    return rows_of(page, "levers") if page.find(id="levers-caption") else []


def standing_of(page) -> list[str]:
    """What is said of the levers together: all before the caveats."""
    return [words.text for words in page.select("#ranked ~ p:not(.muted)")]


def hidden_of(page) -> dict[str, str]:
    rows = page.select("section[aria-labelledby=hidden] li")
    return {row.h3.text: " ".join(p.text for p in row.select("p")) for row in rows}


def rows_of(page, chart: str) -> list[str]:
    return [row.text for row in page.find(id=f"{chart}-caption").parent.select("tbody th")]


def stat(page, label: str) -> str:
    heading = page.find("h3", string=re.compile(label))
    assert heading is not None, label
    return " ".join(heading.parent.get_text(" ").replace("\xa0", " ").split())


# -- every state of every page --------------------------------------------------------------------


@pytest.mark.parametrize("state", scorecards.STATES)
def test_every_state_makes_sound_pages_that_claim_no_cause(show, vera, state):
    show(OVERVIEW, state)
    for path in PAGES:
        text = words_of(vera.get(path))
        assert CAUSAL.findall(text) == []
        assert not re.search(r"\bNone\b|\bnan\b|\bUndefined\b|reason_hidden|_\w+_", text)


def test_before_anything_each_page_says_the_next_step(cast, app, vera):
    remy = Person(app).sign_in(cast.remy)
    for path, words in ((HABITS, "No habits yet"), (LEVERS, "No levers yet")):
        assert remy.get(path).select_one(".empty h2").text == words
        assert remy.get(path).select_one(".empty a")["href"] == "/e/acme/applications"
        links = [a["href"] for a in vera.get(path).main.select("a")]
        assert "/e/acme/applications" not in links  # a viewer may not open it
    assert "30 released answers" in words_of(vera.get(LEVERS))


def test_the_pages_cost_a_handful_of_statements_and_read_no_answer(show, vera):
    show(OVERVIEW, "rich")
    counts = []
    for path in PAGES:
        with noting_statements() as seen:
            vera.get(path)
        counts.append(len(seen))
        for table in (SealedAnswer, Invitation, Application):
            read = [one for one in seen if f"FROM {table.__tablename__}" in one]
            # Who waits is counted as the page is made.
            assert len(read) == (path != LEVERS and table is Application)
    assert max(counts) <= 6
    assert len({counts[0], counts[1], counts[2] + 1}) == 1  # whatever is on the page
    show(OVERVIEW, "extreme")
    with noting_statements() as seen:
        vera.get(LEVERS)
    assert len(seen) == counts[-1]


# -- habits ---------------------------------------------------------------------------------------


def test_habits_come_with_interval_count_and_sentence(show):
    page = show(HABITS, "rich")
    text = words_of(page).replace("\xa0", " ")
    assert "From your own records of 318 decisions" in text
    assert "Half of the candidates are told within 6 days of the decision." in text
    for days, share in ((3, 34), (7, 58), (14, 69), (30, 75)):
        said = stat(page, rf"Told within {days}\s")
        assert f"{share} % 95 % range" in said
        assert said.endswith("318 decisions")
    assert "25 % 95 % range 20 % to 30 %, 79 of 318 decisions Below an article’s 43 %" in stat(
        page, r"Not told within 30\s"
    )
    assert "31 % 95 % range" in stat(page, r"Not told within 14\s")
    assert "9 days counted in full" in stat(page, "Half are decided within")
    assert "27 days counted in full" in stat(page, "Nine in ten within")
    assert "38 % counted in full" in stat(page, "Were promised a date")
    assert "77 % 95 % range 68 % to 83 %, 88 of 115 promises" in stat(page, "Promised dates kept")
    assert "Told why: 54 %, counted in full, 129 of 239 decisions." in text
    assert "Told by now: 239 of 318 decisions." in text
    curve = page.find(id="told-title").parent
    assert "Told within 3 days: 34 %" in curve.desc.text.replace("\xa0", " ")


def test_the_line_is_the_articles_and_is_called_so(show):
    page = show(HABITS, "silent")
    assert "Above an article’s 43 %" in stat(page, r"Not told within 30\s")
    assert "its survey could not be traced" in stat(page, r"Not told within 30\s")
    assert "More than half of the candidates are not told by day 60." in words_of(page)


def test_record_and_word_are_held_against_each_other(show):
    page = show(HABITS, "rich")
    said = stat(page, "Recorded as told, but say they were not")
    assert "15 % 95 % range 9 % to 23 %, 14 of 94 answers Worth a second look" in said
    cells = [cell.text for cell in page.find(id="agreement").parent.select("td")]
    assert cells == ["80", "14", "3", "30"]
    assert "Cohen’s kappa): 0.68" in words_of(page)
    told_only = show(HABITS, "rich", agreement=ONE_SIDE).find(id="agreement").parent
    assert [row.text for row in told_only.select("tbody th")] == ["Recorded as told"]
    notice = page.select_one(".notice--warning").text
    assert "say they were not told" in notice
    assert "invited to answer clearly more often" in notice


def test_few_answers_show_neither_shares_nor_counts_of_the_log(show):
    few = {"both": 3, "recorded_only": 1, "reported_only": 2, "neither": 3, "kappa": 0.2,
           "denied": scorecards.share(1, 4), "is_denied_flag": False}  # fmt: skip
    page = show(HABITS, "early", agreement=few)
    assert "at least 5 answers of people recorded as told can be counted apart" in words_of(page)
    assert page.find(id="agreement") is None
    page = show(HABITS, "early", agreement=few | {"denied": scorecards.share(1, 5)})
    assert "1 of 5 answers" in words_of(page)
    assert page.find(id="agreement") is None  # nine answers: fewer than a histogram takes
    page = show(HABITS, "early", agreement=few | {"denied": scorecards.share(1, 5), "neither": 4})
    assert page.find(id="agreement") is not None


def test_what_is_not_known_says_why(show):
    text = words_of(show(HABITS, "early")).replace("\xa0", " ")
    assert "decisions have been followed to day 10 so far" in text
    assert text.count("No decision is that old yet") == 2
    assert text.count("Too few decisions are that old yet") == 2
    assert text.count("No decision has a last interview on record") == 2
    assert "No promised date has come yet" in text
    text = words_of(show(HABITS, "bare"))
    assert text.count("No promise has been counted yet") == 2
    assert "Nobody has been told yet" in text


# -- levers ---------------------------------------------------------------------------------------


def test_levers_are_ranked_with_their_sentences(show):
    page = show(LEVERS, "rich", levers=list(reversed(scorecards.RANKED)))
    assert levers_of(page) == [
        "Everyone told within 3 days",
        "Nobody left without an answer",
        "Everyone told by phone",
        "Everyone told why",
    ]
    text = words_of(page).replace("\xa0", " ")
    assert "from 100 answers or more of candidates you turned down" in text
    assert "as of November 26, 2026" in text
    drawn = page.find(id="levers-title").parent
    assert drawn.select_one("text.c-strong").text == "+0.6+0.4 to +0.8"
    for figure in ("+0.6", "+0.4 to +0.8"):
        seen = [text for text in page.main.find_all(string=re.compile(re.escape(figure)))
                if not text.find_parent(["details", "desc"])]  # fmt: skip
        assert len(seen) == 1, figure
    assert len(drawn.select(".c-dot-open")) == 1
    assert "○ No clear difference" in text
    assert standing_of(page) == [
        "Most likely your largest lever: told within 3 days.",
        "Only levers that can be shown are compared.",
        "Cannot be ranked: nobody left without an answer, told by phone.",
        "Cannot be ranked: told by phone, told why.",
    ]
    assert "About equal to the next" not in text
    assert "Tellings nobody recorded make these figures too small." in text
    assert "it is not proof of cause" in text
    assert "Levers overlap: never add them up." in text


def test_what_is_hidden_says_why_and_the_platforms_is_called_so(show):
    page = show(LEVERS, "rich")
    hidden = hidden_of(page)
    assert list(hidden) == ["Only promises that are kept"]
    words = hidden["Only promises that are kept"].replace("\xa0", " ")
    assert words == "Too few answers on one side of the comparison: it takes 10 on each."
    card = page.find(id="all-employers-title").find_parent(class_="card").text
    assert "All 14 employers together, from 3,200 answers" in card
    assert "This is not your own figure." in card


def test_levers_are_marked_where_candidates_deny_the_records(show):
    said = "read these figures with doubt"
    denied = scorecards.STATES["rich"]()[0]["agreement"]
    assert denied["is_denied_flag"]
    for path in (LEVERS, OVERVIEW):
        assert said in words_of(show(path, "rich"))
        believed = denied | {"is_denied_flag": False}
        assert said not in words_of(show(path, "rich", agreement=believed))


def test_a_hidden_lever_never_shows_its_own_figure(show):
    secret = scorecards.lever("inform_3d", 1.234, 0.5) | {"reason_hidden": "too_uncertain"}
    page = show(LEVERS, "rich", levers=[secret])
    assert levers_of(page) == []
    assert "+1.2" not in str(page)
    assert "1.2" not in str(page.main)
    assert "+1.2" not in str(show(OVERVIEW, "rich", levers=[secret]))
    assert hidden_of(show(LEVERS, "early"))["Everyone told why"] == (
        "Too uncertain: the 95 % range is wider than 0.7\xa0stars."
    )


def test_with_all_hidden_the_platform_stands_in_with_marks_of_its_own(show):
    page = show(LEVERS, "platform-only")
    assert page.find("h2", string="Nothing can be shown of you yet")
    assert len(hidden_of(page)) == 5
    assert words_of(page).count("This is not your own figure.") == 1
    chart = page.find(id="all-employers-title").parent
    assert len(chart.select(".c-reference-mark")) == 5
    assert not chart.select(".c-dot")


def test_those_that_may_be_the_largest_are_named_beside_each_other(show):
    pair = {"levers_largest": ["end_ghosting", "inform_3d"], "not_told_apart": []}
    page = show(LEVERS, "rich", **pair)
    said = (
        "These two cannot be told apart: told within 3 days, nobody left without an answer. "
        "Either may be the larger."
    )
    assert said in words_of(page)
    assert "Most likely" not in words_of(page)
    worth = show(OVERVIEW, "rich", **pair).main.find(class_="card--habit")
    assert [label.text for label in worth.select(".figure-line__label")] == [
        "Everyone told within 3 days",
        "Nobody left without an answer",
    ]
    assert "These cannot be told apart." in " ".join(worth.text.split())


def test_one_lever_alone_is_compared_with_nothing(show):
    alone = [scorecards.lever("inform_3d", 0.6, 0.2)]
    page = show(LEVERS, "rich", levers=alone, not_told_apart=[])
    assert standing_of(page) == ["No other lever can be shown to compare it with."]


def test_a_card_of_an_earlier_release_claims_no_largest(show):
    page = show(LEVERS, "rich", levers_largest=[], not_told_apart=[])
    assert len(levers_of(page)) == 4
    assert standing_of(page) == []


def test_answers_all_alike_leave_nothing_to_compare(show):
    alike = [scorecards.lever(name, 0.0, 0.1, hidden="answers_alike") for name in scorecards.LEVERS]
    hidden = hidden_of(show(LEVERS, "rich", levers=alike, levers_largest=[], not_told_apart=[]))
    assert set(hidden.values()) == {"All answers are alike: there is nothing to compare."}


# -- the overview ---------------------------------------------------------------------------------


def test_the_overview_says_change_groups_and_the_silent(show):
    page = show(OVERVIEW, "rich")
    text = words_of(page).replace("\xa0", " ")
    assert ("Last 90 days against before +0.3 stars 95 % range +0.1 to +0.6, up to ") in text
    assert "2026, at least 30 answers on each side Higher than before" in text
    titles = [title.text for title in page.select(".chart__title")]
    assert titles[-5:] == [
        "Stars by role",
        "Stars by period",
        "Yours beside published figures",
        "Decided and told",
        "Asked and answered",
    ]
    assert (
        "Everyone told within 3 days +0.6 stars 95 % range +0.4 to +0.8, from 100 answers or more "
        "Told within 3 days: 34 %"
    ) in text
    assert "Were those who did not answer 0.25 stars lower" in text
    assert "Those who did not answer may differ" in stat(page, "After the reminder against before")


def test_the_overview_leaves_out_what_is_not_known_and_says_so(show):
    text = words_of(show(OVERVIEW, "bare"))
    assert "Not yet: Last 90 days against before It takes 30 answers" in text
    assert "No habit can be named" in text
    assert "those who did not answer 0.25" not in text


def test_the_public_page_shows_the_published_groups(show, browser, cast):
    show(OVERVIEW, "rich")
    page = browser.get("/employers/acme")
    assert page.find("p", string="Stars by role")
    assert page.find(id="stage-group-caption")
    assert rows_of(page, "lane") == ["Asked after being told", "Asked while still waiting"]
    french = browser.get("/employers/acme?lang=fr")
    assert rows_of(french, "lane") == [
        "Avis demandé après la réponse",
        "Avis demandé pendant l’attente",
    ]


def test_a_breakdown_that_tells_nobody_apart_is_no_chart(show):
    level = {"answers": 135, "stars": 3.6, "low": 3.3, "high": 3.8}
    by_lane = f"{OVERVIEW}?by=lane"
    of_all = show(by_lane, "rich", dimensions={"lane": {"outcome": level}})
    assert not of_all.find(id="lane-caption")
    of_some = show(by_lane, "rich", dimensions={"lane": {"outcome": level | {"answers": 134}}})
    assert rows_of(of_some, "lane") == ["Asked after being told"]


def test_departments_are_shown_to_members_only(show, browser):
    page = show(f"{OVERVIEW}?by=department", "rich")
    assert page.find(id="department-caption").text == "Stars by department"
    for path in ("/employers/acme", "/employers/acme?lang=fr"):
        public = browser.get(path)
        assert not public.find(id="department-caption")
        for name in (scorecards.LONG, scorecards.ARABIC, "epartment"):
            assert name not in str(public)


def test_a_department_is_called_what_the_employer_calls_it_whatever_that_is(show):
    """Text, never markup; its writing direction turns no words beside it about."""
    hostile = "</text><script>alert(1)</script>{{7*7}} %s"
    level = {"answers": 20, "stars": 3.0, "low": 2.8, "high": 3.2}
    found = {hostile: level, scorecards.ARABIC: level | {"stars": 4.0, "low": 3.8, "high": 4.2}}
    page = show(OVERVIEW, "rich", dimensions={"department": found})
    assert rows_of(page, "department")[1] == f"\u2068{hostile}\u2069"
    assert not page.main.find("script")
    finding = page.find(id="department-desc").text
    assert f"lowest: \u2068{hostile}\u2069, 3.0." in finding


def test_where_fewer_answers_stand_behind_a_figure_the_page_says_why(show):
    fewer = [2, 4, 30, 48, 31]
    text = words_of(show(OVERVIEW, "rich", histogram=fewer))
    assert "Of 115 answers" in text
    assert "20 more join once 10 are together" in text
    assert "more join once" not in words_of(show(OVERVIEW, "rich"))
    assert "127 of 135 released answers" in words_of(show(HABITS, "rich"))
