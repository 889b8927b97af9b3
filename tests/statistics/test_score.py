"""The score against the worked examples of its specification, and what must hold for any counts."""

from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.statistics.score import (
    DEFAULT_PRIOR,
    WeightedCounts,
    candidate_nps,
    cell_of,
    collapse_by_release,
    collapse_cells,
    display_rule,
    fit_prior,
    posterior_score,
    rating_change,
    weighted_one_by_one,
    weighted_share,
    weighted_star_counts,
    what_if,
    widened,
)

few = settings(max_examples=60, deadline=None, derandomize=True)


def answers_of(counts):
    """Whole answers, undiscounted and unweighted."""
    return WeightedCounts(tuple(counts), sum(counts))


@pytest.mark.parametrize(
    ("outcome", "days_to_told", "cell"),
    [
        ("rejected", 0, 0),
        ("rejected", 7, 0),
        ("rejected", 8, 1),
        ("rejected", None, 2),
        ("hired", 7, 3),
        ("offer_declined", 8, 4),
        ("hired", None, 5),
        ("withdrawn", None, 0),
        ("withdrawn", 30, 0),
        (None, None, 2),
    ],
)
def test_cell_is_offer_by_how_soon_told(outcome, days_to_told, cell):
    assert cell_of(outcome, days_to_told) == cell


@pytest.mark.parametrize(
    ("counts", "stars", "low", "high", "score"),
    [
        ([0, 0, 0, 0, 0], 3.500, 2.583, 4.311, 62.5),
        ([0, 0, 0, 0, 1], 3.688, 2.791, 4.442, 67.2),
        ([1, 0, 0, 0, 0], 3.188, 2.237, 4.094, 54.7),
        ([0, 0, 0, 0, 5], 4.125, 3.382, 4.684, 78.1),
        ([5, 0, 0, 0, 0], 2.458, 1.674, 3.353, 36.5),
        ([1, 1, 2, 4, 2], 3.500, 2.913, 4.043, 62.5),
        ([2, 2, 6, 12, 8], 3.689, 3.310, 4.042, 67.2),
        ([10, 10, 20, 40, 20], 3.500, 3.269, 3.724, 62.5),
        ([0, 0, 0, 20, 80], 4.715, 4.592, 4.817, 92.9),
    ],
)
def test_posterior_matches_worked_examples(counts, stars, low, high, score):
    got = posterior_score(answers_of(counts), DEFAULT_PRIOR)
    assert (got.stars, got.stars_low, got.stars_high) == pytest.approx(
        (stars, low, high), abs=5.01e-4
    )
    assert got.score == pytest.approx(score, abs=0.0501)
    assert (got.score_low, got.score_high) == pytest.approx(
        (25 * (got.stars_low - 1), 25 * (got.stars_high - 1))
    )


def test_old_answers_fade_to_the_prior():
    stars = np.zeros((2, 6, 5), int)
    stars[0, 0, 4], stars[1, 0, 0] = 20, 1
    weighted = weighted_star_counts(stars, stars.sum(2), [730, 0], 180)
    got = posterior_score(weighted, DEFAULT_PRIOR)
    assert weighted.evidence == pytest.approx(2.203, abs=5.01e-4)
    assert (got.stars, got.stars_low, got.stars_high) == pytest.approx(
        (3.424, 2.483, 4.270), abs=5.01e-4
    )


def test_answers_over_three_years_old_do_not_count():
    ones = np.ones((1, 6, 5), int)
    assert weighted_star_counts(ones, ones.sum(2), [1095]).evidence > 0
    assert weighted_star_counts(ones, ones.sum(2), [1096]) == WeightedCounts((0.0,) * 5, 0.0)
    assert weighted_star_counts(ones, ones.sum(2), [1096], None).evidence == pytest.approx(30)


def test_week_still_running_counts_as_today():
    ones = np.ones((1, 6, 5), int)
    assert weighted_star_counts(ones, ones.sum(2), [-3]).evidence == pytest.approx(30)


