"""One worked example: every number on the way to the levers, as another program has them."""

import json
from pathlib import Path

import numpy as np
import pytest

from portal.statistics.lever_model import fit_model
from portal.statistics.lever_scale import DESIGN, find_scale
from portal.statistics.levers import LEVERS, estimate_levers, lever_contrasts
from portal.statistics.moments import (
    cross_moments,
    design_matrix,
    employer_moments,
    moments_by_cell,
)

EXPECTED = json.loads((Path(__file__).parent / "data" / "levers_example.json").read_text())
EMPLOYERS, EACH = 6, 120


def drawn():
    """Numbers from 0 to 1 that every language and library draws alike."""
    x = 42
    while True:
        x = (1103515245 * x + 12345) % 2**31
        yield x / 2**31


def candidate(chance, employer):
    """Day, facts as `design_matrix` takes them, whether answered, stars."""

    def u():
        return next(chance)

    day, stage, role, never = int(u() * 364), int(u() * 3), int(u() * 5), u() < 0.25
    days = -1 if never else int(u() * u() * 30)
    phone = not never and u() < 0.35
    portal = not never and not phone and u() < 0.3
    feedback = not never and u() < (0.6 if phone else 0.25)
    promised = u() < 0.5
    kept = promised and not never and days <= 7
    answered = u() < (0.3 if never else 0.5)
    stars = 3.3 + 0.15 * (employer - 2.5) - (1.0 if never else 0.04 * min(days, 15))
    stars += 0.9 * phone + 0.8 * feedback + 0.15 * kept - 0.35 * (promised and not kept)
    stars += 2.2 * (u() + u() - 1)
    channel = 1 if phone else 3 if portal else 0 if never else 2
    facts = (days, channel, kept, promised and not kept, feedback, stage, role)
    return day, facts, answered, min(5, max(1, int(stars + 0.5)))


def moments_of(people):
    day, facts, answered, stars = zip(*people, strict=True)
    design = design_matrix(*zip(*facts, strict=True))
    rows, quarter = np.column_stack([design, stars]), np.array(day) // 91
    seen = np.array(answered)
    strata = [moments_by_cell(rows[seen & (quarter == q)]) for q in range(4)]
    return employer_moments(strata, cross_moments(design), len(people))


@pytest.fixture(scope="module")
def example():
    chance = drawn()
    return [moments_of([candidate(chance, e) for _ in range(EACH)]) for e in range(EMPLOYERS)]


def near(name):
    return pytest.approx(np.array(EXPECTED[name]), abs=2e-6)


def test_the_candidates_are_the_same(example):
    cells = sum(e.cells for e in example)
    assert cells[:, 0, 0].tolist() == EXPECTED["cell_answers"]
    assert cells[:, 0, 0].sum() == EXPECTED["answers"]
    assert cells[:, 0, -1].sum() == EXPECTED["sum_stars"]


def test_answers_are_brought_to_the_same_scale(example):
    scale = find_scale(example)
    assert scale.cell_variances == near("cell_variances")
    assert scale.stars == near("stars")
    assert scale.rooms(example) == near("rooms")


def test_contrasts_are_the_same(example):
    got = lever_contrasts(example[0].population)
    named = {
        lever: {name: round(by, 6) for name, by in zip(DESIGN[1:], row, strict=True) if by}
        for lever, row in zip(LEVERS, got, strict=True)
    }
    assert named == EXPECTED["contrasts"]


def test_the_fit_is_the_same(example):
    model = fit_model(example)
    draws = np.array([[np.log(d.s2), *(np.log(d.tau2) / 2)] for d in model.draws])
    assert draws.mean(0) == near("log_mode")  # each draw has its negative
    assert model.raised.tau2 == near("raised_tau2")
    assert np.log(model.raised.s2) == pytest.approx(EXPECTED["log_mode"][0], abs=2e-6)


def test_levers_are_the_same(example):
    own, together = estimate_levers(fit_model(example), example)
    assert [[lever.effect_stars for lever in e.levers] for e in own] == near("effects")
    assert [e.covariance for e in own] == near("covariances")
    assert [[lever.chance_largest for lever in e.levers] for e in own] == near("chances")
    assert [lever.effect_stars for lever in together.levers] == near("together")
    assert together.covariance == near("together_covariance")
