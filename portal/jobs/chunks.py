"""Long work in short transactions with gaps between them, so that others can write meanwhile.

SQLite has one writer at a time, and its lock is not fair: it goes to whoever asks at the right
moment, and who has waited for a while asks ten times a second.
"""

import gc
import time
from collections.abc import Callable
from typing import TypeVar

import sqlalchemy as sa

from portal.extensions import db, leave_gap

# Seconds between two gaps. Nobody is to keep the lock for more than 0.25, and disks differ.
AIM = 0.08
PATIENCE = 5  # times as long on PostgreSQL, where nobody waits for one lock
FIRST = 5  # how many at once, before it is known how long one takes
SLOWEST_CHANGE, FASTEST_CHANGE = 0.25, 2.0
# Transactions between two collections. Each leaves some objects in circles; with as many others as
# a file's index has, Python looks at the old ones only when a quarter is new: 80 MiB too late.
COLLECTED_AFTER = 200

TRIES = 3

Result = TypeVar("Result")


class Chunks:
    """One piece of long work. `size`: how many rows the next chunk should have, MOST at most.

    It follows how long the chunks before took. Where a chunk costs something whatever its size, it
    has LEAST at least: on a slow machine that alone takes longer than we aim at.
    """

    def __init__(self, most: int = FIRST, least: int = 1) -> None:
        self._most, self._least, self._since_gap = most, min(least, most), 0.0
        self._count = 0
        self._size = float(min(max(FIRST, least), most))

    @property
    def size(self) -> int:
        return int(self._size)

    def run(self, step: Callable[[], Result], *, is_tried: bool = False) -> Result:
        """STEP as one transaction, after a gap if it is time for one; IS_TRIED: undone at its end.

        Commits what was begun before.
        """
        db.session.commit()
        self._let_others_in()
        db.session.connection()  # waits for the lock, which is not time that we keep it
        began = time.monotonic()
        result = step()
        if is_tried:
            db.session.rollback()
        else:
            db.session.commit()
        self._learn(max(time.monotonic() - began, 0.001))
        self._count += 1
        if self._count % COLLECTED_AFTER == 0:
            gc.collect()
        return result

    def _learn(self, seconds: float) -> None:
        aim = AIM if db.engine.dialect.name == "sqlite" else AIM * PATIENCE
        change = min(max(aim / seconds, SLOWEST_CHANGE), FASTEST_CHANGE)
        self._size = min(max(self._size * change, float(self._least)), float(self._most))
        self._since_gap += seconds

    def _let_others_in(self) -> None:
        """Between quick transactions nobody else gets the lock: they count as one."""
        if self._since_gap >= AIM / 2:
            leave_gap()
            self._since_gap = 0.0


def tried(chunks: Chunks, step: Callable[[], Result]) -> Result:
    """STEP as one transaction; once more where somebody added or kept the same rows just now."""
    for _ in range(TRIES - 1):
        try:
            return chunks.run(step)
        except (sa.exc.IntegrityError, sa.exc.OperationalError):
            db.session.rollback()
    return chunks.run(step)
