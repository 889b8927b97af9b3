"""flask analyse takes every file that flask import takes, with the same options and words."""

import gzip
import re
from datetime import date, timedelta

import pytest

from portal.analysis import read_candidates
from portal.candidate_files import Plan, ToldAnswer
from portal.cli.analysing import analyse_command
from portal.cli.importing import import_command
from portal.terms import StageGroup
from tests.intake.test_cases import everybody, fill
from tests.support.import_files import check

TODAY = date.today()
FULL = "name,email,role,outcome,decided_on,told_on"
IDA, MAX = "Ida Kay,ida@a.test,Nurse", "Max Ito,max@a.test,Cook"


def day(ago: int) -> str:
    return str(TODAY - timedelta(days=ago))


def lines(*rows: str, encoding: str = "utf-8") -> bytes:
    return "\n".join([*rows, ""]).encode(encoding)


@pytest.fixture
def analyse(app, tmp_path):
    """analyse(data, *options) -> the result of `flask analyse` on a file of DATA."""

    def analyse(data: bytes, *options: str, code: int = 0):
        path = tmp_path / "history.csv"
        path.write_bytes(data)
        result = app.test_cli_runner().invoke(args=["analyse", str(path), *options])
        assert result.exit_code == code, result.output
        assert "Traceback" not in result.output
        return result

    return analyse


# Data, and the options of both commands.
TAKEN = {
    "headings": (
        lines(
            "Candidate Name,Email,Job Title,Status,Decision Date,Told On",
            f"{IDA},Rejected,{day(9)},{day(8)}",
        ),
    ),
    "words": (lines(FULL, f"{IDA},non retenue,{day(9)},{day(8)}"),),
    "Windows-1252": (
        lines(FULL, f"Zoë,z@a.test,Chef,Refusé,{day(9)},{day(8)}", encoding="cp1252"),
    ),
    "UTF-16": (lines(FULL, f"Zoë,z@a.test,Chef,rejected,{day(9)},{day(8)}", encoding="utf-16"),),
    "ratings of spreadsheets": (
        lines(f"{FULL},rating", f"{IDA},rejected,{day(9)},{day(8)},4.0", f"{MAX},,,,"),
    ),
    "no rating": (lines(f"{FULL},rating", f"{IDA},rejected,{day(9)},{day(8)},n/a"),),
    "open ones": (lines(FULL, f"{IDA},open,,", f"{MAX},rejected,{day(9)},{day(8)}"),),
    "days of one outcome": (
        lines("name,email,role,Rejection date,Hire date", f"{IDA},{day(9)},", f"{MAX},,{day(8)}"),
        *("--told", "no"),
    ),
    "an outcome in the stage": (
        lines("name,email,role,stage", f"{IDA},Rejected", f"{MAX},Interview"),
        *("--map-value", "stage:Rejected=rejected", "--told", "no"),
        *("--for-all", "decided_on=" + day(9)),
    ),
    "a Yes": (
        lines("name,email,role,Archived?", f"{IDA},Yes", f"{MAX},No"),
        *("--map", "Archived?=outcome", "--map-value", "Archived?:Yes=rejected"),
        *("--map-value", "Archived?:No=open", "--told", "yes", "--for-all", "decided_on=" + day(9)),
    ),
    "any order of days": (
        lines(FULL, f"{IDA},rejected,03/04/2024,05/04/2024"),
        *("--dates", "dmy"),
    ),
    "days in words": (lines(FULL, f'{IDA},rejected,"Nov 1, 2024",3-Nov-24'),),
    "words for nothing": (lines(FULL, f"{IDA},rejected,{day(9)},N/A"),),
    "short rows": (lines(FULL, f"{IDA},rejected,{day(9)}", f"{MAX}"),),
    "separators at the end": (lines(FULL, f"{IDA},rejected,{day(9)},{day(8)},,"),),
    "semicolons": (lines(FULL, f"{IDA},rejected,{day(9)},{day(8)}").replace(b",", b";"),),
    "a title above": (
        lines("Decisions of last year", "", FULL, f"{IDA},rejected,{day(9)},{day(8)}"),
    ),
    "rows left out": (
        lines(FULL, f"{IDA},moved,{day(9)},", f"{MAX},rejected,{day(9)},"),
        *("--map-value", "outcome:moved=ignore"),
    ),
    "columns by place": (
        lines("name,email,role,x,x,told_on", f"{IDA},rejected,{day(9)},{day(8)}"),
        *("--map", "#4=outcome", "--map", "#5=decided_on"),
    ),
    "free text": (
        lines(f"{FULL},reason,feedback", f'{IDA},rejected,{day(9)},{day(8)},"a\nb","Too far away"'),
    ),
}


@pytest.mark.parametrize("kind", TAKEN)
def test_what_imports_is_analysed_with_the_same_options(counts, analyse, kind):
    data, *options = TAKEN[kind]
    found = counts(data, *options)
    assert found["decided"] >= 1
    printed = analyse(data, *options).stdout
    assert f"Candidates: {found['decided']}." in printed


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_standard_input_is_analysed_as_it_is_imported(app, pack):
    data = pack(lines(FULL, f"{IDA},rejected,{day(9)},{day(8)}"))
    result = app.test_cli_runner().invoke(args=["analyse", "-"], input=data)
    assert result.exit_code == 0, result.output
    assert "Candidates: 1." in result.stdout