def test_cells_that_answer_less_weigh_more():
    """50 hired of whom 30 answer 5 stars, 150 never told of whom 10 answer 1 star."""
    stars, invited = np.zeros((1, 6, 5), int), np.zeros((1, 6), int)
    stars[0, 3, 4], stars[0, 2, 0] = 30, 10
    invited[0, 3], invited[0, 2] = 50, 150
    weighted = weighted_star_counts(stars, invited, [0], None)
    assert weighted.counts == pytest.approx((30, 0, 0, 0, 10))
    assert weighted.evidence == pytest.approx(17.143, abs=5.01e-4)
    got = posterior_score(weighted, DEFAULT_PRIOR)
    assert (got.stars, got.stars_low, got.stars_high) == pytest.approx(
        (2.435, 1.794, 3.149), abs=5.01e-4
    )
    plain = posterior_score(answers_of([10, 0, 0, 0, 30]), DEFAULT_PRIOR)
    assert plain.stars == pytest.approx(3.926, abs=5.01e-4)


def test_cell_without_answers_drops_out_of_the_population():
    stars, invited = np.zeros((1, 6, 5), int), np.zeros((1, 6), int)
    stars[0, 0, 3], stars[0, 1, 1] = 4, 4
    invited[0, :3] = 20, 20, 1000
    assert weighted_star_counts(stars, invited, [0]).counts == pytest.approx((0, 4, 0, 4, 0))


def test_nobody_answered_is_no_evidence():
    none = weighted_star_counts(np.zeros((0, 6, 5), int), np.zeros((0, 6), int), [])
    assert none == WeightedCounts((0.0,) * 5, 0.0)
    assert weighted_star_counts(np.zeros((2, 6, 3), int), np.ones((2, 6), int), [0, 7]) == (
        WeightedCounts((0.0,) * 3, 0.0)
    )


ONES = np.ones((1, 6, 5), int)


@pytest.mark.parametrize(
    ("stars", "invited", "age", "half_life", "says"),
    [
        (ONES * 0.5, ONES.sum(2), [0], 180, "answers: whole numbers"),
        (-ONES, ONES.sum(2), [0], 180, "answers: negative"),
        (ONES[:, :5], ONES.sum(2), [0], 180, "answers: shape"),
        (ONES, ONES[:, :3, 0], [0], 180, "invited: shape"),
        (ONES, ONES.sum(2), [0, 7], 180, "age_days: shape"),
        (ONES, ONES.sum(2), [0], 0, "half-life of 0"),
        (ONES, ONES.sum(2) * 0, [0], 180, "nobody was invited"),
    ],
)
def test_wrong_counts_are_refused(stars, invited, age, half_life, says):
    with pytest.raises(ValueError, match=says):
        weighted_star_counts(stars, invited, age, half_life)


cells = st.lists(
    st.tuples(st.integers(0, 5), st.integers(1, 5), st.integers(0, 1200), st.integers(0, 9)),
    max_size=30,
)


@few
@given(cells, st.sampled_from([None, 60, 180]), st.randoms(use_true_random=False))
def test_weighting_keeps_its_promises_for_any_counts(rows, half_life, random):
    """Order of periods is nothing; weighted total = discounted total; evidence is not above it."""
    days = max(len(rows), 1)
    stars, invited = np.zeros((days, 6, 5), int), np.zeros((days, 6), int)
    age = np.zeros(days, int)
    for d, (cell, star, old, silent) in enumerate(rows):
        stars[d, cell, star - 1] += 1
        invited[d, cell] += 1 + silent
        age[d] = old
    got = weighted_star_counts(stars, invited, age, half_life)
    discount = np.ones(days) if half_life is None else 2.0 ** (-age / half_life) * (age <= 1095)
    assert sum(got.counts) == pytest.approx(discount @ stars.sum((1, 2)), abs=1e-9)
    assert 0 <= got.evidence <= sum(got.counts) * (1 + 1e-12)
    order = list(range(days))
    random.shuffle(order)
    again = weighted_star_counts(stars[order], invited[order], age[order], half_life)
    assert again.counts == pytest.approx(got.counts, abs=1e-9)
    assert again.evidence == pytest.approx(got.evidence, abs=1e-9)


@few
@given(
    st.lists(st.lists(st.integers(0, 9), min_size=12, max_size=12), max_size=4), st.integers(1, 10)
)
def test_periods_weighted_one_by_one_are_as_each_alone(periods, least):
    answers = np.array(periods, int).reshape(-1, 6, 2)
    invited = answers.sum(2) * 2 + np.arange(6)
    found = weighted_one_by_one(answers, invited, least)
    assert len(found) == len(periods)
    for given_here, asked, got in zip(answers, invited, found, strict=True):
        merge = np.eye(6, dtype=int)[collapse_cells(given_here.sum(1), least)]
        alone = weighted_star_counts((merge.T @ given_here)[None], (asked @ merge)[None], [0], None)
        assert got.counts == pytest.approx(alone.counts)
        assert got.evidence == pytest.approx(alone.evidence)


