"""What one batch adds up to: whole numbers only, sealed with it, and summed over batches when read.

A part that may not be counted apart is not in them, whatever the answers would yield.
"""

import base64
import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any

import numpy as np

from portal.models import Batch, OutcomeFact
from portal.reputation import lever_sums
from portal.reputation.parts import RECORDED, WAVE, Parts, members_of
from portal.seals import SealBroken, Sealer, round_size
from portal.statistics.counts import Whole
from portal.statistics.score import CELLS
from portal.surveys import Answer

PURPOSE = "sums"
LEAST_BYTES = 16 * 1024
MEMBER_DIGITS = 15  # of a key, in hexadecimal: a whole number of 60 bits

ByOption = dict[str, int]
ByCell = dict[int, ByOption]


@dataclass(frozen=True)
class Sums:
    """The integers of one batch.

    counts: question -> cell -> option -> answers; required questions always, others where enough
    answered. asked: who was invited in the weeks of its answers, by cell. parts: dimension -> level
    -> stars (5), wave: 6 cells of n, Σy, Σy². reported: log -> [say told, say not told]. rejected:
    answers in `moments`, (month, lever cell) -> [X|y]'[X|y] packed. members: of each key the first
    digits, by which a link finds its batch once the answers are forgotten. kept_out: readable words
    of its pool in rare languages. words: once the answers are forgotten, the ids of their words.
    """

    counts: dict[str, ByCell]
    asked: dict[int, int]
    parts: dict[str, dict[str, Any]]
    reported: dict[str, list[int]]
    rejected: int
    moments: Mapping[tuple[date, int], Whole]
    labels: dict[str, int]
    members: Whole
    kept_out: int = 0
    words: Sequence[int] = ()
    prior: dict[str, Any] = field(default_factory=dict)

    @property
    def stars(self) -> list[int]:
        given = self.total("overall")
        return [given[str(star)] for star in range(1, 6)]

    def total(self, question: str) -> Counter[str]:
        """Answers to QUESTION by option, of all cells; none if it is not counted."""
        found = Counter[str]()
        for options in self.counts.get(question, {}).values():
            found.update(options)
        return found

    def answered(self, question: str) -> int:
        """How many answered QUESTION; 0 if it is not counted."""
        return sum(sum(options.values()) for options in self.counts.get(question, {}).values())

    def holds(self, keys: Iterable[str]) -> bool:
        """Whether an answer under one of KEYS was in the batch."""
        return bool(np.isin([number_of(key) for key in keys], self.members).any())


def number_of(key: str) -> int:
    return int(key[:MEMBER_DIGITS], 16)


def count(answers: Sequence[Answer], parts: Parts, asked: dict[int, int]) -> Sums:
    """The sums of a batch of ANSWERS, none withdrawn, as far as PARTS allow."""
    rejected = [one for one in answers if one.facts.outcome is OutcomeFact.REJECTED]
    counted = rejected if parts.has_levers else []
    logged = [one for one in answers if "told" in one.answers]
    recorded = parts.levels.get(RECORDED, ())
    return Sums(
        counts={name: _by_cell(answers, name) for name in parts.questions},
        asked=asked,
        parts={
            dimension: {
                level: (_wave if dimension == WAVE else _stars)(ones)
                for level, ones in members_of(answers, dimension, levels).items()
            }
            for dimension, levels in parts.levels.items()
            if dimension != RECORDED
        },
        reported={
            level: _reported(ones) for level, ones in members_of(logged, RECORDED, recorded).items()
        },
        rejected=len(counted),
        moments=lever_sums.answered_moments(counted),
        labels=dict(sorted(Counter(str(one.label or "not_scored") for one in answers).items())),
        members=np.array(sorted({number_of(one.key) for one in answers}), np.int64),
    )


def _by_cell(answers: Iterable[Answer], question: str) -> ByCell:
    found: ByCell = {}
    for one in answers:
        if question in one.answers:
            options = found.setdefault(one.facts.cell, {})
            option = str(one.answers[question])
            options[option] = options.get(option, 0) + 1
    return found


def _stars(answers: Iterable[Answer]) -> list[int]:
    counts = [0] * 5
    for one in answers:
        counts[one.stars - 1] += 1
    return counts


def _wave(answers: Iterable[Answer]) -> list[list[int]]:
    cells = [[0, 0, 0] for _ in range(CELLS)]
    for one in answers:
        for power in range(3):
            cells[one.facts.cell][power] += one.stars**power
    return cells


def _reported(answers: Sequence[Answer]) -> list[int]:
    said = [one.answers["told"] for one in answers]
    return [sum(word in ("offer", "not_chosen") for word in said), said.count("no")]


# -- sealed ---------------------------------------------------------------------------------------


def sealer() -> Sealer:
    """What seals and opens sums."""
    return Sealer(PURPOSE)


def place_of(batch: Batch) -> str:
    return f"sums {batch.employer_id} {batch.number}"


def to_plain(sums: Sums) -> dict[str, Any]:
    """SUMS as JSON is made of them."""
    return asdict(sums) | {
        "members": _pack(sums.members),
        "moments": [[month.isoformat(), cell] for month, cell in sums.moments],
        "triangles": _pack(np.array(list(sums.moments.values()), np.int64)),
    }


def seal(sums: Sums, batch: Batch, by: Sealer | None = None) -> None:
    """Put SUMS, sealed, into BATCH."""
    text = json.dumps(to_plain(sums), separators=(",", ":")).encode()
    size = round_size(text, LEAST_BYTES)
    batch.sums = (by or sealer()).seal(text, place_of(batch), size)


def open_sums(batch: Batch, by: Sealer) -> Sums:
    """What BATCH adds up to; raises SealBroken, also where its sums are gone."""
    try:
        plain = json.loads(by.open(batch.sums or b"", place_of(batch)))
    except SealBroken:
        raise SealBroken(f"the sums of release {batch.number}") from None
    packed, members = _unpack(plain.pop("triangles")), plain["members"]
    blocks = plain["moments"]
    triangles = packed.reshape(len(blocks), -1) if blocks else packed
    return Sums(
        **plain
        | {
            "counts": {name: _numbered(cells) for name, cells in plain["counts"].items()},
            "asked": _numbered(plain["asked"]),
            "members": _unpack(members)
            if isinstance(members, str)
            else np.array(members, np.int64),
            "moments": {
                (date.fromisoformat(month), cell): triangle
                for (month, cell), triangle in zip(blocks, triangles, strict=True)
            },
        }
    )


def _pack(numbers: Whole) -> str:
    return base64.b64encode(numbers.tobytes()).decode()


def _unpack(text: str) -> Whole:
    return np.frombuffer(base64.b64decode(text), np.int64)


def _numbered(cells: dict[str, Any]) -> dict[int, Any]:
    return {int(cell): value for cell, value in cells.items()}
