"""Who has the database, and all copies of it over time, learns nothing of what anybody answered.

The attacker has every table with its system columns before and after everything that happens,
SQLite's files at every moment, all pages and files, and whatever the employer knows. Neither
SECRET_KEY nor a mail.
"""

import json
import random
import re
from datetime import timedelta

import numpy as np
import pytest
import sqlalchemy as sa

from portal import invitations, jobs, reputation, schema, surveys
from portal.demo.seed import seed
from portal.extensions import db
from portal.models import (
    COARSE_FACTS,
    Batch,
    CurrentEdition,
    Locale,
    Opinion,
    Reading,
    SealedAnswer,
    TextCalibration,
    Words,
    utcnow,
)
from portal.models.base import UtcDateTime
from portal.reputation import sums
from portal.reputation.parts import plan_parts
from portal.surveys import Consent
from tests.support.answers import answer, give_answers, make_answer, read, release, store_answers
from tests.support.snapshots import Camera, compare
from tests.support.story import MARK, Event, Story, mark, tell
from tests.support.suspects import (
    DEVIATIONS,
    OF_ANSWERS,
    OF_PEOPLE,
    Beside,
    bytes_of,
    check_alike,
    check_joins,
    count_found,
    figures_in,
    known_of,
    lines_of,
    newly_published,
)

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

POOLED = ("release 2", "release 3", "release 5")
BEFORE_RELEASE = (
    "change before release 1",
    "withdrawal before release 1",
    "change before release 3",
    "withdrawal before release 3",
    "withdrawal of a returning answer",
)
AFTER_RELEASE = ("withdrawal after 3", "withdrawal after 5")
# What a withdrawal may change beside the sealed rows: figures and copies of the whole batch.
OF_BATCH = {"sealed_answer", "batch", "opinion", "words", "reading", "scorecard"}
EMPLOYERS_OWN = re.compile(r"owner /e/acme/(applications|closure)")
SEEN_AT_RANDOM = 20  # people named by luck in three pools: more than that in 10^-10 of runs
POWERS = {sums.LEAST_BYTES << power for power in range(8)}


@pytest.mark.heavy
def test_whoever_has_the_database_learns_nothing(app, make):
    story = tell(app, make)
    check_story(story)
    check_authors(story)
    check_lines_beside_words(story)
    check_stars(story)
    check_what_is_quiet(story)
    check_releases(story)
    check_values(story)
    check_figures(story)
    check_pages(story)
    check_files(story)
    for event in story.events.values():
        check_joins(event.after)
        check_sizes(event)


def check_story(story: Story) -> None:
    """The rest is worth something only if there is enough to be found, and rare people among it."""
    assert len(story.people) == 150
    last = story.events["release 5"].after
    assert len(last["invitation"]) == 400
    assert len(last["words"]) > 50
    texts = [row["text"] for row in story.events["release 3"].after["words"].values()]
    assert max(map(len, texts)) > 1900  # more than a page of SQLite's file
    assert {one.locale for one in story.people} == set(Locale)
    asked = [last["invitation"][one.invitation_id,] for one in story.people]
    copied = [{name: row[name] for name in COARSE_FACTS} for row in asked]
    assert count_found(copied, asked) > 100  # had answers kept their facts in clear


# -- whose it is ----------------------------------------------------------------------------------


def check_authors(story: Story) -> None:
    """No column of what is published follows one of those who may have written it."""
    words, lines = Beside(), Beside()
    for name in POOLED:
        event = story.events[name]
        for side, published in (
            (words, newly_published(event)),
            (lines, lines_of(story, event)),
        ):
            known = [known_of(story.people[number], event) for number in published]
            side.add(list(published.values()), known)
    assert words.people > 50
    assert lines.people > 50
    for side in (words, lines):
        assert side.worst()[0] < DEVIATIONS, side.worst()
        assert side.most_named() < SEEN_AT_RANDOM


