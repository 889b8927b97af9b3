"""The one regression over a text's numbers, and when a verdict is not given."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from portal.sentiment.analyzer import analyze
from portal.sentiment.combination import About, Combination, Numbers, terms
from portal.sentiment.resources import DATA
from tests.tools import ablation, combining

SHARE = st.floats(0, 1)
WEIGHT = st.floats(-5, 5)


@given(
    st.builds(Numbers, *[WEIGHT] * 6),
    st.builds(About, SHARE, SHARE, SHARE),
    st.lists(WEIGHT, min_size=23, max_size=23),
)
def test_log_odds_are_the_coefficients_times_the_terms_they_were_fitted_on(
    numbers: Numbers, about: About, weights: list[float]
) -> None:
    by_number = tuple(tuple(weights[at : at + 3]) for at in range(0, 18, 3))
    combination = Combination(by_number, tuple(weights[18:22]), weights[22])
    expected = weights[22] + sum(
        weight * term for weight, term in zip(weights[:22], terms(numbers, about), strict=True)
    )
    assert combination.log_odds(numbers, about) == pytest.approx(expected, abs=1e-9)
    assert Combination.of(combining.as_data(combination)) == combination


@pytest.mark.parametrize("language", ["en", "fr"])
def test_shipped_coefficients_say_when_and_on_what_they_were_fitted(language: str) -> None:
    data = json.loads((DATA / language / "scalars.json").read_text("utf-8"))
    assert data["fitted"]["date"]
    for figures in data["fitted"]["figures"].values():
        assert figures["n"] > 100
    assert data["unclear_to"] - 0.5 > 0.5 - data["unclear_from"], "praise asks for more"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Friendly recruiter, rude manager."),
        ("en", "The interviewer was kind and the process was chaotic."),
        ("fr", "Recruteuse aimable, directeur impoli."),
    ],
)
def test_two_sides_of_a_short_text_without_a_but_are_unclear(language: str, text: str) -> None:
    assert analyze(text, language).status == "unclear"


@pytest.mark.parametrize("language", ["en", "fr"])
def test_no_verdict_is_contradicted_by_its_own_highlights(language: str) -> None:
    for row in _golden(language):
        found = analyze(row["text"], language)
        said = sum(phrase["weight"] for phrase in found.phrases)
        if found.status == "scored":
            # what stands before a "but" counts half, what follows one and a half: shown whole
            assert said >= -0.5 if found.label == "pos" else said <= 0.5, row["text"]


def _golden(language: str) -> list[dict[str, str]]:
    path = Path(__file__).parents[1] / "data" / "sentiment_golden.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [row for row in rows if row["language"] == language]


def test_left_out_a_family_says_what_it_was_worth(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(
        "text,label,lang\nTumbleweed.,neg,en\nThey kept me informed at every step.,pos,en\n"
        "Ils m'ont ignoré.,neg,fr\n",
        "utf-8",
    )
    result = CliRunner().invoke(ablation.main, [str(path)])
    assert result.exit_code == 0
    assert "2 texts" in result.output
    lines = {line.split()[0]: line.split()[1:] for line in result.output.splitlines()[2:]}
    assert lines["silence"][0] == "1"
    assert lines["silence"][2].startswith("-"), "without it nothing definite is said"
    assert lines["delay"] == ["0", "+0.0000", "+0", "+0"]
