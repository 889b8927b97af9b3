"""The comments page: what may be read and no more, and what the software reads in it."""

import re
from datetime import date

import pytest
import sqlalchemy as sa

from portal import exports, jobs, surveys
from portal.extensions import db
from portal.models import CurrentEdition, Reading, Words, random_id
from tests.support.answers import give_answers, release, store_answers, withdraw
from tests.support.readers import Reader, activate, rescore_by
from tests.support.statements import noting_statements
from tests.web.staff import Person, words_of

HERE = "/e/acme/comments"
READER = Reader("old 1")


@pytest.fixture
def vera(cast, app):
    return Person(app).sign_in(cast.vera)


def texts(page) -> list[str]:
    """The comments on PAGE as the eye reads them."""
    found = []
    for words in page.select(".comment__words"):
        for hidden in words.select(".visually-hidden"):
            hidden.extract()
        found.append(words.get_text())
    return found


def add(employer, count: int, vary=lambda n: {}, reader=READER) -> None:
    store_answers(employer, count, vary)
    release(employer, reader=reader)


def mixed(number: int) -> dict:
    return {"comment": f"{('Good', 'Bad', 'Hm')[number % 3]} thing number {number}."}


# -- what may be read -----------------------------------------------------------------------------


@pytest.mark.parametrize("count", [0, 4, 9])
def test_below_the_floor_no_comment_and_no_figure_is_shown(cast, vera, count):
    add(cast.acme, count, mixed)
    page = vera.get(HERE)
    assert texts(page) == []
    assert not page.select(".stat, .narrowing, mark, .comment")
    text = words_of(page)
    assert "No comments yet" in text
    assert "once 10 released answers are together" in text
    assert ("9 are released so far" in text) is (count == 9)
    assert "thing number" not in str(page)


def test_from_the_floor_on_they_are_read_and_nothing_stands_beside_them(cast, vera):
    add(cast.acme, 10, mixed)
    page = vera.get(HERE)
    assert len(texts(page)) == 10
    month = f"{date.today():%B %Y}"
    assert {words_in(caption) for caption in page.select("figcaption")} == {
        f"{month} + Reads as positive Speaks of respect",
        f"{month} − Reads as negative Speaks of respect",
        f"{month} ? Reads as unclear Speaks of respect",
    }
    assert not re.search(r"★|\d stars", words_of(page))
    for comment in page.select(".comment"):
        is_unclear = "Reads as unclear" in comment.text
        assert ("Too little in it speaks clearly for one side." in comment.text) is is_unclear
        assert ("of 100" in comment.text) is not is_unclear


def test_a_comment_has_three_layers_at_most(cast, vera):
    """Words, one line, details; the details are closed, and without an estimate there are none."""
    add(cast.acme, 10, mixed)
    for comment in vera.get(HERE).select(".comment"):
        assert [child.name for child in comment.find_all(recursive=False)] == ["figure", "details"]
        assert not comment.details.has_attr("open")
        assert not comment.figure.select("mark, .badge")
    db.session.execute(sa.delete(Reading))
    db.session.commit()
    assert not vera.get(HERE).select(".comment details")


def test_what_an_aspect_was_found_by_stands_in_the_details(cast, vera):
    add(cast.acme, 10, mixed)
    evidence = {words_in(one) for one in vera.get(HERE).select(".comment details .evidence")}
    assert evidence == {f"Respect {word}" for word in ("Good", "Bad", "Hm")}


def test_what_an_older_version_kept_no_words_for_is_named_without(cast, vera):
    add(cast.acme, 10, lambda n: {"comment": "Good."})
    db.session.execute(sa.update(Reading).values(aspect_words=[]))
    db.session.commit()
    page = vera.get(HERE)
    assert not page.select(".evidence")
    assert all("Speaks of respect" in words_in(one) for one in page.select("figcaption"))


def test_only_words_that_the_employer_may_read_are_listed_or_counted(cast, vera):
    words = ["counted", "employer", "public"]
    add(cast.acme, 18, lambda n: {"comment": f"Good {words[n % 3]} {n}.", "words": words[n % 3]})
    page = vera.get(HERE)
    assert {text.split()[1] for text in texts(page)} == {"employer", "public"}
    assert "Over the 12 comments you may read" in words_of(page)
    assert "12 of 12 comments" in words_of(page), "the difference would tell what the others say"
    assert "counted" not in str(page.select(".comment"))


