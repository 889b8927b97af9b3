"""What a pool publishes: lines and words that lead nowhere, and what becomes of both afterwards."""

import re
from collections import Counter
from dataclasses import replace
from datetime import date
from itertools import combinations

import numpy as np
import pytest
import sqlalchemy as sa

from portal import exports, jobs, reputation, surveys
from portal.exports import Export
from portal.extensions import db
from portal.models import (
    ChannelFact,
    Lane,
    Locale,
    Opinion,
    OutcomeFact,
    PromiseFact,
    Reading,
    RoleFamily,
    SealedAnswer,
    StageGroup,
    TextLabel,
    ToldBucket,
    Words,
)
from portal.surveys import MAX_COMMENT, Answer, Facts, Kind
from portal.surveys.sealing import place_of, seal_answer, sealer
from tests.support.answers import give_answers, release, store_answers, withdraw
from tests.support.readers import Reader
from tests.web.staff import Person, words_of

WAITING, PUBLISHED = 12 * 1024, 1024
MOST_DEPARTMENT = 120
OPINION = ("recommend", "overall", "relationship")
TIES = ("will_grow", "may_grow", "unchanged", "elsewhere")
# Each answer's own: recommend, overall, ties.
COMBINATIONS = [(n % 11, 1 + n // 11 % 5, TIES[n // 55 % 4]) for n in range(220)]


def of_its_own(number: int) -> dict:
    sent = dict(zip(OPINION, COMBINATIONS[number], strict=True))
    return sent | {"comment": f"Remark number {number}"}


def read(employer, export):
    return list(exports.read_rows(employer, export))


def histogram(employer):
    found = reputation.dashboard(employer).reputation.histogram
    return list(found) if found else None


# -- joined by nothing ----------------------------------------------------------------------------


def which(answers) -> int:
    """The number of the answer that gave this opinion."""
    return COMBINATIONS.index(tuple(answers[key] for key in OPINION))


def in_place(table) -> sa.TextClause:
    """The order in which the database itself holds the rows of TABLE."""
    place = "rowid" if db.engine.dialect.name == "sqlite" else "ctid"
    return sa.text(f'"{table.__tablename__}".{place}')


def orders(employer, batch) -> dict[str, list[int]]:
    """Every order in which the tables hold the answers, as their numbers."""
    sealed = surveys.open_batch(employer, batch.id).answers
    found = {"keys": [which(one.answers) for one in sorted(sealed, key=lambda one: one.key)]}
    for name, table, order in (
        ("lines by id", Opinion, Opinion.id),
        ("lines in place", Opinion, in_place(Opinion)),
        ("words by id", Words, Words.id),
        ("words in place", Words, in_place(Words)),
        ("readings in place", Words, in_place(Reading)),
    ):
        if table is Opinion:
            lines = db.session.scalars(sa.select(Opinion.answers).order_by(order))
            found[name] = [which(one) for one in lines]
        else:
            texts = sa.select(Words.text).join(Reading, Reading.words_id == Words.id)
            said = db.session.scalars(texts.order_by(order))
            found[name] = [int(text.split()[-1]) for text in said]
    return found


def test_no_order_of_published_copies_repeats_another(make):
    acme = make.employer()
    store_answers(acme, 150, of_its_own)
    found = orders(acme, release(acme)) | {"answering": list(range(150))}
    is_one = db.engine.dialect.name == "sqlite"  # which holds such rows in the order of their ids
    for (one, numbers), (other, others) in combinations(found.items(), 2):
        assert sorted(numbers) == list(range(150)), one
        if is_one and {one, other} in ({"lines by id", "lines in place"},
                                       {"words by id", "words in place"}):  # fmt: skip
            assert numbers == others
            continue
        alike = np.corrcoef(np.argsort(numbers), np.argsort(others))[0, 1]
        assert abs(alike) < 0.5, (one, other)


def test_ids_of_published_copies_stand_nowhere_else_in_clear(make):
    acme = make.employer()
    store_answers(acme, 40, of_its_own)
    release(acme)
    lines = set(db.session.scalars(sa.select(Opinion.id)))
    words = set(db.session.scalars(sa.select(Words.id)))
    assert len(lines) == len(words) == 40
    assert not lines & words
    ids = {str(one) for one in lines | words}
    assert min(lines | words) >= 0
    assert max(lines | words) > 2**62, "drawn from 63 bits"
    found = set()
    for table in db.metadata.tables.values():
        for row in db.session.execute(sa.select(table)).mappings():
            for column, value in row.items():
                if isinstance(value, int) and value in lines | words:
                    found.add((table.name, column, value in lines))
                elif value is not None:
                    assert not set(re.findall(r"\d{15,}", str(value))) & ids
    assert found == {
        ("opinion", "id", True),
        ("words", "id", False),
        ("reading", "words_id", False),
    }


# -- a withdrawal ---------------------------------------------------------------------------------


def test_lines_of_a_pool_leave_for_good_and_other_words_come_back_with_the_next(make):
    acme = make.employer()
    tokens = give_answers(make, acme, 12, of_its_own)
    release(acme)
    before = dict(db.session.execute(sa.select(Words.id, Words.text)).all())
    withdraw(tokens[3])
    assert db.session.scalars(sa.select(Opinion.id)).all() == []
    left = dict(db.session.execute(sa.select(Words.id, Words.text)).all())
    assert left == {key: text for key, text in before.items() if text != "Remark number 3"}
    assert set(db.session.scalars(sa.select(Words.pool))) == {None}
    assert exports.read_comments(acme).total == 0
    assert exports.public_comments(acme, 30) == ([], 0)
    store_answers(acme, 11, lambda n: of_its_own(100 + n))
    second = release(acme)
    assert (second.answers, second.fresh) == (22, 11), "figures have all of them"
    assert exports.read_comments(acme).total == 0, "a mixed batch alone makes no pool"
    store_answers(acme, 10, lambda n: of_its_own(200 + n))
    third = release(acme)
    now = dict(db.session.execute(sa.select(Words.id, Words.text)).all())
    assert left.items() < now.items(), "the same words under the same ids"
    assert Counter(text.split()[-1] for text in now.values()) == Counter(
        str(n) for n in (*range(3), *range(4, 12), *range(100, 111), *range(200, 210))
    )
    assert set(db.session.scalars(sa.select(Words.pool))) == {third.number}
    lines = db.session.scalars(sa.select(Opinion.answers)).all()
    assert {which(one) for one in lines} == set(range(200, 210))
    assert exports.public_comments(acme, 30)[1] == len(now)


def test_a_batch_with_answers_seen_before_gives_words_but_no_lines_counts_or_histogram(make):
    acme = make.employer()
    tokens = give_answers(make, acme, 12, lambda n: {"told": "no", "overall": 1})
    release(acme)
    assert histogram(acme) == [12, 0, 0, 0, 0]
    withdraw(tokens[0])
    store_answers(acme, 6, lambda n: {"told": "no", "overall": 1, "comment": f"Second {n}"})
    release(acme)
    store_answers(acme, 10, lambda n: {"told": "offer", "overall": 5, "comment": f"Third {n}"})
    release(acme)
    assert reputation.dashboard(acme).reputation.answers == 27
    assert histogram(acme) == [0, 0, 0, 0, 10]
    assert Counter(row[2] for row in read(acme, Export.ROWS)) == {5: 10}
    counts = {(q, a): n for _, _, q, a, n in read(acme, Export.COUNTS)}
    assert (counts["told", "offer"], counts["told", "no"]) == (10, 0)
    said = Counter(text.split()[0] for _, text in read(acme, Export.COMMENTS))
    assert said == {"Remark": 11, "Second": 6, "Third": 10}


# -- seals ----------------------------------------------------------------------------------------


def sizes(batch_id: int | None) -> set[int]:
    held = SealedAnswer.batch_id == batch_id if batch_id else SealedAnswer.batch_id.is_(None)
    return set(map(len, db.session.scalars(sa.select(SealedAnswer.sealed).where(held))))


def plain_texts(employer, batch_id: int) -> list[str]:
    """All that the seals of a batch hold."""
    rows = sa.select(SealedAnswer).where(SealedAnswer.batch_id == batch_id)
    return [
        sealer().open(row.sealed, place_of(employer.id, row.key)).decode()
        for row in db.session.scalars(rows)
    ]


def test_seals_have_one_size_while_words_wait_and_a_smaller_one_without_them(make):
    acme = make.employer()
    words = ("counted", "employer", "public")
    said = ("", "Short.", "😀" * MAX_COMMENT)

    def vary(n):
        return {"comment": said[n % 3], "words": words[n // 3 % 3]}

    tokens = give_answers(make, acme, 9, vary)
    assert sizes(None) == {WAITING}
    first = release(acme)
    assert sizes(first.id) == {WAITING}, "released, and in no pool yet"
    give_answers(make, acme, 9, vary)
    withdraw(give_answers(make, acme, 1, vary)[0])
    second = release(acme)
    assert (second.answers, sizes(None)) == (9, set()), "what was taken back goes along"
    assert sizes(first.id) == sizes(second.id) == {PUBLISHED}
    texts = [*plain_texts(acme, first.id), *plain_texts(acme, second.id)]
    assert len(texts) == 19
    assert not [text for text in texts if "Short" in text or "😀" in text or "comment" in text]
    withdraw(tokens[1])
    assert sizes(None) == {PUBLISHED}
    opened = surveys.open_batch(acme, None).answers
    assert sum(one.is_withdrawn for one in opened) == 1
    store_answers(acme, 5, vary)
    assert sizes(None) == {PUBLISHED, WAITING}, "only what was public before is small"


def longest(kind):
    return max(kind, key=lambda member: len(member.value))


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("sign", ["😀", '"', "\\", "\n", "\u2028"])
def test_the_longest_answer_fits_its_seal_with_and_without_its_words(app, sign):
    asked = {
        question.key: int(question.options[-1]) if question.is_number else longest_of(question)
        for question in surveys.newest_survey().questions
        if question.kind is not Kind.TEXT
    }
    facts = Facts(
        week=date(2026, 12, 28),
        cell=5,
        outcome=longest(OutcomeFact),
        stage_group=longest(StageGroup),
        role_family=longest(RoleFamily),
        told_bucket=longest(ToldBucket),
        channel=longest(ChannelFact),
        promise_fact=longest(PromiseFact),
        was_given_feedback=False,
        department="😀" * MOST_DEPARTMENT,
    )
    answer = Answer(
        key="f" * 64,
        employer_id=2**31 - 1,
        facts=facts,
        survey_version=surveys.newest_survey().version,
        locale=Locale.FRENCH,
        lane=longest(Lane),
        is_after_reminder=True,
        answers=asked | {"comment": sign * MAX_COMMENT},
        was_public=True,
        label=longest(TextLabel),
    )
    assert len(seal_answer(answer, WAITING, sealer())) == WAITING
    published = replace(answer.without_words(), words_id=2**63 - 1)
    assert len(seal_answer(published, PUBLISHED, sealer())) == PUBLISHED


def longest_of(question) -> str:
    return max(question.options, key=len)


# -- labels of lines ------------------------------------------------------------------------------


def test_a_label_is_shown_by_what_the_whole_pool_has_and_stored_as_shown(make):
    """Three alike in one release are too few; six in the pool are enough."""
    acme = make.employer()
    said = ("Good", "Bad", "Hm")
    for _ in range(2):
        store_answers(acme, 9, lambda n: {"comment": f"{said[n % 3]} {n}"})
        release(acme)
    stored = Counter(db.session.scalars(sa.select(Opinion.label)))
    assert stored == {"pos": 6, "neg": 6, "unclear": 6}
    store_answers(acme, 12, lambda n: {"comment": f"{'Bad' if n < 2 else 'Good'} {n}"})
    number = release(acme).number
    few = Counter(db.session.scalars(sa.select(Opinion.label).where(Opinion.pool == number)))
    assert few == {"not_shown": 12}, "beside ten of the other label two would be known by it"
    rows = Counter(row[-1] for row in read(acme, Export.ROWS))
    assert rows == stored + few


# -- rare languages -------------------------------------------------------------------------------


class Polyglot(Reader):
    """Takes the language that a comment names for its own: "Good (de) ..."; none for "(??)"."""

    def __call__(self, text, language, calibration=None):
        reading = super().__call__(text, language, calibration)
        named = text.partition("(")[2][:2]
        reading.language = None if named == "??" else named
        return reading


POLYGLOT = Polyglot("polyglot 1")
SHORT = 5  # words of a text too short to tell its language


def written_in(*languages: str, words: str = "public", length: int = 12):
    """What the n-th writes, in the n-th of LANGUAGES."""

    def vary(n):
        text = f"Good ({languages[n]}) " + "word " * (length - 3) + str(n)
        return {"comment": text, "words": words}

    return vary


def pool_of(employer, *languages: str, **how) -> None:
    store_answers(employer, len(languages), written_in(*languages, **how))
    release(employer, reader=POLYGLOT)


def languages_shown(employer) -> Counter:
    texts = [text for _, text in read(employer, Export.COMMENTS)]
    assert exports.read_comments(employer).total == len(texts)
    return Counter(text.partition("(")[2][:2] for text in texts)


def kept_out(employer) -> tuple[int, int]:
    """As the scorecard says, and as the comments page has it."""
    said = reputation.dashboard(employer).reputation.kept_out
    return said, exports.read_comments(employer).kept_out


@pytest.mark.parametrize(
    ("written", "shown", "said"),
    [
        ({"en": 14, "de": 4}, {"en": 14}, 0),
        ({"en": 14, "de": 5}, {"en": 14, "de": 5}, 0),
        ({"en": 14, "de": 4, "it": 1}, {"en": 14}, 5),
        ({"en": 10, "fr": 6, "de": 3, "it": 4}, {"en": 10, "fr": 6}, 7),
        ({"en": 4, "de": 7}, {"de": 7}, 0),
        ({"en": 12, "??": 1}, {"en": 12, "??": 1}, 0),
        ({"??": 9, "en": 1}, {"??": 9, "en": 1}, 0),
    ],
)
def test_words_in_a_language_that_few_wrote_in_stay_out(make, written, shown, said):
    acme = make.employer()
    pool_of(acme, *Counter(written).elements())
    assert languages_shown(acme) == shown
    assert kept_out(acme) == (said, said), "how many is said from the floor on"
    rows = read(acme, Export.ROWS)
    assert Counter(row[-1] for row in rows) == {"pos": sum(written.values())}, "labels count"
    assert set(db.session.scalars(sa.select(Words.text).where(Words.text.contains("(it")))) == set()


def test_the_commonest_language_is_that_of_the_words_that_may_be_read(make):
    acme = make.employer()
    vary = written_in(*["de"] * 3, *["en"] * 9)
    store_answers(acme, 12, lambda n: vary(n) | {"words": "employer" if n < 3 else "counted"})
    release(acme, reader=POLYGLOT)
    assert languages_shown(acme) == {"de": 3}


def test_a_text_of_very_few_words_counts_as_one_in_the_commonest_language(make):
    acme = make.employer()
    short = written_in(*["de"] * 12, length=SHORT)
    long = written_in(*["en"] * 12)
    store_answers(acme, 12, lambda n: (short if n < 2 else long)(n))
    release(acme, reader=POLYGLOT)
    assert languages_shown(acme) == {"de": 2, "en": 10}


GERMAN = "Sie waren freundlich, aber ich habe nach dem Gespräch nichts mehr von ihnen gehört, Nr. "
ENGLISH = "They were kind, but after the interview I never heard from them again, no. "


def test_few_english_words_at_an_employer_whose_candidates_write_german_stay_out(make):
    """By the analyzer that is shipped, which falls back on the employer's language, English."""
    acme = make.employer()
    said = [GERMAN] * 10 + [ENGLISH] * 2 + ["Danke, gern wieder "] * 2
    store_answers(acme, 14, lambda n: {"comment": f"{said[n]}{n}."})
    release(acme, reader=jobs.load_analyzer())
    shown = Counter(text.split()[0] for _, text in read(acme, Export.COMMENTS))
    assert shown == {"Sie": 10, "Danke,": 2}


def test_other_scripts_are_one_language_whatever_their_length(make):
    cyrillic, arabic = "Спасибо вам", "شكرا جزيلا"
    for slug, scripts, shown in (
        ("acme", [cyrillic] * 2 + [arabic] * 2, 0),
        ("globex", [cyrillic] * 3 + [arabic] * 2, 5),
    ):
        employer = make.employer(slug)
        english = written_in(*["en"] * 20)

        def vary(n, scripts=scripts, english=english):
            return {"comment": f"{scripts[n]} {n}"} if n < len(scripts) else english(n)

        store_answers(employer, 20, vary)
        release(employer, reader=POLYGLOT)
        foreign = [text for _, text in read(employer, Export.COMMENTS) if "Good" not in text]
        assert len(foreign) == shown


def test_words_that_came_back_stay_out_once_few_wrote_in_their_language(make):
    acme = make.employer()
    tokens = give_answers(make, acme, 5, written_in(*["de"] * 5))
    pool_of(acme, *["en"] * 7)
    assert languages_shown(acme) == {"de": 5, "en": 7}
    withdraw(tokens[0])
    pool_of(acme, *["en"] * 5)  # a mixed batch: its words wait for a pool as well
    assert len(db.session.scalars(sa.select(Words.id)).all()) == 11
    pool_of(acme, *["en"] * 10)
    assert languages_shown(acme) == {"en": 22}
    assert len(db.session.scalars(sa.select(Words.id)).all()) == 22, "four are gone for good"
    withdraw(tokens[1])
    pool_of(acme, *["en"] * 10)
    assert "de" not in languages_shown(acme)


def test_the_page_says_how_many_stay_out_of_pools_in_which_they_reach_the_floor(cast, app):
    vera = Person(app).sign_in(cast.vera)
    pool_of(cast.acme, *["en"] * 10, *["de"] * 4)
    assert "stay out for good" not in words_of(vera.get("/e/acme/comments"))
    pool_of(cast.acme, *["en"] * 10, *["it"] * 3, *["es"] * 4)
    assert "7 comments stay out for good" in words_of(vera.get("/e/acme/comments"))
    app.config["HEARDBACK"] = replace(app.config["HEARDBACK"], MIN_ANSWERS=8)
    assert "stay out for good" not in words_of(vera.get("/e/acme/comments"))
