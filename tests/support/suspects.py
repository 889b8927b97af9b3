"""Finding whose an answer is: every column there is laid beside every other, and joins.

What people say follows what happened to them, and no software hides that: columns that hold what
was said are not laid beside what the employer knows. All others are, and those of the database.
"""

import json
import zlib
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from tests.support.snapshots import HIDDEN, Row, Tables, ranks
from tests.support.story import MARK, Event, Person, Story

# Of a normal deviate, once in ten thousand million times; there are some thousand columns.
DEVIATIONS = 5.5
OF_PEOPLE = ("invitation", "application", "candidate", "invitation_token", "email", "decision")
OF_ANSWERS = ("sealed_answer", "opinion", "words", "reading")
# What is published in a row, and not what was said in it.
SHELL = ("id", *HIDDEN)


def author_of(text: str) -> int:
    found = MARK.search(text.encode())
    assert found
    return int(found[1])


def known_of(one: Person, event: Event) -> Row:
    """Everything in clear about ONE around EVENT, by table and column."""
    before, after = event.before, event.after
    application = before["application"][one.application_id,]
    rows = {
        "invitation": before["invitation"][one.invitation_id,],
        "application": application,
        "candidate": before["candidate"][application["candidate_id"],],
        "seal": before["sealed_answer"][one.key,],
        "seal after": after["sealed_answer"][one.key,],
        "seal at first": one.hidden,
        "order": {"of answering": one.number},
    }
    for table in ("invitation_token", "email"):
        found = [row for row in before[table].values() if row["invitation_id"] == one.invitation_id]
        rows[table] = found[0] if found else {}
    return {f"{table}.{name}": value for table, row in rows.items() for name, value in row.items()}


def shell_of(table: str, row: Row) -> Row:
    return {f"{table}.{name}": row[name] for name in SHELL if name in row}


def newly_published(event: Event) -> dict[int, Row]:
    """By author, what surrounds the words that EVENT published."""
    before, after = event.before["words"], event.after["words"]
    readings = {row["words_id"]: row for row in after_rows(event, "reading")}
    return {
        author_of(row["text"]): shell_of("words", row) | shell_of("reading", readings[row["id"]])
        for key, row in after.items()
        if key not in before
    }


def after_rows(event: Event, table: str) -> list[Row]:
    return list(event.after[table].values())


def lines_of(story: Story, event: Event) -> dict[int, Row]:
    """By author, what surrounds the lines that EVENT published and only one person can have given.

    The attacker does not know the authors; this is how we know whether a guess is right.
    """
    found: dict[int, Row] = {}
    everybody = members(story, event)
    for key, row in event.after["opinion"].items():
        if key in event.before["opinion"]:
            continue
        told = json.loads(row["answers"])
        could = [one for one in everybody if all(one.sent[name] == told[name] for name in told)]
        if len(could) == 1 and could[0].number not in found:
            found[could[0].number] = shell_of("opinion", row)
    return found


def members(story: Story, event: Event) -> list[Person]:
    """Whose rows stand in a release that EVENT published in its pool, none of them before."""
    old, new = event.before["batch"], event.after["batch"]
    pooled = {
        key[0]
        for key, row in new.items()
        if row["pool"] and row["answers"] == row["fresh"] and not (key in old and old[key]["pool"])
    }
    return [
        one
        for one in story.people
        if event.after["sealed_answer"].get((one.key,), {}).get("batch_id") in pooled
    ]


# -- what can be counted without a key -----------------------------------------------------------


def bytes_of(row: Row) -> Row:
    """What can be counted in a row without a key."""
    sealed = np.frombuffer(row["sealed"], np.uint8)
    return {name: value for name, value in row.items() if name != "batch_id"} | {
        "sum": float(sealed.sum()),
        "different": len(set(row["sealed"])),
        "packed": len(zlib.compress(row["sealed"], 1)),
        "first": float(sealed[13]),
        "last": float(sealed[-17]),
        "commonest": float(np.bincount(sealed).argmax()),
    }