def check_lines_beside_words(story: Story) -> None:
    """Nothing lays the words of a pool beside its lines."""
    both = Beside()
    for name in POOLED:
        event = story.events[name]
        words, lines = newly_published(event), lines_of(story, event)
        numbers = sorted(words.keys() & lines.keys())
        both.add([words[one] for one in numbers], [lines[one] for one in numbers])
    assert both.people > 20
    assert both.worst()[0] < DEVIATIONS, both.worst()
    assert both.most_named() < SEEN_AT_RANDOM


def check_stars(story: Story) -> None:
    """Nothing of a sealed row follows the stars sealed in it."""
    for event in story.events.values():
        rows = event.after["sealed_answer"]
        held = [one for one in story.people if (one.key,) in rows]
        guesses = Beside()
        guesses.add(
            [bytes_of(rows[one.key,]) for one in held], [{"stars": one.stars} for one in held]
        )
        if held[30:]:
            assert guesses.worst()[0] < DEVIATIONS, (event.name, guesses.worst())


# -- who changed or took back ---------------------------------------------------------------------


def check_what_is_quiet(story: Story) -> None:
    """A change or withdrawal touches every row of its group alike, and no other."""
    for name in (*BEFORE_RELEASE, *AFTER_RELEASE):
        event = story.events[name]
        assert event.who
        group = event.before["sealed_answer"][event.who.key,]["batch_id"]
        assert (group is None) == (name in BEFORE_RELEASE)
        allowed = OF_BATCH if group else {"sealed_answer", "words", "reading"}
        changes = compare(event.before, event.after)
        # who must be alone locks the employer, whose row says so in PostgreSQL
        assert changes.keys() - {"employer"} <= allowed, (name, changes.keys())
        for columns in changes["employer"].columns.values() if "employer" in changes else ():
            assert columns == {"xmax"}
        assert ("words" in changes) == (event.before["words"] != event.after["words"])
        check_touched(event, group)


def check_touched(event: Event, group: int | None) -> None:
    before, after = event.before["sealed_answer"], event.after["sealed_answer"]
    change = compare(event.before, event.after)["sealed_answer"]
    assert (change.added, change.gone) == (set(), set()), event.name
    touched = set(change.columns)
    assert touched == {key for key, row in before.items() if row["batch_id"] == group}, event.name
    assert len(touched) > 1
    for key in touched:
        old, new = (np.frombuffer(rows[key]["sealed"], np.uint8) for rows in (before, after))
        assert len(old) == len(new)
        assert (old[13:] == new[13:]).mean() < 0.04, event.name  # by chance one in 256
        assert before[key]["sealed"][:13] != after[key]["sealed"][:13]
    check_alike(event, [after[key] for key in touched])


def check_releases(story: Story) -> None:
    """A release leaves nobody behind by whom it could be known who took an answer back."""
    for name, release_after in (
        ("withdrawal before release 1", "release 1"),
        ("withdrawal before release 3", "release 3"),
        ("withdrawal of a returning answer", "release 4"),
        ("withdrawal after 3", "release 4"),
    ):
        event, one = story.events[release_after], story.events[name].who
        newest = max(event.after["batch"].values(), key=lambda row: row["number"])["id"]
        assert one
        assert event.after["sealed_answer"][one.key,]["batch_id"] == newest
        rows = [row for row in event.after["sealed_answer"].values() if row["batch_id"] == newest]
        waited = [row for row in event.before["sealed_answer"].values() if not row["batch_id"]]
        is_held_back = event.after["batch"][newest,]["held_back"]
        assert is_held_back or len(rows) == len(waited)
        check_alike(event, rows)


def check_sizes(event: Event) -> None:
    """Seals of one batch, or that wait and were never published, are of one size."""
    for key, batch in event.after["batch"].items():
        rows = [row for row in event.after["sealed_answer"].values() if row["batch_id"] == key[0]]
        sizes = {len(row["sealed"]) for row in rows}
        # what came back from a pool has no words any more: everybody knows which those are
        assert len(sizes) <= 1 + (batch["fresh"] < batch["answers"]), (event.name, sizes)
        assert batch["sums"] is None or len(batch["sums"]) in POWERS
    assert {len(row["sealed"]) for row in event.after["sealed_answer"].values()} <= {
        surveys.WITHOUT_WORDS,
        surveys.sealing.WITH_WORDS,
    }