def test_both_commands_have_the_same_options_of_reading():
    def named(command):
        return {option.name for option in command.params}

    own = {"path", "slug", "dry_run", "as_json"}
    assert named(import_command) - own == named(analyse_command) - {
        *("file", "as_of", "half_life", "as_json", "dictionary")
    }


@pytest.mark.parametrize(
    ("stage", "group"),
    [
        ("Final round", StageGroup.FINAL),
        ("Vorstellungsgespräch", StageGroup.INTERVIEW),
        ("Phone screen", StageGroup.SCREEN),
        ("Angebot", StageGroup.FINAL),
        ("Step 3", StageGroup.SCREEN),
        ("", StageGroup.SCREEN),
    ],
)
def test_stages_are_grouped_alike(tmp_path, stage, group):
    data = lines(f"{FULL},stage", f"{IDA},rejected,2024-05-01,,{stage}")
    [row] = check(data).distinct
    assert row.new.stage_group == group
    path = tmp_path / "history.csv"
    path.write_bytes(data)
    codes = {
        one: read_candidates(write_stage(tmp_path, word)).stage.tolist()
        for one, word in (
            ("screen", "Phone screen"),
            ("interview", "Interview"),
            ("final", "Final"),
        )
    }
    assert read_candidates(path).stage.tolist() == codes[group]


def write_stage(folder, stage: str):
    path = folder / "stage.csv"
    path.write_bytes(lines(f"{FULL},stage", f"{IDA},rejected,2024-05-01,,{stage}"))
    return path


# Data that neither takes; some of it is refused by the import alone, which needs people.
REFUSED = [
    lines(FULL, f"{IDA},rejected,soon,"),
    lines(FULL, f"{IDA},rejected,{day(9)},{day(10)}"),
    lines(FULL, f"{IDA},rejected,,{day(8)}"),
    lines(FULL, f"{IDA},ghosted,{day(9)},{day(8)}"),
    lines(FULL, f"{IDA},rejected,03/04/2024,"),
    lines(FULL, f"{IDA},rejected,{day(9)},,x"),
    lines(FULL, f"{IDA},,{day(9)},{day(8)}"),
    lines(FULL, f'{IDA},"rejected,{day(9)},{day(8)}'),
    lines("name,email,role,outcome,decided_on", f"{IDA},rejected,{day(9)}"),
    lines("name,email,role,outcome", f"{IDA},rejected"),
    lines("name,email,role,stage", f"{IDA},Rejected", f"{MAX},Interview"),
    lines("name,email,role,Disqualified", f"{IDA},Yes", f"{MAX},No"),
    lines("name,email,role,Status,Decision", f"{IDA},rejected,rejected"),
    lines("name,email,role,outcome,outcome", f"{IDA},rejected,rejected"),
]


@pytest.mark.parametrize("data", REFUSED)
def test_errors_are_in_the_same_words(run, analyse, data):
    _, *of_import = run(data, code=1).stderr.splitlines()
    of_analysis = analyse(data, code=2).stderr.removeprefix("Error: ").splitlines()
    assert [line.strip() for line in of_analysis] == [line.strip() for line in of_import]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (
            lines("outcome", "rejected", "hired"),
            "names of the columns, outcome and decided_on among",
        ),
        (lines("A,B,C", "x,y,z"), "names of the columns, outcome and decided_on among"),
        (lines("name,email,role", IDA), "No column for outcome and decided_on was found among"),
        (lines("Name,E-Mail,Stelle,Datum", f"{IDA},x"), "“Stelle”, “Datum”: say which it is with"),
        (
            lines("name,email,role,Last Updated,Reason", f"{IDA},x,"),
            "--map 'Last Updated=decided_on'",
        ),
    ],
)
def test_missing_columns_are_named_in_the_users_words(analyse, data, words):
    refused = analyse(data, code=2).stderr
    assert words in refused
    assert "told_after_days" not in refused
    assert len(refused.splitlines()) == 1


@pytest.mark.parametrize(
    ("row", "column"),
    [
        (f"{IDA},rejected,{day(-1)},", "decided_on"),
        (f"{IDA},rejected,{day(0)},{day(-1)}", "told_on"),
        (f"{IDA},rejected,2099-01-01,", "decided_on"),
    ],
)
def test_no_day_still_to_come_is_analysed(analyse, row, column):
    refused = analyse(lines(FULL, row), code=2).stderr
    assert re.match(rf"Error: row 2, column “{column}”: .*(still to come|in the future)", refused)


def test_what_is_missing_in_the_file_may_be_told(tmp_path):
    """As pages hand it over, not as words of a command line."""
    path = tmp_path / "history.csv"
    path.write_bytes(lines("name,email,role,stage", f"{IDA},Rejected", f"{MAX},Hired"))
    values = (("stage", "Rejected", "rejected"), ("stage", "Hired", "hired"))
    plan = Plan(values=values, for_all=(("decided_on", "2024-05-01"),), told=ToldAnswer.YES)
    found = read_candidates(path, plan)
    assert found.days_to_told.tolist() == [0, 0]


def test_our_own_export_is_analysed_with_those_who_have_no_address_any_more(app, make, tmp_path):
    acme = make.employer(timezone="America/Toronto")
    fill(make, acme)
    path = str(tmp_path / "own.csv")
    command = ["export", "closure", "--employer", "acme", "--format", "csv", "--output", path]
    assert app.test_cli_runner().invoke(args=command).exit_code == 0
    result = app.test_cli_runner().invoke(args=["analyse", path])
    assert result.exit_code == 0, result.output
    decided = sum(one.decided_on is not None for one in everybody())
    assert f"Candidates: {decided}." in result.stdout