def test_answers_that_wait_change_nothing(cast, vera):
    add(cast.acme, 10, mixed)
    before = str(vera.get(HERE).main)
    store_answers(cast.acme, 4, mixed)
    assert str(vera.get(HERE).main) == before
    add(cast.acme, 4, mixed)
    assert str(vera.get(HERE).main) == before, "released, and still too few for a pool"


def test_a_withdrawal_takes_its_pool_off_the_page_until_the_next_one(cast, make, vera):
    tokens = give_answers(make, cast.acme, 10, mixed)
    release(cast.acme)
    add(cast.acme, 11, lambda n: {"comment": "Good later."})
    assert len(texts(vera.get(HERE))) == 21
    withdraw(tokens[4])
    page = vera.get(HERE)
    assert set(texts(page)) == {"Good later."}
    assert "11 of 11 comments" in words_of(page)
    add(cast.acme, 6, lambda n: {"comment": "Good again."})
    assert len(texts(vera.get(HERE))) == 11, "nine that were public and six make no pool"
    add(cast.acme, 10, lambda n: {"comment": "Good at last."})
    back = texts(vera.get(HERE)) + texts(vera.get(f"{HERE}?page=2"))
    assert len(back) == 11 + 9 + 6 + 10
    own = mixed(4)["comment"]
    assert {text for text in back if "thing" in text} == {
        mixed(n)["comment"] for n in range(10)
    } - {own}
    assert own not in back


def test_the_page_shows_no_more_than_the_file_in_an_order_by_chance(cast, vera):
    add(cast.acme, 24, mixed)
    filed = [text for _, text in exports.read_rows(cast.acme, exports.Export.COMMENTS)]
    db.session.rollback()
    shown = texts(vera.get(HERE))
    assert sorted(shown) == sorted(filed)
    assert shown not in ([mixed(n)["comment"] for n in range(24)], sorted(shown))
    assert shown == texts(vera.get(HERE)), "and the same each time"


def test_another_employers_comments_stay_out(cast, vera):
    add(cast.globex, 12, mixed)
    assert texts(vera.get(HERE)) == []
    vera.get("/e/globex/comments", status=404)


# -- marks ----------------------------------------------------------------------------------------


def test_marks_stand_in_the_words_only_when_asked_for(cast, vera):
    add(cast.acme, 30, mixed)
    page = vera.get(f"{HERE}?reads=neg")
    assert not page.select(".comment__words mark, .comments__head mark")
    switch = page.find("a", string="Mark what moved the estimates")["href"]
    assert switch == f"{HERE}?reads=neg&marks=1"
    page = vera.get(switch)
    assert [mark["class"] for mark in page.select(".comment__words mark")] == [
        ["moved", "moved--down"]
    ] * 10
    assert "Marked like this raised the estimate" in words_of(page)
    assert page.find("a", string="Take the marks away")["href"] == f"{HERE}?reads=neg"
    others = {link["href"] for link in page.select(".narrowing a")}
    assert f"{HERE}?reads=pos&marks=1" in others, "the switch holds while the list is narrowed"
    assert page.find("a", string="Show all comments")["href"] == f"{HERE}?marks=1"


def test_marks_are_heard_as_well_as_seen(cast, vera):
    add(cast.acme, 10, lambda n: {"comment": "Bad answer." if n else "Good answer."})
    page = vera.get(f"{HERE}?marks=1")
    marks = {mark.get_text(): mark["class"] for mark in page.select(".comment__words mark")}
    assert marks == {
        "(raised the estimate a lot – Good)": ["moved", "moved--up"],
        "(lowered the estimate a lot – Bad)": ["moved", "moved--down"],
    }
    assert all(
        mark.select("[lang=en].visually-hidden") for mark in page.select(".comment__words mark")
    )
    page = vera.get(HERE)
    assert {words_in(item) for item in page.select(".comment__moved li")} == {
        "Good raised the estimate a lot",
        "Bad lowered the estimate a lot",
    }
    assert "10 of 100, where 50 is undecided." in words_of(page)