# -- values, figures, pages, files ----------------------------------------------------------------


def check_values(story: Story) -> None:
    """No value that only an answer has stands elsewhere; no two rows are of one transaction."""
    for event in story.events.values():
        tables = event.after
        own = {
            "sealed_answer": {one.key[:12] for one in story.people},
            "opinion": {str(key[0]) for key in tables["opinion"]},
            "words": {str(key[0]) for key in tables["words"]},
        }
        for name, rows in tables.items():
            others = set[str]().union(
                *(values for table, values in own.items() if table != name), set()
            )
            others -= own["words"] if name == "reading" else set()
            for row in rows.values():
                clear = [value for value in row.values() if not isinstance(value, bytes)]
                numbers = re.findall(r"[0-9a-f]{12,}", repr(clear))
                found = {some for number in numbers for some in (number, number[:12])} & others
                assert not found, (event.name, name)
        published = {
            row.get("xmin") for name in OF_ANSWERS[1:] for row in tables[name].values()
        } - {None}
        people = {row.get("xmin") for name in OF_PEOPLE for row in tables[name].values()}
        assert not published & people, event.name


def check_figures(story: Story) -> None:
    """Figures in clear are as round as they are shown."""
    for event in story.events.values():
        for table, column, places in (
            ("batch", "trend", 1),
            ("scorecard", "reputation", 2),
            ("scorecard", "stars", 1),
            ("platform_fit", "prior", 2),
        ):
            for row in event.after[table].values():
                value = row[column]
                for figure in figures_in(json.loads(value) if isinstance(value, str) else value):
                    assert round(figure, places) == figure, (event.name, column, figure)


def check_pages(story: Story) -> None:
    """Pages and files say of a change or withdrawal nothing but the figures of a whole batch."""
    for event in story.events.values():
        published = {
            int(found)
            for row in event.after["words"].values()
            if row["pool"]
            for found in MARK.findall(row["text"].encode())
        }
        for path, page in event.pages_after.items():
            assert {int(number) for number in MARK.findall(page)} <= published, (event.name, path)
            old = event.pages_before.get(path)
            if event.name in BEFORE_RELEASE or (old and EMPLOYERS_OWN.match(path)):
                is_erased = event.name == "erasure"
                assert old == page or is_erased, (event.name, path)
    shown = {path for event in story.events.values() for path in event.pages_after}
    assert len(shown) > 20
    assert any(MARK.search(page) for page in story.events["release 3"].pages_after.values())


def check_files(story: Story) -> None:
    """No word, star or fact that is not published is in SQLite's files, nor in any table."""
    assert (story.scanned > 300) == story.camera.is_sqlite
    assert story.leaks == []
    for event in story.events.values():
        for name, rows in event.after.items():
            found = {
                int(number) for row in rows.values() for number in MARK.findall(repr(row).encode())
            }
            assert not found or name in ("words", "reading"), (event.name, name)
            for number in found:
                assert story.people[number].sent["words"] != Consent.COUNTED


# -- one thing at a time --------------------------------------------------------------------------


@on_sqlite
def test_words_that_are_gone_are_in_no_page_of_the_file(app, make):
    """Most of them moved from page to page while others came and went."""
    acme = make.employer()
    (token,) = give_answers(make, acme, 1, lambda _: {"comment": ""})
    store_answers(acme, 79, lambda n: {"comment": f"{mark(n)} they were kind. " * (1 + n % 12)})
    release(acme)
    assert schema.clear_log()
    camera = Camera()
    assert len({*MARK.findall(b"".join(camera.files()))}) == 79
    later = utcnow() + timedelta(days=367)
    jobs.forget(later)
    assert reputation.withdraw_answer(invitations.open_invitation(token, later), later)
    db.session.commit()
    assert schema.clear_log()
    assert db.session.scalar(sa.select(sa.func.count(Words.id))) == 0
    db.session.rollback()
    assert {*MARK.findall(b"".join(camera.files()))} == set()


