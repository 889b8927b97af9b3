"""What one row may say, and in which words it is told what is wrong with it."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import candidate_files
from portal.models import (
    Channel,
    Employer,
    Feedback,
    Locale,
    Outcome,
    RoleFamily,
    StageGroup,
)
from portal.signs import shows
from tests.support.import_files import ANN, BOB, HEADER, attempt, check, faults, table, write

DECIDED = {"outcome": "rejected", "decided_on": "2026-05-01"}
NO = candidate_files.ToldAnswer.NO


def only(data: bytes, **options):
    checked = check(data, **options)
    assert checked.faults == []
    [row] = checked.distinct
    return row


def test_a_full_row_is_read():
    row = only(
        table(
            {
                "name": "  Zoë\u00a0 Doe ",
                "email": "Zoe@X.Test",
                "role_family": "Ingénierie",
                "department": "  Chirurgie\u00a0 B ",
                "external_id": "A-1",
                "stage": "Second interview",
                "last_interview_on": "2026-04-20",
                "outcome": "Non retenu(e)",
                "decided_on": "2026-05-01",
                "told_on": "2026-05-03",
                "channel": "Téléphone",
                "feedback": "specific",
                "promised_on": "2026-06-01",
                "locale": "fr-CA",
                "reason": "=HYPERLINK(1)",
            }
        )
    )
    new = row.new
    assert (row.number, new.name, new.email, new.role) == (2, "Zoë Doe", "Zoe@x.test", "Engineer")
    assert (new.role_family, new.external_id) == (RoleFamily.ENGINEERING, "A-1")
    assert new.department == "Chirurgie B"
    assert (new.stage, new.stage_group) == ("Second interview", StageGroup.INTERVIEW)
    assert new.last_interview_on == new.stage_entered_on == date(2026, 4, 20)
    assert (new.promised_on, new.locale) == (date(2026, 6, 1), Locale.FRENCH)
    assert row.verdict.outcome is Outcome.REJECTED
    assert (row.verdict.decided_on, row.verdict.reason) == (date(2026, 5, 1), "=HYPERLINK(1)")
    assert row.telling.told_on == date(2026, 5, 3)
    assert (row.telling.channel, row.telling.feedback) == (Channel.PHONE, Feedback.SPECIFIC)


def test_a_row_with_the_least_is_open():
    row = only(write(HEADER, ANN))
    assert row.verdict is row.telling is None
    assert (row.new.stage, row.new.stage_group) == ("", StageGroup.SCREEN)
    assert row.new.external_id is row.new.locale is row.new.stage_entered_on is None


@pytest.mark.parametrize("word", ["", " ", "open", "Still open", "En cours", "offen", "en proceso"])
def test_words_for_still_open(word):
    assert only(table({"outcome": word})).verdict is None


@pytest.mark.parametrize(
    ("word", "outcome"),
    [
        ("hired", Outcome.HIRED),
        ("Embauché(e)", Outcome.HIRED),
        ("Eingestellt", Outcome.HIRED),
        ("offer_declined", Outcome.OFFER_DECLINED),
        ("Rejected offer", Outcome.OFFER_DECLINED),
        ("Declined by Employer", Outcome.REJECTED),
        ("REFUSÉE", Outcome.REJECTED),
        ("abgelehnt", Outcome.REJECTED),
        ("Rechazado/a", Outcome.REJECTED),
        ("Withdraw by Candidate", Outcome.WITHDRAWN),
        ("zurückgezogen", Outcome.WITHDRAWN),
    ],
)
def test_words_for_outcomes(word, outcome):
    assert only(table(DECIDED | {"outcome": word}), told=NO).verdict.outcome is outcome


@pytest.mark.parametrize("word", ["declined", "archived", "yes", "Absage", "rejected?!x", "0"])
def test_a_word_that_could_mean_anything_is_never_guessed(word):
    [(row, column, message)] = faults(table(DECIDED | {"outcome": word}), told=NO)
    assert (row, column) == (2, "outcome")
    assert message.startswith(f"“{word}” (1 row): say what each means, one of ")
    for known in ("hired", "offer_declined", "rejected", "withdrawn", "open"):
        assert known in message


@pytest.mark.parametrize(
    ("field", "text", "words"),
    [
        ("name", "", "is missing"),
        ("name", "A\x00", "NUL"),
        ("name", "A\tB", "control characters"),
        ("name", "A\x1bB", "control characters"),
        ("name", "n" * 201, "longer than 200"),
        ("role", " ", "is missing"),
        ("role", "r" * 201, f"“{'r' * 39}…”: longer than 200"),
        ("external_id", "x" * 201, "longer than 200"),
        ("email", "", "is missing"),
        ("email", ";", "is missing"),
        ("email", "a@b", "“a@b”: "),
        ("email", "zoë@x.org", "@"),
        ("email", "ann at x.test", "@"),
        ("email", "bob@x.test\r\nBcc: y@z", "control characters"),
        ("email", "a@b@x.test", "@"),
        ("email", f"{'a' * 250}@x.test", "long"),
        ("email", "a@x.test," * 120, "longer than 1000"),
        ("last_interview_on", "1999-12-31", "before 2000"),
        ("last_interview_on", "2026-05-22", "too far in the future"),
        ("last_interview_on", "soon", "is not a day"),
        ("promised_on", "2027-06-20", "too far in the future"),
        ("reason", "why", "no outcome"),
        ("told_on", "2026-05-01", "no outcome"),
        ("decided_on", "2026-05-01", "no outcome"),
    ],
)
def test_one_wrong_cell_is_named(field, text, words):
    found = faults(table({field: text}, {"email": "bob@x.test"}))
    asked = [(None, "outcome")] if words == "no outcome" else []
    assert [(row, column) for row, column, _ in found] == [(2, field), *asked]
    assert words in found[0][2]
    assert len(found[0][2]) <= 300
    assert found[0][2].isprintable()


def test_every_fault_of_a_row_is_listed_under_the_names_of_the_file():
    data = write(["Nom", "Prénom", "Courriel", "Poste", "Statut"], ["", "", "x", "", "what"])
    found = faults(data)
    assert [(row, column) for row, column, _ in found] == [
        (2, "Statut"),
        (2, "Prénom"),
        (2, "Courriel"),
        (2, "Poste"),
    ]


def test_cells_left_out_at_a_rows_end_are_empty():
    """Spreadsheets leave them out; what is required is still asked for."""
    header = [*HEADER, "outcome", "decided_on", "told_on", "reason"]
    decided = ["rejected", "2026-05-01", "2026-05-03"]
    rows = check(write(header, [*ANN, *decided], BOB)).distinct
    assert [row.verdict and row.verdict.reason for row in rows] == ["", None]
    assert faults(write(HEADER, ["Ann", "ann@x.test"]))[0][:2] == (2, "role")


def test_empty_cells_behind_the_last_column_are_dropped_and_others_are_named():
    assert faults(write(HEADER, [*ANN, ""], [*BOB, " ", "\u00a0", ""])) == []
    [(row, column, message)] = faults(write(HEADER, ANN, [*BOB, "", "More"]))
    assert (row, column) == (3, None)
    assert message.startswith("“More” stands to the right of the last column")


@pytest.mark.parametrize(
    ("field", "text", "kept"),
    [
        ("stage", "s" * 101, "s" * 99 + "…"),
        ("department", "d" * 121, "d" * 119 + "…"),
        ("stage", "Second\nround", "Second round"),
        ("stage", "Second\x0bround\ufffe", "Second round"),
    ],
    ids=["long stage", "long department", "two lines", "signs no page shows"],
)
def test_free_text_is_shortened_and_never_refused(field, text, kept):
    checked = check(table({field: text}))
    assert checked.faults == []
    assert getattr(checked.distinct[0].new, field) == kept
    note = checked.notes.sentences()[0]
    assert f"Column “{field}”: put on one line" in note
    assert ("shortened" in note) is (kept[-1] == "…")


def test_a_reason_of_many_lines_is_taken():
    row = only(
        table(DECIDED | {"reason": "Strong communicator.\r\n\r\nNo SQL. " + "x" * 300}), told=NO
    )
    assert row.verdict.reason.startswith("Strong communicator. No SQL. xx")
    assert len(row.verdict.reason) == 200


@pytest.mark.parametrize(
    ("field", "text", "known"),
    [
        ("locale", "German", "en, fr"),
        ("channel", "Job boards", "phone, in_person, email, letter, portal"),
        ("feedback", "They were kind to me", "none, general, specific"),
    ],
)
def test_words_that_do_not_fit_are_left_out_and_said(field, text, known):
    checked = check(table({field: text}))
    assert checked.faults == []
    [notice] = [n for n in checked.notes.sentences() if field in n]
    assert f"not one of {known}" in notice
    assert f"--map {field}=ignore" in notice


@pytest.mark.parametrize(
    ("said", "family", "department"),
    [
        ({"role_family": "Wizardry"}, RoleFamily.OTHER, "Wizardry"),
        ({"department": "Care"}, RoleFamily.CARE, "Care"),
        ({"department": "Küche"}, RoleFamily.HOSPITALITY, "Küche"),
        ({"department": "R&D", "role_family": "Sales"}, RoleFamily.SALES, "R&D"),
        ({"role_family": "Pflege"}, RoleFamily.CARE, None),
        ({"department": "HR &amp; Recruitment"}, RoleFamily.OTHER, "HR & Recruitment"),
    ],
)
def test_departments_are_the_employers_own_words(said, family, department):
    new = only(table(said)).new
    assert (new.role_family, new.department) == (family, department)


def test_a_quoted_local_part_is_an_address():
    assert only(table({"email": '"a b"@x.test'})).new.email == '"a b"@x.test'
    assert only(table({"email": '"a,b"@x.test'})).new.email == '"a,b"@x.test'


def test_of_several_addresses_the_first_is_taken_with_a_notice():
    checked = check(table({"email": "a@x.test; b@x.test,c@x.test"}))
    assert checked.distinct[0].new.email == "a@x.test"
    assert "Several addresses in one cell: the first is taken (row 2)." in checked.notes.sentences()


def test_texts_that_look_like_formulas_or_turn_text_round_are_kept():
    for name in (
        "=HYPERLINK(1)",
        "@SUM(A1)",
        "+1 (555) 0100",
        "a\u202eb",
        "a\u200bb",
        "e\u0301" * 90,
    ):
        assert only(table({"name": name})).new.name == name


@pytest.mark.parametrize(
    ("stage", "interviewed_on", "group"),
    [
        ("Final round", "", StageGroup.FINAL),
        ("Angebot", "", StageGroup.FINAL),
        ("Telefoninterview", "", StageGroup.INTERVIEW),
        ("Vorstellungsgespräch", "", StageGroup.INTERVIEW),
        ("Phone screen", "2026-05-01", StageGroup.SCREEN),
        ("Step 3", "2026-05-01", StageGroup.INTERVIEW),
        ("Step 3", "", StageGroup.SCREEN),
        ("", "2026-05-01", StageGroup.INTERVIEW),
    ],
)
def test_how_far_somebody_came(stage, interviewed_on, group):
    row = only(table({"stage": stage, "last_interview_on": interviewed_on}))
    assert row.new.stage_group is group


def test_a_decided_row_needs_its_day():
    assert faults(table({"outcome": "hired", "decided_on": ""}), told=NO) == [
        (2, "decided_on", "is missing: on which day was this decided?")
    ]
    assert faults(table({"outcome": "hired"}), told=NO)[0][1] == "decided_on"


def test_a_decision_enters_the_last_stage_when_no_interview_says():
    assert only(table(DECIDED), told=NO).new.stage_entered_on == date(2026, 5, 1)


def test_nobody_is_told_before_the_decision():
    found = faults(table(DECIDED | {"told_on": "2026-04-30"}))
    assert found == [(2, "told_on", "“2026-04-30” is before the decision was made (“2026-05-01”)")]


def test_how_somebody_was_told_may_be_unknown():
    telling = only(table(DECIDED | {"told_on": "2026-05-01"})).telling
    assert (telling.channel, telling.feedback) == (None, Feedback.NONE)


def test_a_channel_without_a_day_is_not_told_and_says_so():
    still_open = {"email": "b@x.test"}
    checked = check(table(DECIDED | {"told_on": ""}, still_open, channel="phone"))
    assert checked.distinct[0].telling is None
    assert (
        "A channel but no day of telling: taken as not told (row 2)." in checked.notes.sentences()
    )


def test_told_yes_is_on_the_day_of_the_decision_but_not_for_who_withdrew():
    data = table(
        DECIDED | {"channel": "phone"},
        DECIDED | {"email": "b@x.test", "outcome": "withdrawn"},
        {"email": "c@x.test"},
    )
    checked = check(data, told=candidate_files.ToldAnswer.YES)
    first, second, third = (row.telling for row in checked.distinct)
    assert (first.told_on, first.channel) == (date(2026, 5, 1), Channel.PHONE)
    assert second is third is None
    assert (checked.told, checked.decided, checked.still_open) == (1, 2, 1)


@pytest.mark.parametrize("told", [candidate_files.ToldAnswer.YES, candidate_files.ToldAnswer.NO])
def test_an_answer_goes_before_the_column_and_says_so(told):
    data = table(DECIDED | {"told_on": "2020-01-01"})  # before the decision: would be a fault
    assert faults(table({"told_on": "2026-05-01"}), told=told) == []
    checked = check(data, told=told)
    assert checked.faults == []
    assert bool(checked.distinct[0].telling) is (told is candidate_files.ToldAnswer.YES)
    assert f"“told_on” is not read because of --told {told}" in " ".join(checked.notes.sentences())


def test_a_column_of_days_answers_whether_they_were_told():
    checked = check(table(DECIDED | {"told_on": "2026-05-02"}))
    assert checked.told == 1
    assert "taken from the column “told_on”" in " ".join(checked.notes.sentences())


def test_without_an_answer_the_question_is_asked():
    rows = [DECIDED, DECIDED | {"email": "b@x.test"}, {"email": "c@x.test"}]
    [(row, column, message)] = faults(table(*rows))
    assert (row, column) == (None, "told_on")
    assert message.startswith("Were these 2 candidates told? Say --told yes")
    assert faults(table(rows[0]))[0][2].startswith("Was this candidate told?")
    assert faults(table(rows[2])) == []


def test_told_column_needs_a_column():
    with pytest.raises(candidate_files.FileRefused, match="COLUMN=told_on"):
        check(table(DECIDED), told=candidate_files.ToldAnswer.COLUMN)


def test_a_day_ahead_is_taken_as_a_file_from_further_east():
    row = only(table({"outcome": "hired", "decided_on": "2026-05-21"}), told=NO)
    assert row.verdict.decided_on == date(2026, 5, 21)
    assert faults(table({"outcome": "hired", "decided_on": "2026-05-22"}), told=NO)


def test_the_day_is_counted_where_the_employer_is():
    data = table({"outcome": "hired", "decided_on": "2026-05-22"})
    assert faults(data, told=NO)
    assert not faults(data, told=NO, employer=Employer(timezone="Pacific/Kiritimati"))


def test_ambiguous_days_are_refused_for_the_whole_file():
    [(row, column, message)] = faults(table({"last_interview_on": "03/04/2026"}))
    assert (row, column) == (2, "last_interview_on")
    assert "--dates dmy, mdy or ymd" in message
    rows = [{"last_interview_on": day} for day in ("03/04/2026", "13/04/2026")]
    rows[1]["email"] = "b@x.test"
    first = check(table(*rows)).distinct[0]
    assert first.new.last_interview_on == date(2026, 4, 3)


def test_only_the_first_faults_are_kept_but_all_are_counted(monkeypatch):
    monkeypatch.setattr("portal.intake.checking.MAX_FAULTS", 100)
    checked = check(table(*[{"email": "x"}] * 250))
    assert (len(checked.faults), checked.fault_count) == (100, 250)
    assert checked.faults[-1].row == 101


def test_a_file_without_rows_is_refused():
    with pytest.raises(candidate_files.FileRefused, match="no rows below its header in row 1"):
        check(write(HEADER))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (write([*HEADER, "outcome"], [*ANN, ""]), "Nobody is decided"),
        (write(HEADER, ANN), "No column for the outcome"),
        (write([*HEADER, "Salary"], [*ANN, "1"]), "Columns not read: “Salary”"),
        (
            table({}, {"email": "b@x.test"}, outcome="hired", decided_on="2026-05-20"),
            "Everybody was decided today",
        ),
    ],
)
def test_what_the_owner_may_not_have_meant_is_noted(data, words):
    assert words in " ".join(check(data, told=NO).notes.sentences())
    usual = table({"outcome": "hired", "decided_on": "2026-05-20"}, {"email": "b@x.test"})
    assert words not in " ".join(check(usual, told=NO).notes.sentences())


@given(
    st.dictionaries(st.sampled_from(candidate_files.FIELDS), st.text(max_size=40), max_size=6),
    st.data(),
)
def test_any_text_in_any_column_is_a_row_a_fault_or_a_refusal(cells, data):
    told = data.draw(st.sampled_from([None, *candidate_files.ToldAnswer]))
    text = {field: cell.encode("utf-8", "ignore").decode() for field, cell in cells.items()}
    checked = attempt(check, table(text, {"email": "bob@x.test"}), told=told)
    if not isinstance(checked, str):
        is_blank = not "".join((dict(zip(HEADER, ANN, strict=True)) | text).values()).strip()
        assert checked.rows == 2 - is_blank
        assert checked.faults or checked.distinct


def cells_of(row: candidate_files.FileRow) -> dict:
    """ROW as a file would have it."""
    new, verdict, telling = row.new, row.verdict, row.telling
    cells = {
        field: getattr(new, field)
        for field in candidate_files.FIELDS
        if hasattr(new, field) and getattr(new, field) is not None
    }
    if verdict:
        cells |= {name: getattr(verdict, name) for name in ("outcome", "decided_on", "reason")}
    if telling:
        cells |= {name: getattr(telling, name) for name in ("told_on", "channel", "feedback")}
    return cells


def is_name(text: str) -> bool:
    """Whether TEXT begins as names do: what else stands there is taken off layer by layer."""
    return shows(text) and text[0].isalpha()


DAYS = st.dates(date(2000, 1, 1), date(2026, 5, 20)).map(str)
ROWS = st.fixed_dictionaries(
    {"name": st.text("Zoë =+@;,|\"'\u202e\u200b", min_size=1, max_size=20).filter(is_name)},
    optional={
        "external_id": st.text("0Aé-", min_size=1, max_size=5),
        "role_family": st.sampled_from(RoleFamily),
        "department": st.text("abé;,", max_size=9),
        "stage": st.text("abé;,", max_size=9),
        "last_interview_on": DAYS,
        "promised_on": DAYS,
        "locale": st.sampled_from(Locale),
        "reason": st.text("abé;,", max_size=9),
        "channel": st.sampled_from(Channel),
        "feedback": st.sampled_from(Feedback),
    },
)


@given(ROWS, st.sampled_from(Outcome), st.lists(DAYS, min_size=2, max_size=2))
def test_what_is_read_and_written_is_read_the_same(cells, outcome, days):
    decided_on, told_on = sorted(days)
    facts = {"outcome": outcome, "decided_on": decided_on, "told_on": told_on}
    row = only(table(cells | facts))
    assert only(table(cells_of(row))) == row