@pytest.mark.parametrize(
    ("comment", "up", "down"),
    [
        ("They were friendly. They were not helpful.", ["They were friendly"], ["not helpful"]),
        ("The recruiter didn't treat me well.", [], ["didn't treat me well"]),
        ("Nobody there was rude to me.", ["Nobody there was rude"], []),
        ("They promised a quick answer.", [], ["promised a quick answer"]),
    ],
)
def test_the_sign_of_a_mark_is_that_of_its_meaning(cast, vera, comment, up, down):
    """With the real analyzer: words that a "not" turns are marked with it."""
    add(cast.acme, 10, lambda n: {"comment": comment}, jobs.load_analyzer())
    page = vera.get(f"{HERE}?marks=1")
    words = page.select_one(".comment__words")
    for hidden in words.select(".visually-hidden"):
        hidden.extract()
    assert [mark.get_text() for mark in words.select(".moved--up")] == up
    assert [mark.get_text() for mark in words.select(".moved--down")] == down
    for item in page.select(".comment__moved li"):
        way = "raised" if item.mark["class"][1] == "moved--up" else "lowered"
        assert way in words_in(item)


def test_no_mark_and_no_word_leaks_what_was_removed(cast, vera):
    class Marking(Reader):
        """Marks everything, also across what will be taken out."""

        def __call__(self, text, language, calibration=None):
            reading = super().__call__(text, language)
            reading.phrases = [
                {"text": text[at : at + 8], "start": at, "end": at + 8, "weight": -0.5}
                for at in range(0, len(text) - 8, 8)
            ]
            return reading

    contact = "Good day, ask bob.builder@example.com or call 0171 5550 1234 at once."
    add(cast.acme, 10, lambda n: {"comment": contact}, Marking("old 1"))
    page = vera.get(f"{HERE}?marks=1")
    assert texts(page) == ["Good day, ask [removed] or call [removed] at once."] * 10
    for leak in ("bob", "builder", "0171", "5550"):
        assert leak not in str(page)
    assert page.select(".comment mark")
    assert not [mark for mark in page.select(".comment mark") if "[" in mark.get_text()]


def test_words_keep_their_language_direction_and_lines(cast, vera):
    hostile = 'Bad <b>"bold"</b>\nsecond line شكرا جزيلا'
    add(cast.acme, 10, lambda n: {"comment": hostile})
    page = vera.get(HERE)
    words = page.select_one(".comment__words")
    assert (words["lang"], words["dir"]) == ("en", "auto")
    assert texts(page)[0] == hostile
    assert not page.select(".comment b")


# -- figures --------------------------------------------------------------------------------------


def test_shares_have_their_counts_and_interval_and_nothing_is_folded_together(cast, vera):
    class Half(Reader):
        def __call__(self, text, language, calibration=None):
            if text.startswith("Autre"):
                return self._reading("not_scored", reason="language")
            return super().__call__(text, language)

    words = ("Good", "Good", "Bad", "Hm", "Autre")
    add(cast.acme, 20, lambda n: {"comment": f"{words[n % 5]} {n}."}, Half("old 1"))
    page = vera.get(HERE)
    positive, unclear, not_scored = page.select(".stat")
    assert re.search(r"67\s%.*95\s% range 39\s% to 86\s%.*8 of 12 comments", words_in(positive))
    assert re.search(r"20\s%.*4 of 20 comments", words_in(unclear))
    assert re.search(r"20\s%.*4 of 20 comments", words_in(not_scored))
    assert "In a language the software does not read: 4." in words_in(not_scored)
    text = words_of(page)
    assert "Not scored: in a language the software does not read" in text
    assert "no stars enter it, and it enters no score" in text
    assert "Read by old 1." in text


def words_in(tag) -> str:
    return " ".join(tag.get_text(" ").split())


def test_a_share_of_few_is_not_given(cast, vera):
    add(cast.acme, 12, lambda n: {"comment": "Good." if n < 4 else "Hm."})
    assert "Fewer than 5 comments read clearly one way" in words_of(vera.get(HERE))