def test_who_changes_often_is_not_known_by_what_was_sealed_anew_each_time(app, make):
    """Lots drawn anew each time would have nobody else in common."""
    acme = make.employer()
    store_answers(acme, 1200)
    token = make.link(make.told(acme))
    answer(token)
    db.session.commit()
    camera = Camera()
    camera.take()
    touched = []
    for stars in range(1, 5):
        before = camera.last
        db.session.rollback()
        given = surveys.find_answer(invitations.open_invitation(token, utcnow()))
        surveys.change_answer(given, read(overall=stars), Locale.ENGLISH)
        touched.append(set(compare(before, camera.take())["sealed_answer"].columns))
        assert (given.answer.key,) in touched[-1]
    together = set.intersection(*touched)
    assert len(together) > 120
    assert max(map(len, touched)) < 500  # and nobody waits for a thousand seals


def test_a_line_does_not_show_from_which_release_of_its_pool_it_is(app, make):
    acme = make.employer()
    store_answers(acme, 6, lambda _: {"relationship": "elsewhere", "survey_version": 1})
    release(acme)
    store_answers(acme, 8, lambda n: {"relationship": "elsewhere" if n < 3 else ""})
    release(acme)
    lines = db.session.scalars(sa.select(Opinion.answers)).all()
    assert len(lines) == 14
    assert {tuple(line) for line in lines} == {("recommend", "overall")}


def test_the_size_of_sums_tells_no_stars(app, make):
    acme = make.employer()
    chance = random.Random(5)
    sizes = set()
    for number in range(30):
        stars = [1 + number % 5 if number % 2 else chance.randrange(1, 6) for _ in range(25)]
        answers = [make_answer(acme, overall=one, recommend=2 * one) for one in stars]
        batch = Batch(employer_id=acme.id, number=number)
        sums.seal(sums.count(answers, plan_parts(answers, 5), {0: 25}), batch)
        sizes.add(len(batch.sums))
    assert sizes == {sums.LEAST_BYTES}


@on_sqlite
@pytest.mark.long
def test_nobody_is_found_in_the_sample(app, make):
    """The first version's: 583 of 591 answers led to exactly one person."""
    seed(utcnow())
    db.session.commit()
    camera = Camera()
    tables = camera.take()
    assert len(tables["sealed_answer"]) > 500
    assert len(tables["words"]) > 150
    check_joins(tables)
    people = [
        {name: row[name] for name in ("employer_id", *COARSE_FACTS)}
        for row in tables["invitation"].values()
        if row["is_answered"]
    ]
    assert count_found(people, people) > 0.9 * len(people)  # as the first version kept them
    assert {*MARK.findall(b"".join(camera.files()))} == set()


def test_answers_have_no_time_and_no_way_to_a_person():
    ways = {
        table: {key.column.table.name for key in table.__table__.foreign_keys}
        for table in (SealedAnswer, Opinion, Words, Reading, TextCalibration, CurrentEdition)
    }
    assert ways == {
        SealedAnswer: {"employer", "batch"},
        Opinion: {"employer"},
        Words: {"employer"},
        Reading: {"words"},
        TextCalibration: set(),
        CurrentEdition: set(),
    }
    columns = {table: set(table.__table__.columns.keys()) for table in ways}
    assert columns[SealedAnswer] == {"key", "employer_id", "batch_id", "sealed"}
    assert columns[Opinion] == {"id", "employer_id", "pool", "answers", "label"}
    assert columns[Words] == {"id", "employer_id", "pool", "may_publish", "text"}
    for table in ways:
        for column in table.__table__.columns:
            assert not column.name.endswith("_at")
            assert not isinstance(column.type, sa.DateTime | UtcDateTime)
