"""No history of releases and erasures gives away fewer than k answers; the audit is exact."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.statistics.anonymity import (
    MAX_SETS,
    AuditUnfinished,
    WaitingAnswer,
    group_levels,
    keeps_apart,
    plan_batch,
)


def rank_audit(published, k, counted):
    """The audit by its definition: every set of atoms with fewer than k counted, by rank."""
    answers = sorted(set().union(*published)) if published else []
    atoms = {}
    for answer in answers:
        membership = tuple(answer in ids for ids in published)
        atoms[membership] = atoms.get(membership, 0) + (answer in counted)
    matrix = np.array(list(atoms), float).T
    sizes = list(atoms.values())
    for n in range(1, len(sizes) + 1):
        for drop in combinations(range(len(sizes)), n):
            if sum(sizes[j] for j in drop) < k:
                left = np.delete(matrix, drop, 1)
                rank = np.linalg.matrix_rank(left) if left.size else 0
                if rank < np.linalg.matrix_rank(matrix):
                    return False
    return True


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.lists(st.sets(st.integers(0, 11), min_size=1), min_size=1, max_size=5),
    st.integers(2, 5),
    st.sets(st.integers(0, 11)),
)
def test_audit_equals_its_definition(published, k, uncounted):
    everyone = set(range(12))
    assert keeps_apart(published, k) == rank_audit(published, k, everyone)
    counted = everyone - uncounted
    assert keeps_apart(published, k, counted) == rank_audit(published, k, counted)


def test_difference_of_two_totals_is_found():
    assert keeps_apart([range(10), range(15)])
    assert not keeps_apart([range(10), range(14)])
    assert not keeps_apart([range(4)])


def test_combination_of_many_totals_is_found():
    """Total − rows 1 and 2 − columns 1 and 2 + their crossings: one answer of twenty-five."""
    rows = [{5 * r + c for c in range(5)} for r in range(5)]
    assert keeps_apart(rows, 5)
    crossed = [{5 * r + c for r in range(5)} for c in range(5)]
    assert keeps_apart([*rows, *crossed], 5)
    assert not keeps_apart([*rows, *crossed, rows[0] | crossed[0]], 5)


def test_combination_with_fractions_is_found():
    """Four groups of four, every total leaves one out: sum of totals / 3 − a total is a group."""
    groups = [set(range(4 * i, 4 * i + 4)) for i in range(4)]
    totals = [set(range(16)) - group for group in groups]
    assert keeps_apart(totals, 4)
    assert not keeps_apart(totals, 5)


def test_answers_that_were_public_do_not_count():
    assert keeps_apart([range(10)], 5, counted=range(5, 10))
    assert not keeps_apart([range(10)], 5, counted=range(6, 10))
    assert not keeps_apart([range(10), range(10, 20)], 5, counted=range(10))


def test_nothing_public_gives_nothing_away():
    assert keeps_apart([])
    assert keeps_apart([[], []])


def test_too_many_totals_are_refused():
    with pytest.raises(ValueError, match="151 totals"):
        keeps_apart([{i, i + 1} for i in range(151)])
    assert keeps_apart([range(10)] * 200)


def test_audit_of_many_single_atoms_ends_soon():
    """Two dimensions of six levels, one answer in each crossing, k = 6 and 7."""
    rows = [{6 * r + c for c in range(6)} for r in range(6)]
    columns = [{6 * r + c for r in range(6)} for c in range(6)]
    assert keeps_apart([*rows, *columns], 6)
    assert not keeps_apart([*rows, *columns], 7)


def levels(**sizes):
    """Ids and levels: `a=3` is a1, a2, a3 with level a."""
    return {f"{level}{i}": level for level, n in sizes.items() for i in range(n)}


def sizes_of(groups):
    return {level: len(ids) for level, ids in groups.items()}


def test_small_levels_become_other():
    assert sizes_of(group_levels(levels(a=9, b=5, c=3, d=2), 5)) == {"a": 9, "b": 5, "other": 5}


def test_smallest_ready_level_joins_an_other_that_is_too_small():
    assert sizes_of(group_levels(levels(a=9, b=5, c=6, d=2), 5)) == {"a": 9, "c": 6, "other": 7}


def test_levels_of_one_size_join_in_the_order_of_their_names():
    assert sizes_of(group_levels(levels(b=5, a=5, d=1), 5)) == {"b": 5, "other": 6}


def test_no_breakdown_when_nothing_stays_ready():
    assert group_levels(levels(a=5, d=2), 5) == {}
    assert group_levels(levels(a=2, d=2), 5) == {}
    assert group_levels({}, 5) == {}


def test_level_called_other_is_the_remainder():
    assert sizes_of(group_levels(levels(a=6, other=7, c=2), 5)) == {"a": 6, "other": 9}
    assert sizes_of(group_levels(levels(a=6, other=7), 5)) == {"a": 6, "other": 7}


def waiting(n, level="a", public=0):
    return [WaitingAnswer(i, {"role": level, "stage": "x"}, i < public) for i in range(n)]


def test_batch_waits_for_k_answers_that_were_never_public():
    assert plan_batch(waiting(4), ["role"]) is None
    assert plan_batch(waiting(5), ["role"]) == {"role": {"a": (0, 1, 2, 3, 4)}}
    assert plan_batch(waiting(9, public=5), ["role"]) is None
    assert plan_batch(waiting(10, public=5), ["role"]) == {"role": {"a": tuple(range(10))}}
    assert plan_batch(waiting(9), ["role"], k=10) is None


def test_breakdown_that_isolates_few_is_left_out_and_the_first_is_kept():
    """Roles split 5 and 6, stages 6 and 5: their differences are single answers, so no stages."""
    answers = [
        WaitingAnswer(i, {"role": "ab"[i > 4], "stage": "xy"[i > 5]}, False) for i in range(11)
    ]
    groups = plan_batch(answers, ["role", "stage"])
    assert groups == {"role": {"a": (0, 1, 2, 3, 4), "b": (5, 6, 7, 8, 9, 10)}}
    assert list(plan_batch(answers, ["stage", "role"])) == ["stage"]


def test_level_with_few_new_answers_is_not_shown():
    answers = [WaitingAnswer(i, {"role": "ab"[i % 2]}, i < 6) for i in range(16)]
    assert list(plan_batch(answers, ["role"])) == ["role"]
    answers = [WaitingAnswer(i, {"role": "ab"[i % 2]}, i < 8) for i in range(16)]
    assert plan_batch(answers, ["role"]) == {}


def test_a_dimension_whose_audit_takes_too_long_is_not_accepted_and_those_after_it_are_tried():
    answers = [WaitingAnswer(i, {"a": "xy"[i % 2], "b": "xy"[i > 9]}, False) for i in range(20)]
    started: list[int] = []

    def start_clock():
        audit = len(started)
        started.append(audit)

        def check():
            if audit == 0:
                raise AuditUnfinished

        return check

    assert list(plan_batch(answers, ["a", "b"])) == ["a", "b"]
    assert list(plan_batch(answers, ["a", "b"], start_clock=start_clock)) == ["b"]
    assert started == [0, 1], "each audit has time of its own"


def test_the_clock_stops_an_audit_that_would_not_end():
    """Sixty departments and twenty roles, answers in most crossings: minutes without a clock."""
    rng = np.random.default_rng(5)
    answers = [
        WaitingAnswer(i, {"role": str(rng.integers(20)), "at": str(rng.integers(60))}, False)
        for i in range(900)
    ]
    looks = 0

    def start_clock():
        nonlocal looks
        looks = 0

        def check():
            nonlocal looks
            looks += 1
            if looks > 40:
                raise AuditUnfinished

        return check

    groups = plan_batch(answers, ["role", "at"], start_clock=start_clock)
    assert list(groups) == ["role"]
    assert looks == 41


def test_more_levels_than_can_be_audited_are_no_breakdown_and_no_error():
    answers = [WaitingAnswer(i, {"at": str(i % 161), "b": "xy"[i % 2]}, False) for i in range(966)]
    assert len(group_levels({one.id: one.levels["at"] for one in answers}, 5)) > MAX_SETS
    assert list(plan_batch(answers, ["at", "b"])) == ["b"]


class Employer:
    """What a portal would do with the plan: batches, withdrawals, and everything it ever showed."""

    def __init__(self, k):
        self.k, self.waiting, self.batches, self.shown = k, [], [], set()

    def release(self):
        groups = plan_batch(self.waiting, ["role", "stage"], self.k)
        if groups is not None:
            self.batches.append((groups, self.waiting))
            self.waiting = []
            self.show()

    def erase(self, answer):
        self.waiting = [a for a in self.waiting if a.id != answer]
        for entry in self.batches:
            _, answers = entry
            left = [a for a in answers if a.id != answer]
            if left != answers:
                self.batches.remove(entry)
                self.waiting += [WaitingAnswer(a.id, a.levels, True) for a in left]
                self.show()
                return

    def show(self):
        """The total and each level over all batches that are public now."""
        self.shown.add(frozenset(a.id for _, answers in self.batches for a in answers))
        for dimension in ("role", "stage"):
            split = [groups.get(dimension, {}) for groups, _ in self.batches]
            for level in {level for levels in split for level in levels}:
                cells = [levels.get(level, ()) for levels in split]
                self.shown.add(frozenset(i for cell in cells for i in cell))


history = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 2), st.sampled_from([0, 0, 0, 0, 1, 2])),
    min_size=1,
    max_size=70,
)


def check_history(events, k, random):
    employer = Employer(k)
    for n, (role, stage, action) in enumerate(events):
        levels_of_one = {"role": str(role), "stage": str(stage)}
        employer.waiting.append(WaitingAnswer(n, levels_of_one, False))
        if action == 1:
            employer.release()
        if action == 2:
            employer.erase(random.randrange(n + 1))
    assert keeps_apart(list(employer.shown), k)
    return employer


@settings(max_examples=120, deadline=None, derandomize=True)
@given(history, st.sampled_from([3, 5]), st.randoms(use_true_random=False))
def test_no_history_of_releases_isolates_fewer_than_k(events, k, random):
    check_history(events, k, random)


@pytest.mark.long
@settings(max_examples=3000, deadline=None, derandomize=True)
@given(history, st.sampled_from([3, 5, 10]), st.randoms(use_true_random=False))
def test_no_history_of_releases_isolates_fewer_than_k_at_length(events, k, random):
    check_history(events, k, random)


def test_histories_do_release_and_break_down():
    """The property above would also hold for a portal that never shows anything."""
    rng, broken_down, shown = np.random.default_rng(1), 0, 0
    for _ in range(20):
        events = [tuple(rng.integers(0, (2, 2, 12))) for _ in range(120)]
        employer = check_history(
            [(r, s, {0: 1, 1: 2}.get(a, 0)) for r, s, a in events], 5, _Draws(rng)
        )
        shown += len(employer.batches)
        broken_down += sum(bool(groups) for groups, _ in employer.batches)
    assert shown > 40
    assert broken_down > 15


class _Draws:
    def __init__(self, rng):
        self.rng = rng

    def randrange(self, n):
        return int(self.rng.integers(0, n))


def test_the_usual_threshold_leaks():
    """Live numbers from five answers on: nearly every history gives away fewer than five."""
    rng, leaks = np.random.default_rng(0), 0
    for _ in range(60):
        shown, n, by_level = [], 0, {}
        for _ in range(6):
            for _ in range(rng.integers(1, 9)):
                by_level.setdefault(int(rng.integers(0, 4)), []).append(n)
                n += 1
            shown += [frozenset(range(n))] if n >= 5 else []
            shown += [frozenset(ids) for ids in by_level.values() if len(ids) >= 5]
        leaks += not keeps_apart(shown)
    assert leaks > 54