counts_of_stars = st.lists(st.integers(0, 400), min_size=5, max_size=5)


@few
@given(counts_of_stars, st.floats(0, 2000))
def test_interval_contains_the_mean_and_stays_on_the_scale(counts, evidence):
    got = posterior_score(WeightedCounts(tuple(counts), evidence), DEFAULT_PRIOR)
    assert 1 <= got.stars_low < got.stars < got.stars_high <= 5
    assert 0 <= got.score_low < got.score < got.score_high <= 100
    assert got.score == pytest.approx(25 * (got.stars - 1))


@few
@given(counts_of_stars, st.floats(1, 100), st.floats(1.5, 20))
def test_more_of_the_same_evidence_moves_away_from_the_prior_and_narrows(counts, evidence, factor):
    counts = [*counts[:4], counts[4] + 1]
    less = posterior_score(WeightedCounts(tuple(counts), evidence), DEFAULT_PRIOR)
    more = posterior_score(WeightedCounts(tuple(counts), evidence * factor), DEFAULT_PRIOR)
    plain = np.dot(counts, [1, 2, 3, 4, 5]) / sum(counts)
    assert abs(more.stars - plain) <= abs(less.stars - plain) + 1e-12
    prior_sd = posterior_score(WeightedCounts((0,) * 5, 0), DEFAULT_PRIOR).sd
    assert less.sd**2 * (7 + evidence + 1) <= 4.001  # a mean of answers on 1..5 cannot vary more
    assert prior_sd > 0


def test_prior_is_fitted_from_ten_employers():
    raw = np.tile([2, 3, 5, 6, 4], (10, 1))
    got = fit_prior(raw, raw)
    assert (got.source, got.weight, got.employers_used) == ("fitted", 50.0, 10)
    assert got.stars == pytest.approx(3.35)
    assert got.shares == pytest.approx((0.10, 0.15, 0.25, 0.30, 0.20))


def test_nine_employers_with_answers_use_the_default_prior():
    raw = np.tile([2, 3, 5, 6, 4], (9, 1))
    tiny = np.tile([0, 0, 0, 1, 3], (30, 1))
    got = fit_prior(np.vstack([raw, tiny]), np.vstack([raw, tiny]))
    assert (got.source, got.stars, got.weight) == ("default", 3.5, 7.0)
    assert got.shares == DEFAULT_PRIOR.shares
    assert got.employers_used == 9


def test_platform_of_one_star_only_uses_the_default_prior():
    """Nothing can be learnt of the spread, and a prior without spread has no interval."""
    raw = np.tile([0, 0, 0, 0, 6], (12, 1))
    assert fit_prior(raw, raw).source == "default"


def test_prior_is_unbalanced_one_way_anova_of_the_single_answers():
    raw = np.array(
        [[1, 2, 3, 4, 5 + e] for e in range(8)] + [[6, 3, 3, 1, 3]] * 2 + [[0, 1, 1, 1, 2]]
    )
    answers = [np.repeat([1, 2, 3, 4, 5], row) for row in raw]
    n, everyone = np.array([len(a) for a in answers]), np.concatenate(answers)
    within = sum(((a - a.mean()) ** 2).sum() for a in answers) / (len(everyone) - 11)
    among = sum(len(a) * (a.mean() - everyone.mean()) ** 2 for a in answers) / 10
    between = (among - within) / ((n.sum() - (n**2).sum() / n.sum()) / 10)
    got = fit_prior(raw, raw)
    assert 4.5 < within / between < 49
    assert got.weight == pytest.approx(within / between, rel=1e-12)
    of_mean = 1 / (within / n + between)
    shares = sum(w * row / row.sum() for w, row in zip(of_mean, raw, strict=True)) / of_mean.sum()
    assert got.shares == pytest.approx(tuple(shares), rel=1e-12)
    assert got.stars == pytest.approx(shares @ [1, 2, 3, 4, 5])


def test_prior_shares_come_from_the_weighted_counts():
    raw = np.tile([2, 3, 5, 6, 4], (10, 1))
    weighted = np.tile([4.0, 3.0, 2.0, 1.0, 0.0], (10, 1))
    got = fit_prior(raw, weighted)
    assert got.shares == pytest.approx((0.4, 0.3, 0.2, 0.1, 0.0))
    assert got.stars == pytest.approx(2.0)


