"""Which answers may become public together, so that no subtraction ever gives away fewer than k.

It must never know an answer, only ids and the levels they belong to.
"""

from collections import Counter
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass

Groups = dict[str, tuple[Hashable, ...]]  # the ids of each level

MIN_GROUP = 5
OTHER = "other"
# Above every minor a 0/1 matrix of 150 rows can have (Hadamard), so ranks modulo it are exact.
PRIME = 2**521 - 1
MAX_SETS = 150


@dataclass(frozen=True)
class WaitingAnswer:
    """An answer that is not public: its id, its level per dimension, whether it ever was public."""

    id: Hashable
    levels: Mapping[str, str]
    was_public: bool


class AuditUnfinished(Exception):
    """The audit has used up its time: what it was about is not accepted."""


def no_limit() -> None:
    """Let an audit take as long as it takes."""


def plan_batch(
    waiting: Sequence[WaitingAnswer],
    dimensions: Sequence[str],
    k: int = MIN_GROUP,
    start_clock: Callable[[], Callable[[], None]] = lambda: no_limit,
) -> dict[str, Groups] | None:
    """What the next batch of one employer is broken down by; None where it must wait.

    All waiting answers come into it, once k of them were never public. Each dimension, in the order
    given, is broken down only where the audit passes on the batch, the breakdowns before it and its
    own levels. The audit counts only answers that were never public: a combination of totals that
    touches this batch then always holds k answers no earlier total held, so nothing shown before
    can be subtracted to fewer.
    start_clock: called before each audit; what it returns raises AuditUnfinished when time is up.
    """
    fresh = {answer.id for answer in waiting if not answer.was_public}
    if len(fresh) < k:
        return None
    published: list[Collection[Hashable]] = [[answer.id for answer in waiting]]
    groups: dict[str, Groups] = {}
    for dimension in dimensions:
        split = group_levels({a.id: a.levels[dimension] for a in waiting}, k)
        tried = [*published, *split.values()]
        if not split or len(tried) > MAX_SETS:
            continue
        try:
            is_accepted = keeps_apart(tried, k, fresh, start_clock())
        except AuditUnfinished:
            continue
        if is_accepted:
            published = tried
            groups[dimension] = split
    return groups


def group_levels(level_of: Mapping[Hashable, str], k: int) -> Groups:
    """Levels of at least k answers each, the rest together as "other".

    While "other" has some but fewer than k, the smallest ready level joins it. Empty when it stays
    below k or no level is ready: no breakdown.
    """
    levels: dict[str, list[Hashable]] = {}
    for answer, level in level_of.items():
        levels.setdefault(level, []).append(answer)
    # A level that is itself called "other" is the remainder from the start: one name, one group.
    ready = {name: ids for name, ids in levels.items() if len(ids) >= k and name != OTHER}
    other = [answer for name, ids in levels.items() if name not in ready for answer in ids]
    while 0 < len(other) < k and ready:
        smallest = min(ready, key=lambda name: (len(ready[name]), name))
        other += ready.pop(smallest)
    if not ready:
        return {}
    if other:
        ready[OTHER] = other
    return {name: tuple(ids) for name, ids in ready.items()}


def keeps_apart(
    published: Sequence[Collection[Hashable]],
    k: int = MIN_GROUP,
    counted: Collection[Hashable] | None = None,
    check_time: Callable[[], None] = no_limit,
) -> bool:
    """The audit: no linear combination of the public totals depends on fewer than k answers.

    published: the ids behind each public total, from any number of releases. counted: the ids that
    count towards k, all when None. Exact: answers in the same totals form one atom, and the rank of
    the membership matrix must survive the loss of any atoms holding fewer than k together.
    Raises ValueError for more than 150 different totals, and whatever check_time raises.
    """
    sets = [frozenset(ids) for ids in dict.fromkeys(map(frozenset, published)) if ids]
    if len(sets) > MAX_SETS:
        raise ValueError(f"{len(sets)} totals cannot be audited at once")
    weights: Counter[tuple[int, ...]] = Counter()
    counts = None if counted is None else frozenset(counted)
    for answer in frozenset().union(*sets):
        membership = tuple(int(answer in ids) for ids in sets)
        weights[membership] += counts is None or answer in counts
    span = _Span()
    rank = sum(span.add(vector) for vector in weights)
    rest = sorted(((v, n) for v, n in weights.items() if n), key=lambda atom: -atom[1])
    return _rank_survives(_Span(), rest, rank, k - 1, check_time)


class _Span:
    """What a growing set of vectors spans, modulo PRIME: rows in echelon form, by pivot."""

    def __init__(self, rows: Mapping[int, tuple[int, ...]] | None = None) -> None:
        self.rows = dict(rows or {})

    def add(self, vector: Sequence[int]) -> bool:
        """Take in a vector; whether it was not yet spanned."""
        left = list(vector)
        for at in range(len(left)):
            if not left[at]:
                continue
            row = self.rows.get(at)
            if row is None:
                self.rows[at] = tuple(left)
                return True
            a, b = row[at], left[at]
            left = [(a * x - b * y) % PRIME for x, y in zip(left, row, strict=True)]
        return False


def _rank_survives(
    kept: _Span,
    rest: list[tuple[tuple[int, ...], int]],
    rank: int,
    budget: int,
    check_time: Callable[[], None],
) -> bool:
    """Whether `kept` and `rest`, less any atoms of at most `budget` together, still have `rank`.

    Whatever lowers the rank must take an atom from every basis: so one basis is found, the heaviest
    atoms first, and each of its atoms is tried as the first one removed, those before it kept.
    """
    check_time()
    span = _Span(kept.rows)
    basis = [atom for atom in rest if span.add(atom[0])]
    if len(span.rows) < rank:
        return False
    for atom in basis:
        vector, weight = atom
        if weight <= budget:
            others = [other for other in rest if other is not atom]
            if not _rank_survives(kept, others, rank, budget - weight, check_time):
                return False
        kept = _Span(kept.rows)
        kept.add(vector)
    return True