def test_few_readable_comments_are_listed_without_figures(cast, vera):
    add(cast.acme, 12, lambda n: {"words": "employer" if n < 4 else "counted"})
    page = vera.get(HERE)
    assert len(texts(page)) == 4
    assert not page.select(".stat")


def test_what_no_version_has_read_yet_is_not_called_unreadable(cast, vera):
    add(cast.acme, 10, mixed)
    db.session.execute(sa.delete(Reading))
    db.session.execute(sa.delete(CurrentEdition))
    db.session.commit()
    text = words_of(vera.get(HERE))
    assert "Not read yet" in text
    assert "Not read yet: 10." in text
    assert "Read by" not in text


def test_the_page_says_which_comments_another_version_read(cast, vera):
    add(cast.acme, 10, mixed)
    add(cast.acme, 11, mixed, Reader("new 2", turned=True))
    text = words_of(vera.get(HERE))
    assert "Read by old 1. 11 of the comments are shown as another version read them" in text
    activate(rescore_by(Reader("new 2", turned=True)))
    text = words_of(vera.get(HERE))
    assert "Read by new 2." in text
    assert "another version" not in text


# -- filters and pages ----------------------------------------------------------------------------


def test_filters_leave_what_fits_and_say_how_much(cast, vera):
    add(cast.acme, 30, mixed)
    page = vera.get(f"{HERE}?reads=neg")
    assert len(texts(page)) == 10
    assert all(text.startswith("Bad") for text in texts(page))
    assert "10 comments of 30" in words_of(page)
    assert len(texts(vera.get(f"{HERE}?reads=neg&about=respect"))) == 10
    figures = [words_in(one) for one in page.select(".stat")]
    assert figures == [words_in(one) for one in vera.get(HERE).select(".stat")]
    order = texts(vera.get(HERE)) + texts(vera.get(f"{HERE}?page=2"))
    assert [text for text in order if text.startswith("Bad")] == texts(
        vera.get(f"{HERE}?reads=neg")
    )


class Aspects(Reader):
    """Finds the aspects that a comment names."""

    def __call__(self, text, language, calibration=None):
        reading = super().__call__(text, language)
        reading.aspects = [name for name in ("clarity", "informed") if name in text]
        return reading


def test_every_filter_says_how_many_it_leaves_and_leaves_so_many(cast, vera):
    """Each by itself and beside the others; what would leave none is no link."""
    said = ("Good clarity", "Bad informed", "Hm", "Bad clarity informed", "Bad", "Good clarity")
    add(cast.acme, 24, lambda n: {"comment": f"{said[n % 6]} {n}."}, Aspects("old 1"))
    page = vera.get(HERE)
    rows = [words_in(one) for one in page.select(".narrowing li")]
    assert rows == [
        *("Everything 24", "Positive 8", "Negative 12", "Unclear 4"),
        *("Anything 24", "Clarity 12", "Being kept informed 8"),
    ]
    left, seen = [HERE], set()
    while left:
        if (here := left.pop()) in seen:
            continue
        seen.add(here)
        page = vera.get(here)
        current = page.select('.narrowing [aria-current="true"]')
        assert len(current) == 2
        assert {words_in(one.span) for one in current} == {str(len(texts(page)))}
        left += [link["href"] for link in page.select(".narrowing a")]
    assert len(seen) == 4 * 3 - 3, "of all that can be combined, three leave nothing: no link"


@pytest.mark.parametrize(
    ("query", "why"),
    [
        ("reads=neg&about=clarity", "comments under “Negative”, or about “Clarity”, but none"),
        ("about=fairness", "No comment you may read is under “Fairness”."),
        ("reads=unread", "No comment you may read is under “Not read yet”."),
    ],
)
def test_filters_that_leave_nothing_say_which(cast, vera, query, why):
    add(cast.acme, 12, lambda n: {"comment": ("Good clarity", "Bad")[n % 2]}, Aspects("old 1"))
    page = vera.get(f"{HERE}?{query}")
    assert texts(page) == []
    assert why in words_of(page)
    assert page.select_one(".empty").find("a", href=HERE, string="Show all comments")
    assert len(page.select('.narrowing [aria-current="true"]')) == 2