def test_decayed_counts_are_refused_as_raw_counts():
    raw = np.tile([2, 3, 5, 6, 4], (10, 1))
    with pytest.raises(ValueError, match="whole numbers"):
        fit_prior(raw * 0.9, raw)
    with pytest.raises(ValueError, match="9 employers instead of 10"):
        fit_prior(raw, raw[:9])


@few
@given(st.lists(counts_of_stars, max_size=25), st.randoms(use_true_random=False))
def test_order_of_employers_is_nothing_to_the_prior(rows, random):
    rows = [[*row[:4], row[4] + 1] for row in rows]
    got = fit_prior(rows, rows)
    assert sum(got.shares) == pytest.approx(1)
    assert 4 <= got.weight <= 50
    shuffled = random.sample(rows, len(rows))
    again = fit_prior(shuffled, shuffled)
    assert (again.stars, again.weight) == pytest.approx((got.stars, got.weight))


def score_of(counts):
    return posterior_score(answers_of(counts), DEFAULT_PRIOR)


@pytest.mark.parametrize(
    ("counts", "label"),
    [
        ([0, 0, 0, 0, 4], "not_enough"),
        ([1, 1, 1, 1, 1], "early"),
        ([0, 0, 0, 9, 0], None),  # narrow enough already
        ([1, 1, 2, 4, 2], "early"),
        ([14, 0, 0, 0, 15], "early"),
        ([15, 0, 0, 0, 15], None),  # 30: no longer early, however wide
    ],
)
def test_display_follows_the_table(counts, label):
    assert display_rule(sum(counts), score_of(counts)) == label


def test_installation_may_raise_the_floor():
    assert display_rule(8, score_of([0, 0, 0, 1, 7]), 8) != "not_enough"
    assert display_rule(7, score_of([0, 0, 0, 1, 6]), 8) == "not_enough"


def test_what_if_non_answerers_were_lower():
    assert what_if(3.6, 0.4, 0.5) == pytest.approx(3.3)
    assert what_if(3.6, 1.0, 0.5) == pytest.approx(3.6)
    assert what_if(1.1, 0.0, 0.5) == 1.0


def test_candidate_nps_by_hand():
    """2 detractors, 3 passives, 5 promoters; with one pseudo-answer each: 3, 4, 6 of 13."""
    got = candidate_nps(WeightedCounts((2, 3, 5), 10))
    sd = sqrt((9 / 13 - (3 / 13) ** 2) / 14)
    assert got.value == pytest.approx(100 * 3 / 13)
    assert (got.low, got.high) == pytest.approx(
        (got.value - 195.9964 * sd, got.value + 195.9964 * sd), abs=1e-3
    )


def test_candidate_nps_stays_on_its_scale():
    got = candidate_nps(WeightedCounts((0, 0, 4), 4))
    assert got.high == 100
    assert 0 < got.low < got.value
    assert candidate_nps(WeightedCounts((0, 0, 0), 0)).value == 0


def test_resentment_is_wilson_at_the_evidence():
    got = weighted_share(WeightedCounts((28, 12), 10))
    assert (got.share, got.n) == (pytest.approx(0.3), 10)
    assert (got.low, got.high) == pytest.approx((0.108, 0.603), abs=5.01e-4)
    assert weighted_share(WeightedCounts((0, 0), 0)).share is None


def test_rating_change_by_hand():
    """40 recent answers half 4 half 5, 50 earlier ones half 3 half 4: one star more."""
    recent, earlier = answers_of([0, 0, 0, 20, 20]), answers_of([0, 0, 25, 25, 0])
    got = rating_change(recent, earlier, 40, 50)
    assert got is not None
    assert got.value == pytest.approx(1.0)
    within = (90 * 0.25 + 7 * 1.6) / 97  # pooled with the default prior's, worth 7 answers
    assert got.high - got.value == pytest.approx(1.959964 * sqrt(within / 40 + within / 50))
    assert got.value - got.low == pytest.approx(got.high - got.value)


@few
@given(
    st.lists(st.lists(st.integers(0, 12), min_size=6, max_size=6), min_size=1, max_size=5),
    st.integers(2, 6),
)
def test_what_is_weighted_together_is_none_or_enough_of_every_release(answered, least):
    together = collapse_by_release(answered, least)
    for row in answered:
        for group in set(together.tolist()):
            held = sum(count for count, cell in zip(row, together, strict=True) if cell == group)
            assert held == 0 or held >= least or held == sum(row)
    of_all = collapse_cells(np.sum(answered, 0), least)
    assert len(set(together.tolist())) <= len(set(of_all.tolist()))