def figures_in(value: Any) -> list[float]:
    if isinstance(value, dict | list):
        inside = value.values() if isinstance(value, dict) else value
        return [figure for one in inside for figure in figures_in(one)]
    return [value] if isinstance(value, float) else []


# -- beside each other ----------------------------------------------------------------------------


class Beside:
    """Two sides of the same people, pool by pool, ranked within each."""

    def __init__(self) -> None:
        self.one: list[dict[str, np.ndarray]] = []
        self.other: list[dict[str, np.ndarray]] = []
        self.people = 0

    def add(self, one: Sequence[Row], other: Sequence[Row]) -> None:
        """Rows of the same people in the same order."""
        if len(one) > 2:
            self.one.append(_ranked(one))
            self.other.append(_ranked(other))
            self.people += len(one)

    def worst(self) -> tuple[float, str, str]:
        """The greatest correlation of any two columns, in standard deviations by chance."""
        left, names = _standard(self.one)
        right, other_names = _standard(self.other)
        table = np.abs(left.T @ right) / np.sqrt(self.people)
        at = np.unravel_index(table.argmax(), table.shape)
        return float(table[at]), names[at[0]], other_names[at[1]]

    def most_named(self) -> int:
        """By the best two columns, how many stand at the same place on both sides."""
        left, _ = _columns(self.one)
        right, _ = _columns(self.other)
        moving = [column for column in right.T if len(set(column)) > self.people // 3]
        return max(
            int((column == other).sum())
            for column in left.T
            if len(set(column)) > self.people // 3
            for other in moving
        )


def _ranked(rows: Sequence[Row]) -> dict[str, np.ndarray]:
    names = sorted(set().union(*rows))
    return {name: ranks([row.get(name) for row in rows]) for name in names}


def _columns(pools: Sequence[dict[str, np.ndarray]]) -> tuple[np.ndarray, list[str]]:
    names = sorted(set.intersection(*(set(pool) for pool in pools)))
    return np.vstack([np.column_stack([pool[name] for name in names]) for pool in pools]), names


def _standard(pools: Sequence[dict[str, np.ndarray]]) -> tuple[np.ndarray, list[str]]:
    names = sorted(set.intersection(*(set(pool) for pool in pools)))
    blocks = []
    for pool in pools:
        block = np.column_stack([pool[name] for name in names])
        spread = block.std(0)
        blocks.append((block - block.mean(0)) / np.where(spread == 0, 1, spread))
    return np.vstack(blocks), names


# -- rows of one group ----------------------------------------------------------------------------


def check_alike(event: Event, rows: list[Row]) -> None:
    """Nothing the database notes of ROWS tells one from the others of its size."""
    for column in ("batch_id", "xmin", "xmax", "piece_xmin"):
        noted = {(column == "piece_xmin" and len(row["sealed"]), row.get(column)) for row in rows}
        assert len(noted) == len({size for size, _ in noted}), (event.name, column)
    in_order = ranks([row.get("cmin") for row in sorted(rows, key=lambda row: row["key"])])
    # the order of the keys, or none
    assert len(set(in_order)) == 1 or (np.diff(in_order) > 0).all(), event.name


# -- joins ----------------------------------------------------------------------------------------


def count_found(answers: Iterable[Row], people: Iterable[Row]) -> int:
    """How many of ANSWERS have, on all the columns both sides have, exactly one of PEOPLE."""
    answers, people = list(answers), list(people)
    if not answers or not people:
        return 0
    shared = sorted((answers[0].keys() & people[0].keys()) - {*HIDDEN})
    counts: dict[tuple[Any, ...], int] = {}
    for row in people:
        key = tuple(row[name] for name in shared)
        counts[key] = counts.get(key, 0) + 1
    return sum(counts.get(tuple(row[name] for name in shared)) == 1 for row in answers)


def check_joins(tables: Tables) -> None:
    """No two tables, one of answers and one of anything else, share columns that find somebody."""
    for name in OF_ANSWERS:
        for other, rows in tables.items():
            if other in OF_PEOPLE or other in OF_ANSWERS:
                if {name, other} in ({"words", "reading"}, {name}):
                    continue
                assert count_found(tables[name].values(), rows.values()) == 0, (name, other)
