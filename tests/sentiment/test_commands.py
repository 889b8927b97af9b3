"""flask sentiment score, evaluate, and the tool that fits it: output, refusals in one line."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType

import click
import pytest
from click.testing import CliRunner, Result

from portal.cli.sentiment import sentiment_group
from portal.sentiment.results import Sentiment
from tests.tools import training


def run(*arguments: str | Path) -> Result:
    command: click.Command = sentiment_group
    return CliRunner().invoke(command, [str(argument) for argument in arguments])


def run_tool(tool: ModuleType, *arguments: str | Path) -> Result:
    return CliRunner().invoke(tool.main, [str(argument) for argument in arguments])


@pytest.fixture
def labelled(tmp_path: Path) -> Path:
    path = tmp_path / "in.csv"
    path.write_text(
        "text,label,stars,source,lang\n"
        "They kept me informed at every step.,pos,5,a:x,en\n"
        "I never heard back from anybody.,neg,1,a:y,en\n"
        "n/a,,,b,\n",
        encoding="utf-8",
    )
    return path


def test_score_prints_one_object_with_the_agreed_fields() -> None:
    done = run("score", "I never heard back from them.", "--json")
    assert done.exit_code == 0
    found = json.loads(done.stdout)
    assert set(found) == set(Sentiment._fields)
    assert found["label"] == "neg"
    assert found["phrases"][0]["text"] == "never heard back"


def test_score_speaks_to_people_too() -> None:
    said = run("score", "I never heard back. Six rounds!").stdout
    assert "leaning neg" in said
    assert "speaks of process_length: Six rounds" in said
    assert "too_little_text" in run("score", "ok").stdout


def test_score_takes_the_language_and_odd_bytes() -> None:
    text = "Aucune réponse \udcff depuis."
    found = json.loads(run("score", text, "--language", "fr", "--json").stdout)
    assert found["language"] == "fr"


def test_evaluate_prints_one_object_and_writes_a_line_per_row(
    labelled: Path, tmp_path: Path
) -> None:
    done = run("evaluate", labelled, "--json", "--rows", tmp_path / "rows.jsonl")
    assert done.exit_code == 0
    report = json.loads(done.stdout)
    assert (report["n"], report["n_polar"]) == (3, 2)
    lines = (tmp_path / "rows.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["row"] for line in lines] == [1, 2, 3]
    assert json.loads(lines[2])["status"] == "not_scored"
    assert "3 rows, 2 of them" in run("evaluate", labelled).stdout


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("label\npos\n", "the column text is missing"),
        ("text,label\na,pos\nb,good\n", "row 2"),
        ("", "the column text is missing"),
    ],
)
def test_bad_input_ends_with_2_and_one_line(tmp_path: Path, content: str, said: str) -> None:
    path = tmp_path / "bad.csv"
    path.write_text(content, encoding="utf-8")
    done = run("evaluate", path, "--json")
    assert (done.exit_code, done.stdout) == (2, "")
    assert said in done.stderr
    assert done.stderr.count("\n") == 1


def test_files_that_are_not_there_end_with_2(labelled: Path, tmp_path: Path) -> None:
    assert run("evaluate", tmp_path / "none.csv").exit_code == 2
    done = run("evaluate", labelled, "--rows", tmp_path / "no" / "folder")
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)


def test_train_asks_for_its_files_and_refuses_any_others(labelled: Path, tmp_path: Path) -> None:
    assert "--base" in run_tool(training, "--out", tmp_path / "model.json").stderr
    done = run_tool(training, "--base", labelled, "--out", tmp_path / "model.json")
    assert done.exit_code == 1
    assert "sha256" in done.stderr
    assert done.stderr.count("\n") == 1
    assert not (tmp_path / "model.json").exists()