def test_one_large_release_keeps_its_groups_and_two_that_are_not_alike_do_not():
    assert set(collapse_by_release([[6, 0, 5, 0, 0, 0]], 5).tolist()) == {0, 2}
    assert set(collapse_by_release([[6, 0, 5, 0, 0, 0], [9, 0, 0, 0, 0, 0]], 5).tolist()) == {0, 2}
    assert len(set(collapse_by_release([[3, 0, 2, 0, 0, 0], [2, 0, 3, 0, 0, 0]], 5).tolist())) == 1


def test_a_change_between_answers_that_are_each_alike_still_has_a_range():
    got = rating_change(answers_of([0, 30, 0, 0, 0]), answers_of([0, 0, 0, 40, 0]), 30, 40)
    assert got is not None
    assert got.value == -2
    assert 0.1 < got.high - got.value < 1


@pytest.mark.parametrize(("recent", "earlier"), [(29, 100), (100, 29), (0, 0)])
def test_rating_change_needs_thirty_answers_on_both_sides(recent, earlier):
    sides = answers_of([0, 0, 0, recent, 0]), answers_of([0, 0, earlier, 0, 0])
    assert rating_change(*sides, recent, earlier) is None


@pytest.mark.parametrize(
    ("answered", "groups"),
    [
        ([0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]),
        ([4, 4, 4, 4, 4, 4], [0, 0, 0, 0, 0, 0]),
        ([5, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0]),
        ([9, 1, 5, 2, 0, 0], [0, 0, 2, 0, 0, 2]),
        ([4, 0, 5, 5, 4, 0], [2, 2, 2, 3, 3, 3]),
        ([5, 5, 5, 5, 5, 5], [0, 1, 2, 3, 4, 5]),
    ],
)
def test_cells_below_the_floor_are_weighted_with_their_neighbours(answered, groups):
    assert collapse_cells(answered, 5).tolist() == groups


@given(st.lists(st.integers(0, 12), min_size=6, max_size=6), st.integers(5, 10))
def test_no_group_of_cells_is_below_the_floor(answered, least):
    groups = collapse_cells(answered, least)
    sums = np.bincount(groups, answered, minlength=6)
    if max(answered) < least:
        assert len(set(groups)) == 1
    else:
        assert min(sums[np.unique(groups)]) >= least


def test_the_range_of_few_answers_is_wider_step_by_step():
    found = posterior_score(answers_of([1, 1, 2, 4, 2]), DEFAULT_PRIOR)
    assert widened(found, 10) is found
    widths = [widened(found, n).stars_high - widened(found, n).stars for n in (3, 5, 6, 9, 10)]
    usual = found.stars_high - found.stars
    assert widths == pytest.approx([1.35 * usual, 1.35 * usual, 1.28 * usual, 1.07 * usual, usual])
    five = widened(found, 5)
    assert (five.score_low, five.score_high) == pytest.approx(
        (25 * (five.stars_low - 1), 25 * (five.stars_high - 1))
    )
    top = widened(posterior_score(answers_of([0, 0, 0, 0, 5]), DEFAULT_PRIOR), 5)
    assert top.stars_high <= 5
    assert top.score_high <= 100


def covered(level, spread, answers, rng, employers=400):
    """How often the range holds an employer's true mean, as it stands and widened."""
    plain = wider = 0
    for _ in range(employers):
        own = level + rng.normal(0, spread)
        stars = np.clip(np.rint(own + rng.normal(0, 1.15, 4000)), 1, 5).astype(int)
        counts = np.bincount(stars[:answers], minlength=6)[1:]
        found, true = posterior_score(answers_of(counts.tolist()), DEFAULT_PRIOR), stars.mean()
        plain += found.stars_low <= true <= found.stars_high
        shown = widened(found, answers)
        wider += shown.stars_low <= true <= shown.stars_high
    return plain / employers, wider / employers


def test_the_wider_range_holds_what_it_says_where_employers_differ_from_the_prior():
    rng = np.random.default_rng(7)
    for level, spread in ((3.5, 0.3), (3.5, 0.5), (4.3, 0.3), (4.3, 0.5)):
        plain, wider = covered(level, spread, 5, rng)
        assert wider >= 0.94, (level, spread)
        assert wider > plain
    plain, wider = covered(4.3, 0.5, 5, rng)
    assert plain < 0.9, "why it is needed"
