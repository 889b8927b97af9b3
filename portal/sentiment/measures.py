"""The figures by which text scores are judged: plain functions of labels and numbers.

It must never know texts or analyzers. Everything undefined is None, never 0.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

RESAMPLES = 500
SEED = 1


def area_under_curve(
    values: Sequence[float], positive: Sequence[bool], times: Sequence[int] | None = None
) -> float | None:
    """Chance that a positive row has the higher value; ties count half. None without both sides.

    `times[i]` counts row i several times (bootstrap); rows must then be sorted by value.
    """
    if times is None:
        order = sorted(range(len(values)), key=values.__getitem__)
        values = [values[i] for i in order]
        positive = [positive[i] for i in order]
        times = [1] * len(values)
    wins = below = all_positive = 0.0
    at = 0
    while at < len(values):
        here_positive = here_negative = 0
        value = values[at]
        while at < len(values) and values[at] == value:
            if positive[at]:
                here_positive += times[at]
            else:
                here_negative += times[at]
            at += 1
        wins += here_positive * (below + here_negative / 2.0)
        below += here_negative
        all_positive += here_positive
    return wins / (below * all_positive) if below and all_positive else None


def f1(predicted: Sequence[str | None], labels: Sequence[str], side: str) -> float | None:
    """F1 of one side; None when no row has that label."""
    right = sum(1 for p, y in zip(predicted, labels, strict=True) if p == y == side)
    given = sum(1 for y in labels if y == side)
    said = sum(1 for p in predicted if p == side)
    return 2.0 * right / (given + said) if given else None


def macro_f1(predicted: Sequence[str | None], labels: Sequence[str]) -> float | None:
    """Mean F1 of "pos" and "neg"; a row without prediction is missed. None without both sides."""
    positive, negative = f1(predicted, labels, "pos"), f1(predicted, labels, "neg")
    return None if positive is None or negative is None else (positive + negative) / 2.0


def recall(predicted: Sequence[str | None], labels: Sequence[str], side: str) -> float | None:
    """Share of the rows labelled `side` that were found; None without any."""
    found = [p == side for p, y in zip(predicted, labels, strict=True) if y == side]
    return sum(found) / len(found) if found else None


def precision(predicted: Sequence[str | None], labels: Sequence[str], side: str) -> float | None:
    """Share of the rows predicted `side` that are; None without any."""
    right = [y == side for p, y in zip(predicted, labels, strict=True) if p == side]
    return sum(right) / len(right) if right else None


def calibration_error(values: Sequence[float], positive: Sequence[bool]) -> float | None:
    """Expected calibration error over 10 equal bins of the probability; None without rows."""
    bins: list[list[tuple[float, bool]]] = [[] for _ in range(10)]
    for value, is_positive in zip(values, positive, strict=True):
        bins[min(9, int(value * 10))].append((value, is_positive))
    gaps = [abs(sum(v for v, _ in b) - sum(y for _, y in b)) for b in bins]
    return sum(gaps) / len(values) if values else None


def rank_correlation(first: Sequence[float], second: Sequence[float]) -> float | None:
    """Spearman's rho with mean ranks for ties; None when one side never varies."""
    ranks = [_ranks(first), _ranks(second)]
    means = [sum(r) / len(r) if r else 0.0 for r in ranks]
    ours, theirs = ([x - mean for x in r] for r, mean in zip(ranks, means, strict=True))
    together = sum(a * b for a, b in zip(ours, theirs, strict=True))
    spread = (sum(a * a for a in ours) * sum(b * b for b in theirs)) ** 0.5
    return together / spread if spread else None


def auc_interval(values: Sequence[float], positive: Sequence[bool]) -> tuple[float, float] | None:
    """95 % bootstrap interval of the area; None when it is undefined."""
    order = sorted(range(len(values)), key=values.__getitem__)
    in_order = [values[i] for i in order]
    sides = [positive[i] for i in order]
    return _interval(len(values), lambda times: area_under_curve(in_order, sides, times))


def macro_f1_interval(
    predicted: Sequence[str | None], labels: Sequence[str]
) -> tuple[float, float] | None:
    """95 % bootstrap interval of the macro F1; None when it is undefined."""
    cells = sorted({(p or "", y) for p, y in zip(predicted, labels, strict=True)})
    place = [cells.index((p or "", y)) for p, y in zip(predicted, labels, strict=True)]

    def measure(times: list[int]) -> float | None:
        counts = [0] * len(cells)
        for cell, number in zip(place, times, strict=True):
            counts[cell] += number
        return _macro_f1_of_counts(dict(zip(cells, counts, strict=True)))

    return _interval(len(labels), measure)


def _macro_f1_of_counts(counts: dict[tuple[str, str], int]) -> float | None:
    parts: list[float] = []
    for side in ("pos", "neg"):
        given = sum(n for (_, y), n in counts.items() if y == side)
        said = sum(n for (p, _), n in counts.items() if p == side)
        if not given:
            return None
        parts.append(2.0 * counts.get((side, side), 0) / (given + said))
    return sum(parts) / 2.0


def _interval(
    rows: int, measure: Callable[[list[int]], float | None]
) -> tuple[float, float] | None:
    if not rows:
        return None
    chance = random.Random(SEED)  # noqa: S311 - a bootstrap, nothing secret
    found: list[float] = []
    for _ in range(RESAMPLES):
        times = [0] * rows
        for row in chance.choices(range(rows), k=rows):
            times[row] += 1
        value = measure(times)
        if value is not None:
            found.append(value)
    if not found:
        return None
    found.sort()
    last = len(found) - 1
    return found[round(0.025 * last)], found[round(0.975 * last)]


def _ranks(values: Sequence[float]) -> list[float]:
    order = sorted(range(len(values)), key=values.__getitem__)
    ranks = [0.0] * len(values)
    start = 0
    while start < len(order):
        end = start
        while end + 1 < len(order) and values[order[end + 1]] == values[order[start]]:
            end += 1
        for at in range(start, end + 1):
            ranks[order[at]] = (start + end) / 2.0 + 1.0
        start = end + 1
    return ranks
