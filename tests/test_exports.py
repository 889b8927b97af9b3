"""What leaves as a file: only pools, nobody in it, and no cell that a spreadsheet would run."""

import csv
import io
import json
import random
import zipfile
from collections import Counter
from datetime import date, timedelta
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest
import sqlalchemy as sa

from portal import exports, surveys
from portal.exports import Export, Format, dictionary
from portal.extensions import db
from portal.models import Batch, Decision, Outcome, utcnow
from portal.surveys import redact
from tests.support.answers import give_answers, release, store_answers, withdraw
from tests.support.readers import Reader, activate, rescore_by

FEEDBACK = (Export.ROWS, Export.COUNTS, Export.COMMENTS)
TIES = ("will_grow", "may_grow", "unchanged", "elsewhere")
HOSTILE = [
    '=cmd|"/C calc"!A0',
    "@SUM(1+9)",
    "+1 (555) 0100",
    "-2+3",
    '"><svg onload=alert(1)>',
    "%s",
]


def read(employer, export):
    return list(exports.read_rows(employer, export))


def written(employer, export, format=Format.CSV, **options) -> bytes:
    file = io.BytesIO()
    exports.write_file(file, export, exports.read_rows(employer, export), format, **options)
    return file.getvalue()


def parsed_csv(raw: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


def sheet(raw: bytes, number: int) -> list[list[str]]:
    """The cells of an XLSX file's NUMBER-th sheet, read from its XML."""
    with zipfile.ZipFile(io.BytesIO(raw)) as parts:
        root = ET.fromstring(parts.read(f"xl/worksheets/sheet{number}.xml"))
        assert not root.findall(".//{*}f"), "a formula"
        assert not root.findall(".//{*}hyperlink"), "a link"
        shared = []
        if "xl/sharedStrings.xml" in parts.namelist():
            table = ET.fromstring(parts.read("xl/sharedStrings.xml"))
            shared = ["".join(item.itertext()) for item in table]
    return [
        [
            shared[int("".join(cell.itertext()))]
            if cell.get("t") == "s"
            else "".join(cell.itertext())
            for cell in row
        ]
        for row in root.findall(".//{*}row")
    ]


class Labelling(Reader):
    """Reads a comment as what it says it is: "pos 3" is positive."""

    def __call__(self, text, language, calibration=None):
        label = text.split(" ")[0]
        if label in ("pos", "neg"):
            return self._reading("scored", label, 0.9 if label == "pos" else 0.1, {})
        if label == "unclear":
            return self._reading("unclear", "pos", 0.5, {})
        return self._reading("not_scored", reason="too_little_text")


LABELLING = Labelling("label 1")


# -- which answers leave --------------------------------------------------------------------------


def test_four_answers_leave_nothing(make):
    acme = make.employer()
    store_answers(acme, 4)
    assert release(acme) is None
    for export in (*FEEDBACK, Export.SCORECARDS):
        assert read(acme, export) == []
    assert exports.availability(acme) == exports.Availability(pooled=0, waiting=0, floor=10)


def test_a_release_below_the_floor_of_rows_waits_for_its_pool(make):
    acme = make.employer()
    store_answers(acme, 6)
    release(acme)
    assert all(read(acme, export) == [] for export in FEEDBACK)
    assert exports.availability(acme) == exports.Availability(pooled=0, waiting=6, floor=10)
    store_answers(acme, 5)
    release(acme)
    assert len(read(acme, Export.ROWS)) == 11
    assert exports.availability(acme) == exports.Availability(pooled=11, waiting=0, floor=10)
    store_answers(acme, 6)
    release(acme)
    assert len(read(acme, Export.ROWS)) == 11, "six more wait for a pool of their own"
    assert exports.availability(acme) == exports.Availability(pooled=11, waiting=6, floor=10)
    assert [row[0] for row in read(acme, Export.SCORECARDS)] == [1, 2, 3]


def test_answers_waiting_for_release_are_counted_nowhere(make):
    acme = make.employer()
    store_answers(acme, 12)
    release(acme)
    before = exports.availability(acme), [read(acme, export) for export in FEEDBACK]
    store_answers(acme, 9)
    assert (exports.availability(acme), [read(acme, export) for export in FEEDBACK]) == before


def test_twenty_two_answers_are_twenty_two_rows_that_name_nobody(make):
    acme = make.employer()
    give_answers(make, acme, 22)
    release(acme)
    rows = read(acme, Export.ROWS)
    month = f"{date.today():%Y-%m}"
    expected = Counter((month, n % 11, 1 + n % 5, "", "unclear") for n in range(22))
    assert Counter(rows) == expected
    everything = b"".join(written(acme, export) for export in FEEDBACK).decode()
    for known in ("Cam", "example.net", "Engineer", utcnow().date().isoformat()):
        assert known not in everything


def test_the_order_of_lines_repeats_nothing_and_stays_the_same(make):
    acme = make.employer()
    store_answers(acme, 40, lambda n: {"recommend": n % 11, "overall": 1 + n // 8})
    batch = release(acme)
    rows, comments = read(acme, Export.ROWS), read(acme, Export.COMMENTS)
    assert rows == read(acme, Export.ROWS)
    assert comments == read(acme, Export.COMMENTS)
    assert [row[2] for row in rows] != sorted(row[2] for row in rows), "order of answering"
    sealed = surveys.open_batch(acme, batch.id).answers
    sealed = sorted(sealed, key=lambda one: one.key)
    as_sealed = [(one.answers["recommend"], one.stars) for one in sealed]
    assert Counter(row[1:3] for row in rows) == Counter(as_sealed)
    assert [row[1:3] for row in rows] != as_sealed
    by_row = [1 + int(text[1].split()[2].rstrip(".")) // 8 for text in comments]
    assert by_row != sorted(by_row)
    assert by_row != [row[2] for row in rows], "comments do not stand in the order of rows"
    assert by_row != [one.stars for one in sealed]


def test_a_withdrawal_takes_the_whole_release_out_of_every_file(make):
    acme = make.employer()
    tokens = give_answers(make, acme, 12)
    release(acme)
    withdraw(tokens[3])
    for export in (*FEEDBACK, Export.SCORECARDS):
        assert read(acme, export) == []
    store_answers(acme, 5, lambda n: {"comment": f"Fresh {n}."})
    assert release(acme).answers == 16
    assert [row[0] for row in read(acme, Export.SCORECARDS)] == [2]
    for export in FEEDBACK:
        assert read(acme, export) == [], "beside an older copy the missing line would stand out"
    assert exports.availability(acme) == exports.Availability(pooled=0, waiting=0, floor=10)
    store_answers(acme, 11, lambda n: {"comment": f"Later {n}."})
    release(acme)
    assert len(read(acme, Export.ROWS)) == 11, "lines that were public never come back"
    assert {row[1] for row in read(acme, Export.COUNTS)} == {11}
    words = Counter(text.split()[0] for _, text in read(acme, Export.COMMENTS))
    assert words == {"Remark": 11, "Fresh": 5, "Later": 11}, "words do, but for the one taken back"


def one_history(make, seed: int, steps: int):
    """Answers, releases and withdrawals by chance; each answer differs from all others."""
    chance, acme, count, tokens, snapshots = random.Random(seed), make.employer(), 0, [], []
    for _ in range(steps):
        amount = chance.randint(5, 14)
        first = count
        tokens += give_answers(
            make,
            acme,
            amount,
            lambda n, first=first: {
                "recommend": (first + n) % 11,
                "overall": 1 + (first + n) // 11 % 5,
                "relationship": TIES[(first + n) // 55 % 4],
            },
        )
        count += amount
        release(acme)
        if chance.random() < 0.3:
            withdraw(tokens.pop(chance.randrange(len(tokens))))
        snapshots.append(Counter(row[1:] for row in read(acme, Export.ROWS)))
    return snapshots


@pytest.mark.parametrize(
    "seed", [2, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(3, 13))]
)
def test_no_two_copies_of_the_rows_differ_by_fewer_than_the_floor(make, seed):
    copies = one_history(make, seed, steps=9)
    assert any(copies), "nothing was ever shown: the test shows nothing"
    for older, newer in combinations(copies, 2):
        for gone in (older - newer, newer - older, older & newer):
            assert gone.total() == 0 or gone.total() >= 5


def test_what_is_left_of_a_pool_leaves_only_if_it_is_still_large_enough(make):
    acme = make.employer()
    tokens = give_answers(make, acme, 6)
    release(acme)
    give_answers(make, acme, 5)
    release(acme)
    assert len(read(acme, Export.ROWS)) == 11
    withdraw(tokens[0])
    assert all(read(acme, export) == [] for export in FEEDBACK)


def test_a_raised_floor_holds_back_older_pools(make, app):
    acme = make.employer()
    store_answers(acme, 12)
    release(acme)
    held = app.config["HEARDBACK"]
    object.__setattr__(held, "MIN_COMMENTS", 15)
    assert all(read(acme, export) == [] for export in FEEDBACK)
    assert exports.public_comments(acme, 30) == ([], 0)
    object.__setattr__(held, "MIN_COMMENTS", 10)


def test_another_employers_answers_stay_out(make):
    acme, globex = make.employer("acme"), make.employer("globex")
    store_answers(acme, 12)
    release(acme)
    assert all(read(globex, export) == [] for export in Export)


# -- what stands in the files ---------------------------------------------------------------------


def test_rows_hold_ties_and_sentiment_once_enough_answered(make):
    acme = make.employer()
    store_answers(
        acme,
        12,
        lambda n: {
            "relationship": "elsewhere" if n < 6 else "",
            "comment": f"{('pos', 'neg')[n % 11 % 2]} {n}",
        },
    )
    release(acme, reader=LABELLING)
    rows = read(acme, Export.ROWS)
    assert Counter(row[3] for row in rows) == {"elsewhere": 6, "": 6}
    assert Counter((row[1] % 2, row[4]) for row in rows) == {(0, "pos"): 7, (1, "neg"): 5}


def test_too_few_of_a_question_are_neither_in_rows_nor_in_counts(make):
    """With one scored comment and one comment in the other file, somebody could join the two."""
    acme = make.employer()
    store_answers(
        acme,
        12,
        lambda n: {
            "relationship": "elsewhere" if n < 4 else "",
            "heard_how": "other" if n < 4 else "",
            "comment": "neg remark." if n == 0 else "",
        },
    )
    release(acme, reader=LABELLING)
    assert {row[3:] for row in read(acme, Export.ROWS)} == {("", "not_shown")}
    counts = {(q, a): n for _, _, q, a, n in read(acme, Export.COUNTS)}
    assert {a for q, a in counts if q == "heard_how"} == {"not_shown"}
    assert counts["heard_how", "not_shown"] == ""


LABELS = ("pos", "neg", "unclear", "not_scored")


@pytest.mark.parametrize(
    ("counts", "shown"),
    [
        ((12, 8, 6, 5), {"pos": 12, "neg": 8, "unclear": 6, "not_scored": 5}),
        ((12, 8, 4, 1), {"pos": 12, "neg": 8, "not_shown": 5}),
        ((12, 8, 2, 1), {"pos": 12, "not_shown": 11}),  # 3 alone would be too few to hide among
        ((9, 1, 0, 0), {"not_shown": 10}),
        ((0, 0, 0, 10), {"not_scored": 10}),
    ],
)
def test_a_label_that_few_have_stands_in_no_row(make, counts, shown):
    """Read by the same software, the one comment with that label would be the one row's."""
    acme = make.employer()
    drawn = [label for label, n in zip(LABELS, counts, strict=True) for _ in range(n)]
    store_answers(acme, sum(counts), lambda n: {"comment": f"{drawn[n]} {n}"})
    release(acme, reader=LABELLING)
    assert Counter(row[4] for row in read(acme, Export.ROWS)) == shown


def test_no_later_reading_changes_a_file_that_has_left(make):
    """Two copies would differ in single rows, and the comments read otherwise would be theirs."""
    acme = make.employer()
    store_answers(acme, 10, lambda n: {"comment": f"Good {n}."})
    release(acme)
    before = [read(acme, export) for export in FEEDBACK]
    assert {row[4] for row in before[0]} == {"pos"}
    activate(rescore_by(Reader("test 2", turned=True)))
    assert exports.read_comments(acme).verdicts == {exports.ReadAs.NEG: 10}
    assert [read(acme, export) for export in FEEDBACK] == before


def test_counts_add_up_per_question_and_say_how_many_did_not_answer(make):
    acme = make.employer()
    store_answers(
        acme,
        12,
        lambda n: {
            "told": "no" if n < 3 else "offer",
            "feedback": "specific" if n >= 6 else "",
        },
    )
    release(acme)
    rows = read(acme, Export.COUNTS)
    assert {row[1] for row in rows} == {12}
    counts = {(q, a): n for _, _, q, a, n in rows}
    assert counts["told", "no"] == 3
    assert counts["told", "offer"] == 9
    assert counts["told", "withdrew"] == counts["told", "no_answer"] == 0
    assert (counts["feedback", "specific"], counts["feedback", "no_answer"]) == (6, 6)
    for question in ("told", "chased", "feedback"):
        assert sum(n for (q, _), n in counts.items() if q == question) == 12


def test_comments_follow_their_writers_choice_and_lose_addresses(make):
    acme = make.employer()
    words = ["counted", "employer", "public"]
    store_answers(
        acme,
        12,
        lambda n: {"words": words[n % 3], "comment": f"{words[n % 3]} {n} to a{n}@b.example"},
    )
    release(acme)
    texts = [text for _, text in read(acme, Export.COMMENTS)]
    assert sorted(t.split()[0] for t in texts) == ["employer"] * 4 + ["public"] * 4
    assert all(t.endswith("to [removed]") for t in texts)
    published, total = exports.public_comments(acme, 30)
    assert len(published) == total == 4
    assert exports.public_comments(acme, 3) == (published[:3], 4)
    assert {comment.month for comment in published} == {date.today().replace(day=1)}
    assert all(comment.text.startswith("public") for comment in published)


def test_the_closure_log_has_one_line_per_application(make):
    acme = make.employer()
    make.application(acme, name="Open Ola", email=None, stage="Phone screen", department="Wards")
    make.told(acme, name="Told Tim", email="tim@example.net", days_ago=10, told_after=2)
    db.session.execute(sa.update(Decision).values(reason_code="filled"))
    db.session.commit()
    make.decided(acme, Outcome.HIRED, name="Waiting Wu")
    rows = read(acme, Export.CLOSURE)
    assert [row[0] for row in rows] == ["Open Ola", "Told Tim", "Waiting Wu"]
    open_, told, waiting = (
        dict(zip(dictionary()[Export.CLOSURE], row, strict=True)) for row in rows
    )
    assert open_ | {"email": None, "stage": "Phone screen", "outcome": None} == open_
    assert open_["department"] == waiting["department"] == "Wards", "both applied for one role"
    assert told["email"] == "tim@example.net"
    assert (told["outcome"], told["channel"]) == ("rejected", "phone")
    assert told["told_on"] - told["decided_on"] == timedelta(days=2)
    assert (told["reason"], open_["reason"], waiting["reason"]) == ("filled", None, None)
    assert (waiting["outcome"], waiting["told_on"], waiting["channel"]) == ("hired", None, None)


def test_the_history_of_releases_is_no_finer_than_the_pages(make):
    acme = make.employer()
    store_answers(acme, 12)
    batch = release(acme)
    assert read(acme, Export.SCORECARDS) == [
        (
            1,
            batch.released_on,
            12,
            round(batch.trend["stars"], 1),
            round(batch.trend["stars_low"], 1),
            round(batch.trend["stars_high"], 1),
        )
    ]


# -- formats --------------------------------------------------------------------------------------


def test_every_line_has_the_columns_of_the_dictionary(make):
    acme = make.employer()
    make.told(acme)
    store_answers(acme, 12)
    release(acme)
    for export in Export:
        check_columns(acme, export)


def check_columns(acme, export):
    names = list(dictionary()[export])
    lines = parsed_csv(written(acme, export))
    assert lines[0] == names
    assert len(lines) > 1
    assert {len(line) for line in lines} == {len(names)}
    objects = [json.loads(line) for line in written(acme, export, Format.JSONL).splitlines()]
    assert all(list(one) == names for one in objects)
    assert len(objects) == len(lines) - 1
    raw = written(acme, export, Format.XLSX)
    assert sheet(raw, 1)[0] == names
    assert len(sheet(raw, 1)) == len(lines)
    assert [row[0] for row in sheet(raw, 2)[1:]] == names


def test_no_cell_is_a_formula(make):
    acme = make.employer()
    comments = [*HOSTILE, "\t=1", '=HYPERLINK("http://x","y")', "é\u2028x", "two\nlines"]
    store_answers(acme, len(comments), lambda n: {"comment": comments[n]})
    release(acme)
    for name in HOSTILE:
        make.application(acme, name=name, role=name, stage=name, email=None)
    for export in (Export.COMMENTS, Export.CLOSURE):
        for line in parsed_csv(written(acme, export)):
            assert not [cell for cell in line if cell.startswith(("=", "+", "-", "@", "\t", "\r"))]
        text = {cell for row in sheet(written(acme, export, Format.XLSX), 1) for cell in row}
        assert HOSTILE[0] in text
    names = [row[0] for row in parsed_csv(written(acme, Export.CLOSURE))]
    assert "'" + HOSTILE[0] in names
    assert HOSTILE[4] in names
    text = written(acme, Export.COMMENTS, Format.JSONL).decode()
    assert len(text.splitlines()) == len(text.split("\n")) - 1, "a line is a line to every reader"
    assert "two\nlines" in [json.loads(line)["comment"] for line in text.splitlines()]


def test_a_csv_for_people_says_that_it_is_utf_8(make):
    acme = make.employer()
    make.application(acme, name="Zoë Ångström محمد")
    assert written(acme, Export.CLOSURE, with_bom=True).startswith(b"\xef\xbb\xbfname,")
    assert written(acme, Export.CLOSURE).startswith(b"name,")
    assert "Zoë Ångström محمد" in written(acme, Export.CLOSURE).decode()


# -- taking out addresses -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("mail jane.doe+x@corp.example.com!", "mail [removed]!"),
        ("jane (at) corp (dot) com", "[removed]"),
        ("see https://evil.example/a?b=c now", "see [removed] now"),
        ("www.corp.com and linkedin.com/in/jane-doe", "[removed] and [removed]"),
        ("call +1 (555) 010-2233 please", "call [removed] please"),
        ("call 06 12 34 56 78", "call [removed]"),
        ("I am @jane_doe", "I am [removed]"),
        ("Write to jane＠corp.example", "Write to [removed]"),
    ],
)
def test_addresses_and_numbers_are_taken_out(text, left):
    assert redact(text) == left


@pytest.mark.parametrize(
    "text",
    [
        "I called 3 times in 2 weeks, at 9:30 and 14:00.",
        "It was ok.They said 4/5 and 100 %.",
        "The salary was 65,000 a year @ first",
        "Never heard back. No email, no call (at all).",
        "9 out of 10",
        "",
    ],
)
def test_ordinary_words_stay(text):
    assert redact(text) == text


@pytest.mark.parametrize(
    "piece", ["a", "a.", "1", "1 ", "@", "a@", "(", "[at]", "www.", "a-", "é", "http://", "1(-"]
)
def test_taking_out_is_quick_whatever_is_written(piece):
    started = utcnow()
    redact((piece * 2000)[:2000])
    assert (utcnow() - started).total_seconds() < 0.5


# -- the command ----------------------------------------------------------------------------------


def export_by_command(app, *words):
    return app.test_cli_runner().invoke(args=["export", *words])


def test_the_command_writes_to_standard_output_and_to_a_file(app, make, tmp_path):
    acme = make.employer()
    store_answers(acme, 12)
    release(acme)
    shown = export_by_command(app, "feedback", "--employer", "acme")
    assert shown.exit_code == 0
    assert shown.stdout_bytes == written(acme, Export.ROWS)
    for format in Format:
        file = tmp_path / f"rows.{format}"
        result = export_by_command(
            app,
            *f"feedback --employer acme --part counts --format {format} --output {file}".split(),
        )
        assert (result.exit_code, result.output) == (0, "")
        if format is not Format.XLSX:  # which holds its own time of making
            assert file.read_bytes() == written(acme, Export.COUNTS, format)
    assert not list(tmp_path.glob(".heardback*"))


REFUSED = {
    "feedback --employer nobody": "There is no employer 'nobody'",
    "feedback": "--employer SLUG",
    "closure --employer acme --part rows": "--part belongs to feedback",
    "closure --employer acme --output /nowhere/at/all.csv": "There is no folder",
    "closure --employer acme --output /tmp": "/tmp is not a file",
    "closure --employer acme --output /proc/x": "/proc/x",
}


def test_the_command_refuses_with_one_line(app, make):
    make.employer()
    for words, message in REFUSED.items():
        result = export_by_command(app, *words.split())
        assert result.exit_code == 1, words
        assert message in result.stderr
        assert len(result.stderr.splitlines()) == 1
        assert not result.stdout


def test_the_command_says_why_a_file_is_empty(app, make):
    acme = make.employer()
    store_answers(acme, 6)
    release(acme)
    result = export_by_command(app, "feedback", "--employer", "acme")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == ["month,recommend,overall,relationship,sentiment"]
    assert "6 answers are released, 10 are needed" in result.stderr


def test_a_failing_export_leaves_the_old_file_as_it_was(app, make, tmp_path, monkeypatch):
    make.application(make.employer())
    file = tmp_path / "closure.csv"
    file.write_text("yesterday's")

    def fail(*_args, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(exports, "write_file", fail)
    result = export_by_command(app, "closure", "--employer", "acme", "--output", str(file))
    assert result.exit_code == 1
    assert "No space left" in result.stderr
    assert file.read_text() == "yesterday's"
    assert list(tmp_path.glob("*closure*")) == [file]


def test_the_command_prints_the_dictionary_without_an_employer(app, make):
    result = export_by_command(app, "feedback", "--part", "comments", "--dictionary")
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines()] == ["month", "comment"]


def test_live_batches_without_a_pool_are_in_no_file(make):
    acme = make.employer()
    store_answers(acme, 12)
    release(acme)
    db.session.execute(sa.update(Batch).values(pool=None))
    db.session.commit()
    assert all(read(acme, export) == [] for export in FEEDBACK)