@pytest.mark.parametrize(
    "query",
    [
        "reads=x&about=y",
        "page=-1",
        "page=٣",
        "page=99999999999",
        "page=",
        f"page={'1' * 5000}",
        "reads=%00",
    ],
)
def test_what_makes_no_sense_in_the_address_is_left_out(cast, vera, query):
    add(cast.acme, 10, mixed)
    assert len(texts(vera.get(f"{HERE}?{query}"))) == 10


def test_pages_hold_every_comment_once_newest_pool_first(cast, vera):
    for round_ in range(3):
        add(cast.acme, 20, lambda n, round_=round_: {"comment": f"Good {round_} {n}."})
    pages = [vera.get(f"{HERE}?page={number}") for number in (1, 2, 3)]
    seen = [text for page in pages for text in texts(page)]
    assert len(seen) == len(set(seen)) == 60
    rounds = [text.split()[1] for text in seen]
    assert rounds == ["2"] * 20 + ["1"] * 20 + ["0"] * 20
    assert "60 comments, 26 to 50 on this page" in words_of(pages[1])
    assert pages[1].select_one('.pagination [aria-current="page"]').get_text() == "Page 2"
    last = vera.get(f"{HERE}?page=9&reads=pos")
    assert "page=2&reads=pos" in str(last.select_one('.pagination a[rel="prev"]')).replace(
        "&amp;", "&"
    )


def test_the_page_costs_the_same_statements_however_many_comments(cast, vera):
    counts = []
    for _ in range(3):
        add(cast.acme, 40, mixed)
        with noting_statements() as seen:
            vera.get(f"{HERE}?reads=pos&page=2")
        counts.append(len(seen))
    assert counts[0] == counts[-1] <= 10


@pytest.mark.long
def test_ten_thousand_comments_are_paged(cast, vera):
    add(cast.acme, 10, mixed)
    rows = [
        {
            "id": random_id(),
            "employer_id": cast.acme.id,
            "pool": 1,
            "may_publish": True,
            "text": mixed(n)["comment"],
        }
        for n in range(10, 10_000)
    ]
    db.session.execute(sa.insert(Words), rows)
    db.session.commit()
    rescore_by(READER)
    page = vera.get(f"{HERE}?page=400")
    assert len(texts(page)) == 25
    assert "10,000 comments, 9,976 to 10,000 on this page" in words_of(page)
    assert len(page.select(".pagination li")) < 12


def test_without_readable_words_the_page_says_whose_choice_that_is(cast, vera):
    add(cast.acme, 10, lambda n: {"words": "counted"})
    text = words_of(vera.get(HERE))
    assert "Of 10 released answers none has words that you may read" in text


def test_each_role_is_told_a_next_step_it_can_take(cast, app, vera):
    assert vera.get(HERE).select_one(".empty a")["href"] == "/e/acme/"
    remy = Person(app).sign_in(cast.remy)
    assert remy.get(HERE).select_one(".empty a")["href"] == "/e/acme/applications"
    items = [a.text for a in remy.get(HERE).select(".section-nav a")]
    assert items[:4] == ["Reputation", "Habits", "Levers", "Comments"]


def test_the_page_is_in_french_too_and_the_words_stay_as_they_are(cast, vera):
    add(cast.acme, 10, mixed)
    vera.options = {"headers": {"Accept-Language": "fr"}}
    page = vera.get(f"{HERE}?marks=1")
    assert page.html["lang"] == "fr"
    assert page.select_one(".comment__words")["lang"] == "en"
    assert {words_in(item) for item in page.select(".comment__moved li")} == {
        "Good a beaucoup relevé l’estimation",
        "Bad a beaucoup abaissé l’estimation",
        "Aucun passage ne ressort.",
    }
    assert all("a beaucoup" in heard.get_text() for heard in page.select("mark > [lang=fr]"))


def test_opening_the_page_settles_nothing(cast, vera):
    add(cast.acme, 10, mixed)
    db.session.execute(sa.delete(CurrentEdition))
    db.session.commit()
    vera.get(HERE)
    assert surveys.current_edition() is None
