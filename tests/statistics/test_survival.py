"""Waiting, ghosting and agreement against worked examples, a recount by hand, and SciPy's."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from portal.statistics.survival import (
    AgreementTable,
    GhostRate,
    ghost_rate,
    kaplan_meier,
    quantile_days,
    wilson_interval,
)

few = settings(max_examples=60, deadline=None, derandomize=True)


def rollup(cohorts):
    """Cohorts (age, decided, {day: told}) -> the three arrays."""
    told = np.zeros((len(cohorts), 61), int)
    for c, (_, _, by_day) in enumerate(cohorts):
        for day, n in by_day.items():
            told[c, day] = n
    return told, [c[1] for c in cohorts], [c[0] for c in cohorts]


TWO_COHORTS = [(14, 10, {2: 4, 10: 2}), (5, 10, {2: 5})]


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    [
        (3, 10, 0.108, 0.603),
        (13, 30, 0.274, 0.608),
        (43, 100, 0.337, 0.528),
        (30, 100, 0.219, 0.396),
    ],
)
def test_wilson_matches_worked_examples(successes, n, low, high):
    got = wilson_interval(successes, n)
    assert got.share == successes / n
    assert got.n == n
    assert (got.low, got.high) == pytest.approx((low, high), abs=5.01e-4)


@pytest.mark.parametrize(
    ("not_told", "n", "verdict"),
    [(13, 30, "unclear"), (43, 100, "unclear"), (30, 100, "below"), (60, 100, "above")],
)
def test_ghost_rate_is_compared_with_the_line_by_its_interval(not_told, n, verdict):
    got = ghost_rate(*rollup([(30, n, {0: n - not_told})]), 30)
    assert (got.not_told, got.n, got.against()) == (not_told, n, verdict)
    assert got.against(line=0.01) == "above"


def test_nothing_to_divide_is_no_share():
    got = wilson_interval(0, 0)
    assert (got.share, got.low, got.high) == (None, 0.0, 1.0)
    assert GhostRate(None, 0.0, 1.0, 0, 0).against() == "unclear"


def test_share_next_to_nothing_has_no_negative_limit():
    assert wilson_interval(200 * 6.783431804125654e-15, 200).low == 0


@pytest.mark.parametrize(("successes", "n"), [(-1, 5), (6, 5), (1, 0)])
def test_more_successes_than_cases_are_refused(successes, n):
    with pytest.raises(ValueError, match="is not a share"):
        wilson_interval(successes, n)


@few
@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_wilson_contains_the_share(successes, n):
    successes %= n + 1
    got = wilson_interval(successes, n)
    assert 0 <= got.low <= successes / n <= got.high <= 1
    everybody = wilson_interval(n, n)
    assert everybody.high == 1 >= everybody.low
    mirrored = wilson_interval(n - successes, n)
    assert (mirrored.low, mirrored.high) == pytest.approx((1 - got.high, 1 - got.low), abs=1e-9)


def test_kaplan_meier_matches_the_worked_example():
    curve = kaplan_meier(*rollup(TWO_COHORTS))
    shares = [curve.told_by(t).share for t in (1, 2, 7, 14)]
    assert shares == pytest.approx([0, 0.45, 0.45, 0.63333], abs=5e-6)
    assert (curve.median_days, curve.followed_days, curve.decided) == (10, 14, 20)


def test_told_by_limits_are_greenwood_on_the_loglog_scale():
    """20 at risk, 9 told on day 2: S = .55, Greenwood 9/(20·11)."""
    got = kaplan_meier(*rollup(TWO_COHORTS)).told_by(2)
    reach = 1.959964 * np.sqrt(9 / 220) / abs(np.log(0.55))
    assert got.low == pytest.approx(1 - 0.55 ** np.exp(-reach))
    assert got.high == pytest.approx(1 - 0.55 ** np.exp(reach))
    assert got.n == 20


def test_notice_after_the_as_of_day_is_not_told_yet():
    curve = kaplan_meier(*rollup([(5, 10, {2: 4, 6: 6})]))
    assert curve.told_by(60).share == pytest.approx(0.4)
    assert (curve.median_days, curve.followed_days) == (None, 5)


def test_curve_of_everybody_or_nobody_has_wilsons_limits():
    """The curve itself has no spread there: its limits equal it."""
    everybody = kaplan_meier(*rollup([(60, 3, {1: 3})]))
    assert (everybody.low[1], everybody.high[1]) == (0, 0)
    assert limits(everybody.told_by(1)) == limits(wilson_interval(3, 3))
    nobody = kaplan_meier(*rollup([(60, 3, {}), (5, 40, {})]))
    assert (nobody.low[60], nobody.high[60], nobody.median_days) == (1, 1, None)
    assert limits(nobody.told_by(5)) == limits(wilson_interval(0, 43))
    assert limits(nobody.told_by(60)) == limits(wilson_interval(0, 3)), "of those watched so long"
    young = kaplan_meier(*rollup([(5, 40, {})]))
    assert limits(young.told_by(30)) == (0, 0), "nobody was watched for so long"
    empty = kaplan_meier([], [], [])
    assert (empty.decided, empty.followed_days, empty.told_by(30).share) == (0, 0, 0)


def test_curve_that_ends_with_a_few_told_rests_on_those_few():
    """One told, of one watched; a hundred decided yesterday wait: nobody knows of these."""
    curve = kaplan_meier(*rollup([(1, 100, {}), (5, 1, {2: 1})]))
    assert (curve.told_by(3).share, curve.all_told) == (1, False)
    assert limits(curve.told_by(3)) == pytest.approx((0.2065, 1), abs=5e-5)
    assert [curve.is_followed(days) for days in (2, 3, 30)] == [True, False, False]
    everybody = kaplan_meier(*rollup([(5, 101, {2: 101})]))
    assert limits(everybody.told_by(30)) == limits(wilson_interval(101, 101))
    assert everybody.all_told
    assert everybody.is_followed(30)


def limits(found):
    return found.low, found.high


def test_median_is_the_first_day_by_which_half_were_told():
    assert kaplan_meier(*rollup([(60, 4, {3: 1, 9: 1})])).median_days == 9
    assert kaplan_meier(*rollup([(60, 5, {3: 1, 9: 1})])).median_days is None
    # (1 − 7/22)(1 − 4/15) is one half and a rounding error
    assert kaplan_meier(*rollup([(60, 22, {1: 7, 4: 4})])).median_days == 4


def test_ghost_rate_counts_only_those_decided_long_enough_ago():
    cohorts = [(13, 50, {}), (14, 10, {14: 3, 15: 2}), (40, 10, {2: 4, 20: 5})]
    fortnight = ghost_rate(*rollup(cohorts), 14)
    assert (fortnight.n, fortnight.not_told, fortnight.share) == (20, 13, 0.65)
    month = ghost_rate(*rollup(cohorts), 30)
    assert (month.n, month.not_told) == (10, 1)
    assert ghost_rate(*rollup(cohorts), 60).share is None


@pytest.mark.parametrize(
    ("told", "decided", "age", "says"),
    [
        (np.full((1, 61), 0.5), [50], [3], "told_by_day: whole numbers"),
        (np.zeros((1, 60), int), [50], [3], "told_by_day: shape"),
        (np.zeros((1, 61), int), [50, 1], [3], "decided: shape"),
        (np.zeros((1, 61), int), [50], [-3], "age_days: negative"),
        (np.ones((1, 61), int), [60], [3], "more told than decided"),
    ],
)
def test_wrong_cohorts_are_refused(told, decided, age, says):
    with pytest.raises(ValueError, match=says):
        kaplan_meier(told, decided, age)


def test_quantile_of_days():
    histogram = [0, 5, 0, 4, 1]
    assert [quantile_days(histogram, q) for q in (0.5, 0.51, 0.9, 0.91, 1)] == [1, 3, 3, 4, 4]
    assert quantile_days([55, 45], 0.55) == 0  # .55 · 100 is more than 55 in binary
    assert quantile_days([0, 0], 0.5) is None
    assert quantile_days([], 0.5) is None


def test_agreement_matches_the_worked_example():
    got = AgreementTable(both=6, recorded_only=3, reported_only=1, neither=10)
    assert got.denied.share == pytest.approx(1 / 3)
    assert got.denied.n == 9
    assert got.denied.low < 1 / 3 < got.denied.high
    assert got.kappa == pytest.approx(0.588, abs=5.01e-4)


def test_agreement_of_nobody_or_of_one_answer_has_no_kappa():
    assert AgreementTable(0, 0, 0, 0).kappa is None
    assert AgreementTable(0, 0, 0, 0).denied.share is None
    assert AgreementTable(7, 0, 0, 0).kappa is None
    assert AgreementTable(5, 0, 0, 5).kappa == 1
    assert AgreementTable(0, 5, 5, 0).kappa == -1


waits = st.lists(st.tuples(st.integers(0, 90), st.integers(-1, 70)), min_size=1, max_size=80)


def cohorts_of(rows):
    """Rows (age, days to told or −1) as a rollup by age."""
    told, decided = np.zeros((91, 61), int), np.zeros(91, int)
    for age, days in rows:
        decided[age] += 1
        if 0 <= days <= 60:
            told[age, days] += 1
    return told, decided, np.arange(91)


def by_the_definition(rows):
    """S(t) straight from the definition, one candidate after the other."""
    seen = [(d, True) if 0 <= d <= min(a, 60) else (min(a, 60), False) for a, d in rows]
    still, curve = 1.0, []
    for t in range(61):
        at_risk = sum(wait >= t for wait, _ in seen)
        events = sum(wait == t and told for wait, told in seen)
        still *= 1 - events / at_risk if at_risk else 1
        curve.append(still)
    return np.array(curve)


@few
@given(waits, st.randoms(use_true_random=False))
def test_curve_is_the_definition_and_needs_no_order(rows, random):
    curve = kaplan_meier(*cohorts_of(rows))
    assert np.abs(curve.not_told - by_the_definition(rows)).max() < 1e-12
    assert (np.diff(curve.not_told) <= 1e-15).all()
    assert (curve.low <= curve.not_told + 1e-15).all()
    assert (curve.not_told <= curve.high + 1e-15).all()
    order = np.array(random.sample(range(91), 91))
    told, decided, age = cohorts_of(rows)
    assert (kaplan_meier(told[order], decided[order], age[order]).low == curve.low).all()


@few
@given(waits, st.integers(0, 60))
def test_without_censoring_the_curve_is_the_plain_share(rows, days):
    rows = [(60, d) for _, d in rows]
    share = sum(0 <= d <= days for _, d in rows) / len(rows)
    assert kaplan_meier(*cohorts_of(rows)).told_by(days).share == pytest.approx(share, abs=1e-12)
    rate = ghost_rate(*cohorts_of(rows), days)
    assert rate.share == pytest.approx(1 - share)


def test_curve_equals_that_of_scipy():
    rng = np.random.default_rng(4)
    age = rng.integers(0, 200, 3000)
    days = np.where(rng.random(3000) < 0.4, -1, rng.geometric(0.1, 3000) - 1)
    age = np.minimum(age, 90)
    curve = kaplan_meier(*cohorts_of(zip(age, days, strict=True)))
    known = (days >= 0) & (days <= np.minimum(age, 60))
    data = stats.CensoredData(days[known], right=np.minimum(age, 60)[~known])
    theirs = stats.ecdf(data).sf
    assert np.abs(curve.not_told - theirs.evaluate(np.arange(61))).max() < 1e-12
    band = theirs.confidence_interval(method="log-log")
    inside = (curve.not_told > 0) & (curve.not_told < 1)
    assert inside.sum() > 50
    for ours, limit in ((curve.low, band.low), (curve.high, band.high)):
        assert np.abs(ours - limit.evaluate(np.arange(61)))[inside].max() < 1e-6
